"""What runs in each image of a product, and what its builds run."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from linter.assemble.copies import _aws_base
from linter.assemble.purpose import ports_of
from linter.assemble.python.entries import Entries
from linter.assemble.python.entry_points import (
    CONTRACT,
    CONVENTION,
    LOADED,
    PROGRAM,
    Command,
    Entry,
    taken_out,
    words_of,
)
from linter.assemble.python.layout import Layout
from linter.assemble.python.modules import is_copy
from linter.assemble.python.names import Names
from linter.assemble.python.programs import FILE, MODULE, Program, programs_of, programs_of_call
from linter.assemble.python.reach import Key, Reach
from linter.assemble.python.uploaded import laid_beside, uploaded_module, uploaded_with_programs
from linter.assemble.uploaded_scripts import UploadedScripts
from linter.model import UNKNOWN, Location, Step
from linter.references.shells import SHELLS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from linter.assemble.python.evidence import Evidence
    from linter.assemble.python.handlers import Handlers
    from linter.assemble.python.modules import Module, Modules
    from linter.assemble.start import Start
    from linter.knowledge import Knowledge
    from linter.model import Fact

_TOOLKIT_FILE = "inference"
_TOOLKIT_FOLDER = "code"


class World:
    """One image, or a product without images: the names in it, and what is reached."""

    def __init__(
        self,
        names: Names,
        reach: Reach,
        entries: Sequence[Entry],
        again: Callable[[], Reach],
        *,
        open_start: bool,
        certain: bool = False,
        toolkit: bool = False,
        uploaded: bool = False,
    ) -> None:
        self.names = names
        self.reach = reach
        self.entries = tuple(entries)
        self.again = again
        """Gives a reach that has followed nothing yet, to see what some of the entries alone lead to."""
        self.certain = certain
        """Whether this is an image, and one made for SageMaker: only such a one is the product's for sure."""
        self.toolkit = toolkit
        """Whether one of AWS's toolkits runs the code."""
        self.uploaded = uploaded
        """Whether publishing code is seen to upload a program that runs here."""
        self._open_start = open_start

    @property
    def open(self) -> bool:
        """Whether something that is started could not be followed, so that anything may be reached."""
        return self._open_start or self.reach.open

    @property
    def placed(self) -> bool:
        """Whether this is an image, and not code that no image is seen to hold."""
        return self.names.layout is not None

    @property
    def weight(self) -> int:
        """How much it says that this runs a piece of code: an image made for SageMaker most, mere signs least.

        Another image says no more of the product than a program that is uploaded to one of AWS's.
        """
        return 2 if self.certain else int(self.placed or self.uploaded)

    @property
    def environment(self) -> Mapping[str, str]:
        layout = self.names.layout
        return layout.start.image["env"] if layout is not None else {}


