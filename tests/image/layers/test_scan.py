"""A layer is read once: digests, compression, what is kept, and what is wrong with it."""

from __future__ import annotations

import gzip
import io
import sys
import tarfile

import pytest

from linter.image.layers.scan import scan_layer, verified
from linter.image.layers.tar import members
from linter.image.model import Descriptor, ImageError, Problem
from tests.image.archives import LIMITS, Once, codes, everything, layer, nothing, scan, sha256

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PLAIN = layer("a/", ("a/x", b"content" * 1000), "b -> a", ("big", bytes(range(256)) * 4096))
SKIPPED = b"\x5a\x2a\x4d\x18" + (7).to_bytes(4, "little") + b"skipped"
HALF = len(PLAIN) // 2
STORED = {
    "none": PLAIN,
    "gzip": gzip.compress(PLAIN),
    "gzip in members": b"".join(gzip.compress(PLAIN[at : at + 5000]) for at in range(0, len(PLAIN), 5000)),
    "gzip with an empty member": gzip.compress(PLAIN) + gzip.compress(b""),
    "zstd": zstd.compress(PLAIN, options={zstd.CompressionParameter.checksum_flag: 1}),
    "zstd in frames": SKIPPED + zstd.compress(PLAIN[:HALF]) + SKIPPED + zstd.compress(PLAIN[HALF:]) + SKIPPED,
}


@pytest.mark.parametrize("most", [1 << 30, 1000, 7])
@pytest.mark.parametrize("name", STORED)
def test_digests_and_files_are_the_same_however_a_layer_is_compressed(name: str, most: int) -> None:
    data = STORED[name]
    found = scan(data, everything, most=most)
    assert codes(found) == []
    assert found.compression == name.split()[0]
    assert (found.digest, found.size) == (sha256(data), len(data))
    assert (found.diff_id, found.content_size) == (sha256(PLAIN), len(PLAIN))
    assert [entry.path for entry in found.entries] == ["a", "a/x", "b", "big"]
    assert found.contents == {"a/x": b"content" * 1000, "big": bytes(range(256)) * 4096}


