"""Lua that stands in an nginx configuration: calls to the outside, found line by line as in a file of its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from linter.inspect.text import Source
from linter.lazy import compiled

if TYPE_CHECKING:
    from linter.knowledge import Knowledge
    from linter.model import Fact

_BLOCK = compiled(r"^[^#\n]{0,300}?\b\w{1,60}_by_lua_block[ \t]*\{", re.MULTILINE)
_BRACE = compiled(r"[{}]")


def lua_calls(source: Source, knowledge: Knowledge) -> list[Fact]:
    """`source.call` facts of the Lua blocks of a configuration."""
    if "_by_lua_block" not in source.text:
        return []
    from linter.inspect.source import calls_in

    text, pieces, at = source.text, [], 0
    while (found := _BLOCK.search(text, at)) is not None:
        end = _end(text, found.end())
        pieces += [_blank(text[at : found.end()]), text[found.end() : end]]
        at = end
    pieces.append(_blank(text[at:]))
    return calls_in(Source(source.path, "".join(pieces).encode("utf-8", "surrogatepass")), "lua", knowledge)


def _end(text: str, at: int) -> int:
    """Where the block that was opened before `at` is closed."""
    level = 1
    for found in _BRACE.finditer(text, at):
        level += 1 if found.group() == "{" else -1
        if level == 0:
            return found.start()
    return len(text)


def _blank(text: str) -> str:
    return "\n".join(" " * len(part) for part in text.split("\n"))
