"""Lines of an inspected file with a caret below what a finding is about."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from linter.render.escape import visible

if TYPE_CHECKING:
    from linter.model import Span

TAB = 4
"""Columns between tab stops."""
SHOWN_LINES = 3
"""Lines of a finding that are shown at most; the rest is counted."""
CUT = "…"


class ExcerptLine(NamedTuple):
    """One line to show. `number` is None for a line without one; `caret` is (offset, length) in terminal columns."""

    number: int | None
    text: str
    caret: tuple[int, int] | None = None
    context: bool = False


class _Cell(NamedTuple):
    """A character as it is shown, and how many terminal columns that takes."""

    text: str
    width: int


def excerpt(lines: list[str], span: Span, statement_line: int, width: int) -> list[ExcerptLine]:
    """The lines of a sound `span`, each at most `width` columns wide; empty when the file has no such line.

    A statement that begins above the span lends its first line, so that one sees what the span belongs to.
    """
    if not 1 <= span.line <= len(lines):
        return []
    shown: list[ExcerptLine] = []
    if 1 <= statement_line < span.line:
        shown.append(ExcerptLine(statement_line, _fitted(lines[statement_line - 1], 1, 1, width)[0], context=True))
        if statement_line < span.line - 1:
            shown.append(ExcerptLine(None, CUT, context=True))
    last = min(span.end_line, len(lines))
    if last > span.line and span.end_column == 1:  # ends before the first character of its last line
        last -= 1
    end = span.end_column if last == span.line == span.end_line else len(lines[span.line - 1].rstrip()) + 1
    text, caret = _fitted(lines[span.line - 1], span.column, end, width)
    shown.append(ExcerptLine(span.line, text, caret))
    for number in range(span.line + 1, min(last, span.line + SHOWN_LINES - 1) + 1):
        shown.append(ExcerptLine(number, _fitted(lines[number - 1], 1, 1, width)[0]))
    left = last - (span.line + SHOWN_LINES - 1)
    if left > 0:
        shown.append(ExcerptLine(None, f"{CUT} {left} more line{'' if left == 1 else 's'}", context=True))
    return shown


_PLAIN = {chr(code): _Cell(chr(code), 1) for code in (*range(32, 127), ord(CUT))}


def display_width(text: str) -> int:
    """How many terminal columns a text takes that is safe to show."""
    return len(text) if _is_plain(text) else _width(_cells(text))


def _is_plain(text: str) -> bool:
    """Whether all characters are one column wide, as in most texts: ASCII, and the sign where a text was cut."""
    return text.isprintable() and (text.isascii() or text.replace(CUT, "").isascii())


def _cells(text: str) -> list[_Cell]:
    if _is_plain(text):  # the general way takes a second for a thousand findings
        return [_PLAIN[char] for char in text]
    cells: list[_Cell] = []
    at, joined = 0, False
    for char in text:
        if char == "\t":
            size = TAB - at % TAB
            cell = _Cell(" " * size, size)
        else:
            shown = visible(char)
            cell = _Cell(shown, len(shown) if shown != char else 0 if joined else _char_width(char))
        cells.append(cell)
        at += cell.width
        joined = char == "\u200d"  # terminals draw what follows a joiner into the character before it
    return cells


def _char_width(char: str) -> int:
    if char.isascii():
        return 1
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def _fitted(line: str, start: int, end: int, width: int) -> tuple[str, tuple[int, int]]:
    """The part of a line around the 1-based columns `start` to `end` that fits, and where these stand in it."""
    mark = start - 1
    if max(len(line), mark, end) < width and _is_plain(line):  # as most lines are
        text = line.rstrip()
        return text, (mark, max(min(max(end - 1, mark), len(text)) - mark, 1))
    # A line may be a megabyte long: look only at what could be shown at all.
    first = max(start - 1 - 2 * width, 0)
    piece = line[first : start - 1 + 3 * width].rstrip()
    cells = _cells(piece)
    mark, mark_end = start - 1 - first, max(end - 1 - first, start - 1 - first)
    cut_before, cut_after = first > 0, first + len(piece) < len(line.rstrip())
    begin = 0
    if cut_before or _width(cells[:mark_end]) > width - 1:
        begin = _begin(cells, mark, max((width - _width(cells[mark:mark_end])) // 2, width // 4))
    head = CUT if cut_before or begin else ""
    whole = not head and not cut_after and _width(cells) <= width
    stop = len(cells) if whole else _stop(cells, begin, width - len(head) - len(CUT))
    tail = CUT if cut_after or stop < len(cells) else ""
    offset = len(head) + _width(cells[begin:mark]) + max(mark - len(cells), 0)
    text = head + "".join(cell.text for cell in cells[begin:stop]) + tail
    return text, (min(offset, width), max(_width(cells[mark : min(mark_end, stop)]), 1))


def _begin(cells: list[_Cell], mark: int, room: int) -> int:
    """The first cell to show, so that at most `room` columns stand before the mark."""
    begin = min(mark, len(cells))
    while begin > 0 and room >= cells[begin - 1].width:
        begin -= 1
        room -= cells[begin].width
    return begin


def _stop(cells: list[_Cell], begin: int, room: int) -> int:
    """The cell behind the last one that fits into `room` columns."""
    stop = begin
    while stop < len(cells) and room >= cells[stop].width:
        room -= cells[stop].width
        stop += 1
    return stop


def _width(cells: list[_Cell]) -> int:
    return sum(cell.width for cell in cells)
