"""Scans of layers, kept in the user's cache folder by the layer's digest: a base image is read once.

One file a layer, JSON and the contents that were kept, compressed, with a checksum. A file that is not as it should be
is as good as none; nothing here raises because of the cache.
"""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any

from linter.collecting import without_collections
from linter.identity import identity
from linter.image.layers.scan import NO_ROOM, TOO_SLOW, UNREADABLE
from linter.image.model import Entry, Problem, Scan
from linter.store import blake2b, load_bytes, save_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from linter.image.layers.limits import Limits

FORMAT = 1
"""Raised when the form of what is stored changes."""
NAME = "layer"
MOST_BYTES = 256 * 1024 * 1024
"""How much all scans may take on the disk; beyond it those go that were not asked for the longest."""
LARGEST = 512 * 1024 * 1024
"""Bytes of one scan before it is compressed: more than any has, and little enough to be unpacked from any cache."""

_COMPRESSION = 1
_LENGTH = 8
_NOT_THE_LAYER = frozenset({NO_ROOM, TOO_SLOW, UNREADABLE})
"""Problems that another run need not have."""


class Misshapen(Exception):
    """Stored values are not what they should be."""


class KeptScans:
    """Scans of layers under the same limits and the same `keep`, which `keep_key` names with all that it depends on."""

    def __init__(self, limits: Limits, keep_key: str) -> None:
        self._salt = f"{FORMAT}\0{identity()}\0{limits}\0{keep_key}"

    def get(self, digest: str) -> Scan | None:
        """The scan of a layer, to be `verified` anew against what this image says of it."""
        body = load_bytes(NAME, self._key(digest))
        try:
            with without_collections():
                return None if body is None else unpack(body)
        except Misshapen:
            return None

    def put(self, digest: str, scan: Scan) -> None:
        """Keep a scan if it is that of the layer that was asked for, and any other run would make the same."""
        if digest not in (scan.digest, scan.diff_id) or not (scan.digest and scan.diff_id):
            return
        if not any(problem.code in _NOT_THE_LAYER for problem in scan.problems):
            body = pack(scan)
            if body is not None:
                save_bytes(NAME, self._key(digest), body, MOST_BYTES)

    def _key(self, digest: str) -> str:
        text = f"{self._salt}\0{digest}".encode("utf-8", "surrogateescape")
        return blake2b(text, digest_size=20).hexdigest()


def pack(scan: Scan) -> bytes | None:
    """A scan as bytes; None when it is too large."""
    columns = list(zip(*scan.entries, strict=True)) or [()] * len(Entry._fields)
    heads = b"".join(columns[8])
    plain = {
        "entries": [*columns[:7], [len(head) for head in columns[8]]],
        "whiteouts": scan.whiteouts,
        "opaque": scan.opaque,
        "contents": [[path, len(content)] for path, content in scan.contents.items()],
        "layer": [scan.digest, scan.diff_id, scan.size, scan.content_size, scan.compression],
        "problems": [[problem.code, problem.message, problem.path] for problem in scan.problems],
    }
    text = json.dumps(plain, separators=(",", ":")).encode("ascii")
    body = b"".join([len(text).to_bytes(_LENGTH, "big"), text, heads, *scan.contents.values()])
    return zlib.compress(body, _COMPRESSION) if len(body) <= LARGEST else None


def unpack(packed: bytes) -> Scan:
    """What was packed. Raises Misshapen when it is anything else."""
    try:
        unpacking = zlib.decompressobj()
        body = unpacking.decompress(packed, LARGEST)
        if not unpacking.eof:
            raise Misshapen
        start = _LENGTH + int.from_bytes(body[:_LENGTH], "big")
        plain = json.loads(body[_LENGTH:start])
        return _scan(plain, _Rest(body, start))
    except (zlib.error, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise Misshapen from None


class _Rest:
    """The bytes behind the JSON, in pieces."""

    def __init__(self, body: bytes, start: int) -> None:
        self._body, self._at = body, start

    def take(self, size: int) -> bytes:
        begin, self._at = self._at, self._at + size
        if size < 0 or self._at > len(self._body):
            raise Misshapen
        return self._body[begin : self._at]


def _scan(plain: dict[str, Any], rest: _Rest) -> Scan:
    *columns, lengths = plain["entries"]
    _all(lengths, int)
    for column, kind in zip(columns, (str, str, int, int, int, int, str), strict=True):
        _all(column, kind)
        if len(column) != len(lengths):
            raise Misshapen
    heads = [rest.take(length) if length else b"" for length in lengths]
    kinds: dict[str, str] = {}
    columns[1] = [kinds.setdefault(kind, kind) for kind in columns[1]]  # one text of each, not one for each file
    entries = list(map(Entry, *columns, [0] * len(lengths), heads))
    contents = {}
    for path, length in plain["contents"]:
        _all([path], str)
        contents[path] = rest.take(length)
    digest, diff_id, size, content_size, compression = plain["layer"]
    _all([digest, diff_id, compression], str)
    _all([size, content_size], int)
    problems = tuple(_problem(each) for each in plain["problems"])
    whiteouts, opaque = _all(plain["whiteouts"], str), _all(plain["opaque"], str)
    return Scan(entries, whiteouts, opaque, contents, digest, diff_id, size, content_size, compression, problems)


def _problem(plain: Any) -> Problem:
    code, message, path = plain
    _all([code, message, "" if path is None else path], str)
    return Problem(code, message, None, path)


def _all(values: Any, kind: type) -> Sequence[Any]:
    """The values, if all of them are of one type."""
    if type(values) is not list or not set(map(type, values)) <= {kind}:
        raise Misshapen
    return values
