"""How the way to a finding is shown, in every kind of report."""

from __future__ import annotations

import gzip
import json
import random
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from linter.cli.main import main
from linter.model import Fact, Location, Span, Step
from linter.render import sarif
from linter.render.excerpt import display_width
from linter.render.github import render_github
from linter.render.json import render_json
from linter.render.limits import ANNOTATION_TEXT, SARIF_STEPS_KEPT
from linter.render.sarif import render_sarif
from linter.render.text import render_text

from .samples import DOCKERFILE, FETCH, Rule, at, finding, report, traced
from .test_sarif import everywhere, run
from .test_text import HOSTILE, text

if TYPE_CHECKING:
    from pathlib import Path


def long_way(number: int) -> tuple[Step, ...]:
    return tuple(Step(at("a.py", line), f"step {line}") for line in range(1, number + 1))


def how(shown: str) -> list[str]:
    """The lines of a text report that tell the way to its only finding."""
    lines = shown.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("  how:"))
    last = next((n for n, line in enumerate(lines) if n > first and not line.startswith("        ")), len(lines))
    return lines[first:last]


# Text


def test_the_terminal_shows_the_way_below_the_finding() -> None:
    assert text(report(traced()), width=120).startswith(
        """\
app/weights.py:7:12 error MLP001 downloads-at-build
  `requests.get` calls out.
  how:  Dockerfile:5 ENTRYPOINT serve -> app/serve:3 imports predictor -> app/predictor.py:10 load() -> here
  why:  The container has no network.
"""
    )


def test_the_way_is_wrapped_at_its_arrows() -> None:
    assert how(text(report(traced()), width=66)) == [
        "  how:  Dockerfile:5 ENTRYPOINT serve",
        "        -> app/serve:3 imports predictor",
        "        -> app/predictor.py:10 load() -> here",
    ]


def test_a_step_that_fits_on_no_line_is_wrapped_too() -> None:
    lines = how(text(report(traced(Step(at("a.py", 2), "word " * 10))), width=40))
    assert lines == ["  how:  a.py:2 word word word word word", "        word word word word word -> here"]


def test_the_excerpt_comes_first() -> None:
    shown = text(report(finding(location=at("Dockerfile", 1), trace=long_way(1))))
    assert shown.index(DOCKERFILE.splitlines()[0]) < shown.index("  how:  a.py:1 step 1 -> here\n")


def test_a_finding_without_a_way_has_no_line_for_it() -> None:
    assert "how:" not in text(report(finding()))


def test_quiet_is_still_one_line_a_finding() -> None:
    assert text(report(traced()), -1) == "app/weights.py:7:12 error MLP001 `requests.get` calls out.\n"


def test_a_long_way_is_cut_in_the_middle_unless_verbose() -> None:
    assert how(text(report(traced(*long_way(20))), width=500)) == [
        "  how:  a.py:1 step 1 -> a.py:2 step 2 -> a.py:3 step 3 -> … 14 more steps (-v shows all) "
        "-> a.py:18 step 18 -> a.py:19 step 19 -> a.py:20 step 20 -> here"
    ]
    assert " ".join(how(text(report(traced(*long_way(20))), 1))).count("->") == 20


@pytest.mark.parametrize("number", range(1, 12))
def test_one_step_is_shown_rather_than_counted(number: int) -> None:
    shown = " ".join(how(text(report(traced(*long_way(number))))))
    assert "1 more step " not in shown
    assert ("more steps" in shown) == (number > 7)


def test_a_long_text_is_shortened_unless_verbose() -> None:
    what = report(traced(Step(at("a.py"), "x" * 100_000)))
    assert how(text(what, width=200)) == [f"  how:  a.py:1 {'x' * 59}… -> here"]
    assert "x" * 100_000 in text(what, 1)


def test_steps_are_in_the_paths_that_the_user_would_type() -> None:
    lines = how(text(report(traced(Step(at("my  app/x.py", 2), "go"))), cwd="/srv/product/conf"))
    assert lines == ["  how:  ../my  app/x.py:2 go -> here"]


def test_places_are_sound_and_texts_may_be_empty() -> None:
    step = Step(Location("a.py", Span(0, 0, 0, 0)), " ")
    assert how(text(report(traced(step)))) == ["  how:  a.py:1 -> here"]


