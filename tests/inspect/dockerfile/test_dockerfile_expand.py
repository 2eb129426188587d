"""Variables: BuildKit's modifiers, and values that are unknown in part."""

from __future__ import annotations

import pytest
from dockerfile_support import of, read

from linter.inspect.dockerfile.expand import ExpansionError, expand, expand_words
from linter.inspect.dockerfile.lines import UNSEEN

VARIABLES = {"x": "abcabc", "e": "", "p": "/usr/local/bin", "u": UNSEEN, "half": f"/a:{UNSEEN}", "star": "a*c"}


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("$x", "abcabc"),
        ("${x}", "abcabc"),
        ("$no", ""),
        ("${no}", ""),
        ("a$x-b", "aabcabc-b"),
        ("$", "$"),
        ("a$ b", "a$ b"),
        ("${no:-d}", "d"),
        ("${no-d}", "d"),
        ("${e:-d}", "d"),
        ("${e-d}", ""),
        ("${x:-d}", "abcabc"),
        ("${no:-${e:-${x}}}", "abcabc"),
        ("${no:-a b}", "a b"),
        ("${no:-'q r'}", "q r"),
        ("${x:+a}", "a"),
        ("${e:+a}", ""),
        ("${e+a}", "a"),
        ("${no+a}", ""),
        ("${x:?m}", "abcabc"),
        ("${x#a}", "bcabc"),
        ("${x#*b}", "cabc"),
        ("${x##*b}", "c"),
        ("${x%c}", "abcab"),
        ("${x%b*}", "abca"),
        ("${x%%b*}", "a"),
        ("${x#z}", "abcabc"),
        ("${p##*/}", "bin"),
        ("${p%/*}", "/usr/local"),
        ("${x#??}", "cabc"),
        ("${x/b/-}", "a-cabc"),
        ("${x//b/-}", "a-ca-c"),
        ("${x/b*/-}", "a-"),
        ("${x//?/z}", "zzzzzz"),
        ("${p//\\//-}", "-usr-local-bin"),
        ("${star#a\\*}", "c"),
        ("${x//z/y}", "abcabc"),
        ("${x//b/}", "acac"),
        ("'$x'", "$x"),
        ('"$x"', "abcabc"),
        ("\\$x", "$x"),
        ('"\\$x"', "$x"),
        ('"a\\b"', "a\\b"),
        ("a\\b", "ab"),
        ('"a\'b"', "a'b"),
        ("$1a", "a"),
        ("a\\", "a"),
        ("\"a\"b'c'", "abc"),
        ("$u", UNSEEN),
        ("a$u", f"a{UNSEEN}"),
        ("${u:-d}", UNSEEN),
        ("${u:+d}", UNSEEN),
        ("${half:-d}", f"/a:{UNSEEN}"),
        ("${half:+d}", "d"),
        ("${u#a}", UNSEEN),
        ("${u/a/b}", UNSEEN),
    ],
)
def test_expansion(word: str, value: str) -> None:
    assert expand(word, VARIABLES.get) == value


@pytest.mark.parametrize(
    "word", ["${", "${x", "${}", "${:x}", "${x:", "'a", '"a', "${x^a}", "${no:?m}", "${x:#a}", "${x#\\a}"]
)
def test_refused(word: str) -> None:
    with pytest.raises(ExpansionError):
        expand(word, VARIABLES.get)


def test_backtick_escape_and_words() -> None:
    assert expand("`$x\\a", VARIABLES.get, "`") == "$x\\a"
    assert expand_words("80 ${no:-90 91} 'a b'", VARIABLES.get) == ["80", "90", "91", "a b"]


def values(text: str) -> dict[str, object]:
    return {fact["key"]: fact["value"] for fact in of(text, "variable")}


def test_environment_sees_what_stood_before_its_instruction() -> None:
    assert values("FROM scratch\nENV a=1\nENV a=2 b=$a\nENV c=$b")["b"] == "1"


def test_arguments() -> None:
    text = "ARG V=3.9\nARG W\nFROM python:${V}\nARG V\nARG W\nARG X=$V\nENV y=$W z=$V e=$X\n"
    found = of(text, "variable")
    assert [(f["key"], f["value"], f["stage"]) for f in found] == [
        ("V", "3.9", None),
        ("W", None, None),
        ("V", None, 0),
        ("W", None, 0),
        ("X", "3.9", 0),
        ("y", "unknown", 0),
        ("z", "3.9", 0),
        ("e", "3.9", 0),
    ]
    assert of(text, "from")[0]["image"] == "python:3.9"


def test_global_argument_is_not_seen_in_a_stage_that_does_not_name_it() -> None:
    assert values("ARG V=1\nFROM scratch\nENV a=x$V")["a"] == "x"
    assert values("ARG V=1\nFROM b\nENV a=x$V")["a"] == "unknown"


def test_path_of_unseen_base() -> None:
    image = of('FROM a\nENV PATH=/opt/program:$PATH\nENV PATH="${PATH}:/x/$y"\n', "image")[0]
    assert image["path_entries"] == [
        "/opt/program",
        "/usr/local/sbin",
        "/usr/local/bin",
        "/usr/sbin",
        "/usr/bin",
        "/sbin",
        "/bin",
        "unknown",
    ]
    assert of("FROM a\nENV PATH=/a:/b/\n", "image")[0]["path_entries"] == ["/a", "/b"]


def test_run_and_start_are_not_expanded() -> None:
    text = 'FROM a\nENV x=1\nRUN echo $x\nCMD ["$x"]\n'
    assert of(text, "run")[0]["text"] == "echo $x"
    assert of(text, "start")[0]["words"] == ["$x"]


def test_bad_substitution_is_a_notice_and_the_rest_is_read() -> None:
    inspection = read("FROM a\nENV x=${ y=1\nUSER b\n")
    assert [notice.code for notice in inspection.notices] == ["dockerfile-syntax"]
    assert "dockerfile.user" in {fact.kind for fact in inspection.facts}
