"""The files that a container sees, out of all layers, as engines unpack them.

A layer's whiteouts are applied to the layers below it and never to its own files, as the specification says (umoci does
the same; Docker goes by the order in the archive, in which builders put whiteouts first). Where folders on a file's way
are links, engines follow them inside the image, and so does this; a link that a file or a folder is put on itself is
replaced. A folder that such a link points to and that is missing is made, as containerd and umoci do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.collecting import without_collections
from linter.image.model import Entry, Hidden, Merged
from linter.image.scan import Problems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from linter.image.limits import Limits
    from linter.image.model import Problem, Scan

_IMPLIED_MODE = 0o755


def merge(scans: Sequence[Scan], limits: Limits) -> Merged:
    """Put the layers of an image together, from the base up."""
    view = _View(limits)
    with without_collections():
        for number, scan in enumerate(scans):
            view.add(scan, number)
    return Merged(
        view.entries, view.hidden, view.contents, view.hidden_contents, (*_numbered(scans), *view.problems.told())
    )


def _numbered(scans: Sequence[Scan]) -> list[Problem]:
    return [problem._replace(layer=number) for number, scan in enumerate(scans) for problem in scan.problems]


class _Refused(Exception):
    """No engine could unpack this entry. Code and message of the problem."""


class _View:
    """The files so far. `_children` holds the names in each folder; the root's path is empty."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._children: dict[str, set[str]] = {"": set()}
        self._steps = limits.steps
        self._gone: list[tuple[Entry, bytes | None]] = []
        self.entries: dict[str, Entry] = {}
        self.contents: dict[str, bytes] = {}
        self.hidden: list[Hidden] = []
        self.hidden_contents: dict[tuple[int, str], bytes] = {}
        self.problems = Problems(limits.problems)

    def add(self, scan: Scan, number: int) -> None:
        """Unpack one more layer."""
        removes = scan.opaque or scan.whiteouts
        own = {entry.path for entry in scan.entries if entry.kind == "folder"} if removes else set()
        for path in scan.opaque:
            self._remove_below(path, own, number)
        for path in scan.whiteouts:
            self._remove_named(path, own, number)
        for entry in scan.entries:
            if len(self.entries) >= self._limits.image_entries:
                text = f"the image has more than {self._limits.image_entries} files; the rest was not looked at"
                self.problems.add("too-many-entries", text, layer=number)
                break
            try:
                self._put(entry, number, scan.contents.get(entry.path))
            except _Refused as reason:
                code, message = reason.args
                self.problems.add(code, message, entry.path, number)
        self._settle(number)

    # Removing

    def _remove_below(self, path: str, own: set[str], number: int) -> None:
        """Empty an opaque folder."""
        if (folder := self._below(path, own, number)) is not None:
            for name in list(self._children[folder]):
                self._remove(f"{folder}/{name}" if folder else name)

    def _remove_named(self, path: str, own: set[str], number: int) -> None:
        parent, _, name = path.rpartition("/")
        folder = self._below(parent, own, number)
        if folder is not None and name in self._children[folder]:
            self._remove(f"{folder}/{name}" if folder else name)

    def _below(self, path: str, own: set[str], number: int) -> str | None:
        """The folder of a whiteout in the layers below; None when there is none.

        A folder that the same layer puts in the place of a link is not what the link points to.
        """
        try:
            return self._folder(path, make=None, own=own)
        except _Refused as reason:
            code, message = reason.args
            self.problems.add(code, message, path, number)
            return None

    def _remove(self, path: str) -> None:
        """Take a file away, or a folder with everything in it."""
        parent, _, name = path.rpartition("/")
        self._children[parent].discard(name)
        waiting = [path]
        while waiting:
            at = waiting.pop()
            entry = self.entries.pop(at)
            if entry.kind == "folder":
                waiting += [f"{at}/{name}" for name in self._children.pop(at)]
            else:
                self._gone.append((entry, self.contents.pop(at, None)))

    def _settle(self, number: int) -> None:
        """What the layer has removed is hidden; only now it is known what stands in its place."""
        for entry, content in self._gone:
            instead = self.entries.get(entry.path)
            self.hidden.append(Hidden(entry, number, instead is not None and instead.kind != "folder"))
            if content is not None and entry.layer != number:
                self.hidden_contents[entry.layer, entry.path] = content
        self._gone = []

    # Putting

    def _put(self, entry: Entry, number: int, content: bytes | None) -> None:
        parent, _, name = entry.path.rpartition("/")
        folder = parent if parent in self._children else self._folder(parent, make=number)
        assert folder is not None  # it was made
        path = f"{folder}/{name}" if folder else name
        if entry.kind == "file" and entry.target:
            entry, content = self._linked(entry)
            if entry.path == path:
                return
        if path != entry.path or number != entry.layer:
            entry = entry._replace(path=path, layer=number)
        old = self.entries.get(path)
        if old is not None:
            if old.kind == entry.kind == "folder":
                self._renew(old, entry)
                return
            self._remove(path)
        self._children[folder].add(name)
        self.entries[path] = entry
        if entry.kind == "folder":
            self._children[path] = set()
        elif content is not None:
            self.contents[path] = content

    def _renew(self, old: Entry, entry: Entry) -> None:
        """A folder that is there. Layers name many folders only because something in them has changed."""
        if old[3:6] != entry[3:6]:
            self.entries[entry.path] = entry

    def _linked(self, entry: Entry) -> tuple[Entry, bytes | None]:
        """A hard link as the file that it stands for, still at the place of that, and its content."""
        parent, _, name = entry.target.rpartition("/")
        folder = parent if parent in self._children else self._folder(parent, make=None)
        target = f"{folder}/{name}" if folder else name
        found = self.entries.get(target) if folder is not None else None
        if found is None or found.kind == "folder":
            raise _Refused("broken-hard-link", "a hard link to a file that is not there; engines refuse such a layer")
        linked = found._replace(target=target) if found.kind == "file" else found
        return linked, self.contents.get(target)

    # Finding folders

    def _folder(self, path: str, make: int | None, own: set[str] | None = None) -> str | None:
        """The path of a folder without links on its way. What is missing is made for layer `make`, or gives None.

        Links at paths in `own` count as missing. Raises _Refused.
        """
        waiting = path.split("/")[::-1]
        at, told, followed = "", "", 0
        while waiting:
            part = waiting.pop()
            self._step()
            if followed == 0:
                told = f"{told}/{part}" if told else part
            if part in ("", "."):
                continue
            if part == "..":
                at = at.rpartition("/")[0]
                continue
            further = f"{at}/{part}" if at else part
            if further in self._children:
                at = further
                continue
            entry = self.entries.get(further)
            if entry is None:
                if make is None:
                    return None
                at = self._make(at, part, make)
            elif entry.kind == "link":
                if own is not None and followed == 0 and told in own:
                    return None
                followed += 1
                if followed > self._limits.links:
                    raise _Refused("link-cycle", "links on the way to the file point at each other without an end")
                at = "" if entry.target.startswith("/") else at
                waiting += entry.target.split("/")[::-1]
            elif make is None:
                return None
            else:
                raise _Refused("not-a-folder", f"`{further}` is no folder and has a file in it; engines refuse that")
        return at

    def _step(self) -> None:
        self._steps -= 1
        if self._steps < 0:
            raise _Refused("links-too-long", "the links of the image make ways longer than were followed")

    def _make(self, folder: str, name: str, number: int) -> str:
        """A folder that no layer has named."""
        path = f"{folder}/{name}" if folder else name
        if path.count("/") >= 2 * self._limits.depth or len(path) > self._limits.path:
            raise _Refused("unsafe-name", "links make the file's path longer than Linux takes")
        self._children[folder].add(name)
        self._children[path] = set()
        self.entries[path] = Entry(path, "folder", 0, _IMPLIED_MODE, 0, 0, "", number)
        return path
