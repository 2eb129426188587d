"""Variables of the environment that code sets, and by which a library finds its server: `MLFLOW_TRACKING_URI`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from linter.inspect.python.scopes import FUNCTION, MODULE
from linter.model import Fact, Location
from linter.references.apis import VARIABLE, api_table
from linter.references.destination import Arguments, judge_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.inspect.python.place import Places
    from linter.inspect.python.scopes import Outline, Scope
    from linter.inspect.python.values import Values
    from linter.knowledge import Knowledge

STATEMENTS_LIMIT = 20_000
_SHOWN = 120


def set_variables(outline: Outline, values: Values, places: Places, knowledge: Knowledge) -> Iterator[Fact]:
    """A `python.call` for each assignment to such a variable, as if the code called what says the same."""
    variables = api_table(knowledge).variables
    if "environ" not in places.code.text or not any(name in places.code.text for name in variables):
        return
    for scope in outline.every:
        if scope.kind not in (MODULE, FUNCTION):
            continue
        for node, guard in _nodes(scope):
            for name, value in _set(node, scope, values):
                if name in variables:
                    yield _fact(variables[name], values.of(value, scope), (node, scope, guard), places, knowledge)


def _fact(entry: str, value: object, found: tuple[ast.AST, Scope, str], places: Places, knowledge: Knowledge) -> Fact:
    from linter.inspect.python.calls import as_json, blank

    node, scope, guard = found
    api, given = api_table(knowledge).named(entry), Arguments((value,))
    verdict = judge_of(knowledge).judge(api, given)
    arguments = as_json(given, api)
    fields = blank(VARIABLE, scope.part.name, places.text(node)[:_SHOWN], guard)
    fields |= {"api": entry, "category": api.category, "reason": api.reason, "mode": api.mode, "offline": "no"}
    fields |= {"argument": arguments["positional"][0], "arguments": arguments}
    fields |= {"destination": verdict.destination, "target": verdict.target}
    return Fact("python.call", Location(places.path, places.span(node)), fields)


def _set(node: ast.AST, scope: Scope, values: Values) -> Iterator[tuple[str, ast.expr]]:
    """The variables that a node sets: `os.environ["K"] = v`, `.setdefault("K", v)`, `.update({"K": v}, K=v)`."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Subscript) and values.is_environment(target.value, scope):
                yield str(values.of(target.slice, scope)), node.value
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        call = node.value
        if not isinstance(call.func, ast.Attribute) or not values.is_environment(call.func.value, scope):
            return
        if call.func.attr == "setdefault" and len(call.args) == 2:
            yield str(values.of(call.args[0], scope)), call.args[1]
        elif call.func.attr == "update":
            yield from ((each.arg, each.value) for each in call.keywords if each.arg)
            for mapping in call.args:
                if isinstance(mapping, ast.Dict):
                    pairs = zip(mapping.keys, mapping.values, strict=True)
                    yield from ((str(values.of(key, scope)), value) for key, value in pairs if key is not None)


def _nodes(scope: Scope) -> Iterator[tuple[ast.AST, str]]:
    """The assignments and bare expressions of a scope, with what guards them."""
    body = getattr(scope.node, "body", ())
    stack: list[tuple[ast.AST, str]] = [(each, "none") for each in body] if isinstance(body, list) else []
    seen = 0
    while stack and seen < STATEMENTS_LIMIT:
        node, guard = stack.pop()
        seen += 1
        if isinstance(node, ast.Assign | ast.Expr):
            yield node, guard
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.expr):
            inner = "condition" if isinstance(node, ast.If | ast.ExceptHandler) else guard
            stack += [(each, inner) for each in ast.iter_child_nodes(node)]
