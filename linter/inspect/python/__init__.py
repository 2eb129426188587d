"""Reads Python: what a module imports and mentions, and which of its calls may leave the container. Nothing is run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.inspect.text import NotText, Source
from linter.model import Inspection, Notice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.inspect.code import Code
    from linter.knowledge import Knowledge
    from linter.model import Artifact


def inspect(artifact: Artifact, data: bytes, knowledge: Knowledge) -> Inspection:
    """`python.module`, one `python.call` for each call of interest, and `program.file` of what can be started.

    Bad input gives notices; what does not parse is scanned line by line.
    """
    from linter.inspect.code import Code

    try:
        source = Source(artifact.path, data)
    except NotText as reason:
        return Inspection(notices=(Notice("not-text", f"this program was not read: {reason}", artifact.path),))
    code = Code.of_file(source)
    found = inspect_code(code, artifact.path, knowledge)
    for each in inspect_written(code, artifact.path, knowledge):
        found = Inspection((*found.facts, *each.facts), (*found.notices, *each.notices))
    if not source.text.startswith("#!") and "." in artifact.path.rpartition("/")[2]:
        return found
    from linter.inspect.shell.program import program_file

    return found._replace(facts=(program_file(artifact, data, source, knowledge), *found.facts))


def inspect_code(code: Code, location_path: str, knowledge: Knowledge) -> Inspection:
    """The facts of a text of Python. `location_path` is the file that holds it."""
    from linter.inspect.python.module import read_module

    return read_module(code, location_path, knowledge)


def inspect_written(code: Code, location_path: str, knowledge: Knowledge) -> Iterator[Inspection]:
    """The facts of the programs that a text of Python writes to files."""
    if ".write" in code.text:
        from linter.inspect.python.written import written_programs

        for program in written_programs(code, location_path):
            yield inspect_code(program, location_path, knowledge)
