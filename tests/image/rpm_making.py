"""Databases of rpm in all their forms, written from nothing, for tests of what reads them."""

from __future__ import annotations

import sqlite3
import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NUMBER, TEXT, BYTES, TEXTS, TRANSLATED = 4, 6, 7, 8, 9
PAGE = 4096


def header(
    name: str = "openssl",
    version: str = "3.0.7-24.el9",
    *,
    source: str | None = None,
    files: Mapping[str, int] | None = None,
    ghosts: Sequence[str] = (),
    signed: bool = True,
    filler: int = 3000,
) -> bytes:
    """The header of an installed package. `version` may begin with an epoch; files are given with their sizes."""
    epoch, _, rest = version.rpartition(":")
    number, _, release = rest.partition("-")
    tags: list[tuple[int, int, Any]] = [(1000, TEXT, name), (1001, TEXT, number), (1002, TEXT, release)]
    tags += [(1003, NUMBER, [int(epoch)])] if epoch else []
    tags += [(1004, TRANSLATED, ["A package"]), (1005, TRANSLATED, ["x" * filler]), (1022, TEXT, "noarch")]
    tags += [(1044, TEXT, source or f"{name}-{rest}.src.rpm")]
    tags += [(268, BYTES, b"\x89signature")] if signed else []
    if files:
        folders = sorted({path.rpartition("/")[0] + "/" for path in files})
        tags += [
            (1028, NUMBER, list(files.values())),
            (1037, NUMBER, [64 if path in ghosts else 0 for path in files]),
            (1116, NUMBER, [folders.index(path.rpartition("/")[0] + "/") for path in files]),
            (1117, TEXTS, [path.rpartition("/")[2] for path in files]),
            (1118, TEXTS, folders),
        ]
    return packed(tags)


def packed(tags: Sequence[tuple[int, int, Any]]) -> bytes:
    """A header with these tags, in their order, each with its type and value."""
    index, store = b"", b""
    for tag, kind, value in tags:
        if kind == NUMBER:
            store += b"\0" * (-len(store) % 4)
            data, count = struct.pack(f">{len(value)}I", *value), len(value)
        elif kind == BYTES:
            data, count = value, len(value)
        else:
            texts = [value] if isinstance(value, str) else value
            data, count = b"".join(text.encode() + b"\0" for text in texts), len(texts)
        index += struct.pack(">IIII", tag, kind, len(store), count)
        store += data
    return struct.pack(">II", len(tags), len(store)) + index + store


def in_sqlite(headers: Sequence[bytes], journaled: bool = True, *more: str) -> bytes:
    """`rpmdb.sqlite`. rpm sets the journal that the file's head then tells of. `more`: statements to run at the end."""
    connection = sqlite3.connect(":memory:")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)"
    )
    connection.executemany("INSERT INTO Packages (blob) VALUES (?)", [(each,) for each in headers])
    connection.execute("CREATE TABLE 'Name' (key 'TEXT' NOT NULL, hnum INTEGER NOT NULL, idx INTEGER NOT NULL)")
    for statement in more:
        connection.execute(statement)
    connection.commit()
    data = connection.serialize()
    connection.close()
    return data[:18] + b"\2\2" + data[20:] if journaled else data


def in_ndb(headers: Sequence[bytes]) -> bytes:
    """`Packages.db`: a page of slots, then the headers in blocks of 16 bytes."""
    slots, blocks, at = b"", b"", PAGE // 16
    for number, each in enumerate(headers, 1):
        count = -(-(len(each) + 28) // 16)
        blob = struct.pack("<4sIII", b"BlbS", number, 1, len(each)) + each
        blocks += blob.ljust(count * 16 - 12, b"\0") + struct.pack("<II4s", 0, len(each), b"BlbE")
        slots += struct.pack("<4sIII", b"Slot", number, at, count)
        at += count
    head = struct.pack("<4sIIII12x", b"RpmP", 0, 1, 1, len(headers) + 1)
    empty = struct.pack("<4sIII", b"Slot", 0, 0, 0)
    return (head + slots + empty * ((PAGE - len(head) - len(slots)) // 16)) + blocks


def in_berkeley(headers: Sequence[bytes], order: str = "<", *, tree: bool = False) -> bytes:
    """`Packages`: pages with keys and the places of values, and chains of pages with the values. The first record, a
    counter, stands on its page.
    """
    pages = [b"", b""]
    records = [(bytes(4), struct.pack(f"{order}I", len(headers)), True)]
    for number, each in enumerate(headers, 1):
        first = len(pages)
        pieces = [each[at : at + PAGE - 26] for at in range(0, len(each), PAGE - 26)]
        for piece in pieces:
            following = len(pages) + 1 if piece is not pieces[-1] else 0
            pages.append(_page(order, len(pages), following, 1, len(piece), 7) + piece)
        place = struct.pack(f"{order}II", first, len(each))
        records.append((struct.pack(f"{order}I", number), place, False))
    pages[1] = _leaf(order, records, tree)
    magic, kind = (0x053162, 9) if tree else (0x061561, 8)
    pages[0] = struct.pack(f"{order}8xIIIIBBBB", 0, magic, 9, PAGE, 0, kind, 0, 0)
    pages[0] += struct.pack(f"{order}IIIIII", 0, len(pages) - 1, 0, len(records), len(records), 0).ljust(44, b"\0")
    # Of a hash table: buckets, masks, fill factor, keys, and where its buckets begin.
    pages[0] += b"" if tree else struct.pack(f"{order}IIIIII", 0, 0, 0, 0, len(records), 0x5E688DD1)
    pages[0] += b"" if tree else struct.pack(f"{order}32I", *[1] * 32)
    return b"".join(page.ljust(PAGE, b"\0") for page in pages)


def _page(order: str, number: int, following: int, count: int, free: int, kind: int) -> bytes:
    return struct.pack(f"{order}8xIIIHHBB", number, 0, following, count, free, 1 if kind == 5 else 0, kind)


def _leaf(order: str, records: Sequence[tuple[bytes, bytes, bool]], tree: bool) -> bytes:
    """A page of records. Items stand at its end, the first one last."""
    items = []
    for key, value, here in records:
        for data, whole in ((key, True), (value, here)):
            if tree:
                items.append(
                    struct.pack(f"{order}HB", len(data) if whole else 0, 1 if whole else 3)
                    + (b"" if whole else b"\0")
                    + data
                )
            else:
                items.append((b"\1" if whole else b"\3\0\0\0") + data)
    tail, places = b"", []
    for item in items:
        tail = item + b"\0" * (-len(item) % 4 if tree else 0) + tail
        places.append(PAGE - len(tail))
    head = _page(order, 1, 0, len(items), places[-1], 5 if tree else 13)
    head += struct.pack(f"{order}{len(places)}H", *places)
    return head + tail.rjust(PAGE - len(head), b"\0")
