"""Where LibCST's nodes stand, counted as `ast` counts: lines from 1, columns from 0 in bytes of UTF-8."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Place = tuple[int, int, int, int]
Made = TypeVar("Made")


class Places:
    """The text, the places of its nodes, and what every conversion needs."""

    def __init__(self, text: str, positions: Mapping[Any, Any]) -> None:
        self.positions = positions
        self.lines = text.split("\n")
        self.plain = text.isascii()
        self.semicolons: dict[int, tuple[int, int]] = {}  # by the identity of the statement before: where they end

    def convert(self, node: Any) -> Any:
        """The `ast` node for a statement or an expression that is read, not bound."""
        return getattr(self, type(node).__name__)(node)

    def optional(self, node: Any) -> Any:
        return getattr(self, type(node).__name__)(node) if node is not None else None

    def make(self, kind: Callable[..., Made], node: Any, /, **fields: Any) -> Made:
        """An `ast` node of a kind that stands where `node` stands."""
        line, column, end_line, end_column = self.place(node)
        return kind(**fields, lineno=line, col_offset=column, end_lineno=end_line, end_col_offset=end_column)

    def place(self, node: Any) -> Place:
        found = self.positions[node]
        start, end = found.start, found.end
        if self.plain:
            return start.line, start.column, end.line, end.column
        return start.line, self.column(start), end.line, self.column(end)

    def column(self, position: Any) -> int:
        """The column in bytes of a position that counts characters."""
        column: int = position.column
        before = self.lines[position.line - 1][:column]
        return column if self.plain or before.isascii() else len(before.encode("utf-8", "surrogatepass"))

    def start(self, node: Any) -> tuple[int, int]:
        return self.place(node)[:2]

    def end(self, node: Any) -> tuple[int, int]:
        return self.place(node)[2:]

    def within_parentheses(self, node: Any) -> dict[str, Any]:
        """From the innermost parentheses around a node up to their end."""
        return span(*self.start(node.lpar[-1]), *self.end(node.rpar[0]))

    def outer(self, node: Any) -> Place:
        """From the outermost parentheses around a node, if there are any, up to their end."""
        if not node.lpar:
            return self.place(node)
        return *self.start(node.lpar[0]), *self.end(node.rpar[-1])

    def end_at_last(self, made: Any, element: Any, last: Any = None) -> None:
        """A sequence without brackets ends with its last element, or with the comma after it, before white space.

        `last` is what was made of that element, when its place is more exact.
        """
        comma = element.comma
        if hasattr(comma, "whitespace_after"):
            made.end_lineno, made.end_col_offset = self.start(comma.whitespace_after)
        elif last:
            made.end_lineno, made.end_col_offset = last.end_lineno, last.end_col_offset
        else:
            *_, made.end_lineno, made.end_col_offset = self.place(element)

    def like(self, made: Any) -> dict[str, Any]:
        """The place of a node that is made already."""
        return span(made.lineno, made.col_offset, made.end_lineno, made.end_col_offset)

    def name(self, node: Any) -> str:
        """An identifier; the interpreter takes those that look alike for one."""
        value: str = node.value
        return value if value.isascii() else unicodedata.normalize("NFKC", value)

    def source(self, start: Any, end: Any) -> str:
        """The text between two positions that count characters."""
        lines = self.lines[start.line - 1 : end.line]
        lines[-1] = lines[-1][: end.column]
        lines[0] = lines[0][start.column :]
        return "\n".join(lines)


def span(line: int, column: int, end_line: int, end_column: int) -> dict[str, Any]:
    return {"lineno": line, "col_offset": column, "end_lineno": end_line, "end_col_offset": end_column}
