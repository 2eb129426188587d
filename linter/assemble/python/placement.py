"""Where code of a product belongs, and whether it runs there: which image holds it, what reaches it, on which way."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from linter.assemble.python.trials import lies_among_code
from linter.assemble.python.uploaded import OF_SELLER, uploaded_with_programs
from linter.assemble.servers import _scope
from linter.model import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from linter.assemble.python.evidence import Evidence
    from linter.assemble.python.modules import Module, Modules
    from linter.assemble.python.names import Names
    from linter.assemble.python.reach import Key, Reach
    from linter.assemble.python.worlds import World
    from linter.assemble.start import Start
    from linter.knowledge import Knowledge
    from linter.model import Fact, Step

_CALL = "python.call"
_SETTLED_BY_PLACE = ("container", "build")
_RUN_BY_BUILD = ("import", "start")
_OTHER_WORLDS = 7
"""Further images that one call is looked at in: variants of an image run the same code."""


class Run(NamedTuple):
    """Whether a part of a module runs: its scope, whether it is seen to run, as what it is started, on which way."""

    scope: str
    reached: bool
    open: bool
    """Whether it may run all the same: something that runs was not followed."""
    started_as: str | None
    world: World
    trace: tuple[Step, ...]

    @property
    def names(self) -> Names:
        return self.world.names


class Placement:
    """Places the code of one product."""

    def __init__(
        self,
        worlds: Sequence[World],
        builds: Reach,
        modules: Modules,
        evidence: Evidence,
        is_test: Mapping[Module, bool],
        knowledge: Knowledge,
        *,
        elsewhere: bool,
    ) -> None:
        """`builds` is what RUN instructions run. `elsewhere`: the run has Dockerfiles in other products."""
        self.worlds = worlds
        self.builds = builds
        self.is_test = is_test
        self.elsewhere = elsewhere
        self.starts: list[Start] = [world.names.layout.start for world in worlds if world.names.layout is not None]
        self._start_names = tuple(knowledge.get("product.start_names"))
        # A module's own name is another's in its imports.
        self._imported = {name for module in is_test for name in module.imported_names - {module.stem}}
        self._uploaded = {
            module: OF_SELLER if is_test[module] else way
            for module, way in uploaded_with_programs(evidence.uploaded, modules, worlds[-1].names).items()
            if not is_test[module] or lies_among_code(module, knowledge)
        }
        self._scopes: dict[Module, str] = {}
        self._holding: dict[Module, list[World]] = {}

    def run_of(self, module: Module, part: str) -> Run:
        """Whether and as what a part of a module runs."""
        world = self.world_of(module, part)
        node = world.reach.nodes.get((module, part))
        if node is not None and (world.certain or not self._in_certain(module)):
            scope = "container" if world.certain else UNKNOWN
            return Run(scope, True, False, node.name, world, world.reach.trace((module, part)))
        scope = self._scope_of(module)
        is_open = scope in ("container", UNKNOWN) and any(each.open for each in self.worlds_with(module))
        return Run(scope, False, is_open, None, world, ())

    def world_of(self, module: Module, part: str) -> World:
        """The world in which a part is reached the soonest, else one that has the module."""
        best: World | None = None
        for world in self.worlds:
            node = world.reach.nodes.get((module, part))
            if node is None or (best is not None and best.weight > world.weight):
                continue
            if best is None or world.weight > best.weight or node.rank < best.reach.nodes[module, part].rank:
                best = world
        return best or (self.worlds_with(module) or self.worlds)[0]

    def worlds_of(self, module: Module, part: str) -> list[World]:
        """The worlds that run a part, the one that reaches it the soonest first; else one that has the module."""
        best = self.world_of(module, part)
        key: Key = (module, part)
        if key not in best.reach.nodes:
            return [best]
        others = (each for each in self.worlds if each is not best and each.weight == best.weight)
        return [best, *islice((each for each in others if key in each.reach.nodes), _OTHER_WORLDS)]

    def worlds_with(self, module: Module) -> list[World]:
        if module not in self._holding:
            holding = [world for world in self.worlds if world.names.holds(module)]
            self._holding[module] = [world for world in holding if world.placed] or holding
        return self._holding[module]

    def placed(self, fact: Fact, module: Module) -> tuple[Fact, World]:
        """A fact about a part of a module with its scope and how it is reached, and the world that this holds in."""
        world = self.world_of(module, fact["part"])
        return self.reached(fact, module, world), world

    def reached(self, call: Fact, module: Module, world: World) -> Fact:
        """Scope, and how the call is reached."""
        key: Key = (module, call["part"])
        node = world.reach.nodes.get(key)
        if call["scope"] == "build":
            return call.with_fields(reached="no", reached_from=None)
        # What only another image runs does not count as run where the product's own image takes it along.
        if node is not None and (world.certain or not self._in_certain(module)):
            settled = call.with_fields(
                scope="container" if world.certain else UNKNOWN,
                reached=node.kind,
                reached_from=node.name,
                **_of_calls(call, baked=self._is_built(key)),
            )
            return settled.with_trace(world.reach.trace(key))
        scope = call["scope"] if call["scope"] in _SETTLED_BY_PLACE else self._scope_of(module)
        built = self._is_built(key)
        if built and scope in ("container", UNKNOWN, "seller") and not self._may_start(module, scope):
            scope, built = "build", False
        # Of a test that is uploaded too, only what it calls is told.
        open_scopes = ("seller", "test", UNKNOWN) if call.kind == _CALL else ("seller", UNKNOWN)
        if scope in open_scopes and module in self._uploaded:
            more = _of_calls(call, baked=built, carried_by=self._uploaded[module])
            return call.with_fields(scope=UNKNOWN, reached="no", reached_from=None, **more)
        reached = self._unreached(scope, module)
        held = scope == UNKNOWN and self._holds(module)
        more = _of_calls(call, baked=built, carried_by="image" if held else "none")
        return call.with_fields(scope=scope, reached=reached, reached_from=None, **more)

    def _is_built(self, key: Key) -> bool:
        """Whether a step of the build runs a part; it defines functions that handle requests, and runs none of them."""
        node = self.builds.nodes.get(key)
        return node is not None and node.kind in _RUN_BY_BUILD

    def _may_start(self, module: Module, scope: str) -> bool:
        """Whether what the build runs may run in the container too: it is in an image whose start is not known.

        A program that a RUN starts by itself, and that no other code imports, is made for the build.
        """
        if scope != "container" or not any(world.open for world in self.worlds_with(module)):
            return False
        return module not in self.builds.programs or module.stem in self._imported

    def _scope_of(self, module: Module) -> str:
        """Where code belongs that nothing is seen to reach."""
        if module not in self._scopes:
            self._scopes[module] = self._find_scope(module)
        return self._scopes[module]

    def _in_certain(self, module: Module) -> bool:
        """Whether an image made for SageMaker is seen to hold a module."""
        layouts = [world.names.layout for world in self.worlds if world.certain]
        return any(layout is not None and module in layout.image_paths for layout in layouts)

    def _holds(self, module: Module) -> bool:
        """Whether any image is seen to hold a module."""
        return any(world.names.layout and module in world.names.layout.image_paths for world in self.worlds)

    def _find_scope(self, module: Module) -> str:
        if self.is_test[module]:
            return "test"
        if self._in_certain(module):
            return "container"
        if self._holds(module):
            return UNKNOWN
        if module.path is None and module.fact["origin"] != "command":  # a notebook's plain cells
            shipped = any(start.build.holds(module.place) for start in self.starts)
            return "container" if shipped else "seller"
        if module.fact["seller_side"]:
            return "seller"
        if module.fact["container_sign"]:
            return UNKNOWN
        scope = _scope(module.place, self.starts, frozenset(), self._start_names, self.elsewhere)[0]
        if scope == UNKNOWN and any(world.certain for world in self.worlds):
            return "container"  # some copy may take it along
        return scope

    def _unreached(self, scope: str, module: Module) -> str:
        if scope in ("build", "seller", "test"):
            return "no"
        worlds = self.worlds_with(module)
        followed = bool(worlds) and not any(world.open for world in worlds)
        return "no" if followed and scope == "container" else UNKNOWN


def _of_calls(fact: Fact, **fields: bool | str) -> dict[str, bool | str]:
    """What is filled in for calls alone, and for no other fact about code."""
    return fields if fact.kind == _CALL else {}
