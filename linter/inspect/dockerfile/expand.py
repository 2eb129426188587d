"""BuildKit's word lexer: quotes, escapes and `$variables`, with values that may be unknown in part.

A value is a string in which `UNSEEN` stands for each part that cannot be known. `None` from the getter means that the
variable is known to be unset.
"""

from __future__ import annotations

from collections.abc import Callable

from linter.inspect.dockerfile.lines import UNSEEN
from linter.model import UNKNOWN
from linter.references.patterns import GO_SPACE

Getter = Callable[[str], str | None]

MAX_DEPTH = 40
MAX_VALUE = 32_768
MAX_WORK = 1_000_000
"""Longest product of a value's and a pattern's length that is matched."""

SPECIAL = frozenset("@*#?-$!0")


class ExpansionError(ValueError):
    """BuildKit would refuse the word; the message says why."""


def known(value: str | None) -> str | None:
    """A value for a fact: `unknown` when any part of it is unseen."""
    return UNKNOWN if value is not None and UNSEEN in value else value


def expand(word: str, get: Getter, escape: str = "\\") -> str:
    """The word with quotes removed and variables replaced. Raises ExpansionError."""
    return Lexer(word, get, escape).run()[0]


def expand_words(word: str, get: Getter, escape: str = "\\") -> list[str]:
    """Like `expand`, split at blanks after the replacement. Raises ExpansionError."""
    return Lexer(word, get, escape).run()[1]


def nothing_set(name: str) -> str | None:
    return None


class Lexer:
    """One pass over one word. The options are those of BuildKit's `shell.Lex`."""

    def __init__(
        self,
        text: str,
        get: Getter,
        escape: str = "\\",
        *,
        raw_quotes: bool = False,
        raw_escapes: bool = False,
        skip_unset: bool = False,
    ) -> None:
        self.text, self.get, self.escape = text, get, escape
        self.raw_quotes, self.raw_escapes, self.skip_unset = raw_quotes, raw_escapes, skip_unset
        self.at = 0
        self.depth = 0

    def run(self) -> tuple[str, list[str]]:
        value, words = self._until("", self.raw_escapes)
        return _bounded(value), words

    def _until(self, stop: str, raw_escapes: bool) -> tuple[str, list[str]]:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpansionError("variables are nested too deeply")
        before, self.raw_escapes = self.raw_escapes, raw_escapes
        try:
            return self._scan(stop)
        finally:
            self.raw_escapes = before
            self.depth -= 1

    def _scan(self, stop: str) -> tuple[str, list[str]]:
        out: list[str] = []
        words = _Words()
        text, size = self.text, len(self.text)
        while self.at < size:
            char = text[self.at]
            if stop and char == stop:
                self.at += 1
                return "".join(out), words.done()
            if char == "$":
                value = self._dollar()
                out.append(value)
                words.split(value)
            elif char == "'":
                words.raw(self._keep(out, self._single()))
            elif char == '"':
                words.raw(self._keep(out, self._double()))
            elif char == "<":
                words.raw(self._keep(out, self._less()))
            elif char == self.escape:
                self.at += 2
                kept = (char if self.raw_escapes else "") + text[self.at - 1 : self.at]
                if kept:
                    words.raw(self._keep(out, kept))
            else:
                self.at += 1
                out.append(char)
                words.char(char)
        if stop:
            raise ExpansionError(f"`{stop}` is missing")
        return "".join(out), words.done()

    @staticmethod
    def _keep(out: list[str], value: str) -> str:
        out.append(value)
        return value

    def _less(self) -> str:
        start = self.at
        self.at += 1
        if self.text.startswith("<", self.at):
            self.at += 1
            while self.at < len(self.text) and self.text[self.at] in "\t\r ":
                self.at += 1
        return self.text[start : self.at]

    def _single(self) -> str:
        end = self.text.find("'", self.at + 1)
        if end < 0:
            self.at = len(self.text)
            raise ExpansionError("a single quote is not closed")
        inner = self.text[self.at + 1 : end]
        self.at = end + 1
        return f"'{inner}'" if self.raw_quotes else inner

    def _double(self) -> str:
        quote = '"' if self.raw_quotes else ""
        out = [quote]
        self.at += 1
        text, size = self.text, len(self.text)
        while self.at < size:
            char = text[self.at]
            if char == '"':
                self.at += 1
                return "".join([*out, quote])
            if char == "$":
                out.append(self._dollar())
                continue
            self.at += 1
            if char == self.escape:
                if self.raw_escapes:
                    out.append(char)
                if self.at >= size:
                    break
                if text[self.at] in ('"', "$", self.escape):
                    char = text[self.at]
                    self.at += 1
                elif self.raw_escapes:
                    out.pop()
            out.append(char)
        raise ExpansionError("a double quote is not closed")

    def _dollar(self) -> str:
        self.at += 1
        if not self.text.startswith("{", self.at):
            name = self._name()
            if not name:
                return "$"
            value = self.get(name)
            return value if value is not None else f"${name}" if self.skip_unset else ""
        self.at += 1
        if self.at >= len(self.text):
            raise ExpansionError("`}` is missing")
        if self.text[self.at] in "{}:":
            raise ExpansionError("bad substitution")
        start = self.at - 2
        name = self._name()
        value = self._braced(name)
        unset = self.skip_unset and self.get(name) is None
        return self.text[start : self.at] if unset else _bounded(value)

    def _braced(self, name: str) -> str:
        operator = self._next()
        null_is_unset = operator == ":"
        if operator == "}":
            return self.get(name) or ""
        if null_is_unset:
            operator = self._next()
        elif operator == "/":
            return self._replaced(name)
        if operator not in ("-", "+", "?", "#", "%") or (null_is_unset and operator in "#%"):
            raise ExpansionError(f"the modifier `{operator}` is not supported")
        word, _ = self._until("}", operator in ("#", "%"))
        value = self.get(name)
        if operator in ("#", "%"):
            greedy = word.startswith(operator)
            return trimmed(value or "", word[greedy:], operator, greedy)
        return self._chosen(name, operator, null_is_unset, word, value)

    def _chosen(self, name: str, operator: str, null_is_unset: bool, word: str, value: str | None) -> str:
        if value is not None and value.strip(UNSEEN) == "" and value:
            # Nothing is known of it, not even whether it is set; a default equal for both cases does not help either.
            return UNSEEN
        missing = value is None or (null_is_unset and value == "")
        if operator == "-":
            return word if missing else value or ""
        if operator == "+":
            return "" if missing else word
        if missing and not self.skip_unset:
            raise ExpansionError(f"{name}: {word or 'is not allowed to be unset'}")
        return value or ""

    def _replaced(self, name: str) -> str:
        every = self.text.startswith("/", self.at)
        self.at += every
        pattern, _ = self._until("/", True)
        replacement, _ = self._until("}", True)
        return replaced(self.get(name) or "", pattern, replacement, every)

    def _next(self) -> str:
        self.at += 1
        return self.text[self.at - 1 : self.at]

    def _name(self) -> str:
        start, text, size = self.at, self.text, len(self.text)
        if start < size and text[start].isdigit():
            while self.at < size and text[self.at].isdigit():
                self.at += 1
        elif start < size and text[start] in SPECIAL:
            self.at += 1
        else:
            while self.at < size and (text[self.at].isalnum() or text[self.at] == "_"):
                self.at += 1
        return text[start : self.at]


