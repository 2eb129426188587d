"""Files whose names tell of credentials, by the globs of the table `secrets.credential_files`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from linter.references.patterns import matches_glob

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linter.knowledge import Knowledge

_FOLDER = "-folder"
"""How the kinds end that are folders."""
_MOST_NAMES = 200_000
"""Names of which it is remembered what they fit."""


class CredentialFiles:
    """The table, compiled."""

    def __init__(self, knowledge: Knowledge) -> None:
        table: Mapping[str, list[str]] = knowledge.get("secrets.credential_files")
        self._clean: list[str] = knowledge.get("secrets.credential_files_clean")
        self._globs = [(kind, glob, _last(glob)) for kind, globs in table.items() for glob in globs]
        self._sieve = re.compile("|".join(sorted({last.pattern for _, _, last in self._globs})))
        self._named: dict[str, tuple[tuple[str, str], ...]] = {}

    def kind(self, path: str, *, or_folder: bool = False) -> str | None:
        """What a file of that path, or a folder, usually holds: `netrc`, `private-key`, …; None for nothing of it.

        The path has `/` between its parts and may be a glob itself, as in a COPY.
        """
        name = path.rpartition("/")[2]
        if not self._sieve.fullmatch(name):
            return None
        fitting = (kind for kind, glob in self._fitting(name) if _matches(glob, path))
        kind = next((kind for kind in fitting if or_folder or not kind.endswith(_FOLDER)), None)
        return None if kind is None or any(_matches(glob, path) for glob in self._clean) else kind

    def _fitting(self, name: str) -> tuple[tuple[str, str], ...]:
        """Kinds and globs that a file's name fits, in their order. Few names are in an image as often as `config`."""
        found = self._named.get(name)
        if found is None:
            if len(self._named) > _MOST_NAMES:
                self._named.clear()
            found = tuple((kind, glob) for kind, glob, last in self._globs if last.fullmatch(name))
            self._named[name] = found
        return found


def credential_files(knowledge: Knowledge) -> CredentialFiles:
    """The compiled table, made once a run."""
    table: CredentialFiles = knowledge.index("references.credential_files", CredentialFiles)
    return table


def _last(glob: str) -> re.Pattern[str]:
    """The last part of a glob as a regular expression: a first sieve, so it may match too much."""
    return re.compile(re.escape(glob.rpartition("/")[2]).replace(r"\*", ".*").replace(r"\?", "."))


@lru_cache(maxsize=4096)
def _matches(glob: str, path: str) -> bool:
    """A glob of the table `secrets`, in which `**/` stands for any folders, none included."""
    if not glob.startswith("**/"):
        return matches_glob(glob, path)
    tail = glob.removeprefix("**/")
    parts, depth = path.split("/"), tail.count("/") + 1
    if "**" in tail:
        return re.fullmatch(_deep(glob), path) is not None
    return len(parts) >= depth and matches_glob(tail, "/".join(parts[-depth:]))


def _deep(glob: str) -> str:
    escaped = re.escape(glob).replace(r"\*\*/", "(?:.*/)?").replace(r"\*\*", ".*")
    return escaped.replace(r"\*", "[^/]*")
