"""The JSON report obeys its schema, whatever is in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter import __version__
from linter.render.json import render_json

from .samples import at, finding, full, report
from .test_text import HOSTILE, hostile

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas/report.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema_rs.validator_for(SCHEMA)


def data(*args: Any, **more: Any) -> Any:
    return json.loads(render_json(report(*args, **more)))


@pytest.mark.parametrize("what", [full(), report(), hostile(HOSTILE), report(finding(location=at("x", 0, -1)))])
def test_reports_obey_the_schema(what: Any) -> None:
    VALIDATOR.validate(json.loads(render_json(what)))


@given(st.text(st.characters() | st.sampled_from(HOSTILE), max_size=30))
def test_hostile_reports_obey_the_schema_and_are_ascii(word: str) -> None:
    shown = render_json(hostile(word))
    assert shown.isascii()
    assert all(char.isprintable() or char == "\n" for char in shown)
    VALIDATOR.validate(json.loads(shown))


def test_what_the_report_says() -> None:
    shown = json.loads(render_json(full()))
    assert shown["tool"] == {"name": "mllint", "version": __version__}
    assert shown["counts"] == {
        "error": 1,
        "warning": 1,
        "note": 0,
        "suppressed": 1,
        "files_with_findings": 2,
        "files_inspected": 2,
    }
    first, second = shown["findings"]
    assert first["location"] == {"path": "Dockerfile", "line": 3, "column": 5, "end_line": 3, "end_column": 50}
    assert first["statement"]["line"] == 2
    assert first["related"][0]["message"] == "the container starts here"
    assert second["edits"][0]["replacement"] == "8080"
    assert shown["suppressed"][0]["suppression"]["reason"] == "agreed with the team"
    assert [notice["code"] for notice in shown["notices"]] == ["too-large", "too-large", "syntax"]
    assert [rule["id"] for rule in shown["rules"]] == ["MLP001", "MLP002", "MLP003"]


def test_paths_and_replacements_are_exact() -> None:
    shown = data(finding(location=at("a\x1b\nb é")), sources={})
    assert shown["findings"][0]["location"]["path"] == "a\x1b\nb é"


def test_the_schema_describes_everything() -> None:
    def check(schema: dict[str, Any], where: str) -> None:
        if schema.get("type") == "object":
            assert schema["additionalProperties"] is False, where
            assert sorted(schema["required"]) == sorted(schema["properties"]), where
        for name, part in schema.get("properties", {}).items():
            assert part["description"], f"{where}.{name}"
            check(part, f"{where}.{name}")
        for part in (schema.get("items"), *schema.get("anyOf", ()), *schema.get("$defs", {}).values()):
            if part:
                check(part, where)

    check(SCHEMA, "report")


def test_the_same_report_gives_the_same_text() -> None:
    assert render_json(full()) == render_json(full())
