"""Digests that requests give of an image against the digest that the registry has under the image's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.model import UNKNOWN, Fact
from linter.references.image import parse_image

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_HOLDERS = ("manifest.container", "manifest.training")
_NOT_KNOWN = (None, UNKNOWN)


def with_request_digest(image: Fact, facts: Sequence[Fact]) -> Fact:
    """An `image.manifest` with the digest that the requests beside it name for the same repository and tag."""
    name = _key(image["image"].rpartition("://")[2])
    found = {digest for key, digest in _named(facts) if key == name} if name is not None else set()
    if len(found) != 1:
        return image.with_fields(request_digest=UNKNOWN if found else None)
    named, own = found.pop(), image["digest"]
    agrees = UNKNOWN
    if own == named:
        agrees = "yes"
    elif own is not None and image["index_media_type"] is None:
        agrees = "no"
    return image.with_fields(request_digest=named, request_digest_agrees=agrees)


def _named(facts: Sequence[Fact]) -> Iterator[tuple[tuple[str, str, str] | None, str]]:
    """Names of images in requests, with the digests beside or in them."""
    for fact in facts:
        if fact.kind in _HOLDERS and fact["image"] not in _NOT_KNOWN and fact["image_digest"] not in _NOT_KNOWN:
            yield _key(fact["image"]), fact["image_digest"]
        elif fact.kind == "image.reference" and fact["request"] is not None and fact["digest"] not in _NOT_KNOWN:
            yield _key(fact["text"]), fact["digest"]


def _key(text: str) -> tuple[str, str, str] | None:
    """Host, repository and tag of a name that has all three; without a tag it is not known which version is meant."""
    parsed = parse_image(text)
    parts = (parsed.host, parsed.repository, parsed.tag)
    if any(part in _NOT_KNOWN for part in parts) or "${" in text:
        return None
    return str(parsed.host), str(parsed.repository), str(parsed.tag)
