"""The merged files of built images as trees, so that what reads products on disk reads images too."""

from __future__ import annotations

import errno
import posixpath
from typing import TYPE_CHECKING

from linter.tree import Entry, Tree, clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from linter.image.model import BuiltImage, Merged
    from linter.image.model import Entry as ImageEntry

_MOST_LINKS = 40
"""Links that are followed for one path, as Linux does."""


class ImageTree:
    """What a container would see. Links are followed inside the image: an entry that is asked for by a path through
    links has the path that they lead to.
    """

    def __init__(self, merged: Merged) -> None:
        self._entries = merged.entries
        self._contents = merged.contents
        self._folders: dict[str, list[str]] | None = None

    def entry(self, path: str) -> Entry | None:
        """The entry at a path, past all links; None where nothing is, or links lead nowhere."""
        real = self.resolve(path)
        if real is None:
            return None
        found = self._entries.get(real)
        return _entry(found) if found else Entry(real, "folder") if real in self._listing() else None

    def entries(self, folder: str) -> tuple[Entry, ...]:
        """What stands directly in a folder; links as links."""
        real = self.resolve(folder)
        names = self._listing().get(real, ()) if real is not None else ()
        return tuple(_entry(self._entries[name]) for name in sorted(names) if name in self._entries)

    def read(self, path: str, limit: int) -> bytes:
        """Bytes of a file whose content was kept. Raises OSError for any other."""
        real = self.resolve(path)
        if real is None or real not in self._contents:
            raise OSError(errno.ENODATA, "its content was not kept while the layers were read")
        return self._contents[real][:limit]

    def resolve(self, path: str) -> str | None:
        """The path behind all links of a path; None when they run in circles or end where nothing is."""
        parts = [part for part in reversed(clean(path.lstrip("/")).split("/")) if part]
        done = ""
        links = 0
        while parts:
            part = parts.pop()
            if part in ("", "."):
                continue
            if part == "..":
                done = posixpath.dirname(done)
                continue
            place = f"{done}/{part}" if done else part
            found = self._entries.get(place)
            if found is not None and found.kind == "link":
                links += 1
                if links > _MOST_LINKS:
                    return None
                parts += reversed(found.target.split("/"))
                done = "" if found.target.startswith("/") else done
            elif found is None and place not in self._listing():
                return None
            else:
                done = place
        return done

    def _listing(self) -> dict[str, list[str]]:
        if self._folders is None:
            folders: dict[str, list[str]] = {"": []}
            for path in self._entries:
                folders.setdefault(path.rpartition("/")[0], []).append(path)
            self._folders = folders
        return self._folders


def _entry(found: ImageEntry) -> Entry:
    kind = found.kind if found.kind in ("file", "folder", "link") else "other"
    return Entry(found.path, kind, found.size, bool(found.mode & 0o111) if kind == "file" else None)


def mounted(base: Tree, images: Iterable[BuiltImage]) -> MountedTree:
    """A tree with the files of built images in it, as far as their layers were read."""
    return MountedTree(base, {each.root: ImageTree(each.merged) for each in images if each.merged})


class MountedTree:
    """A tree, and others below names of their own: what lies at `opt/x` of an image is `NAME!/opt/x` of the run."""

    def __init__(self, base: Tree, mounts: Mapping[str, Tree]) -> None:
        self._base = base
        self._mounts = mounts

    def entry(self, path: str) -> Entry | None:
        """The entry of a path in the tree that it lies in."""
        tree, prefix, inner = self._of(path)
        found = tree.entry(inner)
        return found._replace(path=_joined(prefix, found.path)) if found and prefix else found

    def entries(self, folder: str) -> tuple[Entry, ...]:
        """What stands directly in a folder of the tree that it lies in."""
        tree, prefix, inner = self._of(folder)
        found = tree.entries(inner)
        return tuple(each._replace(path=_joined(prefix, each.path)) for each in found) if prefix else found

    def read(self, path: str, limit: int) -> bytes:
        """The bytes of a file of the tree that it lies in."""
        tree, _, inner = self._of(path)
        return tree.read(inner, limit)

    def _of(self, path: str) -> tuple[Tree, str, str]:
        for prefix, tree in self._mounts.items():
            if path == prefix or path.startswith(f"{prefix}/"):
                return tree, prefix, path[len(prefix) + 1 :]
        return self._base, "", path


def _joined(prefix: str, path: str) -> str:
    return f"{prefix}/{path}" if path else prefix
