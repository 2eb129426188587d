"""RUN: its commands, its mounts, and what it leaves in the image."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.inspect.dockerfile.copies import copied_from
from linter.inspect.dockerfile.embedded import note_run, note_script
from linter.inspect.dockerfile.lines import UNSEEN
from linter.inspect.dockerfile.state import Draft, names
from linter.inspect.dockerfile.words import Word, heredoc_mark
from linter.inspect.dockerfile.written import note_writes
from linter.inspect.mapped import Mapped
from linter.lazy import compiled
from linter.model import UNKNOWN
from linter.references.shells import SHELL_PROGRAMS

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping

    from linter.inspect.dockerfile.instruction import Instruction
    from linter.inspect.dockerfile.state import Build, Settings, Stage
    from linter.inspect.shell.commands import Command
    from linter.knowledge import Knowledge

MAX_COMMANDS = 2_000
MAX_ARGUMENTS = 500
MAX_TEXT = 20_000
MAX_CALL = 200


def run(build: Build, stage: Stage, ins: Instruction) -> None:
    if not ins.words and not ins.heredocs:
        return build.problem(ins, "RUN needs a command")
    stage.settings.layers += 1
    script, interpreter = script_of(ins)
    mounts = [read_mount(text) for text in ins.flag_values("mount")]
    for mount in mounts:
        if "from" in mount:
            copied_from(build, stage, Word(mount["from"], 0, 0))
    types = [mount["type"] for mount in mounts]
    text = script.text if script else ins.args.text
    secrets = build.secrets.in_text(text)
    commands = _commands(stage.settings, ins, script, interpreter)
    network = ins.flag("network")
    managers = managers_of(build)
    called = [managers.called(command) for command in commands]
    packages = _packages(commands, called)
    build.draft("dockerfile.run", ins, stage, {
        "form": "exec" if ins.json else "shell",
        "text": text[:MAX_TEXT],
        "mounts": types,
        "network": network.text if network else None,
        "heredoc": bool(ins.heredocs),
        "caches_left": _caches_left(build, stage.settings, commands, called, mounts),
        "driver_packages": _drivers(build, commands, packages, "error"),
        "driver_metapackages": _drivers(build, commands, packages, "warning"),
        "inline_secret": secrets,
    }, text=ins.args)  # fmt: skip
    for command in commands:
        _command(build, stage, ins, script, command, types)
    if script is not None and interpreter is not None and interpreter not in SHELL_PROGRAMS:
        note_script(build, stage, script, interpreter)
    else:
        note_run(build, stage, ins, script, commands)
        note_writes(build, stage, ins, script, commands)
    return None


def _command(
    build: Build, stage: Stage, ins: Instruction, script: Mapped | None, command: Command, types: list[str]
) -> None:
    if script is None:
        start, end = ins.text.place(ins.args.start, ins.args.end)
    else:
        start, end = script.place(command.start, command.end)
    arguments = [UNKNOWN if UNSEEN in word else word for word in command.arguments[:MAX_ARGUMENTS]]
    build.note(Draft("dockerfile.command", start, end, {
        "program": UNKNOWN if UNSEEN in command.program else posixpath.basename(command.program) or UNKNOWN,
        "arguments": arguments,
        "text": command.text[:MAX_TEXT],
        "mounts": types,
    }, {}, stage))  # fmt: skip


def script_of(ins: Instruction) -> tuple[Mapped | None, str | None]:
    """What a shell-form RUN hands to the shell, and the program of a `#!` line that replaces the shell."""
    if ins.json:
        return None, None
    args = ins.text.slice(ins.args.start, ins.args.end)
    if not ins.heredocs:
        return args, None
    only = ins.heredocs[0]
    if len(ins.heredocs) == 1 and heredoc_mark(ins.args.text):
        script = Mapped.joined(list(only.parts), only.parts[0][1] if only.parts else ins.end)
        first = script.text.partition("\n")[0]
        return script, _shebang(first) if first.startswith("#!") else None
    parts = ins.text.parts(ins.args.start, ins.args.end)
    at = ins.text.place(ins.args.end, ins.args.end)[0]
    for heredoc in ins.heredocs:
        parts.append(("\n", at, 0))
        parts += heredoc.parts
        at = heredoc.parts[-1][1] + heredoc.parts[-1][2] if heredoc.parts else at
        parts.append((heredoc.mark.name, at, 0))
    return Mapped.joined(parts, ins.start), None


def _shebang(line: str) -> str:
    words = line[2:].split()
    if words and posixpath.basename(words[0]) == "env":
        words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    return posixpath.basename(words[0]) if words else UNKNOWN


def _commands(settings: Settings, ins: Instruction, script: Mapped | None, interpreter: str | None) -> list[Command]:
    from linter.inspect.shell.commands import Command, parse_commands

    if script is None:
        import shlex

        return parse_commands(shlex.join(word.text for word in ins.words))[:MAX_COMMANDS]
    if interpreter is not None and interpreter not in SHELL_PROGRAMS:
        first = script.text.partition("\n")[0]
        return [Command(program=interpreter, path=first[2:].strip(), arguments=(UNKNOWN,), text=first, end=len(first))]
    if not is_shell(settings.shell):
        return []
    return parse_commands(script.text)[:MAX_COMMANDS]


def is_shell(words: tuple[str, ...]) -> bool:
    """Whether the SHELL in force ends in a shell of the Bourne family."""
    return any(posixpath.basename(word) in SHELL_PROGRAMS for word in words)


def read_mount(text: str) -> dict[str, str]:
    """The parts of a `--mount` value. `type` is `bind` when it is not given; `target` has its aliases resolved."""
    fields: dict[str, str] = {"type": "bind"}
    for part in text.split(","):
        key, _, value = part.strip().strip('"').partition("=")
        key = key.lower()
        fields["target" if key in ("dst", "destination") else key] = value
    return fields


class Manager(NamedTuple):
    """A package manager of knowledge, made ready for look-ups: there are many, and each RUN asks about all."""

    programs: frozenset[str]
    patterns: tuple[re.Pattern[str], ...]
    install: tuple[list[str], ...]
    flags: tuple[str, ...]
    environment: tuple[str, ...]
    cache_targets: tuple[str, ...]
    cleanup: tuple[str, ...]


class Managers:
    """All package managers, by name and by the programs that call them."""

    def __init__(self, knowledge: Knowledge) -> None:
        found = knowledge.get("package_managers.managers")
        self.all = [(str(name), _manager(body)) for name, body in found.items()]
        self._patterned = [at for at, (_, manager) in enumerate(self.all) if manager.patterns]
        self._by_program: dict[str, list[int]] = {}
        for at, (_, manager) in enumerate(self.all):
            for program in manager.programs:
                self._by_program.setdefault(program, []).append(at)

    def called(self, command: Command) -> list[tuple[str, Manager, list[str]]]:
        """The package managers that a command calls, each with the arguments after its program."""
        words = (posixpath.basename(command.program), *command.arguments)
        calls = [(size, " ".join(words[:size])) for size in (1, 3, 2) if len(words) >= size]
        calls = [(size, call) for size, call in calls if len(call) < MAX_CALL]
        places = {at for _, call in calls for at in self._by_program.get(call, ())}.union(self._patterned)
        found = []
        for at in sorted(places):
            name, manager = self.all[at]
            size = next((size for size, call in calls if _calls(manager, call)), 0)
            if size:
                found.append((name, manager, list(words[size:])))
        return found


def _calls(manager: Manager, call: str) -> bool:
    return call in manager.programs or any(pattern.search(call) for pattern in manager.patterns)


def managers_of(build: Build) -> Managers:
    """The package managers of knowledge."""
    found: Managers = build.knowledge.index("dockerfile.managers", Managers)
    return found


Called = list[list[tuple[str, Manager, list[str]]]]
"""For each command of a RUN, the package managers that it calls."""


def _caches_left(
    build: Build, settings: Settings, commands: list[Command], called: Called, mounts: list[dict[str, str]]
) -> list[str]:
    last: dict[str, int] = {}
    for at, (command, calls) in enumerate(zip(commands, called, strict=True)):
        for name, manager, rest in calls:
            if installs(manager, command, rest):
                last[name] = at
    return [
        name
        for name, manager in (managers_of(build).all if last else ())
        if name in last
        and not _environment_off(manager, settings, commands)
        and not _mounted(manager, mounts)
        and not _cleaned(manager, commands[last[name] :])
    ]


def _manager(body: Mapping[str, Any]) -> Manager:
    return Manager(
        programs=frozenset(names(body.get("programs") or ())),
        patterns=tuple(compiled(str(pattern)) for pattern in body.get("program_patterns") or ()),
        install=tuple(str(word).split() for word in body.get("install") or ()),
        flags=tuple(str(flag) for flag in body.get("flags") or ()),
        environment=tuple(names(body.get("environment") or ())),
        cache_targets=tuple(posixpath.normpath(target) for target in names(body.get("cache_targets") or ())),
        cleanup=tuple(" ".join(str(pattern).split()) for pattern in body.get("cleanup") or ()),
    )


def installs(manager: Manager, command: Command, rest: list[str], lean: bool = True) -> bool:
    """Whether a call of a package manager, with these arguments, installs; with `lean`, only if it keeps its cache."""
    plain = [word for word in rest if not word.startswith("-")]
    if not any(word and _begins(rest if word[0].startswith("-") else plain, word) for word in manager.install):
        return False
    if lean and any(word == flag or word.startswith(f"{flag}=") for word in rest for flag in manager.flags):
        return False
    return not (lean and any(name in command.assignments for name in manager.environment))


def _begins(words: list[str], wanted: list[str]) -> bool:
    """At the start, or after one word more: the value of an option, as in `apt-get -o X=Y install`."""
    return any(words[at : at + len(wanted)] == wanted for at in range(2))


def _environment_off(manager: Manager, settings: Settings, commands: list[Command]) -> bool:
    variables = manager.environment
    if any(settings.env.get(name, settings.args.get(name)) for name in variables):
        return True
    exported = [word for command in commands if command.program == "export" for word in command.argument_prefixes]
    return any(word.startswith(f"{name}=") for word in exported for name in variables)


def _mounted(manager: Manager, mounts: list[dict[str, str]]) -> bool:
    for mount in mounts:
        target = posixpath.normpath(mount.get("target") or ".")
        if mount["type"] in ("cache", "tmpfs") and any(
            _within(target, place) or _within(place, target) for place in manager.cache_targets
        ):
            return True
    return False


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _cleaned(manager: Manager, later: list[Command]) -> bool:
    for command in later:
        text = " ".join(command.text.split())
        for home in ("~/", "$HOME/", "${HOME}/"):
            text = text.replace(home, "/root/")
        removes = posixpath.basename(command.program) in ("rm", "find")
        if any(pattern in text for pattern in manager.cleanup if removes or not pattern.startswith("/")):
            return True
    return False


class _Drivers(NamedTuple):
    """Patterns of the names of GPU drivers by severity, and of the names of their installers."""

    packages: dict[str, tuple[re.Pattern[str], ...]]
    installers: tuple[re.Pattern[str], ...]


def _driver_patterns(knowledge: Knowledge) -> _Drivers:
    drivers = knowledge.get("container.driver_packages")
    packages = {
        severity: tuple(compiled(str(pattern)) for pattern in drivers.get(severity) or ())
        for severity in ("error", "warning")
    }
    installers = names(knowledge.get("container.driver_installers"))
    return _Drivers(packages, tuple(compiled(pattern) for pattern in installers))


def _packages(commands: list[Command], called: Called) -> list[list[str]]:
    """For each command, the packages that it installs, by any package manager."""
    return [
        [word.partition("=")[0] for word in command.arguments]
        if any(installs(manager, command, rest, False) for _, manager, rest in calls)
        else []
        for command, calls in zip(commands, called, strict=True)
    ]


def _drivers(build: Build, commands: list[Command], packages: list[list[str]], severity: str) -> list[str]:
    """Installed packages, or installers run, whose names knowledge counts as GPU drivers."""
    table_: _Drivers = build.knowledge.index("dockerfile.drivers", _driver_patterns)
    patterns = table_.packages.get(severity, ())
    installers = table_.installers if severity == "error" else ()
    found: list[str] = []
    for command, installed in zip(commands, packages, strict=True):
        hits = [word for word in installed if any(pattern.search(word) for pattern in patterns)]
        bases = [posixpath.basename(word) for word in (command.program, *command.arguments[:2])] if installers else []
        hits += [base for base in bases if any(pattern.search(base) for pattern in installers)]
        found += [word for word in hits if word not in found]
    return found
