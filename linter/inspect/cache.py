"""Facts of artifacts, kept by content, so that only what has changed is inspected again.

One SQLite file in the user's cache folder. Its rows are JSON, never anything that could run code, and carry a checksum;
a row, a file or a folder that is not as it should be is as good as none. Nothing here raises because of the cache.
"""

from __future__ import annotations

import json
import os
import time
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.model import Fact, Inspection, Location, Notice, Span, Step
from linter.store import blake2b, cache_folder

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable
    from pathlib import Path

    from linter.model import Artifact

FORMAT = 1
"""Raised when the form of a row changes."""
NAME = f"facts-{FORMAT}.sqlite"
LARGEST_BYTES = 256 * 1024 * 1024
"""How large the rows may grow together; beyond it those go that were not asked for the longest."""
LARGEST_ROW_BYTES = 64 * 1024 * 1024
"""Facts of one artifact, as JSON; more than any that is read gives, and little enough to be unpacked from any cache."""
LEFT_AFTER_EVICTION = 0.75
WAIT_SECONDS = 1.0
"""How long another process may hold the file before this run goes on without it."""
COMPRESSION = 1
_CHECK_BYTES = 8
_DAY = 86_400
_TABLE = "CREATE TABLE facts (key BLOB PRIMARY KEY, used INTEGER NOT NULL, value BLOB NOT NULL)"
_SCHEMA = [("facts", _TABLE), ("sqlite_autoindex_facts_1", None)]


class Kept(NamedTuple):
    """What `inspect_one` said about an artifact."""

    inspection: Inspection
    suppressions: list[Fact]


class Misshapen(Exception):
    """Stored values are not what they should be."""


class FactCache:
    """Facts by artifact and content. `identity` and `knowledge` are hashes of what else bears upon facts."""

    def __init__(self, identity: str, knowledge: str) -> None:
        self.hits = 0
        self._salt = f"{FORMAT}\0{identity}\0{knowledge}"
        self._folder = cache_folder()
        self._new: dict[bytes, bytes] = {}
        self._used: list[bytes] = []
        self._today = int(time.time()) // _DAY
        self._database: sqlite3.Connection | None = None

    @property
    def worth_asking(self) -> bool:
        """Whether there is anything at all in the cache."""
        found = self._ask("SELECT 1 FROM facts LIMIT 1")
        return bool(found)

    def get(self, artifact: Artifact, content: str) -> Kept | None:
        """What was kept for an artifact of that content."""
        key = self._key(artifact, content)
        row = self._ask("SELECT used, value FROM facts WHERE key = ?", key)
        if not row:
            return None
        try:
            used, value = row
            kept = unpack(_checked(key, value), artifact.path)
        except (Misshapen, TypeError, ValueError):
            return None
        self.hits += 1
        if used != self._today:
            self._used.append(key)
        return kept

    def put(self, artifact: Artifact, content: str, packed: bytes) -> None:
        """Keep what `pack` made of an artifact's inspection; it is written by `write`."""
        key = self._key(artifact, content)
        self._new[key] = _checksum(key, packed) + packed

    def close(self) -> None:
        """Close the file, as must be before processes are forked. What needs it opens it again."""
        database, self._database = self._database, None
        if database is not None:
            database.close()

    def write(self) -> None:
        """Write what was put, in one transaction, and close the file."""
        self.close()
        database = self._open() if self._new or self._used else None
        if database is None:
            return
        import sqlite3

        try:
            database.execute("BEGIN IMMEDIATE")
            with database:
                rows = [(key, self._today, value) for key, value in self._new.items()]
                database.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?, ?)", rows)
                used = [(self._today, key) for key in self._used]
                database.executemany("UPDATE facts SET used = ? WHERE key = ?", used)
                _evict(database)
        except sqlite3.Error as error:
            self._broken(error)
        finally:
            database.close()

    def _key(self, artifact: Artifact, content: str) -> bytes:
        parts = (self._salt, artifact.kind, artifact.path, str(artifact.executable), str(artifact.size), content)
        text = "\0".join(parts).encode("utf-8", "surrogateescape")
        return blake2b(text, digest_size=20).digest()

    def _ask(self, question: str, *values: Any) -> Any:
        import sqlite3

        self._database = self._database or self._open()
        if self._database is None:
            return None
        try:
            return self._database.execute(question, values).fetchone()
        except sqlite3.Error as error:
            self.close()
            self._broken(error)
            return None

    def _open(self) -> sqlite3.Connection | None:
        """The database, made when there is none; None when it cannot be used."""
        if self._folder is None:
            return None
        try:
            import sqlite3
        except ImportError:  # pragma: no cover - a Python built without it
            return None
        place = self._folder / NAME
        for _ in range(2):
            try:
                return _connected(place)
            except (sqlite3.Error, OSError, Misshapen) as error:
                if not self._broken(error):
                    return None
        return None

    def _broken(self, error: Exception) -> bool:
        """Move a file aside that is no database of ours; True when there is room for a new one."""
        import sqlite3

        usable = isinstance(error, (sqlite3.OperationalError, sqlite3.ProgrammingError, OSError))
        if usable or self._folder is None:  # locked, read-only, no space: nothing is wrong with the file
            return False
        place = self._folder / NAME
        try:
            for ending in ("-journal", "-wal", "-shm"):  # of the old file; a new one must not be mended with them
                place.with_name(NAME + ending).unlink(missing_ok=True)
            place.replace(place.with_name(f"{NAME}.broken"))
        except OSError:
            return False
        return True


