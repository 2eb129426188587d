"""From the bytes of a file to the facts of its requests."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from linter.document import Document, DocumentError, Format, load_documents
from linter.document.base import COMMA, COMMENTS
from linter.inspect.bucket_policies import template_facts
from linter.inspect.iam_roles import role_facts
from linter.inspect.manifest.changes import change_set_facts
from linter.inspect.manifest.names import looks_like_manifest
from linter.inspect.manifest.policies import policy_fact
from linter.inspect.manifest.recognise import ChangeSet, Model, Policy, Skipped, recognise
from linter.inspect.manifest.request import MOST_FACTS, Found, Request, pointer_text
from linter.inspect.manifest.tags import without_tags
from linter.inspect.manifest.trials import trial_facts
from linter.inspect.manifest.walk import walk
from linter.inspect.secret_texts import CHANGE_SET, SETTINGS, secret_facts
from linter.inspect.text import NotText, Source
from linter.model import Artifact, Fact, Inspection, Notice, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from linter.inspect.mapped import Mapped
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
    notices: tuple[Notice, ...] = ()
    try:
        documents, filled = _documents(artifact.path, source.text)
    except DocumentError as error:
        return Inspection((), (_unparsable(artifact.path, error),))
    found = read_documents(source, documents, knowledge, forgiven=_forgiven(artifact.path, filled))
    place = CHANGE_SET if any(fact.kind.startswith("listing.") for fact in found.facts) else SETTINGS
    secrets = tuple(secret_facts(source, [(0, len(source.text))], place, knowledge))
    found = found._replace(facts=(*found.facts, *secrets))
    if filled and (found.facts or found.notices):
        message = (
            "This file is a template; of its conditions only the first branch was checked, and loops were read once."
        )
        notices = (Notice("manifest-doubtful", message, artifact.path),)
    return found._replace(notices=(*found.notices, *notices))


def _forgiven(path: str, filled: bool) -> frozenset[str]:
    """What a file may have although strict JSON does not: commas that only tags of a template leave at an end."""
    if path.lower().endswith(".jsonc"):
        return frozenset({COMMA, COMMENTS})
    return frozenset({COMMA}) if filled else frozenset()


def _documents(path: str, text: str) -> tuple[list[Document], bool]:
    """The documents of a text, and whether tags of a template had to be left out for it. Raises DocumentError."""
    form = form_of(path, text)
    try:
        return load_documents(text, form), False
    except DocumentError:
        plain = without_tags(text)
        if plain == text:
            raise
        with suppress(DocumentError):
            return load_documents(plain, form_of(path, plain)), True
        raise


def read_documents(
    source: Source,
    documents: Sequence[Document],
    knowledge: Knowledge,
    of: str | None = None,
    forgiven: frozenset[str] = frozenset(),
) -> Inspection:
    """The facts of all requests in the documents of a text. `of` names the text when it is only a part of the file.

    Of problems that are `forgiven` nothing is said.
    """
    facts: list[Fact] = []
    notices: list[Notice] = []
    path = source.path
    for number, document in enumerate(documents):
        facts.extend(role_facts(document, path))
        facts.extend(template_facts(document, path, knowledge))
        found = list(recognise(document.value))
        if found:
            notices.extend(_problems(path, document, forgiven))
        for each in found:
            if isinstance(each, Skipped):
                notices.append(_skipped(path, document, each))
            elif isinstance(each, ChangeSet):
                facts.extend(change_set_facts(document, each.pointer, source, knowledge, number))
            elif isinstance(each, Model):
                facts.extend(trial_facts(source, document, each.pointer, knowledge))
            elif isinstance(each, Policy):
                facts.append(policy_fact(document, each.pointer, source, knowledge))
            else:
                name = f"{of}/{number or ''}" if of else str(number or "")
                inspected = read_request(source, _settled(document, each), name, each, knowledge)
                facts.extend(inspected.facts)
                notices.extend(inspected.notices)
    return Inspection(tuple(facts), tuple(notices))


def read_written(name: str, text: Mapped, source: Source, knowledge: Knowledge) -> Inspection:
    """The facts of a text that other code writes to a file: where it stands there."""
    try:
        documents = load_documents(text.text, form_of(name, text.text))
    except DocumentError as error:
        return Inspection((), (_unparsable(source.path, error, source.span(*text.place(0, 1))),))
    moved = [document.moved(lambda start, end: source.span(*text.place(start, end))) for document in documents]
    return read_documents(source, moved, knowledge, of=f"written/{name}")


def read_request(source: Source, document: Document, name: str, found: Found, knowledge: Knowledge) -> Inspection:
    """The facts of one request. `name` tells its document from others of the file."""
    request = Request(source, document, knowledge, found, f"{source.path}#{name}{pointer_text(found.pointer)}")
    walk(request)
    notices = (_too_many(source.path, document, found),) if request.full else ()
    facts = request.facts
    if found.form == "terraform":
        # what rules would put in the place of a name is the API's, which is not Terraform's
        facts = [_without_edit(fact, "member") if fact.kind == "manifest.member" else fact for fact in facts]
    elif found.form == "cloudformation":
        facts = [fact if _is_verbatim(fact, source) else _without_edit(fact, "value") for fact in facts]
    return Inspection(tuple(facts), notices)


def _settled(document: Document, found: Found) -> Document:
    """The document with the values of a request as the service gets them, as far as the file says so."""
    if found.form == "cloudformation":
        from linter.inspect.manifest.cloudformation import settled

        return settled(document, found.pointer)
    if found.form == "terraform":
        from linter.inspect.manifest.terraform import with_api_names

        return with_api_names(document, found.pointer, found.shape)
    if found.form == "state_machine":
        from linter.inspect.manifest.states import with_gaps

        return with_gaps(document, found.pointer)
    return document


def _without_edit(fact: Fact, field: str) -> Fact:
    """A fact at the place of one of its fields, where rules can put nothing in its place."""
    span = fact.spans.get(field)
    return replace(fact, location=fact.location._replace(span=span), spans={}) if span else fact


def _is_verbatim(fact: Fact, source: Source) -> bool:
    """Whether a value stands in the template as the service gets it, and not inside of a list or function."""
    span = fact.spans.get("value")
    if fact.kind not in ("manifest.instance_type", "manifest.media_type") or span is None:
        return True
    line = source.line(span.line)
    written = line[span.column - 1 : span.end_column - 1] if span.line == span.end_line else ""
    return bool(written.strip("'\"") == fact["value"])


def form_of(path: str, text: str) -> Format:
    """JSON by name; where the name ends otherwise (`.template`, `.json.j2`), by the first character."""
    name = path.rsplit("/", 1)[-1].lower()
    if name.endswith((".yaml", ".yml")):
        return "yaml"
    if name.endswith(_JSON_SUFFIXES) or any(f"{suffix}." in name for suffix in _JSON_SUFFIXES):
        return "json"
    return "json" if text.lstrip()[:1] in ("{", "[") and "{%" not in text[:200] else "yaml"


def _unparsable(path: str, error: DocumentError, span: Span | None = None) -> Notice:
    span = span or Span(error.line, error.column, error.line, error.column + 1)
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


def _problems(path: str, document: Document, forgiven: frozenset[str]) -> Iterator[Notice]:
    problems = [problem for problem in document.problems if problem.message not in forgiven]
    for problem in problems[:_MOST_PROBLEMS]:
        yield Notice("manifest-doubtful", f"{problem.message[:1].upper()}{problem.message[1:]}.", path, problem.span)
    more = len(problems) - _MOST_PROBLEMS
    if more > 0:
        yield Notice("manifest-doubtful", f"{more} more doubtful places in this file are not listed.", path)
