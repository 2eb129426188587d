"""What the benchmarks do before they time anything: unpacking wheels, and writing rules for semgrep."""

from __future__ import annotations

import re
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "benchmarks"))

import python_corpus  # noqa: E402
import semgrep_rules  # noqa: E402

APIS = yaml.safe_load((ROOT / "rules" / "knowledge" / "network_apis.yaml").read_text("utf-8"))["apis"]
ENTRIES = [(name, entry) for names in APIS.values() for name, entry in names.items()]
LINK = 0o120777 << 16


def wheel(folder: Path, *members: tuple[str, str], attributes: int = 0) -> Path:
    """A zip file with these names and texts, as they stand."""
    place = folder / "a-1-py3-none-any.whl"
    with zipfile.ZipFile(place, "w") as archive:
        for name, text in members:
            entry = zipfile.ZipInfo("placeholder.py")
            entry.filename = name  # ZipInfo() itself would tidy the name up
            entry.external_attr = attributes
            archive.writestr(entry, text)
    return place


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    "name",
    [
        "../out.py",
        "a/../../out.py",
        "/out.py",
        "//host/out.py",
        "a//out.py",
        "a/./out.py",
        "..\\out.py",
        "a\\out.py",
        "C:/out.py",
        "C:out.py",
        "a/out.py:stream.py",
        "a/\x1b[2Jout.py",
        "a/\nout.py",
        "a/" + "n" * 300 + ".py",
        "a/" * 300 + "out.py",
    ],
)
def test_a_wheel_with_one_unsafe_name_is_not_unpacked_at_all(tmp_path: Path, name: str) -> None:
    packed = wheel(tmp_path, ("good.py", "1"), (name, "2"))
    target = tmp_path / "deep" / "target"
    with pytest.raises(python_corpus.Refused):
        python_corpus.unpack(packed, target, 10)
    assert files(tmp_path) == [packed.name]


def test_a_name_cut_at_a_null_byte_is_refused(tmp_path: Path) -> None:
    packed = wheel(tmp_path, ("good.py", "1"), ("a.pyX.py", "2"))
    packed.write_bytes(packed.read_bytes().replace(b"a.pyX.py", b"a.py\0.py"))
    with pytest.raises(python_corpus.Refused):
        python_corpus.unpack(packed, tmp_path / "target", 10)
    assert files(tmp_path) == [packed.name]


def test_a_link_is_refused(tmp_path: Path) -> None:
    packed = wheel(tmp_path, ("link.py", "/etc/passwd"), attributes=LINK)
    with pytest.raises(python_corpus.Refused, match="no plain file"):
        python_corpus.unpack(packed, tmp_path / "target", 10)


def test_a_file_of_unexpected_size_is_refused(tmp_path: Path) -> None:
    packed = wheel(tmp_path, ("big.py", "#" * (python_corpus.LARGEST_FILE + 1)))
    with pytest.raises(python_corpus.Refused, match="larger"):
        python_corpus.unpack(packed, tmp_path / "target", 10)


def test_only_python_is_unpacked_and_the_outer_modules_first(tmp_path: Path) -> None:
    members = [("a/b/c.py", "1"), ("a/z.py", "2"), ("a/__init__.py", "3"), ("a/data.json", "{}"), ("a/lib.so", "")]
    packed = wheel(tmp_path, *members)
    chosen = python_corpus.unpack(packed, tmp_path / "target", 2)
    assert [str(name) for name in chosen] == ["a/__init__.py", "a/z.py"]
    assert files(tmp_path / "target") == ["a/__init__.py", "a/z.py"]


def test_a_product_starts_a_program_that_imports_the_package(tmp_path: Path) -> None:
    package = python_corpus.Package("some-kit", "1.0", "0" * 64)
    packed = wheel(tmp_path, ("some_kit/__init__.py", ""), ("some_kit/deep/__init__.py", ""))
    packed.rename(tmp_path / "some_kit-1.0-py3-none-any.whl")
    python_corpus.product(tmp_path, package, tmp_path / "target")
    assert (tmp_path / "target" / "serve.py").read_text("utf-8").startswith("import some_kit\n")
    assert (tmp_path / "target" / "Dockerfile").is_file()


def test_every_package_is_pinned_by_hash() -> None:
    assert all(re.fullmatch(r"[0-9a-f]{64}", package.sha256) for package in python_corpus.PACKAGES)
    assert len({package.name for package in python_corpus.PACKAGES}) == len(python_corpus.PACKAGES)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    place = tmp_path_factory.mktemp("semgrep") / "rules.json"
    semgrep_rules.write(ROOT / "rules" / "knowledge" / "network_apis.yaml", place)
    # What is written is JSON; that it is YAML too is the claim. The C loader is the same grammar, and faster.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: dict[str, Any] = yaml.load(place.read_text("utf-8"), loader)
    return found


def test_semgrep_gets_one_well_formed_rule_for_every_api(written: dict[str, Any]) -> None:
    rules = written["rules"]
    assert [rule["metadata"]["api"] for rule in rules] == [name for name, _ in ENTRIES]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert re.fullmatch(r"[A-Za-z0-9._-]+", rule["id"])
        assert rule.keys() == {"id", "languages", "severity", "message", "metadata", "patterns"}


def test_every_pattern_of_semgrep_is_python(written: dict[str, Any]) -> None:
    for rule in written["rules"]:
        for each in rule["patterns"][0]["pattern-either"]:
            compile(each["pattern"].replace("$", ""), rule["id"], "exec")


def test_what_stands_for_a_star_is_bound_and_limited(written: dict[str, Any]) -> None:
    for rule in written["rules"]:
        text = rule["patterns"][0]["pattern-either"][0]["pattern"]
        assert "*" not in text
        for condition in rule["patterns"][1:]:
            limit = condition["metavariable-regex"]
            assert limit["metavariable"] in text
            re.compile(limit["regex"])


@pytest.mark.parametrize(
    ("name", "excluded", "text", "takes", "leaves"),
    [
        ("requests.get", (), "requests.get", [], []),
        ("a.fetch_*", (), "a.$SEGMENT1", ["fetch_x"], ["refetch_x", "load"]),
        ("a.*Client.of_*", (), "a.$SEGMENT1.$SEGMENT2", ["BlobClient", "of_url"], ["Server", "to"]),
        ("a.*", ("local",), "a.$SEGMENT1", ["remote", "localhost"], ["local"]),
    ],
)
def test_stars_become_metavariables(
    name: str, excluded: tuple[str, ...], text: str, takes: list[str], leaves: list[str]
) -> None:
    dotted, conditions = semgrep_rules.pattern(name, excluded)
    limits = [condition["metavariable-regex"]["regex"] for condition in conditions]
    assert dotted == text
    assert all(any(re.search(limit, each) for limit in limits) for each in takes)
    assert not any(re.search(limit, each) for limit in limits for each in leaves)
