"""Text of an nginx configuration to a tree of directives with exact positions. Reads broken and templated files too."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DEPTH = 64
"""Blocks nested deeper are read as if they stood at this depth; nginx itself nests some five deep."""
MAX_DIRECTIVES = 20_000
"""What stands behind so many directives is not read."""
MAX_PROBLEMS = 20

# What template engines leave in a configuration: Jinja, Mustache, ERB and `str.format`. All are bounded to one line.
_TEMPLATE = re.compile(r"\{\{[^\n]{0,300}?\}\}|\{%[^\n]{0,300}?%\}|<%[^\n]{0,300}?%>|\{[A-Za-z_][\w.]{0,100}\}")
_STATEMENT = re.compile(r"\{[%#][^\n]{0,300}?[%#]\}|<%(?!=)[^\n]{0,300}?%>")
# An expression that fills its line stands for whole directives, with their `;`.
_LONE = re.compile(r"\{\{[^\n]{0,300}?\}\}[ \t]*(?:\r?\n|\Z)|\{\{[^\n]{0,300}?\}\}[ \t]*\}")
_COPIED = re.compile(r"\{\{|\{%|<%|\$\{|\{[A-Za-z_]|%[A-Za-z_]\w*%|@[A-Za-z_]\w*@|__[A-Za-z]\w*__")
_BLANK = re.compile(r"[ \t\r\n]+")
_PLAIN = re.compile(r"[^ \t\r\n;{\\$<]+")
_ESCAPES = {"t": "\t", "r": "\r", "n": "\n", '"': '"', "'": "'", "\\": "\\"}
_LUA_LONG = re.compile(r"\[(=*)\[")
_LUA_STOP = re.compile(r"[{}\"'\[]|--")


class Word(NamedTuple):
    """One word of a directive. `text` is what nginx sees (quotes and escapes resolved), the offsets hold the quotes."""

    text: str
    start: int
    end: int
    quoted: bool = False

    @property
    def templated(self) -> bool:
        """Whether a template engine or `envsubst` would replace a part of it."""
        return bool(_COPIED.search(self.text))


@dataclass(slots=True, eq=False)
class Directive:
    """A directive with its words, and with its block when it has one. Two directives are equal only if they are one."""

    name: str
    words: tuple[Word, ...]
    """The directive's name first, then its arguments."""
    start: int
    end: int
    """Offset behind the `;`, or behind the closing brace."""
    head_end: int
    """Offset behind the `;`, or behind the opening brace."""
    parent: Directive | None = None
    block: list[Directive] | None = None
    raw: bool = False
    """The block holds another language (Lua) and was not read."""
    _named: dict[str, list[Directive]] | None = None
    _holds_placeholder: bool | None = None

    @property
    def placeholder(self) -> bool:
        """Whether a template engine puts something unknown here, perhaps several directives (`%LOCATIONS%;`)."""
        return bool(self.words) and (self.words[0].templated or self.name.startswith("$"))

    @property
    def holds_placeholder(self) -> bool:
        """Whether its block holds such a place; looked at once, since every server asks it of the block around it."""
        if self._holds_placeholder is None:
            self._holds_placeholder = any(child.placeholder for child in self.block or ())
        return self._holds_placeholder

    @property
    def args(self) -> tuple[Word, ...]:
        return self.words[1:]

    def arg(self, index: int = 0) -> str:
        """The text of an argument; empty when there is none."""
        return self.words[index + 1].text if len(self.words) > index + 1 else ""

    def children(self, *names: str) -> Iterator[Directive]:
        """The directives that stand directly in the block, of these names, in their order. For finished trees only."""
        if self._named is None:
            self._named = {}
            for child in self.block or ():
                self._named.setdefault(child.name, []).append(child)
        if len(names) == 1:
            return iter(self._named.get(names[0], ()))
        if self._named.keys().isdisjoint(names):
            return iter(())
        return (child for child in self.block or () if child.name in names)

    def first(self, name: str) -> Directive | None:
        """The first directive of this name that stands directly in the block."""
        return next(self.children(name), None)

    def ancestors(self) -> Iterator[Directive]:
        """The blocks around it, from the inside out."""
        outer = self.parent
        while outer is not None:
            yield outer
            outer = outer.parent


