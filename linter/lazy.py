"""Regular expressions that are compiled when they are first used.

A start loads modules with some two hundred of them and uses a few dozen; compiling all takes longer than to check a
small file.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast


class _Pattern:
    """Stands for a compiled pattern; what it is asked for it takes over, so that the next time costs nothing."""

    def __init__(self, pattern: Any, flags: int) -> None:
        self._source = (pattern, flags)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        value = getattr(re.compile(*self._source), name)  # `re` keeps what it compiled
        setattr(self, name, value)
        return value


def compiled(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """As `re.compile`, later. For the methods and attributes of a pattern; `re.match(pattern, …)` does not take it."""
    return cast("re.Pattern[AnyStr]", _Pattern(pattern, flags))
