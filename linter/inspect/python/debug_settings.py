"""Debug modes that code sets on an application that is made already: `app.debug = True`, `app.config["DEBUG"] = True`.

What stands behind a condition is left out: that is how programs leave the mode to whoever starts them. A class that
`app.config.from_object(…)` is given counts when it stands in the same file.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from linter.inspect.python.files import reach_fields
from linter.inspect.python.guards import is_main
from linter.inspect.python.scopes import CLASS, MAIN_PART
from linter.model import Fact, Location
from linter.references.apis import CALLED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from linter.inspect.python.names import Names
    from linter.inspect.python.place import Places
    from linter.inspect.python.scopes import Part, Scope
    from linter.inspect.python.values import Values
    from linter.knowledge import Knowledge


def debug_settings(names: Names, values: Values, places: Places, knowledge: Knowledge) -> Iterator[Fact]:
    """A `debug.aid` for each statement that sets the debug mode of a web application."""
    table: Mapping[str, Any] = knowledge.get("program_behaviour.debug_settings")
    if not any(needle in places.code.text for needle in table["needles"]):
        return
    roots = {name.partition(".")[0] for name in table["applications"]}
    if not any(each.module.partition(".")[0] in roots for each in names.outline.imports):
        return
    reader = _Settings(names, values, table)
    for scope in names.outline.every:
        for node, part in _statements(scope, names.outline.parts):
            name = reader.set_by(node, scope)
            if name is not None:
                fields = {"aid": "debug-server", "api": name, **reach_fields(part, "none")}
                yield Fact("debug.aid", Location(places.path, places.span(node)), fields)


def _statements(scope: Scope, parts: Mapping[str, Part]) -> Iterator[tuple[ast.stmt, Part]]:
    """The statements of a scope that always run, and what runs them."""
    body: Sequence[ast.stmt] = getattr(scope.node, "body", ()) if not isinstance(scope.node, ast.Lambda) else ()
    for node in body:
        if isinstance(node, ast.If) and is_main(node.test):
            yield from ((each, parts.get(MAIN_PART, scope.part)) for each in node.body)
        else:
            yield node, scope.part


class _Settings:
    """Tells which statements set a debug mode."""

    def __init__(self, names: Names, values: Values, table: Mapping[str, Any]) -> None:
        self.names, self.values, self.table = names, values, table
        self.applications = frozenset(table["applications"])

    def set_by(self, node: ast.stmt, scope: Scope) -> str | None:
        """What a statement sets, as it is written; None when it sets no debug mode."""
        if isinstance(node, ast.Assign):
            found = next((text for each in node.targets if (text := self._target(each, scope))), None)
            return found if found is not None and self.values.of(node.value, scope) is True else None
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            return self._call(node.value, scope)
        return None

    def _target(self, target: ast.expr, scope: Scope) -> str | None:
        if isinstance(target, ast.Attribute) and target.attr in self.table["attributes"]:
            return f".{target.attr}" if self._is_application(target.value, scope) else None
        if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
            name = target.slice.value
            if isinstance(name, str) and name in self.table["names"] and self._is_held(target.value, scope):
                return f'.config["{name}"]'
        return None

    def _call(self, node: ast.Call, scope: Scope) -> str | None:
        func = node.func
        if not isinstance(func, ast.Attribute) or not self._is_held(func.value, scope):
            return None
        if func.attr in self.table["methods"]:
            given = [(each.arg, each.value) for each in node.keywords]
            return f".config.{func.attr}" if self._switches_on(given, scope) else None
        if func.attr in self.table["class_methods"] and len(node.args) == 1:
            held = next((each.scope for each in self.names.of(node.args[0], scope) if each.scope is not None), None)
            if held is not None and held.kind == CLASS:
                given = [(name, each.node) for name, found in held.bindings.items() for each in found if each.node]
                return f".config.{func.attr}" if self._switches_on(given, held) else None
        return None

    def _switches_on(self, given: Iterable[tuple[str | None, ast.expr]], scope: Scope) -> bool:
        return any(name in self.table["names"] and self.values.of(value, scope) is True for name, value in given)

    def _is_held(self, node: ast.expr, scope: Scope) -> bool:
        """Whether an expression is the configuration of an application."""
        return (
            isinstance(node, ast.Attribute)
            and node.attr in self.table["holders"]
            and self._is_application(node.value, scope)
        )

    def _is_application(self, node: ast.expr, scope: Scope) -> bool:
        return any(each.path.replace(CALLED, "") in self.applications for each in self.names.of(node, scope))
