"""The shorthand of the AWS command line, `Key=a,Other=[b,c],More={d=e}`, rewritten as JSON that knows its places.

What a value means follows its shape, as for the AWS command line: one value is a list where a list is wanted, digits
are a number where a number is.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from linter.inspect.manifest import members
from linter.lazy import compiled

if TYPE_CHECKING:
    from linter.inspect.mapped import Mapped, Part

_DEPTH = 12
_KEY = compiled(r"\s*([A-Za-z_][\w.:/-]{0,255})\s*=")
_NUMBER = compiled(r"-?\d{1,18}")
_PLAIN = compiled(r"(?:\$\{\w*\}|\\.|[^,\[\]{}\\])+")
_QUOTED = {"'": compiled(r"'((?:[^'\\]|\\.)*+)'", 16), '"': compiled(r'"((?:[^"\\]|\\.)*+)"', 16)}
_ESCAPED = compiled(r"\\(.)", 16)


class NotShorthand(Exception):
    """The text is none; nothing is known of what it means."""


def as_json(value: Mapped, shape: str) -> list[Part]:
    """The JSON of a value of a shape, in parts with their places. Raises NotShorthand."""
    reader = _Reader(value)
    reader.top(shape)
    if value.text[reader.at :].strip():
        raise NotShorthand
    return reader.parts


def scalar(text: str, shape: str | None) -> str:
    """The JSON of a single word."""
    kind = members.shape(shape)["type"] if shape else "string"
    if kind == "integer" and _NUMBER.fullmatch(text):
        return str(int(text))
    if kind == "boolean" and text.lower() in ("true", "false"):
        return text.lower()
    return json.dumps(text)


class _Reader:
    def __init__(self, value: Mapped) -> None:
        self.value, self.text, self.at = value, value.text, 0
        self.parts: list[Part] = []

    def put(self, text: str, start: int, end: int | None = None) -> None:
        begin, finish = self.value.place(start, start + 1 if end is None else end)
        self.parts.append((text, begin, finish - begin))

    def top(self, shape: str) -> None:
        kind = members.shape(shape)["type"]
        if kind in ("structure", "map"):
            self.pairs(shape, "", 0)
        elif kind == "list":
            self.put("[", 0)
            self.top(members.shape(shape)["member"])
            self.put("]", len(self.text) - 1)
        else:
            self.put(scalar(self.text, shape), 0, len(self.text))
            self.at = len(self.text)

    def pairs(self, shape: str | None, closer: str, depth: int) -> None:
        """`Key=value,…` up to a closing bracket or the end."""
        if depth > _DEPTH:
            raise NotShorthand
        self.put("{", self.at)
        first = True
        while True:
            key = _KEY.match(self.text, self.at)
            if key is None:
                raise NotShorthand
            if not first:
                self.put(",", self.at)
            first = False
            self.put(json.dumps(key.group(1)), key.start(1), key.end(1))
            self.put(":", key.end() - 1)
            self.at = key.end()
            self.one(_below(shape, key.group(1)), closer, depth)
            if not self.take(","):
                break
        self.end(closer)
        self.put("}", max(self.at - 1, 0))

    def one(self, shape: str | None, closer: str, depth: int) -> None:
        """One value; several with commas between them where a list is wanted."""
        inner = members.shape(shape)["member"] if shape and members.shape(shape)["type"] == "list" else None
        if inner is None:
            return self.single(shape, depth)
        if self.text.startswith("[", self.at):
            return self.single(shape, depth)
        self.put("[", self.at)
        self.single(inner, depth)
        while self.text.startswith(",", self.at) and not _KEY.match(self.text, self.at + 1):
            self.put(",", self.at)
            self.at += 1
            self.single(inner, depth)
        return self.put("]", max(self.at - 1, 0))

    def single(self, shape: str | None, depth: int) -> None:
        sign = self.text[self.at : self.at + 1]
        if sign == "{":
            self.at += 1
            return self.pairs(shape, "}", depth + 1)
        if sign == "[":
            return self.items(shape, depth + 1)
        quoted = _QUOTED[sign].match(self.text, self.at) if sign in _QUOTED and sign else None
        plain = quoted or _PLAIN.match(self.text, self.at)
        if plain is None:
            raise NotShorthand
        text = _ESCAPED.sub(r"\1", quoted.group(1) if quoted else plain.group())
        self.put(scalar(text, shape), self.at, plain.end())
        self.at = plain.end()
        return None

    def items(self, shape: str | None, depth: int) -> None:
        if depth > _DEPTH:
            raise NotShorthand
        inner = members.shape(shape)["member"] if shape and members.shape(shape)["type"] == "list" else None
        self.put("[", self.at)
        self.at += 1
        while not self.text.startswith("]", self.at):
            self.single(inner, depth)
            if not self.take(","):
                break
            self.put(",", self.at - 1)
        self.end("]")
        self.put("]", self.at - 1)

    def take(self, sign: str) -> bool:
        while self.text[self.at : self.at + 1].isspace():
            self.at += 1
        if not self.text.startswith(sign, self.at):
            return False
        self.at += 1
        while self.text[self.at : self.at + 1].isspace():
            self.at += 1
        return True

    def end(self, closer: str) -> None:
        if closer and not self.take(closer):
            raise NotShorthand


def _below(shape: str | None, key: str) -> str | None:
    if shape is None:
        return None
    kind = members.shape(shape)
    if kind["type"] == "structure":
        found: str | None = kind["members"].get(key)
        return found
    return str(kind["value"]) if kind["type"] == "map" else None
