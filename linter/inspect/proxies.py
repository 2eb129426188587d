"""Reads where HAProxy (its `server` lines) and Envoy (the endpoints of its clusters) pass requests on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.inspect.nginx.values import destination_of
from linter.inspect.text import NotText, Source
from linter.lazy import compiled
from linter.model import UNKNOWN, Fact, Inspection, Location, Notice, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.document import Document, Pointer
    from linter.knowledge import Knowledge
    from linter.model import Artifact

VALUES_LIMIT = 50_000
LINES_LIMIT = 20_000
SHOWN = 300

_SERVER = compiled(r"[ \t]*(?:server|server-template)[ \t]+\S+[ \t]+(?:\d+(?:-\d+)?[ \t]+)?(\S+)")
_SECTION = compiled(r"(?:backend|listen|frontend|peers|resolvers|mailers|ring)\b[ \t]*(\S*)")
_NAMESERVER = compiled(r"[ \t]*nameserver[ \t]+\S+[ \t]+(\S+)")
_PORT = compiled(r":\d*\Z")
_VARIABLE = compiled(r"\$\{?\w|\{\{|\"?\$")


def inspect(artifact: Artifact, data: bytes, knowledge: Knowledge) -> Inspection:
    """`server.proxy` facts of one configuration. Bad input gives a notice."""
    try:
        source = Source(artifact.path, data)
    except NotText as reason:
        message = f"this proxy configuration was not read: {reason}"
        return Inspection(notices=(Notice("not-text", message, artifact.path),))
    from linter.inspect.line_proxies import proxies_in

    others = tuple(proxies_in(source, knowledge))
    if others:
        return Inspection(others)
    if artifact.path.lower().endswith((".json", ".yaml", ".yml")) or "static_resources" in source.text:
        return _envoy(source)
    return Inspection(tuple(_haproxy(source)))


def _haproxy(source: Source) -> Iterator[Fact]:
    section = None
    for number, start in enumerate(source.starts[:LINES_LIMIT], 1):
        line = source.line(number).partition("#")[0]
        heading = _SECTION.match(line)
        if heading is not None:
            section = heading.group(1) or None
            continue
        found = _SERVER.match(line) or _NAMESERVER.match(line)
        if found is None:
            continue
        word = found.group(1)
        span = source.span(start + found.start(1), start + found.end(1))
        place = source.location(start + len(line) - len(line.lstrip()), start + len(line.rstrip()))
        host = _PORT.sub("", word.removeprefix("ipv4@").removeprefix("ipv6@"))
        where = "unix" if word.startswith(("/", "unix@", "abns@")) else _where(host)
        yield _proxy("haproxy", place, word, where, section, span)


def _envoy(source: Source) -> Inspection:
    from linter.document import DocumentError, load_documents

    form = "json" if source.path.lower().endswith(".json") else "yaml"
    try:
        documents = load_documents(source.text, "json" if form == "json" else "yaml")
    except DocumentError as error:
        span = Span(error.line, error.column, error.line, error.column)
        text = f"this Envoy configuration was not read: {error.message}"
        return Inspection(notices=(Notice("proxy-unreadable", text, source.path, span),))
    return Inspection(tuple(fact for document in documents for fact in _clusters(document, source.path)))


def _clusters(document: Document, path: str) -> Iterator[Fact]:
    """The endpoints below `clusters`; what listens stands below `listeners`."""
    stack: list[tuple[Any, Pointer, str | None]] = [(document.value, (), None)]
    seen = 0
    while stack and seen < VALUES_LIMIT:
        here, pointer, cluster = stack.pop()
        seen += 1
        inside = "clusters" in pointer
        if isinstance(here, dict):
            name = here.get("name")
            if inside and cluster is None and isinstance(name, str):
                cluster = name
            address = here.get("socket_address")
            if inside and isinstance(address, dict) and isinstance(address.get("address"), str):
                span = document.span((*pointer, "socket_address", "address"))
                host = address["address"]
                yield _proxy("envoy", Location(path, span), host, _where(host), cluster, span)
            stack.extend((value, (*pointer, key), cluster) for key, value in reversed(list(here.items())))
        elif isinstance(here, list):
            stack.extend((value, (*pointer, at), cluster) for at, value in reversed(list(enumerate(here))))


def _where(host: str) -> str:
    return UNKNOWN if _VARIABLE.match(host) else destination_of(host)


def _proxy(server: str, place: Location, target: str, where: str, route: str | None, span: Span) -> Fact:
    fields = {
        "server": server,
        "target": UNKNOWN if where == UNKNOWN else target[:SHOWN],
        "destination": where,
        "route": route[:SHOWN] if route else None,
        "scope": UNKNOWN,
    }
    return Fact("server.proxy", place, fields, {"target": span, "destination": span})
