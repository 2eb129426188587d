"""Reads makefiles: the commands of their recipes, as shell scripts with what the makefile says of its variables.

Make replaces its variables before a shell sees the line, also between quotes. A variable that is set once and plainly
stands for its value; what functions, conditions, targets or callers of make decide is not known.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from linter.inspect.code import Code
from linter.inspect.commands import inspect_shell
from linter.inspect.mapped import Mapped, Part
from linter.inspect.text import NotText, Source
from linter.lazy import compiled
from linter.model import Inspection, Notice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.knowledge import Knowledge
    from linter.model import Artifact

_SCOPE = "seller"
_DEPTH = 8
"""Variables inside of the values of variables."""
_LONGEST = 100_000
"""Characters of all recipes of one file that are read, their variables replaced."""
_FUNCTION = 400
"""Characters of a call of a function."""
_ASSIGNMENT = compiled(
    r"[ ]*(?:(?:export|override|private)[ \t]+)*([\w.-]{1,100})[ \t]*(\?=|:{0,3}=|\+=|!=)[ \t]*(.*)", re.DOTALL
)
_OF_TARGET = compiled(r"[^\t#=:]{1,300}:[ \t]*(?:(?:export|override|private)[ \t]+)*([\w.-]{1,100})[ \t]*[?:+!]*=")
_RULE = compiled(r"[^\t#=:][^=:]{0,2000}::?(?!=)")
_CONDITION = compiled(r"[ ]*(ifn?eq|ifn?def|else|endif|define|endef)\b")
_REFERENCE = compiled(r"\$(?:(\$)|\((\w{1,100})\)|\{(\w{1,100})\}|([({])|(\w)|([@<^*?+|%]))")
_COMMENT = compiled(r"(?:^|(?<=[ \t]))#.*", re.DOTALL)
_CLOSES = {"(": ")", "{": "}"}


class _Line(NamedTuple):
    """A line with those that continue it, and its offset."""

    text: str
    start: int


def inspect(artifact: Artifact, data: bytes, knowledge: Knowledge) -> Inspection:
    """The facts of the commands in recipes, the requests that they send included. Bad input gives a notice."""
    try:
        source = Source(artifact.path, data)
    except NotText as reason:
        return Inspection(notices=(Notice("not-text", f"this makefile was not read: {reason}", artifact.path),))
    reading = _Reading(source.text)
    if not reading.recipes:
        return Inspection()
    code = Code.mapped(Mapped.joined(reading.script(), 0), source, "shell", "command")
    return inspect_shell(code, artifact.path, knowledge, _SCOPE)


class _Reading:
    """The recipes and variables of a makefile."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.recipes: list[_Line] = []
        self.values: dict[str, _Line | None] = {}
        """Variables that are set; None where their value is not known."""
        self.size = 0
        self._read()

    def _read(self) -> None:
        depth = 0
        defines = follows_rule = False
        for line in self._lines():
            condition = _CONDITION.match(line.text)
            word = condition.group(1) if condition else ""
            if word in ("define", "endef"):
                defines = word == "define"
            elif defines:
                continue
            elif line.text.startswith("\t") and follows_rule:
                self.recipes.append(line)
            elif word:
                depth += (word != "else") * (-1 if word == "endif" else 1)
            elif not self._assigns(line, depth > 0) and _RULE.match(line.text):
                follows_rule = True

    def _lines(self) -> Iterator[_Line]:
        start = 0
        while start < len(self.text):
            end = self.text.find("\n", start)
            while end > 0 and self.text[end - 1] == "\\":
                end = self.text.find("\n", end + 1)
            end = len(self.text) if end < 0 else end
            yield _Line(self.text[start:end], start)
            start = end + 1

    def _assigns(self, line: _Line, is_conditional: bool) -> bool:
        """Note the variable that a line sets; whether it sets one."""
        found = _ASSIGNMENT.match(line.text)
        if found is None:
            of_target = _OF_TARGET.match(line.text)
            if of_target:
                self.values[of_target.group(1)] = None
            return of_target is not None
        name, sign, value = found.groups()
        value = _COMMENT.sub("", value).rstrip()
        plain = sign not in ("+=", "!=") and not is_conditional and "\n" not in value and name not in self.values
        self.values[name] = _Line(value, line.start + found.start(3)) if plain else None
        return True

    def script(self) -> list[Part]:
        """All recipes as one script, with the places of its parts."""
        parts: list[Part] = []
        for line in self.recipes:
            body = line.text[1:].lstrip("@-+ \t")
            start = line.start + len(line.text) - len(body)
            parts += self._shell(body, start, 0)
            parts.append(("\n", start + len(body), 1))
            if self.size > _LONGEST:
                break
        return parts

    def _shell(self, text: str, start: int, depth: int) -> Iterator[Part]:
        """A text of make as the shell gets it. Parts of a variable's value stand where the variable is named."""
        at = 0
        while self.size <= _LONGEST and (found := _REFERENCE.search(text, at)):
            if found.start() > at:
                yield self._counted(text[at : found.start()], start + at)
            at = found.end()
            dollar, *names, opens, letter, _ = found.groups()
            if opens:
                at = _closed(text, found.end(), opens)
            name = next((each for each in (*names, letter) if each), None)
            place = start + found.start()
            if dollar:
                yield ("$", place, 2)
            else:
                yield (self._value(name, depth), place, at - found.start())
        if at < len(text):
            yield self._counted(text[at:], start + at)

    def _counted(self, text: str, start: int) -> Part:
        self.size += len(text)
        return (text, start, len(text))

    def _value(self, name: str | None, depth: int) -> str:
        """What a variable stands for; what is not known as a variable of the shell's, which nothing sets."""
        self.size += 1
        value = self.values.get(name) if name else None
        if value is None or depth >= _DEPTH or self.size > _LONGEST:
            return f"${{{name or 'made'}}}"
        return "".join(part for part, _, _ in self._shell(value.text, value.start, depth + 1))


def _closed(text: str, at: int, opens: str) -> int:
    """The offset behind the bracket that closes a call of a function."""
    level = 1
    for number in range(at, min(len(text), at + _FUNCTION)):
        level += (text[number] == opens) - (text[number] == _CLOSES[opens])
        if not level:
            return number + 1
    return at
