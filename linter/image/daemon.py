"""Images in a Docker daemon, or in a service that speaks its language, through the docker SDK.

The SDK finds the daemon by its own settings (DOCKER_HOST, DOCKER_CONTEXT, docker's config.json). An image is sent as
`docker save` writes it, and read as it comes: nothing goes to disk. What the daemon says beforehand is enough to know
its layers' digests, so an image whose layers are all known need not be sent at all.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from linter.image import manifest
from linter.image.archive import PassingArchive
from linter.image.model import Described, Descriptor, ImageError, Platform, Stream
from linter.lazy import compiled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import docker

    from linter.image.limits import Limits
    from linter.image.model import Access

ASK_SECONDS = 30
SEND_SECONDS = 1800
"""Older daemons write an image to their own disk before they send its first byte."""
_CHUNK = 1 << 20
_NEVER_A_LAYER = compiled(
    r"(?:/bin/sh -c #\(nop\)\s+)?(?:ARG|CMD|ENTRYPOINT|ENV|EXPOSE|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|SHELL"
    r"|STOPSIGNAL|USER|VOLUME)\b"
)


class NoDaemon(ImageError):
    """There is no daemon, or it does not let the user in."""


class NotInDaemon(ImageError):
    """The daemon has no image of that name."""


class DaemonSource(PassingArchive):
    """An image of a daemon. It is described twice: by the daemon, and, after its layers have passed, by its archive."""

    access: Access = "description-first"

    def __init__(self, name: str, limits: Limits, reference: str | None = None) -> None:
        super().__init__(self._sent, name, limits, None, reference)
        self._name = name
        self._client = connect()

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def _describe(self, platform: Platform) -> Described:
        told = self._told()
        if not self.passed:
            return told
        exact = self._image(platform)
        return told._replace(
            config=exact.config, config_digest=exact.config_digest, layers=exact.layers, problems=exact.problems
        )

    def exists(self) -> bool:
        """Whether the daemon has the image."""
        try:
            self._inspected()
        except NotInDaemon:
            return False
        return True

    def _inspected(self) -> Mapping[str, Any]:
        import docker.errors

        try:
            found = self._client.api.inspect_image(self._name)
        except docker.errors.NotFound:
            raise NotInDaemon(f"The Docker daemon has no image `{self._name}`; build or pull it first.") from None
        except Exception as error:  # the SDK lets errors of three libraries through
            raise _failure(error) from None
        if not isinstance(found, dict):
            raise NoDaemon("What answers in place of a Docker daemon is none; see DOCKER_HOST.")
        return found

    def _told(self) -> Described:
        found = self._inspected()
        layers = manifest.diff_ids({"rootfs": {"diff_ids": (found.get("RootFS") or {}).get("Layers")}})
        config = {
            "os": found.get("Os"),
            "architecture": found.get("Architecture"),
            "variant": found.get("Variant"),
            "created": found.get("Created"),
            "config": found.get("Config") or found.get("ContainerConfig") or {},
            "rootfs": {"type": "layers", "diff_ids": list(layers)},
            "history": self._history(len(layers)),
        }
        stored = manifest.descriptor(_with_small_names(found.get("Descriptor")))
        identity = found.get("Id")
        return Described(
            reference=self._reference,
            source="daemon",
            media_type=stored.media_type if stored else None,
            digest=stored.digest if stored else None,
            config=config,
            # A daemon that keeps manifests names an image by its manifest.
            config_digest=identity if manifest.is_digest(identity) and not stored else None,
            layers=tuple(Descriptor(manifest.DOCKER_LAYER, layer, None) for layer in layers),
            platform=manifest.platform_of(config),
            tags=tuple(tag for tag in found.get("RepoTags") or () if isinstance(tag, str)),
        )

    def _history(self, layers: int) -> list[dict[str, Any]]:
        """The build steps from the base up. A daemon does not tell which of them made no layer."""
        try:
            steps = self._client.api.history(self._name)
        except Exception as error:
            raise _failure(error) from None
        told = [step for step in reversed(steps or []) if isinstance(step, dict)]
        return with_empty_layers(told, layers)

    @contextmanager
    def _sent(self) -> Iterator[Stream]:
        try:
            self._client.api.timeout = SEND_SECONDS
            chunks = self._client.api.get_image(self._name, _CHUNK)
        except Exception as error:
            raise _failure(error) from None
        finally:
            self._client.api.timeout = ASK_SECONDS
        yield _Chunks(iter(chunks))


class _Chunks:
    """Pieces of any length as a stream."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._piece = b""
        self._at = 0

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end. Raises ImageError when the daemon fails."""
        while self._at >= len(self._piece):
            try:
                self._piece, self._at = next(self._chunks), 0
            except StopIteration:
                return b""
            except Exception as error:
                raise _failure(error) from None
        piece = self._piece[self._at : self._at + size]
        self._at += len(piece)
        return piece


def connect() -> docker.DockerClient:
    """The daemon that the user's settings lead to. Raises NoDaemon."""
    try:
        import docker
    except ImportError:
        raise NoDaemon("The package `docker` is not installed; install it to read images of a daemon.") from None
    try:
        return docker.from_env(timeout=ASK_SECONDS)
    except Exception as error:
        raise _failure(error) from None


def with_empty_layers(steps: Sequence[Mapping[str, Any]], layers: int) -> list[dict[str, Any]]:
    """Build steps in the form of a configuration's history, or none when it cannot be told which made the layers.

    A step without bytes may have made a layer all the same, such as one that makes an empty folder.
    """
    sizes = [bool(step.get("Size")) for step in steps]
    makes = sizes
    if sum(makes) != layers:
        named = [str(step.get("CreatedBy") or "") for step in steps]
        makes = [size or not _NEVER_A_LAYER.match(name) for size, name in zip(sizes, named, strict=True)]
    if sum(makes) != layers:
        return []
    return [
        {"created_by": step.get("CreatedBy") or "", "comment": step.get("Comment") or "", "empty_layer": not made}
        for step, made in zip(steps, makes, strict=True)
    ]


def _failure(error: Exception) -> ImageError:
    """What went wrong, and what to do, from the errors that lie behind one another."""
    causes = list(_causes(error))
    where = "see DOCKER_HOST and `docker context ls`"
    if any(isinstance(cause, PermissionError) for cause in causes):
        return NoDaemon("You may not use the Docker daemon's socket; join the group `docker`, or give a saved image.")
    if any(isinstance(cause, FileNotFoundError | ConnectionRefusedError) for cause in causes):
        return NoDaemon(f"No Docker daemon answers; start it, or {where}.")
    said = " ".join(str(error).split())[:200].rstrip(".")
    return NoDaemon(f"The Docker daemon cannot be used ({said}); {where}.")


def _causes(error: object, depth: int = 8) -> Iterator[object]:
    yield error
    if isinstance(error, BaseException) and depth:
        for cause in (error.__cause__, error.__context__, *error.args):
            if isinstance(cause, BaseException):
                yield from _causes(cause, depth - 1)


def _with_small_names(value: object) -> object:
    """A descriptor with its names as manifests write them; daemons have written both."""
    return {key[:1].lower() + key[1:]: item for key, item in value.items()} if isinstance(value, dict) else None
