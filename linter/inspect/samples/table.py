"""The columns of a data file: of a table, of JSON by the names of members, of a text as one column of lines."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, NamedTuple

from linter.lazy import compiled

if TYPE_CHECKING:
    from collections.abc import Iterator

Cell = tuple[int, str]
"""The 1-based line on which a value begins, and the value."""

COLUMNS_LIMIT = 2_000
_DELIMITERS = ",;\t|"
_HEAD_LINES = 5
_NUMBER = compiled(r"[-+]?[0-9.,]+(?:[eE][-+]?[0-9]{1,3})?%?")
_LETTER = compiled(r"[^\W\d_]")
# A member with its value. The two parts of a string's text begin with different characters, so that time is linear.
_MEMBER = compiled(r'"([^"\\\n]{1,80})"\s{0,20}:\s{0,20}(?:"((?:[^"\\]|\\.){1,20000})"|(-?[0-9]{6,40})(?=[\s,}\]]))')


class Column(NamedTuple):
    """Values of one kind. `name` is None when nothing names them; `whole` is False for a text's lines."""

    name: str | None
    cells: list[Cell]
    whole: bool = True


class Table(NamedTuple):
    """What a data file holds, as far as it was read. `records` counts rows, documents or lines that are not empty."""

    columns: list[Column]
    records: int


def table_of(text: str, data_format: str) -> Table:
    """The columns of a text in the named format; a text that breaks its format is read as lines."""
    if data_format in ("csv", "tsv"):
        return _rows(text, "\t" if data_format == "tsv" else _delimiter(text)) or _lines(text)
    if data_format in ("json", "json-lines"):
        return _members(text) or _lines(text)
    return _lines(text)


def _lines(text: str) -> Table:
    cells = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line and not line.isspace()]
    return Table([Column(None, cells, whole=False)], len(cells))


def _delimiter(text: str) -> str:
    """The one that stands most often in the first lines, as often as it does on the line that has the fewest."""
    lines = text.split("\n", _HEAD_LINES)[:_HEAD_LINES]
    lines = [line for line in lines if line.strip()] or [""]
    return max(_DELIMITERS, key=lambda sign: min(line.count(sign) for line in lines))


def _rows(text: str, delimiter: str) -> Table | None:
    columns: list[list[Cell]] = []
    header: list[str] | None = None
    count = 0
    for line, row in _read(text, delimiter):
        if count == 0 and header is None and _is_header(row):
            header = row
            continue
        count += 1
        for number, cell in enumerate(row[:COLUMNS_LIMIT]):
            if number == len(columns):
                columns.append([])
            value = cell.strip()
            if value:
                columns[number].append((line, value))
    if not count:
        return None
    names: list[str | None] = [*(name.strip()[:80] or None for name in header or ())]
    names += [None] * (len(columns) - len(names))
    return Table([Column(name, cells) for name, cells in zip(names, columns, strict=False)], count)


def _read(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line on which each begins. Ends where the text is no table any more."""
    reader = csv.reader((line + "\n" for line in text.replace("\0", "").split("\n")), delimiter=delimiter)
    line = 1
    try:
        for row in reader:
            if row:
                yield line, row
            line = reader.line_num + 1
    except csv.Error:  # such as a field beyond the module's limit
        return


def _is_header(row: list[str]) -> bool:
    """Whether a first row names columns: words, no numbers, addresses or long texts."""
    cells = [cell.strip() for cell in row]
    named = [cell for cell in cells if cell]
    return bool(named) and all(
        len(cell) <= 80 and "@" not in cell and not _NUMBER.fullmatch(cell) and _LETTER.search(cell) for cell in named
    )


def _members(text: str) -> Table | None:
    columns: dict[str, list[Cell]] = {}
    line, at, most = 1, 0, 0
    for found in _MEMBER.finditer(text):
        line += text.count("\n", at, found.start())
        at = found.start()
        cells = columns.setdefault(found[1], []) if len(columns) < COLUMNS_LIMIT else columns.get(found[1])
        if cells is not None:
            cells.append((line, (found[2] or found[3]).strip()))
            most = max(most, len(cells))
    return Table([Column(name, cells) for name, cells in columns.items()], most) if columns else None
