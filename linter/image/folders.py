"""Where the weight of an image is."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from linter.image.model import Entry, Merged

DEEPEST_FOLDER = 12


class Folder(NamedTuple):
    """A folder with all that lies below it."""

    path: str
    size: int
    files: int


def heaviest_folders(merged: Merged, most: int, share_percent: float) -> list[Folder]:
    """The folders where the weight is, the heaviest first: each stands for what lies below it but for what folders of
    the list below it stand for themselves. A folder whose weight is nearly all in one below gives way to that one.
    """
    direct: dict[str, list[int]] = {}
    total = 0
    for path, entry in merged.entries.items():
        if entry.kind == "file":
            total += entry.size
            sums = direct.setdefault(path.rpartition("/")[0], [0, 0])
            sums[0] += entry.size
            sums[1] += 1
    sizes: Counter[str] = Counter()
    files: Counter[str] = Counter()
    for folder, (size, number) in direct.items():
        parts = folder.split("/")[:DEEPEST_FOLDER] if folder else []
        for depth in range(1, len(parts) + 1):
            above = "/".join(parts[:depth])
            sizes[above] += size
            files[above] += number
    return _chosen(sizes, files, max(total * share_percent / 100, 1), most)


def _chosen(sizes: Counter[str], files: Counter[str], least: float, most: int) -> list[Folder]:
    below: dict[str, list[str]] = defaultdict(list)
    for path, size in sizes.items():
        if size >= least:
            below[path.rpartition("/")[0]].append(path)
    chosen: list[Folder] = []
    waiting = list(below[""])
    while waiting:
        path = waiting.pop()
        inner = below.get(path, [])
        waiting += inner
        # A folder of whose parts some are large themselves is shown for what remains, when that is much.
        left = sizes[path] - sum(sizes[each] for each in inner)
        if left >= least:
            chosen.append(Folder(path, left, files[path] - sum(files[each] for each in inner)))
    return sorted(chosen, key=lambda folder: (-folder.size, folder.path))[:most]


def largest_files(merged: Merged, most: int) -> list[Entry]:
    """The largest files, the largest first."""
    from heapq import nlargest

    return nlargest(most, (e for e in merged.entries.values() if e.kind == "file"), key=lambda e: (e.size, e.path))
