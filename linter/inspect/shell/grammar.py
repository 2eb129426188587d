"""Bash syntax trees within bounds of time and memory. Offsets in them are those of characters."""

from __future__ import annotations

import sys
from functools import cache
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from linter.lazy import compiled

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator

    from tree_sitter import Node, Parser

TEXT_LIMIT = 1 << 20
"""Characters of a text that are read; the rest is left out."""

# tree-sitter-bash takes memory by the square of the number of pipes in one pipeline, and time by the square of a few
# other repetitions. A text with more pipes than this is read in pieces; a long one that takes longer than this is
# given up. Only the form of `parse` that asks for pieces of the text can be given up, and it never frees a piece, so
# that form is kept for long texts, and the same piece is given when it is asked for again.
PIPES_LIMIT = 1500
SECONDS_LIMIT = 3.0
SHORT = 16384
PIECE_LIMIT = 8192
READ_SIZE = 128

# The grammar lets `[ … ]` go on over line ends, so that it can swallow statements up to a `]` far below (the AWS sample
# `if [ $? -ne 0 ]`). To the shell `[` is the name of a program like any other; the grammar is shown a letter in its
# place, while all texts are still taken from the original.
_TEST_PROGRAM = compiled(r"(?<![^\s;&|(!{])\[(?=[ \t])")

# The grammar's own scanner reads outside of its tables, and crashes, on characters far from ASCII. It is shown a dot in
# their place, which to the shell is part of a word and of no name as well. So one byte is one character throughout.
_NOT_SHOWN = compiled(r"[^\x01-\x7f]")

# The grammar cuts a word at its second variable: `$A/$B/c` becomes `$A/$` and `B/c`, and after `NAME=` even another
# command. It is shown a dot for the sign of each variable but the first; `Reader` finds these in the text.
_WORD = compiled(r"""(?<![^\s=(;|&<>])(?:[\w./:@%+,~-]++|\$\w++|\$\{\w++\}|"\$\{?\w++\}?")++""")
_LATER_VARIABLE = compiled(r"""(?<!")\$(?=\w)""")
_CALCULATION = "(("
_CALCULATION_LIMIT = 200
"""Characters before a word in which a calculation may begin, where `$A/$B` is no word."""

_LOGICAL_LINE = compiled(r"(?:[^\n\\]|\\[\s\S])*+(?:\n|\\?\Z)")


class Tree(NamedTuple):
    """A syntax tree of a piece of text. `start` is the offset of the piece in the whole text."""

    root: Node
    start: int
    text: str

    def span(self, node: Node) -> tuple[int, int]:
        """Offsets of a node's characters in the piece."""
        return min(node.start_byte, len(self.text)), min(node.end_byte, len(self.text))

    def source(self, node: Node) -> str:
        """A node's text as written."""
        start, end = self.span(node)
        return self.text[start:end]


class Trees(NamedTuple):
    """Syntax trees of a text. `problem` is why the text was not read as one whole, in a sentence's ending, or None."""

    trees: tuple[Tree, ...]
    problem: str | None


def parse(text: str) -> Trees:
    """Syntax trees of a shell text: one as a rule, one for each line of a text that would take too long as a whole."""
    problem = None
    if len(text) > TEXT_LIMIT:
        text = text[:TEXT_LIMIT]
        problem = f"only its first {TEXT_LIMIT} characters were read"
    deadline = monotonic() + SECONDS_LIMIT
    if text.count("|") <= PIPES_LIMIT:
        tree = _tree(text, 0, deadline)
        if tree is not None:
            return Trees((tree,), problem)
    return _pieces(text)


def _pieces(text: str) -> Trees:
    deadline = monotonic() + SECONDS_LIMIT
    trees, left_out = [], False
    for start, piece in _logical_lines(text):
        if len(piece) > PIECE_LIMIT or piece.count("|") > PIPES_LIMIT // 10:
            left_out = True
            continue
        tree = _tree(piece, start, deadline)
        if tree is None:
            left_out = True
            break
        trees.append(tree)
    ending = ", and some lines not at all" if left_out else ""
    return Trees(tuple(trees), f"it is too large or too deeply nested, so it was read line by line{ending}")


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their continuation lines, and where they start; blank ones are left out."""
    at = 0
    while at < len(text):
        match = _LOGICAL_LINE.match(text, at)
        end = max(match.end(), at + 1) if match else len(text)
        if not text[at:end].isspace():
            yield at, text[at:end]
        at = end


def _tree(text: str, start: int, deadline: float) -> Tree | None:
    # Without a line end after it, the last command of an unfinished statement is lost.
    shown = _WORD.sub(_with_one_variable, _TEST_PROGRAM.sub("t", text))
    data = (_NOT_SHOWN.sub(".", shown) + "\n").encode("ascii")
    if monotonic() > deadline:
        return None
    parser = _parser()
    parser.reset()
    try:
        if len(data) <= SHORT:
            parsed = parser.parse(data)
        else:
            parsed = parser.parse(_reader(data), progress_callback=lambda _offset, _error: monotonic() > deadline)
    except ValueError:  # what a halted parse raises
        parser.reset()
        return None
    return Tree(parsed.root_node, start, text)


def _with_one_variable(word: re.Match[str]) -> str:
    text, start = word[0], word.start()
    first = text.find("$") + 1
    if "$" not in text[first:] or _CALCULATION in word.string[max(start - _CALCULATION_LIMIT, 0) : start]:
        return text
    return text[:first] + _LATER_VARIABLE.sub(".", text[first:])


def _reader(data: bytes) -> Callable[[int, object], bytes]:
    pieces: dict[int, bytes] = {}

    def read(offset: int, _point: object) -> bytes:
        piece = pieces.get(offset)
        if piece is None:
            piece = pieces[offset] = data[offset : offset + READ_SIZE]
        return piece

    return read


@cache
def _parser() -> Parser:
    from tree_sitter import Language, Parser

    return Parser(Language(_bash()))


def _bash() -> object:
    """The grammar. Its package loads importlib.resources, tempfile and more for queries that are not used here, which
    takes longer than to parse; so its one module is loaded alone where that can be done.
    """
    from importlib.machinery import PathFinder
    from importlib.util import module_from_spec

    name = "tree_sitter_bash"
    package = PathFinder.find_spec(name)
    spec = PathFinder.find_spec(f"{name}._binding", package.submodule_search_locations) if package else None
    if name in sys.modules or spec is None or spec.loader is None:
        from tree_sitter_bash import language

        return language()
    binding = module_from_spec(spec)
    spec.loader.exec_module(binding)
    return binding.language()
