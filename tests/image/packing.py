"""Makes small images, as the tools that save and push them write them."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar"


def hexdigest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def digest(content: bytes) -> str:
    return "sha256:" + hexdigest(content)


def as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def tar(files: Mapping[str, bytes | str]) -> bytes:
    """An archive; a text instead of bytes is the target of a symbolic link, a name with a slash at its end a folder."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name.rstrip("/"))
            if isinstance(content, str):
                info.type, info.linkname = tarfile.SYMTYPE, content
                archive.addfile(info)
            elif name.endswith("/"):
                info.type, info.mode = tarfile.DIRTYPE, 0o755
                archive.addfile(info)
            else:
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


BASE = tar({"etc/": b"", "etc/hostname": b"here\n", "big": bytes(range(256)) * 400})
TOP = tar({"opt/program": b"#!/bin/sh\n"})


def config(layers: Sequence[bytes], platform: str = "linux/amd64", **more: Any) -> bytes:
    """A configuration for layers whose contents are given."""
    system, architecture, *variant = platform.split("/")
    return as_json(
        {
            "os": system,
            "architecture": architecture,
            **({"variant": variant[0]} if variant else {}),
            "config": {"Env": ["A=1"]},
            "rootfs": {"type": "layers", "diff_ids": [digest(layer) for layer in layers]},
            "history": [{"created_by": f"step {number}"} for number in range(len(layers))],
            **more,
        }
    )


def old_archive(
    layers: Sequence[bytes] = (BASE, TOP), tags: Sequence[str] = ("demo:v1",), **more: Any
) -> dict[str, Any]:
    """The members that docker wrote before version 25; equal layers are links to the first."""
    settings = config(layers, **more)
    members: dict[str, Any] = {hexdigest(settings) + ".json": settings}
    names: list[str] = []
    first: dict[bytes, str] = {}
    for number, layer in enumerate(layers):
        folder = hexdigest(layer + bytes([number]))
        names.append(folder + "/layer.tar")
        members |= {folder + "/": b"", folder + "/VERSION": b"1.0", folder + "/json": b"{}"}
        members[names[-1]] = f"../{first[layer]}" if layer in first else layer
        first.setdefault(layer, names[-1])
    listed = [{"Config": hexdigest(settings) + ".json", "RepoTags": list(tags), "Layers": names}]
    members["manifest.json"] = as_json(listed)
    members["repositories"] = b"{}"
    return members


def new_archive(
    layers: Sequence[bytes] = (BASE, TOP), tags: Sequence[str] = ("demo:v1",), **more: Any
) -> dict[str, Any]:
    """The members that docker writes since version 25: an OCI layout and a manifest.json."""
    settings = config(layers, **more)
    members: dict[str, Any] = {"blobs/": b"", "blobs/sha256/": b""}
    for blob in (*layers, settings):
        members["blobs/sha256/" + hexdigest(blob)] = blob
    manifest = manifest_of(settings, layers)
    members["blobs/sha256/" + hexdigest(manifest)] = manifest
    members["index.json"] = index([entry(manifest, OCI_MANIFEST)])
    members["manifest.json"] = as_json(
        [
            {
                "Config": "blobs/sha256/" + hexdigest(settings),
                "RepoTags": list(tags),
                "Layers": ["blobs/sha256/" + hexdigest(layer) for layer in layers],
                "LayerSources": {digest(layer): entry(layer, OCI_LAYER) for layer in layers},
            }
        ]
    )
    members["oci-layout"] = b'{"imageLayoutVersion": "1.0.0"}'
    return members


def entry(content: bytes, media_type: str, platform: str = "", name: str = "", **more: Any) -> dict[str, Any]:
    """A descriptor."""
    value: dict[str, Any] = {"mediaType": media_type, "digest": digest(content), "size": len(content), **more}
    if platform:
        system, architecture, *variant = platform.split("/")
        value["platform"] = {"os": system, "architecture": architecture} | ({"variant": variant[0]} if variant else {})
    if name:
        value["annotations"] = {"org.opencontainers.image.ref.name": name}
    return value


def manifest_of(settings: bytes, blobs: Sequence[bytes], layer_type: str = OCI_LAYER) -> bytes:
    """A manifest."""
    value = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": entry(settings, "application/vnd.oci.image.config.v1+json"),
        "layers": [entry(blob, layer_type) for blob in blobs],
    }
    return as_json(value)


def index(entries: Sequence[Mapping[str, Any]]) -> bytes:
    """An index."""
    return as_json({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": list(entries)})


class Image:
    """An image with compressed layers, as it lies in a registry or a layout."""

    def __init__(self, platform: str = "linux/amd64", contents: Sequence[bytes] = (BASE, TOP)) -> None:
        self.platform = platform
        self.contents = contents
        self.blobs = [gzip.compress(content, mtime=0) for content in contents]
        self.config = config(contents, platform)
        self.manifest = manifest_of(self.config, self.blobs, OCI_LAYER + "+gzip")

    def all(self) -> dict[str, bytes]:
        """Everything by its digest."""
        return {digest(content): content for content in (*self.blobs, self.config, self.manifest)}

    def entry(self, name: str = "", *, platform: bool = True) -> dict[str, Any]:
        """What an index says about it."""
        return entry(self.manifest, OCI_MANIFEST, self.platform if platform else "", name)


def layout(entries: Sequence[Mapping[str, Any]], blobs: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of an OCI layout."""
    return {
        "oci-layout": b'{"imageLayoutVersion": "1.0.0"}',
        "index.json": index(entries),
        **{"blobs/" + name.replace(":", "/"): content for name, content in blobs.items()},
    }


def write(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Puts files into a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder
