"""The tools that mllint is compared with, each in a virtual environment of its own in the cache folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from python_corpus import Refused, last_error

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PEERS = {"ruff": "0.17.6", "bandit": "1.9.4", "semgrep": "1.182.0", "flake8": "7.5.0"}
"""Releases that are compared: the same on every machine."""

MANIFEST_PEERS = {"cfn-lint": "1.58.0", "check-jsonschema": "0.39.0"}


def install(cache: Path, peers: Mapping[str, str] = PEERS) -> tuple[dict[str, Path], dict[str, str]]:
    """The folder of programs of each peer that could be had, and why the others could not."""
    have, skipped = {}, {}
    for name, version in peers.items():
        try:
            have[name] = _installed(cache / "peers" / f"{name}-{version}", f"{name}=={version}")
        except Refused as reason:
            skipped[name] = str(reason)
    return have, skipped


def _installed(folder: Path, requirement: str) -> Path:
    ready = folder / ".ready"
    programs = folder / ("Scripts" if sys.platform == "win32" else "bin")
    if ready.is_file():
        return programs
    shutil.rmtree(folder, ignore_errors=True)
    _run([sys.executable, "-m", "venv", str(folder)], f"no environment for {requirement}")
    python = programs / "python"
    pip = [str(python), "-m", "pip", "install", "--quiet", "--only-binary", ":all:", requirement]
    _run(pip, f"{requirement} could not be installed")
    ready.touch()
    return programs


def _run(command: list[str], problem: str) -> None:
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise Refused(f"{problem}: {last_error(result.stderr or result.stdout)}")


def without_network() -> list[str]:
    """What to put before a command so that it has no network, or nothing where the system cannot do that."""
    for command in (["unshare", "--net"], ["unshare", "--map-root-user", "--net"]):
        if shutil.which(command[0]) and not subprocess.run([*command, "true"], capture_output=True).returncode:
            return command
    return []


def environment(cache: Path, mllint_cache: Path | None = None) -> dict[str, str]:
    """The environment of every command: compiled code may be kept, and what semgrep writes stays in the cache."""
    unset = {"PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "MLLINT_NO_CACHE", "MLLINT_CACHE_DIR"}
    found = {key: value for key, value in os.environ.items() if key not in unset}
    found |= {
        "SEMGREP_SEND_METRICS": "off",
        "SEMGREP_ENABLE_VERSION_CHECK": "0",
        "SEMGREP_SETTINGS_FILE": str(cache / "semgrep-settings.yml"),
        "SEMGREP_LOG_FILE": str(cache / "semgrep.log"),
        "PYTHONWARNINGS": "ignore",
    }
    return found | ({"MLLINT_CACHE_DIR": str(mllint_cache)} if mllint_cache else {})
