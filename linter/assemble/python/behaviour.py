"""What programs do, settled: which code runs, for training or for inference, and which files it means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.assemble.bases import is_plain
from linter.assemble.places import CHANNEL, ELSEWHERE, Place, Places
from linter.assemble.python.entry_points import PROGRAM
from linter.assemble.python.environment import Environment
from linter.assemble.python.roles import Roles
from linter.lazy import compiled
from linter.model import UNKNOWN, Fact
from linter.references.destination import HOLE, alternatives

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from linter.assemble.python.calls import Settler
    from linter.assemble.python.evidence import Evidence
    from linter.assemble.python.modules import Module
    from linter.assemble.python.reach import Key, Reach
    from linter.assemble.python.worlds import World
    from linter.knowledge import Knowledge

FILE, HYPERPARAMETER = "file.access", "hyperparameter.read"
_PIPE = compiled(r"_(?:\d|unknown|…)")
_VALUES = 8
"""Values of one path that are looked at."""


class Behaviour:
    """Settles the facts about what the code of one product does."""

    def __init__(self, settler: Settler, knowledge: Knowledge) -> None:
        self.settler = settler
        self.roles = Roles(settler.placement.worlds, knowledge)
        self.places = Places(knowledge)
        table = knowledge.get("file_calls")
        self.knowledge, self.harmless = knowledge, frozenset(knowledge.get("container.harmless_build_programs"))
        self.pipe_modules = frozenset(table["pipe_modules"])
        self.encrypting = frozenset(table["encrypting_modules"])
        self.spreading_modules = frozenset(table["distribution_modules"])
        self.spreading_signs: list[str] = table["distribution_signs"]
        self.host_signs: list[str] = table["host_signs"]
        self.model_formats = frozenset(table["model_formats"])
        names = knowledge.get("container.train_distributions")
        self.toolkits = frozenset(name.replace("-", "_") for name in names)

    def settle(self, fact: Fact, module: Module) -> Fact | None:
        """The fact with all that the product says of it; None of a file that code uses which nothing reaches."""
        settled, world = self.settler.placement.placed(fact, module)
        reached = settled["reached"] not in ("no", UNKNOWN)
        if fact.kind == FILE and not reached:
            return None
        if not reached:
            return settled
        settled = settled.with_fields(role=self.roles.of(world, (module, fact["part"])))
        return self._file(settled, module, world) if fact.kind == FILE else settled

    def _file(self, fact: Fact, module: Module, world: World) -> Fact:
        """A use of a file with its path, as far as it is one and the same whatever happens."""
        settler = self.settler
        environment = _Platform(self.places, settler.environments(module), settler.evidence)
        value = settler.values.settle(fact["argument"], module, fact["part"], world.names, environment)
        found = [self.places.of(each) for each in alternatives(value)[:_VALUES] if isinstance(each, str)]
        place = found[0] if found and all(_same(each, found[0]) for each in found) else Place()
        names = {each.name for each in found}
        return fact.with_fields(
            path=place.path if len(found) == 1 else UNKNOWN,
            name=names.pop() if len(names) == 1 else UNKNOWN,
            place=place.place,
            channel=place.channel,
            in_image="no" if len(found) == 1 and self._is_absent(fact, place, world) else UNKNOWN,
        )

    def _is_absent(self, fact: Fact, place: Place, world: World) -> bool:
        """Whether the image is seen to lack a file that code reads from it."""
        layout = world.names.layout
        if fact["mode"] != "read" or place.place != ELSEWHERE or layout is None or place.name == UNKNOWN:
            return False
        start = layout.start
        bases = [each for each in start.build.facts if each.kind == "dockerfile.from" and start.stage in each["images"]]
        known = all(each["base"] in ("stage", "scratch") or is_plain(each, self.knowledge) for each in bases)
        known = (known and bool(bases)) or start.build.whole
        return known and HOLE not in place.path and start.build.lacks(place.path, start.stage, self.harmless)

    # --- programs

    def programs(self, facts: Sequence[tuple[Fact, Module]]) -> list[Fact]:
        """A `program.contract` for each role that some programs of an image, or code without one, have."""
        used: dict[Key, list[Fact]] = {}
        for fact, module in facts:
            if fact.kind in (FILE, HYPERPARAMETER):
                used.setdefault((module, fact["part"]), []).append(fact)
        return [
            self._program(world, role, reach, used)
            for world in self.settler.placement.worlds
            for role, reach in self.roles.reaches(world).items()
        ]

    def _program(self, world: World, role: str, reach: Reach, used: Mapping[Key, Sequence[Fact]]) -> Fact:
        entries = [entry for entry in world.entries if self.roles.role_of(entry) == role]
        found = [fact for key in reach.nodes for fact in used.get(key, ())]
        files = [fact for fact in found if fact.kind == FILE]
        modules = {module for module, _ in reach.nodes}
        imports = {name for module in modules for each in module.fact["imports"] for name in _imported(each)}
        channels = {fact["channel"] for fact in files if fact["channel"] is not None}
        main = next((entry for entry in entries if entry.kind == PROGRAM), entries[0])
        fields = {
            "program": main.module.place,
            "role": role,
            "scope": "container" if world.certain else UNKNOWN,
            "in_sight": "no" if world.open or reach.open or not world.placed else "yes",
            "toolkit": "yes" if world.toolkit or not imports.isdisjoint(self.toolkits) else "no",
            "places": sorted({fact["place"] for fact in files}),
            "writes_unknown": any(fact["mode"] in ("write", UNKNOWN) and fact["place"] == UNKNOWN for fact in files),
            "saves_models": any(fact["mode"] == "write" and fact["format"] in self.model_formats for fact in files),
            "encrypts": "no" if imports.isdisjoint(self.encrypting) else "yes",
            "channels": sorted(channels),
            "opens_channels": any(fact["mode"] in ("list", "read") and fact["place"] == CHANNEL for fact in files),
            "reads_pipes": "yes" if self._reads_pipes(files, imports) else "no",
            "uses_hosts": "yes" if self._uses_hosts(files, imports) else "no",
            "reads_hosts": "yes" if _tell(files, self.host_signs) else "no",
            "hyperparameters": sorted({fact["name"] for fact in found if fact.kind == HYPERPARAMETER}),
        }
        return Fact("program.contract", main.module.fact.location, fields).with_trace(main.steps)

    def _reads_pipes(self, files: Sequence[Fact], imports: set[str]) -> bool:
        if not imports.isdisjoint(self.pipe_modules):
            return True
        return any(_PIPE.search(str(fact["channel"] or "")) or fact["channel"] == UNKNOWN for fact in files)

    def _uses_hosts(self, files: Sequence[Fact], imports: set[str]) -> bool:
        return not imports.isdisjoint(self.spreading_modules) or _tell(files, self.spreading_signs)


class _Platform(Environment):
    """What the images set, with the variables of the platform's toolkit beside it."""

    def __init__(self, places: Places, images: Iterable[Mapping[str, str]], evidence: Evidence) -> None:
        super().__init__(images, evidence)
        self._places = places

    def get(self, key: str) -> list[str | None]:
        """All values that a variable may have. Where an image sets one of the toolkit's, that counts."""
        folder = self._places.variable(key)
        return super().get(key) or ([folder] if folder is not None else [])

    def somewhere_unset(self, key: str) -> bool:
        """Whether some image leaves the variable to the code's default; the toolkit leaves none of its own."""
        return self._places.variable(key) is None and super().somewhere_unset(key)


def _imported(each: Mapping[str, Any]) -> Iterator[str]:
    """The library that an import is of, and what it takes of it by a dotted name."""
    if not each["level"]:
        yield each["module"].partition(".")[0]
        yield each["module"]
        yield f"{each['module']}.{each['name']}"


def _tell(files: Sequence[Fact], signs: Sequence[str]) -> bool:
    """Whether what is used or mentioned as a file has one of some texts in its name."""
    told = [str(fact["argument"]) for fact in files]
    return any(sign in text for text in told for sign in signs)


def _same(left: Place, right: Place) -> bool:
    return (left.place, left.channel) == (right.place, right.channel)
