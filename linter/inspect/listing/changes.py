"""The changes of a change set: what each is about, where its details are, and to which product it belongs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from linter.document import DocumentError
from linter.inspect.listing.embedded import Embedded, is_template, place_in
from linter.inspect.listing.tables import Tables, tables_of
from linter.inspect.manifest.request import Found, Node, Request, pointer_text
from linter.model import UNKNOWN, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from linter.document import Document, Pointer
    from linter.inspect.text import Source
    from linter.knowledge import Knowledge

MOST_CHANGES = 500
"""Changes of one set that are read; the service takes far fewer."""
_MOST_VALUES = 20_000
_FOUND = Found("StartChangeSet", UNKNOWN, False, "request", ())
_REFERENCE = re.compile(r"^\$([\w-]+)\.Entity\.Identifier$")
_SAGEMAKER_OPTION = re.compile(r"^sagemaker\w*details$", re.IGNORECASE)
MACHINE_LEARNING, OTHER = "machine_learning", "other"


@dataclass
class Change:
    """One change. `details` is the value that says what is to change, where it could be read.

    `form` says how the details are given (text, document, both or none), `problem` what is wrong with them, `at` where.
    """

    node: Node
    index: int
    type: str
    entity: str
    kind: str
    form: str = "none"
    problem: str | None = None
    at: Span | None = None
    details: Node | None = None
    prefix: str = ""
    product: str = UNKNOWN
    """machine_learning, other or unknown"""

    @property
    def value(self) -> dict[str, Any]:
        value: dict[str, Any] = self.node.value
        return value

    @property
    def name(self) -> str | None:
        name = self.value.get("ChangeName")
        return name if isinstance(name, str) else None

    @property
    def identifier(self) -> str | None:
        entity = self.value.get("Entity")
        text = entity.get("Identifier") if isinstance(entity, dict) else None
        return text if isinstance(text, str) else None

    def pointer(self, node: Node) -> str:
        """The place of a value of the details as seen from the whole file."""
        return self.prefix + pointer_text(node.pointer)


def read_changes(document: Document, pointer: Pointer, source: Source, knowledge: Knowledge) -> list[Change]:
    """The changes of a list of changes, or the one change, at a place of a document; what is no object is left out."""
    value: Any = document.value
    for part in pointer:
        value = value[part]
    tables = tables_of(knowledge)
    request = Request(source, document, knowledge, _FOUND, "")
    listed = list(enumerate(value[:MOST_CHANGES])) if isinstance(value, list) else [(None, value)]
    changes = []
    for index, part in listed:
        if isinstance(part, dict):
            node = Node(request, pointer if index is None else (*pointer, index), part)
            changes.append(_change(node, index or 0, tables))
    _settle_products(changes, tables)
    return changes


def _change(node: Node, index: int, tables: Tables) -> Change:
    change_type = node.text("ChangeType") or ""
    entity = node.path("Entity", "Type")
    name = entity.known if entity else ""
    name = name if isinstance(name, str) else ""
    kind = UNKNOWN if name in ("", UNKNOWN) else tables.entity_kind(name)
    change = Change(node, index, change_type, name, kind)
    _read_details(change)
    if change.kind in (UNKNOWN, "other") and _sells_sagemaker(change.details):
        change.kind = "like_product" if name not in ("", UNKNOWN) else UNKNOWN
        change.product = MACHINE_LEARNING
    return change


def _read_details(change: Change) -> None:
    text, document = change.node.child("Details"), change.node.child("DetailsDocument")
    text = text if text is not None and text.value is not None else None
    document = document if document is not None and document.value is not None else None
    change.form = "both" if text and document else "text" if text else "document" if document else "none"
    if change.form == "both":
        change.problem, change.at = "both-members", text.span if text else None
    given = document or text
    if given is None:
        return
    if isinstance(given.value, str):
        if given is document and not is_template(given.value, given.request.knowledge):
            change.problem, change.at = "text-in-details-document", given.span
        _read_text(change, given)
    elif isinstance(given.value, (dict, list)):
        if given is text:
            change.problem, change.at = "object-in-details", given.span
        change.details = given
    else:
        change.problem, change.at = "neither-text-nor-object", given.span


def _read_text(change: Change, node: Node) -> None:
    """The details that stand as JSON in a text. A text that is filled in later, or names a file, is not known."""
    request = node.request
    whole = request.document.span(node.pointer)
    try:
        document = Embedded(node.value, whole, request.source)
    except DocumentError as error:
        if not is_template(node.value, request.knowledge):
            change.problem = change.problem or "not-json"
            change.at = place_in(node.value, error.line, error.column, whole, request.source)
        return
    has_gaps = is_template(node.value, request.knowledge)
    if isinstance(document.value, str) and has_gaps:
        return
    if not isinstance(document.value, (dict, list)) or not (document.is_strict or has_gaps):
        change.problem, change.at = change.problem or "not-json", change.at or node.span
    if isinstance(document.value, (dict, list)):
        inner = Request(request.source, document, request.knowledge, _FOUND, "")
        change.prefix = pointer_text(node.pointer)
        change.details = Node(inner, (), document.value)


def _sells_sagemaker(details: Node | None) -> bool:
    """Whether delivery options hold those of machine-learning products."""
    options = details.value.get("DeliveryOptions") if details and isinstance(details.value, dict) else None
    for option in options[:10] if isinstance(options, list) else ():
        inner = option.get("Details") if isinstance(option, dict) else None
        if isinstance(inner, dict) and any(_SAGEMAKER_OPTION.search(key) for key in inner):
            return True
    return False


# --- which product


def _settle_products(changes: Sequence[Change], tables: Tables) -> None:
    """Product changes say themselves what they are about; offers say it by the product they refer to, or its prices."""
    for change in changes:
        if change.kind in ("product", "like_product"):
            change.product = MACHINE_LEARNING
        elif change.kind == "other" and "product" in change.entity.lower():
            change.product = OTHER
    found = {change.product for change in changes} - {UNKNOWN}
    by_name: dict[str | None, Change] = {change.name: change for change in changes if change.name}
    for change in changes:
        if change.product == UNKNOWN and change.kind != "other":
            change.product = _referred(change, by_name) or (next(iter(found)) if len(found) == 1 else UNKNOWN)
    if not found and any(_has_dimensions(change, tables) for change in changes):
        for change in changes:
            if change.kind in ("offer", "like_offer"):
                change.product = MACHINE_LEARNING


def _referred(change: Change, by_name: dict[str | None, Change]) -> str | None:
    """The kind of product that an offer is for, found by references from change to change."""
    for _ in range(5):
        details = change.details.value if change.details else None
        product = details.get("ProductId") if isinstance(details, dict) else None
        match = _REFERENCE.match(product if isinstance(product, str) else change.identifier or "")
        target = by_name.get(match[1]) if match else None
        if target is None or target is change:
            return None
        if target.product != UNKNOWN:
            return target.product
        change = target
    return None


def _has_dimensions(change: Change, tables: Tables) -> bool:
    """Whether a change sets prices for dimensions that only machine-learning products have."""
    if change.details is None or change.kind not in ("offer", "like_offer", UNKNOWN):
        return False
    stack: list[Any] = [change.details.value]
    for _ in range(_MOST_VALUES):
        if not stack:
            return False
        value = stack.pop()
        if isinstance(value, dict):
            key = value.get("DimensionKey")
            if isinstance(key, str) and _is_dimension(key, tables):
                return True
            stack.extend(value.values())
        elif isinstance(value, list):
            stack.extend(value)
    return False


def _is_dimension(key: str, tables: Tables) -> bool:
    hourly = key.startswith("ml.") and any(key.endswith(f".{end}") for end in tables.hourly)
    return hourly or key in tables.per_request
