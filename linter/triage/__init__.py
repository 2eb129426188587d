"""Step five: findings that are accepted already are set apart, and stale acceptances come to light."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from linter.model import UNKNOWN, Fact, Finding, Location, Span, Suppression
from linter.references.patterns import is_excluded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from linter.config import Config, PathSuppression


class RuleNames(NamedTuple):
    """Ids of rules by id and by name, and the ids of those that ran; a variant goes under the id of its main rule."""

    ids: Mapping[str, str]
    enabled: frozenset[str]


class Triage(NamedTuple):
    """Findings still to show, findings set apart, and the suppressions themselves as facts to be judged."""

    findings: list[Finding]
    suppressed: list[Finding]
    suppressions: list[Fact]


def triage(
    findings: Iterable[Finding],
    comments: Sequence[Fact],
    config: Config,
    names: RuleNames,
    *,
    base_prefix: str,
    whole: bool,
) -> Triage:
    """Set apart what comments and the configuration accept.

    `base_prefix` is the configuration's folder relative to the run's base; `whole` is False when only single files were
    checked, so that nothing can be said about unused suppressions.
    """
    used: set[tuple[int, str]] = set()
    by_line = _by_line(comments, names) if config.inline_suppressions else {}
    shown: list[Finding] = []
    apart: list[Finding] = []
    for finding in findings:
        why = _by_comment(finding, by_line, comments, names, used) or _by_configuration(
            finding, config, names, base_prefix, used
        )
        if why:
            apart.append(replace(finding, suppression=why))
        else:
            shown.append(finding)
    facts = (
        [_settled(fact, n, used, names, whole) for n, fact in enumerate(comments)] if config.inline_suppressions else []
    )
    facts += [_entry_fact(entry, n, used, names, config, base_prefix, whole) for n, entry in enumerate(config.suppress)]
    return Triage(shown, apart, facts)


def _by_line(comments: Sequence[Fact], names: RuleNames) -> dict[tuple[str, int, str], int]:
    """(path, line, rule) -> number of the comment that covers it. A comment covers its own line and the next."""
    covered: dict[tuple[str, int, str], int] = {}
    for number, fact in enumerate(comments):
        for written in fact["rules"]:
            rule = names.ids.get(written)
            if rule and fact["well_formed"]:
                for line in range(fact.location.span.line, fact.location.span.end_line + 2):
                    covered.setdefault((fact.location.path, line, rule), number)
    return covered


def _by_comment(
    finding: Finding,
    by_line: dict[tuple[str, int, str], int],
    comments: Sequence[Fact],
    names: RuleNames,
    used: set[tuple[int, str]],
) -> Suppression | None:
    if not by_line:
        return None
    lines = {
        *_lines(finding.location),
        *(_lines(finding.statement) if finding.statement.path == finding.location.path else ()),
    }
    rule = names.ids.get(finding.rule, finding.rule)
    for line in sorted(lines):
        number = by_line.get((finding.location.path, line, rule))
        if number is not None:
            used.add((number, rule))
            fact = comments[number]
            return Suppression("comment", fact["reason"], fact.location)
    return None


def _lines(location: Location) -> range:
    return range(location.span.line, location.span.end_line + 1)


def _by_configuration(
    finding: Finding, config: Config, names: RuleNames, base_prefix: str, used: set[tuple[int, str]]
) -> Suppression | None:
    rule = names.ids.get(finding.rule, finding.rule)
    path = _from(base_prefix, finding.location.path)
    for number, entry in enumerate(config.suppress):
        if names.ids.get(entry.rule) == rule and is_excluded(path, (entry.path,)):
            used.add((-1 - number, rule))
            return Suppression("configuration", entry.reason)
    return None


def _from(prefix: str, path: str) -> str:
    """A path relative to the configuration's folder."""
    return path.removeprefix(f"{prefix}/") if prefix else path


def _settled(fact: Fact, number: int, used: set[tuple[int, str]], names: RuleNames, whole: bool) -> Fact:
    return fact.with_fields(
        unknown_rules=_strangers(fact["rules"], names),
        unused_rules=_unused(fact["rules"], number, used, names) if whole and fact["well_formed"] else UNKNOWN,
    )


def _unused(written: Iterable[str], number: int, used: set[tuple[int, str]], names: RuleNames) -> list[str]:
    known = {name: names.ids[name] for name in written if name in names.ids}
    return [name for name, rule in known.items() if rule in names.enabled and (number, rule) not in used]


def _strangers(written: Iterable[str], names: RuleNames) -> list[str]:
    strangers = []
    for name in written:
        if name not in names.ids:
            from difflib import get_close_matches

            near = get_close_matches(name, names.ids, 1, 0.5)
            strangers.append(f"{name} (did you mean {near[0]}?)" if near else name)
    return strangers


def _entry_fact(
    entry: PathSuppression,
    number: int,
    used: set[tuple[int, str]],
    names: RuleNames,
    config: Config,
    prefix: str,
    whole: bool,
) -> Fact:
    file = config.path.name if config.path else "configuration"
    path = f"{prefix}/{file}" if prefix else file
    fields = {
        "origin": "configuration",
        "rules": [entry.rule],
        "reason": entry.reason,
        "well_formed": True,
        "text": f"{entry.rule} in {entry.path}",
        "unknown_rules": _strangers([entry.rule], names),
        "unused_rules": _unused([entry.rule], -1 - number, used, names) if whole else UNKNOWN,
    }
    return Fact("suppression", Location(path, entry.span or Span()), fields)
