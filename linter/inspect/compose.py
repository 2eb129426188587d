"""Reads compose files as far as they build images: which folder and which Dockerfile each service is built from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.inspect.text import NotText, Source
from linter.lazy import compiled
from linter.model import UNKNOWN, Fact, Inspection, Location

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.document import Document
    from linter.knowledge import Knowledge
    from linter.model import Artifact

SERVICES_LIMIT = 500
_VARIABLE = compiled(r"\$(?:\{(\w+)(?::?-([^{}$]*))?[^{}]*\}|\w+|\$)")


def inspect(artifact: Artifact, data: bytes, knowledge: Knowledge) -> Inspection:
    """One fact `compose.build` for each service with a `build`; none when the file is no YAML. Never raises.

    Nothing is judged in a compose file, so one that cannot be read leaves nothing unjudged, and there is no notice.
    """
    from linter.document import DocumentError, load_documents

    try:
        source = Source(artifact.path, data)
        documents = load_documents(source.text)
    except (NotText, DocumentError):
        return Inspection()
    return Inspection(tuple(fact for document in documents for fact in _builds(document, artifact.path)))


def _builds(document: Document, path: str) -> Iterator[Fact]:
    value = document.value
    services = value.get("services") if isinstance(value, dict) else None
    for name, service in list(services.items())[:SERVICES_LIMIT] if isinstance(services, dict) else ():
        build = service.get("build") if isinstance(service, dict) else None
        if isinstance(build, str):
            build = {"context": build}
        if not isinstance(build, dict) or "dockerfile_inline" in build:
            continue
        fields = {
            "service": str(name),
            "context": _text(build.get("context", ".")),
            "dockerfile": None if build.get("dockerfile") is None else _text(build["dockerfile"]),
            "target": None if build.get("target") is None else _text(build["target"]),
        }
        yield Fact("compose.build", Location(path, document.key_span(("services", name, "build"))), fields)


def _text(value: Any) -> str:
    """A value with the defaults of its variables; `unknown` when it has others, or is no folder of this machine."""
    if not isinstance(value, str) or "://" in value or value.startswith(("git@", "~")):
        return UNKNOWN
    found = list(_VARIABLE.finditer(value))
    if any(match[2] is None for match in found):
        return UNKNOWN
    return _VARIABLE.sub(lambda match: match[2] or "", value)
