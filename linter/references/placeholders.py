"""Texts that a person left to be filled in: `<your bucket>`, `TODO`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from linter.knowledge import Knowledge


class Placeholders:
    """The patterns and the texts of the table `placeholders`."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.patterns = tuple(re.compile(pattern) for pattern in knowledge.get("placeholders.patterns"))
        self.exact = frozenset(knowledge.get("placeholders.exact"))

    def __contains__(self, text: str) -> bool:
        """Whether a text is nothing but a gap."""
        text = text.strip()
        return text.lower() in self.exact or any(pattern.fullmatch(text) for pattern in self.patterns)


def placeholders_of(knowledge: Knowledge) -> Placeholders:
    """The placeholders of this run's knowledge, built once."""
    found: Placeholders = knowledge.index("references.placeholders", Placeholders)
    return found
