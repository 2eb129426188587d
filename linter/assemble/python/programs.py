"""What command lines start: which Python file, module or application a program is given."""

from __future__ import annotations

import posixpath
import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from linter.lazy import compiled
from linter.model import UNKNOWN
from linter.references.destination import HOLE, alternatives

if TYPE_CHECKING:
    from collections.abc import Sequence

    from linter.knowledge import Knowledge
    from linter.model import Fact

FILE, MODULE, APPLICATION = "file", "module", "application"
_PYTHON = compiled(r"^(?:python|pypy)[0-9.]{0,8}$")
_APPLICATION = compiled(r"^[A-Za-z_][\w.]{0,200}:[A-Za-z_]\w{0,100}(?:\(|$)", re.ASCII)
_WITH_VALUE = ("-W", "-X", "--check-hash-based-pycs")


class Program(NamedTuple):
    """Python code that a command starts. `sure` is False when something else may be meant by the words."""

    kind: str
    text: str
    sure: bool = True


def is_python(word: str) -> bool:
    """Whether a word names a Python interpreter."""
    return _PYTHON.match(posixpath.basename(word)) is not None


def programs_of(program: str, arguments: Sequence[str], knowledge: Knowledge) -> list[Program]:
    """The Python code that a command starts, by its program and arguments; empty when it starts none."""
    if is_python(program):
        return _of_interpreter(arguments)
    for number, word in enumerate(arguments):
        if is_python(word) and word != program:
            return [each._replace(sure=False) for each in _of_interpreter(arguments[number + 1 :])]
    if program in knowledge.get("servers"):
        named = (word for word in arguments if _APPLICATION.match(word))
        return [Program(APPLICATION, word, sure=False) for word in named][:1]
    launchers = knowledge.get("programs.long_running")["programs"]
    if program in launchers or "run" in arguments[:1]:
        return _of_launcher(arguments)
    return []


def _of_interpreter(arguments: Sequence[str]) -> list[Program]:
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        if word == UNKNOWN:
            return [Program(FILE, UNKNOWN)]
        if word == "-c" or word == "-":
            return []
        if word.startswith("-m"):
            name = word[2:] or (rest.pop(0) if rest else UNKNOWN)
            # A module that is no part of the product may start what it is given: `-m torch.distributed.run train.py`.
            given = [each._replace(sure=False) for each in _of_launcher(rest)]
            return [Program(MODULE, name), *given]
        if word in _WITH_VALUE:
            rest = rest[1:]
        elif not word.startswith("-"):
            return [Program(FILE, word)]
    return []


def _of_launcher(arguments: Sequence[str]) -> list[Program]:
    for number, word in enumerate(arguments):
        if word in ("-m", "--module") and number + 1 < len(arguments):
            return [Program(MODULE, arguments[number + 1], sure=False)]
        if word.endswith(".py") and not word.startswith("-"):
            return [Program(FILE, word, sure=False)]
    return []


def program_of_text(text: str) -> Program | None:
    """What a `starts` of a call, or an application of a server, names: `wsgi:app`, `-m pkg.mod`, `predict.py`."""
    text = text.strip()
    if not text or text == UNKNOWN:
        return None
    if text.startswith("-m "):
        return Program(MODULE, text[3:].split()[0])
    place, colon, _ = text.partition(":")
    if place.endswith(".py") or "/" in place:
        return Program(APPLICATION if colon else FILE, text)
    return Program(APPLICATION, text)


def programs_of_call(call: Fact) -> list[Program]:
    """What a call starts; each of several programs, when the module that it runs is one of some."""
    text = call["starts"]
    first = program_of_text(text) if text else None
    if first is None or first.kind != MODULE or first.text != UNKNOWN:
        return [first] if first is not None else []
    lines = (line for line in alternatives(call["argument"]) if isinstance(line, list))
    named = (after for line in lines for word, after in pairwise(line) if word == "-m")
    modules = [each for after in named for each in alternatives(after) if isinstance(each, str) and HOLE not in each]
    return [Program(MODULE, each, sure=False) for each in dict.fromkeys(modules)] or [first]
