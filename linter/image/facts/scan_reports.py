"""Reports of image scanners: Trivy, Grype and Amazon ECR, as their JSON gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.image.facts.reported import Reported, ScanReport, mapping, mappings, reported, severity_of, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def findings_of(entry: Mapping[str, Any], path: str) -> ScanReport | None:
    """What a report says; None when the document is no report of a known form."""
    for reader in (_trivy, _grype, _ecr):
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
    image = text(metadata.get("ImageID")) if isinstance(metadata, dict) else None
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
    return ScanReport(found, text(target.get("manifestDigest")) or text(target.get("imageID")))


def _ecr(entry: Mapping[str, Any], path: str) -> ScanReport | None:
    scan = entry.get("imageScanFindings")
    if not isinstance(scan, dict):
        return None
    found = [_basic(path, each) for each in mappings(scan.get("findings"))]
    found += [each for entry in mappings(scan.get("enhancedFindings")) for each in _enhanced(path, entry)]
    found += _counted(path, scan.get("findingSeverityCounts"), found)
    return ScanReport(found, text(mapping(entry.get("imageId")).get("imageDigest")))


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
