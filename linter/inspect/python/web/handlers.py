"""Handlers of the standard library's server: classes with `do_GET` and its like, which look at the path themselves."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from linter.inspect.python.forms import UNKNOWN_VALUE
from linter.inspect.python.scopes import CLASS, nodes_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.inspect.python.scopes import Scope
    from linter.inspect.python.web.read import Reader
    from linter.model import Fact

_PATHS_LIMIT = 50
_ASKS = frozenset({"startswith", "endswith", "match", "fullmatch", "search", "get"})


def handler_facts(reader: Reader) -> Iterator[Fact]:
    """A route for each path that a handler's methods look for; one that is not known where they take any."""
    bases = reader.table.handler_bases
    roots = {base.partition(".")[0] for base in bases}
    if not any(each.module.partition(".")[0] in roots for each in reader.names.outline.imports):
        return
    for scope in list(reader.names.outline.scopes.values()):
        if scope.kind != CLASS:
            continue
        framework = next((bases[base.path] for base in reader.names.bases(scope) if base.path in bases), None)
        if framework is None:
            continue
        table = reader.table.frameworks[framework]
        name = scope.name
        yield reader.made("application", framework, scope.part, scope.node, object=name)
        for method in reader.names.outline.scopes.values():
            last = method.name.rpartition(".")[2]
            if method.parent is scope and last.startswith(table["class_prefix"]):
                verb = last.removeprefix(table["class_prefix"])
                for path in _paths(method, table["path_attribute"], reader):
                    fields = {"owner": name, "methods": [verb], "handler": method.name, "path": path}
                    yield reader.made("route", framework, scope.part, _head(method), **fields)


def _head(method: Scope) -> ast.AST:
    return method.node


def _paths(method: Scope, attribute: str, reader: Reader) -> list[Any]:
    """The paths that a method compares the request's with; an unknown one when it may take others."""
    aliases = _aliases(method, attribute)
    found: list[Any] = []
    open_ended, asked = False, False
    for node in nodes_of(method.node):
        if isinstance(node, ast.Compare) and _mentions(node, attribute, aliases):
            asked = True
            for side in (node.left, *node.comparators):
                value = reader.values.of(side, method)
                texts = value if isinstance(value, list) else [value]
                found += [each for each in texts if isinstance(each, str)]
        elif isinstance(node, ast.Call):
            asks = isinstance(node.func, ast.Attribute) and node.func.attr in _ASKS
            given = [*node.args, *(each.value for each in node.keywords)]
            if asks and _mentions(node, attribute, aliases):
                asked = True
                texts = [reader.values.of(each, method) for each in given]
                found += [each for each in texts if isinstance(each, str) and each.startswith("/")]
                open_ended = open_ended or not any(isinstance(each, str) for each in texts)
    paths = list(dict.fromkeys(each for each in found if each.startswith("/")))[:_PATHS_LIMIT]
    return paths if asked and paths and not open_ended else [*paths, UNKNOWN_VALUE]


def _aliases(method: Scope, attribute: str) -> set[str]:
    """Names of a method that were made of the request's path."""
    found: set[str] = set()
    for name, bindings in method.bindings.items():
        for each in bindings:
            if each.node is not None and _mentions(each.node, attribute, found):
                found.add(name)
    return found


def _mentions(node: ast.AST, attribute: str, aliases: set[str]) -> bool:
    for each in nodes_of(node):
        if isinstance(each, ast.Name) and each.id in aliases:
            return True
        if isinstance(each, ast.Attribute) and each.attr == attribute:
            inner = each.value
            if isinstance(inner, ast.Name) and inner.id == "self":
                return True
    return False
