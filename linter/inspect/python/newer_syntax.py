"""Turns what LibCST read into `ast` nodes of the interpreter that runs, for files whose syntax is newer than it.

What its `ast` may lack is said in older words: `type X = …` is an assignment, type parameters and their defaults are
left out, template strings are formatted strings, `{**d for d in ds}` unpacks a generator. Lines and columns are those
that `ast` gives: from the first character of a node to its last, without parentheses around it, columns in bytes of
UTF-8.
"""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING, Any

from linter.inspect.python.newer_expressions import Expressions
from linter.inspect.python.newer_patterns import Patterns
from linter.inspect.python.newer_places import Made, span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import libcst as cst

WITH_TYPE_PARAMETERS = sys.version_info >= (3, 12)


def convert(module: cst.Module, text: str) -> ast.Module:
    """The module as `ast` nodes. `text` is what it was parsed from, with `\\n` as its only line end.

    Raises RecursionError for what is nested too deeply, and ValueError for literals that `ast` refuses as well.
    """
    from libcst.metadata import MetadataWrapper, PositionProvider

    positions = MetadataWrapper(module, unsafe_skip_copy=True).resolve(PositionProvider)
    return ast.Module(body=_Statements(text, positions).block(module.body), type_ignores=[])


class _Statements(Patterns, Expressions):
    """Statements. One method for each kind of node, named as LibCST names it."""

    def block(self, body: Any) -> list[ast.stmt]:
        """The statements of a module, of an indented block, or of a suite that stands in its header's line."""
        found: list[ast.stmt] = []
        last: Any = None
        for statement in body if isinstance(body, (list, tuple)) else body.body:
            if type(statement).__name__ == "SimpleStatementLine":
                found += [self.convert(small) for small in statement.body]
                last = statement.body[-1]
            else:
                found.append(self.convert(statement))
                last = statement
        if found and hasattr(getattr(last, "semicolon", None), "whitespace_after"):
            self.semicolons[id(found[-1])] = self.start(last.semicolon.whitespace_after)
        return found

    def after(self, clause: Any) -> list[ast.stmt]:
        """The statements of an `else` or `finally`, if there is one."""
        return self.block(clause.body) if clause else []

    def compound(self, kind: Callable[..., Made], node: Any, last: Sequence[ast.AST], /, **fields: Any) -> Made:
        """A statement that ends where the last of its own statements ends, or the semicolon after that."""
        end: Any = last[-1]
        end_line, end_column = self.semicolons.get(id(end)) or (end.end_lineno, end.end_col_offset)
        return kind(**fields, **span(*self.start(node), end_line, end_column))

    # Small statements

    def Expr(self, node: cst.Expr) -> ast.Expr:
        return self.make(ast.Expr, node, value=self.convert(node.value))

    def Pass(self, node: cst.Pass) -> ast.Pass:
        return self.make(ast.Pass, node)

    def Break(self, node: cst.Break) -> ast.Break:
        return self.make(ast.Break, node)

    def Continue(self, node: cst.Continue) -> ast.Continue:
        return self.make(ast.Continue, node)

    def Return(self, node: cst.Return) -> ast.Return:
        return self.make(ast.Return, node, value=self.optional(node.value))

    def Raise(self, node: cst.Raise) -> ast.Raise:
        cause = self.convert(node.cause.item) if node.cause else None
        return self.make(ast.Raise, node, exc=self.optional(node.exc), cause=cause)

    def Assert(self, node: cst.Assert) -> ast.Assert:
        return self.make(ast.Assert, node, test=self.convert(node.test), msg=self.optional(node.msg))

    def Global(self, node: cst.Global) -> ast.Global:
        return self.make(ast.Global, node, names=[self.name(item.name) for item in node.names])

    def Nonlocal(self, node: cst.Nonlocal) -> ast.Nonlocal:
        return self.make(ast.Nonlocal, node, names=[self.name(item.name) for item in node.names])

    def Del(self, node: cst.Del) -> ast.Delete:
        target: Any = node.target
        if type(target).__name__ == "Tuple" and not target.lpar:
            return self.make(ast.Delete, node, targets=[self.target(item.value, ast.Del) for item in target.elements])
        return self.make(ast.Delete, node, targets=[self.target(target, ast.Del)])

    def Assign(self, node: cst.Assign) -> ast.Assign:
        targets = [self.target(item.target) for item in node.targets]
        return self.make(ast.Assign, node, targets=targets, value=self.convert(node.value))

    def AnnAssign(self, node: cst.AnnAssign) -> ast.AnnAssign:
        simple = type(node.target).__name__ == "Name" and not node.target.lpar
        return self.make(
            ast.AnnAssign,
            node,
            target=self.target(node.target),
            annotation=self.convert(node.annotation.annotation),
            value=self.optional(node.value),
            simple=int(simple),
        )

    def AugAssign(self, node: cst.AugAssign) -> ast.AugAssign:
        operator = self.binary_operator(type(node.operator).__name__.removesuffix("Assign"))
        target = self.target(node.target)
        return self.make(ast.AugAssign, node, target=target, op=operator, value=self.convert(node.value))

    def TypeAlias(self, node: cst.TypeAlias) -> ast.Assign:
        return self.make(ast.Assign, node, targets=[self.target(node.name)], value=self.convert(node.value))

    # Imports

    def Import(self, node: cst.Import | cst.LazyImport) -> ast.Import:
        return self.make(ast.Import, node, names=[self.alias(alias) for alias in node.names])

    LazyImport = Import

    def ImportFrom(self, node: cst.ImportFrom | cst.LazyImportFrom) -> ast.ImportFrom:
        names: Any = node.names
        if isinstance(names, (list, tuple)):
            aliases = [self.alias(alias) for alias in names]
        else:
            aliases = [self.make(ast.alias, names, name="*", asname=None)]
        module = self.dotted(node.module) if node.module else None
        made: ast.ImportFrom = self.make(ast.ImportFrom, node, module=module, names=aliases, level=len(node.relative))
        if not node.rpar:
            made.end_lineno, made.end_col_offset = aliases[-1].end_lineno, aliases[-1].end_col_offset
        return made

    LazyImportFrom = ImportFrom

    def alias(self, node: cst.ImportAlias) -> ast.alias:
        asname: Any = node.asname
        bound = self.name(asname.name) if asname else None
        return self.make(ast.alias, node, name=self.dotted(node.name), asname=bound)

    def dotted(self, node: Any) -> str:
        parts = []
        while type(node).__name__ == "Attribute":
            parts.append(self.name(node.attr))
            node = node.value
        return ".".join([self.name(node), *reversed(parts)])

    # Compound statements

    def If(self, node: cst.If) -> ast.If:
        test, body = self.convert(node.test), self.block(node.body)
        orelse: list[ast.stmt] = []
        if type(node.orelse).__name__ == "If":
            orelse = [self.convert(node.orelse)]
        elif node.orelse:
            orelse = self.after(node.orelse)
        return self.compound(ast.If, node, orelse or body, test=test, body=body, orelse=orelse)

    def While(self, node: cst.While) -> ast.While:
        test, body, orelse = self.convert(node.test), self.block(node.body), self.after(node.orelse)
        return self.compound(ast.While, node, orelse or body, test=test, body=body, orelse=orelse)

    def For(self, node: cst.For) -> ast.For | ast.AsyncFor:
        kind: Any = ast.AsyncFor if node.asynchronous else ast.For
        target, items = self.target(node.target), self.convert(node.iter)
        body, orelse = self.block(node.body), self.after(node.orelse)
        made: ast.For | ast.AsyncFor = self.compound(
            kind, node, orelse or body, target=target, iter=items, body=body, orelse=orelse
        )
        return made

    def With(self, node: cst.With) -> ast.With | ast.AsyncWith:
        kind: Any = ast.AsyncWith if node.asynchronous else ast.With
        items = []
        for item in node.items:
            bound = self.target(item.asname.name) if item.asname else None
            items.append(ast.withitem(context_expr=self.convert(item.item), optional_vars=bound))
        body = self.block(node.body)
        made: ast.With | ast.AsyncWith = self.compound(kind, node, body, items=items, body=body)
        return made

    def Try(self, node: cst.Try | cst.TryStar) -> ast.Try | ast.TryStar:
        kind: Any = ast.Try if type(node).__name__ == "Try" else ast.TryStar
        body, handlers = self.block(node.body), [self.handler(handler) for handler in node.handlers]
        orelse, final = self.after(node.orelse), self.after(node.finalbody)
        last: Sequence[ast.AST] = final or orelse or handlers or body
        made: ast.Try | ast.TryStar = self.compound(
            kind, node, last, body=body, handlers=handlers, orelse=orelse, finalbody=final
        )
        return made

    TryStar = Try

    def handler(self, node: cst.ExceptHandler | cst.ExceptStarHandler) -> ast.ExceptHandler:
        bound = self.name(node.name.name) if node.name else None
        body = self.block(node.body)
        return self.compound(ast.ExceptHandler, node, body, type=self.optional(node.type), name=bound, body=body)

    def FunctionDef(self, node: cst.FunctionDef) -> ast.FunctionDef | ast.AsyncFunctionDef:
        kind: Any = ast.AsyncFunctionDef if node.asynchronous else ast.FunctionDef
        body = self.block(node.body)
        fields = {
            "name": self.name(node.name),
            "args": self.parameters(node.params),
            "body": body,
            "decorator_list": [self.convert(item.decorator) for item in node.decorators],
            "returns": self.convert(node.returns.annotation) if node.returns else None,
        }
        made: ast.FunctionDef | ast.AsyncFunctionDef = self.compound(kind, node, body, **_with_type_parameters(fields))
        return made

    def ClassDef(self, node: cst.ClassDef) -> ast.ClassDef:
        bases, keywords = self.arguments((*node.bases, *node.keywords))
        body = self.block(node.body)
        fields = {
            "name": self.name(node.name),
            "bases": bases,
            "keywords": keywords,
            "body": body,
            "decorator_list": [self.convert(item.decorator) for item in node.decorators],
        }
        return self.compound(ast.ClassDef, node, body, **_with_type_parameters(fields))

    def Match(self, node: cst.Match) -> ast.Match:
        cases = [self.case(case) for case in node.cases]
        return self.compound(ast.Match, node, cases[-1].body, subject=self.convert(node.subject), cases=cases)

    def case(self, node: cst.MatchCase) -> ast.match_case:
        guard = self.optional(node.guard)
        return ast.match_case(pattern=self.pattern(node.pattern), guard=guard, body=self.block(node.body))


def _with_type_parameters(fields: dict[str, Any]) -> dict[str, Any]:
    """Where the interpreter's nodes have type parameters, there are none."""
    if WITH_TYPE_PARAMETERS:
        fields["type_params"] = []
    return fields
