"""Reads manifests through the inspector's public door, also values that are written as JSON first."""

import json
from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture(scope="session")
def read(read: Callable[..., Any]) -> Callable[..., Any]:
    def reader(content: Any, path: str = "product/request.json") -> Any:
        """The facts of a text, of bytes, or of a value that is written as JSON."""
        text = content if isinstance(content, (str, bytes)) else json.dumps(content, indent=1)
        return read(text, "manifest", path)

    return reader
