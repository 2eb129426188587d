"""Limits that a framework takes as a setting, and the content types that code asks for and gives back."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from linter.inspect.python.scopes import nodes_of
from linter.inspect.python.web.answers import answers_table, intercepts
from linter.inspect.servers.constants import Unknown, fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.inspect.python.scopes import Scope
    from linter.inspect.python.web.read import Reader
    from linter.knowledge import Knowledge
    from linter.model import Fact

_TYPES_LIMIT = 40


def limit_facts(reader: Reader) -> Iterator[Fact]:
    """A fact for each place that sets how large a body a framework takes."""
    table = reader.table.frameworks
    text = reader.places.code.text
    settings = ((each.get("body_setting"), name) for name, each in table.items())
    wanted = {setting: name for setting, name in settings if setting is not None and setting in text}
    if not wanted:
        return
    for scope in reader.names.outline.every:
        for node in _statements(scope):
            for name, value in _set(node, reader.table.setting_methods):
                if name in wanted:
                    size = _folded(value, reader, scope)
                    told = {"name": name, "bytes": size}
                    yield reader.made("limit", wanted[name], scope.part, node, settings=told)


def refused_sizes(reader: Reader, knowledge: Knowledge) -> Iterator[Fact]:
    """A fact for each place where middleware compares the length of a body with a number, and refuses longer ones."""
    text = reader.places.code.text
    if not all(any(mark in text for mark in marks) for marks in (reader.table.too_large, reader.table.length_marks)):
        return
    answers = answers_table(knowledge)
    for scope in reader.names.outline.scopes.values():
        if scope.kind == "function" and intercepts(scope, answers):
            yield from _refusals(scope, reader)


def _refusals(scope: Scope, reader: Reader) -> Iterator[Fact]:
    held = {
        target.id
        for node in _statements(scope)
        if isinstance(node, ast.Assign) and _is_length(node.value, reader, frozenset())
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in _statements(scope):
        if not isinstance(node, ast.If) or not any(_says(each, reader) for each in node.body):
            continue
        for test in nodes_of(node.test):
            if not isinstance(test, ast.Compare) or len(test.ops) != 1:
                continue
            sides = (test.left, test.comparators[0])
            length, limit = sides if isinstance(test.ops[0], ast.Gt | ast.GtE) else sides[::-1]
            if isinstance(test.ops[0], ast.Gt | ast.GtE | ast.Lt | ast.LtE) and _is_length(length, reader, held):
                settings = {"name": "Content-Length", "bytes": _folded(limit, reader, scope)}
                yield reader.made("limit", None, scope.part, test, settings=settings)


def _is_length(node: ast.expr, reader: Reader, held: frozenset[str] | set[str]) -> bool:
    """Whether an expression is the length of a request's body, as its header tells it."""
    for each in nodes_of(node):
        text = each.value if isinstance(each, ast.Constant) else getattr(each, "attr", getattr(each, "id", None))
        if isinstance(text, str) and (text in reader.table.length_marks or text in held):
            return True
    return False


def _says(node: ast.AST, reader: Reader) -> bool:
    """Whether a statement answers that a body is too large."""
    for each in nodes_of(node):
        if isinstance(each, ast.Constant) and str(each.value) in reader.table.too_large:
            return True
        if isinstance(each, ast.Attribute) and any(code in each.attr for code in reader.table.too_large):
            return True
    return False


def _statements(scope: Scope) -> Iterator[ast.stmt]:
    """The statements of a scope, those in functions and classes inside of it left out."""
    waiting: list[Any] = list(getattr(scope.node, "body", ())) if not isinstance(scope.node, ast.Lambda) else []
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if isinstance(node, ast.stmt):
            yield node
            for name in ("body", "orelse", "finalbody"):
                waiting += getattr(node, name, ())


