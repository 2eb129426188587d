"""Values as texts of JSON and back, with the places of their parts."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.document import DocumentError, load_documents
from linter.evaluate.text import LONGEST, MARK, Maker, Piece, Place, Text, TooLarge
from linter.evaluate.values import Dict, List, PathText, Scalar, Unknown
from linter.inspect.mapped import json_string_parts

if TYPE_CHECKING:
    from linter.document import Document, Pointer

_DEEPEST = 90


class Made(NamedTuple):
    """What comes out of somebody else's algorithm, where it stands, and whether a text begins with that."""

    maker: Maker
    place: Place | None
    begins: bool


class Writer:
    """Writes a value as JSON. `pieces` are its characters with their places.

    `marks` has the place of each key, scalar and opening bracket by its range of the text; `open` the paths of
    containers that may have more in them than is known. As code's own `json.dumps` (`inner`), these have a mark in the
    text instead.
    """

    def __init__(self, inner: bool = False, prose: frozenset[str] = frozenset()) -> None:
        self.inner, self.prose = inner, prose
        self.pieces: list[Piece] = []
        self.size = 0
        self.marks: dict[tuple[int, int], Place] = {}
        self.open: set[Pointer] = set()
        self.unknown: set[Pointer] = set()
        self.makers: dict[Pointer, Made] = {}
        """Values that come out of somebody else's algorithm."""
        self._in_prose = False

    def add(self, text: str, place: Place | None = None, exact: bool = False) -> None:
        self.pieces.append(Piece(text, place, exact))
        self.size += len(text)
        if self.size > LONGEST or len(self.pieces) > 40_000:
            raise TooLarge

    def write(self, value: Any, pointer: Pointer = ()) -> None:
        """Append a value. Raises TooLarge."""
        start = self.size
        if len(pointer) > _DEEPEST:
            raise TooLarge
        if isinstance(value, PathText):
            value = value.text
        if isinstance(value, Text):
            self.string(value, pointer)
        elif isinstance(value, Scalar):
            self.scalar(value)
        elif isinstance(value, Dict) and (value.items or not value.open):
            self.mapping(value, pointer)
            return
        elif isinstance(value, List) and (value.items or not value.open):
            self.sequence(value, pointer)
            return
        else:
            name = value.name if isinstance(value, Unknown) else "value"
            self.gap(name, getattr(value, "place", None), maker=getattr(value, "maker", None))
            self.unknown.add(pointer)
        place = getattr(value, "place", None)
        if isinstance(value, Text | Unknown) and value.maker is not None:
            begins = isinstance(value, Unknown) or value.pieces[0].maker is not None
            self.makers[pointer] = Made(value.maker, place, begins)
        if place is not None:
            self.marks[start, self.size] = place

    def scalar(self, value: Scalar) -> None:
        if isinstance(value.value, float) and not math.isfinite(value.value):
            return self.gap("value", value.place)
        return self.add(json.dumps(value.value), value.place)

    def gap(self, name: str, place: Place | None, rest: bool = False, maker: Maker | None = None) -> None:
        """A value that is not known."""
        if self.inner:
            self.pieces.append(Piece(MARK, place, unknown=name, rest=rest, maker=maker))
            self.size += 1
        else:
            self.add('"')
            self.add(self.token(name), place)
            self.add('"')

    def token(self, name: str) -> str:
        """How an unknown part stands in a text: as what a tool would fill in."""
        name = "".join(sign if sign.isalnum() or sign in "._" else "_" for sign in name)
        return f"{{{{ {name} }}}}" if self._in_prose else f"${{{name}}}"

    def string(self, text: Text, pointer: Pointer = ()) -> None:
        self.add('"')
        for piece in text.pieces:
            if piece.unknown and not self.inner:
                self.add(self.token(piece.unknown), piece.place)
                self.unknown.add(pointer)
            elif piece.unknown:
                self.pieces.append(piece)
                self.size += 1
            else:
                written = json.dumps(piece.text, ensure_ascii=False)[1:-1]
                self.add(written, piece.place, piece.exact and len(written) == len(piece.text))
        self.add('"')

    def opening(self, sign: str, value: Any) -> None:
        place = value.place
        if place is not None:
            if place.origin.text[place.start : place.start + 1] == sign:
                place = Place(place.origin, place.start, place.start + 1)
            self.marks[self.size, self.size + 1] = place
        self.add(sign, place)

    def mapping(self, value: Dict, pointer: Pointer) -> None:
        self.opening("{", value)
        for number, (key, inner) in enumerate(value.items.items()):
            if number:
                self.add(", ")
            name = key if isinstance(key, str) else str(key)
            start = self.size
            text = value.keys.get(key)
            self.string(text if text is not None and text.value == name else Text.written(name))
            if text is not None and text.place is not None:
                self.marks[start, self.size] = text.place
            self.add(": ")
            outside, self._in_prose = self._in_prose, name in self.prose
            self.write(inner, (*pointer, name))
            self._in_prose = outside
        if value.open:
            self.open.add(pointer)
            if self.inner:
                self.add(", " if value.items else "")
                self.gap("rest", value.place, rest=True)
                self.add(": ")
                self.gap("rest", value.place, rest=True)
        self.add("}")

    def sequence(self, value: List, pointer: Pointer) -> None:
        self.opening("[", value)
        for number, inner in enumerate(value.items):
            if number:
                self.add(", ")
            self.write(inner, (*pointer, number))
        if value.open:
            self.open.add(pointer)
            if self.inner:
                self.add(", " if value.items else "")
                self.gap("rest", value.place, rest=True)
        self.add("]")


