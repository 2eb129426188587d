"""Layers put one over the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.image.model import Entry, Hidden, Merged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from linter.image.model import Scan


def merge(scans: Sequence[Scan]) -> Merged:
    """The files that a container would see, and what became of the rest."""
    entries: dict[str, Entry] = {}
    hidden: list[Hidden] = []
    contents: dict[str, bytes] = {}
    hidden_contents: dict[tuple[int, str], bytes] = {}

    def hide(path: str, by: int, *, replaced: bool) -> None:
        entry = entries.pop(path, None)
        if entry is None or entry.kind == "folder":
            return
        hidden.append(Hidden(entry, by, replaced))
        if path in contents:
            hidden_contents[entry.layer, path] = contents.pop(path)

    for number, scan in enumerate(scans):
        for path in (*scan.whiteouts, *scan.opaque):
            for known in [each for each in entries if each == path or each.startswith(f"{path}/")]:
                if known != path or path not in scan.opaque:
                    hide(known, number, replaced=False)
        for entry in scan.entries:
            if entry.path in entries:
                hide(entry.path, number, replaced=entry.kind != "folder")
            parts = entry.path.split("/")
            for depth in range(1, len(parts)):
                folder = "/".join(parts[:depth])
                entries.setdefault(folder, Entry(folder, "folder", 0, 0o755, 0, 0, "", number))
            entries[entry.path] = entry._replace(layer=number)
            if entry.path in scan.contents:
                contents[entry.path] = scan.contents[entry.path]
    return Merged(entries, hidden, contents, hidden_contents)
