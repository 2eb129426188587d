"""What this mllint is: a hash that changes whenever what it says about the same files might."""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from pathlib import Path

from linter.store import Stamp, remembered, stamped

PARSERS = ("tree_sitter", "pyyaml", "libcst", "jsonschema_rs", "python_stdnum")
"""Distributions, by how their names begin, whose version bears upon facts."""


@lru_cache(maxsize=1)
def identity() -> str:
    """A hash of mllint's own code, the interpreter and the versions of the parsers.

    The version alone would be wrong while mllint is developed, and times alone would be no use to other machines, so
    the code's bytes count. They are read again only when sizes or times of the files have changed.
    """
    base = Path(__file__).parent
    around = [("python", f"{sys.version} {sys.flags.utf8_mode}".encode()), ("parsers", "\n".join(_parsers()).encode())]
    files = _code(str(base))
    return remembered("tool", files, around, lambda: [(path, (base / path).read_bytes()) for path, *_ in sorted(files)])


def _code(base: str) -> list[Stamp]:
    """Path, size and times of every module below the package's folder; tests of the package are not in it."""
    found = []
    folders = [base]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.name.endswith(".py"):
                    found.append(stamped(entry, base))
                elif "." not in entry.name and entry.name not in ("__pycache__", "data") and entry.is_dir():
                    folders.append(entry.path)
    return found


def _parsers() -> list[str]:
    """Name and version of the installed parsers, by the names of their folders: to ask for them takes far longer."""
    found = set()
    for folder in sys.path:
        try:
            names = os.listdir(folder or ".")  # noqa: PTH208 - at every start
        except OSError:
            continue
        found |= {name.lower() for name in names if name.endswith(("-info", ".egg"))}
    return sorted(name for name in found if name.replace("-", "_").startswith(PARSERS))
