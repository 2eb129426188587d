"""Path patterns as Docker reads them: Go's `filepath.Match` for COPY sources, and the patterns of `.dockerignore`.

Both are matched by following sets of reachable positions, so that no pattern costs more than its length times the
path's, whatever its stars.
"""

from __future__ import annotations

import posixpath
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

GO_SPACE = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
"""What Go's `unicode.IsSpace` takes for blank; Python's `str.isspace` knows a few more."""

MAX_PATTERN = 4_096
MAX_PATTERNS = 10_000

_KEPT_PATTERN = 256
"""Longer patterns come from hostile files alone; they are not kept."""
_SIGNS = "*?[\\"

_LITERAL, _ONE, _STAR, _ALL, _DEEP, _CLASS = range(6)


class BadPattern(ValueError):
    """The pattern is malformed; Go's `ErrBadPattern`."""


class _Token(NamedTuple):
    kind: int
    text: str = ""
    ranges: tuple[tuple[str, str], ...] = ()
    negated: bool = False


def has_glob(pattern: str) -> bool:
    """Whether a COPY source has wildcards, rather than being one path."""
    return any(char in pattern for char in "*?[")


def is_test_file(path: str, test_folders: frozenset[str]) -> bool:
    """Whether Python code serves tests, by its folder or its name."""
    *folders, name = path.split("/")
    stem = name.removesuffix(".py")
    named = stem.startswith("test_") or stem.endswith("_test") or stem == "conftest"
    return named or not test_folders.isdisjoint(folders)


def matches_glob(pattern: str, path: str) -> bool:
    """Go's `filepath.Match`: the whole path, `*` and `?` stop at `/`. A malformed pattern matches nothing."""
    if not any(sign in pattern for sign in _SIGNS):
        return pattern == path and len(pattern) <= MAX_PATTERN
    try:
        tokens = _kept_tokens(pattern) if len(pattern) <= _KEPT_PATTERN else _tokens(pattern, deep=False)
    except BadPattern:
        return False
    return len(path) in _ends(tokens, path)


@lru_cache(maxsize=1024)
def _kept_tokens(pattern: str) -> list[_Token]:
    """The same patterns of knowledge are asked about for every path."""
    return _tokens(pattern, deep=False)


def _tokens(pattern: str, deep: bool) -> list[_Token]:
    if len(pattern) > MAX_PATTERN:
        raise BadPattern("too long")
    tokens: list[_Token] = []
    at, size = 0, len(pattern)
    while at < size:
        char = pattern[at]
        if char == "*":
            if deep and pattern.startswith("**", at):
                at += 3 if pattern.startswith("/", at + 2) else 2
                tokens.append(_Token(_ALL if at >= size or (len(tokens) == 0 and pattern[at - 1] == "*") else _DEEP))
                continue
            if not tokens or tokens[-1].kind != _STAR:
                tokens.append(_Token(_STAR))
        elif char == "?":
            tokens.append(_Token(_ONE))
        elif char == "[":
            token, at = _class(pattern, at + 1)
            tokens.append(token)
            continue
        elif char == "\\":
            at += 1
            if at >= size:
                raise BadPattern("trailing escape")
            tokens.append(_Token(_LITERAL, pattern[at]))
        else:
            tokens.append(_Token(_LITERAL, char))
        at += 1
    return tokens


def _class(pattern: str, at: int) -> tuple[_Token, int]:
    negated = pattern.startswith("^", at)
    at += negated
    ranges: list[tuple[str, str]] = []
    while True:
        if pattern.startswith("]", at) and ranges:
            return _Token(_CLASS, "", tuple(ranges), negated), at + 1
        low, at = _class_char(pattern, at)
        high = low
        if pattern.startswith("-", at):
            high, at = _class_char(pattern, at + 1)
        ranges.append((low, high))


def _class_char(pattern: str, at: int) -> tuple[str, int]:
    if at >= len(pattern) or pattern[at] in "-]":
        raise BadPattern("character class")
    if pattern[at] == "\\":
        at += 1
        if at >= len(pattern):
            raise BadPattern("trailing escape")
    if at + 1 >= len(pattern):
        raise BadPattern("unclosed character class")
    return pattern[at], at + 1


