"""Reads Dockerfiles as BuildKit does: stages, settings, copies, commands, and how the container starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.inspect.dockerfile.entry import entry_facts
from linter.inspect.dockerfile.evaluate import MAX_BYTES, read
from linter.inspect.text import NotText, Source
from linter.model import Artifact, Inspection, Notice

if TYPE_CHECKING:
    from linter.knowledge import Knowledge

__all__ = ["inspect"]


def inspect(artifact: Artifact, data: bytes, knowledge: Knowledge) -> Inspection:
    """The facts of one Dockerfile, what its ENTRYPOINT runs, and notices for what could not be read. Never raises."""
    try:
        source = Source(artifact.path, data[:MAX_BYTES])
    except NotText as problem:
        message = f"{artifact.path} was not read: {problem}"
        return Inspection((), (Notice("not-text", message, artifact.path),))
    inspection = read(source, knowledge, len(data) > MAX_BYTES)
    return inspection._replace(facts=(*inspection.facts, *entry_facts(inspection.facts, knowledge)))
