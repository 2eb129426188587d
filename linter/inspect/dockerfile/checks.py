"""HEALTHCHECK: the commands of the one that holds for the image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.inspect.mapped import Mapped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.inspect.dockerfile.instruction import Instruction
    from linter.inspect.dockerfile.state import Build
    from linter.model import Fact, Span


def check_facts(build: Build) -> Iterator[Fact]:
    """`shell.command` facts of the last HEALTHCHECK of the image; none when that is `NONE`."""
    ins = _effective(build)
    if ins is None or len(ins.words) < 2 or ins.words[0].text.upper() != "CMD":
        return
    from linter.inspect.shell.commands import commands_of_words, parse_commands
    from linter.inspect.shell.facts import Setting, command_facts

    if ins.json:
        words = [word.text for word in ins.words[1:]]
        text = Mapped.joined([(" ".join(words), ins.start, ins.end - ins.start)], ins.start)
        commands = commands_of_words(words)
    else:
        text = ins.text.slice(ins.words[-1].start, ins.words[-1].end)
        commands = parse_commands(text.text)

    def span(start: int, end: int) -> Span:
        return build.source.span(*text.place(start, end))

    setting = Setting(
        build.source.path, span, build.knowledge, scope="container", started_as=None, run_by="health-check"
    )
    yield from (fact for fact in command_facts(commands, setting) if fact.kind == "shell.command")


def _effective(build: Build) -> Instruction | None:
    """The last one of the stages that the image is built on, the nearest stage first."""
    for stage in build.stages[-1].lineage() if build.stages else ():
        own = [ins for each, ins in build.checks if each is stage]
        if own:
            return own[-1]
    return None
