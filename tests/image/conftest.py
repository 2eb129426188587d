"""What all tests of images share."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from linter.image.limits import Limits
from linter.knowledge import Knowledge

TABLE = Path(__file__).resolve().parents[2] / "rules/knowledge/image_limits.yaml"


@pytest.fixture(scope="session")
def limits() -> Limits:
    """The limits that ship."""
    return Limits.of(Knowledge({"image_limits": yaml.safe_load(TABLE.read_text("utf-8"))}, "test"))
