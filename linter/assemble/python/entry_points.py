"""What a command means by the program that it names: code in the image, or brought into the container."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple

from linter.assemble.python.programs import FILE, MODULE, Program
from linter.model import UNKNOWN, Fact, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from linter.assemble.python.handlers import Handlers
    from linter.assemble.python.modules import Module, Modules
    from linter.assemble.python.names import Names
    from linter.assemble.start import Start

PROGRAM, LOADED, CONTRACT, CONVENTION, PACKED, SENT = (
    *("program", "loaded", "contract", "convention", "packed", "sent"),
)


class Entry(NamedTuple):
    """Code that is started. `kind`: a program (its main block runs too), a module that a server loads, one that a
    toolkit calls functions of, a program by its name alone, or a class that was packed or a function that was sent,
    without the rest of its module. `part`: a function of the module that is called.
    """

    module: Module
    kind: str
    name: str
    steps: tuple[Step, ...] = ()
    part: str | None = None
    words: tuple[str, ...] = ()
    """What a program is given on its command line, as far as it is known."""


class Command(NamedTuple):
    """A command that runs in the container, and where."""

    fact: Fact
    name: str
    folders: tuple[str, ...]
    steps: tuple[Step, ...]
    wanted: bool
    """Whether it is the program of the image, so that one which is not understood leaves everything open."""


def taken_out(modules: Iterable[Module], handlers: Handlers, names: Names) -> Iterator[Entry]:
    """Methods of classes that publishing code packs, functions that it sends into jobs: what stands beside them in a
    file stays at the seller's.
    """
    for module in modules:
        for name in handlers.packed(module, names):
            yield Entry(module, PACKED, name, (Step(module.fact.location, f"AWS's image calls {name}()"),), name)
        for name in handlers.sent(module, names):
            yield Entry(module, SENT, name, (Step(module.fact.location, f"a job of AWS runs {name}()"),), name)


def words_of(fact: Fact) -> tuple[str, ...]:
    """The words of a command of a script, of an instruction, or of one that code starts."""
    by_kind = {"python.call": "argument", "shell.command": "arguments"}
    words = fact.fields.get(by_kind.get(fact.kind, "words"))
    words = words.split() if isinstance(words, str) else words
    return tuple(word for word in words if isinstance(word, str)) if isinstance(words, list | tuple) else ()


class EntryPoints:
    """Finds in the code of one image what commands start."""

    def __init__(self, start: Start, names: Names, modules: Modules) -> None:
        self._start = start
        self._names = names
        self._modules = modules

    def program(self, program: Program, command: Command) -> list[Entry]:
        """What a command starts; empty when it is no code of the product."""
        if program.kind == FILE:
            return self.file(program.text, command, PROGRAM, strict=False)
        if program.kind == MODULE:
            return self._module(program.text, command)
        return self.application(program.text, command)

    def file(self, text: str, command: Command, kind: str, *, strict: bool) -> list[Entry]:
        """The file at a path. `strict`: a file of the same name elsewhere in the product is another one."""
        if text == UNKNOWN:
            words = command.fact["text"].split()
            text = next((word.strip("\"'") for word in words if word.strip("\"'").endswith(".py")), "")
            text = posixpath.basename(text)
        module = self._at(text, command.folders, strict=strict) if text else None
        if module is None and text and not strict:
            module = self._brought(text, command)
        words = words_of(command.fact)
        return [Entry(module, kind, command.name, command.steps, words=words)] if module is not None else []

    def application(self, text: str, command: Command) -> list[Entry]:
        """The module, with its packages, and the function of `package.module:function`."""
        place, _, attribute = text.partition(":")
        if place.endswith(".py") or "/" in place:
            module = self._at(place, command.folders, strict=False)
        else:
            module = self._names.from_root(place.split("."), command.folders)
            if module is None and "." in place and not attribute:  # flask.cli and django name objects so
                place, _, attribute = place.rpartition(".")
                module = self._names.from_root(place.split("."), command.folders)
        if module is None:
            return []
        found = self._with_packages(Entry(module, LOADED, command.name, command.steps))
        name = attribute.partition("(")[0].partition(".")[0]
        target = self._names.lookup(module, (name,)) if name else None
        if target is not None and target.module is not None and target.kind == "part":
            found.append(Entry(target.module, LOADED, command.name, command.steps, target.name))
        return found

    def _module(self, text: str, command: Command) -> list[Entry]:
        names = text.split(".")
        module = self._names.from_root([*names, "__main__"], command.folders)
        module = module or self._names.from_root(names, command.folders)
        if module is None:
            return []
        return self._with_packages(Entry(module, PROGRAM, command.name, command.steps, words=words_of(command.fact)))

    def _with_packages(self, entry: Entry) -> list[Entry]:
        packages = self._modules.packages_of(entry.module)
        return [*(Entry(package, LOADED, entry.name, entry.steps) for package in packages), entry]

    def _brought(self, text: str, command: Command) -> Module | None:
        """The only file of the product with the name of a program that a script runs and that the image lacks.

        It comes into the container in another way, with the model.
        """
        by_script = command.fact.location.path in self._start.started
        if not by_script or posixpath.isabs(text) or self._start.build.whole:
            return None
        tail = posixpath.normpath(text).lstrip("./")
        named = self._modules.at_end(tail)
        return named[0] if len(named) == 1 and not named[0].fact["seller_side"] else None

    def _at(self, text: str, folders: Sequence[str], *, strict: bool) -> Module | None:
        """The code at a path of the image; else the only code of the product whose path ends so."""
        layout = self._names.layout
        for folder in folders if layout is not None else ():
            path = posixpath.normpath(posixpath.join(folder, text))
            module = layout.paths.files.get(path) if layout is not None else None
            if module is not None:
                return module
        tail = posixpath.normpath(text).lstrip("./")
        if strict and text.startswith("/"):
            tail = posixpath.basename(text) if layout is None or layout.open else ""
        named = [each for each in self._modules.named(posixpath.basename(tail)) if self._names.holds(each)]
        fitting = [each for each in named if f"/{each.place}".endswith(f"/{tail}")] or ([] if strict else named)
        return fitting[0] if len(fitting) == 1 else None
