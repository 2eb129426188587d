"""What kind of program a command runs, and where it goes, by the tables `programs` and `servers`."""

from __future__ import annotations

import re
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from linter.lazy import compiled
from linter.model import UNKNOWN
from linter.references.fetching import model_destination
from linter.references.host import is_this_machine
from linter.servers.table import head_of, is_python, servers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from linter.knowledge import Knowledge

NONE, LOCAL, LOOPBACK, REMOTE = "none", "local", "loopback", "remote"

_URL = compiled(r"([a-z][a-z0-9+.-]{0,20})://([^/?#]*)", re.IGNORECASE)
_WHOLE_HOST = compiled(r"[a-z][a-z0-9+.-]{0,20}://[^/?#:]+[/?#:]", re.IGNORECASE)
_HOST = compiled(r"(?:[\w.-]{1,255}|\[[0-9a-fA-F:.]{2,45}\])(?::[0-9]{1,5})?(?:[/?#]|\Z)", re.ASCII)
_REMOTE_PATH = compiled(r"(?:[\w.-]+@)?([\w.-]+|\[[0-9a-fA-F:.]+\])::?(?!//)", re.ASCII)
_SOCAT = compiled(r"(?:tcp[46]?|openssl|ssl|udp[46]?)(?:-connect)?:([^:,]+)", re.IGNORECASE)
_SHOWN_WORDS = 3
_DEVICE = compiled(r"/dev/(?:tcp|udp)/([^/\s]+)/")


class Command(Protocol):
    """What is asked about: one simple command, wrappers taken off."""

    @property
    def program(self) -> str:
        """Base name of the program; `unknown` when it is not literal."""

    @property
    def arguments(self) -> tuple[str, ...]:
        """Values of the arguments; `unknown` for each that is not literal."""

    @property
    def argument_prefixes(self) -> tuple[str, ...]:
        """What is literal at the start of each argument."""

    @property
    def redirects(self) -> tuple[str, ...]:
        """Its redirections, as written."""


class Words(NamedTuple):
    """A command that code puts together, without a shell."""

    program: str
    arguments: tuple[str, ...]
    argument_prefixes: tuple[str, ...]
    redirects: tuple[str, ...] = ()


def telling_words(program: str, arguments: Sequence[str]) -> str:
    """What a message shows of a command: the address that it is given, else its first words without options."""
    address = next((word for word in arguments if "://" in word), None)
    if address is not None:
        return address
    words = [program, *arguments]
    if "-m" in arguments[:-1] and is_python(program.rpartition("/")[2]):
        words = words[words.index("-m") + 1 :]
    telling = (word for word in words if word != UNKNOWN and not word.startswith("-") and not word.isdecimal())
    return " ".join(islice(telling, _SHOWN_WORDS))


class Verdict(NamedTuple):
    """A program's category, and where it goes."""

    category: str
    destination: str


