"""Reads a `.dockerignore`: which files of the build context never reach the builder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.inspect.text import NotText, Source
from linter.model import Artifact, Fact, Inspection, Location, Notice
from linter.references.patterns import MAX_PATTERN, MAX_PATTERNS, IgnorePatterns, read_ignore

if TYPE_CHECKING:
    from linter.knowledge import Knowledge

__all__ = ["IgnorePatterns", "inspect"]

MAX_BYTES = 4_000_000


def inspect(artifact: Artifact, data: bytes, knowledge: Knowledge) -> Inspection:
    """One fact `dockerfile.ignore` with the patterns in order; a notice when some were left out. Never raises."""
    notices = []
    try:
        source = Source(artifact.path, data[:MAX_BYTES])
    except NotText as problem:
        return Inspection((), (Notice("not-text", f"{artifact.path} was not read: {problem}", artifact.path),))
    patterns = read_ignore(source.text)
    kept = [pattern for pattern in patterns if len(pattern) <= MAX_PATTERN][:MAX_PATTERNS]
    if len(kept) < len(patterns) or len(data) > MAX_BYTES:
        message = f"{artifact.path} has more or longer patterns than mllint reads; shorten it"
        notices.append(Notice("dockerignore-too-large", message, artifact.path))
    fact = Fact("dockerfile.ignore", Location(artifact.path), {"patterns": kept})
    return Inspection((fact,), tuple(notices))
