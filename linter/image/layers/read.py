"""Has every layer of an image read, in the way that its source allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from linter.image.layers.kept import KeptScans
from linter.image.layers.scan import scan_layer, verified
from linter.image.model import Described, ImageError, Platform, Problem, Scan, Source, Stream
from linter.image.sources.manifest import diff_ids

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from linter.image.layers.limits import Limits
    from linter.image.model import Keep

T = TypeVar("T")


def scan_image(
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
    scans = _Scans(keep, limits, KeptScans(limits, keep_key) if keep_key is not None else None, progress)
    described, found = read_layers(source, platform, scans.read, scans.known)
    scans.put(described, found)
    return described, _settled(described, found)


class _Scans:
    """Scans of the layers of one image, whose contents together have one bound."""

    def __init__(
        self, keep: Keep, limits: Limits, kept: KeptScans | None, progress: Callable[[int], None] | None
    ) -> None:
        self._keep, self._limits, self._kept, self._progress = keep, limits, kept, progress
        self._room = limits.kept_image
        self._known: dict[str, Scan | None] = {}

    def known(self, digest: str) -> Scan | None:
        """What an earlier run has read, if there is room for it."""
        if digest not in self._known:
            scan = self._kept.get(digest) if self._kept else None
            self._known[digest] = scan if scan and self._takes(scan) else None
        return self._known[digest]

    def read(self, stream: Stream, digest: str) -> Scan:
        """The scan of a layer that should have a digest, empty if none was promised."""
        algorithm = digest.partition(":")[0]
        scan = scan_layer(
            stream, self._keep, self._limits, algorithm=algorithm, room=self._room, progress=self._progress
        )
        self._takes(scan)
        return scan

    def put(self, described: Described, found: Sequence[Scan | ImageError]) -> None:
        """Keep for later runs what was read."""
        for descriptor, scan in zip(described.layers, found, strict=True):
            if self._kept and isinstance(scan, Scan) and not self._known.get(descriptor.digest):
                self._kept.put(descriptor.digest, scan)

    def _takes(self, scan: Scan) -> bool:
        size = sum(map(len, scan.contents.values()))
        fits = size <= self._room
        self._room -= size if fits else 0
        return fits


def _settled(described: Described, found: Sequence[Scan | ImageError]) -> list[Scan]:
    """The scans, held against what the image says of its layers, which may not be known before they are read."""
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
    read: Callable[[Stream, str], T],
    known: Callable[[str], T | None] = lambda _: None,
) -> tuple[Described, list[T | ImageError]]:
    """An image, and what `read` makes of each of its layers, from the base up; an ImageError for one that is not there.

    `read` is given a layer as it is stored, which it must not keep, and the digest that the layer should have, empty
    where none is promised. `known` may say what a layer of that digest gave before, and it is not read again. Raises
    ImageError when there is no such image, or its archive cannot be read to its end.
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
    read: Callable[[Stream, str], T],
    known: Callable[[str], T | None],
) -> list[T | ImageError]:
    def one(number: int) -> T | ImageError:
        digest = described.layers[number].digest
        before = known(digest) if digest else None
        if before is not None:
            return before
        try:
            with source.layer(described, number) as stream:
                return read(stream, digest)
        except (OSError, ImageError) as error:
            return ImageError(str(error))

    # The same layer may be there twice, an empty one above all.
    first: dict[str, int] = {}
    for number, layer in enumerate(described.layers):
        first.setdefault(layer.digest or str(number), number)
    results = dict(zip(first, map(one, first.values()), strict=True))
    return [results[layer.digest or str(number)] for number, layer in enumerate(described.layers)]


def _passing(
    source: Source, platform: Platform, read: Callable[[Stream, str], T], known: Callable[[str], T | None]
) -> tuple[Described, list[T | ImageError]]:
    """Reads what passes by, and finds out afterwards which layer is which."""
    passed: dict[str, T | ImageError] = {}
    for place, stream in source.pass_by():
        digest = _digest(place)
        before = known(digest) if digest else None
        try:
            passed[place] = before if before is not None else read(stream, digest)
        except ImageError as error:
            passed[place] = error
    described = source.describe(platform)
    missing = ImageError(f"`{described.reference}` lacks a layer that its manifest names; save the image again.")
    return described, [passed.get(place, missing) for place in source.places()]


def _digest(place: str) -> str:
    """The digest that a member's name promises, empty when it promises none."""
    folder, _, name = place.rpartition("/")
    return f"{folder.removeprefix('blobs/')}:{name}" if folder in ("blobs/sha256", "blobs/sha512") else ""
