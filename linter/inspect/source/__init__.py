"""Reads sources in other languages than Python and the shell, line by line: which calls may reach out.

Comments and texts are taken out first; what a call looks like is the table `other_languages`. That is weaker evidence
than a parsed syntax tree, and rules treat it so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.inspect.text import NotText, Source
from linter.model import Inspection, Notice
from linter.references.patterns import matches_glob

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linter.knowledge import Knowledge
    from linter.model import Artifact, Fact

SIZE_LIMIT = 1 << 20
"""Characters of a source that are read."""
BUNDLE_LINE = 400
"""Characters of an average line above which a file is the output of a bundler, not somebody's source."""


def inspect(artifact: Artifact, data: bytes, knowledge: Knowledge) -> Inspection:
    """`source.call` facts of one file, and what it says of routes and listeners. Bad input gives a notice."""
    try:
        source = Source(artifact.path, data)
    except NotText as reason:
        return Inspection(notices=(Notice("not-text", f"this source was not read: {reason}", artifact.path),))
    name = language_of(artifact.path, knowledge)
    if name is None:
        return Inspection()
    facts = (*calls_in(source, name, knowledge), *_web(source, name, knowledge))
    return Inspection((*file_of(source, name, knowledge), *facts))


def file_of(source: Source, language: str, knowledge: Knowledge) -> list[Fact]:
    """What a source of the product says about the other files of its program."""
    if len(source.text) > SIZE_LIMIT or _foreign(source.path, language, knowledge):
        return []
    from linter.inspect.source.links import file_fact

    found = file_fact(source, language, knowledge)
    return [found] if found is not None else []


def _web(source: Source, language: str, knowledge: Knowledge) -> list[Fact]:
    """What a source of the product says about the requests that it answers."""
    from linter.inspect.source.routes import web_in

    return (
        []
        if len(source.text) > SIZE_LIMIT or _foreign(source.path, language, knowledge)
        else web_in(source, language, knowledge)
    )


def language_of(path: str, knowledge: Knowledge) -> str | None:
    """The language of a file by its name, as the table has it."""
    name = path.rpartition("/")[2].lower()
    languages: Mapping[str, Mapping[str, Any]] = knowledge.get("other_languages.languages")
    return next(
        (
            language
            for language, entry in languages.items()
            if name in entry.get("files", ()) or name.endswith(tuple(entry["extensions"]))
        ),
        None,
    )


def calls_in(source: Source, language: str, knowledge: Knowledge) -> list[Fact]:
    """The calls of a text that may reach out, in order; none for what a browser runs and for other people's code."""
    from linter.inspect.source.calls import scan

    if len(source.text) > SIZE_LIMIT or len(source.text) > BUNDLE_LINE * (len(source.starts) + 1):
        return []
    return [] if _foreign(source.path, language, knowledge) else scan(source, language, knowledge)


def _foreign(path: str, language: str, knowledge: Knowledge) -> bool:
    table = knowledge.get("other_languages")
    *folders, name = path.lower().split("/")
    if any(matches_glob(pattern, name) for pattern in table["bundle_names"]):
        return True
    if not frozenset(table["foreign_folders"]).isdisjoint(folders):
        return True
    return language in table["browser_languages"] and not frozenset(table["browser_folders"]).isdisjoint(folders)
