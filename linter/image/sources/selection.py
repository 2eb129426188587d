"""Which of several images in one archive or layout is meant.

A selector stands behind the path and a colon, as skopeo and trivy take it: `path:name:tag`, `path:tag`, `path:@0` for
the first image of all, `path:@sha256:…` for one by its digest.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from linter.image.model import Descriptor, ImageError
from linter.image.sources.manifest import is_image, spell

if TYPE_CHECKING:
    from collections.abc import Sequence

_NAMES = ("io.containerd.image.name", "org.opencontainers.image.ref.name")
_HUB = ("docker.io/library/", "docker.io/", "localhost/")
_SHOWN = 20


def split(text: str) -> tuple[str, str | None]:
    """A path and the selector behind it. The longest beginning that exists is the path, else all of it."""
    if os.path.lexists(text):
        return text, None
    at = len(text)
    while (at := text.rfind(":", 0, at)) > 0:
        if os.path.lexists(text[:at]):
            return text[:at], text[at + 1 :] or None
    return text, None


def name_of(entry: Descriptor) -> str | None:
    """The name that a layout's index gives an image: whole where a tool wrote it so, else a mere tag."""
    return next((entry.annotations[key] for key in _NAMES if key in entry.annotations), None)


def pick(entries: Sequence[Descriptor], selector: str | None, what: str) -> tuple[Descriptor, ...]:
    """The entries of a layout's index that are the one image that is meant: several if it has several platforms."""
    images = [entry for entry in entries if is_image(entry)]
    if not images:
        raise ImageError(f"{what} holds no image; save the image again.")
    names = [[entry.annotations[key] for key in _NAMES if key in entry.annotations] for entry in images]
    if selector is None:
        if len({tuple(named) for named in names}) == 1 and (len(images) == 1 or all(e.platform for e in images)):
            return tuple(images)
        if len({entry.digest for entry in images}) == 1:
            return (images[0],)
        raise ImageError(_several(what, [_shown(entry, named) for entry, named in zip(images, names, strict=True)]))
    digests = [entry.digest for entry in images]
    chosen = matches(names, digests, selector, what)
    return tuple(images[number] for number in chosen)


def choose_one(names: Sequence[Sequence[str]], digests: Sequence[str], selector: str | None, what: str) -> int:
    """The number of the image that is meant, of an archive that lists images by their names."""
    if selector is None:
        if len(names) == 1:
            return 0
        raise ImageError(_several(what, [", ".join(named) or digests[i][:19] for i, named in enumerate(names)]))
    return matches(names, digests, selector, what)[0]


def matches(names: Sequence[Sequence[str]], digests: Sequence[str], selector: str, what: str) -> list[int]:
    """The numbers of the images that a selector means. Raises ImageError, which lists all, when there is none."""
    if selector.startswith("@"):
        if selector[1:].isdecimal() and len(selector) < 6 and int(selector[1:]) < len(names):
            return [int(selector[1:])]
        found = [number for number, digest in enumerate(digests) if digest == selector[1:]]
    else:
        found = [number for number, named in enumerate(names) if any(_same(name, selector) for name in named)]
    if not found:
        there = [", ".join(named) or digests[i][:19] for i, named in enumerate(names)]
        raise ImageError(f"{what} has no image `{selector}`; those that it has: {_listed(there)}.")
    return found


def _same(name: str, wanted: str) -> bool:
    """Whether two names are of one image, when one leaves out the host, the tag `latest`, or all but the tag."""
    if name == wanted or name.endswith(":" + wanted):
        return True
    return _familiar(name) == _familiar(wanted)


def _familiar(name: str) -> str:
    for prefix in _HUB:
        name = name.removeprefix(prefix)
    return name if ":" in name.rsplit("/", 1)[-1] else name + ":latest"


def _shown(entry: Descriptor, names: Sequence[str]) -> str:
    platform = f" ({spell(entry.platform)})" if entry.platform else ""
    return (", ".join(dict.fromkeys(names)) or f"@{entry.digest}") + platform


def _several(what: str, names: Sequence[str]) -> str:
    return f"{what} holds several images; put a colon and the name of one behind the path: {_listed(names)}."


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return "; ".join(names[:_SHOWN]) + more
