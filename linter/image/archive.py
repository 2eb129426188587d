"""Images in archives: what `docker save` writes, and OCI layouts in a tar file.

Three ways lead through an archive, by what its bytes allow:

- A file that is not compressed as a whole is sought in. Its headers are read once; layers are then read in any order,
  also side by side.
- A compressed file, and what a daemon sends, is read forward. `manifest.json` and `index.json` mostly come last, so its
  layers are read as they pass (`pass_by`), by their places in the archive, and which of them are the image's is known
  afterwards. Going through it twice would cost as much time again as to decompress it, or to have it sent.
- `describe` alone, before any layer, goes through once and keeps nothing but small files.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from linter.image import manifest
from linter.image.compression import NONE, Corrupt, decompressed
from linter.image.files import clean, open_regular
from linter.image.layout import blob_path, describe_layout
from linter.image.model import Described, Descriptor, ImageError, Platform, Stream
from linter.image.saved import Saved, describe_saved, place
from linter.image.source import BaseSource
from linter.image.tar import Archive as TarArchive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from io import FileIO

    from linter.image.limits import Limits
    from linter.image.model import Access
    from linter.image.tar import Member

_KEPT = 64 << 20
"""Bytes of small files that are kept while an archive passes."""
_BEGINNING = 64
_MOST_MEMBERS = 100_000


class Archive(BaseSource):
    """An archive around one or more images, and how to describe one of them."""

    def __init__(
        self, path: str, limits: Limits, selector: str | None, reference: str | None, kind: str | None
    ) -> None:
        self._path = path
        self._limits = limits
        self._selector = selector
        self._reference = reference or path
        self._kind = kind
        self._places: tuple[str, ...] = ()
        self.members: dict[str, Member] = {}

    def small(self, name: str) -> bytes:
        """A small file of the archive. Raises ImageError when there is none."""
        raise NotImplementedError

    def places(self) -> tuple[str, ...]:
        """The members that the layers of the image described last are, from the base up."""
        return self._places

    def _image(self, platform: Platform) -> Described:
        named = self.members.keys()
        if self._kind != "oci-archive" and "manifest.json" in named:
            saved = describe_saved(self, self._reference, self._selector, "docker-archive")
        elif self._kind != "docker-archive" and "index.json" in named:
            saved = self._describe_layout(platform)
        else:
            wanted = "index.json" if self._kind == "oci-archive" else "manifest.json"
            raise ImageError(f"`{self._path}` is not an archive of images: it has no `{wanted}`; save the image again.")
        self._places = saved.places
        return saved.described

    def _describe_layout(self, platform: Platform) -> Saved:
        def fetch(wanted: Descriptor) -> tuple[bytes, str]:
            return self.small(place(self.members, blob_path(wanted.digest))), ""

        index = self.small("index.json")
        described = describe_layout(index, fetch, platform, self._reference, self._selector, "oci-archive")
        places = tuple(place(self.members, blob_path(layer.digest)) for layer in described.layers)
        return Saved(described, places)

    def _members(self, stream: Stream) -> Iterator[tuple[str, Member, Stream]]:
        """The members of the archive by the names that manifests give them. Raises ImageError for a damaged archive."""
        counted = _Counted(stream)
        try:
            compression, plain = decompressed(counted, self._limits.window_log)
            plain = plain if compression == NONE else _Bounded(plain, counted, self._limits)
            archive = TarArchive(plain, self._limits)
            for number, member in enumerate(archive):
                if number == _MOST_MEMBERS:
                    raise Corrupt("too-many-entries", f"it has more than {_MOST_MEMBERS} members")
                name = clean(member.name)
                self.members[name] = member
                yield name, member, archive
        except Corrupt as error:
            raise ImageError(f"`{self._path}` cannot be read ({error}); save or copy the image again.") from None

    def _missing(self, name: str) -> ImageError:
        return ImageError(f"`{self._path}` lacks `{name}`, which the image needs; save the image again.")


class SoughtArchive(Archive):
    """An archive in a file that is not compressed as a whole."""

    def _describe(self, platform: Platform) -> Described:
        if not self.members:
            with open_regular(self._path, f"`{self._path}`") as file:
                for _ in self._members(file):
                    pass
        return self._image(platform)

    @contextmanager
    def layer(self, described: Described, number: int) -> Iterator[Stream]:
        """The bytes of a layer, as they lie in the archive."""
        with self._part(self._places[number]) as part:
            yield part

    def small(self, name: str) -> bytes:
        """A small file of the archive. Raises ImageError when there is none."""
        with self._part(name) as part:
            return part.read(manifest.JSON_LIMIT + 1)

    @contextmanager
    def _part(self, name: str) -> Iterator[Stream]:
        member = self.members.get(name)
        if member is None or member.kind != "file":
            raise self._missing(name)
        with open_regular(self._path, f"`{self._path}`") as file:
            yield _Slice(file, member.offset, member.stored)


class PassingArchive(Archive):
    """An archive that comes as a stream. `opened` gives it from its start each time."""

    access: Access = "layers-first"

    def __init__(
        self,
        opened: Callable[[], AbstractContextManager[Stream]],
        path: str,
        limits: Limits,
        selector: str | None = None,
        reference: str | None = None,
        kind: str | None = None,
    ) -> None:
        super().__init__(path, limits, selector, reference, kind)
        self._opened = opened
        self._small: dict[str, bytes] = {}
        self._passed = False

    @property
    def passed(self) -> bool:
        """Whether all of the archive has been seen."""
        return self._passed

    def _describe(self, platform: Platform) -> Described:
        if not self._passed:
            for _ in self.pass_by():
                pass
        return self._image(platform)

    def pass_by(self) -> Iterator[tuple[str, Stream]]:
        """Everything that may be a layer, with its place, in the archive's order. A stream ends where the next begins.

        Raises ImageError when the archive ends early or is damaged.
        """
        self.members, self._small, self._passed = {}, {}, False
        kept = 0
        with self._opened() as stream:
            for name, member, content in self._members(stream):
                if member.kind != "file" or name.endswith("/VERSION"):
                    continue
                beginning = _read(content, min(_BEGINNING, member.size))
                if not _may_be_json(member, beginning):
                    yield name, _Begun(beginning, content)
                elif kept + member.size <= _KEPT:
                    self._small[name] = beginning + _read(content, member.size)
                    kept += member.size
            self._passed = True

    @contextmanager
    def layer(self, described: Described, number: int) -> Iterator[Stream]:
        """The bytes of a layer; goes through the archive up to it."""
        for name, stream in self.pass_by():
            if name == self._places[number]:
                yield stream
                return
        raise self._missing(self._places[number])

    def small(self, name: str) -> bytes:
        """A small file of the archive. Raises ImageError when there is none."""
        if name not in self._small:
            raise self._missing(name)
        return self._small[name]


def open_archive(
    path: str, limits: Limits, selector: str | None = None, reference: str | None = None, kind: str | None = None
) -> SoughtArchive | PassingArchive:
    """An archive of images in a file. `kind` is `docker-archive` or `oci-archive` where the user says so."""
    with open_regular(path, f"`{path}`") as file:
        try:
            compression, _ = decompressed(file, limits.window_log)
        except Corrupt as error:
            raise ImageError(f"`{path}` cannot be read: it is {error}.") from None
    if compression == NONE:
        return SoughtArchive(path, limits, selector, reference, kind)

    @contextmanager
    def opened() -> Iterator[Stream]:
        with open_regular(path, f"`{path}`") as file:
            yield file

    return PassingArchive(opened, path, limits, selector, reference, kind)


def _read(content: Stream, size: int) -> bytes:
    """Bytes of a member; none of one that is damaged, of which going on to the next tells."""
    try:
        return content.read(size)
    except Corrupt:
        return b""


class _Counted:
    """A stream that knows how far it has been read; it can be sought in where the stream can."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self.at = 0
        if hasattr(stream, "seek"):
            self.seekable, self.seek = stream.seekable, stream.seek  # type: ignore[attr-defined]

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""
        piece = self._stream.read(size)
        self.at += len(piece)
        return piece


