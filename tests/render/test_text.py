"""What people see at the terminal."""

from __future__ import annotations

import re
import textwrap
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from linter.model import Artifact, Finding, Location, Notice, Report, Span, Step, Suppression
from linter.render.text import render_text

from .samples import FETCH, PORT, Rule, at, finding, full, report

HOSTILE = "\x1b]0;title\x07\x1b[2J\u202e\r\n::error::x\x9b"


def text(what: Report, verbosity: int = 0, colour: bool = False, width: int = 80, cwd: str = "/srv/product") -> str:
    return render_text(what, colour=colour, verbosity=verbosity, width=width, cwd=cwd)


def test_the_whole_report() -> None:
    assert (
        text(full())
        == """\
Dockerfile:3:5 error MLP001 downloads-at-build
  `curl` downloads a program and `sh` runs it.
    2 | RUN apt-get update && \\
    3 |     curl -sSL https://example.com/install.sh | sh
      |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  also: Dockerfile:5:1 the container starts here
  why:  The container has no network.
  fix:  Bring the file along in the image.

conf/nginx.conf:2:9 warning MLP002 wrong-port
  nginx listens on port 80.
    2 |     listen 80;
      |            ^^
  edit: write `8080` there
  why:  SageMaker talks to port 8080.
  fix:  Write `listen 8080;`.

Not inspected, or not fully
  - warning: The file is not valid JSON.
    listing.json:4:2
  - The file is larger than 1 MiB; raise `max_size` to have it read.
    model/a.json, model/b.json

Worst first
  1 error   MLP001 downloads-at-build
  1 warning MLP002 wrong-port

1 error, 1 warning in 2 files; 1 suppressed
Inspected 1 Dockerfile, 1 nginx configuration with 3 rules.
Run `mllint explain MLP001` to learn more about a rule.
"""
    )


def test_quiet_is_one_line_a_finding() -> None:
    assert text(full(), -1) == (
        "Dockerfile:3:5 error MLP001 `curl` downloads a program and `sh` runs it.\n"
        "conf/nginx.conf:2:9 warning MLP002 nginx listens on port 80.\n"
    )
    assert text(report(), -1) == ""


def test_verbose_leaves_nothing_out() -> None:
    shown = text(full(), 1)
    assert "  why:  The container has no network. So every download fails.\n" in shown
    assert "conf/nginx.conf:3:2 warning MLP002 wrong-port by comment: agreed with the team\n" in shown
    assert "    model/a.json\n    model/b.json\n" in shown


def test_a_clean_report_says_so_in_one_line() -> None:
    assert text(report()) == (
        "All good: no findings in 2 files.\nInspected 1 Dockerfile, 1 nginx configuration with 3 rules.\n"
    )


def test_a_clean_report_does_not_hide_what_was_not_read() -> None:
    shown = text(report(notices=(Notice("too-large", "It is too large.", "a.json"),)))
    assert "All good: no findings in 2 files, as far as it could be inspected.\n" in shown


def test_nothing_to_inspect_is_not_good_news() -> None:
    shown = text(report(artifacts=()))
    assert shown == "Nothing to check: no Dockerfile, server configuration or request to AWS was found.\n"


def test_a_failure_inside_is_told_and_not_called_good() -> None:
    shown = text(report(error="KeyError: 'x'"))
    assert shown.startswith("Something inside mllint failed: KeyError: 'x'\n")
    assert "All good" not in shown


def test_colour_changes_nothing_but_colour() -> None:
    for verbosity in (-1, 0, 1):
        plain, coloured = text(full(), verbosity), text(full(), verbosity, colour=True)
        assert "\x1b" not in plain
        assert "\x1b[1;31merror\x1b[0m" in coloured
        assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


def test_paths_are_those_that_the_user_would_type() -> None:
    assert text(full(), -1, cwd="/srv/product/conf").splitlines()[1].startswith("nginx.conf:2:9 ")
    assert text(full(), -1, cwd="/srv/product/conf").startswith("../Dockerfile:3:5 ")
    assert text(full(), -1, cwd="/srv").startswith("product/Dockerfile:3:5 ")


def many(number: int, rule: Rule = FETCH) -> list[Finding]:
    return [finding(rule, at("Dockerfile", line), f"Message {line}.") for line in range(1, number + 1)]


