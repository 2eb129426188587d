"""Reads settings that are neither programs nor requests: credentials in them, addresses of stores, and where a Spring
application listens. `discover` hands over what has the form of one, and what sets up Spring applications.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.inspect.secret_texts import SETTINGS, secret_facts
from linter.inspect.text import NotText, Source
from linter.lazy import compiled
from linter.model import UNKNOWN, Fact, Inspection, Location, Notice, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from linter.document import Document, Pointer
    from linter.knowledge import Knowledge
    from linter.model import Artifact
    from linter.servers.address import Address

VALUES_LIMIT = 20_000
STORES_LIMIT = 50
BEFORE = 200
"""Characters before an address on its line that are looked at."""
_KEY = compiled(r"""([\w.-]{1,60})['"]?[ \t]*[:=][ \t]*['"]?\Z""")
SPRING = "spring"

_SPRING_FILE = compiled(r"(?:\A|/)application\.(?:properties|ya?ml)\Z")
_DURATION = compiled(r"([0-9]{1,12}) ?(ms|s|m|h)?")
_UNITS = {None: 0.001, "ms": 0.001, "s": 1, "m": 60, "h": 3600}
"""A bare number is in milliseconds."""
_OF_PROFILE = ("spring.config.activate.on-profile", "spring.profiles")


class Setting(NamedTuple):
    """One value under its dotted name."""

    name: str
    value: str
    place: Span
    whole: Span


def inspect(artifact: Artifact, data: bytes, knowledge: Knowledge) -> Inspection:
    """`secret.file`, `settings.store` and the `server.*` facts of Spring. Bad input gives a notice."""
    try:
        source = Source(artifact.path, data)
    except NotText as reason:
        return Inspection(notices=(Notice("not-text", f"these settings were not read: {reason}", artifact.path),))
    facts = list(secret_facts(source, [(0, len(source.text))], SETTINGS, knowledge))
    facts += islice(_stores(source, knowledge), STORES_LIMIT)
    if not _SPRING_FILE.search(artifact.path):
        return Inspection(tuple(facts))
    try:
        facts += _spring(source, knowledge)
    except _Unreadable as error:
        return Inspection(tuple(facts), notices=(Notice("settings-unreadable", str(error), source.path, error.span),))
    return Inspection(tuple(facts))


def _stores(source: Source, knowledge: Knowledge) -> Iterator[Fact]:
    """A `settings.store` for each address of a database, cache or queue on another machine, outside of comments."""
    from linter.references.stores import remote_stores

    for address, start, end in remote_stores(source.text, knowledge):
        before = source.text[source.text.rfind("\n", 0, start) + 1 : start][-BEFORE:]
        if "#" in before or before.lstrip().startswith((";", "//", "!")):
            continue
        key = _KEY.search(before)
        fields = {"key": key.group(1) if key else UNKNOWN, "address": address, "scope": UNKNOWN}
        place = source.location(start, end)
        yield Fact("settings.store", place, fields, {"address": place.span})


class _Unreadable(Exception):
    def __init__(self, message: str, span: Span) -> None:
        super().__init__(message)
        self.span = span


def _spring(source: Source, knowledge: Knowledge) -> Iterator[Fact]:
    """Where the application listens, when it gives up, and how large a body it takes."""
    from linter.servers import values
    from linter.servers.facts import Maker

    properties: Mapping[str, Any] = knowledge.get("servers")[SPRING]["properties"]
    defaults: Mapping[str, Any] = knowledge.get("servers")[SPRING]["defaults"]
    found = {each.name: each for each in _settings(source) if each.name in properties}
    by_use = {properties[name]["gives"]: each for name, each in found.items()}
    listener = _listener(by_use, defaults)
    if listener is not None:
        first = by_use.get("port") or by_use["host"]
        make = Maker(SPRING, Location(source.path, first.whole), "file")
        spans = {name: by_use[name].place for name in ("port", "host") if name in by_use}
        yield make.listener(listener, "yes" if "tls" in by_use else "no", True, spans)
    for name, each in found.items():
        make, entry = Maker(SPRING, Location(source.path, each.whole), "file"), properties[name]
        if entry["gives"] == "timeout":
            yield make.timeout(name, _seconds(each.value), entry["kind"], None, True, {"seconds": each.place})
        elif entry["gives"] == "body":
            yield make.body_limit(name, values.size(each.value), True, {"bytes": each.place})


def _listener(by_use: Mapping[str, Setting], defaults: Mapping[str, Any]) -> Address | None:
    """Where the application listens; None when it says nothing of that, as its default is what is wanted."""
    from linter.servers.address import Address, interface_of, port_of

    port, host = by_use.get("port"), by_use.get("host")
    first = port or host
    if first is None:
        return None
    name = _literal(host.value) if host is not None else defaults["host"]
    number = port_of(port.value) if port is not None else defaults["port"]
    return Address(first.value, number, name, interface_of(name))


def _literal(text: str) -> str:
    return UNKNOWN if "${" in text else text


def _seconds(text: str) -> float | str | None:
    """The length of a time-out; None when it never comes."""
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        return None if text.strip() == "-1" else UNKNOWN
    return float(found.group(1)) * _UNITS[found.group(2)]


def _settings(source: Source) -> Iterator[Setting]:
    if source.path.endswith(".properties"):
        from linter.inspect.properties import entries

        for each in entries(source.text):
            place, whole = source.span(each.value_start, each.end), source.span(each.start, each.end)
            yield Setting(each.key, each.value.strip(), place, whole)
        return
    from linter.document import DocumentError, load_documents

    try:
        documents = load_documents(source.text, "yaml")
    except DocumentError as error:
        span = Span(error.line, error.column, error.line, error.column)
        raise _Unreadable(f"these settings were not read: {error.message}", span) from error
    for document in documents:
        found = list(_flat(document))
        if not any(each.name.startswith(_OF_PROFILE) for each in found):
            yield from found


def _flat(document: Document) -> Iterator[Setting]:
    """The values of a document under their dotted names."""
    waiting: list[tuple[Any, Pointer]] = [(document.value, ())]
    seen = 0
    while waiting and seen < VALUES_LIMIT:
        value, pointer = waiting.pop(0)
        seen += 1
        if isinstance(value, dict):
            waiting += [(each, (*pointer, str(key))) for key, each in value.items() if isinstance(key, str)]
        elif isinstance(value, str | int) and pointer:
            span = document.span(pointer)
            yield Setting(".".join(map(str, pointer)), str(value), span, span)
