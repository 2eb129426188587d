"""Calls looked at for each caller of their function by itself: what it gives decides the conditions and the values.

Joined over all callers, one that selects a branch with `"vit"` and another that gives `True` would make a call that
never happens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from linter.assemble.python.commands import OUTWARD, outward_command
from linter.assemble.python.forms import holds, is_open
from linter.references.apis import api_table
from linter.references.destination import (
    ABSENT,
    ANY_KEY,
    OUTSIDE,
    SPREAD,
    UNKNOWN,
    Arguments,
    Verdict,
    alternatives,
    judge_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from linter.assemble.python.callers import Caller, Callers
    from linter.assemble.python.environment import Environment
    from linter.assemble.python.modules import Module
    from linter.assemble.python.values import Values
    from linter.assemble.python.worlds import World
    from linter.knowledge import Knowledge
    from linter.model import Fact
    from linter.references.apis import Api

_DECIDED = ("never", "type_checking")
_CASES = 20_000
"""Cases of one product that are looked at; after them all callers count together."""
_LINES = 24
"""Callers whose command lines are looked at."""
_GIVEN = ("parameter", "attribute", "setting", "option")


class Case(NamedTuple):
    """A call, for one caller. `runs`: whether its conditions hold; None when that is not known.

    `mixed`: some of the values that this caller may give lead out, and some do not.
    """

    runs: bool | None
    verdict: Verdict
    mixed: bool

    @property
    def outside(self) -> bool:
        return self.verdict.destination in OUTSIDE


class Cases:
    """Settles the conditions around calls, and what depends on the caller."""

    def __init__(self, values: Values, knowledge: Knowledge) -> None:
        self.values = values
        self.table = api_table(knowledge)
        self.judge = judge_of(knowledge)
        self.knowledge = knowledge
        self._left = _CASES
        self._callers: dict[tuple[World, Module, str], Callers] = {}

    def settled(self, call: Fact, module: Module, world: World, environment: Environment) -> Fact:
        """The call with `guard` and destination as the single callers make them."""
        given = call["arguments"]
        asked = [given["positional"], given["keywords"], [each["value"] for each in call["under"]]]
        if call["guard"] in _DECIDED or not (call["under"] or _mentions(asked, _GIVEN) or _is_command(call)):
            return call
        if self._left <= 0:
            return call
        if _is_command(call) and (call["command_category"] not in OUTWARD or call["destination"] == UNKNOWN):
            call = self._command(call, module, world, environment)
        callers = self._callers_of(call, module, world)
        depends = _mentions(asked, ("parameter",))
        seen = self._that_run(callers.calls, call, module, world) if depends else ()
        cases = [self._case(call, module, world, environment, caller) for caller in seen or (None,)]
        if all(case.runs is False for case in cases):
            return call.with_fields(guard="off" if callers.complete or not depends else _guarded(call))
        cases = [case for case in cases if case.runs is not False]
        if not any(case.outside for case in cases) and any(case.verdict.destination == UNKNOWN for case in cases):
            # What the other callers give tells what the function is for, and is not certain.
            others = [self._case(call, module, world, environment, each) for each in callers.calls if each not in seen]
            cases += [case._replace(mixed=True) for case in others if case.outside and case.runs is not False]
        return self._joined(call, cases) if self._is_judged(call) else call

    def _command(self, call: Fact, module: Module, world: World, environment: Environment) -> Fact:
        """A call that starts a program, with the command line that other functions, or callers that run, give it."""
        api = self.table.find(call["api"])
        given = [call["arguments"]["positional"], call["arguments"]["keywords"]]
        if api is None or not is_open(given):
            return call
        callers: Sequence[Caller | None] = (None,)
        if _takes(given, call["part"]):
            found = self._callers_of(call, module, world).calls
            nodes = world.reach.nodes
            runs = (module, call["part"]) in nodes  # of what is not seen to run, all callers count
            callers = [each for each in found if not runs or (each[0], each[1]["part"]) in nodes]
        settled = (self._given(call, module, world, environment, caller) for caller in callers[:_LINES])
        return outward_command(call, api, settled, self.knowledge)

    def _given(
        self, call: Fact, module: Module, world: World, environment: Environment, caller: Caller | None
    ) -> Arguments:
        def settle(value: Any) -> Any:
            nodes = world.reach.nodes
            return self.values.settle(value, module, call["part"], world.names, environment, caller, runs=nodes)

        return arguments_of(call, settle)

    def _callers_of(self, call: Fact, module: Module, world: World) -> Callers:
        key = (world, module, call["part"])
        if key not in self._callers:
            self._callers[key] = self.values.callers_of(module, call["part"], world.names)
        return self._callers[key]

    def _that_run(self, callers: Sequence[Caller], call: Fact, module: Module, world: World) -> Sequence[Caller]:
        """The callers that the image is seen to run, if it runs any; else all."""
        nodes = world.reach.nodes
        if (module, call["part"]) not in nodes:
            return callers
        return [caller for caller in callers if (caller[0], caller[1]["part"]) in nodes] or callers

    @staticmethod
    def _is_judged(call: Fact) -> bool:
        return call["mode"] != "command" and (call["destination"] in OUTSIDE or call["destination"] == UNKNOWN)

    def _case(self, call: Fact, module: Module, world: World, environment: Environment, caller: Caller | None) -> Case:
        self._left -= 1

        def settle(value: Any, *, certain: bool = False) -> Any:
            nodes = world.reach.nodes
            part, names = call["part"], world.names
            return self.values.settle(value, module, part, names, environment, caller, runs=nodes, certain=certain)

        runs: bool | None = True
        for each in call["under"]:
            found = holds(settle(each["value"], certain=True), each["among"])
            if found is not None and found is not each["holds"]:
                return Case(False, Verdict(call["destination"], call["target"]), mixed=False)
            runs = None if found is None else runs
        api = self.table.find(call["api"])
        if api is None or not self._is_judged(call):
            return Case(runs, Verdict(call["destination"], call["target"]), mixed=False)
        arguments = arguments_of(call, settle)
        return Case(runs, self.judge.judge(api, arguments), mixed=self._is_mixed(call, api, arguments))

    def _is_mixed(self, call: Fact, api: Api, arguments: Arguments) -> bool:
        """Whether a value from callers, or from what starts the program, may lead out, or not."""
        given = call["arguments"]
        if not _mentions([given["positional"], given["keywords"]], _GIVEN):
            return False
        deciding = self.judge.deciding(api, arguments)
        found = alternatives(deciding) if deciding is not ABSENT else []
        if len(found) < 2 or api.mode in ("always", "peer"):
            return False
        outside = {self.judge.judge_value(api, each).destination in OUTSIDE for each in found}
        return len(outside) > 1

    @staticmethod
    def _joined(call: Fact, cases: Sequence[Case]) -> Fact:
        """The call, as the worst of its cases; under a condition, unless one of them surely leads out."""
        outside = [case for case in cases if case.outside]
        if not outside:
            unknown = [case for case in cases if case.verdict.destination == UNKNOWN]
            verdict = (unknown or cases)[0].verdict
            return call.with_fields(destination=verdict.destination, target=verdict.target)
        sure = [case for case in outside if not case.mixed and (case.runs or len(outside) == len(cases))]
        verdict = (sure or outside)[0].verdict
        guard = call["guard"] if sure else _guarded(call)
        return call.with_fields(destination=verdict.destination, target=verdict.target, guard=guard)


def _is_command(call: Fact) -> bool:
    """Whether a call starts a program that other functions or files may tell."""
    return call["mode"] == "command" and is_open([call["arguments"]["positional"], call["arguments"]["keywords"]])


def arguments_of(call: Fact, settle: Callable[[Any], Any]) -> Arguments:
    """The recorded arguments of a call, settled."""
    given = call["arguments"]
    keywords = {key: settle(each) for key, each in given["keywords"].items()}
    more, spread = keywords.pop(SPREAD, {}), given["spread"]
    if isinstance(more, dict) and "dict" in more:
        keywords = {**more["dict"], **keywords}
        spread = ANY_KEY in keywords or "whole" not in given["keywords"][SPREAD]  # other mappings may be added to
    return Arguments(tuple(settle(each) for each in given["positional"]), keywords, spread)


def _guarded(call: Fact) -> str:
    return "condition" if call["guard"] == "none" else str(call["guard"])


def _takes(value: Any, part: str) -> bool:
    """Whether a value holds a parameter of a function: of the one that the call stands in."""
    if isinstance(value, list):
        return any(_takes(each, part) for each in value)
    if not isinstance(value, dict):
        return False
    given = "parameter" in value or "rest" in value
    return (value.get("part") == part and given) or any(_takes(each, part) for each in value.values())


def _mentions(value: Any, keys: Sequence[str]) -> bool:
    """Whether a value depends on what callers give."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            if any(key in each for key in keys):
                return True
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
    return False
