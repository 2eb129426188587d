"""The Python in a Dockerfile: what RUN, ENTRYPOINT, CMD and HEALTHCHECK hand to the interpreter as a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.inspect.code import Code
from linter.inspect.dockerfile.state import Embedded
from linter.inspect.mapped import Mapped, Part, json_string_parts
from linter.lazy import compiled
from linter.model import Inspection

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from linter.inspect.dockerfile.instruction import Instruction
    from linter.inspect.dockerfile.state import Build, Draft, Stage
    from linter.inspect.shell.commands import Command
    from linter.model import Span

CODES_LIMIT = 500
"""Texts of Python that are read from one Dockerfile."""

_CODE_OPTION = compiled(r"-[A-Za-z]*c")


def note_run(build: Build, stage: Stage, ins: Instruction, script: Mapped | None, commands: Sequence[Command]) -> None:
    """Notes the Python of a RUN. `script` is what goes to the shell; None when the RUN has exec form."""
    if not _may_hold(ins.text.text if script is None else script.text):
        return
    if script is None:
        _note_words(build, stage, ins, "build")
    else:
        _note(build, stage, commands, script, "build")


def note_script(build: Build, stage: Stage, script: Mapped, interpreter: str) -> None:
    """Notes a RUN whose here-document begins with `#!` and the interpreter's name."""
    if interpreter.startswith(("python", "pypy")):
        code = Code(script.text, "python", None, "command", _place(build, script))
        _add(build, Embedded(code, stage, "build"))


def note_code(build: Build, stage: Stage, text: Mapped) -> None:
    """Notes a program of Python that a step writes and the image starts."""
    _add(build, Embedded(Code(text.text, "python", None, "command", _place(build, text)), stage, "container"))


def note_start(build: Build, stage: Stage, ins: Instruction, draft: Draft | None) -> None:
    """Notes the Python of an ENTRYPOINT, CMD or HEALTHCHECK; `draft` is the fact about it."""
    if not _may_hold(ins.text.text):
        return
    if ins.json:
        _note_words(build, stage, ins, "container", draft)
        return
    from linter.inspect.shell.commands import parse_commands

    word = ins.words[-1] if ins.words else ins.args
    script = ins.text.slice(word.start, word.end)
    _note(build, stage, parse_commands(script.text), script, "container", draft)


def inspect_noted(build: Build) -> Inspection:
    """The facts of what was noted, as far as it runs: a stage's ENTRYPOINT must be the one that takes effect."""
    found = [each for each in build.embedded if _runs(build, each)]
    if not found:
        return Inspection()
    from linter.inspect.commands import joined, with_scope
    from linter.inspect.python import inspect_code

    path = build.source.path
    return joined(with_scope(inspect_code(each.code, path, build.knowledge), each.scope) for each in found)


def _runs(build: Build, each: Embedded) -> bool:
    if each.scope == "build":
        return True
    if each.stage not in build.stages[-1].lineage():
        return False
    return each.start is None or bool(each.start.fields["effective"])


def _may_hold(text: str) -> bool:
    """A cheap look, since nearly no instruction holds any."""
    if "python" not in text and "pypy" not in text:
        return False
    return _CODE_OPTION.search(text) is not None or "<<" in text or "|" in text


def _note_words(build: Build, stage: Stage, ins: Instruction, scope: str, draft: Draft | None = None) -> None:
    """Words of an exec form; the first one of a HEALTHCHECK is its `CMD`."""
    from linter.inspect.shell.commands import commands_of_words

    words = ins.words[1:] if ins.name == "HEALTHCHECK" else ins.words
    parts: list[Part] = []
    for word in words:
        start = word.start + 1  # after the quote
        for text, at, width in json_string_parts(ins.text.text, start, word.end - 1):
            low, high = ins.text.place(at, at + width)
            parts.append((text, low, high - low))
        parts.append((" ", ins.text.place(word.end - 1, word.end)[1], 0))
    if parts:
        joined = Mapped.joined(parts[:-1], parts[0][1])
        _note(build, stage, commands_of_words([word.text for word in words]), joined, scope, draft)


def _note(
    build: Build, stage: Stage, commands: Sequence[Command], text: Mapped, scope: str, draft: Draft | None = None
) -> None:
    from linter.inspect.commands import python_in

    for code in python_in(commands, _place(build, text)):
        _add(build, Embedded(code, stage, scope, draft))


def _place(build: Build, text: Mapped) -> Callable[[int, int], Span]:
    return lambda start, end: build.source.span(*text.place(start, end))


def _add(build: Build, each: Embedded) -> None:
    if len(build.embedded) < CODES_LIMIT:
        build.embedded.append(each)
