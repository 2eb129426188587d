"""JSON that stands as text inside of another document, such as the `Details` of a change, with places in the file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from linter.document import Document, load_documents
from linter.document.base import Lines, Node, Problems
from linter.inspect.manifest.values import placeholder_in
from linter.inspect.mapped import Mapped, Part, json_string_parts

if TYPE_CHECKING:
    from linter.document import Pointer
    from linter.inspect.text import Source
    from linter.knowledge import Knowledge
    from linter.model import Span

_LONGEST = 200_000
"""Characters of a text that is brought into line with its file character by character."""
_GAP = re.compile(r"\$\{|\{\{|\{%|<%|<[A-Za-z]|%[A-Z]|@[A-Z]|__[A-Z]|file://|\$[A-Za-z_(]")
"""Marks of template languages, of shells, and of the command line's files."""


class Embedded(Document):
    """A document inside of a text value. A string's place is that of its characters, without the quotes."""

    def __init__(self, text: str, whole: Span, source: Source) -> None:
        (inner,) = load_documents(text, "json")
        super().__init__(inner.value, Lines(""), Node(0, 0), Problems())
        self.is_strict = not inner.problems
        self._inner, self._text, self._whole, self._source = inner, text, whole, source
        self._mapped = _mapped(text, whole, source)
        self._starts = _starts(text)

    def span(self, pointer: Pointer = ()) -> Span:
        return self._outside(self._inner.span(pointer))

    def key_span(self, pointer: Pointer) -> Span:
        return self._outside(self._inner.key_span(pointer))

    def _outside(self, span: Span) -> Span:
        if self._mapped is None:
            return self._whole
        start, end = (_offset(self._starts, *at) for at in _ends(span))
        if self._text[start : start + 1] == '"' and end - start > 1:
            start, end = start + 1, end - 1
        return self._source.span(*self._mapped.place(start, end))


def place_in(text: str, line: int, column: int, whole: Span, source: Source) -> Span:
    """Where a line and column of a text that could not be read stand in its file."""
    mapped = _mapped(text, whole, source)
    if mapped is None:
        return whole
    start = _offset(_starts(text), line, column)
    return source.span(*mapped.place(start, min(start + 1, len(text))))


def is_template(text: str, knowledge: Knowledge) -> bool:
    """Whether something is put into a text before it is read as JSON, or the text names a file."""
    return _GAP.search(text) is not None or placeholder_in(text, "value", knowledge) is not None


def _starts(text: str) -> list[int]:
    return [0, *(match.end() for match in re.finditer("\n", text))]


def _offset(starts: list[int], line: int, column: int) -> int:
    return starts[min(line, len(starts)) - 1] + column - 1


def _mapped(text: str, whole: Span, source: Source) -> Mapped | None:
    """The text with the offsets of its characters in the file; None when they cannot be told."""
    start, end = (_offset(source.starts, *at) for at in _ends(whole))
    raw = source.text[start:end]
    if raw[:1] == '"' and raw[-1:] == '"' and len(raw) > 1:
        parts = _unquoted(source.text, start + 1, end - 1)
        if parts is not None and "".join(part for part, _, _ in parts) == text:
            return Mapped.joined(parts, start + 1)
    at = raw.find(text) if text else -1
    if at >= 0:
        return Mapped.joined([(text, start + at, len(text))], start + at)
    return _aligned(text, raw, start)


def _ends(span: Span) -> tuple[tuple[int, int], tuple[int, int]]:
    return (span.line, span.column), (span.end_line, span.end_column)


def _unquoted(text: str, start: int, end: int) -> list[Part] | None:
    try:
        return json_string_parts(text, start, end)
    except ValueError:  # an escape that JSON does not have
        return None


def _aligned(text: str, raw: str, start: int) -> Mapped | None:
    """Block and folded texts of YAML: the same characters but for white space."""
    if not text.strip() or max(len(text), len(raw)) > _LONGEST:
        return None
    parts: list[Part] = []
    at = max(raw.find("\n"), 0) if raw[:1] in ("|", ">") else 0
    run = (0, at, 0)
    for number, sign in enumerate(text):
        while at < len(raw) and raw[at] != sign and raw[at].isspace() and not (sign.isspace() and raw[at] == "\n"):
            at += 1
        same = at < len(raw) and (raw[at] == sign or (sign.isspace() and raw[at].isspace()))
        if not same and not sign.isspace():
            return None
        if run[1] + run[2] != at or not same:
            parts.append((text[run[0] : number], start + run[1], run[2] or 1))
            run = (number, at, 0)
        if same:
            run = (run[0], run[1], run[2] + 1)
            at += 1
    parts.append((text[run[0] :], start + run[1], run[2] or 1))
    return Mapped.joined([part for part in parts if part[0]], start)
