"""Known vulnerabilities from files that the seller has, and the order of versions behind them."""

from __future__ import annotations

import io
import itertools
import json
import shutil
import subprocess
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from packaging.version import Version

from linter.config import config_of
from linter.engine import check
from linter.image.examples import built_image
from linter.image.facts.advisories import read_advisories
from linter.image.facts.image import image_facts
from linter.image.facts.versions import is_affected, severity_of_vector
from linter.judge.load import load_knowledge, load_rules
from linter.tree import MemoryTree

if TYPE_CHECKING:
    from linter.model import Fact

KNOWLEDGE = load_knowledge()
SITE = "usr/local/lib/python3.12/site-packages"


def osv(identifier: str, ecosystem: str, name: str, events: list[dict[str, str]], **more: Any) -> dict[str, Any]:
    ranges = [{"type": "ECOSYSTEM", "events": events}]
    return {
        "id": identifier,
        "affected": [{"package": {"ecosystem": ecosystem, "name": name}, "ranges": ranges}],
        **more,
    }


FLASK = osv(
    "GHSA-1", "PyPI", "Flask", [{"introduced": "0"}, {"fixed": "2.3.2"}], database_specific={"severity": "HIGH"}
)


def vulnerabilities(data: Any, files: dict[str, str]) -> list[Fact]:
    content = data if isinstance(data, bytes) else json.dumps(data).encode()
    image = built_image("m:1", {"layers": [{"files": files}]}, KNOWLEDGE)
    advisories = read_advisories([("a.json", content)])
    found = image_facts("m:1", image.described, image.scans, image.merged, KNOWLEDGE, advisories).facts
    return [fact for fact in found if fact.kind == "image.vulnerability"]


def zipped(*documents: Any) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number, document in enumerate(documents):
            archive.writestr(f"{number}.json", json.dumps(document))
    return buffer.getvalue()


@pytest.mark.parametrize("data", [FLASK, [FLASK], {"vulns": [FLASK]}, zipped(FLASK, {"id": "other"})])
def test_advisories_alone_in_lists_and_in_archives(data: Any) -> None:
    (fact,) = vulnerabilities(data, {f"{SITE}/flask-2.2.0.dist-info/METADATA": "x"})
    assert (fact["package"], fact["ids"], fact["severity"], fact["fixed"]) == ("flask", ["GHSA-1"], "high", "2.3.2")
    assert fact.location.path == f"m:1!/{SITE}/flask-2.2.0.dist-info/METADATA"
    assert not vulnerabilities(data, {f"{SITE}/flask-2.3.2.dist-info/METADATA": "x"})


def test_distribution_packages_go_by_source_and_release() -> None:
    events = [{"introduced": "0"}, {"fixed": "2.36-9+deb12u7"}]
    data = [osv("D-12", "Debian:12", "glibc", events), osv("D-11", "Debian:11", "glibc", events)]
    files = {
        "etc/os-release": 'ID=debian\nVERSION_ID="12"\n',
        "var/lib/dpkg/status": "Package: libc6\nStatus: install ok installed\nSource: glibc\nVersion: 2.36-9\n",
    }
    (fact,) = vulnerabilities(data, files)
    assert (fact["package"], fact["ids"]) == ("libc6", ["D-12"])


def test_a_package_with_several_vulnerabilities_is_told_once() -> None:
    other = osv(
        "GHSA-2", "PyPI", "flask", [{"introduced": "0"}, {"fixed": "3.0.0"}], database_specific={"severity": "LOW"}
    )
    (fact,) = vulnerabilities([other, FLASK], {f"{SITE}/flask-2.2.0.dist-info/METADATA": "x"})
    assert (fact["ids"], fact["severity"], fact["fixed"]) == (["GHSA-1", "GHSA-2"], "high", "3.0.0")


