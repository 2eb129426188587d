"""Reads a configuration through the inspector's public door and holds every fact against its JSON Schema."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from linter.inspect.nginx import inspect
from linter.judge.load import load_knowledge
from linter.knowledge import Knowledge
from linter.model import Artifact, Fact, Inspection, Notice

SCHEMAS = Path(__file__).parents[3] / "schemas" / "facts"
DEFAULTS = {"client_max_body_size": "1m", "proxy_read_timeout": "60s", "listen": "*:80", "daemon": "on"}


class Reading(NamedTuple):
    text: str
    facts: tuple[Fact, ...]
    notices: tuple[Notice, ...]

    def of(self, kind: str, **fields: Any) -> list[Fact]:
        found = [fact for fact in self.facts if fact.kind == f"server.{kind}"]
        return [fact for fact in found if all(fact[name] == value for name, value in fields.items())]

    def one(self, kind: str, **fields: Any) -> Fact:
        (fact,) = self.of(kind, **fields)
        return fact

    def excerpt(self, fact: Fact, field: str | None = None) -> str:
        """What stands at the place of a fact or of its field, on one line."""
        span = fact.place(field).span
        assert span.line == span.end_line
        return self.text.split("\n")[span.line - 1][span.column - 1 : span.end_column - 1]

    def routes(self) -> tuple[str, str, str]:
        fact = self.one("routes")
        return fact["ping"], fact["invocations"], fact["execution_parameters"]


def knowledge(defaults: dict[str, str]) -> Knowledge:
    shipped = load_knowledge()
    tables = {name: shipped.get(name) for name in ("other_languages", "network", "network_apis")}
    return Knowledge({"servers": {"nginx": {"defaults": defaults}}, **tables}, "test")


@pytest.fixture(scope="session")
def valid() -> Callable[[Inspection], None]:
    """Asserts that every fact of an inspection obeys its schema."""
    import jsonschema_rs

    paths = [*SCHEMAS.glob("server.*.schema.json"), SCHEMAS / "source.call.schema.json"]
    schemas = [json.loads(path.read_text()) for path in paths]
    validators = {schema["title"]: jsonschema_rs.validator_for(schema) for schema in schemas}

    def check(inspection: Inspection) -> None:
        for fact in inspection.facts:
            validators[fact.kind].validate(dict(fact.fields))
            assert set(fact.spans) <= set(fact.fields), fact

    return check


@pytest.fixture(scope="session")
def read(valid: Callable[[Inspection], None]) -> Callable[..., Reading]:
    def reader(text: str | bytes, defaults: dict[str, str] = DEFAULTS) -> Reading:
        data = text.encode() if isinstance(text, str) else text
        result = inspect(Artifact("web/nginx.conf", "nginx", len(data)), data, knowledge(defaults))
        valid(result)
        return Reading(text if isinstance(text, str) else "", *result)

    return reader
