"""What is added to mappings and lists after they were made: `given["model"] = name`, `urls.append(url)`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from linter.inspect.python.forms import PARTS_LIMIT, UNKNOWN_VALUE, any_of, iterated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from linter.inspect.python.forms import Value
    from linter.inspect.python.scopes import Called, Outline, Scope
    from linter.inspect.python.values import Values

ADDITIONS_LIMIT = 64
"""Calls that add to one name; more are not followed."""
_ADDING = frozenset({"update", "setdefault", "append", "extend"})


class Additions:
    """Calls that add to what a name stands for."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        self._found: dict[tuple[str, int], list[tuple[str, Called]]] | None = None

    def to(self, name: str, owner: Scope) -> Sequence[tuple[str, Called]]:
        """The calls that add to a name of a scope, and stand in it, with the names of what they call."""
        if self._found is None:
            self._found = {}
            for called in self._outline.calls_named(_ADDING):
                func = called.node.func
                if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name):
                    kept = self._found.setdefault((func.value.id, id(called.scope)), [])
                    if len(kept) < ADDITIONS_LIMIT:
                        kept.append((func.attr, called))
        return self._found.get((name, id(owner)), ())


def with_additions(values: Values, value: Value, name: str, line: float, owner: Scope) -> Value:
    """The mapping or list of a name with what was added to it before a line; anything else as it is."""
    if isinstance(value, list):
        return _extended(values, value, name, line, owner)
    if isinstance(value, dict) and "dict" in value:
        return {"dict": _updated(values, value["dict"], name, line, owner)}
    return value


def _updated(values: Values, members: dict[str, Value], name: str, line: float, owner: Scope) -> dict[str, Value]:
    found = members
    for item in owner.items.get(name, ()):
        if item.line < line:
            given = values.of(item.node, owner)
            if 0 < item.until < line:  # only perhaps
                given = any_of([found.get(item.key, UNKNOWN_VALUE), given])
            found = {**found, item.key: given}
    for method, addition in values.additions.to(name, owner):
        if addition.node.lineno < line:
            added = _added(values, method, addition)
            found = {**added, **found} if method == "setdefault" else {**found, **added}
    return found


def _added(values: Values, method: str, addition: Called) -> dict[str, Value]:
    """What a call adds to a mapping: `given.update(other, a=…)`, `given.setdefault("a", …)`."""
    node, scope = addition.node, addition.scope
    first = values.of(node.args[0], scope) if node.args else UNKNOWN_VALUE
    if method == "setdefault":
        return {first: values.of(node.args[1], scope)} if isinstance(first, str) and len(node.args) == 2 else {}
    if method != "update":
        return {}
    members = first.get("dict", {}) if isinstance(first, dict) else {}
    return {**members, **{each.arg: values.of(each.value, scope) for each in node.keywords if each.arg}}


def _extended(values: Values, elements: list[Value], name: str, line: float, owner: Scope) -> list[Value]:
    found = elements
    for method, addition in values.additions.to(name, owner):
        if len(found) >= PARTS_LIMIT:
            break
        if method in ("append", "extend") and addition.node.lineno < line and len(addition.node.args) == 1:
            given = values.of(addition.node.args[0], addition.scope)
            more = given if isinstance(given, list) else [iterated(given, ())]
            found = [*found, *([given] if method == "append" else more)]
    return found[:PARTS_LIMIT]
