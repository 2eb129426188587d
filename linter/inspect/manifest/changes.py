"""Marketplace change sets: what a listing says and costs, the Regions it is offered in and the ARNs that it names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from linter.inspect.manifest.names import REGION_CHANGES
from linter.inspect.manifest.request import Node
from linter.inspect.references import arn_reference, region_use, region_uses
from linter.model import Fact, Location

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.document import Document, Pointer
    from linter.inspect.listing.changes import Change
    from linter.inspect.text import Source
    from linter.knowledge import Knowledge

_MOST = 5_000
_LEVELS = 12
_ROLES = (
    (re.compile(r":model-package/"), "model_package"),
    (re.compile(r":algorithm/"), "algorithm"),
    (re.compile(r":iam:[^:]*:[^:]*:role/"), "access_role"),
)


def change_set_facts(
    document: Document, pointer: Pointer, source: Source, knowledge: Knowledge, number: int = 0
) -> list[Fact]:
    """The facts of a list of changes, or of one change, at a place of a document.

    `listing.*` and `pricing.*` are about products and offers, `region.use` and `arn.reference` about what they name.
    Changes of products of other kinds give no more than their `listing.change`. `number` is that of the document in
    its file.
    """
    from linter.inspect.listing.change_set import listing_facts
    from linter.inspect.listing.changes import OTHER, read_changes

    changes = read_changes(document, pointer, source, knowledge)
    facts = listing_facts(changes, pointer, number, knowledge)
    for change in changes:
        if change.product != OTHER:
            facts.extend(_named(change, source, knowledge))
    return facts


def _named(change: Change, source: Source, knowledge: Knowledge) -> Iterator[Fact]:
    """The Regions and ARNs in the details of a change."""
    for node in _texts(change):
        keys = [part for part in node.pointer if isinstance(part, str)]
        key = keys[-1] if keys else ""
        location = Location(source.path, node.request.document.span(node.pointer))
        if change.type in REGION_CHANGES and "Regions" in keys:
            yield region_use(node.value, location, "listing", knowledge)
        elif node.value.startswith("arn:") or key.endswith("Arn"):
            role = next((role for pattern, role in _ROLES if pattern.search(node.value)), _by_key(key))
            fact = arn_reference(node.value, location, role, knowledge, locate=node.locate)
            yield fact
            yield from region_uses(fact, knowledge)


def _by_key(key: str) -> str:
    if "ModelPackage" in key:
        return "model_package"
    if "Algorithm" in key:
        return "algorithm"
    return "access_role" if "Role" in key else "other"


def _texts(change: Change) -> Iterator[Node]:
    """All strings in the details of a change, in their order."""
    if change.details is None:
        return
    stack = [change.details]
    top = len(change.details.pointer)
    seen = 0
    while stack and seen < _MOST:
        node = stack.pop()
        seen += 1
        if isinstance(node.value, str):
            yield node
        elif len(node.pointer) - top < _LEVELS:
            inner = (Node(node.request, (*node.pointer, key), part) for key, part in _parts(node.value))
            stack.extend(reversed(list(inner)))


def _parts(value: Any) -> Iterator[tuple[str | int, Any]]:
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from enumerate(value)
