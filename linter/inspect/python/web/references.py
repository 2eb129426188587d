"""Which object an expression means: a name of the file, or one that only other files know."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from linter.inspect.python.scopes import MODULE, Binding, Scope, dotted

if TYPE_CHECKING:
    from linter.inspect.python.names import Names
    from linter.inspect.python.web.table import Frameworks

_DEPTH = 8
ELSEWHERE = "@"
"""Stands before a dotted name of another file: `@pkg.app`, `@pkg.create_app()`, with leading dots when relative."""


class References:
    """Names for the objects of one module.

    `app` of the module's level, `create_app.app` of a function, `Service.app` of a class, `#12` for what a call at a
    line makes and no name holds.
    """

    def __init__(self, names: Names, table: Frameworks) -> None:
        self.names = names
        self.table = table

    def of(self, node: ast.expr | None, scope: Scope, depth: int = 0) -> str | None:
        """The name of what an expression means; None when nothing is known."""
        if node is None or depth > _DEPTH:
            return None
        if isinstance(node, ast.Attribute):
            return self._attribute(node, scope, depth)
        if isinstance(node, ast.Call):
            return self._result(node, scope, depth)
        if isinstance(node, ast.Await):
            return self.of(node.value, scope, depth + 1)
        return self._name(node, scope, depth) if isinstance(node, ast.Name) else None

    def _name(self, node: ast.Name, scope: Scope, depth: int) -> str | None:
        owner, bindings = self.names.bindings(node.id, scope)
        if owner is None:
            return f"{ELSEWHERE}{node.id}" if self.names.stars else None
        made = [each for each in bindings if each.kind in ("value", "enter") and not each.path]
        for binding in reversed(made):
            if isinstance(binding.node, ast.Call) and self._makes(binding.node, binding.owner or owner):
                return own_name(owner, node.id)
        last = bindings[-1]
        if last.kind == "import":
            return f"{ELSEWHERE}{last.target}"
        if last.kind == "scope" and last.scope is not None:
            return last.scope.name
        if last.kind in ("value", "enter") and last.node is not None and not last.path:
            return self.of(last.node, last.owner or owner, depth + 1) or own_name(owner, node.id)
        return None

    def _attribute(self, node: ast.Attribute, scope: Scope, depth: int) -> str | None:
        if node.attr in self.table.through and self._has_through(node.value, scope):
            return self.of(node.value, scope, depth + 1)
        for meaning in self.names.of(node.value, scope):
            if meaning.kind in ("instance", "class") and meaning.scope is not None:
                return f"{meaning.scope.name}.{node.attr}"
        base = self.of(node.value, scope, depth + 1)
        return f"{base}.{node.attr}" if base is not None and base.startswith(ELSEWHERE) else None

    def _has_through(self, node: ast.expr, scope: Scope) -> bool:
        """Whether an expression is an application that takes routes through an attribute, as aiohttp's `router`."""
        paths = (self.table.last_part(each.path) for each in self.names.of(node, scope))
        made = (self.table.made.get(path) for path in paths)
        return any(each is not None and self.table.frameworks[each.framework].get("through") for each in made)

    def _result(self, node: ast.Call, scope: Scope, depth: int) -> str | None:
        if self._makes(node, scope):
            return f"#{node.lineno}"
        for meaning in self.names.of(node.func, scope):
            if meaning.kind == "function" and meaning.scope is not None:
                for value in reversed(meaning.scope.returns):
                    found = self.of(value, meaning.scope, depth + 1)
                    if found is not None:
                        return found
        text = dotted(node.func)
        if text is None:
            return None
        base = self.of(node.func, scope, depth + 1)
        return f"{base}()" if base is not None and base.startswith(ELSEWHERE) else None

    def _makes(self, node: ast.Call, scope: Scope) -> bool:
        """Whether a call makes an application or a router."""
        for meaning in self.names.of(node.func, scope):
            if meaning.kind == "path" and self.table.last_part(meaning.path) in self.table.made:
                return True
            if meaning.kind == "class" and meaning.scope is not None:
                bases = self.names.bases(meaning.scope)
                if any(self.table.last_part(base.path) in self.table.made for base in bases):
                    return True
        return False


def own_name(owner: Scope, name: str) -> str:
    """The name that a scope's name has in the module."""
    return name if owner.kind == MODULE or not owner.name else f"{owner.name}.{name}"


def holders(names: Names) -> dict[int, str]:
    """Which name holds what a call makes, by the identity of the call."""
    found: dict[int, str] = {}
    for scope in names.outline.every:
        for name, bindings in (*scope.bindings.items(), *scope.attributes.items()):
            for binding in bindings:
                _hold(found, binding, own_name(scope, name))
    return found


def _hold(found: dict[int, str], binding: Binding, name: str) -> None:
    if isinstance(binding.node, ast.Call) and binding.kind in ("value", "enter") and not binding.path:
        found.setdefault(id(binding.node), name)
