"""Vulnerabilities in SARIF, as Trivy, Grype and other scanners of images write it: most of what they know stands in the
texts of rules and results, a line for each thing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from linter.image.facts.scan_reports import ScanReport, mapping, mappings, reported
from linter.image.facts.versions import rating
from linter.lazy import compiled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linter.image.facts.advisories import Reported

_IDENTIFIER = compiled(r"\b(?:GHSA(?:-[0-9a-z]{4}){3}|[A-Z]{2,10}\d?-\d{2,5}[-:]\d{1,9}(?:-\d{1,4})?)\b")
"""`CVE-2024-1234`, `RHSA-2024:1234`, `DSA-5678-1`, …"""
_LINE = compiled(
    r"^(Severity|Package|Installed Version|Version|Fixed Version|Fix Version):[ \t]*(\S[^\n]{0,200})$", re.MULTILINE
)
_LONGEST_READ = 4_000
"""Characters of a text; what is looked for stands before the description."""


def sarif_findings(entry: Mapping[str, Any], path: str) -> ScanReport | None:
    """The vulnerabilities of all runs; None when the document is no SARIF, or tells of other things alone."""
    runs = entry.get("runs")
    if not isinstance(runs, list) or not isinstance(entry.get("version"), str):
        return None
    found: list[Reported] = []
    results, digest = 0, None
    for run in mappings(runs):
        rules = _rules(run)
        for result in mappings(run.get("results")):
            results += 1
            rule = rules.get(result.get("ruleId") or mapping(result.get("rule")).get("id")) or {}
            each = _finding(result, rule, path)
            found += [each] if each else []
        image = mapping(run.get("properties")).get("imageID")
        digest = digest or (image if isinstance(image, str) else None)
    return ScanReport(found, digest) if found or not results else None


def _rules(run: Mapping[str, Any]) -> dict[Any, Mapping[str, Any]]:
    tool = mapping(run.get("tool"))
    parts = [mapping(tool.get("driver")), *mappings(tool.get("extensions"))]
    rules = [rule for part in parts for rule in mappings(part.get("rules"))]
    return {rule["id"]: rule for rule in rules if isinstance(rule.get("id"), str)}


def _finding(result: Mapping[str, Any], rule: Mapping[str, Any], path: str) -> Reported | None:
    """One result, if it tells of a vulnerability."""
    name = str(rule.get("id") or result.get("ruleId") or "")[:_LONGEST_READ]
    message = _text(result.get("message"))
    text = f"{message}\n{_text(rule.get('help'))}"
    identifier = _IDENTIFIER.search(name) or _IDENTIFIER.search(message)
    if identifier is None:
        return None
    lines: dict[str, str] = {}
    for line in _LINE.finditer(text):
        lines.setdefault(line[1], line[2].strip())
    severity = lines.get("Severity") or _rated(rule, result)
    version = lines.get("Installed Version") or lines.get("Version")
    fixed = lines.get("Fixed Version") or lines.get("Fix Version")
    return reported(path, identifier[0], severity, lines.get("Package"), version, fixed)


def _rated(rule: Mapping[str, Any], result: Mapping[str, Any]) -> str | None:
    """By the score that scanners give for GitHub."""
    for part in (rule, result):
        score = mapping(part.get("properties")).get("security-severity")
        try:
            return rating(float(score))  # type: ignore[arg-type]
        except (TypeError, ValueError):
            continue
    return None


def _text(message: Any) -> str:
    text = mapping(message).get("text")
    return text[:_LONGEST_READ] if isinstance(text, str) else ""
