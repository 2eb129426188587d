"""A run that finds what an earlier one kept reports exactly what a run without any cache does."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linter import identity as identity_module
from linter import watch
from linter.cli.main import main
from linter.config import config_of
from linter.engine import check
from linter.judge.load import load_knowledge, load_rules
from linter.tree import DiskTree
from linter.watch import WatchedTree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.model import Report

KNOWLEDGE = load_knowledge()
RULES = load_rules()
OLD_NS = 1_500_000_000 * 10**9

PRODUCT = {
    "container/Dockerfile": 'FROM python:3.12\nCOPY src /opt/program\nCOPY gone.txt /\nENTRYPOINT ["python", "/opt/program/serve.py"]\n',
    "container/src/serve.py": "import helper\n\nhelper.fetch()\n",
    "container/src/helper.py": "import requests\n\n\ndef fetch():\n    return requests.get('https://example.com/model')\n",
    "container/src/nginx.conf": "http { server { listen 80; location / { proxy_pass http://127.0.0.1:5000; } } }\n",
    "container/serve": "#!/bin/sh\npip install torch\n",
    "request.json": '{"ModelPackageName": "x", "InferenceSpecification": {"Containers": [{"Image": "a/b:latest"}]}}',
    "publish.py": "import boto3\nfrom spec import spec\n\nboto3.client('sagemaker').create_model_package(**spec)\n",
    "spec.py": "import json\n\nspec = json.load(open('part.json'))\n",
    "part.json": '{"ModelPackageName": "a b", "InferenceSpecification": {"Containers": []}}',
    "notes.txt": "nothing\n",
}
TEXTS = [
    *PRODUCT.values(),
    "FROM scratch\n",
    "import urllib.request\nurllib.request.urlopen('https://example.org')\n",
    "# mllint: ignore[NET001] -- accepted\n",
    "*\n!src\n",
    "",
    "\0binary",
]
NAMES = [
    *PRODUCT,
    "container/.dockerignore",
    "container/gone.txt",
    "container/src/new.py",
    "container/src/train",
    "other/Dockerfile",
    "container/requirements.txt",
    "model.tar.gz",
]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("MLLINT_NO_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MLLINT_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def product(tmp_path: Path) -> Path:
    return build(tmp_path / "product")


def build(base: Path, files: dict[str, str] = PRODUCT) -> Path:
    for name, text in files.items():
        put(base / name, text)
    return base


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def report(tree: DiskTree, given: dict[str, Any] | None = None, wanted: tuple[str, ...] = ("",)) -> Report:
    found = check(tree, wanted, config_of(given or {}), RULES, KNOWLEDGE, base=str(tree.base))
    return replace(found, seconds=0)


def cold(base: Path, **given: Any) -> Report:
    return report(DiskTree(base), given)


def warm(base: Path, **given: Any) -> Report:
    return report(WatchedTree(base), given)


def same(one: Report, other: Report) -> bool:
    return replace(one, cached=0) == replace(other, cached=0)


@contextmanager
def no_inspection(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No step may be called: all comes from what was kept."""

    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("a step was called")

    with monkeypatch.context() as patch:
        patch.setattr("linter.inspect.run.inspect_all", refuse)
        patch.setattr("linter.assemble.assemble", refuse)
        yield


def age(base: Path) -> None:
    """Make all files look as if they were written long ago; a change of the inode's own time cannot be undone."""
    for path in base.rglob("*"):
        if path.is_file():
            os.utime(path, ns=(OLD_NS, OLD_NS))


