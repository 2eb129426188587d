"""Instance types: which lists know a name, and what kind of machine it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from linter.model import UNKNOWN

if TYPE_CHECKING:
    from linter.inspect.manifest.request import Node
    from linter.knowledge import Knowledge

LISTS = ("training", "transform", "realtime")
_LONGEST = 100


class InstanceTypes:
    """The table `instance_types`, made ready for lookups."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.known = {name: frozenset(_flat(knowledge.get(f"instance_types.{name}"))) for name in LISTS}
        self.pattern = re.compile(knowledge.get("instance_types.pattern"))
        patterns = knowledge.get("instance_types.family_patterns")
        self.families = {name: re.compile(pattern) for name, pattern in patterns.items()}
        self.sizes = frozenset(name.rsplit(".", 1)[-1] for names in self.known.values() for name in names)
        self._suggestions: dict[tuple[str, str], str | None] = {}

    def lists(self, name: str) -> list[str]:
        """The lists that have a type."""
        return [each for each in LISTS if name in self.known[each]]

    def well_formed(self, name: str) -> bool:
        return len(name) <= _LONGEST and self.pattern.search(name) is not None

    def accelerator(self, name: str) -> str:
        """gpu, neuron or cpu; unknown for types that no list has and for other accelerators."""
        for kind in ("gpu", "neuron"):
            if self._is(kind, name):
                return kind
        return UNKNOWN if self._is("habana", name) or not self.lists(name) else "cpu"

    def architecture(self, name: str) -> str:
        """amd64 or arm64; unknown for types that no list has, unless their family tells."""
        if self._is("arm64", name):
            return "arm64"
        return "amd64" if self.lists(name) else UNKNOWN

    def retired(self, name: str) -> bool:
        return self._is("retired", name)

    def suggestion(self, name: str, own: str) -> str | None:
        """The type of a list that a name was probably meant to be."""
        if len(name) > _LONGEST:
            return None
        if (name, own) not in self._suggestions:
            self._suggestions[name, own] = self._nearest(name.strip().lower(), own)
        return self._suggestions[name, own]

    def _nearest(self, name: str, own: str) -> str | None:
        from difflib import get_close_matches

        for guess in (name, f"ml.{name}", re.sub(r"^ml[-_:]", "ml.", name)):
            if guess in self.known[own]:
                return guess
        if not self.lists(name) and self.well_formed(name) and name.rsplit(".", 1)[-1] in self.sizes:
            return None  # a family or a size of one that is newer than the table
        close = get_close_matches(name, self.known[own], 1, 0.8)
        return close[0] if close else None

    def _is(self, group: str, name: str) -> bool:
        parts = name.split(".")
        pattern = self.families.get(group)
        return (
            len(parts) == 3 and len(name) <= _LONGEST and pattern is not None and pattern.search(parts[1]) is not None
        )


def _flat(table: Any) -> Iterable[str]:
    """The types of a list, or of a mapping from families to lists."""
    groups = table.values() if isinstance(table, Mapping) else [table]
    return (str(name) for group in groups for name in ([group] if isinstance(group, str) else group))


def types_of(node: Node) -> InstanceTypes:
    """The table of instance types, made once a run."""
    types: InstanceTypes = node.request.knowledge.index("manifest.instance_types", InstanceTypes)
    return types


def machines(node: Node, *lists: str) -> dict[str, list[str]]:
    """Which accelerators and architectures the types of some lists have; `unknown` for types that no table has."""
    types = types_of(node)
    values = [value for name in lists for value in _texts(node, name)]
    return {
        "accelerators": sorted({types.accelerator(value) for value in values}),
        "architectures": sorted({types.architecture(value) for value in values}),
    }


def _texts(node: Node, member: str) -> list[str]:
    values = node.texts(member)
    return values if isinstance(values, list) else []


def instance_type_fact(node: Node, own: str) -> None:
    """The `manifest.instance_type` of one value; `own` is the list of the table that its place takes."""
    types = types_of(node)
    value = node.known
    name = value if isinstance(value, str) else UNKNOWN
    lists = types.lists(name)
    if node.unknown:
        known = "placeholder"
    elif own in lists:
        known = "own"
    elif lists:
        known = "other"
    else:
        known = UNKNOWN if types.well_formed(name) else "malformed"
    in_list = bool(node.pointer) and isinstance(node.pointer[-1], int)
    wrong = known in ("other", UNKNOWN, "malformed")
    fields = {
        "value": name,
        "list": own if node.name.startswith("Supported") else f"validation_{own}",
        "known": known,
        "other_lists": [each for each in lists if each != own],
        "accelerator": types.accelerator(name),
        "architecture": types.architecture(name),
        "retired": types.retired(name),
        "duplicate": in_list and known != "placeholder" and node.request.repeated(node, name),
        "suggestion": types.suggestion(name, own) if wrong and node.request.guess() else None,
    }
    node.request.emit("manifest.instance_type", node, fields, {"value": node.span})
