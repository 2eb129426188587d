"""OCI layouts in folders: which image is taken, for which platform, and what is wrong with it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from linter.image.layout import LayoutSource
from linter.image.model import ImageError, Platform
from tests.image import packing
from tests.image.packing import Image

if TYPE_CHECKING:
    from pathlib import Path

    from linter.image.model import Described

AMD, ARM = Image(), Image("linux/arm64/v8")


def described(folder: Path, selector: str | None = None, platform: Platform | None = None) -> Described:
    return LayoutSource(str(folder), selector).describe(platform or Platform())


def test_one_image_is_described_and_its_layers_are_the_stored_bytes(tmp_path: Path) -> None:
    packing.write(tmp_path, packing.layout([AMD.entry("v1", platform=False)], AMD.all()))
    with LayoutSource(str(tmp_path)) as source:
        image = source.describe(Platform())
        for number, blob in enumerate(AMD.blobs):
            with source.layer(image, number) as stream:
                assert stream.read(1 << 20) == blob
    assert (image.source, image.media_type, image.digest) == (
        "oci-layout",
        packing.OCI_MANIFEST,
        packing.digest(AMD.manifest),
    )
    assert image.config["config"] == {"Env": ["A=1"]}
    assert image.config_digest == packing.digest(AMD.config)
    assert [(layer.digest, layer.size) for layer in image.layers] == [(packing.digest(b), len(b)) for b in AMD.blobs]
    assert (image.listed, image.tags, image.platform) == (None, ("v1",), Platform())
    assert not image.problems


def several_platforms() -> tuple[bytes, dict[str, bytes]]:
    attestation = packing.entry(
        b"{}",
        packing.OCI_MANIFEST,
        "unknown/unknown",
        annotations={"vnd.docker.reference.type": "attestation-manifest"},
    )
    index = packing.index([ARM.entry(), attestation, AMD.entry()])
    return index, {**AMD.all(), **ARM.all(), packing.digest(index): index}


def test_an_index_is_told_and_the_platform_is_chosen(tmp_path: Path) -> None:
    index, blobs = several_platforms()
    packing.write(tmp_path, packing.layout([packing.entry(index, packing.OCI_INDEX, name="v1")], blobs))
    assert described(tmp_path).digest == packing.digest(AMD.manifest)
    image = described(tmp_path, platform=Platform("linux", "arm64"))
    assert image.digest == packing.digest(ARM.manifest)
    assert image.platform == Platform("linux", "arm64", "v8")
    assert image.index_media_type == packing.OCI_INDEX
    assert image.listed is not None
    assert [entry.platform and entry.platform.architecture for entry in image.listed] == ["arm64", "unknown", "amd64"]


def test_a_platform_that_is_missing_is_answered_with_those_there_are(tmp_path: Path) -> None:
    index, blobs = several_platforms()
    packing.write(tmp_path, packing.layout([packing.entry(index, packing.OCI_INDEX)], blobs))
    with pytest.raises(ImageError, match=r"no image for linux/s390x; its platforms are: linux/arm64/v8, linux/amd64\."):
        described(tmp_path, platform=Platform("linux", "s390x"))


def test_an_index_json_of_platforms_is_an_index(tmp_path: Path) -> None:
    packing.write(tmp_path, packing.layout([ARM.entry(), AMD.entry()], {**AMD.all(), **ARM.all()}))
    image = described(tmp_path)
    assert image.digest == packing.digest(AMD.manifest)
    assert image.listed is not None
    assert len(image.listed) == 2


def test_an_index_in_an_index_is_followed_but_not_without_end(tmp_path: Path) -> None:
    content, blobs = several_platforms()
    for _ in range(2):
        content = packing.index([packing.entry(content, packing.OCI_INDEX)])
        blobs[packing.digest(content)] = content
    packing.write(tmp_path, packing.layout([packing.entry(content, packing.OCI_INDEX)], blobs))
    assert described(tmp_path).digest == packing.digest(AMD.manifest)
    for _ in range(3):
        content = packing.index([packing.entry(content, packing.OCI_INDEX)])
        blobs[packing.digest(content)] = content
    packing.write(tmp_path, packing.layout([packing.entry(content, packing.OCI_INDEX)], blobs))
    with pytest.raises(ImageError, match="index of indexes"):
        described(tmp_path)


@pytest.mark.parametrize("selector", ["two", "@1", "@" + packing.digest(ARM.manifest)])
def test_a_selector_picks_one_of_several_images(tmp_path: Path, selector: str) -> None:
    entries = [AMD.entry("one", platform=False), ARM.entry("two", platform=False)]
    packing.write(tmp_path, packing.layout(entries, {**AMD.all(), **ARM.all()}))
    assert described(tmp_path, selector).digest == packing.digest(ARM.manifest)
    with pytest.raises(ImageError, match=r"several images.*: one; two"):
        described(tmp_path)
    with pytest.raises(ImageError, match=r"no image `three`; those that it has: one; two"):
        described(tmp_path, "three")


def test_a_whole_name_is_known_in_its_short_form(tmp_path: Path) -> None:
    names = {"io.containerd.image.name": "docker.io/library/shop:v2", "org.opencontainers.image.ref.name": "v2"}
    entries = [{**AMD.entry(platform=False), "annotations": names}, ARM.entry("other", platform=False)]
    packing.write(tmp_path, packing.layout(entries, {**AMD.all(), **ARM.all()}))
    assert described(tmp_path, "shop:v2").digest == packing.digest(AMD.manifest)
    assert described(tmp_path, "v2").tags == ("docker.io/library/shop:v2",)


def test_a_wrong_digest_is_a_problem_and_the_image_is_read_all_the_same(tmp_path: Path) -> None:
    packing.write(tmp_path, packing.layout([AMD.entry()], AMD.all()))
    other = packing.config(AMD.contents, author="somebody else")
    (tmp_path / "blobs/sha256" / packing.hexdigest(AMD.config)).write_bytes(other)
    image = described(tmp_path)
    assert [problem.code for problem in image.problems] == ["digest-mismatch"]
    assert packing.digest(other) in image.problems[0].message


def test_links_are_followed_to_what_they_promise_alone(tmp_path: Path) -> None:
    packing.write(tmp_path, packing.layout([AMD.entry()], AMD.all()))
    path = tmp_path / "blobs/sha256" / packing.hexdigest(AMD.config)
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert not described(tmp_path).problems
    (tmp_path / "elsewhere").write_bytes(b'{"config": {"Env": ["SECRET=1"]}}')
    with pytest.raises(ImageError, match="link to something else"):
        described(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
def test_a_pipe_in_the_place_of_a_blob_is_not_waited_for(tmp_path: Path) -> None:
    packing.write(tmp_path, packing.layout([AMD.entry()], AMD.all()))
    path = tmp_path / "blobs/sha256" / packing.hexdigest(AMD.manifest)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(ImageError, match="is not a file"):
        described(tmp_path)


def damaged(**changes: bytes) -> dict[str, bytes]:
    return {
        **packing.layout([AMD.entry()], AMD.all()),
        **{name.replace("_", "."): value for name, value in changes.items()},
    }


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (damaged(index_json=b"["), "not valid JSON"),
        (damaged(index_json=b"[]"), "not a JSON object"),
        (damaged(index_json=b'{"manifests": 3}'), "holds no image"),
        (damaged(index_json=b"[" * 100_000), "not valid JSON"),
        (packing.layout([AMD.entry()], {}), "cannot be read: No such file"),
        (packing.layout([{**AMD.entry(), "digest": "sha256:../../../etc/passwd"}], {}), "holds no image"),
        (packing.layout([{**AMD.entry(), "artifactType": "application/spdx+json"}], {}), "holds no image"),
    ],
)
def test_what_is_no_layout_gives_one_sentence(tmp_path: Path, files: dict[str, bytes], message: str) -> None:
    packing.write(tmp_path, files)
    with pytest.raises(ImageError, match=message):
        described(tmp_path)


def a_manifest(value: dict[str, object]) -> dict[str, bytes]:
    content = packing.as_json(value)
    blobs = {**AMD.all(), packing.digest(content): content, packing.digest(b"{}"): b"{}"}
    return packing.layout([packing.entry(content, packing.OCI_MANIFEST)], blobs)


CONFIG = packing.entry(AMD.config, "application/vnd.oci.image.config.v1+json")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"schemaVersion": 1, "fsLayers": []}, "schema 1"),
        ({"schemaVersion": 2}, "neither an image nor an index"),
        ({"config": None, "layers": []}, "names no configuration"),
        ({"config": CONFIG, "layers": [{}]}, "Layer 1 of .* has no digest"),
        ({"config": CONFIG, "layers": [CONFIG] * 1_001}, "1001 layers"),
        (
            {"config": packing.entry(b"{}", "application/vnd.cncf.helm.config.v1+json"), "layers": []},
            "but application/vnd.cncf.helm",
        ),
    ],
)
def test_what_is_no_image_gives_one_sentence(tmp_path: Path, value: dict[str, object], message: str) -> None:
    packing.write(tmp_path, a_manifest(value))
    with pytest.raises(ImageError, match=message):
        described(tmp_path)


@pytest.mark.parametrize("size", [-1, "12", None, True])
def test_a_size_that_is_none_is_a_problem(tmp_path: Path, size: object) -> None:
    layer = {**packing.entry(AMD.blobs[0], packing.OCI_LAYER), "size": size}
    packing.write(tmp_path, a_manifest({"config": CONFIG, "layers": [layer]}))
    image = described(tmp_path)
    assert (image.layers[0].size, image.problems[0].code) == (None, "bad-size")
