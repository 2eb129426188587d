"""Turns a text of Python into an `ast` tree, whatever version of Python it is written for.

The interpreter's own parser comes first: it is fast, and no text crashes it. What it refuses may be newer than it; that
LibCST reads, and `newer_syntax` turns it into `ast` nodes. What neither reads, as Python 2, gets a problem and a line.
"""

from __future__ import annotations

import ast
import re
import sys
from typing import Any, Literal, NamedTuple

from linter.collecting import without_collections
from linter.inspect.python.plain import parse_plain

MAX_DEPTH = 150
"""Levels of nodes inside of one another; what walks a tree may recurse. Of 6,000 real files one (a long chain of `+`)
has 85, the others have at most 33."""
NARROW = 50
"""Nodes of at most so many characters are not looked into: no more levels fit."""
RECURSION_LIMIT = 4_000
"""Python frames that LibCST and the conversion may take for what `check_nesting` let through: some 8 for each level."""
TOO_DEEP = f"nested too deeply (more than {MAX_DEPTH} levels)"

MAX_CHARACTERS = 2_000_000
"""A tree takes up to 140 bytes for each character: as much memory as a worker may have."""
MAX_NEWER_CHARACTERS = 400_000
"""The same of LibCST and the conversion, which take five times as much."""

MAX_DOTS = 2_000
"""Parts of one dotted name: the interpreter takes time quadratic in them for `import a.b.c…`."""

MAX_LEFT_OUT = 4
"""Lines that a text may be read without. Of 8,900 real files 23 do not parse; most of these have one such line."""

_PLACEHOLDER = re.compile(r"<([^<>'\"=\\]{0,80})>")
"""What somebody was to fill in: `host=<address of the server>`. In quotes it takes as many columns; one that says
nothing (`host=<>`) becomes a name of which nothing is known."""
_NAME = re.compile(r"[\w.\s\\]++")
_MAGIC = re.compile(r"[ \t]*(?:%%?[A-Za-z_]|!|\?)")
_PYTHON_2 = "Missing parentheses in call to"


class Parsed(NamedTuple):
    """A tree and what read it, or why there is none and in which line (from 1), when that is known."""

    tree: ast.Module | None
    by: Literal["ast", "libcst"] | None = None
    problem: str | None = None
    line: int | None = None
    beyond: bool = False
    """Whether a bound of mllint's, and no mistake in the text, is why there is no tree."""
    left_out: tuple[int, ...] = ()
    """Lines that do not parse, and that the tree lacks. With a tree, `problem` and `line` tell of the first line that
    does not parse, left out or read as it seems meant: no interpreter runs the text."""


def parse(text: str) -> Parsed:
    """The tree of a module; nothing is run. Never raises, and takes bounded time and memory.

    Lines of IPython (`%%time`, `%pip …`, `!ls`, `?x`) are left out when the text does not parse as it stands.
    """
    with without_collections():
        return _parse_cell(text.removeprefix("\ufeff"))


def parse_most(text: str) -> Parsed:
    """As `parse`; a text that does not parse because of a few lines is read without these (`left_out`)."""
    found = parse(text)
    if found.tree is not None or found.beyond or found.line is None or len(text) > MAX_NEWER_CHARACTERS:
        return found
    if (found.problem or "").startswith(_PYTHON_2):
        return found
    with without_collections():
        return _without_faults(text.removeprefix("\ufeff").split("\n"), found)


def _without_faults(lines: list[str], found: Parsed) -> Parsed:
    """The tree without the lines at which the parser stops, one after the other; `found` when these are too many."""
    left_out: list[int] = []
    line = found.line or 1
    for _ in range(MAX_LEFT_OUT):
        if line > len(lines):
            break
        attempt = _without_fault(lines, line)
        lines[line - 1] = attempt.instead
        left_out += [line] if attempt.is_left_out else []
        if attempt.tree is not None:
            whole = _bounded(attempt.tree, "ast")
            told = whole._replace(problem=found.problem, line=found.line, left_out=tuple(left_out))
            return found if whole.beyond else told
        if attempt.stopped <= line:
            break
        line = attempt.stopped
    return found


class _Attempt(NamedTuple):
    """What comes of a text with another line in place of one: a tree, or the line (from 1) where the parser stops."""

    instead: str
    is_left_out: bool
    tree: ast.Module | None
    stopped: int


def _without_fault(lines: list[str], line: int) -> _Attempt:
    """The best that can be put in place of a line: what gets the parser furthest, of two that do the later one here.

    A line of a statement that goes on is best left out whole, a block's only statement is not. The first line of a
    block that nobody indented is kept, one column further right.
    """
    before = lines[line - 1]
    kept = (_PLACEHOLDER.sub(r'"\1"', before.replace("<>", "__")), f" {before}")
    attempts = [_Attempt(before, False, None, line)]
    for instead in dict.fromkeys((_emptied(before), "", *kept)):
        if instead != before:
            text = "\n".join((*lines[: line - 1], instead, *lines[line:]))
            attempts.append(_Attempt(instead, instead not in kept, *_tree_of(text)))
    return max(reversed(attempts), key=lambda each: (each.tree is not None, each.stopped))


