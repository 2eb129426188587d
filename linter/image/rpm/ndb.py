"""rpm's own form of a database, `Packages.db`, which SUSE uses: a table of slots, and blocks with the headers."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from linter.image.rpm.bounds import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

MAGIC = b"RpmP"
_HEAD = struct.Struct("<4sIII")
_SLOT = struct.Struct("<4sIII")
_BLOB = struct.Struct("<4sIII")
_PAGE, _BLOCK = 4096, 16
_FIRST_SLOT = 32
_SLOT_MAGIC, _BLOB_MAGIC = b"Slot", b"BlbS"


def blobs(data: bytes) -> Iterator[bytes]:
    """All headers. Raises Unreadable."""
    if len(data) < _PAGE:
        raise Unreadable("it ends too early")
    magic, version, _, pages = _HEAD.unpack_from(data)
    if magic != MAGIC or version != 0:
        raise Unreadable("it is of a version that is not known")
    end = pages * _PAGE
    if not _PAGE <= end <= len(data):
        raise Unreadable("its table of slots is damaged")
    for slot_magic, number, block, _ in _SLOT.iter_unpack(data[_FIRST_SLOT:end]):
        if slot_magic != _SLOT_MAGIC:
            raise Unreadable("its table of slots is damaged")
        if number:
            yield _blob(data, number, block * _BLOCK)


def _blob(data: bytes, number: int, start: int) -> bytes:
    if start + _BLOB.size > len(data):
        raise Unreadable("it ends too early")
    magic, own_number, _, size = _BLOB.unpack_from(data, start)
    start += _BLOB.size
    if magic != _BLOB_MAGIC or own_number != number or start + size > len(data):
        raise Unreadable("one of its entries is damaged")
    return data[start : start + size]
