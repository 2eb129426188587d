"""All layers of an image, from wherever it comes: those that are known are not read again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.image.kept import KeptScans
from linter.image.model import ImageError, Problem, Scan
from linter.image.scan import scan_layer, verified, without_mismatches

if TYPE_CHECKING:
    from collections.abc import Callable

    from linter.image.limits import Limits
    from linter.image.model import Described, Descriptor, Keep, Source


def scan_image(
    source: Source,
    described: Described,
    keep: Keep,
    limits: Limits,
    *,
    keep_key: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> list[Scan]:
    """The scan of each layer, from the base up. What cannot be read is a problem of its layer.

    `keep_key` names `keep` with all that it depends on; without it nothing is taken from the cache or put there.
    `progress` is told how many stored bytes were read each time, of a layer that is known all at once.
    """
    kept = KeptScans(limits, keep_key) if keep_key is not None else None
    layers = _Layers(source, described, keep, limits, kept, progress)
    diff_ids = _diff_ids(described.config)
    return [
        layers.scan(number, descriptor, diff_ids[number] if number < len(diff_ids) else None)
        for number, descriptor in enumerate(described.layers)
    ]


class _Layers:
    def __init__(
        self,
        source: Source,
        described: Described,
        keep: Keep,
        limits: Limits,
        kept: KeptScans | None,
        progress: Callable[[int], None] | None,
    ) -> None:
        self._source, self._described, self._keep, self._limits = source, described, keep, limits
        self._kept, self._progress = kept, progress
        self._seen: dict[str, Scan] = {}
        self._room = limits.kept_image

    def scan(self, number: int, descriptor: Descriptor, diff_id: str | None) -> Scan:
        """A layer: one that this image has already had, one that is kept, or one that is read."""
        known = self._known(descriptor.digest)
        if known is not None:
            if self._progress:
                self._progress(known.size)
            return verified(known, descriptor, diff_id)
        scan = self._read(number, descriptor, diff_id)
        self._room -= sum(map(len, scan.contents.values()))
        if scan.digest == descriptor.digest:
            self._seen[descriptor.digest] = without_mismatches(scan)
        if self._kept and descriptor.digest:
            self._kept.put(descriptor.digest, scan)
        return scan

    def _known(self, digest: str) -> Scan | None:
        if digest in self._seen:
            return self._seen[digest]
        scan = self._kept.get(digest) if self._kept and digest else None
        if scan is None or (size := sum(map(len, scan.contents.values()))) > self._room:
            return None
        self._room -= size
        self._seen[digest] = scan
        return scan

    def _read(self, number: int, descriptor: Descriptor, diff_id: str | None) -> Scan:
        try:
            with self._source.layer(self._described, number) as stream:
                return scan_layer(
                    stream,
                    self._keep,
                    self._limits,
                    expected=descriptor,
                    diff_id=diff_id,
                    room=self._room,
                    progress=self._progress,
                )
        except (OSError, ImageError) as error:
            problem = Problem("layer-missing", f"the layer could not be had: {error}")
            return Scan((), (), (), {}, "", "", 0, 0, "none", (problem,))


def _diff_ids(config: Any) -> list[str | None]:
    """What the configuration, which may be anything, says of the contents of the layers."""
    rootfs = config.get("rootfs") if isinstance(config, dict) else None
    found = rootfs.get("diff_ids") if isinstance(rootfs, dict) else None
    return [each if isinstance(each, str) else None for each in found] if isinstance(found, list) else []
