"""Which code trains and which answers requests: what the programs of each kind lead to, each kind by itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from linter.assemble.python.entry_points import CONTRACT, CONVENTION, LOADED, PACKED
from linter.model import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from linter.assemble.python.entry_points import Entry
    from linter.assemble.python.reach import Key, Reach
    from linter.assemble.python.worlds import World
    from linter.knowledge import Knowledge

TRAINING, INFERENCE, BOTH = "training", "inference", "both"
_ANSWERING = (CONTRACT, LOADED, CONVENTION, PACKED)
_HANDLING = ("handler", "contract")


class Roles:
    """The role of each part of the code in each image."""

    def __init__(self, worlds: Sequence[World], knowledge: Knowledge) -> None:
        self.worlds = worlds
        self._words: Mapping[str, Sequence[str]] = knowledge.get("file_calls.programs")
        self._starts: dict[str, str] = {name: role for role, name in knowledge.get("container.start_programs").items()}
        self._reaches: dict[World, dict[str, Reach]] = {}

    def of(self, world: World, key: Key) -> str:
        """What a part of the code serves in a world: `training`, `inference`, `both` or `unknown`."""
        found = [role for role, reach in self.reaches(world).items() if key in reach.nodes]
        if len(found) == 1:
            return found[0]
        node = world.reach.nodes.get(key)
        handles = not found and node is not None and node.kind in _HANDLING
        return BOTH if found else INFERENCE if handles else UNKNOWN

    def reaches(self, world: World) -> dict[str, Reach]:
        """What the programs of each role lead to in a world. A program that may be of either is of none."""
        if world not in self._reaches:
            by_role: dict[str, list[Entry]] = {}
            for entry in world.entries:
                by_role.setdefault(self.role_of(entry), []).append(entry)
            self._reaches[world] = found = {}
            for role, entries in by_role.items():
                if role == UNKNOWN:
                    continue
                if len(by_role) == 1:
                    found[role] = world.reach
                    continue
                found[role] = world.again()
                found[role].follow(entries)
        return self._reaches[world]

    def role_of(self, entry: Entry) -> str:
        """What a program is for: by the name that SageMaker starts it under, by what loads it, by its own name."""
        started = self._starts.get(entry.name)
        if started is not None:
            return started
        if entry.kind in _ANSWERING:
            return INFERENCE
        words = re.split(r"[^a-z0-9]+", entry.module.stem.lower())
        found = {role for role, names in self._words.items() for word in words if _begins(word, role, names)}
        return found.pop() if len(found) == 1 else UNKNOWN


def _begins(word: str, role: str, names: Sequence[str]) -> bool:
    """Programs that train go by many forms of the word; short words of servers stand in others by chance."""
    return word.startswith(tuple(names)) if role == TRAINING else word in names
