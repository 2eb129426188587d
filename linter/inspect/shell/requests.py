"""Requests that `aws sagemaker create-algorithm` and `create-model-package` send, and those that scripts write to
files. `policies.py` has the roles and bucket policies that stand beside them.

What the command line says in options, shorthand, JSON and here-documents becomes one JSON text that knows where in the
script each piece of it stands; from there on it is read like any other request.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from linter.document import Document, DocumentError, Format, load_documents
from linter.inspect.commands import template_heredoc, template_text, template_word
from linter.inspect.manifest import members
from linter.inspect.manifest.names import OPERATIONS, SHAPES, looks_like_manifest
from linter.inspect.manifest.reading import form_of, read_documents, read_request
from linter.inspect.manifest.request import MOST_FACTS, Found
from linter.inspect.mapped import Mapped, Part
from linter.inspect.shell import arguments, policies
from linter.inspect.shell.elsewhere import files_named_by
from linter.inspect.shell.shorthand import NotShorthand, as_json, scalar
from linter.inspect.text import Source
from linter.lazy import compiled
from linter.model import Inspection, Notice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from linter.inspect.shell.commands import Command
    from linter.inspect.shell.facts import Setting
    from linter.model import Fact, Span

_CHANGES = ("marketplace-catalog", "start-change-set")
_CHANGE_OPTIONS = ("--change-set", "--cli-input-json")
_WHOLE = {"--cli-input-json": "json", "--cli-input-yaml": "yaml"}
_WRITES = compiled(r"1?>\|?\s*([^>&\s].*)")
_MANY = compiled(r"^\$\{(?!file:)[^}]*\}$|^\$@$")
"""A word that may become several."""
_LONGEST = 200_000
"""Characters of a written text that is read."""
_MOST_SENT = 20
"""Requests of one script that are read."""
_EDITED = {
    "manifest.member": "member",
    "manifest.value": "value",
    "manifest.instance_type": "value",
    "manifest.model_package": "certify",
    "manifest.algorithm": "certify",
}
"""Fields for which rules offer a replacement."""


class _Given(NamedTuple):
    """A member that an option gives, as JSON in parts. `exact` tells whether the JSON stands so in the script."""

    member: str
    parts: list[Part]
    at: Part
    exact: bool


def request_facts(commands: Sequence[Command], setting: Setting, source: Source | None = None) -> Inspection:
    """The facts of the requests in the commands of a script, and notices about them."""
    written: dict[str, Mapped] = {}
    used: set[str] = set()
    found: list[Inspection] = []
    source = source or Source(setting.path, b"")
    sent = 0
    for command in commands:
        name = _written_name(command)
        if name is not None:
            text = _written_text(command)
            if text is None:
                written.pop(name, None)
            else:
                written[name] = text
                used.discard(name)
        elif command.program == "aws" and command.arguments[:1] == ("sagemaker",) and _creates(command):
            sent += 1
            if sent > _MOST_SENT or sum(len(each.facts) for each in found) >= MOST_FACTS:
                found.append(_too_many(command, setting))
                break
            found.append(_Sent(command, written, used, setting, source).read())
            found.append(files_named_by(command, written, setting))
        elif policies.is_policy(command):
            made, read = policies.policy_facts(command, written, setting)
            used.update([read] if read else [])
            found.append(Inspection(tuple(made)))
        elif command.program == "aws" and command.arguments[:2] == _CHANGES:
            found.append(_changes(command, setting, source))
            found.append(files_named_by(command, written, setting))
    for name, text in written.items():
        if name not in used:
            found.append(_read_written(name, text, setting, source))
    facts = tuple(fact for each in found for fact in each.facts)
    return Inspection(facts, tuple(notice for each in found for notice in each.notices))


def _creates(command: Command) -> bool:
    return bool(OPERATIONS.keys() & set(command.arguments[1:2]))


def _changes(command: Command, setting: Setting, source: Source) -> Inspection:
    """A change set that stands on the command line. One in a file, or one that the script writes, is read there."""
    found = arguments.value(command, _CHANGE_OPTIONS)
    if found is None:
        return Inspection()
    text = template_text(command, found.at)
    start = text.text.find("=") + 1 if text.text.startswith(tuple(f"{each}=" for each in _CHANGE_OPTIONS)) else 0
    documents = _documents(text.slice(start, len(text.text)), "json", setting.span)
    return read_documents(source, documents, setting.knowledge, of="aws/change-set")


def _too_many(command: Command, setting: Setting) -> Inspection:
    place = setting.span(command.start, command.end)
    message = "this script creates more algorithms and packages than are read; from here on they were not checked"
    return Inspection((), (Notice("shell-too-large", message, setting.path, place, "warning"),))


# --- files that the script writes


def _written_name(command: Command) -> str | None:
    """The file that a command writes a text to which stands in the script."""
    if command.program == "tee" and command.heredoc is not None:
        names = [_name(text) for text in command.argument_texts if not text.startswith("-")]
        return names[0] if len(names) == 1 else None
    if command.program not in ("cat", "echo", "printf"):
        return None
    for text in command.redirects:
        match = _WRITES.fullmatch(text.strip())
        if match:
            return _name(match.group(1))
    return None


def _name(word: str) -> str:
    return template_word(word).removeprefix("./")


def _written_text(command: Command) -> Mapped | None:
    text = None
    if command.program in ("cat", "tee") and command.heredoc is not None:
        text = template_heredoc(command)
    elif command.program == "echo" and len(command.arguments) == 1:
        text = template_text(command, 0)
    return text if text is not None and len(text.text) <= _LONGEST else None


def _read_written(name: str, text: Mapped, setting: Setting, source: Source) -> Inspection:
    """A written file that no command was seen to send: known by what it says, like a file on disk."""
    if not looks_like_manifest(text.text.encode("utf-8", "replace")):
        return Inspection()
    documents = _documents(text, form_of(name, text.text), setting.span)
    if not documents:
        message = "this text names members of a request, but cannot be read as JSON or YAML; it was not checked"
        place = setting.span(*text.place(0, len(text.text)))
        return Inspection((), (Notice("manifest-unreadable", message, setting.path, place, "warning"),))
    return read_documents(source, documents, setting.knowledge, of=f"written/{name}")


def _documents(text: Mapped, form: Format, span: Callable[[int, int], Span]) -> list[Document]:
    try:
        loaded = load_documents(text.text, form)
    except DocumentError:
        return []
    return [document.moved(lambda start, end: span(*text.place(start, end))) for document in loaded]


# --- what a command sends


class _Sent:
    """One command that creates something."""

    def __init__(
        self, command: Command, written: dict[str, Mapped], used: set[str], setting: Setting, source: Source
    ) -> None:
        self.command, self.written, self.used = command, written, used
        self.setting, self.source = setting, source
        options = setting.knowledge.get("programs")
        self.others = frozenset((*options["valued_options"]["aws"], *options["plain_options"]["aws"]))
        """Options that are no members of the request."""
        self.whole = True
        """Whether all that is sent is known by name."""

    def read(self) -> Inspection:
        request = OPERATIONS[self.command.arguments[1]]
        shape = SHAPES[request]
        given = list(self.given(shape))
        document = self.base("--cli-input-yaml") if not given else None
        if document is None:
            document = self.joined(given)
        if document is None or not isinstance(document.value, dict):
            return Inspection()
        name = "aws/" + "/".join(map(str, self.setting.span(self.command.start, self.command.end)[:2]))
        found = Found(shape, request, self.whole, "request", ())
        inspection = read_request(self.source, document, name, found, self.setting.knowledge)
        rough = [self.setting.span(at, at + width) for each in given if not each.exact for _, at, width in (each.at,)]
        return inspection._replace(facts=tuple(_without_edit(fact, rough) for fact in inspection.facts))

    def base(self, option: str) -> Document | None:
        """The YAML that `--cli-input-yaml` gives, when the script itself holds it."""
        text = self.input(option)
        found = _documents(text, "yaml", self.setting.span) if text is not None else []
        if len(found) != 1:
            return None
        return found[0]

    def input(self, option: str) -> Mapped | None:
        """The text that is the value of an option, or of the written file that it names."""
        found = arguments.value(self.command, (option,))
        if found is None:
            return None
        text = template_text(self.command, found.at)
        if text.text.startswith(f"{option}="):
            text = text.slice(len(option) + 1, len(text.text))
        return self.content(text)

    def content(self, text: Mapped) -> Mapped | None:
        """A text, or what a file holds that it names; None when that file was not written here."""
        if not text.text.startswith(("file://", "fileb://")):
            return text
        name = text.text.partition("://")[2].removeprefix("./")
        self.used.add(name)
        return self.written.get(name)

    def joined(self, given: list[_Given]) -> Document | None:
        """All that is given as one object. Of a member that is given twice, an option wins over the file."""
        start = self.command.start
        parts: list[Part] = [("{", start, 1)]
        base = self.input("--cli-input-json")
        document = next(iter(_documents(base, "json", self.setting.span)), None) if base is not None else None
        if base is not None and document is not None and isinstance(document.value, dict) and document.value:
            opens, closes = base.text.index("{"), base.text.rindex("}")
            parts += base.parts(opens + 1, closes)
            parts.append(("\n,", base.place(closes, closes + 1)[0], 1))
        elif arguments.value(self.command, tuple(_WHOLE)) is not None:
            self.whole = False
        for each in given:
            parts += [(json.dumps(each.member), *each.at[1:]), (":", each.at[1], 1), *each.parts, (",", each.at[1], 1)]
        parts.append(("}", start, 1))
        found = _documents(Mapped.joined(parts, start), "json", self.setting.span)
        return found[0] if found else None

    def given(self, shape: str) -> Iterator[_Given]:
        """The members that options give."""
        known = {name.lower(): name for name in members.shape(shape)["members"]}
        number = 2
        count = len(self.command.arguments)
        while number < count:
            text = template_text(self.command, number)
            option, equals, _ = text.text.partition("=")
            at: Part = ("", *_extent(text))
            number += 1
            if not option.startswith("--") or option == "--":
                self.whole = False  # `"$@"`, `$OPTIONS`: more members may come from there
                continue
            first = number
            while number < count and not self.command.argument_texts[number].startswith("--"):
                number += 1
            values = [template_text(self.command, each) for each in range(first, number)]
            if equals:
                values.insert(0, text.slice(len(option) + 1, len(text.text)))
            if option in self.others or option in _WHOLE:
                self.whole &= len(values) <= 1
                continue
            positive = not option.startswith("--no-")
            member = known.get(option.removeprefix("--no-" if not positive else "--").replace("-", ""))
            if option == "--generate-cli-skeleton" or member is None:
                self.whole = False
                continue
            yield self.member(member, members.shape(shape)["members"][member], values, at, positive)

    def member(self, member: str, shape: str, values: list[Mapped], at: Part, positive: bool) -> _Given:
        kind = members.shape(shape)["type"]
        start, width = at[1], at[2]
        unknown: list[Part] = [(json.dumps(f"${{{member}}}"), start, width)]
        if kind == "boolean":
            self.whole &= not values  # `--certify-for-marketplace "$@"`
            return _Given(member, [("true" if positive else "false", start, width)], at, False)
        if not values:
            return _Given(member, unknown, at, False)
        where: Part = ("", start, sum(_extent(values[-1])) - start)
        texts = [self.content(value) for value in values]
        if any(text is None for text in texts):
            return _Given(member, unknown, at, False)
        if len(values) > 1 and (kind != "list" or any(_MANY.search(value.text) for value in values)):
            self.whole = False  # more options may hide in a variable
            values, texts = values[:1], texts[:1]
        known = [text for text in texts if text is not None]
        if kind in ("structure", "list", "map"):
            parts, exact = self.structured(known, shape)
        else:
            parts, exact = [(scalar(known[0].text, shape), *_extent(known[0]))], False
        return _Given(member, parts or unknown, where if known == values else at, exact)

    def structured(self, values: list[Mapped], shape: str) -> tuple[list[Part], bool]:
        """JSON or shorthand, each word of a list on its own; nothing when it is neither."""
        text = values[0]
        if text.text.lstrip()[:1] in ("{", "[") and len(values) == 1:
            documents = _documents(text, "json", self.setting.span)
            exact = all(width == len(piece) for piece, _, width in text.parts(0, len(text.text)))
            if documents and isinstance(documents[0].value, (dict, list)):
                return text.parts(0, len(text.text)), exact
            return [], False
        if len(values) == 1 and text.text.startswith("${") and text.text.endswith("}") and "=" not in text.text:
            return [], False
        kind = members.shape(shape)
        try:
            if kind["type"] != "list":
                return (as_json(text, shape), False) if len(values) == 1 else ([], False)
            parts: list[Part] = [("[", _extent(text)[0], 1)]
            for number, value in enumerate(values):
                if number:
                    parts.append((",", _extent(value)[0], 1))
                parts += as_json(value, kind["member"])
            return [*parts, ("]", sum(_extent(values[-1])), 0)], False
        except NotShorthand:
            return [], False


def _extent(text: Mapped) -> tuple[int, int]:
    start, end = text.place(0, len(text.text))
    return start, end - start


def _without_edit(fact: Fact, rough: list[Span]) -> Fact:
    """A replacement is JSON, which fits only where the script holds JSON as it is."""
    field = _EDITED.get(fact.kind)
    span = fact.spans.get(field) if field else None
    if span is None or not any(each[:2] <= span[:2] and span[2:] <= each[2:] for each in rough):
        return fact
    if field == "certify":
        return replace(fact, spans={name: place for name, place in fact.spans.items() if name != field})
    return replace(fact, location=fact.location._replace(span=span), spans={})
