"""One layer, read once from its start to its end: what is in it, both of its digests, and what is wrong with it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from linter.collecting import without_collections
from linter.image.layers.compression import NONE, Corrupt, decompressed
from linter.image.layers.digests import ALGORITHMS, Digest, Digests
from linter.image.layers.names import OPAQUE, UNION_PREFIX, WHITEOUT, Unsafe, inside
from linter.image.layers.tar import CHUNK, Archive, Member
from linter.image.model import Entry, ImageError, Problem, Scan
from linter.store import blake2b

if TYPE_CHECKING:
    from collections.abc import Callable

    from linter.image.layers.limits import Limits
    from linter.image.model import Descriptor, Keep, Stream

NO_ROOM = "contents-too-large"
TOO_SLOW = "layer-takes-too-long"
UNREADABLE = "layer-unreadable"

_CONTENT_ALGORITHM = "sha256"
"""What engines name contents by; a promise in another is not compared."""
_HEAD_BYTES = 16


def scan_layer(
    stream: Stream,
    keep: Keep,
    limits: Limits,
    *,
    algorithm: str = "",
    room: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Scan:
    """Read a layer. Never raises for what is wrong with it or with its source: that is a problem of the scan.

    `keep` says of which files to keep how many bytes; the limits bound each and all of them, and `room` bounds the
    layer's further. `algorithm` is that of the digest that the layer should have, sha256 if it is none that is known.
    `progress` is told how many stored bytes were read each time. A digest is empty when the bytes could not be read to
    their end.
    """
    problems = Problems(limits.problems)
    with Digests() as digests, without_collections():
        source = _Stored(stream, digests.new(algorithm if algorithm in ALGORITHMS else ALGORITHMS[0]), limits, progress)
        files = _Files(keep, limits, limits.kept_layer if room is None else min(room, limits.kept_layer), problems)
        compression, content_size, found = _through(source, files, limits, digests, problems)
        stored = source.rest(problems)
    return Scan(
        files.entries,
        files.whiteouts,
        files.opaque,
        files.contents,
        stored,
        stored if found is None else found,
        source.size,
        content_size,
        compression,
        problems.told(),
    )


def verified(scan: Scan, expected: Descriptor, diff_id: str | None) -> Scan:
    """The scan with a problem for each way in which it is not the layer that was asked for."""
    found = []
    if scan.digest and expected.digest:
        # Archives of Docker name layers by their content, and may hold them compressed.
        by_content = not expected.media_type.endswith(("gzip", "zstd")) and expected.digest == scan.diff_id
        if not by_content and expected.digest != scan.digest:
            found.append(Problem("digest-mismatch", f"the layer is {scan.digest} and should be {expected.digest}"))
        if not by_content and expected.size is not None and expected.size != scan.size:
            found.append(Problem("size-mismatch", f"the layer has {scan.size} bytes and should have {expected.size}"))
    if diff_id and diff_id.startswith(_CONTENT_ALGORITHM) and scan.diff_id and scan.diff_id != diff_id:
        text = f"the content of the layer is {scan.diff_id}, and the image's configuration says {diff_id}"
        found.append(Problem("diff-id-mismatch", text))
    return scan._replace(problems=(*scan.problems, *found)) if found else scan


class Problems:
    """Problems of a layer, of each kind no more than there is use in reading."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._found: list[Problem] = []
        self._counts: dict[str, int] = {}

    def add(self, code: str, message: str, path: str | None = None, layer: int | None = None) -> None:
        """Note one."""
        count = self._counts[code] = self._counts.get(code, 0) + 1
        if count <= self._limit:
            self._found.append(Problem(code, message, layer, path))

    def told(self) -> tuple[Problem, ...]:
        """All, with a last one of a kind for those that were left out."""
        more = {code: count - self._limit for code, count in self._counts.items() if count > self._limit}
        return (*self._found, *(Problem(code, f"{count} more of the same kind") for code, count in more.items()))


def _through(
    source: _Stored, files: _Files, limits: Limits, digests: Digests, problems: Problems
) -> tuple[str, int, str | None]:
    """Read the files; give the compression, the bytes of content, and their digest if there was an end to them.

    The digest of content that is stored as it is, and hashed so, is that of the stored bytes: None.
    """
    try:
        compression, plain = decompressed(source, limits.window_log)
    except (OSError, ImageError) as error:
        problems.add(*_told(error))
        return NONE, 0, ""
    same = compression == NONE and source.algorithm == _CONTENT_ALGORITHM
    content = _Content(plain, None if same else digests.new(_CONTENT_ALGORITHM), source, limits)
    archive, ended = Archive(content, limits), False
    try:
        files.read(archive)
        ended = True
    except (OSError, ImageError) as error:
        problems.add(*_told(error))
    strange, told = content.rest(problems)
    if ended and (strange or archive.unread.strip(b"\0")):
        problems.add("bytes-after-end", "other bytes follow behind the end of the archive")
    return compression, content.size, told


def _told(error: Exception) -> tuple[str, str]:
    """Code and message of what went wrong."""
    if isinstance(error, Corrupt):
        return error.code, str(error)
    return UNREADABLE, f"the layer could not be read to its end: {error}"


class _Stored:
    """The bytes of the layer as they are stored, counted and hashed while they pass."""

    def __init__(
        self, stream: Stream, digest: Digest, limits: Limits, progress: Callable[[int], None] | None = None
    ) -> None:
        self._stream, self._digest, self._progress = stream, digest, progress
        self._limit = limits.content
        self._failed = False
        self.algorithm = digest.algorithm
        self.size = 0

    def read(self, size: int, /) -> bytes:
        try:
            piece = self._stream.read(size)
        except (OSError, ImageError):
            self._failed = True
            raise
        self.size += len(piece)
        if self.size > self._limit:
            self._failed = True
            raise Corrupt("layer-too-large", f"the layer takes more than {self._limit} bytes")
        self._digest.update(piece)
        if self._progress:
            self._progress(len(piece))
        return piece

    def rest(self, problems: Problems) -> str:
        """Read what nobody has read, for the digest, and give it; empty if the source failed."""
        try:
            while not self._failed and self.read(CHUNK):
                pass
        except (OSError, ImageError) as error:
            problems.add(*_told(error))
        return "" if self._failed else self._digest.told()


