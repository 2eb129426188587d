"""What a reference means, and which files and folders are known for images by their content."""

from __future__ import annotations

import gzip
import io
import tarfile
from typing import TYPE_CHECKING, Any

import pytest

from linter.image.model import ImageError, Platform
from linter.image.sources.recognise import recognise
from linter.image.sources.reference import open_image
from tests.image import packing
from tests.image.fake_registry import serving
from tests.image.packing import Image

if TYPE_CHECKING:
    from pathlib import Path

    from linter.image.layers.limits import Limits

OLD, NEW = packing.old_archive(), packing.new_archive()
OCI = packing.layout([Image().entry("v1", platform=False)], Image().all())


@pytest.fixture(autouse=True)
def no_daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))


def put(path: Path, members: Any, compress: bool = False) -> str:
    content = packing.tar(members)
    path.write_bytes(gzip.compress(content) if compress else content)
    return str(path)


@pytest.mark.parametrize("compress", [False, True])
@pytest.mark.parametrize(
    ("members", "expected"),
    [
        (OLD, "docker-archive"),
        (NEW, "docker-archive"),
        (OCI, "oci-archive"),
        ({"./": b"", **{"./" + name: content for name, content in OLD.items()}}, "docker-archive"),
        # As jib, kaniko, bazel and nix name the members:
        ({"config.json": b"{}", "a" * 64 + ".tar.gz": b"", "manifest.json": b"[]"}, "docker-archive"),
        ({"sha256:" + "a" * 64: b"{}", "b" * 64 + ".tar.gz": b"", "manifest.json": b"[]"}, "docker-archive"),
        (
            {"a" * 64 + "/layer.tar": b"", "0a1b2c3d4e5f6a7b0a1b2c3d4e5f6a7b-config.json": b"", "manifest.json": b""},
            "docker-archive",
        ),
        # What is none:
        ({"model.pth": b"1"}, None),
        ({"config.json": b"{}", "model.safetensors": b"1"}, None),
        ({"config.json": b"{}"}, None),
        ({"manifest.json": b"{}"}, None),
        ({"index.json": b"{}", "data.csv": b"1"}, None),
        ({"blobs/": b"", "blobs/one.bin": b"1"}, None),
        ({"a" * 64: b"content of an object store"}, None),
        ({}, None),
    ],
)
def test_archives_are_known_by_their_members(
    tmp_path: Path, limits: Limits, members: Any, expected: str | None, compress: bool
) -> None:
    assert recognise(put(tmp_path / "x", members, compress), limits) == expected


def test_an_archive_that_ends_early_is_one_all_the_same(tmp_path: Path, limits: Limits) -> None:
    path = tmp_path / "x"
    path.write_bytes(packing.tar(OLD)[:60_000])
    assert recognise(str(path), limits) == "docker-archive"


def test_layouts_are_known_by_their_files(tmp_path: Path, limits: Limits) -> None:
    assert recognise(str(tmp_path), limits) is None
    assert recognise(str(packing.write(tmp_path, OCI)), limits) == "oci-layout"


@pytest.mark.parametrize(
    "content", [b"", b"x", b"\x1f\x8b", b"\x1f\x8b" + b"x" * 99, b"\x28\xb5\x2f\xfd", bytes(5000), b"BZh9" + bytes(99)]
)
def test_other_files_are_not_known(tmp_path: Path, limits: Limits, content: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    assert recognise(str(path), limits) is None
    assert recognise(str(tmp_path / "absent"), limits) is None
    assert recognise("a\0b", limits) is None


def test_only_a_little_is_read_to_tell(tmp_path: Path, limits: Limits) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name in ("a" * 64 + "/layer.tar", "manifest.json"):
            info = tarfile.TarInfo(name)
            info.size = 50_000_000
            archive.addfile(info, io.BytesIO(bytes(info.size)))
    path = tmp_path / "x"
    path.write_bytes(gzip.compress(buffer.getvalue(), 1))
    assert recognise(str(path), limits) == "docker-archive"


def settled(text: str, limits: Limits) -> tuple[str, str | None]:
    with open_image(text, limits) as source:
        image = source.describe(Platform())
    assert image.reference == text
    return image.source, image.settled


def test_a_path_is_known_by_its_content_and_said(tmp_path: Path, limits: Limits) -> None:
    path = put(tmp_path / "some:file", OLD)
    assert settled(path, limits) == ("docker-archive", f"the archive `{path}`")
    assert settled(f"{path}:demo:v1", limits) == ("docker-archive", f"the archive `{path}`")
    folder = str(packing.write(tmp_path / "folder", OCI))
    assert settled(folder, limits) == ("oci-layout", f"the OCI layout `{folder}`")
    assert settled(f"{folder}:v1", limits)[0] == "oci-layout"


def test_forms_that_say_what_they_are(tmp_path: Path, limits: Limits) -> None:
    path, folder = put(tmp_path / "x", NEW), packing.write(tmp_path / "folder", OCI)
    assert settled(f"docker-archive:{path}", limits) == ("docker-archive", None)
    assert settled(f"docker-archive:{path}:demo:v1", limits) == ("docker-archive", None)
    assert settled(f"oci-archive:{path}", limits) == ("oci-archive", None)
    assert settled(f"oci:{folder}:v1", limits) == ("oci-layout", None)


def test_a_name_without_a_daemon_is_looked_for_in_its_registry(limits: Limits) -> None:
    with serving() as registry:
        registry.put(Image())
        name = f"{registry.address}/shop/demo:v1"
        assert settled(name, limits) == ("registry", f"the registry {registry.address}")
        assert settled("registry://" + name, limits) == ("registry", None)
        assert settled("registry+http://" + name, limits) == ("registry", None)
        with pytest.raises(ImageError, match=r"has no shop/demo v2.*No Docker daemon answers"):
            settled(f"{registry.address}/shop/demo:v2", limits)


def test_a_name_without_a_host_is_said_to_be_docker_hubs(limits: Limits) -> None:
    source: Any = open_image("demo", limits)
    assert source.settled == "the registry docker.io, which a name without a host means"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ftp://x", "no form that is known; write one of: docker://NAME"),
        ("docker://", "names no image"),
        ("docker://x", "No Docker daemon answers"),
        ("registry://demo:v1", "names no registry"),
        ("./absent", "There is no file or folder `./absent`; check the path, or save the image there"),
        ("absent.tar.gz", "There is no file or folder"),
        ("oci:absent", "cannot be read: No such file or directory; check the path, or save the image there"),
        ("docker-archive:absent", "cannot be read: No such file or directory; check the path, or save the image there"),
        ("No Name", "is not the name of an image"),
    ],
)
def test_what_cannot_be_opened_gives_one_sentence(limits: Limits, text: str, message: str) -> None:
    with pytest.raises(ImageError, match=message), open_image(text, limits) as source:
        source.describe(Platform())


def test_a_path_that_holds_no_image_says_so(tmp_path: Path, limits: Limits) -> None:
    for path in (put(tmp_path / "x", {"a": b"1"}), str(tmp_path)):
        with pytest.raises(ImageError, match="holds no image"):
            open_image(path, limits)
