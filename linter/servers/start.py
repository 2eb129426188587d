"""The facts that a server's command line holds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from linter.lazy import compiled
from linter.model import UNKNOWN
from linter.servers import address, options, values
from linter.servers.facts import Maker

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from linter.model import Fact, Location, Span
    from linter.servers.address import Address
    from linter.servers.options import Argument, Given, Line
    from linter.servers.table import Server, Started

_APPLICATION = compiled(r"[A-Za-z_./][\w./@-]*(?::[\w.]+(?:\(.*\))?)?\Z")
_LISTENS = frozenset(["address", "host", "port", "unix", "descriptor", "endpoint"])


class Surroundings(NamedTuple):
    """Where a command line stands, and what holds around it."""

    location: Location
    spans: Sequence[Span | None]
    """Of every word of the command line, the program first."""
    environment: Mapping[str, str]
    """Variables that are known to be set; `unknown` for a value that is not."""
    scope: str = UNKNOWN
    started_as: str | None = UNKNOWN


def facts(started: Started, words: Sequence[Argument], around: Surroundings) -> list[Fact]:
    """What starting a server by these words says about it; nothing for `gunicorn --version` and its like."""
    server = started.server
    line = options.read(server, words[started.arguments :])
    if any(given.option.entry.get("control") for given in line.given):
        return []
    return _CommandLine(server, line, around).facts()


class _CommandLine:
    def __init__(self, server: Server, line: Line, around: Surroundings) -> None:
        self.server = server
        self.around = around
        self.make = Maker(server.name, around.location, "command", around.scope, around.started_as)
        from_line = {given.option.name for given in line.given}
        inherited = options.from_environment(server, around.environment)
        self.given = [*line.given, *(given for given in inherited if given.option.name not in from_line)]
        self.positional = line.positional
        self.doubtful = line.doubtful or options.doubtful_environment(server, around.environment)

    def facts(self) -> list[Fact]:
        found = [self.program(), *self.listeners()]
        for given in self.given:
            found.extend(self.option(given))
        found.extend(self.default_timeout())
        return found

    def span(self, at: int | None) -> Span | None:
        return self.around.spans[at] if at is not None and at < len(self.around.spans) else None

    def last(self, name: str) -> Given | None:
        return next((given for given in reversed(self.given) if given.option.name == name), None)

    @property
    def configured(self) -> bool:
        """Whether a configuration file may say what the line does not."""
        named = any(given.option.gives == "configuration" for given in self.given)
        return named or self._configuration_positional() or bool(self.server.entry.get("configuration_of_application"))

    @property
    def configuration_is_read(self) -> bool:
        """Whether the configuration file that the line names has a name by which it is inspected on its own."""
        pattern: str | None = self.server.entry.get("configuration_pattern")
        files = [given.value or "" for given in self.given if given.option.gives == "configuration"]
        if not pattern or not files:
            return False
        return all(re.match(pattern, file.rpartition("/")[2]) for file in files)

    def _configuration_positional(self) -> bool:
        pattern: str | None = self.server.entry.get("configuration_positional")
        return pattern is not None and any(re.search(pattern, word.value or "") for word in self.positional)

    def program(self) -> Fact:
        given = [each for each in self.given if each.option.gives == "application"]
        if given:
            value = UNKNOWN if given[-1].value is None else given[-1].value
            return self.make.program(value, {"application": self.span(given[-1].at)})
        if self.server.entry.get("application") != "positional":
            return self.make.program(None, {})
        likely = [word for word in self.positional if word.value is None or _APPLICATION.match(word.value)]
        chosen = next((word for word in likely if word.value and ":" in word.value), likely[0] if likely else None)
        if chosen is None:
            return self.make.program(UNKNOWN if self.doubtful or self.configured else None, {})
        value = UNKNOWN if chosen.value is None else chosen.value
        return self.make.program(value, {"application": self.span(chosen.at)})

    def listeners(self) -> Iterator[Fact]:
        """Every address: those of the line, else what the environment says, else the default."""
        tls = self._tls()
        declared = [given for given in self.given if given.option.gives in _LISTENS]
        addresses = [given for given in declared if given.option.gives not in ("host", "port")]
        for given in addresses:
            secure = "yes" if given.option.entry.get("tls") else tls
            found = self._address(given)
            if given.option.gives == "endpoint" and (found.text or "").startswith("ssl:"):
                secure = "yes"
            span = self.span(given.at)
            yield self.make.listener(found, secure, True, dict.fromkeys(("address", "port", "host", "interface"), span))
        separate = [given for given in declared if given.option.gives in ("host", "port")]
        groups: dict[str, list[Given]] = {}
        for given in separate:
            groups.setdefault(given.option.entry.get("listener", ""), []).append(given)
        if addresses:
            return
        positional = self._positional_address()
        if positional is not None:
            yield positional
            return
        for group in groups.values():
            yield self._host_and_port(group, tls)
        if "" not in groups and not (groups and self.server.default("port") is None):
            replacing = [group for group in groups.values() if not group[0].option.entry.get("beside")]
            yield from self._default_listener(tls, bool(replacing))

    def _tls(self) -> str:
        if any(given.option.gives == "tls" for given in self.given):
            return "yes"
        return UNKNOWN if self.doubtful or self.configured else "no"

    def _address(self, given: Given) -> Address:
        if given.option.gives in ("unix", "descriptor"):
            return address.unix(given.value)
        if given.option.gives == "endpoint":
            return address.endpoint(given.value)
        without_colon = self.server.entry.get("address_without_colon", "host")
        default = self.server.default
        return address.read(given.value, given.prefix, without_colon, default("host"), default("port"))

    def _positional_address(self) -> Fact | None:
        kind = self.server.entry.get("positional")
        if kind is None or not self.positional:
            return None
        word = self.positional[0]
        host = next((given for given in reversed(self.given) if given.option.gives == "host"), None)
        where = self.server.default("host") if host is None else host.value or UNKNOWN
        if word.value is None and not word.prefix:
            found = address.unknown()
        else:
            without_colon = "port" if kind == "port" else self.server.entry.get("address_without_colon", "host")
            found = address.read(word.value, word.prefix, without_colon, where, self.server.default("port"))
        span = self.span(word.at)
        spans = {"address": span, "port": span, "host": self.span(host.at) if host else span}
        return self.make.listener(found, self._tls(), True, spans)

    def _host_and_port(self, group: Sequence[Given], tls: str) -> Fact:
        host = next((given for given in reversed(group) if given.option.gives == "host"), None)
        port = next((given for given in reversed(group) if given.option.gives == "port"), None)
        open_ended = self.doubtful or self.configured
        default_port = UNKNOWN if open_ended else self.server.default("port")
        number = address.port_of(port.value) if port else UNKNOWN if default_port is None else default_port
        if host is None:
            fixed = port.option.entry.get("host") if port else None
            default_host = fixed or self.server.default("host")
            where = UNKNOWN if open_ended or default_host is None else default_host
        else:
            where = UNKNOWN if host.value is None else host.value
        sockets = where.startswith(("/", "unix:")) and where != UNKNOWN
        text = None if port is None and host is None else (port or host).value  # type: ignore[union-attr]
        found = (
            address.unix(where)
            if sockets
            else address.Address(UNKNOWN if text is None else text, number, where, address.interface_of(where))
        )
        host_span, port_span = self.span(host.at if host else None), self.span(port.at if port else None)
        spans = {"address": port_span or host_span, "port": port_span, "host": host_span, "interface": host_span}
        return self.make.listener(found, tls, True, spans)

    def _default_listener(self, tls: str, has_others: bool) -> Iterator[Fact]:
        if self.configured and self.configuration_is_read:
            return
        if self.doubtful or self.configured:
            yield self.make.listener(address.unknown(), UNKNOWN, False, {})
            return
        host, port = self.server.default("host"), self.server.default("port")
        if port is not None and not has_others:
            found = address.Address(None, port, host, address.interface_of(host or "0.0.0.0"))
            yield self.make.listener(found, tls, False, {})

    def option(self, given: Given) -> Iterator[Fact]:
        """The fact of an option that is no listener."""
        option, span = given.option, self.span(given.at)
        if option.gives == "timeout":
            length = values.seconds(option, given.value)
            kind = option.entry["kind"]
            worker_class = self.worker_class() if kind == "worker" else None
            yield self.make.timeout(option.name, length, kind, worker_class, True, {"seconds": span})
        elif option.gives == "body":
            yield self.make.body_limit(option.name, values.size(given.value), True, {"bytes": span})
        elif option.gives == "setting" and option.value == "directives":
            for name, value in _directives(given.value):
                yield self.make.setting(name, value, None, {"name": span, "value": span})
        elif option.gives in ("setting", "configuration"):
            yield self.make.setting(option.name, values.setting(option, given.value), None, {"value": span})

    def worker_class(self) -> str | None:
        """Worker class in force; None for a server without them."""
        default = self.server.default("worker_class")
        given = self.last("worker_class")
        if given is not None:
            name = UNKNOWN if given.value is None else given.value
        elif default is None:
            return None
        else:
            name = UNKNOWN if self.doubtful or self.configured else default
        threads = self.last("threads")
        many = values.number(threads.value) if threads else 1
        if name == default and threads and (many == UNKNOWN or (not isinstance(many, str) and many > 1)):
            return UNKNOWN if many == UNKNOWN else self.server.entry.get("threaded_worker_class", name)
        return name

    def default_timeout(self) -> Iterator[Fact]:
        """The worker time-out that holds when the line gives none."""
        length = self.server.default("timeout")
        if length is None or self.last("timeout") or self.doubtful or self.configured:
            return
        yield self.make.timeout("timeout", length, "worker", self.worker_class(), False, {})


def _directives(text: str | None) -> Iterator[tuple[str, str]]:
    """Simple directives of nginx in one text, `daemon off; user root;`."""
    for directive in (text or "").split(";")[:100]:
        words = directive.split()
        if words:
            yield words[0], " ".join(words[1:])
