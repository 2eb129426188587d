"""Facts about the addresses and ARNs that a listing names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from linter.inspect.listing.reading import Reading, above, option_of
from linter.inspect.manifest.request import NO, YES, Node
from linter.model import UNKNOWN
from linter.references.arn import parse_arn
from linter.references.host import OTHER, host_kind
from linter.references.s3 import is_signed

if TYPE_CHECKING:
    from urllib.parse import SplitResult

    from linter.inspect.listing.changes import Change

_VERSION = re.compile(r"/[0-9]+$")
_LONGEST = 2_000


def arn_fact(reading: Reading, change: Change, node: Node, role: str) -> None:
    """The `listing.arn` of the resource or role that a delivery option names."""
    option, kind = option_of(reading, change, node)
    text = node.known if isinstance(node.known, str) else UNKNOWN
    state = UNKNOWN if text == UNKNOWN or parsed_with_gap(text) else _arn_state(reading, text, role)
    arn = parse_arn(text) if state != UNKNOWN else None
    fields = {
        "option": option,
        "sells": kind,
        "member": node.name,
        "role": role.removesuffix("_arn"),
        "text": text[:_LONGEST],
        "state": state,
        "name": UNKNOWN if state == UNKNOWN else (arn.resource if arn else None) or text[:_LONGEST],
        "repeated": UNKNOWN,
    }
    reading.emit("listing.arn", change, node, fields, {"text": node.span})


def parsed_with_gap(text: str) -> bool:
    """Whether part of an ARN is still to be filled in."""
    arn = parse_arn(text)
    return arn is not None and arn.placeholder


def _arn_state(reading: Reading, text: str, role: str) -> str:
    patterns = reading.tables.arns
    if role == "access_role_arn":
        if patterns[role].search(text):
            return "ok"
        arn = parse_arn(text)
        nested = arn is not None and arn.resource_type == "role" and "/" in (arn.resource or "") and not arn.problems
        return "path" if nested else "malformed"
    if patterns[role].search(text):
        return "versioned" if role == "model_package_arn" and _VERSION.search(text) else "ok"
    others = (each for each in ("model_package_arn", "algorithm_arn") if each != role)
    return "other_kind" if any(patterns[each].search(text) for each in others) else "malformed"


def link_fact(reading: Reading, change: Change, node: Node, role: str) -> None:
    """The `listing.link` of an address."""
    option, _ = option_of(reading, change, node)
    text = node.known if isinstance(node.known, str) else UNKNOWN
    parts = _split(text)
    known = text != UNKNOWN and bool(text.strip())
    fields = {
        "option": option,
        "member": node.name,
        "role": role.removesuffix("_link") if role != "link" else "other",
        "url": _without_query(text)[:_LONGEST],
        "scheme": (parts.scheme.lower() or "none") if parts and known else UNKNOWN,
        "host": (parts.hostname or "") if parts and known else UNKNOWN,
        "host_kind": _host_kind(reading, parts) if known else UNKNOWN,
        "extension": _extension(parts) if known else UNKNOWN,
        "presigned": is_signed(text),
        "owner_agrees": _owner_agrees(reading, node, parts) if role == "notebook_link" else None,
        "type_declared": UNKNOWN if role == "sample_link" else None,
        "misses": None,
        "file_bytes": None,
    }
    reading.emit("listing.link", change, node, fields, {"url": node.span})


def _split(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text.strip()[:_LONGEST])
        _ = parts.hostname
    except ValueError:
        return None
    return parts


def _without_query(text: str) -> str:
    return text.partition("?")[0]


def _host_kind(reading: Reading, parts: SplitResult | None) -> str:
    if parts is None or parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        return "none"
    host = parts.hostname.lower().rstrip(".")
    tables = reading.tables
    if host in tables.code_hosts:
        return "code"
    if host in tables.raw_hosts:
        return "raw"
    if host_kind(host) != OTHER or tables.host_patterns["private"].search(host):
        return "private"
    for kind in ("storage", "cdn"):
        if tables.host_patterns[kind].search(host):
            return kind
    return "other"


def _extension(parts: SplitResult | None) -> str | None:
    last = parts.path.rstrip("/").rpartition("/")[2] if parts else ""
    return last.rpartition(".")[2].lower()[:20] or None if "." in last else None


def _owner_agrees(reading: Reading, node: Node, parts: SplitResult | None) -> str:
    """Whether notebook and repository belong to the same account of a code host."""
    structure = above(node)
    other = structure.get("RepositoryUrl") if isinstance(structure, dict) else None
    if not isinstance(other, str) or parts is None:
        return UNKNOWN
    repository = Node(node.request, (*node.pointer[:-1], "RepositoryUrl"), other)
    second = _split(other)
    if repository.unknown or second is None:
        return UNKNOWN
    hosts = {_host_kind(reading, parts), _host_kind(reading, second)}
    first_owner, second_owner = _owner(parts), _owner(second)
    if hosts != {"code"} or not first_owner or not second_owner:
        return UNKNOWN
    return YES if first_owner == second_owner else NO


def _owner(parts: SplitResult) -> str:
    return parts.path.strip("/").partition("/")[0].lower()
