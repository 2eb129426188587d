"""Which requirements of the catalog the rules enforce, and how far."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from linter.judge.rule import Rule

ENFORCED, PARTLY, NOT_YET = "enforced", "partly", "not yet"


class Requirement(NamedTuple):
    """An entry of `rules/requirements.yaml`."""

    slug: str
    theme: str
    """Letter and title, such as `A. Network isolation`."""
    strength: str
    """`must`, `should`, or `info` for what is never a finding by itself."""
    title: str
    remaining: str | None = None
    """What the rules do not enforce yet."""
    not_decidable: str | None = None
    """What no static tool can decide, and why."""


class Coverage(NamedTuple):
    """How far one requirement is enforced, and by which rules (ids)."""

    requirement: Requirement
    state: str
    rules: tuple[str, ...]


def coverage(rules: Iterable[Rule], requirements: Iterable[Requirement]) -> list[Coverage]:
    """A row for every requirement, in the catalog's order."""
    by_slug: dict[str, list[str]] = {}
    for rule in rules:
        for slug in rule.requirement:
            by_slug.setdefault(slug, []).append(rule.id)
    rows = []
    for requirement in requirements:
        ids = tuple(sorted(by_slug.get(requirement.slug, ())))
        state = NOT_YET if not ids else PARTLY if requirement.remaining else ENFORCED
        rows.append(Coverage(requirement, state, ids))
    return rows
