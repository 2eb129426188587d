"""The header of an installed package, as databases of rpm hold it: an index of tags, and a store with their values.

No more is read of it than what names the package and its files. All numbers are big-endian, whatever the machine.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from linter.image.rpm.bounds import LONGEST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

NAME, VERSION, RELEASE, EPOCH = 1000, 1001, 1002, 1003
FILE_SIZES, FILE_FLAGS, SOURCE = 1028, 1037, 1044
FOLDER_OF_FILE, FILE_NAMES, FOLDERS = 1116, 1117, 1118
LARGE_FILE_SIZES = 5008
SIGNATURES = frozenset({259, 262, 267, 268, 278})
_TAGS = frozenset(
    {NAME, VERSION, RELEASE, EPOCH, FILE_SIZES, FILE_FLAGS, SOURCE}
    | {FOLDER_OF_FILE, FILE_NAMES, FOLDERS, LARGE_FILE_SIZES}
    | SIGNATURES
)
_GHOST = 1 << 6
"""The package owns such a file, and did not bring it."""
_TEXTS = (6, 8, 9)
_NUMBERS = {3: "H", 4: "I", 5: "Q"}
_INDEX = struct.Struct(">IIII")
_MOST_TAGS = 65_535
_MOST_VALUES = 1_000_000


class Damaged(Exception):
    """The bytes are no header."""


class Package(NamedTuple):
    """An installed package. `version` is `epoch:version-release`, without an epoch that is zero."""

    name: str
    version: str
    source: str | None
    """The name of the source package, where the source has the very version of the package: else advisories about
    the source speak of other versions.
    """
    files: Mapping[str, int]
    """Sizes of the files that were asked for, by path without a slash at the start, if somebody has signed the package;
    by whom is not looked at.
    """


def read_header(blob: bytes, wanted: Callable[[str], bool]) -> Package:
    """A package from its header; `wanted` says of the path of a file whether it is asked for. Raises Damaged."""
    try:
        header = _Header(blob)
        name, version, release, source = (header.text(tag) for tag in (NAME, VERSION, RELEASE, SOURCE))
        epoch = next(iter(header.numbers(EPOCH)), 0)
        files = dict(_files(header, wanted)) if header.has(SIGNATURES) else {}
    except (struct.error, IndexError, ValueError) as error:
        raise Damaged(str(error)) from None
    if not name or not version:
        raise Damaged("it names no package")
    whole = f"{version}-{release}" if release else version
    return Package(name, f"{epoch}:{whole}" if epoch else whole, _source(source, whole), files)


def _source(archive: str | None, version: str) -> str | None:
    """`openssl` of `openssl-3.0.7-24.el9.src.rpm`, if that is the version."""
    name, found, _ = (archive or "").rpartition(f"-{version}.")
    return name if found else None


def _files(header: _Header, wanted: Callable[[str], bool]) -> Iterator[tuple[str, int]]:
    folders = [folder.lstrip("/") for folder in header.texts(FOLDERS)]
    asked = [wanted(f"{folder}x") for folder in folders]
    if not any(asked):
        return
    places, sizes = header.numbers(FOLDER_OF_FILE), header.numbers(FILE_SIZES) or header.numbers(LARGE_FILE_SIZES)
    names, flags = header.texts(FILE_NAMES), header.numbers(FILE_FLAGS)
    if not len(names) == len(places) == len(sizes):
        return
    for number, (place, name, size) in enumerate(zip(places, names, sizes, strict=True)):
        ghost = number < len(flags) and flags[number] & _GHOST
        if place < len(folders) and asked[place] and not ghost and wanted(folders[place] + name):
            yield folders[place] + name, size


class _Header:
    """The values of the tags that are read. Raises struct.error, ValueError and IndexError where they are damaged."""

    def __init__(self, blob: bytes) -> None:
        count, size = struct.unpack_from(">II", blob)
        start = 8 + count * _INDEX.size
        if not 0 < count <= _MOST_TAGS or start + size > len(blob):
            raise ValueError("its index is longer than itself")
        self._store = blob[start : start + size]
        self._index = {
            tag: (kind, offset, number)
            for tag, kind, offset, number in _INDEX.iter_unpack(blob[8:start])
            if tag in _TAGS
        }

    def has(self, tags: frozenset[int]) -> bool:
        """Whether it has a value for one of some tags."""
        return not tags.isdisjoint(self._index)

    def text(self, tag: int) -> str | None:
        """A value that is a text, shortened."""
        found = self.texts(tag, 1)
        return found[0][:LONGEST] if found else None

    def texts(self, tag: int, most: int = _MOST_VALUES) -> list[str]:
        """All texts of a value."""
        kind, offset, count = self._index.get(tag, (0, 0, 0))
        if kind not in _TEXTS:
            return []
        count = min(count, most)
        if offset > len(self._store) or count > len(self._store) - offset:
            raise ValueError("a text lies behind its end")
        if count == 1:
            end = self._store.find(b"\0", offset)
            return [self._store[offset : end if end >= 0 else None].decode("utf-8", "replace")]
        parts = self._store[offset:].split(b"\0", count)[:count]
        return [part.decode("utf-8", "surrogateescape") for part in parts]

    def numbers(self, tag: int) -> tuple[int, ...]:
        """All numbers of a value."""
        kind, offset, count = self._index.get(tag, (0, 0, 0))
        if kind not in _NUMBERS or count > _MOST_VALUES:
            return ()
        return struct.unpack_from(f">{count}{_NUMBERS[kind]}", self._store, offset)
