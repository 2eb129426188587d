"""Where scripts push an image, against where the requests beside them say that it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.model import UNKNOWN, Fact
from linter.references import mask
from linter.references.image import parse_image

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from linter.references.image import Image

_MOST_PUSHES = 100


def pushes(facts: Sequence[Fact]) -> Iterator[Fact]:
    """An `image.push` for each image that a command pushes and a request names, by the last part of its repository.

    One push to a place that is not known, or to the right one, may be what brings the image where the request wants it.
    """
    requested = [fact for fact in facts if _is_requested(fact)]
    commands = [fact for fact in facts if fact.kind == "shell.command" and fact["pushes"] is True]
    if not requested or not 0 < len(commands) <= _MOST_PUSHES:
        return
    pushed = [(fact, text) for fact in commands for text in fact["tags"] or [UNKNOWN]]
    for fact, text in pushed:
        image = _known(text)
        same = [
            each for each in requested if image is not None and _name(each["repository"]) == _name(image.repository)
        ]
        if image is None or not same or fact["scope"] == "test":
            continue
        differs = [] if any(_may_arrive(other, same) for _, other in pushed) else _differences(image, same[0])
        fields = {"text": text, "request_image": same[0]["text"], "differs": differs}
        fields["marketplace"] = same[0]["marketplace"]
        span = fact.spans.get("tags")
        yield Fact("image.push", fact.location, fields, {"text": span} if span is not None else {})


def _is_requested(fact: Fact) -> bool:
    """Whether a fact is an image of a request, in a place that is known."""
    is_named = fact.kind == "image.reference" and fact["request"] is not None and fact["registry_kind"] == "ecr"
    return is_named and not fact["placeholder"] and fact["repository"] not in (None, UNKNOWN) and not fact["problems"]


def _known(text: str) -> Image | None:
    """A reference that is known whole; None for all others."""
    if text == UNKNOWN or mask(text) != text:
        return None
    image = parse_image(text)
    return None if image.placeholder or image.problems or UNKNOWN in (image.repository, image.host) else image


def _name(repository: str | None) -> str:
    return (repository or "").rpartition("/")[2]


def _may_arrive(text: str, same: Sequence[Fact]) -> bool:
    """Whether a push may bring an image to where one of the requests looks for it."""
    image = _known(text)
    return image is None or any(not _differences(image, each) for each in same)


def _differences(image: Image, requested: Fact) -> list[str]:
    if image.registry_kind != "ecr":
        return ["registry"]
    return [part for part in ("account", "region") if getattr(image, part) != requested[part]]
