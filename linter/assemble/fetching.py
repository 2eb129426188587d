"""Programs that fetch their models by themselves: whether the image brings what they would fetch."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from linter.model import UNKNOWN
from linter.references.destination import LOCAL, REMOTE
from linter.references.fetching import named_models
from linter.references.programs import programs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from linter.knowledge import Knowledge
    from linter.model import Fact

_FETCHING = ("model_fetch", "server")
"""Categories of programs that look for a model before they fetch it."""


def with_brought_models(facts: Sequence[Fact], knowledge: Knowledge) -> list[Fact]:
    """The facts; what a started program would fetch is `local` when a step of the build fetches or copies it."""
    if not any(_fetches(fact) for fact in facts):
        return list(facts)
    image = _Image(facts)
    return [fact.with_fields(destination=LOCAL) if image.brings(fact, knowledge) else fact for fact in facts]


class _Image:
    """What the builds of a product say about models in the image."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        self.steps = [fact for fact in facts if fact.kind == "dockerfile.command"]
        self.copies = [fact for fact in facts if fact.kind == "dockerfile.copy"]
        exports = (fact for fact in facts if fact.kind == "shell.command" and fact["program"] == "export")
        self.variables = {name for fact in facts if fact.kind == "dockerfile.image" for name in fact["env"]}
        self.variables |= {word.partition("=")[0] for fact in exports for word in fact["arguments"]}
        paths = (fact["path"] for fact in facts if fact.kind == "python.module" and fact["path"])
        self.programs: dict[str, list[str]] = {}
        for path in paths:
            self.programs.setdefault(posixpath.basename(path), []).append(f"/{path}")
        self.built = [
            str(fact["target"])
            for fact in facts
            if fact.kind == "python.call" and fact["scope"] == "build" and fact["target"]
        ]

    def brings(self, fact: Fact, knowledge: Knowledge) -> bool:
        """Whether the image may hold what a started program would fetch."""
        if not _fetches(fact):
            return False
        entry = programs(knowledge).fetcher(fact["program"], _words(fact))
        if entry is None:
            return False
        if not self.variables.isdisjoint(entry.get("variables", ())):
            return True
        if any(map(self._is_own, _words(fact))):
            return True  # what it starts is the product's own, and says itself what it loads
        words = entry.get("brought_by", ())
        models = named_models(entry, _words(fact))
        if any(step["program"] == fact["program"] or step["program"] in words for step in self.steps):
            return True
        told = [step["text"] for step in self.steps] + self.built
        if any(name in text for name in models for text in told):
            return True
        if any(word in step["text"] for word in words for step in self.steps if step["program"].startswith("python")):
            return True
        places = [f"{copy['source']} {copy['destination']}" for copy in self.copies]
        return any(folder in place for folder in entry.get("folders", ()) for place in places)

    def _is_own(self, word: str) -> bool:
        """Whether a word of a command line may be a program of the product; an absolute path is one in the image."""
        same = self.programs.get(posixpath.basename(word), ())
        tail = f"/{posixpath.basename(word) if word.startswith('/') else posixpath.normpath(word)}"
        return any(path.endswith(tail) for path in same)


def _fetches(fact: Fact) -> bool:
    """Whether a fact is about a program that would fetch a model."""
    if fact.kind == "shell.command":
        return fact["category"] in _FETCHING and fact["destination"] == REMOTE
    return fact.kind == "python.call" and fact["command_category"] in _FETCHING and fact["destination"] == REMOTE


def _words(fact: Fact) -> tuple[str, ...]:
    """The arguments of the program that a fact is about."""
    if fact.kind == "shell.command":
        return tuple(fact["arguments"])
    given: Mapping[str, Any] | list[Any] = fact["argument"]
    items = given if isinstance(given, list) else str(given).split() if isinstance(given, str) else []
    return tuple(each if isinstance(each, str) else UNKNOWN for each in items[1:])
