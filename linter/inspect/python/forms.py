"""Forms of values: how texts, paths and alternatives are put together, and kept small. Nothing here knows of code."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from linter.references.destination import ANY_KEY, SPREAD

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Mapping, Sequence

UNKNOWN_VALUE: dict[str, Any] = {}
PARTS_LIMIT = 64
TEXT_LIMIT = 2000
SMALL = 800
"""Characters of a value that stands in a fact; a longer one is data, not an address or a name."""
FEW = 500
"""Characters of what the maker of an instance was given that are kept with it."""
ALTERNATIVES_LIMIT = 8
NESTING_LIMIT = 30
"""Levels of one value."""
_FOLDERS_ABOVE = 6
"""Of the `parents` of a path, how many are told apart."""
SIZE_LIMIT = 40_000
"""Characters of all texts of one value, and 20 for each piece. Values are made of values, so that they multiply."""

ASKS = "asks"
"""Beside `any`: the condition that chooses the first of two values, or else the second."""

Value = Any


def bounded(value: Value) -> Value:
    """The value, or one that is not known when it is too large or too deep."""
    if not value or (type(value) is str and len(value) <= TEXT_LIMIT):
        return value  # as most are
    left, level, waiting = SIZE_LIMIT, 0, [value]
    while waiting:
        inner: list[Value] = []
        left -= 20 * len(waiting)
        for each in waiting:
            kind = type(each)
            if kind is str:
                left -= len(each)
            elif kind is dict:
                inner += each.values()
            elif kind is list:
                inner += each
        if left < 0 or level > NESTING_LIMIT:
            return UNKNOWN_VALUE
        waiting = inner
        level += 1
    return value


def small(value: Value) -> Value:
    """The value, when it is small enough to be written into a fact; of a large mapping or list what fits."""
    if isinstance(value, str):
        return value[:SMALL]
    if not value or not isinstance(value, dict | list) or len(repr(value)) <= SMALL:
        return value
    if isinstance(value, list):
        return _first_of(value)
    return _texts_of(value["dict"]) if "dict" in value else UNKNOWN_VALUE


def _first_of(values: Sequence[Value]) -> Value:
    """The first elements of a list, and one that is not known for the rest."""
    left = SMALL
    for number, value in enumerate(values):
        left -= len(repr(value)) + 2
        if left < 0:
            return [*values[:number], UNKNOWN_VALUE] if number else UNKNOWN_VALUE
    return values


def _texts_of(members: Mapping[str, Value]) -> Value:
    kept: dict[str, str] = {}
    left = SMALL
    for key, value in members.items():
        left -= len(key) + len(value) + 8 if isinstance(value, str) else 0
        if isinstance(value, str) and left > 0:
            kept[key] = value
    return {"dict": kept}


def few(members: Mapping[str, Value]) -> dict[str, Value]:
    """The members that are known, as far as they stay small together."""
    kept: dict[str, Value] = {}
    left = FEW
    for name, value in members.items():
        size = len(name) + len(repr(value))
        if value != UNKNOWN_VALUE and size <= left:
            kept[name] = value
            left -= size
    return kept


def above(path: Value, attribute: str = "parent") -> Value:
    """`parent` or `parents` of a path. One of which nothing is known is taken for that of the code's own file."""
    parts: list[Value] = path.get("path", []) if isinstance(path, dict) else []
    if len(parts) == 1 and isinstance(parts[0], dict) and "any" in parts[0]:
        return any_of([above(path_of([each]), attribute) for each in parts[0]["any"]])
    steps = [] if path == {"path": [UNKNOWN_VALUE]} else [".."]
    if attribute == "parents":
        return [{"path": [path, *steps, *[".."] * number]} for number in range(_FOLDERS_ABOVE)]
    return {"path": [path, *steps]} if attribute == "parent" else UNKNOWN_VALUE


