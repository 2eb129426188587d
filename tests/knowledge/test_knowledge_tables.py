"""The tables load, are plain JSON, obey their schema and agree with each other."""

from __future__ import annotations

import fnmatch
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
import yaml

from linter.resources import schemas_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "rules" / "knowledge").glob("*.yaml"))
TABLES: dict[str, Any] = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in FILES}
SCHEMA = json.loads((ROOT / "schemas" / "knowledge.schema.json").read_text("utf-8"))


class Strict(yaml.SafeLoader):
    """Refuses a key that stands twice in one mapping."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"{node.start_mark}: a key stands twice"
        return super().construct_mapping(node, deep)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _strings(key)
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def _non_strings(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                yield f"{path}.{key!r}"
            yield from _non_strings(item, f"{path}.{key}")
    elif isinstance(value, list):
        for item in value:
            yield from _non_strings(item, path)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_tables_hold_plain_json_with_each_key_once(path: Path) -> None:
    table = yaml.load(path.read_text("utf-8"), Strict)
    json.dumps(table, allow_nan=False)
    assert list(_non_strings(table, path.stem)) == []


@pytest.mark.parametrize("name", sorted(TABLES))
def test_tables_obey_the_schema(name: str) -> None:
    errors = jsonschema_rs.validator_for(SCHEMA).iter_errors({name: TABLES[name]})
    assert [f"{list(error.instance_path)}: {error.message}" for error in errors] == []


HEAD = {"source": "a document of some length", "date": "2026-11-21"}


@pytest.mark.parametrize(
    "table",
    [
        {"source": HEAD["source"]},
        {"date": HEAD["date"]},
        {**HEAD, "date": "yesterday"},
        {**HEAD, "inference": {"port": {"value": 1, "unit": "x", "hard": True}}},
        {**HEAD, "inference": {"port": 8080}},
    ],
)
def test_the_schema_refuses_what_has_no_source(table: dict[str, Any]) -> None:
    assert not jsonschema_rs.validator_for(SCHEMA).is_valid({"quotas": table})


def test_regions_agree_with_themselves() -> None:
    regions = TABLES["regions"]
    by_code = regions["by_code"]
    codes = set(regions["codes"])
    assert codes == by_code.keys()
    commercial = {code for code, region in by_code.items() if region["partition"] == "aws"}
    assert set(regions["other_partition"]) == codes - commercial
    assert set(regions["opt_in"]) == commercial - set(regions["default_on"])
    publish, caution = set(regions["publish_from"]), set(regions["publish_with_caution"])
    assert not publish & caution
    assert publish | caution == set(regions["default_on"])
    for code, region in by_code.items():
        matching = [name for name, pattern in regions["patterns"].items() if re.search(pattern, code)]
        assert matching == [region["partition"]], code
    assert regions["catalog_api_region"] in publish


def test_registries_agree_with_regions_and_themselves() -> None:
    registries, codes = TABLES["registries"], set(TABLES["regions"]["codes"])
    assert registries["account_ids"] == sorted(registries["accounts"])
    assert {region for entry in registries["accounts"].values() for region in entry["regions"]} <= codes
    assert {group for entry in registries["accounts"].values() for group in entry["groups"]} <= set(
        registries["groups"]
    )
    assert "unclassified" not in registries["groups"]
    assert set(registries["marketplace_product_accounts"]) == set(TABLES["regions"]["publish_from"])
    repositories = {name for names in registries["repositories"].values() for name in names}
    assert set(registries["open_framework_builtins"]) <= repositories
    configurations = [name for names in registries["configurations"].values() for name in names]
    assert len(configurations) == len(set(configurations))
    documented = set(TABLES["images"]["documentation_accounts"])
    assert not documented & (set(registries["accounts"]) | set(registries["marketplace_product_accounts"].values()))
    assert "deep_learning_container" in registries["accounts"]["763104351884"]["groups"]
    assert "builtin_algorithm" in registries["accounts"]["811284229777"]["groups"]


def test_instance_types_agree_with_themselves() -> None:
    types = TABLES["instance_types"]
    every = {name for role in ("training", "transform", "realtime") for name in types[role]}
    assert all(re.search(types["pattern"], name) for name in every)
    assert set(types["transform"]) <= every
    for group, names in types["in_families"].items():
        assert {name.split(".")[1] for name in names} == set(types["families"][group])
        assert set(names) <= every
    assert not set(types["families"]["gpu"]) & set(types["families"]["neuron"])
    assert not set(types["in_families"]["arm64"]) & set(types["transform"]), "an arm64-only image can now be validated"


def test_figures_agree_with_each_other() -> None:
    def figure(path: str) -> Any:
        section, name = path.split(".")
        return TABLES["quotas"][section][name]["value"]

    for kind in ("endpoint", "batch"):
        megabytes = figure(f"inference.{kind}_payload_mb")
        assert figure(f"inference.{kind}_payload_warning_bytes") == megabytes * figure("inference.bytes_per_mb_strict")
        assert figure(f"inference.{kind}_payload_error_bytes") == megabytes * figure("inference.bytes_per_mb_lenient")
    assert figure("inference.body_limit_bytes") == figure("inference.endpoint_payload_warning_bytes")
    assert figure("image.layer_bytes") == figure("image.layer_mib") * 2**20
    assert figure("inference.batch_seconds") == figure("inference.batch_timeout_max_seconds")
    assert figure("inference.port") == 8080
    for section, entries in TABLES["quotas"].items():
        for name, entry in entries.items() if isinstance(entries, dict) else ():
            if entry["unit"] == "pattern":
                re.compile(entry["value"])
            assert "pattern" not in name or entry["unit"] == "pattern", f"{section}.{name}"


def test_patterns_compile_for_both_readers() -> None:
    patterns: list[str] = [TABLES["instance_types"]["pattern"], TABLES["media_types"]["pattern"]]
    patterns += [TABLES["media_types"]["binary_pattern"], TABLES["network_apis"]["hub"]["id_pattern"]]
    patterns += [TABLES["data_words"]["default_bucket"]]
    patterns += TABLES["placeholders"]["patterns"] + TABLES["placeholders"]["not"]
    patterns += TABLES["data_words"]["jumpstart_buckets"] + TABLES["container"]["driver_files"]
    patterns += [pattern for group in TABLES["container"]["driver_packages"].values() for pattern in group]
    patterns += TABLES["instance_types"]["family_patterns"].values()
    figures = [entry for part in TABLES["quotas"].values() if isinstance(part, dict) for entry in part.values()]
    patterns += [entry["value"] for entry in figures if entry["unit"] == "pattern"]
    for pattern in patterns:
        re.compile(pattern)
        assert jsonschema_rs.validator_for({"pattern": pattern}).is_valid("x") in (True, False)
    for entry in TABLES["secrets"]["formats"]:
        re.compile(entry["pattern"])


@pytest.mark.parametrize(
    ("name", "grade"),
    [
        ("nvidia-driver-535", "error"),
        ("cuda-drivers-550", "error"),
        ("nvidia-utils-535-server", "error"),
        ("cuda", "warning"),
        ("cuda-12-4", "warning"),
        ("cuda-toolkit-12-4", "clean"),
        ("cuda-compat-12-4", "clean"),
        ("nvidia-container-toolkit", "clean"),
    ],
)
def test_driver_packages(name: str, grade: str) -> None:
    packages = TABLES["container"]["driver_packages"]
    assert [key for key, patterns in packages.items() if any(re.search(p, name) for p in patterns)] == [grade]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("IMAGE_REPLACE_ME", True),
        ("<Customer to specify the name>", True),
        ("your-bucket", True),
        ("your-aws-account", True),
        ("TODO", True),
        ("123.dkr.ecr.us-east-1.amazonaws.com/${Repo}:1", False),
        ("todos and methods", False),
        ("arn:aws:iam::1:role/marketplace-role", False),
        ("a < b and c > d", False),
    ],
)
def test_placeholders(text: str, found: bool) -> None:
    assert any(re.search(pattern, text) for pattern in TABLES["placeholders"]["patterns"]) is found


def test_package_managers_name_each_program_once() -> None:
    programs = [name for entry in TABLES["package_managers"]["managers"].values() for name in entry["programs"]]
    assert len(programs) == len(set(programs))


def test_base_images_name_known_distributions_and_runtimes() -> None:
    base = TABLES["base_images"]
    for name, entry in base["repositories"].items():
        for key in ("distribution", "default_distribution"):
            assert entry.get(key) is None or entry[key] in base["distributions"], name
        assert entry.get("runtime") is None or entry["runtime"] in base["runtimes"], name
        assert "release" not in entry or entry["release"] in base["distributions"][entry["distribution"]]["releases"]
    for name, entry in base["distributions"].items():
        names = [alias for release, facts in entry["releases"].items() for alias in [release, *facts["names"]]]
        assert len(names) == len(set(names)), name


def test_start_distributions_are_listed_where_rules_look() -> None:
    container = TABLES["container"]
    assert set(container["serve_distributions"]) == container["start_distributions"]["serve"].keys()
    through = set(container["train_distributions_through_dependency"])
    assert set(container["train_distributions"]) == container["start_distributions"]["train"].keys() | through
    assert not set(container["not_start_distributions"]) & set(container["serve_distributions"])
    listed = [name for key in ("documented", "undocumented") for name in container["init_wrappers"][key]]
    assert container["init_wrapper_names"] == listed


def test_self_starting_images_cover_the_registries() -> None:
    matches = TABLES["container"]["self_starting"]["repositories"]
    silent = {"smdistributed-modelparallel"}
    for name in TABLES["registries"]["repositories"]["deep_learning_container"]:
        assert name in silent or any(fnmatch.fnmatchcase(name, entry["match"]) for entry in matches), name


def test_typos_are_no_proper_types() -> None:
    types = TABLES["media_types"]
    assert sorted(types["typos"]) == sorted(types["typo_names"])
    assert not set(types["typos"]) & set(types["typos"].values())
    assert all(re.search(types["binary_pattern"], name) for name in types["binary_types"])
    assert not any(re.search(types["binary_pattern"], name) for name in types["line_types"])


def test_no_word_both_betrays_and_clears() -> None:
    assert not set(TABLES["data_words"]["private"]) & set(TABLES["data_words"]["clearing"])


def test_roles_of_files_in_images_are_those_of_the_fact() -> None:
    schema = json.loads((schemas_folder() / "facts" / "image.file.schema.json").read_text("utf-8"))
    table = TABLES["image_files"]
    known = set(schema["properties"]["role"]["enum"])
    assert {*table["roles"], *table["told_together"], *table["told_when_hidden"]} <= known
    assert not set(table["problems"]["broken"]) & set(table["problems"]["unsafe"])


def test_sieves_let_pass_what_the_patterns_after_them_want() -> None:
    table = TABLES["image_files"]
    paths = ["root/.cache/pip/x", "var/cache/apt/a.deb", "var/lib/apt/lists/x", "opt/conda/pkgs/a.conda", "root/.npm/_cacache/x",
             "root/.cargo/registry/cache/x", "root/go/pkg/mod/cache/x", "root/.m2/repository/x", "root/.gradle/caches/x",
             "tmp/x", "var/cache/pacman/x", "etc/apk/cache/x.apk", "var/cache/dnf/x", "usr/local/share/.cache/v6/x"]  # fmt: skip
    for path in paths:
        assert any(re.search(p, path) for patterns in table["caches"].values() for p in patterns), path
        assert any(hint in path for hint in table["cache_hints"]), path


def test_strings_are_free_of_stray_blanks() -> None:
    allowed = {""}
    for name, table in TABLES.items():
        stray = [text for text in _strings(table) if text != text.strip() and text not in allowed]
        assert stray == [], name
