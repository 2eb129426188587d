"""Whether an image that nobody has built yet can use the GPUs and Neuron devices of the instance types beside it."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.assemble.bases import is_plain
from linter.assemble.requirement_files import meant_by
from linter.lazy import compiled
from linter.model import CONFIGURATION, UNKNOWN, Fact
from linter.references.distributions import normal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from linter.knowledge import Knowledge

YES, NO = "yes", "no"
_LISTS = {
    "training": frozenset({"training", "validation_training"}),
    "inference": frozenset({"transform", "realtime", "validation_transform"}),
}
_NAME = compiled(r"([A-Za-z0-9][A-Za-z0-9._-]{0,100})(?:\[([^\]]{0,100})\])?(?:[=<>!~]=?=?([^,; ]{1,60}))?")


class _Install(NamedTuple):
    """A distribution that a step installs: its name, version and extras."""

    name: str
    version: str = ""
    extras: str = ""


def image_accelerators(facts: Sequence[Fact], knowledge: Knowledge) -> Iterator[Fact]:
    """An `image.accelerator` for each Dockerfile's image of which requests say on what it shall run."""
    starts = [
        fact
        for fact in facts
        if fact.kind == "image.start" and fact["last"] and fact["purpose"] != "other"
        if not fact["dockerfile"].endswith(f"/{CONFIGURATION}")
    ]
    named = [
        fact
        for fact in facts
        if fact.kind == "manifest.instance_type" and fact["known"] == "own" and fact["marketplace"] != NO
    ]
    families: Mapping[str, Any] = knowledge.get("instance_types.in_families")
    for start in starts if named else ():
        lists = _LISTS.get(start["role"], frozenset() if len(starts) > 1 else _LISTS["training"] | _LISTS["inference"])
        if start["role"] == "both":
            lists = _LISTS["training"] | _LISTS["inference"]
        types = sorted({fact["value"] for fact in named if fact["list"] in lists})
        bases = [f for f in facts if f.kind == "dockerfile.from" and f.location.path == start["dockerfile"]]
        bases = [each for each in bases if start["stage"] in each["images"] and each["base"] == "image"]
        if types and bases:
            image = _Image(start, bases[-1], facts, knowledge)
            gpu, evidence = image.gpu()
            fields = {
                "dockerfile": start["dockerfile"],
                "gpu": gpu,
                "gpu_evidence": evidence,
                "cpu_only_framework": image.cpu_only() if gpu != YES else None,
                "neuron": image.neuron(),
                "instance_types": types,
                "gpu_types": [each for each in types if each in families["gpu"]],
                "neuron_types": [each for each in types if each in families["neuron"]],
                "manifest": named[0].location.path,
                "scope": "container",
            }
            yield Fact("image.accelerator", bases[-1].location, fields)


class _Image:
    """What the steps of an image bring."""

    def __init__(self, start: Fact, base: Fact, facts: Sequence[Fact], knowledge: Knowledge) -> None:
        self.start, self.base, self.knowledge = start, base, knowledge
        self.table: Mapping[str, Any] = knowledge.get("images.gpu_evidence")
        self.commands = [
            fact
            for fact in facts
            if fact.kind == "dockerfile.command" and fact.location.path == start["dockerfile"]
            if start["stage"] in fact["images"]
        ]
        self.files = [fact for fact in facts if fact.kind == "requirements.file"]
        copies = (f for f in facts if f.kind == "dockerfile.copy" and f.location.path == start["dockerfile"])
        self.takes = any(f["from_kind"] != "context" for f in copies if start["stage"] in f["images"])
        """Whether it takes files of other images, with libraries among them perhaps."""
        self.complete = not self.takes
        """Whether all that is installed is seen."""
        self.installs = list(self._installs())
        self.text = " ".join([str(start["base"]), *(each["text"] for each in self.commands)]).lower()

    def gpu(self) -> tuple[str, str | None]:
        """Whether the image can use a GPU, and what tells so."""
        if self.start["supports_gpu"] == YES:
            return YES, f"the base {self.start['base']}"
        for each in self.installs:
            if each.name in self.table["distributions"]:
                return YES, f"the package {each.name}"
        if any(word in self.text for word in self.knowledge.get("product.gpu_words")):
            return UNKNOWN, None
        names = {each.name for each in self.installs}
        known = self.complete and bool(names) and names <= {*self.table["processor_distributions"]}
        return (NO if known and self._is_plain() else UNKNOWN), None

    def cpu_only(self) -> str | None:
        """A framework that was built for processors, where no other framework may use a GPU."""
        by_index = any(each in self.text for each in self.table["cpu_indexes"])
        found = None
        for each in self.installs:
            is_cpu = any(mark in each.version for mark in self.table["cpu_version_marks"])
            is_cpu = is_cpu or each.name in self.table["cpu_distributions"] or each.extras == "cpu"
            is_cpu = is_cpu or (by_index and each.name in self.table["indexed"])
            if is_cpu:
                found = found or (f"{each.name} {each.version}" if each.version else each.name)
            elif each.name in self.table["frameworks"] or "gpu" in each.name or "cuda" in f"{each.name} {each.extras}":
                return None
        return found if self._is_plain() and not self.takes else None

    def neuron(self) -> str:
        """Whether the image has the libraries of Neuron devices."""
        if "neuron" in self.text or any("neuron" in each.name for each in self.installs):
            return YES
        known = self._is_plain() or self.base["owner_group"] == "deep_learning_container"
        return NO if known and self.complete else UNKNOWN

    def _is_plain(self) -> bool:
        return is_plain(self.base, self.knowledge)

    def _installs(self) -> Iterator[_Install]:
        harmless = frozenset(self.knowledge.get("container.harmless_build_programs"))
        managers = self.knowledge.get("package_managers.managers")
        of_system = {
            each for name in self.knowledge.get("package_managers.of_system") for each in managers[name]["programs"]
        }
        for command in self.commands:
            words = command["arguments"]
            if command["program"] not in harmless and not command["program"].startswith("python"):
                self.complete = False
            if "install" not in words or command["program"] in of_system:
                continue
            at = words.index("install")
            for number in range(at + 1, len(words)):
                word, before = words[number], words[number - 1]
                if before in ("-r", "--requirement"):
                    yield from self._of_file(word)
                elif word == UNKNOWN or "/" in word or word in (".", "-e"):
                    self.complete = self.complete and ("://" in word or before.startswith("-"))
                elif not word.startswith("-") and (match := _NAME.fullmatch(word)):
                    yield _Install(normal(match[1]), match[3] or "", match[2] or "")

    def _of_file(self, word: str) -> Iterator[_Install]:
        """What a file of requirements names, where only one below the Dockerfile's folder has its name."""
        file = meant_by(word, self.start["dockerfile"], self.files)
        if file is None:
            self.complete = False
            return
        beside = [each for each in self.files if posixpath.dirname(each["path"]) == posixpath.dirname(file["path"])]
        if len(beside) > 1:
            self.complete = False  # one file may name another one
        for name in file["distributions"]:
            yield _Install(normal(name), file["pins"].get(name, ""))
