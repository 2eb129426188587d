"""Docker's path patterns, and the `.dockerignore` fact."""

from __future__ import annotations

import pytest
from dockerfile_support import check

from linter.inspect.dockerignore import inspect
from linter.model import Artifact
from linter.references.patterns import IgnorePatterns, matches_glob, read_ignore
from tests.tables import knowledge


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("abc", "abc", True),
        ("*", "abc", True),
        ("*c", "abc", True),
        ("a*", "a", True),
        ("a*", "ab/c", False),
        ("a*/b", "abc/b", True),
        ("a*/b", "a/c/b", False),
        ("a*b*c*d*e*/f", "axbxcxdxe/f", True),
        ("a*b?c*x", "abxbbxdbxebxczzx", True),
        ("a*b?c*x", "abxbbxdbxebxczzy", False),
        ("ab[c]", "abc", True),
        ("ab[b-d]", "abc", True),
        ("ab[e-g]", "abc", False),
        ("ab[^c]", "abc", False),
        ("ab[^e-g]", "abc", True),
        ("a\\*b", "a*b", True),
        ("a\\*b", "ab", False),
        ("a?b", "a☺b", True),
        ("a[^a]b", "a☺b", True),
        ("a?b", "a/b", False),
        ("[\\]a]", "]", True),
        ("[x\\-]", "-", True),
        ("[]a]", "]", False),
        ("[-]", "-", False),
        ("[", "a", False),
        ("[^", "a", False),
        ("a[", "ab", False),
        ("*x", "xxx", True),
        ("\\", "a", False),
        ("**", "ab", True),
        ("**", "a/b", False),
    ],
)
def test_glob(pattern: str, path: str, matches: bool) -> None:
    assert matches_glob(pattern, path) is matches


@pytest.mark.parametrize(
    ("lines", "path", "ignored"),
    [
        ("*.md", "a.md", True),
        ("*.md", "x/a.md", False),
        ("**/*.md", "x/y/a.md", True),
        ("**/*.md", "a.md", True),
        ("/foo", "foo", True),
        ("foo/", "foo/bar", True),
        ("foo", "x/foo", False),
        ("foo/*", "foo/bar/baz", True),
        ("*\n!a.py", "a.py", False),
        ("*\n!a.py", "b.py", True),
        ("!a.py\n*", "a.py", True),
        ("a\n!a/b\na/b/c", "a/b/c", True),
        ("a\n!a/b", "a/b/x", False),
        ("**/b", "a/b/c", True),
        ("**/b", "bb", False),
        ("a/**/z", "a/z", True),
        ("a/**/z", "a/b/c/z", True),
        ("a/**", "a/b", True),
        ("a/**", "a", False),
        ("**", "a/b", True),
        ("# x\n#a", "a", False),
        ("  a  ", "a", True),
        ("! a\na", "a", True),
        ("a\n! a", "a", False),
        ("./a/../b", "b", True),
        ("a?", "ab", True),
        ("\\#a", "#a", True),
        ("[", "a", False),
        (".git", ".git/config", True),
        ("", "a", False),
        ("*", ".", False),
        ("**/*.py[co]", "a/b.pyc", True),
        ("\ufeffa", "a", True),
        ("a\r\nb\r\n", "b", True),
        ("!", "a", False),
    ],
)
def test_ignore(lines: str, path: str, ignored: bool) -> None:
    assert IgnorePatterns(read_ignore(lines)).ignores(path) is ignored


def test_patterns_are_bounded() -> None:
    assert not IgnorePatterns(["**/*a" * 200 + "b"]).ignores("a/" * 300 + "c")
    assert not matches_glob("*a" * 500 + "b", "a" * 2_000)


def test_fact() -> None:
    text = "# x\n/a/\n!b\n\n"
    inspection = inspect(Artifact(".dockerignore", "dockerignore"), text.encode(), knowledge())
    check(inspection, text)
    assert [dict(fact.fields) for fact in inspection.facts] == [{"patterns": ["a", "!b"]}]
    assert inspect(Artifact(".dockerignore", "dockerignore"), b"\x00", knowledge()).notices[0].code == "not-text"
