"""The hooks of `.pre-commit-hooks.yaml`, run by the real pre-commit in a real repository.

pre-commit builds the hook's environment from a snapshot of this checkout, which needs the package index.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BROKEN = "FROM python:3.12-slim-bookworm\nEXPOSE 8080\nENTRYPOINT python /opt/program/serve.py\n"
CLEAN = 'FROM python:3.12-slim-bookworm\nCOPY serve.py /opt/program/\nENTRYPOINT ["python", "/opt/program/serve.py"]\n'


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def snapshot(folder: Path) -> str:
    """A repository with this checkout's files as they are now; returns its commit."""
    names = git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines()
    for name in names:
        if (ROOT / name).is_file() and not name.startswith(("tests/", "fixtures/", "docs/")):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "snapshot")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A product with both hooks configured, and an environment for pre-commit of its own."""
    tool = tmp_path_factory.mktemp("mllint")
    commit = snapshot(tool)
    folder = tmp_path_factory.mktemp("product")
    (folder / ".pre-commit-config.yaml").write_text(
        f"repos:\n  - repo: {tool.as_uri()}\n    rev: {commit}\n    hooks: [{{id: mllint}}, {{id: mllint-product}}]\n"
    )
    (folder / "serve.py").write_text("print(1)\n")
    git(folder, "init", "-q")
    return folder


def run_hook(product: Path, hook: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    git(product, "add", "-A")
    environment = {**os.environ, "PRE_COMMIT_HOME": str(product.parent / "pre-commit"), "PRE_COMMIT_COLOR": "never"}
    command = [sys.executable, "-m", "pre_commit", "run", hook, *arguments]
    return subprocess.run(command, cwd=product, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("hook", ["mllint", "mllint-product"])
def test_a_hook_stops_what_breaks_a_rule_and_passes_what_does_not(product: Path, hook: str) -> None:
    (product / "Dockerfile").write_text(BROKEN)
    stopped = run_hook(product, hook)
    assert stopped.returncode == 1, stopped.stdout + stopped.stderr
    assert "CTR007" in stopped.stdout
    (product / "Dockerfile").write_text(CLEAN)
    passed = run_hook(product, hook)
    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert "Passed" in passed.stdout


def test_the_hook_of_changed_files_passes_over_what_is_no_artifact(product: Path) -> None:
    (product / "Dockerfile").write_text(CLEAN)
    (product / "data.json").write_text("{}\n")
    passed = run_hook(product, "mllint", "--files", "data.json")
    assert passed.returncode == 0, passed.stdout + passed.stderr
