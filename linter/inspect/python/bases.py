"""Clients that are told an address once: `httpx.Client(base_url="https://…")`, to which `client.get("/v1")` belongs."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from linter.inspect.python.forms import UNKNOWN_VALUE
from linter.references.addresses import behind, is_relative
from linter.references.destination import ABSENT

if TYPE_CHECKING:
    from linter.inspect.python.calls import Use
    from linter.inspect.python.scopes import Scope
    from linter.inspect.python.values import Values
    from linter.references.apis import Api


def base_of(values: Values, path: str, node: ast.Call, scope: Scope) -> Any:
    """The address that a client is made for, which stands for the client; None for what is no such client."""
    api = values.names.table.find(path)
    place = api.argument if api is not None and api.kind == "class" and api.mode == "client" else None
    if api is None or place is None:
        return None
    given = {each.arg: each.value for each in node.keywords if each.arg}
    if not given.keys().isdisjoint(api.local_keywords):  # to an application of this program, or through a socket
        return UNKNOWN_VALUE
    if place.keyword in given:
        return values.of(given[place.keyword], scope)
    at = place.at if place.at is not None and not any(isinstance(each, ast.Starred) for each in node.args) else None
    return values.of(node.args[at], scope) if at is not None and at < len(node.args) else UNKNOWN_VALUE


def with_base(use: Use, api: Api, values: Values) -> Use:
    """A call of a client's method, what it is told put behind the address that the client is made for."""
    client = _client_of(use.node.func) if isinstance(use.node, ast.Call) else None
    place = api.argument
    if api.base is None or place is None or client is None:
        return use
    told = use.arguments.get(place)
    if told is ABSENT or not is_relative(told):
        return use
    return use._replace(arguments=use.arguments.having(place, behind(values.of(client, use.scope), told)))


def _client_of(func: ast.expr) -> ast.expr | None:
    """What a method is called of: `client.get`, `getattr(client, method)`."""
    if isinstance(func, ast.Call) and isinstance(func.func, ast.Name) and func.func.id == "getattr" and func.args:
        return func.args[0]
    return func.value if isinstance(func, ast.Attribute) else None
