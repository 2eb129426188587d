"""SQLite, the form of newer distributions: read by SQLite itself, from memory, under bounds.

A schema can hold views, triggers, generated columns and virtual tables. Nothing is ever written, and an authorizer
refuses everything but reading two columns of a plain table, functions included.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from linter.image.rpm.bounds import SECONDS, Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from sqlite3 import Connection

MAGIC = b"SQLite format 3\0"
_VERSIONS = slice(18, 20)
_JOURNALED = b"\2\2"
_PLAIN = b"\1\1"
_STEPS = 10_000
_SETTINGS = ("trusted_schema = OFF", "cell_size_check = ON", "query_only = ON", "temp_store = MEMORY", "mmap_size = 0")
_TABLE = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'Packages' AND rootpage > 0"
_COLUMNS = {("sqlite_master", "type"), ("sqlite_master", "name"), ("sqlite_master", "rootpage"), ("Packages", "blob")}


def blobs(data: bytes) -> Iterator[bytes]:
    """All headers. Raises Unreadable."""
    try:
        import sqlite3
    except ImportError:
        raise Unreadable("this Python was built without sqlite3") from None
    if not hasattr(sqlite3.Connection, "deserialize"):
        raise Unreadable("this Python's sqlite3 cannot read from memory")
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        _restrict(connection, data)
        if connection.execute(_TABLE).fetchone() is None:
            raise Unreadable("it has no table of packages")
        for (blob,) in connection.execute("SELECT blob FROM Packages"):
            if isinstance(blob, bytes):
                yield blob
    except (sqlite3.Error, sqlite3.Warning, MemoryError, ValueError, OverflowError) as error:
        raise Unreadable(f"SQLite says: {str(error)[:100]}") from None
    finally:
        connection.close()


def _restrict(connection: Connection, data: bytes) -> None:
    """Load the database so that only what is asked below can be read of it, in bounded time and memory."""
    import sqlite3

    for setting in _SETTINGS:
        connection.execute(f"PRAGMA {setting}")
    if data[_VERSIONS] == _JOURNALED:  # else SQLite looks for the journal, which memory has none of
        data = b"".join((data[: _VERSIONS.start], _PLAIN, data[_VERSIONS.stop :]))
    connection.deserialize(data)  # which looks at nothing of it yet, and would need what is forbidden below
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, max(len(data), 1_000_000))
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.setlimit(sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH, 0)
    connection.set_authorizer(_authorizer())
    end = time.monotonic() + SECONDS
    connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS)


def _authorizer() -> Callable[[int, str | None, str | None, str | None, str | None], int]:
    import sqlite3

    allow, deny, select, read = sqlite3.SQLITE_OK, sqlite3.SQLITE_DENY, sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ

    def judge(action: int, table: str | None, column: str | None, _: str | None, inside: str | None) -> int:
        """`inside` names the view or trigger that wants it."""
        if inside is None and (action == select or (action == read and (table, column) in _COLUMNS)):
            return allow
        return deny

    return judge
