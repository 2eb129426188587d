"""Texts that remember where each part of them was written, and which parts only a run would tell."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from linter.model import Location

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from linter.model import Span

MARK = "\ue001"
"""Stands for an unknown part in `Text.flat`; from the private use area."""
LONGEST = 1 << 18
"""Characters of one text; requests have some thousands."""
MOST_PIECES = 5_000


class TooLarge(Exception):
    """A value has grown beyond what any request holds."""


class Origin:
    """A file, or code in a file, that values are written in. `span` turns offsets of `text` into its places."""

    __slots__ = ("data", "path", "span", "text")

    def __init__(self, path: str, text: str, span: Callable[[int, int], Span], data: str | None = None) -> None:
        self.path, self.text, self.span = path, text, span
        self.data = data
        """How the names of requests begin that stand in it when it is no code but a file that code reads."""

    @property
    def is_data(self) -> bool:
        return self.data is not None


class Place(NamedTuple):
    """A range of an origin's text."""

    origin: Origin
    start: int
    end: int

    @property
    def location(self) -> Location:
        return Location(self.origin.path, self.origin.span(self.start, self.end))


class Maker(NamedTuple):
    """What a model comes out of when that is not the seller's own: see `makers.py`.

    `kind` is builtin_algorithm, marketplace_algorithm or hub; `name` the algorithm or model; `place` the call that
    trains or takes it.
    """

    kind: str
    name: str
    place: Place


class Piece(NamedTuple):
    """A part of a text. `exact`: each of its characters stands at its own offset from the place's start on.

    `unknown` is a name for a part that is not known; its `text` is then `MARK`. `rest` marks what stands for any number
    of further elements in a text of JSON. `maker`: what an unknown part comes out of.
    """

    text: str
    place: Place | None
    exact: bool = False
    unknown: str | None = None
    rest: bool = False
    maker: Maker | None = None

    def cut(self, start: int, end: int) -> Piece:
        if start <= 0 and end >= len(self.text):
            return self
        if self.exact and self.place:
            at = self.place.start
            return Piece(self.text[start:end], Place(self.place.origin, at + start, at + end), True)
        return self._replace(text=self.text[start:end])


class Text:
    """A string. `place` is the whole expression that it was written as, when there is one."""

    __slots__ = ("_starts", "flat", "own", "pieces")

    def __init__(self, pieces: Iterable[Piece], own: Place | None = None) -> None:
        self.pieces = tuple(piece for piece in pieces if piece.text)
        self.flat = "".join(piece.text for piece in self.pieces)
        if len(self.flat) > LONGEST or len(self.pieces) > MOST_PIECES:
            raise TooLarge
        self.own = own
        self._starts: list[int] | None = None

    @classmethod
    def written(cls, text: str, place: Place | None = None) -> Text:
        """A text that something at a place makes."""
        return cls((Piece(text, place),), place)

    @classmethod
    def unknown(cls, name: str, place: Place | None = None, maker: Maker | None = None) -> Text:
        """A text of which nothing is known."""
        return cls((Piece(MARK, place, unknown=name, maker=maker),), place)

    @property
    def maker(self) -> Maker | None:
        """What the first part that says it comes out of."""
        return next((piece.maker for piece in self.pieces if piece.maker), None)

    @property
    def known(self) -> bool:
        return not any(piece.unknown for piece in self.pieces)

    @property
    def value(self) -> str | None:
        """The string; None when a part of it is unknown."""
        return self.flat if self.known else None

    @property
    def place(self) -> Place | None:
        """Where to point for the whole of it: what is written there, else where most of it comes from."""
        placed = [piece for piece in self.pieces if piece.place and piece.text.strip()]
        if len(placed) == 1:
            return placed[0].place if self.own is None or not _same_line(self.own, placed[0].place) else self.own
        if self.own is not None and not any(piece.place is None for piece in self.pieces):
            return self.own
        if placed:
            first, last = placed[0].place, placed[-1].place
            if first and last and first.origin is last.origin and first.start <= last.end and _same_line(first, last):
                return Place(first.origin, first.start, last.end)
            return max(placed, key=lambda piece: (piece.unknown is None, len(piece.text))).place
        return self.own

    def at(self, place: Place | None) -> Text:
        """The same as the value of an expression at a place, unless it has a place already."""
        return self if place is None or self.own is not None else Text(self.pieces, place)

    # --- made of others; all raise TooLarge

    def cut(self, start: int, end: int) -> Text:
        """The characters of a range of `flat`."""
        return Text(self._cut(start, end))

    def _cut(self, start: int, end: int) -> list[Piece]:
        if self._starts is None:
            self._starts, at = [], 0
            for piece in self.pieces:
                self._starts.append(at)
                at += len(piece.text)
        found = []
        for number in range(max(bisect_right(self._starts, start) - 1, 0), len(self.pieces)):
            at, piece = self._starts[number], self.pieces[number]
            if at >= end:
                break
            low, high = max(start, at), min(end, at + len(piece.text))
            if low < high:
                found.append(piece.cut(low - at, high - at))
        return found

    def replaced(self, old: str, new: Text, count: int = -1) -> Text:
        """As `str.replace`; what stands for unknown parts is never replaced."""
        if not old or old not in self.flat:
            return self
        pieces: list[Piece] = []
        at = 0
        while count != 0 and (found := self.flat.find(old, at)) >= 0:
            pieces += self._cut(at, found)
            pieces += new.pieces
            if len(pieces) > MOST_PIECES:
                raise TooLarge
            at = found + len(old)
            count -= 1
        return Text([*pieces, *self._cut(at, len(self.flat))])

    def changed(self, change: Callable[[str], str]) -> Text:
        """Each known part changed on its own, such as to lower case."""
        pieces = []
        for piece in self.pieces:
            text = piece.text if piece.unknown else change(piece.text)
            pieces.append(piece._replace(text=text, exact=piece.exact and len(text) == len(piece.text)))
        return Text(pieces)

    def stripped(self, characters: str | None, left: bool = True, right: bool = True) -> Text:
        flat = self.flat
        start = len(flat) - len(flat.lstrip(characters)) if left else 0
        end = len(flat.rstrip(characters)) if right else len(flat)
        return self.cut(start, max(start, end))

    def split(self, separator: str) -> list[Text]:
        """As `str.split` with a separator; all parts must be known."""
        parts, at = [], 0
        while (found := self.flat.find(separator, at)) >= 0:
            parts.append(self.cut(at, found))
            at = found + len(separator)
            if len(parts) > MOST_PIECES:
                raise TooLarge
        return [*parts, self.cut(at, len(self.flat))]

    def __eq__(self, other: object) -> bool:
        """Whether both certainly are the same string."""
        return isinstance(other, Text) and self.known and other.known and self.flat == other.flat

    __hash__ = None  # type: ignore[assignment]


def joined(texts: Iterable[Text], separator: Text | None = None, place: Place | None = None) -> Text:
    """Texts one after the other. Raises TooLarge."""
    pieces: list[Piece] = []
    for number, text in enumerate(texts):
        if separator is not None and number:
            pieces += separator.pieces
        pieces += text.pieces
        if len(pieces) > MOST_PIECES:
            raise TooLarge
    return Text(pieces, place)


def _same_line(one: Place | None, other: Place | None) -> bool:
    """Whether two places are in one line of one origin."""
    if one is None or other is None or one.origin is not other.origin:
        return False
    low, high = min(one.start, other.start), max(one.end, other.end)
    return "\n" not in one.origin.text[low:high]
