"""Reads CreateAlgorithm and CreateModelPackage requests, parts of them, and Marketplace change sets.

They are known by what they say, not by their file's name: JSON or YAML, whole or in parts, several in one file, below
an operation's name, as a resource of CloudFormation, or as a template with placeholders.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.inspect.manifest.names import looks_like_manifest

if TYPE_CHECKING:
    from linter.knowledge import Knowledge
    from linter.model import Artifact, Inspection

__all__ = ["inspect", "looks_like_manifest"]


def inspect(artifact: Artifact, data: bytes, knowledge: Knowledge) -> Inspection:
    """The facts of all requests in a file. Never raises for what the file holds: see the notices."""
    from linter.inspect.manifest.reading import read

    return read(artifact, data, knowledge)
