"""The rules that come with mllint: their own examples, their pages, the facts that they judge."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema_rs
import pytest

from linter.discover import discover
from linter.engine import built_images, check_texts, facts_of
from linter.inspect.run import inspect_all
from linter.judge.examples import Example, load_examples, load_look_alikes, packed, run_examples, run_look_alikes
from linter.judge.load import load_knowledge, load_rules
from linter.resources import schemas_folder
from linter.tree import MemoryTree

if TYPE_CHECKING:
    from linter.judge.rule import Rule

ROOT = Path(__file__).resolve().parent.parent
RULES = load_rules().rules


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_examples_hold(rule: Rule) -> None:
    results = run_examples([rule], check_texts)
    assert len(results) >= 2
    assert [result.difference for result in results if not result.passed] == []


def test_nothing_is_said_about_look_alikes() -> None:
    results = run_look_alikes(check_texts)
    assert len(results) > 20
    assert [(result.example, result.difference) for result in results if not result.passed] == []


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("serve.py", 'import requests\n\nrequests.get("https://example.com")\n'),
        (
            "Dockerfile",
            'FROM python:3.12-slim\nENV HF_MODEL_ID=acme/model\nENTRYPOINT ["sh", "-c", "curl https://e.com"]\n',
        ),
    ],
)
def test_look_alikes_would_be_reported_if_they_were_none(file: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    requirement, families, example = load_look_alikes()[0]
    spoiled: Example = example._replace(files={**example.files, file: text})
    monkeypatch.setattr("linter.judge.examples.load_look_alikes", lambda: [(requirement, families, spoiled)])
    (result,) = run_look_alikes(check_texts)
    assert result.rule == "net-what-is-fine"
    assert not result.passed
    assert f"at {file}:" in str(result.difference)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_facts_of_examples_obey_their_schemas(rule: Rule) -> None:
    validators = {}
    for example in load_examples(rule):
        tree = MemoryTree({path: packed(text) for path, text in example.files.items()}, example.executable)
        for fact in facts_of(tree, [""] if example.files else [], load_knowledge(), built_images(example.images)):
            if fact.kind not in validators:
                schema = json.loads((schemas_folder() / "facts" / f"{fact.kind}.schema.json").read_text("utf-8"))
                validators[fact.kind] = jsonschema_rs.validator_for(schema)
            validators[fact.kind].validate(dict(fact.fields))


def test_pages_are_up_to_date() -> None:
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        from generate_docs import stale
    finally:
        sys.path.pop(0)
    assert stale() == [], "run `make docs`"


def test_every_kind_of_fact_is_described() -> None:
    for path in sorted((schemas_folder() / "facts").glob("*.json")):
        schema = json.loads(path.read_text("utf-8"))
        assert path.name == f"{schema['title']}.schema.json"
        assert schema["additionalProperties"] is False
        assert set(schema["required"]) == set(schema["properties"]), path.name
        for name, field in schema["properties"].items():
            assert field.get("description"), f"{path.name}: {name}"


def test_many_artifacts_give_the_same_facts_in_several_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {f"p{n}/Dockerfile": b"FROM python:3.12-slim\nRUN pip install flask\nUSER 1000\n" for n in range(60)}
    tree, knowledge = MemoryTree(files), load_knowledge()
    artifacts = discover(tree, [""]).artifacts
    alone = inspect_all(tree, artifacts, knowledge, 1)
    monkeypatch.setattr("linter.inspect.run.POOL_FROM_ARTIFACTS", 10)
    together = inspect_all(tree, artifacts, knowledge, 2)
    assert together == alone


def test_reasons_and_remedies_name_no_field_of_a_fact() -> None:
    """Messages alone are filled in: elsewhere a reader would see the braces."""
    named = {rule.id for rule in RULES if re.search(r"\{[a-z_]+\}", f"{rule.why} {rule.fix}")}
    assert named == set()