def any_of(values: Sequence[Value]) -> Value:
    """One of several values; the value itself when they agree."""
    if len(values) == 1 and not (type(values[0]) is dict and "any" in values[0] and ASKS not in values[0]):
        return values[0]
    found: list[Value] = []
    for value in values:
        inner = value["any"] if isinstance(value, dict) and "any" in value else [value]
        found += [each for each in inner if not any(same(each, one) for one in found)]
    if len(found) == 1:
        return found[0]
    return {"any": found[:ALTERNATIVES_LIMIT]} if found else UNKNOWN_VALUE


def chosen(condition: Mapping[str, Any], first: Value, second: Value) -> Value:
    """One of two values, as a condition says: the first when it holds."""
    either = any_of([first, second])
    plain = isinstance(either, dict) and len(either.get("any", ())) == 2
    open_ = any(isinstance(each, dict) and "any" in each for each in (first, second))
    return {**either, ASKS: dict(condition)} if plain and not open_ else either


def if_given(value: Value, otherwise: Value) -> Value:
    """A value that others may give, and what counts without it: `properties.get(key, otherwise)`."""
    if isinstance(value, dict) and "member" in value:
        return chosen({"value": value, "among": [None], "holds": False}, value, otherwise)
    return any_of([value, otherwise])


def same(left: Value, right: Value) -> bool:
    """Equality of JSON, where 1 is not true."""
    return type(left) is type(right) and bool(left == right)


def join(parts: Sequence[Value]) -> Value:
    """Texts put together; a literal when all parts are."""
    flat: list[Value] = []
    for part in parts:
        inner = part["join"] if isinstance(part, dict) and "join" in part else [part]
        for each in inner:
            text = _as_text(each)
            if text is not None and flat and isinstance(flat[-1], str):
                flat[-1] = (flat[-1] + text)[:TEXT_LIMIT]
            else:
                flat.append(each if text is None else text)
    if not flat:
        return ""
    return flat[0] if len(flat) == 1 and isinstance(flat[0], str) else {"join": flat[:PARTS_LIMIT]}


def path_of(parts: Sequence[Value]) -> Value:
    """Parts of a path put together."""
    flat: list[Value] = []
    for part in parts:
        flat += part["path"] if isinstance(part, dict) and "path" in part else [part]
    return {"path": flat[:PARTS_LIMIT]}


def element_of(value: Value, path: Sequence[int]) -> Value:
    """An element of a list, of a list in it, and so on."""
    if is_request(value):
        return REQUEST
    for at, number in enumerate(path):
        if isinstance(value, dict) and "any" in value:
            return any_of([element_of(each, path[at:]) for each in value["any"]])
        if is_later(value):
            value = {"member": number, "of": value}
            continue
        if not isinstance(value, list) or not -len(value) <= number < len(value):
            return UNKNOWN_VALUE
        value = value[number]
    return value


def any_element_of(value: Value) -> Value:
    """Some element of a list."""
    if isinstance(value, list):
        return any_of(value)
    return {"element": value} if is_later(value) else UNKNOWN_VALUE


def iterated(items: Value, path: Sequence[int]) -> Value:
    """What a loop over a value binds: one stands for all. `path` leads to the name in `for name, value in …`."""
    if isinstance(items, dict) and "any" in items:  # of an empty one nothing is bound
        found = [iterated(each, path) for each in items["any"]]
        if ASKS in items and len(found) == 2:
            return chosen(items[ASKS], found[0], found[1])
        return any_of([each for each, one in zip(found, items["any"], strict=True) if one not in ([], None)])
    if isinstance(items, dict) and "dict" in items:
        items = list(items["dict"])
    if isinstance(items, list):
        return any_of([element_of(each, path) for each in items])
    if is_later(items) and not path:
        return {"element": items}
    return REQUEST if is_request(items) else UNKNOWN_VALUE


LATER = ("parameter", "name", "attribute", "returned", "member", "element", "field", "options", "loaded")
"""What other files, or the callers, have to say first."""
_OBJECTS = ("parameter", "field", "loaded", "member", "element")
"""Those that may be objects made of mappings."""
OPTIONS: dict[str, Any] = {"options": True}
"""The object with the options of the module's program, as `parse_args()` gives it."""


