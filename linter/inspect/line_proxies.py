"""Reads where Caddy, Apache, lighttpd and Traefik pass requests on, line by line: the table `network.line_proxies`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from linter.inspect.nginx.values import destination_of
from linter.lazy import compiled
from linter.model import UNKNOWN, Fact

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from linter.inspect.text import Source
    from linter.knowledge import Knowledge

LINES_LIMIT = 20_000
LINE_LIMIT = 2_000
SHOWN = 300

_WORD = compiled(r"\"[^\"\n]*\"|\S+")
_VARIABLE = compiled(r"[$%{}]")
_SCHEME = compiled(r"[A-Za-z][\w+.-]*://")


def proxies_in(source: Source, knowledge: Knowledge) -> Iterator[Fact]:
    """`server.proxy` facts of a configuration; none when it is of no server of the table."""
    table: Mapping[str, Mapping[str, Any]] = knowledge.get("network.line_proxies")
    name = next((name for name, entry in table.items() if re.search(entry["text"], source.text)), None)
    if name is None:
        return
    entry = table[name]
    patterns = [re.compile(each) for each in entry["lines"]]
    for number, start in enumerate(source.starts[:LINES_LIMIT], 1):
        line = source.line(number)[:LINE_LIMIT]
        if line.lstrip().startswith("#"):
            continue
        for pattern in patterns:
            found = pattern.search(line)
            for word in _WORD.finditer(found.group(1)) if found is not None else ():
                at = start + (found.start(1) if found is not None else 0)
                text = word.group().strip('"')
                if not re.match(entry["skip"], text):
                    yield _proxy(name, source, (at + word.start(), at + word.end()), text, entry["local"])


def _proxy(server: str, source: Source, place: tuple[int, int], text: str, local: str) -> Fact:
    where = "unix" if re.match(local, text) else _where(text)
    span = source.span(*place)
    fields = {
        "server": server,
        "target": UNKNOWN if where == UNKNOWN else text[:SHOWN],
        "destination": where,
        "route": None,
        "scope": UNKNOWN,
    }
    return Fact("server.proxy", source.location(*place), fields, {"target": span, "destination": span})


def _where(text: str) -> str:
    rest = _SCHEME.sub("", text, count=1)
    host = rest.split("/", 1)[0]
    if _VARIABLE.search(host):
        return UNKNOWN
    if host.startswith("["):
        return destination_of(host[1:].partition("]")[0])
    return destination_of(host.partition(":")[0])
