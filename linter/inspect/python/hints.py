"""The names by which code takes a value that it does not tell: what else goes by them may say where the value leads."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from linter.inspect.python.names import Names
    from linter.inspect.python.scopes import Binding, Scope

_NAMES = 6
"""Names of one value; of more nobody knows which one counts."""
_STEPS = 4
"""Assignments that are followed from one name to the next."""
_BINDINGS = 4
"""Assignments of one name that are looked at."""
_GETTERS = frozenset({"get", "getenv", "pop", "setdefault"})
_FORMS = frozenset({"str", "Path", "abspath", "expanduser", "strip", "lower"})
"""Calls that give back what they are given, in another form."""


def names_of(node: ast.expr, scope: Scope, names: Names) -> list[str]:
    """The last names of the names, attributes and members that an expression takes its value from, each once."""
    found: dict[str, None] = {}
    for name in _names(node, scope, names, 0):
        found[name] = None
        if len(found) >= _NAMES:
            break
    return list(found)


def _names(node: ast.expr, scope: Scope, names: Names, steps: int) -> Iterator[str]:
    if steps > _STEPS:
        return
    if isinstance(node, ast.Name):
        yield node.id
        owner, bindings = names.bindings(node.id, scope)
        if owner is not None:
            yield from _assigned(bindings[:_BINDINGS], owner, names, steps)
    elif isinstance(node, ast.Attribute):
        yield node.attr
        owner = scope.of_class
        if owner is not None and names.is_own(node.value, scope):
            yield from _assigned(owner.attributes.get(node.attr, ())[:_BINDINGS], owner, names, steps)
    elif isinstance(node, ast.Subscript):
        if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
            yield node.slice.value
    elif isinstance(node, ast.Call) and node.args:
        yield from _called(node, scope, names, steps)
    elif isinstance(node, ast.IfExp):
        yield from _names(node.body, scope, names, steps + 1)
        yield from _names(node.orelse, scope, names, steps + 1)
    elif isinstance(node, ast.BoolOp):
        for each in node.values:
            yield from _names(each, scope, names, steps + 1)


def _assigned(bindings: Sequence[Binding], owner: Scope, names: Names, steps: int) -> Iterator[str]:
    for binding in bindings:
        node = binding.node if binding.kind == "value" else None
        for at in binding.path:  # `name, place = given["name"], given["place"]`
            node = node.elts[at] if isinstance(node, ast.Tuple) and at < len(node.elts) else None
        if node is not None:
            yield from _names(node, binding.owner or owner, names, steps + 1)


def _called(node: ast.Call, scope: Scope, names: Names, steps: int) -> Iterator[str]:
    """The key that is asked for, or what a call gives back in another form."""
    func, first = node.func, node.args[0]
    name = func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
    if name in _GETTERS and isinstance(first, ast.Constant) and isinstance(first.value, str):
        yield first.value
    elif name in _FORMS:
        yield from _names(first, scope, names, steps + 1)
