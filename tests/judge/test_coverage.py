"""How far the rules enforce the catalog and the founding documents, and what the list of documents may say."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from linter.cli.main import main
from linter.judge.coverage import ENFORCED, HELD, NOT_HERE, NOT_YET, PARTLY, Sentence, coverage, document_coverage
from linter.judge.errors import RuleErrors
from linter.judge.examples import load_examples
from linter.judge.load import RuleSet, load_documents, load_rules

if TYPE_CHECKING:
    from tests.judge.conftest import World
else:
    World = Any

SENTENCE = """      - id: "1"
        section: Network isolation
        text: No network.
        requirements: [net-http]
        artifacts: yes
"""


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return load_rules()


@pytest.fixture(scope="module")
def sentences(rules: RuleSet) -> tuple[Sentence, ...]:
    return load_documents(rules.requirements)


def listed(*sentences: str) -> str:
    return "documents:\n  - title: Guide\n    sentences:\n" + "".join(sentences)


def told(world: World, text: str) -> list[tuple[int, int, str]]:
    """Line, column and sentence of everything that is wrong with a list of documents."""
    (world.rules / "documents.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(RuleErrors) as caught:
        load_documents(world.load().requirements, rules=world.rules)
    for error in caught.value.errors:
        assert Path(error.path) == world.rules / "documents.yaml"
    return [(error.line, error.column, error.message) for error in caught.value.errors]


def test_every_sentence_that_artifacts_can_break_has_a_rule_with_examples(
    rules: RuleSet, sentences: tuple[Sentence, ...]
) -> None:
    proved = set()
    for rule in rules.rules:
        kinds = {example.violating for example in load_examples(rule)}
        if kinds == {True, False}:
            proved.update(rule.requirement)
    bare = [sentence.text for sentence in sentences if sentence.artifacts and not proved & {*sentence.requirements}]
    assert not bare


def test_both_documents_are_listed_in_full(sentences: tuple[Sentence, ...]) -> None:
    counts = {title: sum(sentence.document == title for sentence in sentences) for title in dict.fromkeys(
        sentence.document for sentence in sentences
    )}  # fmt: skip
    assert counts == {
        "Service restrictions and quotas": 39,
        "Putting your algorithms and model packages on the AWS Marketplace": 76,
    }


def test_whatever_is_not_enforced_says_what_is_missing(rules: RuleSet) -> None:
    silent = [
        row.requirement.slug
        for row in coverage(rules.rules, rules.requirements)
        if row.state not in (ENFORCED, HELD) and not row.requirement.remaining and not row.requirement.not_decidable
    ]
    assert not silent


def test_a_sentence_is_as_far_enforced_as_its_requirements(world: World) -> None:
    world.rule(requirement=["net-http", "net-aws"])
    rules = world.load()

    def state(artifacts: bool, *slugs: str) -> tuple[str, tuple[str, ...]]:
        sentence = Sentence("1", "Guide", "Network", "No network.", slugs, artifacts, None if artifacts else "a run")
        [row] = document_coverage(rules.rules, rules.requirements, [sentence])
        return row.state, row.rules

    assert state(True, "net-http") == (ENFORCED, ("NET001",))
    assert state(True, "net-aws") == (PARTLY, ("NET001",)), "something remains of it"
    assert state(True, "net-http", "img-size") == (PARTLY, ("NET001",)), "one of them has no rule"
    assert state(True, "img-size") == (NOT_YET, ())
    assert state(False, "net-http") == (NOT_HERE, ())


def test_a_sound_list_is_read_in_its_order(world: World) -> None:
    unbreakable = '      - {id: "2", section: Quotas, text: Wait., requirements: [], artifacts: no, reason: a run}\n'
    (world.rules / "documents.yaml").write_text(listed(SENTENCE, unbreakable))
    assert load_documents(world.load().requirements, rules=world.rules) == (
        Sentence("1", "Guide", "Network isolation", "No network.", ("net-http",), True),
        Sentence("2", "Guide", "Quotas", "Wait.", (), False, "a run"),
    )


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("documents: 1\n", 1, 1, "`documents` must be a list of documents"),
        ("- x\n", 1, 1, "`documents` must be a list of documents"),
        ("documents:\n  - tilte: Guide\n    sentences: []\n", 2, 5, "a document has a `title`, a list of `sentences`"),
        (listed("      - one\n"), 4, 9, "a sentence is a mapping"),
        (listed(SENTENCE.replace("text:", "txet:")), 6, 15, "a sentence has no field `txet`; did you mean `text`?"),
        (listed(SENTENCE.replace("text: No network.", "")), 4, 9, "a sentence needs `text`"),
        (listed(SENTENCE.replace("No network.", "7")), 6, 15, "`text` of a sentence must be a text"),
        (listed(SENTENCE.replace("yes", "maybe")), 8, 20, "`artifacts` is `yes` or `no`"),
        (listed(SENTENCE.replace("yes", "no")), 4, 9, "a sentence with `artifacts: no` needs a `reason`"),
        (listed(SENTENCE + "        reason: a run\n"), 9, 17, "only a sentence with `artifacts: no` has a `reason`"),
        (listed(SENTENCE.replace("[net-http]", "net-http")), 7, 23, "`requirements` must be a list of slugs"),
        (listed(SENTENCE.replace("[net-http]", "[]")), 7, 23, "a sentence that artifacts can break must name a"),
        (listed(SENTENCE.replace("net-http", "net-htp")), 7, 24, "no requirement `net-htp`; did you mean `net-http`?"),
        (listed(SENTENCE.replace("net-http", "zzz")), 7, 24, "`zzz`; add it to `requirements.yaml`"),
        (listed(SENTENCE.replace("net-http", "net-http, net-http")), 7, 34, "the sentence names `net-http` twice"),
        (listed(SENTENCE, SENTENCE), 9, 13, "the id `1` is taken by a sentence before"),
        ("documents: [\n", 2, 1, ""),
    ],
)
def test_refusals_have_a_place(world: World, text: str, line: int, column: int, message: str) -> None:
    world.rule()
    assert any((at, on) == (line, column) and message in sentence for at, on, sentence in told(world, text))


def test_a_check_does_not_read_the_documents(world: World) -> None:
    world.rule()
    (world.rules / "documents.yaml").write_text("{")
    assert [rule.id for rule in world.load().rules] == ["NET001"]


def test_a_missing_list_is_told(world: World) -> None:
    world.rule()
    with pytest.raises(RuleErrors, match=r"documents\.yaml:1:1: the file cannot be read"):
        load_documents(world.load().requirements, rules=world.rules)


def test_the_command_shows_sentences_without_ids(sentences: tuple[Sentence, ...]) -> None:
    shown = CliRunner().invoke(main, ["rules", "coverage", "--documents"])
    assert shown.exit_code == 0
    words = " ".join(shown.stdout.split())
    for sentence in sentences:
        assert sentence.text in words
    assert f"of {len(sentences)} sentences." in words
    assert not [line for line in shown.stdout.splitlines() if re.match(r"\s*\d+\.\d+\b", line)]


def test_the_command_shows_sentences_as_json(sentences: tuple[Sentence, ...]) -> None:
    shown = CliRunner().invoke(main, ["rules", "coverage", "--documents", "--format", "json"])
    rows = json.loads(shown.stdout)
    assert [row["text"] for row in rows] == [sentence.text for sentence in sentences]
    for row in rows:
        assert row["state"] in (ENFORCED, PARTLY, NOT_YET, NOT_HERE)
        assert (row["state"] == NOT_HERE) == (not row["artifacts"]) == bool(row["reason"])
        assert bool(row["rules"]) == (row["state"] in (ENFORCED, PARTLY))
