"""Which files of a built image are the seller's own code, by their places alone."""

from __future__ import annotations

import json
import posixpath
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from linter.image.model import Keep, Merged
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


def origin_marks(knowledge: Knowledge) -> Keep:
    """A `Keep` for what says where an installed package came from (PEP 610) and what it is imported by."""
    table = knowledge.get("container.inspected_in_images")
    endings, limit = tuple(table["origin_marks"]), table["origin_mark_bytes"]
    return lambda path, size, mode: limit if path.endswith(endings) and 0 < size <= limit else 0


def own_packages(merged: Merged) -> list[str]:
    """Folders and modules of Python packages that were installed from a folder of the build: the seller's own code, as
    far as anything can tell.
    """
    found = []
    for path, content in merged.contents.items():
        info, _, name = path.rpartition("/")
        if name == "direct_url.json" and _from_folder(content):
            told = merged.contents.get(f"{info}/top_level.txt", b"").decode("utf-8", "replace").split()
            parent, own = posixpath.split(info)
            names = told or [re.sub(r"-[^-]*\.dist-info$", "", own).replace("-", "_")]
            found += [f"{parent}/{each}" for each in names if "/" not in each and each not in ("", ".", "..")]
    return found


def below(folders: Iterable[str], limit: int) -> Keep:
    """A `Keep` for the Python code of packages."""
    prefixes = tuple(f"{folder}/" for folder in folders)
    modules = frozenset(f"{folder}.py" for folder in folders)

    def keep(path: str, size: int, mode: int) -> int:
        wanted = path in modules or (path.startswith(prefixes) and path.endswith(".py"))
        return limit if wanted and 0 < size <= limit else 0

    return keep


def _from_folder(content: bytes) -> bool:
    try:
        told = json.loads(content)
    except (ValueError, RecursionError):
        return False
    return isinstance(told, dict) and isinstance(told.get("dir_info"), dict) and not told["dir_info"].get("editable")


def _below(folders: list[str]) -> re.Pattern[str]:
    return re.compile(f"(?:{'|'.join(map(re.escape, sorted(folders, key=len, reverse=True)))})(?:/|$)")
