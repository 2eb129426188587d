"""Documents: values as people meant them, places that are right, and no way to crash the reader."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linter.document import MAX_DEPTH, Document, DocumentError, load_document, load_documents
from linter.model import Span


def text_at(text: str, span: Span) -> str:
    lines = text.split("\n")
    if span.line == span.end_line:
        return lines[span.line - 1][span.column - 1 : span.end_column - 1]
    first, last = lines[span.line - 1][span.column - 1 :], lines[span.end_line - 1][: span.end_column - 1]
    return "\n".join([first, *lines[span.line : span.end_line - 1], last])


def messages(document: Document) -> list[str]:
    return [problem.message for problem in document.problems]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("true", True),
        ("False", False),
        ("on", "on"),
        ("yes", "yes"),
        ("NO", "NO"),
        ("~", None),
        ("null", None),
        ("", None),
        ("12", 12),
        ("-3", -3),
        ("0x1F", 31),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("0755", "0755"),
        ("012345678901", "012345678901"),
        ("1_000", "1_000"),
        ("12:30:45", "12:30:45"),
        ("2024-01-31", "2024-01-31"),
        ('"12"', "12"),
        ("'true'", "true"),
        ("!!str 12", "12"),
        ("!!int '12'", 12),
        ("!Sub a-${b}", {"Fn::Sub": "a-${b}"}),
        ("!Ref Thing", {"Ref": "Thing"}),
        ("!GetAtt A.B.C", {"Fn::GetAtt": ["A", "B.C"]}),
        ("!If [a, !Ref b, 1]", {"Fn::If": ["a", {"Ref": "b"}, 1]}),
        ("|\n  a\n  b\n", "a\nb\n"),
    ],
)
def test_yaml_values(written: str, value: Any) -> None:
    document = load_document(f"key: {written}")
    assert document.value == {"key": value}
    assert type(document.value["key"]) is type(value)
    assert not document.problems


def test_yaml_keys_are_always_text() -> None:
    assert load_document("1: a\ntrue: b\n~: c\non: d\n1.0: e").value == {
        "1": "a",
        "true": "b",
        "~": "c",
        "on": "d",
        "1.0": "e",
    }


YAML = """\
# a comment
Model: !Sub "😀 ${x}"
Containers:
  - Image: 1234.dkr.ecr
    Mode: SingleModel   # why
  # between

  - {Image: other, Env: {A: "1"}}
Text: |
  one
  two

