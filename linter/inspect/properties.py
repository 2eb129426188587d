"""Java's `.properties` files as entries that know where they stand. Used by the readers of model servers' settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from linter.lazy import compiled

if TYPE_CHECKING:
    from collections.abc import Iterator

LINES_LIMIT = 20_000

_ENTRY = compiled(r"[ \t\f]*([^\s=:#!][^\s=:]{0,200})[ \t\f]*(?:[=:][ \t\f]*)?(.*)")


class Entry(NamedTuple):
    """One `key=value`. Offsets are characters of the text; a value over several lines ends where its last line does."""

    key: str
    value: str
    start: int
    value_start: int
    end: int


def entries(text: str) -> Iterator[Entry]:
    """All entries in order. `#` and `!` begin a comment line; a line that ends with a backslash goes on."""
    at = 0
    pending: Entry | None = None
    for number, line in enumerate(text.split("\n")):
        if number >= LINES_LIMIT:
            break
        start, at = at, at + len(line) + 1
        bare = line.removesuffix("\r").rstrip()
        if pending is None:
            found = _ENTRY.match(bare)
            if found is None:
                continue
            entry = Entry(found.group(1), found.group(2), start + found.start(1), start + found.start(2), 0)
        else:
            entry = pending._replace(value=pending.value + bare.lstrip())
        entry = entry._replace(end=start + len(bare))
        if bare.endswith("\\"):
            pending = entry._replace(value=entry.value[:-1])
            continue
        pending = None
        yield entry
    if pending is not None:
        yield pending
