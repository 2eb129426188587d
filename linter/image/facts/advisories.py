"""Known vulnerabilities of an image, from files that the seller has: advisories in the OSV format, or the report of a
scan by Trivy, Grype, Amazon ECR or, in SARIF, by others. Nothing is asked of a network.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.image.facts.reported import LONGEST, MOST_FINDINGS, Reported, severity_of
from linter.model import Notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from linter.tree import Tree

LARGEST_FILE_BYTES = 512 * 1024 * 1024
LARGEST_ENTRY_BYTES = 4 * 1024 * 1024
MOST_ENTRIES = 1_000_000


class Advisory(NamedTuple):
    """One affected package of an OSV advisory."""

    identifier: str
    severity: str
    fixed: str | None
    affected: Mapping[str, Any]
    origin: str


class Advisories(NamedTuple):
    """What the files say. `by_package` holds advisories by ecosystem (without release) and name."""

    by_package: Mapping[tuple[str, str], list[Advisory]]
    reported: tuple[Reported, ...] = ()
    digests: Mapping[str, str] = {}
    """The image that each report was made of, by the report's file, where the report tells."""
    notices: tuple[Notice, ...] = ()


def read_files(tree: Tree, paths: Iterable[str]) -> Advisories:
    """Advisories and reports from files of a tree. What cannot be read becomes a notice."""
    found: list[tuple[str, bytes]] = []
    notices: list[Notice] = []
    for path in paths:
        try:
            found.append((path, tree.read(path, LARGEST_FILE_BYTES)))
        except (OSError, KeyError) as error:
            notices.append(_notice(path, getattr(error, "strerror", None) or "there is no such file"))
    read = read_advisories(found)
    return read._replace(notices=(*notices, *read.notices))


def read_advisories(files: Iterable[tuple[str, bytes]]) -> Advisories:
    """Advisories and reports from files, given by path and content. What cannot be read becomes a notice."""
    by_package: dict[tuple[str, str], list[Advisory]] = {}
    reported: list[Reported] = []
    digests: dict[str, str] = {}
    notices: list[Notice] = []
    for path, data in files:
        try:
            documents = list(_documents(data))
        except _Unreadable as reason:
            notices.append(_notice(path, str(reason)))
            continue
        found = 0
        for document in documents:
            for entry in document if isinstance(document, list) else [document]:
                found += _take(entry, path, by_package, reported, digests)
        if not found:
            notices.append(
                _notice(
                    path,
                    "it is neither an OSV advisory nor the report of an image scan",
                )
            )
    return Advisories(by_package, tuple(reported[: MOST_FINDINGS * 10]), digests, tuple(notices))


class _Unreadable(Exception):
    """One clause that says why."""


def _notice(path: str, reason: str) -> Notice:
    return Notice("advisories-not-read", f"these advisories were not read: {reason}", path, level="warning")


def _documents(data: bytes) -> Iterator[Any]:
    if data[:4] == b"PK\x03\x04":
        yield from _zipped(data)
        return
    try:
        yield json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _Unreadable(f"it is no JSON ({str(error)[:LONGEST]})") from None


def _zipped(data: bytes) -> Iterator[Any]:
    """The advisories of an archive, each of bounded size whatever the archive says of it."""
    import io
    import zipfile
    import zlib

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist()[:MOST_ENTRIES]:
                if not name.endswith(".json"):
                    continue
                with archive.open(name) as member:
                    text = member.read(LARGEST_ENTRY_BYTES + 1)
                if len(text) <= LARGEST_ENTRY_BYTES:
                    try:
                        yield json.loads(text)
                    except (ValueError, RecursionError):
                        continue
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, NotImplementedError, EOFError) as error:
        raise _Unreadable(f"the archive is damaged ({str(error)[:LONGEST]})") from None


def _take(
    entry: Any,
    path: str,
    by_package: dict[tuple[str, str], list[Advisory]],
    reported: list[Reported],
    digests: dict[str, str],
) -> int:
    """Keep what one document says; 0 when it has none of the known forms."""
    if not isinstance(entry, dict):
        return 0
    if isinstance(entry.get("vulns"), list):
        return sum(_take(each, path, by_package, reported, digests) for each in entry["vulns"]) or 1
    if isinstance(entry.get("affected"), list) and isinstance(entry.get("id"), str):
        return _take_osv(entry, path, by_package)
    from linter.image.facts.sarif_reports import sarif_findings
    from linter.image.facts.scan_reports import findings_of

    report = findings_of(entry, path) or sarif_findings(entry, path)
    if report is None:
        return 0
    reported += report.findings
    if report.digest:
        digests[path] = report.digest
    return 1


def _take_osv(entry: Mapping[str, Any], path: str, by_package: dict[tuple[str, str], list[Advisory]]) -> int:
    if entry.get("withdrawn"):
        return 1
    own = _osv_severity(entry)
    for affected in entry["affected"]:
        package = affected.get("package") if isinstance(affected, dict) else None
        if not isinstance(package, dict):
            continue
        ecosystem, name = package.get("ecosystem"), package.get("name")
        if isinstance(ecosystem, str) and isinstance(name, str):
            advisory = Advisory(
                entry["id"][:LONGEST], _osv_severity(affected) or own or "unknown", None, affected, path
            )
            by_package.setdefault((ecosystem.partition(":")[0], _same_name(ecosystem, name)), []).append(advisory)
    return 1


def _same_name(ecosystem: str, name: str) -> str:
    from linter.references.distributions import normal

    return normal(name) if ecosystem == "PyPI" else name.partition(":")[2] if ecosystem == "Maven" else name


def _osv_severity(entry: Mapping[str, Any]) -> str | None:
    for key in ("database_specific", "ecosystem_specific"):
        inner = entry.get(key)
        found = severity_of(inner.get("severity") or inner.get("urgency")) if isinstance(inner, dict) else "unknown"
        if found != "unknown":
            return found
    scores = entry.get("severity")
    if isinstance(scores, list):
        from linter.image.facts.versions import severity_of_vector

        vectors = [each.get("score") for each in scores if isinstance(each, dict)]
        return next((found for found in map(severity_of_vector, vectors) if found), None)
    return None
