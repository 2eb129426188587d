"""How a shell script ends: whether what it starts last takes its place, stays its child, or is left behind."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.model import UNKNOWN
from linter.references.programs import programs
from linter.references.shells import SHELLS
from linter.servers.table import head_of, servers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from linter.inspect.shell.commands import Command
    from linter.knowledge import Knowledge

_ENDINGS = frozenset(["exit", "return", "true", ":", "echo", "printf", "logger", "unset", "export"])
_SIGNALS = frozenset(["TERM", "SIGTERM", "15", "INT", "SIGINT", "EXIT", "QUIT", "SIGQUIT", "0", "2"])
_CALLS_LIMIT = 8


class Handover(NamedTuple):
    """How a script ends. `last` is the command that it ends with."""

    hands_over: str
    last: Command | None


def handover(commands: Sequence[Command], knowledge: Knowledge) -> Handover:
    """How a script with these commands ends when SageMaker starts it."""
    commands = _of_start(commands, knowledge.get("container.start_program_names"))
    last = last_command(commands)
    if last is None:
        return Handover("none", None)
    if last.uses_exec:
        detached = _detaches(last, knowledge)
        return Handover("background" if detached else "exec", last)
    if last.conditional and any(command.uses_exec for command in commands if not command.in_substitution):
        return Handover(UNKNOWN, last)  # which branch `serve` takes is not known, and another one hands over
    if last.program == "wait":
        return Handover("trap" if _traps(commands) else "wait", last)
    if last.background:
        return Handover("background", last)
    long = runs_long(last, knowledge)
    if long in ("supervisor", "background", UNKNOWN, "none"):
        return Handover(long, last)
    return Handover("trap" if _traps(commands) else "foreground-server-without-exec", last)


def _of_start(commands: Sequence[Command], words: Sequence[str]) -> Sequence[Command]:
    """The commands that may run for SageMaker's arguments, of a script that has branches for these."""
    if not any(command.taken.only and not command.taken.only.isdisjoint(words) for command in commands):
        return commands
    return [command for command in commands if any(command.taken.allows(word) for word in words)]


def last_command(commands: Sequence[Command]) -> Command | None:
    """The command that a script ends with, calls of its own functions followed; words after a server's end skipped."""
    bodies: dict[str, list[Command]] = {}
    top: list[Command] = []
    for command in commands:
        if command.in_substitution:
            continue
        if command.in_function is None:
            top.append(command)
        else:
            bodies.setdefault(command.in_function, []).append(command)
    last = _effective(top)
    for _ in range(_CALLS_LIMIT):
        if last is None or last.path not in bodies or last.uses_exec or last.background:
            break
        last = _effective(bodies[last.path])
    return last


def _effective(commands: Sequence[Command]) -> Command | None:
    rest = [command for command in commands if not (command.program in _ENDINGS and not command.uses_exec)]
    return rest[-1] if rest else (commands[-1] if commands else None)


def _traps(commands: Sequence[Command]) -> bool:
    """Whether the script catches a signal that ends it."""
    for command in commands:
        if command.program == "trap" and len(command.arguments) > 1 and command.arguments[0] not in ("", "-"):
            signals = {signal.upper() for signal in command.arguments[1:]}
            if signals & _SIGNALS or UNKNOWN.upper() in signals:
                return True
    return False


def runs_long(command: Command, knowledge: Knowledge) -> str:
    """`server` for what runs until it is stopped, `none` for what ends, `supervisor`, `background` or `unknown`."""
    category = programs(knowledge).verdict(command).category
    table: Mapping[str, Any] = programs(knowledge).table["long_running"]
    words = [command.program, *command.arguments]
    if category == "supervisor":
        return "background" if _detaches(command, knowledge) else "supervisor"
    if command.program in table["starts_and_returns"] or command.path.startswith(tuple(table["starts_and_returns"])):
        started = any(argument in ("start", "restart") for argument in command.arguments)
        return "background" if started else "none"
    server = servers(knowledge).started(words)
    if server is not None:
        if _detaches(command, knowledge):
            return "background"
        if server.server.daemonises and not _stays(command):
            return "background" if server.server.daemonises == "always" else UNKNOWN
        return "server"
    forever = table["waits_forever"].get(command.program)
    if forever is not None:
        return "server" if any(argument in forever for argument in command.arguments) else "none"
    if command.program in table["programs"]:
        return "background" if _detaches(command, knowledge) else "server"
    return _script(command, table, category)


def _script(command: Command, table: Mapping[str, Any], category: str) -> str:
    """What an interpreter, another script, or a program without a name of its own does."""
    name = command.program
    if name.rstrip("0123456789.") in table["interpreters"] or name in table["interpreters"]:
        head, _ = head_of([name, *command.arguments])
        brief = command.arguments[:1] and command.arguments[0] in table["brief_arguments"]
        module = head.removeprefix("-m ") if head.startswith("-m ") else None
        if not command.arguments or brief or module in table["brief_modules"] or category not in ("none", UNKNOWN):
            return "none"
        return "server"
    if name == UNKNOWN:
        return UNKNOWN
    if name in SHELLS or name in (".", "source") or "/" in command.path or name.endswith((".sh", ".py", ".R")):
        return UNKNOWN if category == "none" else "none"
    return "none"


def _detaches(command: Command, knowledge: Knowledge) -> bool:
    """Whether an option sends the program into the background."""
    options = programs(knowledge).table["long_running"]["daemonising_options"]
    started = servers(knowledge).started([command.program, *command.arguments])
    names = {*options["*"], *options.get(started.server.name if started else command.program, ())}
    return any(argument.partition("=")[0] in names for argument in command.arguments)


def _stays(command: Command) -> bool:
    """Whether a server that detaches itself is told not to."""
    words = " ".join(command.arguments).split()
    return (
        ("daemon", "off;") in pairwise(words)
        or ("daemon", "off") in pairwise(words)
        or "--foreground" in command.arguments
    )