def test_the_second_run_calls_no_step(product: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = warm(product)
    assert first.findings
    assert same(first, cold(product))
    assert first.cached == 0
    with no_inspection(monkeypatch):
        second = warm(product)
    assert same(second, first)
    assert second.cached == len(second.artifacts) == len(first.artifacts)


def test_files_left_alone_are_not_read_again(product: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "RACY_NS", 0)
    tree = WatchedTree(product)
    tree.began += 10**9
    first = report(tree)
    with no_inspection(monkeypatch), monkeypatch.context() as patch:
        patch.setattr("linter.engine._sources", lambda *_: {})
        patch.setattr(WatchedTree, "read", lambda *_: pytest.fail("a file was read"))
        assert same(replace(warm(product), sources=first.sources), first)


def test_a_write_right_after_a_run_is_seen_though_no_time_shows_it(
    product: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Coarse clocks: size, times and inode stay, the content does not. Stamps that fresh are not trusted."""
    from linter.tree import Stamp

    monkeypatch.setattr(watch, "stamp_of", lambda info: Stamp(info.st_size, watch.time.time_ns(), 0, 0))
    fixed = watch.time.time_ns()
    monkeypatch.setattr(watch, "stamp_of", lambda info: Stamp(info.st_size, fixed, fixed, 1))
    helper = product / "container/src/helper.py"
    before = warm(product)
    helper.write_text(helper.read_text().replace("requests.get", "requests.gut"))
    after = warm(product)
    assert same(after, cold(product))
    assert not same(before, after)


def test_a_touched_file_costs_a_look_and_no_more(product: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = warm(product)
    age(product)
    with no_inspection(monkeypatch):
        assert same(warm(product), first)


def test_a_change_inspects_one_file(product: Path) -> None:
    warm(product)
    put(product / "container/src/helper.py", "import socket\n")
    second = warm(product)
    assert second.cached == len(second.artifacts) - 1
    assert same(second, cold(product))


def test_files_that_are_no_artifacts_count(product: Path) -> None:
    """A COPY of what is not there is a finding; the file that is missing is read by nobody."""
    before = warm(product)
    put(product / "container/gone.txt", "here\n")
    after = warm(product)
    assert same(after, cold(product))
    assert before.findings != after.findings


@pytest.mark.skipif(os.name != "posix", reason="execute bits")
def test_execute_bits_count(product: Path) -> None:
    warm(product)
    (product / "container/serve").chmod(0o755)
    assert same(warm(product), cold(product))


@pytest.mark.parametrize(
    "given",
    [
        {"select": ["CTR"]},
        {"ignore": ["CTR"]},
        {"exclude": ["container/src/"]},
        {"fail_on": "never"},
        {"seller_account": "123456789012", "region": "us-east-1"},
        {"inline_suppressions": False},
        {"products": ["container/src"]},
    ],
)
def test_another_configuration_is_another_run(product: Path, given: dict[str, Any]) -> None:
    warm(product)
    assert same(warm(product, **given), cold(product, **given))
    assert same(warm(product), cold(product))


def test_other_rules_are_another_run(product: Path) -> None:
    warm(product)
    fewer = load_rules()
    fewer.digest = "other"
    tree = WatchedTree(product)
    found = check(tree, ("",), config_of({}), fewer.only([], {}), KNOWLEDGE, base=str(product))
    assert found.findings == ()
    other = fewer.only([], {})
    other.digest = "other"
    assert check(WatchedTree(product), ("",), config_of({}), other, KNOWLEDGE, base=str(product)).findings == ()


def test_another_mllint_is_another_run(product: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    warm(product)
    monkeypatch.setattr(identity_module, "identity", lambda: "newer")
    assert warm(product).cached == 0


def test_identity_follows_the_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "linter"
    shutil.copytree(Path(identity_module.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(identity_module, "__file__", str(package / "identity.py"))

    def now() -> str:
        identity_module.identity.cache_clear()
        return identity_module.identity()

    try:
        first = now()
        assert now() == first
        for path in package.rglob("*.py"):
            os.utime(path, ns=(OLD_NS, OLD_NS))
        assert now() == first, "times alone are nothing"
        put(package / "inspect" / "shell" / "__init__.py", "# other\n")
        assert now() != first
    finally:
        monkeypatch.undo()
        identity_module.identity.cache_clear()


@pytest.mark.parametrize("damage", [b"", b"{}", b"[]", b"\xff" * 50, b"x\n{}"])
def test_damaged_entries_are_none(product: Path, cache: Path, damage: bytes) -> None:
    first = warm(product)
    for place in cache.iterdir():
        if place.name.startswith(("run-", "seen-", "facts-", "tool-")):
            place.write_bytes(damage)
    assert same(warm(product), first)
    assert same(warm(product), first)


@pytest.mark.parametrize("part", ["git", "folders", "names", "stamps", "settled", "contents", "report"])
@pytest.mark.parametrize("value", [None, 3, "x", [3], {"a": 1}, [[None]]])
def test_entries_of_another_shape_are_none(product: Path, part: str, value: Any) -> None:
    from linter import replay, store

    first = warm(product)
    saved = dict(store_entry("run"))
    saved[part] = value
    key = next(place.name for place in (store.cache_folder() or Path()).iterdir() if place.name.startswith("run-"))
    store.save("run", key.removeprefix("run-").removesuffix(".json"), saved, replay.KEPT_RUNS)
    assert same(warm(product), first)


def store_entry(name: str) -> Any:
    folder = Path(os.environ["MLLINT_CACHE_DIR"])
    place = next(place for place in folder.iterdir() if place.name.startswith(f"{name}-"))
    return json.loads(place.read_bytes().partition(b"\n")[2])


def test_facts_that_no_inspector_says_are_done_without(product: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row of the right shape whose facts lack their fields, as only another's hand can write it."""
    from linter.inspect.cache import FactCache, Kept
    from linter.model import Fact, Inspection, Location

    first = cold(product)
    forged = Kept(Inspection((Fact("shell.command", Location("container/Dockerfile"), {}),)), [])
    monkeypatch.setattr(FactCache, "worth_asking", True)
    monkeypatch.setattr(FactCache, "get", lambda *_: forged)
    assert same(warm(product), first)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="needs a file that cannot be read")
def test_a_run_with_an_unreadable_file_is_not_kept(product: Path) -> None:
    (product / "container/serve").chmod(0)
    warm(product)
    (product / "container/serve").chmod(0o644)
    assert same(warm(product), cold(product))


def test_what_git_ignores_counts(product: Path) -> None:
    git = ["git", "-c", "init.defaultBranch=main"]
    subprocess.run([*git, "init", "-q", str(product)], check=True, env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull})
    warm(product)
    put(product / ".git/info/exclude", "helper.py\n")
    second = warm(product)
    assert same(second, cold(product))
    assert "container/src/helper.py" not in {artifact.path for artifact in second.artifacts}


