"""What code sends, as the facts of a few files in memory."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from linter.engine import facts_of
from linter.judge.load import load_knowledge
from linter.tree import MemoryTree

if TYPE_CHECKING:
    from linter.model import Fact

KNOWLEDGE = load_knowledge()


def facts(files: dict[str, str], kind: str = "") -> list[Fact]:
    """All facts of some files, or those of one kind."""
    tree = MemoryTree({path: text.encode() for path, text in files.items()})
    return [fact for fact in facts_of(tree, [""], KNOWLEDGE) if not kind or fact.kind == kind]


def sent(files: dict[str, str] | str) -> list[Fact]:
    """The facts about requests that code sends."""
    files = {"publish.py": files} if isinstance(files, str) else files
    return [fact for fact in facts(files) if fact.elsewhere is not None]


def notebook(*cells: str) -> str:
    """A notebook as Jupyter writes it: each line of a cell on a line of its own."""
    made = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "source": cell.splitlines(keepends=True)} for cell in cells
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1)


def line_of(text: str, part: str) -> int:
    """The line in which something stands first."""
    return text[: text.index(part)].count("\n") + 1
