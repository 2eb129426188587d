"""Paths that a test has seen: under `if os.path.isdir(name)`, a name that looks like a hub's is a folder."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from linter.inspect.python.scopes import effective

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from linter.inspect.python.scopes import Scope
    from linter.inspect.python.values import Values

_ASKING = frozenset({"os.path.exists", "os.path.isdir", "os.path.isfile", "os.path.lexists"})
_ASKING_METHODS = frozenset({"exists", "is_dir", "is_file"})
"""Methods of a path, without arguments."""
_SAME = frozenset({"str", "os.fspath", "pathlib.Path", "os.path.abspath", "os.path.expanduser", "os.path.realpath"})
_SAME_METHODS = frozenset({"resolve", "absolute", "expanduser", "as_posix"})
_JOINING = frozenset({"os.path.join", "pathlib.Path"})
_LEVELS = 8


def is_seen_to_exist(node: ast.expr, tests: Sequence[tuple[ast.expr, bool]], scope: Scope, values: Values) -> bool:
    """Whether one of the tests around an expression has found it, or something in it, as a path."""
    asked = [each for test, holds in tests for each in _found(test, holds, scope, values, 0)]
    if not asked:
        return False
    paths = {ast.dump(each) for each in _same(node, scope, values)}
    return any(not paths.isdisjoint(map(ast.dump, _above(each, scope, values))) for each in asked)


def _found(test: ast.expr, holds: bool, scope: Scope, values: Values, level: int) -> Iterator[ast.expr]:
    """The paths that are there when a test holds, or does not."""
    if level > _LEVELS:
        return
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        yield from _found(test.operand, not holds, scope, values, level + 1)
    elif isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) is holds:
        for each in test.values:
            yield from _found(each, holds, scope, values, level + 1)
    elif isinstance(test, ast.Name):
        held = _held(test, scope, values)
        if held is not None:
            yield from _found(held, holds, scope, values, level + 1)
    elif isinstance(test, ast.Call) and holds:
        func = test.func
        if len(test.args) == 1 and _is_one_of(func, _ASKING, scope, values):
            yield test.args[0]
        elif isinstance(func, ast.Attribute) and func.attr in _ASKING_METHODS and not test.args:
            yield func.value


def _above(node: ast.expr, scope: Scope, values: Values) -> Iterator[ast.expr]:
    """A path in all forms that it is given, and the folders that it lies in."""
    waiting, seen = [node], 0
    while waiting and seen < _LEVELS:
        seen += 1
        for each in _same(waiting.pop(), scope, values):
            yield each
            if isinstance(each, ast.BinOp) and isinstance(each.op, ast.Div):
                waiting.append(each.left)
            elif isinstance(each, ast.Call) and len(each.args) > 1 and _is_one_of(each.func, _JOINING, scope, values):
                waiting.append(each.args[0])


def _same(node: ast.expr, scope: Scope, values: Values) -> Iterator[ast.expr]:
    """An expression, and what it only gives on: what a name was set to, what `str` and `Path` are given."""
    for _ in range(_LEVELS):
        yield node
        inner = _held(node, scope, values) if isinstance(node, ast.Name) else None
        if isinstance(node, ast.Call):
            func = node.func
            if len(node.args) == 1 and _is_one_of(func, _SAME, scope, values):
                inner = node.args[0]
            elif isinstance(func, ast.Attribute) and func.attr in _SAME_METHODS and not node.args:
                inner = func.value
        if inner is None:
            return
        node = inner


def _held(node: ast.Name, scope: Scope, values: Values) -> ast.expr | None:
    """What a name was set to; None when it was set more than once, or by something else than `=`."""
    owner, bindings = values.names.bindings(node.id, scope)
    held = effective(bindings, node.lineno, owner is scope) if owner is not None else ()
    return held[0].node if len(held) == 1 and held[0].kind == "value" and not held[0].path else None


def _is_one_of(func: ast.expr, paths: frozenset[str], scope: Scope, values: Values) -> bool:
    if isinstance(func, ast.Name) and func.id in paths and values.names.bindings(func.id, scope)[0] is None:
        return True
    return any(each.kind == "path" and each.path in paths for each in values.names.of(func, scope))
