"""Layers that were read once are not read again, and a damaged cache changes nothing."""

from __future__ import annotations

import gzip
import hashlib
import os
import stat
import tarfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from linter.image.layers import kept as kept_module
from linter.image.layers.kept import KeptScans, pack, unpack
from linter.image.layers.read import scan_image
from linter.image.model import Described, Descriptor, ImageError, Platform
from linter.image.sources.source import BaseSource
from tests.image.archives import LIMITS, Once, codes, everything, layer, scan, sha256

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from linter.image.layers.limits import Limits
    from linter.image.model import Scan, Stream

BASE = layer(
    "a/", ("a/x", b"content"), ("b\udcff", b"\0\xff" * 50_000), "l -> a", ".wh.gone", "../bad", form=tarfile.GNU_FORMAT
)
TOP = layer(("opt/y", b"program"), "opt/.wh..wh..opq")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("MLLINT_NO_CACHE", raising=False)
    monkeypatch.setenv("MLLINT_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


class Archive(BaseSource):
    """An image of which is noted what was read."""

    def __init__(self, *layers: bytes) -> None:
        self.layers = layers
        found = tuple(
            Descriptor("application/vnd.oci.image.layer.v1.tar+gzip", sha256(each), len(each)) for each in layers
        )
        plain = [gzip.decompress(each) if each.startswith(b"\x1f\x8b") else each for each in layers]
        config = {"rootfs": {"diff_ids": [sha256(each) for each in plain]}}
        self.described = Described("image", "oci-layout", None, None, config, None, found)
        self.read: list[int] = []

    def describe(self, platform: Platform) -> Described:
        return self.described

    @contextmanager
    def layer(self, described: Described, number: int) -> Iterator[Stream]:
        self.read.append(number)
        yield Once(self.layers[number])


def scans(image: Archive, key: str | None = "all", limits: Limits = LIMITS, **more: Any) -> Sequence[Scan]:
    return scan_image(image, Platform(), everything, limits, keep_key=key, **more)[1]


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("layer-*"))


def test_an_image_that_shares_its_base_reads_the_new_layers_alone(folder: Path) -> None:
    base, top, other = (gzip.compress(each, mtime=0) for each in (BASE, TOP, layer("z")))
    first, second = Archive(base, top), Archive(base, other)
    found, again = scans(first), scans(second)
    assert (first.read, second.read) == ([0, 1], [1])
    assert again[0] == found[0]
    assert again[0].contents["a/x"] == b"content"
    assert codes(again[0]) == ["unsafe-name"]
    assert len(files(folder)) == 3
    assert {stat.S_IMODE(path.stat().st_mode) for path in files(folder)} == {0o600}


def test_another_way_to_keep_other_limits_or_no_key_read_anew(folder: Path) -> None:
    image = Archive(TOP)
    scans(image)
    scans(image, key="other")
    scans(image, limits=LIMITS._replace(depth=50))
    scans(image, key=None)
    assert image.read == [0, 0, 0, 0]
    assert len(files(folder)) == 3


def test_a_layer_that_an_image_has_twice_is_read_once() -> None:
    image = Archive(TOP, TOP)
    found = scans(image, key=None)
    assert image.read == [0]
    assert found[0] == found[1]


def test_what_an_image_says_of_a_kept_layer_is_compared_again() -> None:
    scans(Archive(TOP))
    image = Archive(TOP)
    image.described = image.described._replace(config={"rootfs": {"diff_ids": ["sha256:other"]}})
    assert codes(scans(image)[0]) == ["diff-id-mismatch"]
    assert image.read == []
    assert codes(scans(Archive(TOP))[0]) == []


def test_a_layer_with_another_digest_is_not_kept(folder: Path) -> None:
    image = Archive(TOP)
    image.layers = (BASE,)
    assert "digest-mismatch" in codes(scans(image)[0])
    assert files(folder) == []
    image.layers = (TOP,)
    assert codes(scans(image)[0]) == []


def test_what_another_run_need_not_meet_is_not_kept(folder: Path) -> None:
    image = Archive(TOP)
    tight = LIMITS._replace(kept_image=3)
    assert codes(scans(image, limits=tight)[0]) == ["contents-too-large"]
    slow = LIMITS._replace(seconds=-1)
    assert codes(scans(image, limits=slow)[0]) == ["layer-takes-too-long"]
    assert files(folder) == []


def test_all_contents_of_an_image_have_one_bound() -> None:
    image = Archive(layer(("a", b"x" * 100)), layer(("b", b"x" * 100)), layer(("c", b"x" * 100)))
    for _ in range(2):
        found = scans(image, limits=LIMITS._replace(kept_image=250))
        assert [len(each.contents) for each in found] == [1, 1, 0]
        assert codes(found[2]) == ["contents-too-large"]


def test_a_damaged_file_is_read_over(folder: Path) -> None:
    image = Archive(gzip.compress(BASE))
    whole = scans(image)
    place = files(folder)[0]
    data = place.read_bytes()
    for damaged in (b"", data[:100], data[:-1], data[:200] + b"x" + data[201:], os.urandom(500)):
        place.write_bytes(damaged)
        assert scans(image) == whole
    assert len(image.read) == 6
    place.unlink()
    place.mkdir()
    assert scans(image) == whole


def test_a_cache_that_cannot_be_written_changes_nothing(folder: Path) -> None:
    folder.write_text("a file where the folder should be", "utf-8")
    image = Archive(TOP)
    assert scans(image) == scans(image)


def test_rows_of_another_shape_are_as_good_as_none() -> None:
    found = scan(BASE, everything)
    packed = pack(found)
    assert packed is not None
    assert unpack(packed) == found
    import json
    import zlib

    body = zlib.decompress(packed)
    length = int.from_bytes(body[:8], "big")
    plain = json.loads(body[8 : 8 + length])
    for change in (
        {"entries": []},
        {"entries": [*plain["entries"][:-1], [1 << 40] * 4]},
        {"entries": [[1, 2, 3, 4], *plain["entries"][1:]]},
        {"entries": [plain["entries"][0][:2], *plain["entries"][1:]]},
        {"whiteouts": [1]},
        {"contents": [["a", -5]]},
        {"contents": [["a", 1 << 40]]},
        {"layer": ["a", "b", "c", 1, "gzip"]},
        {"problems": [["a"]]},
        {"opaque": None},
    ):
        text = json.dumps({**plain, **change}).encode()
        with pytest.raises(kept_module.Misshapen):
            unpack(zlib.compress(len(text).to_bytes(8, "big") + text + body[8 + length :]))


def test_the_oldest_go_when_there_is_no_room(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_module, "MOST_BYTES", 250_000)
    kept = KeptScans(LIMITS, "all")
    layers = [layer(("f", os.urandom(80_000))) for _ in range(4)]
    for number, each in enumerate(layers):
        kept.put(sha256(each), scan(each, everything))
        for place in files(folder):
            if place.stat().st_mtime > 1000:
                os.utime(place, (number, number))
        assert kept.get(sha256(layers[0])) is not None  # which makes it young again
    assert [kept.get(sha256(each)) is not None for each in layers] == [True, False, True, True]


class Missing(Archive):
    @contextmanager
    def layer(self, described: Described, number: int) -> Iterator[Stream]:
        if number == 0:
            raise ImageError("the archive has no such file")
        with super().layer(described, number) as stream:
            yield stream


def test_a_layer_that_cannot_be_had_is_a_problem_and_the_others_count() -> None:
    found = scans(Missing(BASE, TOP))
    assert codes(found[0]) == ["layer-missing"]
    assert "the archive has no such file" in found[0].problems[0].message
    assert codes(found[1]) == []


def test_progress_is_what_is_read() -> None:
    first: list[int] = []
    again: list[int] = []
    scans(Archive(TOP), progress=first.append)
    scans(Archive(BASE, TOP), progress=again.append)
    assert (sum(first), sum(again)) == (len(TOP), len(BASE))


def test_a_digest_of_the_other_algorithm_is_worked_out_and_kept_by() -> None:
    image = Archive(TOP)
    digest = f"sha512:{hashlib.sha512(TOP).hexdigest()}"
    image.described = image.described._replace(layers=(image.described.layers[0]._replace(digest=digest),))
    found = scans(image)
    assert (found[0].digest, codes(found[0])) == (digest, [])
    assert scans(image) == found
    assert image.read == [0]


def test_a_configuration_may_be_anything() -> None:
    image = Archive(TOP)
    for config in ({}, {"rootfs": 3}, {"rootfs": {"diff_ids": "x"}}, {"rootfs": {"diff_ids": [3, {}]}}):
        image.described = image.described._replace(config=config)
        assert codes(scans(image, key=None)[0]) == []
