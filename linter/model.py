"""The few types that every step shares. All are frozen, picklable and free of syntax trees."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

UNKNOWN = "unknown"
"""Value of a fact's field that cannot be known statically. `None` means known to be absent."""

CONFIGURATION = "<configuration>"
"""The name under which the configuration of a built image stands among the image's files."""

SEVERITIES = ("error", "warning", "note")
"""From worst to mildest; also SARIF's `level`."""

CONFIDENCES = ("high", "medium", "low")


class Span(NamedTuple):
    """A range of text: 1-based lines and columns, columns in Unicode code points, end column exclusive."""

    line: int = 1
    column: int = 1
    end_line: int = 1
    end_column: int = 1

    def lies_in(self, other: Span) -> bool:
        """Whether all of it stands inside another range of the same text."""
        return other[:2] <= self[:2] and self[2:] <= other[2:]


class Location(NamedTuple):
    """A span in a file. `path` is relative to the base folder of the run, with `/` between its parts."""

    path: str
    span: Span = Span()

    @property
    def line(self) -> int:
        return self.span.line


class Step(NamedTuple):
    """One step of the way on which code is reached, such as an import or a call. `text` says on one line what is done
    at `location` to get to the next step.
    """

    location: Location
    text: str


class Artifact(NamedTuple):
    """A thing to inspect. `kind` is what `discover` took it for; the inspector of that kind reads it."""

    path: str
    kind: str
    size: int = 0
    executable: bool | None = None


class Value:
    """Compares, hashes and shows a frozen dataclass by its fields, as dataclasses would. They would also compile three
    functions for each class at every start, which takes longer than to check a small file with them.
    """

    __slots__: tuple[str, ...] = ()

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.__slots__)

    def __hash__(self) -> int:
        return hash(tuple(getattr(self, name) for name in self.__slots__))

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__slots__)
        return f"{type(self).__qualname__}({shown})"


EMPTY: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Fact(Value):
    """Something true about an artifact.

    `fields` holds plain JSON values and obeys `schemas/facts/<kind>.schema.json`; every field of the schema is there.
    `location` is the whole statement that the fact was read from; `spans` says where single fields stand in it.
    """

    kind: str
    location: Location
    fields: Mapping[str, Any]
    spans: Mapping[str, Span] = field(default_factory=dict)
    trace: tuple[Step, ...] = ()
    """How what the fact is about is reached, first step first; the fact's own location is where the way ends."""
    elsewhere: Mapping[str, str] | None = None
    """Of facts about values that code puts together: the files of those `spans` that are not in the location's file."""

    def __getitem__(self, name: str) -> Any:
        return self.fields[name]

    def with_fields(self, **changes: Any) -> Fact:
        """The same fact with some fields worked out further; refuses a field that the fact does not have."""
        strangers = changes.keys() - self.fields.keys()
        if strangers:
            raise KeyError(f"{self.kind} has no field {sorted(strangers)}")
        return replace(self, fields={**self.fields, **changes})

    def with_trace(self, trace: Iterable[Step]) -> Fact:
        """The same fact with the way on which it is reached."""
        return replace(self, trace=tuple(trace))

    def place(self, name: str | None) -> Location:
        """Where a field stands, or the whole statement when the field has no place of its own."""
        span = self.spans.get(name) if name else None
        if span is None or name is None:
            return self.location
        return Location((self.elsewhere or {}).get(name, self.location.path), span)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Notice(Value):
    """What was not inspected, or not fully, and why: one sentence with its remedy."""

    code: str
    message: str
    path: str | None = None
    span: Span | None = None
    level: str = "note"


class Inspection(NamedTuple):
    """What one inspector has to say about one artifact."""

    facts: tuple[Fact, ...] = ()
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Edit(Value):
    """A replacement of text that would mend a finding."""

    location: Location
    replacement: str
    description: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Suppression(Value):
    """Why a finding is not shown: an inline comment or an entry of the configuration."""

    origin: str
    reason: str | None
    location: Location | None = None


class Inside(NamedTuple):
    """Where in a built image a finding is, and the place in the repository that stands for it."""

    image: str
    path: str
    """Absolute path in the image; empty when the finding is about the image as a whole."""
    layer: str | None
    """Digest of the layer that brought the file."""
    step: str | None
    """What made that layer, as the image's history tells it."""
    anchor: Location


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Finding(Value):
    """A rule broken at a location."""

    rule: str
    name: str
    severity: str
    confidence: str
    message: str
    location: Location
    statement: Location
    requirement: tuple[str, ...]
    kind: str = ""
    related: tuple[tuple[Location, str], ...] = ()
    edits: tuple[Edit, ...] = ()
    suppression: Suppression | None = None
    trace: tuple[Step, ...] = ()
    """How `location` is reached, first step first; `location` itself is not among the steps."""
    inside: Inside | None = None
    """Set when `location` is in a built image."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Report(Value):
    """All that a renderer may know about one run."""

    findings: tuple[Finding, ...]
    suppressed: tuple[Finding, ...]
    notices: tuple[Notice, ...]
    artifacts: tuple[Artifact, ...]
    rules: Collection[Any]
    """The enabled rules (`linter.judge.rule.Rule`), in order of id; those of a run are loaded when they are listed."""
    sources: Mapping[str, str] = field(default_factory=dict)
    """Text of the files that have findings, for excerpts and line hashes."""
    base: str = "."
    """Absolute path of the folder that all paths are relative to."""
    fail_on: str = "error"
    exit_code: int = 0
    requirements: tuple[Any, ...] = ()
    """The catalog's requirements (`linter.judge.coverage.Requirement`), in the catalog's order."""
    seconds: float = 0.0
    cached: int = 0
    """How many artifacts were not inspected again, because they are as they were in an earlier run."""
    error: str | None = None
    """Set when something inside mllint failed; the rest of the report still holds."""
