"""From the name of an image to all that the other steps need of it."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from linter.image.facts.paths import keep
from linter.image.layers.limits import Limits
from linter.image.layers.merge import merge
from linter.image.layers.read import read_layers, scan_image
from linter.image.layers.scan import scan_layer
from linter.image.model import BuiltImage, ImageError
from linter.image.own import below, origin_marks, own_code, own_packages
from linter.image.sources.reference import SCHEMES, open_image

if TYPE_CHECKING:
    from collections.abc import Callable

    from linter.image.model import Keep, Platform, Scan
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
        wanted = files_wanted(knowledge)
        described, scans = scan_image(source, platform, wanted, limits, keep_key=key, progress=progress)
        merged = merge(scans, limits)
        folders = own_packages(merged)
        if not folders:
            return BuiltImage(name, described, scans, merged)
        wanted = below(folders, limits.kept_file)
        own = frozenset(path for path, entry in merged.entries.items() if wanted(path, entry.size, entry.mode))
        layers_of_own = {merged.entries[path].layer for path in own}
        others = {scan.digest: scan for number, scan in enumerate(scans) if number not in layers_of_own}
        _, more = read_layers(source, platform, lambda stream, _: scan_layer(stream, wanted, limits), others.get)
    scans = [_joined(scan, again) for scan, again in zip(scans, more, strict=True)]
    return BuiltImage(name, described, scans, merge(scans, limits), own)


def _joined(scan: Scan, again: Scan | ImageError) -> Scan:
    """A scan with what was kept when its layer was read once more: that it is wanted was told by other files."""
    return scan if isinstance(again, ImageError) else scan._replace(contents={**scan.contents, **again.contents})


def files_wanted(knowledge: Knowledge) -> Keep:
    """How much to keep of each file of a layer: what says something about the image, and what may be the seller's."""
    says, code, marks = keep(knowledge), own_code(knowledge), origin_marks(knowledge)
    return lambda path, size, mode: max(says(path, size, mode), code(path, size, mode), marks(path, size, mode))


def name_in_paths(reference: str) -> str:
    """A reference as the first part of paths: without its scheme, and never above the folder of the run."""
    scheme = next((each for each in SCHEMES if reference.startswith(each)), "")
    name = posixpath.normpath(reference[len(scheme) :].replace("\\", "/"))
    return posixpath.basename(name) if name.startswith(("/", "../")) or name in ("..", ".") else name
