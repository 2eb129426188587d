"""What an installation of a requirements file would fetch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from linter.discover.classify import kind_of

Read = Callable[..., Any]


@pytest.mark.parametrize(
    ("text", "needs_index", "only_local"),
    [
        ("", 0, False),
        ("# nothing\n\n  # here\n", 0, False),
        ("transformers==4.44.0", 1, False),
        ("Scikit_Learn>=1 ; python_version > '3.8'\nnumpy[extra] ~= 1.0\ntorch", 3, False),
        ("./lib/x.whl\nlib/y-1.0.tar.gz\n/opt/z.whl", 0, True),
        ("x @ file:///opt/x.whl", 0, True),
        ("x @ https://example.com/x.whl", 1, False),
        ("https://example.com/x.whl", 1, False),
        ("git+https://github.com/a/b@main", 1, False),
        ("--no-index\n--find-links lib\nx==1", 0, True),
        ("--find-links lib\nx==1", 1, False),
        ("--extra-index-url https://example.com\nx==1", 1, False),
        ("-e .", 0, True),
        ("-e git+https://github.com/a/b", 1, False),
        ("-r other.txt", 1, False),
        ("-c constraints.txt", 0, False),
        ("x==1 \\\n  --hash=sha256:abc", 1, False),
    ],
)
def test_needs_of_an_index(read: Read, text: str, needs_index: int, only_local: bool) -> None:
    fact = read(text, "requirements", "code/requirements.txt").one("requirements.file")
    assert (fact["needs_index"], fact["only_local"]) == (needs_index, only_local)


def test_names_and_the_first_requirement(read: Read) -> None:
    text = "# c\n./a.whl\nScikit_Learn>=1  # why\nzope.interface\n"
    reading = read(text, "requirements", "requirements.txt")
    fact = reading.one("requirements.file")
    assert fact["distributions"] == ["scikit-learn", "zope-interface"]
    assert fact["example"] == "Scikit_Learn>=1"
    assert reading.excerpt(fact) == "Scikit_Learn>=1"


@pytest.mark.parametrize(
    "name", ["requirements.txt", "requirements-gpu.txt", "requirements_test.txt", "Requirements.txt"]
)
def test_names_of_requirements_files(name: str) -> None:
    assert kind_of(f"a/{name}", 0, lambda size: b"") == "requirements"


def test_a_damaged_file_gives_a_notice(read: Read) -> None:
    assert [notice.code for notice in read(b"\xff\xfea", "requirements").notices] == ["not-text"]
