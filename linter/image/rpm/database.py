"""The packages of an rpm database, whatever its form, and the short text that is kept in the database's place."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.image.rpm import berkeley, ndb, sqlite
from linter.image.rpm.bounds import MOST_FILES, Unreadable, bounded
from linter.image.rpm.header import Damaged, read_header

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


class Database(NamedTuple):
    """What a database says. Of a damaged one this is what could be read."""

    packages: tuple[tuple[str, str, str | None], ...]
    """Name, `epoch:version-release` and source package of each, in the database's order."""
    files: Mapping[str, int]
    """Sizes of the files that were asked for, by path, as far as somebody has signed their packages: one that the
    seller has made holds the seller's files.
    """
    problem: str | None
    """One clause that says why not all of it could be read."""


def read_database(data: bytes, wanted: Callable[[str], bool]) -> Database:
    """Read a database; `wanted` says of the path of a package's file whether it is asked for. Never raises."""
    packages: list[tuple[str, str, str | None]] = []
    files: dict[str, int] = {}
    damaged, problem = 0, None
    try:
        for blob in bounded(_blobs(data), len(data)):
            try:
                package = read_header(blob, wanted)
            except Damaged:
                damaged += 1
                continue
            packages.append(package[:3])
            if len(files) < MOST_FILES:
                files |= package.files
    except Unreadable as reason:
        problem = str(reason)
    if damaged and not problem:
        problem = f"{damaged} of its entries are damaged"
    return Database(tuple(packages), files, problem)


def _blobs(data: bytes) -> Iterator[bytes]:
    if data.startswith(sqlite.MAGIC):
        return sqlite.blobs(data)
    if data.startswith(ndb.MAGIC):
        return ndb.blobs(data)
    if berkeley.is_berkeley(data):
        return berkeley.blobs(data)
    raise Unreadable("it is of no form that is known")


def packed(database: Database) -> bytes:
    """A database in short, beginning so that nobody takes it for the text of a file."""
    return b"\0" + json.dumps(database).encode("ascii")


def unpacked(text: bytes) -> Database:
    """What was packed; a problem when it is anything else."""
    try:
        packages, files, problem = json.loads(text.removeprefix(b"\0"))
        if isinstance(files, dict) and (problem is None or isinstance(problem, str)):
            return Database(tuple(map(_package, packages)), files, problem)
    except (ValueError, TypeError, RecursionError):
        pass
    return Database((), {}, "it is not what was kept of it")


def _package(told: Any) -> tuple[str, str, str | None]:
    name, version, source = told
    if not (isinstance(name, str) and isinstance(version, str) and isinstance(source, str | None)):
        raise TypeError
    return name, version, source
