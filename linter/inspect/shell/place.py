"""Where the characters of a text taken out of another text stand in that other text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class Place:
    """Maps offsets in a text to offsets in the text that it was taken from."""

    __slots__ = ("_ends", "_shift", "_starts")

    def __init__(self, shift: int = 0, starts: Sequence[int] = (), ends: Sequence[int] = ()) -> None:
        """A text that stands there as it is (`shift`), or one whose character n stands at `starts[n]` to `ends[n]`."""
        self._shift = shift
        self._starts = starts
        self._ends = ends

    def start(self, offset: int) -> int:
        """Where a character begins."""
        if not self._starts:
            return offset + self._shift
        return self._starts[min(max(offset, 0), len(self._starts) - 1)]

    def end(self, offset: int) -> int:
        """Where the character before an offset ends."""
        if not self._ends:
            return offset + self._shift
        return self._ends[min(max(offset - 1, 0), len(self._ends) - 1)]


def inner(outer: Place, ranges: Sequence[tuple[int, int]]) -> Place:
    """The place of a text whose characters are ranges of an outer text."""
    if not ranges:
        return Place(outer.start(0))
    first = ranges[0][0]
    if all(start == first + number and end == start + 1 for number, (start, end) in enumerate(ranges)):
        at = outer.start(first)
        if outer.end(ranges[-1][1]) - at == len(ranges):
            return Place(at)
    return Place(0, [outer.start(start) for start, _ in ranges], [outer.end(end) for _, end in ranges])
