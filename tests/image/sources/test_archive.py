"""Images in archives: old and new layouts, plain and compressed, whole and damaged."""

from __future__ import annotations

import gzip
import io
import lzma
import random
import tarfile
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest

from linter.image.layers import read as read_module
from linter.image.layers.read import read_layers, scan_image
from linter.image.model import Described, ImageError, Platform, Scan, Stream
from linter.image.sources import archive as archive_module
from linter.image.sources.archive import PassingArchive, SoughtArchive, open_archive
from tests.image import packing
from tests.image.packing import BASE, TOP, Image

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from linter.image.layers.limits import Limits

OLD, NEW = packing.old_archive(), packing.new_archive()
OCI = packing.layout([Image().entry("v1", platform=False)], Image().all())
BIG = random.Random(5).randbytes(3_000_000)


def everything(stream: Stream, _digest: str = "") -> bytes:
    return b"".join(iter(lambda: stream.read(100_000), b""))


def zstd(content: bytes) -> bytes:
    module = pytest.importorskip("backports.zstd", reason="zstd is only there with the package of the interpreter")
    compressed: bytes = module.compress(content)
    return compressed


COMPRESS: dict[str, Callable[[bytes], bytes]] = {"plain": bytes, "gzip": gzip.compress, "zstd": zstd}


def saved(folder: Path, members: Mapping[str, Any], compression: str = "plain") -> str:
    path = folder / "image.tar"
    path.write_bytes(COMPRESS[compression](packing.tar(members)))
    return str(path)


def read(
    path: str, limits: Limits, selector: str | None = None, **more: Any
) -> tuple[Described, list[bytes | ImageError]]:
    with open_archive(path, limits, selector) as source:
        return read_layers(source, Platform(), everything, **more)


@pytest.mark.parametrize("compression", COMPRESS)
@pytest.mark.parametrize("members", [OLD, NEW, dict(reversed(OLD.items()))], ids=["old", "new", "manifest-first"])
def test_docker_archives(tmp_path: Path, limits: Limits, members: Mapping[str, Any], compression: str) -> None:
    image, layers = read(saved(tmp_path, members, compression), limits)
    assert layers == [BASE, TOP]
    assert (image.source, image.tags, image.platform) == ("docker-archive", ("demo:v1",), Platform())
    assert (image.media_type, image.digest, image.listed) == (None, None, None)
    assert image.config["config"] == {"Env": ["A=1"]}
    assert image.config_digest == packing.digest(packing.config([BASE, TOP]))
    assert [(layer.digest, layer.size) for layer in image.layers] == [(packing.digest(b), len(b)) for b in (BASE, TOP)]
    assert not image.problems


@pytest.mark.parametrize("compression", COMPRESS)
def test_oci_archives(tmp_path: Path, limits: Limits, compression: str) -> None:
    image, layers = read(saved(tmp_path, OCI, compression), limits)
    assert layers == Image().blobs
    assert (image.source, image.tags, image.media_type) == ("oci-archive", ("v1",), packing.OCI_MANIFEST)
    assert image.digest == packing.digest(Image().manifest)


def test_media_types_are_those_of_the_archive_where_it_tells_them(tmp_path: Path, limits: Limits) -> None:
    old, _ = read(saved(tmp_path, OLD), limits)
    assert {layer.media_type for layer in old.layers} == {"application/vnd.docker.image.rootfs.diff.tar"}
    new, _ = read(saved(tmp_path, NEW), limits)
    assert {layer.media_type for layer in new.layers} == {packing.OCI_LAYER}


@pytest.mark.parametrize("compression", COMPRESS)
def test_equal_layers_that_are_links_are_followed(tmp_path: Path, limits: Limits, compression: str) -> None:
    members = packing.old_archive([BASE, TOP, BASE])
    assert sum(isinstance(content, str) for content in members.values()) == 1
    seen: list[bytes] = []

    def counted(stream: Stream, _: str) -> bytes:
        seen.append(everything(stream))
        return seen[-1]

    with open_archive(saved(tmp_path, members, compression), limits) as source:
        _, layers = read_layers(source, Platform(), counted)
    assert layers == [BASE, TOP, BASE]
    assert len(seen) == 2, "each is read once"


