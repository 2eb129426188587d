"""Reads samples that are packed: gzip files of one sample, ZIP archives, and spreadsheets, which are ZIP files of XML.

Everything is done in memory and bounded: in members, in bytes unpacked, in rows. Nothing is written to the disk.
"""

from __future__ import annotations

import csv
import io
import posixpath
import zipfile
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.etree import ElementTree

from linter.inspect.samples import contents_of
from linter.inspect.samples.place import SAMPLES, member_format, packed_format
from linter.inspect.text import NotText, Source
from linter.model import Inspection, Notice, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.knowledge import Knowledge
    from linter.model import Artifact, Fact

UNPACKED_LIMIT = 256 * 1024
"""Bytes of each sample that are looked at."""
SHEET_LIMIT = 2 * 1024 * 1024
"""Bytes of XML that are looked at: tags take most of them."""
ENTRIES_LIMIT = 2_000
MEMBERS_LIMIT = 20
ROWS_LIMIT = 2_000
_ENTRY = b"PK\x01\x02"
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,
    NotImplementedError,
    LookupError,
)
_WORKSHEETS, _STRINGS = "xl/worksheets/sheet", "xl/sharedStrings.xml"
_ENCRYPTED = 1
_GZIP = 31
"""The window of zlib that takes a gzip header."""


class _Sample(NamedTuple):
    """A text in an archive. `name` is that of the member; None for the only text of a gzip file."""

    name: str | None
    format: str
    data: bytes
    complete: bool


def inspect(artifact: Artifact, data: bytes, knowledge: Knowledge) -> Inspection:
    """A `data.content` for each kind of credential and of personal data in each sample; places are the file's."""
    form = packed_format(artifact.path)
    if artifact.size > len(data) and form != "gzip":  # what says where the members lie stands at the end
        return Inspection((), (_unread(artifact, "it is too large"),))
    try:
        samples = list(_gzip(artifact.path, data) if form == "gzip" else _archive(form or "zip", data))
    except _BROKEN:
        return Inspection((), (_unread(artifact, "it is broken, or in another format than its name says"),))
    if not samples:
        return Inspection((), (_unread(artifact, "nothing in it is a text or table, or it is encrypted"),))
    facts: list[Fact] = []
    for sample in samples:
        facts += _facts(artifact.path, sample, knowledge)
    return Inspection(tuple(facts))


def _unread(artifact: Artifact, reason: str) -> Notice:
    return Notice("data-unread", f"not searched for personal data: {reason}", artifact.path)


def _facts(path: str, sample: _Sample, knowledge: Knowledge) -> Iterator[Fact]:
    try:
        source = Source(path, sample.data)
    except NotText:
        return
    for fact in contents_of(source, sample.format, sample.complete, knowledge):
        where = f"{fact['where']} of `{sample.name}`" if sample.name else fact["where"]
        yield replace(
            fact.with_fields(place=SAMPLES, where=where),
            location=fact.location._replace(span=Span()),
        )


def _gzip(path: str, data: bytes) -> Iterator[_Sample]:
    reader = zlib.decompressobj(_GZIP)
    text = reader.decompress(data, UNPACKED_LIMIT)
    yield _Sample(None, member_format(path[: path.rfind(".")]) or "text", text, reader.eof)


def _archive(form: str, data: bytes) -> Iterator[_Sample]:
    if data.count(_ENTRY) > ENTRIES_LIMIT:
        return
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = [each for each in archive.infolist() if not each.flag_bits & _ENCRYPTED and not each.is_dir()]
        if form == "spreadsheet":
            yield from _spreadsheet(archive, entries)
            return
        known = [(each, member_format(each.filename)) for each in entries]
        for entry, data_format in [(each, found) for each, found in known if found][:MEMBERS_LIMIT]:
            text = _read(archive, entry, UNPACKED_LIMIT)
            yield _Sample(posixpath.basename(entry.filename), str(data_format), text, len(text) >= entry.file_size)


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> bytes:
    with archive.open(entry) as member:
        return member.read(limit)


# --- spreadsheets


def _spreadsheet(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Iterator[_Sample]:
    """The sheets as tables of text."""
    by_name = {each.filename: each for each in entries}
    strings = _strings(_read(archive, by_name[_STRINGS], SHEET_LIMIT)) if _STRINGS in by_name else []
    sheets = [each for each in entries if each.filename.startswith(_WORKSHEETS)][:MEMBERS_LIMIT]
    for sheet in sheets:
        out = io.StringIO()
        csv.writer(out).writerows(_rows(_read(archive, sheet, SHEET_LIMIT), strings))
        name = posixpath.basename(sheet.filename).partition(".")[0]
        complete = sheet.file_size <= SHEET_LIMIT
        yield _Sample(name, "csv", out.getvalue()[:UNPACKED_LIMIT].encode("utf-8", "replace"), complete)


def _elements(data: bytes) -> Iterator[tuple[str, str, ElementTree.Element]]:
    """Starts and ends of the elements of an XML text, as far as it goes. One that defines entities is not read."""
    if b"<!" in data.replace(b"<!--", b"").replace(b"<![CDATA[", b""):
        return
    parser: Any = ElementTree.XMLPullParser(["start", "end"])
    try:
        parser.feed(data)
    except ElementTree.ParseError:
        return
    try:
        for event, element in parser.read_events():
            yield event, element.tag.rpartition("}")[2], element
    except ElementTree.ParseError:
        return


def _strings(data: bytes) -> list[str]:
    found: list[str] = []
    for event, tag, element in _elements(data):
        if event == "end" and tag == "si":
            found.append(_text(element))
    return found


def _text(element: ElementTree.Element) -> str:
    return "".join(each.text or "" for each in element.iter() if each.tag.rpartition("}")[2] == "t")


def _rows(data: bytes, strings: list[str]) -> Iterator[list[str]]:
    """The rows of a sheet. Cells that are left out are empty ones, so that columns stay columns."""
    row: list[str] = []
    rows = 0
    for event, tag, element in _elements(data):
        if event == "start" and tag == "row":
            row = []
        elif event == "end" and tag == "c":
            column = _column(element.get("r", ""))
            if column is not None and len(row) < column <= ROWS_LIMIT:
                row += [""] * (column - len(row))
            row.append(_cell(element, strings))
        elif event == "end" and tag == "row":
            yield row
            rows += 1
            if rows >= ROWS_LIMIT:
                return


def _column(reference: str) -> int | None:
    """The number of a column, from 0, of a reference such as `AB12`."""
    letters = reference.rstrip("0123456789")
    if not letters.isalpha() or not letters.isascii() or len(letters) > 3:
        return None
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _cell(element: ElementTree.Element, strings: list[str]) -> str:
    if element.get("t") == "inlineStr":
        return _text(element)
    value = next((each.text or "" for each in element if each.tag.rpartition("}")[2] == "v"), "")
    if element.get("t") == "s":
        return strings[int(value)] if value.isdecimal() and len(value) < 9 and int(value) < len(strings) else ""
    return value
