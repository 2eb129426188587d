"""The interpreter's own parser, without its warnings and without garbage collections in between."""

from __future__ import annotations

import ast
import gc
import re
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE_NAME = "<inspected>"


def parse_plain(text: str, mode: str = "exec") -> Any:
    """As `ast.parse`, and raises what that raises."""
    _quiet()
    return ast.parse(text, FILE_NAME, mode)


@contextmanager
def without_collections() -> Iterator[None]:
    """Trees are all live while they grow, so that collections find nothing but take their time."""
    collects = gc.isenabled()
    if collects:
        gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


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
