"""Reads tables of cron: the commands that it runs, as those of a script are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.inspect.text import NotText, Source
from linter.lazy import compiled
from linter.model import Inspection, Notice

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from linter.knowledge import Knowledge
    from linter.model import Artifact

COMMANDS_LIMIT = 500
SIZE_LIMIT = 1 << 16
"""Characters of a table that are read; a longer one is none that somebody wrote."""

_TIME = compiled(r"[ \t]*(?:@[a-z]+|[\d*/,-]+(?:[ \t]+[\w*/,-]+){4})[ \t]+(?=\S)")
_WORD = compiled(r"([\w-]+)[ \t]+(?=\S)")
_ENDS = compiled(r"(?<!\\)%")


def inspect(artifact: Artifact, data: bytes, knowledge: Knowledge) -> Inspection:
    """One `shell.command` for each command of a table. Bad input gives a notice."""
    from linter.inspect.shell.commands import parse_commands
    from linter.inspect.shell.facts import Setting, command_facts

    try:
        source = Source(artifact.path, data)
    except NotText as reason:
        return Inspection(notices=(Notice("not-text", f"this table of cron was not read: {reason}", artifact.path),))
    setting = Setting(artifact.path, source.span, knowledge, run_by="cron")
    commands = parse_commands(as_script(source.text[:SIZE_LIMIT], knowledge))[:COMMANDS_LIMIT]
    facts = command_facts(commands, setting)
    return Inspection(tuple(fact for fact in facts if fact.kind == "shell.command"))


def is_table(path: str, knowledge: Knowledge) -> bool:
    """Whether a path of an image is one that cron reads its tables from."""
    return path.startswith(tuple(knowledge.get("programs.cron.places")))


def as_script(text: str, knowledge: Knowledge) -> str:
    """The commands of a table, each where it stands, with blanks in the place of times and users."""
    return "".join(_lines(text, frozenset(knowledge.get("programs.cron.users"))))


def _lines(text: str, users: Collection[str]) -> Iterator[str]:
    for line in text.splitlines(keepends=True):
        time = _TIME.match(line)
        if time is None:  # a comment, or a variable
            yield line if line.lstrip().startswith("#") or "=" in line else " " * (len(line) - 1) + line[-1:]
            continue
        at = time.end()
        user = _WORD.match(line, at)
        if user is not None and user[1] in users:
            at = user.end()
        rest = line[at:]
        end = _ENDS.search(rest)  # what follows is given to the command as its input
        if end is not None:
            body = rest.rstrip("\r\n")
            rest = rest[: end.start()] + " " * (len(body) - end.start()) + rest[len(body) :]
        yield " " * at + rest
