"""What `docker save` puts around layers: `manifest.json`, in its old and its new layout."""

from __future__ import annotations

import json
import posixpath
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from linter.image import manifest
from linter.image.files import clean
from linter.image.model import Described, Descriptor, ImageError, Problem
from linter.image.selection import choose_one
from linter.lazy import compiled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from linter.image.tar import Member

_HEX = compiled(r"(?:^|[/:])([0-9a-f]{64})(?=$|\.json$)")
_LINKS = 40


class Contents(Protocol):
    """What an archive around an image holds."""

    @property
    def members(self) -> Mapping[str, Member]:
        """By name."""

    def small(self, name: str) -> bytes:
        """A small file of it. Raises ImageError when there is none."""


class Saved(NamedTuple):
    """An image of such an archive, and the members that its layers are."""

    described: Described
    places: tuple[str, ...]


def place(members: Mapping[str, Member], name: str) -> str:
    """The member that a name leads to, through links inside of the archive: equal layers are stored once."""
    name = clean(name)
    for _ in range(_LINKS):
        member = members.get(name)
        if member is None or member.kind not in ("link", "hardlink"):
            break
        folder = posixpath.dirname(name) if member.kind == "link" else ""
        name = clean(posixpath.join(folder, member.target))
    return name


def describe_saved(contents: Contents, reference: str, selector: str | None, source: str) -> Saved:
    """The image that a selector picks. Raises ImageError when there is none, or several and no selector."""
    what = f"`{reference}`"
    image = _image(contents.small("manifest.json"), selector, what)
    config_name = place(contents.members, image["Config"])
    content = contents.small(config_name)
    config = manifest.configuration(content, what)
    digest = manifest.digest_of(content)
    problems: list[Problem] = []
    if (promised := _HEX.search(config_name)) and promised[1] != digest.removeprefix("sha256:"):
        problems += manifest.compare(content, "sha256:" + promised[1], "configuration")
    places = tuple(place(contents.members, name) for name in image["Layers"])
    return Saved(
        Described(
            reference=reference,
            source=source,
            media_type=None,
            digest=None,
            config=config,
            config_digest=digest,
            layers=_layers(contents.members, image, places, manifest.diff_ids(config), problems),
            platform=manifest.platform_of(config),
            tags=tuple(image["RepoTags"]),
            problems=tuple(problems),
        ),
        places,
    )


def _image(content: bytes, selector: str | None, what: str) -> Mapping[str, Any]:
    if len(content) > manifest.JSON_LIMIT:
        raise ImageError(f"`manifest.json` of {what} is larger than any that an archive of images needs.")
    try:
        values = json.loads(content)
    except (ValueError, RecursionError):
        raise ImageError(f"`manifest.json` of {what} is not valid JSON; save the image again.") from None
    images = [image for image in map(_checked, values if isinstance(values, list) else []) if image]
    if not images:
        raise ImageError(f"`manifest.json` of {what} lists no image; save the image again.")
    image = images[choose_one([i["RepoTags"] for i in images], [_digest(i) for i in images], selector, what)]
    if len(image["Layers"]) > manifest.MOST_LAYERS:
        raise ImageError(f"{what} has {len(image['Layers'])} layers; more than {manifest.MOST_LAYERS} are not read.")
    return image


def _checked(value: object) -> dict[str, Any] | None:
    """An entry of the manifest with its fields as they should be; None when it is none."""
    if not isinstance(value, dict) or not isinstance(value.get("Config"), str):
        return None
    sources = value.get("LayerSources")
    return {
        "Config": value["Config"],
        "Layers": _texts(value.get("Layers")),
        "RepoTags": _texts(value.get("RepoTags")),
        "LayerSources": sources if isinstance(sources, dict) else {},
    }


def _texts(value: object) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


def _digest(image: Mapping[str, Any]) -> str:
    found = _HEX.search(image["Config"])
    return f"sha256:{found[1]}" if found else image["Config"]


def _layers(
    members: Mapping[str, Member],
    image: Mapping[str, Any],
    places: Sequence[str],
    diff_ids: Sequence[str],
    problems: list[Problem],
) -> tuple[Descriptor, ...]:
    if len(diff_ids) != len(places):
        told = f"The configuration names {len(diff_ids)} layers, and the archive holds {len(places)}."
        problems.append(Problem("layer-count", told))
    layers = []
    for number, name in enumerate(places):
        member = members.get(name)
        size = member.size if member and member.kind == "file" else None
        diff_id = diff_ids[number] if number < len(diff_ids) and manifest.is_digest(diff_ids[number]) else ""
        layer = Descriptor(manifest.DOCKER_LAYER, diff_id, size)
        told_source = manifest.descriptor(image["LayerSources"].get(diff_id))
        # Only what the archive stores counts: it may tell of a compressed layer and store it uncompressed.
        if told_source and name.endswith(told_source.digest.rpartition(":")[2]):
            layer = told_source._replace(size=size)
        layers.append(layer)
    return tuple(layers)