@pytest.mark.parametrize("name", ["gzip", "gzip in members", "zstd", "zstd in frames"])
def test_an_early_end_is_told_and_what_came_before_it_counts(name: str) -> None:
    data = STORED[name]
    for cut in (len(data) - len(SKIPPED) - 2, len(data) // 2, 40):
        found = verified(scan(data[:cut]), Descriptor("layer.tar+gzip", sha256(data), len(data)), None)
        assert codes(found)[0] == "layer-truncated"
        assert codes(found)[1:] == ["digest-mismatch", "size-mismatch"]
        assert found.digest == sha256(data[:cut])
        assert found.diff_id == ""
    assert [entry.path for entry in scan(data[: len(data) - 9]).entries][:2] == ["a", "a/x"]


def test_an_uncompressed_archive_that_ends_early_is_told() -> None:
    for cut in (len(PLAIN) - 10_240 - 100, 512 + 512 + 100, 100):
        assert codes(scan(PLAIN[:cut])) == ["layer-truncated"]
    assert codes(scan(PLAIN[: 512 + 512 + 7168])) == []  # between two files: engines take that
    assert codes(scan(b"")) == []


@pytest.mark.parametrize("name", ["gzip", "zstd"])
def test_damage_is_told(name: str) -> None:
    data = bytearray(STORED[name])
    data[60:70] = bytes(10)
    found = scan(bytes(data))
    assert "layer-damaged" in codes(found)
    assert found.digest == sha256(bytes(data))


def test_other_compressions_and_bytes_behind_the_end_are_told() -> None:
    assert codes(scan(b"BZh91AY&SY")) == ["compression-unknown"]
    assert codes(scan(b"\xfd7zXZ\0\0\0")) == ["compression-unknown"]
    assert codes(scan(STORED["gzip"] + b"more")) == ["bytes-after-end"]
    assert codes(scan(PLAIN + b"more")) == ["bytes-after-end"]
    assert codes(scan(PLAIN + bytes(20_000))) == []
    assert codes(scan(b"no archive at all" * 100)) == ["bad-header"]


def compared(data: bytes, expected: Descriptor, diff_id: str | None = None) -> list[str]:
    algorithm = expected.digest.partition(":")[0]
    return codes(verified(scan(data, algorithm=algorithm), expected, diff_id))


def test_what_is_not_the_layer_that_was_asked_for_is_told() -> None:
    blob, kind = STORED["gzip"], "application/vnd.oci.image.layer.v1.tar+gzip"
    right = Descriptor(kind, sha256(blob), len(blob))
    assert compared(blob, right, sha256(PLAIN)) == []
    assert compared(blob, right, sha256(b"")) == ["diff-id-mismatch"]
    assert compared(blob, right._replace(digest=sha256(PLAIN))) == ["digest-mismatch"]
    assert compared(blob, right._replace(size=3)) == ["size-mismatch"]
    # An archive of Docker names a layer by its content and may still hold it compressed.
    by_content = Descriptor("application/vnd.docker.image.rootfs.diff.tar", sha256(PLAIN), None)
    assert compared(blob, by_content, sha256(PLAIN)) == []
    assert compared(PLAIN, by_content, sha256(PLAIN)) == []


def test_a_digest_by_sha512_is_compared_as_such() -> None:
    import hashlib

    right = "sha512:" + hashlib.sha512(PLAIN).hexdigest()
    assert compared(PLAIN, Descriptor("tar", right, len(PLAIN))) == []
    assert compared(PLAIN, Descriptor("tar", right[:-1] + "_", len(PLAIN))) == ["digest-mismatch"]


class Failing(Once):
    def read(self, size: int, /) -> bytes:
        if not (found := super().read(min(size, 5000))):
            raise ImageError("the registry closed the connection")
        return found


def test_a_source_that_fails_is_a_problem_of_the_layer() -> None:
    found = verified(
        scan_layer(Failing(PLAIN[:-20_000]), nothing, LIMITS), Descriptor("tar", sha256(PLAIN), None), None
    )
    assert codes(found) == ["layer-unreadable"]
    assert "the registry closed the connection" in found.problems[0].message
    assert (found.digest, found.diff_id) == ("", "")
    assert len(found.entries) == 4


def test_only_what_is_asked_for_is_kept_and_only_as_much_of_it() -> None:
    asked = []

    def keep(path: str, size: int, mode: int) -> int:
        asked.append((path, size, mode))
        return 3 if path == "a/x" else 0

    assert scan(PLAIN, keep).contents == {"a/x": b"con"}
    assert asked == [("a/x", 7000, 0o644), ("big", 1 << 20, 0o644)]
    small = LIMITS._replace(kept_file=10, kept_layer=15)
    found = scan(PLAIN, everything, small)
    assert found.contents == {"a/x": b"contentcon"}
    assert codes(found) == ["contents-too-large"]
    assert codes(scan(PLAIN, everything, room=6000)) == ["contents-too-large"] * 2


def test_large_files_that_are_alike_have_the_same_head() -> None:
    data = layer(("a", b"x" * 70_000), ("b", b"x" * 70_000), ("c", b"y" * 70_000), ("d", b"x" * 70_001), ("e", b"x"))
    a, b, c, d, e = scan(data).entries
    assert a.head == b.head != b""
    assert len({a.head, c.head, d.head, e.head}) == 4
    assert e.head == b""


def test_progress_is_told_in_stored_bytes() -> None:
    steps: list[int] = []
    scan(STORED["gzip"], progress=steps.append, most=1000)
    assert sum(steps) == len(STORED["gzip"])
    assert len(steps) > 2


def test_whiteouts_are_apart_from_files() -> None:
    found = scan(layer("a/", "a/.wh.x", ".wh.y", "a/.wh..wh..opq", ".wh..wh..opq", "a/.wh..wh.plnk", "z"))
    assert found.whiteouts == ["a/x", "y"]
    assert found.opaque == ["a", ""]
    assert [entry.path for entry in found.entries] == ["a", "z"]
    assert codes(found) == []


# Archives around layers


def test_members_of_an_archive_are_read_one_after_the_other() -> None:
    for data in (PLAIN, gzip.compress(PLAIN), zstd.compress(PLAIN)):
        problems: list[Problem] = []
        found = {}
        for member, content in members(Once(data), LIMITS, problems):
            pieces = []
            while piece := content.read(1000):
                pieces.append(piece)
            found[member.name.rstrip("/")] = b"".join(pieces)
            assert PLAIN[member.offset : member.offset + member.stored] == b"".join(pieces)
        assert found == {"a": b"", "a/x": b"content" * 1000, "b": b"", "big": bytes(range(256)) * 4096}
        assert problems == []


class Counting(io.BytesIO):
    count = 0

    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(size)
        self.count += len(found)
        return found


def test_members_of_an_archive_that_can_be_sought_in_are_passed_over() -> None:
    data = layer(("large", bytes(20_000_000)), ("small", b"content"))
    stream, problems = Counting(data), []
    found = [(m.name, c.read(100)) for m, c in members(stream, LIMITS, problems) if m.name == "small"]
    assert found == [("small", b"content")]
    assert stream.count < 2_000_000
    assert problems == []
    assert [m.name for m, _ in members(Counting(data[:15_000_000]), LIMITS, problems)] == ["large"]
    assert [problem.code for problem in problems] == ["archive-truncated"]


def test_zlib_takes_the_place_of_isal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "isal", None)
    for name in ("gzip", "gzip in members"):
        found = scan(STORED[name], most=1000)
        assert (codes(found), found.diff_id) == ([], sha256(PLAIN))
    assert codes(scan(STORED["gzip"][:-5])) == ["layer-truncated"]


def test_headers_of_all_of_an_archive_are_passed_over_and_bound_nothing() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", pax_headers={"comment": "made by git", "path": "other"}) as archive:
        archive.addfile(tarfile.TarInfo("a"))
    found = scan(out.getvalue())
    assert [entry.path for entry in found.entries] == ["a"]
    assert codes(found) == []