@given(
    st.lists(st.text("ab \x1b\u202e\n->", max_size=80) | st.text("a漢é\u0301", max_size=6), min_size=1, max_size=12),
    st.integers(40, 100),
    st.sampled_from([0, 1]),
)
def test_no_line_is_wider_than_the_terminal(words: list[str], width: int, verbosity: int) -> None:
    # Words of one character can be wrapped anywhere; a long one is wider than the terminal in every part of the report.
    steps = [Step(at("漢.py", number), " ".join(word)) for number, word in enumerate(words, 1)]
    lines = how(text(report(traced(*steps)), verbosity, width=width))
    assert max(display_width(line) for line in lines) <= width


def test_colour_changes_nothing_but_colour() -> None:
    coloured = render_text(report(traced()), colour=True, verbosity=0, width=80, cwd="/srv/product")
    assert "  \x1b[2mhow:\x1b[0m  Dockerfile:5 ENTRYPOINT serve -> " in coloured


def test_hostile_steps_are_spelled_out() -> None:
    (line,) = how(text(report(traced(Step(at("x\x1b.py"), "a\x1b[31m\r\n  b\u202e"))), cwd=""))
    assert line == "  how:  x\\x1b.py:1 a\\x1b[31m b\\u202e -> here"


# SARIF


def flow(what: Any, **more: Any) -> list[Any]:
    """The places of the only code flow of the only result."""
    (result,) = run(what, **more)["results"]
    ((thread,),) = (each["threadFlows"] for each in result["codeFlows"])
    return [each["location"] for each in thread["locations"]]


def told(locations: list[Any]) -> list[tuple[str, int, str]]:
    return [
        (
            each["physicalLocation"]["artifactLocation"]["uri"],
            each["physicalLocation"]["region"]["startLine"],
            each["message"]["text"],
        )
        for each in locations
    ]


def test_sarif_has_one_flow_that_ends_at_the_finding() -> None:
    what = report(traced())
    shown = flow(what)
    assert told(shown) == [
        ("Dockerfile", 5, "ENTRYPOINT serve"),
        ("app/serve", 3, "imports predictor"),
        ("app/predictor.py", 10, "load()"),
        ("app/weights.py", 7, "`requests.get` calls out."),
    ]
    assert shown[-1]["physicalLocation"] == run(what)["results"][0]["locations"][0]["physicalLocation"]
    assert shown[0]["physicalLocation"]["artifactLocation"]["index"] == 0


def test_a_result_without_a_way_has_no_flow() -> None:
    assert "codeFlows" not in run(report(finding()))["results"][0]


def test_steps_are_relative_to_the_root_of_the_repository() -> None:
    assert told(flow(report(traced()), root="/srv"))[1][0] == "product/app/serve"


def test_hostile_steps_in_sarif() -> None:
    step = Step(Location("my app/\x1b#.py", Span(0, -1, 0, 0)), "[here](http://evil) \x1b[2J\u202e")
    assert told(flow(report(traced(step, Step(at(""), "")))))[:2] == [
        ("my%20app/%1B%23.py", 1, "[here] (http://evil) \\x1b[2J\\u202e"),
        ("Dockerfile", 1, ":1:1"),
    ]


@pytest.mark.parametrize("number", [SARIF_STEPS_KEPT - 1, SARIF_STEPS_KEPT, 12_000])
def test_a_flow_is_cut_in_the_middle_to_what_github_keeps(number: int) -> None:
    shown = told(flow(report(traced(*long_way(number)))))
    assert len(shown) == SARIF_STEPS_KEPT
    assert shown[0] == ("a.py", 1, "step 1")
    assert shown[-2:] == [("a.py", number, f"step {number}"), ("app/weights.py", 7, "`requests.get` calls out.")]
    notes = [(line, words) for _, line, words in shown if "more step" in words]
    left = number - (SARIF_STEPS_KEPT - 2)
    words = f"… {left:,} more steps, the first one here; the JSON report has all of them"
    assert notes == ([] if number < SARIF_STEPS_KEPT else [(500, words)])


def test_many_flows_are_shorter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "SARIF_STEPS_IN_ALL", 2_000)
    found = [traced(*long_way(300), message=f"Finding {number}.") for number in range(40)]
    only = run(report(*found, finding(message="One without a way.")))
    assert [len(each["locations"]) for flows in everywhere(only, "threadFlows") for each in flows] == [50] * 40
    monkeypatch.setattr(sarif, "SARIF_STEPS_IN_ALL", 100)
    only = run(report(*found))
    assert [len(each["locations"]) for flows in everywhere(only, "threadFlows") for each in flows] == [10] * 40