class _Content:
    """The bytes of the layer after decompression, counted, bounded and hashed while they pass."""

    def __init__(self, plain: Stream, digest: Digest | None, source: _Stored, limits: Limits) -> None:
        self._plain, self._digest, self._source, self._limits = plain, digest, source, limits
        self._failed = False
        self._began = time.thread_time()
        self.size = 0

    def read(self, size: int, /) -> bytes:
        try:
            piece = self._plain.read(size)
            self.size += len(piece)
            self._check()
        except (OSError, ImageError):
            self._failed = True
            raise
        if self._digest:
            self._digest.update(piece)
        return piece

    def _check(self) -> None:
        size, limits = self.size, self._limits
        if size > limits.content:
            raise Corrupt("layer-too-large", f"the content of the layer takes more than {limits.content} bytes")
        if size > limits.expanded_from and size > limits.expanded_ratio * self._source.size:
            ratio = f"expands to more than {limits.expanded_ratio} times its size"
            raise Corrupt("layer-expands-too-much", f"the layer {ratio}; the rest of its content was not read")
        if time.thread_time() - self._began > limits.seconds:
            text = f"the layer takes more than {limits.seconds} seconds to read; the rest of it was not read"
            raise Corrupt(TOO_SLOW, text)

    def rest(self, problems: Problems) -> tuple[bool, str | None]:
        """Read what nobody has read; give whether there was more than zeros, and the digest, empty without an end."""
        strange = False
        try:
            while not self._failed and (piece := self.read(CHUNK)):
                strange = strange or piece.count(0) != len(piece)
        except (OSError, ImageError) as error:
            problems.add(*_told(error))
        if self._digest is None:
            return strange, None
        return strange, "" if self._failed else self._digest.told()


class _Files:
    """What is found in an archive."""

    def __init__(self, keep: Keep, limits: Limits, room: int, problems: Problems) -> None:
        self._keep, self._limits, self._room, self._problems = keep, limits, room, problems
        self.entries: list[Entry] = []
        self.whiteouts: list[str] = []
        self.opaque: list[str] = []
        self.contents: dict[str, bytes] = {}

    def read(self, archive: Archive) -> None:
        """Take every member. Raises Corrupt and what the source raises; what was found until then stays."""
        limit = self._limits.entries
        for count, member in enumerate(archive):
            if count >= limit:
                raise Corrupt("too-many-entries", f"the layer has more than {limit} files; the rest was not looked at")
            try:
                self._member(member, archive)
            except Unsafe as reason:
                shown = ascii(member.name[: self._limits.part])
                self._problems.add("unsafe-name", f"the name {shown} {reason}; engines refuse such a layer")

    def _member(self, member: Member, archive: Archive) -> None:
        path = inside(member.name, self._limits)
        base = path.rpartition("/")[2]
        if base.startswith(WHITEOUT):
            self._whiteout(path, base)
        elif not path:
            if member.kind != "folder":
                raise Unsafe("is that of the root and of no folder")
        elif member.kind == "other":
            self._problems.add("unknown-entry", "an entry of the archive is of a kind that engines do not know", path)
        else:
            self._entry(path, member, archive)

    def _whiteout(self, path: str, base: str) -> None:
        folder = path[: -len(base)]
        if base == OPAQUE:
            self.opaque.append(folder.rstrip("/"))
        elif not base.startswith(UNION_PREFIX):
            name = base[len(WHITEOUT) :]
            if name in ("", ".", ".."):
                raise Unsafe("removes no file")
            self.whiteouts.append(folder + name)

    def _entry(self, path: str, member: Member, archive: Archive) -> None:
        kind, target, size, head = member.kind, member.target, member.size, b""
        if kind == "file" and size:
            size = self._bounded(path, member)
            head = self._content(path, member, archive)
        elif kind == "hardlink":
            kind, target = "file", inside(target, self._limits)
            if not target:
                raise Unsafe("links to no file")
        elif kind == "link":
            if not 0 < len(target) <= self._limits.path:
                raise Unsafe(f"is that of a link of {len(target)} characters")
        else:
            target = ""
        self.entries.append(Entry(path, kind, size, member.mode, member.owner, member.group, target, 0, head))

    def _bounded(self, path: str, member: Member) -> int:
        """The size of a file; a sparse one may claim any."""
        if member.size <= self._limits.content:
            return member.size
        self._problems.add("file-too-large", f"the file says that it has {member.size} bytes", path)
        return member.stored

    def _content(self, path: str, member: Member, archive: Archive) -> bytes:
        """Keep the content if it is asked for; give the file's head."""
        kept = min(self._keep(path, member.size, member.mode), member.size, self._limits.kept_file)
        if kept > self._room:
            self._problems.add(NO_ROOM, f"the content was not kept: {kept} bytes are more than there is room for", path)
            kept = 0
        headed = self._limits.head if member.size >= self._limits.head_from else 0
        if not (kept > 0 or headed):
            return b""
        content = archive.content(member, max(kept, headed))
        if kept > 0:
            self._room -= kept
            self.contents[path] = content[:kept]
        if not headed:
            return b""
        return blake2b(b"%d\0" % member.size + content[:headed], digest_size=_HEAD_BYTES).digest()
