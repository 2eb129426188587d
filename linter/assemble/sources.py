"""Programs in other languages than Python and the shell: which of their files a start leads to."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Any

from linter.model import UNKNOWN, Location, Span, Step
from linter.tree import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from linter.assemble.start import Start
    from linter.knowledge import Knowledge
    from linter.model import Fact

_FILES = 2_000
"""Files of one product that are followed."""
_YES = "yes"


def settle_sources(facts: Sequence[Fact], starts: Sequence[Start], knowledge: Knowledge) -> list[Fact]:
    """Calls with whether a started program loads their file, and on which way."""
    if not starts or not any(fact.kind == "source.call" for fact in facts):
        return list(facts)
    languages: Mapping[str, Mapping[str, Any]] = knowledge.get("other_languages.languages")
    ways = _Followed(facts, languages, frozenset(knowledge.get("other_languages.test_folders")))
    for start in starts:
        ways.follow(start)
        ways.built(start)
    settled = []
    for fact in facts:
        if fact.kind == "source.call" and fact.location.path in ways.found and fact["scope"] in ("container", UNKNOWN):
            fact = fact.with_fields(reached=_YES).with_trace(ways.found[fact.location.path])
        settled.append(fact)
    return settled


class _Followed:
    """Files that starts lead to, each with the steps on the way."""

    def __init__(
        self, facts: Sequence[Fact], languages: Mapping[str, Mapping[str, Any]], tests: frozenset[str]
    ) -> None:
        self.languages, self.tests = languages, tests
        self.files = {fact.location.path: fact for fact in facts if fact.kind == "source.file"}
        self.known = {fact.location.path for fact in facts if fact.kind in ("source.file", "source.call")}
        self.commands = [fact for fact in facts if fact.kind == "shell.command" and fact["scope"] == "container"]
        self.found: dict[str, tuple[Step, ...]] = {}

    def follow(self, start: Start) -> None:
        """From what the image starts, over what each file loads."""
        queue = [path for path in start.started if path in self.known and path not in self.found]
        for path in queue:
            self.found[path] = (Step(start.image.location, f"the image starts {posixpath.basename(path)}"),)
        for command, path in self._told(start):
            if path not in self.found:
                self.found[path] = (Step(command.location, f"loads {posixpath.basename(path)}"),)
                queue.append(path)
        while queue and len(self.found) < _FILES:
            path = queue.pop(0)
            file = self.files.get(path)
            for target, place in self._loaded(file, start) if file is not None else ():
                if target not in self.found:
                    self.found[target] = (*self.found[path], Step(place, f"loads {posixpath.basename(target)}"))
                    queue.append(target)

    def _loaded(self, file: Fact, start: Start) -> Iterator[tuple[str, Location]]:
        """The files that a file loads whenever it runs, and where it does."""
        path = file.location.path
        for link in file["links"]:
            target = self._target(path, link["target"], file["language"], start) if link["top_level"] else None
            if target is not None:
                yield target, Location(path, Span(link["line"], 1, link["line"], 1))

    def _told(self, start: Start) -> Iterator[tuple[Fact, str]]:
        """Files that a start's commands name in a text for an interpreter: `Rscript -e "plumb('api.R')$run()"`."""
        own = {start.build.dockerfile, *start.started}
        for command in self.commands:
            if command.location.path not in own or not command["started_as"]:
                continue
            for entry in self.languages.values():
                if "links" not in entry or command["program"] not in entry.get("interpreters", ()):
                    continue
                for found in re.finditer(entry["links"]["call"], command["text"]):
                    target = self._at(start, found.group(1))
                    if target is not None:
                        yield command, target

    def _target(self, path: str, named: str, language: str, start: Start) -> str | None:
        """The file of the product that a link means."""
        links = self.languages[language]["links"]
        names = [f"{named}{end}" for end in links["ends"]]
        for old, new in links.get("replaced", {}).items():
            names += [named.removesuffix(old) + new] if named.endswith(old) else []
        for name in names:
            beside = clean(posixpath.join(posixpath.dirname(path), name)) if not name.startswith("/") else ""
            found = beside if beside in self.known else self._at(start, name)
            if found is not None:
                return found
        return None

    def _at(self, start: Start, name: str) -> str | None:
        workdir = start.image["workdir"]
        if not name.startswith("/") and workdir in (None, UNKNOWN):
            return None
        path = posixpath.normpath(posixpath.join(workdir or "/", name))
        origin = start.build.locate(path, start.stage)
        return origin.path if origin.path in self.known else None

    def built(self, start: Start) -> None:
        """The package that a compiled program begins in, when the Dockerfile builds it and the image starts it."""
        programs = {posixpath.basename(command["program"]) for command in start.build.commands}
        entrypoint = start.image["entrypoint"]
        words = entrypoint if isinstance(entrypoint, list) else []
        for language, entry in self.languages.items():
            if "main" not in entry or programs.isdisjoint(entry["built_by"]):
                continue
            wanted = entry["started_by"]
            if not words or (wanted and not any(posixpath.basename(word) in wanted for word in words)):
                continue
            own = [f for f in self.files.values() if f["language"] == language and f["main"] and self._taken(start, f)]
            if len(own) == 1:
                self._package(own[0])

    def _taken(self, start: Start, file: Fact) -> bool:
        held = start.build.holds(file.location.path) is not False
        return held and self.tests.isdisjoint(file.location.path.split("/"))

    def _package(self, main: Fact) -> None:
        folder = posixpath.dirname(main.location.path)
        suffixes = tuple(self.languages[main["language"]]["extensions"])
        for path in sorted(self.known):
            if path not in self.found and path.startswith(f"{folder}/" if folder else "") and path.endswith(suffixes):
                step = Step(main.location, f"the program begins in {posixpath.basename(main.location.path)}")
                self.found[path] = (step,)
