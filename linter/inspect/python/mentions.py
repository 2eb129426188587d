"""Places of the platform that code names without a call that opens them: constants, joined paths, variables.

Most files name none; a search for the needles of the table `file_calls` keeps them out.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Any

from linter.inspect.python.files import MENTION, blank
from linter.inspect.python.forms import small
from linter.inspect.python.guards import is_main
from linter.inspect.python.scopes import MAIN_PART, MODULE, inner_nodes
from linter.lazy import compiled
from linter.model import Fact, Location

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from linter.inspect.code import Code
    from linter.inspect.python.place import Places
    from linter.inspect.python.scopes import Part, Scope
    from linter.inspect.python.values import Values
    from linter.knowledge import Knowledge

MENTIONS_LIMIT = 200
"""Mentions of one module that become facts."""
_ASSIGNED = compiled(r"^[ \t]{0,40}(?:self\.)?([A-Za-z_]\w{0,60})[ \t]{0,20}(?::[^=\n]{0,80})?=(?!=)", re.MULTILINE)
_ROUNDS = 2
"""Assignments from one to another that are followed."""
_STATEMENT = 3
"""Lines that an assignment may begin before the one that holds a needle."""
_NAMES = 200
_JOINING = frozenset({"join", "joinpath", "Path", "PurePath", "PosixPath", "format"})


class _Words:
    """What is looked for."""

    def __init__(self, knowledge: Knowledge) -> None:
        table: Mapping[str, Any] = knowledge.get("file_calls")
        self.needles: list[str] = table["needles"]
        self.pattern = re.compile("|".join(map(re.escape, self.needles)))
        signs = table["distribution_signs"]
        self.variables = frozenset((*table["variables"], *(each for each in signs if "." not in each)))
        self.prefixes = (table["channel_variable"], table["hyperparameter_variable"])
        self.files = tuple(each for each in signs if "." in each)
        self.tree: str = knowledge.get("container.reserved_tree")


def mentions(tree: ast.Module, values: Values, places: Places, knowledge: Knowledge) -> Iterator[Fact]:
    """A `file.access` of mode `mention` for each expression that names a place or a variable of the platform."""
    words: _Words = knowledge.index("inspect.python.mentions", _Words)
    text = places.code.text
    if not any(needle in text for needle in words.needles):
        return
    found = 0
    lines = _lines(places.code, words)
    for node, scope, part in _expressions(tree, values, words, lines):
        value = _value(node, scope, values, words)
        if value is None:
            continue
        fields = blank(part, "none") | {"mode": MENTION, "argument": small(value)}
        yield Fact("file.access", Location(places.path, places.span(node)), fields)
        found += 1
        if found == MENTIONS_LIMIT:
            return


def _lines(code: Code, words: _Words) -> list[int]:
    """The lines that hold a needle, or a name that such a line gives a value to, in order."""
    text, starts = code.text, code.starts
    found = {bisect_right(starts, match.start()) for match in words.pattern.finditer(text)}
    names: set[str] = set()
    for _ in range(_ROUNDS):
        fresh: set[str] = set()
        for number in found:
            start = starts[max(number - _STATEMENT, 0)]
            end = starts[number] if number < len(starts) else len(text)
            fresh.update(_ASSIGNED.findall(text, start, end))
        fresh -= names
        if not fresh or len(fresh) > _NAMES:
            break
        names |= fresh
        held = re.compile(rf"\b(?:{'|'.join(sorted(fresh))})\b")
        found |= {bisect_right(starts, match.start()) for match in held.finditer(text)}
    return sorted(found)


def _value(node: ast.expr, scope: Scope, values: Values, words: _Words) -> Any:
    """What an expression names; None when that is nothing of the platform's."""
    if isinstance(node, ast.Constant):
        text = node.value
        if not isinstance(text, str):
            return None
        if text in words.variables or text.startswith(words.prefixes):
            return {"environment": text}
        return text if text.startswith(words.tree) or text.endswith(words.files) else None
    value = values.of(node, scope)
    return value if _names_tree(value, words) else None


def _names_tree(value: Any, words: _Words) -> bool:
    """Whether a joined text or path begins in the platform's folder, or with a variable."""
    if isinstance(value, str):
        return value.startswith((words.tree, *words.prefixes))
    if not isinstance(value, dict):
        return False
    parts = value.get("path") or value.get("join")
    first = parts[0] if isinstance(parts, list) and parts else None
    if isinstance(first, str):
        return first.startswith((words.tree, *words.prefixes))
    return isinstance(first, dict) and str(first.get("environment", "")) in words.variables


def _expressions(
    tree: ast.Module, values: Values, words: _Words, lines: list[int]
) -> Iterator[tuple[ast.expr, Scope, Part]]:
    """Constants and joined paths that touch some lines, each with its scope and part; of joined ones the whole."""
    outline = values.names.outline
    scopes = {id(each.node): each for each in outline.every}
    waiting: list[tuple[ast.AST, Scope, Part]] = [(tree, outline.module, outline.module.part)]
    while waiting:
        node, scope, part = waiting.pop()
        first: int | None = getattr(node, "lineno", None)
        if first is not None:
            at = bisect_left(lines, first)
            if at == len(lines) or lines[at] > (node.end_lineno or first):  # type: ignore[attr-defined]
                continue
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue  # a docstring
        joined = isinstance(node, ast.JoinedStr | ast.BinOp) or (isinstance(node, ast.Call) and _joins(node))
        if isinstance(node, ast.Constant) or (joined and _value(node, scope, values, words) is not None):  # type: ignore[arg-type]
            yield node, scope, part  # type: ignore[misc]
            continue
        inner = scopes.get(id(node))
        scope, part = (inner, inner.part) if inner is not None else (scope, part)
        main = isinstance(node, ast.If) and scope.kind == MODULE and is_main(node.test)
        part = outline.parts.get(MAIN_PART, part) if main else part
        waiting += [(each, scope, part) for each in reversed(inner_nodes(node))]


def _joins(node: ast.Call) -> bool:
    func = node.func
    return (func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")) in _JOINING
