"""Facts and rules to findings."""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING, Any

from linter.judge.plain import test_of
from linter.judge.rule import RULE_FAILED, Rule
from linter.judge.template import render, render_exactly
from linter.model import Edit, Fact, Finding, Location, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from linter.judge.plain import Test
    from linter.judge.ruleset import RuleSet

# Types for which equality in Python is equality in JSON Schema, where 1 is 1.0 but not true.
_PLAIN = (str, bool, NoneType)
_ABSENT = object()

Guards = tuple[tuple[str, frozenset[Any]], ...]


def judge(facts: Iterable[Fact], rules: RuleSet) -> list[Finding]:
    """Every finding of every rule, in the order of places, each once.

    A rule that fails is left out from there on, and is a finding itself (MLL001) at the fact where it failed.
    """
    found: dict[tuple[str, Location, str], Finding] = {}
    failed: set[str] = set()
    plans: dict[str, list[tuple[Rule, Guards]]] = {}
    tests: dict[str, Test] = {}
    for fact in facts:
        plan = plans.get(fact.kind)
        if plan is None:
            plan = plans[fact.kind] = [(rule, _guards(rule.match)) for rule in rules.of_kind(fact.kind)]
        fields = fact.fields if type(fact.fields) is dict else dict(fact.fields)
        for rule, guards in plan:
            if _excluded(guards, fields) or rule.id in failed:
                continue
            try:
                test = tests.get(rule.id) or tests.setdefault(rule.id, test_of(rule.match))
                fires = test(fields)
                if fires is None:  # not plain
                    fires = _validator(rule, rules).is_valid(fields)
                if not fires:
                    continue
                finding = _finding(rule, fact)
            except Exception as error:  # whatever a rule does, the others still judge
                failed.add(rule.id)
                finding = _failure(rule, fact, error)
            key = (finding.rule, finding.location, finding.message)
            found[key] = _easier(found[key], finding) if key in found else finding
    return sorted(found.values(), key=lambda finding: (finding.location, finding.rule, finding.message))


def _guards(match: Mapping[str, Any]) -> Guards:
    """Fields that a match wants to have one of a few plain values. A fact is passed over by them without a validator,
    and often without the validator's library being loaded at all; they never change a result.
    """
    properties = match.get("properties")
    guards = []
    for name, schema in (properties if isinstance(properties, dict) else {}).items():
        wanted = (
            schema.get("enum", [schema["const"]] if "const" in schema else None) if isinstance(schema, dict) else None
        )
        if isinstance(wanted, list) and all(isinstance(value, _PLAIN) for value in wanted):
            guards.append((name, frozenset(wanted)))
    return tuple(guards)


def _excluded(guards: Guards, fields: Mapping[str, Any]) -> bool:
    for name, wanted in guards:
        value = fields.get(name, _ABSENT)
        if value is not _ABSENT and (type(value) not in _PLAIN or value not in wanted):
            return True
    return False


def _validator(rule: Rule, rules: RuleSet) -> Any:
    if rule.id not in rules.validators:
        import jsonschema_rs

        rules.validators[rule.id] = jsonschema_rs.Draft202012Validator(dict(rule.match))
    return rules.validators[rule.id]


def _easier(one: Finding, other: Finding) -> Finding:
    """Of two findings that say the same, the one whose evidence is quicker to follow, whichever came first."""
    return min(one, other, key=lambda finding: (not finding.trace, len(finding.trace), finding.trace))


def _finding(rule: Rule, fact: Fact) -> Finding:
    location = fact.place(rule.at)
    return Finding(
        rule=rule.id,
        name=rule.name,
        severity=rule.severity,
        confidence=rule.confidence,
        message=render(rule.message, fact.fields, rule.values),
        location=location,
        statement=fact.location,
        requirement=rule.requirement,
        kind=fact.kind,
        edits=_edits(rule, fact),
        trace=_trace(fact, location),
    )


def _trace(fact: Fact, location: Location) -> tuple[Step, ...]:
    """The way to a finding; where it ends is the finding's own place, and no step."""
    ends_here = bool(fact.trace) and fact.trace[-1].location in (fact.location, location)
    return fact.trace[:-1] if ends_here else fact.trace


def _edits(rule: Rule, fact: Fact) -> tuple[Edit, ...]:
    """A change is offered only where the text to replace is known exactly."""
    if rule.edit is None or rule.edit.at not in fact.spans or fact.elsewhere is not None:
        return ()  # what code puts together is not written as the request would be
    replacement = render_exactly(rule.edit.replacement, fact.fields, rule.values)
    if replacement is None:
        return ()
    return (Edit(fact.place(rule.edit.at), replacement, rule.edit.description),)


def _failure(rule: Rule, fact: Fact, error: Exception) -> Finding:
    what = render("{error}", {"error": f"{type(error).__name__}: {error}"}, {})
    return Finding(
        rule=RULE_FAILED.id,
        name=RULE_FAILED.name,
        severity=RULE_FAILED.severity,
        confidence=RULE_FAILED.confidence,
        message=f"rule `{rule.id}` ({rule.name}) failed on a fact `{fact.kind}`: {what}; its findings are not known",
        location=fact.location,
        statement=fact.location,
        requirement=rule.requirement,
        kind=fact.kind,
    )
