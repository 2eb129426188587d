"""Reads executable text of other languages than the shell: how it is started and, line by line, what it calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.inspect.text import NotText, Source
from linter.model import Inspection, Notice

if TYPE_CHECKING:
    from linter.knowledge import Knowledge
    from linter.model import Artifact


def inspect(artifact: Artifact, data: bytes, knowledge: Knowledge) -> Inspection:
    """`program.file` of one file, and the calls that it may make to the outside. Bad input gives a notice."""
    from linter.inspect.shell.program import program_file

    try:
        source = Source(artifact.path, data)
    except NotText as reason:
        return Inspection(notices=(Notice("not-text", f"this program was not read: {reason}", artifact.path),))
    program = program_file(artifact, data, source, knowledge)
    language = knowledge.get("other_languages.program_languages").get(program["language"])
    if language is None:
        return Inspection((program,))
    from linter.inspect.source import calls_in, file_of

    return Inspection((program, *file_of(source, language, knowledge), *calls_in(source, language, knowledge)))
