"""The build steps that an image's configuration tells of, as they can be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from linter.image.history import history_of
from linter.lazy import compiled
from linter.references.secrets import secret_in_value, secrets_in_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linter.image.model import Described
    from linter.knowledge import Knowledge

MOST_STEPS = 1_000
LONGEST_READ = 65_536
MOST_READ = 2_000_000
"""Characters of all steps together that are searched for secrets; later steps are not shown."""
LONGEST_SHOWN = 160

_PREFIX = compiled(
    r"^(?:/bin/(?:ba)?sh -c )?#\(nop\)\s*|^(?:RUN\s+)?(?:\|\d+ .{0,4000}?)?/bin/(?:ba)?sh -(?:[a-z]*c|o pipefail -c)\s+"
)
_BUILDKIT = compiled(r"\s*# buildkit\s*$")
_COPIED_DIGEST = compiled(r"\b((?:file|dir|multi):[0-9a-f]{12})[0-9a-f]{52}\b")
_ASSIGNED = compiled(r"(?<![\w-])([A-Za-z_][A-Za-z0-9_]{0,80})=(\"[^\"]{1,400}\"|'[^']{1,400}'|[^\s;|&]{1,400})")


class BuildStep(NamedTuple):
    """One entry of the history. `text` is short and holds no secret; `secrets` names the kinds that were in it."""

    number: int
    text: str
    layer: int | None
    """The layer that it made, from 0; None when it made none or the history does not fit the layers."""
    secrets: tuple[str, ...]
    key: str | None
    """The name under which the first secret stands, when it has one."""


def steps_of(described: Described, knowledge: Knowledge) -> list[BuildStep]:
    """All steps, the oldest first."""
    steps: list[BuildStep] = []
    left = MOST_READ
    history = history_of(described.config, len(described.layers))
    for number, made in enumerate(history[:MOST_STEPS], 1):
        step = made.created_by[: min(LONGEST_READ, left)]
        left -= len(step)
        text, kinds, key = _read(step, knowledge)
        steps.append(BuildStep(number, text, made.layer, kinds, key))
    return steps


def texts_by_layer(steps: list[BuildStep]) -> Mapping[int, str]:
    """What made each layer, where the history tells."""
    return {step.layer: step.text for step in steps if step.layer is not None and step.text}


def _read(raw: str, knowledge: Knowledge) -> tuple[str, tuple[str, ...], str | None]:
    hits = [(start, end, kind, None) for kind, start, end in secrets_in_text(raw, knowledge)]
    taken = [(start, end) for start, end, _, _ in hits]
    found: list[tuple[int, int, str, str | None]] = list(hits)
    for match in _ASSIGNED.finditer(raw):
        start, end = match.span(2)
        if any(start < other_end and other < end for other, other_end in taken):
            continue
        kind = secret_in_value(match[1], match[2], knowledge)
        if kind:
            found.append((start, end, kind, match[1]))
    text = raw
    for start, end, _, _ in sorted(found, reverse=True):
        text = f"{text[:start]}***{text[end:]}"
    kinds = tuple(dict.fromkeys(kind for _, _, kind, _ in sorted(found, key=lambda hit: hit[:2])))
    key = next((name for _, _, _, name in found if name), None)
    return shortened(text), kinds, key


def shortened(text: str) -> str:
    """A step as its Dockerfile has it, on one line and cut."""
    text = _BUILDKIT.sub("", text)
    without = _PREFIX.sub("", text, count=1)
    if without != text and "#(nop)" not in text[:40]:
        without = f"RUN {without}"
    line = _COPIED_DIGEST.sub(r"\1…", " ".join(without.split()))
    return line if len(line) <= LONGEST_SHOWN else line[: LONGEST_SHOWN - 1] + "…"


def texts(value: Any, most: int = 1_000) -> list[str]:
    """The texts of a list of texts, whatever else is in it or it may be."""
    return [each for each in value[:most] if isinstance(each, str)] if isinstance(value, list) else []
