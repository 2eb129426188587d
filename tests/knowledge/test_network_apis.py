"""The table of outward calls has the form its readers expect, and the script compares it with libraries as it says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
import yaml

from linter.judge.load import load_knowledge
from linter.references.apis import api_table

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts" / "verify_network_apis.py"
KNOWLEDGE = ROOT / "rules" / "knowledge"
TABLE: dict[str, Any] = yaml.safe_load((KNOWLEDGE / "network_apis.yaml").read_text("utf-8"))
CONTAINER: dict[str, Any] = yaml.safe_load((KNOWLEDGE / "container.yaml").read_text("utf-8"))
SCHEMA = json.loads((ROOT / "schemas" / "knowledge.schema.json").read_text("utf-8"))
ENTRIES: dict[str, dict[str, Any]] = {name: api for group in TABLE["apis"].values() for name, api in group.items()}


def conditions() -> Iterator[tuple[str, dict[str, Any]]]:
    """Entries and their methods."""
    for name, api in ENTRIES.items():
        yield name, api
        for method, condition in api.get("methods", {}).items():
            yield f"{name}.{method}", condition


CONDITIONS = dict(conditions())


def test_no_name_stands_in_two_categories() -> None:
    assert len(ENTRIES) == sum(map(len, TABLE["apis"].values()))
    assert all(TABLE["apis"].values())


def test_no_name_goes_by_an_alias() -> None:
    aliases = TABLE["aliases"]
    hidden = [name for name in ENTRIES for alias in aliases if f"{name}.".startswith(f"{alias}.")]
    assert hidden == []
    for alias in aliases:
        seen = {alias}
        while (alias := aliases.get(alias, "")) != "":
            assert alias not in seen, f"the aliases of {alias} go round in a circle"
            seen.add(alias)


def test_aliases_can_be_met() -> None:
    canonical = api_table(load_knowledge()).canonical
    assert [alias for alias, name in TABLE["aliases"].items() if canonical(alias) != canonical(name)] == []


def test_switches_are_those_of_the_containers_table() -> None:
    known = CONTAINER["offline_environment"].keys()
    assert {name for api in CONDITIONS.values() for name in api.get("offline_by", ())} <= known


def test_what_factories_return_is_a_class_of_the_table() -> None:
    wanted = {api["returns"] for api in CONDITIONS.values() if "returns" in api}
    assert {name for name in wanted if ENTRIES.get(name, {}).get("kind") != "class"} == set()


def test_what_decides_for_others_stands_in_the_table() -> None:
    assert {name for api in ENTRIES.values() for name in api.get("decided_by", ())} <= set(ENTRIES)


def test_patterns_compile_and_say_something() -> None:
    for name, api in CONDITIONS.items():
        if "remote_pattern" in api:
            assert not re.search(api["remote_pattern"], ""), name
            assert not re.search(api["remote_pattern"], "/opt/ml/model"), name


def test_what_holds_an_address_opens_nothing() -> None:
    wrapping = TABLE["wrapping_values"]
    assert {
        name: ENTRIES[name]["mode"] for name in wrapping if ENTRIES.get(name, {}).get("mode", "never") != "never"
    } == {}


def test_exceptions_belong_to_families() -> None:
    assert [name for name, api in ENTRIES.items() if "except" in api and "*" not in name] == []


def test_verified_entries_have_versions() -> None:
    assert any(api.get("verified") for api in ENTRIES.values())
    assert all("legacy" not in api for api in ENTRIES.values() if api.get("verified"))
    assert TABLE["versions"]


@pytest.mark.parametrize("text", ["bert-base-uncased", "gpt2", "t5-small", "distilbert-base-uncased"])
def test_known_bare_names(text: str) -> None:
    assert text in TABLE["hub"]["bare_aliases"]
    assert not re.search(TABLE["hub"]["id_pattern"], text)


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("ultralytics.YOLO", "yolov8n.pt", True),
        ("ultralytics.YOLO", "/opt/ml/model/yolov8n.pt", False),
        ("ultralytics.YOLO", "best.pt", False),
        ("clip.load", "ViT-B/32", True),
        ("whisper.load_model", "large-v3", True),
        ("whisper.load_model", "./base", False),
        ("evaluate.load", "accuracy", True),
        ("evaluate.load", "./accuracy.py", False),
        ("datasets.load_dataset", "csv", False),
        ("duckdb.sql", "SELECT * FROM 's3://bucket/a.parquet'", True),
        ("duckdb.sql", "SELECT * FROM 'a.parquet'", False),
    ],
)
def test_names_that_a_library_downloads(name: str, text: str, found: bool) -> None:
    assert bool(re.search(ENTRIES[name]["remote_pattern"], text)) is found


BASE: dict[str, Any] = {"kind": "call", "mode": "url", "reason": "http", "arg": {"at": 0}, "absent": "unknown"}


@pytest.mark.parametrize(
    "entry",
    [
        {key: value for key, value in BASE.items() if key != "kind"},
        {key: value for key, value in BASE.items() if key != "absent"},
        {**BASE, "mode": "sometimes"},
        {**BASE, "arg": {}},
        {**BASE, "methods": {"get": {"mode": "always"}}},
        {**BASE, "kind": "class", "harmless_methods": ["close"]},
        {**BASE, "unknown": 1},
        {**BASE, "kind": "class", "methods": {"get": {"mode": "always", "kind": "call"}}},
    ],
)
def test_the_schema_refuses_other_forms(entry: dict[str, Any]) -> None:
    table = {**TABLE, "apis": {"some": {"a.b": entry}}}
    assert not jsonschema_rs.validator_for(SCHEMA).is_valid({"network_apis": table})


# The script -----------------------------------------------------------------------------------------------------------

LIBRARY = {
    "lib/__init__.py": """
