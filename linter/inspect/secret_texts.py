"""Texts that are no programs and may hold a credential all the same: settings, saved outputs, change sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.model import UNKNOWN, Fact

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from linter.inspect.text import Source
    from linter.knowledge import Knowledge

SETTINGS, OUTPUT, CHANGE_SET = "settings", "output", "change-set"
SECRETS_LIMIT = 20
TEXT_LIMIT = 1 << 20
"""Characters of one text that are searched. What is larger is pictures and tables."""


def secret_facts(
    source: Source, parts: Iterable[tuple[int, int]], place: str, knowledge: Knowledge, scope: str = UNKNOWN
) -> Iterator[Fact]:
    """A `secret.file` for the first credential of each kind in parts of a text, by their offsets."""
    hints: list[str] = knowledge.get("program_behaviour.credentials")["hints"]
    if not any(hint in source.text for hint in hints):
        return
    from linter.references.secrets import secrets_in_text

    formats = frozenset(knowledge.get("program_behaviour.credentials")["formats"])
    public = tuple(knowledge.get("program_behaviour.credentials")["public_after"])
    seen: set[str] = set()
    for first, end in parts:
        text = source.text[first : min(end, first + TEXT_LIMIT)]
        if not any(hint in text for hint in hints):
            continue
        for kind, start, stop in secrets_in_text(text, knowledge, formats)[:SECRETS_LIMIT]:
            if kind not in seen and not text[:start].endswith(public):
                seen.add(kind)
                fields = {"secret": kind, "place": place, "scope": scope}
                yield Fact("secret.file", source.location(first + start, first + stop), fields)
