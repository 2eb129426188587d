"""Server settings joined with the images they run in, and with what the manifests promise."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from linter.assemble.purpose import words_of
from linter.assemble.written import script_of, written_scopes
from linter.model import UNKNOWN, Fact

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from linter.assemble.start import Start
    from linter.knowledge import Knowledge
    from linter.model import Span

PROXIES = frozenset({"nginx"})
_NO_DAEMON = re.compile(r"-[a-z]*n[a-z]*")
_OF_PROGRAMS = ("file.access", "program.exit", "program.signal", "program.argument")
"""Of Python code, these are settled part by part."""
_KINDS = (
    *("server.", "shell.command", "program.file", "source.call", "model.setting", "requirements.file"),
    *("secret.file", "settings.store", "project.locked", "licence.file"),
    *_OF_PROGRAMS,
)


def settle_scope(
    facts: Sequence[Fact], starts: Sequence[Start], knowledge: Knowledge, *, elsewhere: bool = False
) -> list[Fact]:
    """Whether settings, commands and programs run at the buyer's, and as what they are started.

    `elsewhere`: there are Dockerfiles, only not in this product; then what no Dockerfile takes is the seller's.
    """
    tests = frozenset(knowledge.get("product.test_folders"))
    names = tuple(knowledge.get("product.start_names"))
    roles = {name: role for role, name in knowledge.get("container.start_programs").items()}
    scopes: dict[str, tuple[str, str | None]] = {}
    written = written_scopes(facts, starts)
    trials = frozenset(knowledge.get("product.signs")["trials"])
    scripts = {fact.location.path for fact in facts if fact.kind == "program.file"}
    untaken = _untaken(facts, starts)
    settled = []
    for fact in facts:
        if not fact.kind.startswith(_KINDS) or (fact.kind in _OF_PROGRAMS and fact["language"] != "shell"):
            settled.append(fact)
            continue
        path = fact.location.path
        if path not in scopes:
            scopes[path] = _scope(path, starts, tests, names, elsewhere)
        scope, started_as = written.get(fact.location) or scopes[path]
        if scope == "container" and started_as is None and path in scripts and fact.kind.startswith("server."):
            # A script that is in the image, and that nothing is seen to start; its name may say that it is for trials.
            scope = UNKNOWN if trials.isdisjoint(words_of(path.rpartition("/")[2])) else "test"
        if any(fact.location.span.lies_in(span) for span in untaken.get(path, ())):
            scope, started_as = "seller", None
        if fact.kind == "file.access" and fact["mode"] == "mention" and scope != "container":
            continue  # scripts that try the image name its folders as well
        changes: dict[str, object] = {} if fact["scope"] in ("container", "build", "seller") else {"scope": scope}
        if "started_as" in fact.fields and fact["started_as"] == UNKNOWN:
            changes["started_as"] = started_as
        if fact.kind in _OF_PROGRAMS and scope == "container" and started_as not in (None, UNKNOWN):
            changes |= {"role": roles.get(str(started_as), UNKNOWN), "reached": "start", "reached_from": started_as}
        settled.append(fact.with_fields(**changes))
    return settled


def _untaken(facts: Sequence[Fact], starts: Sequence[Start]) -> dict[str, list[Span]]:
    """Commands of started scripts that stand in functions which nothing calls, or in branches for other arguments than
    SageMaker gives, by their files.
    """
    found: dict[str, list[Span]] = {}
    for fact in facts:
        if fact.kind == "shell.command" and (fact["first_argument"] is not None or fact["in_function"]):
            script = script_of(fact)
            running = [start for start in starts if script in start.started]
            if running and not any(start.takes(script, fact) for start in running):
                found.setdefault(fact.location.path, []).append(fact.location.span)
    return found


def settle_doubtful(facts: Sequence[Fact], starts: Sequence[Start], knowledge: Knowledge) -> list[Fact]:
    """Settings of servers in images of which nothing shows that they are made for SageMaker: they may be no product's.

    An image shows it itself, code in it does, or a request beside it.
    """
    purposes = {(fact["dockerfile"], fact["stage"]): fact["purpose"] for fact in facts if fact.kind == "image.start"}
    told = [start for start in starts if purposes.get((start.build.dockerfile, start.stage)) == UNKNOWN]
    if not told or any(fact.kind.startswith("manifest.") for fact in facts):
        return list(facts)
    routes = {entry["path"] for entry in knowledge.get("frameworks.contract").values()}
    signs = [fact.location.path for fact in facts if _is_sign(fact, routes)]
    doubtful = [start for start in told if not any(start.build.holds(path) for path in signs)]
    owned: dict[str, bool] = {}
    settled = []
    for fact in facts:
        path = fact.location.path
        if fact.kind.startswith("server.") and fact.fields.get("scope") == "container" and doubtful:
            if path not in owned:
                owners = [start for start in starts if _has(start, path)]
                owned[path] = bool(owners) and all(owner in doubtful for owner in owners)
            fact = fact.with_fields(scope=UNKNOWN) if owned[path] else fact
        settled.append(fact)
    return settled


def _is_sign(fact: Fact, routes: Container[str]) -> bool:
    """Whether a file is plainly written for SageMaker's containers."""
    if fact.kind == "python.module":
        return bool(fact["container_sign"])
    return fact.kind == "server.route" and fact["path"] in routes


