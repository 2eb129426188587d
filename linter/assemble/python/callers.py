"""Which calls of a function or class the modules of a product hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from linter.assemble.python.forms import given_by_name
from linter.assemble.python.names import CONSTANT, EXTERNAL, PART

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from linter.assemble.python.modules import Module, Modules
    from linter.assemble.python.names import Names

MOST_CALLERS = 24
SAME_NAME = 400
"""Calls of anything with the name of a function; among more nobody knows which are its own."""

NOT_GIVEN = object()
"""What a call gives for a parameter that it leaves to its default."""

Caller = tuple["Module", "Mapping[str, Any]"]


class Callers(NamedTuple):
    """Calls of a function, and whether they are likely to be all of them."""

    calls: tuple[Caller, ...]
    complete: bool


class RecordedCalls:
    """The calls that inspection recorded, by what they call."""

    def __init__(self, modules: Modules, is_test: Mapping[Module, bool]) -> None:
        self._modules = modules
        self._is_test = is_test
        self._callers: dict[str, list[Caller]] | None = None
        self._derived: dict[str, list[tuple[Module, str]]] | None = None
        self._calls: dict[tuple[Names, Module, str], list[Caller]] = {}

    def callers_of(self, module: Module, part: str, names: Names) -> Callers:
        """The calls of a function that are recorded, and whether they are likely to be all."""
        function = module.parts.get(part)
        owner, _, bare = part.rpartition(".")
        if function is None or function["kind"] != "function":
            return Callers((), complete=False)
        method = module.kind(owner) == "class"
        if len(self.callers(owner if method and bare == "__init__" else bare)) > SAME_NAME:
            return Callers((), complete=False)
        found = self.calls(module, part, names)
        complete = bool(found) and not function["decorators"] and (not method or bare == "__init__")
        return Callers(tuple(found), complete) if len(found) <= MOST_CALLERS else Callers((), complete=False)

    def callers(self, name: str) -> list[Caller]:
        """All recorded calls of something with a name, whatever it is an attribute of; tests give made-up values."""
        if self._callers is None:
            self._callers = {}
            for module in self._modules.all:
                for each in () if self._is_test.get(module) else module.fact["invocations"]:
                    self._callers.setdefault(each["callee"].rpartition(".")[2], []).append((module, each))
        return self._callers.get(name, [])

    def derived(self, name: str) -> list[tuple[Module, str]]:
        """The classes with a base that is called so."""
        if self._derived is None:
            self._derived = {}
            for module in self._modules.all:
                for part in module.fact["parts"]:
                    for base in part["bases"]:
                        self._derived.setdefault(base.rpartition(".")[2], []).append((module, part["name"]))
        return self._derived.get(name, [])

    def calls(self, module: Module, part: str, names: Names) -> list[Caller]:
        """The recorded calls of a function; of a class for its `__init__`, with the classes that inherit it."""
        key = (names, module, part)
        if key not in self._calls:
            self._calls[key] = list(self._find_calls(module, part, names))
        return self._calls[key]

    def _find_calls(self, module: Module, part: str, names: Names) -> Iterable[Caller]:
        owner, _, bare = part.rpartition(".")
        if bare == "__init__" and owner:
            heirs = self._heirs(module, owner)
            for heir_module, heir in heirs:
                for caller, call in self.callers(heir.rpartition(".")[2]):
                    if _means(caller, call, heir_module, heir, names):
                        yield caller, call
            yield from self._of_heirs(owner.rpartition(".")[2])
            return
        for caller, call in self.callers(bare):
            if call["callee"] == f".{bare}":  # a method of something that is not known
                if owner and module.kind(owner) == "class":
                    yield caller, call
            elif _means(caller, call, module, part, names):
                yield caller, call

    def _of_heirs(self, base: str) -> Iterable[Caller]:
        """Calls of `super().__init__` in the classes that inherit one."""
        heirs = {(heir_module, f"{heir}.__init__") for heir_module, heir in self.derived(base)}
        for caller, call in self.callers("__init__") if heirs else ():
            if call["callee"] == ".__init__" and (caller, call["part"]) in heirs:
                yield caller, call

    def _heirs(self, module: Module, owner: str) -> list[tuple[Module, str]]:
        found = [(module, owner)]
        for heir_module, heir in self.derived(owner.rpartition(".")[2]):
            if heir_module.kind(f"{heir}.__init__") is None and (heir_module, heir) not in found:
                found.append((heir_module, heir))
        return found


def _means(caller: Module, call: Mapping[str, Any], module: Module, part: str, names: Names) -> bool:
    """Whether a call is one of this function or class."""
    callee = call["callee"].lstrip(".")
    target = names.resolve(caller, call["part"], callee)
    if target is None or target.kind == EXTERNAL:
        return False
    if target.kind == PART:
        return target.module is module and target.name == part and not target.rest
    return target.kind == CONSTANT and len(target.rest) == 1 and part.endswith(f".{target.rest[0]}")


def takes_instance(module: Module, part: str) -> bool:
    """Whether a function is a method that is handed its instance, or its class, before all else."""
    return module.kind(part.rpartition(".")[0]) == "class" and "staticmethod" not in module.parts[part]["decorators"]


def place_of(module: Module, part: str, name: str) -> int:
    """Where calls of a function give what is for a parameter."""
    place: int = module.parts[part]["parameters"].index(name)
    return place - takes_instance(module, part)


def given_at(call: Mapping[str, Any], name: str, place: int) -> Any:
    """What a call gives for a parameter, before it is settled; NOT_GIVEN when it leaves that to the default."""
    if 0 <= place < len(call["arguments"]) and name not in call["keywords"]:
        return call["arguments"][place]
    return given_by_name(call["keywords"], name, NOT_GIVEN)
