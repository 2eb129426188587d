"""Which instance types a built image shall run on, by the requests beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.model import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from linter.knowledge import Knowledge
    from linter.model import Fact

_LISTS = {
    "training": frozenset({"training", "validation_training"}),
    "inference": frozenset({"transform", "realtime", "validation_transform"}),
}


def with_instance_types(image: Fact, facts: Sequence[Fact], knowledge: Knowledge) -> Fact:
    """The configuration of an image with the types that requests name for it. `facts` are those of the image and of the
    requests. Where requests name several images and none by this one's name, the types stay unknown.
    """
    lists = _lists_for(image, facts)
    named = [
        fact
        for fact in facts
        if fact.kind == "manifest.instance_type"
        and fact["known"] == "own"
        and fact["marketplace"] != "no"
        and fact["list"] in lists
    ]
    if not named:
        return image
    families = knowledge.get("instance_types.in_families")
    types = sorted({fact["value"] for fact in named if isinstance(fact["value"], str)})
    arm = image["architecture"] == "arm64"
    return image.with_fields(
        instance_types=types,
        gpu_types=[each for each in types if each in families["gpu"]],
        neuron_types=[each for each in types if each in families["neuron"]],
        other_architecture_types=[each for each in types if (each in families["arm64"]) != arm],
        manifest=named[0].location.path,
    )


def _lists_for(image: Fact, facts: Sequence[Fact]) -> frozenset[str]:
    """The lists of instance types that are about the image."""
    everything = _LISTS["training"] | _LISTS["inference"]
    named: dict[str, set[str]] = {"training": set(), "inference": set()}
    for fact in facts:
        if fact.kind == "image.reference" and fact["request"] and fact["role"] in named:
            named[fact["role"]].add(_last(fact["repository"]))
    if len(named["training"] | named["inference"]) < 2 and UNKNOWN not in named["training"] & named["inference"]:
        return everything
    own = _own_names(image, facts)
    roles = [role for role, names in named.items() if own & names]
    return frozenset().union(*(_LISTS[role] for role in roles)) if roles else frozenset()


def _own_names(image: Fact, facts: Iterable[Fact]) -> set[str]:
    """Last parts of the repositories that the image is told to be from."""
    texts = [image["image"]]
    for fact in facts:
        if fact.kind == "image.manifest" and fact["image"] == image["image"]:
            texts += fact["tags"]
    return {_last(text.partition("@")[0].rpartition("/")[2].partition(":")[0]) for text in texts} - {UNKNOWN}


def _last(repository: str | None) -> str:
    if not repository or "$" in repository:
        return UNKNOWN
    return repository.rpartition("/")[2]
