"""Whether the files are there from which commands read their requests."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from linter.model import UNKNOWN, Fact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from linter.tree import Tree

_GAP = "}"
"""What ends a part of a name that is not known."""


def settle_request_files(facts: Sequence[Fact], tree: Tree) -> list[Fact]:
    """The same facts, `exists` of each `request.file` settled."""
    return [fact.with_fields(exists=_exists(fact, tree)) if fact.kind == "request.file" else fact for fact in facts]


def _exists(fact: Fact, tree: Tree) -> str:
    """A script may be started in its own folder, or in one above it."""
    name = fact["name"].rpartition(_GAP)[2].lstrip("/")
    if not name or fact["name"].startswith(("/", "~")):
        return UNKNOWN
    folder = posixpath.dirname(fact.location.path)
    while True:
        if tree.entry(posixpath.normpath(posixpath.join(folder, name))) is not None:
            return "yes"
        if not folder:
            return "no"
        folder = posixpath.dirname(folder)
