"""The commands beside `check`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests_support import HOUSE_RULE_AT_LINE

from linter import __version__
from linter.cli.main import main


def mllint(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


def test_version() -> None:
    assert __version__ in mllint("--version").stdout


def test_help_names_every_command() -> None:
    text = mllint("--help").stdout
    for name in ("check", "explain", "rules", "init", "completion"):
        assert f"  {name}" in text


def test_a_misspelt_command_gets_a_suggestion() -> None:
    result = mllint("chekc")
    assert result.exit_code == 2
    assert "mllint check" in result.stderr


@pytest.mark.parametrize("name", ["CTR007", "ctr007", "shell-form-entrypoint"])
def test_explain_prints_the_rules_page(name: str) -> None:
    result = mllint("explain", name)
    assert result.exit_code == 0
    page = Path(__file__).parents[2] / "docs" / "rules" / "CTR007.md"
    assert result.stdout.strip() == page.read_text("utf-8").strip()


def test_explain_suggests_a_rule() -> None:
    result = mllint("explain", "CTR07")
    assert result.exit_code == 2
    assert "did you mean" in result.stderr


def test_rules_lists_all() -> None:
    text = mllint("rules").stdout
    assert "CTR007  error    shell-form-entrypoint" in text
    assert mllint("rules", "list").stdout == text
    assert {"id", "name", "severity"} <= json.loads(mllint("rules", "list", "--format", "json").stdout)[0].keys()


def test_rules_test_runs_a_users_examples(tmp_path: Path) -> None:
    rule = HOUSE_RULE_AT_LINE
    path = tmp_path / "label-maintainer.yaml"
    path.write_text(rule.replace("LINE", "2"))
    good = mllint("rules", "test", tmp_path)
    assert good.exit_code == 0, good.output
    assert "2 of 2 examples of 1 rule" in good.stdout
    path.write_text(rule.replace("LINE", "1"))
    bad = mllint("rules", "test", tmp_path)
    assert bad.exit_code == 1
    assert "FAIL  USR001" in bad.stdout


def test_rules_test_refuses_a_broken_rule_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("id: USR001\nnaem: x\n")
    result = mllint("rules", "test", tmp_path)
    assert result.exit_code == 2
    assert "x.yaml:2:1" in result.stderr


def test_coverage_shows_every_requirement() -> None:
    text = mllint("rules", "coverage").stdout
    assert "ctr-exec-form" in text
    rows = json.loads(mllint("rules", "coverage", "--format", "json").stdout)
    assert {"enforced", "partly", "not yet", "held by examples"} >= {row["state"] for row in rows}
    assert len(rows) > 170


def test_facts_show_their_kind_beside_a_field_of_that_name(tmp_path: Path) -> None:
    (tmp_path / "serve.sh").write_text("#!/bin/sh\nexec gunicorn --timeout 20 wsgi:app\n")
    shown = [json.loads(line) for line in mllint("facts", tmp_path, "--kind", "server.timeout").stdout.splitlines()]
    assert shown
    assert {each["kind"] for each in shown} == {"server.timeout"}
    assert shown[0]["fields.kind"] == "worker"


def test_init_writes_a_configuration_that_is_valid_and_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM python:3.12-slim\n")
    (tmp_path / "package.json").write_text(
        json.dumps(
            {
                "ModelPackageName": "m",
                "CertifyForMarketplace": True,
                "InferenceSpecification": {
                    "Containers": [{"Image": "444455556666.dkr.ecr.us-west-2.amazonaws.com/m:1"}],
                },
                "ValidationSpecification": {"ValidationRole": "arn:aws:iam::444455556666:role/Val"},
            }
        )
    )
    assert mllint("init", tmp_path).exit_code == 0
    text = (tmp_path / ".mllint.yaml").read_text()
    assert 'seller_account: "444455556666"' in text
    assert "region: us-west-2" in text
    assert mllint("check", tmp_path).exit_code in (0, 1)
    again = mllint("init", tmp_path)
    assert again.exit_code == 2
    assert "exists already" in again.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_printed(shell: str) -> None:
    result = mllint("completion", shell)
    assert result.exit_code == 0
    assert "_MLLINT_COMPLETE" in result.stdout
