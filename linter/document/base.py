"""What both readers share: a value with the places of everything in it."""

from __future__ import annotations

import re
from bisect import bisect_right
from copy import copy
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.model import Span

if TYPE_CHECKING:
    from collections.abc import Callable

Pointer = tuple[str | int, ...]

MAX_DEPTH = 100
"""Levels of nesting that are read; real manifests have about ten."""
MAX_PROBLEMS = 100
"""Problems that are told of in one document."""
MAX_DIGITS = 64
"""A longer number stays text: nothing that reads JSON would keep it."""

HUGE = "this number cannot be kept exactly; it is read as text"


class DocumentError(Exception):
    """The text cannot be read. `message` is one sentence without position; `line` and `column` are 1-based."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message, line, column)
        self.message, self.line, self.column = message, line, column

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.message}"


COMMA = "strict JSON has no comma after the last value"
COMMENTS = "strict JSON has no comments"


class Problem(NamedTuple):
    """Something doubtful in a text that could still be read: one sentence, and where."""

    message: str
    span: Span


class Node:
    """Offsets of a value. `items` has a node for each part, `keys` the offsets of each key of a mapping.

    `size` counts the values in it, `height` its levels, both with aliases expanded.
    """

    __slots__ = ("end", "height", "items", "keys", "size", "start")

    def __init__(self, start: int, end: int, container: Any = None) -> None:
        self.start, self.end = start, end
        self.items: dict[str | int, Node] | None = None if container is None else {}
        self.keys: dict[str, tuple[int, int]] | None = {} if isinstance(container, dict) else None
        self.size = 1
        self.height = 1

    def add(self, name: str | int, node: Node, key: tuple[int, int] | None = None) -> None:
        """Note the place of a part, and of its key when this is a mapping."""
        if self.items is not None:
            self.items[name] = node
        if self.keys is not None and key is not None:
            self.keys[str(name)] = key
        self.size += node.size
        self.height = max(self.height, node.height + 1)


class Lines:
    """Offsets to lines and columns. A line ends at `\\n` alone, whatever YAML takes for a line break."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts: list[int] = []

    def position(self, offset: int) -> tuple[int, int]:
        """1-based line and column of an offset; one outside the text is moved to its nearest end."""
        if not self._starts:
            self._starts = [0, *(match.end() for match in re.finditer("\n", self.text))]
        offset = min(max(offset, 0), len(self.text))
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def span(self, start: int, end: int) -> Span:
        line, column = self.position(start)
        size = end - start
        if size >= 0 and start >= 0 and end < (self._starts[line] if line < len(self._starts) else 0):
            return Span(line, column, line, column + size)  # within a line, as most are
        return Span(line, column, *self.position(max(start, end)))

    def error(self, message: str, offset: int) -> DocumentError:
        return DocumentError(message, *self.position(offset))


class Problems(list[tuple[str, int, int]]):
    """Problems by offset while a text is read; of more than MAX_PROBLEMS the rest is dropped."""

    def tell(self, message: str, start: int, end: int) -> None:
        if len(self) < MAX_PROBLEMS:
            self.append((message, start, end))


class Document:
    """One value with the places of everything in it. Do not change `value`: aliases share their parts."""

    def __init__(
        self, value: Any, lines: Lines, places: Node | Callable[[], Node], problems: Problems, relaxed: bool = False
    ) -> None:
        self.value = value
        self.relaxed = relaxed
        """JSON only: something was tolerated that strict JSON forbids; `problems` say what."""
        self.open: frozenset[Pointer] = frozenset()
        """Mappings and lists that may have more in them than is known; none in a text."""
        self._told = problems
        self._text = lines.text
        self._place: Callable[[int, int], Span] = lines.span
        self._places = places
        self._spans: dict[Pointer, Span] = {}

    @classmethod
    def empty(cls) -> Document:
        return cls(None, Lines(""), Node(0, 0), Problems())

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is doubtful in the text, in its order."""
        return tuple(Problem(message, self._place(start, end)) for message, start, end in self._told)

    def moved(self, place: Callable[[int, int], Span]) -> Document:
        """The same document, of a text that stands in another one. `place` turns offsets of characters into spans."""
        document = copy(self)
        document._place, document._spans = place, {}
        return document

    def at(self, pointer: Pointer) -> tuple[Any, Node]:
        """The value at a path that exists, and its places."""
        value = self.value
        for part in pointer:
            value = value[part]
        return value, self._find(pointer)[0]

    def grafted(self, pointer: Pointer, value: Any, places: Node) -> Document:
        """A document with another value, that stands at `places`, at a path that exists."""
        document = copy(self)
        document._spans = {}
        above = [self.at(pointer[:depth]) for depth in range(len(pointer))]
        for (outer, node), part in zip(reversed(above), reversed(pointer), strict=True):
            outer, node = copy(outer), copy(node)
            outer[part] = value
            node.items = {**(node.items or {}), part: places}
            value, places = outer, node
        document.value, document._places = value, places
        return document

    def text_at(self, pointer: Pointer, length: int) -> str:
        """The first characters of a value as they are written."""
        node, _ = self._find(pointer)
        return self._text[node.start : min(node.end, node.start + length)]

    def span(self, pointer: Pointer = ()) -> Span:
        """Where the value at a path of keys and indexes stands; the nearest value above it when there is none."""
        span = self._spans.get(pointer)
        if span is None:
            node, _ = self._find(pointer)
            span = self._spans[pointer] = self._place(node.start, node.end)
        return span

    def offsets(self, pointer: Pointer = ()) -> tuple[int, int]:
        """As `span`, in offsets of the text."""
        node, _ = self._find(pointer)
        return node.start, node.end

    def key_offsets(self, pointer: Pointer) -> tuple[int, int]:
        """As `key_span`, in offsets of the text."""
        parent, depth = self._find(pointer[:-1])
        if pointer and depth == len(pointer) - 1 and parent.keys is not None and pointer[-1] in parent.keys:
            return parent.keys[str(pointer[-1])]
        return self.offsets(pointer)

    def key_span(self, pointer: Pointer) -> Span:
        """Where the key of the value at a path stands; for an element of a list and for an absent key as `span`."""
        parent, depth = self._find(pointer[:-1])
        if pointer and depth == len(pointer) - 1 and parent.keys is not None and pointer[-1] in parent.keys:
            return self._place(*parent.keys[str(pointer[-1])])
        return self.span(pointer)

    def _find(self, pointer: Pointer) -> tuple[Node, int]:
        if not isinstance(self._places, Node):
            self._places = self._places()
        node = self._places
        for depth, part in enumerate(pointer):
            if node.items is None or part not in node.items:
                return node, depth
            node = node.items[part]
        return node, len(pointer)


def short(text: str) -> str:
    """A piece of a text that is safe to quote in a sentence."""
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:59] + "…"
