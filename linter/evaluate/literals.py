"""Where the characters of Python's string literals stand."""

from __future__ import annotations

import re

from linter.evaluate.text import Piece, Place, Text

_OPENING = re.compile(r"([A-Za-z]{0,2})('''|\"\"\"|'|\")")
_BETWEEN = re.compile(r"(?:[ \t\r\n\f]|\\\r?\n|#[^\n]*)*")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"', "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_NUMBERED = re.compile(r"\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))")


def literal_text(value: str, place: Place) -> Text:
    """The text of a literal, or of several that are written side by side, with the places of its characters."""
    source = place.origin.text[place.start : place.end]
    pieces = _pieces(source, place)
    if pieces is None or "".join(piece.text for piece in pieces) != value:
        pieces = [Piece(value, place)]
    return Text(pieces, place)


def _pieces(source: str, place: Place) -> list[Piece] | None:
    pieces: list[Piece] = []
    at = 0
    while at < len(source):
        opening = _OPENING.match(source, at)
        if opening is None or "f" in opening[1].lower() or "b" in opening[1].lower():
            return None
        start = opening.end()
        end = _closing(source, start, opening[2])
        if end is None:
            return None
        _body(source, start, end, "r" in opening[1].lower(), place, pieces)
        between = _BETWEEN.match(source, end + len(opening[2]))
        at = between.end() if between else len(source)
    return pieces


def _closing(source: str, at: int, quotes: str) -> int | None:
    while True:
        end = source.find(quotes, at)
        if end < 0:
            return None
        escape = source.find("\\", at, end)
        if escape < 0:
            return end
        at = escape + 2


def _body(source: str, at: int, end: int, raw: bool, place: Place, pieces: list[Piece]) -> None:
    """The characters between quotes; escapes are pieces of their own."""

    def add(text: str, start: int, stop: int, exact: bool) -> None:
        pieces.append(Piece(text, Place(place.origin, place.start + start, place.start + stop), exact))

    while at < end:
        escape = -1 if raw else source.find("\\", at, end)
        if escape < 0:
            add(source[at:end], at, end, True)
            return
        if escape > at:
            add(source[at:escape], at, escape, True)
        text, at = _escape(source, escape)
        add(text, escape, at, False)


def _escape(source: str, at: int) -> tuple[str, int]:
    found = _NUMBERED.match(source, at)
    if found:
        digits = found[1] or found[2] or found[3] or found[4]
        code = int(digits, 8 if found[1] else 16)
        return (chr(code) if code < 0x110000 else "", found.end())
    sign = source[at + 1 : at + 2]
    if sign == "\n":
        return "", at + 2
    return _ESCAPES.get(sign, f"\\{sign}"), at + 2
