"""Goes through the instructions of a Dockerfile and hands each to what knows its meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.inspect.dockerfile import settings
from linter.inspect.dockerfile.checks import check_facts
from linter.inspect.dockerfile.copies import copy
from linter.inspect.dockerfile.embedded import inspect_noted
from linter.inspect.dockerfile.finish import facts
from linter.inspect.dockerfile.froms import from_
from linter.inspect.dockerfile.instruction import NAMES, Instruction, Parser
from linter.inspect.dockerfile.lines import UNSEEN, holds_tag, starts_tag
from linter.inspect.dockerfile.runs import run
from linter.inspect.dockerfile.secrets import Secrets
from linter.inspect.dockerfile.starts import start
from linter.inspect.dockerfile.state import MAX_DRAFTS, MAX_NOTICES, Build, Settings, Stage
from linter.inspect.dockerfile.written import note_written_files, script_facts
from linter.model import Inspection, Notice

if TYPE_CHECKING:
    from collections.abc import Callable

    from linter.inspect.text import Source
    from linter.knowledge import Knowledge

MAX_BYTES = 4_000_000
TEMPLATED = ("ADD", "ARG", "COPY", "ENV", "EXPOSE", "FROM", "USER", "WORKDIR")
"""Instructions in which `{{ … }}` can only be a template's; RUN and others have uses of their own for it."""

HANDLERS: dict[str, Callable[[Build, Stage, Instruction], None]] = {
    "ADD": copy,
    "CMD": start,
    "COPY": copy,
    "ENTRYPOINT": start,
    "ENV": settings.env,
    "EXPOSE": settings.expose,
    "HEALTHCHECK": settings.healthcheck,
    "LABEL": settings.label,
    "MAINTAINER": settings.ignored,
    "ONBUILD": settings.onbuild,
    "RUN": run,
    "SHELL": settings.shell,
    "STOPSIGNAL": settings.stopsignal,
    "USER": settings.user,
    "VOLUME": settings.volume,
    "WORKDIR": settings.workdir,
}


def read(source: Source, knowledge: Knowledge, cut: bool) -> Inspection:
    """Facts and notices of a whole Dockerfile. `cut` tells that its end was left off."""
    notices: list[Notice] = []
    place = _template_line(source)
    if place is not None:
        message = "the file is a template: what its tags fill in was taken as unknown; lint the rendered Dockerfile too"
        notices.append(Notice("dockerfile-template", message, source.path, source.span(*place)))
    build = Build(source, knowledge, Secrets(knowledge))
    parser = Parser(source, place is not None)
    count = _evaluate(build, parser)
    build.problems += parser.problems
    if not count:
        message = f"{source.path} has no instructions; nothing was inspected"
        notices.append(Notice("dockerfile-empty", message, source.path))
    elif not build.stages:
        message = f"{source.path} has no FROM, so it builds no image; its instructions were not judged"
        notices.append(Notice("dockerfile-without-from", message, source.path))
        build.problems.clear()
        build.drafts.clear()
        build.embedded.clear()
        build.written.clear()
    if cut or parser.cut_short or len(build.drafts) >= MAX_DRAFTS:
        message = f"{source.path} is too large to be read whole; split it"
        notices.append(Notice("dockerfile-too-large", message, source.path, None, "warning"))
    note_written_files(build)
    found = facts(build)
    python = inspect_noted(build)
    commands = (*script_facts(build), *check_facts(build))
    return Inspection((*found, *commands, *python.facts), (*notices, *_syntax(build), *python.notices))


def _syntax(build: Build) -> list[Notice]:
    problems = sorted(build.problems)
    path = build.source.path
    kept = [
        Notice("dockerfile-syntax", f"Docker would refuse this: {text}", path, build.source.span(low, high), "warning")
        for low, high, text in problems[:MAX_NOTICES]
    ]
    if len(problems) > MAX_NOTICES:
        message = f"{len(problems) - MAX_NOTICES} further syntax errors in {build.source.path} are not shown"
        kept.append(Notice("dockerfile-syntax", message, build.source.path, None, "warning"))
    return kept


def _template_line(source: Source) -> tuple[int, int] | None:
    """Where the file first shows that it is a template, or None."""
    if "{{" not in source.text and "{%" not in source.text and "<%" not in source.text and "{#" not in source.text:
        return None
    for instruction in Parser(source):
        text = instruction.text.text
        if starts_tag(text) or (instruction.name in TEMPLATED and holds_tag(text)):
            return instruction.start, instruction.end
    return None


def _evaluate(build: Build, parser: Parser) -> int:
    scope = Settings.of_scratch()
    scope.env.clear()
    scope.args = build.global_args
    stage: Stage | None = None
    lost = False
    count = 0
    for instruction in parser:
        count += 1
        build.escape = parser.reader.escape
        if instruction.problem:
            build.problem(instruction, instruction.problem)
            if not instruction.heredocs:
                lost = lost or instruction.name == "FROM"
                continue
        name = instruction.name
        if name == "FROM":
            scope.args = {**PLATFORM_ARGS, **build.global_args}
            opened = from_(build, instruction, scope)
            lost, stage = opened is None, opened or stage
        elif name == "ARG" and not build.stages:
            settings.arg(build, None, instruction, scope)
        elif stage is None:
            if not lost:
                build.problem(instruction, "an instruction stands before the first FROM")
        elif not lost and name in NAMES:
            _handle(build, stage, instruction)
    return count


PLATFORM_ARGS = {
    f"{side}{part}": UNSEEN
    for side in ("TARGET", "BUILD")
    for part in ("PLATFORM", "OS", "OSVERSION", "ARCH", "VARIANT")
} | {"TARGETSTAGE": UNSEEN}


def _handle(build: Build, stage: Stage, instruction: Instruction) -> None:
    if instruction.name == "ARG":
        settings.arg(build, stage, instruction, stage.settings)
    else:
        HANDLERS[instruction.name](build, stage, instruction)
