"""What the user has told docker about a registry: names and passwords, or the programs that know them."""

from __future__ import annotations

import base64
import binascii
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

from linter.image.model import ImageError
from linter.lazy import compiled

HELPER_SECONDS = 60
"""How long a credential helper may take; some ask a server."""
_FILE_LIMIT = 1 << 20
_HUB = "https://index.docker.io/v1/"
_HUB_HOSTS = ("docker.io", "index.docker.io", "registry-1.docker.io")
_HELPER = compiled(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class Credentials(NamedTuple):
    """A name with a password, or a token that stands for both."""

    user: str = ""
    password: str = ""
    identity_token: str = ""

    @property
    def basic(self) -> str:
        """The value of an Authorization header."""
        return "Basic " + base64.b64encode(f"{self.user}:{self.password}".encode()).decode()


def credentials_for(host: str) -> Credentials | None:
    """What the user's own settings say about a registry; None when they say nothing.

    Runs the credential helper that the user has configured. Raises ImageError when that fails.
    """
    names = (_HUB, *_HUB_HOSTS) if host in _HUB_HOSTS else (host,)
    for path in _files():
        settings = _read(path)
        helper = next(
            (_dict(settings, "credHelpers").get(name) for name in names if name in _dict(settings, "credHelpers")), None
        )
        store = helper or settings.get("credsStore")
        found = _ask(store, _HUB if host in _HUB_HOSTS and not helper else host) if isinstance(store, str) else None
        found = found or _written(_dict(settings, "auths"), names)
        if found:
            return found
    return None


def _files() -> list[Path]:
    """Where docker keeps its settings, and where podman, skopeo and buildah keep theirs, in the same form."""
    docker = os.environ.get("DOCKER_CONFIG")
    files = [Path(docker or Path.home() / ".docker") / "config.json"]
    if named := os.environ.get("REGISTRY_AUTH_FILE"):
        return [Path(named), *files]
    if runtime := os.environ.get("XDG_RUNTIME_DIR"):
        files.append(Path(runtime) / "containers" / "auth.json")
    return files


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            value = json.loads(file.read(_FILE_LIMIT))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise ImageError(f"Docker's settings in `{path}` cannot be read ({type(error).__name__}).") from None
    return value if isinstance(value, dict) else {}


def _written(auths: dict[str, Any], names: tuple[str, ...]) -> Credentials | None:
    for key, value in auths.items():
        if isinstance(value, dict) and (key in names or _bare(key) in names):
            token = value.get("identitytoken")
            user, colon, password = _decode(value.get("auth")).partition(":")
            if isinstance(token, str) and token:
                return Credentials(identity_token=token)
            if colon:
                return Credentials(user, password.rstrip("\0"))
    return None


def _bare(key: str) -> str:
    """The host of a key, which older versions of docker wrote as an address."""
    return key.removeprefix("https://").removeprefix("http://").split("/")[0]


def _decode(value: object) -> str:
    if not isinstance(value, str):
        return ""
    try:
        return base64.b64decode(value).decode()
    except (binascii.Error, ValueError):
        return ""


def _ask(helper: str, server: str) -> Credentials | None:
    """What a credential helper says. Its name comes from the user's settings, and is a name on PATH alone."""
    if not _HELPER.fullmatch(helper):
        raise ImageError(f"Docker's settings name a credential helper `{helper}`, which is no name of a program.")
    program = shutil.which(f"docker-credential-{helper}")
    if program is None:
        raise ImageError(f"Docker's settings want `docker-credential-{helper}` for {server}, and it is not on PATH.")
    try:
        done = subprocess.run(  # the user's own program, configured for this very purpose
            [program, "get"], input=server.encode(), capture_output=True, timeout=HELPER_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise ImageError(f"`docker-credential-{helper}` gave no answer in {HELPER_SECONDS} seconds.") from None
    except OSError as error:
        raise ImageError(f"`docker-credential-{helper}` cannot be run: {error.strerror}.") from None
    if done.returncode:
        if b"not found" in (done.stdout + done.stderr).lower():
            return None
        raise ImageError(
            f"`docker-credential-{helper}` failed for {server} with status {done.returncode}; log in again."
        )
    return _told(done.stdout, helper)


def _told(output: bytes, helper: str) -> Credentials | None:
    try:
        value = json.loads(output[:_FILE_LIMIT])
        user, secret = value["Username"], value["Secret"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ImageError(f"`docker-credential-{helper}` gave an answer that is not in the form of docker's.") from None
    if not isinstance(user, str) or not isinstance(secret, str) or not secret:
        return None
    return Credentials(identity_token=secret) if user == "<token>" else Credentials(user, secret)


def _dict(settings: dict[str, Any], key: str) -> dict[str, Any]:
    value = settings.get(key)
    return value if isinstance(value, dict) else {}
