"""From what a user writes to where the image is. `recognise` has the means to tell images among other files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from linter.image.model import ImageError
from linter.image.sources.archive import open_archive
from linter.image.sources.daemon import DaemonSource, NoDaemon
from linter.image.sources.files import NO_SUCH, open_regular
from linter.image.sources.layout import LayoutSource
from linter.image.sources.recognise import recognise
from linter.image.sources.registry import RegistrySource, has_host, parse_name
from linter.image.sources.selection import split

if TYPE_CHECKING:
    from linter.image.layers.limits import Limits
    from linter.image.model import Source
    from linter.image.sources.source import BaseSource

FORMS = ("docker://NAME", "registry://HOST/NAME:TAG", "docker-archive:PATH", "oci-archive:PATH", "oci:PATH")


def open_image(text: str, limits: Limits) -> Source:
    """The source of an image. Raises ImageError.

    A plain text is a path when something lies there, else an image of the daemon when one answers and has it, else one
    in the registry that its name begins with.
    """
    for scheme, opened in SCHEMES.items():
        if text.startswith(scheme):
            rest = text[len(scheme) :]
            if not rest:
                raise ImageError(f"`{text}` names no image; write one of: {', '.join(FORMS)}.")
            return opened(rest, text, limits)
    if "://" in text:
        raise ImageError(f"`{text}` is in no form that is known; write one of: {', '.join(FORMS)}.")
    path, selector = split(text)
    if os.path.lexists(path):
        return _at_path(path, selector, text, limits)
    if text.startswith((".", "/", "~")) or text.endswith((".tar", ".tar.gz", ".tgz", ".tar.zst")):
        raise ImageError(f"There is no file or folder `{text}`; {NO_SUCH}.")
    return _named(text, limits)


def _at_path(path: str, selector: str | None, text: str, limits: Limits) -> Source:
    kind = recognise(path, limits)
    if kind is None:
        if Path(path).is_file():
            open_regular(path, f"`{path}`").close()  # says why if it cannot be read
        what = "folder" if Path(path).is_dir() else "file"
        raise ImageError(
            f"The {what} `{path}` holds no image; write with `docker save`, or as an OCI layout, what is to be read."
        )
    if kind == "oci-layout":
        return _settled(LayoutSource(path, selector, text), f"the OCI layout `{path}`")
    return _settled(open_archive(path, limits, selector, text), f"the archive `{path}`")


def _named(text: str, limits: Limits) -> Source:
    """An image of the daemon, else of a registry."""
    name = parse_name(text)
    try:
        daemon = DaemonSource(text, limits, text)
        if daemon.exists():
            return _settled(daemon, "the Docker daemon")
        daemon.__exit__()
        tried = f"The Docker daemon does not have `{text}`."
    except NoDaemon as error:
        tried = str(error)
    meant = "" if has_host(text) else ", which a name without a host means"
    return _settled(RegistrySource(text, text), f"the registry {name.host}{meant}", tried)


def _settled(source: BaseSource, words: str, tried: str = "") -> Source:
    source.settled, source.tried = words, tried
    return source


def _daemon(rest: str, text: str, limits: Limits) -> Source:
    return DaemonSource(rest, limits, text)


def _registry(rest: str, text: str, _: Limits) -> Source:
    if not has_host(rest):
        raise ImageError(
            f"`{text}` names no registry; write `registry://HOST/NAME:TAG`, for Docker Hub with `docker.io`."
        )
    return RegistrySource(rest, text, plain=text.startswith("registry+http:"))


def _archive(rest: str, text: str, limits: Limits) -> Source:
    path, selector = split(rest)
    return open_archive(path, limits, selector, text, text.partition(":")[0])


def _layout(rest: str, text: str, _: Limits) -> Source:
    path, selector = split(rest)
    return LayoutSource(path, selector, text)


SCHEMES = {
    "docker://": _daemon,
    "registry://": _registry,
    "registry+http://": _registry,
    "docker-archive:": _archive,
    "oci-archive:": _archive,
    "oci:": _layout,
}
