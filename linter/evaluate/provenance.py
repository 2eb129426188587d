"""What a package that code puts together is made of, where that is not the seller's own: `manifest.origin` facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.inspect.manifest.request import pointer_text
from linter.model import UNKNOWN, Fact, Step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from linter.document import Pointer
    from linter.evaluate.jsontext import Made, Sent
    from linter.evaluate.text import Maker

_MEMBERS: dict[Pointer, str] = {
    ("Image",): "image",
    ("AlgorithmName",): "image",
    ("ModelDataUrl",): "model_data",
    ("ModelDataSource", "S3DataSource", "S3Uri"): "model_data",
}
_LISTS = {"Containers": "container", "SourceAlgorithms": "source_algorithm"}
_TEXTS = {
    "builtin_algorithm": "this trains with a built-in algorithm",
    "marketplace_algorithm": "this trains with an algorithm of AWS Marketplace",
    "hub": "this takes a model of a hub",
}


def made_elsewhere(sent: Sent, marketplace: str, request_id: str) -> list[Fact]:
    """A fact for each container and source algorithm that comes out of somebody else's algorithm or model."""
    found: dict[Pointer, dict[str, Made]] = {}
    for pointer, marked in sent.writer.makers.items():
        for at in range(2, len(pointer)):
            member = _MEMBERS.get(pointer[at:])
            is_named_after = member == "image" and not marked.begins  # the registry decides whose an image is
            if member is not None and pointer[at - 2] in _LISTS and not is_named_after:
                found.setdefault(pointer[:at], {})[member] = marked
    return [_fact(sent, marketplace, request_id, pointer, marks) for pointer, marks in found.items()]


def trained_elsewhere(facts: Sequence[Fact], outputs: Mapping[str, Maker]) -> list[Fact]:
    """A fact for each container of a package whose model data is, by its place, what a job of the run has trained."""
    told = {(fact["request_id"], fact["pointer"]) for fact in facts if fact.kind == "manifest.origin"}
    found = []
    for fact in facts if outputs else ():
        if fact.kind != "manifest.container" or fact["request"] != "model_package" or not fact["whole"]:
            continue
        maker = outputs.get(fact["model_data_url"] or "") or outputs.get(fact["source_uri"] or "")
        if maker is None or (fact["request_id"], fact["pointer"]) in told:
            continue
        same = {name: fact[name] for name in ("request", "request_id", "whole", "marketplace", "pointer")}
        fields = {**same, "part": "container", "model_data": maker.kind, "image": UNKNOWN, "algorithm": maker.name}
        found.append(Fact("manifest.origin", fact.location, fields, {}, (_step(maker),), fact.elsewhere))
    return found


def _step(maker: Maker) -> Step:
    name = f": `{maker.name}`" if maker.name != UNKNOWN else ""
    return Step(maker.place.location, _TEXTS[maker.kind] + name)


def _fact(sent: Sent, marketplace: str, request_id: str, pointer: Pointer, marks: dict[str, Made]) -> Fact:
    maker, place, _ = marks.get("image") or marks["model_data"]
    fields = {
        "request": sent.request,
        "request_id": request_id,
        "whole": True,
        "marketplace": marketplace,
        "pointer": pointer_text(pointer),
        "part": _LISTS[str(pointer[-2])],
        "model_data": marks["model_data"].maker.kind if "model_data" in marks else UNKNOWN,
        "image": marks["image"].maker.kind if "image" in marks else UNKNOWN,
        "algorithm": maker.name,
    }
    steps = [_step(maker)]
    location = (place or sent.place).location
    if location.path != sent.place.location.path:
        steps.append(Step(sent.place.location, f"`{sent.call}` sends what is put together here"))
    return Fact("manifest.origin", location, fields, {}, tuple(steps), {})
