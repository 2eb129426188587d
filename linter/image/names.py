"""Names in archives, which may say anything, as paths inside of an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from linter.image.limits import Limits

WHITEOUT = ".wh."
OPAQUE = ".wh..wh..opq"
UNION_PREFIX = ".wh..wh."
"""Of files in which a union file system once kept notes; engines pass them over."""


class Unsafe(Exception):
    """A name that no engine may take. The message completes the sentence `the name …`."""


def inside(name: str, limits: Limits) -> str:
    """The path in the image that engines make of a name; empty for the root. Raises Unsafe.

    Slashes at the start count for nothing, and `..` goes up as long as it stays inside: so do all engines.
    """
    if "\0" in name:
        raise Unsafe("holds a zero byte")
    parts = name.split("/")
    if "" in parts or "." in parts or ".." in parts:
        parts = _cleaned(parts)
        name = "/".join(parts)
    if len(name) > limits.part or len(parts) > limits.depth:
        _check_lengths(name, parts, limits)
    return name


def _cleaned(parts: list[str]) -> list[str]:
    cleaned: list[str] = []
    for part in parts:
        if part == "..":
            if not cleaned:
                raise Unsafe("climbs out of the image with `..`")
            cleaned.pop()
        elif part not in ("", "."):
            cleaned.append(part)
    return cleaned


def _check_lengths(name: str, parts: list[str], limits: Limits) -> None:
    if len(parts) > limits.depth:
        raise Unsafe(f"has more than {limits.depth} folders in it")
    if len(_encoded(name)) > limits.path:
        raise Unsafe(f"is longer than the {limits.path} bytes that Linux takes")
    if any(len(_encoded(part)) > limits.part for part in parts):
        raise Unsafe(f"has a part longer than the {limits.part} bytes that Linux takes")


def _encoded(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")
