"""Reports of image scanners: Trivy, Grype and Amazon ECR as their JSON gives them, and others in SARIF."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from linter.image.facts.advisories import LONGEST, Reported, severity_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MOST = 20_000


class ScanReport(NamedTuple):
    """The findings of one report, and the digest of the image that it is about where it tells."""

    findings: list[Reported]
    digest: str | None


def findings_of(entry: Mapping[str, Any], path: str) -> ScanReport | None:
    """What a report says; None when the document is no report of a known form."""
    from linter.image.facts.sarif_reports import sarif_findings

    for reader in (_trivy, _grype, _ecr, sarif_findings):
        found = reader(entry, path)
        if found is not None:
            return found
    return None


def _trivy(entry: Mapping[str, Any], path: str) -> ScanReport | None:
    if not isinstance(entry.get("Results"), list) or ("ArtifactName" not in entry and "SchemaVersion" not in entry):
        return None
    found = []
    for result in mappings(entry["Results"]):
        for each in mappings(result.get("Vulnerabilities")):
            found.append(
                reported(path, each.get("VulnerabilityID"), each.get("Severity"), each.get("PkgName"),
                          each.get("InstalledVersion"), each.get("FixedVersion"))
            )  # fmt: skip
    metadata = entry.get("Metadata")
    image = _text(metadata.get("ImageID")) if isinstance(metadata, dict) else None
    return ScanReport(found, image)


def _grype(entry: Mapping[str, Any], path: str) -> ScanReport | None:
    if not isinstance(entry.get("matches"), list) or ("descriptor" not in entry and "source" not in entry):
        return None
    found = []
    for match in mappings(entry["matches"]):
        vulnerability, artifact = mapping(match.get("vulnerability")), mapping(match.get("artifact"))
        versions = mapping(vulnerability.get("fix")).get("versions")
        fixed = versions[0] if isinstance(versions, list) and versions else None
        found.append(
            reported(path, vulnerability.get("id"), vulnerability.get("severity"), artifact.get("name"),
                      artifact.get("version"), fixed)
        )  # fmt: skip
    target = mapping(mapping(entry.get("source")).get("target"))
    return ScanReport(found, _text(target.get("manifestDigest")) or _text(target.get("imageID")))


def _ecr(entry: Mapping[str, Any], path: str) -> ScanReport | None:
    scan = entry.get("imageScanFindings")
    if not isinstance(scan, dict):
        return None
    found = [_basic(path, each) for each in mappings(scan.get("findings"))]
    found += [each for entry in mappings(scan.get("enhancedFindings")) for each in _enhanced(path, entry)]
    found += _counted(path, scan.get("findingSeverityCounts"), found)
    return ScanReport(found, _text(mapping(entry.get("imageId")).get("imageDigest")))


def _basic(path: str, each: Mapping[str, Any]) -> Reported:
    attributes = {
        item.get("key"): item.get("value")
        for item in mappings(each.get("attributes"))
        if isinstance(item.get("key"), str)
    }
    name, version = attributes.get("package_name"), attributes.get("package_version")
    return reported(path, each.get("name"), each.get("severity"), name, version, None)


def _enhanced(path: str, each: Mapping[str, Any]) -> Iterator[Reported]:
    details = mapping(each.get("packageVulnerabilityDetails"))
    identifier = details.get("vulnerabilityId") or each.get("title")
    packages = mappings(details.get("vulnerablePackages")) or [{}]
    for package in packages:
        yield reported(path, identifier, each.get("severity"), package.get("name"), package.get("version"),
                        package.get("fixedInVersion"))  # fmt: skip


def _counted(path: str, counts: Any, found: list[Reported]) -> list[Reported]:
    """One entry for each severity that a summary counts and no finding of the report shows."""
    if not isinstance(counts, dict):
        return []
    told = {each.severity for each in found}
    return [
        Reported(f"{number} findings", severity_of(name), None, None, None, path)
        for name, number in counts.items()
        if isinstance(number, int) and number > 0 and severity_of(name) not in told
    ]


def reported(path: str, identifier: Any, severity: Any, package: Any, version: Any, fixed: Any) -> Reported:
    """A finding out of values that may be anything."""
    return Reported(
        _text(identifier) or "unnamed", severity_of(severity), _text(package), _text(version), _text(fixed), path
    )


def mappings(value: Any) -> list[dict[str, Any]]:
    """The objects of a list, whatever else is in it or it may be."""
    return [each for each in value[:_MOST] if isinstance(each, dict)] if isinstance(value, list) else []


def mapping(value: Any) -> dict[str, Any]:
    """An object, empty for anything else."""
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str | None:
    return value[:LONGEST] if isinstance(value, str) and value else None
