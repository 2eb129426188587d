"""Shell scripts that publishing code names as the program of a container: `PyTorch(entry_point="train.sh", …)`.

SageMaker runs such a script in the folder that is uploaded with it. What the script runs in turn, runs there too.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple

from linter.assemble.python.modules import ancestors
from linter.assemble.python.programs import FILE, MODULE, programs_of
from linter.assemble.written import script_of, written_by_cell
from linter.model import UNKNOWN, Step
from linter.references.shells import SHELL_PROGRAMS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from linter.knowledge import Knowledge
    from linter.model import Fact

UPLOAD = "upload"
_SCRIPT, _PRODUCT, _PYTHON = "script", "product", ".py"
_READERS = (".", "source")
_FOLLOW_LIMIT = 50
"""Scripts followed in one product, so that scripts that start each other end."""


class Uploaded(NamedTuple):
    """A script that runs in a container because it was uploaded."""

    script: str
    """As `script_of` names it."""
    folder: str
    """The folder of the product that is uploaded with it."""
    steps: tuple[Step, ...]
    program: str
    """The script, or the one that leads to it, as publishing code names it."""


class Started(NamedTuple):
    """A Python file that an uploaded script starts, as far as its place tells."""

    path: str
    command: Fact
    program: str
    """The script as publishing code names it."""
    steps: tuple[Step, ...]


class UploadedScripts:
    """The scripts that a product uploads as programs, and what they start. `commands` are by script."""

    def __init__(self, programs: Iterable[Fact], commands: Mapping[str, Sequence[Fact]], knowledge: Knowledge) -> None:
        self._commands = commands
        self._knowledge = knowledge
        self._code: str = knowledge.get("container.places.code")
        self._scripts: dict[str, list[str]] = {}
        named = [fact for fact in programs if fact["purpose"] == _PRODUCT and not fact["program"].endswith(_PYTHON)]
        for script, own in commands.items() if named else ():
            place = _place_of(own[0])
            if place is not None:
                self._scripts.setdefault(place, []).append(script)
        self.all: list[Uploaded] = []
        self._found: set[str] = set()
        for fact in named:
            self._start(fact)
        for uploaded in self.all:  # grows meanwhile
            self._follow(uploaded)

    def python(self) -> Iterator[Started]:
        """The Python files that the scripts start."""
        for uploaded in self.all:
            for command, here in self._run_by(uploaded):
                steps = (*uploaded.steps, Step(command.location, f"starts {command['program']}"))
                for program in programs_of(command["program"], command["arguments"], self._knowledge):
                    if program.kind == FILE and program.text != UNKNOWN:
                        place = self._place(program.text, here, uploaded.folder)
                        yield Started(place, command, uploaded.program, steps)
                    elif program.kind == MODULE and program.text != UNKNOWN:
                        place = self._place(program.text.replace(".", "/"), here, uploaded.folder)
                        for file in (f"{place}{_PYTHON}", f"{place}/__main__{_PYTHON}"):
                            yield Started(file, command, uploaded.program, steps)

    def _start(self, fact: Fact) -> None:
        program = posixpath.normpath(fact["program"].replace("\\", "/").lstrip("/"))
        place = self._find(posixpath.dirname(fact.location.path), fact["folder"], program)
        if place is not None:
            folder = place[: -len(program)].rstrip("/")
            step = Step(fact.location, f"SageMaker runs {posixpath.basename(program)}")
            self._add(place, folder, (step,), fact["program"])

    def _find(self, here: str, folder: str | None, program: str) -> str | None:
        """The script, looked for from the publishing code upwards, then beside it: it may be put into its folder later.

        With no folder known, it is the only one of that name.
        """
        for within in dict.fromkeys(((folder or "").lstrip("/"), "")):
            for above in ancestors(here):
                place = posixpath.normpath(posixpath.join(above, within, program))
                if place in self._scripts:
                    return place
        found = [each for each in self._scripts if f"/{each}".endswith(f"/{program}")] if folder is None else []
        return found[0] if len(found) == 1 else None

    def _add(self, place: str, folder: str, steps: tuple[Step, ...], program: str) -> None:
        for script in self._scripts.get(place, ()):
            if script not in self._found and len(self.all) < _FOLLOW_LIMIT:
                self._found.add(script)
                self.all.append(Uploaded(script, folder, steps, program))

    def _follow(self, uploaded: Uploaded) -> None:
        """Enter the scripts that a script runs: `bash lib/x.sh`, `./x.sh`, `. lib/common.sh`."""
        for command, here in self._run_by(uploaded):
            words = command["text"].split()[:1]
            if command["program"] in SHELL_PROGRAMS or command["program"] in _READERS:
                words = [word for word in command["arguments"] if not word.startswith("-")][:1]
            for word in words:
                steps = (*uploaded.steps, Step(command.location, f"runs {posixpath.basename(word)}"))
                self._add(self._place(word, here, uploaded.folder), uploaded.folder, steps, uploaded.program)

    def _run_by(self, uploaded: Uploaded) -> Iterator[tuple[Fact, str]]:
        """The commands of a script, each with the folder of the product that stands for the one it runs in."""
        here = uploaded.folder
        for command in self._commands[uploaded.script]:
            if command["program"] != "cd":
                yield command, here
            elif command["arguments"] and command["arguments"][0] != UNKNOWN:
                here = self._place(command["arguments"][0], here, uploaded.folder)

    def _place(self, word: str, here: str, root: str) -> str:
        """The place in the product of a path that a script names, from the folder where it is and the uploaded one."""
        word = word.strip("\"'")
        if posixpath.isabs(word):
            return posixpath.normpath(posixpath.join(root, posixpath.relpath(word, self._code)))
        return posixpath.normpath(posixpath.join(here, word))


def _place_of(command: Fact) -> str | None:
    """Where the script of a command lies in the product; None for one that a Dockerfile writes, and for no script."""
    if command["run_by"] not in (_SCRIPT, UPLOAD):
        return None
    if not command["script"]:
        return command.location.path
    return str(command["script"]) if written_by_cell(command) else None


def with_uploaded_scripts(facts: Sequence[Fact], knowledge: Knowledge) -> list[Fact]:
    """The facts, commands of uploaded scripts marked as what a container may run. Scopes are settled before."""
    programs = [fact for fact in facts if fact.kind == "sagemaker.program"]
    if not programs:
        return list(facts)
    commands: dict[str, list[Fact]] = {}
    for fact in facts:
        if fact.kind == "shell.command":
            commands.setdefault(script_of(fact), []).append(fact)
    steps = {each.script: each.steps for each in UploadedScripts(programs, commands, knowledge).all}
    return [
        fact.with_fields(scope=UNKNOWN, run_by=UPLOAD).with_trace(steps[script_of(fact)])
        if fact.kind == "shell.command" and fact["scope"] in ("seller", UNKNOWN) and script_of(fact) in steps
        else fact
        for fact in facts
    ]
