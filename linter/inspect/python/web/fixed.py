"""Functions that answer every request with the same, whatever state the program is in."""

from __future__ import annotations

import ast
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.inspect.python.scopes import dotted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

_STATEMENTS = 12
"""Statements of a function that is looked at."""
_DEPTH = 12
_NAMED_STATUS = re.compile(r"(?:^|_)([1-5]\d\d)(?:_|$)")
_STATUS_WORDS = ("status", "status_code")
_MISSING = object()


class Fixed(NamedTuple):
    """An answer that is always the same; its status is None where it is not known."""

    status: int | None


class _NotFixed(Exception):
    pass


class _Made(NamedTuple):
    """What a call that makes an answer gives."""

    status: Any


def fixed_answer(
    node: ast.FunctionDef | ast.AsyncFunctionDef,
    makers: Mapping[str, Mapping[str, Any]],
    logging: AbstractSet[str],
    route_methods: AbstractSet[str],
) -> Fixed | None:
    """What a function always answers; None when that may depend on something."""
    if len(node.body) > _STATEMENTS or not all(_adds_route(each, route_methods) for each in node.decorator_list):
        return None
    if any(isinstance(each, ast.Call) for each in (*node.args.defaults, *node.args.kw_defaults)):
        return None  # a dependency that may refuse
    try:
        return _Reading(makers, logging).of(node)
    except _NotFixed:
        return None


def _adds_route(node: ast.expr, methods: AbstractSet[str]) -> bool:
    """Whether a decorator only adds a route; one that sets the status of all answers is left alone."""
    if not isinstance(node, ast.Call) or any(each.arg in _STATUS_WORDS for each in node.keywords):
        return False
    return (dotted(node.func) or "").rpartition(".")[2] in methods


class _Reading:
    def __init__(self, makers: Mapping[str, Mapping[str, Any]], logging: AbstractSet[str]) -> None:
        self.makers, self.logging = makers, logging
        self.names: dict[str, Any] = {}

    def of(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Fixed:
        for statement in node.body:
            if isinstance(statement, ast.Return):
                return Fixed(_status(self.value(statement.value) if statement.value is not None else None))
            if isinstance(statement, ast.Assign) and all(isinstance(each, ast.Name) for each in statement.targets):
                value = self.value(statement.value)
                self.names.update({each.id: value for each in statement.targets if isinstance(each, ast.Name)})
            elif not self._tells(statement):
                raise _NotFixed
        raise _NotFixed

    def _tells(self, statement: ast.stmt) -> bool:
        """Whether a statement only logs, or says nothing."""
        if isinstance(statement, ast.Pass):
            return True
        if not isinstance(statement, ast.Expr):
            return False
        if isinstance(statement.value, ast.Constant):
            return True
        called = statement.value
        return isinstance(called, ast.Call) and (dotted(called.func) or "").rpartition(".")[2] in self.logging

    def value(self, node: ast.expr, depth: int = 0) -> Any:
        """What an expression of constants is."""
        if depth > _DEPTH:
            raise _NotFixed
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Tuple | ast.List):
            return tuple(self.value(each, depth + 1) for each in node.elts)
        if isinstance(node, ast.Dict):
            for each in (*node.keys, *node.values):
                self.value(each, depth + 1) if each is not None else self._refuse()
            return {}
        if isinstance(node, ast.Name):
            return self._named(node.id)
        if isinstance(node, ast.Attribute):
            return _status_name(node)
        if isinstance(node, ast.IfExp):
            return self.value(node.body if self.value(node.test, depth + 1) else node.orelse, depth + 1)
        if isinstance(node, ast.Call):
            return self._made(node, depth)
        raise _NotFixed

    def _named(self, name: str) -> Any:
        value = self.names.get(name, _MISSING)
        if value is _MISSING:
            raise _NotFixed
        return value

    @staticmethod
    def _refuse() -> None:
        raise _NotFixed

    def _made(self, node: ast.Call, depth: int) -> Any:
        maker = self.makers.get((dotted(node.func) or "").rpartition(".")[2])
        if maker is None:
            raise _NotFixed
        given = [self.value(each, depth + 1) for each in node.args]
        named = {each.arg: self.value(each.value, depth + 1) for each in node.keywords}
        at = maker.get("status_at")
        words = () if maker.get("keywords_are_content") else _STATUS_WORDS
        status = next((named[name] for name in words if name in named), HTTPStatus.OK.value)
        return _Made(given[at] if at is not None and len(given) > at else status)


def _status_name(node: ast.Attribute) -> int:
    """The number of `status.HTTP_200_OK` and `HTTPStatus.OK`."""
    found = _NAMED_STATUS.search(node.attr)
    if found:
        return int(found[1])
    holder = (dotted(node.value) or "").rpartition(".")[2]
    if holder == HTTPStatus.__name__ and node.attr in HTTPStatus.__members__:
        return HTTPStatus[node.attr].value
    raise _NotFixed


def _status(value: Any) -> int | None:
    """The status of what a function returns."""
    if isinstance(value, _Made):
        return _number(value.status)
    if isinstance(value, tuple):
        status = next((each for each in value[1:] if _number(each) is not None), None)
        return _number(status) if status is not None else _status(value[0]) if value else None
    return HTTPStatus.OK.value


def _number(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if value in range(100, 600) else None
    return int(value[:3]) if isinstance(value, str) and value[:3].isdecimal() and len(value) > 2 else None  # "200 OK"
