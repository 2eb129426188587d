"""The texts of Python's string literals, with the places of their characters."""

from __future__ import annotations

from linter.evaluate.text import Piece, Place, Text
from linter.inspect.python.literals import literal_parts


def literal_text(value: str, place: Place) -> Text:
    """The text of a literal, or of several that are written side by side, with the places of its characters."""
    parts = literal_parts(place.origin.text, place.start, place.end)
    if parts is None or "".join(text for text, _, _ in parts) != value:
        return Text([Piece(value, place)], place)
    return Text(
        [Piece(text, Place(place.origin, at, at + width), len(text) == width) for text, at, width in parts], place
    )
