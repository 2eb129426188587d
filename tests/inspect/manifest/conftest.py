"""Reads manifests through the inspector's public door and holds every fact against its JSON Schema."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from linter.inspect.manifest import inspect
from linter.knowledge import Knowledge
from linter.model import Artifact, Fact, Notice

ROOT = Path(__file__).parents[3]
COMMON = {"request", "request_id", "whole", "marketplace", "pointer"}


class Reading(NamedTuple):
    text: str
    facts: tuple[Fact, ...]
    notices: tuple[Notice, ...]

    def of(self, kind: str, /, **fields: Any) -> list[Fact]:
        """Facts of a kind (`manifest.` may be left out) whose fields have some values."""
        found = [fact for fact in self.facts if fact.kind in (kind, f"manifest.{kind}")]
        return [fact for fact in found if all(fact[name] == value for name, value in fields.items())]

    def one(self, kind: str, /, **fields: Any) -> Fact:
        (fact,) = self.of(kind, **fields)
        return fact

    def excerpt(self, fact: Fact, field: str | None = None) -> str:
        """What stands at the place of a fact or of one of its fields."""
        span = fact.place(field).span
        lines = self.text.split("\n")[span.line - 1 : span.end_line]
        lines[-1] = lines[-1][: span.end_column - 1]
        lines[0] = lines[0][span.column - 1 :]
        return "\n".join(lines)


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    files = (ROOT / "rules" / "knowledge").glob("*.yaml")
    return Knowledge({path.stem: yaml.safe_load(path.read_text("utf-8")) for path in files}, "test")


@pytest.fixture(scope="session")
def check() -> Callable[[tuple[Fact, ...]], None]:
    """Asserts that facts obey their schemas and that their places are sane."""
    import jsonschema_rs

    validators: dict[str, Any] = {}

    def checker(facts: tuple[Fact, ...]) -> None:
        for fact in facts:
            if fact.kind not in validators:
                schema = json.loads((ROOT / "schemas" / "facts" / f"{fact.kind}.schema.json").read_text("utf-8"))
                validators[fact.kind] = jsonschema_rs.validator_for(schema)
            validators[fact.kind].validate(dict(fact.fields))
            assert set(fact.spans) <= set(fact.fields), fact
            for span in (fact.location.span, *fact.spans.values()):
                assert (1, 1) <= (span.line, span.column) <= (span.end_line, span.end_column), fact

    return checker


@pytest.fixture(scope="session")
def read(knowledge: Knowledge, check: Callable[[tuple[Fact, ...]], None]) -> Callable[..., Reading]:
    def reader(content: Any, path: str = "product/request.json") -> Reading:
        """The facts of a text, of bytes, or of a value that is written as JSON."""
        text = content if isinstance(content, (str, bytes)) else json.dumps(content, indent=1)
        data = text.encode() if isinstance(text, str) else text
        result = inspect(Artifact(path, "manifest", len(data)), data, knowledge)
        check(result.facts)
        return Reading(text if isinstance(text, str) else "", *result)

    return reader
