"""What is read out of layers is what independent tools unpack from them."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from linter.image.merge import merge
from tests.image.archives import LIMITS, codes, everything, in_view, layer, on_disk, scan, write_layout

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.image.archives import Seen

FORMATS = {
    "ustar": ["--format=ustar"],
    "gnu": ["--format=gnu"],
    "oldgnu": ["--format=oldgnu"],
    "pax": ["--format=pax"],
    "v7": ["--format=v7"],
    "gnu-sparse": ["--format=gnu", "--sparse"],
    "oldgnu-sparse": ["--format=oldgnu", "--sparse"],
    "pax-sparse-0.0": ["--format=pax", "--sparse", "--sparse-version=0.0"],
    "pax-sparse-0.1": ["--format=pax", "--sparse", "--sparse-version=0.1"],
    "pax-sparse-1.0": ["--format=pax", "--sparse", "--sparse-version=1.0"],
}


def needs(*tools: str) -> pytest.MarkDecorator:
    missing = [tool for tool in tools if not shutil.which(tool)]
    return pytest.mark.skipif(bool(missing), reason=f"not installed here: {', '.join(missing)}")


def root_only() -> pytest.MarkDecorator:
    return pytest.mark.skipif(
        not hasattr(os, "geteuid") or os.geteuid() != 0, reason="owners and devices are unpacked by root alone"
    )


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with everything that an archive can hold."""
    top = tmp_path_factory.mktemp("tree")
    deep = top / ("long" * 20) / ("deep" * 20) / ("deeper" * 10)
    deep.mkdir(parents=True)
    (deep / "file").write_text("at the end of a long path", "utf-8")
    (top / "program").write_bytes(b"#!/bin/sh\n")
    (top / "program").chmod(0o4755)
    os.link(top / "program", top / "same")
    (top / "link").symlink_to("program")
    (top / "far").symlink_to("../" * 60 + "target")
    (top / "empty").write_bytes(b"")
    (top / "folder").mkdir(mode=0o1777)
    (top / "folder").chmod(0o1777)
    (top / "größe").write_text("ü", "utf-8")
    Path(os.fsdecode(os.fsencode(top) + b"/not-\xff-utf8")).write_text("x", "utf-8")
    os.mkfifo(top / "fifo")
    with open(top / "sparse", "wb") as file:
        for number in range(40):
            file.seek(number * 100_000)
            file.write(b"%d" % number * 700)
        file.truncate(4_100_000)
    with open(top / "holes", "wb") as file:
        file.truncate(1_000_000)
    return top


@needs("tar")
@pytest.mark.parametrize("form", FORMATS)
def test_archives_of_gnu_tar_read_as_the_folder_they_were_made_of(tree: Path, tmp_path: Path, form: str) -> None:
    archive = tmp_path / "layer.tar"
    options = FORMATS[form]
    if form in ("ustar", "v7"):  # these cannot hold long names
        options = [*options, "--exclude=long*", "--exclude=far"]
    exclude = ["--exclude=fifo"] if form == "v7" else []
    subprocess.run(["tar", "-C", str(tree), *options, *exclude, "-cf", str(archive), "."], check=True)
    found = scan(archive.read_bytes(), everything, most=10_000)
    view = merge([found], LIMITS)
    assert codes(view) == []
    expected = {
        path: seen
        for path, seen in on_disk(tree).items()
        if not (form in ("ustar", "v7") and path.startswith(("long", "far"))) and not (form == "v7" and path == "fifo")
    }
    assert in_view(list(view.entries.values())) == expected
    for path, content in view.contents.items():
        assert content == (tree / path).read_bytes()
    assert {"sparse", "holes", "program", "same"} <= set(view.contents)


