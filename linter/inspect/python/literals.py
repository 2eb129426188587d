"""Where the characters of Python's string literals stand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from linter.lazy import compiled

if TYPE_CHECKING:
    from linter.inspect.mapped import Part

_OPENING = compiled(r"([A-Za-z]{0,2})('''|\"\"\"|'|\")")
_BETWEEN = compiled(r"(?:[ \t\r\n\f]|\\\r?\n|#[^\n]*)*+")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"', "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_NUMBERED = compiled(r"\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))", re.ASCII)


def literal_parts(text: str, start: int, end: int) -> list[Part] | None:
    """The characters of the literal between two offsets of a text, or of several that are written side by side.

    None when there is one with parts that only a run tells, one of bytes, or none. An escape is a part of its own.
    """
    parts: list[Part] = []
    at = start
    while at < end:
        opening = _OPENING.match(text, at, end)
        if opening is None or not {"f", "b", "t"}.isdisjoint(opening[1].lower()):
            return None
        body = opening.end()
        closing = _closing(text, body, end, opening[2])
        if closing is None:
            return None
        parts += _body(text, body, closing, raw="r" in opening[1].lower())
        between = _BETWEEN.match(text, closing + len(opening[2]), end)
        at = between.end() if between else end
    return parts


def _closing(text: str, at: int, end: int, quotes: str) -> int | None:
    while True:
        found = text.find(quotes, at, end)
        if found < 0:
            return None
        escape = text.find("\\", at, found)
        if escape < 0:
            return found
        at = escape + 2


def _body(text: str, at: int, end: int, *, raw: bool) -> list[Part]:
    """The characters between quotes."""
    parts: list[Part] = []
    while at < end:
        escape = -1 if raw else text.find("\\", at, end)
        if escape < 0:
            parts.append((text[at:end], at, end - at))
            break
        if escape > at:
            parts.append((text[at:escape], at, escape - at))
        shown, at = _escape(text, escape)
        parts.append((shown, escape, at - escape))
    return parts


def _escape(text: str, at: int) -> tuple[str, int]:
    found = _NUMBERED.match(text, at)
    if found:
        digits = found[1] or found[2] or found[3] or found[4]
        code = int(digits, 8 if found[1] else 16)
        return (chr(code) if code < 0x110000 else "", found.end())
    sign = text[at + 1 : at + 2]
    if sign == "\n":
        return "", at + 2
    return _ESCAPES.get(sign, f"\\{sign}"), at + 2
