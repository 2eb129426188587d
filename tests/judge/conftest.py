"""A small world of rules: its own kinds of facts, knowledge and requirements."""

from __future__ import annotations

import copy
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from linter.judge.errors import RuleErrors
from linter.judge.load import RuleSet, load_rules
from linter.resources import schemas_folder

CALL = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "description": "A call",
    "type": "object",
    "additionalProperties": False,
    "required": ["api", "scope", "size", "target", "args", "open", "flag"],
    "properties": {
        "api": {"description": "Name", "type": "string"},
        "scope": {"description": "Whose", "enum": ["container", "seller", "unknown"]},
        "size": {"description": "Size", "anyOf": [{"type": "integer"}, {"const": "unknown"}, {"type": "null"}]},
        "target": {"description": "Where to", "anyOf": [{"$ref": "#/$defs/target"}, {"type": "null"}]},
        "args": {"description": "Arguments", "type": "array", "items": {"enum": ["a", "b", "unknown"]}},
        "open": {"description": "Anything", "type": "object", "additionalProperties": {"type": "string"}},
        "flag": {"description": "Flag", "type": "boolean"},
    },
    "$defs": {
        "target": {
            "type": "object",
            "additionalProperties": False,
            "required": ["account"],
            "properties": {"account": {"type": "string"}, "region": {"type": "string"}},
        }
    },
}

KNOWLEDGE = """
figure: {value: 25, unit: MB, source: "Guide > Payload"}
names: [a, b]
keyed: {container: {note: x}, seller: {note: y}}
tables: [{name: a}]
"""

REQUIREMENTS = """
requirements:
  - {slug: net-http, theme: A. Network, strength: must, title: No HTTP}
  - {slug: net-aws, theme: A. Network, strength: should, title: No AWS, remaining: other clients}
  - {slug: img-size, theme: B. Image, strength: info, title: Small, not_decidable: needs a run}
"""

RULE: dict[str, Any] = {
    "id": "NET001",
    "name": "outbound-call",
    "summary": "A call that leaves the container",
    "requirement": "net-http",
    "severity": "error",
    "confidence": "high",
    "on": "test.call",
    "match": {"properties": {"scope": {"const": "container"}}},
    "at": "api",
    "message": "`{api}` calls out",
    "why": "The buyer's container has no network.",
    "fix": "Bake it into the image.",
    "sources": [{"document": "Guide", "section": "Network isolation", "read": "2026-01-31"}],
    "examples": {
        "violating": [{"files": {"a.py": "x\ncall\n"}, "expect": [{"file": "a.py", "line": 2}]}],
        "compliant": [{"files": {"a.py": "x\n"}}],
    },
    "since": "0.1.0",
}


class World:
    """Folders of rules and schemas that a test may write into."""

    def __init__(self, folder: Path) -> None:
        self.rules, self.schemas, self.extra = folder / "rules", folder / "schemas", folder / "extra"
        (self.rules / "knowledge").mkdir(parents=True)
        (self.schemas / "facts").mkdir(parents=True)
        (self.rules / "knowledge" / "quotas.yaml").write_text(KNOWLEDGE)
        (self.rules / "requirements.yaml").write_text(REQUIREMENTS)
        (self.schemas / "facts" / "test.call.schema.json").write_text(json.dumps(CALL))
        shutil.copy(schemas_folder() / "rule.schema.json", self.schemas)

    def write(self, text: str, name: str = "outbound-call", folder: str = "rules/net") -> Path:
        path = self.rules.parent / folder / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def rule(self, *without: str, folder: str = "rules/net", **changes: Any) -> Path:
        """Write a sound rule with some changes; `a__b` reaches into `a`."""
        value = copy.deepcopy(RULE)
        for name in without:
            del value[name]
        for name, change in changes.items():
            place = value
            *parts, last = name.split("__")
            for part in parts:
                place = place[part]
            place[last] = change
        return self.write(
            yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=200), value.get("name", "x"), folder
        )

    def load(self, *, extra: Any = (), parameters: Any = None) -> RuleSet:
        return load_rules(extra, parameters, rules=self.rules, schemas=self.schemas)

    def errors(self, **given: Any) -> list[str]:
        """The sentences of a refusal, after checking that each has a place inside its file."""
        with pytest.raises(RuleErrors) as caught:
            self.load(**given)
        for error in caught.value.errors:
            path = Path(error.path)
            lines = path.read_text(encoding="utf-8", errors="replace").split("\n") if path.is_file() else [""]
            assert 1 <= error.line <= len(lines)
            assert 1 <= error.column <= len(lines[error.line - 1]) + 1
            assert str(error).startswith(f"{error.path}:{error.line}:{error.column}: ")
            assert "\n" not in error.message
        return [error.message for error in caught.value.errors]

    def refusal(self, **given: Any) -> str:
        """The only sentence of a refusal."""
        [message] = self.errors(**given)
        return message


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("MLLINT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("MLLINT_NO_CACHE", raising=False)
    return World(tmp_path)
