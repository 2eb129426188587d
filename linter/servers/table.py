"""The table `servers` of the knowledge, made ready for look-ups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.lazy import compiled
from linter.model import Value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from linter.knowledge import Knowledge

_VERSION = compiled(r"[0-9.]+\Z")


class Option(NamedTuple):
    """What an option of a server gives."""

    name: str
    gives: str
    value: str
    entry: Mapping[str, Any]

    @property
    def takes_value(self) -> bool:
        return self.value != "flag"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Server(Value):
    """One server of the table."""

    name: str
    entry: Mapping[str, Any]
    options: Mapping[str, Option]
    """By name."""
    spellings: Mapping[str, Option]

    @property
    def development(self) -> bool:
        return bool(self.entry.get("development"))

    @property
    def daemonises(self) -> str | None:
        """Whether it leaves the foreground by itself: `always` unless told otherwise, `configurable`, or None."""
        found: str | None = self.entry.get("daemonises")
        return found

    def default(self, name: str) -> Any:
        """What holds for an option that is not given; None when the table does not say."""
        return self.entry.get("defaults", {}).get(name)


class Started(NamedTuple):
    """A server that a command starts, and where in the words its own arguments begin."""

    server: Server
    arguments: int


class Servers:
    """All servers, by the words that start them."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self.by_name: dict[str, Server] = {}
        self._starts: dict[str, list[tuple[tuple[str, ...], Server]]] = {}
        for name, entry in table.items():
            if not hasattr(entry, "get") or "starts" not in entry:
                continue
            server = self.by_name[name] = _server(name, entry)
            for start in entry["starts"]:
                head, *rest = start.split()
                if head == "-m":
                    head, rest = f"-m {rest[0]}", rest[1:]
                self._starts.setdefault(head, []).append((tuple(rest), server))

    def started(self, words: Sequence[str]) -> Started | None:
        """The server that a program and its arguments start, or None."""
        head, at = head_of(words)
        for subcommands, server in self._starts.get(head, ()):
            after = _after(subcommands, words, at, server)
            if after is not None:
                return Started(server, after)
        return None


def servers(knowledge: Knowledge) -> Servers:
    """The servers of the knowledge."""

    def build(tables: Knowledge) -> Servers:
        return Servers(tables.get("servers"))

    found: Servers = knowledge.index("servers", build)
    return found


def head_of(words: Sequence[str]) -> tuple[str, int]:
    """What a command line runs, and where its arguments begin: `-m module` and scripts count as the program."""
    if not words:
        return "", 0
    program = words[0].rpartition("/")[2]
    if not is_python(program):
        return program, 1
    at = 1
    while at < len(words) and words[at].startswith("-"):
        option = words[at]
        if option in ("-m",):
            return (f"-m {words[at + 1]}", at + 2) if at + 1 < len(words) else (program, 1)
        if option.startswith("-m") and not option.startswith("--"):
            return f"-m {option[2:]}", at + 1
        if option == "-c" or (not option.startswith("--") and option.endswith("c")):
            return program, 1
        at += 2 if option in ("-W", "-X") else 1
    if at < len(words):
        return words[at].rpartition("/")[2], at + 1
    return program, 1


def is_python(program: str) -> bool:
    """Whether a program is a Python interpreter, whatever its version."""
    return _VERSION.sub("", program) in ("python", "pypy")


def _after(subcommands: tuple[str, ...], words: Sequence[str], at: int, server: Server) -> int | None:
    """Where the arguments begin after subcommands, options before them passed over; None when they are not there.

    Options before a subcommand (`flask --app x run`) count as arguments too, so the first place is given for them.
    """
    if not subcommands:
        return at
    here = at
    for wanted in subcommands:
        while here < len(words) and words[here].startswith("-"):
            option = server.spellings.get(words[here])
            here += 2 if option is not None and option.takes_value else 1
        if here >= len(words) or words[here] != wanted:
            return None
        here += 1
    return at


def _server(name: str, entry: Mapping[str, Any]) -> Server:
    options: dict[str, Option] = {}
    spellings: dict[str, Option] = {}
    for option_name, option in entry.get("options", {}).items():
        found = Option(option_name, option.get("gives", "setting"), option.get("value", "text"), option)
        options[option_name] = found
        for spelling in option.get("as", ()):
            spellings[spelling] = found
    return Server(name, entry, options, spellings)
