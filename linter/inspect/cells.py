"""The JSON of a notebook to its cells. Saved outputs are skipped at the speed of the C parser, and never kept."""

from __future__ import annotations

import json
import re
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.inspect.mapped import Mapped, Part, json_string_parts
from linter.lazy import compiled

if TYPE_CHECKING:
    from collections.abc import Callable

CELLS_LIMIT = 5000
"""Cells of one notebook that are read; people's have some dozens."""

CODE_LIMIT = 1 << 21
"""Characters of JSON that the sources of one notebook may have; people's have some ten thousands."""

_SPACE = compiled(r"[ \t\r\n]*+")
_PYTHON = compiled(r"i?python[\d.]*|pyspark", re.I)


class BrokenNotebook(Exception):
    """The text is no notebook. The message is a sentence's ending; `at` is the offset where it goes wrong."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


class Notebook(NamedTuple):
    """The code cells of a notebook with the places of their characters; none when its kernel is not Python's.

    `prose` is what its other cells say. Of saved outputs only the places are kept, and which of them are errors.
    """

    cells: tuple[Mapped, ...]
    problem: str | None = None
    prose: tuple[Part, ...] = ()
    outputs: tuple[tuple[int, int], ...] = ()
    failed: tuple[tuple[int, int], ...] = ()


def read_cells(text: str) -> Notebook:
    """The code cells of a notebook's JSON (nbformat 2 to 4). Raises BrokenNotebook."""
    scanner = _Scanner(text)
    try:
        scanner.read()
    except (ValueError, RecursionError) as error:
        at = error.pos if isinstance(error, json.JSONDecodeError) else 0
        message = error.msg if isinstance(error, json.JSONDecodeError) else "it is nested too deeply"
        raise BrokenNotebook(f"it is no JSON: {message[:1].lower()}{message[1:]}", at) from None
    if not _is_python(scanner.metadata):
        return Notebook(())
    found = [cell for cell in scanner.cells if cell.kind == "code" and cell.parts and _may_be_python(cell.language)]
    problem = "only its first cells were read, since it holds so many or so large ones" if scanner.is_cut else None
    return Notebook(
        tuple(Mapped.joined(cell.parts, cell.parts[0][1]) for cell in found),
        problem,
        tuple(part for cell in scanner.cells if cell.kind != "code" for part in (*cell.parts, ("\n", 0, 0))),
        tuple(cell.outputs for cell in found if cell.outputs),
        tuple(cell.outputs for cell in found if cell.outputs and cell.failed),
    )


class _Cell:
    __slots__ = ("failed", "kind", "language", "outputs", "parts")

    def __init__(self) -> None:
        self.kind: Any = None
        self.language: Any = None
        self.parts: list[Part] = []
        self.outputs: tuple[int, int] | None = None
        self.failed = False


class _Scanner:
    """Goes through the levels of a notebook that are of interest, and over everything else at once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.metadata: Any = None
        self.cells: list[_Cell] = []
        self.size = 0
        self.is_cut = False
        # Numbers are never asked for; `float` takes those of any length.
        decoder: Any = json.JSONDecoder(strict=False, parse_int=float)
        self._scan = decoder.scan_once

    def read(self) -> None:
        at = self._skip(0)
        if not self.text.startswith("{", at):
            raise json.JSONDecodeError("an object is expected", self.text, at)
        at = self._skip(self._members(at, self._root))
        if at < len(self.text):
            raise json.JSONDecodeError("more text follows its end", self.text, at)

    def _root(self, key: str, at: int) -> int:
        if key == "cells":
            return self._elements(at, self._cell)
        if key == "worksheets":
            return self._elements(at, lambda inside: self._members(inside, self._sheet))
        value, end = self._value(at)
        if key == "metadata" and self.metadata is None:
            self.metadata = value
        return end

    def _sheet(self, key: str, at: int) -> int:
        return self._elements(at, self._cell) if key == "cells" else self._value(at)[1]

    def _cell(self, at: int) -> int:
        cell = _Cell()

        def member(key: str, at: int) -> int:
            if key in ("source", "input"):
                cell.parts = []
                return self._source(at, cell.parts)
            value, end = self._value(at)
            if key == "cell_type":
                cell.kind = value
            elif key == "language":
                cell.language = value
            elif key == "outputs" and value:
                cell.outputs, cell.failed = (at, end), _has_error(value)
            return end

        end = self._members(at, member)
        if len(self.cells) >= CELLS_LIMIT or self.size > CODE_LIMIT:
            self.is_cut = True
        else:
            self.cells.append(cell)
        return end

    def _source(self, at: int, parts: list[Part]) -> int:
        """A cell's text: a string, or a list of strings that are put together."""
        if self.text.startswith("[", at):
            return self._elements(at, lambda inside: self._source_line(inside, parts))
        return self._source_line(at, parts)

    def _source_line(self, at: int, parts: list[Part]) -> int:
        _, end = self._value(at)
        self.size += end - at
        if self.text.startswith('"', at) and self.size <= CODE_LIMIT:
            parts.extend(json_string_parts(self.text, at + 1, end - 1))
        return end

    def _members(self, at: int, read: Callable[[str, int], int]) -> int:
        """Reads an object; `read` gets each key with the offset of its value, and gives the offset behind that."""
        if not self.text.startswith("{", at):
            return self._value(at)[1]
        at = self._skip(at + 1)
        if self.text.startswith("}", at):
            return at + 1
        while True:
            if not self.text.startswith('"', at):
                raise json.JSONDecodeError("a key in double quotes is expected", self.text, at)
            key, at = scanstring(self.text, at + 1, False)
            at = self._skip(at)
            if not self.text.startswith(":", at):
                raise json.JSONDecodeError("`:` is expected after a key", self.text, at)
            at = self._skip(read(key, self._skip(at + 1)))
            if self.text.startswith("}", at):
                return at + 1
            at = self._comma(at)

    def _elements(self, at: int, read: Callable[[int], int]) -> int:
        if not self.text.startswith("[", at):
            return self._value(at)[1]
        at = self._skip(at + 1)
        if self.text.startswith("]", at):
            return at + 1
        while True:
            at = self._skip(read(at))
            if self.text.startswith("]", at):
                return at + 1
            at = self._comma(at)

    def _comma(self, at: int) -> int:
        if not self.text.startswith(",", at):
            raise json.JSONDecodeError("`,` or a closing bracket is expected", self.text, at)
        return self._skip(at + 1)

    def _value(self, at: int) -> tuple[Any, int]:
        try:
            value, end = self._scan(self.text, at)
        except StopIteration:
            raise json.JSONDecodeError("a value is expected", self.text, at) from None
        return value, end

    def _skip(self, at: int) -> int:
        match = _SPACE.match(self.text, at)
        return match.end() if match else at


def _has_error(outputs: Any) -> bool:
    """Whether one of the outputs of a cell is the error that it ended with."""
    kinds = (_member(each, "output_type") for each in (outputs if isinstance(outputs, list) else ()))
    return any(kind in ("error", "pyerr") for kind in kinds)


def _is_python(metadata: Any) -> bool:
    """Whether the kernel runs Python; one that tells no language is taken to, since kernels have all kinds of names."""
    told = (_member(metadata, "language_info", "name"), _member(metadata, "kernelspec", "language"))
    return all(_may_be_python(name) for name in told)


def _may_be_python(language: Any) -> bool:
    return not isinstance(language, str) or not language.strip() or bool(_PYTHON.fullmatch(language.strip()))


def _member(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value
