"""Parameters of SageMaker's pipelines: what `ParameterString("Model", default_value="…")` stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.inspect.python.forms import UNKNOWN_VALUE, any_of
from linter.inspect.python.scopes import argument_of

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator, Mapping

    from linter.inspect.python.scopes import Scope
    from linter.inspect.python.values import Values


def parameter_value(values: Values, table: Mapping[str, Any], node: ast.Call, scope: Scope) -> Any:
    """The default of a parameter, and what the same file starts the pipeline with; an empty default is no value."""
    found = [_argument(values, table["default"], node, scope)]
    name = _argument(values, table["name"], node, scope)
    if isinstance(name, str):
        found += _given(values, table["start"], name)
    known = [each for each in found if each not in ("", None, UNKNOWN_VALUE)]
    return any_of(known) if known else UNKNOWN_VALUE


def _argument(values: Values, place: Mapping[str, Any], node: ast.Call, scope: Scope) -> Any:
    return values.of(argument_of(node, place["at"], place["keyword"]), scope)


def _given(values: Values, start: Mapping[str, Any], name: str) -> Iterator[Any]:
    """What the calls that start a pipeline give for a parameter."""
    for called in values.names.outline.calls_named({start["method"]}):
        mapping = _argument(values, start, called.node, called.scope)
        members = mapping.get("dict", {}) if isinstance(mapping, dict) else {}
        if name in members:
            yield members[name]