def _has(start: Start, path: str) -> bool:
    return path == start.build.dockerfile or path in start.started or bool(start.build.holds(path))


def _scope(
    path: str, starts: Sequence[Start], tests: frozenset[str], names: tuple[str, ...], elsewhere: bool
) -> tuple[str, str | None]:
    for start in starts:
        if path in start.started:
            return "container", start.started[path]
    if not tests.isdisjoint(path.split("/")[:-1]):
        return "test", None
    if not starts:
        script = path.endswith(".sh") and not path.rpartition("/")[2].startswith(names)
        return ("seller", None) if elsewhere or script else (UNKNOWN, UNKNOWN)
    held = [start.build.holds(path) for start in starts]
    if any(held):
        return "container", None
    return (UNKNOWN, UNKNOWN) if None in held else ("seller", None)


def without_overridden_defaults(facts: Sequence[Fact]) -> list[Fact]:
    """Leave out a server's defaults that another file of the product sets, as gunicorn's configuration does."""
    told = {_setting(fact) for fact in facts if _may_default(fact) and fact["declared"]}
    return [fact for fact in facts if not (_may_default(fact) and not fact["declared"] and _setting(fact) in told)]


def _may_default(fact: Fact) -> bool:
    return fact.kind in ("server.listener", "server.timeout") and fact["scope"] in ("container", UNKNOWN)


def _setting(fact: Fact) -> tuple[str, str, str]:
    return fact.kind, fact["server"], fact.fields.get("kind", "")


def settle_handover(facts: Sequence[Fact]) -> list[Fact]:
    """A script that ends in nginx or supervisord ends the container, unless some setting keeps it in the foreground."""
    if _detaches(facts, "nginx", "daemon", ("off", False, UNKNOWN)):
        facts = [fact.with_fields(hands_over="background") if _ends_in_nginx(fact) else fact for fact in facts]
    if _detaches(facts, "supervisord", "nodaemon", (True, UNKNOWN)):
        staying = {fact.location.path for fact in facts if fact.kind == "shell.command" and _stays(fact)}
        facts = [
            fact.with_fields(hands_over="background")
            if _ends_in_supervisor(fact) and fact.location.path not in staying
            else fact
            for fact in facts
        ]
    return list(facts)


def _detaches(facts: Sequence[Fact], server: str, name: str, kept: Container[object]) -> bool:
    """Whether the settings of a server are seen, and none keeps it in the foreground."""
    settings = [f for f in facts if f.kind == "server.setting" and (f["server"], f["name"]) == (server, name)]
    return bool(settings) and not any(setting["value"] in kept for setting in settings)


