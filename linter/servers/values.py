"""Values of server options: times, sizes, numbers and switches."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from linter.lazy import compiled
from linter.model import UNKNOWN

if TYPE_CHECKING:
    from linter.servers.table import Option

_NUMBER = compiled(r"-?[0-9]{1,15}(?:\.[0-9]{1,9})?")
_SIZE = compiled(r"([0-9]{1,15}) ?([kmg]?)(i?b)?", re.IGNORECASE)
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


def number(value: Any) -> int | float | str:
    """A number, given as one or as text; unknown when it is none."""
    if isinstance(value, bool):
        return UNKNOWN
    if isinstance(value, int | float):
        return value if value == value and abs(value) < 1e15 else UNKNOWN
    if not isinstance(value, str) or not _NUMBER.fullmatch(value.strip()):
        return UNKNOWN
    found = float(value) if "." in value else int(value)
    return int(found) if isinstance(found, float) and found.is_integer() else found


def seconds(option: Option, value: Any) -> float | str | None:
    """The length of a time-out in seconds; None when the option's value means that there is none."""
    found = number(value)
    if isinstance(found, str):
        return UNKNOWN
    if found <= 0 and option.entry.get("zero") == "unlimited":
        return None
    if found < 0:
        return UNKNOWN
    if option.entry.get("unit") == "milliseconds":
        found = found / 1000
        return int(found) if found.is_integer() else found
    return found


def size(value: Any) -> int | str | None:
    """A number of bytes, `1048576` or `25m`; None for 0, which means no limit."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if 0 < value < 1 << 60 else None if value == 0 else UNKNOWN
    found = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        return UNKNOWN
    return int(found.group(1)) * _UNITS[found.group(2).lower()] or None


def setting(option: Option, value: Any) -> Any:
    """The value that a fact about a setting holds."""
    if option.value == "flag":
        return option.entry.get("when_given", True)
    if option.value == "present":
        return True
    if value is None:
        return UNKNOWN
    if option.value == "integer" and isinstance(value, str):
        found = number(value)
        return value if found == UNKNOWN else found
    return value
