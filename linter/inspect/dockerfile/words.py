"""Splits the text of a statement into words, flags, JSON arrays and here-documents, each with its place."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from linter.inspect.dockerfile.expand import ExpansionError, Lexer, nothing_set
from linter.lazy import compiled
from linter.references.patterns import GO_SPACE

if TYPE_CHECKING:
    from collections.abc import Callable

_scan_string: Callable[[str, int, bool], tuple[str, int]] = vars(json.decoder)["scanstring"]
"""The standard library's reader of one JSON string; public in `json.decoder`, though its stubs leave it out."""

"""What separates words; Go's `unicode.IsSpace` is used only where BuildKit uses it."""

_BLANKS = compiled(r"[\t\v\f\r ]+")
_HEREDOC = compiled(r"(\d{0,9})<<(-?)[\t\n\f\r ]*([^<]*)", re.ASCII)


class Word(NamedTuple):
    """A piece of a statement: its value and the range of the statement's text it was read from."""

    text: str
    start: int
    end: int


class HeredocMark(NamedTuple):
    """`<<NAME` of a statement. `expand` is False when the name was quoted."""

    name: str
    chomp: bool
    expand: bool
    descriptor: int


class NotStrings(ValueError):
    """A JSON array with something other than strings in it, which BuildKit refuses."""


def stripped(text: str, start: int, end: int) -> Word:
    """The range without blanks around it."""
    inner = text[start:end]
    start += len(inner) - len(inner.lstrip(GO_SPACE))
    inner = inner.strip(GO_SPACE)
    return Word(inner, start, start + len(inner))


def cut(word: Word) -> tuple[Word, Word | None]:
    """The first word and the rest, as `reWhitespace.Split(…, 2)` gives them."""
    found = _BLANKS.search(word.text)
    if not found:
        return word, None
    first = Word(word.text[: found.start()], word.start, word.start + found.start())
    return first, Word(word.text[found.end() :], word.start + found.end(), word.end)


def blank_split(word: Word) -> list[Word]:
    """All words of a text without regard to quotes."""
    if not word.text:
        return []
    out, at = [], 0
    for found in _BLANKS.finditer(word.text):
        out.append(Word(word.text[at : found.start()], word.start + at, word.start + found.start()))
        at = found.end()
    out.append(Word(word.text[at:], word.start + at, word.end))
    return out


def quoted_split(word: Word, escape: str) -> list[Word]:
    """Words with their quotes and escapes still in them, as in ENV, ARG and LABEL."""
    text, size = word.text, len(word.text)
    out: list[Word] = []
    at = 0
    while at < size:
        if text[at] in GO_SPACE:
            at += 1
            continue
        start, quote, kept = at, "", size
        while at < size:
            char = text[at]
            if not quote and char in GO_SPACE:
                break
            if char == escape and quote != "'":
                if at + 1 == size:
                    kept = at
                at += 1
            elif char == quote:
                quote = ""
            elif not quote and char in "'\"":
                quote = char
            at += 1
        at = min(at, size)
        value = text[start : min(at, kept)]
        if value:
            out.append(Word(value, word.start + start, word.start + at))
    return out


def take_flags(word: Word, escape: str) -> tuple[list[Word], Word]:
    """The leading `--name=value` words, unquoted, and what follows them."""
    text, size = word.text, len(word.text)
    flags: list[Word] = []
    at = 0
    while True:
        while at < size and text[at] in GO_SPACE:
            at += 1
        if not text.startswith("--", at):
            break
        start = at
        value, at = _flag(text, at, escape)
        if value == "--":
            if at >= size:
                at = size
            break
        flags.append(Word(value, word.start + start, word.start + at))
    return flags, _shift(word, at)


def _shift(word: Word, at: int) -> Word:
    rest = stripped(word.text, at, len(word.text))
    return Word(rest.text, rest.start + word.start, rest.end + word.start)


def _flag(text: str, at: int, escape: str) -> tuple[str, int]:
    out: list[str] = []
    quote = ""
    while at < len(text):
        char = text[at]
        if not quote and char in GO_SPACE:
            break
        if char == quote:
            quote = ""
        elif not quote and char in "'\"":
            quote = char
        elif char == escape:
            at += 1
            out.append(text[at : at + 1])
        else:
            out.append(char)
        at += 1
    return "".join(out), min(at, len(text))


def json_array(word: Word) -> list[Word] | None:
    """The strings of an exec form, or None when BuildKit would not take the text for one.

    Raises NotStrings for an array that holds something else, which is an error.
    """
    found = array_prefix(word.text)
    if found and found[1] == len(word.text):
        return [Word(_sane(item.text), item.start + word.start, item.end + word.start) for item in found[0]]
    if not found and word.text.startswith("["):
        _refuse_other_json(word.text)
    return None


def array_prefix(text: str) -> tuple[list[Word], int] | None:
    """A JSON array of strings that the text begins with, and where it ends; None when there is none."""
    if not text.startswith("["):
        return None
    items: list[Word] = []
    at = _skip(text, 1)
    if text.startswith("]", at):
        return items, at + 1
    while text.startswith('"', at):
        try:
            value, end = _scan_string(text, at + 1, True)
        except ValueError:
            return None
        items.append(Word(value, at, end))
        at = _skip(text, end)
        if text.startswith("]", at):
            return items, at + 1
        if not text.startswith(",", at):
            return None
        at = _skip(text, at + 1)
    return None


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


def _refuse_other_json(text: str) -> None:
    try:
        value = json.loads(text, parse_constant=_no_constant, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return
    if isinstance(value, list):
        raise NotStrings("an array in JSON form may hold strings only")


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _sane(text: str) -> str:
    """Lone surrogates, which Go replaces and Python would keep."""
    return "".join("\ufffd" if 0xD800 <= ord(char) < 0xE000 else char for char in text)


def heredoc_marks(line: str) -> list[HeredocMark]:
    """The here-documents that a RUN, COPY or ADD line opens. Raises ExpansionError as BuildKit does."""
    if "<<" not in line:
        return []
    try:
        words = Lexer(line, nothing_set, raw_quotes=True, raw_escapes=True, skip_unset=True).run()[1]
    except ExpansionError:
        return []
    return [mark for mark in map(heredoc_mark, words) if mark]


def heredoc_mark(word: str) -> HeredocMark | None:
    """What `<<NAME` in one word says, or None. Raises ExpansionError for a name that cannot be read."""
    found = _HEREDOC.fullmatch(word)
    if not found or not found[3]:
        return None
    plain = Lexer(found[3], nothing_set, skip_unset=True).run()[1]
    if len(plain) != 1:
        return None
    raw = Lexer(found[3], nothing_set, raw_quotes=True, skip_unset=True).run()[1]
    if len(raw) != 1:
        raise ExpansionError("the name of a here-document cannot be read")
    expands = _quotes(plain[0]) == _quotes(raw[0])
    return HeredocMark(plain[0], found[2] == "-", expands, int(found[1] or 0))


def _quotes(text: str) -> int:
    return text.count("'") + text.count('"')
