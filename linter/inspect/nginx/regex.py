"""Whether a PCRE pattern of an nginx `location` matches a short path. Hostile patterns cost little: see `Matcher`."""

from __future__ import annotations

import string
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_PATTERN = 512
MAX_NESTING = 16
MAX_REPEAT = 64
MAX_TEXT = 256
MAX_STEPS = 500_000

_WORD = frozenset(string.ascii_letters + string.digits + "_")
_DIGIT = frozenset(string.digits)
_SPACE = frozenset(" \t\n\r\f\v")
_CLASSES = {"d": _DIGIT, "w": _WORD, "s": _SPACE}
_POSIX = {
    "alpha": frozenset(string.ascii_letters),
    "digit": _DIGIT,
    "alnum": frozenset(string.ascii_letters + string.digits),
    "lower": frozenset(string.ascii_lowercase),
    "upper": frozenset(string.ascii_uppercase),
    "space": _SPACE,
    "punct": frozenset(string.punctuation),
    "word": _WORD,
}
_CONTROL = {"n": "\n", "t": "\t", "r": "\r", "f": "\f"}

# A node is a tuple: its kind, then what the kind needs. Kinds: set, start, end, edge, sequence, choice, repeat, ahead.
Node = tuple[Any, ...]


class _Unsupported(Exception):
    """The pattern uses something that is not read here, or breaks a bound."""


class Matcher:
    """Matches patterns against paths within one budget of steps, so that no file costs more than a moment."""

    def __init__(self, budget: int = MAX_STEPS) -> None:
        self._left = budget
        self._known: dict[tuple[str, str, bool], bool | None] = {}

    def __call__(self, pattern: str, text: str, ignore_case: bool = False) -> bool | None:
        """Whether the pattern matches somewhere in the text. None when that cannot be told.

        No backtracking: for each part of the pattern and each position the set of ends is worked out once, so the cost
        grows with their product only, however quantifiers are nested. Back references, look-behind, atomic groups and
        patterns beyond the bounds give None.
        """
        key = (pattern, text, ignore_case)
        if key not in self._known:
            self._known[key] = self._match(*key)
        return self._known[key]

    def _match(self, pattern: str, text: str, ignore_case: bool) -> bool | None:
        if len(pattern) > MAX_PATTERN or len(text) > MAX_TEXT:
            return None
        try:
            node = _Reader(pattern, ignore_case).read()
            ends = _ends(text, self._spend)
            return any(ends(node, start) for start in range(len(text) + 1))
        except _Unsupported:
            return None

    def _spend(self, steps: int) -> None:
        self._left -= steps
        if self._left < 0:
            raise _Unsupported


