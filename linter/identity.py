"""What this mllint is: a hash that changes whenever what it says about the same files might."""

from __future__ import annotations

import os
import sys
import time
from functools import lru_cache
from pathlib import Path

from linter.store import digest, load, save

RACY_NS = 2_000_000_000
"""A file changed this shortly before it was looked at may change again without its times showing it, as in git."""
PARSERS = ("tree_sitter", "pyyaml", "libcst", "jsonschema_rs", "python_stdnum")
"""Distributions, by how their names begin, whose version bears upon facts."""


@lru_cache(maxsize=1)
def identity() -> str:
    """A hash of mllint's own code, the interpreter and the versions of the parsers.

    The version alone would be wrong while mllint is developed, and times alone would be no use to other machines, so
    the code's bytes count. They are read again only when sizes or times of the files have changed.
    """
    files = sorted(_code(str(Path(__file__).parent)))
    around = [("python", f"{sys.version} {sys.flags.utf8_mode}".encode()), ("parsers", "\n".join(_parsers()).encode())]
    key = digest("tool", [("files", repr(files).encode(errors="surrogateescape")), *around])
    kept = load("tool", key)
    if isinstance(kept, str):
        return kept
    began = time.time_ns()
    contents = [(path, Path(__file__).parent.joinpath(path).read_bytes()) for path, *_ in files]
    found = digest("code", [*contents, *around])
    if max(max(times) for _, _, *times in files) < began - RACY_NS:
        save("tool", key, found)
    return found


def _code(base: str) -> list[tuple[str, int, int, int]]:
    """Path, size and times of every module below the package's folder; tests of the package are not in it."""
    found = []
    folders = [base]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.name.endswith(".py"):
                    info = entry.stat()
                    found.append((entry.path[len(base) + 1 :], info.st_size, info.st_mtime_ns, info.st_ctime_ns))
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
