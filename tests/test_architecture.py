"""The arrows of docs/architecture.md: which part may import which."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent / "linter"

BASE = {
    *("model", "tree", "knowledge", "references", "resources", "store", "document", "lazy", "identity", "watch"),
    *("collecting", "servers"),
}
ALLOWED = {
    "references": BASE,
    "servers": BASE,
    "document": BASE,
    "config": BASE,
    # A manifest and an nginx configuration are known by their content: their inspectors say what to look for.
    "discover": BASE | {"inspect"},
    "inspect": BASE,
    "evaluate": BASE | {"inspect"},
    "assemble": BASE,
    "judge": BASE,
    "triage": BASE | {"config"},
    "render": {"model"},
    "image": BASE,
    "built": BASE | {"image", "discover", "inspect"},
    "replay": BASE | {"discover"},
    "engine": BASE
    | {"config", "discover", "inspect", "evaluate", "assemble", "judge", "triage", "replay"}
    | {"built", "image"},
}


def imports(path: Path) -> set[str]:
    """The parts of `linter` that a file imports, at its top or inside of functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("linter"):
            parts = node.module.split(".")
            found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("linter.")}
    return found


@pytest.mark.parametrize("part", ALLOWED)
def test_parts_import_along_the_arrows_alone(part: str) -> None:
    files = sorted((ROOT / part).rglob("*.py")) or [ROOT / f"{part}.py"]
    for file in files:
        strangers = imports(file) - ALLOWED[part] - {part, "__version__"}
        assert not strangers, f"{file.relative_to(ROOT)} imports {sorted(strangers)}"


@pytest.mark.parametrize("file", sorted(ROOT.rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_has_grown_past_one_responsibility(file: Path) -> None:
    assert len(file.read_text("utf-8").splitlines()) <= 450
