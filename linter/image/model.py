"""The types that sources, the reading of layers and the inspection of images share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, Self, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    Keep = Callable[[str, int, int], int]
    """How many bytes of a file to keep, from its path in the image, its size and its mode; 0 for none."""


@runtime_checkable
class Condensing(Protocol):
    """A `Keep` that knows files of which little is needed, and that can only be told from the whole."""

    def __call__(self, path: str, size: int, mode: int, /) -> int: ...

    def condenser(self, path: str, /) -> Callable[[bytes], bytes] | None:
        """What makes of a file's content that which is kept in its place; None where the content itself is kept."""


MOUNT = "!"
"""What ends the name of an image in the paths of a run."""


class ImageError(Exception):
    """An image cannot be had or read at all. The message is one sentence with the remedy."""


class Problem(NamedTuple):
    """What is wrong with an image or could not be read of it; the rest of it still counts."""

    code: str
    """A short name with hyphens, such as `digest-mismatch`, `layer-truncated`, `too-many-entries`, `unsafe-name`."""
    message: str
    layer: int | None = None
    path: str | None = None
    """Path in the image, without a slash at its start."""


class Platform(NamedTuple):
    """Operating system and architecture as images name them."""

    os: str = "linux"
    architecture: str = "amd64"
    variant: str | None = None


class Descriptor(NamedTuple):
    """What a manifest or an index says about a blob. Sizes are in bytes; None where it is not told."""

    media_type: str
    digest: str
    size: int | None
    platform: Platform | None = None
    urls: tuple[str, ...] = ()
    annotations: Mapping[str, str] = {}
    artifact_type: str | None = None


class Stream(Protocol):
    """Bytes of a blob, from its start to its end."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end. Raises OSError or ImageError when the source fails."""


class Described(NamedTuple):
    """What a source says about one image before any layer is read."""

    reference: str
    """As the user named it."""
    source: str
    """`docker-archive`, `oci-archive`, `oci-layout`, `daemon` or `registry`."""
    media_type: str | None
    """Of the manifest; None where the source has none, as a Docker archive or a daemon."""
    digest: str | None
    """Of the manifest, where there is one."""
    config: Mapping[str, Any]
    """The image's configuration, as it is: `os`, `architecture`, `config`, `rootfs`, `history`. Not yet trusted."""
    config_digest: str | None
    layers: tuple[Descriptor, ...]
    """From the base up. Layers of a Docker archive and of a daemon have the media type of an uncompressed layer, and
    the digest of their content (`diff_id`), unless the archive says otherwise."""
    listed: tuple[Descriptor, ...] | None = None
    """All entries of the image index that led here; None when there was none."""
    index_media_type: str | None = None
    platform: Platform | None = None
    """As the index or the configuration says."""
    tags: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    settled: str | None = None
    """Where a plain reference was found, in words for the user."""


Access = Literal["any-order", "description-first", "layers-first"]
"""How the layers of a source are to be had: one by one in any order; or all in one stream that is costly to repeat,
with the image described before it or only after it."""


class Source(Protocol):
    """Where an image comes from. Used as a context manager; open files and connections end with it."""

    @property
    def access(self) -> Access:
        """How its layers are best read; `read.read_layers` heeds it."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: object) -> None: ...

    def describe(self, platform: Platform) -> Described:
        """The image for a platform. Raises ImageError when there is none."""

    def layer(self, described: Described, number: int) -> AbstractContextManager[Stream]:
        """The bytes of a layer as the source stores it, of the image that was described last. Raises ImageError when
        it lacks the layer.
        """

    def pass_by(self) -> Iterator[tuple[str, Stream]]:
        """All that may be a layer, with its place in the source, in the source's order; a stream ends where the next
        begins. Only where the access is not `any-order`. Raises ImageError.
        """

    def places(self) -> tuple[str, ...]:
        """The places of the layers of the image that was described last, once all has passed by."""


class Entry(NamedTuple):
    """One file, folder or link of a layer, or of the merged view."""

    path: str
    """Without a slash at its start or end, with `/` between its parts, and neither `.` nor `..` among them."""
    kind: str
    """`file`, `folder`, `link`, `device`, `fifo`. A hard link is a file with the size of its target."""
    size: int
    """Bytes of a file's content; 0 of all else, and of hard links in a layer."""
    mode: int
    """Permission bits, with setuid, setgid and sticky."""
    owner: int
    group: int
    target: str
    """Of a link as it is written; of a hard link the path in the image; else empty."""
    layer: int
    """The number of the layer that brought it, from 0 at the base."""
    head: bytes = b""
    """A digest of the size and the first bytes, for files that are large enough to be worth comparing."""


class Scan(NamedTuple):
    """What is kept of one layer. It does not depend on the layers below, so it can be kept by the layer's digest."""

    entries: Sequence[Entry]
    """In the order of the archive, `layer` still 0; a path that comes twice is there twice."""
    whiteouts: Sequence[str]
    """Paths that are removed from the layers below."""
    opaque: Sequence[str]
    """Folders of which nothing in the layers below remains."""
    contents: Mapping[str, bytes]
    """Content of the files that were asked for, up to the bytes that were asked for."""
    digest: str
    """Of the bytes as stored."""
    diff_id: str
    """Of the bytes after decompression."""
    size: int
    """Bytes as stored."""
    content_size: int
    """Bytes after decompression."""
    compression: str
    """`gzip`, `zstd` or `none`."""
    problems: tuple[Problem, ...] = ()


class Hidden(NamedTuple):
    """A file that a later layer removes or replaces: it stays in the image and nobody can use it."""

    entry: Entry
    by: int
    """The number of the layer that hides it."""
    replaced: bool
    """Whether another file stands in its place."""


class Merged(NamedTuple):
    """The files that a container would see, and what became of the rest."""

    entries: Mapping[str, Entry]
    """By path, in no particular order. Folders that no layer names but files lie in are there too."""
    hidden: Sequence[Hidden]
    contents: Mapping[str, bytes]
    hidden_contents: Mapping[tuple[int, str], bytes]
    """Content of hidden files, by layer and path."""
    problems: tuple[Problem, ...] = ()
    """Those of all layers, with the layer's number, and those of putting them together."""


class BuiltImage(NamedTuple):
    """An image that was read, as the other steps see it."""

    name: str
    """As the user named it, in a form that can stand in a path: what lies at `opt/x` is `NAME!/opt/x` in reports."""
    described: Described
    scans: Sequence[Scan] | None
    """By layer; None when only manifest and configuration were read."""
    merged: Merged | None
    own: frozenset[str] = frozenset()
    """Files of installed packages that are the seller's own code."""

    @property
    def root(self) -> str:
        """The folder that stands for the image in paths of a run."""
        return f"{self.name}{MOUNT}"
