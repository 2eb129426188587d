"""How far the reading of images goes, from the table `image_limits`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from linter.knowledge import Knowledge


class Limits(NamedTuple):
    """The figures of the table, under shorter names. Sizes are in bytes."""

    content: int
    expanded_from: int
    expanded_ratio: int
    seconds: int
    entries: int
    problems: int
    window_log: int
    image_entries: int
    steps: int
    path: int
    part: int
    depth: int
    links: int
    extended: int
    extensions: int
    sparse_parts: int
    kept_file: int
    kept_layer: int
    kept_image: int
    condensed: int
    head_from: int
    head: int

    @classmethod
    def of(cls, knowledge: Knowledge) -> Limits:
        """The limits that knowledge names."""
        return cls(*(knowledge.get(f"image_limits.{path}") for path in _PATHS))


_PATHS = (
    "layer.content_bytes",
    "layer.expanded_from_bytes",
    "layer.expanded_ratio",
    "layer.seconds",
    "layer.entries",
    "layer.problems",
    "layer.window_log",
    "image.entries",
    "image.steps",
    "name.path_bytes",
    "name.part_bytes",
    "name.depth",
    "name.links_followed",
    "header.extended_bytes",
    "header.extensions",
    "header.sparse_parts",
    "kept.file_bytes",
    "kept.layer_bytes",
    "kept.image_bytes",
    "kept.condensed_bytes",
    "head.from_bytes",
    "head.bytes",
)
