"""Marketplace change sets: the Regions that a listing is offered in and the ARNs that it names."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from linter.inspect.manifest.names import REGION_CHANGES
from linter.inspect.references import Locate, arn_reference, region_use, region_uses
from linter.model import Fact, Location, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.document import Document, Pointer
    from linter.inspect.text import Source
    from linter.knowledge import Knowledge

_MOST = 5_000
_LEVELS = 12
_ROLES = (
    (re.compile(r":model-package/"), "model_package"),
    (re.compile(r":algorithm/"), "algorithm"),
    (re.compile(r":iam:[^:]*:[^:]*:role/"), "access_role"),
)


class _Text:
    """A string somewhere below a change, with the keys above it."""

    __slots__ = ("keys", "span", "value")

    def __init__(self, value: str, keys: tuple[str, ...], span: Span) -> None:
        self.value, self.keys, self.span = value, keys, span


def change_set_facts(document: Document, pointer: Pointer, source: Source, knowledge: Knowledge) -> list[Fact]:
    """The `region.use` and `arn.reference` facts of a list of changes, or of one change, at a place of a document."""
    value: Any = document.value
    for part in pointer:
        value = value[part]
    changes = value if isinstance(value, list) else [value]
    facts: list[Fact] = []
    for index, change in enumerate(changes[:_MOST]):
        if isinstance(change, dict):
            here = (*pointer, index) if isinstance(value, list) else pointer
            for text in _texts(document, here, change, source):
                facts.extend(_facts(text, change.get("ChangeType"), source, knowledge))
    return facts


def _facts(text: _Text, change: Any, source: Source, knowledge: Knowledge) -> Iterator[Fact]:
    location = Location(source.path, text.span)
    if change in REGION_CHANGES and "Regions" in text.keys:
        yield region_use(text.value, location, "listing", knowledge)
    elif text.value.startswith("arn:") or (text.keys and text.keys[-1].endswith("Arn")):
        role = next((role for pattern, role in _ROLES if pattern.search(text.value)), _by_key(text.keys))
        fact = arn_reference(text.value, location, role, knowledge, locate=_locate(text, source))
        yield fact
        yield from region_uses(fact, knowledge)


def _by_key(keys: tuple[str, ...]) -> str:
    key = keys[-1] if keys else ""
    if "ModelPackage" in key:
        return "model_package"
    if "Algorithm" in key:
        return "algorithm"
    return "access_role" if "Role" in key else "other"


def _locate(text: _Text, source: Source) -> Locate | None:
    start = source.starts[text.span.line - 1] + text.span.column - 1
    start += source.text[start : start + 1] in ("'", '"')
    if not source.text.startswith(text.value, start):
        return None
    return lambda first, last: source.span(start + first, start + last)


def _texts(document: Document, pointer: Pointer, value: Any, source: Source) -> Iterator[_Text]:
    """All strings below a value in their order, also those of JSON that stands in a `Details` string."""
    stack: list[tuple[Pointer, Any]] = [(pointer, value)]
    seen = 0
    while stack and seen < _MOST:
        here, value = stack.pop()
        seen += 1
        keys = tuple(part for part in here if isinstance(part, str))
        if isinstance(value, str):
            if keys and keys[-1] == "Details" and value.lstrip().startswith("{"):
                yield from _embedded(value, keys, document.span(here), source)
            else:
                yield _Text(value, keys, document.span(here))
        elif len(here) - len(pointer) < _LEVELS:
            stack.extend((((*here, key), part) for key, part in reversed(list(_parts(value)))))


def _parts(value: Any) -> Iterator[tuple[str | int, Any]]:
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from enumerate(value)


def _embedded(text: str, keys: tuple[str, ...], span: Span, source: Source) -> Iterator[_Text]:
    """The strings of a JSON text inside of a string, at the places where they can be found again."""
    try:
        root = json.loads(text)
    except (ValueError, RecursionError):
        return
    start = source.starts[span.line - 1] + span.column - 1
    end = source.starts[span.end_line - 1] + span.end_column - 1
    stack: list[tuple[tuple[str, ...], Any, int]] = [(keys, root, 0)]
    seen = 0
    while stack and seen < _MOST:
        above, value, depth = stack.pop()
        seen += 1
        if isinstance(value, str):
            at = source.text.find(value, start, end) if value else -1
            yield _Text(value, above, source.span(at, at + len(value)) if at >= 0 else span)
        elif depth < _LEVELS:
            inner = [((*above, key) if isinstance(key, str) else above, part, depth + 1) for key, part in _parts(value)]
            stack.extend(reversed(inner))
