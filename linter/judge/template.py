"""Messages with holes: `{field}`, `{field.part}`, `{param.name}`; `{{` and `}}` are literal braces.

Not `str.format`: that would reach attributes of values, and values come from what is inspected.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from linter.lazy import compiled

if TYPE_CHECKING:
    import re

LONGEST = 240
"""Characters of one value in a message."""
MOST = 6
"""Elements of a list that are shown."""

_PIECE = compiled(r"\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*)\}|[{}]")
_CONTROL = compiled(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_ABSENT = object()


def holes(template: str) -> list[tuple[str, ...]]:
    """The paths of all holes. Raises ValueError with a sentence when a brace has no partner."""
    found = []
    for piece in _PIECE.finditer(template):
        if piece[0] in ("{", "}"):
            raise ValueError(f"`{piece[0]}` at character {piece.start() + 1} has no partner; write `{piece[0] * 2}`")
        if piece[1]:
            found.append(tuple(piece[1].split(".")))
    return found


def render(template: str, fields: Mapping[str, Any], params: Mapping[str, Any]) -> str:
    """The message for one fact: always one line, every value shortened, no control characters."""
    return _fill(template, fields, params, shown)


def render_exactly(template: str, fields: Mapping[str, Any], params: Mapping[str, Any]) -> str | None:
    """The text to write into a file; None when a value is unknown, absent or no single value."""
    values: list[Any] = []

    def exactly(value: Any) -> str:
        values.append(value)
        return str(value).lower() if isinstance(value, bool) else str(value)

    text = _fill(template, fields, params, exactly)
    fit = all(isinstance(value, (str, int, float)) and value != "unknown" for value in values)
    return text if fit else None


def _fill(template: str, fields: Mapping[str, Any], params: Mapping[str, Any], show: Any) -> str:
    def piece(match: re.Match[str]) -> str:
        if not match[1]:
            return match[0][0]
        path = match[1].split(".")
        value = _reach(params, path[1:]) if path[0] == "param" else _reach(fields, path)
        return str(show("unknown" if value is _ABSENT else value))

    return _PIECE.sub(piece, template)


def _reach(value: Any, path: Sequence[str]) -> Any:
    for part in path:
        if isinstance(value, Mapping) and part in value:
            value = value[part]
        elif isinstance(value, (list, tuple)) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return _ABSENT
    return value


def shown(value: Any) -> str:
    """A value as a reader wants to see it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, (list, tuple)):
        return _list(value)
    if isinstance(value, Mapping):
        value = json.dumps(dict(value), ensure_ascii=False, default=str)
    return _shortened(" ".join(_CONTROL.sub(" ", str(value)).split()))


def _list(values: Sequence[Any]) -> str:
    if not values:
        return "none"
    words = [shown(value) for value in values[:MOST]]
    while len(words) > 1 and len(", ".join(words)) > LONGEST:
        words.pop()
    left = len(values) - len(words)
    if left:
        return f"{', '.join(words)} and {left} more"
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else words[0]


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
