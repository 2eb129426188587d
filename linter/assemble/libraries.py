"""Software that an image installs and that looks for the network by itself, and whether it is told not to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.model import UNKNOWN, Fact
from linter.references.distributions import normal
from linter.references.patterns import matches_glob

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from linter.assemble.build import Build
    from linter.assemble.start import Start
    from linter.knowledge import Knowledge
    from linter.model import Location

"""Words by which a project tool installs what its files name."""
_END_OF_NAME = re.compile(r"[=<>!~;@\[ ]")
_PINNED = re.compile(r"==[ ]*([0-9][0-9.]*)")
_CONFIGURED = "config"
INSTALLED, BASE = "installed", "base"


class Installed(NamedTuple):
    """A distribution in an image: where that is said, which version is asked for exactly, and what brings it."""

    place: Location
    version: str | None = None
    by: str = INSTALLED


def image_libraries(facts: Sequence[Fact], starts: Sequence[Start], knowledge: Knowledge) -> list[Fact]:
    """`image.library` facts: one for each software of the table `model_files.probing` that an image installs."""
    if not starts:
        return []
    files = _Files(
        [fact for fact in facts if fact.kind == "requirements.file" and fact["installed_in_build"] == "yes"],
        [fact for fact in facts if fact.kind == "project.locked"],
    )
    purposes = {(fact["dockerfile"], fact["stage"]): fact["purpose"] for fact in facts if fact.kind == "image.start"}
    usage = _Usage(
        _imported(facts),
        {fact["category"] for fact in facts if fact.kind == "python.call" and fact["offline"] == "yes"},
        [fact["text"] for fact in facts if fact.kind == "shell.command" and fact["scope"] == "container"],
        {fact["key"]: fact["value"] for fact in facts if fact.kind == "manifest.environment"},
        _switched_off(facts),
        _undecided(facts),
    )
    found = []
    for start in starts:
        installed = dict(reversed([*_installed(start, files, knowledge), *_of_base(start, knowledge)]))
        for software in knowledge.get("model_files.probing"):
            name = next((each for each in software["distributions"] if each in installed), None)
            if name is None or not usage.may_use(software) or _is_older(installed[name], software):
                continue
            fields = {
                "dockerfile": start.build.dockerfile,
                "library": software["library"],
                "distribution": name,
                "version": installed[name].version,
                "by": installed[name].by,
                "switch": software["switch"],
                "installs": software.get("installs", False),
                "state": usage.state(software, start.image["env"], knowledge),
                "switched_on": usage.switches_on(software, installed),
                "last": start.image["last"],
                "purpose": purposes.get((start.build.dockerfile, start.stage), UNKNOWN),
            }
            found.append(Fact("image.library", installed[name].place, fields))
    return found


def _switched_off(facts: Sequence[Fact]) -> set[str]:
    """Variables that the product's own code sets so that a library stays offline."""
    modules = [fact for fact in facts if fact.kind == "python.module" and not fact["seller_side"]]
    return {name for module in modules for name in module["switched_off"]}


def _undecided(facts: Sequence[Fact]) -> set[str]:
    """Calls that leave out the argument which would say whom they report to."""
    return {
        fact["api"]
        for fact in facts
        if fact.kind == "python.call"
        and fact["mode"] == _CONFIGURED
        and fact["argument"] is None
        and not fact["arguments"]["spread"]
    }


def with_silenced(facts: Sequence[Fact], starts: Sequence[Start], knowledge: Knowledge) -> list[Fact]:
    """The facts with `silenced` filled in for commands behind launchers that report to a monitoring service."""
    switches: Mapping[str, Sequence[str]] = knowledge.get("container.launcher_switches")
    if not any(fact.kind == "shell.command" and not switches.keys().isdisjoint(fact["wrapped_by"]) for fact in facts):
        return list(facts)
    offline: Mapping[str, Sequence[str]] = knowledge.get("container.offline_environment")
    requested = {fact["key"]: fact["value"] for fact in facts if fact.kind == "manifest.environment"}
    settled = []
    for fact in facts:
        if fact.kind == "shell.command":
            names = {name for wrapper in fact["wrapped_by"] for name in switches.get(wrapper, ())}
            texts = _texts_beside(fact, facts) if names else ()
            worlds = [{**requested, **start.image["env"]} for start in starts] or [requested]
            off = all(any(values.get(name) in offline[name] for name in names) for values in worlds)
            said = any(f"{name}={value}" in text for name in names for value in offline[name] for text in texts)
            fact = fact.with_fields(silenced=bool(names) and (off or said))
        settled.append(fact)
    return settled


def _texts_beside(command: Fact, facts: Sequence[Fact]) -> list[str]:
    """The commands of the script that a command stands in, quotes taken off."""
    beside = (fact for fact in facts if fact.kind == "shell.command" and fact.location.path == command.location.path)
    return [fact["text"].replace('"', "").replace("'", "") for fact in beside]


