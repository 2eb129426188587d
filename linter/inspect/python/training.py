"""Training with an algorithm that somebody subscribed to, as notebooks show it to buyers: its wait and its run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.inspect.python.forms import UNKNOWN_VALUE
from linter.inspect.python.publishing import SPREAD, given
from linter.model import UNKNOWN, Fact, Location

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from linter.inspect.python.place import Places
    from linter.inspect.python.publishing import AwsCall
    from linter.inspect.python.values import Values
    from linter.knowledge import Knowledge

_ABSENT: Any = object()


def subscribed_trainings(
    calls: Sequence[AwsCall], values: Values, places: Places, knowledge: Knowledge
) -> Iterator[Fact]:
    """A `sagemaker.training` for each call that trains with an algorithm by its ARN."""
    table = knowledge.get("publishing.subscribed_training")
    for call in calls:
        node = call.called.node
        if not node.keywords or call.name not in table["sdk_classes" if call.of_sdk else "client_calls"]:
            continue
        arguments = given(call.called, values)
        if call.of_sdk or _found(arguments, table["algorithm"]) not in (_ABSENT, None):
            fields = {name: _told(arguments, table[name]) for name in ("spot", "max_wait", "max_runtime")}
            fields["wait_covers_runtime"] = _covers(fields["max_wait"], fields["max_runtime"])
            yield Fact("sagemaker.training", Location(places.path, places.span(node)), fields)


def _told(arguments: Mapping[str, Any], places: Sequence[Sequence[str]]) -> Any:
    """A number or a switch, from the first place that has one; None without one, unknown when it cannot be known."""
    found = next((value for place in places if (value := _found(arguments, place)) is not _ABSENT), None)
    if found is None:
        return UNKNOWN if SPREAD in arguments else None
    return found if isinstance(found, bool | int) else UNKNOWN


def _covers(wait: Any, runtime: Any) -> str:
    if not (isinstance(wait, int) and isinstance(runtime, int)):
        return UNKNOWN
    return "yes" if wait >= runtime else "no"


def _found(arguments: Mapping[str, Any], place: Sequence[str]) -> Any:
    value: Any = {"dict": arguments}
    for name in place:
        if not (isinstance(value, dict) and "dict" in value):
            return value if value == UNKNOWN_VALUE else _ABSENT
        if name not in value["dict"]:
            return _ABSENT
        value = value["dict"][name]
    return value