@pytest.mark.parametrize("target", ["../../../../etc/passwd", "/etc/passwd", "layer.tar", "../nowhere/layer.tar"])
def test_links_lead_nowhere_but_to_members(tmp_path: Path, limits: Limits, target: str) -> None:
    members = packing.old_archive([BASE, TOP])
    name = next(name for name, content in members.items() if content == TOP)
    image, layers = read(saved(tmp_path, {**members, name: target}), limits)
    assert layers[0] == BASE
    assert isinstance(layers[1], ImageError)
    assert image.layers[1].size is None


def test_layers_of_a_plain_archive_come_in_any_order(tmp_path: Path, limits: Limits) -> None:
    path = saved(tmp_path, packing.old_archive([BIG, BASE, TOP]))
    with open_archive(path, limits) as source:
        assert isinstance(source, SoughtArchive)
        image = source.describe(Platform())
        with source.layer(image, 2) as last, source.layer(image, 0) as first:
            assert first.read(10) == BIG[:10]
            assert everything(last) == TOP
            assert everything(first) == BIG[10:]
    assert read(path, limits)[1] == [BIG, BASE, TOP]


def test_a_compressed_archive_is_gone_through_once(tmp_path: Path, limits: Limits) -> None:
    source = open_archive(saved(tmp_path, packing.old_archive([BIG, BASE]), "gzip"), limits)
    assert isinstance(source, PassingArchive)
    opened, times = source._opened, []
    source._opened = lambda: times.append(1) or opened()  # type: ignore[func-returns-value]
    assert read_layers(source, Platform(), everything)[1] == [BIG, BASE]
    assert len(times) == 1


def test_one_layer_of_a_compressed_archive_can_be_had_alone(tmp_path: Path, limits: Limits) -> None:
    with open_archive(saved(tmp_path, OLD, "gzip"), limits) as source:
        image = source.describe(Platform())
        with source.layer(image, 1) as stream:
            assert everything(stream) == TOP


def test_what_is_known_is_not_read(tmp_path: Path, limits: Limits) -> None:
    known = {packing.digest(BASE): b"known"}.get
    assert read(saved(tmp_path, OLD), limits, known=known)[1] == [b"known", TOP]
    assert read(saved(tmp_path, NEW, "gzip"), limits, known=known)[1] == [b"known", TOP]


@pytest.mark.parametrize("compression", COMPRESS)
def test_a_tag_picks_one_of_several_images(tmp_path: Path, limits: Limits, compression: str) -> None:
    one, two = (
        packing.old_archive([BASE], ["shop/one:v1", "shop/one:v2"]),
        packing.old_archive([TOP], ["docker.io/library/two:latest"]),
    )
    manifest = one["manifest.json"][:-1] + b"," + two["manifest.json"][1:]
    path = saved(tmp_path, {**one, **two, "manifest.json": manifest}, compression)
    assert read(path, limits, "shop/one:v2")[1] == [BASE]
    assert read(path, limits, "two")[1] == [TOP]
    assert read(path, limits, "@1")[1] == [TOP]
    with pytest.raises(ImageError, match=r"several images.*: shop/one:v1, shop/one:v2; docker\.io/library/two:latest"):
        read(path, limits)
    with pytest.raises(ImageError, match="no image `three`"):
        read(path, limits, "three")


def test_a_configuration_under_a_wrong_name_is_a_problem(tmp_path: Path, limits: Limits) -> None:
    name = next(name for name in OLD if name.endswith(".json"))
    image, _ = read(saved(tmp_path, {**OLD, name: packing.config([BASE, TOP], author="other")}), limits)
    assert [problem.code for problem in image.problems] == ["digest-mismatch"]


def test_a_layer_too_many_is_a_problem(tmp_path: Path, limits: Limits) -> None:
    members = packing.old_archive([BASE, TOP], rootfs={"diff_ids": [packing.digest(BASE)]})
    image, layers = read(saved(tmp_path, members), limits)
    assert [problem.code for problem in image.problems] == ["layer-count"]
    assert layers == [BASE, TOP]