class Programs:
    """The table `programs`, made ready for look-ups."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.table: Mapping[str, Any] = knowledge.get("programs")
        self.categories: Mapping[str, Mapping[str, Mapping[str, Any]]] = self.table["categories"]
        self.privileged = frozenset(knowledge.get("container.privileged_programs"))
        self.local_schemes = frozenset(knowledge.get("network.local_schemes"))
        self.knowledge = knowledge

    def verdict(self, command: Command) -> Verdict:
        """What a command does. Redirections to `/dev/tcp` count as use of the network."""
        words = [command.program, *command.arguments]
        device = next((found for text in command.redirects if (found := _DEVICE.search(text))), None)
        if device is not None:
            return Verdict("network", self.host(device.group(1)))
        head, at = head_of(words)
        prefixes = [command.program, *command.argument_prefixes]
        arguments = [
            _visible(*pair) for pair in zip(words[at:], [*prefixes[at:], *words[len(prefixes) :]], strict=False)
        ]
        server = servers(self.knowledge).started(words)
        if server is not None:
            kind = "development_server" if server.server.development else "server"
            return Verdict(kind, self.model_place(head, arguments))
        for category, programs in self.categories.items():
            entry = _entry(programs, head)
            if entry is None and category == "privileged" and head in self.privileged:
                entry = {}
            if entry is None:
                continue
            fits = self._fits(head, entry, arguments)
            if fits is None:
                return Verdict(UNKNOWN, UNKNOWN)
            if fits:
                return Verdict(category, self._destination(head, entry, arguments))
        return Verdict(UNKNOWN if command.program == UNKNOWN else NONE, self._any_address(arguments))

    def fetcher(self, program: str, arguments: Sequence[str]) -> Mapping[str, Any] | None:
        """The entry of a program that fetches its model by itself; None for others."""
        head, _ = head_of([program, *arguments])
        found: Mapping[str, Any] | None = _entry(self.categories["model_fetch"], head)
        return _entry(self.table["model_servers"], head) if found is None else found

    def model_place(self, head: str, arguments: list[str]) -> str:
        """Where a server gets its model from; `none` when its command line names no other place."""
        entry = _entry(self.table["model_servers"], head)
        if entry is None or not self._fits(head, entry, arguments):
            return NONE
        found = self._destination(head, entry, arguments)
        return found if found == REMOTE else NONE

    def _fits(self, head: str, entry: Mapping[str, Any], arguments: list[str]) -> bool | None:
        """Whether an entry speaks of this use of a program; None when the subcommand is not literal."""
        if any(argument in entry.get("unless", ()) for argument in arguments):
            return False
        if entry.get("place") == "address" and self._any_address(arguments) != REMOTE:
            return False
        only = entry.get("only_with")
        if only is not None and not any(argument.partition("=")[0] in only for argument in arguments):
            return False
        subcommands = entry.get("subcommands")
        if subcommands is None:
            return True
        found = self.subcommand(head, arguments)
        if found is None:
            return False
        return None if found == UNKNOWN else found in subcommands

    def subcommand(self, head: str, arguments: list[str]) -> str | None:
        """The first argument that is neither an option nor an option's value."""
        valued = _entry(self.table["valued_options"], head) or ()
        items = iter(arguments)
        for argument in items:
            if argument in valued:
                next(items, None)
            elif not argument.startswith(("-", "+")):
                return argument
        return None

    def _destination(self, head: str, entry: Mapping[str, Any], arguments: list[str]) -> str:
        place = entry.get("place")
        if place in (None, "address"):
            return self._any_address(arguments)
        if place == "model":
            return model_destination(entry, arguments, list(self._bare(head, arguments)), self.knowledge)
        if place == "index":
            return self._index(arguments)
        found = {address for argument in arguments if (address := self._address(argument)) is not None}
        if not found and place in ("host", "host_option"):
            operands = self._operands(arguments, place == "host")
            found = {self._hostly(argument) for argument in operands} - {NONE}
        elif not found and place == "argument":
            found = {where for argument in self._bare(head, arguments) if (where := self._bare_host(argument))}
        if REMOTE in found:
            return REMOTE
        if place != "always" and UNKNOWN in (arguments if place != "host_option" else found):
            return UNKNOWN
        if LOOPBACK in found:
            return LOOPBACK
        if place == "always":
            return REMOTE
        return LOCAL if LOCAL in found or place in ("host", "host_option") else NONE

    def _bare(self, head: str, arguments: list[str]) -> Iterator[str]:
        """Arguments that are neither options nor an option's value."""
        valued = _entry(self.table["valued_options"], head) or ()
        items = iter(arguments)
        for argument in items:
            if argument in valued:
                next(items, None)
            elif not argument.startswith("-"):
                yield argument

    def _bare_host(self, argument: str) -> str | None:
        """Where an address without a scheme points, `localhost:8080/ping`; None when it looks like none."""
        if argument == UNKNOWN or not _HOST.match(argument) or argument.startswith("."):
            return None
        host = re.split(r"[/?#]", argument, maxsplit=1)[0]
        where = self.host(host)
        return where if where == LOOPBACK or "." in host or ":" in host else None

    def _operands(self, arguments: list[str], any_word: bool) -> Iterator[str]:
        """Words that may name a host: values of host options, else every word that is no option if any may."""
        options = self.table["host_options"]
        named = [value for option, value in pairwise(arguments) if option in options and not value.startswith("-")]
        named += [argument.partition("=")[2] for argument in arguments if argument.startswith("--host=")]
        if any_word and not named:
            named = [argument for argument in arguments if not argument.startswith("-")]
        yield from named

    def _hostly(self, argument: str) -> str:
        """Where `user@host:path`, `host` or an address points; none for a path."""
        if argument == UNKNOWN:
            return UNKNOWN
        address = self._address(argument)
        if address is not None:
            return address
        if argument.startswith(("/", ".", "~")) or "=" in argument:
            return NONE
        found = _REMOTE_PATH.match(argument)
        if found is not None:
            return self.host(found.group(1))
        if "@" in argument:
            return self.host(argument.rpartition("@")[2])
        if "." in argument or is_this_machine(argument):
            return self.host(argument.partition("/")[0])
        return NONE if "/" in argument or argument.isdecimal() else REMOTE

    def _index(self, arguments: list[str]) -> str:
        """Whether an installer needs an index: not when every package is a local file without dependencies."""
        table = self.table["local_install"]
        names = {argument.partition("=")[0] for argument in arguments}
        if names & set(table["options"]):
            return LOCAL
        if self._any_address(arguments) == LOOPBACK:
            return LOOPBACK
        if names & set(table["without_dependencies"]):
            operands = [argument for argument in arguments if not argument.startswith("-")][1:]
            suffixes = tuple(table["suffixes"])
            local = [o.startswith(("/", "./", "../")) or o == "." or o.endswith(suffixes) for o in operands]
            if operands and all(local) and not any(_URL.search(o) for o in operands):
                return LOCAL
        return REMOTE

    def _any_address(self, arguments: list[str]) -> str:
        """Where addresses among the arguments of any program point."""
        found = {self._address(argument) for argument in arguments}
        return next((each for each in (REMOTE, LOOPBACK, LOCAL) if each in found), NONE)

    def _address(self, argument: str) -> str | None:
        """Where a word with a URL in it points; None without one."""
        found = _URL.search(argument)
        if found is None:
            connection = _SOCAT.match(argument)
            return self.host(connection.group(1)) if connection else None
        if found.group(1).lower() in self.local_schemes:
            return LOCAL
        return self.host(found.group(2).rpartition("@")[2])

    def host(self, host: str) -> str:
        """Whether a host (with or without a port) is this machine."""
        name = host if host.startswith("[") and host.endswith("]") else re.sub(r":[0-9]*\Z", "", host)
        return LOOPBACK if is_this_machine(name) else REMOTE


def programs(knowledge: Knowledge) -> Programs:
    """The table `programs` of the knowledge."""
    found: Programs = knowledge.index("references.programs", Programs)
    return found


def _visible(value: str, prefix: str) -> str:
    """An argument; of one that is not literal its beginning, when that holds a whole address, `http://localhost:$PORT`."""
    return prefix if value == UNKNOWN and _WHOLE_HOST.match(prefix) else value


def _entry(table: Mapping[str, Any], head: str) -> Any:
    """The entry of a program, its version numbers taken off when it has none under its full name."""
    entry = table.get(head)
    return table.get(head.rstrip("0123456789.")) if entry is None else entry
