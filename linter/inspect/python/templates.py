"""Texts that are filled in: `"%s/x" % host` and `"{}/x".format(host)`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.inspect.python.forms import UNKNOWN_VALUE, filled
from linter.lazy import compiled

if TYPE_CHECKING:
    import ast
    import re
    from collections.abc import Mapping, Sequence

    from linter.inspect.python.forms import Value
    from linter.inspect.python.scopes import Scope
    from linter.inspect.python.values import Values

_PERCENT = compiled(r"%(?:\((\w+)\))?[-+ #0]*\d*(?:\.\d+)?([sdrif%])")
_BRACES = compiled(r"\{\{|\}\}|\{(\w*)(?:[.\[][^{}]*)?(?:![rsa])?(?::[^{}]*)?\}")


def percent(values: Values, template: str, node: ast.expr, scope: Scope) -> Value:
    """`template % given`."""
    given: Sequence[Value]
    named: Mapping[str, Value] = {}
    value = values.of(node, scope)
    if isinstance(value, dict) and "dict" in value:
        given, named = (), value["dict"]
    else:
        given = value if isinstance(value, list) else [value]
    rest = iter(given)

    def fill(match: re.Match[str]) -> Value:
        if match[2] == "%":
            return "%"
        return named.get(match[1], UNKNOWN_VALUE) if match[1] else next(rest, UNKNOWN_VALUE)

    return filled(template, _PERCENT, fill)


def formatted(values: Values, template: str, node: ast.Call, scope: Scope) -> Value:
    """`template.format(…)`."""
    positional = [values.of(each, scope) for each in node.args]
    named = {each.arg: values.of(each.value, scope) for each in node.keywords if each.arg}
    rest = iter(positional)

    def fill(match: re.Match[str]) -> Value:
        if match[0] in ("{{", "}}"):
            return match[0][0]
        key = match[1]
        if not key:
            return next(rest, UNKNOWN_VALUE)
        if key.isdecimal():
            return positional[int(key)] if len(key) < 4 and int(key) < len(positional) else UNKNOWN_VALUE
        return named.get(key, UNKNOWN_VALUE)

    return filled(template, _BRACES, fill)
