"""`{$knowledge: path}` and `{$param: name}` in a match, replaced by what they stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

KNOWLEDGE, PARAM = "$knowledge", "$param"


def reference(value: Any, key: str) -> str | None:
    """The path or name when a value is `{key: …}` and nothing else."""
    if isinstance(value, dict) and len(value) == 1 and isinstance(value.get(key), str):
        return str(value[key])
    return None


def filled(schema: Any, key: str, look_up: Callable[[str], Any]) -> Any:
    """A copy of a schema with every `{key: …}` replaced.

    Inside a list, a reference to a list brings its elements. As the list of `enum`, a table stands for its keys.
    """
    name = reference(schema, key)
    if name is not None:
        return look_up(name)
    if isinstance(schema, dict):
        return {word: _filled_enum(part, key, look_up) if word == "enum" else filled(part, key, look_up)
                for word, part in schema.items()}  # fmt: skip
    if isinstance(schema, list):
        return _filled_list(schema, key, look_up)
    return schema


def _filled_enum(part: Any, key: str, look_up: Callable[[str], Any]) -> Any:
    value = filled(part, key, look_up)
    return list(value) if isinstance(value, dict) and reference(part, key) is not None else value


def _filled_list(parts: list[Any], key: str, look_up: Callable[[str], Any]) -> list[Any]:
    whole: list[Any] = []
    for part in parts:
        value = filled(part, key, look_up)
        spread = reference(part, key) is not None and isinstance(value, (list, tuple, dict))
        whole.extend(value if spread else [value])
    return whole
