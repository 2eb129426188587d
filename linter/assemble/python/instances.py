"""The objects that a value may be which functions hand on, or which lie in a list or in another object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from linter.assemble.python.callers import MOST_CALLERS, given_at, place_of
from linter.assemble.python.forms import given_for
from linter.assemble.python.meant import target_of
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
    """The value of an object, before it is settled, and where it is written: `returned` names what makes it."""

    value: Any
    module: Module
    part: str


def instances_of(
    holder: Any, module: Module, part: str, names: Names, callers: Callable[[Module, str], Sequence[Caller]]
) -> list[Instance]:
    """The objects whose attributes may be asked for that a value may be; empty when none is known."""
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
        if "returned" in value or "name" in value or "dict" in value:
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
        elif "element" in value or "member" in value:
            for inner in self._elements(held):
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
        """What an object has under a name: by what it is made with, else by its class."""
        if "returned" not in owner.value:
            members = owner.value.get("dict")
            inner = members.get(field) if members is not None else {"name": f"{owner.value['name']}.{field}"}
            yield owner._replace(value=inner)
            return
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

    def _elements(self, held: Instance) -> Iterator[Instance]:
        """What a constant list or mapping holds there."""
        inner = held.value.get("element", held.value.get("of"))
        target = target_of(inner, held.module, held.part, self.names) if isinstance(inner, dict) else None
        if target is None or target.kind != CONSTANT or target.module is None or target.rest:
            return
        constant = target.module.constants.get(target.name)
        if isinstance(constant, dict):
            members, key = constant.get("dict", {}), held.value.get("member")
            constant = [] if "element" in held.value else [members[key]] if key in members else list(members.values())
        home = target.name.rpartition(".")[0]
        for each in constant[:MOST_CALLERS] if isinstance(constant, list) else ():
            yield Instance(each, target.module, home)
