"""Personal data in columns and texts: which values are of a kind, and whether they are more than chance.

A single match proves nothing in a large table: one number in ten passes Luhn's check. So a column is judged as a whole,
by its name, by the share of its values that match, and by how many different ones there are.
"""

from __future__ import annotations

import re
from importlib import import_module
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.lazy import compiled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from linter.inspect.samples.table import Cell, Column, Table
    from linter.knowledge import Knowledge

_WORD = compiled(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_DIGIT = compiled(r"[0-9]")
_LONGEST_VALUE = 100
_HEAD = 4096
"""Names of columns stand so near to the start of a file, if anywhere."""
_PHONE_DIGITS = range(10, 16)


class Found(NamedTuple):
    """Values of one kind in one column. `basis` is header, share or text, as the table `personal_data` says."""

    kind: str
    words: str
    column: str | None
    line: int
    matches: int
    basis: str


class _Kind:
    """An entry of the table, compiled. `strict` is what a value must look like where no header speaks for it."""

    def __init__(self, entry: Mapping[str, Any], emails: Mapping[str, Any]) -> None:
        self.kind: str = entry["kind"]
        self.words: str = entry["words"]
        self.hint: str | None = entry.get("hint")
        self.pattern = re.compile(entry["pattern"])
        strict = entry.get("strict", entry["pattern"])
        self.strict = re.compile(strict)
        self._alone = re.compile(rf"(?<![\w.])(?:{strict})(?!\w|\.\w)")
        self.in_text = re.compile(entry["text_pattern"]) if "text_pattern" in entry else None
        self.made_up = [re.compile(each) for each in entry.get("made_up", ())]
        self.headers = frozenset(entry["headers"])
        self.bounds: Mapping[str, Mapping[str, Any]] = {
            name: entry[name] for name in ("header", "share", "text") if name in entry
        }
        self._check: Callable[[str], bool] = _check(entry["check"], emails)

    def accepts(self, value: str) -> bool:
        """Whether a value that the pattern matched is a valid one, and somebody's."""
        return self._check(value) and not any(each.search(value) for each in self.made_up)

    def stands_in(self, text: str) -> bool:
        """Whether something in a text looks like a value, whatever it is called."""
        return self.hint in text if self.hint else self._alone.search(text) is not None


class _Detector:
    """The table, compiled."""

    def __init__(self, knowledge: Knowledge) -> None:
        table = knowledge.get("personal_data")
        self.kinds = [_Kind(entry, table["email"]) for entry in table["kinds"]]
        self.endings = frozenset(table["header_endings"])

    def named(self, column: str, kind: _Kind) -> bool:
        """Whether the name of a column says that it holds values of a kind: `customer_email`, `CardNumber`."""
        words = [word.lower() for word in _WORD.findall(column)]
        if not words or words[-1] in self.endings:
            return False
        pairs = [f"{one} {two}" for one, two in pairwise(words)]
        joined = ["".join(words), *(pair.replace(" ", "") for pair in pairs)]
        return any(name in kind.headers for name in (*words, *pairs, *joined))


def personal_data(text: str, table: Callable[[], Table], knowledge: Knowledge) -> Iterator[Found]:
    """What of each kind a text holds. `table` gives its columns; it is asked only when something may be in the text."""
    detector: _Detector = knowledge.index("inspect.samples.personal", _Detector)
    if not ("@" in text or _DIGIT.search(text)):
        return
    head = text[:_HEAD].lower()
    for kind in detector.kinds:
        likely = kind.stands_in(text)
        if not likely and (kind.hint or not any(header in head for header in kind.headers)):
            continue
        found = table()
        for column in found.columns:
            named = column.name is not None and detector.named(column.name, kind)
            hit = _judged(kind, column, found.records, named) if likely or named else None
            if hit:
                yield hit


def _judged(kind: _Kind, column: Column, records: int, named: bool) -> Found | None:
    if column.whole:
        pattern = kind.pattern if named else kind.strict
        matches = [
            (line, value)
            for line, value in column.cells
            if len(value) <= _LONGEST_VALUE and pattern.fullmatch(value) and kind.accepts(value)
        ]
        basis = "header" if named else "share"
        if matches and _enough(matches, len(column.cells), kind.bounds.get(basis)):
            return Found(kind.kind, kind.words, column.name, matches[0][0], len(matches), basis)
    mentions = _mentions(kind, kind.in_text, column) if kind.in_text and "text" in kind.bounds else []
    if mentions and _enough(mentions, records, kind.bounds["text"]):
        return Found(kind.kind, kind.words, column.name, mentions[0][0], len(mentions), "text")
    return None


def _enough(matches: list[Cell], among: int, bounds: Mapping[str, Any] | None) -> bool:
    if bounds is None or len(matches) < bounds["share"] * among:
        return False
    return bool(len({value for _, value in matches}) >= bounds["distinct"])


def _mentions(kind: _Kind, pattern: re.Pattern[str], column: Column) -> list[Cell]:
    """Values inside of texts. A value that is the whole cell counts with its column alone."""
    context = kind.bounds["text"].get("context", ())
    found: list[Cell] = []
    for line, text in column.cells:
        if kind.hint and kind.hint not in text:
            continue
        for match in pattern.finditer(text):
            if column.whole and match.group() == text:
                continue
            near = text[max(match.start() - 100, 0) : match.end() + 100].lower() if context else ""
            if (not context or any(word in near for word in context)) and kind.accepts(match.group()):
                found.append((line, match.group()))
    return found


def _check(name: str, emails: Mapping[str, Any]) -> Callable[[str], bool]:
    if name == "email":
        return _Addresses(emails).is_personal
    if name == "phone":
        return _is_phone

    def by_library(value: str) -> bool:
        # Loaded for the first value that looks like one: few files hold any.
        numbers = import_module(f"stdnum.{name}")
        try:
            return bool(numbers.is_valid(value))
        except (LookupError, ArithmeticError, AttributeError, TypeError, ValueError):  # gaps in the library's tables
            return False

    return by_library


def _is_phone(value: str) -> bool:
    digits = "".join(_DIGIT.findall(value.partition("x")[0].partition("e")[0]))
    is_decimal = value.count(".") == 1 and value.replace(".", "").isdigit()
    return len(digits) in _PHONE_DIGITS and len(set(digits)) > 2 and not is_decimal


class _Addresses:
    """Which e-mail addresses are a person's: not reserved for documents, not a role's, not made up."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._domains = frozenset(table["reserved_domains"])
        self._endings = frozenset(table["reserved_endings"])
        self._parts = frozenset(table["reserved_parts"])
        self._locals = frozenset(table["locals"])

    def is_personal(self, address: str) -> bool:
        local, _, domain = address.lower().partition("@")
        labels = domain.split(".")
        registered = ".".join(labels[-2:])
        return not (
            labels[-1] in self._endings
            or registered in self._domains
            or domain in self._domains
            or not self._parts.isdisjoint(labels)
            or local.rstrip("0123456789") in self._locals
            or local in self._locals
        )
