"""The shell steps of `action.yml`, run as a runner would, as far as they go without GitHub."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from linter.document import load_document
from tests.image.packing import new_archive, tar

ROOT = Path(__file__).resolve().parent.parent
BROKEN = "FROM python:3.12-slim-bookworm\nEXPOSE 8080\nENTRYPOINT python /opt/program/serve.py\n"
CLEAN = 'FROM python:3.12-slim-bookworm\nCOPY serve.py /opt/program/\nENTRYPOINT ["python", "/opt/program/serve.py"]\n'


def step(name: str) -> dict[str, Any]:
    action = load_document((ROOT / "action.yml").read_text("utf-8"), format="yaml").value
    return next(step for step in action["runs"]["steps"] if step.get("name") == name)


def run_step(name: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {"PATH": path, "HOME": str(folder.parent / "home"), "GITHUB_OUTPUT": str(folder / "out"), **variables}
    command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step(name)["run"]]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def check(folder: Path, **inputs: str) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
    inputs = {
        "MLLINT_PATHS": ".", "MLLINT_IMAGES": "", "MLLINT_FAIL_ON": "error", "MLLINT_SELLER_ACCOUNT": "", "MLLINT_REGION": "",
        "MLLINT_CONFIG": "", "MLLINT_SARIF_FILE": "mllint.sarif", **inputs,
    }  # fmt: skip
    done = run_step("Check", folder, **inputs)
    lines = (folder / "out").read_text().splitlines() if (folder / "out").exists() else []
    return done, dict(line.split("=", 1) for line in lines)


@pytest.mark.parametrize(("dockerfile", "status"), [(BROKEN, "1"), (CLEAN, "0")])
def test_the_check_annotates_writes_sarif_and_hands_its_status_on(tmp_path: Path, dockerfile: str, status: str) -> None:
    (tmp_path / "Dockerfile").write_text(dockerfile)
    (tmp_path / "serve.py").write_text("")
    done, outputs = check(tmp_path)
    assert done.returncode == 0, done.stderr
    assert outputs == {"sarif-file": "mllint.sarif", "exit-code": status}
    assert ("::error file=Dockerfile,line=3" in done.stdout) is (status == "1")
    assert json.loads((tmp_path / "mllint.sarif").read_text())["version"] == "2.1.0"
    assert run_step("Result", tmp_path, MLLINT_EXIT_CODE=status).returncode == int(status)


def test_nothing_to_check_is_no_failure(tmp_path: Path) -> None:
    _, outputs = check(tmp_path)
    assert outputs["exit-code"] == "3"
    assert run_step("Result", tmp_path, MLLINT_EXIT_CODE="3").returncode == 0


def test_inputs_are_data_and_never_run(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(CLEAN)
    _, outputs = check(tmp_path, MLLINT_PATHS="$(touch ran)\n`touch ran`; touch ran", MLLINT_REGION='"; touch ran; "')
    assert outputs["exit-code"] == "2"
    assert not (tmp_path / "ran").exists()


def test_several_paths_and_options_reach_mllint(tmp_path: Path) -> None:
    for name in ("a b", "c"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "Dockerfile").write_text(BROKEN)
    for name in ("first image.tar", "second.tar"):
        (tmp_path / name).write_bytes(tar(new_archive()))
    done, outputs = check(
        tmp_path,
        MLLINT_PATHS="a b\n\nc\n",
        MLLINT_IMAGES="first image.tar\n\nsecond.tar\n",
        MLLINT_FAIL_ON="never",
        MLLINT_SELLER_ACCOUNT="123456789012",
        MLLINT_REGION="us-east-1",
    )
    assert outputs["exit-code"] == "0", done.stderr
    assert "file=a b/Dockerfile" in done.stdout
    assert "file=c/Dockerfile" in done.stdout
    assert "In the image first image.tar" in done.stdout
    assert "In the image second.tar" in done.stdout


def test_no_input_stands_in_the_text_of_a_script() -> None:
    action = load_document((ROOT / "action.yml").read_text("utf-8"), format="yaml").value
    for each in action["runs"]["steps"]:
        assert "${{" not in each.get("run", "")
