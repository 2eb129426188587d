"""Reads texts through the inspectors' public doors and holds every fact against its JSON Schema."""

import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from linter.judge.load import load_knowledge
from linter.knowledge import Knowledge
from linter.model import Artifact, Fact, Notice

SCHEMAS = Path(__file__).parents[2] / "schemas" / "facts"


class Reading(NamedTuple):
    text: str
    facts: tuple[Fact, ...]
    notices: tuple[Notice, ...]

    def of(self, kind: str, /, **fields: Any) -> list[Fact]:
        """Facts of a kind (a manifest's may leave out `manifest.`) whose fields have some values."""
        found = [fact for fact in self.facts if fact.kind in (kind, f"manifest.{kind}")]
        return [fact for fact in found if all(fact[name] == value for name, value in fields.items())]

    def one(self, kind: str, /, **fields: Any) -> Fact:
        (fact,) = self.of(kind, **fields)
        return fact

    def excerpt(self, fact: Fact, field: str | None = None) -> str:
        """What stands at the place of a fact or of its field."""
        span = fact.place(field).span
        lines = self.text.split("\n")[span.line - 1 : span.end_line]
        lines[-1] = lines[-1][: span.end_column - 1]
        lines[0] = lines[0][span.column - 1 :]
        return "\n".join(lines)


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return load_knowledge()


@pytest.fixture(scope="session")
def valid() -> Callable[[tuple[Fact, ...]], None]:
    """Asserts that every fact obeys its schema and that its places are sane."""
    import jsonschema_rs

    schemas = {path.name.removesuffix(".schema.json"): path for path in SCHEMAS.glob("*.schema.json")}
    validators: dict[str, Any] = {}

    def check(facts: tuple[Fact, ...]) -> None:
        for fact in facts:
            if fact.kind not in validators:
                schema = json.loads(schemas[fact.kind].read_text(encoding="utf-8"))
                validators[fact.kind] = jsonschema_rs.validator_for(schema)
            errors = [error.message for error in validators[fact.kind].iter_errors(dict(fact.fields))]
            assert not errors, (fact, errors)
            assert fact.spans.keys() <= fact.fields.keys()
            for span in (fact.location.span, *fact.spans.values()):
                assert (1, 1) <= (span.line, span.column) <= (span.end_line, span.end_column), fact

    return check


@pytest.fixture(scope="session")
def read(knowledge: Knowledge, valid: Callable[[tuple[Fact, ...]], None]) -> Callable[..., Reading]:
    """Reads a text or bytes with one of the inspectors: shell, script, gunicorn, supervisor, manifest."""

    def run(text: str | bytes, kind: str = "shell", path: str = "serve", executable: bool | None = None) -> Reading:
        data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
        module = import_module(f"linter.inspect.{kind}")
        result = module.inspect(Artifact(path, kind, len(data), executable), data, knowledge)
        valid(result.facts)
        shown = data.decode("utf-8", "replace").removeprefix("\ufeff")
        return Reading(shown, result.facts, result.notices)

    return run
