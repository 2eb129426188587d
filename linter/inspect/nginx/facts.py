"""The facts of one nginx configuration, in the file's order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from linter.inspect.nginx.configuration import (
    BODY_LIMIT,
    CLIENT_TIMEOUTS,
    CONNECT_TIMEOUT,
    STREAM_TIMEOUT,
    Configuration,
    Server,
    is_limit,
)
from linter.inspect.nginx.locations import is_handler, unread
from linter.inspect.nginx.routes import BLOCKED, PASSED, UNKNOWN, Outcome, nearest
from linter.inspect.nginx.syntax import Directive, Word
from linter.inspect.nginx.values import address, seconds, server_host, size
from linter.inspect.nginx.values import destination_of as destination
from linter.model import Fact, Location, Span

if TYPE_CHECKING:
    from linter.inspect.text import Source

Default = Callable[[str], Any]
"""Gives nginx's documented default of a directive as it would be written; None when no table tells it."""


def facts_of(configuration: Configuration, source: Source, default: Default) -> tuple[Fact, ...]:
    """All facts, ordered by place, then by kind."""
    found = _Facts(configuration, source, default).all()
    return tuple(sorted(found, key=lambda fact: (fact.location.span, fact.kind)))


class _Facts:
    def __init__(self, configuration: Configuration, source: Source, default: Default) -> None:
        self.configuration = configuration
        self.source = source
        self.default = default

    def all(self) -> Iterator[Fact]:
        yield from self.programs()
        for server in self.configuration.servers:
            yield from self.listeners(server)
            yield self.routes(server)
        yield from self.timeouts()
        yield from self.body_limits()
        yield from self.proxies()
        yield from self.settings()

    # -- building ------------------------------------------------------------------------------------------------------

    def fact(self, kind: str, directive: Directive, spans: dict[str, Any], /, **fields: Any) -> Fact:
        """A fact at a directive. `spans` gives fields with a place of their own a word, a directive or None."""
        placed = {name: self.span(place) for name, place in spans.items() if place is not None}
        everywhere = {"server": "nginx", "scope": UNKNOWN}
        return Fact(f"server.{kind}", self.at(directive), {**everywhere, **fields}, placed)

    def at(self, directive: Directive) -> Location:
        """A simple directive with its `;`, or the head of a block up to its brace."""
        return self.source.location(directive.start, directive.head_end)

    def span(self, place: Word | Directive) -> Span:
        """Where a word stands, or all words of a directive."""
        if isinstance(place, Directive):
            return self.source.span(place.start, place.words[-1].end if place.words else place.head_end)
        return self.source.span(place.start, place.end)

    # -- kinds ---------------------------------------------------------------------------------------------------------

    def programs(self) -> Iterator[Fact]:
        """A main file is a program's; that program runs in the background unless told otherwise."""
        root = self.configuration.root
        if not self.configuration.full or not root.block:
            return
        first = root.block[0]
        yield self.fact("program", first, {}, application=None, via="file")
        if not any(root.children("daemon")) and not unread(root):
            yield self.setting(first, "daemon", self.default("daemon") or UNKNOWN, declared=False)

    def listeners(self, server: Server) -> Iterator[Fact]:
        block = server.block
        for listen in block.children("listen"):
            words = listen.args
            if not words:
                continue
            found = address(words[0], self.default_port())
            yield self.fact(
                "listener",
                listen,
                {"address": words[0], "port": words[0], "host": words[0], "interface": words[0], "tls": _ssl(words)},
                address=UNKNOWN if words[0].templated or "$" in words[0].text else words[0].text,
                port=found.port,
                host=found.host,
                interface=found.interface,
                tls=_tls(listen),
                declared=True,
                via="file",
                role=UNKNOWN,
                image_ports=UNKNOWN,
            )
        if not any(block.children("listen")) and server.protocol == "http":
            hidden = unread(block) or self.configuration.tree.templated
            yield self.fact(
                "listener",
                block,
                {},
                address=UNKNOWN if hidden else None,
                port=UNKNOWN if hidden else self.default_port(),
                host=UNKNOWN if hidden else "0.0.0.0",
                interface=UNKNOWN if hidden else "all",
                tls=UNKNOWN if hidden else "no",
                declared=False,
                via="file",
                role=UNKNOWN,
                image_ports=UNKNOWN,
            )

    def default_port(self) -> int | str:
        """The port of a server that names none."""
        written = str(self.default("listen") or "").rpartition(":")[2]
        return int(written) if written.isdecimal() else UNKNOWN

    def routes(self, server: Server) -> Fact:
        ports: list[int | str] = []
        for listener in self.listeners(server):
            port = listener["port"]
            if port is not None and port not in ports:
                ports.append(port)
        # A route that is refused has no place of its own: what it lacks is a location in this server.
        places = {name: outcome.place for name, outcome in server.outcomes.items() if outcome.verdict != BLOCKED}
        spans = {name: place for name, place in places.items() if place.name == "location"}
        verdicts = {name: outcome.verdict for name, outcome in server.outcomes.items()}
        backends = {_backend(each.handler) for each in server.outcomes.values() if each.verdict == PASSED}
        sent = {f"{name}_as": _sent(outcome, len(backends) == 1) for name, outcome in server.outcomes.items()}
        return self.fact("routes", server.block, spans, ports=ports, **verdicts, **sent)

    def timeouts(self) -> Iterator[Fact]:
        bearing = self.configuration.bearing
        for directive in self.configuration.directives:
            stream = directive.name == STREAM_TIMEOUT
            if directive.args and (stream or (directive in bearing and directive.name != BODY_LIMIT)):
                yield self.timeout(directive, directive.name, seconds(directive.arg()), directive.args[0])
        for block, outcome in self.handled():
            name = outcome.handler.name.removesuffix("pass") + "read_timeout" if outcome.handler else ""
            written = self.default(name)
            if written is not None and self.told(outcome.place) and not nearest(outcome.place, name):
                yield self.timeout(block, name, seconds(str(written)), None)

    def told(self, place: Directive) -> bool:
        """Whether all that may set a limit for a location stands in this file, so that silence means the default."""
        return self.configuration.whole and not any(map(unread, (place, *place.ancestors())))

    def timeout(self, place: Directive, name: str, length: int | float | str, word: Word | None) -> Fact:
        return self.fact(
            "timeout",
            place,
            {"seconds": word},
            name=name,
            seconds=length,
            declared=word is not None,
            worker_class=None,
            kind=_kind_of_timeout(name),
            started_as=UNKNOWN,
        )

    def handled(self) -> Iterator[tuple[Directive, Outcome]]:
        """The servers that pass `/invocations` on, or may do so, and what becomes of it there."""
        for server in self.configuration.servers:
            if server.protocol == "http" and server.invocations.verdict in (PASSED, UNKNOWN):
                yield server.block, server.invocations

    def body_limits(self) -> Iterator[Fact]:
        bearing = self.configuration.bearing
        declared = [d for d in self.configuration.directives if d.name == BODY_LIMIT and d.args]
        for directive in declared:
            applies = bearing.get(directive, "no")
            yield self.body_limit(directive, size(directive.arg()), applies, directive.args[0])
        for block, outcome in self.handled():
            sure = outcome.verdict == PASSED
            if nearest(outcome.place, BODY_LIMIT) or (not sure and any(bearing.get(d) for d in declared)):
                continue
            written = self.default(BODY_LIMIT) if self.told(outcome.place) else None
            limit = UNKNOWN if written is None else size(str(written))
            yield self.body_limit(block, limit, "yes" if sure else UNKNOWN, None)

    def body_limit(self, place: Directive, limit: int | str | None, applies: str, word: Word | None) -> Fact:
        return self.fact(
            "body_limit",
            place,
            {"bytes": word},
            name=BODY_LIMIT,
            bytes=limit,
            declared=word is not None,
            applies_to_invocations=applies,
            max_payload_mb=UNKNOWN,
            covers_declared_payload=UNKNOWN,
        )

    def proxies(self) -> Iterator[Fact]:
        upstreams = self.configuration.upstreams
        for directive in self.configuration.directives:
            if is_handler(directive) and directive.args:
                yield self.proxy(directive, directive.args[0], upstreams.destination(directive.arg()))
            elif directive.name == "resolver":
                for word in directive.args:
                    if "=" not in word.text:
                        yield self.proxy(directive, word, upstreams.destination(word.text))
        for name, block in upstreams.blocks.items():
            for server in block.children("server"):
                if name not in upstreams.used and server.args:
                    yield self.proxy(server, server.args[0], destination(server_host(server)))

    def proxy(self, directive: Directive, word: Word, where: str) -> Fact:
        location = next((block for block in directive.ancestors() if block.name == "location"), None)
        literal = where != UNKNOWN or not (word.templated or "$" in word.text)
        route = " ".join(part.text for part in location.args) if location else None
        if location and any(part.templated for part in location.args):
            route = UNKNOWN
        return self.fact(
            "proxy",
            directive,
            {"target": word, "destination": word, "route": location if location and location.args else None},
            target=word.text if literal else UNKNOWN,
            destination=where,
            route=route,
        )

    def settings(self) -> Iterator[Fact]:
        """Every simple directive that no other kind of fact tells, and the conditions of `if`."""
        for directive in self.configuration.directives:
            told = is_limit(directive) or is_handler(directive) or directive.name in ("listen", STREAM_TIMEOUT)
            simple = directive.block is None and not told and not directive.placeholder
            member = directive.parent is not None and directive.parent.name == "upstream"
            if (simple or directive.name == "if") and not member:
                yield self.setting(directive, directive.name, _value(directive), declared=True)
            status = next((each.arg() for each in directive.children("return")), "") if directive.name == "if" else ""
            if status:
                yield self.setting(directive, "if_return", f"{_value(directive)} {status}", declared=True)

    def setting(self, directive: Directive, name: str, value: Any, *, declared: bool) -> Fact:
        outer = [block.name for block in directive.ancestors() if block.parent is not None]
        spans = {"name": directive.words[0] if declared else None}
        spans["value"] = directive.args[0] if declared and len(directive.args) == 1 else None
        context = ".".join(reversed(outer)) or None
        return self.fact("setting", directive, spans, name=name, value=value, context=context, declared=declared)


