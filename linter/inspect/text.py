"""Bytes to text with positions. Every inspector of text starts here, so that all count lines and columns alike."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate, count
from operator import add

from linter.model import Location, Span

READ_LIMIT_BYTES = 8 * 1024 * 1024
"""Larger files are not read: no Dockerfile, configuration or request is; a notice names them."""
UTF8_BOM = b"\xef\xbb\xbf"
UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")


class NotText(Exception):
    """The bytes are not text. The message says why, in a sentence's ending."""


class Source:
    """A decoded text. Lines end at `\\n`; a `\\r` before it is no part of the line's text.

    Bytes that are not UTF-8 become replacement characters; `is_damaged` tells whether there are any.
    """

    __slots__ = ("_starts", "path", "text")

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self.text = _decode(data)
        self._starts: list[int] | None = None

    @property
    def starts(self) -> list[int]:
        """Offset of the first character of each line."""
        if self._starts is None:
            self._starts = line_starts(self.text)
        return self._starts

    def position(self, offset: int) -> tuple[int, int]:
        """1-based line and column of a character offset; an offset outside the text is moved to its nearest end."""
        offset = min(max(offset, 0), len(self.text))
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def span(self, start: int, end: int) -> Span:
        """The span of the characters from `start` up to but not including `end`."""
        line, column = self.position(start)
        size = end - start
        if size >= 0 and start >= 0 and end < (self.starts[line] if line < len(self.starts) else 0):
            return Span(line, column, line, column + size)  # within a line, as most are
        return Span(line, column, *self.position(max(start, end)))

    def location(self, start: int, end: int) -> Location:
        return Location(self.path, self.span(start, end))

    def line(self, number: int) -> str:
        """The text of a 1-based line without its line end; empty when there is no such line."""
        if not 1 <= number <= len(self.starts):
            return ""
        start = self.starts[number - 1]
        end = self.starts[number] - 1 if number < len(self.starts) else len(self.text)
        return self.text[start:end].removesuffix("\r")


def line_starts(text: str) -> list[int]:
    """Offset of the first character of each line; `\\n` ends a line."""
    lines = text.split("\n")
    lines.pop()
    return [0, *map(add, accumulate(map(len, lines)), count(1))]


def is_damaged(data: bytes) -> bool:
    """Whether bytes that are text hold some that are not UTF-8."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return not data.startswith(UTF16_BOMS) and b"\x00" not in data[:8192]
    return False


def _decode(data: bytes) -> str:
    if data.startswith(UTF16_BOMS):
        raise NotText("it is UTF-16; save it as UTF-8")
    if b"\x00" in data[:8192]:
        raise NotText("it is binary")
    return data.removeprefix(UTF8_BOM).decode("utf-8", errors="replace")
