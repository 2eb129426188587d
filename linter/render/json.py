"""The report for programs: JSON that obeys `schemas/report.schema.json`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from linter import __version__
from linter.render.escape import terminal_safe, valid_text
from linter.render.fingerprint import stable_keys
from linter.render.shared import NAME, by_position, files_of, severity_counts, sound_span, source_notes

if TYPE_CHECKING:
    from linter.model import Finding, Location, Notice, Report, Step

FORMAT = 1
"""Goes up when a field goes away or changes its meaning; new fields alone do not change it."""


def render_json(report: Report) -> str:
    """The whole report as JSON in ASCII, findings in the order of paths and positions, with a line end.

    Messages are safe to print; paths and replacements are exact (but for names that are not UTF-8).
    """
    return json.dumps(report_data(report), indent=2, ensure_ascii=True) + "\n"


def report_data(report: Report) -> dict[str, Any]:
    """The report as plain JSON values."""
    keys = stable_keys((*report.findings, *report.suppressed), report.sources)
    return {
        "format": FORMAT,
        "tool": {"name": NAME, "version": __version__},
        "base": valid_text(report.base),
        "exit_code": report.exit_code,
        "fail_on": report.fail_on,
        "error": None if report.error is None else _shown(report.error),
        "seconds": round(report.seconds, 3),
        "counts": {
            **severity_counts(report.findings),
            "suppressed": len(report.suppressed),
            "files_with_findings": files_of(report.findings),
            "files_inspected": len(report.artifacts),
        },
        "findings": [_finding(finding, keys) for finding in by_position(report.findings)],
        "suppressed": [_finding(finding, keys) for finding in by_position(report.suppressed)],
        "notices": [_notice(notice) for notice in report.notices],
        "artifacts": [
            {"path": valid_text(artifact.path), "kind": artifact.kind, "size": artifact.size}
            for artifact in report.artifacts
        ],
        "rules": [_rule(rule) for rule in report.rules],
    }


def _finding(finding: Finding, keys: dict[int, str]) -> dict[str, Any]:
    why = finding.suppression
    return {
        "rule": finding.rule,
        "name": finding.name,
        "severity": finding.severity,
        "confidence": finding.confidence,
        "message": _shown(finding.message),
        "requirement": list(finding.requirement),
        "location": _location(finding.location),
        "inside": _inside(finding),
        "statement": _location(finding.statement),
        "related": [{"location": _location(where), "message": _shown(text)} for where, text in finding.related],
        "trace": [_step(step) for step in finding.trace],
        "edits": [
            {
                "location": _location(edit.location),
                "replacement": valid_text(edit.replacement),
                "description": _shown(edit.description),
            }
            for edit in finding.edits
        ],
        "fingerprint": keys[id(finding)],
        "suppression": None
        if why is None
        else {
            "origin": why.origin,
            "reason": None if why.reason is None else _shown(why.reason),
            "location": None if why.location is None else _location(why.location),
        },
    }


def _inside(finding: Finding) -> dict[str, Any] | None:
    inside = finding.inside
    if inside is None:
        return None
    return {
        "image": valid_text(inside.image),
        "path": valid_text(inside.path),
        "layer": None if inside.layer is None else valid_text(inside.layer),
        "step": None if inside.step is None else _shown(inside.step),
        "anchor": _location(inside.anchor),
    }


def _step(step: Step) -> dict[str, Any]:
    span = sound_span(step.location.span)
    path = valid_text(step.location.path)
    return {"path": path, "line": span.line, "column": span.column, "text": _shown(step.text)}


def _notice(notice: Notice) -> dict[str, Any]:
    path = None if notice.path is None else valid_text(notice.path)
    span = None if notice.span is None else sound_span(notice.span)._asdict()
    return {"code": notice.code, "level": notice.level, "message": _shown(notice.message), "path": path, "span": span}


def _rule(rule: Any) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": rule.name,
        "summary": _shown(rule.summary),
        "severity": rule.severity,
        "confidence": rule.confidence,
        "requirement": list(rule.requirement),
        "tags": list(rule.tags),
        "sources": [note._asdict() for note in source_notes(rule)],
    }


def _location(location: Location) -> dict[str, Any]:
    return {"path": valid_text(location.path), **sound_span(location.span)._asdict()}


def _shown(text: str) -> str:
    return terminal_safe(text, keep="\n\t")