def test_a_file_that_changes_during_a_run_is_looked_at_again(product: Path) -> None:
    tree = WatchedTree(product)
    assert tree.lines("container/src")
    put(product / "container/src/helper.py", "import socket\n")
    report(tree)
    assert tree.unsteady
    second = warm(product)
    assert second.cached < len(second.artifacts)
    assert same(second, cold(product))


def test_the_cache_may_be_carried_to_another_copy(product: Path, tmp_path: Path) -> None:
    """Facts hold wherever the product lies; findings where it lies at the same place."""
    first = warm(product)
    copy = tmp_path / "copy"
    shutil.copytree(product, copy)
    second = warm(copy)
    assert second.cached == len(second.artifacts)
    assert second.findings == first.findings
    shutil.rmtree(product)
    copy.rename(product)
    third = warm(product)
    assert same(third, first)
    assert third.cached == len(third.artifacts)


def test_single_files_and_the_folder_are_different_runs(product: Path) -> None:
    for wanted in (("container/serve",), ("container",), ("",), ("container/serve", "request.json"), ("no/such",)):
        for _ in range(2):
            assert same(report(WatchedTree(product), wanted=wanted), report(DiskTree(product), wanted=wanted))


# Random edits

edits = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.sampled_from(NAMES), st.sampled_from(TEXTS)),
        st.tuples(st.just("delete"), st.sampled_from(NAMES), st.none()),
        st.tuples(st.just("rename"), st.sampled_from(NAMES), st.sampled_from(NAMES)),
        st.tuples(st.just("mode"), st.sampled_from(NAMES), st.sampled_from([0o644, 0o755])),
        st.tuples(st.just("touch"), st.sampled_from(NAMES), st.sampled_from([OLD_NS, OLD_NS + 1])),
        st.tuples(st.just("link"), st.sampled_from(NAMES), st.sampled_from(NAMES)),
        st.tuples(st.just("swap"), st.sampled_from(NAMES), st.sampled_from(NAMES)),
    ),
    min_size=1,
    max_size=4,
)