TRIVY = {"SchemaVersion": 2, "ArtifactName": "m", "Metadata": {"ImageID": "sha256:0"}, "Results": [
    {"Vulnerabilities": [{"VulnerabilityID": "CVE-1", "Severity": "CRITICAL", "PkgName": "p", "InstalledVersion": "1"}]}
]}  # fmt: skip
GRYPE = {"descriptor": {"name": "grype"}, "matches": [
    {"vulnerability": {"id": "CVE-1", "severity": "Critical", "fix": {"versions": ["2"]}}, "artifact": {"name": "p", "version": "1"}}
]}  # fmt: skip
ECR = {"imageScanFindings": {"findings": [
    {"name": "CVE-1", "severity": "CRITICAL", "attributes": [{"key": "package_name", "value": "p"}, {"key": "package_version", "value": "1"}]}
]}}  # fmt: skip
ENHANCED = {"imageScanFindings": {"enhancedFindings": [
    {"severity": "CRITICAL", "packageVulnerabilityDetails": {"vulnerabilityId": "CVE-1", "vulnerablePackages": [{"name": "p", "version": "1"}]}}
]}}  # fmt: skip


def sarif(rule: Any, text: str, **run: Any) -> Any:
    result = {"ruleId": rule["id"], "message": {"text": text}}
    return {
        "version": "2.1.0",
        "runs": [{"tool": {"driver": {"name": "x", "rules": [rule]}}, "results": [result], **run}],
    }


TRIVY_SARIF = sarif(
    {"id": "CVE-2024-1", "help": {"text": "Vulnerability CVE-2024-1\nSeverity: CRITICAL\nPackage: p\nFixed Version: 2\nLink: [x](y)\nVersion: none"}},
    "Package: p\nInstalled Version: 1\nVulnerability CVE-2024-1\nSeverity: CRITICAL\nFixed Version: 2\nLink: [x](y)",
    properties={"imageName": "m", "imageID": "sha256:0"},
)  # fmt: skip
GRYPE_SARIF = sarif(
    {"id": "CVE-2024-1-p", "help": {"text": "Vulnerability CVE-2024-1\nPackage: p\nVersion: 1\nFix Version: 2\nType: deb"},
     "properties": {"security-severity": "9.8"}},
    "A critical vulnerability in deb package: p, version 1 was found at: /var/lib/dpkg/status",
)  # fmt: skip


@pytest.mark.parametrize(("report", "same"), [(TRIVY_SARIF, "no"), (GRYPE_SARIF, "unknown")])
def test_reports_of_scanners_in_sarif(report: Any, same: str) -> None:
    (fact,) = vulnerabilities(report, {})
    assert (fact["ids"], fact["severity"], fact["package"]) == (["CVE-2024-1"], "critical", "p")
    assert (fact["version"], fact["fixed"], fact["of_this_image"]) == ("1", "2", same)


def test_sarif_counts_when_it_is_clean_and_not_when_it_is_about_other_things() -> None:
    clean = sarif({"id": "CVE-2024-1"}, "", results=[])
    other = sarif({"id": "DS002", "help": {"text": "Severity: HIGH"}}, "Type: dockerfile\nVulnerability DS002")
    for report, notices in ((clean, 0), (other, 1), ({"version": "2.1.0", "runs": [3, {"results": [None, {}]}]}, 1)):
        found = read_advisories([("a.sarif", json.dumps(report).encode())])
        assert (found.reported, len(found.notices)) == ((), notices)


@pytest.mark.parametrize(
    ("report", "same"), [(TRIVY, "no"), (GRYPE, "unknown"), (ECR, "unknown"), (ENHANCED, "unknown")]
)
def test_reports_of_scanners(report: Any, same: str) -> None:
    (fact,) = vulnerabilities(report, {})
    assert (fact["ids"], fact["severity"], fact["package"], fact["version"]) == (["CVE-1"], "critical", "p", "1")
    assert fact["of_this_image"] == same


