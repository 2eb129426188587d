"""Local files that publishing code brings to S3: `session.upload_data("data/validation", key_prefix="samples")`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from linter.inspect.python.scopes import argument_of
from linter.inspect.python.uploaded import texts_of
from linter.model import UNKNOWN, Fact, Location
from linter.references.apis import CALLED
from linter.references.s3 import parse_s3

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from linter.inspect.python.names import Names
    from linter.inspect.python.place import Places
    from linter.inspect.python.scopes import Called
    from linter.inspect.python.values import Values
    from linter.knowledge import Knowledge


def data_uploads(names: Names, values: Values, places: Places, knowledge: Knowledge) -> Iterator[Fact]:
    """A `data.upload` for each local path of each call that uploads."""
    table = knowledge.get("publishing")
    clients = {*table["client_roots"], table["sdk_root"]}
    calls = table["uploads"]["calls"]
    last = {name.rpartition(".")[2] for name in calls}
    for called in names.outline.calls_named(last):
        if isinstance(called.node.func, ast.Attribute):
            form = _form(called, names, calls, clients)
            if form is not None:
                yield from _facts(called, form, values, places)


def _form(called: Called, names: Names, calls: Mapping[str, Any], clients: set[str]) -> Mapping[str, Any] | None:
    """Where a call's arguments stand; None when it is another library's."""
    attribute: str = called.node.func.attr  # type: ignore[attr-defined]
    paths = [each.path for each in names.of(called.node.func, called.scope) if each.kind == "path"]
    for path in paths:
        root = path.partition(".")[0].removesuffix(CALLED)
        plain = path.replace(CALLED, "")
        found = next((form for name, form in calls.items() if f".{plain}".endswith(f".{name}")), None)
        if root in clients and found is not None:
            return dict(found)
    # A session that comes as a parameter: the name of the method has to do.
    return calls.get(attribute) if not paths else None


def _facts(called: Called, form: Mapping[str, Any], values: Values, places: Places) -> Iterator[Fact]:
    def text(name: str) -> str:
        place = form[name]
        node = argument_of(called.node, *place) if place else None
        found = list(texts_of(values.of(node, called.scope))) if node is not None else []
        return found[0] if len(found) == 1 else UNKNOWN

    source = argument_of(called.node, *form["source"])
    bucket, key = text("bucket"), text("key")
    if form["key"] and len(called.node.args) == 2 and form["key"][0] == 2 and not called.node.keywords:
        bucket, key = UNKNOWN, bucket  # the method of a bucket
    uri = parse_s3(text("uri")) if form["uri"] else None
    if uri is not None:
        bucket, key = uri.bucket or UNKNOWN, uri.key or ""
    location = Location(places.path, places.span(called.node))
    for each in texts_of(values.of(source, called.scope)) if source is not None else ():
        yield Fact("data.upload", location, {"source": each, "bucket": bucket, "key": key})
