"""What the settings of a server come to together: whether anything is answered during a prediction, on which port."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from linter.model import UNKNOWN, Fact

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SERVER, _SYNC = "gunicorn", "sync"
_WAITING = "read_timeout"
"""How the directives end by which a proxy waits for an answer."""
_DEFAULTS = (("workers", 1), ("worker_class", _SYNC), ("threads", 1))
"""Settings that come to how much a server does at once, with what holds when nothing is said."""


def with_workers(facts: Sequence[Fact]) -> list[Fact]:
    """All facts, with a `server.workers` where a server's processes and threads are told, `server.pipeline` and
    `server.chain`.
    """
    return [*facts, *_workers(facts), *_pipelines(facts), *_chains(facts)]


def _workers(facts: Sequence[Fact]) -> Iterator[Fact]:
    told = [fact for fact in facts if fact.kind == "server.setting" and fact["server"] == _SERVER]
    told = [fact for fact in told if fact["scope"] in ("container", UNKNOWN)]
    places = [fact for fact in told if fact["name"] == "workers" and fact["scope"] == "container"]
    values = {name: {fact["value"] for fact in told if fact["name"] == name} for name, _ in _DEFAULTS}
    if not places or any(len(each) > 1 for each in values.values()):
        return  # several servers, or settings that overrule one another
    workers, worker_class, threads = (next(iter(values[name]), default) for name, default in _DEFAULTS)
    fields = {
        "server": _SERVER,
        "workers": workers,
        "worker_class": worker_class,
        "threads": threads,
        "scope": "container",
    }
    yield Fact("server.workers", places[0].location, fields)


def _chains(facts: Sequence[Fact]) -> Iterator[Fact]:
    """Each proxy that gives up before the workers behind it do, where one time-out holds for all of these."""
    told = [fact for fact in facts if fact.kind == "server.timeout" and fact["scope"] in ("container", UNKNOWN)]
    workers = [fact for fact in told if fact["kind"] == "worker" and fact["declared"]]
    if len({(fact["server"], fact["seconds"]) for fact in workers}) != 1:
        return
    behind = workers[0]
    for fact in told:
        if (
            fact["kind"] != "proxy"
            or not fact["name"].endswith(_WAITING)
            or not isinstance(fact["seconds"], int | float)
        ):
            continue
        if behind["seconds"] is None or (
            isinstance(behind["seconds"], int | float) and fact["seconds"] < behind["seconds"]
        ):
            fields = {
                "name": fact["name"],
                "seconds": fact["seconds"],
                "declared": fact["declared"],
                "behind": behind["server"],
                "behind_seconds": behind["seconds"],
                "scope": fact["scope"],
            }
            yield Fact("server.chain", fact.location, fields, dict(fact.spans))


def _pipelines(facts: Sequence[Fact]) -> Iterator[Fact]:
    """Each listener in front that a command binds to a written port, where a request has several containers."""
    counts = [
        fact["container_count"] for fact in facts if fact.kind == "manifest.inference" and fact["place"] == "main"
    ]
    containers = max((each for each in counts if isinstance(each, int)), default=0)
    if containers < 2:
        return
    commands = {
        (fact.location.path, fact.location.span.line): fact["text"] for fact in facts if fact.kind == "shell.command"
    }
    for fact in facts:
        if fact.kind != "server.listener" or fact["role"] != "front" or fact["scope"] != "container":
            continue
        text = commands.get((fact.location.path, fact.location.span.line), "")
        if isinstance(fact["port"], int) and re.search(rf"[:= ]{fact['port']}(?!\d)", text):
            fields = {"port": fact["port"], "containers": containers, "scope": fact["scope"]}
            yield Fact("server.pipeline", fact.location, fields, dict(fact.spans))
