"""Sample data in archives, gzip files and spreadsheets, and in cells of notebooks: found, bounded, never a crash."""

from __future__ import annotations

import gzip
import io
import json
import zipfile

import pytest

from linter.discover.classify import kind_of
from linter.engine import facts_of
from linter.inspect.samples.packed import inspect
from linter.judge.load import load_knowledge
from linter.model import Artifact
from linter.tree import MemoryTree

KNOWLEDGE = load_knowledge()
PEOPLE = "name,ssn\nA,536-22-8741\nB,219-47-3306\nC,401-39-5528\n"
IRIS = "sepal,petal\n5.1,1.4\n4.9,1.3\n6.2,4.5\n"
NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def packed(files: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


def sheet(text: str, shared: bool) -> bytes:
    """A spreadsheet with the rows of a CSV text."""
    strings: list[str] = []
    rows = []
    for row in text.splitlines():
        cells = []
        for number, value in enumerate(row.split(",")):
            place = f"{'ABC'[number]}{len(rows) + 1}"
            if shared:
                cells.append(f'<c r="{place}" t="s"><v>{len(strings)}</v></c>')
                strings.append(f"<si><t>{value}</t></si>")
            else:
                cells.append(f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>')
        rows.append(f"<row>{''.join(cells)}</row>")
    sheet_text = f"<worksheet {NAMESPACE}><sheetData>{''.join(rows)}</sheetData></worksheet>"
    files: dict[str, str | bytes] = {"[Content_Types].xml": "<Types/>", "xl/worksheets/sheet1.xml": sheet_text}
    if shared:
        files["xl/sharedStrings.xml"] = f"<sst {NAMESPACE}>{''.join(strings)}</sst>"
    return packed(files)


def found(path: str, data: bytes) -> list[tuple[str, str | None]]:
    result = inspect(Artifact(path, "packed_data", len(data)), data, KNOWLEDGE)
    return [(fact["content"], fact["column"]) for fact in result.facts]


FORMS = {
    "gzip": ("sample_data/a.csv.gz", lambda text: gzip.compress(text.encode())),
    "zip": ("sample_data/a.zip", lambda text: packed({"in/a.csv": text, "in/readme.bin": b"\0"})),
    "shared strings": ("sample_data/a.xlsx", lambda text: sheet(text, True)),
    "inline strings": ("sample_data/a.xlsx", lambda text: sheet(text, False)),
}


@pytest.mark.parametrize(("path", "pack"), FORMS.values(), ids=FORMS)
def test_personal_data_is_found_in_each_form(path, pack):
    assert found(path, pack(PEOPLE)) == [("us-ssn", "ssn")]
    assert found(path, pack(IRIS)) == []
    assert kind_of(path, 10, lambda _: b"") == "packed_data"


@pytest.mark.parametrize(
    "path",
    ["a.csv.gz", "build/a.zip", "sample_data/a.gz", "sample_data/model.tar.gz", "tests/fixtures/sample_data/a.zip"],
)
def test_what_is_no_packed_sample(path):
    assert kind_of(path, 10, lambda _: b"") != "packed_data"


def test_the_member_is_named(knowledge):
    data = packed({"in/a.csv": PEOPLE})
    (fact,) = inspect(Artifact("samples/a.zip", "packed_data", len(data)), data, knowledge).facts
    assert fact["where"] == "in the column `ssn` of `a.csv`"
    assert fact["format"] == "csv"


def test_a_bomb_is_read_to_its_bound():
    bomb = packed({"a.csv": b"a" * 50_000_000, "b.csv": PEOPLE})
    assert found("samples/a.zip", bomb) == [("us-ssn", "ssn")]
    assert found("samples/a.csv.gz", gzip.compress(b"a" * 50_000_000)) == []


DEEP = "<worksheet>" + "<row>" * 50_000
ENTITIES = f'<!DOCTYPE x [<!ENTITY a "{"a" * 100}">]><worksheet><row><c t="inlineStr"><is><t>&a;</t></is></c></row></worksheet>'
BROKEN = {
    "nothing": b"",
    "text": b"hello",
    "cut zip": packed({"a.csv": PEOPLE})[:-10],
    "no members": packed({}),
    "no text": packed({"a.bin": b"\0\1"}),
    "many entries": b"PK\x01\x02" * 3_000,
    "deep": packed({"xl/worksheets/sheet1.xml": DEEP}),
    "entities": packed({"xl/worksheets/sheet1.xml": ENTITIES}),
    "no XML": packed({"xl/worksheets/sheet1.xml": "<<<"}),
    "strange cells": packed(
        {"xl/worksheets/sheet1.xml": '<w><row><c r="ZZZZ1"><v>1</v></c><c r="XFD1"/><c t="s"><v>9</v></c></row></w>'}
    ),
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("path", ["samples/a.zip", "samples/a.xlsx", "samples/a.csv.gz"])
def test_broken_files_give_no_facts(path, data):
    result = inspect(Artifact(path, "packed_data", len(data)), data, KNOWLEDGE)
    assert result.facts == ()


def test_a_file_that_was_not_read_whole_gives_a_notice():
    data = packed({"a.csv": PEOPLE})
    result = inspect(Artifact("samples/a.zip", "packed_data", len(data) * 100), data, KNOWLEDGE)
    assert [notice.code for notice in result.notices] == ["data-unread"]


def notebook(*cells: str) -> bytes:
    made = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": c.splitlines(keepends=True)} for c in cells]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1).encode()


@pytest.mark.parametrize(
    ("magic", "contents"),
    [
        ("%%writefile sample.csv", ["us-ssn"]),
        ("%%writefile data/holdout.csv", ["us-ssn"]),
        ("%%writefile notes.txt", []),
        ("%%writefile train.py", []),
    ],
)
def test_data_that_a_cell_writes(magic, contents):
    data = notebook("print(1)", f"{magic}\n{PEOPLE}")
    facts = [f for f in facts_of(MemoryTree({"nb/demo.ipynb": data}), [""], KNOWLEDGE) if f.kind == "data.content"]
    assert [fact["content"] for fact in facts] == contents
    for fact in facts:
        line = data.decode().splitlines()[fact.location.span.line - 1]
        assert "%%writefile" in line  # never a line with the data itself
        assert fact["path"].startswith("nb/")
