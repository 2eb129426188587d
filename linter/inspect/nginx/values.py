"""What nginx reads from single words: times, sizes, addresses and the targets of `proxy_pass`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from linter.model import UNKNOWN
from linter.references.host import LINK_LOCAL, host_kind, is_this_machine
from linter.servers.address import interface_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linter.inspect.nginx.syntax import Directive, Word

_UNITS = {
    "y": 31_536_000.0,
    "M": 2_592_000.0,
    "w": 604_800.0,
    "d": 86_400.0,
    "h": 3_600.0,
    "m": 60.0,
    "s": 1.0,
    "": 1.0,
    "ms": 0.001,
}
_SIZES = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
_TIME = re.compile(r"(\d{1,12})(ms|[yMwdhms]?)[ ]*")
_SIZE = re.compile(r"(\d{1,15})([kKmMgG]?)")
_PLACEHOLDER = re.compile(r"[$%{}<>@]|^_*[A-Z][A-Z0-9_]+$|^__\w+__$")
_SCHEME = re.compile(r"[a-z]{2,10}://", re.IGNORECASE)


def seconds(text: str) -> int | float | str:
    """A time such as `90`, `60s`, `1h30m` or `500ms` in seconds; unknown when it is none."""
    total, at = 0.0, 0
    while found := _TIME.match(text, at):
        total += int(found.group(1)) * _UNITS[found.group(2)]
        at = found.end()
    if not text or at != len(text):
        return UNKNOWN
    return int(total) if total.is_integer() else round(total, 3)


def size(text: str) -> int | str | None:
    """A size such as `25m` in bytes; None for 0, by which nginx means no limit; unknown when it is none."""
    found = _SIZE.fullmatch(text)
    if not found:
        return UNKNOWN
    return int(found.group(1)) * _SIZES[found.group(2).lower()] or None


class Address(NamedTuple):
    """What a `listen` opens, in the terms of the fact `server.listener`."""

    port: int | str | None
    host: str | None
    interface: str


def address(word: Word, default_port: int | str) -> Address:
    """The address that `listen` names; its port is `default_port` where it names none."""
    text = word.text
    if text.startswith("unix:"):
        return Address(None, None, "unix")
    if text.isdecimal() or (":" not in text and _PLACEHOLDER.search(text)):
        return Address(_port(text), "0.0.0.0", "all") if text.isdecimal() else Address(UNKNOWN, UNKNOWN, UNKNOWN)
    if re.fullmatch(r"\d+-\d+", text):
        return Address(UNKNOWN, "0.0.0.0", "all")
    host, port = _split(text)
    where: str | int = _port(port) if port else default_port
    if _PLACEHOLDER.search(host):
        return Address(where, UNKNOWN, UNKNOWN)
    return Address(where, host or "0.0.0.0", interface_of(host))


def _port(text: str) -> int | str:
    return int(text) if text.isdecimal() and len(text) <= 5 and 0 < int(text) < 65536 else UNKNOWN


def _split(text: str) -> tuple[str, str]:
    """Host (without brackets) and port of `host:port`; what is not there is empty."""
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        return host, rest.removeprefix(":")
    host, _, port = text.partition(":")
    return host, port


class Upstreams:
    """The `upstream` blocks of a file. `whole` tells whether no other file can add any (a full file, no include)."""

    def __init__(self, blocks: Mapping[str, Directive], variables: Mapping[str, str], whole: bool) -> None:
        self.blocks = blocks
        self.variables = variables
        self.whole = whole
        self.used: set[str] = set()

    def destination(self, target: str) -> str:
        """Where requests for a target go: loopback, unix, upstream_local, remote, metadata or unknown."""
        rest = _SCHEME.sub("", self._filled(target), count=1)
        if rest.startswith(("unix:", "/")):
            return "unix"
        host, _ = _split(rest.split("/", 1)[0])
        block = self.blocks.get(host.lower())
        if block is not None:
            self.used.add(host.lower())
            return self._of_upstream(block)
        where = destination_of(host)
        if where == "remote" and not self.whole and "." not in host and ":" not in host:
            return UNKNOWN  # another file may define an upstream of that name
        return where

    def _filled(self, target: str) -> str:
        """The target with one variable replaced by the only literal that `set` gives it in this file."""
        found = re.search(r"\$(\w+)|\$\{(\w+)\}", target)
        value = self.variables.get(found.group(1) or found.group(2)) if found else None
        return target.replace(found.group(), value, 1) if found and value is not None else target

    def _of_upstream(self, block: Directive) -> str:
        found = {destination_of(server_host(server)) for server in block.children("server")}
        for worst in ("metadata", "remote", UNKNOWN):
            if worst in found:
                return worst
        whole = not any(child.name == "include" or child.placeholder for child in block.block or ())
        return "upstream_local" if found and whole else UNKNOWN


def server_host(server: Directive) -> str:
    """The host of a `server` in an `upstream`, or its socket."""
    text = server.arg()
    return text if text.startswith("unix:") else _split(text)[0]


def destination_of(host: str) -> str:
    """Where a host name or address (without port) leads: loopback, unix, metadata, remote or unknown."""
    if host.startswith("unix:"):
        return "unix"
    if not host or _PLACEHOLDER.search(host):
        return UNKNOWN
    if is_this_machine(host):
        return "loopback"
    # Link-local addresses, and the IPv6 address of the instance's metadata, answer with the instance's data only.
    return "metadata" if host_kind(host) == LINK_LOCAL or host.lower() == "fd00:ec2::254" else "remote"
