"""What texts of a listing offer, held against what the product's images and programs do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.model import UNKNOWN, Fact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from linter.knowledge import Knowledge

YES, NO = "yes", "no"
STREAMS, PROTECTION = "bidirectional", "protection"


def settle_offers(facts: Sequence[Fact], knowledge: Knowledge) -> list[Fact]:
    """All facts of a product; of its texts, those that offer streams or protected models with whether that is so."""
    streams, protects = _streams(facts, knowledge), _protects(facts)
    settled = []
    for fact in facts:
        if fact.kind == "listing.text":
            changes = {"streams": streams} if STREAMS in fact["offers"] else {}
            changes |= {"protects": protects} if PROTECTION in fact["offers"] else {}
            fact = fact.with_fields(**changes) if changes else fact
        settled.append(fact)
    return settled


def _streams(facts: Sequence[Fact], knowledge: Knowledge) -> str:
    path: str = knowledge.get("quotas.inference.bidirectional_path.value")
    label: str = knowledge.get("quotas.inference.bidirectional_label.value")
    if any(fact.kind == "server.route" and fact["path"] in (path, UNKNOWN) for fact in facts):
        return YES
    images = [fact for fact in facts if fact.kind == "dockerfile.image" and fact["last"]]
    if any(label in fact["labels"] for fact in images):
        return YES
    return NO if images and all(fact["base"] != UNKNOWN for fact in images) else UNKNOWN


def _protects(facts: Sequence[Fact]) -> str:
    """Whether training encrypts what it writes: `no` where all of it is in sight, and no library for that is used."""
    training = [fact for fact in facts if fact.kind == "program.contract" and fact["role"] == "training"]
    if any(fact["encrypts"] == YES for fact in training):
        return YES
    plain = [fact for fact in training if fact["in_sight"] == YES and fact["saves_models"]]
    return NO if training and len(plain) == len(training) else UNKNOWN
