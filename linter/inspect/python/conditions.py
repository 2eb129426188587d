"""The conditions around a call as plain values, for `assemble` to decide: what callers and other files give."""

from __future__ import annotations

import ast
import copy
from typing import TYPE_CHECKING, Any

from linter.inspect.python.existing import is_seen_to_exist
from linter.inspect.python.forms import LATER, REQUEST, any_of, chosen, small
from linter.inspect.python.options import Options
from linter.inspect.python.scopes import FUNCTION, nodes_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from linter.inspect.python.scopes import Binding, Scope
    from linter.inspect.python.values import Values

_LIMIT = 8
"""Conditions of one call that are kept."""
_LITERALS_LIMIT = 32
_NESTING = 20


def conditions_of(tests: Sequence[tuple[ast.expr, bool]], scope: Scope, values: Values) -> list[dict[str, Any]]:
    """The field `under` of a call that stands under some tests, each with whether it must hold."""
    found: list[dict[str, Any]] = []
    for test, holds in tests:
        for each in _conditions(test, holds, scope, values, 0):
            if each["value"] != {} or _asks_parameter(test, scope):
                found.append(each)
    return found[:_LIMIT]


def chosen_by(test: ast.expr, first: Any, second: Any, scope: Scope, values: Values) -> Any:
    """One of two values: the first when a test holds."""
    asked = conditions_of([(test, True)], scope, values)
    if len(asked) != 1 or asked[0]["value"] == {} or isinstance(test, ast.BoolOp):
        return any_of([first, second])
    return chosen(asked[0], first, second)


def bound_by(bindings: Sequence[Binding], found: Sequence[Any], owner: Scope, values: Values) -> Any:
    """The value of a name that one of some bindings gives; of two a test may say which, as of `a if test else b`."""
    branch = bindings[1].branch if len(bindings) == 2 else None
    if branch is None:
        return any_of(found)
    one, other = bindings[0], bindings[1]
    opposite = one.branch is not None and one.branch.test is branch.test and one.branch.holds is not branch.holds
    if not opposite and (one.until or not branch.always_asked):
        return any_of(found)
    first, second = (found[1], found[0]) if branch.holds else (found[0], found[1])
    return chosen_by(branch.test, first, second, other.owner or owner, values)


def _conditions(test: ast.expr, holds: bool, scope: Scope, values: Values, depth: int) -> Iterator[dict[str, Any]]:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not) and depth < _NESTING:
        yield from _conditions(test.operand, not holds, scope, values, depth + 1)
    elif isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) is holds and depth < _NESTING:
        for each in test.values:
            yield from _conditions(each, holds, scope, values, depth + 1)
    elif isinstance(test, ast.Compare):
        among = _among(test, scope, values)
        held = _held(test, scope, values) if among is None else None
        if held is not None:
            yield {"value": held, "among": [None], "holds": holds is isinstance(test.ops[0], ast.NotIn)}
        elif among is None:
            yield {"value": {}, "among": None, "holds": holds}
        else:
            positive = isinstance(test.ops[0], ast.Eq | ast.Is | ast.In)
            yield {"value": small(values.of(test.left, scope)), "among": among, "holds": holds is positive}
    else:
        plain = isinstance(test, ast.Name | ast.Attribute)
        yield {"value": small(values.of(test, scope)) if plain else {}, "among": None, "holds": holds}


def _among(test: ast.Compare, scope: Scope, values: Values) -> list[Any] | None:
    """The literals that something is compared with; None when it is compared otherwise."""
    if len(test.ops) != 1:
        return None
    right = values.of(test.comparators[0], scope)
    if isinstance(test.ops[0], ast.Eq | ast.NotEq | ast.Is | ast.IsNot):
        right = [right]
    elif not isinstance(test.ops[0], ast.In | ast.NotIn):
        return None
    known = isinstance(right, list) and len(right) <= _LITERALS_LIMIT and not any(map(_is_compound, right))
    return right if known else None


def _held(test: ast.Compare, scope: Scope, values: Values) -> dict[str, Any] | None:
    """The member that a test asks of a mapping which others give: `"model_id" in properties`."""
    key = test.left.value if isinstance(test.left, ast.Constant) else None
    if len(test.ops) != 1 or not isinstance(test.ops[0], ast.In | ast.NotIn) or not isinstance(key, str):
        return None
    mapping = values.of(test.comparators[0], scope)
    given = isinstance(mapping, dict) and any(each in mapping for each in LATER)
    member = small({"member": key, "of": mapping}) if given else None
    return member if isinstance(member, dict) and "member" in member else None