Empty:
Last: end
"""


@pytest.mark.parametrize(
    ("pointer", "written"),
    [
        (("Model",), '!Sub "😀 ${x}"'),
        (("Containers", 0, "Image"), "1234.dkr.ecr"),
        (("Containers", 0), "Image: 1234.dkr.ecr\n    Mode: SingleModel"),
        (("Containers", 1), '{Image: other, Env: {A: "1"}}'),
        (("Containers", 1, "Env", "A"), '"1"'),
        (("Text",), "|\n  one\n  two"),
        (("Empty",), ""),
        (("Last",), "end"),
        (("Containers", 1, "Absent", "Deeper"), '{Image: other, Env: {A: "1"}}'),
    ],
)
def test_yaml_places(pointer: tuple[str | int, ...], written: str) -> None:
    assert text_at(YAML, load_document(YAML).span(pointer)) == written


def test_columns_count_code_points() -> None:
    document = load_document("{a: 😀, b: x}")
    assert document.span(("b",)) == Span(1, 11, 1, 12)


def test_lines_end_at_newlines_alone() -> None:
    """YAML takes U+2028 and U+0085 for line breaks, editors do not."""
    assert load_document("a: x\u2028b: 1\nc: 2").span(("c",)).line == 2


def test_key_places() -> None:
    document = load_document(YAML)
    assert text_at(YAML, document.key_span(("Containers", 0, "Mode"))) == "Mode"
    assert document.key_span(("Containers", 0)) == document.span(("Containers", 0))
    assert document.key_span(("Absent",)) == document.span()
    assert document.key_span(()) == document.span()


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert load_document("\ufeffa: 1").key_span(("a",)) == Span(1, 1, 1, 2)
    assert load_document("\ufeff[1]", format="json").span() == Span(1, 1, 1, 4)


def test_several_documents() -> None:
    text = "a: 1\n---\na: 2\n---\n"
    documents = load_documents(text)
    assert [document.value for document in documents] == [{"a": 1}, {"a": 2}, None]
    assert documents[1].span(("a",)).line == 3
    with pytest.raises(DocumentError, match="only one document") as error:
        load_document(text)
    assert error.value.line == 3
    assert load_documents("") == []
    assert load_document("# nothing").value is None


def test_problems_belong_to_their_document() -> None:
    first, second = load_documents("a: 1\na: 2\n---\nb: .nan")
    assert messages(first) == ["`a` is written twice in this mapping; the last one counts"]
    assert messages(second) == ["`.nan` has no counterpart in JSON; it is read as text"]
    assert second.problems[0].span == Span(4, 4, 4, 8)


@pytest.mark.parametrize(("format", "text"), [("yaml", "a: 1\nb: 2\na: 3"), ("json", '{"a": 1, "b": 2, "a": 3}')])
def test_duplicate_keys_are_told_and_the_last_counts(format: Any, text: str) -> None:
    document = load_document(text, format=format)
    assert document.value == {"a": 3, "b": 2}
    [problem] = document.problems
    assert "twice" in problem.message
    assert text_at(text, problem.span).strip('"') == "a"
    assert problem.span > document.key_span(("b",))


def test_anchors_and_merges() -> None:
    text = "base: &b {x: 1, y: 2}\nuse: *b\nmerged:\n  <<: *b\n  x: 9\nboth: {<<: [{x: 5}, *b]}\nquoted: {'<<': 1}"
    document = load_document(text)
    assert document.value["use"] == {"x": 1, "y": 2}
    assert document.value["merged"] == {"x": 9, "y": 2}
    assert document.value["both"] == {"x": 5, "y": 2}
    assert document.value["quoted"] == {"<<": 1}
    assert text_at(text, document.span(("use",))) == "*b"
    assert document.span(("use", "y")) == document.span(("base", "y")) == document.span(("merged", "y"))
    assert not document.problems


@pytest.mark.parametrize(
    ("text", "value", "message"),
    [
        ("{? [a]}: 1", {}, "only text can be a key"),
        ("a: &x [1]\n*x : 2", {"a": [1]}, "only text can be a key"),
        ("<<: 3\na: 1", {"a": 1}, "`<<` can only merge mappings"),
        ("a: !!python/object:os.system x", {"a": "x"}, "the tag `!!python/object:os.system` is not read"),
        ("a: !<tag:x> x", {"a": "x"}, "the tag `tag:x` is not read"),
        (f"a: {'9' * 80}", {"a": "9" * 80}, "this number cannot be kept exactly"),
        ("a: 1e999", {"a": "1e999"}, "this number cannot be kept exactly"),
        ("a: -.inf", {"a": "-.inf"}, "no counterpart in JSON"),
    ],
)
def test_doubtful_yaml_is_read_and_told(text: str, value: Any, message: str) -> None:
    document = load_document(text)
    assert document.value == value
    assert any(message in told for told in messages(document))


def bomb(levels: int) -> str:
    return "\n".join(["a0: &a0 [x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, levels))])


@pytest.mark.parametrize(
    ("text", "message", "line", "column"),
    [
        ("a:\n\tb: 1", "tabs", 2, 1),
        ("a: b: c", "a `:` cannot stand here", 1, 5),
        ("a: *x", "`*x` refers to no anchor", 1, 4),
        ("a: &x [*x]", "`*x` refers to a value that it is part of", 1, 8),
        ("é: 1\nb: \x07", "not allowed in YAML", 2, 4),
        ("a: [1, 2", "not valid YAML", 1, 9),
        ("a: 'x", "not valid YAML", 1, 6),
        ("[" * 100_000, "nested more than", 1, MAX_DEPTH + 1),
        ("- " * 5_000 + "x", "nested more than", 1, 2 * MAX_DEPTH + 1),
        (bomb(20), "aliases expand to more than", 6, 0),
        ("\n".join(["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 200))]), "nested more", 99, 0),
    ],
)
def test_yaml_that_cannot_be_read(text: str, message: str, line: int, column: int) -> None:
    with pytest.raises(DocumentError) as caught:
        load_documents(text)
    error = caught.value
    assert message in error.message
    assert "\n" not in error.message
    assert error.line == line
    assert column in (0, error.column)


def test_an_error_survives_pickling() -> None:
    import pickle

    error = pickle.loads(pickle.dumps(DocumentError("broken", 2, 3)))
    assert (error.message, error.line, error.column) == ("broken", 2, 3)
    assert str(error) == "line 2, column 3: broken"


JSON = """{
  "Image": "a\\u00e9😀b", "List": [1, -2.5e3, true, null, {}, []],
  "Nested": {"Key": "value"}
}"""


@pytest.mark.parametrize(
    ("pointer", "written"),
    [
        (("Image",), '"a\\u00e9😀b"'),
        (("List",), "[1, -2.5e3, true, null, {}, []]"),
        (("List", 1), "-2.5e3"),
        (("List", 4), "{}"),
        (("Nested", "Key"), '"value"'),
        ((), JSON),
    ],
)
def test_json_places(pointer: tuple[str | int, ...], written: str) -> None:
    document = load_document(JSON, format="json")
    assert text_at(JSON, document.span(pointer)) == written
    assert not document.relaxed
    assert document.value == json.loads(JSON)


def test_json_as_people_write_it() -> None:
    text = """{ // one
 "image": IMAGE_REPLACE_ME, "more": [{{ jinja }}, ${SHELL}, <account>, NaN, 01,], /* two */
 key: "line
break", "huge": 1e999, }"""
    document = load_document(text, format="json")
    assert document.value == {
        "image": "IMAGE_REPLACE_ME",
        "more": ["{{ jinja }}", "${SHELL}", "<account>", "NaN", "01"],
        "key": "line\nbreak",
        "huge": "1e999",
    }
    assert document.relaxed
    assert text_at(text, document.span(("more", 1))) == "${SHELL}"
    told = messages(document)
    for part in (
        "no comments",
        "`IMAGE_REPLACE_ME` has no quotes",
        "after the last value",
        "the key `key`",
        "kept exactly",
    ):
        assert sum(part in message for message in told) == 1


@pytest.mark.parametrize(
    ("text", "message", "line", "column"),
    [
        ("", "no JSON value", 1, 1),
        ("// x\n", "no JSON value", 2, 1),
        ('{"a": 1', "`,` or `}` is expected before the end of the text", 1, 8),
        ('{"a" 1}', "`:` is expected after the key instead of `1`", 1, 6),
        ("[1\n2]", "`,` or `]` is expected instead of `2`", 2, 1),
        ("[1,,2]", "a value is expected instead of `,`", 1, 4),
        ("{,}", "a key in double quotes is expected", 1, 2),
        ("[1] x", "more text follows", 1, 5),
        ('["abc]', "no closing quote", 1, 2),
        ('["\\x"]', "broken `\\` escape", 1, 3),
        ("[1 /* x", "no closing `*/`", 1, 4),
        ("[" * 200_000, "nested more than", 1, MAX_DEPTH + 1),
        ('{"a":' * 200_000, "nested more than", 1, 5 * MAX_DEPTH + 1),
    ],
)
def test_json_that_cannot_be_read(text: str, message: str, line: int, column: int) -> None:
    with pytest.raises(DocumentError) as caught:
        load_document(text, format="json")
    assert message in caught.value.message
    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize("format", ["yaml", "json"])
def test_depth_is_bounded_alike(format: Any) -> None:
    load_document("[" * MAX_DEPTH + "]" * MAX_DEPTH, format=format)
    with pytest.raises(DocumentError, match="nested"):
        load_document("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), format=format)


@pytest.mark.parametrize("text", ["<" * 300_000, "[" + "${" * 300_000, "/*" * 300_000, '"' + "\\n" * 300_000])
def test_long_hostile_lines_take_linear_time(text: str) -> None:
    """These take hours when a search starts again at every character."""
    for format in ("json", "yaml"):
        try:
            load_documents(text, format)  # type: ignore[arg-type]
        except DocumentError:
            continue


def test_lone_surrogates_never_come_out() -> None:
    for text, format in (('["\\ud800", "\ud800"]', "json"), ("- \ud800", "yaml")):
        value = load_document(text, format=format).value  # type: ignore[arg-type]
        json.dumps(value, ensure_ascii=False).encode()


def pointers(value: Any, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [at]
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in parts:
        found += pointers(part, (*at, name))
    return found


def assert_inside(document: Document, text: str) -> None:
    lines = text.split("\n")
    spans = [place(pointer) for pointer in pointers(document.value) for place in (document.span, document.key_span)]
    for span in [*spans, *(problem.span for problem in document.problems)]:
        assert (span.line, span.column) <= (span.end_line, span.end_column)
        assert 1 <= span.line <= span.end_line <= len(lines)
        assert 1 <= span.column <= len(lines[span.line - 1]) + 1
        assert 1 <= span.end_column <= len(lines[span.end_line - 1]) + 1


PIECES = [
    *"[]{}:,-?|>&*!%@#'\"\n\t \\/<$~=.0179eE_abé😀\x85\u2028\x00\ufeff\ud800",
    "- ", ": ", "? ", "<<: ", "&a ", "*a", "*a ", "!Sub ", "!!int ", "!GetAtt ", "---\n", "...\n", "  ", "\r\n", "true",
    "null", ".nan", "1e9", "{{", "}}", "${", "//", "/*", "*/", '"a"', '"a": ', "\\u", "|\n", "a: ", "\n  ",
    "%YAML 1.1\n",
]  # fmt: skip
texts = st.one_of(st.lists(st.sampled_from(PIECES), max_size=40).map("".join), st.text(max_size=60))


@settings(max_examples=1500, deadline=None)
@given(texts, st.sampled_from(["yaml", "json"]))
def test_any_text_is_read_or_refused_with_a_place(text: str, format: Any) -> None:
    readable = text.lstrip("\ufeff")
    lines = readable.split("\n")
    documents, refusal = [], None
    try:
        documents = load_documents(text, format)
    except DocumentError as error:
        refusal = error
    if refusal:
        assert 1 <= refusal.line <= len(lines)
        assert 1 <= refusal.column <= len(lines[refusal.line - 1]) + 1
        assert refusal.message
        assert "\n" not in refusal.message
    for document in documents:
        assert_inside(document, readable)
        json.dumps(document.value, allow_nan=False, ensure_ascii=False).encode()


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=400, deadline=None)
@given(json_values, st.sampled_from([None, 2]), st.booleans())
def test_json_is_read_as_the_standard_library_reads_it(value: Any, indent: int | None, ascii: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii)
    document = load_document(text, format="json")
    scanned = load_document(f"{text} // forces the scanner", format="json")
    assert document.value == scanned.value == json.loads(text)
    for pointer in pointers(value):
        written = text_at(text, document.span(pointer))
        expected = value
        for part in pointer:
            expected = expected[part]
        assert json.loads(written) == expected
        assert document.span(pointer) == scanned.span(pointer)
        if pointer and isinstance(pointer[-1], str):
            assert json.loads(text_at(text, document.key_span(pointer))) == pointer[-1]
