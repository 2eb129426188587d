"""Compares what mllint sees in images with what other programs unpack: names, kinds, sizes, modes, targets, owners.

    python scripts/compare_unpacked.py image.tar...

Each file is what `docker save` wrote. skopeo makes an OCI layout of it, umoci unpacks that (as root, so that owners and
devices are as in the image), and both the archive and the layout are read by mllint. Where a Docker daemon answers, the
file is loaded and a container of it exported as well. Exit status 1 when anything differs.
"""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import yaml

from linter.image.layers.limits import Limits
from linter.image.layers.merge import merge
from linter.image.layers.read import scan_image
from linter.image.model import ImageError, Platform
from linter.image.sources.reference import open_image
from linter.knowledge import Knowledge

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).resolve().parent.parent
SHOWN = 20
OF_DOCKER = {
    ".dockerenv",
    "dev/console",
    "dev/pts",
    "dev/shm",
    "etc/hosts",
    "etc/hostname",
    "etc/mtab",
    "etc/resolv.conf",
}
"""What docker puts into every container."""
MADE_BY_DOCKER = {"dev", "proc", "sys", "etc"}
"""Folders that docker makes where an image has none, or whose modes it sets."""


class Seen(NamedTuple):
    """What is compared of a file. Links have no mode of their own."""

    kind: str
    size: int
    mode: int
    target: str
    owner: tuple[int, int]


def limits() -> Limits:
    """The limits that ship."""
    table = yaml.safe_load((ROOT / "rules/knowledge/image_limits.yaml").read_text("utf-8"))
    return Limits.of(Knowledge({"image_limits": table}, "script"))


def merged(reference: str) -> dict[str, Seen]:
    """The files of an image as mllint sees them. Raises ImageError when anything is wrong with the image."""
    bounds = limits()
    with open_image(reference, bounds) as source:
        described, scans = scan_image(source, Platform(), lambda *_: 0, bounds)
    view = merge(scans, bounds)
    for problem in (*described.problems, *view.problems):
        raise ImageError(f"{problem.code}: {problem.message} {problem.path or ''}")
    return {
        path: Seen(
            e.kind, e.size, 0 if e.kind == "link" else e.mode, e.target if e.kind == "link" else "", (e.owner, e.group)
        )
        for path, e in view.entries.items()
    }


def in_folder(folder: Path) -> dict[str, Seen]:
    """The files that another program has unpacked into a folder."""
    return {os.path.relpath(path, folder): _seen(path) for path in _walk(folder)}


def _walk(folder: Path) -> Iterator[Path]:
    for entry in os.scandir(folder):
        yield Path(entry.path)
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(Path(entry.path))


def _seen(path: Path) -> Seen:
    told = path.lstat()
    mode, owner = stat.S_IMODE(told.st_mode), (told.st_uid, told.st_gid)
    if stat.S_ISLNK(told.st_mode):
        return Seen("link", 0, 0, os.readlink(path), owner)  # noqa: PTH115 (Path would tidy it)
    if stat.S_ISREG(told.st_mode):
        return Seen("file", told.st_size, mode, "", owner)
    kind = "folder" if stat.S_ISDIR(told.st_mode) else "fifo" if stat.S_ISFIFO(told.st_mode) else "device"
    return Seen(kind, 0, mode, "", owner)


def in_export(archive: tarfile.TarFile) -> dict[str, Seen]:
    """The files of a container that docker has exported."""
    found: dict[str, Seen] = {}
    for info in archive:
        name, owner = info.name.strip("/"), (info.uid, info.gid)
        if info.islnk():
            found[name] = found[info.linkname.strip("/")]
        elif info.issym():
            found[name] = Seen("link", 0, 0, info.linkname, owner)
        else:
            kind = "folder" if info.isdir() else "file" if info.isreg() else "fifo" if info.isfifo() else "device"
            found[name] = Seen(kind, info.size if kind == "file" else 0, info.mode & 0o7777, "", owner)
    return found


def differences(ours: Mapping[str, Seen], theirs: Mapping[str, Seen], *, exported: bool = False) -> list[str]:
    """What differs, one line each. Of an exported container without what docker puts into it."""
    lines = []
    for path in sorted(ours.keys() | theirs.keys()):
        if exported and (path in OF_DOCKER or (path in MADE_BY_DOCKER and path not in ours)):
            continue
        mine, other = ours.get(path), theirs.get(path)
        if mine != other:
            lines.append(f"{path}: mllint {mine}, the other {other}")
    return lines


def unpacked(layout: Path, tag: str, folder: Path) -> Path:
    """An image of an OCI layout, unpacked by umoci. Returns the root of its files."""
    run("umoci", "unpack", "--image", f"{layout}:{tag}", str(folder))
    return folder / "rootfs"


def exported(reference: str) -> dict[str, Seen]:
    """The files of an image of the daemon, as docker exports a container of it that never ran."""
    import docker

    client = docker.from_env(timeout=300)
    container = client.containers.create(reference, command=["none"])
    try:
        with tempfile.TemporaryFile() as file:
            for piece in container.export():
                file.write(piece)
            file.seek(0)
            with tarfile.open(fileobj=file) as archive:
                return in_export(archive)
    finally:
        container.remove()
        client.close()


def run(*command: str) -> str:
    """Runs a program; what it prints. Raises CalledProcessError."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def compare(archive: str) -> int:
    """Prints what differs in one image; how much."""
    count = 0
    with tempfile.TemporaryDirectory() as name:
        layout = Path(name) / "layout"
        run("skopeo", "copy", "--quiet", f"docker-archive:{archive}", f"oci:{layout}:it")
        theirs = in_folder(unpacked(layout, "it", Path(name) / "bundle"))
        for what, reference in (("docker-archive", f"docker-archive:{archive}"), ("OCI layout", f"oci:{layout}:it")):
            ours = merged(reference)
            count += _told(archive, f"{what} and umoci", ours, differences(ours, theirs))
    tag = _in_daemon(archive)
    if tag:
        count += _told(
            archive, "docker-archive and docker export", ours, differences(ours, exported(tag), exported=True)
        )
    return count


def _in_daemon(archive: str) -> str | None:
    """The name of the archive's image in the daemon, after it has been loaded; None where there is no daemon."""
    import docker

    try:
        client = docker.from_env(timeout=300)
    except docker.errors.DockerException:
        return None
    with open(archive, "rb") as file:
        (image,) = client.images.load(file)
    client.close()
    return str(image.id)


def _told(archive: str, what: str, ours: Mapping[str, Seen], lines: list[str]) -> int:
    print(f"{archive}: {what}: {len(ours)} entries, {len(lines)} differ")
    for line in lines[:SHOWN]:
        print("  " + line)
    return len(lines)


if __name__ == "__main__":
    sys.exit(1 if sum([compare(path) for path in sys.argv[1:]]) else 0)
