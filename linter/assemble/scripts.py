"""Which scripts the start scripts of an image run, and those that these run in turn.

A script that the start leads to runs at the buyer's like the start script itself: `bash x.sh`, `. lib/common.sh`,
`"$(dirname "$0")/x.sh"`, and the configuration of a supervisor with the programs that it starts.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from linter.assemble.written import script_of
from linter.lazy import compiled
from linter.model import UNKNOWN
from linter.references.shells import SHELL_PROGRAMS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from linter.assemble.start import Start
    from linter.knowledge import Knowledge
    from linter.model import Fact

_FOLLOW_LIMIT = 50
"""Scripts followed from one image, so that scripts that start each other end."""
SUPERVISOR = "supervisord"
_ENTRYPOINT = "entrypoint"

# A path whose beginning the shell fills in: `$DIR/x.sh`, `${APP_HOME}/bin/x.sh`, `$(dirname "$0")/x.sh`.
_FILLED = compiled(r"(?:\$\{?(\w+)\}?|\$\((?:[^()]|\([^()]*\))*\)|`[^`]*`)[\"']?((?:/[\w.@-]+)+)")
_NAME = compiled(r"[\w.:-]+")
_SIGNS = "\"'"


class Scripts:
    """The commands of a product's scripts, by script, and how scripts name each other."""

    def __init__(self, commands: Mapping[str, Sequence[Fact]], knowledge: Knowledge) -> None:
        self.commands = commands
        table = knowledge.get("programs")
        self._readers = frozenset(table["script_readers"])
        self._runners = frozenset(table["interpreters"]) | self._readers
        self._handlers = frozenset(table["file_handlers"])
        self._model: str = knowledge.get("container.places.model")

    def reach(self, start: Start) -> None:
        """Enter what the image's start leads to. ENTRYPOINT itself may hold commands (`sh -c "prepare.sh && …"`)."""
        queue = [(path, name) for path, name in start.started.items()]
        if start.image["last"]:
            own = self.commands.get(start.build.dockerfile, ())
            entry = [each for each in own if each["started_as"] == _ENTRYPOINT and each["run_by"] == "start"]
            self._follow(start, entry, "", _ENTRYPOINT, queue)
        self.follow(start, queue)
        start.idle = self.idle(start)

    def follow(self, start: Start, queue: list[tuple[str, str]]) -> None:
        """Enter what the scripts in a queue run, each with the name that its start is known by."""
        while queue and len(start.started) < _FOLLOW_LIMIT:
            path, name = queue.pop()
            folder = posixpath.dirname(start.image_paths.get(path, ""))
            taken = [command for command in self.commands.get(path, ()) if start.takes(path, command)]
            self._follow(start, taken, folder, name, queue)

    def idle(self, start: Start) -> set[tuple[str, str]]:
        """Functions of the started scripts that nothing calls; none when a script runs what it is told."""
        commands = [each for path in start.started for each in self.commands.get(path, ()) if start.takes(path, each)]
        functions: dict[str, list[Fact]] = {}
        for command in commands:
            if command["in_function"]:
                functions.setdefault(command["in_function"], []).append(command)
        if not functions:
            return set()
        waiting = [each for each in commands if not each["in_function"]]
        left = set(functions)
        while waiting and left:
            command = waiting.pop()
            if command["program"] == UNKNOWN:
                return set()
            for name in left.intersection(_NAME.findall(command["text"])):
                left.discard(name)
                waiting += functions[name]
        return {(script_of(each), name) for name in left for each in functions[name]}

    def _follow(
        self, start: Start, commands: Sequence[Fact], folder: str, name: str, queue: list[tuple[str, str]]
    ) -> None:
        """The scripts that some commands run. `folder` is where their own script lies in the image."""
        workdir = start.image["workdir"]
        here = workdir
        for command in commands:
            if command["program"] == "cd":
                here = _moved(here, folder, command["arguments"])
                continue
            folders = [each for each in (here, folder, workdir) if each and each != UNKNOWN]
            for target in self._targets(start, command, list(dict.fromkeys(folders))):
                if not (command["uses_exec"] or command["last"]):
                    start.called.add(target)
                if target not in start.started:
                    start.started[target] = name
                    queue.append((target, name))
        for target, place in self._with_model(start, commands):
            start.started[target] = name
            start.image_paths[target] = place
            queue.append((target, name))

    def _with_model(self, start: Start, commands: Sequence[Fact]) -> list[tuple[str, str]]:
        """Scripts that come into the container with the model's files, and where they are started there.

        A script that takes something from the model's folder runs what the image lacks: the only one of that name is
        meant.
        """
        takes = any(word.startswith(self._model) for each in commands for word in each["arguments"])
        found: list[tuple[str, str]] = []
        for command in commands if takes and not start.build.whole else ():
            given = command["arguments"][:1] if command["program"] in SHELL_PROGRAMS else ()
            for word in (*command["text"].split()[:1], *given):
                name = posixpath.basename(word)
                if not posixpath.isabs(word) or not name.endswith(".sh") or script_at(start, word, []):
                    continue
                named = [path for path in self.commands if posixpath.basename(path) == name]
                if len(named) == 1 and named[0] not in start.started:
                    found.append((named[0], word))
        return found

    def _targets(self, start: Start, command: Fact, folders: Sequence[str]) -> Iterator[str]:
        """The files of the product that a command runs as programs."""
        program = command["program"]
        if program in self._handlers:
            return
        first = command["text"].split()[:1]
        for word in (*first, *_itself(command), *command["arguments"]):
            found = script_at(start, word, folders)
            if found is None and word in first and "/" not in word:
                found = start.on_path(word).path
            if found:
                yield found
        for match in _FILLED.finditer(command["text"]):
            if program not in self._runners and posixpath.basename(match[2]) != program:
                continue
            found = _filled(start, match[1], match[2], folders)
            if found and found in self.commands:
                yield found
        if program == SUPERVISOR and not any(word == "-c" for word in command["arguments"]):
            yield from self._supervised(start)

    def _supervised(self, start: Start) -> Iterator[str]:
        """The configurations that a supervisor finds without being told: all that the image holds."""
        for path, commands in self.commands.items():
            if any(command["run_by"] == "supervisor" for command in commands) and start.build.holds(path):
                start.image_paths.setdefault(path, next(iter(start.build.image_paths(path)), ""))
                yield path