class _Reader:
    """Reads a pattern to nodes, from left to right."""

    def __init__(self, pattern: str, ignore_case: bool) -> None:
        self.pattern = pattern
        self.at = 0
        self.ignore_case = ignore_case
        self.nesting = 0

    def read(self) -> Node:
        node = self.choice()
        if self.at < len(self.pattern):
            raise _Unsupported
        return node

    def take(self, text: str) -> bool:
        if self.pattern.startswith(text, self.at):
            self.at += len(text)
            return True
        return False

    def next(self) -> str:
        if self.at >= len(self.pattern):
            raise _Unsupported
        self.at += 1
        return self.pattern[self.at - 1]

    def choice(self) -> Node:
        options = [self.sequence()]
        while self.take("|"):
            options.append(self.sequence())
        return options[0] if len(options) == 1 else ("choice", tuple(options))

    def sequence(self) -> Node:
        items: list[Node] = []
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            items.append(self.repeated(self.item()))
        return ("sequence", tuple(items))

    def item(self) -> Node:
        char = self.next()
        if char == "(":
            return self.group()
        if char == "[":
            return ("set", self.bracket())
        if char == "\\":
            return self.escape()
        if char in "*+?":
            raise _Unsupported
        if char == ".":
            return ("set", (True, frozenset("\n")))
        if char == "^":
            return ("start",)
        if char == "$":
            return ("end",)
        return self.literal(char)

    def literal(self, char: str) -> Node:
        return ("set", (False, frozenset((char.lower(), char.upper())) if self.ignore_case else frozenset(char)))

    def group(self) -> Node:
        """What follows an opening parenthesis, up to and including the closing one."""
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise _Unsupported
        outer, ahead = self.ignore_case, None
        if self.take("?="):
            ahead = True
        elif self.take("?!"):
            ahead = False
        elif self.take("?i)"):
            self.ignore_case = True
            self.nesting -= 1
            return ("sequence", ())
        elif self.take("?i:"):
            self.ignore_case = True
        elif self.take("?<=") or self.take("?<!"):
            raise _Unsupported
        elif self.take("?P<") or self.take("?<"):
            self.group_name()
        elif not self.take("?:") and self.pattern[self.at : self.at + 1] == "?":
            raise _Unsupported
        inside = self.choice()
        if not self.take(")"):
            raise _Unsupported
        self.nesting -= 1
        self.ignore_case = outer
        return inside if ahead is None else ("ahead", ahead, inside)

    def group_name(self) -> None:
        while self.next() != ">":
            if self.pattern[self.at - 1] not in _WORD:
                raise _Unsupported

    def escape(self) -> Node:
        """What follows a backslash outside brackets."""
        char = self.next()
        if char in "AzZ":
            return ("start",) if char == "A" else ("end",)
        if char in "bB":
            return ("edge", char == "b")
        if char.lower() in _CLASSES:
            return ("set", (char.isupper(), _CLASSES[char.lower()]))
        if char in _CONTROL:
            return ("set", (False, frozenset(_CONTROL[char])))
        if char in string.ascii_letters or char in string.digits:
            raise _Unsupported
        return self.literal(char)

    def bracket(self) -> tuple[bool, frozenset[str]]:
        """What follows an opening bracket, as a set of characters and whether it is negated."""
        negated = self.take("^")
        chars: set[str] = set()
        begin = self.at
        while self.at == begin or not self.take("]"):
            low = self.member()
            if isinstance(low, frozenset):
                chars |= low
            elif self.pattern[self.at : self.at + 1] == "-" and self.pattern[self.at + 1 : self.at + 2] not in (
                "]",
                "",
            ):
                self.at += 1
                high = self.member()
                if isinstance(high, frozenset) or not ord(low) <= ord(high) < 0x250:
                    raise _Unsupported
                chars.update(map(chr, range(ord(low), ord(high) + 1)))
            else:
                chars.add(low)
        if self.ignore_case:
            chars |= {c.lower() for c in chars} | {c.upper() for c in chars}
        return negated, frozenset(chars)

    def member(self) -> str | frozenset[str]:
        """One character or class inside brackets."""
        if self.take("[:"):
            end = self.pattern.find(":]", self.at)
            found = _POSIX.get(self.pattern[self.at : end]) if end >= 0 else None
            if found is None:
                raise _Unsupported
            self.at = end + 2
            return found
        char = self.next()
        if char != "\\":
            return char
        char = self.next()
        if char in _CLASSES:
            return _CLASSES[char]
        if char in _CONTROL:
            return _CONTROL[char]
        if char in string.ascii_letters or char in string.digits:
            raise _Unsupported
        return char

    def repeated(self, node: Node) -> Node:
        """The node with the quantifier that follows it, if one does. Lazy ones match in the same places."""
        bounds = self.quantifier()
        if bounds is None:
            return node
        if self.pattern[self.at : self.at + 1] in ("+", "*", "{"):
            raise _Unsupported  # possessive, or a quantifier of a quantifier
        self.take("?")
        return ("repeat", *bounds, node)

    def quantifier(self) -> tuple[int, int | None] | None:
        for sign, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self.take(sign):
                return bounds
        if self.pattern[self.at : self.at + 1] != "{":
            return None
        low, comma, high = self.pattern[self.at + 1 : self.at + 10].partition("}")[0].partition(",")
        if not low.isdecimal() or (high and not high.isdecimal()) or "}" not in self.pattern[self.at : self.at + 10]:
            return None  # a brace that is a character
        self.at = self.pattern.index("}", self.at) + 1
        least = int(low)
        most = (int(high) if high else None) if comma else least
        if least > MAX_REPEAT or (most is not None and not least <= most <= MAX_REPEAT):
            raise _Unsupported
        return least, most


def _ends(text: str, spend: Callable[[int], None]) -> Callable[[Node, int], frozenset[int]]:
    """A function that gives all places where a match of a node from a place on can end."""

    @cache
    def ends(node: Node, at: int) -> frozenset[int]:
        spend(1)
        kind = node[0]
        if kind == "set":
            negated, chars = node[1]
            return frozenset((at + 1,)) if at < len(text) and (text[at] in chars) != negated else frozenset()
        if kind == "sequence":
            places = frozenset((at,))
            for item in node[1]:
                places = step(item, places)
            return places
        if kind == "choice":
            return frozenset().union(*(ends(option, at) for option in node[1]))
        if kind == "repeat":
            return repeat(node[1], node[2], node[3], at)
        return frozenset((at,)) if holds(node, at) else frozenset()

    def step(node: Node, places: frozenset[int]) -> frozenset[int]:
        spend(1 + len(places))
        return frozenset().union(*(ends(node, place) for place in places))

    def repeat(least: int, most: int | None, node: Node, at: int) -> frozenset[int]:
        places = frozenset((at,))
        for _ in range(least):
            places = step(node, places)
        found = places
        for _ in range(len(text) + 1 if most is None else most - least):
            places = step(node, places)
            if places <= found:
                break
            found |= places
        return found

    def holds(node: Node, at: int) -> bool:
        if node[0] == "start":
            return at == 0
        if node[0] == "end":
            return at == len(text)
        if node[0] == "ahead":
            return bool(ends(node[2], at)) is node[1]
        before, after = at > 0 and text[at - 1] in _WORD, at < len(text) and text[at] in _WORD
        return (before != after) is node[1]

    return ends
