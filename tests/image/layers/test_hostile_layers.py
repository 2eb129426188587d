"""Layers made to do harm: each is told in a sentence, in bounded time and memory."""

from __future__ import annotations

import gzip
import io
import struct
import sys
import tracemalloc
from typing import Any

import pytest

from linter.image.layers.merge import merge
from tests.image.archives import LIMITS, codes, everything, layer, nothing, scan

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


def raw(size: bytes = b"00000000000", flag: bytes = b"0", name: bytes = b"name", **fields: bytes) -> bytes:
    """A header with a right checksum around whatever stands in its fields."""
    block = bytearray(512)
    block[:100] = name.ljust(100, b"\0")
    block[100:108], block[108:116], block[116:124] = b"0000644\0", b"0000000\0", b"0000000\0"
    block[124:136] = size.ljust(12, b"\0")
    block[156:157], block[257:265] = flag, b"ustar\x0000"
    for field, value in fields.items():
        at = {"mode": 100, "owner": 108, "target": 157}[field]
        block[at : at + len(value)] = value
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def records(*pairs: tuple[bytes, bytes]) -> bytes:
    lines = b""
    for key, value in pairs:
        length = len(key) + len(value) + 3
        while len(b"%d" % length) + len(key) + len(value) + 3 != length:
            length += 1
        lines += b"%d %s=%s\n" % (length, key, value)
    return raw(b"%011o" % len(lines), b"x") + lines.ljust(-(-len(lines) // 512) * 512, b"\0")


BASE_256 = b"\x80" + (1 << 30).to_bytes(11, "big")
NEGATIVE = b"\xff" * 11 + b"\xf0"
AFTER = raw(name=b"after")

ENDING = {
    "checksum": (b"x" + raw()[1:], "bad-header"),
    "negative size": (raw(NEGATIVE), "negative-size"),
    "negative size in digits": (raw(b"-0000000010"), "negative-size"),
    "negative size in a record": (records((b"size", b"-5")) + raw(), "negative-size"),
    "size beyond the end": (raw(BASE_256), "layer-truncated"),
    "size in letters": (raw(b"12ab"), "bad-header"),
    "size in a record in letters": (records((b"size", b"1_0")) + raw(), "bad-header"),
    "size in a record of many digits": (records((b"size", b"9" * 5000)) + raw(), "bad-header"),
    "record without a length, with a line end": (
        raw(b"%011o" % 60, b"x") + (b"1" * 59 + b"\n").ljust(512, b"\0"),
        "bad-header",
    ),
    "record longer than the header": (raw(b"00000000010", b"x") + b"99 path=".ljust(512, b"\0"), "bad-header"),
    "record without a length": (raw(b"00000000010", b"x") + b"path=abc".ljust(512, b"\0"), "bad-header"),
    "record of length zero": (raw(b"00000000010", b"x") + b"0 path=a".ljust(512, b"\0"), "bad-header"),
    "extended header of 8 GiB": (raw(b"77777777777", b"x"), "header-too-large"),
    "long name of 8 GiB": (raw(b"77777777777", b"L"), "header-too-large"),
    "extended headers without an end": (records((b"path", b"a")) * 50, "bad-header"),
    "extended header and the end": (records((b"path", b"a")) + bytes(1024), "bad-header"),
    "empty header between files": (bytes(512) + raw(), "bad-header"),
    "sparse map that goes back": (
        records((b"GNU.sparse.map", b"10,5,3,5"), (b"GNU.sparse.size", b"99")) + raw(b"00000000012") + bytes(512),
        "bad-sparse-map",
    ),
    "sparse map of half a part": (
        records((b"GNU.sparse.map", b"10,5,3"), (b"GNU.sparse.size", b"99")) + raw(),
        "bad-sparse-map",
    ),
    "sparse map beyond the file": (
        records((b"GNU.sparse.map", b"10,5"), (b"GNU.sparse.size", b"9")) + raw(b"00000000005") + bytes(512),
        "bad-sparse-map",
    ),
    "sparse map of many parts": (
        records((b"GNU.sparse.map", b"0,0," * 110_000 + b"0,0"), (b"GNU.sparse.size", b"9")) + raw(),
        "bad-sparse-map",
    ),
    "sparse map in the content without an end": (
        records((b"GNU.sparse.major", b"1"), (b"GNU.sparse.minor", b"0")) + raw(b"00000040000") + b"1" * 0o40000,
        "bad-sparse-map",
    ),
    "sparse map in the content of many parts": (
        records((b"GNU.sparse.major", b"1"), (b"GNU.sparse.minor", b"0"))
        + raw(b"00000001000")
        + b"999999999\n".ljust(512, b"0"),
        "bad-sparse-map",
    ),
}


@pytest.mark.parametrize("name", ENDING)
def test_what_no_engine_reads_on_from_ends_the_layer_in_a_sentence(name: str) -> None:
    data, code = ENDING[name]
    found = scan(layer(("before", b"content"))[:1024] + data + AFTER + bytes(1024), everything)
    assert codes(found) == [code]
    assert found.problems[0].message
    assert found.entries[0].path == "before"
    assert found.digest


@pytest.mark.parametrize(
    "given",
    [
        "../out", "a/../../out", "/../out", "..", "a/..", ".",
        "x" * 256, "/".join(["d"] * 101), "/".join(["d" * 200] * 30),
        "a/.wh..", "a/.wh...", "a/.wh.", "h => ../out", "h => .", "l -> " + "x" * 5000,
    ],
)  # fmt: skip
def test_a_name_that_no_engine_takes_is_told_and_left_out(given: str) -> None:
    found = scan(layer(given, "kept"))
    assert codes(found) == ["unsafe-name"]
    assert [entry.path for entry in found.entries] == ["kept"]


def test_an_extended_header_without_a_file_is_told() -> None:
    every = records((b"comment", b"by git"))
    every = every[:156] + b"g" + every[157:]
    every = every[:148] + b"%06o\0 " % (sum(every[:148]) + 256 + sum(every[156:512])) + every[156:]
    assert codes(scan(every + bytes(1024))) == []
    assert codes(scan(records((b"path", b"a")) + every + bytes(1024))) == ["bad-header"]
    assert codes(scan(records((b"path", b"a")))) == ["layer-truncated"]


def test_a_zero_byte_in_a_name_is_told() -> None:
    found = scan(records((b"path", b"a\0b")) + raw() + AFTER + bytes(1024))
    assert codes(found) == ["unsafe-name"]
    assert [entry.path for entry in found.entries] == ["after"]


def test_names_in_messages_hold_no_control_characters() -> None:
    found = scan(layer("../\x1b[31m\n" + "y" * 3000))
    assert "\x1b" not in found.problems[0].message
    assert len(found.problems[0].message) < 1000


def test_problems_of_one_kind_are_counted_from_some_number_on() -> None:
    found = scan(layer(*(f"../{number}" for number in range(500))))
    assert len(found.problems) == LIMITS.problems + 1
    assert found.problems[-1].message == "480 more of the same kind"


# Bombs


def measured(data: bytes, limits: Any = LIMITS, keep: Any = nothing) -> tuple[Any, int]:
    tracemalloc.start()
    found = scan(data, keep, limits)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return found, peak


ZEROS = 64 * 1024 * 1024


@pytest.mark.parametrize("packed", [gzip.compress, zstd.compress])
def test_a_layer_that_expands_without_end_is_left(packed: Any) -> None:
    plain = raw(b"%011o" % ZEROS) + bytes(ZEROS) + bytes(1024)
    data = packed(plain)
    found, peak = measured(data, LIMITS._replace(expanded_from=4 * 1024 * 1024), keep=everything)
    assert codes(found)[-1] == "layer-expands-too-much"
    assert found.content_size < 16 * 1024 * 1024
    assert found.diff_id == ""
    assert found.digest
    assert peak < 32 * 1024 * 1024
    found, peak = measured(data)
    assert codes(found) == []
    assert found.content_size == len(plain)
    assert peak < 16 * 1024 * 1024


def test_the_size_the_entries_and_the_time_are_bounded() -> None:
    data = layer(("a", bytes(3_000_000)), "b", "c")
    assert codes(scan(data, limits=LIMITS._replace(content=1_000_000)))[-1] == "layer-too-large"
    assert codes(scan(gzip.compress(data), limits=LIMITS._replace(content=1_000_000)))[-1] == "layer-too-large"
    found = scan(data, limits=LIMITS._replace(entries=2))
    assert codes(found) == ["too-many-entries"]
    assert [entry.path for entry in found.entries] == ["a", "b"]
    assert found.digest == found.diff_id != ""
    assert codes(scan(gzip.compress(data), limits=LIMITS._replace(seconds=-1))) == ["layer-takes-too-long"]


def test_a_hundred_thousand_tiny_files_are_read() -> None:
    block = bytearray(raw())
    out = io.BytesIO()
    for number in range(100_000):
        block[:100] = (b"d%d/f%d" % (number % 100, number)).ljust(100, b"\0")
        block[148:156] = b" " * 8
        block[148:156] = b"%06o\0 " % sum(block)
        out.write(block)
    found = scan(gzip.compress(out.getvalue() + bytes(1024), 1))
    view = merge([found, found], LIMITS)
    assert len(view.entries) == 100_100


def test_thousands_of_tiny_members_of_gzip_are_read() -> None:
    data = gzip.compress(b"\0") * 20_000
    found, peak = measured(data)
    assert found.content_size == 20_000
    assert peak < 16 * 1024 * 1024


def test_a_sparse_file_may_claim_any_size_and_costs_nothing() -> None:
    claimed = b"9" * 18
    head = records((b"GNU.sparse.map", b"0,0"), (b"GNU.sparse.size", claimed))
    found, peak = measured(head + raw() + AFTER + bytes(1024), keep=lambda path, size, mode: 100)
    assert codes(found) == ["file-too-large"]
    assert [entry.size for entry in found.entries] == [0, 0]
    assert peak < 16 * 1024 * 1024


def test_memory_of_zstd_is_bounded() -> None:
    data = zstd.compress(bytes(3_000_000), options={zstd.CompressionParameter.window_log: 21})
    assert codes(scan(data, limits=LIMITS._replace(window_log=20)))[0] == "layer-damaged"


# Links


def test_links_that_point_at_each_other_are_told() -> None:
    view = merge([scan(layer("a -> b", "b -> a", "c -> c")), scan(layer("a/x", "c/y", "a/.wh.z", "fine"))], LIMITS)
    assert codes(view) == ["link-cycle"] * 3
    assert {problem.layer for problem in view.problems} == {1}
    assert set(view.entries) == {"a", "b", "c", "fine"}


def test_ways_through_links_are_bounded_in_all() -> None:
    links = [f"l{number} -> l{number + 1}" for number in range(30)]
    files = [f"l0/f{number}" for number in range(200)]
    view = merge([scan(layer(*links, "l30/")), scan(layer(*files))], LIMITS._replace(steps=1000))
    assert codes(view)[0] == "links-too-long"
    assert len(view.entries) < 31 + 1000 / 30 + 2
    deep = layer("a/", "a/b -> " + "/".join(["x" * 100] * 40))
    again = [scan(layer(f"a/b/{'/'.join(['y' * 100] * 30)}/f"))]
    assert codes(merge([scan(deep), *again], LIMITS)) == ["unsafe-name"]


def test_hard_links_to_nothing_and_files_in_files_are_told() -> None:
    view = merge([scan(layer("a", "b => missing", "d/", "c => d", "a/x", "e => a/y"))], LIMITS)
    assert codes(view) == ["broken-hard-link", "broken-hard-link", "not-a-folder", "broken-hard-link"]
    assert [problem.path for problem in view.problems] == ["b", "c", "a/x", "e"]
    assert set(view.entries) == {"a", "d"}


def test_the_files_of_all_layers_are_bounded() -> None:
    scans = [scan(layer(*(f"{number}-{each}" for each in range(50)))) for number in range(5)]
    view = merge(scans, LIMITS._replace(image_entries=120))
    assert codes(view) == ["too-many-entries"] * 3
    assert len(view.entries) == 120


def test_an_entry_of_an_unknown_kind_is_told() -> None:
    found = scan(layer(("a", {"type": b"Q"}), ("label", {"type": b"V"}), "b"))
    assert codes(found) == ["unknown-entry"] * 2
    assert [entry.path for entry in found.entries] == ["b"]


def test_devices_have_no_content_whatever_their_size_says() -> None:
    data = b"".join(raw(b"00000001000", flag, b"n" + flag, target=b"n") for flag in (b"3", b"4", b"5", b"6", b"2"))
    found = scan(data + AFTER + bytes(1024))
    assert codes(found) == []
    assert [entry.kind for entry in found.entries] == ["device", "device", "folder", "fifo", "link", "file"]
    assert {entry.size for entry in found.entries} == {0}


def test_a_number_of_owners_in_base_256_may_be_anything() -> None:
    owner = struct.pack(">Q", (1 << 63) | 123_456_789)
    assert scan(raw(owner=owner) + bytes(1024)).entries[0].owner == 123_456_789
