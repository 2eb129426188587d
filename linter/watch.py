"""A folder on disk that remembers what a run asked of it, so that a later run can tell whether its answers hold."""

from __future__ import annotations

import errno
import os
import time
from typing import TYPE_CHECKING, NamedTuple

from linter.store import RACY_NS, blake2b
from linter.tree import DiskTree, Entry, Stamp, clean, entry_of, stamp_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

# Answers like any other: there is no such folder. Other errors may be gone with the next try.
_ANSWERS = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL})
_NO_STAMP = (0, 0, 0, 0)
_POSIX = os.name == "posix"
_TYPE, _REGULAR = 0o170000, 0o100000

Line = tuple[str, str, int, bool | None, tuple[int, ...]]
"""One name of a listing: name, kind, size, execute bit, stamp; plain, so that it is quickly made and hashed."""


class Read(NamedTuple):
    """What was read of a file: the hash of its first `limit` bytes."""

    limit: int
    digest: str


class Seen(NamedTuple):
    """A file as an earlier run saw it."""

    stamp: Stamp
    read: Read


def content_digest(data: bytes) -> str:
    """The hash by which contents are told apart."""
    return blake2b(data, digest_size=20).hexdigest()


class WatchedTree(DiskTree):
    """A DiskTree that keeps what was listed and the hash of what was read.

    `unsteady` is set when an answer may not hold (an error, a file that changed while it was looked at): such a run is
    not to be kept.
    """

    def __init__(self, base: Path) -> None:
        super().__init__(base)
        self.began = time.time_ns()
        self._root = str(base)
        self.reads: dict[str, Read] = {}
        self.unsteady = False
        self._lines: dict[str, list[Line]] = {}
        self._stamps: dict[str, Stamp] = {}
        self._known: Mapping[str, Seen] = {}
        self._known_since = 0

    def know(self, files: Mapping[str, Seen], since: int) -> None:
        """Take over what an earlier run, begun at `since`, saw of files."""
        self._known, self._known_since = files, since

    @property
    def folders(self) -> list[str]:
        """The folders listed so far, in order of name."""
        return sorted(self._lines)

    def lines(self, folder: str) -> list[Line]:
        """A folder's listing in plain values, in order of name."""
        if folder not in self._lines:
            self._lines[folder] = sorted(self._scanned(folder))
        return self._lines[folder]

    def stamp(self, path: str) -> Stamp | None:
        """The stamp of a file when its folder was listed; None when there was no such file."""
        self._listing(path.rpartition("/")[0])
        return self._stamps.get(path)

    def read(self, path: str, limit: int) -> bytes:
        path = clean(path)
        try:
            with open(self.base / path, "rb", buffering=0) as file:
                info = os.fstat(file.fileno())
                data = _all(file, min(limit, info.st_size + 1))
        except OSError:
            self.unsteady = True
            raise
        if stamp_of(info) != self.stamp(path) or len(data) != min(limit, info.st_size):
            self.unsteady = True
        seen = self.reads.get(path)
        if seen is None or limit >= seen.limit:
            self.reads[path] = Read(limit, content_digest(data))
        return data

    def known_digest(self, path: str, limit: int) -> str | None:
        """The hash of a file's first `limit` bytes when it need not be read for that: by git's rule, a file is as it
        was when its stamp is, unless it was written so shortly before that its times could not show another write.
        """
        known = self._known.get(path)
        if known is None or known.stamp != self.stamp(path) or not settled(known.stamp, self._known_since):
            return None
        if limit != known.read.limit and min(limit, known.read.limit) < known.stamp.size:
            return None
        self._saw(path, Read(limit, known.read.digest))
        return known.read.digest

    def digest(self, path: str, limit: int) -> str | None:
        """The hash of a file's first `limit` bytes; None when it cannot be read."""
        known = self.known_digest(path, limit)
        if known is None:
            try:
                return content_digest(self.read(path, limit))
            except OSError:
                return None
        return known

    def saw(self, reads: Iterable[tuple[str, Read]]) -> None:
        """Take over what other processes read."""
        for path, read in reads:
            self._saw(path, read)

    def _saw(self, path: str, read: Read) -> None:
        if path not in self.reads or read.limit >= self.reads[path].limit:
            self.reads[path] = read

    def seen(self) -> dict[str, Seen]:
        """All files that were read, as a later run may take them over with `know`."""
        return {path: Seen(stamp, read) for path, read in self.reads.items() if (stamp := self.stamp(path))}

    def _listing(self, folder: str) -> dict[str, Entry]:
        if folder not in self._listings:
            entries = {}
            prefix = f"{folder}/" if folder else ""
            for name, kind, size, executable, stamp in self.lines(folder):
                path = prefix + name
                entries[path] = Entry(path, kind, size, executable)
                if kind == "file":
                    self._stamps[path] = Stamp(*stamp)
            self._listings[folder] = entries
        return self._listings[folder]

    def _scanned(self, folder: str) -> list[Line]:
        """A folder's listing. Every run lists all folders, so this is short of calls."""
        found: list[Line] = []
        try:
            with os.scandir(os.path.join(self._root, folder)) as items:  # noqa: PTH118 - thousands at every run
                for item in items:
                    try:
                        if item.is_symlink():
                            found.append((item.name, "link", 0, None, _NO_STAMP))
                        elif item.is_dir(follow_symlinks=False):
                            found.append((item.name, "folder", 0, None, _NO_STAMP))
                        else:
                            found.append(_file(item))
                    except OSError:
                        self.unsteady = True
                        found.append((item.name, "other", 0, None, _NO_STAMP))
        except OSError as error:
            self.unsteady |= error.errno not in _ANSWERS
            return []
        return found


def _file(item: os.DirEntry[str]) -> Line:
    info = item.stat(follow_symlinks=False)
    if _POSIX and info.st_mode & _TYPE == _REGULAR:
        stamp = (info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino)
        return item.name, "file", info.st_size, info.st_mode & 0o111 != 0, stamp
    _, kind, size, executable = entry_of(item.name, info)
    return item.name, kind, size, executable, tuple(stamp_of(info))


def settled(stamp: Stamp, since: int) -> bool:
    """Whether a file was left alone for long enough before a run that began at `since` (git's rule)."""
    return max(stamp.modified, stamp.changed) < since - RACY_NS


def _all(file: object, size: int) -> bytes:
    """`size` bytes, or all there are. One call of `read` may give fewer than there are."""
    parts: list[bytes] = []
    while size > 0 and (part := file.read(size)):  # type: ignore[attr-defined]
        parts.append(part)
        size -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)
