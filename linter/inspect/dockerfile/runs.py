"""RUN: its commands, its mounts, and what it leaves in the image."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from linter.inspect.dockerfile.copies import copied_from
from linter.inspect.dockerfile.lines import UNSEEN, Mapped
from linter.inspect.dockerfile.state import Draft, names, table
from linter.inspect.dockerfile.words import Word, heredoc_mark
from linter.model import UNKNOWN

if TYPE_CHECKING:
    from linter.inspect.dockerfile.instruction import Instruction
    from linter.inspect.dockerfile.state import Build, Settings, Stage
    from linter.inspect.shell.commands import Command

SHELLS = frozenset({"sh", "bash", "ash", "dash", "ksh", "zsh", "busybox"})
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
    build.draft("dockerfile.run", ins, stage, {
        "form": "exec" if ins.json else "shell",
        "text": text[:MAX_TEXT],
        "mounts": types,
        "network": network.text if network else None,
        "heredoc": bool(ins.heredocs),
        "caches_left": _caches_left(build, stage.settings, commands, mounts),
        "driver_packages": _drivers(build, commands, "error"),
        "driver_metapackages": _drivers(build, commands, "warning"),
        "inline_secret": secrets,
    }, text=ins.args)  # fmt: skip
    for command in commands:
        _command(build, stage, ins, script, command, types)
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
        return parse_commands(shlex.join(word.text for word in ins.words))[:MAX_COMMANDS]
    if interpreter is not None and interpreter not in SHELLS:
        first = script.text.partition("\n")[0]
        return [Command(program=interpreter, path=first[2:].strip(), arguments=(UNKNOWN,), text=first, end=len(first))]
    if not is_shell(settings.shell):
        return []
    return parse_commands(script.text)[:MAX_COMMANDS]


def is_shell(words: tuple[str, ...]) -> bool:
    """Whether the SHELL in force ends in a shell of the Bourne family."""
    return any(posixpath.basename(word) in SHELLS for word in words)


def read_mount(text: str) -> dict[str, str]:
    """The parts of a `--mount` value. `type` is `bind` when it is not given; `target` has its aliases resolved."""
    fields: dict[str, str] = {"type": "bind"}
    for part in text.split(","):
        key, _, value = part.strip().strip('"').partition("=")
        key = key.lower()
        fields["target" if key in ("dst", "destination") else key] = value
    return fields


def _caches_left(build: Build, settings: Settings, commands: list[Command], mounts: list[dict[str, str]]) -> list[str]:
    left = []
    for name, manager in managers_of(build).items():
        if _environment_off(manager, settings, commands) or _mounted(manager, mounts):
            continue
        installing = [at for at, command in enumerate(commands) if installs(manager, command)]
        if installing and not _cleaned(manager, commands[installing[-1] :]):
            left.append(name)
    return left


def managers_of(build: Build) -> dict[str, Mapping[str, Any]]:
    """The package managers of knowledge by name."""
    found = table(build.knowledge, "package_managers.managers", None) or table(build.knowledge, "package_managers", {})
    if not isinstance(found, Mapping):
        return {}
    return {str(name): body for name, body in found.items() if isinstance(body, Mapping) and body.get("programs")}


def installs(manager: Mapping[str, Any], command: Command, lean: bool = True) -> bool:
    """Whether a command is an install of that package manager; with `lean`, only one that keeps its cache."""
    rest = rest_of(manager, command)
    if rest is None:
        return False
    plain = [word for word in rest if not word.startswith("-")]
    words = [str(word).split() for word in manager.get("install") or ()]
    if not any(word and _begins(rest if word[0].startswith("-") else plain, word) for word in words):
        return False
    flags = tuple(str(flag) for flag in manager.get("flags") or ())
    if lean and any(word == flag or word.startswith(f"{flag}=") for word in rest for flag in flags):
        return False
    return not (lean and any(name in command.assignments for name in names(manager.get("environment") or ())))


def _begins(words: list[str], wanted: list[str]) -> bool:
    """At the start, or after one word more: the value of an option, as in `apt-get -o X=Y install`."""
    return any(words[at : at + len(wanted)] == wanted for at in range(2))


def rest_of(manager: Mapping[str, Any], command: Command) -> list[str] | None:
    """A command's arguments after the program of that manager, which may be several words; None for another."""
    words = [posixpath.basename(command.program), *command.arguments]
    patterns = [str(pattern) for pattern in manager.get("program_patterns") or ()]
    for size in (1, 3, 2):
        called = " ".join(words[:size])
        if len(words) < size or len(called) >= MAX_CALL:
            continue
        if called in names(manager.get("programs") or ()) or any(re.search(p, called) for p in patterns):
            return words[size:]
    return None


def _environment_off(manager: Mapping[str, Any], settings: Settings, commands: list[Command]) -> bool:
    variables = names(manager.get("environment") or ())
    if any(settings.env.get(name, settings.args.get(name)) for name in variables):
        return True
    exported = [word for command in commands if command.program == "export" for word in command.argument_prefixes]
    return any(word.startswith(f"{name}=") for word in exported for name in variables)


def _mounted(manager: Mapping[str, Any], mounts: list[dict[str, str]]) -> bool:
    targets = [posixpath.normpath(target) for target in names(manager.get("cache_targets") or ())]
    for mount in mounts:
        target = posixpath.normpath(mount.get("target") or ".")
        if mount["type"] in ("cache", "tmpfs") and any(_within(target, t) or _within(t, target) for t in targets):
            return True
    return False


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _cleaned(manager: Mapping[str, Any], later: list[Command]) -> bool:
    patterns = [" ".join(str(pattern).split()) for pattern in manager.get("cleanup") or ()]
    for command in later:
        text = " ".join(command.text.split())
        for home in ("~/", "$HOME/", "${HOME}/"):
            text = text.replace(home, "/root/")
        removes = posixpath.basename(command.program) in ("rm", "find")
        if any(pattern in text for pattern in patterns if removes or not pattern.startswith("/")):
            return True
    return False


def _drivers(build: Build, commands: list[Command], severity: str) -> list[str]:
    """Installed packages, or installers run, whose names knowledge counts as GPU drivers."""
    drivers = table(build.knowledge, "container.driver_packages", {})
    patterns = [str(pattern) for pattern in drivers.get(severity) or ()] if isinstance(drivers, Mapping) else []
    installers = names(table(build.knowledge, "container.driver_installers", [])) if severity == "error" else []
    found: list[str] = []
    for command in commands:
        packages = []
        if patterns and any(installs(manager, command, False) for manager in managers_of(build).values()):
            packages = [word.partition("=")[0] for word in command.arguments]
        hits = [word for word in packages if any(re.search(pattern, word) for pattern in patterns)]
        called = [command.program, *command.arguments[:2]]
        hits += [posixpath.basename(word) for word in called if any(re.search(p, word) for p in installers)]
        found += [word for word in hits if word not in found]
    return found
