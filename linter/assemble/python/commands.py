"""Command lines that code puts together over several functions and files, once the callers are known."""

from __future__ import annotations

import posixpath
import re
import shlex
from typing import TYPE_CHECKING, Any

from linter.model import UNKNOWN
from linter.references.destination import ABSENT, HOLE, REMOTE, Arguments, alternatives, visible
from linter.references.programs import Words, programs, telling_words
from linter.references.shells import SHELL_PROGRAMS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from linter.knowledge import Knowledge
    from linter.model import Fact
    from linter.references.apis import Api

OUTWARD = ("network", "package_install", "model_fetch")
"""Categories of programs that reach out."""
_LINES = 200
"""Command lines of one call that are looked at."""
_WORDS = 200
_TEXT = 4000
_NESTING = 3
_BREAKS = re.compile(r"&&|\|\||[;|\n]")


def outward_command(call: Fact, api: Api, given: Iterable[Arguments], knowledge: Knowledge) -> Fact:
    """The call with the first of its command lines that leads out; unchanged when none of them is seen to.

    `given`: its arguments, for each of the callers.
    """
    known = programs(knowledge)
    wrappers = frozenset(knowledge.get("programs.transparent_wrappers"))
    for arguments in given:
        for words in _lines(arguments.get(api.argument) if api.argument else ABSENT):
            command = _command(words, wrappers)
            verdict = known.verdict(command) if command is not None else None
            if command is not None and verdict is not None and verdict.category in OUTWARD:
                if verdict.destination not in (REMOTE, "none"):
                    continue
                return call.with_fields(
                    program=command.program,
                    command_category=verdict.category,
                    destination=verdict.destination,
                    target=visible(telling_words(command.program, command.arguments)),
                )
    return call


def _lines(value: Any) -> Iterator[list[str]]:
    """The command lines that a settled value may be, as words; a word that is not known is `unknown`."""
    for one in alternatives(value)[:_LINES]:
        if isinstance(one, list):
            yield from _of_words([_text(each) for each in one[:_WORDS]], 0)
        elif isinstance(one, str):
            yield from _of_text(one, 0)


def _of_text(text: str, depth: int) -> Iterator[list[str]]:
    for piece in _BREAKS.split(text[:_TEXT])[:_LINES]:
        try:
            words = shlex.split(piece)
        except ValueError:
            continue
        yield from _of_words([UNKNOWN if HOLE in word or word.startswith("$") else word for word in words], depth)


def _of_words(words: list[str], depth: int) -> Iterator[list[str]]:
    shell = bool(words) and posixpath.basename(words[0]) in SHELL_PROGRAMS
    if shell and "-c" in words[1:-1] and depth < _NESTING:
        yield from _of_text(words[words.index("-c") + 1], depth + 1)
    elif words:
        yield words


def _text(value: Any) -> str:
    texts = alternatives(value)
    only = texts[0] if len(texts) == 1 else None
    known = isinstance(only, str | int | float) and not isinstance(only, bool) and HOLE not in str(only)
    return str(only) if known else UNKNOWN


def _command(words: Sequence[str], wrappers: frozenset[str]) -> Words | None:
    """The command behind `sudo`, `env A=b` and their like; None when its program is not known."""
    rest = list(words)
    while rest and (rest[0] in wrappers or re.match(r"[A-Za-z_]\w*=", rest[0])):
        rest.pop(0)
    if not rest or rest[0] == UNKNOWN or rest[0].startswith("-"):
        return None
    arguments = tuple(rest[1:])
    return Words(posixpath.basename(rest[0]), arguments, arguments)
