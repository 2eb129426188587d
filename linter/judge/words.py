"""Words for sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean …?` with the nearest known word, or nothing when none is near."""
    from difflib import get_close_matches

    choices = list(known)
    by_lower = {choice.lower(): choice for choice in choices}
    near = get_close_matches(word.lower(), list(by_lower), 1, 0.6)
    return f"; did you mean `{by_lower[near[0]]}`?" if near else ""


def listed(words: Iterable[str]) -> str:
    """`a`, `b` and `c` in backticks."""
    quoted = [f"`{word}`" for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}" if quoted else "nothing"