class _Words:
    def __init__(self) -> None:
        self._done: list[str] = []
        self._open: list[str] = []

    def char(self, char: str) -> None:
        if char not in GO_SPACE:
            self._open.append(char)
        elif self._open:
            self._close()

    def split(self, text: str) -> None:
        for char in text:
            self.char(char)

    def raw(self, text: str) -> None:
        if text:
            self._open.append(text)

    def _close(self) -> None:
        self._done.append("".join(self._open))
        self._open = []

    def done(self) -> list[str]:
        if self._open:
            self._close()
        return self._done


def _bounded(value: str) -> str:
    return UNSEEN if len(value) > MAX_VALUE else value


def trimmed(value: str, pattern: str, operator: str, greedy: bool) -> str:
    """`${value#pattern}` and its kin. Raises ExpansionError on an escape that BuildKit refuses."""
    tokens = _glob(pattern)
    if UNSEEN in value or UNSEEN in pattern or len(value) * len(tokens) > MAX_WORK:
        return UNSEEN
    if operator == "%":
        value, tokens = value[::-1], tokens[::-1]
    ends = _ends(tokens, value, 0)
    rest = value[(max if greedy else min)(ends) :] if ends else value
    return rest[::-1] if operator == "%" else rest


def replaced(value: str, pattern: str, replacement: str, every: bool) -> str:
    """`${value/pattern/replacement}`, every match when asked. Raises ExpansionError."""
    tokens = _glob(pattern)
    if UNSEEN in value or UNSEEN in pattern:
        return UNSEEN
    if all(token is not None and token != "" for token in tokens):
        literal = "".join(token or "" for token in tokens)
        if len(value) * max(1, len(replacement)) > MAX_WORK:
            return UNSEEN
        return value.replace(literal, replacement, -1 if every else 1)
    if len(value) * len(value) * len(tokens) > MAX_WORK:
        return UNSEEN
    out: list[str] = []
    at, border = 0, -1
    while at <= len(value):
        end = max(_ends(tokens, value, at), default=-1)
        if end > at or (end == at and at != border):
            out.append(replacement)
            if not every:
                return "".join(out) + value[end:]
        if end > at:
            at = border = end
        else:
            out.append(value[at : at + 1])
            at += 1
    return "".join(out)


def _glob(pattern: str) -> list[str | None]:
    """The pattern's characters; None for `*`, the empty string for `?`."""
    tokens: list[str | None] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        following = pattern[at + 1 : at + 2]
        if char == "\\" and following in ("}", "/"):
            char, at = following, at + 1
            tokens.append(char)
        elif char == "\\":
            if following not in ("*", "?", "\\") or not following:
                raise ExpansionError(f"the escape `\\{following}` is not allowed in a pattern")
            tokens.append(following)
            at += 1
        else:
            tokens.append(None if char == "*" else "" if char == "?" else char)
        at += 1
    return tokens


def _ends(tokens: list[str | None], value: str, start: int) -> set[int]:
    size, reached = len(value), {start}
    for token in tokens:
        if token is None:
            reached = set(range(min(reached), size + 1))
        else:
            reached = {at + 1 for at in reached if at < size and token in ("", value[at])}
        if not reached:
            break
    return reached
