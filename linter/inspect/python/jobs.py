"""Trials on SageMaker that publishing code starts: whether they run without a network, as all runs at a buyer's do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.model import UNKNOWN, Fact, Location
from linter.references.apis import CALLED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from linter.inspect.python.names import Names
    from linter.inspect.python.place import Places
    from linter.inspect.python.scopes import Called
    from linter.inspect.python.values import Values
    from linter.knowledge import Knowledge


def job_facts(names: Names, values: Values, places: Places, knowledge: Knowledge) -> Iterator[Fact]:
    """A `sagemaker.job` for each call that starts a training job or makes a model."""
    table = knowledge.get("isolation")
    for called in names.outline.calls:
        for meaning in names.of(called.node.func, called.scope):
            switch = _switch(meaning.path, called, table) if meaning.kind == "path" else None
            if switch is not None:
                fields = {
                    "call": meaning.path.replace(CALLED, ""),
                    "isolation": _isolation(called, switch, values),
                    "product_has_image": UNKNOWN,
                }
                yield Fact("sagemaker.job", Location(places.path, places.span(called.node)), fields)
                break


def _switch(path: str, called: Called, table: Mapping[str, Any]) -> str | None:
    """The argument that switches isolation on; None for a call that is no trial."""
    root, last = path.partition(".")[0].removesuffix(CALLED), path.rpartition(".")[2]
    if root == table["sdk_root"]:
        return str(table["sdk_switch"]) if last in table["sdk_classes"] else None
    entry = table["client_calls"].get(last)
    if entry is None or root not in table["client_roots"]:
        return None
    given = {each.arg for each in called.node.keywords}
    return str(entry["switch"]) if not given.isdisjoint(entry["with"]) or None in given else None


def _isolation(called: Called, switch: str, values: Values) -> str:
    """on, off, absent or unknown."""
    spread = False
    for keyword in called.node.keywords:
        if keyword.arg == switch:
            value = values.of(keyword.value, called.scope)
            return {True: "on", False: "off"}.get(value, UNKNOWN) if isinstance(value, bool) else UNKNOWN
        if keyword.arg is None:
            mapping = values.of(keyword.value, called.scope)
            if not (isinstance(mapping, dict) and "dict" in mapping):
                spread = True
            elif switch in mapping["dict"]:
                value = mapping["dict"][switch]
                return {True: "on", False: "off"}.get(value, UNKNOWN) if isinstance(value, bool) else UNKNOWN
    return UNKNOWN if spread else "absent"
