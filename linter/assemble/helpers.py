"""Images beside the product's own: nothing in them is made for SageMaker, while another Dockerfile plainly is, or code
that is uploaded to AWS's images or written for them, or another product of the run.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from linter.model import UNKNOWN
from linter.tree import clean

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from linter.assemble.start import Start
    from linter.knowledge import Knowledge
    from linter.model import Fact, Location

CONTAINER = "container"
_RUNNING = (CONTAINER, UNKNOWN)
_CALL = "python.call"


def helper_dockerfiles(
    facts: Sequence[Fact], settled: Sequence[Fact], starts: Sequence[Start], knowledge: Knowledge
) -> set[str]:
    """Dockerfiles of a product whose images are not the product's, as far as anything shows.

    `settled` are the same facts with what the images run. In the table `product.signs`, `roles` begin the names of
    programs and folders by which an image may be the product's all the same, as may one that is open at one of `ports`.
    """
    signs = knowledge.get("product.signs")
    images = _images(facts)
    asking = _asking(settled, starts, signs["asking"], knowledge.get("frameworks.contract")["invocations"]["path"])
    found = {path for path in asking if all(image["purpose"] == UNKNOWN for image in images.get(path, ()))}
    plain = any(image["purpose"] == "sagemaker" for own in images.values() for image in own)
    if not plain and not _is_written_beside(facts, starts):
        if not any(map(_is_uploaded, facts)):
            return set()
        # What publishing code starts may be the image, unless that is open elsewhere: then it is a web service.
        images = {path: own for path, own in images.items() if all(image["exposed"] for image in own)}
    found |= {path for path, own in images.items() if all(_shows_nothing(image, signs) for image in own)}
    return found - _taken_too(facts, found)


def _images(facts: Sequence[Fact]) -> dict[str, list[Fact]]:
    """The images of a product, by their Dockerfiles."""
    images: dict[str, list[Fact]] = {}
    for fact in facts:
        if fact.kind == "image.start":
            images.setdefault(fact["dockerfile"], []).append(fact)
    return images


def _is_written_beside(facts: Sequence[Fact], starts: Sequence[Start]) -> bool:
    """Whether code is written for AWS's images that none of the product's own images takes."""
    written = (fact.location.path for fact in facts if _is_written_for_it(fact))
    return any(not any(start.build.holds(path) for start in starts) for path in written)


def _is_uploaded(fact: Fact) -> bool:
    return fact.kind == "sagemaker.program" and fact["purpose"] == "product"


def _is_written_for_it(fact: Fact) -> bool:
    return fact.kind == "python.module" and bool(fact["container_sign"]) and not fact["seller_side"]


def _asking(settled: Sequence[Fact], starts: Sequence[Start], services: Collection[str], answered: str) -> set[str]:
    """Dockerfiles whose images ask an endpoint by one of some services, or start what SageMaker runs, and answer no
    request on the platform's route: they stand before the product.
    """
    launches = {fact.location for fact in settled if _is_uploaded(fact)}
    asking = [
        fact
        for fact in settled
        if fact.kind == _CALL
        and (fact["target"] in services or fact.location in launches)
        and fact["reached"] != "no"
        and fact.trace
    ]
    routes = [fact for fact in settled if fact.kind == "server.route" and fact["path"] == answered]
    silent = {
        image["dockerfile"]
        for image in settled
        if image.kind == "image.start" and image["entrypoint_form"] == image["cmd_form"] == "none"
    }
    own = (start for start in starts if any(_runs(start, fact, silent) for fact in asking))
    return {each.build.dockerfile for each in own if not any(each.build.holds(route.location.path) for route in routes)}


def _runs(start: Start, fact: Fact, silent: Collection[str]) -> bool:
    """Whether an image runs a call: by its own start, or by convention when its Dockerfile says nothing of that."""
    first, dockerfile = fact.trace[0].location.path, start.build.dockerfile
    return first == dockerfile or (dockerfile in silent and bool(start.build.holds(first)))


def without_siblings(groups: Sequence[list[Fact]], signs: Mapping[str, Any]) -> list[list[Fact]]:
    """The products of a run; what images run of which nothing shows anything, while another product is plainly
    SageMaker's, has scope `unknown` and is not seen to run at the buyer's.
    """
    shown = [_is_plainly(group) for group in groups]
    if not any(shown) or all(shown):
        return list(groups)
    aside = [not plain and _shows_none(group, signs) for group, plain in zip(groups, shown, strict=True)]
    return [[*map(_aside, group)] if apart else group for group, apart in zip(groups, aside, strict=True)]


def _is_plainly(facts: Sequence[Fact]) -> bool:
    """Whether a product has an image or code that is made for SageMaker."""
    return any(
        (fact.kind == "image.start" and fact["purpose"] == "sagemaker")
        or _is_uploaded(fact)
        or _is_written_for_it(fact)
        or fact.kind.startswith("manifest.")
        for fact in facts
    )


def _shows_none(facts: Sequence[Fact], signs: Mapping[str, Any]) -> bool:
    images = [image for own in _images(facts).values() for image in own]
    return bool(images) and all(_shows_nothing(image, signs) for image in images)


def _aside(fact: Fact) -> Fact:
    return _without(fact, None) if fact.kind == _CALL and fact["scope"] == UNKNOWN else fact


def _taken_too(facts: Sequence[Fact], helpers: Collection[str]) -> set[str]:
    """Helpers that copy what the product's own image copies as well, from a place where it is not seen."""
    copies = [fact for fact in facts if fact.kind == "dockerfile.copy" and fact["from_kind"] == "context"]
    own = (fact for fact in copies if fact.location.path not in helpers and fact["source_state"] == "missing")
    missing = {clean(fact["source"].lstrip("/")) for fact in own}
    return {fact.location.path for fact in copies if clean(fact["source"].lstrip("/")) in missing}


def _shows_nothing(image: Fact, signs: Mapping[str, Any]) -> bool:
    if image["purpose"] != UNKNOWN or image["entrypoint_form"] == UNKNOWN:
        return False
    told = [image["entrypoint"], image["cmd"]]
    started = [word for each in told if isinstance(each, list) for line in each for word in line.split()]
    if not {*signs["against_programs"]}.isdisjoint(map(posixpath.basename, started)):
        return True
    if not {UNKNOWN, *signs["ports"]}.isdisjoint(image["exposed"]):
        return False
    own_start = isinstance(image["cmd"], list)  # else a package may bring the program that SageMaker starts
    if image["program"] is None and not own_start and UNKNOWN in (image["serve_on_path"], image["train_on_path"]):
        return False
    place = "/".join(image["dockerfile"].rsplit("/", 2)[-2:])
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
    from linter.assemble.python.reach import KINDS

    run_by_own = fact.kind == _CALL and other is not None and other["reached"] in KINDS
    if fact["scope"] != CONTAINER:
        runs = fact.kind == _CALL and fact["reached"] in KINDS
        return fact.with_fields(**_opened(fact)) if runs and not run_by_own else fact
    if other is not None and (other["scope"] == CONTAINER or run_by_own):
        return other
    return fact.with_fields(**_opened(fact))


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