def _stays(command: Fact) -> bool:
    """Whether a supervisor is told on its command line to stay in the foreground, or may be."""
    words = command["arguments"]
    told = any(word in ("--nodaemon", UNKNOWN) or _NO_DAEMON.fullmatch(word) for word in words)
    return command["program"] == "supervisord" and told


def _ends_in_supervisor(fact: Fact) -> bool:
    ends = fact.kind == "program.file" and fact["last_program"] == "supervisord"
    return ends and fact["hands_over"] in ("exec", "none", "supervisor", UNKNOWN)


def _ends_in_nginx(fact: Fact) -> bool:
    return (
        fact.kind == "program.file"
        and fact["last_program"] == "nginx"
        and fact["hands_over"] in ("exec", "none", UNKNOWN)
    )


def settle_listeners(facts: Sequence[Fact], knowledge: Knowledge) -> list[Fact]:
    """Which listeners stand in front, and all ports that the product's image listens on.

    With a reverse proxy in the image, the servers behind it may listen where they like. A program that nothing is known
    of and that is told of SageMaker's port may be what listens there.
    """
    inside = [fact for fact in facts if fact.kind == "server.listener" and fact["scope"] in ("container", UNKNOWN)]
    proxied = any(fact["server"] in PROXIES for fact in inside)
    known = {fact["port"] for fact in inside if fact["port"] is not None}
    port = knowledge.figure("quotas.inference.port")
    told = bool(known) and port not in known and any(_is_told_of(fact, port) for fact in facts)
    told = told or (not proxied and any(_is_unseen_proxy(fact) for fact in facts))
    ports = sorted({*known, UNKNOWN} if told else known, key=str)
    settled = []
    for fact in facts:
        if fact.kind == "server.listener":
            front = fact["server"] in PROXIES or not proxied
            fact = fact.with_fields(role="front" if front else "backend", image_ports=ports)
        settled.append(fact)
    return settled


def _is_unseen_proxy(fact: Fact) -> bool:
    """Whether a proxy is started whose configuration is not here: it may listen on any port."""
    inside = fact.kind == "server.program" and fact["scope"] in ("container", UNKNOWN)
    return inside and fact["server"] in PROXIES and fact["via"] != "file"


def _is_told_of(fact: Fact, port: int) -> bool:
    """Whether a command of the container has a port among its words."""
    if fact.kind not in ("shell.command", "python.call") or fact["scope"] != "container":
        return False
    if fact.kind == "python.call" and fact["mode"] != "command":
        return False
    return re.search(rf"(?<!\d){port}(?!\d)", fact["text"]) is not None


def settle_body_limits(facts: Sequence[Fact], knowledge: Knowledge) -> list[Fact]:
    """Beside each body limit, the largest payload that a validation profile of the product declares."""
    declared = [fact["max_payload_mb"] for fact in facts if fact.kind == "manifest.transform_job"]
    known = [value for value in declared if isinstance(value, int | float)]
    most = knowledge.figure("quotas.inference.batch_payload_mb")  # more is a fault of its own
    largest = min(max(known), most) if known else (UNKNOWN if declared else None)
    bytes_per_mb = knowledge.figure("quotas.inference.bytes_per_mb_strict")
    settled = []
    for fact in facts:
        if fact.kind == "server.body_limit":
            fact = fact.with_fields(
                max_payload_mb=largest, covers_declared_payload=_covers(fact["bytes"], largest, bytes_per_mb)
            )
        settled.append(fact)
    return settled


def _covers(limit: int | str | None, payload_mb: float | str | None, bytes_per_mb: int) -> str:
    if limit is None:
        return "yes"
    if not isinstance(limit, int) or not isinstance(payload_mb, int | float):
        return UNKNOWN
    return "yes" if limit >= payload_mb * bytes_per_mb else "no"


def ports_of(facts: Sequence[Fact]) -> list[int | str] | str:
    """Ports that the servers in front listen on; unknown when no server was seen."""
    front = [f for f in facts if f.kind == "server.listener" and f["role"] == "front" and f["scope"] == "container"]
    ports = sorted({fact["port"] for fact in front if fact["port"] is not None}, key=str)
    return ports or UNKNOWN
