"""Reads texts that sellers keep for their listing in files of their own: usage information, descriptions.

Whether a product is for sale, only the other files of it say: without a sign of that, the joins leave these facts out.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple

from linter.inspect.listing.tables import tables_of
from linter.inspect.listing.texts import what_a_text_says
from linter.inspect.text import NotText, Source
from linter.model import UNKNOWN, Fact, Inspection, Location, Notice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.knowledge import Knowledge
    from linter.model import Artifact

_HEADING = re.compile(r"^(#{1,6})[ \t]{1,10}([^\n]{1,200})$", re.MULTILINE)
_FENCE = re.compile(r"^(?:```|~~~)[^\n]*\n.*?(?:^(?:```|~~~)[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_QUOTED = re.compile(r"`[^`\n]{1,300}`")
_MOST_GAPS = 20
_SHORTEST = 40
"""Characters below which a section is a pointer to somewhere else."""


class _Section(NamedTuple):
    role: str
    title: str
    start: int
    end: int


class _Words:
    """The table `listing.prose`, compiled."""

    def __init__(self, knowledge: Knowledge) -> None:
        table = knowledge.get("listing.prose")
        self.files = {role: re.compile(pattern) for role, pattern in table["files"].items()}
        self.headings = {role: re.compile(pattern) for role, pattern in table["headings"].items()}
        self.gaps = re.compile("|".join(table["gaps"]))

    @staticmethod
    def role(text: str, patterns: dict[str, re.Pattern[str]]) -> str | None:
        return next((role for role, pattern in patterns.items() if pattern.search(text)), None)


def inspect(artifact: Artifact, data: bytes, knowledge: Knowledge) -> Inspection:
    """A `listing.text` for each text of a listing in a file, and a `listing.value` for each gap left in one."""
    try:
        source = Source(artifact.path, data)
    except NotText as reason:
        return Inspection(notices=(Notice("not-text", f"this text was not read: {reason}", artifact.path),))
    words: _Words = knowledge.index("inspect.listing.prose", _Words)
    tables = tables_of(knowledge)
    facts = []
    for section in _sections(source.text, posixpath.basename(artifact.path), words):
        text = source.text[section.start : section.end].strip()
        if len(text) >= _SHORTEST:
            topics = tables.topics if section.role == "usage" else {}
            fields = {**_common(section), "option": None, "sells": UNKNOWN, "role": section.role}
            fields |= {"member": section.title, **what_a_text_says(text, tables, topics)}
            place = Location(artifact.path, source.span(section.start, _line_end(source.text, section.start)))
            facts.append(Fact("listing.text", place, fields))
        facts += _gaps(source, section, words)
    return Inspection(tuple(facts))


def _sections(text: str, name: str, words: _Words) -> Iterator[_Section]:
    """The parts of a file whose headings say that they are a listing's; else the whole file, if its name says so."""
    code = [found.span() for found in _FENCE.finditer(text)]
    headings = [
        found for found in _HEADING.finditer(text) if not any(start <= found.start() < end for start, end in code)
    ]
    found_any = False
    for number, heading in enumerate(headings):
        role = words.role(heading[2], words.headings)
        if role is None:
            continue
        later = (each.start() for each in headings[number + 1 :] if len(each[1]) <= len(heading[1]))
        found_any = True
        yield _Section(role, heading[2].strip(), heading.start(), next(later, len(text)))
    role = None if found_any else words.role(name, words.files)
    if role is not None:
        yield _Section(role, name, 0, len(text))


def _gaps(source: Source, section: _Section, words: _Words) -> Iterator[Fact]:
    """What was left to be filled in; not where it is quoted, as instructions about a template do."""
    text = source.text[section.start : section.end]
    quoted = [found.span() for pattern in (_FENCE, _QUOTED) for found in pattern.finditer(text)]
    for number, found in enumerate(words.gaps.finditer(text)):
        if number >= _MOST_GAPS:
            return
        if any(start <= found.start() < end for start, end in quoted):
            continue
        span = source.span(section.start + found.start(), section.start + found.end())
        fields = {
            **_common(section),
            "member": section.title,
            "parent": section.title,
            "shape": "Text",
            "value": found.group()[:100],
            "problem": "placeholder",
            "expected": "a text without gaps",
            "length": None,
            "limit": None,
            "suggestion": None,
        }
        yield Fact("listing.value", Location(source.path, span), fields, {"value": span})


def _common(section: _Section) -> dict[str, str]:
    return {"change_set": "", "change_type": "", "pointer": f"#{section.title}"}


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end
