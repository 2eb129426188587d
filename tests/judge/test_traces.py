"""The way to what a fact is about, from the fact to the finding."""

from __future__ import annotations

import pickle
from dataclasses import replace
from itertools import permutations

import pytest
from test_judging import fact, rule

from linter.judge.evaluate import judge
from linter.judge.ruleset import RuleSet
from linter.model import Fact, Location, Span, Step, Suppression

START = Step(Location("Dockerfile", Span(12, 1, 12, 20)), "ENTRYPOINT serve")
IMPORT = Step(Location("app/serve", Span(3, 1, 3, 17)), "imports predictor")
CALL = Step(Location("app/predictor.py", Span(10, 5, 10, 11)), "load()")


def test_a_finding_has_the_trace_of_its_fact() -> None:
    [finding] = judge([fact().with_trace([START, IMPORT])], RuleSet.of([rule()]))
    assert finding.trace == (START, IMPORT)
    [finding] = judge([fact()], RuleSet.of([rule()]))
    assert finding.trace == ()


@pytest.mark.parametrize("span", [Span(3, 1, 4, 5), Span(3, 5, 3, 8)])
def test_the_finding_s_own_place_is_no_step(span: Span) -> None:
    """Whether an analysis ends a trace with the statement, with the field, or before both."""
    own = Step(Location("a.py", span), "requests.get()")
    traced = fact(3, spans={"api": Span(3, 5, 3, 8)}).with_trace([START, own])
    [finding] = judge([traced], RuleSet.of([rule()]))
    assert finding.trace == (START,)
    [finding] = judge([traced.with_trace([own, START])], RuleSet.of([rule()]))
    assert finding.trace == (own, START)


def test_of_equal_findings_the_one_with_the_shortest_trace_stays() -> None:
    traces = [(), (START, IMPORT, CALL), (START, IMPORT), (START, CALL)]
    for order in permutations(traces):
        [finding] = judge([fact().with_trace(trace) for trace in order], RuleSet.of([rule()]))
        assert finding.trace == min((START, IMPORT), (START, CALL))


def test_rules_do_not_see_the_trace() -> None:
    strict = rule(match={"properties": {"api": {}, "scope": {}}, "additionalProperties": False})
    [finding] = judge([fact().with_trace([START])], RuleSet.of([strict]))
    assert finding.trace == (START,)


def test_what_else_is_worked_out_keeps_the_trace() -> None:
    traced = fact().with_trace([START])
    assert traced.with_fields(scope="seller").trace == (START,)
    assert traced.with_fields(scope="seller")["scope"] == "seller"
    assert traced.with_trace(()) == fact()
    [finding] = judge([traced], RuleSet.of([rule()]))
    assert replace(finding, suppression=Suppression("comment", None)).trace == (START,)


def test_facts_and_findings_with_a_trace_are_values() -> None:
    traced = fact().with_trace(step for step in (START, IMPORT))
    assert isinstance(traced, Fact)
    assert traced == fact().with_trace([START, IMPORT])
    assert traced != fact()
    assert pickle.loads(pickle.dumps(traced)) == traced
    assert "trace=(Step(location=Location(path='Dockerfile'" in repr(traced)
    [finding] = judge([traced], RuleSet.of([rule()]))
    again = pickle.loads(pickle.dumps(finding))
    assert again == finding
    assert hash(again) == hash(finding)
    assert again.trace[0].location.line == 12
