"""What an image's configuration says: platform, user, environment, history. Any part of it may be anything."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from linter.image.facts.provenance import builtin_evidence
from linter.image.facts.steps import texts
from linter.model import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from linter.image.facts.packages import Package
    from linter.image.facts.view import View
    from linter.model import Fact

LONGEST = 200
MOST_VARIABLES = 1_000


def configuration_facts(view: View, packages: list[Package]) -> Iterator[Fact]:
    """`image.configuration`, and an `image.step` for each entry of the history. The inspector of Dockerfiles reads the
    variables and the start: see `configuration.py`.
    """
    config = view.described.config
    inner = config.get("config")
    settings = inner if isinstance(inner, dict) else {}
    variables = list(_variables(settings))
    yield view.fact(
        "image.configuration",
        os=_text(config.get("os")),
        architecture=_text(config.get("architecture")),
        variant=_text(config.get("variant")),
        created=_text(config.get("created")),
        user=_text(settings.get("User")) or None,
        workdir=_text(settings.get("WorkingDir")),
        entrypoint=_words(settings.get("Entrypoint")),
        cmd=_words(settings.get("Cmd")),
        stop_signal=_text(settings.get("StopSignal")),
        environment=[name for name, _ in variables],
        labels=_names(settings.get("Labels")),
        exposed=_names(settings.get("ExposedPorts")),
        volumes=_names(settings.get("Volumes")),
        onbuild=bool(settings.get("OnBuild")),
        builtin_evidence=builtin_evidence(view, settings.get("Labels")),
        steps=len(view.steps),
        **_hardware(view, packages, dict(variables)),
        instance_types=UNKNOWN,
        gpu_types=UNKNOWN,
        neuron_types=UNKNOWN,
        other_architecture_types=UNKNOWN,
        manifest=None,
    )
    for step in view.steps:
        yield view.fact(
            "image.step",
            number=step.number,
            text=step.text,
            layer=None if step.layer is None else step.layer + 1,
            secrets=list(step.secrets),
            key=step.key,
        )


def _variables(settings: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for variable in texts(settings.get("Env"), MOST_VARIABLES):
        name, sign, value = variable.partition("=")
        if sign and name:
            yield name, value


def _hardware(view: View, packages: list[Package], variables: dict[str, str]) -> dict[str, Any]:
    """Whether the image can use GPUs and Neuron devices, with what tells so."""
    known = view.knowledge.get("images.gpu_evidence")
    names = {each.name for each in packages if each.ecosystem in ("PyPI", "conda")}
    gpu = next((f"the variable {name}" for name in known["environment"] if variables.get(name)), None)
    gpu = gpu or next((f"the package {name}" for name in known["distributions"] if name in names), None)
    gpu = gpu or _file_evidence(view, known["files"])
    neuron = next((f"the package {name}" for name in known["neuron_distributions"] if name in names), None)
    cpu_only = _cpu_only(packages, known["cpu_version_marks"])
    read = view.merged is not None
    return {
        "gpu": "yes" if gpu else "no" if read else UNKNOWN,
        "gpu_evidence": gpu,
        "cpu_only_framework": cpu_only,
        "frameworks": sorted(names.intersection(known["frameworks"])) if read else UNKNOWN,
        "neuron": "yes" if neuron else "no" if read else UNKNOWN,
    }


def _file_evidence(view: View, patterns: Iterable[str]) -> str | None:
    if view.merged is None:
        return None
    pattern = re.compile("|".join(f"(?:{each})" for each in patterns))
    found = next((path for path in view.merged.entries if pattern.search(path) and "/stubs/" not in path), None)
    return f"the file /{found}" if found else None


def _cpu_only(packages: list[Package], marks: list[str]) -> str | None:
    for each in packages:
        if each.ecosystem == "PyPI" and each.version and any(mark in each.version for mark in marks):
            return f"{each.name} {each.version}"
    return None


def _text(value: Any) -> str | None:
    return value[:LONGEST] if isinstance(value, str) else None


def _words(value: Any) -> list[str] | None:
    """The words of an entry point; older images have one text."""
    if isinstance(value, str):
        return [value[:LONGEST]]
    return [word[:LONGEST] for word in texts(value)] if isinstance(value, list) else None


def _names(value: Any) -> list[str]:
    return sorted(str(name)[:LONGEST] for name in value)[:MOST_VARIABLES] if isinstance(value, dict) else []
