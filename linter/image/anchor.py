"""Findings in built images and the places in the repository that stand for them: code hosts show only its own files."""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from linter.image.history import history_of
from linter.model import CONFIGURATION, Inside, Location

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from linter.image.model import BuiltImage
    from linter.model import Fact, Finding


def anchored(findings: Sequence[Finding], images: Sequence[BuiltImage], facts: Sequence[Fact]) -> list[Finding]:
    """Findings with those in images placed in the repository. What is told at a file of the repository already, the
    image's copy of it does not tell again.
    """
    known = {_cause(finding) for finding in findings if not _image_of(finding, images)}
    steps = [fact for fact in facts if fact.kind in ("dockerfile.copy", "dockerfile.run", "dockerfile.from")]
    masked = [fact for fact in facts if fact.kind == "image.step"]
    anchors = {image.root: _Anchors(image, steps, masked) for image in images}
    found = []
    for finding in findings:
        image = _image_of(finding, images)
        if image is None:
            found.append(finding)
        elif _cause(finding) not in known:
            found.append(replace(finding, inside=anchors[image.root].inside(finding.location.path)))
    return found


def _image_of(finding: Finding, images: Iterable[BuiltImage]) -> BuiltImage | None:
    path = finding.location.path
    return next((image for image in images if path.startswith(f"{image.root}/")), None)


def _cause(finding: Finding) -> tuple[str, str, str]:
    """What a finding has in common with the same one in a copy of its file. Of the configuration, which a Dockerfile
    makes, the rule alone.
    """
    name = posixpath.basename(finding.location.path)
    if name == CONFIGURATION or (finding.kind.startswith(("dockerfile.", "image.start"))):
        return finding.rule, "", ""
    return finding.rule, name, finding.message


class _Anchors:
    """Where the layers of one image come from."""

    def __init__(self, image: BuiltImage, steps: Sequence[Fact], masked: Sequence[Fact]) -> None:
        self._image = image
        own = [fact for fact in masked if fact.location.path == f"{image.root}/{CONFIGURATION}"]
        self._shown = {fact["layer"] - 1: fact["text"] for fact in own if fact["layer"] is not None}
        history = history_of(image.described.config, len(image.described.layers))
        told = [made.created_by for made in history if made.layer is not None]
        by_file: dict[str, list[Fact]] = {}
        for fact in steps:
            by_file.setdefault(fact.location.path, []).append(fact)
        tried = [[_place(text, own) for text in told] for own in by_file.values()]
        self._places = max(tried, key=lambda places: sum(each is not None for each in places), default=[])
        file = next((each.path for each in self._places if each), "")
        self._base = next((each.location for each in by_file.get(file, ()) if each.kind == "dockerfile.from"), None)

    def inside(self, path: str) -> Inside:
        """What stands for a path of the run that lies in the image."""
        inner = path[len(self._image.root) + 1 :]
        merged = self._image.merged
        entry = merged.entries.get(inner) if merged else None
        layers = self._image.described.layers
        made = self._places[entry.layer] if entry and entry.layer < len(self._places) else None
        layer = layers[entry.layer].digest if entry and entry.layer < len(layers) else None
        anchor = made or self._base or Location(self._image.name)
        shown = "" if inner == CONFIGURATION else f"/{inner}"
        text = self._shown.get(entry.layer) if entry else None  # a step as it is may hold a secret
        return Inside(self._image.name, shown, layer, text or None, anchor)


def _place(created_by: str, steps: Iterable[Fact]) -> Location | None:
    """Where the instruction stands that a step of the history tells of."""
    if not created_by:
        return None
    copied = re.search(r"(?:COPY|ADD)\s+(.*)", created_by)
    text = _plain(created_by)
    for fact in steps:
        if fact.kind == "dockerfile.run" and not copied and _plain(fact["text"]) in text and fact["text"].strip():
            return fact.location
        if fact.kind == "dockerfile.copy" and copied and _copies(copied.group(1), fact):
            return fact.location
    return None


def _copies(told: str, copy: Fact) -> bool:
    """Whether `SOURCES DESTINATION` of BuildKit, or `file:HASH in DESTINATION` of the classic builder, is a COPY."""
    words = told.removesuffix("# buildkit").split()
    if not words or copy["destination"] in ("unknown", None):
        return False
    same = posixpath.normpath(words[-1]) == posixpath.normpath(copy["destination"])
    return same and ("in" in words or copy["source"] in words)


def _plain(text: str) -> str:
    """A command without what builders put around it, and without blanks and continuation."""
    text = re.sub(r"^(?:RUN\s+)?(?:\|\d+\s+.*?\s)?/bin/sh -c\s+", "", text.removesuffix("# buildkit").strip())
    return "".join(text.replace("\\\n", "").split())
