"""Images as the examples of rules describe them: manifest, configuration and layers in a few lines, made in memory.

`schemas/rule.schema.json` says what a description may hold. Nothing is packed: sizes are mere numbers, so an example
may have a layer of 60 GB.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from linter.image.limits import Limits
from linter.image.merge import merge
from linter.image.model import BuiltImage, Described, Descriptor, Entry, Platform, Problem, Scan
from linter.image.opening import files_wanted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from linter.image.model import Keep
    from linter.knowledge import Knowledge

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
INDEX = "application/vnd.oci.image.index.v1+json"
LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
_TYPICAL_RATIO = 2
"""An example that gives no stored size has layers that compression halves."""


def built_image(name: str, given: Mapping[str, Any], knowledge: Knowledge) -> BuiltImage:
    """The image that a description stands for, read as a real one would be."""
    kept = files_wanted(knowledge)
    layers: Sequence[Mapping[str, Any]] = given.get("layers", ())
    scans = tuple(_scan(number, layer, kept) for number, layer in enumerate(layers))
    platform = Platform(given.get("os", "linux"), given.get("architecture", "amd64"))
    index: Sequence[Mapping[str, Any]] | None = given.get("index")
    described = Described(
        reference=name,
        source=given.get("source", "registry"),
        media_type=given.get("media_type", MANIFEST),
        digest=_digest(name),
        config=_configuration(given, platform),
        config_digest=_digest(f"{name} configuration"),
        layers=tuple(_descriptor(layer, scan) for layer, scan in zip(layers, scans, strict=True)),
        listed=None if index is None else tuple(_listed(number, entry) for number, entry in enumerate(index)),
        index_media_type=None if index is None else given.get("index_media_type", INDEX),
        platform=platform,
        problems=tuple(Problem(**problem) for problem in given.get("problems", ())),
    )
    if not given.get("read", True):
        return BuiltImage(name, described, None, None)
    return BuiltImage(name, described, scans, merge(scans, Limits.of(knowledge)))


def _configuration(given: Mapping[str, Any], platform: Platform) -> dict[str, Any]:
    steps = [{"created_by": text, "empty_layer": True} for text in given.get("history", ())]
    steps += [{"created_by": layer.get("created_by", "")} for layer in given.get("layers", ())]
    return {
        "os": platform.os,
        "architecture": platform.architecture,
        "config": dict(given.get("config", {})),
        "history": steps,
    }


def _descriptor(layer: Mapping[str, Any], scan: Scan) -> Descriptor:
    urls = tuple(layer.get("urls", ()))
    return Descriptor(layer.get("media_type", LAYER), layer.get("digest", scan.digest), scan.size, urls=urls)


def _listed(number: int, entry: Mapping[str, Any]) -> Descriptor:
    system, _, architecture = entry["platform"].partition("/")
    platform = Platform(system, architecture)
    return Descriptor(entry.get("media_type", MANIFEST), _digest(f"listed {number}"), 1000, platform)


def _scan(number: int, layer: Mapping[str, Any], wanted: Keep) -> Scan:
    files: Mapping[str, Any] = layer.get("files", {})
    entries = [_entry(path, given) for path, given in files.items()]
    contents = dict(_contents(files, entries, wanted))
    content_size = sum(entry.size for entry in entries)
    digest = _digest(f"layer {number}")
    media_type: str = layer.get("media_type", LAYER)
    compression = "zstd" if media_type.endswith("zstd") else "gzip" if media_type.endswith("gzip") else "none"
    size = layer.get("size", content_size if compression == "none" else content_size // _TYPICAL_RATIO)
    return Scan(
        entries=entries,
        whiteouts=tuple(layer.get("whiteouts", ())),
        opaque=tuple(layer.get("opaque", ())),
        contents=contents,
        digest=digest,
        diff_id=_digest(f"content of layer {number}"),
        size=size,
        content_size=max(content_size, size),
        compression=compression,
        problems=tuple(Problem(**problem) for problem in layer.get("problems", ())),
    )


def _entry(path: str, given: Any) -> Entry:
    told: Mapping[str, Any] = given if isinstance(given, dict) else {"text": given}
    kind = told.get("kind", "link" if "target" in told else "file")
    text = told.get("text", "").encode()
    size = told.get("size", len(text)) if kind == "file" else 0
    usual = {"folder": 0o755, "link": 0o777}.get(kind, 0o644)
    mode = int(str(told["mode"]), 8) if "mode" in told else usual
    head = hashlib.sha256(f"{size} {told.get('same', path)}".encode()).digest()
    return Entry(path, kind, size, mode, 0, 0, told.get("target", ""), 0, head if kind == "file" else b"")


def _contents(files: Mapping[str, Any], entries: Sequence[Entry], wanted: Keep) -> Iterator[tuple[str, bytes]]:
    for entry in entries:
        given = files[entry.path]
        text = given if isinstance(given, str) else given.get("text")
        size = wanted(entry.path, entry.size, entry.mode) if entry.kind == "file" else 0
        if text is not None and size:
            yield entry.path, text.encode()[:size]


def _digest(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