def test_a_layer_beyond_8_gib_has_its_size_in_an_extended_header(tmp_path: Path, limits: Limits) -> None:
    """Only the header: the archive ends behind it."""
    info = tarfile.TarInfo("a" * 64 + "/layer.tar")
    info.size = 9 << 30
    header = info.tobuf(tarfile.PAX_FORMAT)
    path = tmp_path / "image.tar"
    path.write_bytes(header + bytes(512))
    with pytest.raises(ImageError, match="ends in the middle"):
        read(str(path), limits)


@pytest.mark.parametrize("compression", COMPRESS)
@pytest.mark.parametrize("members", [OLD, NEW, OCI], ids=["old", "new", "oci"])
def test_an_archive_that_ends_early_gives_one_sentence(
    tmp_path: Path, limits: Limits, members: Mapping[str, Any], compression: str
) -> None:
    whole = COMPRESS[compression](packing.tar(members).rstrip(b"\0"))
    path = tmp_path / "image.tar"
    for part in range(8):
        path.write_bytes(whole[: len(whole) * part // 10])
        with pytest.raises(ImageError, match=r"image\.tar"):
            read(str(path), limits)


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"[]",
        b"{}",
        b"[[]]",
        b"[{}]",
        b'[{"Config": 3}]',
        b"[" * 9999,
        b'[{"Config": "../x", "Layers": 3}]',
        b"\xff",
    ],
)
def test_a_manifest_that_is_none_gives_one_sentence(tmp_path: Path, limits: Limits, manifest: bytes) -> None:
    for compression in ("plain", "gzip"):
        with pytest.raises(ImageError, match=r"image\.tar"):
            read(saved(tmp_path, {**OLD, "manifest.json": manifest}, compression), limits)


def test_an_archive_of_something_else_says_what_it_lacks(tmp_path: Path, limits: Limits) -> None:
    path = saved(tmp_path, {"a": b"1"})
    with pytest.raises(ImageError, match=r"not an archive of images: it has no `manifest\.json`"):
        read(path, limits)
    with pytest.raises(ImageError, match=r"it has no `index\.json`"):
        open_archive(path, limits, kind="oci-archive").describe(Platform())
    both = saved(tmp_path, NEW)
    assert open_archive(both, limits, kind="oci-archive").describe(Platform()).source == "oci-archive"


def test_a_few_bytes_do_not_expand_for_ever(tmp_path: Path, limits: Limits) -> None:
    few = limits._replace(expanded_from=1_000_000)
    path = saved(tmp_path, packing.old_archive([bytes(5_000_000), BASE]), "gzip")
    assert read(path, limits)[1] == [bytes(5_000_000), BASE]
    with pytest.raises(ImageError, match="expands to more than 200 times its size"):
        read(path, few)
    with pytest.raises(ImageError, match="expands to more than 200 times its size"):
        open_archive(path, few).describe(Platform())
    twice = tmp_path / "twice"
    twice.write_bytes(gzip.compress(gzip.compress(packing.tar(OLD))))
    with pytest.raises(ImageError, match="cannot be read"):
        open_archive(str(twice), limits).describe(Platform())


def test_members_without_end_are_not_listed(tmp_path: Path, limits: Limits, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_module, "_MOST_MEMBERS", 5)
    with pytest.raises(ImageError, match="more than 5 members"):
        read(saved(tmp_path, OLD), limits)


def test_damaged_archives_never_end_in_anything_but_a_sentence(tmp_path: Path, limits: Limits) -> None:
    """500 archives with a few bytes changed anywhere."""
    chance = random.Random(12)
    wholes = [COMPRESS[name](packing.tar(members)) for name in ("plain", "gzip") for members in (OLD, NEW, OCI)]
    path = tmp_path / "image.tar"
    for _ in range(500):
        damaged = bytearray(chance.choice(wholes))
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(damaged))
            damaged[at : at + chance.randint(1, 30)] = chance.randbytes(chance.randint(0, 30))
        path.write_bytes(damaged)
        with suppress(ImageError):
            read(str(path), limits)