def test_many_alike_are_counted() -> None:
    shown = text(report(*many(10)))
    assert "Message 3." in shown
    assert "Message 4." not in shown
    assert "MLP001 ... and 7 more like this in Dockerfile, on lines 4, 5, 6, 7, 8, 9, 10\n" in shown
    assert "10 errors in 1 file\n" in shown
    assert shown.count("why:") == 1
    for verbosity in (-1, 1):
        assert all(f"Message {line}." in text(report(*many(10)), verbosity) for line in range(1, 11))


def test_one_more_is_shown_rather_than_counted() -> None:
    assert "Message 4." in text(report(*many(4)))


def test_findings_are_in_the_order_of_their_places() -> None:
    found = [
        finding(location=at("b", 1)),
        finding(location=at("a", 10)),
        finding(PORT, at("a", 2)),
        finding(location=at("a", 2, 5)),
    ]
    lines = text(report(*found, sources={}), -1).splitlines()
    assert [line.split()[0] for line in lines] == ["a:2:1", "a:2:5", "a:10:1", "b:1:1"]


def test_the_overview_has_the_worst_first() -> None:
    shown = text(report(*many(3, PORT), finding(location=at("x")), finding(location=at("y"))))
    assert "Worst first\n  2 error   MLP001 downloads-at-build in 2 files\n  3 warning MLP002 wrong-port\n" in shown


def test_counts_in_words() -> None:
    note = Rule("MLP009", "n", severity="note")
    shown = text(report(*many(3), *many(2, PORT), finding(note, at("other"))))
    assert "3 errors, 2 warnings, 1 note in 2 files\n" in shown


def test_unknown_kinds_have_a_name_too() -> None:
    artifacts = (Artifact("a", "manifest"), Artifact("b", "manifest"), Artifact("c", "wheel"))
    assert "Inspected 2 manifests, 1 wheel file with 3 rules.\n" in text(report(artifacts=artifacts))


def test_many_notices_are_cut_unless_verbose() -> None:
    notices = tuple(Notice(f"code-{n}", f"Message {n}.", f"f{n}") for n in range(9))
    shown = text(report(notices=notices))
    assert "  ... and 4 more notices; --verbose lists all of them\n" in shown
    assert "Message 8." in text(report(notices=notices), 1)


def test_many_files_with_one_notice() -> None:
    notices = tuple(Notice("large", "Too large.", f"f{n}") for n in range(9))
    assert "    f0, f1, f2 and 6 more\n" in text(report(notices=notices))


def test_long_texts_are_wrapped() -> None:
    shown = text(report(finding(message="word " * 60)), width=60)
    assert max(len(line) for line in shown.splitlines()) <= 60


def test_a_finding_without_text_or_rule_still_shows() -> None:
    stray = Finding("X1", "stray", "note", "low", "Odd.", at("gone"), at("gone"), ())
    assert text(report(stray)).startswith("gone:1:1 note X1 stray\n  Odd.\n\n")


def hostile(word: str) -> Report:
    """A report in which every text from outside is the given one."""
    place = Location(word or "x", Span(1, 1, 1, 3))
    found = finding(
        Rule("MLP001", "name", why=word, fix=word),
        place,
        word,
        related=((place, word),),
        trace=(Step(place, word),) * 10,
        suppression=None,
    )
    apart = finding(location=place, message=word, suppression=Suppression("comment", word, place))
    return report(
        found,
        suppressed=(apart,),
        notices=(Notice("code", word, word, Span()),),
        sources={place.path: word},
        artifacts=(Artifact(place.path, "manifest"),),
        error=word,
    )


@given(st.text(st.characters() | st.sampled_from(HOSTILE), max_size=30))
def test_no_text_from_outside_steers_the_terminal(word: str) -> None:
    for verbosity in (-1, 0, 1):
        shown = text(hostile(word), verbosity)
        assert not {unicodedata.category(char) for char in shown if char not in "\n\u200c\u200d"} & {
            "Cc",
            "Cf",
            "Cs",
            "Co",
            "Zl",
            "Zp",
        }
        shown.encode("utf-8")
    assert len(text(hostile(word), -1).splitlines()) == 1


def test_spaces_in_names_stay() -> None:
    assert text(report(finding(location=at("my  file.py")), sources={})).startswith("my  file.py:1:1 error")


@given(st.lists(st.text("ab-.", min_size=1, max_size=30), min_size=1, max_size=40))
def test_a_message_is_broken_between_words_as_textwrap_breaks_it(words: list[str]) -> None:
    message = " ".join(["It", *words])
    shown = text(report(finding(message=message))).splitlines()
    wrapped = textwrap.wrap(message, 78, break_long_words=False, break_on_hyphens=False)
    assert shown[1 : 1 + len(wrapped)] == [f"  {line}" for line in wrapped]
