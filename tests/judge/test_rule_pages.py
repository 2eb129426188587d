"""Examples, pages and coverage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from linter.judge.coverage import coverage
from linter.judge.describe import HEADINGS, rule_markdown, rules_index
from linter.judge.evaluate import judge
from linter.judge.examples import Example, Expectation, load_examples, run_examples
from linter.judge.rule import RULE_FAILED
from linter.model import Fact, Finding, Location, Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linter.judge.ruleset import RuleSet
    from tests.judge.conftest import World
else:
    World = Any


def checker(rules: RuleSet) -> Any:
    """Every line `call` is a fact; what a real run does with inspectors."""

    def check(files: Mapping[str, str], *_: Any) -> list[Finding]:
        facts = [
            Fact("test.call", Location(path, Span(number, 1, number, 5)), {"api": line, "scope": "container"})
            for path, text in files.items()
            for number, line in enumerate(text.split("\n"), 1)
            if line.startswith("call")
        ]
        return judge(facts, rules)

    return check


def outcome(world: World, **changes: Any) -> list[str | None]:
    world.rule(**changes)
    rules = world.load()
    return [result.difference for result in run_examples(rules.rules, checker(rules))]


def expecting(text: str, *lines: int, **more: Any) -> list[Any]:
    return [{"files": {"a.py": text}, "expect": [{"file": "a.py", "line": line, **more} for line in lines]}]


def test_examples_are_read(world: World) -> None:
    world.rule(
        examples={
            "violating": [
                {
                    "name": "one",
                    "files": {"serve": {"text": "call\n", "executable": True}, "b": ""},
                    "config": {"region": "us-east-1"},
                    "expect": [{"file": "serve", "line": 1, "message": "call"}],
                }
            ],
            "compliant": [{"files": {"a.py": "x\n"}}],
        }
    )
    violating, compliant = load_examples(world.load().get("NET001"))
    assert violating == Example(
        "violating example 1 (one)",
        {"serve": "call\n", "b": ""},
        frozenset({"serve"}),
        {"region": "us-east-1"},
        (Expectation("serve", 1, "call"),),
    )
    assert violating.violating
    assert not compliant.violating


def test_examples_that_hold(world: World) -> None:
    assert outcome(world) == [None, None]


@pytest.mark.parametrize(
    ("changes", "difference"),
    [
        ({"examples__violating": expecting("x\n", 1)}, "NET001, violating example 1: no finding at a.py:1"),
        ({"examples__violating": expecting("call\ncall\n", 1)}, "a finding at a.py:2 that is not expected"),
        ({"examples__violating": expecting("x\ncall\n", 1)}, "no finding at a.py:1; a finding at a.py:2 that is not"),
        ({"examples__violating": expecting("call\n", 1, 1)}, "no finding at a.py:1"),
        (
            {"examples__violating": expecting("call\n", 1, message="no such")},
            "is '`call` calls out', without 'no such'",
        ),
        ({"examples__compliant": [{"files": {"a.py": "call\n"}}]}, "compliant example 1: a finding at a.py:1"),
    ],
)
def test_examples_that_do_not_hold(world: World, changes: Any, difference: str) -> None:
    [found] = [difference for difference in outcome(world, **changes) if difference]
    assert difference in found


def test_a_failing_check_fails_its_example_alone(world: World) -> None:
    world.rule()
    rules = world.load()

    def check(files: Mapping[str, str], *_: Any) -> list[Finding]:
        if "call" in files["a.py"]:
            raise RuntimeError("inspector broke")
        return []

    first, second = run_examples(rules.rules, check)
    assert first.difference == "NET001, violating example 1: the check failed with RuntimeError: inspector broke"
    assert second.passed


def test_a_page_has_the_same_headings_for_every_rule(world: World) -> None:
    limit = {"type": "integer", "default": 5, "minimum": 1, "description": "A | limit", "source": "Guide"}
    world.rule(
        params={"limit": limit},
        match={"properties": {"size": {"type": "integer", "minimum": {"$param": "limit"}}}},
        examples__violating=[
            {
                "name": "A fence",
                "files": {"README.md": "```\ncall\n```\n"},
                "expect": [{"file": "README.md", "line": 2}],
            }
        ],
        security_severity="5.0",
        edit={"replacement": "x", "description": "Write x"},
    )
    rules = world.load()
    page = rule_markdown(rules.get("NET001"), rules.requirements)
    assert [line[3:] for line in page.split("\n") if line.startswith("## ")] == list(HEADINGS)
    assert page.startswith("# NET001: outbound-call\n\nA call that leaves the container\n")
    for part in (
        "````markdown\n```\ncall\n```\n````",
        "A fence:",
        "Found at `README.md` line 2.",
        "| `limit` | integer | `5` | from 1 | A \\| limit | Guide |",
        "- Guide > Network isolation, read 2026-01-31",
        "- `net-http`: No HTTP (must; A. Network)",
        "yes: Write x",
        "```text\n`{api}` calls out\n```",
    ):
        assert part in page


def test_mllints_own_rule_has_a_page_too() -> None:
    page = rule_markdown(RULE_FAILED)
    assert [line[3:] for line in page.split("\n") if line.startswith("## ")] == list(HEADINGS)


def test_coverage_and_index(world: World) -> None:
    world.rule(requirement=["net-http", "net-aws"], summary="Pipes | break tables")
    rules = world.load()
    rows = coverage(rules.rules, rules.requirements)
    assert [(row.requirement.slug, row.state, row.rules) for row in rows] == [
        ("net-http", "enforced", ("NET001",)),
        ("net-aws", "partly", ("NET001",)),
        ("img-size", "not yet", ()),
    ]
    page = rules_index(rules.rules, rules.requirements)
    assert "1 rules for 3 requirements: 1 enforced, 1 partly, 1 not yet." in page
    assert "| [NET001](NET001.md) | `outbound-call` | error | Pipes \\| break tables |" in page
    assert "partly (not yet: other clients)" in page
    assert "not yet (cannot be decided: needs a run)" in page
    assert page.index("## A. Network") < page.index("## B. Image")
