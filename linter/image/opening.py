"""From the name of an image to all that the other steps need of it."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from linter.image.limits import Limits
from linter.image.merge import merge
from linter.image.model import BuiltImage
from linter.image.own import own_code
from linter.image.paths import keep
from linter.image.read import read_image as read_from
from linter.image.reference import SCHEMES, open_image

if TYPE_CHECKING:
    from collections.abc import Callable

    from linter.image.model import Keep, Platform
    from linter.knowledge import Knowledge


def read_image(
    reference: str,
    platform: Platform,
    knowledge: Knowledge,
    *,
    layers: bool = True,
    cached: bool = True,
    progress: Callable[[int], None] | None = None,
) -> BuiltImage:
    """Find an image, and read its layers unless only manifest and configuration are wanted. Raises ImageError.

    `cached`: layers that an earlier run has read are not read again. `progress` is told how many stored bytes were
    read each time.
    """
    name = name_in_paths(reference)
    limits = Limits.of(knowledge)
    with open_image(reference, limits) as source:
        if not layers:
            return BuiltImage(name, source.describe(platform), None, None)
        key = knowledge.digest if cached else None
        described, scans = read_from(source, platform, files_wanted(knowledge), limits, keep_key=key, progress=progress)
    return BuiltImage(name, described, scans, merge(scans, limits))


def files_wanted(knowledge: Knowledge) -> Keep:
    """How much to keep of each file of a layer: what says something about the image, and what may be the seller's."""
    says, code = keep(knowledge), own_code(knowledge)
    return lambda path, size, mode: max(says(path, size, mode), code(path, size, mode))


def name_in_paths(reference: str) -> str:
    """A reference as the first part of paths: without its scheme, and never above the folder of the run."""
    scheme = next((each for each in SCHEMES if reference.startswith(each)), "")
    name = posixpath.normpath(reference[len(scheme) :].replace("\\", "/"))
    return posixpath.basename(name) if name.startswith(("/", "../")) or name in ("..", ".") else name
