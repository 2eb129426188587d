"""What an image is for: training, inference or both; and what the manifests declare about it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from linter.assemble.servers import ports_of
from linter.model import UNKNOWN, Fact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from linter.knowledge import Knowledge

_TRAINING = ("train",)
_INFERENCE = ("infer", "serv", "predict")


def settle_roles(facts: Sequence[Fact], knowledge: Knowledge) -> list[Fact]:
    """Fill in the role, the ports and the model data of the product's images."""
    images = [fact for fact in facts if fact.kind == "image.start"]
    if not images:
        return list(facts)
    wanted = _wanted(facts)
    ports = ports_of(facts)
    model_data = _model_data(facts)
    port = knowledge.figure("quotas.inference.port")
    settled = []
    tree = knowledge.get("container.reserved_tree")
    for fact in facts:
        if fact.kind == "image.start":
            if fact["purpose"] == UNKNOWN and len(images) == 1 and wanted != UNKNOWN:
                fact = fact.with_fields(purpose="sagemaker")  # the manifests beside it say what it is for
            role = _role(fact, len(images), wanted, port)
            fact = fact.with_fields(role=role, listens=ports if len(images) == 1 else UNKNOWN)
        elif fact.kind == "dockerfile.copy":
            fact = fact.with_fields(model_data_declared=model_data)
        settled.append(fact)
    return [_without_mounts(fact, settled, tree) for fact in settled]


def _without_mounts(fact: Fact, facts: Sequence[Fact], tree: str) -> Fact:
    """A COPY of images that only answer requests: nothing is mounted over a job's folders there."""
    if fact.kind != "dockerfile.copy" or fact["reserved_place"] not in (f"{tree}/input", f"{tree}/output"):
        return fact
    path = fact.location.path
    images = [each for each in facts if each.kind == "image.start" and each["dockerfile"] == path]
    roles = {image["role"] for image in images if image["stage"] in fact["images"]}
    return fact.with_fields(reserved_place=tree) if roles == {"inference"} else fact


def _wanted(facts: Sequence[Fact]) -> str:
    """What the product's manifests want images for. An image of AWS's own is none that a Dockerfile here makes."""
    texts: dict[str, set[str]] = {"training": set(), "inference": set()}
    for fact in facts:
        if fact.kind == "image.reference" and fact["role"] in texts and fact["owner"] != "aws":
            texts[fact["role"]].add(f"{fact['repository']}:{fact['tag']}")
    if texts["training"] and texts["inference"]:
        return "both" if texts["training"] == texts["inference"] else "separate"
    return "inference" if texts["inference"] else UNKNOWN


def _role(image: Fact, images: int, wanted: str, port: int) -> str:
    only_trains = image["train_on_path"] == "yes" and image["serve_on_path"] == "no"
    if images == 1 and (wanted == "both" or (wanted == "inference" and not only_trains)):
        return wanted
    place = "/".join(f"{image['dockerfile']} {image['stage_name'] or ''}".lower().rsplit("/", 2)[-2:])
    words = re.split(r"[^a-z0-9]+", place)
    training = any(word.startswith(_TRAINING) for word in words)
    inference = any(word.startswith(_INFERENCE) and word != "server" for word in words)
    if training != inference:
        return "training" if training else "inference"
    if image["role"] != UNKNOWN:
        return str(image["role"])
    if image["serve_on_path"] == "yes" and image["train_on_path"] == "yes":
        return "both"
    if only_trains:
        return "training"
    return "inference" if image["purpose"] == "sagemaker" and port in image["exposed"] else UNKNOWN


def _model_data(facts: Sequence[Fact]) -> str:
    states = {fact["has_model_data"] for fact in facts if fact.kind == "manifest.container"}
    if "yes" in states:
        return "yes"
    return "no" if states == {"no"} else UNKNOWN
