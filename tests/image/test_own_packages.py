"""Packages of Python that a build installs from a folder: their code is the seller's, wherever pip puts it."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest

from linter.config import Config
from linter.engine import check
from linter.image.model import Platform
from linter.image.opening import read_image
from linter.judge.load import load_knowledge, load_rules
from linter.tree import MemoryTree
from tests.image.packing import new_archive, tar

if TYPE_CHECKING:
    from pathlib import Path

PACKAGES = "usr/local/lib/python3.12/site-packages"
SERVE = b"#!/usr/bin/python3\nimport sys\nfrom demand.cli import main\nsys.exit(main())\n"
CALLS = b"import requests\n\n\ndef main():\n    requests.get('https://example.com/weights')\n"
SETTINGS = {"config": {"Env": ["PATH=/usr/local/bin:/usr/bin"]}}


def findings(folder: Path, origin: dict[str, object], *, packed: bool = False) -> set[tuple[str, str]]:
    info = f"{PACKAGES}/demand_tool-1.0.dist-info"
    base = tar({"usr/bin/python3": b"\x7fELF"})
    top = tar(
        {
            "usr/local/bin/serve": SERVE,
            f"{info}/direct_url.json": json.dumps(origin).encode(),
            f"{info}/top_level.txt": b"demand\n",
            f"{PACKAGES}/demand/__init__.py": b"",
            f"{PACKAGES}/demand/cli.py": CALLS,
            f"{PACKAGES}/other/cli.py": CALLS,
        }
    )
    archive = tar(new_archive((base, top), **SETTINGS))
    path = folder / "app.tar"
    path.write_bytes(gzip.compress(archive) if packed else archive)
    image = read_image(str(path), Platform(), load_knowledge(), cached=False)
    report = check(MemoryTree({}), [], Config(), load_rules(), load_knowledge(), images=[image])
    return {(each.rule, each.location.path) for each in report.findings}


@pytest.mark.parametrize("packed", [False, True])
def test_code_of_a_package_from_a_folder_is_inspected_and_followed(tmp_path: Path, packed: bool) -> None:
    found = findings(tmp_path, {"dir_info": {}, "url": "file:///src"}, packed=packed)
    assert ("NET060", f"app.tar!/{PACKAGES}/demand/cli.py") in found
    assert not any("other" in path for _, path in found)


@pytest.mark.parametrize(
    "origin", [{"archive_info": {}, "url": "file:///wheels/x.whl"}, {"url": "https://x/y.whl"}, {}]
)
def test_code_of_other_packages_is_not(tmp_path: Path, origin: dict[str, object]) -> None:
    assert not any(rule.startswith("NET") for rule, _ in findings(tmp_path, origin))
