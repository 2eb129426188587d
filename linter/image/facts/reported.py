"""What scans of an image report, in one form, and what it takes to make that of values that may be anything."""

from __future__ import annotations

from typing import Any, NamedTuple

LONGEST = 200
MOST_FINDINGS = 2_000
SEVERITIES = ("critical", "high", "medium", "low", "negligible")
_SAME = {"important": "high", "moderate": "medium", "informational": "negligible", "none": "negligible"}
_MOST = 20_000


class Reported(NamedTuple):
    """A finding of a scan: it stands whatever packages are seen."""

    identifier: str
    severity: str
    package: str | None
    version: str | None
    fixed: str | None
    origin: str


class ScanReport(NamedTuple):
    """The findings of one report, and the digest of the image that it is about where it tells."""

    findings: list[Reported]
    digest: str | None


def severity_of(value: Any) -> str:
    """A severity as facts name it; unknown when it is none."""
    name = value.lower() if isinstance(value, str) else ""
    name = _SAME.get(name, name)
    return name if name in SEVERITIES else "unknown"


def reported(path: str, identifier: Any, severity: Any, package: Any, version: Any, fixed: Any) -> Reported:
    """A finding out of values that may be anything."""
    return Reported(
        text(identifier) or "unnamed", severity_of(severity), text(package), text(version), text(fixed), path
    )


def mappings(value: Any) -> list[dict[str, Any]]:
    """The objects of a list, whatever else is in it or it may be."""
    return [each for each in value[:_MOST] if isinstance(each, dict)] if isinstance(value, list) else []


def mapping(value: Any) -> dict[str, Any]:
    """An object, empty for anything else."""
    return value if isinstance(value, dict) else {}


def text(value: Any) -> str | None:
    """A text that is not empty, cut."""
    return value[:LONGEST] if isinstance(value, str) and value else None