def test_a_folder_and_a_pipe_are_no_archives(tmp_path: Path, limits: Limits) -> None:
    with pytest.raises(ImageError, match="is not a file"):
        open_archive(str(tmp_path), limits)
    with pytest.raises(ImageError, match="No such file"):
        open_archive(str(tmp_path / "absent"), limits)


def test_what_is_compressed_otherwise_says_so(tmp_path: Path, limits: Limits) -> None:
    path = tmp_path / "image.tar.xz"
    path.write_bytes(lzma.compress(packing.tar(OLD)))
    with pytest.raises(ImageError, match=r"image\.tar\.xz` cannot be read: it is compressed with xz"):
        open_archive(str(path), limits)


def test_zstd_that_begins_with_a_frame_to_skip(tmp_path: Path, limits: Limits) -> None:
    path = tmp_path / "image.tar.zst"
    path.write_bytes(b"\x50\x2a\x4d\x18\x04\0\0\0abcd" + zstd(packing.tar(OLD)))
    assert read(str(path), limits)[1] == [BASE, TOP]


def test_layers_of_a_compressed_archive_again_and_again(tmp_path: Path, limits: Limits) -> None:
    with open_archive(saved(tmp_path, OLD, "gzip"), limits) as source:
        image = source.describe(Platform())
        for number, content in ((1, TOP), (0, BASE), (1, TOP)):
            with source.layer(image, number) as stream:
                assert everything(stream) == content
            assert source.describe(Platform()) == image


def test_a_stream_that_comes_once_is_enough(limits: Limits) -> None:
    @contextmanager
    def opened() -> Any:
        yield io.BytesIO(packing.tar(OLD))

    source = PassingArchive(opened, "a pipe", limits)
    assert read_layers(source, Platform(), everything)[1] == [BASE, TOP]


@pytest.mark.parametrize("compression", COMPRESS)
def test_an_image_is_scanned_once_and_kept(
    tmp_path: Path, limits: Limits, compression: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLLINT_CACHE_DIR", str(tmp_path / "cache"))
    path = saved(tmp_path, packing.new_archive([BASE, TOP, BASE]), compression)

    def scanned(key: str | None) -> tuple[list[Scan], list[int]]:
        read: list[int] = []
        with open_archive(path, limits) as source:
            _, scans = scan_image(source, Platform(), lambda *_: 100, limits, keep_key=key, progress=read.append)
        return scans, read

    first, _ = scanned("key")
    assert [[entry.path for entry in scan.entries] for scan in first] == [
        ["etc", "etc/hostname", "big"],
        ["opt/program"],
        ["etc", "etc/hostname", "big"],
    ]
    assert first[1].contents == {"opt/program": b"#!/bin/sh\n"}
    assert not any(scan.problems for scan in first)
    again, _ = scanned("key")
    assert again == first
    monkeypatch.setattr(read_module, "scan_layer", None)
    assert scanned("key")[0] == first, "the second time nothing is read"


@pytest.mark.parametrize("compression", COMPRESS)
def test_a_layer_that_is_not_what_its_digest_says_is_a_problem_of_it(
    tmp_path: Path, limits: Limits, compression: str
) -> None:
    members = dict(OLD)
    name = next(name for name, content in members.items() if content == TOP)
    members[name] = packing.tar({"opt/other": b"1"})
    with open_archive(saved(tmp_path, members, compression), limits) as source:
        _, scans = scan_image(source, Platform(), lambda *_: 0, limits)
    assert not scans[0].problems
    assert {"digest-mismatch", "diff-id-mismatch"} <= {problem.code for problem in scans[1].problems}
    del members[name]
    with open_archive(saved(tmp_path, members, compression), limits) as source:
        _, scans = scan_image(source, Platform(), lambda *_: 0, limits)
    assert [problem.code for problem in scans[1].problems] == ["layer-missing"]
