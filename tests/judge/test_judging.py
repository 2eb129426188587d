"""Facts and rules to findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter.judge.evaluate import judge
from linter.judge.rule import EditTemplate, Rule
from linter.judge.ruleset import RuleSet
from linter.model import Edit, Fact, Location, Span

if TYPE_CHECKING:
    from collections.abc import Mapping


def rule(**changes: Any) -> Rule:
    values: dict[str, Any] = {
        "id": "NET001",
        "name": "outbound-call",
        "summary": "A call that leaves the container",
        "requirement": ("net-http",),
        "severity": "error",
        "confidence": "high",
        "on": "call",
        "match": {"properties": {"scope": {"const": "container"}}},
        "message": "`{api}` calls out",
        "why": "why",
        "fix": "fix",
        "sources": (),
        "since": "0.1.0",
        "at": "api",
    }
    return Rule(**{**values, **changes})


def fact(line: int = 1, path: str = "a.py", kind: str = "call", spans: Any = None, **fields: Any) -> Fact:
    values = {"api": "get", "scope": "container", **fields}
    return Fact(kind, Location(path, Span(line, 1, line + 1, 5)), values, spans or {})


def test_a_finding_says_everything() -> None:
    span = Span(3, 5, 3, 8)
    [finding] = judge([fact(3, spans={"api": span})], RuleSet.of([rule()]))
    assert (finding.rule, finding.name, finding.severity, finding.confidence) == (
        "NET001",
        "outbound-call",
        "error",
        "high",
    )
    assert finding.message == "`get` calls out"
    assert finding.location == Location("a.py", span)
    assert finding.statement == Location("a.py", Span(3, 1, 4, 5))
    assert finding.requirement == ("net-http",)
    assert finding.kind == "call"


def test_without_a_place_for_the_field_the_statement_is_shown() -> None:
    [finding] = judge([fact(3)], RuleSet.of([rule()]))
    assert finding.location == finding.statement


def test_facts_that_do_not_match_or_are_of_another_kind() -> None:
    rules = RuleSet.of([rule()])
    assert judge([fact(scope="seller"), fact(kind="other"), fact(scope="unknown")], rules) == []
    assert judge([], rules) == []


def test_order_and_duplicates() -> None:
    rules = RuleSet.of([rule(id="NET002", name="b"), rule()])
    facts = [fact(2, "b.py"), fact(1, "b.py"), fact(2, "a.py"), fact(1, "b.py")]
    findings = judge(facts, rules)
    places = [(finding.location.path, finding.location.line, finding.rule) for finding in findings]
    assert places == [
        (path, line, id) for path, line in (("a.py", 2), ("b.py", 1), ("b.py", 2)) for id in ("NET001", "NET002")
    ]
    assert judge(reversed(facts), rules) == findings


def test_the_same_place_with_another_message_stays() -> None:
    assert len(judge([fact(api="get"), fact(api="put")], RuleSet.of([rule()]))) == 2


def test_some_of_the_rules_with_another_severity() -> None:
    rules = RuleSet.of([rule(), rule(id="NET002", name="other", severity="error")])
    some = rules.only(rules.heads[:1], {"NET001": "note"})
    [finding] = judge([fact()], some)
    assert (finding.rule, finding.severity) == ("NET001", "note")
    assert [each.severity for each in rules] == ["error", "error"]


def test_a_rule_that_fails_is_a_finding_and_the_others_judge() -> None:
    broken = rule(id="BAD001", name="broken", match={"properties": {"api": {"pattern": "("}}})
    findings = judge([fact(2), fact(1)], RuleSet.of([broken, rule()]))
    assert [finding.rule for finding in findings] == ["NET001", "MLL001", "NET001"]
    failure = findings[1]
    assert (failure.name, failure.severity) == ("rule-failed", "error")
    assert failure.message.startswith("rule `BAD001` (broken) failed on a fact `call`: ")
    assert failure.location.line == 2


def test_a_fact_that_is_no_json_is_told_too() -> None:
    rules = RuleSet.of([rule(match={"properties": {"api": {"pattern": "x"}}})])
    [finding] = judge([fact(api={1, 2})], rules)
    assert finding.rule == "MLL001"


@pytest.mark.parametrize(
    ("fields", "spans", "edits"),
    [
        ({"port": 80}, {"port": Span(1, 2, 1, 4)}, (Edit(Location("a.py", Span(1, 2, 1, 4)), "port=80 of 8080", "d"),)),
        ({"port": 80}, {}, ()),
        ({"port": "unknown"}, {"port": Span(1, 2, 1, 4)}, ()),
        ({"port": None}, {"port": Span(1, 2, 1, 4)}, ()),
        ({"port": [80]}, {"port": Span(1, 2, 1, 4)}, ()),
        ({}, {"port": Span(1, 2, 1, 4)}, ()),
    ],
)
def test_edits(fields: Mapping[str, Any], spans: Mapping[str, Span], edits: tuple[Edit, ...]) -> None:
    mending = rule(edit=EditTemplate("port", "port={port} of {param.limit}", "d"), values={"limit": 8080})
    [finding] = judge([fact(spans=spans, **fields)], RuleSet.of([mending]))
    assert finding.edits == edits


plain = st.sampled_from([None, True, False, 0, 1, 1.0, "", "a", "true", "1", [], {}, ["a"]])
schemas = st.one_of(
    st.builds(lambda value: {"const": value}, plain),
    st.builds(lambda values: {"enum": values}, st.lists(plain, min_size=1, max_size=3, unique_by=repr)),
    st.just({"type": "string"}),
    st.just(True),
)


@given(st.dictionaries(st.sampled_from("abc"), schemas), st.dictionaries(st.sampled_from("abc"), plain))
def test_passing_facts_over_never_changes_a_result(properties: dict[str, Any], fields: dict[str, Any]) -> None:
    match = {"properties": properties}
    single = Fact("call", Location("a"), fields)
    found = judge([single], RuleSet.of([rule(match=match, message="m", at=None)]))
    assert bool(found) is jsonschema_rs.Draft202012Validator(match).is_valid(fields)
