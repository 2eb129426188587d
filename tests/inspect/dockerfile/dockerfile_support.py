"""What the tests of the Dockerfile inspector share: knowledge from the project's own tables, facts by kind."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from linter.inspect.dockerfile import inspect
from linter.model import Artifact, Fact, Inspection
from tests.tables import knowledge as shipped
from tests.tables import validator

if TYPE_CHECKING:
    from linter.knowledge import Knowledge

ROOT = Path(__file__).resolve().parents[3]


def check(inspection: Inspection, text: str) -> None:
    """Every fact obeys its schema and every position is inside the text."""
    lines = text.removeprefix("\ufeff").split("\n")
    for fact in inspection.facts:
        errors = [error.message for error in validator(fact.kind).iter_errors(dict(fact.fields))]
        assert not errors, (fact.kind, errors)
        assert set(fact.spans) <= set(fact.fields), fact.kind
        for span in (fact.location.span, *fact.spans.values()):
            assert (span.line, span.column) <= (span.end_line, span.end_column)
            assert 1 <= span.line <= span.end_line <= len(lines)
            assert 1 <= span.column <= len(lines[span.line - 1]) + 1
            assert 1 <= span.end_column <= len(lines[span.end_line - 1]) + 1


def read(text: str, knowledge: Knowledge | None = None) -> Inspection:
    inspection = inspect(Artifact("Dockerfile", "dockerfile"), text.encode(), knowledge or shipped())
    check(inspection, text)
    return inspection


def of(text: str, kind: str, knowledge: Knowledge | None = None) -> list[Fact]:
    return [fact for fact in read(text, knowledge).facts if fact.kind == f"dockerfile.{kind}"]


def text_at(text: str, fact: Fact, field: str | None = None) -> str:
    """What stands where a fact, or one of its fields, says that it stands."""
    span = fact.place(field).span
    lines = text.split("\n")[span.line - 1 : span.end_line]
    lines[-1] = lines[-1][: span.end_column - 1]
    lines[0] = lines[0][span.column - 1 :]
    return "\n".join(lines)
