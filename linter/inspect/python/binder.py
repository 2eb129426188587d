"""Names that a walk over a module sees bound: plain targets, tuples of them, attributes of instances and classes."""

from __future__ import annotations

import ast

from linter.inspect.python.scopes import CLASS, ENVIRONMENT, STATE, Binding, Branch, Item, Scope, dotted

BINDINGS_LIMIT = 64
"""Bindings of one name that are kept: of more, the first and the very last."""


class Binder:
    """Keeps what binds names, in the scope that the walk is in."""

    def __init__(self, module: Scope) -> None:
        self.scope = module
        self.scopes: dict[str, Scope] = {}
        """Functions and classes by the name of their part."""
        self.state: dict[str, list[Binding]] = {}
        self.variables: dict[str, list[Binding]] = {}
        """What variables of the environment are set to."""
        self.until = 0
        """Last line of the conditional block that the walk is in; 0 outside of any."""
        self.branch: Branch | None = None
        """The branch of a test that the walk is in; None in any other block."""

    def visit(self, node: ast.AST) -> None:
        """Walk over what stands in a target: `x` and `i` of `x[i] = …`."""
        raise NotImplementedError

    def bind(self, name: str, binding: Binding) -> None:
        scope = self.scope.elsewhere.get(name, self.scope)
        _keep(scope.bindings, name, binding)

    def _binding(self, kind: str, line: int, value: ast.expr | None, path: tuple[int, ...]) -> Binding:
        return Binding(kind, line, value, owner=self.scope, path=path, until=self.until, branch=self.branch)

    def bind_target(self, target: ast.expr, kind: str, value: ast.expr | None, path: tuple[int, ...] = ()) -> None:
        line = target.lineno
        if isinstance(target, ast.Name):
            self.bind(target.id, self._binding(kind, line, value, path))
        elif isinstance(target, ast.Tuple | ast.List):
            for number, each in enumerate(target.elts):
                self.bind_target(each, kind, value, (*path, number))
        elif isinstance(target, ast.Starred):
            self.bind_target(target.value, "opaque", None)
        elif isinstance(target, ast.Attribute):
            self._bind_attribute(target, kind, value, path)
            self.visit(target.value)
        else:
            if isinstance(target, ast.Subscript) and kind == "value" and value is not None and not path:
                self._bind_item(target, value)
            self.visit(target)

    def _bind_item(self, target: ast.Subscript, value: ast.expr) -> None:
        """`name["key"] = …`."""
        key = target.slice.value if isinstance(target.slice, ast.Constant) else None
        if isinstance(target.value, ast.Name) and isinstance(key, str):
            self._keep_item(target.value.id, key, target.lineno, value)
        elif isinstance(key, str) and dotted(target.value) == ENVIRONMENT:
            _keep(self.variables, key, self._binding("value", target.lineno, value, ()))

    def _keep_item(self, name: str, key: str, line: int, value: ast.expr) -> None:
        kept = self.scope.items.setdefault(name, [])
        if len(kept) < BINDINGS_LIMIT:
            kept.append(Item(line, key, value, self.until))

    def _bind_attribute(self, target: ast.Attribute, kind: str, value: ast.expr | None, path: tuple[int, ...]) -> None:
        """`self.x = …` in a method, `Class.x = …` anywhere."""
        if not isinstance(target.value, ast.Name):
            if isinstance(target.value, ast.Attribute) and target.value.attr == STATE:
                _keep(self.state, target.attr, Binding(kind, target.lineno, value, owner=self.scope, path=path))
            return
        name = target.value.id
        scope: Scope | None = self.scope
        while scope is not None and scope.this != name:
            scope = scope.parent
        owner = scope.of_class if scope is not None else self.scopes.get(name)
        if owner is None and name == "cls":
            owner = self.scope.of_class
        if owner is None and value is not None and kind == "value" and not path:  # of an object made of a mapping
            self._keep_item(name, target.attr, target.lineno, value)
        if owner is not None and owner.kind == CLASS:
            _keep(owner.attributes, target.attr, self._binding(kind, target.lineno, value, path))

    def bind_more(self, node: ast.AugAssign, name: str) -> None:
        """`name += value`."""
        before = ast.copy_location(ast.Name(name, ast.Load()), node)
        made = ast.copy_location(ast.BinOp(before, node.op, node.value), node)
        self.bind(name, Binding("value", node.lineno, made, owner=self.scope, until=self.until, adds=True))

    def bind_parts(self, target: ast.expr, value: ast.expr) -> None:
        """An assignment; tuples on both sides are taken apart."""
        same = isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List)
        if same and len(target.elts) == len(value.elts):  # type: ignore[attr-defined]
            for left, right in zip(target.elts, value.elts, strict=True):  # type: ignore[attr-defined]
                self.bind_parts(left, right)
            return
        self.bind_target(target, "value", value)


def _keep(found: dict[str, list[Binding]], name: str, binding: Binding) -> None:
    kept = found.setdefault(name, [])
    if len(kept) == BINDINGS_LIMIT:
        kept.pop()
    kept.append(binding)
