"""The history of an image: which build step made which layer. It is not trusted: any part of it may be anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Made(NamedTuple):
    """One entry of the history."""

    created_by: str
    """As the builder wrote it; empty where it does not tell."""
    layer: int | None
    """The layer that it made, from 0; None when it made none or the history is not one of as many layers."""


def history_of(config: Mapping[str, Any], layers: int) -> list[Made]:
    """All entries, the oldest first."""
    told = config.get("history")
    entries = [entry for entry in told if isinstance(entry, dict)] if isinstance(told, list) else []
    fits = sum(not entry.get("empty_layer") for entry in entries) == layers
    made, layer = [], 0
    for entry in entries:
        step, empty = entry.get("created_by"), bool(entry.get("empty_layer"))
        made.append(Made(step if isinstance(step, str) else "", layer if fits and not empty else None))
        layer += not empty
    return made
