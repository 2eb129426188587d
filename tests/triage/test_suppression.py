"""Suppressions, through the whole run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from linter.config import config_of
from linter.engine import check
from linter.judge.load import load_knowledge, load_rules
from linter.tree import MemoryTree

if TYPE_CHECKING:
    from linter.model import Report

USER = 'FROM python:3.12-slim-bookworm\n{above}\nUSER 1000{behind}\nENTRYPOINT ["python", "/opt/program/serve.py"]\n'


def run(files: dict[str, str], settings: dict[str, Any] | None = None, *, whole: bool = True) -> Report:
    tree = MemoryTree({path: text.encode() for path, text in files.items()})
    return check(tree, [""], config_of(settings or {}), load_rules(), load_knowledge(), whole=whole)


def rules(report: Report) -> list[str]:
    return [finding.rule for finding in report.findings]


@pytest.mark.parametrize("name", ["CTR014", "non-root-user"])
def test_a_comment_above_suppresses_and_is_counted(name: str) -> None:
    report = run({"Dockerfile": USER.format(above=f"# mllint: ignore[{name}] -- tested with it", behind="")})
    assert "CTR014" not in rules(report)
    assert [(f.rule, f.suppression.reason) for f in report.suppressed if f.suppression] == [
        ("CTR014", "tested with it")
    ]
    assert not any(rule.startswith("MLL") for rule in rules(report))


def test_a_comment_on_any_line_of_the_statement() -> None:
    text = (
        "FROM python:3.12-slim-bookworm\nRUN pip install \\\n"
        "    # mllint: ignore[IMG020] -- the cache is small\n    flask==3.0.3\n"
    )
    report = run({"Dockerfile": text})
    assert "IMG020" not in rules(report)
    assert len(report.suppressed) == 1


def test_several_rules_in_one_comment() -> None:
    report = run({"Dockerfile": USER.format(above="# mllint: ignore[CTR014, IMG029] -- tested", behind="")})
    assert "CTR014" not in rules(report)
    assert "MLL004" in rules(report)


def test_another_rule_is_not_suppressed() -> None:
    report = run({"Dockerfile": USER.format(above="# mllint: ignore[CTR007] -- tested", behind="")})
    assert {"CTR014", "MLL004"} <= set(rules(report))


def test_a_missing_reason_is_a_finding_and_still_suppresses() -> None:
    report = run({"Dockerfile": USER.format(above="# mllint: ignore[CTR014]", behind="")})
    assert "MLL002" in rules(report)
    assert "CTR014" not in rules(report)


def test_an_unknown_rule_is_a_finding_with_a_suggestion() -> None:
    report = run({"Dockerfile": USER.format(above="# mllint: ignore[CTR14] -- x y", behind="")})
    assert any(f.rule == "MLL003" and "CTR014" in f.message for f in report.findings)


def test_a_central_gate_can_refuse_comments() -> None:
    files = {"Dockerfile": USER.format(above="# mllint: ignore[CTR014] -- tested", behind="")}
    assert "CTR014" in rules(run(files, {"inline_suppressions": False}))


def test_nothing_is_said_of_unused_suppressions_when_single_files_are_checked() -> None:
    files = {"Dockerfile": USER.format(above="# mllint: ignore[CTR007] -- tested", behind="")}
    assert "MLL004" not in rules(run(files, whole=False))


def test_a_rule_that_did_not_run_leaves_its_suppressions_alone() -> None:
    files = {"Dockerfile": USER.format(above="# mllint: ignore[CTR007] -- tested", behind="")}
    assert "MLL004" not in rules(run(files, {"ignore": ["CTR007"]}))


def test_the_configuration_suppresses_by_path() -> None:
    files = {"a/Dockerfile": USER.format(above="", behind=""), "b/Dockerfile": USER.format(above="", behind="")}
    report = run(files, {"suppress": [{"rule": "CTR014", "path": "a/**", "reason": "not ours"}]})
    assert [f.location.path for f in report.findings if f.rule == "CTR014"] == ["b/Dockerfile"]
    assert [f.location.path for f in report.suppressed] == ["a/Dockerfile"]


def test_an_unused_entry_of_the_configuration_is_a_finding() -> None:
    files = {"a/Dockerfile": USER.format(above="", behind="")}
    report = run(files, {"suppress": [{"rule": "CTR007", "path": "a/**", "reason": "not ours"}]})
    assert "MLL004" in rules(report)


@pytest.mark.parametrize(
    ("path", "text", "rule"),
    [
        ("nginx.conf", "http {\n  server {\n    listen 8080;\n    # mllint: ignore[INF008] -- small requests only\n"
         "    client_max_body_size 5m;\n    location / { proxy_pass http://127.0.0.1:8081; }\n  }\n}\n", "INF008"),
        ("gunicorn.conf.py", 'bind = "0.0.0.0:8080"\ntimeout = 20  # mllint: ignore[INF010] -- small\n', "INF010"),
        ("request.yaml", "# mllint: ignore[IMG001] -- a sample\nModelPackageName: m\n", "IMG001"),
    ],
)  # fmt: skip
def test_every_format_with_comments(path: str, text: str, rule: str) -> None:
    report = run({path: text})
    assert rule not in rules(report)


def test_a_suppression_covers_the_variants_of_a_rule_in_both_hooks() -> None:
    nginx = "http {\n  client_max_body_size 100m;\n  server {\n    # mllint: ignore[INF001] -- a side door\n    listen 81;\n  }\n}\n"
    whole = {
        "Dockerfile": "FROM python:3.12-slim-bookworm\nWORKDIR /opt/program\nCOPY nginx.conf .\n",
        "nginx.conf": nginx,
    }
    for files in (whole, {"nginx.conf": nginx}):
        report = run(files)
        assert not {"INF001", "INF002", "MLL004"} & set(rules(report))
        assert len(report.suppressed) == 1
