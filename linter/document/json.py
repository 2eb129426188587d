"""JSON with positions.

Comments, trailing commas, keys and words without quotes (placeholders) and line breaks in strings are read, told of as
problems, and set `Document.relaxed`. `NaN` and `Infinity` are such words: they become text.
"""

from __future__ import annotations

import json
import re
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any, NamedTuple, NoReturn

from linter.document.base import (
    COMMA,
    COMMENTS,
    HUGE,
    MAX_DEPTH,
    MAX_DIGITS,
    Document,
    DocumentError,
    Lines,
    Node,
    Problems,
    short,
)

_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_SPACE = re.compile(r"[ \t\r\n\f\v\u00a0\ufeff]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)((?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)")
# The bounds keep a line of thousands of `<` from taking quadratic time.
_BARE = re.compile(r"(?:\$\{[^}\n]{0,99}\}|\{\{[^}\n]{0,99}\}\}|<[^>\n]{0,99}>|[^\s,:\[\]{}\"])+")
_WORDS = {"true": True, "false": False, "null": None}


def load_json(text: str) -> Document:
    """The value of a JSON text. Raises DocumentError.

    The standard library's C parser reads what is strictly right, and positions are worked out when somebody asks; all
    else goes to the scanner.
    """
    try:
        if _SURROGATE_ESCAPE.search(text):
            raise ValueError
        value = json.loads(
            text, object_pairs_hook=_unique, parse_int=_integer, parse_float=_decimal, parse_constant=_refuse
        )
        if _deeper(value, MAX_DEPTH):
            raise ValueError
    except (ValueError, RecursionError):
        scanner = _Scanner(text)
        value, root = scanner.read()
        return Document(value, scanner.lines, root, scanner.problems, scanner.relaxed)
    return Document(value, Lines(text), lambda: _Scanner(text).read()[1], Problems())


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) != len(pairs):
        raise ValueError
    return mapping


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError
    return int(digits)


def _decimal(digits: str) -> float:
    number = float(digits)
    if abs(number) == float("inf") or len(digits) > MAX_DIGITS:
        raise ValueError
    return number


def _refuse(_word: str) -> NoReturn:
    raise ValueError


def _deeper(value: Any, limit: int) -> bool:
    """Whether containers are nested more than `limit` levels deep."""
    level = [value] if isinstance(value, (dict, list)) else []
    for _ in range(limit):
        parts = (part for outer in level for part in (outer.values() if isinstance(outer, dict) else outer))
        level = [part for part in parts if isinstance(part, (dict, list))]
        if not level:
            return False
    return True


