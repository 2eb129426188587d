"""Software that an image installs and that looks for the network by itself, and whether it is told not to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.model import UNKNOWN, Fact

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from linter.assemble.start import Start
    from linter.knowledge import Knowledge
    from linter.model import Location

_INSTALLERS = ("pip", "uv", "poetry", "conda", "mamba", "micromamba", "pdm", "pipenv")
_END_OF_NAME = re.compile(r"[=<>!~;@\[ ]")


def image_libraries(facts: Sequence[Fact], starts: Sequence[Start], knowledge: Knowledge) -> list[Fact]:
    """`image.library` facts: one for each software of the table `model_files.probing` that an image installs."""
    if not starts:
        return []
    files = [fact for fact in facts if fact.kind == "requirements.file" and fact["installed_in_build"] == "yes"]
    purposes = {(fact["dockerfile"], fact["stage"]): fact["purpose"] for fact in facts if fact.kind == "image.start"}
    usage = _Usage(
        _imported(facts),
        {fact["category"] for fact in facts if fact.kind == "python.call" and fact["offline"] == "yes"},
        [fact["text"] for fact in facts if fact.kind == "shell.command" and fact["scope"] == "container"],
        {fact["key"]: fact["value"] for fact in facts if fact.kind == "manifest.environment"},
    )
    found = []
    for start in starts:
        installed = dict(reversed(list(_installed(start, files))))
        for software in knowledge.get("model_files.probing"):
            name = next((each for each in software["distributions"] if each in installed), None)
            if name is None or not usage.may_use(software):
                continue
            fields = {
                "dockerfile": start.build.dockerfile,
                "library": software["library"],
                "distribution": name,
                "switch": software["switch"],
                "installs": software.get("installs", False),
                "state": usage.state(software, start.image["env"], knowledge),
                "last": start.image["last"],
                "purpose": purposes.get((start.build.dockerfile, start.stage), UNKNOWN),
            }
            found.append(Fact("image.library", installed[name], fields))
    return found


class _Usage(NamedTuple):
    """What the product's programs and requests say about libraries and their switches."""

    imported: set[str] | None
    """Packages that Python code imports; None when that is not known."""
    offline: set[str]
    """Categories of calls that stay offline, as the code says before them."""
    commands: list[str]
    requested: Mapping[str, Any]
    """Variables that requests set."""

    def may_use(self, software: Mapping[str, Any]) -> bool:
        """Whether a program may use some software: not when all programs are known and none imports it."""
        return self.imported is None or "modules" not in software or not self.imported.isdisjoint(software["modules"])

    def state(self, software: Mapping[str, Any], environment: Mapping[str, str], knowledge: Knowledge) -> str:
        """Whether a variable, a start script or the code itself keeps the software offline."""
        offline: Mapping[str, Sequence[str]] = knowledge.get("container.offline_environment")
        values = {**self.requested, **environment}
        known = {name: values[name] for name in software["variables"] if name in values}
        if any(str(value).lower() in map(str.lower, offline.get(name, ())) for name, value in known.items()):
            return "set"
        if any(f"{name}=" in text for text in self.commands for name in software["variables"]):
            return "set"
        if software.get("category") in self.offline:
            return "set"
        return UNKNOWN if UNKNOWN in known.values() else "unset"


def _installed(start: Start, files: Sequence[Fact]) -> Iterator[tuple[str, Location]]:
    """Distributions that steps of the image install, each with the place that says so."""
    for command in start.build.commands:
        words = command["arguments"]
        if start.stage not in command["images"] or not {"install", "add"} & set(words):
            continue
        if not any(word.rpartition("/")[2].startswith(_INSTALLERS) for word in (command["program"], *words)):
            continue
        for word in words:
            if not word.startswith("-"):
                yield _END_OF_NAME.split(word, maxsplit=1)[0].lower().replace("_", "-"), command.location
    for file in files:
        if start.build.image_paths(file.location.path) or len(files) == 1:
            for name in file["distributions"]:
                yield name, file.location


def _imported(facts: Sequence[Fact]) -> set[str] | None:
    """Packages that the product's Python code imports; None when that is not known."""
    modules = [fact for fact in facts if fact.kind == "python.module"]
    if not modules or any(module["parsed"] != "full" for module in modules):
        return None
    return {each["module"].partition(".")[0] for module in modules for each in module["imports"] if not each["level"]}
