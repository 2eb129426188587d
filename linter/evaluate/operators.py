"""Operators, comparisons, elements and slices of known values."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from linter.evaluate.machine import unknown
from linter.evaluate.text import LONGEST, Text, TooLarge, joined
from linter.evaluate.values import Dict, List, PathText, Scalar, Unknown, is_plain, place_of, plain, same

if TYPE_CHECKING:
    from linter.evaluate.machine import Machine
    from linter.evaluate.text import Place

_LARGEST = 10**18
_MISSING = (ast.Eq, ast.Is)


def binary(m: Machine, operator: Any, left: Any, right: Any, place: Place | None, in_place: bool = False) -> Any:
    """The value of `left operator right`."""
    m.tick(_size(left) + _size(right))
    try:
        found = _binary(m, operator, left, right, place, in_place)
    except (TooLarge, ArithmeticError, ValueError, TypeError):
        found = None
    return found if found is not None else unknown("value", place)


def _size(value: Any) -> int:
    if isinstance(value, Text):
        return len(value.flat) // 64 + len(value.pieces) // 4
    return len(value.items) // 8 if isinstance(value, List | Dict) else 0


def _binary(m: Machine, operator: Any, left: Any, right: Any, place: Place | None, in_place: bool) -> Any:
    from linter.evaluate.expressions import update
    from linter.evaluate.formats import percent

    if isinstance(left, Text) and isinstance(operator, ast.Mod):
        return percent(left, right, place)
    if isinstance(operator, ast.Add):
        if isinstance(left, Text) or isinstance(right, Text):
            sides = [as_part(left), as_part(right)]
            return joined([side for side in sides if side is not None], None, place) if None not in sides else None
        if isinstance(left, List):
            return _longer(m, left, right, in_place)
    if isinstance(operator, ast.BitOr) and isinstance(left, Dict):
        target = left
        if in_place:
            m.touch(left)
        else:
            target = Dict(left.place or place)
            update(target, left)
        update(target, right)
        return target
    if isinstance(operator, ast.Mult):
        sequence, times = (left, right) if isinstance(right, Scalar) else (right, left)
        if isinstance(times, Scalar) and type(times.value) is int and isinstance(sequence, List | Text):
            return _repeated(sequence, max(times.value, 0), place)
    if isinstance(operator, ast.Div) and isinstance(left, PathText):
        return PathText(_path(left.text, right))
    if isinstance(left, Scalar) and isinstance(right, Scalar):
        return _number(operator, left.value, right.value, place)
    return None


def as_part(value: Any) -> Text | None:
    """A value that is added to a text: a text, or something unknown, which can only be one."""
    if isinstance(value, Text):
        return value
    return Text.unknown(value.name, value.place, value.maker) if isinstance(value, Unknown) else None


def _longer(m: Machine, left: List, right: Any, in_place: bool) -> Any:
    items = right.items if isinstance(right, List) else []
    is_open = left.open or not isinstance(right, List) or right.open
    added = [*left.items, *(() if left.open else items)]
    if not in_place:
        return List(added, left.place, is_open, left.kind)
    m.touch(left)
    if len(added) > 5_000:
        raise TooLarge
    left.items, left.open = added, is_open
    return left


def _repeated(sequence: Any, times: int, place: Place | None) -> Any:
    if isinstance(sequence, Text):
        if len(sequence.flat) * times > LONGEST:
            raise TooLarge
        return joined([sequence] * times, None, place)
    if sequence.open or len(sequence.items) * times > 5_000:
        raise TooLarge
    return List(sequence.items * times, sequence.place or place, False, sequence.kind)


def _path(base: Text, part: Any) -> Text:
    other = part.text if isinstance(part, PathText) else as_part(part)
    if other is None:
        return Text.unknown("path")
    return join_path([base, other])


def join_path(parts: list[Text], place: Place | None = None) -> Text:
    """As `os.path.join` where paths have `/`."""
    found: list[Text] = []
    for part in parts:
        if part.flat.startswith("/"):
            found = []
        if found and not found[-1].flat.endswith("/") and found[-1].flat:
            found.append(Text.written("/", place))
        found.append(part)
    return joined(found, None, place)


def _number(operator: Any, left: Any, right: Any, place: Place | None) -> Any:
    if left is None or right is None or abs(left) > _LARGEST or abs(right) > _LARGEST:
        return None
    kind = type(operator)
    if kind is ast.Add:
        found: Any = left + right
    elif kind is ast.Sub:
        found = left - right
    elif kind is ast.Mult:
        found = left * right
    elif kind is ast.Div:
        found = left / right
    elif kind is ast.FloorDiv:
        found = left // right
    elif kind is ast.Mod:
        found = left % right
    elif kind is ast.Pow and type(left) is int and type(right) is int and 0 <= right <= 60 and abs(left) <= 1024:
        found = left**right
    elif kind in (ast.LShift, ast.RShift) and type(left) is int and type(right) is int and 0 <= right <= 60:
        found = left << right if kind is ast.LShift else left >> right
    else:
        return None
    return Scalar(found, place)


def compared(operator: Any, left: Any, right: Any) -> bool | None:
    """Whether a comparison holds; None when that is not known."""
    negated = isinstance(operator, ast.NotEq | ast.IsNot | ast.NotIn)
    if isinstance(operator, ast.Eq | ast.NotEq | ast.Is | ast.IsNot):
        found = _equal(left, right)
    elif isinstance(operator, ast.In | ast.NotIn):
        found = contains(right, left)
    else:
        return _ordered(operator, left, right)
    return None if found is None else found is not negated


def _equal(left: Any, right: Any) -> bool | None:
    if is_plain(left) and is_plain(right):
        return bool(plain(left) == plain(right))
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return None
    if any(isinstance(side, Scalar) and side.value is None for side in (left, right)):
        return False
    return True if same(left, right) else None


def contains(container: Any, item: Any) -> bool | None:
    """Whether something is in a container; None when that is not known."""
    if isinstance(container, Text) and isinstance(item, Text):
        if item.known and item.flat in container.flat:
            return True
        return False if container.known and item.known else None
    if not is_plain(item) or not isinstance(container, List | Dict):
        return None
    if isinstance(container, Dict):
        return True if plain(item) in container.items else None if container.open else False
    found = [_equal(each, item) for each in container.items]
    if True in found:
        return True
    return None if container.open or None in found else False


def _ordered(operator: Any, left: Any, right: Any) -> bool | None:
    if not is_plain(left) or not is_plain(right):
        return None
    one, other = plain(left), plain(right)
    try:
        if isinstance(operator, ast.Lt):
            return bool(one < other)
        if isinstance(operator, ast.LtE):
            return bool(one <= other)
        return bool(one > other) if isinstance(operator, ast.Gt) else bool(one >= other)
    except TypeError:
        return None


def element(owner: Any, key: Any) -> Any:
    """`owner[key]`; None when it is not known."""
    if isinstance(owner, Dict) and is_plain(key):
        return owner.items.get(plain(key))
    index = key.value if isinstance(key, Scalar) else None
    if type(index) is not int:
        return None
    if isinstance(owner, List) and -len(owner.items) <= index < len(owner.items) and not (owner.open and index < 0):
        return owner.items[index]
    if isinstance(owner, Text) and owner.known and -len(owner.flat) <= index < len(owner.flat):
        at = index % len(owner.flat)
        return owner.cut(at, at + 1)
    return None


def sliced(owner: Any, low: Any, high: Any, step: Any) -> Any:
    """`owner[low:high:step]`; None when it is not known."""
    bounds = []
    for bound in (low, high, step):
        value = bound.value if isinstance(bound, Scalar) else None
        if bound is not None and type(value) is not int and not (isinstance(bound, Scalar) and value is None):
            return None
        bounds.append(value)
    part = slice(*bounds)
    if part.step == 0:
        return None
    if isinstance(owner, List) and not owner.open:
        return List(owner.items[part], owner.place, False, owner.kind)
    if isinstance(owner, Text) and owner.known:
        if part.step not in (None, 1):
            return Text.written(owner.flat[part], place_of(owner))
        start, end, _ = part.indices(len(owner.flat))
        return owner.cut(start, max(start, end))
    return None
