"""What the container would fetch, and a step of its build has fetched before: a cache of the image may hold it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from linter.model import Fact

_FETCHED = ("remote", "hub")
_CACHED = ("model_hub", "weights_download", "nlp_data")
"""Categories of the table `network_apis` whose libraries keep what they fetched for the next time."""
_SHORTEST = 4
"""Names shorter than this stand in too many commands to mean anything there."""


def with_baked(facts: Sequence[Fact]) -> list[Fact]:
    """The facts with `baked` filled in: by calls that the build runs, and by the text of RUN commands.

    `baked` of the given facts says that a step of the build runs the very call.
    """
    built = {
        _what(fact)
        for fact in facts
        if fact.kind == "python.call" and (fact["scope"] == "build" or fact["baked"]) and _fetches(fact)
    }
    steps = [fact["text"] for fact in facts if fact.kind == "dockerfile.command"]
    if not built and not steps:
        return [
            fact.with_fields(baked=False) if fact.kind == "python.call" and fact["baked"] else fact for fact in facts
        ]
    return [
        fact.with_fields(baked=fact["scope"] != "build" and _fetches(fact) and _is_baked(fact, built, steps))
        if fact.kind == "python.call"
        else fact
        for fact in facts
    ]


def _fetches(fact: Fact) -> bool:
    return fact["api"] is not None and fact["destination"] in _FETCHED and fact["mode"] != "command"


def _what(fact: Fact) -> str:
    """What a call fetches: its target, else the very function, which always fetches the same."""
    return str(fact["target"] or fact["name"])


def _is_baked(fact: Fact, built: set[str], steps: Sequence[str]) -> bool:
    if fact["category"] not in _CACHED:
        return False
    if _what(fact) in built:
        return True
    target = fact["target"]
    return target is not None and len(target) >= _SHORTEST and any(target in step for step in steps)
