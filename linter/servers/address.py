"""Addresses that servers listen on, and whom they let in."""

from __future__ import annotations

import re
from typing import NamedTuple

from linter.lazy import compiled
from linter.model import UNKNOWN
from linter.references.host import LOOPBACK, UNSPECIFIED, host_kind

_SCHEME = compiled(r"(?:tcp|http|https)://", re.IGNORECASE)
_ENDPOINT_KEY = compiled(r"(?:\A|:)(port|interface)=((?:[^:\\]|\\.)*)")


class Address(NamedTuple):
    """Where a server listens. `port` and `host` are None for a unix socket or an inherited descriptor."""

    text: str | None
    port: int | str | None
    host: str | None
    interface: str


def interface_of(host: str | None) -> str:
    """Who can reach a server that listens on a host."""
    if host is None:
        return "unix"
    if host == UNKNOWN:
        return UNKNOWN
    if host.strip("[]") in ("", "*"):
        return "all"
    return {UNSPECIFIED: "all", LOOPBACK: "loopback"}.get(host_kind(host), "specific")


def port_of(text: str | None) -> int | str:
    """A port number; unknown when it is none."""
    if text is None or not text.isascii() or not text.isdecimal() or len(text) > 5:
        return UNKNOWN
    return int(text) if int(text) < 65536 else UNKNOWN


def unix(text: str | None) -> Address:
    """A unix socket or an inherited descriptor."""
    return Address(UNKNOWN if text is None else text, None, None, "unix")


def unknown() -> Address:
    """An address of which nothing is known."""
    return Address(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN)


def read(
    text: str | None, prefix: str, without_colon: str, default_host: str | None, default_port: int | None
) -> Address:
    """Reads `host:port`, `:port`, `[::]:port`, `unix:path`, `fd://3` and a bare host, port or path.

    `text` is None when it is not literal; `prefix` is then its literal beginning. `without_colon` says what a text
    without a colon is to this server: host, port or path.
    """
    if text is None:
        return _partly_known(prefix)
    bare = _SCHEME.sub("", text.strip(), count=1).partition("/")[0] if _SCHEME.match(text.strip()) else text.strip()
    if bare.startswith(("unix:", "/", "./", "@")):
        return unix(text)
    if bare.startswith("fd://"):
        return unix(text)
    host, port = _split(bare)
    if port is None:
        if without_colon == "path":
            return unix(text)
        if without_colon == "port" and bare.isdecimal():
            host, port = None, bare
    found = port_of(port) if port is not None else (UNKNOWN if default_port is None else default_port)
    where = host if host is not None else default_host
    if host == "" and port is not None:
        where = "0.0.0.0"
    where = where or "0.0.0.0"
    return Address(text, found, where, interface_of(where))


def endpoint(text: str | None) -> Address:
    """Reads an endpoint as Twisted spells it: `tcp:port=8080:interface=0.0.0.0`, `ssl:443:…`, `unix:/path`."""
    if text is None:
        return unknown()
    kind, _, rest = text.partition(":")
    if kind == "unix":
        return unix(text)
    values = dict(_ENDPOINT_KEY.findall(f":{rest}"))
    first = rest.partition(":")[0]
    port = values.get("port", first if first.isdecimal() else None)
    host = values.get("interface", "0.0.0.0").replace("\\:", ":") or "0.0.0.0"
    return Address(text, port_of(port), host, interface_of(host))


def _split(text: str) -> tuple[str | None, str | None]:
    """Host and port; None for what is not there."""
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        return host, rest[1:] if rest.startswith(":") else None
    host, colon, port = text.rpartition(":")
    return (host, port) if colon else (text, None)


def _partly_known(prefix: str) -> Address:
    """`0.0.0.0:$PORT` has a known host, `unix:$SOCKET` is a socket."""
    if prefix.startswith(("unix:", "fd:", "/")):
        return Address(UNKNOWN, None, None, "unix")
    if (prefix.endswith(":") and prefix.count(":") == 1) or prefix.endswith("]:"):
        host = prefix[:-1].strip("[]") or "0.0.0.0"
        return Address(UNKNOWN, UNKNOWN, host, interface_of(host))
    return unknown()
