"""What files of an image are, by their paths and the table `image_files`: installed packages, caches, what to read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.references.credential_files import credential_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from linter.image.model import Keep
    from linter.knowledge import Knowledge


_MOST_FOLDERS = 200_000
"""Folders of which it is remembered whether packages brought them."""


class Role(NamedTuple):
    """A kind of notable file."""

    name: str
    pattern: re.Pattern[str]
    least_bytes: int


class PathTable:
    """The table, compiled. Paths are without a slash at their start."""

    def __init__(self, knowledge: Knowledge) -> None:
        table: Mapping[str, Any] = knowledge.get("image_files")
        self._installed = _any(table["installed"])
        self._start_names = frozenset(knowledge.get("container.start_program_names"))
        self._folders: dict[str, bool] = {}
        self.caches = {name: _any(patterns) for name, patterns in table["caches"].items()}
        self._cache_hints = re.compile("|".join(map(re.escape, table["cache_hints"])))
        self._package_endings: tuple[str, ...] = tuple(table["package_endings"])
        self._package_folder: str = table["package_folder"]
        self.system = frozenset(table["system_files"])
        self.databases = {name: _any(patterns) for name, patterns in table["package_databases"].items()}
        self.descriptions = {
            ecosystem: (_any(entry["paths"]), re.compile(entry["version"]))
            for ecosystem, entry in table["package_descriptions"].items()
        }
        self.rpm_pseudo_packages = frozenset(table["rpm_pseudo_packages"])
        self.package_files = {
            ecosystem: tuple(re.compile(pattern) for pattern in patterns)
            for ecosystem, patterns in table["package_files"].items()
        }
        self.keep_bytes: Mapping[str, int] = table["keep_bytes"]
        self.roles = tuple(
            Role(name, _any(entry["patterns"]), entry.get("least_bytes", 0)) for name, entry in table["roles"].items()
        )
        self.secret_texts = _any(table["secret_texts"])
        self.secret_clean = _any(table["secret_clean"])

    def is_installed(self, path: str) -> bool:
        """Whether a package of others brought the file. Nearly always the folder decides, which is asked once."""
        folder, _, name = path.rpartition("/")
        if name in self._start_names:
            return self._installed.search(path) is not None
        found = self._folders.get(folder)
        if found is None:
            if len(self._folders) > _MOST_FOLDERS:
                self._folders.clear()
            found = self._folders[folder] = bool(folder) and self._installed.search(f"{folder}/") is not None
        return found or self._installed.search(path) is not None

    def cache_of(self, path: str) -> str | None:
        """Whose cache a file lies in."""
        if not self._cache_hints.search(path):
            return None
        return next((name for name, pattern in self.caches.items() if pattern.search(path)), None)

    def may_tell_packages(self, path: str) -> bool:
        """Whether a file may be one that tells of installed packages: a sieve before the patterns."""
        return path.endswith(self._package_endings) or self._package_folder in path

    def is_rpm_database(self, path: str) -> bool:
        """Whether rpm keeps its packages there, in a form that is no text."""
        return path.endswith(self._package_endings) and self.databases["rpm"].search(path) is not None


def path_table(knowledge: Knowledge) -> PathTable:
    """The compiled table, made once a run."""
    table: PathTable = knowledge.index("image.paths", PathTable)
    return table


def keep(knowledge: Knowledge) -> Keep:
    """How many bytes of which files the facts about an image need."""
    table, credentials = path_table(knowledge), credential_files(knowledge)
    sizes = table.keep_bytes

    def wanted(path: str, size: int, mode: int) -> int:
        if size <= 0:
            return 0
        if path in table.system:
            return min(size, sizes["system"])
        if table.may_tell_packages(path):
            if table.is_rpm_database(path):
                return size if size <= sizes["rpm_database"] else 0
            if any(pattern.search(path) for pattern in table.databases.values()):
                return min(size, sizes["package_database"])
            if any(paths.search(path) for paths, _ in table.descriptions.values()):
                return min(size, sizes["package_description"])
        if table.is_installed(path):
            return 0
        if size <= sizes["secret"] and credentials.kind(path):
            return size
        return size if size <= sizes["text"] and table.secret_texts.search(path) else 0

    return wanted


def _any(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))