def script_at(start: Start, word: str, folders: Sequence[str]) -> str | None:
    """The file of the product that a word names, seen from these folders of the image."""
    word = word.strip(_SIGNS)
    if word == UNKNOWN or word.startswith("-") or ("/" not in word and "." not in word):
        return None
    return _located(start, [word] if word.startswith("/") else [posixpath.join(folder, word) for folder in folders])


def _moved(here: str, folder: str, words: Sequence[str]) -> str:
    """The folder after `cd`. One that the shell fills in is mostly the script's own: `cd "$(dirname "$0")"`."""
    if not words or words[0] == UNKNOWN:
        return folder or here
    return posixpath.normpath(posixpath.join(here or "/", words[0]))


def _itself(command: Fact) -> Iterator[str]:
    """The program behind wrappers and assignments, as it is written: `exec nohup ./run.sh` runs `./run.sh`."""
    if not command["wrapped_by"] and "=" not in command["text"].split(" ", 1)[0]:
        return
    for word in command["text"].split():
        if "/" in word and posixpath.basename(word.strip(_SIGNS)) == command["program"]:
            yield word
            return


def _filled(start: Start, variable: str | None, rest: str, folders: Sequence[str]) -> str | None:
    """A path that begins with a variable of the image, or with a folder that the script works out for itself."""
    known = start.image["env"].get(variable) if variable else None
    if known == UNKNOWN:
        return None
    heads = [known] if known else folders
    return _located(start, [f"{head.rstrip('/')}{rest}" for head in heads])


def _located(start: Start, candidates: Sequence[str]) -> str | None:
    for candidate in candidates:
        path = posixpath.normpath(candidate)
        origin = start.build.locate(path, start.stage)
        if origin.path:
            start.note(origin, path)
            return origin.path
    return None


def with_called(facts: Sequence[Fact], starts: Sequence[Start], scripts: Scripts) -> list[Fact]:
    """Facts in scripts that the product's own code runs (`subprocess.run(["bash", "x.sh"])`), which is known late."""
    found: dict[str, str] = {}
    for start in starts:
        new = {path: name for path, name in start.run_by_code.items() if path not in start.started}
        before = set(start.started)
        start.started.update(new)
        start.called.update(new)
        scripts.follow(start, list(new.items()))
        found |= {path: name for path, name in start.started.items() if path not in before}
    if not found:
        return list(facts)
    return [
        fact.with_fields(scope="container", started_as=found[script_of(fact)])
        if fact.kind == "shell.command" and not fact["started_as"] and script_of(fact) in found
        else fact
        for fact in facts
    ]
