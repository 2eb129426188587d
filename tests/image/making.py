"""Built images out of a few texts, for tests of what reads images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.image.model import BuiltImage, Described, Descriptor, Entry, Merged

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"


def built(
    files: Mapping[str, str | tuple[str, int]],
    settings: Mapping[str, Any] | None = None,
    *,
    links: Mapping[str, str] | None = None,
    history: Sequence[str] = ("COPY . /opt/program # buildkit",),
    name: str = "app.tar",
) -> BuiltImage:
    """An image whose files all lie in its last layer. A file is its text, or its text and its mode."""
    given = {path: each if isinstance(each, tuple) else (each, 0o644) for path, each in files.items()}
    last = len(history) - 1
    entries = {p: Entry(p, "file", len(t.encode()), mode, 0, 0, "", last) for p, (t, mode) in given.items()}
    entries |= {p: Entry(p, "link", 0, 0o777, 0, 0, target, last) for p, target in (links or {}).items()}
    for path in list(entries):
        folder = path.rpartition("/")[0]
        while folder:
            entries.setdefault(folder, Entry(folder, "folder", 0, 0o755, 0, 0, "", last))
            folder = folder.rpartition("/")[0]
    config = {
        "os": "linux",
        "architecture": "amd64",
        "config": dict(settings or {}),
        "history": [{"created_by": step} for step in history],
    }
    layers = tuple(Descriptor(LAYER, f"sha256:{number:064x}", 1000) for number in range(len(history)))
    described = Described(name, "docker-archive", None, None, config, None, layers)
    contents = {path: text.encode() for path, (text, _) in given.items()}
    return BuiltImage(name, described, None, Merged(entries, (), contents, {}))
