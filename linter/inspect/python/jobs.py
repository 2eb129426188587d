"""Trials on SageMaker that publishing code starts: whether they run without a network, as all runs at a buyer's do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.inspect.python.publishing import SPREAD, given
from linter.lazy import compiled
from linter.model import UNKNOWN, Fact, Location
from linter.references.apis import CALLED

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Mapping, Sequence

    from linter.inspect.python.place import Places
    from linter.inspect.python.publishing import AwsCall
    from linter.inspect.python.values import Values
    from linter.knowledge import Knowledge


_DEPTH = 12


def job_facts(calls: Sequence[AwsCall], values: Values, places: Places, knowledge: Knowledge) -> Iterator[Fact]:
    """A `sagemaker.job` for each call that starts a training job or makes a model."""
    table = knowledge.get("publishing")
    variables = frozenset(knowledge.get("container.online_environment.hub_id"))
    hub = compiled(knowledge.get("network_apis.hub.id_pattern"))
    for call in calls:
        switch = _switch(call, table)
        if switch is not None:
            arguments = given(call.called, values)
            fields = {
                "call": call.path.replace(CALLED, ""),
                "isolation": _isolation(arguments, switch),
                "private_registry": _names_registry(arguments, table["private_registry"]),
                "hub_model": _hub_model(arguments, variables, hub),
                "product_has_image": UNKNOWN,
                "product_publishes": UNKNOWN,
            }
            yield Fact("sagemaker.job", Location(places.path, places.span(call.called.node)), fields)


def _switch(call: AwsCall, table: Mapping[str, Any]) -> str | None:
    """The argument that switches isolation on; None for a call that is no trial."""
    if call.of_sdk:
        return str(table["sdk_switch"]) if call.name in table["sdk_classes"] else None
    entry = table["client_calls"].get(call.name)
    if entry is None:
        return None
    names = {each.arg for each in call.called.node.keywords}
    return str(entry["switch"]) if not names.isdisjoint(entry["with"]) or None in names else None


def _isolation(arguments: Mapping[str, Any], switch: str) -> str:
    """on, off, absent or unknown."""
    if switch not in arguments:
        return UNKNOWN if SPREAD in arguments else "absent"
    value = arguments[switch]
    return ("on" if value else "off") if isinstance(value, bool) else UNKNOWN


def _hub_model(value: Any, variables: frozenset[str], hub: re.Pattern[str], level: int = 0) -> str | None:
    """The model on a hub that a variable in the arguments of a call names, as far as they are known."""
    if level > _DEPTH or not isinstance(value, (dict, list, tuple)):
        return None
    if isinstance(value, dict):
        for name in variables & value.keys():
            if isinstance(value[name], str) and hub.search(value[name]):
                return str(value[name])
    members = value.values() if isinstance(value, dict) else value
    return next((found for each in members if (found := _hub_model(each, variables, hub, level + 1))), None)


def _names_registry(value: Any, setting: Mapping[str, str], level: int = 0) -> bool:
    """Whether the arguments of a call, as far as they are known, hold the setting for a registry outside of AWS."""
    if level > _DEPTH:
        return False
    if isinstance(value, dict):
        found = any(value.get(name) == wanted for name, wanted in setting.items())
        return found or any(_names_registry(each, setting, level + 1) for each in value.values())
    return isinstance(value, (list, tuple)) and any(_names_registry(each, setting, level + 1) for each in value)
