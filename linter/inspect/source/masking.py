"""Takes comments and texts out of a source, so that only code is left, every character in its place."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from linter.lazy import compiled

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence


class Masked(NamedTuple):
    """A source of the same length twice: without comments, and without comments and texts (quotes kept)."""

    without_comments: str
    code: str
    depth: tuple[int, ...]
    """Offsets at which the nesting of braces changes to and from the top, in order: outside, inside, outside, …"""

    def at_top(self, offset: int) -> bool:
        """Whether no brace is open at an offset."""
        from bisect import bisect_right

        return bisect_right(self.depth, offset) % 2 == 0


def mask(
    text: str, line: Sequence[str], block: Sequence[Sequence[str]], quotes: Sequence[str], long_quotes: Sequence[str]
) -> Masked:
    """The masked forms of a text. A text in short quotes ends at its line's end at the latest, so that no lone quote
    swallows what follows.
    """
    opener = _opener(tuple(line), tuple(start for start, _ in block), tuple(quotes), tuple(long_quotes))
    ends = {pair[0]: pair[1] for pair in block}
    bare, code = [], []
    at = 0
    while True:
        found = opener.search(text, at)
        if found is None:
            break
        start, sign = found.start(), found.group()
        bare.append(text[at:start])
        code.append(text[at:start])
        if sign in ends:
            end = text.find(ends[sign], found.end())
            at = len(text) if end < 0 else end + len(ends[sign])
        elif sign in line:
            end = text.find("\n", start)
            at = len(text) if end < 0 else end
        else:
            at, closed = _text_end(text, found.end(), sign, sign in long_quotes)
            bare.append(text[start:at])
            inner = at - len(sign) if closed else at
            code.append(sign + _blank(text[start + len(sign) : inner]) + text[inner:at])
            continue
        blank = _blank(text[start:at])
        bare.append(blank)
        code.append(blank)
    bare.append(text[at:])
    code.append(text[at:])
    masked = "".join(code)
    return Masked("".join(bare), masked, _depth(masked))


@lru_cache(maxsize=32)
def _opener(*signs: tuple[str, ...]) -> re.Pattern[str]:
    import re

    every = sorted({sign for group in signs for sign in group}, key=len, reverse=True)
    return compiled("|".join(map(re.escape, every)) or r"(?!)")


def _text_end(text: str, at: int, sign: str, is_long: bool) -> tuple[int, bool]:
    """Where a text ends, its closing quote included, and whether it has one."""
    size = len(text)
    while at < size:
        if text[at] == "\\":
            at += 2
        elif text.startswith(sign, at):
            return at + len(sign), True
        elif text[at] == "\n" and not is_long:
            return at, False
        else:
            at += 1
    return size, False


def _blank(text: str) -> str:
    """As many blanks, line ends kept."""
    return "\n".join(" " * len(part) for part in text.split("\n"))


def _depth(code: str) -> tuple[int, ...]:
    changes, level = [], 0
    for found in _BRACES.finditer(code):
        before = level
        level = level + 1 if found.group() == "{" else max(level - 1, 0)
        if (before == 0) != (level == 0):
            changes.append(found.start())
    return tuple(changes)


_BRACES = compiled(r"[{}]")
