"""Tables of figures and names from `rules/knowledge/`, looked up by a dotted path."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any


class UnknownEntry(KeyError):
    """There is no such table or entry; the message names the nearest that exist."""


class Knowledge:
    """All tables, each under its file's name: `get("regions.opt_in")`. Read-only."""

    def __init__(self, tables: Mapping[str, Any], digest: str) -> None:
        self._tables = tables
        self.digest = digest
        self._indexes: dict[str, Any] = {}
        self._asked: dict[str, Any] = {}

    def get(self, path: str) -> Any:
        """The entry at a dotted path. Raises UnknownEntry with a suggestion."""
        if path not in self._asked:
            self._asked[path] = self._find(path)
        return self._asked[path]

    def _find(self, path: str) -> Any:
        value: Any = self._tables
        seen: list[str] = []
        for part in path.split("."):
            if not isinstance(value, Mapping) or part not in value:
                raise UnknownEntry(_missing(path, ".".join(seen), part, value))
            value = value[part]
            seen.append(part)
        return value

    def figure(self, path: str) -> Any:
        """The `value` of an entry of the form `{value, unit, source, …}`."""
        return self.get(f"{path}.value")

    def index(self, name: str, build: Any) -> Any:
        """A lookup derived from the tables by `build(self)`, made once a run and kept under `name`."""
        if name not in self._indexes:
            self._indexes[name] = build(self)
        return self._indexes[name]

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._tables))


def _missing(path: str, prefix: str, part: str, value: Any) -> str:
    from difflib import get_close_matches

    near = get_close_matches(part, list(value), 1) if isinstance(value, Mapping) else []
    hint = f"; did you mean `{'.'.join(filter(None, [prefix, near[0]]))}`?" if near else ""
    return f"knowledge has no entry `{path}`{hint}"
