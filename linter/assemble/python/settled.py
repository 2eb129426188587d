"""What settled values say: their members, and whether they are true."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.references.destination import ALTERNATIVES, HOLE, alternatives, is_requested

if TYPE_CHECKING:
    from collections.abc import Sequence


def holds(value: Any, among: Sequence[Any] | None) -> bool | None:
    """Whether a settled value is true, or one of some literals; None when that is not known."""
    found = alternatives(value)
    if len(found) >= ALTERNATIVES:
        return None
    outcomes = {_one_holds(each, among) for each in found}
    return outcomes.pop() if len(outcomes) == 1 else None


def _one_holds(value: Any, among: Sequence[Any] | None) -> bool | None:
    if isinstance(value, dict):
        return None
    if isinstance(value, str) and HOLE in value:
        return True if among is None and value != HOLE else None
    return bool(value) if among is None else value in among


def member_of(holder: Any, key: str) -> Any:
    """What a settled mapping holds for a key; `{}` when that is not known."""
    if isinstance(holder, dict) and "any" in holder:
        return any_of([member_of(each, key) for each in holder["any"]])
    if is_requested(holder):
        return holder
    return holder["dict"].get(key, {}) if isinstance(holder, dict) and "dict" in holder else {}


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
