"""The image as a registry sees it: its manifest, its layers, and where the weight is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.image.facts.folders import largest_files
from linter.image.facts.view import shown_weights
from linter.image.facts.waste import wasted_by_layer
from linter.model import UNKNOWN
from linter.references.sizes import shown_size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.image.facts.view import View
    from linter.image.model import Descriptor, Scan
    from linter.model import Fact

MOST_URLS = 10
_ATTESTATION = "vnd.docker.reference.type"
_AS_PUSHED = frozenset({"registry"})
"""Sources whose manifest is the one that SageMaker would pull; all others are forms of transport."""
_WITHOUT_MANIFEST = frozenset({"docker-archive", "daemon"})


def size_facts(view: View) -> Iterator[Fact]:
    """`image.manifest`, then `image.layer` for each layer, then `image.folder` for where the weight is."""
    layers = list(_layers(view))
    yield _manifest(view, layers)
    yield from layers
    yield from _folders(view)


def _manifest(view: View, layers: list[Fact]) -> Fact:
    described = view.described
    listed = described.listed
    images = [each for each in listed or () if not _is_attestation(each, view)]
    sizes = [fact["size"] for fact in layers]
    known = all(isinstance(size, int) for size in sizes)
    measured = all(fact["measured"] for fact in layers)
    total = sum(sizes) if known else UNKNOWN
    pushed = sum(fact["pushed_size"] for fact in layers) if known else UNKNOWN
    contents = [fact["content_size"] for fact in layers]
    content = sum(contents) if all(isinstance(size, int) for size in contents) else UNKNOWN
    weight = _weight(view, layers)
    return view.fact(
        "image.manifest",
        source=described.source,
        as_pushed=described.source in _AS_PUSHED,
        media_type=described.media_type,
        index_media_type=described.index_media_type,
        listed=None if listed is None else len(listed),
        listed_images=None if listed is None else len(images),
        attestations=0 if listed is None else len(listed) - len(images),
        platforms=sorted({_platform(each) for each in images if each.platform}),
        digest=described.digest,
        request_digest=None,
        request_digest_agrees=UNKNOWN,
        tags=list(described.tags),
        settled=described.settled,
        layers=len(layers),
        compressions=sorted({fact["compression"] for fact in layers}),
        size=total,
        pushed_size=pushed,
        shown_size=_shown(total, pushed),
        measured=measured,
        content_size=content,
        heaviest=weight,
        read=view.merged is not None,
    )


def _shown(stored: Any, pushed: Any) -> str | None:
    if not isinstance(stored, int):
        return None
    return shown_size(stored) if stored == pushed else f"about {shown_size(pushed)} compressed"


def _is_attestation(each: Descriptor, view: View) -> bool:
    unknown = view.knowledge.get("images.attestation_platform")
    return _ATTESTATION in each.annotations or (each.platform is not None and _platform(each) == unknown)


def _platform(each: Descriptor) -> str:
    platform = each.platform
    if platform is None:
        return UNKNOWN
    return "/".join(part for part in (platform.os, platform.architecture, platform.variant) if part)


def _layers(view: View) -> Iterator[Fact]:
    wasted = wasted_by_layer(view.merged)
    scans = view.scans or ()
    for number, layer in enumerate(view.described.layers):
        scan = scans[number] if number < len(scans) else None
        yield view.fact("image.layer", **_layer(view, number, layer, scan), wasted=wasted[number])


def _layer(view: View, number: int, layer: Descriptor, scan: Scan | None) -> dict[str, Any]:
    images = view.knowledge.get("images.media_types")
    words = [word for word in images["foreign_words"] if word in layer.media_type.lower()]
    measured = _is_measured(view, layer, scan)
    size = scan.size if scan else layer.size
    content = scan.content_size if scan else size if not measured else None
    percent = view.knowledge.get("image_files.gzip_estimate_percent")
    stored = size if size is not None else UNKNOWN
    pushed = stored if measured or not isinstance(stored, int) else stored * percent // 100
    return {
        **view.layer_fields(number),
        "media_type": layer.media_type,
        "compression": scan.compression if scan else _compression(layer.media_type),
        "size": stored,
        "shown_size": shown_size(stored) if isinstance(stored, int) else None,
        "measured": measured,
        "pushed_size": pushed,
        "content_size": UNKNOWN if content is None else content,
        "foreign": bool(words or layer.urls),
        "urls": list(layer.urls[:MOST_URLS]),
        "entries": len(scan.entries) if scan else UNKNOWN,
        "digest_ok": _digest_ok(layer, scan),
    }


def _is_measured(view: View, layer: Descriptor, scan: Scan | None) -> bool:
    """Whether the stored size is what a registry would hold: not so for layers that are stored uncompressed, which a
    push compresses.
    """
    compression = scan.compression if scan else _compression(layer.media_type)
    if compression == UNKNOWN:
        return view.described.source not in _WITHOUT_MANIFEST
    return compression != "none" or view.described.source in _AS_PUSHED


def _compression(media_type: str) -> str:
    for ending in ("gzip", "zstd"):
        if media_type.endswith(ending):
            return ending
    return "none" if media_type.endswith("tar") else UNKNOWN


def _digest_ok(layer: Descriptor, scan: Scan | None) -> str:
    if scan is None or not scan.digest or not layer.digest:
        return UNKNOWN
    return "yes" if layer.digest in (scan.digest, scan.diff_id) else "no"


def _folders(view: View) -> Iterator[Fact]:
    entries = view.merged.entries.values() if view.merged else ()
    total = sum(entry.size for entry in entries if entry.kind == "file")
    for folder in view.folders:
        yield view.fact(
            "image.folder",
            folder.path,
            path=folder.path,
            size=folder.size,
            shown_size=shown_size(folder.size),
            files=folder.files,
            percent=round(100 * folder.size / total) if total else 0,
        )


def _weight(view: View, layers: list[Fact]) -> str | None:
    """In words, where the weight is: folders and files when they were read, else the largest layers."""
    shown = view.knowledge.get("image_files.largest.in_message")
    if view.merged is None:
        sized = [fact for fact in layers if isinstance(fact["size"], int)]
        sized.sort(key=lambda fact: -fact["size"])
        return shown_weights([(_layer_name(fact), fact["size"]) for fact in sized[:shown]])
    folders = [(f"/{folder.path}", folder.size) for folder in view.folders[:shown]]
    files = [(f"/{entry.path}", entry.size) for entry in largest_files(view.merged, shown // 2)]
    told = [shown_weights(folders), shown_weights(files)]
    return "; largest files: ".join(text for text in told if text) or None


def _layer_name(fact: Fact) -> str:
    made = f" `{fact['created_by'][:60]}`" if fact["created_by"] else ""
    return f"layer {fact['layer']}{made}"
