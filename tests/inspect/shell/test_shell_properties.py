"""Whatever the input: no exception, every fact valid, every place inside the text."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linter.inspect.shell.commands import commands_of_words, parse_commands

RELAXED = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
PIECES = st.sampled_from(
    (
        *(
            "a",
            "curl ",
            "http://é/",
            "'",
            '"',
            "$(",
            ")",
            "`",
            "<<EOF\n",
            "EOF\n",
            "\n",
            ";",
            "|",
            "&",
            "&&",
            "||",
            "{",
        ),
        *(
            "}",
            "(",
            "if ",
            "then ",
            "fi ",
            "do ",
            "done ",
            "case x in ",
            "esac ",
            "$x",
            "${x:-",
            "é",
            "\\",
            "x=",
            "x+=(",
        ),
        *(
            '"${a[@]}" ',
            "sh -c ",
            "eval ",
            "sudo ",
            "export ",
            "exec ",
            "> ",
            "<(",
            "[ ",
            "]]",
            "\0",
            "\r\n",
            "for i in ",
        ),
        *(
            "f() ",
            "😀",
            " ",
            "env A=b ",
            "bash <<E\n",
            "E\n",
            "aws --region ",
            "docker buildx build ",
            "--push ",
            "-t ",
        ),
        *(
            "gunicorn -b ",
            ":80 ",
            "python -m flask run --port=",
            "timeout 5 ",
            "conda run -n ",
            "[program:x]\ncommand=",
        ),
        *("nginx -g 'daemon off;' ", "%(E)s"),
    )
)
TEXTS = st.one_of(st.lists(PIECES, max_size=40).map("".join), st.text(max_size=200))


def inside(text: str, facts: Any) -> None:
    lines = text.split("\n")
    for fact in facts:
        for span in (fact.location.span, *fact.spans.values()):
            assert (1, 1) <= (span.line, span.column) <= (span.end_line, span.end_column)
            assert span.end_line <= len(lines)
            assert span.end_column <= len(lines[span.end_line - 1]) + 1


@RELAXED
@given(TEXTS)
def test_offsets_of_commands(text: str) -> None:
    for command in parse_commands(text):
        assert 0 <= command.start <= command.end <= len(text)
        assert command.wrapped_by or text[command.start : command.end] == command.text
        assert len(command.arguments) == len(command.argument_texts) == len(command.argument_spans)
        assert all(0 <= start <= end <= len(text) for start, end in (command.program_span, *command.argument_spans))


@RELAXED
@given(st.lists(st.text(max_size=20), max_size=12))
def test_words(words: list[str]) -> None:
    length = len(" ".join(words))
    for command in commands_of_words(words):
        assert all(0 <= start <= end <= length for start, end in command.argument_spans)


@pytest.mark.parametrize("kind", ["shell", "script", "gunicorn", "supervisor"])
@RELAXED
@given(TEXTS)
def test_any_text(read: Callable[..., Any], kind: str, text: str) -> None:
    data = text.encode("utf-8", "replace")
    inside(data.decode("utf-8").removeprefix("\ufeff"), read(data, kind).facts)


@pytest.mark.parametrize("kind", ["shell", "script", "gunicorn", "supervisor"])
@RELAXED
@given(st.binary(max_size=300))
def test_any_bytes(read: Callable[..., Any], kind: str, data: bytes) -> None:
    reading = read(data, kind)
    assert reading.facts or reading.notices or kind in ("gunicorn", "supervisor")


def test_characters_far_from_ascii_do_not_crash_the_scanner() -> None:
    """The grammar's own scanner reads outside of its tables on these; a crash ends the whole process."""
    far = "\U000edd5b[\U00020bb7 (\U000f6c53{\U000c835b$\U00015757 <<\U000df950 "
    far += "\U00010fed=\U0008d875 ${\U00052155:-\ud800}\n"
    for shift in range(40):
        text = "".join(chr(min(ord(c) + shift * 4099, 0x10FFFF)) if ord(c) > 0xFFFF else c for c in far)
        parse_commands(text * 5)
    assert parse_commands("\U000edd5b \U00020bb7é")[0].arguments == ("\U00020bb7é",)
