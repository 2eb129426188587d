"""Releases of operating systems and runtimes, and how long they are maintained, by the table `base_images`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.lazy import compiled
from linter.model import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

VERSION = compiled(r"v?([0-9]{1,9}(?:\.[0-9]{1,9})*)")

PAST = "0000"
"""Sorts before every date: the end is not known, but it is over."""


def code_names(body: Mapping[str, Any]) -> dict[str, str]:
    """The releases of a distribution by their other names, such as `bookworm`."""
    releases = body.get("releases") or {}
    return {str(name).lower(): str(key) for key, value in releases.items() for name in (value or {}).get("names") or ()}


def release_of(body: Mapping[str, Any], token: str) -> str | None:
    """The listed release that a version or code name belongs to: `12.5` is of `12`."""
    if token in code_names(body):
        return code_names(body)[token]
    releases = {str(key) for key in body.get("releases") or {}}
    if token in releases or token in map(str, body.get("rolling") or []):
        return token
    found = VERSION.fullmatch(token)
    version = found[1] if found else ""
    while version:
        if version in releases:
            return version
        version = version.rpartition(".")[0]
    return None


def end_of(body: Mapping[str, Any], release: str) -> Iterator[str | None]:
    """The end of a release: a date, None for a rolling one, PAST for one that is older than all that are listed."""
    for key, value in (body.get("releases") or {}).items():
        if str(key) == release:
            end = (value or {}).get("end_of_life")
            yield None if end is None else str(end)
            return
    if release in map(str, body.get("rolling") or []):
        yield None
    elif "oldest_listed" in body and VERSION.fullmatch(release) and _older(release, str(body["oldest_listed"])):
        yield PAST


def _older(release: str, other: str) -> bool:
    return [int(part) for part in release.split(".")] < [int(part) for part in other.split(".") if part.isdecimal()]


def support(ends: list[str | None], today: date) -> tuple[str, str | None]:
    """Whether all of some releases are maintained (`yes`, `ended`, unknown), and the date of the first end."""
    dates = sorted(end for end in ends if end)
    if not ends:
        return UNKNOWN, UNKNOWN
    if not dates:
        return "yes", None
    if dates[0] == PAST:
        return "ended", UNKNOWN
    return ("ended" if dates[0] < today.isoformat() else "yes"), dates[0]
