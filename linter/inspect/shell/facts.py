"""Facts `shell.command`, and the `server.*` facts of the same commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from linter.inspect.servers import facts_of_command
from linter.inspect.shell import aws, images
from linter.lazy import compiled
from linter.model import UNKNOWN, Fact, Location
from linter.references.programs import programs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from linter.inspect.shell.commands import Command
    from linter.knowledge import Knowledge
    from linter.model import Span

TEXT_LIMIT = 500
ARGUMENTS_LIMIT = 200
"""Arguments of one command that a fact holds."""
HIDDEN = "***"

_SLEEP = compiled(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)([smhd]?)")
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


class Setting(NamedTuple):
    """Where commands stand, and what holds for all of them."""

    path: str
    span: Callable[[int, int], Span]
    """Turns the offsets of commands into a place of the file."""
    knowledge: Knowledge
    scope: str = UNKNOWN
    started_as: str | None = UNKNOWN
    environment: Mapping[str, str] = {}
    run_by: str = "script"
    """What runs the commands: `script`, `start` (an ENTRYPOINT), `supervisor`, `cron` or `health-check`."""


def command_facts(commands: Sequence[Command], setting: Setting, last: Command | None = None) -> Iterator[Fact]:
    """The facts of commands, in order. `last` is the one that the script ends with."""
    exported = dict(setting.environment)
    for command in commands:
        fact = _command(command, setting, exported, command is last)
        yield fact
        yield from aws.region_uses(fact, setting.knowledge)
        yield from aws.trials(command, fact.location, setting.knowledge)
        yield from aws.runs(command, fact.location, setting.knowledge)
        yield from aws.trainings(command, fact.location, setting.knowledge)
        yield from facts_of_command(
            command,
            Location(setting.path, setting.span(command.start, command.end)),
            setting.knowledge,
            span=setting.span,
            environment=exported,
            scope=setting.scope,
            started_as=setting.started_as,
        )
        if command.program == "export":
            _export(command, exported)


def _export(command: Command, exported: dict[str, str]) -> None:
    """Notes what `export` sets; a second value that may not hold makes the variable unknown."""
    for argument, prefix in zip(command.arguments, command.argument_prefixes, strict=False):
        name, equals, value = prefix.partition("=")
        if equals:
            value = UNKNOWN if argument == UNKNOWN else value
            exported[name] = value if exported.get(name, value) == value or not command.conditional else UNKNOWN


def _command(command: Command, setting: Setting, exported: Mapping[str, str], last: bool) -> Fact:
    verdict = programs(setting.knowledge).verdict(command)
    call = aws.call(command, exported, setting.knowledge)
    build = images.build(command, exported, setting.knowledge)
    text, arguments = _hidden(command, setting.knowledge)
    fields: dict[str, Any] = {
        "program": command.program[:TEXT_LIMIT],
        "arguments": arguments,
        "templates": _templates(command, setting.knowledge),
        "text": text,
        "wrapped_by": list(command.wrapped_by),
        "silenced": False,
        "background": command.background,
        "uses_exec": command.uses_exec,
        "conditional": command.conditional,
        "first_argument": _first_argument(command),
        "last": last,
        "in_function": command.in_function,
        "category": verdict.category,
        "destination": verdict.destination,
        "sleeps_seconds": _sleep(command),
        "service": call.service,
        "operation": call.operation if command.program == "aws" else build.operation,
        "region": call.region,
        "publishing_region": UNKNOWN,
        "build_context": build.build_context,
        "dockerfile": build.dockerfile,
        "target": build.target,
        "platform": build.platform,
        "pushes": build.pushes,
        "attestations": build.attestations,
        "tags": list(build.tags),
        "started_as": setting.started_as,
        "scope": setting.scope,
        "script": None,
        "run_by": setting.run_by,
        "program_found": UNKNOWN,
    }
    spans = {"program": setting.span(*command.program_span)}
    for name, at in {**call.places, **build.places}.items():
        if at < len(command.argument_spans):
            spans[name] = setting.span(*command.argument_spans[at])
    return Fact("shell.command", Location(setting.path, setting.span(command.start, command.end)), fields, spans)


def _first_argument(command: Command) -> dict[str, list[str] | None] | None:
    """For which first arguments of its script a command may run; None for all."""
    only, never = command.taken
    if only is None and not never:
        return None
    return {"only": None if only is None else sorted(only)[:ARGUMENTS_LIMIT], "never": sorted(never)[:ARGUMENTS_LIMIT]}


def _sleep(command: Command) -> float | str | None:
    """Seconds that `sleep 1 2m` lasts; None for other commands and for a sleep without end."""
    if command.program != "sleep" or not command.arguments:
        return None
    total = 0.0
    for argument in command.arguments:
        found = _SLEEP.fullmatch(argument)
        if found is None:
            return UNKNOWN
        total += float(found.group(1)) * _UNITS[found.group(2)]
    return int(total) if total.is_integer() else total


def _hidden(command: Command, knowledge: Knowledge) -> tuple[str, list[str]]:
    """Text and arguments of a command, with `***` in the place of secrets, cut to what a fact may hold."""
    arguments = list(command.arguments[:ARGUMENTS_LIMIT])
    text = command.text
    joined = " ".join(argument[: 2 * TEXT_LIMIT] for argument in arguments)
    found = secrets(text[: 8 * TEXT_LIMIT], knowledge)
    if joined not in text:
        found += secrets(joined[: 8 * TEXT_LIMIT], knowledge)
    for secret in found:
        text = text.replace(secret, HIDDEN)
        arguments = [argument.replace(secret, HIDDEN) for argument in arguments]
    return _cut(text), [_cut(argument) for argument in arguments]


def _templates(command: Command, knowledge: Knowledge) -> list[str | None]:
    """The arguments that variables of the environment leave open; none when they hold secrets or are too long."""
    found = command.argument_templates[:ARGUMENTS_LIMIT]
    known = " ".join(filter(None, found))
    return list(found) if known and len(known) <= TEXT_LIMIT and not secrets(known, knowledge) else []


def secrets(text: str, knowledge: Knowledge) -> list[str]:
    """The secrets in a text, longest first."""
    from linter.references.secrets import secrets_in_text

    found = {text[start:end] for _kind, start, end in secrets_in_text(text, knowledge)}
    return sorted(filter(None, found), key=lambda secret: (-len(secret), secret))


def _cut(text: str) -> str:
    return text if len(text) <= TEXT_LIMIT else text[: TEXT_LIMIT - 1] + "…"
