"""Python that does not parse, read line by line: imports of libraries, and calls by their dotted names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from linter.inspect.python.calls import blank
from linter.inspect.python.files import reach_fields
from linter.inspect.python.scopes import MODULE, Part
from linter.lazy import compiled
from linter.model import Fact, Location
from linter.references.apis import api_table
from linter.references.destination import Arguments, judge_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.inspect.code import Code
    from linter.inspect.python.parse import Parsed
    from linter.knowledge import Knowledge

_IMPORT = compiled(r"[ \t]*import[ \t]+([\w.]+)(?:[ \t]+as[ \t]+(\w+))?[ \t]*(?:#.*)?$")
_FROM = compiled(r"[ \t]*from[ \t]+([\w.]+)[ \t]+import[ \t]+([\w, \t*]+)")
_CALL = compiled(
    r"(?<![\w.])([A-Za-z_]\w{0,60}(?:\.\w{1,60}){0,6})[ \t]*"  # the name
    r"\([ \t]*(?:\w{1,60}[ \t]*=[ \t]*)?(?:[rbu]?([\"'])([^\"'\n]{0,500})\2)?"  # the first argument, when it is a text
)
_OLDER = compiled(
    r"^[ \t]*(?:print[ \t]+[^(=\s]|exec[ \t]+[\"'\w]|raise[ \t]+[\w.]+[ \t]*,)"
    r"|^[ \t]*except[ \t]+[\w.()]+[ \t]*,[ \t]*\w+[ \t]*:"
    r"|\bur['\"]|<>|\b0[0-7]+[lL]?\b(?!['\"])|\b(?:async|await)[ \t]*[=,)]",
    re.MULTILINE,
)
"""What Python 2 reads, and Python 3 before `async` was a word of its own."""
_TEMPLATE = ("{{", "{%", "<%", "<<<<<<<")
"""Marks of templates, and of a merge that nobody has ended."""
_LINE_LIMIT = 2000
_CALLS_LIMIT = 500


def syntax_facts(code: Code, path: str, parsed: Parsed) -> Iterator[Fact]:
    """The `program.syntax` of a file that does not parse; none where only a bound of mllint's kept it from parsing."""
    if parsed.beyond or code.origin != "file":
        return
    line = parsed.line or 1
    fields = {
        "problem": parsed.problem or "",
        "older_python": _OLDER.search(code.text) is not None,
        "templated": any(mark in code.text for mark in _TEMPLATE),
        **reach_fields(Part("", MODULE, 1), "none"),
    }
    yield Fact("program.syntax", Location(path, code.span(line, 1, line, 1)), fields)


def scanned_calls(code: Code, path: str, knowledge: Knowledge) -> Iterator[Fact]:
    """Calls that the table knows, as far as single lines show them."""
    table, judge = api_table(knowledge), judge_of(knowledge)
    known: dict[str, str] = {}
    found = 0
    offset = 0
    for line in code.text.splitlines(keepends=True):
        start, offset = offset, offset + len(line)
        text = line[:_LINE_LIMIT].rstrip("\r\n")
        if text.lstrip().startswith("#"):
            continue
        _note_imports(text, known)
        for match in _CALL.finditer(text):
            root, _, rest = match[1].partition(".")
            if root not in known or found >= _CALLS_LIMIT:
                continue
            name = ".".join(filter(None, [known[root], rest]))
            api = table.find(name)
            if api is None or api.mode in ("never", "path", "client", "command"):
                continue
            found += 1
            given = Arguments((match[3] if match[2] else {},), {}, True)
            verdict = judge.judge(api, given)
            fields = blank(name, "", match[0][:120], "none") | {
                "api": api.name,
                "category": api.category,
                "reason": api.reason,
                "mode": api.mode,
                "target": verdict.target,
                "destination": verdict.destination,
                "metadata_host": judge.is_metadata(verdict.target),
                "offline": "no",
                "whole_module": False,
            }
            span = code.place(start + match.start(), start + match.end(1))
            yield Fact("python.call", Location(path, span), fields)


def _note_imports(text: str, known: dict[str, str]) -> None:
    found = _IMPORT.match(text)
    if found:
        known[found[2] or found[1].partition(".")[0]] = found[1] if found[2] else found[1].partition(".")[0]
        return
    found = _FROM.match(text)
    if found:
        for each in found[2].split(","):
            words = each.split()
            if words and words[0] != "*":
                known[words[-1]] = f"{found[1]}.{words[0]}"
