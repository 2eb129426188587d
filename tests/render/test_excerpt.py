"""The caret must stand below what is meant, whatever the line holds."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter.model import Span
from linter.render.excerpt import display_width, excerpt


def shown(line: str, start: int, end: int, width: int = 40) -> list[str]:
    """The line as it is shown, and its carets."""
    (only,) = excerpt([line], Span(1, start, 1, end), 1, width)
    assert only.caret is not None
    return [only.text, " " * only.caret[0] + "^" * only.caret[1]]


@pytest.mark.parametrize(
    ("line", "start", "end", "expected"),
    [
        ("listen 80;", 8, 10, ["listen 80;", "       ^^"]),
        ("\tlisten 80;", 9, 11, ["    listen 80;", "           ^^"]),
        ("a\tb", 3, 4, ["a   b", "    ^"]),
        ("漢字 = 1", 6, 7, ["漢字 = 1", "       ^"]),
        ("漢字 = 1", 1, 3, ["漢字 = 1", "^^^^"]),
        ("x = '😀' + y", 10, 11, ["x = '😀' + y", "          ^"]),
        ("e\u0301 = 1", 6, 7, ["e\u0301 = 1", "    ^"]),
        ("\x1b[31mred", 6, 9, ["\\x1b[31mred", "        ^^^"]),
        ("short", 6, 6, ["short", "     ^"]),
        ("short", 1, 1, ["short", "^"]),
        ("", 1, 1, ["", "^"]),
    ],
)
def test_caret(line: str, start: int, end: int, expected: list[str]) -> None:
    assert shown(line, start, end) == expected


def test_long_lines_are_cut_around_the_caret() -> None:
    line = "a" * 500 + " MARK " + "b" * 500
    assert shown(line, 502, 506, 30) == ["…aaaaaaaaaaaa MARK bbbbbbbbbb…", "              ^^^^"]
    assert shown("MARK " + "b" * 500, 1, 5, 30) == ["MARK bbbbbbbbbbbbbbbbbbbbbbbb…", "^^^^"]
    assert shown("a" * 500 + " MARK", 502, 506, 30) == ["…aaaaaaaaaaaa MARK", "              ^^^^"]


def test_a_mark_longer_than_the_line_is_cut() -> None:
    text, caret = shown("x" * 1000, 101, 900, 30)
    assert len(text) == 30
    assert text.startswith("…")
    assert text.endswith("…")
    assert set(caret.strip()) == {"^"}
    assert len(caret) <= 30


def test_a_very_long_line_is_quick() -> None:
    assert len(shown("x" * 5_000_000, 4_000_000, 4_000_003, 80)[0]) == 80


@given(
    st.text(st.characters(exclude_characters="\n") | st.sampled_from("\t漢😀\u0301\u200d\x1b"), max_size=200),
    st.integers(1, 250),
    st.integers(0, 250),
    st.integers(20, 100),
)
def test_nothing_is_wider_than_the_terminal(line: str, start: int, length: int, width: int) -> None:
    text, caret = shown(line, start, start + length, width)
    assert display_width(text) <= width
    if start <= len(line):
        assert len(caret) <= width + 1
    assert not {unicodedata.category(c) for c in text if c not in "\u200c\u200d"} & {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


@given(st.text("ab =().…", min_size=12, max_size=60), st.integers(1, 60), st.integers(0, 60))
def test_room_that_a_line_does_not_need_changes_nothing(line: str, start: int, length: int) -> None:
    """A line that just fits is laid out cell by cell, one with room to spare at once."""
    line = f"x{line}x"
    start = min(start, len(line) - 1)
    end = min(start + length, len(line))
    lines = [line]
    span = Span(1, start, 1, end)
    assert excerpt(lines, span, 1, len(line)) == excerpt(lines, span, 1, len(line) + 30)


def test_long_statements_show_their_first_lines() -> None:
    lines = ["RUN a && \\", "    b && \\", "    c && \\", "    d && \\", "    e"]
    found = excerpt(lines, Span(1, 1, 5, 6), 1, 40)
    assert [(line.number, line.text) for line in found] == [
        (1, "RUN a && \\"),
        (2, "    b && \\"),
        (3, "    c && \\"),
        (None, "… 2 more lines"),
    ]
    assert found[0].caret == (0, 10)


def test_a_part_of_a_statement_shows_where_the_statement_begins() -> None:
    lines = ["RUN a && \\", "    b && \\", "    c"]
    assert [(line.number, line.text) for line in excerpt(lines, Span(3, 5, 3, 6), 1, 40)] == [
        (1, "RUN a && \\"),
        (None, "…"),
        (3, "    c"),
    ]


@pytest.mark.parametrize("line", [2, 100])
def test_a_line_that_is_not_there(line: int) -> None:
    assert excerpt(["only"], Span(line, 1, line, 2), 1, 40) == []
