"""Images in a folder that is laid out by the OCI image layout."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from linter.image import manifest
from linter.image.files import open_regular
from linter.image.model import Described, Descriptor, ImageError, Platform, Stream
from linter.image.selection import name_of, pick
from linter.image.source import BaseSource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Fetch = Callable[[Descriptor], tuple[bytes, str]]


class LayoutSource(BaseSource):
    """An OCI layout in a folder; `selector` tells which of its images is meant (see `selection`)."""

    def __init__(self, folder: str, selector: str | None = None, reference: str | None = None) -> None:
        self._folder = Path(folder)
        self._selector = selector
        self._reference = reference or folder

    def _describe(self, platform: Platform) -> Described:
        index = self._small("index.json")
        return describe_layout(index, self._blob, platform, self._reference, self._selector, "oci-layout")

    @contextmanager
    def layer(self, described: Described, number: int) -> Iterator[Stream]:
        """The bytes of a layer, as they lie in the folder."""
        wanted = described.layers[number].digest
        with open_regular(self._folder / blob_path(wanted), f"layer {number + 1} of `{self._reference}`") as file:
            yield file

    def _blob(self, wanted: Descriptor) -> tuple[bytes, str]:
        path = blob_path(wanted.digest)
        content = self._small(path)
        if (self._folder / path).is_symlink() and manifest.compare(content, wanted.digest, ""):
            # A link may lead to a file of the user that is none of an image's business.
            raise ImageError(f"`{path}` in `{self._folder}` is a link to something else than its name says.")
        return content, ""

    def _small(self, path: str) -> bytes:
        with open_regular(self._folder / path, f"`{path}` in `{self._folder}`") as file:
            return file.read(manifest.JSON_LIMIT + 1)


def blob_path(digest: str) -> str:
    """Where a layout keeps a blob. The digest has been checked: it cannot lead elsewhere."""
    return "blobs/" + digest.replace(":", "/", 1)


def describe_layout(
    index: bytes,
    fetch: Fetch,
    platform: Platform,
    reference: str,
    selector: str | None,
    source: str,
) -> Described:
    """The image that an `index.json` leads to."""
    what = f"`{reference}`"
    value = manifest.parse(index, f"index.json of {what}")
    entries = pick(manifest.entries_of(value), selector, what)
    top = entries[0]
    if len(entries) > 1:  # index.json itself is the index of one image for several platforms
        top = manifest.choose(entries, platform, what)
    resolved = manifest.resolve(top, fetch, platform, what)
    if len(entries) > 1 and resolved.listed is None:
        resolved = resolved._replace(listed=entries, index_media_type=manifest.OCI_INDEX)
    described = manifest.describe(reference, source, resolved, fetch, what)
    name = name_of(top)
    return described._replace(tags=(name,) if name else ())