def dumps(value: Any) -> Text:
    """As `json.dumps` with its defaults. Raises TooLarge."""
    writer = Writer(inner=True)
    writer.write(value)
    return Text(writer.pieces)


# --- reading


def loads(text: Text, place: Place | None) -> Any:
    """As `json.loads`; None when the text cannot be read. Unknown parts outside of strings are unknown values."""
    pieces, gaps = _quoted(text)
    quoted = Text(pieces)
    try:
        document = load_documents(quoted.flat, "json")[0]
    except DocumentError:
        return None
    if document.relaxed:
        return None
    return Reader(document, quoted, gaps, place).value(document.value, ())


def load_yaml(text: Text, place: Place | None) -> Any:
    """As `yaml.safe_load`; None when the text cannot be read or is not wholly known."""
    if not text.known:
        return None
    try:
        documents = load_documents(text.flat, "yaml")
    except DocumentError:
        return None
    if len(documents) != 1:
        return None
    return Reader(documents[0], text, {}, place).value(documents[0].value, ())


def _quoted(text: Text) -> tuple[list[Piece], dict[int, Piece]]:
    """The pieces, with quotes around unknown ones outside of strings, and these by the offsets of their quotes."""
    pieces: list[Piece] = []
    gaps: dict[int, Piece] = {}
    inside = escaped = False
    at = 0
    for piece in text.pieces:
        if piece.unknown and not inside:
            gaps[at] = piece
            pieces += [Piece('"', None), piece, Piece('"', None)]
            at += 3
            continue
        pieces.append(piece)
        at += len(piece.text)
        for sign in piece.text if '"' in piece.text or "\\" in piece.text or escaped else "":
            if escaped:
                escaped = False
            elif sign == "\\" and inside:
                escaped = True
            elif sign == '"':
                inside = not inside
    return pieces, gaps


class Sent(NamedTuple):
    """A request as a call sends it: its text as JSON with the places of its parts."""

    call: str
    request: str
    place: Place
    text: str
    writer: Writer
    is_data: bool
    """Whether members of the request itself were read from a file, which says what it is for."""
    region: Text | None = None
    """The Region that the client was told."""


class Reader:
    """Turns a document into values with the places of the text that it was read from."""

    def __init__(self, document: Document, text: Text, gaps: dict[int, Piece], place: Place | None) -> None:
        self.document, self.text, self.gaps, self.place = document, text, gaps, place

    def value(self, value: Any, pointer: Pointer) -> Any:
        start, end = self.document.offsets(pointer)
        if isinstance(value, str):
            gap = self.gaps.get(start)
            if gap is not None:
                return Unknown(gap.unknown or "value", gap.place, maker=gap.maker)
            return self.string(value, start, end)
        if isinstance(value, dict):
            return self.mapping(value, pointer, start)
        if isinstance(value, list):
            return self.sequence(value, pointer, start)
        if isinstance(value, bool | int | float | None):
            return Scalar(value, self.at(start, end))
        return Unknown("value", self.at(start, end))

    def mapping(self, value: dict[str, Any], pointer: Pointer, start: int) -> Dict:
        made = Dict(self.at(start, start + 1))
        for key, inner in value.items():
            low, high = self.document.key_offsets((*pointer, key))
            if low in self.gaps or MARK in str(key):
                made.blur()
            else:
                made.put(key, self.value(inner, (*pointer, key)), self.string(str(key), low, high))
        return made

    def sequence(self, value: list[Any], pointer: Pointer, start: int) -> List:
        items: list[Any] = []
        for number, inner in enumerate(value):
            gap = self.gaps.get(self.document.offsets((*pointer, number))[0])
            if gap is not None and gap.rest:
                return List(items, self.at(start, start + 1), True)
            items.append(self.value(inner, (*pointer, number)))
        return List(items, self.at(start, start + 1))

    def string(self, value: str, start: int, end: int) -> Text:
        """A string, with or without quotes around it in the text."""
        flat = self.text.flat
        if flat[start : start + 1] == '"' and end - start >= 2 and flat[end - 1 : end] == '"':
            if "\\" not in flat[start:end]:
                found = self.text.cut(start + 1, end - 1)
            else:
                parts = json_string_parts(flat, start + 1, end - 1) if self._has_json_escapes(start, end) else []
                found = Text(piece for part in parts for piece in self._part(*part))
        else:
            low = start + (flat[start : start + 1] == "'")
            found = self.text.cut(low, low + len(value))
        if found.flat != value:
            found = Text([Piece(value, self.at(start, end))])
        return found if found.flat else Text([], self.at(start, end))

    def _has_json_escapes(self, start: int, end: int) -> bool:
        try:
            json.loads(self.text.flat[start:end], strict=False)
        except ValueError:
            return False
        return True

    def _part(self, text: str, start: int, width: int) -> list[Piece]:
        pieces = list(self.text.cut(start, start + width).pieces)
        if width == len(text):
            return pieces
        return [Piece(text, pieces[0].place if pieces else None)]

    def at(self, start: int, end: int) -> Place | None:
        """The place of a range of the text; of the call that reads it, when that range was written nowhere."""
        for piece in self.text.cut(start, end).pieces:
            if piece.place is not None:
                return piece.place
        return self.place
