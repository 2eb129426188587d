"""Physical lines to statements: parser directives, comments, continuations, here-documents and template tags.

A statement's text is joined as BuildKit joins it, and every character of it remembers where it stands in the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from linter.inspect.mapped import Mapped
from linter.references.patterns import GO_SPACE

if TYPE_CHECKING:
    from linter.inspect.text import Source

UNSEEN = "\ufdd0"
"""Stands in a text for a part that cannot be known. A noncharacter: no file has reason to hold it."""

MAX_LINE = 65_535
"""BuildKit refuses longer lines."""

DIRECTIVES = ("syntax", "escape", "check")
TAGS = (("{{", "}}"), ("{%", "%}"), ("{#", "#}"), ("<%", "%>"))


class Statement(NamedTuple):
    """One logical line. `line` is its first physical line; `overlong` when a line is beyond what BuildKit reads."""

    text: Mapped
    line: int
    overlong: bool = False


class Reader:
    """Gives the statements of a file one by one; after one with here-documents, `heredoc` reads their contents."""

    def __init__(self, source: Source, template: bool = False) -> None:
        self.text = source.text
        self.starts = source.starts
        self.count = len(self.starts) - (self.starts[-1] == len(self.text))
        self.at = 0
        self.escape = "\\"
        self.directives: dict[str, str] = {}
        self.problems: list[tuple[int, str]] = []
        self._directives_end = False
        self._template = template

    def __iter__(self) -> Reader:
        return self

    def __next__(self) -> Statement:
        while self.at < self.count:
            number = self.at
            line, start = self._line(number)
            self.at += 1
            body = line.lstrip(GO_SPACE)
            start += len(line) - len(body)
            self._directive(body, number)
            if not body or body.startswith("#"):
                continue
            if self._template and self._tag(body, start):
                continue
            return self._statement(body, start, number)
        raise StopIteration

    def heredoc(self, name: str, chomp: bool) -> tuple[list[tuple[str, int, int]], bool, int]:
        """The lines up to the terminator as parts, whether it was found, and the offset of the end."""
        parts: list[tuple[str, int, int]] = []
        end = self.starts[min(self.at, self.count - 1)] if self.count else 0
        while self.at < self.count:
            line, start = self._line(self.at)
            self.at += 1
            end = start + len(line)
            if (line.lstrip("\t") if chomp else line) == name:
                return parts, True, end
            kept = line.lstrip("\t") if chomp else line
            parts.append((kept, end - len(kept), len(kept)))
            if self.at < self.count or self.text.endswith("\n"):
                parts.append(("\n", end, 1))
        return parts, False, end

    def _line(self, index: int) -> tuple[str, int]:
        start = self.starts[index]
        end = self.starts[index + 1] if index + 1 < len(self.starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n"), start

    def _statement(self, body: str, start: int, number: int) -> Statement:
        origin, overlong = start, len(body) > MAX_LINE
        parts: list[tuple[str, int, int]] = []
        goes_on, body = self._continued(body)
        self._add(parts, body, start)
        while goes_on and self.at < self.count:
            line, start = self._line(self.at)
            self.at += 1
            self._directives_end = True
            overlong = overlong or len(line) > MAX_LINE
            stripped = line.lstrip(GO_SPACE)
            if not stripped or stripped.startswith("#"):
                continue
            if self._template and stripped.startswith(("{%", "{#")) and self._tag(stripped, start):
                continue
            goes_on, line = self._continued(line)
            self._add(parts, line, start)
        return Statement(Mapped.joined(parts, origin), number + 1, overlong)

    def _continued(self, line: str) -> tuple[bool, str]:
        bare = line.rstrip(" \t")
        if bare.endswith(self.escape) and (len(bare) == 1 or bare[-2] != self.escape):
            return True, bare[:-1]
        return False, line

    def _add(self, parts: list[tuple[str, int, int]], text: str, start: int) -> None:
        if not self._template:
            parts.append((text, start, len(text)))
            return
        at = 0
        for low, high in _tags(text):
            parts.append((text[at:low], start + at, low - at))
            parts.append((UNSEEN, start + low, high - low))
            at = high
        parts.append((text[at:], start + at, len(text) - at))

    def _tag(self, body: str, start: int) -> bool:
        """Steps over a line that is only template control, with its further lines when the tag is closed there."""
        for opening, closing in TAGS:
            if body.startswith(opening):
                end = self.text.find(closing, start)
                while end >= 0 and self.at < self.count and self.starts[self.at] <= end:
                    self.at += 1
                return True
        return False

    def _directive(self, line: str, number: int) -> None:
        if self._directives_end:
            return
        name, equals, value = line[1:].partition("=")
        name = name.strip(GO_SPACE).lower()
        value = value.strip(GO_SPACE)
        if not line.startswith("#") or not equals or not value or name not in DIRECTIVES:
            self._directives_end = True
        elif name in self.directives:
            self.problems.append((number, f"the parser directive `{name}` stands twice"))
        else:
            self.directives[name] = value
            if name == "escape" and value in ("\\", "`"):
                self.escape = value
            elif name == "escape":
                self.problems.append((number, "the parser directive `escape` must be a backslash or a backtick"))


def _tags(text: str) -> list[tuple[int, int]]:
    found, at = [], 0
    ends = {opening: closing for opening, closing in TAGS if opening in text and closing in text}
    while ends:
        starts = [(text.find(opening, at), opening) for opening in ends]
        low, opening = min(((low, o) for low, o in starts if low >= 0), default=(-1, ""))
        if low < 0:
            break
        close = text.find(ends[opening], low + 2)
        if close < 0:
            del ends[opening]
            continue
        found.append((low, close + 2))
        at = close + 2
    return found


def starts_tag(text: str) -> bool:
    """Whether a line begins with a tag of a template language."""
    return text.startswith(tuple(opening for opening, _ in TAGS))


def holds_tag(text: str) -> bool:
    """Whether a complete template tag stands in the text."""
    return bool(_tags(text))
