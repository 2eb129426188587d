"""Places of `ast` nodes in the file that holds the code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from linter.inspect.code import Code
    from linter.model import Span


class Places:
    """Turns lines and byte columns, as `ast` counts, into spans of the file."""

    def __init__(self, code: Code, path: str) -> None:
        self.code = code
        self.path = path
        self._lines: list[str] | None = None

    def offsets(self, node: Any) -> tuple[int, int]:
        """The first character of a node in the code, and the one behind it."""
        line = node.end_lineno or node.lineno
        start = self.code.offset(node.lineno, self._column(node.lineno, node.col_offset))
        end = node.col_offset if node.end_col_offset is None else node.end_col_offset
        return start, self.code.offset(line, self._column(line, end))

    def span(self, node: Any) -> Span:
        """The place of a node."""
        line, end_line = node.lineno, node.end_lineno or node.lineno
        column = self._column(line, node.col_offset)
        return self.code.span(line, column, end_line, self._column(end_line, node.end_col_offset or node.col_offset))

    def text(self, node: Any) -> str:
        """The text of a node as written."""
        start = self.code.offset(node.lineno, self._column(node.lineno, node.col_offset))
        line = node.end_lineno or node.lineno
        return self.code.text[start : self.code.offset(line, self._column(line, node.end_col_offset or 0))]

    def line(self, number: int) -> Span:
        """The place of a whole line, without the blanks before it."""
        text = self._line(number)
        start = len(text) - len(text.lstrip()) + 1
        return self.code.span(number, start, number, max(start, len(text.rstrip()) + 1))

    def _column(self, line: int, offset: int) -> int:
        """The 1-based column in code points of an offset in bytes of UTF-8."""
        text = self._line(line)
        if text.isascii():
            return offset + 1
        return len(text.encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "replace")) + 1

    def _line(self, number: int) -> str:
        starts = self.code.starts
        if not 1 <= number <= len(starts):
            return ""
        end = starts[number] if number < len(starts) else len(self.code.text)
        return self.code.text[starts[number - 1] : end].rstrip("\r\n")
