"""Images that are pinned by a digest beside their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.model import UNKNOWN, Fact

if TYPE_CHECKING:
    from collections.abc import Sequence

_HOLDERS = ("manifest.container", "manifest.training")


def settle_pins(facts: Sequence[Fact]) -> list[Fact]:
    """`image.reference` of a request with its `tag_state` as the digest beside it makes it."""
    digests = {
        (fact["request_id"], fact["image"]): fact["image_digest"]
        for fact in facts
        if fact.kind in _HOLDERS and fact["image_digest"] is not None and fact["image"] not in (None, UNKNOWN)
    }
    if not digests:
        return list(facts)
    settled = []
    for fact in facts:
        if fact.kind == "image.reference" and fact["tag_state"] in ("floating", "missing"):
            digest = digests.get((fact["request_id"], fact["text"]))
            if digest is not None:
                fact = fact.with_fields(tag_state=UNKNOWN if digest == UNKNOWN else "digest")
        settled.append(fact)
    return settled
