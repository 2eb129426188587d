"""Annotations and the job summary of GitHub Actions."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from linter.render.escape import command_property, command_text, markdown_code, markdown_prose, markdown_safe, shorten
from linter.render.limits import ANNOTATION_TEXT, ANNOTATIONS_PER_LEVEL, SUMMARY_BYTES
from linter.render.shared import (
    RuleLike,
    by_position,
    count,
    files_of,
    inspected_words,
    path_from,
    place,
    rank,
    repository_place,
    rules_of,
    severity_counts,
    severity_words,
    sound_span,
    told_in_repository,
    worst_first,
)
from linter.render.trace import ARROW, in_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.model import Finding, Report

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}
_SUMMARY_TEXT = 500
"""Characters of a message in the summary's table."""
_SUMMARY_NOTICES = 100


def render_github(report: Report, *, root: str | None = None) -> str:
    """Workflow commands, one a line, the worst finding first, and a line that says how many did not fit.

    `root` is the absolute folder of the checkout, if paths are to be relative to it and not to the run's base.
    """
    find_rule = rules_of(report)
    shown: Counter[str] = Counter()
    left: list[Finding] = []
    lines: list[str] = []
    if report.error is not None:
        shown["error"] += 1
        lines.append(f"::error title=mllint::{command_text(f'Something inside mllint failed: {report.error}')}")
    for finding in worst_first(report.findings):
        command = _COMMANDS.get(finding.severity, "notice")
        if shown[command] >= ANNOTATIONS_PER_LEVEL:
            left.append(finding)
            continue
        shown[command] += 1
        lines.append(_annotation(command, finding, find_rule(finding.rule), report, root))
    if left:
        lines.append(f"{len(left):,} more: {severity_words(left)}. GitHub shows 10 annotations of each level a step.")
    lines.append(_totals(report))
    return "".join(f"{line}\n" for line in lines)


def _annotation(command: str, finding: Finding, rule: RuleLike | None, report: Report, root: str | None) -> str:
    location = repository_place(finding)
    span = sound_span(location.span)
    path = path_from(root, report, location.path)
    properties = {"file": command_property(path, exact=True)} if path else {}
    if path:
        properties |= {"line": str(span.line), "endLine": str(span.end_line)}
        if span.line == span.end_line:  # GitHub refuses columns that belong to different lines
            properties |= {"col": str(span.column), "endColumn": str(max(span.end_column, span.column))}
    properties["title"] = command_property(f"{finding.rule} {finding.name}")
    fix = f"\n{rule.fix.strip()}" if rule and rule.fix else ""
    text = command_text(shorten(told_in_repository(finding) + _how(finding, fix, report, root) + fix, ANNOTATION_TEXT))
    return f"::{command} {','.join(f'{key}={value}' for key, value in properties.items())}::{text}"


def _how(finding: Finding, fix: str, report: Report, root: str | None) -> str:
    """A line on how the place is reached, if there is room for it beside the message and the remedy."""
    if not finding.trace:
        return ""
    steps = in_words(finding.trace, lambda path: path_from(root, report, path), short=True)
    line = f"\nHow: {f' {ARROW} '.join(steps)}"
    return line if len(finding.message) + len(line) + len(fix) <= ANNOTATION_TEXT else ""


def _totals(report: Report) -> str:
    apart = f"; {len(report.suppressed):,} suppressed" if report.suppressed else ""
    if not report.findings:
        return f"mllint: no findings in {count(len(report.artifacts), 'file')}{apart}."
    return f"mllint: {severity_words(report.findings)} in {count(files_of(report.findings), 'file')}{apart}."


def summary_markdown(report: Report, *, root: str | None = None) -> str:
    """The report as Markdown for `$GITHUB_STEP_SUMMARY`, always below the size that GitHub shows."""
    head = "".join(f"{line}\n" for line in _head(report))
    foot = "".join(f"{line}\n" for line in _foot(report, root))
    findings = worst_first(report.findings)
    if not findings:
        return _capped(head + foot)
    table = "\n| Severity | Rule | Place | Message |\n|---|---|---|---|\n"
    room = SUMMARY_BYTES - _size(head) - _size(foot) - _size(table) - 200
    rows: list[str] = []
    for finding in findings:
        row = _row(finding, report, root)
        room -= _size(row)
        if room < 0:
            break
        rows.append(row)
    left = len(findings) - len(rows)
    more = f"\n… and {left:,} more, left out here because GitHub shows no larger summary.\n" if left else ""
    return _capped(head + table + "".join(rows) + more + foot)


def _head(report: Report) -> Iterator[str]:
    yield "## mllint"
    yield ""
    if report.error is not None:
        yield f"**Something inside mllint failed:** {markdown_safe(shorten(report.error, ANNOTATION_TEXT))}"
        yield ""
    if not report.findings and report.error is None:
        yield f"No findings in {count(len(report.artifacts), 'file')}."
        yield ""
    counts = severity_counts(report.findings)
    yield "| Errors | Warnings | Notes | Suppressed |"
    yield "|---:|---:|---:|---:|"
    yield f"| {counts['error']} | {counts['warning']} | {counts['note']} | {len(report.suppressed)} |"


def _row(finding: Finding, report: Report, root: str | None) -> str:
    path = path_from(root, report, finding.location.path)
    message = markdown_prose(shorten(" ".join(finding.message.split()), _SUMMARY_TEXT))
    rule = f"{markdown_code(finding.rule)} {markdown_safe(finding.name)}"
    return (
        f"| {markdown_safe(finding.severity)} | {rule} | {markdown_code(place(finding.location, path))} | {message} |\n"
    )


def _foot(report: Report, root: str | None) -> Iterator[str]:
    by_rule: dict[str, list[Finding]] = defaultdict(list)
    for finding in by_position(report.findings):
        by_rule[finding.rule].append(finding)
    find_rule = rules_of(report)
    ordered = sorted(by_rule, key=lambda name: (min(rank(f.severity) for f in by_rule[name]), name))
    rules = [(name, find_rule(name)) for name in ordered]
    fixes = [f"- {markdown_code(name)}: {markdown_prose(rule.fix)}" for name, rule in rules if rule and rule.fix]
    if fixes:
        yield from ("", "### How to fix", "", *fixes)
    inspected = inspected_words(report.artifacts)
    if inspected:
        yield from ("", f"Inspected {markdown_safe(inspected)}.")
    if report.notices:
        notices = report.notices[:_SUMMARY_NOTICES]
        yield from (
            "",
            f"<details><summary>{count(len(report.notices), 'notice')}: not inspected, or not fully</summary>",
        )
        yield ""
        for notice in notices:
            where = f"{markdown_code(path_from(root, report, notice.path))}: " if notice.path else ""
            yield f"- {where}{markdown_prose(shorten(notice.message, _SUMMARY_TEXT))}"
        if len(report.notices) > len(notices):
            yield f"- … and {len(report.notices) - len(notices)} more"
        yield from ("", "</details>")


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def _capped(text: str) -> str:
    """The last resort, should the parts that are never left out be too large by themselves."""
    if _size(text) <= SUMMARY_BYTES:
        return text
    return text.encode("utf-8", "replace")[: SUMMARY_BYTES - 4].decode("utf-8", "ignore") + "…\n"
