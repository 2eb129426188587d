"""What a rule is once it is loaded."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Source(NamedTuple):
    """Where a requirement is written; `read` is a date, YYYY-MM-DD."""

    document: str
    section: str
    read: str | None = None

    def __str__(self) -> str:
        return f"{self.document} > {self.section}"


class Param(NamedTuple):
    """A value that the configuration may set. `source` says where the default comes from."""

    name: str
    type: str
    default: Any
    minimum: float | None
    maximum: float | None
    description: str
    source: str


class EditTemplate(NamedTuple):
    """How a finding is mended by replacing the text of a field."""

    at: str | None
    replacement: str
    description: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `match` is JSON Schema with every `$knowledge` and `$param` filled in; `values` are the parameters."""

    id: str
    name: str
    summary: str
    requirement: tuple[str, ...]
    severity: str
    confidence: str
    on: str
    match: Mapping[str, Any]
    message: str
    why: str
    fix: str
    sources: tuple[Source, ...]
    since: str
    at: str | None = None
    variant_of: str | None = None
    """Id of the rule that says the same on stronger evidence; a suppression of either covers both."""
    tags: tuple[str, ...] = ()
    security_severity: str | None = None
    params: tuple[Param, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    edit: EditTemplate | None = None
    file: Path = Path()
    """Where the rule was read from; its examples are read from there when they are asked for."""


RULE_FAILED = Rule(
    id="MLL001",
    name="rule-failed",
    summary="A rule failed while it judged, so what it would have found is not known",
    requirement=(),
    severity="error",
    confidence="high",
    on="",
    match={},
    message="rule `{rule}` failed",
    why="A rule that fails finds nothing, which must not be taken for compliance. All other rules still judged.",
    fix="Report it with the message; for a rule of your own, mend its `match`.",
    sources=(),
    since="0.1.0",
)
"""Not a file in `rules/`: it judges rules, not facts."""
