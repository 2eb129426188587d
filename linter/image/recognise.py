"""Tells by their content which files and folders hold images. Every run asks this, so it imports and reads little."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from linter.image.compression import NONE, decompressed
from linter.image.files import clean, open_regular
from linter.image.model import ImageError
from linter.image.tar import Archive
from linter.lazy import compiled

if TYPE_CHECKING:
    from collections.abc import Iterable

    from linter.image.limits import Limits
    from linter.image.model import Stream
    from linter.image.tar import Member

_HEX = r"[0-9a-f]{64}"
_PLAINLY_AN_IMAGE = compiled(
    rf"blobs/sha(?:256|512)(?:/.*)?|{_HEX}(?:/.*|\.json|\.tar(?:\.gz)?)?|sha256:{_HEX}|oci-layout"
)
_PERHAPS = compiled(r"blobs|\.|manifest\.json|index\.json|repositories|config\.json|[a-z0-9]{32}-[^/]*")
_LOOKED_AT = 5_000
"""Members of an archive that are looked at to tell whether it is one of images."""
_LOOKED_INTO = 1 << 20
"""Bytes of a compressed archive that are looked at, after decompression."""


def recognise(path: str, limits: Limits) -> str | None:
    """Whether a file or folder holds images: `docker-archive`, `oci-archive`, `oci-layout`, or None.

    Reads the headers of a few members. Of a compressed archive only the beginning is seen, and a layout that
    `docker save` writes as well is called `docker-archive`.
    """
    folder = Path(path)
    try:
        if folder.is_dir():
            both = (folder / "oci-layout").is_file() and (folder / "index.json").is_file()
            return "oci-layout" if both else None
        if not folder.is_file():
            return None
        with open_regular(path, path) as file:
            compression, plain = decompressed(file, limits.window_log)
            return _recognised(Archive(plain if compression == NONE else _Beginning(plain), limits))
    except (ImageError, OSError, ValueError):  # a path with a null byte is a ValueError
        return None


class _Beginning:
    """No more than the beginning of a stream."""

    def __init__(self, stream: Stream) -> None:
        self._stream, self._left = stream, _LOOKED_INTO

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""
        if not self._left:
            return b""
        piece = self._stream.read(min(size, self._left))
        self._left -= len(piece)
        return piece


def _recognised(archive: Iterable[Member]) -> str | None:
    """By the names of the members. All must be such as images have, and some of them only images have."""
    names: set[str] = set()
    try:
        for member in islice(archive, _LOOKED_AT):
            name = clean(member.name)
            if not _PLAINLY_AN_IMAGE.fullmatch(name) and not _PERHAPS.fullmatch(name.split("/")[0]):
                return None
            names.add(name)
        whole = len(names) < _LOOKED_AT
    except ImageError:  # an archive of images that ends early is one all the same
        whole = False
    if "manifest.json" in names and len(names) > 1:
        return "docker-archive"
    if not any(_PLAINLY_AN_IMAGE.fullmatch(name) for name in names) or (whole and "index.json" not in names):
        return None
    return "oci-archive" if names & {"oci-layout", "index.json"} else "docker-archive"
