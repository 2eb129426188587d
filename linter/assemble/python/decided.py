"""Calls whose address another call, or a variable of the environment, sets for the whole process: `mlflow.start_run`
after `mlflow.set_tracking_uri("https://…")`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from linter.assemble.python.cases import arguments_of
from linter.assemble.python.reach import KINDS
from linter.model import UNKNOWN, Step
from linter.references.apis import VARIABLE, api_table
from linter.references.destination import LOCAL, LOOPBACK, NONE, OUTSIDE, REMOTE, TOLD, UNIX, Verdict, judge_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from linter.assemble.python.calls import Settler
    from linter.assemble.python.environment import Environment
    from linter.assemble.python.modules import Module
    from linter.assemble.python.reach import Key
    from linter.assemble.python.worlds import World
    from linter.knowledge import Knowledge
    from linter.model import Fact
    from linter.references.apis import Api

_HERE = (LOCAL, LOOPBACK, UNIX, NONE)
_ELSEWHERE = ("seller", "test", "build")
_NEVER = ("never", "off", "type_checking")
_SETTINGS = 200
"""Calls of one entry that may say where others go."""


class Placed(NamedTuple):
    """A settled call, and the module it stands in."""

    call: Fact
    module: Module


def with_decided(
    calls: Sequence[tuple[Fact, Fact | None]], homes: Mapping[int, Module], settler: Settler, knowledge: Knowledge
) -> list[Fact | None]:
    """The settled calls, each beside what it was before, with the addresses that others set for them.

    Variables that code sets are no calls: they are left out.
    """
    decided = _Decided(_placed(calls, homes), settler, knowledge)
    found = []
    for before, call in calls:
        module = homes.get(id(before))
        if call is None or call.kind != "python.call":
            found.append(call)
        elif not _is_variable(call):
            found.append(call if module is None else decided.settle(Placed(call, module)))
    return found


def _is_variable(call: Fact) -> bool:
    """Whether a fact stands for a variable that code sets, as if it made the call that says the same."""
    return bool(call["name"] == VARIABLE and call["api"] != VARIABLE)


def _winning(settings: Sequence[Placed]) -> Sequence[Placed]:
    """The settings without the variables that calls overrule, as a call does of which is known that it stays here."""
    calls = [each for each in settings if not _is_variable(each.call)]
    return calls if calls and _stays_here(calls) else settings


def _stays_here(settings: Sequence[Placed]) -> bool:
    return all(each.call["destination"] in _HERE for each in settings)


def _placed(calls: Iterable[tuple[Fact, Fact | None]], homes: Mapping[int, Module]) -> Iterator[Placed]:
    for before, call in calls:
        if call is not None and call.kind == "python.call" and call["api"] is not None and id(before) in homes:
            yield Placed(call, homes[id(before)])


class _Decided:
    """What the calls of a product set for others."""

    def __init__(self, placed: Iterable[Placed], settler: Settler, knowledge: Knowledge) -> None:
        self.table = api_table(knowledge)
        self.judge = judge_of(knowledge)
        self.recorded: Mapping[str | None, Sequence[str]] = knowledge.get("network_apis.recorded_values")
        self.settler = settler
        self.settings: dict[str, list[Placed]] = {}
        for each in placed:
            if each.call["scope"] in _ELSEWHERE or each.call["guard"] in _NEVER:
                continue
            found = self.settings.setdefault(each.call["api"], [])
            if len(found) < _SETTINGS:
                found.append(each)

    def settle(self, placed: Placed) -> Fact:
        """The call, going where the settings say that hold for it."""
        call = placed.call
        api = self.table.find(call["api"]) if call["api"] is not None else None
        if api is None or call["scope"] in _ELSEWHERE or call["guard"] in _NEVER:
            return call
        recorded = self._recorded_by(call)
        deciding = recorded or api.decided_by
        if not deciding or (not recorded and self._says_itself(call, api)):
            return call
        settings = [each for name in deciding for each in self.settings.get(name, ()) if self._holds_for(each, placed)]
        if not settings:
            return self._by_environment(placed, api)
        winning = _winning(settings)
        outside = [each for each in winning if each.call["destination"] in OUTSIDE]
        if outside:
            return self._out(placed, self._surest(outside).call)
        if not _stays_here(winning):  # of what is not known, the variable for the same says most
            return self._by_environment(placed, api)
        if api.mode == "always":
            return call.with_fields(destination=winning[0].call["destination"], target=winning[0].call["target"])
        return call

    def _recorded_by(self, call: Fact) -> Sequence[str]:
        """The entries whose calls wrote down what a call is given: the configuration of an adapter names its base."""
        given = call["argument"]
        return self.recorded.get(given.get("library"), ()) if isinstance(given, dict) else ()

    def _says_itself(self, call: Fact, api: Api) -> bool:
        """Whether a call says where it goes, and names nothing there that is set elsewhere: `models:/scorer/1`."""
        if self.judge.is_made_local(api, arguments_of(call, lambda value: value)):
            return True
        if call["destination"] == NONE or api.mode == "always":
            return False
        if api.decided_pattern is None or call["destination"] not in (LOCAL, UNKNOWN):
            return True
        return re.search(api.decided_pattern, call["target"] or "") is None

    @staticmethod
    def _surest(settings: Sequence[Placed]) -> Placed:
        return next((each for each in settings if each.call["guard"] == "none"), settings[0])

    def _out(self, placed: Placed, setting: Fact) -> Fact:
        call = placed.call
        guard = setting["guard"] if call["guard"] == "none" else call["guard"]
        settled = call.with_fields(destination=REMOTE, target=setting["target"], guard=guard)
        step = Step(setting.location, "the address is set for the whole program here")
        return settled.with_trace((*call.trace, step))

    def _by_environment(self, placed: Placed, api: Api) -> Fact:
        environment = self.settler.environment(placed.module)
        verdict = self._verdict(placed.module, api, environment)
        if verdict is None:
            return placed.call
        settled = placed.call.with_fields(destination=REMOTE, target=verdict.target)
        step = environment.launch_of(verdict.target)
        return settled if step is None else settled.with_trace((*settled.trace, step))

    def _verdict(self, module: Module, api: Api, environment: Environment) -> Verdict | None:
        """Where a variable of the environment says that the calls of a module go, when that is elsewhere."""
        for setter in (self.table.named(name) for name in api.decided_by):
            for name in setter.variables:
                values = [*environment.get(name), *environment.launched_variable(module, name)]
                known = (self.judge.judge_value(setter, value) for value in values if value is not None)
                found = next((each for each in known if each.destination in OUTSIDE), None)
                if found is not None:
                    return found
                if not values and environment.gives_untold(module, name):
                    told = self.judge.judge_value(setter, {TOLD: name})
                    return told if told.destination in OUTSIDE else None
        return None

    def _holds_for(self, setting: Placed, placed: Placed) -> bool:
        """Whether a setting is made in the process that a call runs in, as far as that is seen."""
        runs = setting.call["reached"] in KINDS
        if placed.call["reached"] in KINDS and runs:
            one, other = (setting.module, setting.call["part"]), (placed.module, placed.call["part"])
            return any(_run_together(world, one, other) for world in self.settler.placement.worlds)
        if setting.module is placed.module:
            return runs or setting.call["reached"] != "no" or placed.call["reached"] not in KINDS
        user, setter = placed.module, setting.module
        related = setter.stem in user.imported_names or user.stem in setter.imported_names
        return related and placed.call["reached"] not in KINDS


def _run_together(world: World, one: Key, other: Key) -> bool:
    """Whether two parts run in one image or, of programs that no image is seen to hold, in one of these."""
    reach = world.reach
    if one not in reach.nodes or other not in reach.nodes:
        return False
    if world.placed:
        return True
    programs = {reach.program(one), reach.program(other)}
    return any({one[0], other[0]} <= world.names.with_imported([each]) for each in programs)