class _Usage(NamedTuple):
    """What the product's programs and requests say about libraries and their switches."""

    imported: set[str] | None
    """Packages that Python code imports; None when that is not known."""
    offline: set[str]
    """Categories of calls that stay offline, as the code says before them."""
    commands: list[str]
    requested: Mapping[str, Any]
    """Variables that requests set."""
    switched_off: set[str]
    """Switches that the product's code sets."""
    undecided: set[str]
    """Calls that may report to every tracker that is installed."""

    def may_use(self, software: Mapping[str, Any]) -> bool:
        """Whether a program may use some software: not when all programs are known and none imports it."""
        return self.imported is None or "modules" not in software or not self.imported.isdisjoint(software["modules"])

    def switches_on(self, software: Mapping[str, Any], installed: Mapping[str, Installed]) -> bool:
        """Whether code uses a library in a release that reports to this software because it is installed."""
        told = software.get("switched_on_by")
        if told is None or self.undecided.isdisjoint(told["calls"]):
            return False
        version = installed[told["library"]].version if told["library"] in installed else None
        return version is not None and _numbers(version) < _numbers(told["before"])

    def state(self, software: Mapping[str, Any], environment: Mapping[str, str], knowledge: Knowledge) -> str:
        """Whether a variable, a start script or the code itself keeps the software offline."""
        offline: Mapping[str, Sequence[str]] = knowledge.get("container.offline_environment")
        values = {**self.requested, **environment}
        known = {name: values[name] for name in software["variables"] if name in values}
        if any(str(value).lower() in map(str.lower, offline.get(name, ())) for name, value in known.items()):
            return "set"
        if any(f"{name}=" in text for text in self.commands for name in software["variables"]):
            return "set"
        if software.get("category") in self.offline or not self.switched_off.isdisjoint(software["variables"]):
            return "set"
        return UNKNOWN if UNKNOWN in known.values() else "unset"


class _Files(NamedTuple):
    """Files of the product that name distributions."""

    requirements: Sequence[Fact]
    locked: Sequence[Fact]


def _of_base(start: Start, knowledge: Knowledge) -> Iterator[tuple[str, Installed]]:
    """Distributions that the base image is known to bring."""
    for base in start.build.facts:
        if base.kind != "dockerfile.from" or start.stage not in base["images"] or base["base"] != "image":
            continue
        for entry in knowledge.get("model_files.brought_by_bases"):
            if matches_glob(entry["match"], base["repository"] or ""):
                yield from ((name, Installed(base.location, None, BASE)) for name in entry["distributions"])


def _installed(start: Start, files: _Files, knowledge: Knowledge) -> Iterator[tuple[str, Installed]]:
    """Distributions that steps of the image install, each with the place that says so."""
    projects = False
    installers = tuple(knowledge.get("package_managers.of_python"))
    steps = frozenset(knowledge.get("package_managers.project_steps"))
    for command in start.build.commands:
        words = command["arguments"]
        if start.stage not in command["images"]:
            continue
        if not any(word.rpartition("/")[2].startswith(installers) for word in (command["program"], *words)):
            continue
        projects = projects or not steps.isdisjoint(words)
        for word in words if {"install", "add"} & set(words) else ():
            if not word.startswith("-"):
                pinned = _PINNED.search(word)
                name = normal(_END_OF_NAME.split(word, maxsplit=1)[0])
                yield name, Installed(command.location, pinned[1] if pinned else None)
    for file in files.requirements:
        if start.build.image_paths(file.location.path) or len(files.requirements) == 1:
            for name in file["distributions"]:
                yield name, Installed(file.location, file["pins"].get(name))
    for file in files.locked:
        if projects and _is_taken(start.build, file, knowledge.get("programs.project_tools")):
            for name in file["distributions"]:
                yield name, Installed(file.location)


def _is_taken(build: Build, file: Fact, tools: Mapping[str, Sequence[str]]) -> bool:
    """Whether an image takes a file of a project along, and a step of it names the file or a tool that looks for it."""
    path = file.location.path
    name = path.rpartition("/")[2]
    if not build.image_paths(path):
        return False
    if name.lower().endswith((".yml", ".yaml")):
        return any(name in " ".join(command["arguments"]) for command in build.commands)
    tool = tuple(tools.get(name.lower(), tools["pyproject.toml"]))
    return any(
        command["program"].startswith(tool)
        and ("." in command["arguments"] or not command["program"].startswith("pip"))
        for command in build.commands
    )


def _is_older(found: Installed, software: Mapping[str, Any]) -> bool:
    """Whether a release is asked for that does not look for the network yet."""
    since = software.get("since")
    return since is not None and found.version is not None and _numbers(found.version) < _numbers(since)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isascii() and part.isdigit())[:4]


def _imported(facts: Sequence[Fact]) -> set[str] | None:
    """Packages that the product's Python code imports; None when that is not known."""
    modules = [fact for fact in facts if fact.kind == "python.module"]
    if not modules or any(module["parsed"] != "full" for module in modules):
        return None
    return {each["module"].partition(".")[0] for module in modules for each in module["imports"] if not each["level"]}
