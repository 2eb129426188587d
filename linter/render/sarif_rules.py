"""The rules and the catalog of requirements, as SARIF describes them."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from linter.model import CONFIDENCES, Finding, Report
from linter.render.escape import shorten, terminal_safe
from linter.render.limits import SARIF_DESCRIPTION, SARIF_RULE_NAME, SARIF_TAGS_KEPT
from linter.render.shared import RequirementLike, RuleLike, first_sentence, source_notes

if TYPE_CHECKING:
    from collections.abc import Iterable

TAXONOMY = "AWS Marketplace ML product requirements"
TAXONOMY_GUID = str(uuid.uuid5(uuid.NAMESPACE_URL, "mllint/taxonomy/aws-marketplace-ml-product-requirements"))

_PROBLEM_SEVERITY = {"error": "error", "warning": "warning", "note": "recommendation"}
# For rules with the tag `security` that give no number: inside GitHub's bands high, medium and low.
_SECURITY_SEVERITY = {"error": "8.0", "warning": "5.0", "note": "2.0"}
_LEVELS = {"error": "error", "warning": "warning", "note": "note"}


def level_of(severity: str) -> str:
    """SARIF's level of a severity."""
    return _LEVELS.get(severity, "note")


def descriptors(report: Report, findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """All enabled rules in their order, then the least that must be said of rules that only findings name."""
    taxa = {requirement.slug: number for number, requirement in enumerate(report.requirements)}
    described = [_descriptor(rule, taxa) for rule in report.rules]
    known = {rule.id for rule in report.rules}
    for finding in findings:
        if finding.rule not in known:
            known.add(finding.rule)
            described.append(_unknown(finding))
    return described


def taxonomy(requirements: Iterable[RequirementLike]) -> dict[str, Any]:
    """The catalog as a taxonomy; its taxa are in the catalog's order."""
    return {
        "name": TAXONOMY,
        "guid": TAXONOMY_GUID,
        "shortDescription": {"text": "What AWS Marketplace demands of machine-learning products."},
        "isComprehensive": False,
        "taxa": [
            {
                "id": requirement.slug,
                "shortDescription": {"text": _described(requirement.title, requirement.slug)},
                "properties": {"theme": requirement.theme, "strength": requirement.strength},
            }
            for requirement in requirements
        ],
    }


def taxonomy_reference() -> dict[str, Any]:
    """How rules point at the taxonomy."""
    return {"name": TAXONOMY, "guid": TAXONOMY_GUID, "index": 0}


def _descriptor(rule: RuleLike, taxa: dict[str, int]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "id": rule.id,
        "name": shorten(rule.name or rule.id, SARIF_RULE_NAME),
        "shortDescription": {"text": _described(rule.summary, rule.name or rule.id)},
        "fullDescription": {"text": _described(rule.why, rule.summary, rule.name or rule.id)},
        "help": {"text": _help_text(rule), "markdown": _help_markdown(rule)},
        "defaultConfiguration": {"level": level_of(rule.severity)},
        "properties": _properties(rule),
    }
    relationships = [
        {"target": {"id": slug, "index": taxa[slug], "toolComponent": taxonomy_reference()}, "kinds": ["relevant"]}
        for slug in dict.fromkeys(rule.requirement)
        if slug in taxa
    ]
    if relationships:
        described["relationships"] = relationships
    return described


def _properties(rule: RuleLike) -> dict[str, Any]:
    tags = list(dict.fromkeys(rule.tags))
    score = rule.security_severity or (_SECURITY_SEVERITY.get(rule.severity) if "security" in tags else None)
    if "security" not in tags[:SARIF_TAGS_KEPT] and (score or "security" in tags):
        tags.insert(0, "security")  # GitHub reads the number only together with the tag
    properties: dict[str, Any] = {
        "tags": list(dict.fromkeys(tags))[:SARIF_TAGS_KEPT],
        "precision": rule.confidence if rule.confidence in CONFIDENCES else "medium",
        "problem.severity": _PROBLEM_SEVERITY.get(rule.severity, "recommendation"),
        "requirement": list(rule.requirement),
    }
    if score:
        properties["security-severity"] = str(score)
    sources = [note._asdict() for note in source_notes(rule)]
    if sources:
        properties["sources"] = sources
    return properties


def _unknown(finding: Finding) -> dict[str, Any]:
    name = finding.name or finding.rule
    text = _described(name, finding.rule)
    return {
        "id": finding.rule,
        "name": shorten(name, SARIF_RULE_NAME),
        "shortDescription": {"text": text},
        "fullDescription": {"text": text},
        "help": {"text": text, "markdown": text},
        "defaultConfiguration": {"level": level_of(finding.severity)},
        "properties": {
            "tags": [],
            "precision": finding.confidence if finding.confidence in CONFIDENCES else "medium",
            "problem.severity": _PROBLEM_SEVERITY.get(finding.severity, "recommendation"),
            "requirement": list(finding.requirement),
        },
    }


def _described(*texts: str) -> str:
    """The first text that is not empty, on one line and within the limit; cut behind a sentence if need be."""
    text = next((" ".join(terminal_safe(text, keep="\n\t").split()) for text in texts if text.strip()), "-")
    return text if len(text) <= SARIF_DESCRIPTION else shorten(first_sentence(text), SARIF_DESCRIPTION)


def _help_text(rule: RuleLike) -> str:
    # The id and the remedy stand here again, because GitHub shows each of the other fields elsewhere.
    parts = [f"{rule.id} {rule.name}: {rule.summary}".strip()]
    parts += [f"Why: {rule.why.strip()}"] if rule.why.strip() else []
    parts += [f"How to fix: {rule.fix.strip()}"] if rule.fix.strip() else []
    parts += [f"Source: {note}" for note in source_notes(rule)]
    return terminal_safe("\n\n".join(parts), keep="\n\t")


def _help_markdown(rule: RuleLike) -> str:
    """Rules are written in Markdown, so their texts stand as they are."""
    parts = [f"**{rule.id} {rule.name}**: {rule.summary}"]
    parts += [f"### Why\n\n{rule.why.strip()}"] if rule.why.strip() else []
    parts += [f"### How to fix\n\n{rule.fix.strip()}"] if rule.fix.strip() else []
    sources = [f"- {note}" for note in source_notes(rule)]
    parts += ["### Sources\n\n" + "\n".join(sources)] if sources else []
    return terminal_safe("\n\n".join(parts), keep="\n\t")