def _connected(place: Path) -> sqlite3.Connection:
    import sqlite3

    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.access(place.parent, os.W_OK) and not place.exists():
        os.close(os.open(place, os.O_RDWR | os.O_CREAT, 0o600))  # facts quote the product's code
    database = sqlite3.connect(place, timeout=WAIT_SECONDS, isolation_level=None)
    try:
        # A rollback journal: one file, also on network drives and read-only; readers and the one write are brief. What
        # a crash of the machine could do to a file that was not flushed, checksums find out.
        for pragma in ("trusted_schema = OFF", "synchronous = OFF", "cache_spill = OFF", "mmap_size = 268435456"):
            database.execute(f"PRAGMA {pragma}")
        schema = database.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
        if not schema:
            database.execute(_TABLE.replace("TABLE", "TABLE IF NOT EXISTS", 1))
        elif schema != _SCHEMA:
            raise Misshapen
    except BaseException:
        database.close()
        raise
    return database


def _evict(database: sqlite3.Connection) -> None:
    """Drop the rows that were not asked for the longest. The room they leave is used again; the file stays as it is."""
    pages, free, size = (database.execute(f"PRAGMA {p}").fetchone()[0] for p in _SIZES)
    if (pages - free) * size <= LARGEST_BYTES:
        return
    left = LARGEST_BYTES * LEFT_AFTER_EVICTION
    rows = database.execute("SELECT rowid, length(value) FROM facts ORDER BY used DESC, rowid DESC").fetchall()
    gone = []
    for rowid, length in rows:
        left -= length + 64
        if left < 0:
            gone.append((rowid,))
    database.executemany("DELETE FROM facts WHERE rowid = ?", gone)


_SIZES = ("page_count", "freelist_count", "page_size")


def _checksum(key: bytes, body: bytes) -> bytes:
    return blake2b(body, digest_size=_CHECK_BYTES, key=key).digest()


def _checked(key: bytes, value: Any) -> bytes:
    if type(value) is not bytes or value[:_CHECK_BYTES] != _checksum(key, value[_CHECK_BYTES:]):
        raise Misshapen
    return value[_CHECK_BYTES:]


# Rows


def pack(inspection: Inspection, suppressions: Iterable[Fact], path: str) -> bytes | None:
    """An inspection as bytes, or None when it would not come back the same (a tuple in a field, say)."""
    facts = [_plain(fact, path) for fact in inspection.facts]
    others = [_plain(fact, path) for fact in suppressions]
    notices = [[n.code, n.message, n.path, n.span, n.level] for n in inspection.notices]
    try:
        text = _ENCODER.encode([facts, notices, others]).encode("ascii")
        same = len(text) <= LARGEST_ROW_BYTES and _kept(text, path) == (inspection, list(suppressions))
    except (Misshapen, TypeError, ValueError, RecursionError):
        return None
    return zlib.compress(text, COMPRESSION) if same else None


_ENCODER = json.JSONEncoder(separators=(",", ":"), allow_nan=False, check_circular=False)
"""Lists in a circle, which no inspector makes, end in a RecursionError."""


def unpack(packed: bytes, path: str) -> Kept:
    """What was packed. Raises Misshapen when it is anything else."""
    try:
        unpacking = zlib.decompressobj()
        text = unpacking.decompress(packed, LARGEST_ROW_BYTES)
    except zlib.error:
        raise Misshapen from None
    if not unpacking.eof:
        raise Misshapen
    return _kept(text, path)


def _kept(text: bytes, path: str) -> Kept:
    """What a row says. Raises Misshapen when it is none."""
    try:
        facts, notices, others = json.loads(text)
        if not type(facts) is type(notices) is type(others) is list:
            raise Misshapen
        found = Inspection(tuple([_fact(fact, path) for fact in facts]), tuple([_notice(each) for each in notices]))
        return Kept(found, [_fact(fact, path) for fact in others])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise Misshapen from None


def _plain(fact: Fact, path: str) -> list[Any]:
    """A fact in plain values: the artifact's own path is left out, and so is what stands at the end and is empty."""
    where = None if fact.location.path == path else fact.location.path
    plain: list[Any] = [fact.kind, where, fact.location.span, fact.fields]
    if fact.spans or fact.trace:
        plain.append(fact.spans)
    if fact.trace:
        plain.append([[step.location.path, step.location.span, step.text] for step in fact.trace])
    return plain


def _fact(plain: Any, path: str) -> Fact:
    kind, where, span, fields, *rest = plain
    if type(kind) is not str or type(fields) is not dict or not (where is None or type(where) is str):
        raise Misshapen
    spans = {name: span_of(given) for name, given in rest[0].items()} if rest else {}
    trace = tuple(_step(step) for step in rest[1]) if len(rest) > 1 else ()
    return Fact(kind, Location(path if where is None else where, span_of(span)), fields, spans, trace)


def _step(plain: Any) -> Step:
    path, span, text = plain
    if type(path) is not str or type(text) is not str:
        raise Misshapen
    return Step(Location(path, span_of(span)), text)


def _notice(plain: Any) -> Notice:
    code, message, path, span, level = plain
    if not (type(code) is type(message) is type(level) is str and (path is None or type(path) is str)):
        raise Misshapen
    return Notice(code, message, path, None if span is None else span_of(span), level)


def span_of(plain: Any) -> Span:
    """A span out of four numbers. Raises Misshapen for anything else."""
    line, column, end_line, end_column = plain
    if not type(line) is type(column) is type(end_line) is type(end_column) is int:
        raise Misshapen
    return Span(line, column, end_line, end_column)
