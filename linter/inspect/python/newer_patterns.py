"""Turns LibCST's patterns of `match` statements into those of `ast`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from linter.inspect.python.newer_places import Places

if TYPE_CHECKING:
    import libcst as cst


class Patterns(Places):
    """One method for each kind of pattern, named as LibCST names it."""

    def pattern(self, node: Any) -> ast.pattern:
        made: ast.pattern = getattr(self, type(node).__name__)(node)
        return made

    def MatchValue(self, node: cst.MatchValue) -> ast.MatchValue:
        value = self.convert(node.value)
        return ast.MatchValue(value=value, **self.like(value))

    def MatchSingleton(self, node: cst.MatchSingleton) -> ast.MatchSingleton:
        value = self.convert(node.value)
        return ast.MatchSingleton(value=value.value, **self.like(value))

    def MatchStar(self, node: cst.MatchStar) -> ast.MatchStar:
        made = self.make(ast.MatchStar, node, name=self.name(node.name) if node.name else None)
        comma: Any = node.comma
        if hasattr(comma, "whitespace_before"):
            made.end_lineno, made.end_col_offset = self.start(comma.whitespace_before)
        return made

    def MatchAs(self, node: cst.MatchAs) -> ast.MatchAs:
        inner = self.pattern(node.pattern) if node.pattern else None
        return self.make(ast.MatchAs, node, pattern=inner, name=self.name(node.name) if node.name else None)

    def MatchOr(self, node: cst.MatchOr) -> ast.MatchOr:
        return self.make(ast.MatchOr, node, patterns=[self.pattern(item.pattern) for item in node.patterns])

    def MatchList(self, node: cst.MatchList) -> ast.MatchSequence:
        made: ast.MatchSequence = self.make(ast.MatchSequence, node, patterns=self.sequence(node.patterns))
        if not node.lbracket:
            self.end_at_last(made, node.patterns[-1])
        return made

    def MatchTuple(self, node: cst.MatchTuple) -> ast.MatchSequence:
        return ast.MatchSequence(patterns=self.sequence(node.patterns), **self.within_parentheses(node))

    def sequence(self, items: Any) -> list[ast.pattern]:
        return [self.pattern(item if type(item).__name__ == "MatchStar" else item.value) for item in items]

    def MatchMapping(self, node: cst.MatchMapping) -> ast.MatchMapping:
        return self.make(
            ast.MatchMapping,
            node,
            keys=[self.convert(item.key) for item in node.elements],
            patterns=[self.pattern(item.pattern) for item in node.elements],
            rest=self.name(node.rest) if node.rest else None,
        )

    def MatchClass(self, node: cst.MatchClass) -> ast.MatchClass:
        return self.make(
            ast.MatchClass,
            node,
            cls=self.convert(node.cls),
            patterns=self.sequence(node.patterns),
            kwd_attrs=[self.name(item.key) for item in node.kwds],
            kwd_patterns=[self.pattern(item.pattern) for item in node.kwds],
        )
