"""What the programs of a product are given: hyperparameters, variables, files of settings, options on command lines.

A launch is about the program that it names and about what that imports; one that names an image is about what the image
runs to train. Values are worked out in the module that launches: its options, callers and settings count there.
Commands of start scripts, and the jobs by which requests have algorithms validated, give values as well.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.assemble.python.environment import Environment
from linter.assemble.python.evidence import HIDDEN
from linter.assemble.python.forms import any_of, member_of
from linter.assemble.python.named_elsewhere import is_open
from linter.assemble.python.programs import MODULE, programs_of
from linter.assemble.python.uploaded import uploaded_module
from linter.assemble.uploaded_scripts import UploadedScripts
from linter.model import UNKNOWN, Step
from linter.references.destination import HOLE, OUTSIDE, alternatives, judge_of
from linter.references.placeholders import placeholders_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence, Set

    from linter.assemble.python.evidence import Evidence
    from linter.assemble.python.modules import Module, Modules
    from linter.assemble.python.named_elsewhere import NamedElsewhere
    from linter.assemble.python.names import Names
    from linter.assemble.python.values import Values
    from linter.assemble.python.worlds import World
    from linter.assemble.uploaded_scripts import Started
    from linter.knowledge import Knowledge
    from linter.model import Fact

_MOST_LAUNCHES = 1_000
_REQUESTS_START = "serve"
_CONTAINER = "container"
_COMMAND = "shell.command"
_PRODUCT = "product"
_SCRIPT = ".sh"


class Launch(NamedTuple):
    """One launch: what is given, with all values that it may have, and the files of settings among these."""

    fact: Fact
    hyperparameters: Mapping[str, Sequence[str]]
    environment: Mapping[str, Sequence[str]]
    settings: Sequence[Any]
    untold: frozenset[str] = frozenset()
    """The hyperparameters and variables that it gives something for which is not known."""
    switches: Mapping[str, Sequence[bool]] = {}
    """The hyperparameters that are true or false."""

    def hyperparameter(self, name: str) -> Iterator[Any]:
        """What it gives for an option: by its name, with either dash, or in a file of settings."""
        yield from self.hyperparameters.get(plain(name), ())
        yield from self.switches.get(plain(name), ())
        for content in self.settings:
            found = member_of(content, name)
            if found != {}:
                yield found


class _About(NamedTuple):
    """A launch, the program that it names (none for an image), and all modules that it is about."""

    launch: Launch
    programs: frozenset[Module]
    modules: Set[Module]


class Launches:
    """The launches of a product, by the modules that they are about."""

    def __init__(
        self,
        facts: Sequence[tuple[Fact, Module]],
        modules: Modules,
        worlds: Sequence[World],
        values: Values,
        evidence: Evidence,
        named_elsewhere: NamedElsewhere,
        knowledge: Knowledge,
    ) -> None:
        self._facts = facts[:_MOST_LAUNCHES]
        self._named_elsewhere = named_elsewhere
        self._modules = modules
        self._worlds = worlds
        self._values = values
        self._evidence = evidence
        self._knowledge = knowledge
        self._judge = judge_of(knowledge)
        self._prefix = str(knowledge.get("file_calls.hyperparameter_variable"))
        self._texts: Mapping[str, Sequence[str]] = knowledge.get("file_calls.hyperparameter_texts")
        self._files = frozenset(knowledge.get("program_behaviour.hyperparameters.files"))
        self._all: list[_About] | None = None
        self._without_options: set[Module] = set()
        """Programs that SageMaker, or some command, starts without an option."""
        self._of: dict[Module, list[Launch]] = {}
        self._by_path: dict[str, list[Module]] | None = None

    def of(self, module: Module) -> list[Launch]:
        """The launches that give something to a module. Of a program, those of other programs do not count."""
        if not (self._facts or self._evidence.launching or self._evidence.validations):
            return []
        if module not in self._of:
            own = [each for each in self._every() if module in each.programs]
            others = [each for each in self._every() if module in each.modules and not (own and each.programs)]
            self._of[module] = [each.launch for each in (*own, *others)]
        return self._of[module]

    def variable(self, module: Module, key: str) -> Iterator[tuple[Launch, str, str]]:
        """What launches set a variable of the environment to; each with the launch and the name that it is given by."""
        is_hyperparameter = key.startswith(self._prefix)
        name = plain(key.removeprefix(self._prefix)).lower()
        for launch in self.of(module):
            for text in launch.environment.get(key, ()):
                yield launch, key, text
            for given, texts in launch.hyperparameters.items() if is_hyperparameter else ():
                if given.lower() == name:
                    yield from ((launch, given, text) for text in texts)

    def giving_untold(self, module: Module, name: str) -> Launch | None:
        """The launch that gives something for an option, or a variable, of which nothing is known; None without one."""
        given = {name, plain(name.removeprefix(self._prefix))}
        return next((launch for launch in self.of(module) if not given.isdisjoint(launch.untold)), None)

    def always_gives(self, module: Module, name: str) -> bool:
        """Whether commands alone start a program, and all of them give an option: its default is never used then."""
        starts = [each.launch for each in self._every() if module in each.programs]
        by_command = bool(starts) and all(launch.fact.kind == _COMMAND for launch in starts)
        if not by_command or module in self._without_options:
            return False
        return all(plain(name) in launch.hyperparameters for launch in starts)

    def members_before(self, name: str) -> Sequence[str] | None:
        """Where in a file or variable all hyperparameters stand: the members that lead there; None for any other."""
        return () if posixpath.basename(name) in self._files else self._texts.get(name)

    def _every(self) -> list[_About]:
        """Each launch with what it is about."""
        if self._all is None:
            self._all = []
            names = self._worlds[-1].names
            for fact, home in self._facts:
                programs = self._programs(fact, home)
                by_script = {} if programs else self._by_script(fact["program"])
                about = names.with_imported((*programs, *by_script)) if programs or by_script else set()
                if fact["program"] is None:
                    about = self._in_images(fact, trains=fact["hyperparameters"] != {})
                if about:
                    launch = self._settled(fact, home, names)
                    if by_script and True not in by_script.values():
                        launch = launch._replace(hyperparameters={}, switches={})
                    started = self._handed_on(launch, home)
                    about = about | names.with_imported(started) if started else about
                    self._all.append(_About(launch, frozenset({*programs, *started}), about))
            self._all += [*self._commands(names), *self._validations()]
        return self._all

    def _commands(self, names: Names) -> Iterator[_About]:
        """Commands that start a program with options: of the container, and of scripts that are uploaded for one."""
        for started, module in self._by_scripts():
            if started.command["scope"] != _CONTAINER:
                yield from self._by_command(started.command, module, names)
        for fact in self._evidence.launching:
            found = programs_of(fact["program"], fact["arguments"], self._knowledge)
            for program in found if fact["scope"] == _CONTAINER else ():
                if program.kind == MODULE:
                    meant = self._modules.paths.ending(program.text.split("."))
                else:
                    meant = list(self._modules.named(posixpath.basename(program.text)))
                if len(meant) == 1:
                    yield from self._by_command(fact, meant[0], names)
        given_to_sagemaker = (fact for fact in self._evidence.uploaded if fact["purpose"] == _PRODUCT)
        uploaded = (uploaded_module(fact, self._modules) for fact in given_to_sagemaker)
        self._without_options |= {module for module in uploaded if module is not None}

    def _by_scripts(self) -> Iterator[tuple[Started, Module]]:
        """What the scripts start that publishing code uploads."""
        scripts = UploadedScripts(self._evidence.uploaded, self._evidence.commands, self._knowledge)
        for started in scripts.python():
            if started.path in self._modules.paths.files:
                yield started, self._modules.paths.files[started.path]

    def _by_script(self, program: Any) -> dict[Module, bool]:
        """What a script starts that is uploaded as a program, each with whether it may hand its own arguments on."""
        found: dict[Module, bool] = {}
        for started, module in self._by_scripts() if isinstance(program, str) and program.endswith(_SCRIPT) else ():
            if posixpath.basename(started.program) == posixpath.basename(program):
                found[module] = UNKNOWN in started.command["arguments"] or found.get(module, False)
        return found

    def _by_command(self, command: Fact, program: Module, names: Names) -> Iterator[_About]:
        given = _options(command["arguments"])
        if given:
            yield _About(Launch(command, given, {}, ()), frozenset({program}), names.with_imported([program]))
        else:
            self._without_options.add(program)

    def _validations(self) -> Iterator[_About]:
        """Training jobs by which a request has an algorithm validated."""
        for fact in self._evidence.validations:
            about = self._in_images(fact, trains=True)
            if about and fact["value"] not in (UNKNOWN, HIDDEN):
                yield _About(Launch(fact, {plain(fact["key"]): [fact["value"]]}, {}, ()), frozenset(), about)

    def _programs(self, fact: Fact, home: Module) -> list[Module]:
        """The file that a launch names, and a cell that writes this file."""
        if fact["program"] is None:
            return []
        if is_open(fact):
            paths = self._named_elsewhere.paths(fact, home)
            told = (fact.with_fields(program=program, folder=folder) for program, folder in paths)
            return [module for each in told for module in self._programs(each, home)]
        found = uploaded_module(fact, self._modules)
        if found is not None:
            return list(dict.fromkeys((found, *self._at_path().get(found.place, ()))))
        named = self._modules.named(posixpath.basename(fact["program"]))
        return list(named) if len(named) == 1 else []

    def _handed_on(self, launch: Launch, home: Module) -> list[Module]:
        """Files that a program is told of by hyperparameters: launchers start them with the others of these."""
        if launch.fact["program"] is None:
            return []
        told = (text for texts in launch.hyperparameters.values() for text in texts if text.endswith(".py"))
        return [
            module
            for text in dict.fromkeys(told)
            for module in self._programs(launch.fact.with_fields(program=text.removeprefix("./")), home)
        ]

    def _at_path(self) -> Mapping[str, Sequence[Module]]:
        """The code that is, or becomes, the file of a path."""
        if self._by_path is None:
            self._by_path = {}
            for module in self._modules.all:
                if module.path:
                    self._by_path.setdefault(module.path, []).append(module)
        return self._by_path

    def _settled(self, fact: Fact, home: Module, names: Names) -> Launch:
        environment, gaps = Environment((), self._evidence), placeholders_of(self._knowledge)
        untold: set[str] = set()

        def given(form: Any, named: Callable[[str], str] = str) -> dict[str, list[str | bool]]:
            found: dict[str, list[str | bool]] = {}
            whole = form if "dict" in form else self._values.settle(form, home, fact["part"], names, environment)
            for each in whole.get("any", (whole,)) if isinstance(whole, dict) else ():
                for key, member in each.get("dict", {}).items() if isinstance(each, dict) else ():
                    value = self._values.settle(member, home, fact["part"], names, environment)
                    told = [one.strip("\"'") if isinstance(one, str) else one for one in alternatives(value)]
                    known = [one for one in told if isinstance(one, bool) or (isinstance(one, str) and one not in gaps)]
                    whole_ones = [
                        one for one in known if isinstance(one, bool) or HOLE not in one or self._is_outside(one)
                    ]
                    said = [one for one in whole_ones if one != ""]
                    found.setdefault(named(key), []).extend(said)
                    if len(whole_ones) < len(known) or (not said and len(known) < len(told)):
                        untold.add(named(key))
            return found

        hyperparameters, variables = given(fact["hyperparameters"], plain), given(fact["environment"])
        texts, variable_texts = _texts(hyperparameters), _texts(variables)
        files = dict.fromkeys(text for values in texts.values() for text in values)
        settings = [content for text in files if (content := self._evidence.settings(home, text)) != {}]
        switches = {name: [one for one in each if isinstance(one, bool)] for name, each in hyperparameters.items()}
        return Launch(fact, texts, variable_texts, settings, frozenset(untold), switches)

    def _is_outside(self, text: str) -> bool:
        """Whether a text that is not known whole is an address elsewhere all the same: `s3://…/prompts.jsonl`."""
        return self._judge.address(text) in OUTSIDE

    def _in_images(self, fact: Fact, *, trains: bool) -> set[Module]:
        """What the image runs that a launch most likely means: of several images, the nearest.

        Hyperparameters are for what trains; models are given variables alone.
        """
        nearest = -1
        found: set[Module] = set()
        for world in self._worlds:
            layout = world.names.layout
            nodes = world.reach.nodes.items()
            about = {module for (module, _), node in nodes if not trains or node.name != _REQUESTS_START}
            if layout is None or not about:
                continue
            shared = posixpath.commonpath([f"/{fact.location.path}", f"/{layout.start.image.location.path}"]).count("/")
            if shared >= nearest:
                found = about if shared > nearest else found | about
                nearest = shared
        return found


class Launched:
    """What launches give to one module, and which of it was asked for."""

    def __init__(self, launches: Launches) -> None:
        self._launches = launches
        self._used: dict[str, tuple[Fact, str]] = {}

    def hyperparameters(self, module: Module, name: str) -> list[Any]:
        """What a program is given for an option."""
        found = [(launch, value) for launch in self._launches.of(module) for value in launch.hyperparameter(name)]
        for launch, value in found:
            self._note(launch, name, value)
        return [value for _, value in found]

    def always_gives(self, module: Module, name: str) -> bool:
        """Whether each command that starts a program gives an option."""
        return self._launches.always_gives(module, name)

    def variable(self, module: Module, key: str) -> list[str]:
        """What a variable of the environment is set to."""
        found = list(self._launches.variable(module, key))
        for launch, name, text in found:
            self._note(launch, name, text)
        return [text for _, _, text in found]

    def gives_untold(self, module: Module, name: str) -> bool:
        """Whether a program is given something for an option, or a variable, of which nothing is known."""
        launch = self._launches.giving_untold(module, name)
        if launch is not None:
            self._note(launch, name, name)
        return launch is not None

    def text(self, module: Module, name: str) -> Any:
        """What a file or variable holds that has all hyperparameters; `{}` for any other, and when none are given."""
        before = self._launches.members_before(name)
        found = self._mapping(module) if before is not None else {}
        for member in reversed(before or ()) if found else ():
            found = {"dict": {member: found}}
        return found

    def _mapping(self, module: Module) -> Any:
        given: dict[str, list[Any]] = {}
        for launch in self._launches.of(module):
            for name, texts in launch.hyperparameters.items():
                given.setdefault(name, []).extend(texts)
                for text in texts:
                    self._note(launch, name, text)
        members = {name: any_of(list(texts)) for name, texts in given.items() if texts}
        dashed = {name.replace("_", "-"): each for name, each in members.items()}
        return {"dict": {**dashed, **members}} if members else {}

    def step(self, target: str | None) -> Step | None:
        """Where a value that decides where a call goes was given; None when no launch gave it."""
        if target is None or target not in self._used:
            return None
        fact, name = self._used[target]
        return Step(fact.location, f"`{name}` is given to the program here")

    def _note(self, launch: Launch, name: str, value: Any) -> None:
        for text in alternatives(value):
            if isinstance(text, str):
                self._used.setdefault(text, (launch.fact, name))


def _texts(given: Mapping[str, Sequence[str | bool]]) -> dict[str, list[str]]:
    """The texts among what is given, by its names."""
    return {name: [one for one in each if isinstance(one, str)] for name, each in given.items()}


def _options(words: Sequence[str]) -> dict[str, list[str]]:
    """The options on a command line with the texts that they are given."""
    found: dict[str, list[str]] = {}
    for word, following in zip(words, (*words[1:], "-"), strict=True):
        name, sign, text = word.partition("=")
        text = text if sign else following
        if name.startswith("--") and text and text != UNKNOWN and not text.startswith("-"):
            found.setdefault(plain(name), []).append(text)
    return found


def plain(name: str) -> str:
    """The name of a hyperparameter as the attribute that an option of this name becomes."""
    return name.lstrip("-").replace("-", "_")
