"""From what a user writes to where the image is."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from linter.image.archive import open_archive
from linter.image.compression import NONE, decompressed
from linter.image.daemon import DaemonSource, NoDaemon
from linter.image.files import open_regular
from linter.image.layout import LayoutSource
from linter.image.model import ImageError
from linter.image.registry import RegistrySource, has_host, parse_name
from linter.image.saved import clean
from linter.image.selection import split
from linter.image.tar import Archive
from linter.lazy import compiled

if TYPE_CHECKING:
    from collections.abc import Iterable

    from linter.image.limits import Limits
    from linter.image.model import Source, Stream
    from linter.image.source import BaseSource
    from linter.image.tar import Member

FORMS = ("docker://NAME", "registry://HOST/NAME:TAG", "docker-archive:PATH", "oci-archive:PATH", "oci:PATH")

_HEX = r"[0-9a-f]{64}"
_PLAINLY_AN_IMAGE = compiled(
    rf"blobs/sha(?:256|512)(?:/.*)?|{_HEX}(?:/.*|\.json|\.tar(?:\.gz)?)?|sha256:{_HEX}|oci-layout"
)
_PERHAPS = compiled(r"blobs|\.|manifest\.json|index\.json|repositories|config\.json|[a-z0-9]{32}-[^/]*")
_LOOKED_AT = 5_000
"""Members of an archive that are looked at to tell whether it is one of images."""
_LOOKED_INTO = 1 << 20
"""Bytes of a compressed archive that are looked at, after decompression."""


def open_image(text: str, limits: Limits) -> Source:
    """The source of an image. Raises ImageError.

    A plain text is a path when something lies there, else an image of the daemon when one answers and has it, else one
    in the registry that its name begins with.
    """
    for scheme, opened in _SCHEMES.items():
        if text.startswith(scheme):
            rest = text[len(scheme) :]
            if not rest:
                raise ImageError(f"`{text}` names no image; write one of: {', '.join(FORMS)}.")
            return opened(rest, text, limits)
    if "://" in text:
        raise ImageError(f"`{text}` is in no form that is known; write one of: {', '.join(FORMS)}.")
    path, selector = split(text)
    if os.path.lexists(path):
        return _at_path(path, selector, text, limits)
    if text.startswith((".", "/", "~")) or text.endswith((".tar", ".tar.gz", ".tgz", ".tar.zst")):
        raise ImageError(f"There is no file or folder `{text}`.")
    return _named(text, limits)


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


def _at_path(path: str, selector: str | None, text: str, limits: Limits) -> Source:
    kind = recognise(path, limits)
    if kind is None:
        if Path(path).is_file():
            open_regular(path, f"`{path}`").close()  # says why if it cannot be read
        what = "folder" if Path(path).is_dir() else "file"
        raise ImageError(
            f"The {what} `{path}` holds no image; write with `docker save`, or as an OCI layout, what is to be read."
        )
    if kind == "oci-layout":
        return _settled(LayoutSource(path, selector, text), f"the OCI layout `{path}`")
    return _settled(open_archive(path, limits, selector, text), f"the archive `{path}`")


def _named(text: str, limits: Limits) -> Source:
    """An image of the daemon, else of a registry."""
    name = parse_name(text)
    try:
        daemon = DaemonSource(text, limits, text)
    except NoDaemon as error:
        tried = str(error)
    else:
        if daemon.exists():
            return _settled(daemon, "the Docker daemon")
        daemon.__exit__()
        tried = f"The Docker daemon does not have `{text}`."
    meant = "" if has_host(text) else ", which a name without a host means"
    return _settled(RegistrySource(text, text), f"the registry {name.host}{meant}", tried)


def _settled(source: BaseSource, words: str, tried: str = "") -> Source:
    source.settled, source.tried = words, tried
    return source


def _daemon(rest: str, text: str, limits: Limits) -> Source:
    return DaemonSource(rest, limits, text)


def _registry(rest: str, text: str, _: Limits) -> Source:
    if not has_host(rest):
        raise ImageError(
            f"`{text}` names no registry; write `registry://HOST/NAME:TAG`, for Docker Hub with `docker.io`."
        )
    return RegistrySource(rest, text, plain=text.startswith("registry+http:"))


def _archive(rest: str, text: str, limits: Limits) -> Source:
    path, selector = split(rest)
    return open_archive(path, limits, selector, text, text.partition(":")[0])


def _layout(rest: str, text: str, _: Limits) -> Source:
    path, selector = split(rest)
    return LayoutSource(path, selector, text)


_SCHEMES = {
    "docker://": _daemon,
    "registry://": _registry,
    "registry+http://": _registry,
    "docker-archive:": _archive,
    "oci-archive:": _archive,
    "oci:": _layout,
}
