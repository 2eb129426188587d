"""The members of a tar archive, header by header, in one pass: ustar, GNU, PAX, and sparse files of all kinds.

Python's own `tarfile` takes several times as long and holds on to every member. What no engine would read on from is
where this ends as well; what engines take, this takes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from linter.image import header as headers
from linter.image.compression import Corrupt, decompressed
from linter.image.header import BLOCK, Header, Parts
from linter.image.model import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.image.limits import Limits
    from linter.image.model import Stream

CHUNK = 256 * 1024
"""Bytes that are asked of a stream at once."""

_ZEROS = bytes(BLOCK)
_KINDS = {b"1": "hardlink", b"2": "link", b"3": "device", b"4": "device", b"5": "folder", b"6": "fifo"}
_GNU_FOLDER = b"D"
_REGULAR = (b"0", b"\0", b"7", b"S")
_LONG_NAME, _LONG_TARGET = b"L", b"K"
_RECORDS, _GLOBAL_RECORDS = (b"x", b"X"), b"g"
_LONGEST_NUMBER = 24


class Member(NamedTuple):
    """One file, folder, link or device of an archive, with the name that the archive gives it."""

    name: str
    """Not to be trusted: it may start with `/` or climb out with `..`."""
    kind: str
    """`file`, `folder`, `link`, `hardlink`, `device`, `fifo` or `other`."""
    size: int
    """Bytes of the content; of a sparse file with its holes."""
    mode: int
    owner: int
    group: int
    target: str
    """Of a link and a hard link, as it is written."""
    offset: int
    """Where the content stands in the archive (after decompression)."""
    stored: int
    """Bytes of content in the archive."""
    parts: tuple[tuple[int, int], ...] | None = None
    """Of a sparse file: where in it the stored bytes belong."""


def members(stream: Stream, limits: Limits, problems: list[Problem]) -> Iterator[tuple[Member, Stream]]:
    """Each member of an archive that may be compressed, with a stream of its content that lasts until the next.

    What is wrong with the archive is added to the problems and ends it. What the source raises passes through.
    A plain archive in a file that can be sought in is not read as a whole.
    """
    try:
        _, plain = decompressed(stream, limits.window_log)
        archive = Archive(plain, limits)
        for member in archive:
            yield member, archive
    except Corrupt as error:
        problems.append(Problem(error.code.replace("layer-", "archive-"), str(error)))


class Archive:
    """An uncompressed archive. Iterated once; `read` gives the content of the member that was yielded last."""

    def __init__(self, stream: Stream, limits: Limits) -> None:
        self._bytes = _Bytes(stream)
        self._limits = limits
        self._left = 0
        self._padding = 0

    def __iter__(self) -> Iterator[Member]:
        """Every member. Raises Corrupt where the archive cannot be read on."""
        while (member := self._member()) is not None:
            yield member
            self._finish()

    def read(self, size: int, /) -> bytes:
        """At most `size` of the bytes that are stored for the member; none at their end. Raises Corrupt."""
        wanted = min(size, self._left)
        found = self._exactly(wanted)
        self._left -= wanted
        return found

    def skip(self, size: int) -> None:
        """Go past bytes of the content."""
        wanted = min(size, self._left)
        self._pass(wanted)
        self._left -= wanted

    def content(self, member: Member, size: int) -> bytes:
        """At most `size` bytes from the start of a member's content, with the zeros of its holes. Raises Corrupt."""
        size = min(size, member.size)
        if member.parts is None:
            return self.read(size)
        whole = bytearray(size)
        for offset, length in member.parts:
            if offset >= size:
                break
            piece = self.read(min(length, size - offset))
            whole[offset : offset + len(piece)] = piece
            self.skip(length - len(piece))
        return bytes(whole)

    @property
    def unread(self) -> bytes:
        """What was taken from the stream and is behind the end of the archive."""
        return self._bytes.unread

    def _finish(self) -> None:
        self._pass(self._left + self._padding)
        self._left = self._padding = 0

    def _begin(self, size: int) -> None:
        self._left, self._padding = size, -size % BLOCK

    def _member(self) -> Member | None:
        """The next member, or None at the end."""
        extended = _Extended()
        for _ in range(self._limits.extensions + 1):
            block = self._bytes.take(BLOCK)
            if len(block) < BLOCK:
                if block or extended.any:
                    raise _truncated()
                return None
            if block == _ZEROS:
                self._end(extended)
                return None
            found = headers.parse(block)
            if not self._extends(extended, found):
                return self._made(found, extended, block)
        raise Corrupt("bad-header", f"more than {self._limits.extensions} extended headers stand before one file")

    def _end(self, extended: _Extended) -> None:
        """After one block of zeros another one stands, or the archive is over."""
        if extended.any or self._bytes.take(BLOCK) not in (_ZEROS, b""):
            raise Corrupt("bad-header", "a header of the archive is empty")

    def _extends(self, extended: _Extended, found: Header) -> bool:
        """Whether a header only says more about the next one; what it says has been noted."""
        flag = found.flag
        if flag not in (_LONG_NAME, _LONG_TARGET, _GLOBAL_RECORDS, *_RECORDS):
            return False
        if found.size > self._limits.extended:
            raise Corrupt("header-too-large", f"an extended header of the archive takes {found.size} bytes")
        data = self._exactly(found.size)
        self._pass(-found.size % BLOCK)
        if flag == _LONG_NAME:
            extended.name = headers.text(data.split(b"\0", 1)[0])
        elif flag == _LONG_TARGET:
            extended.target = headers.text(data.split(b"\0", 1)[0])
        elif flag == _GLOBAL_RECORDS:
            headers.records(data)  # engines read them and do not apply them
        else:
            extended.records, extended.parts = headers.records(data)
        extended.any = extended.any or flag != _GLOBAL_RECORDS
        return True

    def _made(self, found: Header, extended: _Extended, block: bytes) -> Member:
        said = extended.records
        name = extended.name or found.name
        target = extended.target or found.target
        owner, group, stored = found.owner, found.group, found.size
        if said:
            name, target = said.get("path", name), said.get("linkpath", target)
            owner = headers.decimal(said["uid"]) if "uid" in said else owner
            group = headers.decimal(said["gid"]) if "gid" in said else group
            stored = headers.size(said["size"]) if "size" in said else stored
        kind = _kind(found.flag, name)
        if kind not in ("file", "other") and found.flag != _GNU_FOLDER:
            stored = 0
        self._begin(stored)
        real, parts = stored, None
        if found.flag == b"S":
            parts, real = self._old_sparse(block)
        elif said and kind == "file":
            name, parts, real = self._sparse(extended, name, stored)
        if parts is not None:
            headers.check_parts(parts, real, self._left)
        size = real if kind == "file" else 0
        where = self._bytes.offset
        shape = None if parts is None else tuple(parts)
        return Member(name, kind, size, found.mode, owner, group, target, where, self._left, shape)

    def _old_sparse(self, block: bytes) -> tuple[Parts, int]:
        """The map of a sparse file in GNU's own headers, and its real size."""
        parts, real, more = headers.old_parts(block)
        while more:
            self._check_count(len(parts))
            further, more = headers.next_parts(self._exactly(BLOCK))
            parts += further
        return parts, real

    def _sparse(self, extended: _Extended, name: str, stored: int) -> tuple[str, Parts | None, int]:
        """Name, map and real size of a file that extended headers may say to be sparse."""
        said = extended.records
        if "GNU.sparse.major" in said and (said["GNU.sparse.major"], said.get("GNU.sparse.minor")) == ("1", "0"):
            parts = self._map_in_content()
        elif "GNU.sparse.map" in said:
            self._check_count(said["GNU.sparse.map"].count(",") // 2)
            parts = headers.listed([headers.size(each) for each in said["GNU.sparse.map"].split(",")])
        elif "GNU.sparse.size" in said:
            parts = extended.parts
        else:
            return name, None, stored
        real = headers.size(said.get("GNU.sparse.realsize") or said.get("GNU.sparse.size") or "0")
        return said.get("GNU.sparse.name", name), parts, real

    def _map_in_content(self) -> Parts:
        """The map that stands before the content: numbers on lines of their own, in whole blocks."""
        data = bytearray()
        lines: list[bytes] = []
        wanted = 1
        while len(lines) < wanted:
            if self._left < BLOCK:
                raise Corrupt("bad-sparse-map", "the map of a sparse file is damaged")
            data += self.read(BLOCK)
            *whole, rest = bytes(data).split(b"\n")
            lines += whole
            data = bytearray(rest)
            if wanted == 1 and lines:
                count = _line(lines[0])
                self._check_count(count)
                wanted = 1 + 2 * count
            if len(data) > BLOCK:
                raise Corrupt("bad-sparse-map", "the map of a sparse file is damaged")
        return headers.listed([_line(each) for each in lines[1:wanted]])

    def _check_count(self, count: int) -> None:
        if count > self._limits.sparse_parts:
            raise Corrupt("bad-sparse-map", f"the map of a sparse file has more than {self._limits.sparse_parts} parts")

    def _exactly(self, size: int) -> bytes:
        found = self._bytes.take(size)
        if len(found) < size:
            raise _truncated()
        return found

    def _pass(self, size: int) -> None:
        if size and not self._bytes.skip(size):
            raise _truncated()


class _Extended:
    """What the headers before a member's own say about it."""

    __slots__ = ("any", "name", "parts", "records", "target")

    def __init__(self) -> None:
        self.any = False
        self.name = self.target = ""
        self.records: dict[str, str] = {}
        self.parts: Parts = []


def _kind(flag: bytes, name: str) -> str:
    if kind := _KINDS.get(flag):
        return kind
    if flag == _GNU_FOLDER or (flag == b"\0" and name.endswith("/")):
        return "folder"
    return "file" if flag in _REGULAR else "other"


def _line(digits: bytes) -> int:
    if not digits.isdigit() or len(digits) > _LONGEST_NUMBER:
        raise Corrupt("bad-sparse-map", "the map of a sparse file is damaged")
    return int(digits)


def _truncated() -> Corrupt:
    return Corrupt("layer-truncated", "the archive ends in the middle of a file")


class _Bytes:
    """Bytes of a stream in the pieces that are asked for; at no time more of them than were asked for and a chunk."""

    def __init__(self, stream: Stream) -> None:
        self._read = stream.read
        self._seek = getattr(stream, "seek", None) if _seekable(stream) else None
        self._chunk = b""
        self._at = 0
        self._before = 0

    @property
    def offset(self) -> int:
        """How many bytes were taken or skipped."""
        return self._before + self._at

    @property
    def unread(self) -> bytes:
        """What was read and not taken."""
        return self._chunk[self._at :]

    def take(self, size: int) -> bytes:
        """That many bytes, or what there still is."""
        end = self._at + size
        if end <= len(self._chunk):
            found = self._chunk[self._at : end]
            self._at = end
            return found
        pieces = [self._chunk[self._at :]]
        missing = size - len(pieces[0])
        while missing and self._next():
            pieces.append(self._chunk[:missing])
            self._at = len(pieces[-1])
            missing -= self._at
        return b"".join(pieces)

    def skip(self, size: int) -> bool:
        """Whether there were that many bytes."""
        end = self._at + size
        if end <= len(self._chunk):
            self._at = end
            return True
        size = end - len(self._chunk)
        if self._seek and size > CHUNK:
            self._jump(size - 1)  # and read the last one, to see whether the file is long enough
            size = 1
        while self._next():
            if size <= len(self._chunk):
                self._at = size
                return True
            size -= len(self._chunk)
        return False

    def _jump(self, size: int) -> None:
        assert self._seek is not None
        self._before += len(self._chunk) + size
        self._chunk, self._at = b"", 0
        self._seek(size, 1)

    def _next(self) -> bool:
        self._before += len(self._chunk)
        self._chunk, self._at = self._read(CHUNK), 0
        return bool(self._chunk)


def _seekable(stream: Stream) -> bool:
    try:
        return bool(stream.seekable())  # type: ignore[attr-defined]
    except (AttributeError, OSError):
        return False
