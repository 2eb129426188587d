"""Calls that may reach out, settled: what they call, where it goes, whether they run in the container, and how."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from linter.assemble.python.cases import Cases, arguments_of
from linter.assemble.python.environment import Environment
from linter.assemble.python.forms import is_open
from linter.assemble.python.launches import Launched
from linter.assemble.python.names import CALLED, CONSTANT, EXTERNAL, PART, Names, Target, is_own_function, is_own_part
from linter.model import UNKNOWN, Step
from linter.references.addresses import behind, is_relative
from linter.references.apis import api_table
from linter.references.destination import ABSENT, HUB, OUTSIDE, Arguments, alternatives, is_requested, judge_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linter.assemble.python.evidence import Evidence
    from linter.assemble.python.launches import Launches
    from linter.assemble.python.modules import Module
    from linter.assemble.python.placement import Placement
    from linter.assemble.python.same_name import SameName
    from linter.assemble.python.values import Values
    from linter.assemble.python.worlds import World
    from linter.knowledge import Knowledge
    from linter.model import Fact
    from linter.references.apis import Api
    from linter.references.destination import Verdict
    from linter.tree import Tree

_CHAIN = 12
"""Objects that are followed from one name: what a function returns, what an attribute holds."""
_COMMAND = "command"
_NO_CALLS = ("never", "path", "client")
_OF_ANY = "*."


class Settler:
    """Settles the calls of one product."""

    def __init__(
        self,
        placement: Placement,
        values: Values,
        launches: Launches,
        evidence: Evidence,
        same_name: SameName,
        tree: Tree,
        knowledge: Knowledge,
    ) -> None:
        self.placement = placement
        self.values = values
        self.launches = launches
        self.evidence = evidence
        self.same_name = same_name
        self.tree = tree
        self.knowledge = knowledge
        self.table = api_table(knowledge)
        self.judge = judge_of(knowledge)
        self.cases = Cases(values, knowledge)
        self._switches = knowledge.get("container.offline_environment")
        self._functions: set[str] | None = None

    def settle(self, call: Fact, module: Module | None) -> Fact | None:
        """The call with everything worked out; None for one that proves to call nothing known."""
        if module is None:
            return call if call["api"] is not None and call["name"][:2] != _OF_ANY else None
        settled = (self._settled_in(world, call, module) for world in self.placement.worlds_of(module, call["part"]))
        found = [each for each in settled if each is not None]
        return min(found, key=_how_sure, default=None)

    def _settled_in(self, world: World, call: Fact, module: Module) -> Fact | None:
        """The call as it is in one image: another may hold other callers of the function that it stands in."""
        names = world.names
        environment = self.environment(module)
        if call["api"] is not None and is_own_part(names.whole(module, call["name"])):
            return None  # a module of the product that has a library's name comes before it
        settled = self._named(call, module, names, environment) if call["api"] is None else call
        if settled is None:
            return None
        if call["api"] is not None and call["mode"] != _COMMAND:
            settled = self._judged_again(settled, module, names, environment)
        settled = self.cases.settled(settled, module, world, environment)
        settled = self._local_hub(settled, module)
        settled = self._offline(settled, module)
        if call["name"][:2] == _OF_ANY and (settled["destination"] not in OUTSIDE or self._defines(call["name"][2:])):
            return None  # known by the method's name alone: not seen to go out, or the product's own
        placed = self._with_launch(self.placement.reached(settled, module, world), environment)
        return self._likely(placed, module, names)

    @staticmethod
    def _with_launch(call: Fact, environment: Environment) -> Fact:
        """The call with the step that gave the program what decides where it goes."""
        step = environment.launch_of(call["target"]) if call["destination"] in OUTSIDE else None
        return call if step is None else call.with_trace((*call.trace, step))

    # --- what is called

    def _named(self, call: Fact, module: Module, names: Names, environment: Environment) -> Fact | None:
        """A call through a name that a module of the product gives on."""
        target = names.whole(module, call["name"])
        if is_own_function(target):
            return None  # what it gives back is made inside of it, where that is told
        dotted = self._library_name(target, names, 0)
        known = self.table.find_called(dotted) if dotted is not None else None
        api = known or (self.table.find_of_any(dotted) if dotted is not None else self._of_any_object(call["name"]))
        if api is None or api.mode in _NO_CALLS:
            return None
        arguments = self._arguments(call, module, names, environment)
        if api.base is not None and target is not None:
            arguments = self._with_base(api, arguments, target, names, environment)
        deciding = self.judge.deciding(api, arguments)
        named = call.with_fields(
            api=api.name,
            category=api.category,
            reason=api.reason,
            mode=api.mode,
            argument=None if deciding is ABSENT else deciding,
            from_request=is_requested(deciding),
            program=UNKNOWN if api.mode == _COMMAND else None,
            offline="no",
        )
        settled = self._with(named, self.judge.judge(api, arguments))
        return settled if known is not None or settled["destination"] in OUTSIDE else None

    def _of_any_object(self, path: str) -> Api | None:
        """The entry for a method with a telling name, of an object not known; None when it may be the product's."""
        api, method = self.table.find_of_any(path), path.rpartition(".")[2]
        return api if api is not None and api.any_object and not self._defines(method) else None

    def _defines(self, name: str) -> bool:
        """Whether code of the product has a function or method of that name."""
        if self._functions is None:
            parts = (part for module in self.placement.is_test for part in module.parts)
            self._functions = {part.rpartition(".")[2] for part in parts}
        return name in self._functions

    def _with_base(
        self, api: Api, arguments: Arguments, target: Target, names: Names, environment: Environment
    ) -> Arguments:
        """The arguments of a client's method, a relative address put behind the one that the client is made for."""
        place = api.argument
        told = arguments.get(place) if place is not None else ABSENT
        if place is None or told is ABSENT or not is_relative(told):
            return arguments
        client = target._replace(rest=target.rest[:-1])
        return arguments.having(place, behind(self.values.of_target(client, names, environment), told))

    def _arguments(self, call: Fact, module: Module, names: Names, environment: Environment) -> Arguments:
        return arguments_of(call, lambda value: self.values.settle(value, module, call["part"], names, environment))

    def _with(self, call: Fact, verdict: Verdict) -> Fact:
        return call.with_fields(
            destination=verdict.destination,
            target=verdict.target,
            metadata_host=self.judge.is_metadata(verdict.target),
        )

    def _library_name(self, target: Target | None, names: Names, depth: int) -> str | None:
        """The dotted name of a library that something of the product stands for."""
        if target is None or depth > _CHAIN:
            return None
        if target.kind == EXTERNAL:
            return target.name
        module, rest = target.module, target.rest
        if module is None or target.kind not in (PART, CONSTANT):
            return None
        function = target.kind == PART and module.kind(target.name) == "function"
        name = f"{target.name}{CALLED}" if function else target.name
        if name in module.objects:
            return ".".join((module.objects[name], *rest))
        value = module.constants.get(name)
        for each in value.get("any", (value,)) if isinstance(value, dict) else ():
            found = self._held(each, module, name, rest, names, depth + 1)
            if found is not None:
                return found
        return None

    def _held(
        self, value: Any, module: Module, name: str, rest: tuple[str, ...], names: Names, depth: int
    ) -> str | None:
        """The library's name of what a constant holds: an instance of a class of the product, what a function gave."""
        if not isinstance(value, dict):
            return None
        scope = name.removesuffix(CALLED)
        scope = scope if name.endswith(CALLED) else scope.rpartition(".")[0]
        for key in ("returned", "name"):
            if key not in value:
                continue
            target = names.resolve(module, scope, value[key])
            if target is None:
                return None
            if (
                target.kind == PART
                and target.module is not None
                and target.module.kind(target.name) == "class"
                and rest
            ):
                return self._library_name(names.member(target.module, target.name, rest), names, depth)
            called = CALLED if target.kind == EXTERNAL and key == "returned" else ""
            found = self._library_name(target, names, depth)
            return ".".join((found + called, *rest)) if found is not None else None
        return None

    # --- where it goes

    def _judged_again(self, call: Fact, module: Module, names: Names, environment: Environment) -> Fact:
        """The call with its deciding argument settled, when other files say more about it."""
        given = call["arguments"]
        if not (is_open(given["positional"]) or is_open({"dict": given["keywords"]})):
            return call
        api = self.table.find(call["api"])
        arguments = self._arguments(call, module, names, environment)
        if api is None or (list(arguments.positional), arguments.keywords) == (given["positional"], given["keywords"]):
            return call
        deciding = self.judge.deciding(api, arguments)
        settled = call.with_fields(
            argument=None if deciding is ABSENT else deciding, from_request=is_requested(deciding)
        )
        return self._with(settled, self.judge.judge(api, arguments))

    def _local_hub(self, call: Fact, module: Module) -> Fact:
        """A name that a hub would know, and which is a folder or file of the product, means that one."""
        if call["destination"] != HUB:
            return call
        api = self._api(call)
        texts = alternatives(call["argument"]) if call["argument"] is not None else [call["target"]]
        own = {text for text in texts if isinstance(text, str) and self._exists(text, module)}
        if not own or api is None:
            return call
        left = [text for text in texts if not (isinstance(text, str) and text in own)]
        if not left:
            return call.with_fields(destination="local", target=sorted(own)[0])
        return self._with(call, self.judge.judge_value(api, {"any": left}))

    def _likely(self, call: Fact, module: Module, names: Names) -> Fact:
        """A call of which nothing tells where it goes, with what the product gives elsewhere under the same name."""
        api = self._api(call)
        if call["destination"] != UNKNOWN or call["from_request"] or not call["names"] or api is None:
            return call
        found = self.same_name.likely_target(call, api, module, names, lambda text: self._exists(text, module))
        if found is None:
            return call
        step = Step(found.place, f"the same name stands for `{found.shown}`")
        return call.with_fields(likely_target=found.shown).with_trace((*call.trace, step))

    def _exists(self, text: str, module: Module) -> bool:
        """Whether a relative path is there: next to the code, in a folder above, or where the image works.

        The folder that the code lies in is no model and no data.
        """
        folder = module.folder
        while True:
            place = posixpath.join(folder, text)
            if self.tree.entry(place) is not None and not f"{module.folder}/".startswith(
                f"{posixpath.normpath(place)}/"
            ):
                return True
            if not folder:
                break
            folder = folder.rpartition("/")[0]
        for world in self.placement.worlds_with(module):
            layout = world.names.layout
            if layout is None:
                continue
            places = [layout.workdir, *(posixpath.dirname(path) for path in layout.image_paths.get(module, ()))]
            for place in places:
                path = posixpath.normpath(posixpath.join(place, text))
                build = layout.start.build
                if build.fills(path, layout.start.stage) or build.locate(path, layout.start.stage).state == "found":
                    return True
        return False

    def _offline(self, call: Fact, module: Module) -> Fact:
        """Offline switches that the image sets. With several images, all that hold the code must set one."""
        api = self._api(call)
        if call["offline"] == UNKNOWN:
            call = call.with_fields(offline="no")
        if call["offline"] == "yes" or api is None or not api.offline_by:
            return call
        worlds = self.placement.worlds_with(module)
        if any(self._switched(name, self.evidence.manifest_values(name)) for name in api.offline_by) or (
            worlds
            and all(
                any(self._switched(name, {world.environment.get(name)}) for name in api.offline_by) for world in worlds
            )
        ):
            return call.with_fields(offline="yes")
        return call

    def _switched(self, name: str, values: set[str] | set[str | None] | None) -> bool:
        wanted = {str(each).lower() for each in self._switches.get(name, ())}
        return any(value is not None and value.lower() in wanted for value in values or ())

    def _api(self, call: Fact) -> Api | None:
        return self.table.find(call["api"]) if call["api"] is not None else None

    def environment(self, module: Module) -> Environment:
        """What the images that hold a module, the manifests, and the launches of it set."""
        return Environment(self.environments(module), self.evidence, Launched(self.launches))

    def environments(self, module: Module) -> list[Mapping[str, str]]:
        """The environments of the images that hold a module."""
        return [world.environment for world in self.placement.worlds_with(module)]


def _how_sure(call: Fact) -> int:
    """0 for a call that surely leads out, 1 under a condition, 2 where that is known to be off, 3 for all others."""
    if call["destination"] not in OUTSIDE:
        return 3
    return {"none": 0, "off": 2}.get(call["guard"], 1)
