"""An nginx configuration as its servers see it: which blocks there are, and which settings hold for `/invocations`."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from linter.inspect.nginx.locations import is_handler, unread
from linter.inspect.nginx.regex import Matcher
from linter.inspect.nginx.routes import PASSED, UNKNOWN, Outcome, Request, evaluate, nearest
from linter.inspect.nginx.values import Upstreams

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.inspect.nginx.syntax import Directive, Tree

ROUTES = {
    "ping": ("GET", "/ping"),
    "invocations": ("POST", "/invocations"),
    "execution_parameters": ("GET", "/execution-parameters"),
}
"""Method and path of what SageMaker asks, under the names that the facts use."""

BODY_LIMIT = "client_max_body_size"
CLIENT_TIMEOUTS = ("send_timeout", "client_body_timeout", "keepalive_timeout")
STREAM_TIMEOUT = "proxy_timeout"
CONNECT_TIMEOUT = "connect_timeout"
"""What follows the family's name, as in `proxy_connect_timeout`."""

# Blocks whose lines are data, not directives.
_DATA = frozenset(("types", "map", "geo", "split_clients", "charset_map", "match"))


class Server(NamedTuple):
    """A virtual server. `protocol` is http, stream or mail; `outcomes` says what becomes of each of the routes."""

    block: Directive
    protocol: str
    outcomes: dict[str, Outcome]

    @property
    def invocations(self) -> Outcome:
        return self.outcomes["invocations"]


class Configuration:
    """Read-only view of one parsed file."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.root = tree.root
        self._matches = Matcher()

    @cached_property
    def directives(self) -> tuple[Directive, ...]:
        """All directives in the file's order, without lines of data."""
        return tuple(_walk(self.root))

    @cached_property
    def full(self) -> bool:
        """Whether this is a main file, which nginx can be started with, and no fragment of one."""
        return any(self.root.children("http", "events", "stream"))

    @cached_property
    def whole(self) -> bool:
        """Whether all that concerns HTTP stands in this file: a main file that includes no other, no template."""
        blocks = [self.root, *self.root.children("http")]
        return self.full and not self.tree.templated and not any(map(unread, blocks))

    @cached_property
    def servers(self) -> tuple[Server, ...]:
        blocks = (d for d in self.directives if d.name == "server" and d.block is not None)
        return tuple(self._server(block) for block in blocks if not _inside(block, "upstream"))

    def _server(self, block: Directive) -> Server:
        protocol = next((name for name in ("stream", "mail") if _inside(block, name)), "http")
        if protocol == "http":
            return Server(block, protocol, {route: self._outcome(block, route) for route in ROUTES})
        handler = next(filter(is_handler, block.block or ()), None)
        verdict = PASSED if handler and protocol == "stream" else UNKNOWN
        return Server(block, protocol, dict.fromkeys(ROUTES, Outcome(verdict, block, handler)))

    def _outcome(self, block: Directive, route: str) -> Outcome:
        return evaluate(block, Request(*ROUTES[route], self._matches))

    @cached_property
    def bare(self) -> Outcome | None:
        """What becomes of `/invocations` in a file of locations without a server; None for any other file."""
        if self.servers or self.full or not any(self.root.children("location")):
            return None
        return self._outcome(self.root, "invocations")

    @cached_property
    def upstreams(self) -> Upstreams:
        blocks = {d.arg().lower(): d for d in self.directives if d.name == "upstream" and d.block is not None}
        values: dict[str, set[str]] = {}
        for directive in self.directives:
            if directive.name == "set" and len(directive.args) == 2:
                values.setdefault(directive.arg(0).removeprefix("$"), set()).add(directive.arg(1))
        literal = {name: min(found) for name, found in values.items() if len(found) == 1 and "$" not in min(found)}
        return Upstreams(blocks, literal, self.whole)

    @cached_property
    def bearing(self) -> dict[Directive, str]:
        """The time-outs and body limits that hold for `/invocations` in some server: `yes`, or `unknown`.

        Where no server stands in the file, or it is unknown which location handles the route, all may hold.
        """
        limits = [directive for directive in self.directives if is_limit(directive)]
        names = {directive.name for directive in limits}
        outcomes = [(server.block, server.invocations) for server in self.servers if server.protocol == "http"]
        if self.bare:
            outcomes.append((self.root, self.bare))
        if not outcomes:
            return dict.fromkeys(limits, UNKNOWN)
        found: dict[Directive, str] = {}
        for block, outcome in outcomes:
            if outcome.verdict not in (PASSED, UNKNOWN):
                continue
            sure = outcome.verdict == PASSED
            for name in names:
                if _of_handler(name, outcome.handler):
                    for directive in nearest(outcome.place, name):
                        found[directive] = "yes" if sure else found.get(directive, UNKNOWN)
            for directive in () if sure else filter(is_limit, _walk(block)):
                found.setdefault(directive, UNKNOWN)
        return found


def is_limit(directive: Directive) -> bool:
    """Whether the directive limits the size or the time of a request."""
    name = directive.name
    return name == BODY_LIMIT or name in CLIENT_TIMEOUTS or is_proxy_timeout(name)


def is_proxy_timeout(name: str) -> bool:
    """Whether a directive limits the waiting for a backend (`proxy_read_timeout`, `uwsgi_send_timeout` …)."""
    family, _, rest = name.partition("_")
    return rest in ("read_timeout", "send_timeout", CONNECT_TIMEOUT) and bool(family)


def _of_handler(limit: str, handler: Directive | None) -> bool:
    """Whether a limit concerns requests that this handler passes on: `uwsgi_…` says nothing to `proxy_pass`."""
    return handler is None or not is_proxy_timeout(limit) or limit.startswith(handler.name.removesuffix("pass"))


def _inside(directive: Directive, name: str) -> bool:
    return any(block.name == name for block in directive.ancestors())


def _walk(top: Directive) -> Iterator[Directive]:
    waiting = list(reversed(top.block or ()))
    while waiting:
        directive = waiting.pop()
        yield directive
        if directive.block and directive.name not in _DATA:
            waiting.extend(reversed(directive.block))
