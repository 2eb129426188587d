"""Constant expressions of Python configuration files, folded without running anything."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

DEPTH_LIMIT = 40
SIZE_LIMIT = 20_000
"""Characters or elements of a folded value."""


class Unknown(Exception):
    """An expression is not constant."""


_CALLS = {"int": int, "str": str, "float": float, "bool": bool}
_ENVIRONMENT = frozenset(["os.environ.get", "environ.get", "os.getenv", "getenv"])


def fold(node: ast.expr, names: Mapping[str, Any], depth: int = 0) -> Any:
    """The value of an expression of literals, known names and environment defaults. Raises Unknown for any other."""
    if depth > DEPTH_LIMIT:
        raise Unknown
    value = _fold(node, names, depth + 1)
    if isinstance(value, str | list | tuple) and len(value) > SIZE_LIMIT:
        raise Unknown
    if isinstance(value, int) and value.bit_length() > 200:
        raise Unknown
    return value


def _fold(node: ast.expr, names: Mapping[str, Any], depth: int) -> Any:
    match node:
        case ast.Constant(value=value) if value is None or isinstance(value, str | int | float):
            return value
        case ast.Name(id=name):
            if name in names:
                return names[name]
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return [fold(element, names, depth) for element in elements[:SIZE_LIMIT]]
        case ast.JoinedStr(values=values):
            return "".join(str(fold(value, names, depth)) for value in values)
        case ast.FormattedValue(value=value, conversion=conversion, format_spec=None) if conversion in (-1, 115):
            return _plain(fold(value, names, depth))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_number(fold(operand, names, depth))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not fold(operand, names, depth)
        case ast.BinOp(left=left, op=operator, right=right):
            return _binary(fold(left, names, depth), operator, fold(right, names, depth))
        case ast.BoolOp(op=operator, values=values):
            return _boolean(operator, values, names, depth)
        case ast.IfExp(body=body, orelse=other):
            first, second = fold(body, names, depth), fold(other, names, depth)
            if first == second:
                return first
        case ast.Call():
            return _call(node, names, depth)
        case ast.Subscript(value=value, slice=ast.Constant(value=str() as key)):
            found = fold(value, names, depth)
            if isinstance(found, dict) and key in found:
                return found[key]
    raise Unknown


def _boolean(operator: ast.boolop, values: list[ast.expr], names: Mapping[str, Any], depth: int) -> Any:
    value: Any = None
    for node in values:
        if isinstance(operator, ast.Or) and node is not values[-1] and _is_unset_environment(node):
            continue
        value = fold(node, names, depth)
        if bool(value) is isinstance(operator, ast.Or):
            break
    return value


def _is_unset_environment(node: ast.expr) -> bool:
    """Whether an expression reads a variable without a default; what follows `or` is its default then."""
    return isinstance(node, ast.Call) and _dotted(node.func) in _ENVIRONMENT and len(node.args) == 1


def _binary(left: Any, operator: ast.operator, right: Any) -> Any:
    if isinstance(operator, ast.Add) and isinstance(left, str) and isinstance(right, str):
        return left + right
    if isinstance(operator, ast.Add) and isinstance(left, list) and isinstance(right, list):
        return left + right
    if isinstance(operator, ast.Mod) and isinstance(left, str):
        return _percent(left, right)
    first, second = _number(left), _number(right)
    match operator:
        case ast.Add():
            return first + second
        case ast.Sub():
            return first - second
        case ast.Mult():
            return first * second
        case ast.FloorDiv() if second:
            return first // second
        case ast.Div() if second:
            return first / second
    raise Unknown


def _percent(text: str, value: Any) -> str:
    """`"…%s…" % value`, for the plain conversions `%s` and `%d` only."""
    items = list(value) if isinstance(value, list) else [value]
    pieces = text.replace("%d", "%s").split("%s")
    if len(pieces) != len(items) + 1 or any("%" in piece for piece in pieces):
        raise Unknown
    return pieces[0] + "".join(str(_plain(item)) + piece for item, piece in zip(items, pieces[1:], strict=True))


def _call(node: ast.Call, names: Mapping[str, Any], depth: int) -> Any:
    name = _dotted(node.func)
    if name in _ENVIRONMENT and node.args:
        default = node.args[1] if len(node.args) > 1 else None
        default = next((keyword.value for keyword in node.keywords if keyword.arg == "default"), default)
        if default is None:
            raise Unknown
        return fold(default, names, depth)
    if name in _CALLS and len(node.args) == 1 and not node.keywords:
        try:
            return _CALLS[name](_plain(fold(node.args[0], names, depth)))
        except (ValueError, TypeError, OverflowError):
            raise Unknown from None
    if isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        return _format(node, names, depth)
    raise Unknown


def _format(node: ast.Call, names: Mapping[str, Any], depth: int) -> str:
    """`"{}:{}".format(a, b)` and `"{host}".format(host=a)`, without conversions."""
    assert isinstance(node.func, ast.Attribute)
    text = fold(node.func.value, names, depth)
    if not isinstance(text, str) or "{{" in text or any(isinstance(arg, ast.Starred) for arg in node.args):
        raise Unknown
    values = [_plain(fold(arg, names, depth)) for arg in node.args]
    named = {keyword.arg: _plain(fold(keyword.value, names, depth)) for keyword in node.keywords if keyword.arg}
    out, number = [], 0
    head, *rest = text.split("{")
    out.append(head)
    for piece in rest:
        field, closed, tail = piece.partition("}")
        if not closed:
            raise Unknown
        if not field:
            field, number = str(number), number + 1
        if field.isdecimal() and int(field[:6]) < len(values):
            out.append(str(values[int(field[:6])]))
        elif field in named:
            out.append(str(named[field]))
        else:
            raise Unknown
        out.append(tail)
    return "".join(out)


def _dotted(node: ast.expr) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute) and len(parts) < 5:
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def _plain(value: Any) -> Any:
    if isinstance(value, str | int | float):
        return value
    raise Unknown


def _number(value: Any) -> int | float:
    if isinstance(value, int | float) and abs(value) < 1e30:
        return value
    raise Unknown