def _set(node: ast.stmt, methods: frozenset[str]) -> Iterator[tuple[str, ast.expr]]:
    """The names that a statement sets: `app.config["X"] = …`, `config.X = …`, `X = …`, `config.update(X=…)`."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
                yield str(target.slice.value), node.value
            elif isinstance(target, ast.Attribute):
                yield target.attr, node.value
            elif isinstance(target, ast.Name):
                yield target.id, node.value
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        func = node.value.func
        if isinstance(func, ast.Attribute) and func.attr in methods:
            yield from ((each.arg, each.value) for each in node.value.keywords if each.arg)


def _folded(node: ast.expr, reader: Reader, scope: Scope) -> int | dict[str, Any] | None:
    """The number that an expression of constants is; None for no limit, an unknown value for any other."""
    names: dict[str, Any] = {}
    for each in nodes_of(node):
        if isinstance(each, ast.Name):
            owner, bindings = reader.names.bindings(each.id, scope)
            if (
                owner is not None
                and len(bindings) == 1
                and bindings[0].kind == "value"
                and bindings[0].node is not None
            ):
                try:
                    names[each.id] = fold(bindings[0].node, {})
                except Unknown:
                    continue
    try:
        value = fold(node, names)
    except Unknown:
        return {}
    if value is None:
        return None
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else {}


def content_facts(reader: Reader) -> Iterator[Fact]:
    """A fact for each function that compares content types, with those that it knows."""
    marks = reader.table.content_marks
    if not any(mark in reader.places.code.text for mark in marks):
        return
    for scope in reader.names.outline.scopes.values():
        if scope.kind != "function":
            continue
        exact: list[str] = []
        parts: list[str] = []
        rejects = False
        for node in nodes_of(scope.node):
            if isinstance(node, ast.Compare) and len(node.ops) == 1:
                _compared(node, scope, reader, exact, parts)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                if node.func.attr in ("startswith", "endswith") and _is_type(node.func.value, marks):
                    parts += _texts(reader, node.args[0], scope) if node.args else []
            elif isinstance(node, ast.Raise):
                rejects = rejects or _refuses(node, reader.table.refusing)
            elif isinstance(node, ast.Constant) and node.value in reader.table.rejecting:
                rejects = True
        if exact or parts:
            settings = {
                "exact": list(dict.fromkeys(exact))[:_TYPES_LIMIT],
                "parts": list(dict.fromkeys(parts))[:_TYPES_LIMIT],
                "rejects": rejects,
            }
            yield reader.made("content", None, scope.part, scope.node, settings=settings)


def _refuses(node: ast.Raise, words: frozenset[str]) -> bool:
    """Whether an exception says that a type is not supported."""
    texts = [
        each.value.lower() for each in nodes_of(node) if isinstance(each, ast.Constant) and type(each.value) is str
    ]
    return any(word in text for text in texts for word in words)


def _compared(node: ast.Compare, scope: Scope, reader: Reader, exact: list[str], parts: list[str]) -> None:
    left, right, operator = node.left, node.comparators[0], node.ops[0]
    marks = reader.table.content_marks
    if isinstance(operator, ast.Eq | ast.NotEq):
        for side, other in ((left, right), (right, left)):
            if _is_type(side, marks):
                exact += _texts(reader, other, scope)
    elif isinstance(operator, ast.In | ast.NotIn):
        if _is_type(left, marks):
            exact += _texts(reader, right, scope)
        elif _is_type(right, marks):
            parts += _texts(reader, left, scope)


def _texts(reader: Reader, node: ast.expr, scope: Scope) -> list[str]:
    value = reader.values.of(node, scope)
    if isinstance(value, dict) and "dict" in value:
        value = list(value["dict"])
    found = value if isinstance(value, list) else [value]
    return [each for each in found if isinstance(each, str)]


def _is_type(node: ast.expr, marks: frozenset[str]) -> bool:
    """Whether an expression is the content type of a request."""
    for each in nodes_of(node):
        if isinstance(each, ast.Attribute) and each.attr in marks:
            return True
        if isinstance(each, ast.Name) and each.id in marks:
            return True
        if isinstance(each, ast.Constant) and each.value in marks:
            return True
    return False
