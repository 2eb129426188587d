"""Sample pictures that say where they were taken."""

from __future__ import annotations

import struct

import pytest

from linter.discover.classify import is_unread_sample, kind_of
from linter.inspect.pictures import inspect
from linter.model import Artifact


def exif(order: str = "<", gps: bool = True, latitude: bool = True) -> bytes:
    mark = {"<": b"II*\0", ">": b"MM\0*"}[order]
    directory = struct.pack(f"{order}HHHII", 1, 0x8825 if gps else 0x0112, 4, 1, 26)
    position = struct.pack(f"{order}HHHII", 1, 2 if latitude else 29, 5, 3, 0)
    return mark + struct.pack(f"{order}I", 8) + directory + b"\0" * 4 + position + b"\0" * 8


def jpeg(body: bytes) -> bytes:
    segment = b"Exif\0\0" + body
    return b"\xff\xd8\xff\xe0\0\x04ab\xff\xe1" + (len(segment) + 2).to_bytes(2, "big") + segment + b"\xff\xda\0\x02"


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (jpeg(exif()), True),
        (jpeg(exif(">")), True),
        (exif(), True),
        (jpeg(exif(gps=False)), False),
        (jpeg(exif(latitude=False)), False),
        (b"\xff\xd8\xff\xda\0\x02", False),
        (b"\xff\xd8\xff", False),
        (b"\x89PNG", False),
        (b"II*\0\xff\xff\xff\xff", False),
        (b"MM\0*", False),
        (jpeg(b"II*\0\x08\0\0\0\xff\xff"), False),
        (b"", False),
    ],
    ids=range(12),
)
def test_where_a_picture_was_taken(knowledge, valid, data, found):
    facts = inspect(Artifact("samples/a.jpg", "picture", len(data)), data, knowledge).facts
    valid(facts)
    assert [fact["content"] for fact in facts] == (["position"] if found else [])


def test_pictures_and_other_samples_are_known_by_their_place():
    assert kind_of("samples/a.JPG", 9, lambda size: b"") == "picture"
    assert kind_of("docs/a.jpg", 9, lambda size: b"") is None
    assert kind_of("samples/a.jpg", 0, lambda size: b"") is None
    assert is_unread_sample("data/test/pages.parquet")
    assert not is_unread_sample("src/pages.parquet")
    assert not is_unread_sample("samples/a.csv")
