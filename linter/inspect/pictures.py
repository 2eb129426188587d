"""Reads sample pictures: whether the camera wrote into them where they were taken. What they show is not looked at."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from linter.inspect.samples.place import place_of
from linter.model import UNKNOWN, Fact, Inspection, Location, Span

if TYPE_CHECKING:
    from linter.knowledge import Knowledge
    from linter.model import Artifact

_JPEG, _EXIF = b"\xff\xd8", b"Exif\0\0"
_APP1, _SCAN = 0xE1, 0xDA
_SEGMENTS_LIMIT, _ENTRIES_LIMIT = 50, 500
_GPS_TAG, _LATITUDE_TAG = 0x8825, 2
_ENTRY = 12


def inspect(artifact: Artifact, data: bytes, knowledge: Knowledge) -> Inspection:
    """A `data.content` of a picture that says where it was taken."""
    exif = _exif(data)
    if exif is None or not _has_position(exif):
        return Inspection()
    words = knowledge.get("personal_data.pictures.position")
    fields: dict[str, Any] = {
        "path": artifact.path,
        "format": "picture",
        "complete": artifact.size <= len(data),
        "place": place_of(artifact.path),
        "category": "personal",
        "content": "position",
        "words": words,
        "column": None,
        "basis": "header",
        "matches": 1,
        "where": "in its EXIF data",
        "use": UNKNOWN,
        "uploaded_to": None,
        "declared_public": UNKNOWN,
    }
    return Inspection((Fact("data.content", Location(artifact.path, Span()), fields),))


def _exif(data: bytes) -> bytes | None:
    """The EXIF data of a JPEG or TIFF file, which begin with the order of bytes."""
    if data[:4] in (b"II*\0", b"MM\0*"):
        return data
    if not data.startswith(_JPEG):
        return None
    at = 2
    for _ in range(_SEGMENTS_LIMIT):
        if at + 4 > len(data) or data[at] != 0xFF:
            return None
        marker, size = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        body = data[at + 4 : at + 2 + size]
        if marker == _APP1 and body.startswith(_EXIF):
            return body[len(_EXIF) :]
        if marker == _SCAN or size < 2:
            return None
        at += 2 + size
    return None


def _has_position(exif: bytes) -> bool:
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None or len(exif) < 8:
        return False
    first = _directory(exif, struct.unpack_from(f"{order}I", exif, 4)[0], order)
    gps = first.get(_GPS_TAG)
    return gps is not None and _LATITUDE_TAG in _directory(exif, gps, order)


def _directory(exif: bytes, at: int, order: str) -> dict[int, int]:
    """Tags of a directory with their values, or where these stand; empty when it lies outside."""
    if at + 2 > len(exif):
        return {}
    count = min(struct.unpack_from(f"{order}H", exif, at)[0], _ENTRIES_LIMIT, (len(exif) - at - 2) // _ENTRY)
    found = {}
    for number in range(count):
        start = at + 2 + number * _ENTRY
        found[struct.unpack_from(f"{order}H", exif, start)[0]] = struct.unpack_from(f"{order}I", exif, start + 8)[0]
    return found
