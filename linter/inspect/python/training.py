"""Training with an algorithm that somebody subscribed to, as notebooks show it: how long it may wait and run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.inspect.python.forms import UNKNOWN_VALUE
from linter.model import UNKNOWN, Fact, Location

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from linter.inspect.python.names import Names
    from linter.inspect.python.place import Places
    from linter.inspect.python.scopes import Called
    from linter.inspect.python.values import Values
    from linter.knowledge import Knowledge

_ABSENT: Any = object()


def subscribed_trainings(names: Names, values: Values, places: Places, knowledge: Knowledge) -> Iterator[Fact]:
    """A `sagemaker.training` for each call that trains with an algorithm by its ARN."""
    table = knowledge.get("isolation")
    training = table["subscribed_training"]
    roots = {each.module.partition(".")[0] for each in names.outline.imports if each.level == 0}
    if roots.isdisjoint((*table["client_roots"], table["sdk_root"])):
        return
    for called in names.outline.calls:
        if called.node.keywords and _trains(called, names, table):
            given = _given(called, values)
            if _is_of_sdk(called, names, table) or _found(given, training["algorithm"]) not in (_ABSENT, None):
                fields = {name: _told(given, training[name]) for name in ("spot", "max_wait", "max_runtime")}
                fields["wait_covers_runtime"] = _covers(fields["max_wait"], fields["max_runtime"])
                yield Fact("sagemaker.training", Location(places.path, places.span(called.node)), fields)


def _trains(called: Called, names: Names, table: Mapping[str, Any]) -> bool:
    training = table["subscribed_training"]
    for meaning in names.of(called.node.func, called.scope):
        root, last = meaning.path.partition(".")[0], meaning.path.rpartition(".")[2]
        if root == table["sdk_root"] and last in training["sdk_classes"]:
            return True
        if root in table["client_roots"] and last in training["client_calls"]:
            return True
    return False


def _is_of_sdk(called: Called, names: Names, table: Mapping[str, Any]) -> bool:
    return any(
        meaning.path.partition(".")[0] == table["sdk_root"] for meaning in names.of(called.node.func, called.scope)
    )


def _given(called: Called, values: Values) -> dict[str, Any]:
    """The keyword arguments; under `**` something that is not known, when a mapping is given that is not."""
    given: dict[str, Any] = {}
    for each in called.node.keywords:
        value = values.of(each.value, called.scope)
        if each.arg is not None:
            given[each.arg] = value
        elif isinstance(value, dict) and "dict" in value:
            given |= value["dict"]
        else:
            given["**"] = UNKNOWN_VALUE
    return given


def _told(given: Mapping[str, Any], places: Sequence[Sequence[str]]) -> Any:
    """A number or a switch, from the first place that has one; None without one, unknown when it cannot be known."""
    found = next((value for place in places if (value := _found(given, place)) is not _ABSENT), None)
    if found is None:
        return UNKNOWN if "**" in given else None
    return found if isinstance(found, bool | int) else UNKNOWN


def _covers(wait: Any, runtime: Any) -> str:
    if not (isinstance(wait, int) and isinstance(runtime, int)):
        return UNKNOWN
    return "yes" if wait >= runtime else "no"


def _found(given: Mapping[str, Any], place: Sequence[str]) -> Any:
    value: Any = {"dict": given}
    for name in place:
        if not (isinstance(value, dict) and "dict" in value):
            return value if value == UNKNOWN_VALUE else _ABSENT
        if name not in value["dict"]:
            return _ABSENT
        value = value["dict"][name]
    return value
