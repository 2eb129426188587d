"""The instances that an object stands for which functions hand on, or that lies in another: `self.settings.model`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from linter.assemble.python.callers import MOST_CALLERS, given_at, place_of
from linter.assemble.python.forms import given_for
from linter.assemble.python.names import CONSTANT, PART

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from linter.assemble.python.callers import Caller
    from linter.assemble.python.modules import Module
    from linter.assemble.python.names import Names

_DEPTH = 8
_MOST = 30
"""Objects that are looked at for one attribute."""


class Instance(NamedTuple):
    """A value that may be an instance (`returned` names what makes it), and where it is written."""

    value: Any
    module: Module
    part: str


def instances_of(
    holder: Any, module: Module, part: str, names: Names, callers: Callable[[Module, str], Sequence[Caller]]
) -> list[Instance]:
    """The instances that a value may be; empty when none is known."""
    return list(_Search(names, callers).of(Instance(holder, module, part), 0))


class _Search:
    def __init__(self, names: Names, callers: Callable[[Module, str], Sequence[Caller]]) -> None:
        self.names = names
        self.callers = callers
        self.left = _MOST

    def of(self, held: Instance, depth: int) -> Iterator[Instance]:
        value = held.value
        self.left -= 1
        if not isinstance(value, dict) or depth > _DEPTH or self.left < 0:
            return
        if "returned" in value:
            yield held
        for each in value.get("any", ()):
            yield from self.of(held._replace(value=each), depth + 1)
        if "parameter" in value:
            for given in self._given(held):
                yield from self.of(given, depth + 1)
        elif "field" in value:
            for owner in self.of(held._replace(value=value["of"]), depth + 1):
                for inner in self._fields(owner, value["field"]):
                    yield from self.of(inner, depth + 1)

    def _given(self, held: Instance) -> Iterator[Instance]:
        """What callers give for a parameter."""
        name, part = held.value["parameter"], held.value["part"]
        function = held.module.parts.get(part)
        if function is None or name not in function["parameters"]:
            return
        place = place_of(held.module, part, name)
        for caller, call in self.callers(held.module, part)[:MOST_CALLERS]:
            yield Instance(given_at(call, name, place), caller, call["part"])

    def _fields(self, owner: Instance, field: str) -> Iterator[Instance]:
        """What an instance has under a name: by what it is made with, else by its class."""
        target = self.names.resolve(owner.module, owner.part, owner.value["returned"])
        if target is None or target.kind != PART or target.module is None or target.module.kind(target.name) != "class":
            return
        given = given_for(owner.value, field)
        if given is not None and target.module.kind(f"{target.name}.__init__") is None:
            yield owner._replace(value=given)
            return
        member = self.names.member(target.module, target.name, (field,))
        if member is not None and member.kind == CONSTANT and member.module is not None and not member.rest:
            home = member.name.rpartition(".")[0]
            yield Instance(member.module.constants.get(member.name), member.module, home)
