"""Turns LibCST's strings into those of `ast`: plain, formatted, template strings, and several in a row."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

from linter.inspect.python.newer_places import Places
from linter.inspect.python.plain import literal

if TYPE_CHECKING:
    import libcst as cst

_ESCAPES = re.compile(r'\\N\{[^{}]*\}|\\.|["\n\\]', re.DOTALL)
_DOUBLED = re.compile(r"\\N\{[^{}]*\}|\{\{|\}\}")
_CONVERSIONS = {"s": 115, "r": 114, "a": 97}


class Strings(Places):
    """One method for each kind of string, named as LibCST names it."""

    def SimpleString(self, node: cst.SimpleString) -> ast.Constant:
        kind = "u" if node.value[0] == "u" else None
        return self.make(ast.Constant, node, value=literal(node.value), kind=kind)

    def FormattedString(self, node: cst.FormattedString | cst.TemplatedString) -> ast.JoinedStr:
        return self.make(ast.JoinedStr, node, values=_joined(self.pieces(node)))

    TemplatedString = FormattedString

    def ConcatenatedString(self, node: cst.ConcatenatedString) -> ast.Constant | ast.JoinedStr:
        parts: list[Any] = []
        rest: Any = node
        while type(rest).__name__ == "ConcatenatedString":
            parts.append(rest.left)
            rest = rest.right
        parts.append(rest)
        if any(type(part).__name__ != "SimpleString" for part in parts):
            return self.make(ast.JoinedStr, node, values=_joined([one for part in parts for one in self.pieces(part)]))
        made = [self.SimpleString(part) for part in parts]
        empty: Any = b"" if isinstance(made[0].value, bytes) else ""
        return self.make(ast.Constant, node, value=empty.join([one.value for one in made]), kind=made[0].kind)

    def pieces(self, node: Any) -> list[ast.expr]:
        """What one string contributes to a formatted string."""
        if type(node).__name__ == "SimpleString":
            return [self.SimpleString(node)]
        return self.parts(node.parts, "r" in node.prefix)

    def parts(self, nodes: Any, raw: bool) -> list[ast.expr]:
        found: list[ast.expr] = []
        for node in nodes:
            if type(node).__name__.endswith("Text"):
                found.append(self.make(ast.Constant, node, value=_text(node.value, raw)))
            else:
                found += self.replacement(node, raw)
        return found

    def replacement(self, node: Any, raw: bool) -> list[ast.expr]:
        """What stands in braces: its source as well, when `=` asks for it."""
        found: list[ast.expr] = []
        conversion = _CONVERSIONS.get(node.conversion or "", -1)
        if node.equal:
            start, end = self.positions[node].start, self.positions[node.whitespace_after_expression].end
            shown = self.source(start, end)[1:]
            found.append(self.make(ast.Constant, node, value=shown))
            if conversion < 0 and node.format_spec is None:
                conversion = _CONVERSIONS["r"]
        spec = None
        if node.format_spec is not None:
            spec = self.make(ast.JoinedStr, node, values=_joined(self.parts(node.format_spec, raw)))
        value = self.convert(node.expression)
        found.append(self.make(ast.FormattedValue, node, value=value, conversion=conversion, format_spec=spec))
        return found


def _joined(pieces: list[ast.expr]) -> list[ast.expr]:
    """Texts that follow each other become one, and empty ones none."""
    found: list[ast.expr] = []
    run: list[ast.Constant] = []

    def close() -> None:
        text = "".join([str(one.value) for one in run])
        if text:
            run[0].value = text
            run[0].end_lineno, run[0].end_col_offset = run[-1].end_lineno, run[-1].end_col_offset
            found.append(run[0])
        run.clear()

    for piece in pieces:
        if isinstance(piece, ast.Constant):
            run.append(piece)
        else:
            close()
            found.append(piece)
    close()
    return found


def _text(source: str, raw: bool) -> str:
    """What the text of a formatted string between its braces means."""
    if raw:
        return source.replace("{{", "{").replace("}}", "}")
    text = _DOUBLED.sub(lambda found: found[0] if found[0][0] == "\\" else found[0][0], source)
    if "\\" not in text:
        return text
    value: str = literal(f'"{_ESCAPES.sub(_safe, text)}"')
    return value


def _safe(found: re.Match[str]) -> str:
    """One character or escape of a text, as it is written between `"` and `"`."""
    written = found[0]
    if written == "\n":
        return "\\n"
    return written if written.startswith("\\") and len(written) > 1 else f"\\{written}"
