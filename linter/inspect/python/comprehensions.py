"""What comprehensions make: `{name: str(value) for name, value in items}`, `[row for row in rows if row]`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from linter.inspect.python.forms import UNKNOWN_VALUE
from linter.inspect.python.scopes import dotted
from linter.references.destination import ANY_KEY

if TYPE_CHECKING:
    from linter.inspect.python.forms import Value
    from linter.inspect.python.scopes import Scope
    from linter.inspect.python.values import Values


def copied_mapping(values: Values, node: ast.DictComp, scope: Scope) -> Value:
    """The mapping whose items are gone through, when each keeps its name and its value, or that as a text.

    Of any other comprehension one value stands for all, under whatever key.
    """
    from linter.inspect.python.results import SAME

    generator = node.generators[0]
    items, target = generator.iter, generator.target
    if len(node.generators) > 1 or not _is_items(items) or not isinstance(target, ast.Tuple) or len(target.elts) != 2:
        return _of_any_key(values, node)
    name, value = target.elts
    kept = node.value
    if isinstance(kept, ast.Call) and len(kept.args) == 1 and dotted(kept.func) in SAME:
        kept = kept.args[0]
    if not (_same(node.key, name) and _same(kept, value)):
        return _of_any_key(values, node)
    return values.of(items.func.value, scope)  # type: ignore[attr-defined]


def _of_any_key(values: Values, node: ast.DictComp) -> Value:
    inner = values.names.outline.comprehensions.get(id(node))
    made = values.of(node.value, inner) if inner is not None else UNKNOWN_VALUE
    return {"dict": {ANY_KEY: made}} if made != UNKNOWN_VALUE else UNKNOWN_VALUE


def elements_made(values: Values, node: ast.ListComp | ast.SetComp | ast.GeneratorExp, scope: Scope) -> Value:
    """The elements that are gone through, when they are kept as they are; else a list of what they are made into."""
    from linter.inspect.python.results import SAME

    generator = node.generators[0]
    kept = node.elt
    if isinstance(kept, ast.Call) and len(kept.args) == 1 and dotted(kept.func) in SAME:
        kept = kept.args[0]
    if len(node.generators) == 1 and _same(kept, generator.target):
        return values.of(generator.iter, scope)
    inner = values.names.outline.comprehensions.get(id(node))
    made = values.of(node.elt, inner) if inner is not None else UNKNOWN_VALUE
    return [made] if made != UNKNOWN_VALUE else UNKNOWN_VALUE


def _is_items(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "items"


def _same(one: ast.expr, other: ast.expr) -> bool:
    return isinstance(one, ast.Name) and isinstance(other, ast.Name) and one.id == other.id
