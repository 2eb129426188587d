"""Texts with values put into them: f-strings, `format`, `%`."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

from linter.evaluate.machine import unknown
from linter.evaluate.text import Piece, Place, Text, TooLarge, joined
from linter.evaluate.values import Dict, List, PathText, Scalar, Unknown, place_of

if TYPE_CHECKING:
    from linter.evaluate.machine import Frame, Machine

_FIELD = re.compile(r"\{\{|\}\}|\{([^{}!:]{0,100})(?:!([rsa]))?(?::([^{}]{0,40}))?\}")
_PERCENT = re.compile(r"%(?:\(([^()]{1,100})\))?([#0\- +]*)(\d{0,3})((?:\.\d{1,3})?)([sdifrxXg%])")
_SPEC = re.compile(r"(?:.?[<>^=])?[-+ ]?#?0?\d{0,3},?(?:\.\d{1,2})?[bdeEfgGnosxX%]?")
_STEP = re.compile(r"\.([A-Za-z_]\w*)|\[([^\[\]]{1,60})\]")


def text_of(value: Any, place: Place | None = None) -> Text:
    """A value as `str` gives it."""
    if isinstance(value, Text):
        return value
    if isinstance(value, PathText):
        return value.text
    if isinstance(value, Scalar):
        return Text.written(str(value.value), value.place or place)
    if isinstance(value, Unknown):
        return Text.unknown(value.name, value.place or place, value.maker)
    return Text.unknown("value", place_of(value) or place)


def interpolated(m: Machine, node: Any, frame: Frame) -> Any:
    """An f-string. The places of its literal parts are searched, as not all Pythons tell them."""
    from linter.evaluate.expressions import evaluate, name_of

    whole = frame.module.place(node)
    source = whole.origin.text
    at = whole.start + 1
    parts: list[Text] = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            text = str(part.value)
            m.tick(len(text) // 64)
            found = source.find(text, at, whole.end)
            if found >= 0:
                parts.append(Text([Piece(text, Place(whole.origin, found, found + len(text)), True)]))
                at = found + len(text)
            else:
                parts.append(Text.written(text, whole))
            continue
        value = evaluate(m, part.value, frame)
        if isinstance(value, Unknown) and value.name == "value":
            value = value.called(name_of(part.value), whole)
        parts.append(_formatted(value, _spec(part), whole))
    return joined(parts, None, whole)


def _spec(part: Any) -> str | None:
    """The format of a replacement; None when it is not known."""
    if part.conversion not in (-1, ord("s")):
        return None
    if part.format_spec is None:
        return ""
    values = part.format_spec.values
    return "".join(str(value.value) for value in values) if all(isinstance(v, ast.Constant) for v in values) else None


def _formatted(value: Any, spec: str | None, place: Place | None) -> Text:
    if spec == "":
        return text_of(value, place)
    if spec and isinstance(value, Scalar) and _SPEC.fullmatch(spec):
        try:
            return Text.written(format(value.value, spec), value.place or place)
        except (ValueError, TypeError):
            pass
    return Text.unknown(getattr(value, "name", "value"), place)


def formatted(template: Text, given: list[Any], named: dict[str, Any], is_open: bool, place: Place | None) -> Any:
    """`template.format(*given, **named)`. Raises TooLarge."""
    if not template.known:
        return unknown("value", place)
    parts: list[Text] = []
    at = number = 0
    for found in _FIELD.finditer(template.flat):
        if len(parts) > 2_000:
            raise TooLarge
        parts.append(template.cut(at, found.start()))
        at = found.end()
        if found[0] in ("{{", "}}"):
            parts.append(template.cut(found.start(), found.start() + 1))
            continue
        name, steps = _head(found[1])
        if not name:
            name, number = str(number), number + 1
        index = int(name) if name.isdecimal() and len(name) < 6 else None
        if index is not None:
            value = given[index] if index < len(given) else Unknown("value", place)
        else:
            value = named.get(name, Unknown(name, place))
        value = _inside(value, steps)
        parts.append(_formatted(value, found[3] or "" if not found[2] or found[2] == "s" else None, place))
    parts.append(template.cut(at, len(template.flat)))
    return joined(parts, None, place)


def _head(field: str) -> tuple[str, str]:
    found = re.match(r"[^.\[]*", field)
    head = found[0] if found else ""
    return head, field[len(head) :]


def _inside(value: Any, steps: str) -> Any:
    for found in _STEP.finditer(steps):
        if isinstance(value, Dict) and found[2] is not None:
            value = value.items.get(found[2], Unknown(found[2]))
        elif isinstance(value, List) and (found[2] or "").isdecimal() and int(found[2]) < len(value.items):
            value = value.items[int(found[2])]
        else:
            return Unknown(found[1] or "value")
    return value


def percent(template: Text, given: Any, place: Place | None) -> Any:
    """`template % given`. Raises TooLarge."""
    if not template.known:
        return unknown("value", place)
    values = list(given.items) if isinstance(given, List) and given.kind == "tuple" else [given]
    parts: list[Text] = []
    at = number = 0
    for found in _PERCENT.finditer(template.flat):
        parts.append(template.cut(at, found.start()))
        at = found.end()
        if found[5] == "%":
            parts.append(template.cut(found.end() - 1, found.end()))
            continue
        if found[1]:
            value = given.items.get(found[1]) if isinstance(given, Dict) else None
        else:
            value = values[number] if number < len(values) else None
            number += 1
        value = Unknown("value", place) if value is None else value
        plainly = not (found[2] or found[3] or found[4]) and (found[5] in "sd")
        parts.append(text_of(value, place) if plainly else _sprintf(found, value, place))
    parts.append(template.cut(at, len(template.flat)))
    return joined(parts, None, place)


def _sprintf(found: re.Match[str], value: Any, place: Place | None) -> Text:
    if isinstance(value, Scalar) and found[5] in "sdifxXg":
        try:
            return Text.written(f"%{found[2]}{found[3]}{found[4]}{found[5]}" % value.value, place)
        except (ValueError, TypeError, OverflowError):
            pass
    return Text.unknown(getattr(value, "name", "value"), place)
