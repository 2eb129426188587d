"""Manifests, indexes and configurations of images, as JSON that nobody has checked yet."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.image.model import Described, Descriptor, ImageError, Platform, Problem
from linter.lazy import compiled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar"
MANIFESTS = (OCI_MANIFEST, DOCKER_MANIFEST)
INDEXES = (OCI_INDEX, DOCKER_LIST)

JSON_LIMIT = 8 << 20
"""Bytes of a manifest, an index or a configuration. Registries refuse manifests above 4 MiB."""
MOST_LAYERS = 1_000
MOST_LISTED = 1_000
_DEEPEST = 4

_DIGEST = compiled(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")


class Resolved(NamedTuple):
    """The manifest that a reference and a platform lead to, and the way there."""

    manifest: Mapping[str, Any]
    descriptor: Descriptor
    listed: tuple[Descriptor, ...] | None
    index_media_type: str | None
    problems: tuple[Problem, ...]


def is_digest(text: object) -> bool:
    """Whether this is a whole digest of an algorithm that can be checked."""
    return isinstance(text, str) and _DIGEST.fullmatch(text) is not None


def digest_of(content: bytes, like: str = "sha256") -> str:
    """The digest of a content, by the algorithm of another digest."""
    algorithm = "sha512" if like.startswith("sha512") else "sha256"
    return f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()}"


def parse(content: bytes, what: str) -> Mapping[str, Any]:
    """A JSON object. Raises ImageError, which names `what` it was meant to be."""
    what = what[:1].upper() + what[1:]
    if len(content) > JSON_LIMIT:
        raise ImageError(f"{what} is larger than {JSON_LIMIT >> 20} MiB, which no image needs.")
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        raise ImageError(f"{what} is not valid JSON; build or save the image again.") from None
    if not isinstance(value, dict):
        raise ImageError(f"{what} is not a JSON object; build or save the image again.")
    return value


def descriptor(value: object) -> Descriptor | None:
    """What an entry of a manifest or index says; None when it names no blob."""
    if not isinstance(value, dict) or not is_digest(value.get("digest")):
        return None
    size = value.get("size")
    return Descriptor(
        media_type=_text(value.get("mediaType")) or "",
        digest=value["digest"],
        size=size if isinstance(size, int) and not isinstance(size, bool) and size >= 0 else None,
        platform=platform_of(value.get("platform")),
        urls=tuple(url for url in _list(value.get("urls")) if isinstance(url, str)),
        annotations={k: v for k, v in _dict(value.get("annotations")).items() if isinstance(v, str)},
        artifact_type=_text(value.get("artifactType")),
    )


def platform_of(value: object) -> Platform | None:
    """The platform that an index entry or a configuration names."""
    if not isinstance(value, dict):
        return None
    system, architecture = _text(value.get("os")), _text(value.get("architecture"))
    if not system and not architecture:
        return None
    return Platform(system or "unknown", architecture or "unknown", _text(value.get("variant")))


def spell(platform: Platform) -> str:
    """`linux/arm64/v8`, as `docker` takes it."""
    return "/".join(part for part in platform if part)


def is_image(entry: Descriptor) -> bool:
    """Whether an entry of an index is an image or an index of images, and not what is told about one."""
    if entry.artifact_type or "vnd.docker.reference.type" in entry.annotations:
        return False
    if entry.platform and entry.platform[:2] == ("unknown", "unknown"):
        return False
    return not entry.media_type or entry.media_type in MANIFESTS or entry.media_type in INDEXES


def choose(entries: Iterable[Descriptor], wanted: Platform, what: str) -> Descriptor:
    """The entry of an index for a platform. Raises ImageError, which lists the platforms that there are."""
    images = [entry for entry in entries if is_image(entry)]
    if not images:
        raise ImageError(f"{what} lists no image; build or save the image again.")
    fitting = [entry for entry in images if entry.platform and _fits(entry.platform, wanted)]
    if fitting:
        return min(fitting, key=lambda entry: bool(entry.platform and entry.platform.variant))
    untold = [entry for entry in images if entry.platform is None]
    if len(untold) == 1 and (len(images) == 1 or untold[0].media_type in INDEXES):
        return untold[0]
    there = ", ".join(dict.fromkeys(spell(entry.platform) for entry in images if entry.platform)) or "not named"
    raise ImageError(f"{what} has no image for {spell(wanted)}; its platforms are: {there}. Choose one of them.")


def _fits(platform: Platform, wanted: Platform) -> bool:
    return platform[:2] == wanted[:2] and wanted.variant in (None, platform.variant)


def resolve(top: Descriptor, fetch: Callable[[Descriptor], tuple[bytes, str]], wanted: Platform, what: str) -> Resolved:
    """Goes from an index, or a manifest, to the manifest for a platform.

    `fetch` gives the content of a descriptor and its media type as the source tells it, empty when it does not.
    """
    listed: tuple[Descriptor, ...] | None = None
    index_media_type = None
    problems: list[Problem] = []
    for _ in range(_DEEPEST):
        content, told = fetch(top)
        problems += compare(content, top.digest, "manifest")
        top = top._replace(digest=top.digest or digest_of(content))
        value = parse(content, f"the manifest of {what}")
        kind = _kind(value, told or top.media_type, what)
        top = top._replace(media_type=kind, size=len(content))
        if kind not in INDEXES:
            return Resolved(value, top, listed, index_media_type, tuple(problems))
        entries = entries_of(value)
        if listed is None:
            listed, index_media_type = entries, kind
        top = choose(entries, wanted, what)
    raise ImageError(f"{what} is an index of indexes, more than {_DEEPEST} deep; build it again as one index.")


def entries_of(index: Mapping[str, Any]) -> tuple[Descriptor, ...]:
    """The blobs that an index lists."""
    values = _list(index.get("manifests"))[:MOST_LISTED]
    return tuple(entry for entry in map(descriptor, values) if entry)


def compare(content: bytes, digest: str, name: str) -> list[Problem]:
    """A problem when a content is not what its digest promises."""
    found = digest_of(content, digest)
    if not digest or found == digest:
        return []
    return [Problem("digest-mismatch", f"The {name} is named {digest}, and its content has the digest {found}.")]


def _kind(value: Mapping[str, Any], told: str, what: str) -> str:
    """The media type of a manifest or index: what it says of itself, else what is said about it, else by its fields."""
    if value.get("schemaVersion") == 1:
        raise ImageError(f"{what} has a manifest of schema 1, which is no longer read; push it with a newer tool.")
    said = _text(value.get("mediaType")) or told
    if "manifests" in value:
        return said if said in INDEXES else OCI_INDEX
    if "layers" in value and "config" in value:
        return said or OCI_MANIFEST
    raise ImageError(f"{what} is neither an image nor an index of images: its type is {said or 'not told'}.")


def describe(
    reference: str, source: str, resolved: Resolved, fetch: Callable[[Descriptor], tuple[bytes, str]], what: str
) -> Described:
    """The image of a manifest, with its configuration."""
    named = descriptor(resolved.manifest.get("config"))
    if named is None:
        raise ImageError(f"The manifest of {what} names no configuration; build the image again.")
    content, _ = fetch(named)
    config = configuration(content, what, named.media_type)
    problems = [*resolved.problems, *compare(content, named.digest, "configuration")]
    return Described(
        reference=reference,
        source=source,
        media_type=resolved.descriptor.media_type,
        digest=resolved.descriptor.digest,
        config=config,
        config_digest=named.digest,
        layers=_layers(resolved.manifest, what, problems),
        listed=resolved.listed,
        index_media_type=resolved.index_media_type,
        platform=resolved.descriptor.platform or platform_of(config),
        problems=tuple(problems),
    )


def configuration(content: bytes, what: str, media_type: str = "") -> Mapping[str, Any]:
    """The configuration of an image. Raises ImageError when it is something else that lies in a registry."""
    config = parse(content, f"the configuration of {what}")
    if not config.keys() & {"rootfs", "architecture", "os", "config"}:
        named = f" but {media_type}" if media_type else ""
        raise ImageError(f"{what} is not a container image{named}.")
    return config


def diff_ids(config: Mapping[str, Any]) -> Sequence[str]:
    """The digests of the layers' contents that a configuration promises."""
    return [text for text in _list(_dict(config.get("rootfs")).get("diff_ids")) if isinstance(text, str)]


def _layers(manifest: Mapping[str, Any], what: str, problems: list[Problem]) -> tuple[Descriptor, ...]:
    values = _list(manifest.get("layers"))
    if len(values) > MOST_LAYERS:
        raise ImageError(f"{what} has {len(values)} layers; more than {MOST_LAYERS} are not read.")
    layers = []
    for number, value in enumerate(values):
        layer = descriptor(value)
        if layer is None:
            raise ImageError(f"Layer {number + 1} of {what} has no digest that can be read; build the image again.")
        if layer.size is None:
            problems.append(Problem("bad-size", "The manifest does not tell the layer's size as a number.", number))
        layers.append(layer)
    return tuple(layers)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
