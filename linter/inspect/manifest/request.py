"""One request, or part of one, with its values as far as they are known and their places."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.inspect.manifest.names import FREE_TEXT, PROSE
from linter.inspect.manifest.values import Placeholder, is_intrinsic, is_no_value, placeholder_in, text_of
from linter.inspect.references import Locate, locator
from linter.model import UNKNOWN, Fact, Location, Span
from linter.references.s3 import parse_s3

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from linter.document import Document, Pointer
    from linter.inspect.text import Source
    from linter.knowledge import Knowledge

YES, NO = "yes", "no"
BRANCHES = "Fn::If"
MOST_FACTS = 20_000
"""Facts of one request. Real requests give a few hundred."""
_PYTHON_WORDS = {"True": True, "False": False, "None": None}
_DIGITS = re.compile(r"[-+]?\d{1,18}")


class Found(NamedTuple):
    """A request or a part of one in a document. `shape` names the structure that stands at `pointer`."""

    shape: str
    request: str
    whole: bool
    form: str
    pointer: Pointer


@dataclass
class Request:
    """What all facts of one request share, and the list they are put on."""

    source: Source
    document: Document
    knowledge: Knowledge
    found: Found
    request_id: str
    marketplace: str = UNKNOWN
    facts: list[Fact] = field(default_factory=list)
    guesses: int = 200
    """How many more names may be compared with all others to find what was meant: that is slow."""
    suggestions: dict[Pointer, str] = field(default_factory=dict)
    """What members that the service does not know were probably meant to be."""
    written_as: dict[Pointer, str] = field(default_factory=dict)
    """For members that are not there, the misspelt name under which they probably are."""
    _seen: dict[Pointer, set[str]] = field(default_factory=dict)

    @property
    def coerced(self) -> bool:
        """Whether a tool turns the values into what the service wants before it sends them."""
        return self.found.form in ("cloudformation", "terraform")

    def is_gap(self, key: str) -> bool:
        """Whether something fills in the key of a map before anybody reads it."""
        found = placeholder_in(key, "name", self.knowledge)
        return found is not None and found.kind != "example"

    @property
    def full(self) -> bool:
        """Whether the request has more facts than any real one, so that the rest is left out."""
        return len(self.facts) >= MOST_FACTS

    def repeated(self, node: Node, name: str) -> bool:
        """Whether an element of the same list was asked about before under this name; each is asked about once."""
        names = self._seen.setdefault(node.pointer[:-1], set())
        known = name in names
        names.add(name)
        return known

    def guess(self) -> bool:
        """Whether another name may be guessed."""
        self.guesses -= 1
        return self.guesses >= 0

    @property
    def root(self) -> Node:
        value = self.document.value
        for part in self.found.pointer:
            value = value[part]
        return Node(self, self.found.pointer, value)

    def emit(self, kind: str, node: Node, fields: Mapping[str, Any], spans: Mapping[str, Span] | None = None) -> None:
        """Put a fact about a node on the list."""
        common = {
            "request": self.found.request,
            "request_id": self.request_id,
            "whole": self.found.whole,
            "marketplace": self.marketplace,
            "pointer": pointer_text(node.pointer),
        }
        self.facts.append(Fact(kind, node.location, {**common, **fields}, dict(spans or {})))


def pointer_text(pointer: Pointer) -> str:
    """A path of keys and indexes as a JSON pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in pointer)


def without_signature(text: str) -> str:
    """An address whose query may hold a signature, cut before it."""
    found = parse_s3(text) if "?" in text else None
    return f"{text[: found.query]}?<hidden>" if found and found.presigned and found.query is not None else text