class _Bounded:
    """A decompressed stream that ends when a few bytes expand to far too many. Raises Corrupt."""

    def __init__(self, plain: Stream, stored: _Counted, limits: Limits) -> None:
        self._plain, self._stored, self._limits = plain, stored, limits
        self._at = 0

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""
        piece = self._plain.read(size)
        self._at += len(piece)
        ratio = self._limits.expanded_ratio
        if self._at > max(self._limits.expanded_from, ratio * self._stored.at):
            raise Corrupt("archive-expands-too-much", f"it expands to more than {ratio} times its size")
        return piece


class _Slice:
    """A part of a file."""

    def __init__(self, file: FileIO, start: int, size: int) -> None:
        self._file, self._left = file, size
        file.seek(start)

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""
        piece = self._file.read(min(size, self._left)) or b""
        self._left -= len(piece)
        return piece


class _Begun:
    """A stream of which the first bytes have been read already."""

    def __init__(self, beginning: bytes, rest: Stream) -> None:
        self._beginning, self._rest = beginning, rest

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""
        if not self._beginning:
            return self._rest.read(size)
        piece, self._beginning = self._beginning[:size], self._beginning[size:]
        return piece


def _may_be_json(member: Member, beginning: bytes) -> bool:
    """Whether a member is one of the small files that describe images, and not a layer."""
    return member.size <= manifest.JSON_LIMIT and beginning.lstrip()[:1] in (b"{", b"[")
