"""Expressions: what they come to, as far as that is known without running anything."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING, Any

from linter.evaluate.formats import interpolated
from linter.evaluate.functions import attribute, call
from linter.evaluate.literals import literal_text
from linter.evaluate.machine import DEEPEST, Frame, Machine, unknown
from linter.evaluate.operators import binary, compared, element, sliced
from linter.evaluate.tables import of_any_row
from linter.evaluate.text import Text, TooLarge
from linter.evaluate.values import (
    Dict,
    Function,
    List,
    Obj,
    Scalar,
    Scope,
    Unknown,
    is_plain,
    merged,
    place_of,
    plain,
    truth,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from linter.evaluate.text import Place

LOOPS = 1_000
"""Elements that a loop goes through; more are not known."""
_BUILTINS = frozenset(dir(builtins)) - {"eval", "exec", "compile", "__import__"}


def evaluate(m: Machine, node: Any, frame: Frame) -> Any:
    """The value of an expression. Raises Exhausted."""
    m.tick()
    m.level += 1
    try:
        action = _ACTIONS.get(type(node)) if m.level <= DEEPEST else None
        if action is not None:
            return action(m, node, frame)
    except TooLarge:
        pass
    finally:
        m.level -= 1
    return unknown(name_of(node), frame.module.place(node))


def name_of(node: Any) -> str:
    """A short name for an expression, as a placeholder shows it."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call | ast.Await):
        if isinstance(node, ast.Attribute):
            parts.append(node.attr)
        elif isinstance(node, ast.Subscript):
            key = getattr(node.slice, "value", None)
            parts += [key] if isinstance(key, str) and key.isidentifier() else []
        node = node.func if isinstance(node, ast.Call) else node.value
    if isinstance(node, ast.Name):
        parts.append(node.id)
    return ".".join(reversed(parts[:4])) or "value"


def bind_names(m: Machine, frame: Frame, name: str, value: Any) -> None:
    """Give a name a value in the scope that it belongs to."""
    scope = frame.scope.declared.get(name, frame.scope)
    m.touch(scope)
    scope.names[name] = value


def assign(m: Machine, target: Any, value: Any, frame: Frame) -> None:
    """Bind what a target names: a variable, an element, an attribute, several at once."""
    if isinstance(target, ast.Name):
        if isinstance(value, Unknown) and (value.name == "value" or "." in value.name):
            value = value.called(target.id)
        bind_names(m, frame, target.id, value)
    elif isinstance(target, ast.Subscript):
        _put(m, evaluate(m, target.value, frame), evaluate(m, target.slice, frame), value)
    elif isinstance(target, ast.Attribute):
        owner = evaluate(m, target.value, frame)
        scope = owner.attributes if isinstance(owner, Obj) else getattr(owner, "scope", None)
        if isinstance(scope, Scope):
            m.touch(scope)
            scope.names[target.attr] = value
    elif isinstance(target, ast.Tuple | ast.List):
        _unpack(m, target.elts, value, frame)
    elif isinstance(target, ast.Starred):
        assign(m, target.value, unknown(name_of(target.value)), frame)


def _unpack(m: Machine, targets: list[Any], value: Any, frame: Frame) -> None:
    items = iterate(m, value)
    stars = [number for number, target in enumerate(targets) if isinstance(target, ast.Starred)]
    if items is None or (len(items) != len(targets) and not stars) or len(stars) > 1 or len(items) < len(targets) - 1:
        for target in targets:
            inner = target.value if isinstance(target, ast.Starred) else target
            assign(m, inner, unknown(name_of(inner)), frame)
        return
    if stars:
        at, rest = stars[0], len(targets) - stars[0] - 1
        end = len(items) - rest
        items = [*items[:at], List(items[at:end], place_of(value)), *items[end:]]
    for target, item in zip(targets, items, strict=True):
        assign(m, target.value if isinstance(target, ast.Starred) else target, item, frame)


def _put(m: Machine, owner: Any, key: Any, value: Any) -> None:
    if isinstance(owner, Dict):
        m.touch(owner)
        if is_plain(key):
            try:
                owner.put(plain(key), value, key if isinstance(key, Text) else None)
            except TooLarge:
                owner.blur()
        else:
            owner.blur(key if isinstance(key, Text) else None)
    elif isinstance(owner, List):
        m.touch(owner)
        index = key.value if isinstance(key, Scalar) else None
        if isinstance(index, int) and -len(owner.items) <= index < len(owner.items) and not (owner.open and index < 0):
            owner.items[index] = value
        else:
            owner.items = [Unknown("value", place_of(item)) for item in owner.items]
            owner.open = owner.open or not isinstance(key, Scalar)


