"""Findings as SARIF results: places, fingerprints, excerpts and fixes."""

from __future__ import annotations

import codecs
from collections import defaultdict
from typing import Any

from linter.model import Edit, Finding, Location, Report, Span, Suppression
from linter.render.escape import message_safe, shorten, terminal_safe, uri_path, valid_text
from linter.render.fingerprint import line_hashes, stable_keys
from linter.render.limits import (
    SARIF_CONTEXT,
    SARIF_CONTEXT_LINES,
    SARIF_LOCATIONS_KEPT,
    SARIF_MESSAGE,
    SARIF_SNIPPET,
    SARIF_STEP,
)
from linter.render.sarif_rules import level_of
from linter.render.shared import (
    image_roots,
    lines_of,
    path_from,
    place,
    repository_place,
    sound_span,
    text_at,
    told_in_repository,
)
from linter.render.trace import cut_middle, left_out

SRCROOT = "%SRCROOT%"
"""The base of all URIs. GitHub takes relative URIs for relative to the root of the repository."""


class Places:
    """Locations, and the list of artifacts that they point into."""

    def __init__(self, report: Report, root: str | None) -> None:
        self._report = report
        self._root = root
        self._numbers = {artifact.path: number for number, artifact in enumerate(report.artifacts)}
        self._lines: dict[str, list[str]] = {}
        self._hashes: dict[str, list[str]] = {}
        # GitHub refuses the whole file if one result lacks a file, so what belongs to none is shown at the first.
        self._anchor = report.artifacts[0].path if report.artifacts else "."
        self._images = _anchors_of_images(report)

    def artifact(self, path: str) -> dict[str, Any]:
        """An `artifactLocation`."""
        path = self.repository_path(path)
        found = location_of(path_from(self._root, self._report, path))
        if path in self._numbers:
            found["index"] = self._numbers[path]
        return found

    def repository_path(self, path: str) -> str:
        """A path that a code host can show: of a file in a built image the place that stands for the image."""
        for root, anchor in self._images.items():
            if path.startswith(root):
                return anchor
        return path if path.strip("./") else self._anchor

    def physical(self, location: Location, excerpts: bool) -> dict[str, Any]:
        """A `physicalLocation`, with the text of its region if that is wanted and known."""
        if any(map(location.path.startswith, self._images)):  # lines and text of another file mean nothing there
            return {"artifactLocation": self.artifact(location.path)}
        span = sound_span(location.span)
        found = {"artifactLocation": self.artifact(location.path), "region": region(span)}
        lines = self._lines_of(location.path)
        if not excerpts or span.line > len(lines):
            return found
        text = text_at(lines, span)
        if text.strip():
            found["region"]["snippet"] = {"text": shorten(_shown(text), SARIF_SNIPPET)}
        context = _context(lines, span, text)
        if context:
            found["contextRegion"] = context
        return found

    def line_hash(self, location: Location) -> str | None:
        """GitHub's own hash of the line, or None when the text is not known for certain."""
        path = location.path
        if path not in self._hashes:
            self._hashes[path] = self._hashes_of(path)
        number = sound_span(location.span).line
        hashes = self._hashes[path]
        return hashes[number - 1] if number <= len(hashes) else None

    def _hashes_of(self, path: str) -> list[str]:
        """The hashes of a file whose text is known as it stands on disk; a wrong one is worse than none."""
        source = self._report.sources.get(path)
        if source is None:
            return []
        number = self._numbers.get(path)
        size = self._report.artifacts[number].size if number is not None else 0
        missing = size - len(source.encode("utf-8", "surrogatepass")) if size else 0
        if missing == len(codecs.BOM_UTF8):  # it was taken off when the text was decoded
            return line_hashes(f"\ufeff{source}")
        return [] if missing else line_hashes(source)

    def _lines_of(self, path: str) -> list[str]:
        if path not in self._lines:
            source = self._report.sources.get(path)
            self._lines[path] = [] if source is None else lines_of(source)
        return self._lines[path]