class _Open(NamedTuple):
    """An object or array whose end has not been met yet."""

    container: Any
    node: Node
    closer: str


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = Lines(text)
        self.problems = Problems()
        self.relaxed = False
        self.told: set[str] = set()
        self.stack: list[_Open] = []
        self.keys: list[tuple[str, int, int]] = []
        """The keys that wait for their values, one for each open object."""

    def read(self) -> tuple[Any, Node]:
        """The value and its places, without recursion. Raises DocumentError."""
        at = self.skip(0)
        if at == len(self.text):
            raise self.lines.error("there is no JSON value here", at)
        while True:
            char = self.text[at : at + 1]
            if char == "[" or (char == "{" and not self.text.startswith("{{", at)):
                opened = self.open(at)
                at = self.skip(at + 1)
                if not self.text.startswith(opened.closer, at):
                    at = self.key(at)
                    continue
                value, node, at = self.close(at)
            else:
                start = at
                value, at = self.scalar(at)
                node = Node(start, at)
            while self.stack:  # hand the value to what it stands in, and close all that ends with it
                self.put(value, node)
                at = self.comma(self.skip(at))
                if not self.text.startswith(self.stack[-1].closer, at):
                    at = self.key(at)
                    break
                value, node, at = self.close(at)
            else:
                at = self.skip(at)
                if at < len(self.text):
                    raise self.lines.error("the JSON value has ended, but more text follows; remove it", at)
                return value, node

    def open(self, at: int) -> _Open:
        if len(self.stack) >= MAX_DEPTH:
            raise self.lines.error(f"values are nested more than {MAX_DEPTH} levels deep", at)
        container: Any = {} if self.text[at] == "{" else []
        opened = _Open(container, Node(at, at + 1, container), "}" if self.text[at] == "{" else "]")
        self.stack.append(opened)
        return opened

    def close(self, at: int) -> tuple[Any, Node, int]:
        container, node, _ = self.stack.pop()
        node.end = at + 1
        return container, node, at + 1

    def put(self, value: Any, node: Node) -> None:
        container, owner, _ = self.stack[-1]
        if isinstance(container, list):
            owner.add(len(container), node)
            container.append(value)
            return
        name, start, end = self.keys.pop()
        if name in container:
            self.problems.tell(f"`{short(name)}` is written twice in this object; the last one counts", start, end)
        container[name] = value
        owner.add(name, node, (start, end))

    def comma(self, at: int) -> int:
        """The offset of what follows a value: another value, a key, or the closing bracket."""
        closer = self.stack[-1].closer
        char = self.text[at : at + 1]
        if char == ",":
            after = self.skip(at + 1)
            if self.text.startswith(closer, after):
                self.forgive(COMMA, at, at + 1)
            return after
        if char == closer:
            return at
        raise self.lines.error(f"`,` or `{closer}` is expected {_here(char)}", at)

    def key(self, at: int) -> int:
        """Read a key when an object is open; the offset of the value that follows."""
        if self.stack[-1].closer == "]":
            return at
        start = at
        char = self.text[at : at + 1]
        if char == '"':
            name, at = self.string(at)
        else:
            match = _BARE.match(self.text, at)
            if not match:
                raise self.lines.error(f"a key in double quotes is expected {_here(char)}", at)
            name, at = match.group(), match.end()
            self.forgive(f"the key `{short(name)}` has no double quotes", start, at)
        self.keys.append((name, start, at))
        at = self.skip(at)
        if self.text[at : at + 1] != ":":
            raise self.lines.error(f"`:` is expected after the key {_here(self.text[at : at + 1])}", at)
        return self.skip(at + 1)

    def scalar(self, at: int) -> tuple[Any, int]:
        if self.text.startswith('"', at):
            return self.string(at)
        match = _BARE.match(self.text, at)
        if not match:
            raise self.lines.error(f"a value is expected {_here(self.text[at : at + 1])}", at)
        word, end = match.group(), match.end()
        comment = min((found for found in (word.find("/*"), word.find("//")) if found > 0), default=0)
        if comment:
            word, end = word[:comment], at + comment
        if word in _WORDS:
            return _WORDS[word], end
        number = _NUMBER.fullmatch(word)
        if number is None and word.startswith(("${", "{{")):  # a value that something fills in before anybody reads it
            self.relaxed = True
            return word, end
        if number is None:
            self.forgive(f"`{short(word)}` has no quotes and is no JSON value; it is read as text", at, end)
            return word, end
        try:
            return (_decimal if number[1] else _integer)(word), end
        except ValueError:
            self.problems.tell(HUGE, at, end)
            return word, end

    def string(self, at: int) -> tuple[str, int]:
        try:
            try:
                value, end = scanstring(self.text, at + 1, True)
            except json.JSONDecodeError as error:
                if "control character" not in error.msg:
                    raise
                value, end = scanstring(self.text, at + 1, False)
                self.forgive("strict JSON writes line breaks and tabs in a string as `\\n` and `\\t`", at, end)
        except json.JSONDecodeError as error:
            raise self.broken_string(error, at) from None
        return _LONE_SURROGATE.sub("\ufffd", value), end

    def broken_string(self, error: json.JSONDecodeError, at: int) -> DocumentError:
        if error.msg.startswith("Unterminated"):
            return self.lines.error("this string has no closing quote", at)
        return self.lines.error("this string has a broken `\\` escape; write `\\\\` for a backslash", error.pos)

    def skip(self, at: int) -> int:
        """The offset behind white space and comments."""
        while True:
            match = _SPACE.match(self.text, at)
            at = match.end() if match else at
            if self.text.startswith("//", at):
                end = self.text.find("\n", at)
                end = len(self.text) if end < 0 else end
            elif self.text.startswith("/*", at):
                end = self.text.find("*/", at + 2) + 2
                if end < 2:
                    raise self.lines.error("this comment has no closing `*/`", at)
            else:
                return at
            self.forgive(COMMENTS, at, end)
            at = end

    def forgive(self, message: str, start: int, end: int) -> None:
        """Tolerate what strict JSON forbids; the same sentence is told once."""
        self.relaxed = True
        if message not in self.told:
            self.told.add(message)
            self.problems.tell(message, start, end)


def _here(char: str) -> str:
    if not char:
        return "before the end of the text"
    return f"instead of `{char}`" if char.strip() else "here"