@needs("bsdtar")
@pytest.mark.parametrize("form", ["ustar", "pax", "gnutar"])
def test_archives_of_bsdtar_read_as_the_folder_they_were_made_of(tree: Path, tmp_path: Path, form: str) -> None:
    archive = tmp_path / "layer.tar"
    left_out = ["--exclude=./long*", "--exclude=./far"] if form == "ustar" else []
    command = ["bsdtar", "-C", str(tree), "--format", form, *left_out, "--exclude=./not-*", "-cf", str(archive), "."]
    subprocess.run(command, check=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
    view = merge([scan(archive.read_bytes(), everything)], LIMITS)
    assert codes(view) == []
    left = ("long", "far", "not-") if form == "ustar" else ("not-",)
    assert in_view(list(view.entries.values())) == {p: s for p, s in on_disk(tree).items() if not p.startswith(left)}
    assert all(content == (tree / path).read_bytes() for path, content in view.contents.items())


# Whole images

LAYERS: dict[str, Sequence[bytes]] = {
    "whiteouts": [
        layer("etc/", ("etc/a", b"1"), ("etc/b", b"2"), "etc/c/", ("etc/c/d", b"3"), "etc/c/e/", ("etc/c/e/f", b"")),
        layer("etc/", "etc/.wh.a", "etc/.wh.c"),
        layer("etc/", ("etc/a", b"anew"), "etc/c/", ("etc/c/x", b"")),
    ],
    "opaque": [
        layer("a/", ("a/x", b"1"), "a/b/", ("a/b/y", b"2"), ("c", b"")),
        layer("a/", "a/.wh..wh..opq", ("a/z", b"3"), "a/b/", ("a/b/n", b"")),
    ],
    "opaque and the marker last": [layer("a/", ("a/x", b"1")), layer("a/", ("a/z", b"3"), "a/.wh..wh..opq")],
    "whiteout of what is not there": [layer("a/"), layer("a/.wh.nothing", "b/.wh.nothing")],
    "file over folder": [layer("a/", ("a/x", b"1"), "a/b/", ("a/b/y", b"2")), layer(("a", b"now a file"))],
    "folder over file": [layer(("a", b"file")), layer("a/", ("a/x", b"1"))],
    "file over folder and back": [layer("a/", ("a/x", b"1")), layer(("a", b"file")), layer("a/", ("a/y", b"2"))],
    "link over folder": [layer("a/", ("a/x", b"1"), "b/"), layer("a -> b")],
    "folder over link": [layer("real/", ("real/x", b"1"), "a -> real"), layer("a/", ("a/y", b"2"))],
    "file over link": [layer(("real", b"1"), "a -> real"), layer(("a", b"2"))],
    "file under a linked folder": [
        layer("usr/", "usr/lib/", "lib -> usr/lib"),
        layer(("lib/x", b"1"), "lib/y/", ("lib/y/z", b"")),
    ],
    "file under an absolute link": [layer("usr/", "usr/lib/", "lib -> /usr/lib"), layer(("lib/x", b"1"))],
    "file under a link that climbs": [layer("usr/", "usr/lib/", "lib -> ../../../usr/lib"), layer(("lib/x", b"1"))],
    "file under a link to nothing": [layer("lib -> usr/lib"), layer(("lib/x", b"1"))],
    "file under two links": [layer("d/", "b -> d", "a -> b"), layer(("a/x", b"1"))],
    "whiteout under a linked folder": [
        layer("usr/", ("usr/x", b"1"), ("usr/y", b"1"), "lib -> usr"),
        layer("lib/.wh.x"),
    ],
    "hard links": [layer(("a", b"content"), "b => a", "c => b", "d/", "d/e => ./a")],
    "hard link to a lower layer": [layer(("a", b"content"), ("z", b"z")), layer("b => a"), layer(".wh.a")],
    "hard link to a link": [layer(("a", b"content"), "l -> a", "h => l")],
    "hard link through a linked folder": [layer("d/", ("d/a", b"content"), "l -> d", "h => l/a")],
    "hard link replaced": [layer(("a", b"content"), "b => a"), layer(("a", b"other"))],
    "dots and slashes": [layer("./", "./a/", ("./a/./x", b"1"), (".//a//y", b"2"), ("a/b/../z", b"3"), ("/abs", b"4"))],
    "missing folders": [layer(("a/b/c/d", b"1"))],
    "twice in a layer": [layer(("a", b"1"), ("a", b"22"), "b/", ("b", b"333"))],
    "case": [layer(("a", b"1"), ("A", b"22"), "Dir/", "dir/")],
    "modes of folders": [layer(("a/", {"mode": 0o700})), layer(("a/", {"mode": 0o1777}), ("a/x", {"mode": 0o6755}))],
    "owners": [layer(("a", {"uid": 12, "gid": 34})), layer(("b", {"uid": 3_000_000, "gid": 4_000_000}))],
    "names that only look like whiteouts": [layer(("a.wh.b", b""), (".whx", b""), ("c", b"")), layer((".wh", b""))],
}


@needs("umoci")
@root_only()
@pytest.mark.parametrize("name", LAYERS)
def test_umoci_unpacks_the_same_image(name: str, tmp_path: Path) -> None:
    same_as_umoci(LAYERS[name], tmp_path)


def same_as_umoci(layers: Sequence[bytes], folder: Path) -> None:
    view = merge([scan(each) for each in layers], LIMITS)
    assert codes(view) == []
    assert in_view(list(view.entries.values())) == by_umoci(layers, folder)


def by_umoci(layers: Sequence[bytes], folder: Path) -> dict[str, Seen]:
    write_layout(folder / "layout", layers)
    command = ["umoci", "raw", "unpack", "--image", f"{folder / 'layout'}:image", str(folder / "root")]
    subprocess.run(command, check=True, capture_output=True)
    return on_disk(folder / "root")


def system_folders() -> Iterator[str]:
    for path in ("etc", "usr/share/perl", "bin", "lib64"):
        if os.path.lexists(f"/{path}"):
            yield path


@needs("umoci", "tar")
@root_only()
def test_umoci_unpacks_the_same_of_this_system(tmp_path: Path) -> None:
    """Files as a distribution has them: links of all kinds, owners, modes."""
    archives = []
    for number, path in enumerate(system_folders()):
        place = tmp_path / f"{number}.tar"
        form = ("--format=pax", "--format=gnu")[number % 2]
        subprocess.run(["tar", "-C", "/", form, "-cf", str(place), path], check=False, stderr=subprocess.DEVNULL)
        archives.append(place.read_bytes())
    same_as_umoci([*archives, layer("etc/.wh.passwd", "bin/.wh.extra")], tmp_path)


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_archives_of_python_read_as_they_were_written(form: int) -> None:
    given = ["folder/", ("folder/file", b"content"), "link -> folder/file", "hard => folder/file", ("x" * 99, b"1")]
    if form != tarfile.USTAR_FORMAT:
        given += [("y" * 200, b"2"), "z -> " + "far/" * 60]
    view = merge([scan(layer(*given, form=form), everything)], LIMITS)
    assert codes(view) == []
    assert view.contents["hard"] == b"content"
    assert view.entries["hard"].target == "folder/file"
    expected = {"folder", "folder/file", "link", "hard", "x" * 99}
    assert set(view.entries) == expected | ({"y" * 200, "z"} if form != tarfile.USTAR_FORMAT else set())
