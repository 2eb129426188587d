"""Reads sample data: whether personal data or credentials stand in it, and in which column.

Only the beginning of a file is read, and the values themselves never become part of a fact.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.inspect.samples.personal import personal_data
from linter.inspect.samples.place import format_of, place_of
from linter.inspect.samples.table import Table, table_of
from linter.inspect.text import NotText, Source
from linter.model import UNKNOWN, Fact, Inspection, Location, Notice, Span
from linter.references.secrets import secrets_in_text

_JSON = ("json", "json-lines")
_TEMPLATE = re.compile(r"\{\{|\{%|\$\{|<%")

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.knowledge import Knowledge
    from linter.model import Artifact


class _Content(NamedTuple):
    category: str
    kind: str
    words: str
    column: str | None
    basis: str
    matches: int
    span: Span


def inspect(artifact: Artifact, data: bytes, knowledge: Knowledge) -> Inspection:
    """A `data.content` for each kind of credential and of personal data in a column; a `data.file` of JSON samples."""
    path = artifact.path
    try:
        source = Source(path, data)
    except NotText as reason:
        return Inspection(notices=(Notice("data-not-text", f"not looked at as sample data: {reason}", path),))
    complete = artifact.size <= len(data)
    if not complete:
        _cut(source)
    reader = _Reader(source.text, format_of(path) or "text")
    facts = _contents(source, reader, complete, knowledge)
    if place_of(path) and reader.format in _JSON:
        facts.append(_file(artifact, source, reader, complete))
    return Inspection(tuple(facts), () if complete else (_sampled(artifact, len(data)),))


def contents_of(source: Source, data_format: str, complete: bool, knowledge: Knowledge) -> list[Fact]:
    """A `data.content` for each kind of credential and of personal data in a column of a text."""
    if not complete:
        _cut(source)
    return _contents(source, _Reader(source.text, data_format), complete, knowledge)


def _cut(source: Source) -> None:
    """Take away the last line of a beginning, which ends in its middle."""
    source.text = source.text[: source.text.rfind("\n") + 1] or source.text


def _contents(source: Source, reader: _Reader, complete: bool, knowledge: Knowledge) -> list[Fact]:
    found = [*_credentials(source, knowledge), *_personal(source, reader, knowledge)]
    return [_fact(source.path, each, reader, complete) for each in found]


class _Reader:
    """A text with its columns, which are worked out when they are first needed."""

    def __init__(self, text: str, data_format: str) -> None:
        self.text = text
        self.format = data_format
        self._table: Table | None = None

    def table(self) -> Table:
        if self._table is None:
            self._table = table_of(self.text, self.format)
        return self._table


def _credentials(source: Source, knowledge: Knowledge) -> Iterator[_Content]:
    live: dict[str, str | None] = knowledge.get("personal_data.credentials")
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for kind, start, end in secrets_in_text(source.text, knowledge):
        needed = live.get(kind)
        if kind in live and (needed is None or re.search(needed, source.text[start:end])):
            found[kind].append((start, end))
    for kind, places in found.items():
        yield _Content("credential", kind, kind.replace("-", " "), None, "text", len(places), source.span(*places[0]))


def _personal(source: Source, reader: _Reader, knowledge: Knowledge) -> Iterator[_Content]:
    for hit in personal_data(source.text, reader.table, knowledge):
        span = Span(hit.line, 1, hit.line, len(source.line(hit.line)) + 1)
        yield _Content("personal", hit.kind, hit.words, hit.column, hit.basis, hit.matches, span)


def _fact(path: str, content: _Content, reader: _Reader, complete: bool) -> Fact:
    fields: dict[str, Any] = {
        "path": path,
        "format": reader.format,
        "complete": complete,
        "place": place_of(path),
        "category": content.category,
        "content": content.kind,
        "words": content.words,
        "column": content.column,
        "basis": content.basis,
        "matches": content.matches,
        "where": f"in the column `{content.column}`" if content.column else "in its text",
        "use": UNKNOWN,
        "uploaded_to": None,
        "declared_public": UNKNOWN,
    }
    return Fact("data.content", Location(path, content.span), fields)


def _file(artifact: Artifact, source: Source, reader: _Reader, complete: bool) -> Fact:
    """The `data.file` of a file that lies or is named as samples are."""
    at = _broken_at(source.text) if complete and not _TEMPLATE.search(source.text) else None
    fields = {
        "path": artifact.path,
        "format": reader.format,
        "bytes": artifact.size,
        "broken": at is not None,
        "for_sale": UNKNOWN,
    }
    return Fact("data.file", Location(artifact.path, source.span(at or 0, (at or 0) + 1)), fields)


def _broken_at(text: str) -> int | None:
    """Where a text stops to be JSON, as a whole and with one value a line; None where it is JSON."""
    at = _error(text)
    if at is None:
        return None
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > 1 and _error(lines[0]) is None:
        offset = 0
        for line in text.splitlines(keepends=True):
            if line.strip() and (inside := _error(line)) is not None:
                return offset + min(inside, len(line) - 1)
            offset += len(line)
        return None
    return at


def _error(text: str) -> int | None:
    try:
        json.loads(text, parse_int=float, strict=False)
    except json.JSONDecodeError as error:
        return error.pos
    except (ValueError, RecursionError):
        return None
    return None


def _sampled(artifact: Artifact, read: int) -> Notice:
    size = artifact.size // 1024
    text = f"only the first {read // 1024} of {size} KiB were searched for personal data and credentials"
    return Notice("data-sampled", text, artifact.path)
