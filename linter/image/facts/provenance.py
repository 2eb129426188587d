"""Whether an image is made from that of a SageMaker built-in algorithm, by what it says of its base and by files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from linter.references.image import parse_image
from linter.references.owners import aws_group, open_framework

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.image.facts.view import View
    from linter.knowledge import Knowledge

_BUILTIN = "builtin_algorithm"
_MOST_STEPS = 1_000
_LONGEST = 1_000


def builtin_evidence(view: View, labels: Any) -> str | None:
    """What tells so, in words; None when nothing does."""
    table = view.knowledge.get("images.builtin_evidence")
    for name, where in _base_names(view, labels, table):
        if _is_builtin(name, view.knowledge):
            return where
    if view.merged is None:
        return None
    pattern = re.compile("|".join(f"(?:{each})" for each in table["files"]))
    found = next((path for path in view.merged.entries if pattern.search(path)), None)
    return f"the file /{found}" if found else None


def _base_names(view: View, labels: Any, table: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Names of bases, and where they stand: labels, and the history as some builders write it."""
    for key in table["labels"]:
        value = labels.get(key) if isinstance(labels, dict) else None
        if isinstance(value, str):
            yield value[:_LONGEST], f"the label {key}"
    history = view.described.config.get("history")
    for number, entry in enumerate(history[:_MOST_STEPS] if isinstance(history, list) else (), 1):
        for key in table["history"]:
            value = entry.get(key) if isinstance(entry, dict) else None
            if isinstance(value, str):
                for name in re.findall(table["named"], value[:_LONGEST]):
                    yield name, f"step {number} of its history"


def _is_builtin(name: str, knowledge: Knowledge) -> bool:
    image = parse_image(name)
    return aws_group(image, knowledge) == _BUILTIN and not open_framework(image, knowledge)
