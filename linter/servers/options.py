"""A server's command line taken apart into its options and positional words."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, NamedTuple

from linter.model import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from linter.servers.table import Option, Server

WORDS_LIMIT = 2000
"""Words of one command line that are read."""


class Argument(NamedTuple):
    """A word of a command line. `value` is None when it is not literal; `at` is its place in the line, or None."""

    value: str | None
    prefix: str
    at: int | None
    splits: bool = True
    """Whether a word that is not literal may turn into several."""


class Given(NamedTuple):
    """An option that is given. `value` is None when its value is not literal."""

    option: Option
    value: str | None
    prefix: str
    at: int | None
    """Place of the word that holds the value."""


class Line(NamedTuple):
    """What a command line says."""

    given: tuple[Given, ...]
    positional: tuple[Argument, ...]
    doubtful: bool
    """Whether words that are not literal may hold further options."""


def read(server: Server, arguments: Sequence[Argument]) -> Line:
    """Takes the arguments of a server apart by its table of options."""
    given: list[Given] = []
    positional: list[Argument] = []
    doubtful = False
    only_positional = False
    items = iter(arguments[:WORDS_LIMIT])
    for word in items:
        if only_positional or not word.prefix.startswith("-") or word.value == "-":
            doubtful = doubtful or (word.value is None and not word.prefix and word.splits)
            positional.append(word)
        elif word.value == "--":
            only_positional = True
        else:
            found = _option(server, word, items)
            if found is not None:
                given.extend(found)
    subcommands = _subcommands(server, positional)
    return Line(tuple(given), tuple(positional[subcommands:]), doubtful)


def _option(server: Server, word: Argument, rest: Iterator[Argument]) -> Sequence[Given] | None:
    """The option that a word starting with `-` gives; takes its value from the rest. None for unknown options."""
    name, equals, joined = word.prefix.partition("=")
    option = server.spellings.get(name)
    if option is not None and equals:
        value = None if word.value is None else joined
        return [Given(option, value, joined, word.at)]
    option = server.spellings.get(word.prefix)
    if option is not None:
        if not option.takes_value:
            return [Given(option, "", "", word.at)]
        if word.value is None:  # `-b$ADDRESS`
            return [Given(option, None, "", word.at)]
        following = next(rest, None)
        if following is None:
            return [Given(option, None, "", word.at)]
        return [Given(option, following.value, following.prefix, following.at)]
    short = server.spellings.get(word.prefix[:2]) if not word.prefix.startswith("--") else None
    if short is not None and len(word.prefix) > 2:
        if short.takes_value:
            return [Given(short, None if word.value is None else word.prefix[2:], word.prefix[2:], word.at)]
        flags = [server.spellings.get(f"-{letter}") for letter in word.prefix[1:]]
        if all(flag is not None and not flag.takes_value for flag in flags):
            return [Given(flag, "", "", word.at) for flag in flags if flag is not None]
    return None


def _subcommands(server: Server, positional: Sequence[Argument]) -> int:
    """How many positional words at the start are the subcommands that start the server."""
    values = [word.value for word in positional]
    for start in server.entry["starts"]:
        head, *subcommands = start.split()
        if head == "-m":
            subcommands = subcommands[1:]
        if subcommands and values[: len(subcommands)] == subcommands:
            return len(subcommands)
    return 0


def from_environment(server: Server, environment: Mapping[str, str]) -> list[Given]:
    """Options that variables give, whole argument lists (`GUNICORN_CMD_ARGS`) included. The line's own go before."""
    given: list[Given] = []
    for variable in server.entry.get("environment", ()):
        text = environment.get(variable)
        if text is None:
            continue
        words = _words(text)
        given.extend(read(server, [Argument(word, word, None) for word in words]).given)
    for name, variable in server.entry.get("option_environment", {}).items():
        option = server.options.get(name)
        value = environment.get(variable)
        if option is not None and value is not None:
            known = None if value == UNKNOWN else value
            given.append(Given(option, known, known or "", None))
    return given


def doubtful_environment(server: Server, environment: Mapping[str, str]) -> bool:
    """Whether a variable with further arguments is set to something that is not known."""
    return any(environment.get(variable) == UNKNOWN for variable in server.entry.get("environment", ()))


def _words(text: str) -> list[str]:
    if len(text) > 65536 or text == UNKNOWN:
        return []
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()