_import_structure = {"core": ["Client", "fetch"]}
from .models import *
def __getattr__(name): ...
""",
    "lib/core.py": """
from ._base import Base
class Client(Base):
    def __init__(self, host="localhost", *, secure=False): ...
    @staticmethod
    def make(url): ...
def fetch(url, timeout=None): ...
fetch_again = fetch
shared = Client()
get = shared.get
""",
    "lib/_base.py": "class Base:\n    def get(self, path, retries=1): ...\n",
    "lib/models.py": "def small(depth=1, weights=None): ...\ndef large(depth=1, weights='best'): ...\ndef tool(): ...\n",
    "lib/fast.cpython-311-x86_64-linux-gnu.so": "",
}


def listed(**names: dict[str, Any]) -> dict[str, Any]:
    """A table with entries of the library `lib`."""
    return {"apis": {"some": {f"lib.{name.replace('__', '.')}": entry for name, entry in names.items()}}}


def verify(folder: Path, table: dict[str, Any], *, version: str = "1.2") -> tuple[int, str]:
    """The script's exit status and what it prints."""
    with zipfile.ZipFile(folder / f"lib-{version}-py3-none-any.whl", "w") as wheel:
        for name, text in LIBRARY.items():
            wheel.writestr(name, text)
    (folder / "table.yaml").write_text(yaml.safe_dump(table), "utf-8")
    command = [sys.executable, str(SCRIPT), "--all", "--offline", str(folder), "--table", str(folder / "table.yaml")]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.returncode, result.stdout + result.stderr


def call(mode: str = "url", at: int | None = None, keyword: str | None = None, **more: Any) -> dict[str, Any]:
    place = {key: value for key, value in (("at", at), ("keyword", keyword)) if value is not None}
    return {
        "kind": "call",
        "mode": mode,
        "reason": "http",
        "absent": "unknown",
        **more,
        **({"arg": place} if place else {}),
    }


def test_what_fits_is_found_behind_re_exports_bases_and_objects(tmp_path: Path) -> None:
    table = listed(
        Client=call("host", 0, "host", kind="class", methods={"get": call("url", 0, "path")}),
        Client__make=call("url", 0, "url"),
        fetch=call("url", 0, "url"),
        core__fetch_again=call("url", 0, "url"),
        core__get=call("url", 0, "path"),
        small=call("flag", 1, "weights", absent="local"),
    )
    assert verify(tmp_path, table)[0] == 0


@pytest.mark.parametrize(
    ("name", "entry", "says"),
    [
        ("core.absent", call(), "gone     lib.core.absent"),
        ("fetch", call("url", 1, "url"), "at 1 stands timeout, not url"),
        ("fetch", call("url", 0, "uri"), "no argument uri"),
        ("Client", call("flag", keyword="secure", absent="remote", kind="class"), "absent is remote"),
        ("large", call("flag", 1, "weights", absent="local"), "absent is local"),
        ("Client", call("client", kind="class", methods={"put": call()}), "put: is not there"),
    ],
)
def test_what_does_not_fit_is_said(tmp_path: Path, name: str, entry: dict[str, Any], says: str) -> None:
    status, text = verify(tmp_path, {"apis": {"some": {f"lib.{name}": entry}}})
    assert status == 1
    assert says in text


@pytest.mark.parametrize(
    ("name", "entry", "state"),
    [
        ("lib.fast.run", call(), "loose"),
        ("other.get", call(), "unread"),
        ("lib.core.old", call(legacy=True), "ok"),
        ("lib.models.*", call("flag", 1, "weights", absent="local"), "ok"),
        ("os.system", call("command", 0, "command"), "loose"),
        ("subprocess.Popen", call("command", 0, "args", kind="class"), "ok"),
    ],
)
def test_states_of_names(tmp_path: Path, name: str, entry: dict[str, Any], state: str) -> None:
    status, text = verify(tmp_path, {"apis": {"some": {name: entry}}})
    assert (status, text.split()[0]) == (0, state)


def test_the_newest_wheel_is_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "lib-0.9-py3-none-any.whl", "w") as wheel:
        wheel.writestr("lib/__init__.py", "")
    assert verify(tmp_path, listed(fetch=call("url", 0, "url")), version="0.10")[0] == 0


def test_what_is_no_wheel_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad-1-py3-none-any.whl").write_text("no zip")
    status, text = verify(tmp_path, listed(fetch=call()))
    assert status == 2
    assert "cannot be read" in text
