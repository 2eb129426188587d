"""Messages: one line, short, and nothing but values in their holes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter.judge.template import LONGEST, holes, render


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x", "x"),
        (None, "none"),
        (True, "true"),
        (60, "60"),
        (60.0, "60"),
        (1.5, "1.5"),
        ("unknown", "unknown"),
        ([], "none"),
        (["a"], "a"),
        (["a", "b", "c"], "a, b and c"),
        (list("abcdefgh"), "a, b, c, d, e, f and 2 more"),
        ({"a": "é"}, '{"a": "é"}'),
        ("two\nlines\t and \x1b[31m", "two lines and [31m"),
        ("a\u202eb", "a b"),
        ("x" * 500, "x" * (LONGEST - 1) + "…"),
        (["x" * (LONGEST - 20), "y" * 100], "x" * (LONGEST - 20) + " and 1 more"),
    ],
)
def test_values(value: Any, text: str) -> None:
    assert render("<{field}>", {"field": value}, {}) == f"<{text}>"


def test_holes_reach_into_values_and_never_into_objects() -> None:
    fields = {"a": {"b": [{"c": "deep"}]}, "api": "x"}
    assert render("{a.b.0.c} {param.limit}", fields, {"limit": 3}) == "deep 3"
    assert render("{a.z} {a.b.7} {zz} {api.upper} {api.__class__}", fields, {}) == " ".join(["unknown"] * 5)
    assert render("{{literal}} {api}", fields, {}) == "{literal} x"


def test_values_are_no_templates() -> None:
    assert render("{api}", {"api": "{secret} {{"}, {}) == "{secret} {{"


@pytest.mark.parametrize("template", ["{", "}", "a {b", "{a b}", "{}", "{a!r}", "{a:>10}", "{0}"])
def test_broken_templates(template: str) -> None:
    with pytest.raises(ValueError, match="has no partner"):
        holes(template)


@given(
    st.text(), st.recursive(st.none() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
)
def test_any_value_makes_one_printable_line(name: str, value: Any) -> None:
    text = render("{field}", {"field": value, name: 1}, {})
    assert text == " ".join(text.split("\n"))
    assert "\x1b" not in text
