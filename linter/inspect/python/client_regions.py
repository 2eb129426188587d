"""The Region that publishing code talks to: `boto3.client("sagemaker", region_name="…").create_algorithm(…)`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from linter.model import Location

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.inspect.python.names import Names
    from linter.inspect.python.place import Places
    from linter.inspect.python.scopes import Scope
    from linter.inspect.python.values import Values
    from linter.knowledge import Knowledge
    from linter.model import Fact

_SESSIONS = 3
"""Objects that are followed from a client: a session that makes it, one that makes that."""


def client_regions(names: Names, values: Values, places: Places, knowledge: Knowledge) -> Iterator[Fact]:
    """A `region.use` for each client that creates or lists what is sold and is told its Region by a literal."""
    creating = frozenset(knowledge.get("publishing.creating_calls"))
    listing = frozenset(knowledge.get("publishing.catalog_calls"))
    argument = knowledge.get("publishing.region_argument")
    seen: set[int] = set()
    for called in names.outline.calls_named(creating | listing):
        func = called.node.func
        if not isinstance(func, ast.Attribute):
            continue
        given = _region_given(func.value, called.scope, names, argument, 0)
        if given is None or id(given) in seen:
            continue
        seen.add(id(given))
        code = values.of(given, called.scope)
        if isinstance(code, str) and code:
            from linter.inspect.references import region_use

            asset = "catalog_client" if func.attr in listing else "client"
            yield region_use(code, Location(places.path, places.span(given)), asset, knowledge)


def _region_given(node: ast.expr, scope: Scope, names: Names, argument: str, depth: int) -> ast.expr | None:
    """The argument with the Region of the call that made a client, or of the session that made that."""
    if isinstance(node, ast.Name):
        _, bindings = names.bindings(node.id, scope)
        made = [each.node for each in bindings if each.kind == "value" and isinstance(each.node, ast.Call)]
        if len(bindings) != 1 or not made:
            return None
        node = made[0]
    if not isinstance(node, ast.Call) or depth > _SESSIONS:
        return None
    given = next((each.value for each in node.keywords if each.arg == argument), None)
    if given is not None or not isinstance(node.func, ast.Attribute):
        return given
    return _region_given(node.func.value, scope, names, argument, depth + 1)
