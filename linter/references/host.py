"""Hosts: whether a name or an address means this machine, each of its interfaces, or another machine."""

from __future__ import annotations

import ipaddress

LOOPBACK, UNSPECIFIED, LINK_LOCAL, OTHER = "loopback", "unspecified", "link_local", "other"

# RFC 6761 keeps `localhost` and all below it for this machine; the others stand in every distribution's hosts file.
_NAMES = frozenset({"localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback"})


def host_kind(host: str) -> str:
    """What a host means: loopback, unspecified (every interface), link_local or other. Never raises.

    `host` is a name or an address without a port; an IPv6 address may have its brackets and its zone.
    """
    name = host.strip("[]").partition("%")[0].lower().rstrip(".")
    if name in _NAMES or name.endswith(".localhost"):
        return LOOPBACK
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return OTHER
    if address.is_unspecified:
        return UNSPECIFIED
    if address.is_loopback:
        return LOOPBACK
    return LINK_LOCAL if address.is_link_local else OTHER


def is_elsewhere(start: str, end: str) -> bool:
    """Whether a host of which only the start and the end are known, neither with a port, is surely another machine."""
    name = start.lower()
    if end.startswith(".") or "." in end:
        last = end.rpartition(".")[2].lower()
        return last.isalpha() and last not in ("localhost", "localdomain")
    mine = any(each.startswith(name) for each in _NAMES)
    return len(name) > 1 and name[0].isalpha() and not mine and not name.startswith("localhost")


def is_this_machine(host: str) -> bool:
    """Whether a connection to the host stays on this machine; one to the unspecified address does."""
    return host_kind(host) in (LOOPBACK, UNSPECIFIED)
