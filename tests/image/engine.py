"""Starts real engines and a real registry for the tests, on this machine alone, and stops them again.

`scripts/install_engine.sh` installs them. The daemon of docker runs with its own folders and socket and without a bridge,
and leaves the machine's network as it is; the registry listens on the loopback address.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

START_SECONDS = 30
STOP_SECONDS = 20
PATH = os.environ.get("PATH", "") + os.pathsep + os.pathsep.join(["/usr/sbin", "/sbin"])


class Unavailable(Exception):
    """What a test needs is not here. The message says why."""


def program(name: str) -> str:
    """Where a program is. Raises Unavailable."""
    found = shutil.which(name, path=PATH)
    if not found:
        raise Unavailable(f"{name} is not installed; scripts/install_engine.sh installs it")
    return found


def run(*command: str) -> str:
    """What a program prints. Raises CalledProcessError, and Unavailable when the program is not here."""
    done = subprocess.run([program(command[0]), *command[1:]], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
    return done.stdout


@contextmanager
def dockerd(folder: Path) -> Iterator[str]:
    """A daemon of docker. Gives its DOCKER_HOST. Raises Unavailable."""
    if os.name != "posix" or os.geteuid() != 0:
        raise Unavailable("only root can start a daemon of docker")
    path = program("dockerd")
    why = ""
    for driver in ("overlay2", "vfs"):
        at = folder / driver
        at.mkdir()
        host = f"unix://{at}/docker.sock"
        command = [
            *(path, "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false", "--bridge=none"),
            *(f"--storage-driver={driver}", f"--data-root={at}/data", f"--exec-root={at}/exec", f"--pidfile={at}/pid"),
            *("-H", host),
        ]
        try:
            with _running(command, at / "log", lambda host=host: _answers(host)):
                yield host
                return
        except Unavailable as error:
            why = str(error)
    raise Unavailable(why)


@contextmanager
def podman(folder: Path) -> Iterator[str]:
    """Podman's service that speaks docker's language. Gives its DOCKER_HOST. Raises Unavailable."""
    if os.name != "posix" or os.geteuid() != 0:
        raise Unavailable("podman's service is started as root alone here")
    path = program("podman")
    (folder / "containers.conf").write_text('[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n')
    storage = f'[storage]\ndriver = "vfs"\nrunroot = "{folder}/run"\ngraphroot = "{folder}/graph"\n'
    (folder / "storage.conf").write_text(storage)
    settings = {name: str(folder / f"{file}.conf") for name, file in _PODMAN_SETTINGS}
    host = f"unix://{folder}/podman.sock"
    with _running([path, "system", "service", "--time=0", host], folder / "log", lambda: _answers(host), settings):
        yield host


_PODMAN_SETTINGS = (("CONTAINERS_CONF", "containers"), ("CONTAINERS_STORAGE_CONF", "storage"))


@contextmanager
def registry(folder: Path) -> Iterator[str]:
    """A registry. Gives its address, `127.0.0.1:port`. Raises Unavailable."""
    path = program("docker-registry")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = folder / "registry.yml"
    config.write_text(
        f"version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {folder}/data}}}}\n"
        f"http: {{addr: '127.0.0.1:{port}'}}\n"
    )
    with _running([path, "serve", str(config)], folder / "log", lambda: _listens(port)):
        yield f"127.0.0.1:{port}"


@contextmanager
def _running(
    command: Sequence[str], log: Path, ready: Callable[[], bool], settings: Mapping[str, str] | None = None
) -> Iterator[None]:
    environment = {**os.environ, "PATH": PATH, **(settings or {})}
    environment.pop("DOCKER_HOST", None)
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True, env=environment)
    try:
        until = time.monotonic() + START_SECONDS
        while not ready():
            if process.poll() is not None or time.monotonic() > until:
                last = log.read_text("utf-8", "replace").strip().splitlines()[-1:]
                raise Unavailable(f"{command[0]} does not start: {''.join(last)[:300]}")
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(host: str) -> bool:
    import docker

    try:
        client = docker.DockerClient(base_url=host, timeout=5)
        client.ping()
        client.close()
    except Exception:  # not yet there, in one of many ways
        return False
    return True


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
