"""Images beside the product's own: nothing in them is made for SageMaker, while another Dockerfile plainly is."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from linter.model import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from linter.model import Fact, Location

CONTAINER = "container"


def helper_dockerfiles(facts: Sequence[Fact], words: Sequence[str]) -> set[str]:
    """Dockerfiles of a product whose images are not the product's, as far as anything shows.

    `words` begin the names of programs and folders by which an image may be the product's all the same.
    """
    images: dict[str, list[Fact]] = {}
    for fact in facts:
        if fact.kind == "image.start":
            images.setdefault(fact["dockerfile"], []).append(fact)
    if not any(image["purpose"] == "sagemaker" for own in images.values() for image in own):
        return set()
    return {path for path, own in images.items() if all(_shows_nothing(image, words) for image in own)}


def _shows_nothing(image: Fact, words: Sequence[str]) -> bool:
    if image["purpose"] != UNKNOWN or image["entrypoint_form"] == UNKNOWN or image["exposed"]:
        return False
    if image["program"] is None and UNKNOWN in (image["serve_on_path"], image["train_on_path"]):
        return False  # a package of its own may bring the program
    place = "/".join(image["dockerfile"].rsplit("/", 2)[-2:])
    told = [image["entrypoint"], image["cmd"]]
    started = [word for each in told if isinstance(each, list) for word in each]
    text = " ".join([place, image["stage_name"] or "", image["program"] or "", *started])
    return not any(word.startswith(tuple(words)) for word in re.split(r"[^a-z0-9]+", text.lower()))


def without_helpers(settled: Sequence[Fact], own: Sequence[Fact], helpers: Collection[str]) -> list[Fact]:
    """Settled facts of a product; what the container runs by its helpers alone has scope `unknown`.

    `own` are the same facts, settled without the helpers: what they say of the product's own images counts.
    """
    others: dict[tuple[str, Location], list[Fact]] = {}
    for fact in own:
        others.setdefault(_key(fact), []).append(fact)
    counts = Counter(_key(fact) for fact in settled)
    passed: Counter[tuple[str, Location]] = Counter()
    found = []
    for fact in settled:
        if fact.fields.get("scope") == CONTAINER:
            key = _key(fact)
            same = others.get(key, ())
            other = same[passed[key]] if len(same) == counts[key] else None
            passed[key] += 1
            inside = other is not None and other["scope"] == CONTAINER and fact.location.path not in helpers
            fact = other if inside and other is not None else fact.with_fields(**_opened(fact))
        found.append(fact)
    return found


def _key(fact: Fact) -> tuple[str, Location]:
    return fact.kind, fact.location


def _opened(fact: Fact) -> dict[str, Any]:
    """The fields of something of which it is not known whether the product's image runs it."""
    changes = {"scope": UNKNOWN}
    if fact.fields.get("started_as"):
        changes["started_as"] = UNKNOWN
    return changes