class Results:
    """Makes the results of one report."""

    def __init__(self, report: Report, places: Places, rule_numbers: dict[str, int]) -> None:
        self._places = places
        self._rules = rule_numbers
        self._keys = stable_keys((*report.findings, *report.suppressed), report.sources)

    def result(self, finding: Finding, excerpts: bool, steps: int) -> dict[str, Any]:
        """One `result`; where size matters, its excerpts can be left out. Its code flow has at most `steps` places."""
        related = finding.related[: SARIF_LOCATIONS_KEPT - 1]
        fingerprints = {"mllint/v1": self._keys[id(finding)]}
        location = repository_place(finding)
        line_hash = self._places.line_hash(location)
        if line_hash:
            fingerprints["primaryLocationLineHash"] = line_hash
        made: dict[str, Any] = {
            "ruleId": finding.rule,
            "ruleIndex": self._rules[finding.rule],
            "level": level_of(finding.severity),
            "message": {"text": _message(finding)},
            "locations": [{"physicalLocation": self._places.physical(location, excerpts), **_logical(finding)}],
            "partialFingerprints": fingerprints,
            "properties": {
                "confidence": finding.confidence,
                "requirement": list(finding.requirement),
                **_image_properties(finding),
            },
        }
        if related:
            made["relatedLocations"] = [
                {"id": number, **self._told(where, shorten(text, SARIF_MESSAGE))}
                for number, (where, text) in enumerate(related, 1)
            ]
        if finding.trace:
            made["codeFlows"] = [{"threadFlows": [{"locations": self._flow(finding, steps)}]}]
        if finding.edits and finding.inside is None:
            made["fixes"] = [self._fix(finding.edits)]
        if finding.suppression:
            made["suppressions"] = [self._suppression(finding.suppression)]
        return made

    def _flow(self, finding: Finding, steps: int) -> list[dict[str, Any]]:
        """The steps to a finding and its own place as `threadFlowLocation`s."""
        start, cut, end = cut_middle(finding.trace, steps - 1)
        told = [*start]
        if cut:  # a place that says nothing would be taken for a step
            told.append(cut[0]._replace(text=f"{left_out(cut)}, the first one here; the JSON report has all of them"))
        flow = [self._told(*step._replace(text=shorten(step.text, SARIF_STEP))) for step in (*told, *end)]
        flow.append(self._told(finding.location, shorten(finding.message.strip(), SARIF_MESSAGE)))
        return [{"location": location} for location in flow]

    def _told(self, where: Location, text: str) -> dict[str, Any]:
        """A `location` with a message."""
        shown = message_safe(text) if text.strip() else message_safe(terminal_safe(place(where)))
        return {"physicalLocation": self._places.physical(where, False), "message": {"text": shown}}

    def _fix(self, edits: tuple[Edit, ...]) -> dict[str, Any]:
        """All edits of a finding belong together: one fix."""
        by_path: dict[str, list[Edit]] = defaultdict(list)
        for edit in edits:
            by_path[edit.location.path].append(edit)
        description = "; ".join(dict.fromkeys(edit.description for edit in edits if edit.description))
        return {
            "description": {"text": message_safe(shorten(description or "Replace the text.", SARIF_MESSAGE))},
            "artifactChanges": [
                {
                    "artifactLocation": self._places.artifact(path),
                    "replacements": [
                        {
                            "deletedRegion": region(sound_span(edit.location.span)),
                            "insertedContent": {"text": valid_text(edit.replacement)},
                        }
                        for edit in changes
                    ],
                }
                for path, changes in by_path.items()
            ],
        }

    def _suppression(self, why: Suppression) -> dict[str, Any]:
        made: dict[str, Any] = {"kind": "inSource" if why.origin == "comment" else "external"}
        if why.reason:
            made["justification"] = message_safe(shorten(why.reason, SARIF_MESSAGE))
        if why.location:
            made["location"] = {"physicalLocation": self._places.physical(why.location, False)}
        return made


def _anchors_of_images(report: Report) -> dict[str, str]:
    """What stands in the repository for the files of each built image, by how their paths begin."""
    roots = image_roots(report)
    found = {root: root.removesuffix("!/") for root in roots}
    for finding in (*report.findings, *report.suppressed):
        root = next((root for root in roots if finding.location.path.startswith(root)), None)
        if root and finding.inside:
            found[root] = finding.inside.anchor.path
    return found


def _logical(finding: Finding) -> dict[str, Any]:
    """The place in a built image; its file is none of the repository."""
    if finding.inside is None:
        return {}
    name = valid_text(f"{finding.inside.image}!{finding.inside.path or '/'}")
    return {"logicalLocations": [{"fullyQualifiedName": name, "kind": "resource"}]}


def _image_properties(finding: Finding) -> dict[str, Any]:
    inside = finding.inside
    if inside is None:
        return {}
    told = {"image": inside.image, "imagePath": inside.path, "layer": inside.layer, "layerStep": inside.step}
    return {name: terminal_safe(value) for name, value in told.items() if value}


def location_of(path: str) -> dict[str, Any]:
    """An `artifactLocation` without its number; an absolute URI has no base."""
    uri = uri_path(path)
    return {"uri": uri} if uri.startswith("file:") else {"uri": uri, "uriBaseId": SRCROOT}


def region(span: Span) -> dict[str, Any]:
    """A `region` of a sound span; columns are code points, the end is exclusive."""
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def _context(lines: list[str], span: Span, text: str) -> dict[str, Any] | None:
    """The whole lines of a region, if they are short and hold more than the region itself."""
    if span.end_line - span.line >= SARIF_CONTEXT_LINES or span.end_line > len(lines):
        return None
    whole = Span(span.line, 1, span.end_line, len(lines[span.end_line - 1]) + 1)
    around = text_at(lines, whole)
    # It must be larger than the region, or it is not allowed.
    if len(around) > SARIF_CONTEXT or len(around) <= len(text) or span.end_column > whole.end_column:
        return None
    return {**region(whole), "snippet": {"text": _shown(around)}}


def _message(finding: Finding) -> str:
    """The message, then links to the related places; a viewer shows its first sentence as the title."""
    text = message_safe(shorten(told_in_repository(finding).strip() or finding.name or finding.rule, SARIF_MESSAGE))
    # GitHub shows a related place only when the message links to it.
    links = [
        f"[{_link_text(what or where.path)}]({number})"
        for number, (where, what) in enumerate(finding.related[: SARIF_LOCATIONS_KEPT - 1], 1)
    ]
    return f"{text}\n\nSee also: {', '.join(links)}." if links else text


def _link_text(text: str) -> str:
    text = shorten(" ".join(terminal_safe(text, keep="\n\t").split()), 100)
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _shown(text: str) -> str:
    return terminal_safe(text, keep="\n\t")
