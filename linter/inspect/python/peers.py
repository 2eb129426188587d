"""Hosts of a training job by fixed names, where code puts them into the environment: `os.environ["MASTER_ADDR"]`."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from linter.inspect.python.scopes import FUNCTION, MODULE
from linter.model import Fact, Location

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.inspect.python.place import Places
    from linter.inspect.python.scopes import Outline, Scope
    from linter.inspect.python.values import Values
    from linter.knowledge import Knowledge

STATEMENTS_LIMIT = 20_000
_API, _CATEGORY, _PEER = "os.environ", "cluster_distributed", "peer"
_SHOWN = 120


def fixed_peers(outline: Outline, values: Values, places: Places, knowledge: Knowledge) -> Iterator[Fact]:
    """A `python.call` for each assignment of such a name to a variable of the environment."""
    needle: str = knowledge.get("network.peer_needle")
    if needle not in places.code.text:
        return
    from linter.inspect.python.calls import blank

    pattern = re.compile(knowledge.get("network.peer_pattern"))
    for scope in outline.every:
        if scope.kind not in (MODULE, FUNCTION):
            continue
        for statement in _statements(scope):
            target = statement.targets[0]
            if not (isinstance(target, ast.Subscript) and values.is_environment(target.value, scope)):
                continue
            value = values.of(statement.value, scope)
            if isinstance(value, str) and pattern.fullmatch(value):
                fields = blank(_API, scope.part.name, places.text(statement)[:_SHOWN], "none")
                fields |= {"api": _API, "category": _CATEGORY, "reason": _PEER, "mode": _PEER}
                fields |= {"argument": value, "target": value, "destination": _PEER, "offline": "no"}
                yield Fact("python.call", Location(places.path, places.span(statement)), fields)


def _statements(scope: Scope) -> Iterator[ast.Assign]:
    """The assignments of a scope, also below its conditions, not those of functions and classes in it."""
    body = getattr(scope.node, "body", ())
    stack: list[ast.AST] = list(body) if isinstance(body, list) else []
    seen = 0
    while stack and seen < STATEMENTS_LIMIT:
        node = stack.pop()
        seen += 1
        if isinstance(node, ast.Assign):
            yield node
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.expr):
            stack += ast.iter_child_nodes(node)