def test_counts_of_a_report_count_where_no_finding_shows_them() -> None:
    (fact,) = vulnerabilities({"imageScanFindings": {"findingSeverityCounts": {"HIGH": 5, "LOW": 0}}}, {})
    assert (fact["severity"], fact["ids"]) == ("high", ["5 findings"])


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfe", b"PK\x03\x04 broken", b"[" * 100_000, b"{}", b"[1, null]", b'{"affected": [1], "id": "x", "vulns": 3}']
)  # fmt: skip
def test_files_that_are_no_advisories_give_a_notice_at_most(data: bytes) -> None:
    found = read_advisories([("a.json", data)])
    assert not found.reported
    assert {notice.code for notice in found.notices} <= {"advisories-not-read"}


def test_a_configured_file_that_is_missing_is_told() -> None:
    image = built_image("m:1", {}, KNOWLEDGE)
    config = config_of({"advisories": ["gone.json"]})
    report = check(MemoryTree({}), [], config, load_rules(), KNOWLEDGE, images=[image])
    assert [notice.path for notice in report.notices if notice.code == "advisories-not-read"] == ["gone.json"]


def ordered(older: str, newer: str, ecosystem: str) -> bool:
    """Whether `older` comes before `newer`, by a range that `newer` ends."""
    affected = {"ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": newer}]}]}
    return is_affected(older, affected, ecosystem)[0]


PEP440 = [
    "0.9",
    "1.0.dev1",
    "1.0a1.dev2",
    "1.0a1",
    "1.0b2",
    "1.0rc1",
    "1.0",
    "1.0.post1.dev1",
    "1.0.post1",
    "1.0.1",
    "1!0.1",
    "2024.1",
]


@pytest.mark.parametrize(("one", "other"), list(itertools.product(PEP440, PEP440)))
def test_python_versions_are_ordered_as_packaging_does(one: str, other: str) -> None:
    assert ordered(one, other, "PyPI") is (Version(one) < Version(other))


DEBIAN = [
    "1.0~rc1",
    "1.0~rc1-1",
    "1.0",
    "1.0-1",
    "1.0-1+b1",
    "1.0-1~deb12u1",
    "1.0+dfsg-1",
    "1.0a",
    "1.0.1",
    "1.10",
    "1:0.5",
    "2.36-9+deb12u7",
]


@pytest.mark.skipif(shutil.which("dpkg") is None, reason="dpkg is not installed")
def test_debian_versions_are_ordered_as_dpkg_does() -> None:
    for one, other in itertools.product(DEBIAN, DEBIAN):
        told = subprocess.run(["dpkg", "--compare-versions", one, "lt", other], check=False).returncode == 0
        assert ordered(one, other, "deb") is told, (one, other)


@pytest.mark.parametrize(
    ("one", "other", "ecosystem"),
    [
        ("1.2.3-r4", "1.2.3-r10", "apk"), ("1.2_rc1-r0", "1.2-r0", "apk"), ("1.2-r0", "1.2_p1-r0", "apk"), ("1.2a-r0", "1.2b-r0", "apk"),
        ("1.9.0", "1.10.0", "npm"), ("2.0.0-rc.1", "2.0.0", "npm"), ("2.0.0-rc.2", "2.0.0-rc.10", "npm"),
    ],
)  # fmt: skip
def test_other_versions_are_ordered(one: str, other: str, ecosystem: str) -> None:
    assert ordered(one, other, ecosystem)
    assert not ordered(other, one, ecosystem)


def test_versions_that_are_none_and_orders_that_are_unknown_are_no_hit() -> None:
    assert not ordered("what?", "1.0", "PyPI")
    assert not ordered("1.0", "2.0", "Maven")
    assert is_affected("1.0", {"versions": ["1.0"]}, "Maven") == (True, None)


@pytest.mark.parametrize(
    ("vector", "rating"),
    [
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "critical"),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", "high"),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", "medium"),
        ("CVSS:3.0/AV:P/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N", "low"),
        ("CVSS:4.0/AV:N", None),
        ("CVSS:3.1/AV:N", None),
        (7, None),
    ],
)
def test_ratings_of_vectors(vector: Any, rating: str | None) -> None:
    assert severity_of_vector(vector) == rating
