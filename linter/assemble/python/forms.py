"""What a settled value may be, and what stands in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from linter.references.destination import ALTERNATIVES, ANY_KEY, HOLE, SPREAD, alternatives, is_requested

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_RESOLVABLE = (
    *("environment", "name", "parameter", "attribute", "returned"),
    *("member", "option", "options", "element", "field", "setting", "rest", "splat", "joined", "loaded"),
)
_COMPOUND = ("any", "join", "path", "dict")


class Possible(NamedTuple):
    """The texts that a value may be; `open` when it may be something else too."""

    texts: tuple[str, ...]
    open: bool


def possible(value: Any) -> Possible:
    """The texts of a settled value."""
    found = alternatives(value)
    texts = [one for one in found if isinstance(one, str)]
    known = tuple(dict.fromkeys(text for text in texts if HOLE not in text))
    return Possible(known, len(known) < len(dict.fromkeys(map(repr, found))))


def is_open(value: Any) -> bool:
    """Whether other files may say more about a value."""
    if isinstance(value, list):
        return any(map(is_open, value))
    if not isinstance(value, dict):
        return False
    if any(key in value for key in _RESOLVABLE) or is_open(value.get("asks", {}).get("value")):
        return True
    inner = value.get("dict")
    if isinstance(inner, dict):
        return any(map(is_open, inner.values()))
    return any(is_open(each) for key in _COMPOUND if isinstance(value.get(key), list) for each in value[key])


def holds(value: Any, among: Sequence[Any] | None) -> bool | None:
    """Whether a settled value is true, or one of some literals; None when that is not known."""
    found = alternatives(value)
    if len(found) >= ALTERNATIVES:
        return None
    outcomes = {_one_holds(each, among) for each in found}
    return outcomes.pop() if len(outcomes) == 1 else None


def _one_holds(value: Any, among: Sequence[Any] | None) -> bool | None:
    if isinstance(value, dict | list):  # a list may be filled, or thinned out, before it is asked for
        return None
    if isinstance(value, str) and HOLE in value:
        told = among is None or not any(isinstance(each, str) for each in among)  # it is a text, whatever it says
        return None if value == HOLE or not told else among is None
    return bool(value) if among is None else value in among


def spaced(separator: str, items: Any) -> Any:
    """`separator.join(items)` of a settled list."""
    if isinstance(items, dict) and "any" in items:
        return any_of([spaced(separator, each) for each in items["any"]])
    if not isinstance(items, list) or not items:
        return {}
    return {"join": [part for each in items for part in (separator, each)][1:]}


def member_of(holder: Any, key: str | int | None) -> Any:
    """What a settled mapping holds for a key, or a list at a place; anything it holds, for None; `{}` if not known."""
    if isinstance(holder, dict) and "any" in holder:
        return any_of([member_of(each, key) for each in holder["any"]])
    if is_requested(holder):
        return holder
    if key is None:
        members = list(holder["dict"].values()) if isinstance(holder, dict) and "dict" in holder else holder
        return any_of(members) if isinstance(members, list) and members else {}
    if isinstance(key, int):
        return holder[key] if isinstance(holder, list) and -len(holder) <= key < len(holder) else {}
    return (
        holder["dict"].get(key, holder["dict"].get(ANY_KEY, {}))
        if isinstance(holder, dict) and "dict" in holder
        else {}
    )


def given_for(made: Any, field: str) -> Any:
    """What the maker of an instance was given for a field, before it is settled; None when nothing by that name."""
    given = made.get("given", {})
    return {"member": field, "of": given[SPREAD]} if field not in given and SPREAD in given else given.get(field)


def given_by_name(keywords: Mapping[str, Any], name: str, otherwise: Any) -> Any:
    """What a call gives by a name, before it is settled; what `**given` holds for it comes after what stands there."""
    if name in keywords or SPREAD not in keywords:
        return keywords.get(name, otherwise)
    spread = keywords[SPREAD]
    return {"member": name, "of": spread} if spread else {}


def element_of(holder: Any) -> Any:
    """Any element of a settled list, or any key of a mapping; `{}` when that is not known."""
    if isinstance(holder, list) and holder:
        return any_of(holder)
    if is_requested(holder):
        return {"request": True}
    return any_of(list(holder["dict"])) if isinstance(holder, dict) and holder.get("dict") else {}


def any_of(values: list[Any]) -> Any:
    """One of several values, each once."""
    flat: list[Any] = []
    for value in values:
        for each in value["any"] if isinstance(value, dict) and "any" in value else [value]:
            if each not in flat or isinstance(each, bool):
                flat.append(each)
    return flat[0] if len(flat) == 1 else {"any": flat}
