"""Images in a registry, read by HTTP. The manifest and the configuration say much without a layer being fetched."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from linter.image import manifest
from linter.image.model import Described, Descriptor, ImageError, Platform, Problem, Stream
from linter.image.source import BaseSource
from linter.image.web import Unreachable, Web, is_loopback, read_all
from linter.lazy import compiled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from urllib3 import BaseHTTPResponse

_ACCEPT = {"Accept": ", ".join((*manifest.INDEXES, *manifest.MANIFESTS))}
_TRIES = 5
_PAUSE = 0.2
_PROGRESS = 16 << 20
"""Bytes after which a break counts as the first again."""
_HUB = "docker.io"
_HUB_HOSTS = (_HUB, "index.docker.io", "registry-1.docker.io")

_HOST = compiled(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)*|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?")
_REPOSITORY = compiled(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*")
_TAG = compiled(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")


class Name(NamedTuple):
    """An image in a registry."""

    host: str
    repository: str
    tag: str | None
    digest: str | None

    @property
    def reference(self) -> str:
        """What a manifest is asked for by."""
        return self.digest or self.tag or "latest"


def has_host(text: str) -> bool:
    """Whether the part of a name before its first slash can only be a registry, by docker's rule."""
    first, slash, _ = text.partition("/")
    return bool(slash) and ("." in first or ":" in first or first == "localhost")


def parse_name(text: str) -> Name:
    """`host/name:tag` or `host/name@sha256:…`. A name without a host is Docker Hub's. Raises ImageError."""
    host, path = text.split("/", 1) if has_host(text) else (_HUB, text)
    path, at, digest = path.partition("@")
    before, colon, tag = path.rpartition(":")
    repository, tag = (before, tag) if colon else (path, "")
    if host in _HUB_HOSTS and "/" not in repository:
        repository = "library/" + repository
    if not _HOST.fullmatch(host) or not _REPOSITORY.fullmatch(repository) or len(repository) > 255:
        raise ImageError(f"`{text}` is not the name of an image; write `host/name:tag` in small letters.")
    if (colon and not _TAG.fullmatch(tag)) or (at and not manifest.is_digest(digest)):
        raise ImageError(f"`{text}` has a tag or digest that is none; write `host/name:tag` or `host/name@sha256:…`.")
    return Name(host, repository, tag or None, digest or None)


class RegistrySource(BaseSource):
    """An image in a registry; `plain` speaks HTTP without encryption, which only the user may ask for."""

    def __init__(self, text: str, reference: str | None = None, *, plain: bool = False) -> None:
        self.name = parse_name(text)
        self._reference = reference or text
        host = "registry-1.docker.io" if self.name.host in _HUB_HOSTS else self.name.host
        self._web = Web(f"{'http' if plain else 'https'}://{host}", self.name.host, self.name.repository)
        self._problems: list[Problem] = []
        self._may_fall_back = not plain and is_loopback(urlsplit("//" + host).hostname)

    def __exit__(self, *_: object) -> None:
        self._web.close()

    def _describe(self, platform: Platform) -> Described:
        what = f"`{self._reference}`"
        top = Descriptor("", self.name.digest or "", None)
        self._problems.clear()
        resolved = manifest.resolve(top, self._manifest, platform, what)
        described = manifest.describe(self._reference, "registry", resolved, self._small_blob, what)
        tag = (f"{self.name.host}/{self.name.repository}:{self.name.tag or 'latest'}",) if not self.name.digest else ()
        return described._replace(tags=tag, problems=(*self._problems, *described.problems))

    @contextmanager
    def layer(self, described: Described, number: int) -> Iterator[Stream]:
        """The bytes of a layer. A connection that breaks is taken up again where it broke."""
        wanted = described.layers[number]
        stream = BlobStream(self._web, self._path("blobs", wanted.digest), wanted.size, f"layer {number + 1}")
        try:
            yield stream
        finally:
            stream.close()

    def _path(self, kind: str, reference: str) -> str:
        return f"/v2/{self.name.repository}/{kind}/{reference}"

    def _manifest(self, wanted: Descriptor) -> tuple[bytes, str]:
        path = self._path("manifests", wanted.digest or self.name.reference)
        try:
            answer = self._web.get(path, _ACCEPT)
        except Unreachable as error:
            if error.untrusted or not self._may_fall_back or not self._web.base.startswith("https:"):
                raise
            # As docker does: a registry on this very machine need not be encrypted.
            self._web.base = self._web.base.replace("https:", "http:", 1)
            answer = self._web.get(path, _ACCEPT)
        told = answer.headers.get("Docker-Content-Digest", "")
        kind = answer.headers.get("Content-Type", "").partition(";")[0].strip()
        content = read_all(answer, manifest.JSON_LIMIT)
        if wanted.digest and wanted.digest == self.name.digest and manifest.compare(content, wanted.digest, ""):
            raise ImageError(
                f"The registry {self.name.host} sends another manifest than the digest that was asked for."
            )
        if not wanted.digest and manifest.is_digest(told):
            self._problems += manifest.compare(content, told, "manifest")
        return content, kind

    def _small_blob(self, wanted: Descriptor) -> tuple[bytes, str]:
        stream = BlobStream(self._web, self._path("blobs", wanted.digest), wanted.size, "the configuration")
        try:
            content = b""
            while len(content) <= manifest.JSON_LIMIT and (piece := stream.read(1 << 16)):
                content += piece
            return content, ""
        finally:
            stream.close()


class BlobStream:
    """The bytes of a blob, never more than its size where that is known. Asks for the rest when a connection breaks."""

    def __init__(self, web: Web, path: str, size: int | None, what: str) -> None:
        self._web = web
        self._path = path
        self._size = size
        self._what = what
        self._at = 0
        self._left = _TRIES
        self._broke_at = 0
        self._answer: BaseHTTPResponse | None = None

    def close(self) -> None:
        """Gives the connection back."""
        if self._answer is not None:
            self._answer.close()
            self._answer = None

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes. Raises ImageError when the registry fails again and again."""
        import urllib3

        if self._size is not None:
            size = min(size, self._size - self._at)
        while size > 0:
            cause: Exception | None = None
            try:
                piece = self._connected().read(size, decode_content=False)
                self._at += len(piece)
                if piece or self._size is None or self._at >= self._size:
                    return piece
            except (urllib3.exceptions.HTTPError, OSError, Unreachable) as error:
                cause = error
            self.close()
            self._left = self._left - 1 if self._at - self._broke_at < _PROGRESS else _TRIES
            self._broke_at = self._at
            if not self._left:
                raise ImageError(
                    f"The registry broke off {self._what} at {self._at} of {self._size or 'unknown'} bytes."
                ) from cause
            time.sleep(_PAUSE)
        return b""

    def _connected(self) -> BaseHTTPResponse:
        if self._answer is None:
            answer = self._web.get(self._path, {"Range": f"bytes={self._at}-"} if self._at else {})
            if self._at and answer.status != 206:
                _skip(answer, self._at)  # a server without ranges begins anew
            elif self._at and not answer.headers.get("Content-Range", "").startswith(f"bytes {self._at}-"):
                answer.close()
                raise ImageError(f"The registry sends another part of {self._what} than was asked for.")
            self._answer = answer
        return self._answer


def _skip(answer: BaseHTTPResponse, count: int) -> None:
    while count and (piece := answer.read(min(count, 1 << 20), decode_content=False)):
        count -= len(piece)
