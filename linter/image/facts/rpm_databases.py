"""The databases of rpm in an image: what is kept of them while layers are read, and what that tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.image.model import Problem
from linter.image.rpm.database import Database, packed, read_database, unpacked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from linter.image.facts.paths import PathTable
    from linter.image.facts.view import View
    from linter.image.model import Merged

_JOURNAL = "-wal"
"""What SQLite puts behind the name of a database for the file with its newest pages."""


def condensed_database(table: PathTable) -> Callable[[bytes], bytes]:
    """What makes of a database the little that facts need: the packages, and those of their files of which the path
    alone does not tell that they belong to one.
    """
    return lambda content: packed(read_database(content, lambda path: not table.is_installed(path)))


def databases_in(merged: Merged, paths: Iterable[str]) -> Mapping[str, Database]:
    """What the databases say that a container would see, by path."""
    found = {}
    for path in paths:
        entry = merged.entries[path]
        if entry.kind == "file" and entry.size:
            text = merged.contents.get(path)
            untold = Database((), {}, f"it has {entry.size} bytes, and it or what it says was too large to be kept")
            found[path] = unpacked(text) if text is not None else untold
    return found


def database_problems(view: View) -> Iterator[Problem]:
    """Why not all packages of rpm are known, where they are not."""
    if view.merged is None:
        return
    entries = view.merged.entries
    for path, database in view.rpm_databases.items():
        journal = entries.get(path + _JOURNAL)
        reason = database.problem
        if not reason and journal is not None and journal.size:
            reason = "its newest entries stand in a journal, which was not read"
        if reason:
            message = f"the database of rpm does not tell of all packages that are installed: {reason}"
            yield Problem("packages-not-read", message, entries[path].layer, path)


def files_of_packages(view: View) -> Mapping[str, int]:
    """Sizes of the files that packages of rpm have brought, as far as their paths do not tell."""
    return {path: size for database in view.rpm_databases.values() for path, size in database.files.items()}
