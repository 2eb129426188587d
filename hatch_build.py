"""Puts the tables of the rules, ready-made, into the wheel: reading 700 files of YAML takes longer than most checks."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_BUILD = "from linter.judge.load import load_knowledge, load_rules; load_rules(), load_knowledge()"
_NAMES = "*.parts"
"""How `linter/store.py` names compiled tables; what else a first run keeps is of one machine."""


class BuiltTables(BuildHookInterface[Any]):
    """Builds the tables as a first run of mllint would, in a cache folder of its own."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add what was built to the files of the wheel. An editable installation reads the YAML, which changes."""
        if version == "editable":
            return
        self._folder = tempfile.TemporaryDirectory()
        environment = {**os.environ, "MLLINT_CACHE_DIR": self._folder.name, "MLLINT_NO_CACHE": ""}
        subprocess.run([sys.executable, "-c", _BUILD], cwd=self.root, env=environment, check=True)
        for place in Path(self._folder.name).glob(_NAMES):
            build_data["force_include"][str(place)] = f"linter/data/built/{place.name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what was built, now that the wheel holds it."""
        if version != "editable":
            self._folder.cleanup()