def _ends(tokens: list[_Token], path: str) -> set[int]:
    """The offsets at which a match that starts at the path's first character can end."""
    size = len(path)
    reached = {0}
    for token in tokens:
        reached = _step(token, path, size, reached)
        if not reached:
            break
    return reached


def _step(token: _Token, path: str, size: int, reached: set[int]) -> set[int]:
    if token.kind == _LITERAL:
        return {at + 1 for at in reached if at < size and path[at] == token.text}
    if token.kind == _ONE:
        return {at + 1 for at in reached if at < size and path[at] != "/"}
    if token.kind == _CLASS:
        return {at + 1 for at in reached if at < size and _in_class(token, path[at])}
    if token.kind == _ALL:
        return set(range(min(reached), size + 1))
    if token.kind == _DEEP:
        first = min(reached)
        return reached | {at + 1 for at in range(first, size) if path[at] == "/"}
    after: set[int] = set()
    for start in sorted(reached):
        at = start
        while at not in after:
            after.add(at)
            if at >= size or path[at] == "/":
                break
            at += 1
    return after


def _in_class(token: _Token, char: str) -> bool:
    return any(low <= char <= high for low, high in token.ranges) != token.negated


def clean_pattern(line: str) -> str | None:
    """One line of a `.dockerignore` as Docker keeps it, or None when it says nothing."""
    if line.startswith("#"):
        return None
    line = line.strip(GO_SPACE)
    inverted = line.startswith("!")
    if inverted:
        line = line[1:].strip(GO_SPACE)
    if line:
        line = posixpath.normpath(line)
        line = "/" + line.lstrip("/") if line.startswith("/") else line
        if len(line) > 1 and line.startswith("/"):
            line = line[1:]
    if not line:
        return None
    return f"!{line}" if inverted else line


def read_ignore(text: str) -> list[str]:
    """The patterns of a `.dockerignore`, in order, cleaned; an exception starts with `!`."""
    patterns = (clean_pattern(line.rstrip("\r")) for line in text.removeprefix("\ufeff").split("\n"))
    return [pattern for pattern in patterns if pattern]


class _Rule(NamedTuple):
    exception: bool
    literal: str | None
    tokens: list[_Token]


class IgnorePatterns:
    """The patterns of one `.dockerignore`; the last that matches a path or a folder above it decides."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._rules: list[_Rule] = []
        for pattern in patterns:
            if len(self._rules) >= MAX_PATTERNS:
                break
            rule = _rule(pattern)
            if rule:
                self._rules.append(rule)

    def ignores(self, path: str) -> bool:
        """Whether a path, relative to the build context, is kept out of the build."""
        path = posixpath.normpath(path).lstrip("/") if path else ""
        if path in ("", "."):
            return False
        borders = {at for at, char in enumerate(path) if char == "/"} | {len(path)}
        ignored = False
        for rule in self._rules:
            if rule.exception == ignored and _applies(rule, path, borders):
                ignored = not rule.exception
        return ignored


def _rule(pattern: str) -> _Rule | None:
    cleaned = clean_pattern(pattern)
    if not cleaned:
        return None
    exception = cleaned.startswith("!")
    body = cleaned[1:] if exception else cleaned
    try:
        tokens = _tokens(body, deep=True)
    except BadPattern:
        return None
    plain = all(token.kind == _LITERAL for token in tokens)
    return _Rule(exception, "".join(token.text for token in tokens) if plain else None, tokens)


def _applies(rule: _Rule, path: str, borders: set[int]) -> bool:
    if rule.literal is not None:
        return path == rule.literal or path.startswith(rule.literal + "/")
    return not borders.isdisjoint(_ends(rule.tokens, path))


def is_excluded(path: str, patterns: Iterable[str]) -> bool:
    """Whether a pattern, as in .dockerignore, names the path or a folder above it; without `/` at any depth."""
    return _compiled(tuple(patterns)).ignores(path)


@lru_cache(maxsize=64)
def _compiled(patterns: tuple[str, ...]) -> IgnorePatterns:
    return IgnorePatterns([each if "/" in each.rstrip("/") else f"**/{each.rstrip('/')}" for each in patterns])
