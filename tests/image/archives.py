"""Layers and layouts for tests of what reads them."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import stat
import tarfile
from typing import TYPE_CHECKING, Any

from linter.image.layers.limits import Limits
from linter.image.layers.scan import scan_layer
from tests.tables import knowledge

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from linter.image.model import Entry, Keep, Scan

LIMITS = Limits.of(knowledge())

Given = str | tuple[str, Any]
"""A folder (`opt/`), an empty file (`a`), a file with content, a link (`a -> b`), a hard link (`a => b`)."""


class Once:
    """A stream that can only be read on, as that of a registry."""

    def __init__(self, data: bytes, most: int = 1 << 30) -> None:
        self._stream, self._most = io.BytesIO(data), most

    def read(self, size: int, /) -> bytes:
        return self._stream.read(min(size, self._most))


def nothing(path: str, size: int, mode: int) -> int:
    return 0


def everything(path: str, size: int, mode: int) -> int:
    return size


def layer(*given: Given, form: int = tarfile.PAX_FORMAT) -> bytes:
    """An archive with these members, in this order."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for each in given:
            name, content = each if isinstance(each, tuple) else (each, b"")
            data = content if isinstance(content, bytes) else b""
            archive.addfile(
                member(name, **(content if isinstance(content, dict) else {"size": len(data)})), io.BytesIO(data)
            )
    return out.getvalue()


def member(given: str, **fields: Any) -> tarfile.TarInfo:
    found = tarfile.TarInfo(given)
    found.mode = 0o644
    if " -> " in given:
        found.name, found.linkname = given.split(" -> ")
        found.type, found.mode = tarfile.SYMTYPE, 0o777
    elif " => " in given:
        found.name, found.linkname = given.split(" => ")
        found.type = tarfile.LNKTYPE
    elif given.endswith("/"):
        found.type, found.mode = tarfile.DIRTYPE, 0o755
    for name, value in fields.items():
        setattr(found, name, value)
    return found


def scan(data: bytes, keep: Keep = nothing, limits: Limits = LIMITS, most: int = 1 << 30, **more: Any) -> Scan:
    return scan_layer(Once(data, most), keep, limits, **more)


def codes(found: Any) -> list[str]:
    return [problem.code for problem in found.problems]


def sha256(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def write_layout(folder: Path, layers: Sequence[bytes], name: str = "image") -> None:
    """An OCI layout with one image of these archives."""
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    def blob(data: bytes, kind: str) -> dict[str, Any]:
        (blobs / sha256(data)[7:]).write_bytes(data)
        return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": sha256(data), "size": len(data)}

    packed = [blob(gzip.compress(each, 1, mtime=0), "layer.v1.tar+gzip") for each in layers]
    rootfs = {"type": "layers", "diff_ids": [sha256(each) for each in layers]}
    plain = {"os": "linux", "architecture": "amd64", "config": {}, "rootfs": rootfs}
    config = blob(json.dumps(plain).encode(), "config.v1+json")
    kind = "application/vnd.oci.image.manifest.v1+json"
    manifest = {"schemaVersion": 2, "mediaType": kind, "config": config, "layers": packed}
    named = {"annotations": {"org.opencontainers.image.ref.name": name}}
    index = {"schemaVersion": 2, "manifests": [blob(json.dumps(manifest).encode(), "manifest.v1+json") | named]}
    (folder / "index.json").write_text(json.dumps(index), "utf-8")
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}', "utf-8")


Seen = tuple[str, int, int, int, int, str]
"""Kind, size, mode, owner, group, target of a link."""

_KINDS = {stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFLNK: "link", stat.S_IFIFO: "fifo"}


def on_disk(folder: Path) -> dict[str, Seen]:
    """What another tool has unpacked."""
    found: dict[str, Seen] = {}
    top = os.fsencode(folder)
    for base, folders, files in os.walk(top):
        for name in [*folders, *files]:
            path = os.path.join(base, name)  # noqa: PTH118 - names are bytes here
            info = os.lstat(path)
            kind = _KINDS.get(stat.S_IFMT(info.st_mode), "device")
            target = os.fsdecode(os.readlink(path)) if kind == "link" else ""  # noqa: PTH115
            size = info.st_size if kind == "file" else 0
            shown = os.fsdecode(path[len(top) + 1 :])
            found[shown] = (kind, size, stat.S_IMODE(info.st_mode), info.st_uid, info.st_gid, target)
    return found


def in_view(entries: Sequence[Entry]) -> dict[str, Seen]:
    """The same of what was read."""
    return {
        each.path: (each.kind, each.size, each.mode, each.owner, each.group, each.target if each.kind == "link" else "")
        for each in entries
    }
