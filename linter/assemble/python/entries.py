"""The Python programs that an image starts, each with the steps that lead to it."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from linter.assemble.python.entry_points import LOADED, PROGRAM, Command, Entry, EntryPoints
from linter.assemble.python.programs import FILE, Program, is_python, program_of_text, programs_of, programs_of_call
from linter.assemble.scripts import script_at
from linter.assemble.servers import PROXIES
from linter.model import UNKNOWN, Fact, Location, Span, Step
from linter.references.shells import SHELL_PROGRAMS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from linter.assemble.python.evidence import Evidence
    from linter.assemble.python.modules import Module, Modules
    from linter.assemble.python.names import Names
    from linter.assemble.start import Start
    from linter.knowledge import Knowledge

_ENTRY = "entrypoint"
_SUPERVISOR = "supervisord"
_SCRIPT_STEPS = 5


class Entries:
    """Collects what one image starts. `open`: something is started that was not understood."""

    def __init__(self, start: Start, names: Names, modules: Modules, evidence: Evidence, knowledge: Knowledge) -> None:
        self.start = start
        self.names = names
        self.modules = modules
        self.evidence = evidence
        self.knowledge = knowledge
        self.points = EntryPoints(start, names, modules)
        self.found: list[Entry] = []
        self.open = False
        self._supervised = False
        self._scripts: set[str] = set()
        self._path_folders = tuple(knowledge.get("container.path_folders"))
        layout = names.layout
        self._workdir = layout.workdir if layout is not None else "/"

    # --- from the image's own start

    def collect(self) -> None:
        """Everything that the image's entry point leads to."""
        start = self.start
        image = self.evidence.images.get((start.image.location.path, start.stage))
        entrypoint, command = self._instructions()
        file = image["program_file"] if image is not None else None
        for path in start.started:
            if path in start.direct or path == file:
                self._start_file(path, start.started[path], self._steps_to(path))
        for fact in (entrypoint, *([command] if self._runs_command(image) else [])):
            if fact is not None:
                self._instruction(fact)
        for path in list(start.started):
            self._script(path, start.started[path], self._steps_to(path))
        if image is not None:
            self._start_words(image)
        if not self.found and not start.started and image is not None:
            self.open = self.open or UNKNOWN in (image["entrypoint_form"], image["serve_on_path"])
            self.open = self.open or "yes" in (image["serve_on_path"], image["train_on_path"])

    def _start_words(self, image: Fact) -> None:
        """What runs by the word that SageMaker starts a container with: console scripts, files of an interpreter."""
        for name in self.knowledge.get("container.start_program_names"):
            steps = (Step(image.location, f"SageMaker starts `{name}`"),)
            word = Command(image, name, (self._workdir,), steps, wanted=True)
            if image["program"] is None:
                self._console_script(word, name)
            elif self._is_interpreter(image):
                self._enter(self.points.file(name, word, PROGRAM, strict=True))

    def _instructions(self) -> tuple[Fact | None, Fact | None]:
        found: dict[str, Fact] = {}
        for fact in self.evidence.of("dockerfile.start", self.start.image.location.path):
            if self.start.stage in fact["images"] and fact["effective"]:
                found[fact["instruction"]] = fact
        return found.get("ENTRYPOINT"), found.get("CMD")

    def _runs_command(self, image: Fact | None) -> bool:
        """Whether CMD counts: SageMaker puts its own word in its place, so it only tells what the seller meant."""
        if self.start.direct or self.found:
            return False
        return image is None or image["program"] is None or self._passes_on(image)

    def _passes_on(self, image: Fact) -> bool:
        """Whether the entry point is an interpreter or a script that runs what it is given."""
        if image["program"] in self.knowledge.get("product.interpreters"):
            return image["program_file"] is None
        commands = ((path, fact) for path in self.start.started for fact in self.evidence.of("shell.command", path))
        return any(fact["program"] == UNKNOWN and self.start.takes(path, fact) for path, fact in commands)

    def _is_interpreter(self, image: Fact) -> bool:
        """Whether the entry point is an interpreter alone: what follows is its program."""
        alone = isinstance(image["entrypoint"], list) and len(image["entrypoint"]) == 1
        return image["program"] in self.knowledge.get("product.interpreters") and alone

    def _instruction(self, fact: Fact) -> None:
        """ENTRYPOINT or CMD."""
        for command in self.evidence.within("shell.command", fact.location) or _as_command(fact):
            name = command["started_as"] if command["started_as"] in ("serve", "train") else _ENTRY
            text = f"{fact['instruction']} starts {_shown(command)}"
            steps = (Step(fact.location, text),)
            self._command(Command(command, name, (self._workdir,), steps, wanted=True))
        for module in self.modules.in_file(fact.location.path):
            if _inside(module.fact.location, fact.location):  # python -c "…"
                self._add(Entry(module, PROGRAM, _ENTRY, (Step(fact.location, f"{fact['instruction']} runs this"),)))

    def _start_file(self, path: str, name: str, steps: tuple[Step, ...]) -> None:
        module = self.modules.paths.files.get(path)
        if module is not None:
            self._add(Entry(module, PROGRAM, name, steps))

    def _steps_to(self, path: str, depth: int = 0) -> tuple[Step, ...]:
        """How a started file comes to be started: by the image, or by a command of another started file."""
        start = self.start
        image = self.evidence.images.get((start.image.location.path, start.stage))
        base = posixpath.basename(path)
        entrypoint, _ = self._instructions()
        if image is not None and image["program_file"] == path:
            return (Step(entrypoint.location if entrypoint else image.location, f"ENTRYPOINT starts {base}"),)
        if path in start.direct or depth > _SCRIPT_STEPS:
            return self._by_name(path, start.started.get(path, base))
        for other in start.started:
            for command in self.evidence.of("shell.command", other) if other != path else ():
                if any(posixpath.basename(word) == base for word in (command["program"], *command["arguments"])):
                    return (*self._steps_to(other, depth + 1), Step(command.location, f"starts {base}"))
        return (Step(start.image.location, f"the image starts {base}"),)

    def _by_name(self, path: str, name: str) -> tuple[Step, ...]:
        """SageMaker starts what PATH finds under its argument: the COPY that puts it there."""
        start = self.start
        origin = start.build.locate(start.image_paths.get(path, ""), start.stage)
        place = origin.copy.location if origin.copy is not None else start.image.location
        return (Step(place, f"SageMaker starts `{name}`"),)

    # --- commands

    def _script(self, path: str, name: str, steps: tuple[Step, ...]) -> None:
        """All commands of a script, following its `cd`."""
        if path in self._scripts:
            return
        self._scripts.add(path)
        folder = posixpath.dirname(self.start.image_paths.get(path, ""))
        here = self._workdir
        for fact in self.evidence.of("shell.command", path):
            if not self.start.takes(path, fact):
                continue
            if fact["program"] == "cd":
                word = fact["arguments"][0] if fact["arguments"] else UNKNOWN
                here = (folder or here) if word == UNKNOWN else posixpath.normpath(posixpath.join(here, word))
                continue
            folders = tuple(dict.fromkeys(each for each in (here, self._workdir, folder) if each))
            self._command(Command(fact, name, folders, (*steps, Step(fact.location, f"starts {_shown(fact)}")), False))
        written = self.evidence.written.get(path)
        for module in self.modules.in_file(written.path if written else path):
            if module.fact["origin"] == "command" and (not written or _inside(module.fact.location, written)):
                place = module.fact.location
                self._add(Entry(module, PROGRAM, name, (*steps, Step(place, "runs this"))))

    def _command(self, command: Command) -> None:
        fact = command.fact
        before = len(self.found)
        known = self._servers(command)
        programs = [] if known else programs_of(fact["program"], fact["arguments"], self.knowledge)
        if programs:
            # A file that is not found may be any code; a library's module matters only as the image's own program.
            known = any(self.start_program(program, command) for program in programs)
            self.open = self.open or (not known and programs[0].sure and (programs[0].kind == FILE or command.wanted))
        known = known or bool(programs) or self._direct(command) or self._console_script(command, fact["program"])
        if fact["program"] == _SUPERVISOR:
            self._supervise(command.name, command.steps)
            known = True
        if fact["program"] == UNKNOWN:
            self.open = self.open or not (self._passed_on() or before)
        elif not known and len(self.found) == before and not self._starts_script(fact):
            serves = any(
                server["server"] not in PROXIES for server in self.evidence.within("server.program", fact.location)
            )
            self.open = self.open or command.wanted or serves

    def _passed_on(self) -> bool:
        """A script that runs what it is given, `exec "$@"`, is given SageMaker's argument."""
        for name in self.knowledge.get("container.start_program_names"):
            path = self.start.on_path(name).path
            if path is not None:
                self._start_file(path, name, self._by_name(path, name))
        return any(entry.name in ("serve", "train") for entry in self.found)

    def _starts_script(self, fact: Fact) -> bool:
        """Whether a command hands over to a script of the product, whose commands are followed."""
        words = {posixpath.basename(word) for word in (fact["text"].split(" ", 1)[0], *fact["arguments"])}
        return any(posixpath.basename(path) in words for path in self.start.started)

    def _servers(self, command: Command) -> bool:
        """What a server that the command starts is told to serve; whether that is all which the command starts."""
        place = command.fact.location
        known = False
        for server in self.evidence.within("server.program", place):
            if server.location.span.line != place.span.line:
                continue
            folders = self._moved(command.folders, self.evidence.moves(place))
            moved = command._replace(folders=folders)
            application = server["application"] or self._flask(server)
            known = known or application is not None or server["server"] in PROXIES
            if application is not None:
                program = program_of_text(application)
                before = len(self.found)
                self.open |= program is None or not self.start_program(program, moved)
                self._beside(server["server"], before)
            for word in command.fact["arguments"]:
                if word.removeprefix("python:").endswith(".py"):  # gunicorn's configuration is code
                    self._enter(self.points.file(word.removeprefix("file:"), moved, LOADED, strict=True))
        return known

    def _beside(self, server: str, before: int) -> None:
        """The programs of a folder that a server runs on top of what it was told: the pages of Streamlit."""
        folder = self.knowledge.get("servers")[server].get("runs_folder")
        for entry in self.found[before:] if folder is not None else ():
            for module in self.modules.all:
                if module.path and module.folder == posixpath.join(entry.module.folder, folder):
                    self._add(entry._replace(module=module))

    def _flask(self, server: Fact) -> str | None:
        value = self.start.image["env"].get("FLASK_APP") if server["server"] == "flask" else None
        return str(value) if value else None

    def _moved(self, folders: Sequence[str], moves: Sequence[str]) -> tuple[str, ...]:
        joined = [posixpath.normpath(posixpath.join(folder, move)) for move in moves for folder in folders]
        return tuple(dict.fromkeys((*joined, *folders)))

    def _direct(self, command: Command) -> bool:
        """A file of the product that is run by its own path or by a name that PATH finds."""
        word = command.fact["text"].split(" ", 1)[0] if not command.fact["wrapped_by"] else command.fact["program"]
        if "/" in word or word.endswith(".py"):
            if self._enter(self.points.file(word, command, PROGRAM, strict=True)):
                return True
            unknown = posixpath.dirname(word) not in self._path_folders and not word.startswith(("/usr/", "/bin/"))
            self.open = self.open or (unknown and command.wanted and not self._starts_script(command.fact))
            return False
        layout = self.names.layout
        if layout is None:
            return False
        for folder in self.start.image["path_entries"]:
            module = layout.paths.files.get(posixpath.join(folder, word))
            if module is not None:
                self._add(Entry(module, PROGRAM, command.name, command.steps))
                return True
        return False

    def _console_script(self, command: Command, program: str) -> bool:
        """A program that the product's own package installs."""
        target = self.evidence.console_scripts.get(program)
        if target is None or not self.start.build.installs.own_code(self.start.stage):
            return False
        place, _, function = target.partition(":")
        file = f"{place.replace('.', '/')}.py:{function}"  # where the source lies, if not where it is installed to
        found = self.points.application(target, command) or self.points.application(file, command)
        return self._enter(found)

    def _supervise(self, name: str, steps: tuple[Step, ...]) -> None:
        if self._supervised:
            return
        self._supervised = True
        for path in self.evidence.supervisors():
            folders = (self._workdir, *self.evidence.moves(Location(path, Span(1, 1, 1_000_000_000, 1))))
            for fact in self.evidence.of("shell.command", path):
                if fact["scope"] == "container":
                    found = Step(fact.location, f"{_SUPERVISOR} starts {_shown(fact)}")
                    self._command(Command(fact, name, folders, (*steps, found), wanted=True))

    # --- what was found

    def start_program(self, program: Program, command: Command) -> bool:
        """Enter what a command starts; whether it is code of the product."""
        return self._enter(self.points.program(program, command))

    def _enter(self, entries: Sequence[Entry]) -> bool:
        for entry in entries:
            self._add(entry)
        return bool(entries)

    def _add(self, entry: Entry) -> None:
        if not any(each[:2] == entry[:2] and each.part == entry.part for each in self.found):
            self.found.append(entry)

    # --- from code

    def by_call(self, call: Fact, module: Module, name: str, steps: tuple[Step, ...]) -> list[Entry]:
        """What a call of the product's code starts: Python code, a script, a supervisor."""
        before = len(self.found)
        layout = self.names.layout
        paths = layout.image_paths.get(module, ()) if layout is not None else ()
        folders = tuple(dict.fromkeys((*map(posixpath.dirname, paths), self._workdir)))
        steps = (*steps, Step(call.location, call["text"]))
        command = Command(call, name, folders, steps, wanted=False)
        programs = programs_of_call(call)
        for program in programs:
            self.open |= not self.start_program(program, command)
        if programs:
            return self.found[before:]
        if call["program"] == _SUPERVISOR:
            self._supervise(name, steps)
        else:
            self._called_script(call, command)
        return self.found[before:]

    def _called_script(self, call: Fact, command: Command) -> None:
        program = call["program"]
        words = call["text"].replace('"', " ").replace("'", " ").replace(",", " ").split()
        if program in (None, UNKNOWN, *SHELL_PROGRAMS) or is_python(program):
            scripts = [path for path in sorted(self.evidence.scripts) if any(_names(word, path) for word in words)]
            self.open = self.open or not scripts
        else:
            scripts = [path for path in sorted(self.evidence.scripts) if posixpath.basename(path) == program]
        for path in scripts[:1]:
            self._script(path, command.name, command.steps)
            if call["guard"] == "none" and any(script_at(self.start, word, command.folders) == path for word in words):
                self.start.run_by_code.setdefault(path, command.name)


def _as_command(start: Fact) -> list[Fact]:
    """The command of a CMD, which is no command of the container: SageMaker puts its own word in its place."""
    words = start["words"]
    if not words:
        return []
    known = {"program": posixpath.basename(words[0]), "arguments": words[1:], "text": " ".join(words)}
    return [Fact("shell.command", start.location, {**known, "wrapped_by": [], "started_as": _ENTRY})]


def _names(word: str, path: str) -> bool:
    return word.endswith(".sh") and posixpath.basename(word) == posixpath.basename(path)


def _shown(command: Fact) -> str:
    """A command, short enough for a step."""
    words = [command["program"], *(word for word in command["arguments"] if not word.startswith("-"))]
    named = [word for word in words[1:] if word.endswith(".py") or ":" in word or "/" in word]
    text = " ".join([words[0], *(named or words[1:])[-1:]])
    return text if len(text) <= 80 else f"{text[:79]}…"


def _inside(inner: Location, outer: Location) -> bool:
    return outer.span.line <= inner.span.line and inner.span.end_line <= outer.span.end_line
