"""Reads what project tools install: lock files of Poetry, uv, PDM and Pipenv, environments of conda, pyproject.toml.

Only the names of distributions are of interest, so lines are read, whatever else the file says.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from linter.inspect.text import NotText, Source
from linter.lazy import compiled
from linter.model import Fact, Inspection, Location, Notice
from linter.references.distributions import normal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.knowledge import Knowledge
    from linter.model import Artifact

NAMES_LIMIT = 5_000

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,100}[A-Za-z0-9])?"
_LOCKED = compiled(rf'^name = "({_NAME})"[ \t]*\r?$', re.MULTILINE)
_HEADER = compiled(r"^[ \t]*\[+[ \t]*([^\]\n]{1,200}?)[ \t]*\]+", re.MULTILINE)
_KEY = compiled(rf"""^[ \t]*["']?({_NAME})["']?[ \t]*[=:]""", re.MULTILINE)
_LISTED = compiled(rf"""["']({_NAME})[ \t]*(?:\[[^\]"']{{0,200}}\])?[ \t]*(?:[=<>!~;@ ][^"']{{0,200}})?["']""")
_ITEM = compiled(rf"""^[ \t]*-[ \t]+["']?(?:[\w.-]{{1,60}}::)?({_NAME})(?=[ \t]*(?:$|[=<>!~;\[#"'@]))""", re.MULTILINE)
_PIPENV = compiled(rf'^ {{4,8}}"({_NAME})": \{{', re.MULTILINE)
_ARRAY = compiled(r"^dependencies[ \t]*=[ \t]*\[", re.MULTILINE)
_SECTION = compiled(r"^([A-Za-z_-]{1,60}):", re.MULTILINE)
_PACKAGE = "[[package]]"
_TABLES = ("tool.poetry.dependencies", "packages")
"""Sections whose keys are distributions, of pyproject.toml and Pipfile."""


def inspect(artifact: Artifact, data: bytes, knowledge: Knowledge) -> Inspection:
    """One `project.locked` fact, or none for a file that names nothing. Bad input gives a notice."""
    try:
        text = Source(artifact.path, data).text
    except NotText as reason:
        return Inspection(notices=(Notice("not-text", f"this lock file was not read: {reason}", artifact.path),))
    return Inspection(tuple(locked_facts(text, artifact.path)))


def locked_facts(text: str, path: str) -> Iterator[Fact]:
    """The `project.locked` fact of a file's text, if it names any distribution."""
    found = {normal(name) for name in islice(_names(text, path.rpartition("/")[2].lower()), NAMES_LIMIT)}
    if found:
        yield Fact("project.locked", Location(path), {"distributions": sorted(found), "scope": "unknown"})


def _names(text: str, name: str) -> Iterator[str]:
    if name.endswith((".yml", ".yaml")):
        yield from _of_environment(text)
    elif name == "pipfile.lock":
        default = text.partition('"default"')[2].partition('"develop"')[0]
        yield from (each.group(1) for each in _PIPENV.finditer(default))
    elif name.endswith(".lock") and _PACKAGE in text:
        yield from (each.group(1) for each in _LOCKED.finditer(text))
    else:
        yield from _of_sections(text)


def _of_environment(text: str) -> Iterator[str]:
    """The items below `dependencies:` of a conda environment, those of its `pip:` included."""
    sections = [*_SECTION.finditer(text)]
    for number, section in enumerate(sections):
        if section.group(1) == "dependencies":
            end = sections[number + 1].start() if number + 1 < len(sections) else len(text)
            yield from (each.group(1) for each in _ITEM.finditer(text, section.end(), end))


def _of_sections(text: str) -> Iterator[str]:
    """What pyproject.toml and Pipfile ask for: keys of some sections, and the list `dependencies` of `[project]`."""
    headers = [*_HEADER.finditer(text)]
    for number, header in enumerate(headers):
        end = headers[number + 1].start() if number + 1 < len(headers) else len(text)
        if header.group(1) in _TABLES:
            yield from (each.group(1) for each in _KEY.finditer(text, header.end(), end))
        elif header.group(1) == "project":
            # An extra such as `uvicorn[standard]` looks like a header: the list ends where its bracket does.
            array = _ARRAY.search(text, header.end())
            stop = text.find("\n]", array.end()) if array else -1
            if array:
                line_end = text.find("\n", array.end())
                stop = stop if stop != -1 and "]" not in text[array.end() : line_end] else line_end
                yield from (each.group(1) for each in _LISTED.finditer(text, array.end(), stop))
