"""Files whose names tell of credentials, by the globs of the table `secrets.credential_files`."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from typing import TYPE_CHECKING

from linter.references.patterns import matches_glob

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from linter.knowledge import Knowledge


class _Table:
    """The table, with a sieve: most names end like no glob of it."""

    def __init__(self, knowledge: Knowledge) -> None:
        table: Mapping[str, list[str]] = knowledge.get("secrets.credential_files")
        self.kinds = {kind: [_bare(glob) for glob in globs] for kind, globs in table.items()}
        self.clean = [_bare(glob) for glob in knowledge.get("secrets.credential_files_clean")]
        lasts = sorted({glob.rpartition("/")[2] for globs in self.kinds.values() for glob in globs})
        self.sieve = re.compile("|".join(map(fnmatch.translate, lasts)))


def credential_kind(path: str, knowledge: Knowledge) -> str | None:
    """The kind of credentials that a file of that path, or a folder, usually holds; None when its name tells of none.

    The path may be a glob itself, as in a COPY.
    """
    table: _Table = knowledge.index("references.credential_files", _Table)
    parts = posixpath.normpath(path).lstrip("/").split("/")
    if "*" not in parts[-1] and not table.sieve.match(parts[-1]):
        return None
    if _any(table.clean, parts):
        return None
    return next((kind for kind, globs in table.kinds.items() if _any(globs, parts)), None)


def _bare(glob: str) -> str:
    return glob.removeprefix("**/").lstrip("/")


def _any(globs: Iterable[str], parts: list[str]) -> bool:
    return any(matches_glob(glob, "/".join(parts[-1 - glob.count("/") :])) for glob in globs)
