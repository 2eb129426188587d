"""What the functions of a script are called with: `fetch https://example.com/weights.bin` gives `$1` in `fetch`."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from linter.inspect.shell.words import ARGUMENTS_LIMIT, is_word
from linter.lazy import compiled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from linter.inspect.shell.words import Reader

_MOVED = compiled(r"\b(?:shift|set\s+--)(?![\w-])")
_CALLS_LIMIT = 100
"""Calls of one function that are read."""
_NODES_LIMIT = 200_000
"""Nodes of a script that are looked at for calls."""


class Functions:
    """The calls in one syntax tree, collected when its first function is read."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._calls: dict[str, list[Node]] | None = None

    def given(self, name: str, function: Node) -> tuple[str | None, ...] | None:
        """What a function is called with, by position; of addresses, one stands for all. None when nothing is known."""
        if self._calls is None:
            self._calls = {}
            for node in _commands(self._reader.tree.root):
                called = node.child_by_field_name("name")
                if called is not None:
                    self._calls.setdefault(self._reader.tree.source(called), []).append(node)
        calls = self._calls.get(name, [])
        if not calls or len(calls) > _CALLS_LIMIT or _MOVED.search(self._reader.tree.source(function)):
            return None
        return tuple(map(_one, zip_longest(*map(self._arguments, calls))))

    def _arguments(self, call: Node) -> list[str | None]:
        words = (word for child in call.named_children if is_word(child) for word in self._reader.words(child))
        return [word.value for word in words][:ARGUMENTS_LIMIT]


def _one(values: tuple[str | None, ...]) -> str | None:
    """What stands for the values that calls give."""
    first = values[0]
    same = all(each == first for each in values) or all("://" in (each or "") for each in values)
    return first if same else None


def _commands(root: Node) -> Iterator[Node]:
    waiting, seen = [root], 0
    while waiting and seen < _NODES_LIMIT:
        node = waiting.pop()
        seen += 1
        if node.type == "command":
            yield node
        waiting.extend(reversed(node.named_children))
