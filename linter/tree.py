"""Where files come from: a folder on disk, or a few texts in memory. Nothing here writes, follows links or executes."""

from __future__ import annotations

import os
import posixpath
import stat
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


class Entry(NamedTuple):
    """One name in a tree. `kind` is `file`, `folder`, `link` (its target is not followed) or `other`."""

    path: str
    kind: str
    size: int = 0
    executable: bool | None = None


class Tree(Protocol):
    """Read-only view of files. Paths are relative to the tree's base, with `/` between their parts."""

    def entry(self, path: str) -> Entry | None:
        """The entry of that exact path, or None."""

    def entries(self, folder: str) -> tuple[Entry, ...]:
        """What stands directly in a folder, sorted by name; empty when there is no such folder."""

    def read(self, path: str, limit: int) -> bytes:
        """At most `limit` bytes of a file from its start. Raises OSError when it cannot be read."""


def clean(path: str) -> str:
    """`a/./b/../c` as `a/c`; the base itself as the empty string."""
    normal = posixpath.normpath(path) if path else ""
    return "" if normal == "." else normal


def walk(tree: Tree, folder: str) -> Iterator[Entry]:
    """All files below a folder, depth first, in a stable order. Links are given, never followed."""
    for entry in tree.entries(folder):
        if entry.kind == "folder":
            yield from walk(tree, entry.path)
        else:
            yield entry


class Stamp(NamedTuple):
    """What changes when a file is written: as long as it is the same, so is the content, but for writes within the
    clock's grain. Times are in nanoseconds.
    """

    size: int
    modified: int
    changed: int
    inode: int


def stamp_of(info: os.stat_result) -> Stamp:
    """The stamp of a file. Where listings do not know inode and time of change, as on Windows, it does without."""
    if os.name == "posix":
        return Stamp(info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino)
    return Stamp(info.st_size, info.st_mtime_ns, 0, 0)


def entry_of(path: str, info: os.stat_result) -> Entry:
    """The entry of what is neither a folder nor a link."""
    kind = "file" if stat.S_ISREG(info.st_mode) else "other"
    return Entry(path, kind, info.st_size, bool(info.st_mode & 0o111) if os.name == "posix" else None)


class DiskTree:
    """A folder on disk. Listings are kept, so that a folder is read once a run."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.named: dict[str, list[str] | None] = {}
        """What git lists below a folder, kept like the listings."""
        self._listings: dict[str, dict[str, Entry]] = {}

    def entry(self, path: str) -> Entry | None:
        path = clean(path)
        if not path:
            return Entry("", "folder")
        if path == ".." or path.startswith("../"):
            return None
        return self._listing(path.rpartition("/")[0]).get(path)

    def entries(self, folder: str) -> tuple[Entry, ...]:
        return tuple(self._listing(clean(folder)).values())

    def _listing(self, folder: str) -> dict[str, Entry]:
        if folder not in self._listings:
            self._listings[folder] = {entry.path: entry for entry in self._scan(folder)}
        return self._listings[folder]

    def _scan(self, folder: str) -> Iterator[Entry]:
        try:
            with os.scandir(self.base / folder) as found:
                names = sorted(found, key=lambda e: e.name)
        except OSError:
            return
        for item in names:
            path = f"{folder}/{item.name}" if folder else item.name
            try:
                if item.is_symlink():
                    yield Entry(path, "link")
                elif item.is_dir(follow_symlinks=False):
                    yield Entry(path, "folder")
                else:
                    yield entry_of(path, item.stat(follow_symlinks=False))
            except OSError:
                yield Entry(path, "other")

    def read(self, path: str, limit: int) -> bytes:
        with open(self.base / path, "rb") as file:
            # Asked for the whole limit, Python would set aside so much memory for each small file.
            return file.read(min(limit, os.fstat(file.fileno()).st_size + 1))


class MemoryTree:
    """Texts by path, as the examples of rules give them. The paths in `executable` have their execute bit set."""

    def __init__(self, files: Mapping[str, bytes], executable: frozenset[str] = frozenset()) -> None:
        self._files = {clean(path): data for path, data in files.items()}
        self._executable = executable

    def entry(self, path: str) -> Entry | None:
        path = clean(path)
        if path in self._files:
            return Entry(path, "file", len(self._files[path]), path in self._executable)
        prefix = f"{path}/" if path else ""
        return Entry(path, "folder") if any(name.startswith(prefix) for name in self._files) else None

    def entries(self, folder: str) -> tuple[Entry, ...]:
        folder = clean(folder)
        prefix = f"{folder}/" if folder else ""
        names = {name[len(prefix) :].split("/", 1)[0] for name in self._files if name.startswith(prefix)}
        found = (self.entry(prefix + name) for name in sorted(names))
        return tuple(entry for entry in found if entry)

    def read(self, path: str, limit: int) -> bytes:
        return self._files[clean(path)][:limit]