class Problem(NamedTuple):
    """Something in the text that nginx would refuse. `message` is a clause without a full stop."""

    message: str
    start: int
    end: int


@dataclass(slots=True)
class Tree:
    """A whole file. `root` is a nameless directive whose block holds the file's directives."""

    root: Directive
    problems: list[Problem] = field(default_factory=list)
    templated: bool = False
    """Whether statements of a template engine (`{% if … %}`) stand between the directives: all branches are read."""


def parse(text: str) -> Tree:
    """Read a configuration. Never raises: what nginx would refuse becomes a problem, and reading goes on behind it."""
    return _Parser(text).run()


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.root = Directive("", (), 0, len(text), 0, block=[])
        self.open = self.root
        self.depth = 0
        self.count = 0
        self.surplus = 0
        self.words: list[Word] = []
        self.tree = Tree(self.root)

    def run(self) -> Tree:
        while self.at < len(self.text) and self.count < MAX_DIRECTIVES:
            self.step()
        end = self.at
        if end < len(self.text):
            self.problem(f"it has more than {MAX_DIRECTIVES} directives", end, end)
        if self.words:
            self.problem("the last directive has no `;`", self.words[0].start, self.words[-1].end)
            self.finish(self.words[-1].end)
        if self.open is not self.root:
            left = self.open
            self.problem(f"the block `{left.name}` is never closed", left.start, left.head_end)
        while self.open is not self.root and self.open.parent is not None:
            self.open.end = end
            self.open = self.open.parent
        return self.tree

    def step(self) -> None:
        """Read one blank, comment, sign or word."""
        text, at = self.text, self.at
        char = text[at]
        if blank := _BLANK.match(text, at):
            self.at = blank.end()
        elif char == "#":
            stop = text.find("\n", at)
            self.at = len(text) if stop < 0 else stop
        elif not self.words and char in "{<" and (found := _STATEMENT.match(text, at)):
            self.tree.templated = True
            self.at = found.end()
        elif char == ";":
            self.at += 1
            self.finish(self.at)
        elif char == "{" and not _TEMPLATE.match(text, at):
            self.at += 1
            self.begin()
        elif char == "}":
            self.at += 1
            self.close()
        elif char in "\"'":
            self.words.append(self.quoted(char))
        else:
            self.words.append(self.plain())
            if len(self.words) == 1 and _LONE.match(text, at):
                self.finish(self.at)

    def finish(self, end: int) -> None:
        """End a simple directive at `end`."""
        if not self.words:
            self.problem("`;` ends nothing", end - 1, end)
            return
        words, self.words = tuple(self.words), []
        self.add(Directive(words[0].text, words, words[0].start, end, end, self.open))

    def begin(self) -> None:
        """Open a block at the `{` that was just read."""
        words, self.words = tuple(self.words), []
        start = words[0].start if words else self.at - 1
        if not words:
            self.problem("`{` opens a block without a name", start, self.at)
        block = Directive(words[0].text if words else "", words, start, self.at, self.at, self.open, [])
        self.add(block)
        if block.name.endswith("_by_lua_block"):
            block.raw = True
            self.at = block.end = self.lua(self.at)
        elif self.depth >= MAX_DEPTH:
            self.problem(f"blocks are nested more than {MAX_DEPTH} deep", start, self.at)
            self.surplus += 1
        else:
            self.open = block
            self.depth += 1

    def close(self) -> None:
        """Close a block at the `}` that was just read."""
        if self.words:
            self.problem("a directive before `}` has no `;`", self.words[0].start, self.words[-1].end)
            self.finish(self.words[-1].end)
        if self.surplus:
            self.surplus -= 1
        elif self.open is self.root or self.open.parent is None:
            self.problem("`}` closes nothing", self.at - 1, self.at)
        else:
            self.open.end = self.at
            self.open = self.open.parent
            self.depth -= 1

    def add(self, directive: Directive) -> None:
        self.count += 1
        if self.open.block is not None:
            self.open.block.append(directive)

    def problem(self, message: str, start: int, end: int) -> None:
        if len(self.tree.problems) < MAX_PROBLEMS:
            self.tree.problems.append(Problem(message, start, end))

    def plain(self) -> Word:
        """An unquoted word. `${` belongs to it, and so does a template's expression with the blanks inside."""
        text, start = self.text, self.at
        pieces: list[str] = []
        at = start
        while at < len(text):
            char = text[at]
            if found := _PLAIN.match(text, at):
                pieces.append(found.group())
                at = found.end()
            elif char == "\\":
                pieces.append(_unescape(text[at : at + 2]))
                at += 2
            elif char == "$":
                stop = at + (2 if text.startswith("${", at) else 1)
                pieces.append(text[at:stop])
                at = stop
            elif char in "{<" and (found := _TEMPLATE.match(text, at)):
                pieces.append(found.group())
                at = found.end()
            elif char == "<":
                pieces.append(char)
                at += 1
            else:
                break
        self.at = min(at, len(text))
        return Word("".join(pieces), start, self.at)

    def quoted(self, quote: str) -> Word:
        """A word in quotes. One that is never closed ends with its line, so that the rest can be read."""
        text, start = self.text, self.at
        pieces: list[str] = []
        at = start + 1
        while at < len(text) and text[at] != quote:
            if text[at] == "\\":
                pieces.append(_unescape(text[at : at + 2]))
                at += 2
                continue
            stop = _next(text, at, quote)
            pieces.append(text[at:stop])
            at = stop
        if at < len(text):
            self.at = at + 1
            return Word("".join(pieces), start, self.at, True)
        line = text.find("\n", start)
        self.at = len(text) if line < 0 else line
        self.problem(f"a quote `{quote}` is never closed", start, self.at)
        body = text[start + 1 : self.at].rstrip(" \t\r;{")
        self.at = start + 1 + len(body)
        return Word(body, start, self.at, True)

    def lua(self, at: int) -> int:
        """The offset behind the `}` that closes a block of Lua; its strings and comments may hold braces."""
        text, depth, start = self.text, 1, at
        while found := _LUA_STOP.search(text, at):
            sign, at = found.group(), found.end()
            if sign == "{":
                depth += 1
            elif sign == "}":
                depth -= 1
                if not depth:
                    return at
            elif sign == "[":
                at = _lua_long(text, at - 1) or at
            elif sign == "--":
                at = _lua_long(text, at) or _line_end(text, at)
            else:
                at = _lua_string(text, at, sign)
        self.problem("a block of Lua is never closed", start - 1, start)
        return len(text)


def _unescape(pair: str) -> str:
    return _ESCAPES.get(pair[1:], pair)


def _next(text: str, at: int, quote: str) -> int:
    """The next quote or backslash from `at`, or the end."""
    found = re.compile(rf"[\\{quote}]").search(text, at)
    return found.start() if found else len(text)


def _line_end(text: str, at: int) -> int:
    stop = text.find("\n", at)
    return len(text) if stop < 0 else stop


def _lua_long(text: str, at: int) -> int | None:
    """The offset behind a long bracket (`[[…]]`, `[=[…]=]`) that begins at `at`; None when none does."""
    found = _LUA_LONG.match(text, at)
    if not found:
        return None
    closing = f"]{found.group(1)}]"
    stop = text.find(closing, found.end())
    return len(text) if stop < 0 else stop + len(closing)


def _lua_string(text: str, at: int, quote: str) -> int:
    """The offset behind a Lua string whose opening quote stands before `at`. It ends with its line at the latest."""
    while at < len(text) and text[at] not in (quote, "\n"):
        at += 2 if text[at] == "\\" else 1
    return at + 1
