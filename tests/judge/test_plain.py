"""`linter.judge.plain` never answers otherwise than the validator's library."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linter.judge.load import load_rules
from linter.judge.plain import test_of as plain_test

WORDS = ["", "a", "ab", "/opt/ml/model", "/opt/ml/model\n", "/opt/ml/model/x", "aws-cn", "A.b", "é", "\u2028", "1", "-"]
PATTERNS = ["^/opt/ml/model(/|$)", "/$", "arm|aarch64", "^/", "^[aA][wW][sS]:", "a?b", "^(a|b)$", "[A-Za-z.-]", "\\.",
            "^(s3|s3a|https)://", "a*", "(a+)+$", "\\d", "^--x(=|$)", "$", "", "(?!a)b", "a|", "()", "[^a]", "b{2}"]  # fmt: skip
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(WORDS),
    st.integers(-3, 3),
    st.sampled_from([0.0, 1.0, -2.5, 2**53, 2**53 + 1, 2**63 - 1, 2**63]),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
types = st.sampled_from(["null", "boolean", "string", "array", "object", "integer", "number"])
sizes = st.integers(0, 3)
bounds = st.one_of(st.integers(-3, 3), st.sampled_from([0.5, 1.0, 2**60]))


def _schema(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=1, max_size=3)
    parts: dict[str, st.SearchStrategy[Any]] = {
        "type": types | st.lists(types, min_size=1, max_size=3, unique=True),
        "const": values,
        "enum": st.lists(values, min_size=1, max_size=4),
        "properties": st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
        "required": st.lists(st.sampled_from("abc"), min_size=1, max_size=2, unique=True),
        "not": inner, "allOf": several, "anyOf": several, "oneOf": several, "contains": inner, "items": inner,
        "minContains": sizes, "maxContains": sizes, "prefixItems": several, "uniqueItems": st.booleans(),
        "pattern": st.sampled_from(PATTERNS), "minItems": sizes, "maxItems": sizes, "minLength": sizes,
        "maxLength": sizes, "minimum": bounds, "maximum": bounds, "exclusiveMinimum": bounds,
        "exclusiveMaximum": bounds, "if": inner, "then": inner, "else": inner, "description": st.just("x"),
        "additionalProperties": inner, "propertyNames": inner,
    }  # fmt: skip
    return st.lists(st.sampled_from(sorted(parts)), max_size=3, unique=True).flatmap(
        lambda names: st.fixed_dictionaries({name: parts[name] for name in names})
    )


schemas = st.recursive(st.booleans() | _schema(st.booleans()), _schema, max_leaves=6)


@settings(max_examples=3000, deadline=None)
@given(schemas, st.lists(values, min_size=1, max_size=4))
def test_answers_as_the_library_or_not_at_all(schema: Any, instances: list[Any]) -> None:
    validator = jsonschema_rs.Draft202012Validator(schema)
    test = plain_test(schema)
    for instance in instances:
        answer = test(instance)
        assert answer is None or answer == validator.is_valid(instance), (schema, instance)


@pytest.mark.parametrize("pattern", PATTERNS)
@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="abAB/.:-\n\r19 =optmlde\u2028é", max_size=8) | st.sampled_from(WORDS))
def test_patterns(pattern: str, text: str) -> None:
    answer = plain_test({"pattern": pattern})(text)
    assert answer is None or answer == jsonschema_rs.Draft202012Validator({"pattern": pattern}).is_valid(text)


@pytest.mark.parametrize(
    "schema", [{"$ref": "#"}, {"type": "text"}, {"enum": []}, {"required": "a"}, {"minItems": -1}, 3]
)
def test_leaves_what_it_does_not_know_to_the_library(schema: Any) -> None:
    assert plain_test(schema)({"a": 1}) is None


def test_most_rules_are_plain() -> None:
    rules = load_rules().rules
    settled = sum(plain_test(rule.match)({}) is not None for rule in rules)
    assert settled > 0.9 * len(rules)
