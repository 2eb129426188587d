"""Reads executable text of other languages than the shell as far as starting it goes; what it says is not read here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.inspect.text import NotText, Source
from linter.model import Inspection, Notice

if TYPE_CHECKING:
    from linter.knowledge import Knowledge
    from linter.model import Artifact


def inspect(artifact: Artifact, data: bytes, knowledge: Knowledge) -> Inspection:
    """`program.file` of one file. Bad input gives a notice."""
    from linter.inspect.shell.program import program_file

    try:
        source = Source(artifact.path, data)
    except NotText as reason:
        return Inspection(notices=(Notice("not-text", f"this program was not read: {reason}", artifact.path),))
    return Inspection((program_file(artifact, data, source, knowledge),))
