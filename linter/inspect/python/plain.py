"""The interpreter's own parser, without its warnings."""

from __future__ import annotations

import ast
import re
import warnings
from typing import Any

FILE_NAME = "<inspected>"


def parse_plain(text: str, mode: str = "exec") -> Any:
    """As `ast.parse`, and raises what that raises."""
    _quiet()
    return ast.parse(text, FILE_NAME, mode)


def literal(source: str) -> Any:
    """The value of one literal. Raises ValueError for what is none."""
    try:
        return ast.literal_eval(parse_plain(source, "eval"))
    except SyntaxError as error:
        raise ValueError(error.msg) from None


def _quiet() -> None:
    """Drops warnings about what is inspected (`"\\d"`) by the name of their file: no other thread loses any."""
    first: Any = warnings.filters[0] if warnings.filters else None
    if first is None or getattr(first[3], "pattern", first[3]) != re.escape(FILE_NAME):
        warnings.filterwarnings("ignore", module=re.escape(FILE_NAME))
