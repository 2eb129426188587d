"""Annotations and the summary of GitHub Actions."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter.model import Notice
from linter.render.github import render_github, summary_markdown
from linter.render.limits import SUMMARY_BYTES

from .samples import FETCH, PORT, Rule, at, finding, full, report
from .test_text import HOSTILE, hostile

NOTE = Rule("MLP009", "hint", severity="note")


def test_the_whole_report() -> None:
    assert render_github(full()) == (
        "::error file=Dockerfile,line=3,endLine=3,col=5,endColumn=50,title=MLP001 downloads-at-build::"
        "`curl` downloads a program and `sh` runs it.%0ABring the file along in the image.\n"
        "::warning file=conf/nginx.conf,line=2,endLine=2,col=9,endColumn=11,title=MLP002 wrong-port::"
        "nginx listens on port 80.%0AWrite `listen 8080;`.\n"
        "mllint: 1 error, 1 warning in 2 files; 1 suppressed.\n"
    )


def test_a_clean_report() -> None:
    assert render_github(report()) == "mllint: no findings in 2 files.\n"


def test_the_worst_come_first_and_the_rest_is_counted() -> None:
    found = [
        *(finding(NOTE, at("Dockerfile", n)) for n in range(1, 13)),
        *(finding(PORT, at("Dockerfile", n)) for n in range(1, 15)),
        *(finding(FETCH, at("Dockerfile", n)) for n in range(1, 12)),
    ]
    lines = render_github(report(*found)).splitlines()
    commands = [line.split()[0] for line in lines if line.startswith("::")]
    assert commands == ["::error"] * 10 + ["::warning"] * 10 + ["::notice"] * 10
    assert lines[30].startswith("7 more: 1 error, 4 warnings, 2 notes.")


def test_columns_only_on_one_line() -> None:
    line = render_github(report(finding(location=at("Dockerfile", 2, 1, 3, 5)))).splitlines()[0]
    assert line.startswith("::error file=Dockerfile,line=2,endLine=3,title=")


def test_paths_from_the_root_of_the_checkout() -> None:
    assert "file=product/Dockerfile," in render_github(full(), root="/srv")
    assert "file=Dockerfile," in render_github(full(), root="/elsewhere")
    assert "<code>product/Dockerfile:3:5</code>" in summary_markdown(full(), root="/srv")


def test_names_are_exact() -> None:
    line = render_github(report(finding(location=at("a b,c:d%e#f\ng")), sources={})).splitlines()[0]
    assert line.startswith("::error file=a b%2Cc%3Ad%25e#f%0Ag,line=1,")


def test_a_failure_inside_is_an_error() -> None:
    assert render_github(report(error="boom")).startswith(
        "::error title=mllint::Something inside mllint failed: boom\n"
    )


@given(st.text(st.characters() | st.sampled_from(HOSTILE), max_size=30))
def test_no_text_from_outside_becomes_a_command(word: str) -> None:
    lines = render_github(hostile(word)).splitlines()
    assert [line.split()[0] for line in lines] == ["::error", "::error", "mllint:"]
    for line in lines:
        assert line.isprintable() or not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e]", line)


def test_the_summary() -> None:
    assert (
        summary_markdown(full())
        == """\
## mllint

| Errors | Warnings | Notes | Suppressed |
|---:|---:|---:|---:|
| 1 | 1 | 0 | 1 |

| Severity | Rule | Place | Message |
|---|---|---|---|
| error | <code>MLP001</code> downloads-at-build | <code>Dockerfile:3:5</code> | \
<code>curl</code> downloads a program and <code>sh</code> runs it. |
| warning | <code>MLP002</code> wrong-port | <code>conf/nginx.conf:2:9</code> | nginx listens on port 80. |

### How to fix

- <code>MLP001</code>: Bring the file along in the image.
- <code>MLP002</code>: Write <code>listen 8080;</code>.

Inspected 1 Dockerfile, 1 nginx configuration.

<details><summary>3 notices: not inspected, or not fully</summary>

- <code>model/a.json</code>: The file is larger than 1 MiB; raise <code>max\\_size</code> to have it read.
- <code>model/b.json</code>: The file is larger than 1 MiB; raise <code>max\\_size</code> to have it read.
- <code>listing.json</code>: The file is not valid JSON.

</details>
"""
    )


def test_the_summary_of_a_clean_report() -> None:
    assert "No findings in 2 files.\n" in summary_markdown(report())


@pytest.mark.parametrize("message", ["m" * 2_000, "漢" * 2_000, "`<|" * 700])
def test_the_summary_stays_below_the_limit(message: str) -> None:
    found = [finding(location=at("Dockerfile", n), message=message) for n in range(1, 6_000)]
    notices = tuple(Notice("c", message, "x" * 200) for _ in range(5_000))
    shown = summary_markdown(report(*found, notices=notices))
    assert len(shown.encode()) <= SUMMARY_BYTES
    assert re.search(r"… and [\d,]+ more, left out", shown)


@given(st.text(st.characters() | st.sampled_from(HOSTILE + "<>|`"), max_size=30))
def test_the_summary_holds_no_foreign_markup(word: str) -> None:
    shown = summary_markdown(hostile(word))
    assert set(re.findall(r"<[^>]*>", shown)) <= {
        "<code>", "</code>", "<details>", "</details>", "<summary>", "</summary>",
    }  # fmt: skip
    rows = [line for line in shown.splitlines() if line.startswith("| error ")]
    assert len(rows) == 1
    assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", rows[0])) == 5
