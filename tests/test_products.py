"""Whole products, as people write them, checked from end to end: each report is compared with the one kept beside them.

`fixtures/products/<name>/` is a product, `fixtures/reports/<name>.txt` what mllint says about it. After a change that
is meant to alter reports, run `MLLINT_UPDATE_REPORTS=1 pytest tests/test_products.py` and read the difference.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from linter.config import Config
from linter.engine import check
from linter.judge.load import load_knowledge, load_rules
from linter.render.text import render_text
from linter.tree import DiskTree

if TYPE_CHECKING:
    from linter.judge.load import RuleSet
    from linter.knowledge import Knowledge

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
PRODUCTS = FIXTURES / "products"
REPORTS = FIXTURES / "reports"
UPDATE = "MLLINT_UPDATE_REPORTS"

NAMES = sorted(folder.name for folder in PRODUCTS.iterdir() if folder.is_dir())


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return load_rules()


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_knowledge()


def report_on(product: Path, rules: RuleSet, knowledge: Knowledge) -> str:
    """What a person reads about a product, under a line with the exit code."""
    report = check(DiskTree(product), [""], Config(), rules, knowledge, base=str(product))
    text = render_text(report, colour=False, verbosity=0, width=100, cwd=str(product))
    return f"exit code {report.exit_code}\n\n{text}"


@pytest.mark.skipif(os.name != "posix", reason="execute bits are part of the products")
@pytest.mark.parametrize("name", NAMES)
def test_report_is_the_kept_one(name: str, rules: RuleSet, knowledge: Knowledge) -> None:
    text = report_on(PRODUCTS / name, rules, knowledge)
    assert str(FIXTURES.parent) not in text, "the report names a folder of this machine"
    kept = REPORTS / f"{name}.txt"
    if os.environ.get(UPDATE) == "1":
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(text, encoding="utf-8", newline="\n")
    assert kept.exists(), f"no report is kept for {name}; set {UPDATE}=1 to write it, then read it"
    assert text == kept.read_text(encoding="utf-8")


def test_every_kept_report_has_its_product() -> None:
    kept = {report.stem for report in REPORTS.glob("*.txt")}
    assert kept <= set(NAMES)
