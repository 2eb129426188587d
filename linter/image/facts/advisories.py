"""Known vulnerabilities of an image, from files that the seller has: advisories in the OSV format, or the report of a
scan by Trivy, Grype, Amazon ECR or, in SARIF, by others. Nothing is asked of a network.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.image.facts.versions import is_affected
from linter.model import Notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from linter.image.facts.packages import Package
    from linter.image.facts.view import View
    from linter.model import Fact
    from linter.tree import Tree

LARGEST_FILE_BYTES = 512 * 1024 * 1024
LARGEST_ENTRY_BYTES = 4 * 1024 * 1024
MOST_ENTRIES = 1_000_000
MOST_FINDINGS = 2_000
LONGEST = 200
SEVERITIES = ("critical", "high", "medium", "low", "negligible")
_SAME = {"important": "high", "moderate": "medium", "informational": "negligible", "none": "negligible"}


class Reported(NamedTuple):
    """A finding of a scan: it stands whatever packages are seen."""

    identifier: str
    severity: str
    package: str | None
    version: str | None
    fixed: str | None
    origin: str


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
    from linter.image.facts.scan_reports import findings_of

    report = findings_of(entry, path)
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
    from linter.image.facts.packages import normal

    return normal(name) if ecosystem == "PyPI" else name.partition(":")[2] if ecosystem == "Maven" else name


def severity_of(value: Any) -> str:
    """A severity as facts name it; unknown when it is none."""
    text = value.lower() if isinstance(value, str) else ""
    text = _SAME.get(text, text)
    return text if text in SEVERITIES else "unknown"


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


_ECOSYSTEMS = {"deb": ("Debian", "Ubuntu"), "apk": ("Alpine", "Wolfi", "Chainguard"), "conda": ("PyPI",)}
"""Where advisories for a package manager's packages stand; other ecosystems have the name that OSV gives them."""


class _Found(NamedTuple):
    """One vulnerability of one package."""

    identifier: str
    severity: str
    package: str | None
    version: str | None
    fixed: str | None
    origin: str
    path: str | None
    of_this_image: str


def vulnerability_facts(view: View, packages: list[Package], advisories: Advisories) -> list[Fact]:
    """`image.vulnerability` facts, the worst first, one for each package and file that tells of it."""
    groups: dict[tuple[str | None, str | None, str, str], list[_Found]] = {}
    for each in (*_reported(view, advisories), *_advised(view, packages, advisories)):
        groups.setdefault((each.package, each.version, each.origin, each.of_this_image), []).append(each)
    order = {name: number for number, name in enumerate(SEVERITIES)}
    sorted_groups = [
        sorted(group, key=lambda e: (order.get(e.severity, len(order)), e.identifier)) for group in groups.values()
    ]
    sorted_groups.sort(key=lambda group: (order.get(group[0].severity, len(order)), group[0].package or ""))
    return [_fact(view, group) for group in sorted_groups[:MOST_FINDINGS]]


def _reported(view: View, advisories: Advisories) -> Iterator[_Found]:
    own = {view.described.digest, view.described.config_digest} - {None}
    for each in advisories.reported:
        told = advisories.digests.get(each.origin)
        same = "unknown" if not told or not own else "yes" if told in own else "no"
        yield _Found(*each, None, same)


def _advised(view: View, packages: list[Package], advisories: Advisories) -> Iterator[_Found]:
    if not advisories.by_package:
        return
    told: set[tuple[str, str, str | None]] = set()
    system = _distribution(view)
    for package in packages:
        for advisory in _candidates(package, advisories, system):
            affected, fixed = is_affected(package.version or "", advisory.affected, package.ecosystem)
            key = (advisory.identifier, package.name, package.version)
            if affected and key not in told:
                told.add(key)
                yield _Found(
                    advisory.identifier, advisory.severity, package.name, package.version, fixed, advisory.origin,
                    package.path, "yes",
                )  # fmt: skip


def _candidates(package: Package, advisories: Advisories, system: tuple[str | None, str | None]) -> Iterator[Advisory]:
    """The advisories about a package, by its own name and by that of its source, for the image's own release."""
    if not package.version:
        return
    for ecosystem in _ECOSYSTEMS.get(package.ecosystem, (package.ecosystem,)):
        for name in sorted({package.name, package.source or package.name}):
            for advisory in advisories.by_package.get((ecosystem, name), ()):
                if _is_of_release(advisory, system):
                    yield advisory


def _distribution(view: View) -> tuple[str | None, str | None]:
    from linter.image.facts.system import system_facts

    fact = next((each for each in system_facts(view) if each.kind == "image.system"), None)
    return (fact["id"], fact["release"]) if fact else (None, None)


def _is_of_release(advisory: Advisory, system: tuple[str | None, str | None]) -> bool:
    """Whether an advisory is about the image's own release: `Debian:12`, `Ubuntu:22.04:LTS`, `Alpine:v3.18`."""
    package = advisory.affected.get("package")
    ecosystem = package.get("ecosystem", "") if isinstance(package, dict) else ""
    name, _, release = ecosystem.partition(":")
    if name.lower() not in ("debian", "ubuntu", "alpine"):
        return True
    wanted = release.removeprefix("Pro:").split(":")[0].removeprefix("v")
    return name.lower() == system[0] and (not wanted or wanted == system[1])


def _fact(view: View, group: list[_Found]) -> Fact:
    first = group[0]
    entry = view.merged.entries.get(first.path) if view.merged and first.path else None
    fixed = [each.fixed for each in group if each.fixed]
    return view.fact(
        "image.vulnerability",
        first.path,
        ids=list(dict.fromkeys(each.identifier for each in group)),
        severity=first.severity,
        package=first.package,
        version=first.version,
        fixed=fixed[-1] if fixed else None,
        origin=first.origin,
        of_this_image=first.of_this_image,
        path=first.path,
        **view.layer_fields(entry.layer if entry else None),
    )