def _is_compound(value: Any) -> bool:
    return isinstance(value, dict | list)


def _asks_parameter(test: ast.expr, scope: Scope) -> bool:
    """Whether a test depends on what the function is given."""
    function: Scope | None = scope
    while function is not None and function.kind != FUNCTION:
        function = function.parent
    if function is None:
        return False
    return any(isinstance(node, ast.Name) and node.id in function.parameters for node in nodes_of(test))


def narrowed(value: Any, node: ast.expr, tests: Sequence[tuple[ast.expr, bool]], scope: Scope, values: Values) -> Any:
    """The value of an argument that the tests around the call ask about: `if not x`, `if u.startswith("http")`."""
    if is_seen_to_exist(node, tests, scope, values):
        return {"path": [value]}
    asked = _address_asked(node, tests)
    if asked is not None:
        value = _that_starts(value, asked)
    if value in ({}, REQUEST) or (isinstance(value, dict) and "member" in value):
        allowed = _allowed(node, tests, scope, values)
        value = value if allowed is None else allowed
    if not isinstance(node, ast.Name):
        return value
    for test, holds in tests:
        while isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            test, holds = test.operand, not holds
        if isinstance(test, ast.Name) and test.id == node.id and values.of(test, scope) == value:
            value = _that_is(value, holds)
    return value


def _allowed(node: ast.expr, tests: Sequence[tuple[ast.expr, bool]], scope: Scope, values: Values) -> Any:
    """One of the values that a test lets through: `if name not in NAMES: return`; None when no test asks for that."""
    for test, holds in tests:
        if not (isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.In | ast.NotIn)):
            continue
        if isinstance(test.ops[0], ast.In) is holds and ast.dump(test.left) == ast.dump(node):
            found = values.of(test.comparators[0], scope)
            if isinstance(found, list) and len(found) <= _LITERALS_LIMIT:
                return any_of(found)
            if isinstance(found, dict) and any(each in found for each in LATER):
                return {"element": found}
    return None


def _address_asked(node: ast.expr, tests: Sequence[tuple[ast.expr, bool]]) -> str | None:
    """The start of an address that an expression has where a test let it through; None when no test asks for one."""
    for test, holds in tests:
        for each in nodes_of(test) if holds else ():
            if not (isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute) and each.args):
                continue
            if each.func.attr != "startswith" or ast.dump(each.func.value) != ast.dump(node):
                continue
            given = each.args[0]
            texts = [given] if isinstance(given, ast.Constant) else getattr(given, "elts", [])
            starts = [text.value for text in texts if isinstance(text, ast.Constant) and isinstance(text.value, str)]
            # Encrypted or not: what is let through by its start alone leads anywhere.
            found = next(("https://" if text.startswith("http") else text for text in starts if _leads(text)), None)
            if found is not None:
                return found
    return None


def _leads(start: str) -> bool:
    return "://" in start or start in ("http", "https")


def _that_starts(value: Any, start: str) -> Any:
    """A value of which a test has seen the start; what callers give still counts first."""
    address = {"join": [start, {}]}
    if value in ({}, REQUEST):
        return address
    if isinstance(value, dict) and ("parameter" in value or "member" in value) and "default" not in value:
        return {**value, "default": address}
    return value


def _that_is(value: Any, true: bool) -> Any:
    """A value, known to be true or false where it is used."""
    if not isinstance(value, dict):
        return value
    if "any" not in value:
        return value if true else False
    left = [each for each in value["any"] if isinstance(each, dict) or bool(each) is true]
    if not left:
        return value
    return left[0] if len(left) == 1 else {"any": left}


class _NoOptions(Options):
    """What is given from outside, with a default, is not known."""

    def __init__(self) -> None:
        super().__init__()
        self._defaults = {}

    def of_parameter(self, values: Values, owner: Scope, name: str) -> Any:
        return {} if super().of_parameter(values, owner, name) is not None else None

    def default_of_call(self, values: Values, node: ast.Call, scope: Scope) -> Any:
        return {} if super().default_of_call(values, node, scope) is not None else None


def without_options(values: Values) -> Values:
    """The same values, but those of a program's options unknown: whoever starts it gives them."""
    plain = copy.copy(values)
    plain._known = {}
    plain.options = _NoOptions()
    return plain
