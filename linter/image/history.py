"""The history of an image: which build step made which layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def steps_of(config: Mapping[str, Any], layers: int) -> list[str | None]:
    """For each layer what made it, as the history tells; None where it does not tell, or not of as many layers."""
    history = config.get("history")
    told = [
        each.get("created_by") if isinstance(each.get("created_by"), str) else None
        for each in (history if isinstance(history, list) else ())
        if isinstance(each, dict) and not each.get("empty_layer")
    ]
    return told if len(told) == layers else [None] * layers
