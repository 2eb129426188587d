"""Options of commands whose full syntax is not needed: the value of an option, the words that are no options."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from linter.model import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from linter.inspect.shell.commands import Command


class Argument(NamedTuple):
    """A value among the arguments; `unknown` when it is not literal. `at` is the number of its argument."""

    value: str
    at: int


def values(command: Command, names: Collection[str]) -> Iterator[Argument]:
    """Every value of an option: `--name value`, `--name=value`, and for one letter `-nvalue`."""
    letters = tuple(name for name in names if len(name) == 2)
    skip = False
    for number, argument in enumerate(command.arguments):
        prefix = _prefix(command, number)
        name, equals, value = prefix.partition("=")
        if skip:
            skip = False
        elif argument in names:
            following = number + 1
            if following < len(command.arguments):
                yield Argument(command.arguments[following], following)
                skip = True
        elif equals and name in names:
            yield Argument(UNKNOWN if argument == UNKNOWN else value, number)
        elif prefix.startswith(letters) and letters and not prefix.startswith("--") and len(prefix) > 2:
            yield Argument(UNKNOWN if argument == UNKNOWN else prefix[2:].removeprefix("="), number)


def value(command: Command, names: Collection[str]) -> Argument | None:
    """The last value of an option, or None."""
    found = list(values(command, names))
    return found[-1] if found else None


def positional(command: Command, valued: Collection[str]) -> list[Argument]:
    """The words that are neither options nor the value of one of the options `valued`."""
    found = []
    skip = only_positional = False
    for number, argument in enumerate(command.arguments):
        if skip:
            skip = False
        elif only_positional:
            found.append(Argument(argument, number))
        elif argument == "--":
            only_positional = True
        elif argument in valued:
            skip = True
        elif argument == "-" or not _prefix(command, number).startswith("-"):
            found.append(Argument(argument, number))
    return found


def has_flag(command: Command, names: Collection[str]) -> bool:
    """Whether one of the flags is given, `--flag=false` not counting."""
    for number, argument in enumerate(command.arguments):
        name, equals, text = _prefix(command, number).partition("=")
        if name in names and argument != UNKNOWN and not (equals and text.lower() in ("false", "0")):
            return True
    return False


def _prefix(command: Command, number: int) -> str:
    argument = command.arguments[number]
    if argument != UNKNOWN:
        return argument
    return command.argument_prefixes[number] if number < len(command.argument_prefixes) else ""
