"""Built images among the products of a run. Each is a product of its own, judged with the requests beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from linter.assemble.pushed import with_request_digest
from linter.assemble.runs_on import with_instance_types
from linter.model import CONFIGURATION, Location

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from linter.knowledge import Knowledge
    from linter.model import Fact, Step

_REQUESTS = ("manifest.", "image.reference")
# What the configuration of an image cannot say, and what only joins it with the files of the image.
_OF_DOCKERFILES = frozenset(
    {"dockerfile.from", "dockerfile.copy", "dockerfile.image", "dockerfile.run", "dockerfile.command"}
)


def with_images(roots: Sequence[str], images: Collection[str]) -> list[str]:
    """The folders of products, with those of built images before all that they may seem to lie in."""
    return [*sorted(images, reverse=True), *roots]


def requests_beside(groups: Mapping[str | None, Sequence[Fact]], home: str) -> list[Fact]:
    """The requests that an image is read with: those of the run, when they can be of one product only."""
    found = {
        other: [fact for fact in facts if fact.kind.startswith(_REQUESTS)]
        for other, facts in groups.items()
        if other != home
    }
    told = [facts for facts in found.values() if facts]
    return told[0] if len(told) == 1 else []


def settle_built(facts: Sequence[Fact], root: str | None, knowledge: Knowledge) -> list[Fact]:
    """The facts of an image alone. Its configuration has no lines that a reader could look up: one place for all."""
    found = []
    for fact in facts:
        if fact.kind == "image.configuration":
            fact = with_instance_types(fact, facts, knowledge)
        elif fact.kind == "image.manifest":
            fact = with_request_digest(fact, facts)
        path = fact.location.path
        if not path.startswith(f"{root}/") or fact.kind in _OF_DOCKERFILES:
            continue
        if path.endswith(f"/{CONFIGURATION}"):
            fact = replace(fact, location=Location(path), spans={})
        found.append(fact.with_trace(_placed(step) for step in fact.trace) if fact.trace else fact)
    return found


def _placed(step: Step) -> Step:
    return step._replace(location=Location(step.location.path)) if step.location.path.endswith(CONFIGURATION) else step