def _tree_of(text: str) -> tuple[ast.Module | None, int]:
    """The tree, or the line (from 1) at which the parser stops; 0 when it does not say."""
    try:
        return parse_plain(text), 0
    except SyntaxError as error:
        return None, error.lineno or 0
    except (ValueError, RecursionError, MemoryError):
        return None, 0


def _parse_cell(text: str) -> Parsed:
    first = _parse(text)
    if first.tree is not None:
        return first
    without = _without_magics(text)
    if without is None:
        return first
    second = _parse(without)
    return second if second.tree is not None or (second.line or 0) > (first.line or 0) else first


_WITHOUT_WIDTH = 20
"""Levels that a node in one line may have beyond one for each byte: statements of one expression, pieces of f-strings,
contexts and operators."""


def depth_of(tree: ast.AST, narrow: int = -1, enough: int = 0) -> int:
    """How many nodes lie inside of one another, the outermost included, found without recursion.

    Nodes that stand in one line and are at most `narrow` bytes wide count as if they had nothing in them. So do those
    that are too narrow to reach a depth of `enough`: up to there the result may be too small, and never beyond.
    """
    depth, level = 0, [tree]
    while level:
        depth += 1
        skipped = max(narrow, enough - depth - _WITHOUT_WIDTH)
        below: list[ast.AST] = []
        for node in level:
            fields: dict[str, Any] = node.__dict__
            in_one_line = fields.get("end_lineno", 0) == fields.get("lineno")
            if in_one_line and fields["end_col_offset"] - fields["col_offset"] <= skipped:
                continue
            for value in fields.values():
                if type(value) is list:
                    below += [part for part in value if isinstance(part, ast.AST)]
                elif isinstance(value, ast.AST):
                    below.append(value)
        level = below
    return depth


def _parse(text: str) -> Parsed:
    if len(text) > MAX_CHARACTERS:
        return _beyond(f"too large to be parsed (more than {MAX_CHARACTERS:,} characters)")
    if text.count(".") > MAX_DOTS and any(found[0].count(".") > MAX_DOTS for found in _NAME.finditer(text)):
        return _beyond(f"a name has more than {MAX_DOTS} parts")
    try:
        tree = parse_plain(text)
    except SyntaxError as error:
        if str(error.msg).startswith(_PYTHON_2):
            return Parsed(None, None, error.msg, error.lineno)
        newer = _parse_newer(text)
        if newer.tree is not None or newer.problem:
            return newer
        return Parsed(None, None, error.msg or "invalid syntax", error.lineno)
    except ValueError as error:
        return Parsed(None, None, str(error) or "invalid text")
    except (RecursionError, MemoryError) as error:
        return _beyond(_sentence(error))
    return _bounded(tree, "ast")


def _beyond(problem: str, line: int | None = None) -> Parsed:
    return Parsed(None, None, problem, line, beyond=True)


def _bounded(tree: ast.Module, by: Literal["ast", "libcst"]) -> Parsed:
    if depth_of(tree, NARROW, MAX_DEPTH) > MAX_DEPTH:
        return _beyond(TOO_DEEP)
    return Parsed(tree, by)


def _sentence(error: BaseException) -> str:
    return "nested too deeply for the parser" if isinstance(error, RecursionError) else "too complex for the parser"


def _parse_newer(text: str) -> Parsed:
    """What LibCST makes of the text. Neither tree nor problem: it finds no more sense in it than `ast`."""
    from linter.inspect.python.nesting import TooDeep, check_nesting

    if len(text) > MAX_NEWER_CHARACTERS:
        return Parsed(None)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        check_nesting(text)
    except TooDeep as error:
        return _beyond(str(error), error.line)
    import libcst

    from linter.inspect.python.newer_syntax import convert

    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, RECURSION_LIMIT))
    try:
        return _bounded(convert(libcst.parse_module(text), text), "libcst")
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except (RecursionError, MemoryError) as error:
        return _beyond(_sentence(error))
    except BaseException:  # syntax errors, what LibCST's nodes refuse, and panics of its parser, which are no Exception
        return Parsed(None)
    finally:
        sys.setrecursionlimit(before)


def _without_magics(text: str) -> str | None:
    """The text with IPython's lines empty, or None when there are none. Lines keep their numbers.

    A line is one when no bracket or string that was opened above it is still open; that is not looked into, as text
    that parses is never changed.
    """
    lines = text.split("\n")
    found = [number for number, line in enumerate(lines) if _MAGIC.match(line)]
    for number in found:
        lines[number] = _emptied(lines[number])
    return "\n".join(lines) if found else None


def _emptied(line: str) -> str:
    """What stands for a magic: `pass` where it is indented and may be a block's only statement."""
    indent = line[: len(line) - len(line.lstrip())]
    return f"{indent}pass" if indent else ""
