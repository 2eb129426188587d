"""No text from an inspected file may steer a terminal, a runner, or a page."""

from __future__ import annotations

import html
import re
import unicodedata
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter.render.escape import (
    command_property,
    command_text,
    markdown_code,
    markdown_prose,
    markdown_safe,
    message_safe,
    one_line,
    shorten,
    terminal_safe,
    uri_path,
    valid_text,
)

ANY_TEXT = st.text(st.characters(), max_size=60) | st.text(
    "\x1b[31m]()`*_|<>&\\\r\n\t:,%@#. aw1-/\u202e\ud800", max_size=60
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text, naïve 漢字 😀", "plain text, naïve 漢字 😀"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("\x9b2J", "\\x9b2J"),
        ("a\nb\tc\rd", "a\\nb\\tc\\rd"),
        ("\x07\x08\x7f\x00", "\\x07\\x08\\x7f\\x00"),
        ("user\u202etxt.exe", "user\\u202etxt.exe"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("\U000e0041tag", "\\U000e0041tag"),
        ("\udcff", "\\udcff"),
        ("👩\u200d💻", "👩\u200d💻"),
    ],
)
def test_terminal_safe(text: str, shown: str) -> None:
    assert terminal_safe(text) == shown


@given(ANY_TEXT)
def test_nothing_steers_a_terminal(text: str) -> None:
    safe = terminal_safe(text)
    assert not {unicodedata.category(c) for c in safe if c not in "\u200c\u200d"} & {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    safe.encode("utf-8")  # no surrogates left
    assert terminal_safe(safe) == safe
    assert len(one_line(text).splitlines()) <= 1


@given(ANY_TEXT)
def test_a_command_stays_one_command(text: str) -> None:
    shown = command_text(text)
    assert len(shown.splitlines()) <= 1
    assert re.fullmatch(r"(?:[^%]|%25|%0A|%0D)*", shown)
    for exact in (True, False):
        named = command_property(text, exact=exact)
        assert len(named.splitlines()) <= 1
        assert not set(":,\r\n") & set(named)
        assert re.fullmatch(r"(?:[^%]|%25|%0A|%0D|%3A|%2C)*", named)


def test_a_command_keeps_its_words() -> None:
    assert command_text("50% done\r\nnext: a, b") == "50%25 done%0Anext: a, b"
    assert command_property("a:b,c%d\ne", exact=True) == "a%3Ab%2Cc%25d%0Ae"
    assert command_property("a:b\x1b") == "a%3Ab\\x1b"


@given(ANY_TEXT)
def test_markdown_shows_the_text_and_nothing_else(text: str) -> None:
    safe = markdown_safe(text)
    assert len(safe.splitlines()) <= 1
    assert not re.search(r"[<>\"']", safe)
    assert not re.search(r"(?<!\\)(?:\\\\)*(?<!\\)[`*_\[\]|~$]", safe)
    assert html.unescape(re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", safe)) == one_line(text)
    assert not re.search(r"\w://", safe)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a|b", "a\\|b"),
        ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert\\(1\\)&gt;"),
        ("[x](http://evil)", "\\[x\\]\\(http\\://evil\\)"),
        ("1. one", "1\\. one"),
        ("- one", "\\- one"),
        ("# head", "\\# head"),
        ("snake_case `code`", "snake\\_case \\`code\\`"),
        ("> quote\nnext", "&gt; quote next"),
        ("python-3.11", "python-3.11"),
    ],
)
def test_markdown_safe(text: str, shown: str) -> None:
    assert markdown_safe(text) == shown


def test_code_in_markdown() -> None:
    assert markdown_prose("Write `a|b` or <b>.") == "Write <code>a\\|b</code> or &lt;b&gt;."
    assert markdown_prose("one ` only") == "one \\` only"
    assert markdown_code("</code><script>") == "<code>&lt;/code&gt;&lt;script&gt;</code>"


@given(ANY_TEXT)
def test_markdown_prose_has_no_html_but_its_own(text: str) -> None:
    assert "<" not in markdown_prose(text).replace("<code>", "").replace("</code>", "")


@given(ANY_TEXT)
def test_messages_hold_no_links(text: str) -> None:
    assert "](" not in message_safe(text)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_uris_bring_the_path_back(path: str) -> None:
    uri = uri_path(path)
    assert re.fullmatch(r"(?:file://)?[A-Za-z0-9/._~%-]*", uri)
    assert unquote_to_bytes(uri.removeprefix("file://")) == path.encode()


def test_uris_of_hostile_names() -> None:
    assert uri_path("a b/100%#?.py") == "a%20b/100%25%23%3F.py"
    assert uri_path("c:evil\n") == "c%3Aevil%0A"
    assert uri_path("name\udcff") == "name%FF"
    assert uri_path("/abs/x") == "file:///abs/x"


@given(ANY_TEXT)
def test_valid_text_can_be_written(text: str) -> None:
    valid_text(text).encode("utf-8")


def test_shorten() -> None:
    assert shorten("abcdef", 6) == "abcdef"
    assert shorten("abcdef", 5) == "abcd…"