class Node:
    """A value of a request at its place."""

    __slots__ = ("bare", "place", "pointer", "request", "value")

    def __init__(self, request: Request, pointer: Pointer, value: Any, place: str = "name") -> None:
        self.request, self.pointer, self.place = request, pointer, place
        self.bare = False
        """A word without quotes in JSON: something puts a value there before anybody reads it."""
        if isinstance(value, str) and request.document.relaxed and self._first() != '"':
            self.bare = value not in _PYTHON_WORDS
            value = _PYTHON_WORDS.get(value, value)
        elif value == {} and request.document.text_at(pointer, 2) == "{{":
            value, self.bare = request.document.text_at(pointer, 200), True
        self.value = value

    # --- below

    def child(self, member: str) -> Node | None:
        """The value of a member; None when it is absent. JSON's null is a value. What may be there is unknown, also
        when it seems to be there under a misspelt name."""
        if not self.holds(member):
            written = self.request.written_as.get((*self.pointer, member))
            there = written is not None or self.open
            return Node(self.request, (*self.pointer, written or member), f"${{{member}}}") if there else None
        place = "prose" if member in PROSE else "value" if member in FREE_TEXT else "name"
        return Node(self.request, (*self.pointer, member), self.value[member], place)

    def holds(self, member: str) -> bool:
        """Whether a member is certainly there."""
        return isinstance(self.value, dict) and member in self.value and not is_no_value(self.value[member])

    def items(self, place: str = "name") -> Iterator[Node]:
        """The elements of a list or the values of a map."""
        if isinstance(self.value, list):
            for index, value in enumerate(self.value):
                if not is_no_value(value):
                    yield Node(self.request, (*self.pointer, index), value, place)
        elif isinstance(self.value, dict) and not self.unknown:
            for key, value in self.value.items():
                if not is_no_value(value):
                    yield Node(self.request, (*self.pointer, key), value, place)

    def path(self, *members: str) -> Node | None:
        """The value some members further down."""
        node: Node | None = self
        for member in members:
            node = node.child(member) if node else None
        return node

    # --- what it is

    @property
    def name(self) -> str:
        """The nearest key at or above the value that is a member's."""
        return next((part for part in reversed(self.pointer) if isinstance(part, str) and part != BRANCHES), "")

    @property
    def index(self) -> int:
        return self.pointer[-1] if self.pointer and isinstance(self.pointer[-1], int) else 0

    @property
    def placeholder(self) -> Placeholder | None:
        if not isinstance(self.value, str):
            return None
        if self.bare:
            return Placeholder(self.value, "template", 0, len(self.value))
        return placeholder_in(self.value, self.place, self.request.knowledge)

    @property
    def open(self) -> bool:
        """Whether there may be more in the mapping or list than is known."""
        return self.pointer in self.request.document.open

    @property
    def unknown(self) -> bool:
        """Whether the value is only known when something else fills it in."""
        if is_intrinsic(self.value):
            return "${" in text_of(self.value)
        found = self.placeholder
        return found is not None and found.kind != "example"

    @property
    def filled_in(self) -> bool:
        """Whether something may still be filled into a text in which braces and dollars can also be prose."""
        return self.place == "prose" and placeholder_in(self.value, "value", self.request.knowledge) is not None

    def branches(self) -> Iterator[Node]:
        """The values of which a condition picks one when somebody deploys the template."""
        given = self.value.get(BRANCHES) if is_intrinsic(self.value) else None
        if not isinstance(given, list) or len(given) != 3:
            return
        for number in (1, 2):
            if not is_no_value(given[number]):
                yield Node(self.request, (*self.pointer, BRANCHES, number), given[number], self.place)

    @property
    def hides_entries(self) -> bool:
        """Whether a function or a template decides how many entries a list or map has."""
        if not isinstance(self.value, (list, dict)):
            return False
        parts = self.value if isinstance(self.value, list) else self.value.values()
        return any(is_intrinsic(part) for part in parts)

    @property
    def known(self) -> Any:
        """The value, or `unknown`. What an intrinsic function certainly gives counts as written."""
        if self.unknown:
            return UNKNOWN
        return text_of(self.value) if is_intrinsic(self.value) else self.value

    @property
    def reference(self) -> str:
        """The value as the functions for references want it: what intrinsic functions leave open as `${name}`."""
        if is_intrinsic(self.value):
            return text_of(self.value)
        return UNKNOWN if self.bare else str(self.value)

    @property
    def locate(self) -> Locate | None:
        """The places of parts of the text, where it stands verbatim in the file."""
        if not isinstance(self.value, str):
            return None
        start = self._offset()
        text = self.request.source.text
        start += text[start : start + 1] in ("'", '"') and not text.startswith(self.value, start)
        return locator(self.request.source, start) if text.startswith(self.value, start) else None

    # --- members of a structure

    def text(self, member: str) -> str | None:
        """A string member: None when absent, `unknown` when not known or no string."""
        node = self.child(member)
        if node is None or node.value is None:
            return None
        value = node.known
        return value if isinstance(value, str) else UNKNOWN

    def uri(self, member: str) -> str | None:
        """A string member that is an address: as `text`, but without a signature."""
        text = self.text(member)
        return without_signature(text) if text else text

    def integer(self, member: str) -> int | str | None:
        """A whole number; CloudFormation also takes its digits as a string."""
        node = self.child(member)
        if node is None or node.value is None:
            return None
        value = node.known
        if isinstance(value, str) and self.request.coerced and _DIGITS.fullmatch(value):
            return int(value)
        return value if isinstance(value, int) and not isinstance(value, bool) else UNKNOWN

    def flag(self, member: str) -> bool | str | None:
        """A boolean; CloudFormation also takes it as a string."""
        node = self.child(member)
        if node is None or node.value is None:
            return None
        value = node.known
        if self.request.coerced and value in ("true", "false"):
            return bool(value == "true")
        return value if isinstance(value, bool) else UNKNOWN

    def texts(self, member: str) -> list[str] | str | None:
        """A list of strings; an element that is not known is `unknown`."""
        node = self.child(member)
        if node is None or node.value is None:
            return None
        if not isinstance(node.value, list):
            return UNKNOWN
        texts = [known if isinstance(known := item.known, str) else UNKNOWN for item in node.items()]
        return [*texts, UNKNOWN] if node.open else texts

    def count(self, member: str) -> int | str | None:
        """How many elements or entries a member has."""
        node = self.child(member)
        if node is None or node.value is None:
            return None
        if node.unknown or node.open or not isinstance(node.value, (list, dict)):
            return UNKNOWN
        return sum(1 for _ in node.items())

    def has(self, member: str) -> str:
        """Whether a member is there: yes, no or unknown."""
        node = self.child(member)
        if node is None or node.value is None:
            return NO
        return UNKNOWN if node.unknown else YES

    def variant(self, kinds: Mapping[str, str]) -> tuple[str, str | None]:
        """Which one of some members is there: its kind and its name; `none`, `several` or `unknown` have no name."""
        if self.unknown:
            return UNKNOWN, None
        found = [member for member in kinds if self.holds(member)]
        if self.open and len(found) < 2:
            return UNKNOWN, None
        if len(found) != 1:
            return "several" if found else "none", None
        return kinds[found[0]], found[0]

    def spans(self, **members: str) -> dict[str, Span]:
        """The places of members, by the names of fields."""
        nodes = ((name, self.child(member)) for name, member in members.items())
        return {name: node.span for name, node in nodes if node}

    # --- where it stands

    @property
    def span(self) -> Span:
        """The value's place; of a structure or list its beginning alone, so that a finding points at one line."""
        whole = self.request.document.span(self.pointer)
        if not isinstance(self.value, (dict, list)) or is_intrinsic(self.value):
            return whole
        return self._head()

    @property
    def key_span(self) -> Span:
        return self.request.document.key_span(self.pointer)

    @property
    def location(self) -> Location:
        """Key and value of a scalar; the key and the opening of a structure."""
        span = self.span
        if self.pointer and isinstance(self.pointer[-1], str):
            key, whole = self.key_span, self.request.document.span(self.pointer[:-1])
            is_inside = (span.end_line, span.end_column) <= (whole.end_line, whole.end_column)
            if (key.line, key.column) <= (span.line, span.column) and is_inside:
                span = Span(key.line, key.column, span.end_line, span.end_column)
        return Location(self.request.source.path, span)

    def _head(self) -> Span:
        whole = self.request.document.span(self.pointer)
        key = self.key_span if self.pointer and isinstance(self.pointer[-1], str) else None
        if self._first() in ("{", "["):
            if key is None or key.line >= whole.line:
                return Span(whole.line, whole.column, whole.line, whole.column + 1)
            return key
        if key is not None:
            return key
        if isinstance(self.value, dict) and self.value:
            return self.request.document.key_span((*self.pointer, next(iter(self.value))))
        return Span(whole.line, whole.column, whole.line, whole.column + 1)

    def _offset(self) -> int:
        span = self.request.document.span(self.pointer)
        starts = self.request.source.starts
        return starts[min(span.line, len(starts)) - 1] + span.column - 1

    def _first(self) -> str:
        return self.request.document.text_at(self.pointer, 1)
