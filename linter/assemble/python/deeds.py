"""What settled calls do, in words to be shown: the kind of call, and what it goes to where that is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.model import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linter.knowledge import Knowledge
    from linter.model import Fact


def with_deeds(facts: list[Fact], knowledge: Knowledge) -> list[Fact]:
    """All facts, the calls with their field `deed` filled in."""
    words = knowledge.get("network_apis.deeds")
    return [fact.with_fields(deed=_deed(fact, words)) if fact.kind == "python.call" else fact for fact in facts]


def _deed(call: Fact, words: Mapping[str, Mapping[str, str]]) -> str:
    """Such as "downloads from a model hub (`bert-base-uncased`)"."""
    of_command = words["of_commands"].get(call["command_category"])
    of_reason = words["of_reasons"].get(call["reason"])
    does = of_command or of_reason or words["of_calls"].get(call["category"], words["of_calls"][UNKNOWN])
    return does if call["target"] in (None, UNKNOWN, "") else f"{does} (`{call['target']}`)"
