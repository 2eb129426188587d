"""Files that steps of a Dockerfile link, copy, rename or remove inside the image: under which names, and from where."""

from __future__ import annotations

import posixpath
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from linter.model import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from linter.assemble.stages import Stages
    from linter.model import Fact

_LINK, _REMOVE = "ln", "rm"
_PLACERS = frozenset({_LINK, "cp", "mv"})
_REMOVALS = 200
"""Paths that the steps of a stage remove, at most."""
_ROUNDS = 4
"""Links that lead to links, at most."""


class Placed(NamedTuple):
    """A step that puts what stands at `source` to `target`, or into it when that is a folder. Absolute paths."""

    step: Fact
    source: str
    target: str

    @property
    def names(self) -> tuple[str, str]:
        """The paths that the file may have afterwards."""
        return self.target, posixpath.join(self.target, posixpath.basename(self.source))


class Moves:
    """What the steps of one Dockerfile move."""

    def __init__(self, facts: Sequence[Fact], stages: Stages) -> None:
        self._stages = stages
        self._commands = [fact for fact in facts if fact.kind == "dockerfile.command"]
        self._runs = [fact for fact in facts if fact.kind == "dockerfile.run"]
        self._folders = [fact for fact in facts if fact.kind == "dockerfile.workdir"]
        self._steps: dict[int, list[Placed]] = {}
        self._removed: dict[int, list[tuple[Fact, str]]] = {}

    def by(self, step: Fact, stage: int) -> Placed | None:
        """What a step of a stage's image moves, when it is known."""
        return next((each for each in self._of(stage) if each.step is step), None)

    def to(self, path: str, stage: int) -> Placed | None:
        """The last step of a stage's image that puts something to a path."""
        return next((each for each in reversed(self._of(stage)) if path in each.names), None)

    def itself(self, path: str, stage: int) -> str:
        """The path behind links: a program finds what lies beside the file, not beside the link."""
        for _ in range(_ROUNDS):
            placed = self.to(path, stage)
            if placed is None or placed.step["program"] != _LINK:
                break
            path = placed.source
        return path

    def names(self, path: str, stage: int) -> set[str]:
        """All paths that a file has, had or may be reached by."""
        found = {path}
        for _ in range(_ROUNDS):
            for each in self._of(stage):
                if found.intersection((each.source, *each.names)):
                    found.update((each.source, *each.names))
        return found

    def removals(self, path: str, after: Fact) -> list[Fact]:
        """The steps that remove a path, behind an instruction of their stage."""
        stage = after["stage"]
        if stage not in self._removed:
            own = [each for each in self._commands if each["program"] == _REMOVE and each["stage"] == stage]
            removed = ((each, gone) for each in own for gone in self._gone(each, stage))
            self._removed[stage] = list(islice(removed, _REMOVALS))
        span = after.location.span
        return [
            step
            for step, gone in self._removed[stage]
            if step.location.span > span and (path == gone or path.startswith(f"{gone}/"))
        ]

    def _gone(self, command: Fact, stage: int) -> Iterator[str]:
        """The absolute paths that a step removes, with all below them."""
        for word in command["arguments"]:
            inside = word.removesuffix("/*")  # all that a folder holds
            if word.startswith("-") or word == UNKNOWN or any(each in inside for each in "*?[$~"):
                continue
            path = _joined(self._workdir(command, stage), inside)
            if path is not None and path != "/":
                yield path

    def _of(self, stage: int) -> list[Placed]:
        if stage not in self._steps:
            own = [command for command in self._commands if self._stages.holds(command, stage)]
            self._steps[stage] = [placed for command in own for placed in self._placed(command, stage)]
        return self._steps[stage]

    def _placed(self, command: Fact, stage: int) -> Iterator[Placed]:
        """Of a step with one source. What it takes from a folder that is not known says nothing."""
        if command["program"] not in _PLACERS:
            return
        words = [word for word in command["arguments"] if not word.startswith("-")]
        if len(words) != 2 or UNKNOWN in words or any(character in "".join(words) for character in "*?[$~"):
            return
        here = self._workdir(command, stage)
        target = _joined(here, words[1])
        start = posixpath.dirname(target) if command["program"] == _LINK and target else here
        source = _joined(start, words[0])
        if source and target and source != target:
            yield Placed(command, source, target)

    def _workdir(self, command: Fact, stage: int) -> str | None:
        line = command.location.span.line
        run = next((each for each in reversed(self._runs) if each.location.span.line <= line), None)
        first = run.location.span.line if run is not None else line
        if any(each["program"] == "cd" and first <= each.location.span.line <= line for each in self._commands):
            return None
        own = [each for each in self._folders if self._stages.holds(each, stage)]
        before = [each for each in own if each.location.span.line < line]
        folder = before[-1]["path"] if before else "/"
        return None if folder == UNKNOWN else folder


def _joined(folder: str | None, word: str) -> str | None:
    if word.startswith("/"):
        return posixpath.normpath(word)
    return None if folder is None else posixpath.normpath(posixpath.join(folder, word))
