"""Facts about the prose of a listing: what it mentions, and what it had better not."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from linter.inspect.listing.reading import ALGORITHM, Reading, option_of
from linter.model import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linter.inspect.listing.changes import Change
    from linter.inspect.listing.tables import Tables
    from linter.inspect.manifest.request import Node

_LONGEST = 40_000
_MOST_CLAIMS, _MOST_WORDS = 10, 3_000
_MEDIA_TYPE = re.compile(r"\b(?:application|text|image|audio|video|multipart|model)/[a-z0-9][\w.+-]{0,80}(?<![.,])")
_WORD = re.compile(r"[A-Za-z_][\w-]{0,80}")


def text_fact(reading: Reading, change: Change, node: Node, role: str) -> None:
    """The `listing.text` of a title, a description, usage information or release notes."""
    text = node.known
    if not isinstance(text, str) or text == UNKNOWN or not text.strip():
        return
    option, kind = option_of(reading, change, node)
    topics = reading.tables.topics if role == "usage" and kind == ALGORITHM else {}
    said = what_a_text_says(text, reading.tables, topics)
    reading.emit(
        "listing.text", change, node, {"option": option, "sells": kind, "role": role, "member": node.name, **said}
    )


def what_a_text_says(text: str, tables: Tables, topics: Mapping[str, re.Pattern[str]]) -> dict[str, Any]:
    """The fields of a `listing.text` about its text. `topics` are what it should speak of."""
    read, words = text[:_LONGEST], tables.words
    return {
        "length": len(text),
        "digest": hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:16],
        "shows_call": words["call"].search(read) is not None,
        "claims": _found(words["claims"], read),
        "has_metric": words["metric"].search(read) is not None,
        "has_latency": words["latency"].search(read) is not None,
        "medical": _medical(words, read),
        "topics_missing": sorted(name.replace("_", " ") for name, topic in topics.items() if not topic.search(read)),
        **tables.promises.of(read),
        "media_types": _unique(_MEDIA_TYPE, read.lower()),
        "words": _unique(_WORD, read) if topics else [],
        "content_types_missing": UNKNOWN,
        "hyperparameters_missing": UNKNOWN,
        "repeated": UNKNOWN,
    }


def _unique(pattern: re.Pattern[str], text: str) -> list[str]:
    return sorted(set(pattern.findall(text)))[:_MOST_WORDS]


def _found(pattern: re.Pattern[str], text: str) -> list[str]:
    found = dict.fromkeys(match.group().lower() for match in pattern.finditer(text))
    return list(found)[:_MOST_CLAIMS]


def _medical(words: dict[str, re.Pattern[str]], text: str) -> str:
    if not words["medical"].search(text):
        return "no"
    return "explained" if words["medical_use"].search(text) else "unexplained"
