"""Evidence in a module that its libraries stay offline: switches of the environment set before a call."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.inspect.python.scopes import Outline
    from linter.inspect.python.values import Values
    from linter.knowledge import Knowledge
    from linter.references.apis import Api


class Offline:
    """Which switches a module sets."""

    def __init__(self, outline: Outline, values: Values, knowledge: Knowledge) -> None:
        self.switches = knowledge.get("container.offline_environment")
        self._read = (outline, values)
        self._set: set[str] | None = None

    def _is_off(self, name: str, value: object) -> bool:
        return name in self.switches and str(value) in self.switches[name]

    def variables(self) -> set[str]:
        """The switches that the module sets so that they keep a library offline."""
        if self._set is None:
            self._set = {name for name, value in _assigned(*self._read) if self._is_off(name, value)}
        return self._set

    def evidence(self, api: Api) -> str:
        """Whether a switch of an entry is set in the module; otherwise the image may still set it."""
        if not api.offline_by:
            return "no"
        return "yes" if not self.variables().isdisjoint(api.offline_by) else "no"


def _assigned(outline: Outline, values: Values) -> Iterator[tuple[str, object]]:
    """Variables that the module sets: `os.environ["K"] = "v"`, `.setdefault`, `.update`, `os.putenv`."""
    tree = outline.module.node
    for statement in _statements(tree):
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Subscript):
            target = statement.targets[0]
            if values.is_environment(target.value, outline.module):
                yield str(values.of(target.slice, outline.module)), values.of(statement.value, outline.module)
    for called in outline.calls_named({"setdefault", "putenv", "update"}):
        func = called.node.func
        if not isinstance(func, ast.Attribute):
            continue
        if func.attr != "putenv" and not values.is_environment(func.value, called.scope):
            continue
        given = [values.of(each, called.scope) for each in called.node.args]
        if func.attr == "update":
            for mapping in given:
                if isinstance(mapping, dict):
                    yield from mapping.get("dict", {}).items()
            yield from ((k.arg, values.of(k.value, called.scope)) for k in called.node.keywords if k.arg)
        elif len(given) == 2:
            yield str(given[0]), given[1]


def _statements(tree: ast.AST) -> Iterator[ast.stmt]:
    """Statements at the module's level, also inside its conditions, and those right below a function."""
    stack = list(getattr(tree, "body", []))
    while stack:
        statement = stack.pop()
        yield statement
        for field in ("body", "orelse", "finalbody"):
            stack += [each for each in getattr(statement, field, []) if isinstance(each, ast.stmt)]
        stack += [each for handler in getattr(statement, "handlers", []) for each in handler.body]
