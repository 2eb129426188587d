"""Real engines, a real registry and real tools: what they say of an image is what is read of it.

Without them the tests are skipped, and say why; `scripts/install_engine.sh` installs what they need.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from typing import TYPE_CHECKING, Any

import docker
import pytest

from linter.image.layers.compression import decompressed
from linter.image.layers.read import read_layers
from linter.image.model import Described, ImageError, Platform, Stream
from linter.image.sources.recognise import recognise
from linter.image.sources.reference import open_image
from scripts.compare_unpacked import differences, exported, in_folder, merged, unpacked
from tests.image import engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from linter.image.layers.limits import Limits


class Digests:
    """Both digests of a layer."""

    def __init__(self, stream: Stream, _digest: str) -> None:
        stored, content = hashlib.sha256(), hashlib.sha256()

        class Counted:
            def read(self, size: int, /) -> bytes:
                piece = stream.read(size)
                stored.update(piece)
                return piece

        self.compression, plain = decompressed(Counted(), 27)
        while piece := plain.read(1 << 20):
            content.update(piece)
        self.stored, self.content = "sha256:" + stored.hexdigest(), "sha256:" + content.hexdigest()


def read(reference: str, limits: Limits) -> tuple[Described, list[Digests]]:
    with open_image(reference, limits) as source:
        described, layers = read_layers(source, Platform(), Digests)
    assert not described.problems
    good = [layer for layer in layers if isinstance(layer, Digests)]
    assert len(good) == len(layers) == len(described.layers)
    assert [layer.content for layer in good] == described.config["rootfs"]["diff_ids"]
    for descriptor, layer in zip(described.layers, good, strict=True):
        assert descriptor.digest in (layer.stored, layer.content)
    return described, good


@pytest.fixture(scope="module")
def client(docker_host: str) -> Iterator[Any]:
    connected = docker.DockerClient(base_url=docker_host, timeout=120)
    yield connected
    connected.close()


@pytest.fixture(scope="module")
def saved(client: Any, built: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The image as `docker save` writes it."""
    path = tmp_path_factory.mktemp("saved") / "image.tar"
    with path.open("wb") as file:
        for piece in client.images.get(built).save(named=True):
            file.write(piece)
    return path


def copied(saved: Path, target: str, *options: str) -> None:
    engine.run("skopeo", "copy", "--quiet", *options, f"docker-archive:{saved}", target)


def skopeo(*arguments: str) -> Any:
    return json.loads(engine.run("skopeo", "inspect", *arguments))


@pytest.fixture
def configuration(saved: Path) -> Any:
    return skopeo("--config", "--raw", f"docker-archive:{saved}")


