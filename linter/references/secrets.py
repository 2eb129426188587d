"""Secrets in names, values and texts, by the patterns of the table `secrets`. A name alone never makes a secret."""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.lazy import compiled

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from linter.knowledge import Knowledge

_WORD = compiled(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_CLASSES = {"upper": compiled("[A-Z]"), "lower": compiled("[a-z]"), "digit": compiled("[0-9]")}
_CAMEL_CASE = compiled(r"[A-Za-z][a-z]+(?:[A-Z][a-z]{2,})*\Z")
_SLUG_PART = compiled(r"(?:[A-Za-z]{1,16}[0-9]{0,2}|[A-Za-z]?[0-9]{1,4}|[A-Za-z][a-z]+(?:[A-Z][a-z]{2,})*)\Z")
_SEPARATORS = compiled(r"[-_.:/]")
_LONGEST_VALUE = 4096
_MIXED_LENGTH, _MIXED_ENTROPY = 20, 3.5
"""What letters alone need, in both cases, to be taken for a key rather than a word."""


class _Format(NamedTuple):
    kind: str
    hints: tuple[str, ...]
    pattern: re.Pattern[str]
    needs: tuple[re.Pattern[str], ...]
    entropy: float
    weak: bool
    plain: bool


class _Detector:
    """The table, compiled."""

    def __init__(self, knowledge: Knowledge) -> None:
        table: dict[str, Any] = knowledge.get("secrets")
        self.formats = tuple(_format(entry, table["entropy"]) for entry in table["formats"])
        self.made_up: tuple[str, ...] = tuple(table["made_up"])
        self.documentation: tuple[str, ...] = tuple(table["documentation"])
        self.local_hosts = frozenset(table["local_hosts"])
        self.least: dict[str, int] = table["least_length"]
        keys, placeholders = table["keys"], table["placeholders"]
        self.words = frozenset(keys["words"])
        self.pairs = frozenset(tuple(pair) for pair in keys["pairs"])
        self.password_words = frozenset(keys["password_words"])
        self.exempt_endings = frozenset(keys["exempt_endings"])
        self.exempt_before = {word: frozenset(before) for word, before in keys["exempt_before"].items()}
        self.exempt_keys = frozenset(keys["exempt_keys"])
        self.placeholders = frozenset(value.lower() for value in placeholders["exact"])
        self.placeholder_parts: tuple[str, ...] = tuple(placeholders["parts"])
        self.placeholder_patterns = tuple(compiled(pattern) for pattern in placeholders["patterns"])

    def suspicion(self, key: str) -> str | None:
        """`password` or `generic-secret` when the name is one under which secrets stand."""
        words = [word.lower() for word in _WORD.findall(key) if not word.isdigit()]
        if not words or key in self.exempt_keys or words[-1] in self.exempt_endings:
            return None
        found = None
        for before, word in zip(["", *words], words, strict=False):
            if word in self.password_words:
                return "password"
            exempt = before in self.exempt_before.get(word, ())
            if (word in self.words and not exempt) or (before, word) in self.pairs:
                found = "generic-secret"
        return found

    def is_placeholder(self, value: str) -> bool:
        lower = value.lower()
        return (
            lower in self.placeholders
            or any(part in lower for part in self.placeholder_parts)
            or any(pattern.search(value) for pattern in self.placeholder_patterns)
            or len(set(value)) < 3
        )

    def is_documented(self, value: str) -> bool:
        return any(known in value for known in self.documentation)

    def looks_secret(self, value: str, *, least: int, plain: bool) -> bool:
        """Whether a value that its place makes suspicious is no placeholder, path, number or word.

        `plain`: a word of letters counts as well, as passwords are often words.
        """
        if not least <= len(value) <= _LONGEST_VALUE or re.search(r"\s", value):
            return False
        if self.is_placeholder(value) or self.is_documented(value):
            return False
        return plain or not _is_wordy(value)

    def accepts(self, entry: _Format, match: re.Match[str], value: str) -> bool:
        """Whether what a format's pattern matched is a real one."""
        if entry.weak:
            host = match.groupdict().get("host")
            if host is not None and host.split("/")[0].lower() in self.local_hosts:
                return False
            return self.looks_secret(value, least=self.least["argument"], plain=entry.plain)
        if any(mark in value for mark in self.made_up) or self.is_documented(match.group()):
            return False
        return all(need.search(value) for need in entry.needs) and _entropy(value) >= entry.entropy


def secret_in_value(key: str, value: str, knowledge: Knowledge) -> str | None:
    """The kind of secret that `value` is when it stands under the name `key`, or None.

    Known formats count under any name; other values only under a suspicious name, and only when they look like one:
    `PIP_TOKEN=abc123` is one, `MAX_INPUT_TOKENS=1024`, `API_KEY=${API_KEY}` and `PASSWORD_FILE=/run/secrets/x` are not.
    """
    if not value or value.isspace():
        return None
    detector = _detector(knowledge)
    hits = secrets_in_text(f"{key}={value}", knowledge)
    if hits:
        return hits[0][0]
    kind = detector.suspicion(key)
    if kind is None:
        return None
    bare = _bare(value.strip())
    if _letters(bare) in _letters(key):
        return None
    password = kind == "password"
    if password and bare.isalpha() and bare.islower() and len(bare) < detector.least["plain_word"]:
        return None
    least = detector.least["password" if password else "other"]
    return kind if detector.looks_secret(bare, least=least, plain=password) else None


def secrets_in_text(text: str, knowledge: Knowledge, only: Container[str] | None = None) -> list[tuple[str, int, int]]:
    """All (kind, start, end) in a text, by position: known formats, addresses with credentials, options and headers.

    `only`: the formats that count; all without it. Offsets are characters and cover the secret itself, without quotes.
    Where two formats match the same place, the one that stands first in the table wins. Time is linear in the length of
    the text.
    """
    detector = _detector(knowledge)
    starts: list[int] = []
    found: list[tuple[str, int, int]] = []
    for entry in detector.formats:
        if (only is not None and entry.kind not in only) or not any(hint in text for hint in entry.hints):
            continue
        fresh = []
        for match in entry.pattern.finditer(text):
            start, end = match.span("secret" if "secret" in entry.pattern.groupindex else 0)
            if end - start > 1 and text[start] in "\"'" and text[end - 1] == text[start]:
                start, end = start + 1, end - 1
            if not _overlaps(found, starts, start, end) and detector.accepts(entry, match, text[start:end]):
                fresh.append((entry.kind, start, end))
        if fresh:
            found = sorted([*found, *fresh], key=lambda hit: hit[1:])
            starts = [hit[1] for hit in found]
    return found


def _overlaps(found: list[tuple[str, int, int]], starts: list[int], start: int, end: int) -> bool:
    at = bisect_left(starts, end)
    return at > 0 and found[at - 1][2] > start


def _format(entry: dict[str, Any], entropy: float) -> _Format:
    return _Format(
        kind=entry["kind"],
        hints=tuple(entry["hints"]),
        pattern=compiled(entry["pattern"]),
        needs=tuple(_CLASSES[need] for need in entry.get("needs", ())),
        entropy=entry.get("entropy", entropy),
        weak=entry.get("weak", False),
        plain=entry.get("plain", True),
    )


def _is_wordy(value: str) -> bool:
    """Whether a value is made of words and small numbers, as names of models, modes and versions are."""
    parts = _SEPARATORS.split(value)
    if len(parts) > 1 and all(_SLUG_PART.match(part) for part in parts):
        return True
    if any(character.isdigit() for character in value):
        return value.isdigit()
    if len(value) < _MIXED_LENGTH or value.lower() == value or value.upper() == value:
        return True
    return bool(_CAMEL_CASE.match(value)) or _entropy(value) < _MIXED_ENTROPY


def _letters(text: str) -> str:
    """A name without case and separators, to see that a value only repeats its key: `ADMIN_PASSWORD=admin-password`."""
    return "".join(filter(str.isalnum, text[:200])).lower()


def _bare(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] in "\"'" and value[-1] == value[0] else value


def _entropy(value: Iterable[str]) -> float:
    """Shannon entropy in bits a character."""
    counts = Counter(value)
    total = sum(counts.values())
    return -sum(count / total * math.log2(count / total) for count in counts.values()) if total else 0.0


def _detector(knowledge: Knowledge) -> _Detector:
    detector: _Detector = knowledge.index("secrets", _Detector)
    return detector
