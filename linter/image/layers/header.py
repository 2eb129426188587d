"""The 512 bytes before each member of a tar archive, and the records and maps that extend them."""

from __future__ import annotations

from struct import Struct
from typing import NamedTuple

from linter.image.layers.compression import Corrupt

BLOCK = 512
_FIELDS = Struct("100s8s8s8s12s12s8s1s100s8s32s32s8s8s155s12s")
_OLD_SPARSE = range(386, 386 + 4 * 24, 24)
_NEXT_SPARSE = range(0, 21 * 24, 24)
_LONGEST_LENGTH = 20
_MARK, _MARK_AT = b"ustar", 257
_WANTED = frozenset(["path", "linkpath", "size", "uid", "gid"])
_SPARSE = "GNU.sparse."

Parts = list[tuple[int, int]]
"""Where data stands in a sparse file, and how many bytes of it; between them are zeros."""


class Header(NamedTuple):
    """What one header says."""

    name: str
    mode: int
    owner: int
    group: int
    size: int
    flag: bytes
    target: str


def is_tar(beginning: bytes) -> bool:
    """Whether these first bytes may be those of an archive; very old ones have no mark."""
    return beginning.startswith(_MARK, _MARK_AT)


def parse(block: bytes) -> Header:
    """A header of any of the formats. Raises Corrupt when it is none, as engines do at the same places."""
    name, mode, owner, group, size, _, checksum, flag, target, magic, _, _, _, _, prefix, _ = _FIELDS.unpack(block)
    # The sum is taken over the header with eight spaces where the sum stands.
    if sum(block) - sum(checksum) + 8 * 32 != (told := number(checksum)) and _signed_sum(block) != told:
        raise Corrupt("bad-header", "a header of the archive has a wrong checksum")
    name = name.split(b"\0", 1)[0]
    if magic == b"ustar\x0000" and prefix[0]:
        star = block[508:] == b"tar\0"
        name = (prefix[:131] if star else prefix).split(b"\0", 1)[0] + b"/" + name
    length = number(size)
    if length < 0:
        raise Corrupt("negative-size", f"a header of the archive says a size of {length} bytes")
    linked = text(target.split(b"\0", 1)[0]) if target[0] else ""
    return Header(text(name), number(mode) & 0o7777, number(owner), number(group), length, flag, linked)


def _signed_sum(block: bytes) -> int:
    """Some old programs took bytes for signed numbers."""
    high = sum(1 for byte in block[:148] + block[156:] if byte > 127)
    return sum(block) - sum(block[148:156]) + 8 * 32 - 256 * high


def text(raw: bytes) -> str:
    """A name as text; bytes that are no UTF-8 stay as they are, in the way of Python's own file names."""
    return raw.decode("utf-8", "surrogateescape")


def number(field: bytes) -> int:
    """A number in octal digits, or in base 256 when the first bit is set. Raises Corrupt."""
    if field[0] & 0x80:
        bits = 8 * len(field) - 1
        value = int.from_bytes(field, "big") & ((1 << bits) - 1)
        return value - (1 << bits) if field[0] & 0x40 else value
    digits = field.strip(b" \0")
    if not digits:
        return 0
    try:
        if digits.isdigit():
            return int(digits, 8)
        digits = digits.split(b"\0", 1)[0].rstrip(b" ")
        if digits.isdigit():
            return int(digits, 8)
    except ValueError:
        pass
    if digits.startswith(b"-"):
        raise Corrupt("negative-size", "a header of the archive has a negative number")
    raise Corrupt("bad-header", "a header of the archive has letters where a number belongs")


def decimal(value: str) -> int:
    """A number of an extended header. Raises Corrupt."""
    digits = value.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST_LENGTH):
        raise Corrupt("bad-header", "an extended header of the archive has letters where a number belongs")
    return int(value)


def size(value: str) -> int:
    """A number of an extended header that cannot be negative. Raises Corrupt."""
    found = decimal(value)
    if found < 0:
        raise Corrupt("negative-size", f"an extended header of the archive says a size of {found} bytes")
    return found


def records(data: bytes) -> tuple[dict[str, str], Parts]:
    """The records of an extended (PAX) header that bear upon files, and the parts of a sparse file of its version 0.0.

    Raises Corrupt.
    """
    found: dict[str, str] = {}
    offsets: list[int] = []
    lengths: list[int] = []
    at = 0
    while at < len(data) and data[at]:
        space = data.find(b" ", at, at + _LONGEST_LENGTH)
        digits = data[at:space] if space > at else b""
        end = at + int(digits) if digits.isdigit() else -1
        if not (space < end <= len(data)) or data[end - 1] != 0x0A:
            raise Corrupt("bad-header", "an extended header of the archive is damaged")
        key, _, value = data[space + 1 : end - 1].partition(b"=")
        name = text(key)
        if name == "GNU.sparse.offset":
            offsets.append(size(text(value)))
        elif name == "GNU.sparse.numbytes":
            lengths.append(size(text(value)))
        elif name in _WANTED or name.startswith(_SPARSE):
            found[name] = text(value)
        at = end
    if len(offsets) != len(lengths):
        raise Corrupt("bad-sparse-map", "the map of a sparse file is damaged")
    return {name: value for name, value in found.items() if value}, list(zip(offsets, lengths, strict=True))


def listed(numbers: list[int]) -> Parts:
    """Parts from offsets and lengths in turn. Raises Corrupt."""
    if len(numbers) % 2:
        raise Corrupt("bad-sparse-map", "the map of a sparse file is damaged")
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def old_parts(block: bytes) -> tuple[Parts, int, bool]:
    """Of an old GNU sparse file: the first parts, the real size, and whether a block with more parts follows."""
    real = number(block[483:495])
    return _parts(block, _OLD_SPARSE), real, block[482] != 0


def next_parts(block: bytes) -> tuple[Parts, bool]:
    """More parts of an old GNU sparse file, and whether yet another block follows."""
    return _parts(block, _NEXT_SPARSE), block[504] != 0


def _parts(block: bytes, places: range) -> Parts:
    found = []
    for at in places:
        if not block[at]:
            break
        found.append((number(block[at : at + 12]), number(block[at + 12 : at + 24])))
    return found


def check_parts(parts: Parts, real: int, stored: int) -> None:
    """Raises Corrupt unless the parts follow each other inside of the file and are what the archive holds."""
    end = 0
    for offset, length in parts:
        if offset < end or length < 0:
            raise Corrupt("bad-sparse-map", "the map of a sparse file is damaged")
        end = offset + length
    if end > real or sum(length for _, length in parts) != stored:
        raise Corrupt("bad-sparse-map", "the map of a sparse file does not fit the file")
