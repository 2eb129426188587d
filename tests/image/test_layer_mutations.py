"""Whatever bytes a layer has, reading it ends with files that lie inside of the image and problems in sentences.

`MLLINT_MUTATIONS` sets how many layers are tried.
"""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import sys
import tarfile
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linter.image.kept import pack, unpack
from linter.image.merge import merge
from tests.image.archives import LIMITS, everything, layer, scan

if TYPE_CHECKING:
    from linter.image.model import Entry

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

COUNT = int(os.environ.get("MLLINT_MUTATIONS", "300"))
SMALL = LIMITS._replace(content=1 << 24, kept_file=1 << 16, kept_layer=1 << 18, entries=200, seconds=20)
OPTIONS = (
    ["--format=gnu", "--sparse"],
    ["--format=oldgnu"],
    ["--format=pax", "--sparse", "--sparse-version=0.0"],
    ["--format=pax", "--sparse", "--sparse-version=0.1"],
    ["--format=pax", "--sparse", "--sparse-version=1.0"],
)
_WORTH_TRYING = [
    b"\0" * 12,
    b"\xff" * 12,
    b"\x80" + b"\x7f" * 11,
    b"77777777777\0",
    b"-1",
    b"../",
    b"/",
    b"\0",
    b"9" * 9,
]
_WORTH_TRYING += [b"x", b"g", b"L", b"S", b"1", b"2", b"5", b".wh.", b".wh..wh..opq", b"\n", b"=", b" "]


@lru_cache(maxsize=1)
def seeds() -> tuple[bytes, ...]:
    """Archives by Python and, where it is there, by GNU tar."""
    given = ["a/", ("a/" + "long" * 60, b"content"), "l -> a", "h => a/" + "long" * 60, "l/under", "a/.wh.x"]
    made = [layer(*given, form=form) for form in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)]
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        (top / "file").write_bytes(b"content" * 200)
        (top / "link").symlink_to("file")
        os.link(top / "file", top / ("same" * 30))
        with open(top / "sparse", "wb") as file:
            for number in range(30):
                file.seek(number * 8192)
                file.write(b"x" * 100)
        for options in OPTIONS:
            done = subprocess.run(["tar", "-C", name, *options, "-c", "."], capture_output=True, check=False)
            made += [done.stdout] if done.returncode == 0 else []
    return tuple(made)


def with_checksums(data: bytearray) -> bytearray:
    """Right checksums where headers stand, so that what is wrong in them is looked at."""
    for at in range(0, len(data) - 511, 512):
        if data[at + 257 : at + 262] == b"ustar":
            data[at + 148 : at + 156] = b" " * 8
            data[at + 148 : at + 156] = b"%06o\0 " % sum(data[at : at + 512])
    return data


@st.composite
def layers(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(st.sampled_from(seeds())))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, min(len(data), 16_384) - 1))
        piece = draw(st.sampled_from(_WORTH_TRYING) | st.binary(min_size=1, max_size=16))
        data[at : at + len(piece)] = piece
    if draw(st.booleans()):
        data = with_checksums(data)
    if draw(st.booleans()):
        del data[draw(st.integers(0, len(data))) :]
    packing = draw(st.sampled_from(["none", "none", "gzip", "zstd"]))
    if packing == "none":
        return bytes(data)
    packed = bytearray(gzip.compress(data, 1) if packing == "gzip" else zstd.compress(data, 1))
    for _ in range(draw(st.integers(0, 2))):
        packed[draw(st.integers(0, len(packed) - 1))] = draw(st.integers(0, 255))
    return bytes(packed)


def lies_inside(entry: Entry) -> bool:
    return bool(entry.path) and not {"", ".", ".."} & set(entry.path.split("/")) and "\0" not in entry.path


@settings(max_examples=COUNT, deadline=None, suppress_health_check=list(HealthCheck))
@given(layers(), st.sampled_from([1 << 30, 1000]))
def test_any_bytes_are_read_to_an_end(data: bytes, most: int) -> None:
    found = scan(data, everything, SMALL, most=most)
    again = scan(data, everything, SMALL, most=most + 7)
    if found.diff_id:  # how much comes out before damage depends on the pieces that go in
        assert found == again
    assert found.size == len(data)
    assert all(lies_inside(entry) and entry.size >= 0 for entry in found.entries)
    assert sum(map(len, found.contents.values())) <= SMALL.kept_layer
    view = merge([scan(layer("l -> a", "a/", ("x", b"1"))), found, found], SMALL)
    assert all(lies_inside(entry) and path == entry.path for path, entry in view.entries.items())
    for path in view.entries:
        parent = path.rpartition("/")[0]
        assert not parent or view.entries[parent].kind == "folder"
    assert set(view.contents) <= set(view.entries)
    assert all(problem.code and problem.message for problem in view.problems)
    packed = pack(found)
    assert packed is not None
    assert unpack(packed) == found._replace(entries=list(found.entries))


@settings(max_examples=max(COUNT // 3, 1), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_what_is_read_of_an_archive_that_python_reads_too_is_the_same(data: st.DataObject) -> None:
    """tarfile is more forgiving, so it only has a say where nothing was found to be wrong."""
    archive = data.draw(layers())
    found = scan(archive, everything, SMALL)
    if found.problems or found.compression != "none":
        return
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), errors="surrogateescape") as other:
            files = [member for member in other if member.isreg() and "GNU.sparse.major" not in member.pax_headers]
    except (tarfile.TarError, ValueError, OverflowError):
        return
    sizes = {entry.path: entry.size for entry in found.entries if entry.kind == "file" and not entry.target}
    for member in files:
        path = os.path.normpath(member.name.lstrip("/")).removeprefix("../")
        if path in sizes and sum(each.name == member.name for each in files) == 1 and not member.pax_headers:
            assert sizes[path] == member.size
