"""What a value of a manifest says: literal, intrinsic function of CloudFormation, or placeholder of a template."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.references import MASK, mask
from linter.references.placeholders import placeholders_of

if TYPE_CHECKING:
    from linter.knowledge import Knowledge

_DEPTH = 8
_LONGEST = 4096
"""Characters of a text that are searched for placeholders; longer texts are no identifiers."""
_SHORT, _KEPT = 200, 10_000
"""Characters of a text whose placeholder is remembered, and how many are."""

# What tools fill in before anybody reads the value. How much of it can also be plain text differs with the place: names
# and URIs, values of maps (which may hold format strings), prose.
_VARIABLE = r"\$\{[^{}\n]{0,200}\}|\{\{[^{}\n]{0,200}\}\}|\{%[^{}%\n]{0,200}%\}|<%[^<>%\n]{0,200}%>"
_TEMPLATES = {
    "name": re.compile(
        _VARIABLE + r"|%[A-Z][A-Z0-9_]{1,60}%|\$\([\w. ]{1,60}\)|(?<![\w$])\$[A-Za-z_]\w{0,60}"
        r"|(?<!\$)\{[A-Za-z_][\w.]{0,60}\}|@[A-Z][A-Z0-9_]{1,60}@|__[A-Z][A-Z0-9_]{1,60}__"
    ),
    "value": re.compile(_VARIABLE),
    "prose": re.compile(r"\{\{[^{}\n]{0,200}\}\}"),
}
_ACCOUNT = re.compile(r"(?<!\d)\d{12}(?!\d)")
_MASKED = re.compile(MASK + "+")
_BUCKET = re.compile(r"^s3://([^/]{1,100})")


class Placeholder(NamedTuple):
    """A part of a text that somebody still has to fill in.

    `kind` is template (something fills it in before use), marker (a person has to) or example (a value that stands in
    documents for one's own; it is judged like any other). `start` and `end` are offsets in the text.
    """

    text: str
    kind: str
    start: int
    end: int


class _Gaps:
    """The table `placeholders`, compiled."""

    def __init__(self, knowledge: Knowledge) -> None:
        left_open = placeholders_of(knowledge)
        self.patterns, self.exact = left_open.patterns, left_open.exact
        self.accounts = frozenset(knowledge.get("placeholders.note_accounts"))
        self.buckets = frozenset(knowledge.get("placeholders.buckets"))
        self.kept: dict[tuple[str, str], Placeholder | None] = {}
        """What was found in short texts at their kinds of places: each is asked about several times, in many files."""
        self.html_tags = frozenset(knowledge.get("placeholders.html_tags"))

    def marker(self, text: str, place: str) -> Placeholder | None:
        """A text that a person left to be filled in."""
        if text.strip().lower() in self.exact:
            return Placeholder(text, "marker", 0, len(text))
        for pattern in self.patterns:
            found = pattern.search(text)
            if found and found.group() and self.is_gap(found, text, place):
                return Placeholder(found.group(), "marker", found.start(), found.end())
        return None

    def is_gap(self, found: re.Match[str], text: str, place: str) -> bool:
        """Whether what a pattern matched can be nothing else at its place."""
        loose = found.group()[:4].lower()
        if not loose.startswith(("<", "your", "fill")):
            return True
        if place == "prose" or found.group()[1:-1].lower() in self.html_tags:
            return False
        if place == "value":
            return found.group() == text.strip()
        return loose[0] == "<" or not re.search(r"[\w-]$", text[: found.start()])

    def example(self, text: str) -> Placeholder | None:
        """An account or bucket that documents use for one's own."""
        for found in _ACCOUNT.finditer(text):
            if found.group() in self.accounts:
                return Placeholder(found.group(), "example", found.start(), found.end())
        bucket = _BUCKET.match(text)
        if bucket and bucket[1] in self.buckets:
            return Placeholder(bucket[1], "example", bucket.start(1), bucket.end(1))
        return None


def placeholder_in(text: str, place: str, knowledge: Knowledge) -> Placeholder | None:
    """The first placeholder of a text. `place` is name, value or prose: what else the text can be."""
    gaps: _Gaps = knowledge.index("manifest.placeholders", _Gaps)
    if len(text) > _SHORT:
        return _placeholder(text, place, gaps)
    key = (text, place)
    if key not in gaps.kept:
        if len(gaps.kept) >= _KEPT:
            gaps.kept.clear()
        gaps.kept[key] = _placeholder(text, place, gaps)
    return gaps.kept[key]


def _placeholder(text: str, place: str, gaps: _Gaps) -> Placeholder | None:
    head = text[:_LONGEST]
    found = _TEMPLATES[place].search(head)
    if found:
        return Placeholder(found.group(), "template", found.start(), found.end())
    marker = gaps.marker(head, place)
    if marker or place != "name":
        return marker
    return gaps.example(head) or _masked(head)


def _masked(text: str) -> Placeholder | None:
    """What the parsers of references take for a placeholder; a `your` inside of a name is none."""
    found = _MASKED.search(mask(text))
    if not found or "your" in text[found.start() : found.end()].lower():
        return None
    return Placeholder(text[found.start() : found.end()], "marker", found.start(), found.end())


def is_intrinsic(value: Any) -> bool:
    """Whether a value is a function of CloudFormation: `{"Ref": …}`, `{"Fn::Sub": …}`."""
    if not isinstance(value, dict) or len(value) != 1:
        return False
    name = next(iter(value))
    return name in ("Ref", "Condition") or name.startswith("Fn::")


def is_no_value(value: Any) -> bool:
    """Whether CloudFormation takes the member for absent."""
    return isinstance(value, dict) and value == {"Ref": "AWS::NoValue"}


def text_of(value: Any, depth: int = 0) -> str:
    """The text that an intrinsic function gives, its unknown parts as `${name}`."""
    if isinstance(value, str):
        return value
    if not is_intrinsic(value) or depth > _DEPTH:
        return "${value}"
    name, inner = next(iter(value.items()))
    if name == "Fn::Sub":
        template = inner[0] if isinstance(inner, list) and inner else inner
        return template if isinstance(template, str) else "${value}"
    if name == "Fn::Join" and isinstance(inner, list) and len(inner) == 2 and isinstance(inner[1], list):
        return str(inner[0]).join(text_of(part, depth + 1) for part in inner[1][:200])
    if name == "Ref" and isinstance(inner, str):
        return f"${{{inner}}}"
    if name == "Fn::GetAtt":
        parts = inner if isinstance(inner, list) else [inner]
        return "${" + ".".join(str(part) for part in parts[:5] if isinstance(part, str)) + "}"
    return f"${{{name.removeprefix('Fn::')}}}"
