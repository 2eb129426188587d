"""Nothing makes the inspector raise, hang, or point outside the file."""

from __future__ import annotations

import pytest
from dockerfile_support import check, read
from hypothesis import given, settings
from hypothesis import strategies as st

from linter.inspect.dockerfile import inspect
from linter.inspect.dockerfile.instruction import NAMES
from linter.model import Artifact
from tests.tables import knowledge

PIECES = st.sampled_from(
    [
        *sorted(NAMES),
        " ",
        " ",
        "\n",
        "\n",
        "\\\n",
        "\r\n",
        "a",
        "=",
        '"',
        "'",
        "$",
        "${",
        "}",
        ":-",
        "#",
        "%%",
        "/",
        "[",
        "]",
        ",",
        "<<A",
        "\nA\n",
        "--from=",
        "--mount=type=cache,target=/a",
        "--platform=",
        "{{ x }}",
        "{% if %}",
        "é",
        "😀",
        "\ufeff",
        "\x00",
        "FROM a AS b\n",
        "FROM b\n",
        "\nRUN ",
        "\nENV a=",
        "\nCOPY ",
        "# escape=`\n",
        "`\n",
        "~",
        "*",
        "?",
        "\u2028",
        "\ufdd0",
    ]
)


@settings(max_examples=500, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_structured_noise(text: str) -> None:
    read(text)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    read(text.encode("utf-8", "replace").decode())


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=100))
def test_any_bytes(data: bytes) -> None:
    inspect(Artifact("Dockerfile", "dockerfile"), b"FROM a\n" + data, knowledge())


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\nENV a=" + "${a:-" * 5_000,
        "FROM a\nENV a=" + "${a:-" * 5_000 + "}" * 5_000,
        "FROM a\n" + "ENV a=$a$a$a$a$a$ax\n" * 200,
        "FROM a\nENV v=" + "a" * 20_000 + "\nENV w=${v//*a*a*a*b/c} x=${v##*a*a*a*a*b} y=${v%%*a?*b}\n",
        "FROM a\nRUN " + "x" * 2_000_000,
        "FROM a\nRUN " + "x \\\n" * 200_000,
        "FROM a\nCMD " + "[" * 60_000,
        "FROM a\nCMD [" + '"a",' * 10_000 + '"b"]',
        "FROM a\n" + "RUN a\n" * 100_000,
        "FROM a\n" * 30_000,
        "FROM a\nONBUILD " + "ONBUILD " * 5_000,
        "FROM a\nRUN " + "<<A " * 5_000 + "\n" + "A\n" * 5_000,
        "FROM a\nCOPY " + "x " * 20_000,
        "FROM a\nEXPOSE " + "0-65535 " * 5_000,
        "FROM {{ x }}\nENV a=" + "{{" * 20_000,
        "FROM {{ x }}\n" + "{% if %}\n" * 50_000,
        "# escape" + " " * 60_000 + "=" + " " * 60_000,
        "FROM a\nENV " + '"' * 60_000,
        "\\\n" * 200_000,
        "FROM a\nARG " + "b=c " * 15_000 + "\n" + "FROM a\n" * 300,
    ],
    ids=range(20),
)
def test_bounded(text: str) -> None:
    inspection = inspect(Artifact("Dockerfile", "dockerfile"), text.encode(), knowledge())
    if len(text) < 100_000:
        check(inspection, text)


def test_huge_file() -> None:
    inspection = inspect(Artifact("Dockerfile", "dockerfile"), b"FROM a\n" + b"RUN b c\n" * 12_500_000, knowledge())
    assert "dockerfile-too-large" in {notice.code for notice in inspection.notices}


def test_binary_and_utf16_are_notices() -> None:
    for data in (b"\x7fELF\x00\x00", "FROM a".encode("utf-16")):
        inspection = inspect(Artifact("Dockerfile", "dockerfile"), data, knowledge())
        assert not inspection.facts
        assert [notice.code for notice in inspection.notices] == ["not-text"]
