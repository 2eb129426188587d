"""Ranges of hyperparameters: whether bounds are numbers in order, and whether a value lies within."""

from __future__ import annotations

import math
import re
from typing import Any

from linter.model import UNKNOWN

YES, NO = "yes", "no"
_NUMBER = re.compile(r"[-+]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][-+]?\d{1,4})?")
_INTEGER = re.compile(r"[-+]?\d{1,40}")


def bounds_form_ok(name: str, low: str | None, high: str | None) -> str | None:
    """Whether the bounds are written as numbers of their kind; None for ranges without bounds."""
    if name not in ("integer", "continuous"):
        return None
    pattern = _INTEGER if name == "integer" else _NUMBER
    known = [text for text in (low, high) if text is not None and text != UNKNOWN]
    if not all(pattern.fullmatch(text) for text in known):
        return NO
    return YES if len(known) == 2 else UNKNOWN


def _number(text: str | None) -> float | None:
    if text is None or not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    return number if math.isfinite(number) else None


def bounds_ordered(low: str | None, high: str | None) -> str | None:
    """Whether a lower bound is at most the upper one; None without bounds."""
    if low is None and high is None:
        return None
    first, last = _number(low), _number(high)
    if first is None or last is None:
        return UNKNOWN
    return YES if first <= last else NO


def in_range(value: str | None, kind: str | None, low: str | None, high: str | None, values: Any) -> str | None:
    """Whether a value is one that a hyperparameter of a type and range takes; None when no value is given."""
    if value is None:
        return None
    if UNKNOWN in (value, kind, low, high) or values == UNKNOWN:
        return UNKNOWN
    if kind == "Categorical":
        if values is None or value in values:
            return YES
        return UNKNOWN if UNKNOWN in values else NO
    if kind not in ("Integer", "Continuous"):
        return YES if kind == "FreeText" else UNKNOWN
    if not (_INTEGER if kind == "Integer" else _NUMBER).fullmatch(value):
        return NO
    number, first, last = _number(value), _number(low), _number(high)
    if number is None or (low is not None and first is None) or (high is not None and last is None):
        return UNKNOWN
    inside = (first is None or first <= number) and (last is None or number <= last)
    return YES if inside else NO
