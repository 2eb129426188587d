"""What all tests of images share."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from linter.image.layers.limits import Limits
from tests.image import engine, packing
from tests.tables import knowledge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager


@pytest.fixture(scope="session")
def limits() -> Limits:
    """The limits that ship."""
    return Limits.of(knowledge())


def _started(start: Callable[[Path], AbstractContextManager[str]], folder: Path) -> Iterator[str]:
    try:
        with start(folder) as address:
            yield address
    except engine.Unavailable as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def docker_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """DOCKER_HOST of a real daemon of docker."""
    yield from _started(engine.dockerd, tmp_path_factory.mktemp("docker"))


@pytest.fixture(scope="session")
def podman_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """DOCKER_HOST of podman's service."""
    yield from _started(engine.podman, tmp_path_factory.mktemp("podman"))


@pytest.fixture(scope="session")
def registry_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real registry."""
    yield from _started(engine.registry, tmp_path_factory.mktemp("registry"))


@pytest.fixture(scope="session")
def built(docker_host: str) -> Iterator[str]:
    """The name of an image with many steps that the daemon has built, with links, whiteouts and empty layers."""
    import docker

    try:
        shell = engine.program("busybox")
    except engine.Unavailable as error:
        pytest.skip(str(error))
    client = docker.DockerClient(base_url=docker_host, timeout=120)
    with io.BytesIO(_context(shell)) as context:
        client.images.build(fileobj=context, custom_context=True, tag=BUILT, network_mode="none", rm=True)
    yield BUILT
    client.close()


BUILT = "mllint-tests/built:v1"
_STEPS = """FROM scratch
ADD root.tar /
ENV MODEL=/opt/ml/model
LABEL maker="tests"
RUN mkdir -p /opt/a/b /opt/gone /opt/opaque && echo one > /opt/a/b/one && echo x > /opt/gone/x && touch /opt/opaque/old
RUN ln /opt/a/b/one /opt/a/b/hard && ln -s ../a/b/one /opt/a/soft && chmod 4755 /opt/a/b/one && mkfifo /opt/pipe
RUN rm -rf /opt/gone && rm /opt/a/b/hard && rm -rf /opt/opaque && mkdir /opt/opaque && touch /opt/opaque/new
RUN rm -rf /opt/a/b && ln -s /etc /opt/a/b && chmod 1777 /opt/a && touch "/opt/ümläut and spaces"
WORKDIR /srv/made
COPY Dockerfile /srv/made/
USER 1000
ENTRYPOINT ["/bin/sh"]
CMD ["serve"]
"""
_APPLETS = ("sh", "chmod", "echo", "ln", "mkdir", "mkfifo", "rm", "touch")


def _context(shell: str) -> bytes:
    """A build context with a root of one program and hard links to it."""
    files: dict[str, Any] = {"Dockerfile": _STEPS.encode(), "root.tar": _root(Path(shell))}
    return packing.tar(files)


def _root(shell: Path) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name in ("bin", "etc", "tmp"):
            folder = tarfile.TarInfo(name)
            folder.type, folder.mode = tarfile.DIRTYPE, 0o1777 if name == "tmp" else 0o755
            archive.addfile(folder)
        program = tarfile.TarInfo("bin/busybox")
        program.size, program.mode = shell.stat().st_size, 0o755
        with shell.open("rb") as file:
            archive.addfile(program, file)
        for name in _APPLETS:
            link = tarfile.TarInfo("bin/" + name)
            link.type, link.linkname, link.mode = tarfile.LNKTYPE, "bin/busybox", 0o755
            archive.addfile(link)
    return buffer.getvalue()
