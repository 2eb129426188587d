"""Built images of a `check`: which of its arguments they are, and how far their reading is."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from linter.image.model import BuiltImage, Platform
    from linter.knowledge import Knowledge

_HEADER_BYTES = 512
_EVERY_SECONDS = 0.1


def split_paths(paths: Sequence[Path], images: Sequence[str], knowledge: Knowledge) -> tuple[list[Path], list[str]]:
    """Paths to look for products in, and names of images: archives and layouts among the paths, known by their
    content, and what was named as an image.
    """
    found = [path for path in paths if _may_hold_image(path) and _holds_image(path, knowledge)]
    return [path for path in paths if path not in found], list(dict.fromkeys([*map(str, found), *images]))


def _may_hold_image(path: Path) -> bool:
    """By its first bytes, since hooks pass the names of many files."""
    if path.is_dir():
        return (path / "oci-layout").is_file()
    if not path.is_file():  # a pipe would never open
        return False
    try:
        with open(path, "rb") as file:
            beginning = file.read(_HEADER_BYTES)
    except OSError:
        return False
    if beginning.isascii() and b"\0" not in beginning:  # a text, as nearly all are: not worth an import
        return False
    from linter.image.layers.compression import is_compressed
    from linter.image.layers.header import is_tar

    return is_compressed(beginning) or is_tar(beginning)


def _holds_image(path: Path, knowledge: Knowledge) -> bool:
    from linter.image.layers.limits import Limits
    from linter.image.sources.recognise import recognise

    return recognise(str(path), Limits.of(knowledge)) is not None


def read_images(
    names: Sequence[str],
    knowledge: Knowledge,
    platform: str | None,
    *,
    layers: bool = True,
    cached: bool = True,
    quiet: bool = True,
) -> list[BuiltImage]:
    """Read images from wherever they are, and say where unless `quiet`. Raises UsageError when one cannot be had."""
    from linter.image.model import ImageError
    from linter.image.opening import read_image

    wanted = platform_of(platform)
    images: list[BuiltImage] = []
    for name in names:
        if not name.strip():
            raise click.UsageError("--image has no name; give an archive, a layout, or the name of an image.")
        counter = _Counter(name)
        progress = counter.add if counter.shown else None
        try:
            image = read_image(name, wanted, knowledge, layers=layers, cached=cached, progress=progress)
        except ImageError as error:
            raise click.UsageError(f"image {name}: {error}") from None
        finally:
            counter.clear()
        if not quiet:
            _say(name, image, wanted if platform else None)
        images.append(image._replace(name=_unlike(image.name, name, {other.name for other in images})))
    return images


def _say(name: str, image: BuiltImage, wanted: Platform | None) -> None:
    """Where an image was found, and when it is for another platform than the one that was asked for."""
    described = image.described
    if described.settled:
        click.echo(f"mllint: image {name}: read from {described.settled}", err=True)
    has = described.platform
    if wanted and has and (has.os, has.architecture) != (wanted.os, wanted.architecture):
        only, asked = f"{has.os}/{has.architecture}", f"{wanted.os}/{wanted.architecture}"
        said = "".join(c if c.isprintable() else " " for c in f"it is for {only} alone, and not for {asked}")
        click.echo(f"mllint: image {name}: {said}", err=True)


def _unlike(name: str, reference: str, taken: set[str]) -> str:
    """The name of an image in paths, unlike other images: with as many of the folders before it as that takes."""
    if name not in taken:
        return name
    parts = [part for part in reference.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    longer = ["/".join(parts[-count:]) for count in range(2, len(parts) + 1)]
    numbered = (f"{name}~{number}" for number in range(2, len(taken) + 3))
    return next(each for each in (*longer, *numbered) if each not in taken)


def platform_of(text: str | None) -> Platform:
    """`linux/arm64/v8` and its like. Raises UsageError."""
    from linter.image.model import Platform

    if text is None:
        return Platform()
    parts = text.split("/")
    if len(parts) not in (2, 3) or not all(parts):
        raise click.UsageError(f"a platform is OS/ARCHITECTURE, such as linux/amd64, and not `{text}`")
    return Platform(*parts)


class _Counter:
    """How many bytes of an image were read, on a terminal, ten times a second at most."""

    def __init__(self, name: str) -> None:
        from threading import Lock

        self.shown = sys.stderr is not None and sys.stderr.isatty()
        self._name = name
        self._bytes = 0
        self._next = time.monotonic() + 1
        self._drawn = False
        self._lock = Lock()

    def add(self, count: int) -> None:
        """Count bytes; called from several threads."""
        with self._lock:
            self._bytes += count
            now = time.monotonic()
            if now >= self._next:
                self._next = now + _EVERY_SECONDS
                self._drawn = True
                click.echo(f"\r{self._name}: {self._bytes / 1_000_000:,.0f} MB read\x1b[K", nl=False, err=True)

    def clear(self) -> None:
        """Take the line away."""
        if self._drawn:
            click.echo("\r\x1b[K", nl=False, err=True)
