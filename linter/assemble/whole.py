"""What a built image alone shows: whether the programs that its start needs are in it."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from linter.assemble.build import ABSENT, FOUND
from linter.model import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from linter.assemble.start import Start
    from linter.knowledge import Knowledge
    from linter.model import Fact

_STATES = {FOUND: "yes", ABSENT: "no"}


def settle_programs(facts: Sequence[Fact], starts: Sequence[Start], knowledge: Knowledge) -> list[Fact]:
    """Fill in whether the interpreters of start programs, and the programs that start scripts run, are in the image."""
    whole = [start for start in starts if start.build.whole]
    if not whole:
        return list(facts)
    by_script: dict[str, list[Fact]] = {}
    for fact in facts:
        if fact.kind == "shell.command":
            by_script.setdefault(fact.location.path, []).append(fact)
    open_scripts = {path for path, commands in by_script.items() if _changes_path(commands, knowledge)}
    builtins = frozenset(knowledge.get("programs.shell_builtins"))
    wrappers = frozenset(knowledge.get("programs.plain_wrappers"))
    settled = []
    for fact in facts:
        path = fact.location.path
        start = next((start for start in whole if path in start.started), None)
        if start is None or fact.kind not in ("program.file", "shell.command"):
            settled.append(fact)
        elif fact.kind == "program.file":
            settled.append(fact.with_fields(interpreter_found=_interpreter(fact, start)))
        else:
            own = builtins | {each["in_function"] for each in by_script[path] if each["in_function"]}
            known = path not in open_scripts and fact["script"] is None and wrappers.issuperset(fact["wrapped_by"])
            settled.append(fact.with_fields(program_found=_program(fact, start, own) if known else UNKNOWN))
    return settled


def _interpreter(program: Fact, start: Start) -> str:
    """Whether the file exists that the first line names; of `env`, also the program that it looks for."""
    if not program["shebang"] or program["interpreter"] in (None, UNKNOWN):
        return UNKNOWN
    first = program["shebang"].removeprefix("#!").split()[:1]
    if not first or not first[0].startswith("/"):
        return UNKNOWN
    state = start.build.locate(posixpath.normpath(first[0]), start.stage).state
    if state == FOUND and posixpath.basename(first[0]) == "env":
        state = start.on_path(program["interpreter"]).state
    return _STATES.get(state, UNKNOWN)


def _program(command: Fact, start: Start, own: Container[str]) -> str:
    """Whether a command's program is in the image; `own` are names that the shell itself answers to."""
    name = command["program"]
    word = next((each for each in command["text"].split() if posixpath.basename(each) == name), None)
    if word is None or word in own or "$" in word:
        return UNKNOWN
    if "/" not in word:
        return _STATES.get(start.on_path(word).state, UNKNOWN)
    if not word.startswith("/"):
        return UNKNOWN
    return _STATES.get(start.build.locate(posixpath.normpath(word), start.stage).state, UNKNOWN)


def _changes_path(commands: Iterable[Fact], knowledge: Knowledge) -> bool:
    """Whether a script changes PATH, or reads other scripts into itself, which may."""
    changers = frozenset(knowledge.get("programs.path_changers"))
    readers = frozenset(knowledge.get("programs.script_readers"))
    for command in commands:
        words = {command["program"], *map(posixpath.basename, command["arguments"])}
        if "PATH=" in command["text"] or command["program"] in readers or not changers.isdisjoint(words):
            return True
    return False