def iterate(m: Machine, value: Any) -> list[Any] | None:
    """What a loop over a value goes through; None when that is not known."""
    found: list[Any] | None = None
    if isinstance(value, List) and not value.open:
        found = list(value.items)
    elif isinstance(value, Dict) and not value.open:
        found = [value.keys.get(key) or constant(key, value.place) for key in value.items]
    elif isinstance(value, Text) and value.known and len(value.flat) <= LOOPS:
        found = [value.cut(at, at + 1) for at in range(len(value.flat))]
    return found if found is not None and len(found) <= LOOPS else None


def constant(value: Any, place: Place | None) -> Any:
    """A plain value of Python as one of ours."""
    return Text.written(value, place) if isinstance(value, str) else Scalar(value, place)


# --- the kinds of expressions


def _constant(m: Machine, node: Any, frame: Frame) -> Any:
    place = frame.module.place(node)
    if isinstance(node.value, str):
        m.tick(len(node.value) // 64)
        return literal_text(node.value, place)
    if isinstance(node.value, bool | int | float | None):
        return Scalar(node.value, place)
    return unknown("value", place)


def _name(m: Machine, node: Any, frame: Frame) -> Any:
    found = frame.scope.find(node.id)
    if found is not None:
        return found
    path = f"builtins.{node.id}" if node.id in _BUILTINS else None
    return Unknown(node.id, frame.module.place(node), path)


def _attribute(m: Machine, node: Any, frame: Frame) -> Any:
    return attribute(m, evaluate(m, node.value, frame), node.attr, node, frame)


def _joined(m: Machine, node: Any, frame: Frame) -> Any:
    return interpolated(m, node, frame)


def _dict(m: Machine, node: Any, frame: Frame) -> Any:
    found = Dict(frame.module.place(node))
    for key_node, value_node in zip(node.keys, node.values, strict=True):
        value = evaluate(m, value_node, frame)
        if key_node is None:
            update(found, value)
        else:
            _put(m, found, evaluate(m, key_node, frame), value)
    return found


def update(target: Dict, other: Any) -> None:
    """As `target.update(other)`; the caller has told the machine of the change. Raises TooLarge."""
    if isinstance(other, Dict):
        if other.open:
            target.blur()
        for key, value in other.items.items():
            target.put(key, value, other.keys.get(key))
        target.keys.update({key: text for key, text in other.keys.items() if key in other.items})
        return
    if isinstance(other, List) and not other.open:
        for pair in other.items:
            parts = pair.items if isinstance(pair, List) else ()
            if len(parts) == 2 and is_plain(parts[0]):
                target.put(plain(parts[0]), parts[1], parts[0] if isinstance(parts[0], Text) else None)
            else:
                target.blur()
        return
    if not (isinstance(other, Scalar) and other.value is None):
        target.blur()


def _sequence(m: Machine, node: Any, frame: Frame) -> Any:
    items: list[Any] = []
    is_open = False
    for part in node.elts:
        if isinstance(part, ast.Starred):
            value = evaluate(m, part.value, frame)
            inner = iterate(m, value)
            if inner is None and isinstance(value, List) and not is_open:
                inner = value.items
                items += inner
                is_open = True
            elif inner is None or is_open:
                is_open = True
            else:
                items += inner
        elif not is_open:
            items.append(evaluate(m, part, frame))
        else:
            evaluate(m, part, frame)
    kind = {ast.Tuple: "tuple", ast.Set: "set"}.get(type(node), "list")
    return List(items, frame.module.place(node), is_open, kind)


def _subscript(m: Machine, node: Any, frame: Frame) -> Any:
    owner = evaluate(m, node.value, frame)
    if isinstance(node.slice, ast.Slice):
        parts = (node.slice.lower, node.slice.upper, node.slice.step)
        low, high, step = [evaluate(m, part, frame) if part else None for part in parts]
        found = sliced(owner, low, high, step)
    else:
        key = evaluate(m, node.slice, frame)
        found = element(owner, key)
        if found is None:
            found = of_any_row(m, owner, key, frame.module.place(node))
    if found is not None:
        return found
    return Unknown(name_of(node), frame.module.place(node), _inner_path(owner), maker=getattr(owner, "maker", None))


def _inner_path(owner: Any) -> str | None:
    return f"{owner.path}[]" if isinstance(owner, Unknown) and owner.path else None


def _call(m: Machine, node: Any, frame: Frame) -> Any:
    return call(m, node, frame)


def _binary(m: Machine, node: Any, frame: Frame) -> Any:
    left, right = evaluate(m, node.left, frame), evaluate(m, node.right, frame)
    return binary(m, node.op, left, right, frame.module.place(node))


def _boolean(m: Machine, node: Any, frame: Frame) -> Any:
    """`and` and `or` give one of their operands."""
    stops = isinstance(node.op, ast.Or)
    possible: list[Any] = []
    for number, part in enumerate(node.values):
        value = evaluate(m, part, frame)
        known = truth(value)
        if number == len(node.values) - 1 or known is stops:
            possible.append(value)
            break
        if known is None:
            possible.append(value)
    return possible[0] if len(possible) == 1 else unknown(name_of(node.values[0]), frame.module.place(node))


def _unary(m: Machine, node: Any, frame: Frame) -> Any:
    value = evaluate(m, node.operand, frame)
    place = frame.module.place(node)
    if isinstance(node.op, ast.Not):
        known = truth(value)
        return unknown("value", place) if known is None else Scalar(not known, place)
    if isinstance(value, Scalar) and isinstance(value.value, int | float) and isinstance(node.op, ast.USub):
        return Scalar(-value.value, place)
    return unknown("value", place)


def _compare(m: Machine, node: Any, frame: Frame) -> Any:
    left = evaluate(m, node.left, frame)
    result: bool | None = True
    for operator, right_node in zip(node.ops, node.comparators, strict=True):
        right = evaluate(m, right_node, frame)
        holds = compared(operator, left, right)
        result = False if holds is False or result is False else None if holds is None else result
        left = right
    place = frame.module.place(node)
    return unknown("value", place) if result is None else Scalar(result, place)


def _either(m: Machine, node: Any, frame: Frame) -> Any:
    known = truth(evaluate(m, node.test, frame))
    if known is not None:
        return evaluate(m, node.body if known else node.orelse, frame)
    return merged(evaluate(m, node.body, frame), evaluate(m, node.orelse, frame))


def _lambda(m: Machine, node: Any, frame: Frame) -> Any:
    from linter.evaluate.functions import define_function

    return define_function(m, node, frame)


def _named(m: Machine, node: Any, frame: Frame) -> Any:
    value = evaluate(m, node.value, frame)
    assign(m, node.target, value, frame)
    return value


def _await(m: Machine, node: Any, frame: Frame) -> Any:
    return evaluate(m, node.value, frame)


def _comprehension(m: Machine, node: Any, frame: Frame) -> Any:
    inner = Frame(frame.module, Scope(frame.scope))
    kind = "set" if isinstance(node, ast.SetComp) else "list"
    place = frame.module.place(node)
    if isinstance(node, ast.DictComp):
        made = Dict(place)

        def put() -> None:
            _put(m, made, evaluate(m, node.key, inner), evaluate(m, node.value, inner))

        if not _each(m, node.generators, inner, put):
            made.blur()
        return made
    items: list[Any] = []
    complete = _each(m, node.generators, inner, lambda: items.append(evaluate(m, node.elt, inner)))
    return List(items if complete else [], place, not complete, kind)


def _each(m: Machine, generators: list[Any], frame: Frame, act: Callable[[], None]) -> bool:
    """Act for each round of a comprehension; False when not all rounds are known."""
    if not generators:
        act()
        return True
    first, rest = generators[0], generators[1:]
    items = iterate(m, evaluate(m, first.iter, frame))
    if items is None:
        return False
    complete = True
    for item in items:
        assign(m, first.target, item, frame)
        tests = [truth(evaluate(m, test, frame)) for test in first.ifs]
        if False in tests:
            continue
        if None in tests:
            return False
        complete = _each(m, rest, frame, act) and complete
    return complete


_ACTIONS: dict[type[ast.AST], Callable[[Machine, Any, Frame], Any]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.JoinedStr: _joined,
    ast.Dict: _dict,
    ast.List: _sequence,
    ast.Tuple: _sequence,
    ast.Set: _sequence,
    ast.Subscript: _subscript,
    ast.Call: _call,
    ast.BinOp: _binary,
    ast.BoolOp: _boolean,
    ast.UnaryOp: _unary,
    ast.Compare: _compare,
    ast.IfExp: _either,
    ast.Lambda: _lambda,
    ast.NamedExpr: _named,
    ast.Await: _await,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.DictComp: _comprehension,
}

__all__ = ["Function", "assign", "bind_names", "constant", "evaluate", "iterate", "name_of", "update"]
