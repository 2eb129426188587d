"""Which files of a built image are the seller's own code, by their places alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from linter.image.model import Keep
    from linter.knowledge import Knowledge


def own_code(knowledge: Knowledge) -> Keep:
    """A `Keep` for files that are read as files of a product are. Systems and installed packages bring most files of an
    image: what they do is not the seller's code, and they are known by name and version instead.
    """
    table = knowledge.get("container.inspected_in_images")
    below = _below(table["not_below"])
    but = _below(table["but_below"])
    folders = frozenset(table["not_in_folders"])
    others = re.compile("|".join(table["not_matching"]))
    names, suffixes, limit = frozenset(table["names"]), frozenset(table["suffixes"]), table["limit_bytes"]

    def keep(path: str, size: int, mode: int) -> int:
        *places, name = path.split("/")
        if not 0 < size <= limit or not folders.isdisjoint(places):
            return 0
        suffix = name.rpartition(".")[2] if "." in name else ""
        if name not in names and (suffix not in suffixes or (below.match(path) and not but.match(path))):
            return 0
        return 0 if others.search(path) else limit

    return keep


def _below(folders: list[str]) -> re.Pattern[str]:
    return re.compile(f"(?:{'|'.join(map(re.escape, sorted(folders, key=len, reverse=True)))})(?:/|$)")
