"""What the settings of a server come to together: whether anything is answered during a prediction, on which port."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from linter.assemble.servers import PROXIES
from linter.model import UNKNOWN, Fact

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from linter.knowledge import Knowledge

_SERVER, _SYNC = "gunicorn", "sync"
_WAITING = "read_timeout"
"""How the directives end by which a proxy waits for an answer."""
_DEFAULTS = (("workers", 1), ("worker_class", _SYNC), ("threads", 1))
"""Settings that come to how much a server does at once, with what holds when nothing is said."""


def with_workers(facts: Sequence[Fact], knowledge: Knowledge) -> list[Fact]:
    """All facts, with a `server.workers` where a server's processes and threads are told, `server.pipeline` and
    `server.chain`.
    """
    return [*facts, *_workers(facts), *_pipelines(facts, knowledge), *_chains(facts)]


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


def _pipelines(facts: Sequence[Fact], knowledge: Knowledge) -> Iterator[Fact]:
    """Each listener in front with a written port, and each image, where a request has several containers."""
    counts = [
        fact["container_count"] for fact in facts if fact.kind == "manifest.inference" and fact["place"] == "main"
    ]
    containers = max((each for each in counts if isinstance(each, int)), default=0)
    if containers < 2:
        return
    commands = {
        (fact.location.path, fact.location.span.line): fact["text"] for fact in facts if fact.kind == "shell.command"
    }
    variable: str = knowledge.get("quotas.inference.bind_to_port_environment.value")
    filled = any(variable in text for text in commands.values())
    for fact in facts:
        if fact.kind == "image.start" and fact["purpose"] == "sagemaker" and fact["role"] in ("inference", "both"):
            labels = [each["labels"] for each in facts if each.kind == "dockerfile.image" and _is_of(each, fact)]
            named = {"containers": containers, "labels": sorted({name for each in labels for name in each})}
            yield Fact("image.pipeline", fact.location, named | {"scope": "container"})
        if fact.kind != "server.listener" or fact["role"] != "front" or fact["scope"] != "container":
            continue
        text = commands.get((fact.location.path, fact.location.span.line), "")
        if isinstance(fact["port"], int) and (
            re.search(rf"[:= ]{fact['port']}(?!\d)", text) or (_is_written(fact) and not filled)
        ):
            fields = {"port": fact["port"], "containers": containers, "scope": fact["scope"]}
            yield Fact("server.pipeline", fact.location, fields, dict(fact.spans))


def _is_written(listener: Fact) -> bool:
    """Whether the port is written where the server is set up: in a proxy's configuration, or as a number in code."""
    if listener["via"] == "code":
        return "port" in listener.spans
    return listener["via"] == "file" and listener["server"] in PROXIES and listener["declared"] is True


def _is_of(image: Fact, start: Fact) -> bool:
    same: bool = image["stage"] == start["stage"]
    return same and image.location.path == start["dockerfile"]