class Maker:
    """Makes the worlds of a product."""

    def __init__(
        self,
        modules: Modules,
        evidence: Evidence,
        handlers: Handlers,
        calls: Mapping[Key, Sequence[Fact]],
        is_test: Mapping[Module, bool],
        knowledge: Knowledge,
    ) -> None:
        self.modules = modules
        self.evidence = evidence
        self.handlers = handlers
        self.calls = calls
        self.knowledge = knowledge
        self._is_test = is_test
        self._layouts: dict[Start, Layout] = {}
        meant = (uploaded_module(fact, modules) for fact in evidence.uploaded)
        programs = (module for module in meant if module is not None)
        self._uploaded_code = {*uploaded_with_programs(evidence.uploaded, modules, Names(modules, None)), *programs}
        self._own = [module for module in modules.all if module.path and not is_test[module]]
        self._contracts = [(module, found) for module in self._own if (found := handlers.contract_of(module))]
        tables = ("serve_distributions", "train_distributions", "not_start_distributions")
        toolkits = {name.replace("-", "_") for table in tables for name in knowledge.get(f"container.{table}")}
        self._for_toolkits = [module for module in self._own if not toolkits.isdisjoint(_roots(module))]

    def _layout(self, start: Start) -> Layout:
        if start not in self._layouts:
            self._layouts[start] = Layout(start, self.modules)
        return self._layouts[start]

    def image(self, start: Start) -> World:
        """What one image runs."""
        names = Names(self.modules, self._layout(start))
        entries = Entries(start, names, self.modules, self.evidence, self.knowledge)
        entries.collect()
        open_start = entries.open
        held = [(module, found) for module, found in self._contracts if names.holds(module)]
        toolkit = bool(held) and (self._on_toolkit(start) or self._uses_toolkit(names))
        contract = self._contract(held, start, toolkit) if toolkit or not entries.found else []
        entries.found += contract
        open_start = open_start and not (contract and toolkit)
        entries.found += self._scripts(start, names)
        by_convention = not entries.found
        if by_convention:
            entries.found += self._by_convention(names)
        own = tuple(entries.found)
        reach = Reach(names, self.handlers, self.calls, entries.by_call)
        reach.follow(entries.found)
        if any(entry.kind == CONVENTION for entry in own):
            start.run_by_code.clear()  # nothing shows that the image runs that code at all
        started = entries.open and not open_start and not (contract and toolkit)  # by code that was reached

        def again() -> Reach:
            others = Entries(start, names, self.modules, self.evidence, self.knowledge)
            return Reach(names, self.handlers, self.calls, others.by_call)

        return World(
            names,
            reach,
            own,
            again,
            open_start=open_start or started,
            certain=self._is_made_for_it(start, names, {} if by_convention else reach.nodes),
            toolkit=toolkit or self._on_toolkit(start) or self._uses_toolkit(names),
        )

    def _is_made_for_it(self, start: Start, names: Names, runs: Collection[Key]) -> bool:
        """Whether an image, or code in it, is made for SageMaker; with a single image, a request beside it says so.

        `runs`: the code that it is seen to run by its own start.

        Of an image that is open at another port than SageMaker's, or that starts a shell for people at a keyboard, only
        code counts that it runs: it may hold all files.
        So it is with code that publishing code uploads: it is made for the image that it is uploaded to.
        """
        for_people = _is_for_people(start.image)
        if self.evidence.purpose(start.image) != UNKNOWN or (self.evidence.has_requests and not for_people):
            return True
        ports = ports_of(start.image)
        elsewhere = bool(ports) and {UNKNOWN, *self.knowledge.get("product.signs.ports")}.isdisjoint(ports)
        # What code writes to files is written for wherever that code puts it.
        lying = (module for module in self._own if module.fact["origin"] != "written_text")
        signed = (module for module in lying if self._is_signed(module) and names.holds(module))
        aside = self._own if elsewhere or for_people else self._uploaded_code
        return any(module not in aside or (module, "") in runs for module in signed)

    def _is_for_others(self, module: Module, images: Sequence[World]) -> bool:
        """Whether code is written for a container of SageMaker, and images take it along that are none and run none."""
        holding = [world for world in images if _has(world, module)]
        run = any(world.certain or (module, "") in world.reach.nodes for world in holding)
        return self._is_signed(module) and not run

    @staticmethod
    def _is_signed(module: Module) -> bool:
        """Whether a module is written for a container; publishing code may hold the text of one that is."""
        return module.fact["container_sign"] and not module.fact["seller_side"]

    def without_image(self, images: Sequence[World], built: Collection[Module] = ()) -> World:
        """The code that no image is seen to hold, as far as it shows signs of a container: AWS's images run such.

        `built` are the programs that steps of a build start: with no image that holds them they are there for that.
        """
        names = Names(self.modules, None, self._beside())
        reach = Reach(names, self.handlers, self.calls, self._started)
        loose = [module for module in self._own if not any(_has(each, module) for each in images)]
        # What is uploaded runs in a container of AWS, whatever other image may take it along.
        own = [world for world in images if world.certain]
        uploaded = self._uploaded([module for module in self._own if not any(_has(each, module) for each in own)])
        preparing = self._preparing() - {entry.module for entry in uploaded}
        aside = [module for module in self._own if module not in loose and self._is_for_others(module, images)]
        signed = [module for module in (*loose, *aside) if module not in preparing and module not in built]
        programs = {entry.module for entry in uploaded}
        # Files that are no more than copies of those stay where they are.
        signed = [module for module in signed if not any(is_copy(module, each) for each in programs)]
        every = (module for module in self.modules.all if not self._is_test[module])
        entries = [*self._signed(signed), *uploaded, *taken_out(every, self.handlers, names)]
        reach.follow(entries)

        def again() -> Reach:
            return Reach(names, self.handlers, self.calls, self._started)

        return World(names, reach, entries, again, open_start=True, uploaded=bool(uploaded))

    def _started(self, call: Fact, module: Module, name: str, steps: tuple[Step, ...]) -> list[Entry]:
        """The programs of the product that a call of code starts which no image is seen to hold."""
        fitting = (self._meant(program, module) for program in programs_of_call(call))
        steps = (*steps, Step(call.location, call["text"]))
        return [Entry(found[0], PROGRAM, name, steps, words=words_of(call)) for found in fitting if len(found) == 1]

    def _meant(self, program: Program, module: Module) -> list[Module]:
        """The code that a command line of a module may mean; an absolute path is one of the container."""
        if program.kind == MODULE:
            return self.modules.paths.ending(program.text.split("."))
        path = posixpath.normpath(program.text)
        beside = self.modules.paths.files.get(posixpath.normpath(posixpath.join(module.folder, path)))
        if program.kind != FILE or beside is not None:
            return [beside] if beside is not None else []
        return self.modules.at_end(posixpath.basename(path) if posixpath.isabs(path) else path)

    def _signed(self, modules: Iterable[Module]) -> list[Entry]:
        """Modules with signs of a container: their main block, their contract functions and handlers.

        The file that toolkits look for is loaded by them: what stands below its main block tries it out elsewhere.
        """
        found: list[Entry] = []
        for module in modules:
            written = module.fact["origin"] == "written_file" and not module.fact["seller_side"]
            if not (module.fact["container_sign"] or (written and not self._is_run_beside(module))):
                continue
            steps = (Step(_place(module), self._sign_of(module)),)
            functions = self.handlers.contract_of(module)
            loaded = bool(functions) and module.stem == _TOOLKIT_FILE
            found.append(Entry(module, LOADED if loaded else PROGRAM, module.shown, steps))
            found += [Entry(module, CONTRACT, name, steps, name) for name in functions]
        return found

    def _is_run_beside(self, module: Module) -> bool:
        """Whether the notebook that writes a file runs it itself, as a program of its own: `!python merge.py`."""
        name = module.place.rpartition("/")[2]
        started = (
            program
            for fact in self.evidence.of("shell.command", module.fact.location.path)
            for program in programs_of(fact["program"], fact["arguments"], self.knowledge)
        )
        return any(each.sure and each.text.rpartition("/")[2] == name for each in started)

    def _uploaded(self, modules: Sequence[Module]) -> list[Entry]:
        """Programs that publishing code gives to containers of AWS: the main block, and what toolkits call of them."""
        found: list[Entry] = []
        for fact in self.evidence.uploaded:
            module = uploaded_module(fact, self.modules) if fact["purpose"] == "product" else None
            if module is None or module not in modules:
                continue
            steps = (Step(fact.location, f"SageMaker runs {module.place.rpartition('/')[2]}"),)
            found.append(Entry(module, PROGRAM, module.shown, steps))
            found += [Entry(module, CONTRACT, name, steps, name) for name in self.handlers.contract_of(module)]
        return [*found, *self._by_uploaded_scripts(modules)]

    def _by_uploaded_scripts(self, modules: Sequence[Module]) -> list[Entry]:
        """Programs that scripts start which publishing code gives to containers of AWS, and the code in these."""
        scripts = UploadedScripts(self.evidence.uploaded, self.evidence.commands, self.knowledge)
        started = ((self.modules.paths.files.get(each.path), each.steps) for each in scripts.python())
        inside = (
            (module, each.steps)
            for each in scripts.all
            for module in self.modules.in_file(each.script)
            if module.fact["origin"] == "command"
        )
        return [
            Entry(module, PROGRAM, module.shown, steps)
            for module, steps in (*started, *inside)
            if module is not None and (module in modules or module.fact["origin"] == "command")
        ]

    def _beside(self) -> dict[str, list[str]]:
        """Where code lies that is laid beside uploaded programs, by the names that these import it by."""
        found: dict[str, list[str]] = {}
        for fact in self.evidence.uploaded:
            for place in laid_beside(fact, self.modules) if fact["purpose"] == "product" else ():
                folder, _, name = place.rstrip("/").rpartition("/")
                found.setdefault(name.removesuffix(".py"), []).append(folder)
        return found

    def _preparing(self) -> set[Module]:
        """Programs of jobs that prepare the seller's data."""
        jobs = [fact for fact in self.evidence.uploaded if fact["purpose"] == "preparing"]
        found = {module for fact in jobs if (module := uploaded_module(fact, self.modules)) is not None}
        places = {module.path for module in found}
        return found | {module for module in self._own if module.path in places}  # also cells that write the file

    def _sign_of(self, module: Module) -> str:
        """What shows that a container of SageMaker runs a module."""
        if not module.fact["container_sign"]:
            return f"a cell writes {module.place}"
        contract = self.handlers.contract_of(module)
        return f"{module.shown} " + (f"defines {contract[0]}" if contract else "shows signs of SageMaker's container")

    def builds(self, starts: Iterable[Start]) -> Reach:
        """What RUN instructions run."""
        starts = list(starts)
        names = Names(self.modules, None, self._in_working_folders(starts))
        reach = Reach(names, self.handlers, self.calls, _nothing)
        entries: list[Entry] = []
        for start in starts:
            layout = self._layout(start)
            found = Entries(start, Names(self.modules, layout), self.modules, self.evidence, self.knowledge)
            in_stages = Entries(start, names, self.modules, self.evidence, self.knowledge)
            folders = _working_folders(start)
            for fact in start.build.commands:
                steps = (Step(fact.location, "RUN"),)
                command = Command(fact, "build", (layout.workdir, *sorted(folders)), steps, wanted=False)
                for program in programs_of(fact["program"], fact["arguments"], self.knowledge):
                    # What the image does not hold, a stage before its last one may.
                    _ = found.start_program(program, command) or in_stages.start_program(program, command)
                itself = self.modules.named(fact["program"])  # RUN ./prepare, or by a name on PATH
                entries += [Entry(module, PROGRAM, "build") for module in itself if len(itself) == 1]
                self._inline(fact.location, entries)
            entries += [*found.found, *in_stages.found]
        reach.follow(entries)
        return reach

    def _in_working_folders(self, starts: Sequence[Start]) -> dict[str, list[str]]:
        """Where code lies that stands in a working folder of an image: what steps give to an interpreter imports it."""
        found: dict[str, list[str]] = {}
        for start in starts:
            if not any(each.fact["origin"] == "command" for each in self.modules.in_file(start.image.location.path)):
                continue
            layout = self._layout(start)
            for folder in sorted({layout.workdir, *_working_folders(start)}):
                for name, above in layout.sources_of(folder):
                    found.setdefault(name, []).append(above)
        return {name: list(dict.fromkeys(folders)) for name, folders in found.items()}

    def _inline(self, place: Location, entries: list[Entry]) -> None:
        """Code given to an interpreter on the command line of a RUN."""
        for module in self.modules.in_file(place.path):
            span = module.fact.location.span
            if place.span.line <= span.line and span.end_line <= place.span.end_line:
                entries.append(Entry(module, PROGRAM, "build"))

    # --- what toolkits and conventions start

    def _on_toolkit(self, start: Start) -> bool:
        """Whether the image stands on one of AWS's own, or has its toolkit."""
        bases = {fact["stage"]: fact for fact in start.build.facts if fact.kind == "dockerfile.from"}
        return _aws_base(start.image, start.build, bases, self.knowledge) == "yes"

    def _uses_toolkit(self, names: Names) -> bool:
        """Whether code in the image imports a toolkit that calls handlers by their names."""
        return any(names.holds(module) for module in self._for_toolkits)

    def _contract(self, held: Sequence[tuple[Module, list[str]]], start: Start | None, toolkit: bool) -> list[Entry]:
        """Modules whose functions a toolkit calls: the one it is told of, else those in the places it looks in."""
        told = self.evidence.program_names(start.image["env"] if start is not None else {})
        named = [(module, found) for module, found in held if module.place.rpartition("/")[2] in told]
        usual = [(module, found) for module, found in held if _is_usual(module)]
        entries: list[Entry] = []
        for module, functions in named or usual or (held if toolkit else []):
            if module.fact["seller_side"] and not named:
                continue
            steps = (Step(_place(module), f"{module.shown} is loaded by the inference toolkit"),)
            entries.append(Entry(module, LOADED, module.shown, steps))
            entries += [Entry(module, CONTRACT, name, steps, name) for name in functions]
        return entries

    def _scripts(self, start: Start, names: Names) -> list[Entry]:
        """The file that a toolkit is told to run as a program."""
        told = self.evidence.program_names(start.image["env"])
        modules = [module for module in self._own if module.place.rpartition("/")[2] in told and names.holds(module)]
        steps = (Step(start.image.location, "the toolkit runs SAGEMAKER_PROGRAM"),)
        return [Entry(module, PROGRAM, module.shown, steps) for module in modules]

    def _by_convention(self, names: Names) -> list[Entry]:
        """With no program known: what is named as SageMaker's programs, and what handles requests."""
        usual = self.knowledge.get("container.start_program_names")
        found: list[Entry] = []
        for module in self._own:
            if module.fact["seller_side"] or module.fact["origin"] == "command" or not names.holds(module):
                continue
            if module.stem in usual:
                text = f"{module.shown} has the name that SageMaker starts"
                found.append(Entry(module, PROGRAM, module.stem, (Step(_place(module), text),)))
            elif self.handlers.has_any(module, names):
                steps = (Step(_place(module), f"{module.shown} handles requests"),)
                found.append(Entry(module, CONVENTION, module.shown, steps))
        return found


def _is_for_people(image: Fact) -> bool:
    """Whether an image starts nothing but a shell: `CMD ["bash"]`."""
    cmd = image["cmd"]
    return isinstance(cmd, list) and len(cmd) == 1 and posixpath.basename(cmd[0]) in SHELLS


def _has(world: World, module: Module) -> bool:
    """Whether an image is seen to hold a module, or runs it."""
    layout = world.names.layout
    return (layout is not None and module in layout.image_paths) or (module, "") in world.reach.nodes


def _working_folders(start: Start) -> set[str]:
    """The folders of an image that its WORKDIR instructions name."""
    return {fact["path"] for fact in start.build.facts if fact.kind == "dockerfile.workdir"}


def _roots(module: Module) -> set[str]:
    """The first names of what a module imports absolutely."""
    return {each["module"].partition(".")[0] for each in module.fact["imports"] if not each["level"]}


def _is_usual(module: Module) -> bool:
    return module.stem == _TOOLKIT_FILE or _TOOLKIT_FOLDER in module.folder.split("/")


def _place(module: Module) -> Location:
    return module.fact.location


def _nothing(_call: Fact, _module: Module, _name: str, _steps: tuple[Step, ...]) -> list[Entry]:
    return []