def edit(base: Path, what: str, name: str, value: Any) -> None:
    path = base / name
    if what == "write":
        if path.is_symlink():
            path.unlink()
        put(path, value)
    elif what == "delete":
        path.unlink(missing_ok=True)
    elif what == "link":
        path.unlink(missing_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(base / value)
    elif not path.is_file() or path.is_symlink():
        return
    elif what == "rename":
        (base / value).parent.mkdir(parents=True, exist_ok=True)
        path.replace(base / value)
    elif what == "mode":
        path.chmod(value)
    elif what == "touch":
        os.utime(path, ns=(value, value))
    elif (base / value).is_file():
        data = path.read_bytes()
        path.write_bytes((base / value).read_bytes())
        (base / value).write_bytes(data)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(rounds=st.lists(edits, min_size=1, max_size=4), racy=st.sampled_from([0, watch.RACY_NS]))
def test_whatever_changes_the_report_is_that_of_a_cold_run(rounds: list[list[Any]], racy: int) -> None:
    """`racy` of 0 trusts stamps at once, as runs do that come later than a test can wait."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(watch, "RACY_NS", racy)
        base = build(Path(folder) / "p")
        assert same(warm(base), cold(base))
        for changes in rounds:
            for change in changes:
                edit(base, *change)
            expected = cold(base)
            assert same(warm(base), expected)
            assert same(warm(base), expected)


# The command


def run(*arguments: str) -> str:
    result = CliRunner().invoke(main, ["check", "-v", *arguments])
    assert result.exit_code in (0, 1), result.output
    return " ".join(result.output.split())


def test_a_module_or_file_that_a_request_is_put_together_of_is_read_again(product: Path) -> None:
    def names(found: Report) -> list[tuple[str, int]]:
        return [(each.location.path, each.location.line) for each in found.findings if each.name == "malformed-name"]

    assert names(warm(product)) == [("part.json", 1)]
    (product / "part.json").write_text('{\n"ModelPackageName": "a b"}')
    assert names(warm(product)) == [("part.json", 2)]
    (product / "spec.py").write_text("spec = {'ModelPackageName': 'fine'}\n")
    assert names(warm(product)) == []
    (product / "spec").mkdir()
    (product / "spec" / "__init__.py").write_text("spec = {\n'ModelPackageName': 'a b'}\n")
    (product / "spec.py").unlink()
    assert names(warm(product)) == [("spec/__init__.py", 2)]


def test_the_command_says_what_it_did_not_read_again(product: Path, cache: Path) -> None:
    assert "earlier run" not in run(str(product))
    assert "9 files as in an earlier run" in run(str(product))
    assert "earlier run" not in run("--no-cache", str(product))


def test_no_cache_keeps_nothing(product: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("--no-cache", str(product))
    assert not [place for place in cache.iterdir() if place.name.startswith(("run-", "seen-", "facts-"))]
    monkeypatch.setenv("MLLINT_NO_CACHE", "1")
    run(str(product))
    assert "earlier run" not in run(str(product))
    assert not [place for place in cache.iterdir() if place.name.startswith(("run-", "seen-", "facts-"))]
