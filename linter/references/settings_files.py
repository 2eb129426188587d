"""Where the file of settings lies that code names."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_PARTS_LIMIT = 8
"""Folders of one path."""


def places_of(name: str, folder: str) -> Iterator[str]:
    """The paths in the tree that a path in code may mean, the likeliest first.

    It is looked for beside the code, in the folders above, and without the folders that it begins with, which may be
    the image's.
    """
    parts = [part for part in posixpath.normpath(name.replace("\\", "/")).split("/") if part not in ("", ".", "..")]
    folders = folder.split("/") if folder else []
    for first in range(max(0, len(parts) - _PARTS_LIMIT), len(parts)):
        for count in range(len(folders), -1, -1):
            yield "/".join([*folders[:count], *parts[first:]])
