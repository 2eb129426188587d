"""Berkeley DB, the form of older distributions (Amazon Linux 2, RHEL 8 and before): a file of pages of one size.

Read is every value of a hash table, or of a tree as some builders make it, page by page: what rpm's own read-only
reader does too. Headers are larger than what a page takes, so that they lie in chains of pages of their own.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from linter.image.rpm.bounds import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAGIC_OFFSET = 12
_MAGIC = (0x00061561, 0x00053162)
"""Of a hash table and of a tree."""
_HEAD = 26
_SIZES = frozenset(1 << power for power in range(9, 17))
_CHECKSUMS = 1
_LEAST = 24
"""Bytes of a header with one tag."""
_PLACE = 12
"""Bytes that say where a value is that is not on the page."""
_OLD_HASH, _TREE_LEAF, _CHAIN, _HASH = 2, 5, 7, 13
_ON_PAGE, _OFF_PAGE = 1, 3


def is_berkeley(data: bytes) -> bool:
    """Whether a file begins as such a database does."""
    return _order(data) is not None


def _order(data: bytes) -> str | None:
    """The order of bytes in a number, which is that of the machine that wrote it; None when it is something else."""
    for order in "<>":
        if len(data) >= 512 and struct.unpack_from(f"{order}I", data, _MAGIC_OFFSET)[0] in _MAGIC:
            return order
    return None


def blobs(data: bytes) -> Iterator[bytes]:
    """All values. Raises Unreadable."""
    order = _order(data)
    if order is None:
        raise Unreadable("it is no Berkeley DB")
    if data[24] or data[26] & _CHECKSUMS:
        raise Unreadable("it is encrypted, or has checksums, which rpm does not use")
    yield from _File(data, order).values()


class _File:
    """The pages of a database."""

    def __init__(self, data: bytes, order: str) -> None:
        self._data = data
        self._short, self._long = struct.Struct(f"{order}H"), struct.Struct(f"{order}I")
        (self._page_size,) = self._long.unpack_from(data, 20)
        if self._page_size not in _SIZES:
            raise Unreadable("its pages have a size that no such database has")
        self._pages = 1 + min(self._long.unpack_from(data, 32)[0], (1 << 32) - 2)
        self._whole = min(self._pages, len(data) // self._page_size)
        self._left = self._whole
        """Pages that chains may still take: a page belongs to one chain alone."""

    def values(self) -> Iterator[bytes]:
        """All values, by the pages that name them."""
        for page in range(1, self._whole):
            start = page * self._page_size
            kind = self._data[start + 25]
            if kind in (_HASH, _OLD_HASH, _TREE_LEAF):
                yield from self._on_page(start, tree=kind == _TREE_LEAF)
        if self._whole < self._pages:
            raise Unreadable("it ends too early")

    def _on_page(self, start: int, *, tree: bool) -> Iterator[bytes]:
        """Values stand at the odd numbers, behind their keys."""
        (count,) = self._short.unpack_from(self._data, start + 20)
        if _HEAD + 2 * count > self._page_size:
            raise Unreadable("one of its pages is damaged")
        places = [self._short.unpack_from(self._data, start + _HEAD + 2 * number)[0] for number in range(count)]
        for number in range(1, count, 2):
            item = self._item(start, places[number], places[number - 1], tree=tree)
            if len(item) >= _LEAST:  # and no counter
                yield item

    def _item(self, start: int, place: int, end: int, *, tree: bool) -> bytes:
        """A value from its place on a page; in a hash table it ends where the item before it begins."""
        if not _HEAD <= place <= self._page_size - _PLACE:
            return b""
        at = start + place
        kind = self._data[at + 2] if tree else self._data[at]
        if kind == _OFF_PAGE:
            (page,), (size,) = self._long.unpack_from(self._data, at + 4), self._long.unpack_from(self._data, at + 8)
            return self._chained(page, size)
        if kind != _ON_PAGE:
            return b""
        if tree:
            return self._data[at + 3 : at + 3 + self._short.unpack_from(self._data, at)[0]]
        return self._data[at + 1 : start + min(end, self._page_size)]

    def _chained(self, page: int, size: int) -> bytes:
        """The value of so many bytes that begins on a page of its own."""
        parts: list[bytes] = []
        while size > 0:
            start = page * self._page_size
            self._left -= 1
            if self._whole <= page < self._pages:
                raise Unreadable("it ends too early")
            if not 0 < page < self._whole or self._data[start + 25] != _CHAIN or self._left < 0:
                raise Unreadable("one of its entries is damaged")
            (have,) = self._short.unpack_from(self._data, start + 22)
            parts.append(self._data[start + _HEAD : start + min(_HEAD + have, self._page_size)])
            size -= len(parts[-1])
            (page,) = self._long.unpack_from(self._data, start + 16)
        if size < 0:
            raise Unreadable("one of its entries is damaged")
        return b"".join(parts)
