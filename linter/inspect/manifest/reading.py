"""From the bytes of a file to the facts of its requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.document import Document, DocumentError, Format, load_documents
from linter.inspect.manifest.changes import change_set_facts
from linter.inspect.manifest.names import looks_like_manifest
from linter.inspect.manifest.policies import policy_fact
from linter.inspect.manifest.recognise import ChangeSet, Policy, Skipped, recognise
from linter.inspect.manifest.request import MOST_FACTS, Found, Request, pointer_text
from linter.inspect.manifest.top import marketplace_of
from linter.inspect.manifest.walk import walk
from linter.inspect.text import NotText, Source
from linter.model import Artifact, Fact, Inspection, Notice, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.knowledge import Knowledge

_JSON_SUFFIXES = (".json", ".jsonc")
_MOST_PROBLEMS = 10


def read(artifact: Artifact, data: bytes, knowledge: Knowledge) -> Inspection:
    """The facts of a file and notices about what could not be read in it."""
    if not looks_like_manifest(data):
        return Inspection()
    try:
        source = Source(artifact.path, data)
    except NotText as problem:
        message = f"{artifact.path} was not read: {problem}"
        return Inspection((), (Notice("not-text", message, artifact.path),))
    facts: list[Fact] = []
    notices: list[Notice] = []
    form = _format(artifact.path, source.text)
    try:
        documents = load_documents(source.text, form)
    except DocumentError as error:
        return Inspection((), (_unparsable(artifact.path, error),))
    for number, document in enumerate(documents):
        found = list(recognise(document.value))
        if found:
            notices.extend(_problems(artifact.path, document))
        for each in found:
            if isinstance(each, Skipped):
                notices.append(_skipped(artifact.path, document, each))
            elif isinstance(each, ChangeSet):
                facts.extend(change_set_facts(document, each.pointer, source, knowledge, number))
            elif isinstance(each, Policy):
                facts.append(policy_fact(document, each.pointer, source, knowledge))
            else:
                request = _request(source, document, number, each, knowledge)
                facts.extend(request.facts)
                if request.full:
                    notices.append(_too_many(artifact.path, document, each))
    return Inspection(tuple(facts), tuple(notices))


def _request(source: Source, document: Document, number: int, found: Found, knowledge: Knowledge) -> Request:
    request_id = f"{source.path}#{number or ''}{pointer_text(found.pointer)}"
    request = Request(source, document, knowledge, found, request_id)
    request.marketplace = marketplace_of(request)
    walk(request)
    return request


def _format(path: str, text: str) -> Format:
    """JSON by name; where the name ends otherwise (`.template`, `.json.j2`), by the first character."""
    name = path.rsplit("/", 1)[-1].lower()
    if name.endswith((".yaml", ".yml")):
        return "yaml"
    if name.endswith(_JSON_SUFFIXES) or any(f"{suffix}." in name for suffix in _JSON_SUFFIXES):
        return "json"
    return "json" if text.lstrip()[:1] in ("{", "[") and "{%" not in text[:200] else "yaml"


def _unparsable(path: str, error: DocumentError) -> Notice:
    span = Span(error.line, error.column, error.line, error.column + 1)
    message = (
        f"This file names members of a request, but cannot be read (line {error.line}, column {error.column}: "
        f"{error.message.rstrip('.')}); it was not checked. Mend it, or exclude the file."
    )
    return Notice("manifest-unreadable", message, path, span, "warning")


def _skipped(path: str, document: Document, skipped: Skipped) -> Notice:
    span = document.span(skipped.pointer)
    message = (
        f"This {skipped.what}; it is no request to create one and was not judged. Check the request itself instead."
    )
    return Notice("manifest-not-a-request", message, path, Span(span.line, span.column, span.line, span.column + 1))


def _too_many(path: str, document: Document, found: Found) -> Notice:
    span = document.span(found.pointer)
    message = f"This request says more than {MOST_FACTS:,} things; the rest of it was not checked. Shorten its lists."
    return Notice(
        "manifest-too-long", message, path, Span(span.line, span.column, span.line, span.column + 1), "warning"
    )


def _problems(path: str, document: Document) -> Iterator[Notice]:
    for problem in document.problems[:_MOST_PROBLEMS]:
        yield Notice("manifest-doubtful", f"{problem.message[:1].upper()}{problem.message[1:]}.", path, problem.span)
    more = len(document.problems) - _MOST_PROBLEMS
    if more > 0:
        yield Notice("manifest-doubtful", f"{more} more doubtful places in this file are not listed.", path)