def test_a_daemon_is_read_as_it_sends(
    docker_host: str, built: str, client: Any, configuration: Any, limits: Limits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", docker_host)
    told = client.api.inspect_image(built)
    with open_image(f"docker://{built}", limits) as source:
        before = source.describe(Platform())
    after, _ = read(f"docker://{built}", limits)
    assert before.config_digest == after.config_digest == told["Id"]
    assert [layer.digest for layer in before.layers] == told["RootFS"]["Layers"]
    assert before.tags == tuple(told["RepoTags"]) == (built,)
    assert before.config["config"] == told["Config"]
    assert before.platform == Platform(told["Os"], told["Architecture"])
    # Only after its layers have passed is the very configuration known; before that it is put together.
    assert after.config == configuration
    steps = [(step["created_by"], step.get("empty_layer", False)) for step in configuration["history"]]
    assert [(step["created_by"], step["empty_layer"]) for step in before.config["history"]] == steps


def test_an_image_whose_layers_are_known_is_not_sent(
    docker_host: str, built: str, limits: Limits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", docker_host)
    with open_image(f"docker://{built}", limits) as source:
        _, layers = read_layers(source, Platform(), Digests, known=lambda digest: digest)
        assert layers == source.describe(Platform()).config["rootfs"]["diff_ids"]
        assert not source.passed  # type: ignore[attr-defined]


def test_a_plain_name_is_found_in_the_daemon(
    docker_host: str, built: str, limits: Limits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", docker_host)
    with open_image(built, limits) as source:
        assert source.describe(Platform()).settled == "the Docker daemon"
    with (
        pytest.raises(ImageError, match="has no image `nothing/here`"),
        open_image("docker://nothing/here", limits) as source,
    ):
        source.describe(Platform())


def test_podman_speaks_the_same_language(
    podman_host: str, saved: Path, configuration: Any, limits: Limits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", podman_host)
    connected = docker.DockerClient(base_url=podman_host, timeout=120)
    with saved.open("rb") as file:
        connected.images.load(file)
    connected.close()
    described, _ = read("docker://mllint-tests/built:v1", limits)
    assert described.source == "daemon"
    assert described.config["rootfs"] == configuration["rootfs"]
    assert described.config["history"] == configuration["history"]


@pytest.mark.parametrize("compressed", [False, True])
def test_what_docker_saves(saved: Path, tmp_path: Path, configuration: Any, limits: Limits, compressed: bool) -> None:
    path = saved
    if compressed:
        path = tmp_path / "image.tar.gz"
        path.write_bytes(gzip.compress(saved.read_bytes(), 1))
    assert recognise(str(path), limits) == "docker-archive"
    described, _ = read(str(path), limits)
    assert described.config == configuration
    assert described.tags == ("mllint-tests/built:v1",)


@pytest.mark.parametrize("form", ["oci", "oci-archive", "registry"])
@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_what_skopeo_writes(
    saved: Path, tmp_path: Path, form: str, compression: str, limits: Limits, request: pytest.FixtureRequest
) -> None:
    options: tuple[str, ...] = ()
    copied(saved, f"oci:{tmp_path}/layout:v1", "--dest-compress", f"--dest-compress-format={compression}")
    inspected = reference = f"{form}:{tmp_path}/image:v1"
    if form == "registry":
        reference = f"registry://{request.getfixturevalue('registry_address')}/shop/{compression}:v1"
        inspected, options = reference.replace("registry:", "docker:"), ("--tls-verify=false",)
    to = [option.replace("--", "--dest-") for option in options]
    engine.run("skopeo", "copy", "--quiet", "--preserve-digests", *to, f"oci:{tmp_path}/layout:v1", inspected)
    described, layers = read(reference, limits)
    raw = engine.run("skopeo", "inspect", "--raw", *options, inspected)
    assert described.digest == "sha256:" + hashlib.sha256(raw.encode()).hexdigest()
    manifest = json.loads(raw)
    assert described.media_type == manifest["mediaType"]
    assert [(d.digest, d.size, d.media_type) for d in described.layers] == [
        (layer["digest"], layer["size"], layer["mediaType"]) for layer in manifest["layers"]
    ]
    assert described.config == skopeo("--config", "--raw", *options, inspected)
    assert {layer.compression for layer in layers} == {compression}
    assert [layer.stored for layer in layers] == [layer["digest"] for layer in manifest["layers"]]


def test_what_skopeo_saves(saved: Path, tmp_path: Path, configuration: Any, limits: Limits) -> None:
    """Its members are named in yet another way, and its layers stored once for all images."""
    path = tmp_path / "image.tar"
    copied(saved, f"docker-archive:{path}:shop/demo:v2")
    assert recognise(str(path), limits) == "docker-archive"
    described, _ = read(f"{path}:shop/demo:v2", limits)
    assert described.config == configuration
    assert described.tags == ("docker.io/shop/demo:v2",)


def test_what_docker_pushes(client: Any, built: str, registry_address: str, limits: Limits) -> None:
    name = f"{registry_address}/pushed/image"
    client.images.get(built).tag(name, "v1")
    pushed = [line["aux"] for line in client.images.push(name, "v1", stream=True, decode=True) if "aux" in line]
    described, layers = read(f"registry://{name}:v1", limits)
    assert described.digest == pushed[0]["Digest"]
    assert described.config_digest == client.images.get(built).id
    assert {layer.compression for layer in layers} == {"gzip"}
    by_digest, _ = read(f"registry://{name}@{described.digest}", limits)
    assert by_digest.layers == described.layers
    with pytest.raises(ImageError, match=r"has no pushed/image v2"):
        read(f"registry://{name}:v2", limits)


def test_the_merged_files_are_those_that_umoci_unpacks(saved: Path, tmp_path: Path) -> None:
    layout = tmp_path / "layout"
    copied(saved, f"oci:{layout}:it")
    theirs = in_folder(unpacked(layout, "it", tmp_path / "bundle"))
    assert "opt/ümläut and spaces" in theirs
    for reference in (f"docker-archive:{saved}", f"oci:{layout}:it"):
        assert differences(merged(reference), theirs) == []


def test_the_merged_files_are_those_that_docker_exports(
    saved: Path, built: str, docker_host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", docker_host)
    assert differences(merged(f"docker-archive:{saved}"), exported(built), exported=True) == []
