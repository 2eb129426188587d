"""Caches that code moves by the variables of libraries, `os.environ["HF_HOME"] = "…"`: facts `file.access`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from linter.inspect.python.files import blank
from linter.inspect.python.forms import small
from linter.model import Fact, Location

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.inspect.python.place import Places
    from linter.inspect.python.scopes import Scope
    from linter.inspect.python.values import Values
    from linter.knowledge import Knowledge

CACHE = "cache"


def moved_caches(values: Values, places: Places, knowledge: Knowledge) -> Iterator[Fact]:
    """A fact for each variable of a cache that the module sets to a path."""
    names = frozenset(knowledge.get("container.cache_environment"))
    if "environ" not in places.code.text or not any(name in places.code.text for name in names):
        return
    for scope in values.names.outline.every:
        for key, value, node in _set(scope, values):
            if key in names:
                given = values.of(value, scope)
                if isinstance(given, str | dict):
                    fields = blank(scope.part, "none") | {"api": key, "mode": CACHE, "argument": small(given)}
                    yield Fact("file.access", Location(places.path, places.span(node)), fields)


def _set(scope: Scope, values: Values) -> Iterator[tuple[str, ast.expr, ast.stmt]]:
    """What the statements of a scope that always run set in the environment."""
    body = getattr(scope.node, "body", ()) if not isinstance(scope.node, ast.Lambda) else ()
    for node in body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            target = node.targets[0]
            if isinstance(target.slice, ast.Constant) and values.is_environment(target.value, scope):
                yield str(target.slice.value), node.value, node
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            call = node.value
            func = call.func
            setting = isinstance(func, ast.Attribute) and func.attr == "setdefault" and len(call.args) == 2
            if setting and isinstance(call.args[0], ast.Constant) and values.is_environment(func.value, scope):  # type: ignore[attr-defined]
                yield str(call.args[0].value), call.args[1], node
