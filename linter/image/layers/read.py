"""Has every layer of an image read, in the way that its source allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from linter.image.layers.cached import scan_image
from linter.image.layers.kept import KeptScans
from linter.image.layers.scan import scan_layer, verified
from linter.image.model import Described, ImageError, Platform, Problem, Scan, Source, Stream
from linter.image.sources.manifest import diff_ids

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from linter.image.layers.limits import Limits
    from linter.image.model import Keep

T = TypeVar("T")


def read_image(
    source: Source,
    platform: Platform,
    keep: Keep,
    limits: Limits,
    *,
    keep_key: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> tuple[Described, list[Scan]]:
    """An image and the scan of each of its layers, from the base up, whatever the order in which the source has them.

    What cannot be read of a layer is a problem of it. `keep_key` names `keep` with all that it depends on; without it
    nothing is taken from the cache or put there. `progress` is told how many stored bytes were read each time. Raises
    ImageError when there is no such image, or its archive cannot be read to its end.
    """
    if source.access == "any-order":
        described = source.describe(platform)
        return described, scan_image(source, described, keep, limits, keep_key=keep_key, progress=progress)
    kept = KeptScans(limits, keep_key) if keep_key is not None else None
    room = limits.kept_image
    had: dict[str, Scan | None] = {}

    def known(digest: str) -> Scan | None:
        nonlocal room
        if digest not in had:
            scan = kept.get(digest) if kept else None
            size = sum(map(len, scan.contents.values())) if scan else 0
            had[digest] = scan if size <= room else None
            room -= size if size <= room else 0
        return had[digest]

    def read(stream: Stream) -> Scan:
        nonlocal room
        scan = scan_layer(stream, keep, limits, room=room, progress=progress)
        room -= sum(map(len, scan.contents.values()))
        return scan

    described, found = read_layers(source, platform, read, known)
    for descriptor, scan in zip(described.layers, found, strict=True):
        if kept and isinstance(scan, Scan) and descriptor.digest and not had.get(descriptor.digest):
            kept.put(descriptor.digest, scan)
    return described, _settled(described, found)


def _settled(described: Described, found: Sequence[Scan | ImageError]) -> list[Scan]:
    """The scans, held against what the image says of its layers, which was not known when they were read."""
    promised = diff_ids(described.config)
    scans = []
    for number, (descriptor, scan) in enumerate(zip(described.layers, found, strict=True)):
        if isinstance(scan, ImageError):
            problem = Problem("layer-missing", f"the layer could not be had: {scan}")
            scan = Scan((), (), (), {}, "", "", 0, 0, "none", (problem,))
        scans.append(verified(scan, descriptor, promised[number] if number < len(promised) else None))
    return scans


def read_layers(
    source: Source,
    platform: Platform,
    read: Callable[[Stream], T],
    known: Callable[[str], T | None] = lambda _: None,
) -> tuple[Described, list[T | ImageError]]:
    """An image, and what `read` makes of each of its layers, from the base up; an ImageError for one that is not there.

    `read` is given a layer as it is stored; it must not keep the stream. `known` may say what a layer of that digest
    gave before, and it is not read again. Raises ImageError when there is no such image, or its archive cannot be read
    to its end.
    """
    if source.access == "any-order":
        described = source.describe(platform)
        return described, _any_order(source, described, read, known)
    if source.access == "description-first":
        described = source.describe(platform)
        before = [known(layer.digest) if layer.digest else None for layer in described.layers]
        # Without the history it would not be known which step made which layer.
        if described.config.get("history") and all(value is not None for value in before):
            return described, [value for value in before if value is not None]
    return _passing(source, platform, read, known)


def _any_order(
    source: Source,
    described: Described,
    read: Callable[[Stream], T],
    known: Callable[[str], T | None],
) -> list[T | ImageError]:
    def one(number: int) -> T | ImageError:
        digest = described.layers[number].digest
        before = known(digest) if digest else None
        if before is not None:
            return before
        try:
            with source.layer(described, number) as stream:
                return read(stream)
        except ImageError as error:
            return error

    # The same layer may be there twice, an empty one above all.
    first: dict[str, int] = {}
    for number, layer in enumerate(described.layers):
        first.setdefault(layer.digest or str(number), number)
    results = dict(zip(first, map(one, first.values()), strict=True))
    return [results[layer.digest or str(number)] for number, layer in enumerate(described.layers)]


def _passing(
    source: Source, platform: Platform, read: Callable[[Stream], T], known: Callable[[str], T | None]
) -> tuple[Described, list[T | ImageError]]:
    """Reads what passes by, and finds out afterwards which layer is which."""
    passed: dict[str, T | ImageError] = {}
    for place, stream in source.pass_by():
        digest = _digest(place)
        before = known(digest) if digest else None
        try:
            passed[place] = before if before is not None else read(stream)
        except ImageError as error:
            passed[place] = error
    described = source.describe(platform)
    missing = ImageError(f"`{described.reference}` lacks a layer that its manifest names; save the image again.")
    return described, [passed.get(place, missing) for place in source.places()]


def _digest(place: str) -> str:
    """The digest that a member's name promises, empty when it promises none."""
    folder, _, name = place.rpartition("/")
    return f"{folder.removeprefix('blobs/')}:{name}" if folder in ("blobs/sha256", "blobs/sha512") else ""
