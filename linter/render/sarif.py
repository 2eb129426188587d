"""SARIF 2.1.0, within what GitHub code scanning requires and accepts."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import PurePath
from typing import Any

from linter import __version__
from linter.model import CONFIGURATION, Finding, Location, Notice, Report, Span
from linter.render.escape import message_safe, shorten, uri_path
from linter.render.limits import (
    SARIF_GZIP_BYTES,
    SARIF_MESSAGE,
    SARIF_RESULTS_KEPT,
    SARIF_STEPS_IN_ALL,
    SARIF_STEPS_KEPT,
    SARIF_STEPS_LEAST,
)
from linter.render.sarif_results import SRCROOT, Places, Results, location_of
from linter.render.sarif_rules import descriptors, taxonomy, taxonomy_reference
from linter.render.shared import NAME, path_from, worst_first

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

_MIME_TYPES = {
    ".cfg": "text/plain",
    ".conf": "text/plain",
    ".ini": "text/plain",
    ".ipynb": "application/x-ipynb+json",
    ".json": "application/json",
    ".md": "text/markdown",
    ".py": "text/x-python",
    ".sh": "text/x-shellscript",
    ".toml": "application/toml",
    ".txt": "text/plain",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
}
_MIME_TYPES_BY_KIND = {
    "dockerfile": "text/x-dockerfile",
    "dockerignore": "text/plain",
    "gunicorn": "text/x-python",
    "nginx": "text/x-nginx-conf",
    "shell": "text/x-shellscript",
    "supervisor": "text/plain",
}
_NOTIFICATION_LEVELS = ("error", "warning", "note", "none")


def render_sarif(report: Report, *, include_suppressed: bool = False, root: str | None = None) -> str:
    """The report as a SARIF log with one run, in ASCII, with a line end. It is valid after a failure too.

    Suppressed findings are left out unless wanted, since GitHub would show them as open. `root` is the absolute folder
    of the repository, if URIs are to be relative to it and not to the run's base. Beyond what GitHub keeps, the mildest
    findings are left out, and a notification says how many.
    """
    findings = worst_first((*report.findings, *(report.suppressed if include_suppressed else ())))
    kept, excerpts = min(len(findings), SARIF_RESULTS_KEPT), True
    while True:
        text = _text(_log(report, findings, kept, excerpts, root))
        # No gzip file is much larger than what went in, so small texts need no trial.
        if len(text) < SARIF_GZIP_BYTES * 0.99 or len(gzip.compress(text.encode("ascii"))) < SARIF_GZIP_BYTES * 0.99:
            return text
        if not excerpts and kept == 0:
            return text
        kept, excerpts = kept if excerpts else kept // 2, False


def _text(log: dict[str, Any]) -> str:
    return json.dumps(log, indent=2, ensure_ascii=True) + "\n"


def _log(report: Report, findings: list[Finding], kept: int, excerpts: bool, root: str | None) -> dict[str, Any]:
    places = Places(report, root)
    rules = descriptors(report, findings)
    steps = _steps_kept(findings[:kept]) if excerpts else SARIF_STEPS_LEAST
    results = Results(report, places, {rule["id"]: number for number, rule in enumerate(rules)})
    run: dict[str, Any] = {
        "tool": {"driver": _driver(report, rules)},
        "invocations": [_invocation(report, places, findings, kept)],
        "originalUriBaseIds": {SRCROOT: _source_root(report, root)},
        "columnKind": "unicodeCodePoints",
        "artifacts": _artifacts(report, root),
        "results": [results.result(finding, excerpts, steps) for finding in findings[:kept]],
    }
    if report.requirements:
        run["taxonomies"] = [taxonomy(report.requirements)]
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _steps_kept(findings: list[Finding]) -> int:
    """Places that each code flow may have, so that all of them together stay small."""
    traced = sum(bool(finding.trace) for finding in findings)
    return min(SARIF_STEPS_KEPT, max(SARIF_STEPS_LEAST, SARIF_STEPS_IN_ALL // max(traced, 1)))


def _driver(report: Report, rules: list[dict[str, Any]]) -> dict[str, Any]:
    driver: dict[str, Any] = {
        "name": NAME,
        "fullName": f"{NAME} {__version__}",
        "version": __version__,
        "semanticVersion": _semantic(__version__),
        "shortDescription": {"text": "Checks machine-learning products against the requirements of AWS Marketplace."},
        "rules": rules,
    }
    if report.requirements:
        driver["supportedTaxonomies"] = [taxonomy_reference()]
    return driver


def _semantic(version: str) -> str:
    """A version of Python packaging in the form of Semantic Versioning: `1.2.0rc1` becomes `1.2.0-rc.1`."""
    found = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?(?:\.?(a|b|rc|dev)(\d+))?", version)
    if not found:
        return version
    major, minor, patch, stage, number = found.groups()
    return f"{major}.{minor}.{patch or 0}" + (f"-{stage}.{number}" if stage else "")


def _source_root(report: Report, root: str | None) -> dict[str, Any]:
    """Where the URIs start; without a URI when the folder is not known."""
    described: dict[str, Any] = {"description": {"text": "The folder that all paths are relative to."}}
    for folder in (root, report.base):
        # Only a root that holds the base was used for the paths.
        if folder and PurePath(folder).is_absolute() and PurePath(report.base).is_relative_to(folder):
            path = PurePath(folder).as_posix().rstrip("/")
            # `/C:/work` on Windows: the colon of a drive stays as it is.
            drive, _, rest = path.partition(":") if re.match(r"[A-Za-z]:", path) else ("", "", path)
            quoted = uri_path(rest).removeprefix("file://")
            return {"uri": f"file:///{drive}:{quoted}/" if drive else f"file://{quoted}/", **described}
    return described


def _artifacts(report: Report, root: str | None) -> list[dict[str, Any]]:
    listed = []
    images = {
        each.path.removesuffix(CONFIGURATION): number
        for number, each in enumerate(report.artifacts)
        if each.kind == "image"
    }
    for number, artifact in enumerate(report.artifacts):
        image = next((each for each in images if artifact.path.startswith(each)), None)
        if image is None:
            location = location_of(path_from(root, report, artifact.path))
        elif images[image] == number:
            location = location_of(path_from(root, report, image.removesuffix("!/")))
        else:  # a file that is nested in another has its path inside of it
            location = {"uri": uri_path(artifact.path[len(image) - 1 :]).removeprefix("file://")}
        entry: dict[str, Any] = {
            "location": {**location, "index": number},
            "roles": ["analysisTarget"],
            "length": artifact.size,
        }
        if image is not None and images[image] != number:
            entry["parentIndex"] = images[image]
        mime = _MIME_TYPES_BY_KIND.get(artifact.kind) or _MIME_TYPES.get(PurePath(artifact.path).suffix.lower())
        if mime:
            entry["mimeType"] = mime
        listed.append({**entry, "properties": {"kind": artifact.kind}})
    return listed


def _invocation(report: Report, places: Places, findings: list[Finding], kept: int) -> dict[str, Any]:
    notifications = [_notification(notice, places) for notice in report.notices]
    if kept < len(findings):
        notifications.append(
            {
                "level": "warning",
                "message": {
                    "text": f"{len(findings) - kept:,} of {len(findings):,} findings are left out, the mildest ones: "
                    f"GitHub keeps {SARIF_RESULTS_KEPT:,} results and refuses files above 10 MB. "
                    "The JSON report has all of them."
                },
            }
        )
    if report.error is not None:
        text = f"Something inside mllint failed: {shorten(report.error, SARIF_MESSAGE)}"
        notifications.append({"level": "error", "message": {"text": message_safe(text)}})
    made: dict[str, Any] = {"executionSuccessful": report.error is None, "exitCode": report.exit_code}
    if notifications:
        made["toolExecutionNotifications"] = notifications
    return made


def _notification(notice: Notice, places: Places) -> dict[str, Any]:
    # The code has no descriptor in the driver: GitHub would want the whole description of a rule for it.
    made: dict[str, Any] = {
        "descriptor": {"id": notice.code},
        "level": notice.level if notice.level in _NOTIFICATION_LEVELS else "note",
        "message": {"text": message_safe(shorten(notice.message, SARIF_MESSAGE)) or notice.code},
    }
    if notice.path:
        location = Location(notice.path, notice.span or Span())
        physical = places.physical(location, False)
        if notice.span is None:
            del physical["region"]
        made["locations"] = [{"physicalLocation": physical}]
    return made
