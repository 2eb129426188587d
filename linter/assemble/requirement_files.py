"""Which of a product's requirements files a step of a Dockerfile means."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from linter.model import Fact


def meant_by(word: str, dockerfile: str, files: Sequence[Fact]) -> Fact | None:
    """The file below the Dockerfile's folder that has the name; None when there is none, or when there are several."""
    folder = posixpath.dirname(dockerfile)
    same = [
        fact
        for fact in files
        if posixpath.basename(fact["path"]) == posixpath.basename(word)
        and (not folder or fact["path"].startswith(f"{folder}/"))
    ]
    return same[0] if len(same) == 1 else None
