"""Servers that a module starts: by a method of an application, by a call of a library, by a class of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.inspect.python.forms import UNKNOWN_VALUE, small
from linter.inspect.python.web.references import ELSEWHERE
from linter.inspect.python.web.table import places

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator, Mapping

    from linter.inspect.python.scopes import Part, Scope
    from linter.inspect.python.web.read import Reader
    from linter.model import Fact

_SETTINGS = ("host", "port", "pair", "address", "unix", "workers", "reload", "debug", "threaded", "tls", "backend")


def runs(
    reader: Reader, func: ast.Attribute, framework: str | None, node: ast.Call, scope: Scope, part: Part
) -> Iterator[Fact]:
    """`app.run(…)` of an application of the file, or of another file."""
    known = reader.table.method("run", func.attr)
    spec = known.get(framework or "")
    if spec is None and framework is None and known:
        owner = reader.references.of(func.value, scope)
        given = {each.arg for each in node.keywords}
        if owner is None or not owner.startswith(ELSEWHERE) or given.isdisjoint(("host", "port", "debug")):
            return
        spec = next(iter(known.values()))
    if spec is not None:
        yield serves(
            reader, spec, node, scope, part, framework=framework, owner=reader.references.of(func.value, scope)
        )


def serves(
    reader: Reader,
    spec: Mapping[str, Any],
    node: ast.Call,
    scope: Scope,
    part: Part,
    *,
    framework: str | None = None,
    owner: str | None = None,
    threaded: bool = True,
) -> Fact:
    """A server that a call starts or sets up."""
    settings: dict[str, Any] = {}
    timeouts = spec.get("timeouts", ())
    for name in (*_SETTINGS, *timeouts):
        keywords = (name,) if name in timeouts else places(spec, name)
        value = reader.value(node, keywords, scope) if name in timeouts or name in spec else None
        if value is not None:
            settings[name] = value
    if any(each.arg is None for each in node.keywords):
        settings["**"] = UNKNOWN_VALUE
    if not threaded and not _is_threaded(reader, node.func, scope):
        settings["one_at_a_time"] = True
    if spec.get("program_alone"):
        settings["program_alone"] = True
    if spec.get("side"):
        settings["side"] = True
    application = reader.argument(node, places(spec, "application"))
    if application is not None:
        value = reader.values.of(application, scope)
        owner = f"{ELSEWHERE}{value}" if isinstance(value, str) else reader.references.of(application, scope)
    handler = reader.argument(node, places(spec, "handler"))
    handled_by = reader.handler(handler, scope) if handler is not None else None
    return reader.made(
        "serve", framework, part, node, server=spec["server"], owner=owner, handler=handled_by, settings=settings
    )


def _is_threaded(reader: Reader, func: ast.expr, scope: Scope) -> bool:
    """Whether the class of a server has more than one thread by what it inherits."""
    for meaning in reader.names.of(func, scope):
        if meaning.kind == "class" and meaning.scope is not None:
            bases = [reader.table.last_part(base.path) for base in reader.names.bases(meaning.scope)]
            return any(base.rpartition(".")[2].startswith(("Threading", "Forking")) for base in bases)
    return False


def embedded(reader: Reader, server: str, node: ast.Call, scope: Scope, part: Part) -> Iterator[Fact]:
    """A server of the product's own class that takes its settings as a mapping."""
    given = [*node.args, *(each.value for each in node.keywords)]
    for each in given:
        value = reader.values.of(each, scope)
        if isinstance(value, dict) and value.get("dict"):
            settings = {name: small(one) for name, one in value["dict"].items()}
            owner = reader.references.of(given[0], scope)
            yield reader.made(
                "serve", None, part, node, server=server, owner=owner, settings={"options": {"dict": settings}}
            )
            return
