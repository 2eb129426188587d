"""Which Dockerfile a step of a build pipeline builds, and whether that is an image for SageMaker."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from linter.model import CONFIGURATION, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from linter.model import Fact

_HIDDEN = (".github/workflows", ".circleci")
"""Folders of pipelines that work in the folder above."""


def settle_pipelines(facts: Sequence[Fact]) -> list[Fact]:
    """`image.build` facts with what the Dockerfiles of the run say about their images."""
    purposes: dict[str, str] = {}
    for fact in facts:
        if fact.kind == "image.start" and fact["last"] and not fact["dockerfile"].endswith(f"/{CONFIGURATION}"):
            purposes[fact["dockerfile"]] = fact["purpose"]
    return [
        fact.with_fields(for_sagemaker=_is_for(fact, purposes)) if fact.kind == "image.build" else fact
        for fact in facts
    ]


def _is_for(build: Fact, purposes: dict[str, str]) -> str:
    """Whether a step builds an image for SageMaker: yes, no or unknown."""
    dockerfile = _dockerfile(build, purposes)
    purpose = purposes.get(dockerfile, UNKNOWN) if dockerfile is not None else UNKNOWN
    return {"sagemaker": "yes", "other": "no"}.get(purpose, UNKNOWN)


def _dockerfile(build: Fact, purposes: dict[str, str]) -> str | None:
    """The Dockerfile of a step, by the pipeline's folder, else the only one that fits; None when it is not known."""
    file, context = build["dockerfile"], build["context"] or "."
    if file == UNKNOWN or (file is None and context == UNKNOWN):
        return None
    folder = posixpath.dirname(build.location.path)
    hidden = next((each for each in _HIDDEN if folder == each or folder.endswith(f"/{each}")), None)
    root = folder.removesuffix(hidden).rstrip("/") if hidden else folder
    wanted = posixpath.normpath(
        posixpath.join(root, file if file is not None else posixpath.join(context, "Dockerfile"))
    )
    if wanted in purposes:
        return wanted
    name = posixpath.basename(wanted)
    same = [path for path in purposes if posixpath.basename(path) == name]
    return same[0] if len(same) == 1 and len(purposes) == 1 else None
