"""What an interpreter is told to run: a file, a module, or a text."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from linter.references.shells import VALUED_LETTERS, VALUED_OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FILE, MODULE, TEXT = "file", "module", "text"

_VALUED = frozenset({"-W", "-X", "-Q", "--check-hash-based-pycs"})
"""Options with a value of their own of other interpreters than shells, Python's above all."""


class Told(NamedTuple):
    """`word` is None where nothing is named: the next argument is then what runs."""

    kind: str
    word: str | None


def told(arguments: Sequence[str], *, is_shell: bool) -> Told:
    """What the arguments of an interpreter name."""
    words = iter(arguments)
    for word in words:
        if not word.startswith("-") and not (is_shell and word.startswith("+")):
            return Told(FILE, word)
        if word in (VALUED_OPTIONS if is_shell else _VALUED):
            next(words, None)
        elif is_shell and not word.startswith("--"):
            if "c" in word:
                return Told(TEXT, next(words, None))
            _skip(word, words)
        elif word in ("-c", "-e"):
            return Told(TEXT, next(words, None))
        elif word == "-m":
            return Told(MODULE, next(words, None))
    return Told(FILE, None)


def _skip(word: str, words: Iterator[str]) -> None:
    """`-euo pipefail`: a letter among others may take the next word."""
    if word[-1] in VALUED_LETTERS and len(word) > 1:
        next(words, None)
