"""What the code of a notebook fills into templates that its cells write: `template.render(model_id=model_s3_uri)`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from linter.lazy import compiled
from linter.references.destination import alternatives, visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linter.inspect.python.scopes import Scope
    from linter.inspect.python.values import Values
    from linter.knowledge import Knowledge

_WHOLE = compiled(r"\{\{-?\s*([A-Za-z_]\w{0,100})\s*-?\}\}")
_NAMES_LIMIT = 100


def fillings(code: str, knowledge: Knowledge) -> dict[str, str]:
    """What names in templates stand for: a text, or a variable in angle brackets, as it stands in a placeholder."""
    from linter.inspect.python.names import Names
    from linter.inspect.python.parse import parse
    from linter.inspect.python.values import Values
    from linter.inspect.python.walk import outline_of
    from linter.references.apis import api_table

    tree = parse(code).tree
    if tree is None:
        return {}
    outline = outline_of(tree, knowledge.get("network_apis.switch_names"))
    values = Values(Names(outline, api_table(knowledge), knowledge.get("network_apis.unwrapping")), knowledge)
    found: dict[str, str] = {}
    for called in outline.calls_named(set(knowledge.get("network_apis.rendering_methods"))):
        for each in called.node.keywords:
            value = _value(each.value, called.scope, values)
            if each.arg and value and len(found) < _NAMES_LIMIT:
                found[each.arg] = value
    outline.release()
    return found


def filled_in(value: str, filled: Mapping[str, str]) -> str:
    """A value that is all template, as it is filled in; any other as it is."""
    template = _WHOLE.fullmatch(value.strip())
    return filled.get(template[1], value) if template else value


def _value(node: ast.expr, scope: Scope, values: Values) -> str | None:
    """The last text that an expression may be; else the variable that it is."""
    texts = [each for each in alternatives(values.of(node, scope)) if isinstance(each, str)]
    return visible(texts[-1]) if texts else f"<{node.id}>" if isinstance(node, ast.Name) else None
