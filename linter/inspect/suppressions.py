"""Comments that suppress findings: `# mllint: ignore[RULE] -- reason`, in every format that has comments."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from linter.inspect.text import READ_LIMIT_BYTES, NotText, Source
from linter.lazy import compiled
from linter.model import UNKNOWN, Fact

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable

    from linter.tree import Tree

MARK = b"mllint:"

# `#` begins a comment in Dockerfiles, YAML, shell, nginx, Python and INI files; `//` in JSON with comments; `;` in INI.
_COMMENT = compiled(
    r"(?:#|//|;)[ \t]*mllint:[ \t]*(?P<verb>[\w-]*)[ \t]*(?P<list>\[[^\]\n]{0,500}\])?(?P<rest>[^\n]{0,1000})"
)
_REASON = compiled(r"^[ \t]*--[ \t]*(?P<reason>\S.*?)[ \t\r]*$")


def suppressions_in(source: Source) -> list[Fact]:
    """One `suppression` fact for each comment; whether it is used, triage finds out."""
    return [_fact(source, found) for found in _COMMENT.finditer(source.text)]


def suppressions_of(tree: Tree, paths: Iterable[str]) -> list[Fact]:
    """The suppressions in files that were not inspected themselves, only read for what others make of them."""
    found: list[Fact] = []
    for path in sorted(paths):
        with suppress(OSError, NotText):
            data = tree.read(path, READ_LIMIT_BYTES)
            found += suppressions_in(Source(path, data)) if MARK in data else []
    return found


def _fact(source: Source, found: re.Match[str]) -> Fact:
    rules = [name.strip() for name in (found["list"] or "[]")[1:-1].split(",") if name.strip()]
    reason = _REASON.match(found["rest"])
    fields = {
        "origin": "comment",
        "rules": rules,
        "reason": reason["reason"] if reason else None,
        "well_formed": found["verb"] == "ignore" and bool(rules),
        "text": found[0].strip()[:200],
        "unknown_rules": UNKNOWN,
        "unused_rules": UNKNOWN,
    }
    return Fact("suppression", source.location(found.start(), found.end()), fields)
