"""Whole products in memory: everything in them is inspected and joined, Python code too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.assemble import assemble
from linter.discover import discover
from linter.inspect.run import inspect_all
from linter.judge.load import load_knowledge
from linter.tree import MemoryTree

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from linter.model import Fact

IMAGE = "FROM python:3.12-slim\nWORKDIR /opt/program\nCOPY . /opt/program\n"
STARTED = IMAGE + 'ENTRYPOINT ["python", "/opt/program/serve.py"]\n'


def product(files: Mapping[str, str], executable: Iterable[str] = (), dockerfile: str = STARTED) -> list[Fact]:
    """The facts about calls of known functions, in the order of their places. Without `dockerfile`: no image."""
    texts = {**({"Dockerfile": dockerfile} if dockerfile else {}), **files}
    tree = MemoryTree({path: text.encode() for path, text in texts.items()}, frozenset(executable))
    knowledge = load_knowledge()
    inspected = inspect_all(tree, discover(tree, [""]).artifacts, knowledge)
    assert not inspected.notices, inspected.notices
    facts = assemble(inspected.facts, tree, knowledge)
    found = [fact for fact in facts if fact.kind == "python.call" and fact["api"] is not None]
    return sorted(found, key=lambda fact: (fact.location.path, fact.location.span))


def at(facts: Iterable[Fact], api: str) -> Fact:
    """The one call of an entry of the table."""
    found = [fact for fact in facts if fact["api"] == api]
    assert len(found) == 1, [(fact["api"], fact["text"]) for fact in facts]
    return found[0]
