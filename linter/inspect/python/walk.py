"""One walk over a module's tree that finds its scopes, bindings, calls, imports, and what each part mentions."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from linter.inspect.python.binder import Binder
from linter.inspect.python.guards import NOTHING, Guard, Guards, is_main, is_type_checking
from linter.inspect.python.scopes import (
    CLASS,
    FUNCTION,
    INNER,
    MAIN,
    MAIN_PART,
    MODULE,
    Binding,
    Branch,
    Called,
    Decorated,
    Import,
    Outline,
    Part,
    Scope,
    dotted,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class _Walk(Binder):
    def __init__(self, tree: ast.Module, switches: Sequence[str]) -> None:
        part = Part("", MODULE, 1)
        self.module = Scope(MODULE, "", tree, None, part)
        super().__init__(self.module)
        self.guards = Guards(tuple(switches))
        self.parts: dict[str, Part] = {"": part}
        self.calls: list[Called] = []
        self.calls_by_name: dict[str, list[int]] = {}
        self.imports: list[Import] = []
        self.decorated: list[Decorated] = []
        self.every = [self.module]
        self.comprehensions: dict[int, Scope] = {}
        self.part = part
        self.guard = NOTHING
        self.tried = False
        """Whether errors of the code at hand are handled."""

    # --- the walk

    def visit(self, node: ast.AST) -> None:
        _VISITORS[type(node)](self, node)

    def visit_all(self, nodes: list[ast.stmt] | list[ast.expr]) -> None:
        for node in nodes:
            _VISITORS[type(node)](self, node)

    def block(self, nodes: list[ast.stmt], guard: Guard | None = None, branch: Branch | None = None) -> None:
        """Statements that run in some cases only."""
        if not nodes:
            return
        before = self.guard, self.until, self.branch
        self.guard, self.until, self.branch = guard or self.guard, nodes[-1].end_lineno or nodes[-1].lineno, branch
        self.visit_all(nodes)
        self.guard, self.until, self.branch = before

    # --- names that are mentioned

    def name(self, node: ast.Name) -> None:
        self.part.references[node.id] = None

    def attribute(self, node: ast.Attribute) -> None:
        text = dotted(node)
        if text is not None:
            self.part.references[text] = None
            if text.startswith(("self.", "cls.")):
                self.part.attributes.update(dict.fromkeys(text.split(".")[1:]))
            return
        inner: ast.expr = node
        while isinstance(inner, ast.Attribute):
            self.part.attributes[inner.attr] = None
            inner = inner.value
        self.visit(inner)

    def call(self, node: ast.Call) -> None:
        func = node.func
        name = func.attr if type(func) is ast.Attribute else func.id if type(func) is ast.Name else ""
        self.calls_by_name.setdefault(name, []).append(len(self.calls))
        self.calls.append(Called(node, self.scope, self.part, self.guard))
        self.visit(func)
        for each in node.args:
            _VISITORS[type(each)](self, each)
        for keyword in node.keywords:
            self.visit(keyword.value)

    # --- names that are bound

    def assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self.bind_parts(target, node.value)

    def annotated(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)
        if isinstance(node.target, ast.Name):
            binding = Binding(
                "value" if node.value is not None else "opaque", node.lineno, node.value,
                owner=self.scope, until=self.until, annotation=node.annotation,
            )  # fmt: skip
            self.bind(node.target.id, binding)
        elif node.value is not None:
            self.bind_target(node.target, "value", node.value)

    def augmented(self, node: ast.AugAssign) -> None:
        self.visit(node.value)
        if not isinstance(node.target, ast.Name):
            self.visit(node.target)
        elif isinstance(node.op, ast.Add):
            self.bind_more(node, node.target.id)
        else:
            self.bind_target(node.target, "opaque", None)

    def named(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        before = self.scope
        while self.scope.kind == "comprehension" and self.scope.parent is not None:
            self.scope = self.scope.parent
        self.bind_target(node.target, "value", node.value)
        self.scope = before

    def import_(self, node: ast.Import) -> None:
        for each in node.names:
            alias = each.asname or each.name.partition(".")[0]
            self._import(alias, each.name if each.asname else alias, node.lineno)
            self._note_import(each.name, 0, None, alias if each.asname else each.name.partition(".")[0], node.lineno)

    def import_from(self, node: ast.ImportFrom) -> None:
        module, level = node.module or "", node.level or 0
        start = "." * level + module
        for each in node.names:
            alias = each.asname or each.name
            target = f"{start}{'' if start.endswith('.') or not start else '.'}{each.name}"
            self._import(alias, target, node.lineno)
            self._note_import(module, level, each.name, alias, node.lineno)

    def _import(self, alias: str, target: str, line: int) -> None:
        if not target.startswith("__future__"):
            self.bind(alias, Binding("import", line, target=target, owner=self.scope, until=self.until))

    def _note_import(self, module: str, level: int, name: str | None, alias: str | None, line: int) -> None:
        guard = "main" if self.part.name == MAIN_PART else self.guard.for_import
        optional = self.tried or bool(self.guard.tests) or self.guard.kind != NOTHING.kind
        self.imports.append(Import(self.part.name, module, level, name, alias, line, guard, optional))

    # --- scopes

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for each in node.decorator_list:
            self.visit(each)
            if not isinstance(each, ast.Call):
                self.decorated.append(Decorated(each, self.scope, self.part, self.guard))
        self._defaults(node.args)
        annotations = [each.annotation for each in _arguments(node.args)]
        for annotation in (*annotations, node.returns):
            if annotation is not None and not isinstance(annotation, ast.Constant):
                self.visit(annotation)
        scope = self._open(FUNCTION, node.name, node)
        scope.decorators = node.decorator_list
        self.bind(node.name, Binding("scope", node.lineno, scope=scope, owner=self.scope, until=self.until))
        self._parameters(scope, node.args)
        if self.scope.kind == CLASS and scope.parameters and not _is_static(node):
            scope.this = scope.parameters[0]
        scope.part.decorators = [name for each in node.decorator_list if (name := _decorator(each))]
        scope.part.parameters = scope.parameters
        self._inside(scope, node.body)

    def class_(self, node: ast.ClassDef) -> None:
        for expression in (*node.decorator_list, *node.bases):
            self.visit(expression)
        for keyword in node.keywords:
            self.visit(keyword.value)
        scope = self._open(CLASS, node.name, node)
        self.bind(node.name, Binding("scope", node.lineno, scope=scope, owner=self.scope, until=self.until))
        scope.part.decorators = [name for each in node.decorator_list if (name := _decorator(each))]
        scope.part.bases = [name for each in node.bases if (name := dotted(each))]
        self._inside(scope, node.body)

    def _open(self, kind: str, name: str, node: ast.AST) -> Scope:
        outer = self.scope
        while outer.kind not in (MODULE, FUNCTION, CLASS) and outer.parent is not None:
            outer = outer.parent
        name = f"{outer.name}.{name}" if outer.name else name
        part = self.parts.get(name) or Part(name, kind, getattr(node, "lineno", 1))
        self.parts[name] = part
        scope = Scope(kind, name, node, self.scope, part)
        self.scopes[name] = scope
        self.every.append(scope)
        return scope

    def _inside(self, scope: Scope, body: list[ast.stmt]) -> None:
        before = self.scope, self.part, self.guard, self.until, self.branch
        self.scope, self.part, self.until, self.branch = scope, scope.part, 0, None
        if scope.kind == FUNCTION:
            self.guard = NOTHING
        self.visit_all(body)
        self.scope, self.part, self.guard, self.until, self.branch = before

    def _defaults(self, arguments: ast.arguments) -> None:
        for default in (*arguments.defaults, *arguments.kw_defaults):
            if default is not None:
                self.visit(default)

    def _parameters(self, scope: Scope, arguments: ast.arguments) -> None:
        positional = [*arguments.posonlyargs, *arguments.args]
        missing = len(positional) - len(arguments.defaults)
        defaults = [None] * missing + list(arguments.defaults)
        pairs = [*zip(positional, defaults, strict=True)]
        pairs += zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        for argument, default in pairs:
            scope.parameters.append(argument.arg)
            scope.bindings[argument.arg] = [
                Binding("parameter", argument.lineno, default, owner=self.scope, annotation=argument.annotation)
            ]
        for rest, kind in ((arguments.vararg, "rest"), (arguments.kwarg, "keywords")):
            if rest is not None:
                scope.bindings[rest.arg] = [Binding(kind, rest.lineno, path=(len(positional),))]

    def lambda_(self, node: ast.Lambda) -> None:
        self._defaults(node.args)
        before = self.scope
        self.scope = Scope("lambda", before.name, node, before, self.part)
        self.every.append(self.scope)
        self._parameters(self.scope, node.args)
        self.visit(node.body)
        self.scope = before

    def comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> None:
        before = self.scope
        self.scope = self.comprehensions[id(node)] = Scope("comprehension", before.name, node, before, self.part)
        self.every.append(self.scope)
        for each in node.generators:
            self.visit(each.iter)
            self.bind_target(each.target, "item", each.iter)
            self.visit_all(each.ifs)
        if isinstance(node, ast.DictComp):
            self.visit(node.key)
            self.visit(node.value)
        else:
            self.visit(node.elt)
        self.scope = before

    def global_(self, node: ast.Global) -> None:
        self.scope.elsewhere.update(dict.fromkeys(node.names, self.module))

    def nonlocal_(self, node: ast.Nonlocal) -> None:
        for name in node.names:
            scope = self.scope.parent
            while scope is not None and (scope.kind != FUNCTION or name not in scope.bindings):
                scope = scope.parent
            if scope is not None:
                self.scope.elsewhere[name] = scope

    # --- statements with blocks

    def for_(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        self.bind_target(node.target, "item", node.iter)
        self.block(node.body)
        self.block(node.orelse)

    def while_(self, node: ast.While) -> None:
        self.visit(node.test)
        self.block(node.body)
        self.block(node.orelse)

    def with_(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            self.visit(item.context_expr)
            if item.optional_vars is not None:
                self.bind_target(item.optional_vars, "enter", item.context_expr)
        self.visit_all(node.body)

    def if_(self, node: ast.If) -> None:
        if is_main(node.test) and self.scope is self.module:
            before = self.part
            self.part = self.parts.setdefault(MAIN_PART, Part(MAIN_PART, MAIN, node.lineno))
            self.visit_all(node.body)
            self.part = before
            self.block(node.orelse)
            return
        self.visit(node.test)
        body, orelse = self.guards.of_branches(node.test, self.guard, self._held)
        if is_type_checking(node.test):
            body = Guard("type_checking")
        always = self.until == 0
        self.block(node.body, body, Branch(node.test, True, always))
        self.block(node.orelse, orelse, Branch(node.test, False, always))
        self.guard = self.guards.after(node, self.guard, self._held)  # until the block or the function ends

    def _held(self, name: str) -> ast.expr | None:
        """What a name of the scope at hand was last set to."""
        bindings = self.scope.bindings.get(name)
        return bindings[-1].node if bindings else None

    def if_expression(self, node: ast.IfExp) -> None:
        self.visit(node.test)
        before = self.guard
        self.guard = before.under(node.test, True)
        self.visit(node.body)
        self.guard = before.under(node.test, False)
        self.visit(node.orelse)
        self.guard = before

    def try_(self, node: ast.Try | ast.TryStar) -> None:
        before, self.tried = self.tried, self.tried or bool(node.handlers)
        self.block(node.body)
        self.tried = before
        for handler in node.handlers:
            if handler.type is not None:
                self.visit(handler.type)
            if handler.name:
                self.bind(handler.name, Binding("opaque", handler.lineno, until=self.until))
            self.block(handler.body, self.guard.within("fallback"))
        self.block(node.orelse)
        self.visit_all(node.finalbody)

    def match(self, node: ast.Match) -> None:
        self.visit(node.subject)
        for case in node.cases:
            for pattern in ast.walk(case.pattern):
                name = getattr(pattern, "name", None) or getattr(pattern, "rest", None)
                if isinstance(name, str):
                    self.bind(name, Binding("opaque", node.lineno, until=node.end_lineno or node.lineno))
            if case.guard is not None:
                self.visit(case.guard)
            self.block(case.body)

    def return_(self, node: ast.Return) -> None:
        if node.value is not None:
            self.visit(node.value)
            function = self._function()
            if function is not None:
                function.returns.append(node.value)

    def yield_(self, node: ast.Yield) -> None:
        """What a context manager hands out that is written as a generator counts as what it returns."""
        if node.value is not None:
            self.visit(node.value)
            function = self._function()
            if function is not None and function.is_context_manager:
                function.returns.append(node.value)

    def _function(self) -> Scope | None:
        """The function that the code at hand stands in."""
        scope: Scope | None = self.scope
        while scope is not None and scope.kind != FUNCTION:
            scope = scope.parent
        return scope


def outline_of(tree: ast.Module, switches: Sequence[str]) -> Outline:
    """Scopes, bindings, calls and mentions of a module. The tree must not be nested deeper than `parse` lets through.

    `switches`: beginnings of names by which code switches something on for some runs only.
    """
    walk = _Walk(tree, switches)
    walk.visit_all(tree.body)
    found = (walk.calls, walk.imports, walk.decorated, walk.every, walk.calls_by_name, walk.state, walk.variables)
    return Outline(walk.module, walk.parts, walk.scopes, *found, walk.comprehensions)


def _nothing(walk: _Walk, node: ast.AST) -> None:
    """Nothing is in it."""


def _visit_fields(walk: _Walk, node: ast.AST) -> None:
    """What has no meaning by itself: only what is in it counts."""
    for name in INNER[type(node)]:
        value = getattr(node, name, None)
        if type(value) is list:
            for each in value:
                if isinstance(each, ast.AST):
                    _VISITORS[type(each)](walk, each)
        elif isinstance(value, ast.AST):
            _VISITORS[type(value)](walk, value)


class _Visitors(dict[type[ast.AST], "Callable[[_Walk, Any], None]"]):
    """What to do with a node, by its class. Kept outside of the walk, which would hold itself by its own methods."""

    def __missing__(self, kind: type[ast.AST]) -> Callable[[_Walk, Any], None]:
        self[kind] = _visit_fields if kind._fields else _nothing
        return self[kind]


_VISITORS = _Visitors(
    {
        ast.Constant: _nothing,
        ast.Name: _Walk.name,
        ast.Attribute: _Walk.attribute,
        ast.Call: _Walk.call,
        ast.Import: _Walk.import_,
        ast.ImportFrom: _Walk.import_from,
        ast.FunctionDef: _Walk.function,
        ast.AsyncFunctionDef: _Walk.function,
        ast.ClassDef: _Walk.class_,
        ast.Lambda: _Walk.lambda_,
        ast.ListComp: _Walk.comprehension,
        ast.SetComp: _Walk.comprehension,
        ast.GeneratorExp: _Walk.comprehension,
        ast.DictComp: _Walk.comprehension,
        ast.Assign: _Walk.assign,
        ast.AnnAssign: _Walk.annotated,
        ast.AugAssign: _Walk.augmented,
        ast.NamedExpr: _Walk.named,
        ast.For: _Walk.for_,
        ast.AsyncFor: _Walk.for_,
        ast.With: _Walk.with_,
        ast.AsyncWith: _Walk.with_,
        ast.If: _Walk.if_,
        ast.IfExp: _Walk.if_expression,
        ast.While: _Walk.while_,
        ast.Try: _Walk.try_,
        ast.TryStar: _Walk.try_,
        ast.Match: _Walk.match,
        ast.Return: _Walk.return_,
        ast.Yield: _Walk.yield_,
        ast.Global: _Walk.global_,
        ast.Nonlocal: _Walk.nonlocal_,
    }
)


def _arguments(arguments: ast.arguments) -> list[ast.arg]:
    rest = [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *rest]


def _decorator(node: ast.expr) -> str | None:
    return dotted(node.func if isinstance(node, ast.Call) else node)


def _is_static(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(isinstance(each, ast.Name) and each.id == "staticmethod" for each in node.decorator_list)
