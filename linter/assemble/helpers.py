"""Images beside the product's own: nothing in them is made for SageMaker, while another Dockerfile plainly is, or code
that publishing scripts upload for AWS's images.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from linter.model import UNKNOWN
from linter.tree import clean

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from linter.model import Fact, Location

CONTAINER = "container"
_RUNNING = (CONTAINER, UNKNOWN)
_CALL = "python.call"


def helper_dockerfiles(facts: Sequence[Fact], signs: Mapping[str, Any]) -> set[str]:
    """Dockerfiles of a product whose images are not the product's, as far as anything shows.

    `signs` is the table `product.signs`: its `roles` begin the names of programs and folders by which an image may be
    the product's all the same, as may one that is open at one of its `ports`.
    """
    images: dict[str, list[Fact]] = {}
    for fact in facts:
        if fact.kind == "image.start":
            images.setdefault(fact["dockerfile"], []).append(fact)
    if not any(image["purpose"] == "sagemaker" for own in images.values() for image in own):
        if not any(fact.kind == "sagemaker.program" and fact["purpose"] == "product" for fact in facts):
            return set()
        # What publishing code starts may be the image, unless that is open elsewhere: then it is a web service.
        images = {path: own for path, own in images.items() if all(image["exposed"] for image in own)}
    found = {path for path, own in images.items() if all(_shows_nothing(image, signs) for image in own)}
    return found - _taken_too(facts, found)


def _taken_too(facts: Sequence[Fact], helpers: Collection[str]) -> set[str]:
    """Helpers that copy what the product's own image copies as well, from a place where it is not seen."""
    copies = [fact for fact in facts if fact.kind == "dockerfile.copy" and fact["from_kind"] == "context"]
    own = (fact for fact in copies if fact.location.path not in helpers and fact["source_state"] == "missing")
    missing = {clean(fact["source"].lstrip("/")) for fact in own}
    return {fact.location.path for fact in copies if clean(fact["source"].lstrip("/")) in missing}


def _shows_nothing(image: Fact, signs: Mapping[str, Any]) -> bool:
    if image["purpose"] != UNKNOWN or image["entrypoint_form"] == UNKNOWN:
        return False
    if not {UNKNOWN, *signs["ports"]}.isdisjoint(image["exposed"]):
        return False
    own_start = isinstance(image["cmd"], list)  # else a package may bring the program that SageMaker starts
    if image["program"] is None and not own_start and UNKNOWN in (image["serve_on_path"], image["train_on_path"]):
        return False
    place = "/".join(image["dockerfile"].rsplit("/", 2)[-2:])
    told = [image["entrypoint"], image["cmd"]]
    started = [word for each in told if isinstance(each, list) for word in each]
    text = " ".join([place, image["stage_name"] or "", image["program"] or "", *started])
    return not any(word.startswith(tuple(signs["roles"])) for word in re.split(r"[^a-z0-9]+", text.lower()))


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
        key = _key(fact)
        if fact.fields.get("scope") in _RUNNING:
            same = others.get(key, ())
            other = same[passed[key]] if len(same) == counts[key] else None
            fact = _without(fact, other if fact.location.path not in helpers else None)
        passed[key] += 1
        found.append(fact)
    return found


def _without(fact: Fact, other: Fact | None) -> Fact:
    """A fact as it holds without the helpers; `other` is what was settled without them."""
    if fact["scope"] == CONTAINER:
        return other if other is not None and other["scope"] == CONTAINER else fact.with_fields(**_opened(fact))
    if fact.kind != _CALL:
        return fact
    from linter.assemble.python.reach import KINDS

    run_by_own = other is not None and other["reached"] in KINDS
    return fact if run_by_own or fact["reached"] not in KINDS else fact.with_fields(**_opened(fact))


def _key(fact: Fact) -> tuple[str, Location]:
    return fact.kind, fact.location


def _opened(fact: Fact) -> dict[str, Any]:
    """The fields of something of which it is not known whether the product's image runs it."""
    changes = {"scope": UNKNOWN}
    if fact.fields.get("started_as"):
        changes["started_as"] = UNKNOWN
    if fact.kind == _CALL:
        changes |= {"reached": UNKNOWN, "carried_by": "image"}
    return changes
