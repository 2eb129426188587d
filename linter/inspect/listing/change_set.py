"""Facts about change sets as wholes and about their single changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.inspect.listing.changes import MACHINE_LEARNING, OTHER, Change
from linter.inspect.listing.reading import Reading
from linter.inspect.listing.walk import walk
from linter.inspect.manifest.members import nearest
from linter.inspect.manifest.request import Node, pointer_text
from linter.model import UNKNOWN, Fact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from linter.document import Pointer
    from linter.inspect.listing.tables import Tables
    from linter.knowledge import Knowledge

_OFFERS = ("offer", "like_offer")


def listing_facts(changes: Sequence[Change], pointer: Pointer, number: int, knowledge: Knowledge) -> list[Fact]:
    """All facts about the listing and its prices in a change set. `number` is that of the document in its file."""
    if not changes:
        return []
    first = changes[0].node
    change_set = f"{first.request.source.path}#{number or ''}{pointer_text(pointer)}"
    reading = Reading(change_set, knowledge)
    _change_set_fact(reading, changes, pointer)
    for change in changes:
        _change_fact(reading, change)
        walk(reading, change)
    return reading.facts


def _change_set_fact(reading: Reading, changes: Sequence[Change], pointer: Pointer) -> None:
    first = changes[0]
    document: Any = first.node.request.document.value
    for part in pointer[:-1]:
        document = document[part]
    whole = pointer[-1:] == ("ChangeSet",) and isinstance(document, dict)
    root = Node(first.node.request, pointer[:-1] if whole else pointer, document if whole else None)
    listed = root.child("ChangeSet") if whole else None
    ours = [change for change in changes if change.product == MACHINE_LEARNING]
    types = {change.type for change in ours}
    offers = {change.type for change in ours if change.kind in _OFFERS}
    catalog = root.child("Catalog") if whole else None
    fields = {
        "product": _product(changes),
        "catalog": root.text("Catalog") if whole else UNKNOWN,
        "count": len(listed.value) if listed and isinstance(listed.value, list) else len(changes),
        "types": [change.type for change in ours][:50],
        "creates_product": "CreateProduct" in types,
        "adds_version": "AddDeliveryOptions" in types,
        "makes_public": any(_visibility(change) == "Public" for change in ours),
        "offer": _offer(ours, reading),
        "releases_offer": "ReleaseOffer" in offers,
        "prices": "UpdatePricingTerms" in types,
        "licence": "UpdateLegalTerms" in types,
        "support": "UpdateSupportTerms" in types,
    }
    spans = {"catalog": catalog.span} if catalog else {}
    if listed is not None:
        spans["count"] = listed.span
    node = listed or changes[0].node
    common = {"change_set": reading.change_set, "pointer": pointer_text(pointer)}
    for name, wanted in (("licence", "CreateOffer"), ("makes_public", "UpdateVisibility")):
        found = next((change for change in ours if change.type == wanted), None)
        if found:
            spans[name] = Node(found.node.request, (*found.node.pointer, "ChangeType"), wanted).span
    reading.facts.append(Fact("listing.change_set", node.location, {**common, **fields}, spans))


def _product(changes: Sequence[Change]) -> str:
    products = {change.product for change in changes}
    if MACHINE_LEARNING in products:
        return MACHINE_LEARNING
    return OTHER if OTHER in products else UNKNOWN


def _offer(changes: Sequence[Change], reading: Reading) -> str:
    """none, public, private or existing (changed, not created)."""
    offers = [change for change in changes if change.kind in _OFFERS]
    types = {change.type for change in offers}
    if not offers:
        return "none"
    private = bool(types & reading.tables.private_changes) or any(_names_buyers(change) for change in offers)
    if private:
        return "private"
    return "public" if "CreateOffer" in types else "existing"


def _names_buyers(change: Change) -> bool:
    value = change.details.value if change.details and change.type == "UpdateTargeting" else None
    target = value.get("PositiveTargeting") if isinstance(value, dict) else None
    return isinstance(target, dict) and bool(target.get("BuyerAccounts"))


def _visibility(change: Change) -> Any:
    if change.type != "UpdateVisibility" or change.details is None or not isinstance(change.details.value, dict):
        return None
    return change.details.value.get("TargetVisibility")


def _change_fact(reading: Reading, change: Change) -> None:
    tables = reading.tables
    kind = change.kind.removeprefix("like_")
    entities = tables.entities_of(change.type)
    known = change.type and change.type != UNKNOWN
    near = None
    if known and kind in tables.changes and not entities and change.type not in tables.dimension_changes:
        near = nearest(change.type, list(tables.changes[kind])) if reading.guess() else None
    type_node, entity = change.node.child("ChangeType"), change.node.path("Entity", "Type")
    fields = {
        "product": change.product,
        "type": change.type,
        "entity": change.entity,
        "entity_kind": change.kind,
        "entity_meant": tables.names.get(kind) if change.kind.startswith("like_") else None,
        "type_known": _type_known(change, tables),
        "type_meant": near,
        "form": change.form,
        "problem": change.problem,
        "has_shape": bool(tables.changes.get(kind, {}).get(change.type)),
        "identifier": change.identifier is not None,
    }
    spans = {"type": type_node.span} if type_node else {}
    if entity is not None:
        spans["entity"] = entity.span
    if change.at is not None:
        spans["problem"] = change.at
    common = {
        "change_set": reading.change_set,
        "change_type": change.type,
        "pointer": pointer_text(change.node.pointer),
    }
    reading.facts.append(Fact("listing.change", change.node.location, {**common, **fields}, spans))


def _type_known(change: Change, tables: Tables) -> str:
    """Whether a change's entity has its type of change: own, other_entity, dimensions, no or unknown."""
    if change.type in ("", UNKNOWN):
        return UNKNOWN
    if change.type in tables.dimension_changes:
        return "dimensions"
    kind, entities = change.kind.removeprefix("like_"), tables.entities_of(change.type)
    if kind in entities:
        return "own"
    return "other_entity" if entities and kind in tables.changes else "no"