ALL_HYPERPARAMETERS: dict[str, Any] = {"loaded": {"environment": "SM_HPS"}}
"""The mapping with a job's hyperparameters, as the platform's toolkit hands it over."""
REQUEST: dict[str, Any] = {"request": True}
"""What a request says, or a part of it."""


def is_path(value: Value) -> bool:
    """Whether a value is a path that was put together, or may be one."""
    if isinstance(value, dict) and "any" in value:
        return any(is_path(each) for each in value["any"])
    return isinstance(value, dict) and "path" in value


def is_request(value: Value) -> bool:
    """Whether a value is what a request says, as far as it is known at all."""
    if isinstance(value, dict) and "any" in value:
        return any(is_request(each) for each in value["any"])
    return isinstance(value, dict) and "request" in value


def is_setting(value: Value) -> bool:
    """Whether a value is what a file of settings holds, or a part of it."""
    while isinstance(value, dict) and ("member" in value or "setting" in value):
        value = value.get("of")
    return isinstance(value, dict) and "loaded" in value


def is_later(value: Value) -> bool:
    """Whether other files, or the callers, have to say first what a value is."""
    return isinstance(value, dict) and any(each in value for each in LATER)


def member_of(holder: Value, key: str) -> Value:
    """What a mapping holds for a key."""
    if isinstance(holder, dict) and "any" in holder:
        return any_of([member_of(each, key) for each in holder["any"]])
    if isinstance(holder, dict) and "dict" in holder:
        return holder["dict"].get(key, holder["dict"].get(ANY_KEY, UNKNOWN_VALUE))
    if is_later(holder) or is_setting(holder):
        return {"member": key, "of": holder}
    if isinstance(holder, dict) and "request" in holder:
        return REQUEST
    return UNKNOWN_VALUE


def any_member_of(holder: Value) -> Value:
    """What a mapping holds for a key that is not known."""
    if isinstance(holder, dict) and "dict" in holder:
        return any_of(list(holder["dict"].values()))
    if is_request(holder):
        return REQUEST
    return {"member": None, "of": holder} if is_later(holder) else UNKNOWN_VALUE


def given_field(made: Value, name: str) -> Value | None:
    """What the maker of an instance was given for a field; None when nothing by that name."""
    given = made.get("given", {})
    if name in given or SPREAD not in given:
        return given.get(name)
    return member_of(given[SPREAD], name)


def field_of(holder: Value, name: str, otherwise: Value = UNKNOWN_VALUE) -> Value:
    """What an object that a caller gives has for an attribute; what its class says, where nobody gives anything."""
    if isinstance(holder, dict) and "any" in holder:
        return any_of([field_of(each, name, otherwise) for each in holder["any"]])
    if isinstance(holder, dict) and "dict" in holder:
        return member_of(holder, name)
    if isinstance(holder, dict) and "request" in holder:
        return REQUEST
    if isinstance(holder, dict) and any(each in holder for each in _OBJECTS):
        return {"field": name, "of": holder, **({"default": otherwise} if otherwise != UNKNOWN_VALUE else {})}
    return otherwise


def constant(value: object) -> Value:
    if isinstance(value, str):
        return value[:TEXT_LIMIT]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else UNKNOWN_VALUE
    if isinstance(value, int):
        return value if abs(value) < 2**53 else UNKNOWN_VALUE
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")[:TEXT_LIMIT]
    return UNKNOWN_VALUE


def _as_text(value: Value) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return str(value) if isinstance(value, bool) else None
    return str(value)


def is_text(value: Value) -> bool:
    """Whether a value is a text, or may be one."""
    if isinstance(value, dict) and "any" in value:
        return any(is_text(each) for each in value["any"])
    return isinstance(value, str) or (isinstance(value, dict) and ("join" in value or "environment" in value))


def filled(template: str, pattern: Any, fill: Callable[[re.Match[str]], Value]) -> Value:
    parts: list[Value] = []
    at = 0
    for match in pattern.finditer(template):
        parts += [template[at : match.start()], fill(match)]
        at = match.end()
    return join([*parts, template[at:]])
