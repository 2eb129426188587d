"""Reads shell scripts: which programs they run, how they end, what servers and the Python in them are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.inspect.text import NotText, Source
from linter.model import Inspection, Notice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from linter.inspect.shell.commands import Command, Script
    from linter.inspect.shell.facts import Setting
    from linter.knowledge import Knowledge
    from linter.model import Artifact, Fact

COMMANDS_LIMIT = 2000
"""Commands of one script that become facts."""


def inspect(artifact: Artifact, data: bytes, knowledge: Knowledge) -> Inspection:
    """`program.file`, one `shell.command` for each command, and `server.*` facts. Bad input gives notices."""
    from linter.inspect.commands import inspect_embedded
    from linter.inspect.shell.behaviour import behaviour_facts
    from linter.inspect.shell.commands import parse_script
    from linter.inspect.shell.facts import Setting, command_facts
    from linter.inspect.shell.handover import handover
    from linter.inspect.shell.program import program_file

    try:
        source = Source(artifact.path, data)
    except NotText as reason:
        return Inspection(notices=(Notice("not-text", f"this script was not read: {reason}", artifact.path),))
    whole = program_file(artifact, data, source, knowledge)
    if whole["language"] not in ("shell", "unknown"):
        return Inspection((whole,))
    script = parse_script(source.text)
    end = handover(script.commands, knowledge)
    ending: dict[str, str | bool | None] = {
        "hands_over": end.hands_over,
        "last_program": None,
        "last_command_background": None,
    }
    spans = {}
    if end.last is not None:
        ending |= {"last_program": end.last.program, "last_command_background": end.last.background}
        place = source.span(end.last.start, end.last.end)
        spans = {"hands_over": place, "last_program": place, "last_command_background": place}
    if script.problem is not None and end.hands_over not in ("exec", "wait", "trap"):
        ending["hands_over"] = "unknown"
    facts: list[Fact] = [program_file(artifact, data, source, knowledge, ending, spans)]
    setting = Setting(artifact.path, source.span, knowledge)
    commands = script.commands[:COMMANDS_LIMIT]
    facts += command_facts(commands, setting, end.last)
    facts += behaviour_facts(commands, source, artifact.path, knowledge)
    python = inspect_embedded(commands, source.span, artifact.path, knowledge)
    requests = requests_of(commands, setting, source)
    notices = (*_notices(artifact, script), *python.notices, *requests.notices)
    return Inspection((*facts, *python.facts, *requests.facts), notices)


def requests_of(commands: Sequence[Command], setting: Setting, source: Source | None = None) -> Inspection:
    """The requests in the commands of a script. Most have none, and nothing is loaded for them."""
    if not any(_may_hold_request(command) for command in commands):
        return Inspection()
    from linter.inspect.shell.requests import request_facts

    return request_facts(commands, setting, source)


def _may_hold_request(command: Command) -> bool:
    from linter.inspect.manifest.names import looks_like_manifest

    if command.program == "aws":
        return command.arguments[:1] in (("sagemaker",), ("marketplace-catalog",), ("iam",), ("s3api",))
    texts = command.arguments if command.program == "echo" and command.redirects else (command.heredoc or "",)
    return any(looks_like_manifest(text.encode("utf-8", "replace")) for text in texts if text)


def _notices(artifact: Artifact, script: Script) -> list[Notice]:
    notices = []
    if script.problem is not None:
        message = f"this script was not read as a whole: {script.problem}; split it into smaller scripts"
        notices.append(Notice("shell-too-large", message, artifact.path, level="warning"))
    if len(script.commands) > COMMANDS_LIMIT:
        message = (
            f"only the first {COMMANDS_LIMIT} of its {len(script.commands)} commands were checked; split the script"
        )
        notices.append(Notice("shell-too-large", message, artifact.path, level="warning"))
    return notices