def _backend(handler: Directive | None) -> str | None:
    """The server that requests are passed on to, without the path that is asked of it."""
    if handler is None:
        return None
    target = handler.arg().partition("://")[2] or handler.arg()
    return target.removeprefix("unix:").partition(":")[0] if target.startswith("unix:") else target.partition("/")[0]


def _sent(outcome: Outcome, only: bool) -> str | None:
    """The path under which a backend gets a request; None when none does. With several backends, none is another's."""
    if outcome.verdict == PASSED:
        return outcome.sent or UNKNOWN if only else UNKNOWN
    return UNKNOWN if outcome.verdict == UNKNOWN else None


def _ssl(words: tuple[Word, ...]) -> Word | None:
    return next((word for word in words if word.text in ("ssl", "quic")), None)


def _tls(listen: Directive) -> str:
    if _ssl(listen.args) or any(rule.arg() == "on" for rule in nearest(listen, "ssl")):
        return "yes"
    return UNKNOWN if any(word.templated for word in listen.args[1:]) else "no"


def _value(directive: Directive) -> str | int | None:
    """The arguments as one text; a bare number as a number."""
    if any(word.templated for word in directive.args):
        return UNKNOWN
    text = " ".join(word.text or '""' for word in directive.args)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else text or None


def _kind_of_timeout(name: str) -> str:
    if name in CLIENT_TIMEOUTS:
        return "keepalive"
    return "connect" if name.endswith(CONNECT_TIMEOUT) else "proxy"
