"""Reads licence files of solvers and tools: whether they are checked by a server on the network."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from linter.inspect.text import NotText, Source
from linter.lazy import compiled
from linter.model import Fact, Inspection, Location, Notice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linter.knowledge import Knowledge
    from linter.model import Artifact

_LINE = compiled(r"^[ \t]*([A-Za-z_]{1,40})(?:[ \t]*=[ \t]*|[ \t]+)(\S{1,200})", re.MULTILINE)


def inspect(artifact: Artifact, data: bytes, knowledge: Knowledge) -> Inspection:
    """A `licence.file` for the first line that names a server or an online service. Bad input gives a notice."""
    try:
        source = Source(artifact.path, data)
    except NotText as reason:
        return Inspection(notices=(Notice("not-text", f"this licence file was not read: {reason}", artifact.path),))
    table: Mapping[str, Any] = knowledge.get("container.licences")
    here = frozenset(table["own_hosts"])
    for line in _LINE.finditer(source.text):
        key = line.group(1).upper()
        named = key in table["server_lines"] and line.group(2).lower().partition(":")[0] not in here
        if named or key in table["online_lines"]:
            place: Location = source.location(line.start(1), line.end(1))
            return Inspection((Fact("licence.file", place, {"key": line.group(1), "scope": "unknown"}),))
    return Inspection()
