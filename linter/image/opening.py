"""From the name of an image to all that the other steps need of it."""

from __future__ import annotations

import posixpath
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from linter.image.limits import Limits
from linter.image.merge import merge
from linter.image.model import BuiltImage, ImageError, Problem, Scan
from linter.image.own import own_code
from linter.image.paths import keep
from linter.image.read import read_layers
from linter.image.reference import SCHEMES, open_image
from linter.image.scan import scan_layer, verified

if TYPE_CHECKING:
    from collections.abc import Callable

    from linter.image.model import Described, Keep, Platform, Stream
    from linter.knowledge import Knowledge

SIDE_BY_SIDE = 2
"""Layers that are read at once. A third would wait for the two cores that most machines of CI have."""


def read_image(
    reference: str,
    platform: Platform,
    knowledge: Knowledge,
    *,
    layers: bool = True,
    progress: Callable[[int], None] | None = None,
) -> BuiltImage:
    """Find an image, and read its layers unless only manifest and configuration are wanted. Raises ImageError.

    `progress` is told how many stored bytes were read each time, from several threads.
    """
    name = name_in_paths(reference)
    limits = Limits.of(knowledge)
    with open_image(reference, limits) as source:
        if not layers:
            return BuiltImage(name, source.describe(platform), None, None)
        wanted = files_wanted(knowledge)

        def scan(stream: Stream) -> Scan:
            return scan_layer(stream, wanted, limits, progress=progress)

        with ThreadPoolExecutor(SIDE_BY_SIDE) as threads:
            described, found = read_layers(source, platform, scan, side_by_side=threads)
    scans = [_checked(described, number, each) for number, each in enumerate(found)]
    return BuiltImage(name, described, scans, merge(scans, limits))


def files_wanted(knowledge: Knowledge) -> Keep:
    """How much to keep of each file of a layer: what says something about the image, and what may be the seller's."""
    says, code = keep(knowledge), own_code(knowledge)
    return lambda path, size, mode: max(says(path, size, mode), code(path, size, mode))


def _checked(described: Described, number: int, scan: Scan | ImageError) -> Scan:
    """A layer with what manifest and configuration promise of it; one that could not be had, as an empty one."""
    if isinstance(scan, ImageError):
        return Scan((), (), (), {}, "", "", 0, 0, "none", (Problem("layer-missing", str(scan)),))
    rootfs = described.config.get("rootfs")
    diff_ids = rootfs.get("diff_ids") if isinstance(rootfs, dict) else None
    diff_id = diff_ids[number] if isinstance(diff_ids, list) and number < len(diff_ids) else None
    return verified(scan, described.layers[number], diff_id if isinstance(diff_id, str) else None)


def name_in_paths(reference: str) -> str:
    """A reference as the first part of paths: without its scheme, and never above the folder of the run."""
    scheme = next((each for each in SCHEMES if reference.startswith(each)), "")
    name = posixpath.normpath(reference[len(scheme) :].replace("\\", "/"))
    return posixpath.basename(name) if name.startswith(("/", "../")) or name in ("..", ".") else name
