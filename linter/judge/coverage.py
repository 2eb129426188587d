"""Which requirements of the catalog, and which sentences of the founding documents, the rules enforce, and how far."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from linter.judge.rule import Rule

ENFORCED, PARTLY, NOT_YET = "enforced", "partly", "not yet"
HELD = "held by examples"
"""Of a requirement that says what must never be reported: small products show that nothing is."""
NOT_HERE = "not checkable here"
"""Of a sentence that nothing in an artifact can break which mllint reads."""


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
    held_by: str | None = None
    """The file with the examples that hold a requirement which no rule can enforce."""


class Coverage(NamedTuple):
    """How far one requirement is enforced, and by which rules (ids)."""

    requirement: Requirement
    state: str
    rules: tuple[str, ...]


class Sentence(NamedTuple):
    """A sentence of a founding document, as `rules/documents.yaml` has it."""

    id: str
    document: str
    """Title of the document."""
    section: str
    """Heading in it."""
    text: str
    """What the sentence says, in mllint's words."""
    requirements: tuple[str, ...]
    """Slugs of the requirements that make it."""
    artifacts: bool
    """Whether a Dockerfile, a server's configuration, a start script or a manifest can break it."""
    reason: str | None = None
    """Why none of them can."""


class SentenceCoverage(NamedTuple):
    """How far one sentence is enforced, and by which rules (ids)."""

    sentence: Sentence
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
        state = HELD if requirement.held_by else NOT_YET
        if ids:
            state = PARTLY if requirement.remaining else ENFORCED
        rows.append(Coverage(requirement, state, ids))
    return rows


def document_coverage(
    rules: Iterable[Rule], requirements: Iterable[Requirement], sentences: Iterable[Sentence]
) -> list[SentenceCoverage]:
    """A row for every sentence, in the order given.

    A sentence is enforced when every requirement that it names is, and partly when at least one of them has a rule.
    """
    known = {row.requirement.slug: row for row in coverage(rules, requirements)}
    rows = []
    for sentence in sentences:
        parts = [known[slug] for slug in sentence.requirements if slug in known]
        ids = tuple(sorted({id_ for part in parts for id_ in part.rules})) if sentence.artifacts else ()
        if not sentence.artifacts:
            state = NOT_HERE
        elif not ids:
            state = NOT_YET
        else:
            state = ENFORCED if all(part.state in (ENFORCED, HELD) for part in parts) else PARTLY
        rows.append(SentenceCoverage(sentence, state, ids))
    return rows
