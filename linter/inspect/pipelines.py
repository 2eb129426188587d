"""Reads build pipelines as far as they push images: workflows of GitHub and others, specifications of CodeBuild.

Only builds with BuildKit's `buildx` matter: it alone makes an index of several images or adds attestations by itself.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.inspect.text import NotText, Source
from linter.model import UNKNOWN, Fact, Inspection, Location, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from linter.document import Document
    from linter.document.base import Pointer
    from linter.knowledge import Knowledge
    from linter.model import Artifact

_MOST_VALUES = 4000
"""Values of one pipeline that are looked at."""
_DEEPEST = 12
_EXPRESSION = re.compile(r"\$\{\{[^{}]{0,300}\}\}")
_SPLIT = re.compile(r"[,\s]+")


class _Job(NamedTuple):
    """What the steps of a job share: the variables set for them, whether they log in to ECR and make a builder."""

    variables: Mapping[str, str]
    to_ecr: bool
    has_builder: bool


def inspect(artifact: Artifact, data: bytes, knowledge: Knowledge) -> Inspection:
    """One fact `image.build` for each step that builds with buildx; none when the file is no YAML. Never raises."""
    from linter.document import DocumentError, load_documents

    try:
        source = Source(artifact.path, data)
        documents = load_documents(source.text)
    except (NotText, DocumentError):
        return Inspection()
    found = [fact for document in documents for fact in _Pipeline(document, source, knowledge).facts()]
    return Inspection(tuple(found))


class _Pipeline:
    def __init__(self, document: Document, source: Source, knowledge: Knowledge) -> None:
        self.document, self.source, self.knowledge = document, source, knowledge
        self.table: Mapping[str, Any] = knowledge.get("images.pipelines")
        self.left = _MOST_VALUES

    def facts(self) -> Iterator[Fact]:
        jobs = self.document.value.get("jobs") if isinstance(self.document.value, dict) else None
        shared = _variables(self.document.value)
        if isinstance(jobs, dict) and any(isinstance(each, dict) and "steps" in each for each in jobs.values()):
            for name, job in jobs.items():
                if isinstance(job, dict):
                    yield from self._walk(job, ("jobs", name), self._job(job, shared), 0)
        else:
            yield from self._walk(self.document.value, (), self._job(self.document.value, shared), 0)

    def _job(self, value: Any, shared: Mapping[str, str]) -> _Job:
        text = str(value)[:200_000]
        builder = any(each in text for each in self.table["builder_signs"])
        to_ecr = any(each in text for each in self.table["ecr_signs"])
        return _Job({**shared, **_variables(value)}, to_ecr, builder)

    def _walk(self, value: Any, pointer: Pointer, job: _Job, level: int) -> Iterator[Fact]:
        """All steps below a value: mappings that use an action, and texts that are commands."""
        self.left -= 1
        if self.left < 0 or level > _DEEPEST:
            return
        if isinstance(value, dict):
            variables = _variables(value)
            job = job._replace(variables={**job.variables, **variables}) if variables else job
            action = str(value.get("uses") or "").partition("@")[0]
            if action in self.table["actions"]:
                yield self._action(value, pointer, job)
                return
            for key, each in value.items():
                yield from self._walk(each, (*pointer, key), job, level + 1)
        elif isinstance(value, list):
            for number, each in enumerate(value):
                yield from self._walk(each, (*pointer, number), job, level + 1)
        elif isinstance(value, str) and "buildx" in value:
            yield from self._commands(value, pointer, job)

    # --- actions

    def _action(self, step: Mapping[str, Any], pointer: Pointer, job: _Job) -> Fact:
        given = step.get("with") if isinstance(step.get("with"), dict) else {}
        given = given or {}
        outputs = str(given.get("outputs") or "")
        pushes = _truth(given.get("push"), "type=registry" in outputs or "push=true" in outputs)
        fields = {
            "form": "action",
            "pushes": pushes,
            "attestations": self._attestations(given, outputs, job),
            "platforms": _listed(given.get("platforms")),
            "to_ecr": job.to_ecr or any(each in str(given.get("tags")) for each in self.table["ecr_signs"]),
            "dockerfile": _path(given.get("file")),
            "context": _path(given.get("context")),
            "for_sagemaker": UNKNOWN,
        }
        return Fact("image.build", Location(self.source.path, self.document.span((*pointer, "uses"))), fields)

    def _attestations(self, given: Mapping[str, Any], outputs: str, job: _Job) -> str:
        """BuildKit adds provenance to what a builder of its own pushes, unless told otherwise."""
        told = [str(given[each]).lower() for each in ("provenance", "sbom") if given.get(each) is not None]
        if any(each not in ("false", "0") and "${{" not in each for each in told):
            return "on"
        if any("${{" in each for each in told):
            return UNKNOWN
        kept = any(each in outputs for each in self.table["local_outputs"])
        if given.get("provenance") is not None or kept or "attests" in given:
            return "off" if "attests" not in given else UNKNOWN
        default = job.variables.get("BUILDX_NO_DEFAULT_ATTESTATIONS")
        if default is not None:
            return "off" if default.lower() in ("1", "true") else UNKNOWN
        return "on" if job.has_builder else UNKNOWN

    # --- commands

    def _commands(self, text: str, pointer: Pointer, job: _Job) -> Iterator[Fact]:
        from linter.inspect.shell.commands import parse_script
        from linter.inspect.shell.images import build

        plain = _EXPRESSION.sub(lambda match: "${" + "_" * (len(match[0]) - 3) + "}", text)
        for command in parse_script(plain).commands:
            if "buildx" not in command.arguments:
                continue
            found = build(command, job.variables, self.knowledge)
            if found.operation != "build":
                continue
            fields = {
                "form": "command",
                "pushes": bool(found.pushes),
                "attestations": found.attestations or UNKNOWN,
                "platforms": _listed(found.platform) if found.platform != UNKNOWN else UNKNOWN,
                "to_ecr": job.to_ecr or any(each in command.text for each in self.table["ecr_signs"]),
                "dockerfile": found.dockerfile,
                "context": found.build_context,
                "for_sagemaker": UNKNOWN,
            }
            yield Fact("image.build", Location(self.source.path, self._span(text, command.start, pointer)), fields)

    def _span(self, text: str, at: int, pointer: Pointer) -> Span:
        """The line of a command in a text of several lines as YAML writes it, else the place of the whole text."""
        whole = self.document.span(pointer)
        if not self.document.text_at(pointer, 1).startswith("|"):
            return whole
        lines = self.source.text.splitlines()
        line = whole.line + 1 + text.count("\n", 0, at)
        if line > len(lines):
            return whole
        written = lines[line - 1]
        return Span(line, len(written) - len(written.lstrip()) + 1, line, len(written) + 1)


def _variables(value: Any) -> dict[str, str]:
    """The variables that a pipeline, a job or a step sets."""
    found: dict[str, str] = {}
    for key in ("env", "variables"):
        inner = value.get(key) if isinstance(value, dict) else None
        if isinstance(inner, dict) and isinstance(inner.get("variables"), dict):
            inner = inner["variables"]  # CodeBuild has them below `env`
        if isinstance(inner, dict):
            found |= {
                str(name): str(each) for name, each in list(inner.items())[:200] if not isinstance(each, dict | list)
            }
    return {name: UNKNOWN if "${{" in each else each for name, each in found.items()}


def _truth(value: Any, default: bool) -> bool | str:
    if value is None:
        return default
    text = str(value).lower()
    return text == "true" if text in ("true", "false") else UNKNOWN


def _listed(value: Any) -> list[str] | str:
    """Platforms as they are given: in a list, or in a text with commas or lines."""
    if value is None:
        return []
    texts = value if isinstance(value, list) else _SPLIT.split(str(value))
    return UNKNOWN if any("$" in str(each) for each in texts) else sorted({str(each) for each in texts if each})


def _path(value: Any) -> str | None:
    if value is None:
        return None
    return UNKNOWN if "${{" in str(value) else str(value)