def test_a_file_that_would_be_refused_loses_steps_before_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    limit = 100_000
    monkeypatch.setattr(sarif, "SARIF_GZIP_BYTES", limit)
    noise = random.Random(1)
    words = ["".join(chr(noise.randrange(33, 0x3000)) for _ in range(100)) for _ in range(200)]
    found = [traced(*(Step(at("a.py"), word) for word in words), message=f"Finding {n}.") for n in range(20)]
    assert len(gzip.compress(render_sarif(report(*found)).encode())) < limit
    only = run(report(*found))
    assert len(only["results"]) == 20
    assert [len(each["locations"]) for flows in everywhere(only, "threadFlows") for each in flows] == [10] * 20


# JSON, annotations, facts


def test_json_has_every_step() -> None:
    (shown,) = json.loads(render_json(report(traced())))["findings"]
    assert shown["trace"] == [
        {"path": "Dockerfile", "line": 5, "column": 1, "text": "ENTRYPOINT serve"},
        {"path": "app/serve", "line": 3, "column": 1, "text": "imports predictor"},
        {"path": "app/predictor.py", "line": 10, "column": 5, "text": "load()"},
    ]
    (shown,) = json.loads(render_json(report(traced(*long_way(2_000)))))["findings"]
    assert len(shown["trace"]) == 2_000
    (shown,) = json.loads(render_json(report(finding())))["findings"]
    assert shown["trace"] == []


def test_json_has_exact_paths_and_safe_texts() -> None:
    step = Step(Location("a\x1b\nb", Span(0, 0, 0, 0)), "x\x1b[2J\u202e")
    (shown,) = json.loads(render_json(report(traced(step))))["findings"]
    assert shown["trace"] == [{"path": "a\x1b\nb", "line": 1, "column": 1, "text": "x\\x1b[2J\\u202e"}]


def test_an_annotation_tells_the_way_between_message_and_remedy() -> None:
    line = render_github(report(traced()), root="/srv").splitlines()[0]
    assert line.endswith(
        "::`requests.get` calls out.%0AHow: product/Dockerfile:5 ENTRYPOINT serve -> "
        "product/app/serve:3 imports predictor -> product/app/predictor.py:10 load() -> here%0A"
        "Bring the file along in the image."
    )


def test_an_annotation_has_the_short_form_if_there_is_room() -> None:
    line = render_github(report(traced(*long_way(5_000)))).splitlines()[0]
    assert "-> a.py:3 step 3 -> … 4,994 more steps -> a.py:4998 step 4998 ->" in line
    full = finding(Rule("MLP001", "n"), message="m" * (ANNOTATION_TEXT - 50), trace=long_way(3))
    assert "How:" not in render_github(report(full))
    assert "Bring the file along" in render_github(report(full))


def test_a_step_is_no_workflow_command() -> None:
    step = Step(at("a\n::error::x.py"), f"\n::error::y{HOSTILE}")
    lines = render_github(report(traced(step))).splitlines()
    assert [line.split()[0] for line in lines] == ["::error", "mllint:"]
    assert "%0AHow: a\\n::error::x.py:1 ::error::y\\x1b]0;title" in lines[0]


def test_facts_are_printed_with_their_trace(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    plain = Fact("python.call", at("a.py", 2), {"api": "requests.get"})
    steps = (
        Step(at("Dockerfile", 5, 1), "ENTRYPOINT serve"),
        Step(at("模.py", 3, 2), "x\x1b\x7f\x9b\u202e\ud800\U000e0001"),
    )
    monkeypatch.setattr("linter.engine.facts_of", lambda *_: [plain, plain.with_trace(steps)])
    result = CliRunner().invoke(main, ["facts", str(tmp_path)])
    assert result.exit_code == 0, result.output
    first, second = result.stdout.splitlines()
    assert json.loads(first) == {"kind": "python.call", "at": "a.py:2:1", "api": "requests.get"}
    assert json.loads(second)["trace"] == [
        {"at": "Dockerfile:5:1", "text": "ENTRYPOINT serve"},
        {"at": "模.py:3:2", "text": steps[1].text},
    ]
    assert "模.py" in second
    assert second.isprintable()


def test_the_trace_changes_no_fingerprint() -> None:
    with_it, without = (run(report(each))["results"][0] for each in (finding(FETCH, trace=long_way(3)), finding(FETCH)))
    assert with_it["partialFingerprints"] == without["partialFingerprints"]
