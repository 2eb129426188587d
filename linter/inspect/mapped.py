"""Texts that are put together of pieces of a file, each of which remembers where it stands there."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

Part = tuple[str, int, int]
"""A piece of a text: its characters, their offset in the file, their width in the file."""

_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class _Piece(NamedTuple):
    at: int
    source: int
    length: int
    width: int


class Mapped:
    """A text joined of pieces of a file. `place` gives a range of it as a range of the file."""

    __slots__ = ("_at", "_pieces", "origin", "text")

    def __init__(self, origin: int = 0) -> None:
        self.text = ""
        self.origin = origin
        self._pieces: list[_Piece] = []
        self._at: list[int] = []

    @classmethod
    def joined(cls, parts: list[Part], origin: int) -> Mapped:
        """Of parts (text, offset in the file, width in the file)."""
        made = cls(origin)
        at = 0
        for text, source, width in parts:
            if text:
                made._pieces.append(_Piece(at, source, len(text), width))
                made._at.append(at)
                at += len(text)
        made.text = "".join(text for text, _, _ in parts)
        return made

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the file of the characters from `start` up to but not including `end`."""
        first = self._start(start)
        return first, max(first, self._end(end)) if end > start else first

    def parts(self, start: int, end: int) -> list[Part]:
        """The pieces of a range, ready to be joined with others."""
        found = []
        for number in range(max(bisect_right(self._at, start) - 1, 0), len(self._pieces)):
            piece = self._pieces[number]
            low, high = max(start, piece.at), min(end, piece.at + piece.length)
            if piece.at >= end:
                break
            if low < high:
                whole = piece.width != piece.length
                source = piece.source if whole else piece.source + low - piece.at
                found.append((self.text[low:high], source, piece.width if whole else high - low))
        return found

    def slice(self, start: int, end: int) -> Mapped:
        return Mapped.joined(self.parts(start, end), self.place(start, start)[0])

    def _start(self, at: int) -> int:
        if not self._pieces:
            return self.origin
        if at >= len(self.text):
            return self._end(len(self.text))
        piece = self._pieces[bisect_right(self._at, at) - 1]
        return piece.source + (at - piece.at if piece.width == piece.length else 0)

    def _end(self, at: int) -> int:
        if not self._pieces or at <= 0:
            return self._start(0) if self._pieces else self.origin
        piece = self._pieces[bisect_right(self._at, min(at, len(self.text)) - 1) - 1]
        if piece.width != piece.length:
            return piece.source + piece.width
        return piece.source + min(at - piece.at, piece.length)


def json_string_parts(text: str, start: int, end: int) -> list[Part]:
    """The characters that a JSON string stands for, from the offsets after and of its quotes. Escapes are valid.

    Half a surrogate pair, which no text may hold, becomes a replacement character.
    """
    parts: list[Part] = []
    at = start
    while (escape := text.find("\\", at, end)) >= 0:
        if escape > at:
            parts.append((text[at:escape], at, escape - at))
        character, at = _unescaped(text, escape)
        parts.append((character, escape, at - escape))
    if at < end:
        parts.append((text[at:end], at, end - at))
    return parts


def _unescaped(text: str, at: int) -> tuple[str, int]:
    """The character that the escape at an offset stands for, and the offset behind the escape."""
    sign = text[at + 1 : at + 2]
    if sign != "u":
        return _ESCAPES.get(sign, sign), at + 2
    unit = int(text[at + 2 : at + 6], 16)
    if not 0xD800 <= unit < 0xE000:
        return chr(unit), at + 6
    if unit < 0xDC00 and text.startswith("\\u", at + 6):
        low = int(text[at + 8 : at + 12], 16)
        if 0xDC00 <= low < 0xE000:
            return chr(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)), at + 12
    return "\ufffd", at + 6
