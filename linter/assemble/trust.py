"""Roles that templates create, against what requests and listings need them for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.model import UNKNOWN, Fact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linter.knowledge import Knowledge


def settle_trust(facts: list[Fact], knowledge: Knowledge) -> list[Fact]:
    """Fill in which services a role must trust, by the ARNs that name it, and does not."""
    if not any(fact.kind == "iam.role" for fact in facts):
        return facts
    needed: Mapping[str, str] = knowledge.get("publishing.trust")
    uses: dict[str, set[str]] = {}
    for fact in facts:
        if fact.kind == "arn.reference" and fact["role"] in needed and fact["resource"] not in (None, UNKNOWN):
            uses.setdefault(fact["resource"].rpartition("/")[2], set()).add(needed[fact["role"]])
    return [fact.with_fields(lacks=_lacking(fact, uses)) if fact.kind == "iam.role" else fact for fact in facts]


def _lacking(role: Fact, uses: Mapping[str, set[str]]) -> list[str] | str:
    trusts, wanted = role["trusts"], uses.get(role["name"])
    if trusts == UNKNOWN or not wanted:
        return UNKNOWN
    return sorted(each for each in wanted if not any(own == each or own.endswith(f".{each}") for own in trusts))
