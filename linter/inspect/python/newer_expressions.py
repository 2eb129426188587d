"""Turns LibCST's expressions into those of `ast`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from linter.inspect.python.newer_places import span
from linter.inspect.python.newer_strings import Strings
from linter.inspect.python.plain import literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    import libcst as cst

_CONSTANTS = {"None": None, "True": True, "False": False}
_BINARY: dict[str, type[ast.operator]] = {
    "Add": ast.Add,
    "BitAnd": ast.BitAnd,
    "BitOr": ast.BitOr,
    "BitXor": ast.BitXor,
    "Divide": ast.Div,
    "FloorDivide": ast.FloorDiv,
    "LeftShift": ast.LShift,
    "MatrixMultiply": ast.MatMult,
    "Modulo": ast.Mod,
    "Multiply": ast.Mult,
    "Power": ast.Pow,
    "RightShift": ast.RShift,
    "Subtract": ast.Sub,
}
_UNARY: dict[str, type[ast.unaryop]] = {"BitInvert": ast.Invert, "Minus": ast.USub, "Not": ast.Not, "Plus": ast.UAdd}
_COMPARISON: dict[str, type[ast.cmpop]] = {
    "Equal": ast.Eq,
    "GreaterThan": ast.Gt,
    "GreaterThanEqual": ast.GtE,
    "In": ast.In,
    "Is": ast.Is,
    "IsNot": ast.IsNot,
    "LessThan": ast.Lt,
    "LessThanEqual": ast.LtE,
    "NotEqual": ast.NotEq,
    "NotIn": ast.NotIn,
}


class Expressions(Strings):
    """One method for each kind of node, named as LibCST names it."""

    def target(self, node: Any, context: type[ast.expr_context] = ast.Store) -> Any:
        """What is bound or deleted rather than read."""
        made = self.convert(node)
        waiting = [made]
        while waiting:
            part = waiting.pop()
            if hasattr(part, "ctx"):
                part.ctx = context()
            waiting += getattr(part, "elts", ())
            if isinstance(part, ast.Starred):
                waiting.append(part.value)
        return made

    def binary_operator(self, name: str) -> ast.operator:
        return _BINARY[name]()

    # Names and literals

    def Name(self, node: cst.Name) -> ast.expr:
        if node.value in _CONSTANTS:
            return self.make(ast.Constant, node, value=_CONSTANTS[node.value])
        return self.make(ast.Name, node, id=self.name(node), ctx=ast.Load())

    def Ellipsis(self, node: cst.Ellipsis) -> ast.Constant:
        return self.make(ast.Constant, node, value=...)

    def Integer(self, node: cst.Integer | cst.Float | cst.Imaginary) -> ast.Constant:
        return self.make(ast.Constant, node, value=literal(node.value))

    Float = Imaginary = Integer

    # Operators

    def UnaryOperation(self, node: cst.UnaryOperation) -> ast.UnaryOp:
        operator = _UNARY[type(node.operator).__name__]()
        return self.make(ast.UnaryOp, node, op=operator, operand=self.convert(node.expression))

    def BinaryOperation(self, node: cst.BinaryOperation) -> ast.BinOp:
        left, right = self.convert(node.left), self.convert(node.right)
        return self.make(ast.BinOp, node, left=left, op=self.binary_operator(type(node.operator).__name__), right=right)

    def BooleanOperation(self, node: cst.BooleanOperation) -> ast.BoolOp:
        kind = type(node.operator)
        values, left = [node.right], node.left
        while type(left) is type(node) and type(left.operator) is kind and not left.lpar:
            values.append(left.right)
            left = left.left
        values.append(left)
        operator = ast.And() if kind.__name__ == "And" else ast.Or()
        return self.make(ast.BoolOp, node, op=operator, values=[self.convert(value) for value in reversed(values)])

    def Comparison(self, node: cst.Comparison) -> ast.Compare:
        return self.make(
            ast.Compare,
            node,
            left=self.convert(node.left),
            ops=[_COMPARISON[type(item.operator).__name__]() for item in node.comparisons],
            comparators=[self.convert(item.comparator) for item in node.comparisons],
        )

    def IfExp(self, node: cst.IfExp) -> ast.IfExp:
        body, test = self.convert(node.body), self.convert(node.test)
        return self.make(ast.IfExp, node, test=test, body=body, orelse=self.convert(node.orelse))

    def NamedExpr(self, node: cst.NamedExpr) -> ast.NamedExpr:
        return self.make(ast.NamedExpr, node, target=self.target(node.target), value=self.convert(node.value))

    def Await(self, node: cst.Await) -> ast.Await:
        return self.make(ast.Await, node, value=self.convert(node.expression))

    def Yield(self, node: cst.Yield) -> ast.Yield | ast.YieldFrom:
        if type(node.value).__name__ == "From":
            source: Any = node.value
            return self.make(ast.YieldFrom, node, value=self.convert(source.item))
        return self.make(ast.Yield, node, value=self.optional(node.value))

    # What is taken from something

    def Attribute(self, node: cst.Attribute) -> ast.Attribute:
        return self.make(ast.Attribute, node, value=self.convert(node.value), attr=self.name(node.attr), ctx=ast.Load())

    def Subscript(self, node: cst.Subscript) -> ast.Subscript:
        parts = [self.convert(item.slice) for item in node.slice]
        last = node.slice[-1]
        inner = parts[0]
        if len(parts) > 1 or hasattr(last.comma, "whitespace_after") or isinstance(inner, ast.Starred):
            inner = ast.Tuple(elts=parts, ctx=ast.Load(), **self.like(parts[0]))
            inner.lineno, inner.col_offset = self.start(node.slice[0])
            self.end_at_last(inner, last, parts[-1] if isinstance(parts[-1], ast.Slice) else None)
        return self.make(ast.Subscript, node, value=self.convert(node.value), slice=inner, ctx=ast.Load())

    def Index(self, node: cst.Index) -> ast.expr:
        value: ast.expr = self.convert(node.value)
        if not node.star:
            return value
        *_, end_line, end_column = self.outer(node.value)
        place = span(*self.start(node), end_line, end_column)
        return ast.Starred(value=value, ctx=ast.Load(), **place)

    def Slice(self, node: cst.Slice) -> ast.Slice:
        colons = [node.first_colon, node.second_colon]
        end = self.outer_end(node.upper) or self.start(node.first_colon.whitespace_after)
        if hasattr(colons[1], "whitespace_after"):
            end = self.outer_end(node.step) or self.start(colons[1].whitespace_after)
        start = self.outer(node.lower)[:2] if node.lower else self.end(node.first_colon.whitespace_before)
        parts = {"lower": node.lower, "upper": node.upper, "step": node.step}
        return ast.Slice(**{name: self.optional(part) for name, part in parts.items()}, **span(*start, *end))

    def outer_end(self, node: Any) -> tuple[int, int] | None:
        return self.outer(node)[2:] if node else None

    # Calls

    def Call(self, node: cst.Call) -> ast.Call:
        arguments, keywords = self.arguments(node.args)
        if len(arguments) == 1 and isinstance(arguments[0], ast.GeneratorExp) and not node.args[0].value.lpar:
            self.take_parentheses(arguments[0], node)
        return self.make(ast.Call, node, func=self.convert(node.func), args=arguments, keywords=keywords)

    def take_parentheses(self, generator: Any, node: cst.Call) -> None:
        """A generator that is the one argument of a call has the parentheses of the call for its own."""
        line, column = self.start(node.whitespace_before_args)
        generator.lineno, generator.col_offset = line, column - 1
        generator.end_lineno, generator.end_col_offset = self.end(node)

    def arguments(self, nodes: Iterable[cst.Arg]) -> tuple[list[ast.expr], list[ast.keyword]]:
        """Arguments of a call, or bases and keywords of a class."""
        positional: list[ast.expr] = []
        keywords: list[ast.keyword] = []
        for node in nodes:
            value = self.convert(node.value)
            if node.star == "*":
                positional.append(self.make(ast.Starred, node, value=value, ctx=ast.Load()))
            elif node.keyword or node.star:
                name = self.name(node.keyword) if node.keyword else None
                keywords.append(self.make(ast.keyword, node, arg=name, value=value))
            else:
                positional.append(value)
        return positional, keywords

    def Lambda(self, node: cst.Lambda) -> ast.Lambda:
        return self.make(ast.Lambda, node, args=self.parameters(node.params), body=self.convert(node.body))

    def parameters(self, node: cst.Parameters) -> ast.arguments:
        named = [*node.posonly_params, *node.params]
        star: Any = node.star_arg
        return ast.arguments(
            posonlyargs=[self.parameter(item) for item in node.posonly_params],
            args=[self.parameter(item) for item in node.params],
            vararg=self.parameter(star) if type(star).__name__ == "Param" else None,
            kwonlyargs=[self.parameter(item) for item in node.kwonly_params],
            kw_defaults=[self.optional(item.default) for item in node.kwonly_params],
            kwarg=self.parameter(node.star_kwarg) if node.star_kwarg else None,
            defaults=[self.convert(item.default) for item in named if item.default],
        )

    def parameter(self, node: cst.Param) -> ast.arg:
        """A parameter: its name and annotation, without star and default."""
        annotation = end = None
        if node.annotation:
            annotated: Any = node.annotation.annotation
            annotation = self.convert(annotated)
            end = self.outer_end(annotated)
        end = end or self.end(node.name)
        return ast.arg(arg=self.name(node.name), annotation=annotation, **span(*self.start(node.name), *end))

    # Collections

    def Tuple(self, node: cst.Tuple) -> ast.Tuple:
        elements = self.elements(node.elements)
        if node.lpar:
            return ast.Tuple(elts=elements, ctx=ast.Load(), **self.within_parentheses(node))
        made: ast.Tuple = self.make(ast.Tuple, node, elts=elements, ctx=ast.Load())
        self.end_at_last(made, node.elements[-1])
        return made

    def List(self, node: cst.List) -> ast.List:
        return self.make(ast.List, node, elts=self.elements(node.elements), ctx=ast.Load())

    def Set(self, node: cst.Set) -> ast.Set:
        return self.make(ast.Set, node, elts=self.elements(node.elements))

    def elements(self, nodes: Iterable[Any]) -> list[ast.expr]:
        return [self.convert(item if type(item).__name__ == "StarredElement" else item.value) for item in nodes]

    def StarredElement(self, node: cst.StarredElement) -> ast.Starred:
        value = self.convert(node.value)
        made: ast.Starred = self.make(ast.Starred, node, value=value, ctx=ast.Load())
        *_, made.end_lineno, made.end_col_offset = self.outer(node.value)
        return made

    def Dict(self, node: cst.Dict) -> ast.Dict:
        keys = [self.convert(item.key) if hasattr(item, "key") else None for item in node.elements]
        return self.make(ast.Dict, node, keys=keys, values=[self.convert(item.value) for item in node.elements])

    # Comprehensions

    def GeneratorExp(self, node: cst.GeneratorExp) -> ast.GeneratorExp:
        fields = {"elt": self.convert(node.elt), "generators": self.generators(node.for_in)}
        if node.lpar:
            return ast.GeneratorExp(**fields, **self.within_parentheses(node))
        return self.make(ast.GeneratorExp, node, **fields)

    def ListComp(self, node: cst.ListComp) -> ast.ListComp:
        return self.make(ast.ListComp, node, elt=self.convert(node.elt), generators=self.generators(node.for_in))

    def SetComp(self, node: cst.SetComp) -> ast.SetComp:
        return self.make(ast.SetComp, node, elt=self.convert(node.elt), generators=self.generators(node.for_in))

    def DictComp(self, node: cst.DictComp) -> ast.DictComp:
        key, value = self.convert(node.key), self.convert(node.value)
        return self.make(ast.DictComp, node, key=key, value=value, generators=self.generators(node.for_in))

    def StarredDictComp(self, node: cst.StarredDictComp) -> ast.Dict:
        generators = self.generators(node.for_in)
        unpacked = self.make(ast.GeneratorExp, node, elt=self.convert(node.value), generators=generators)
        return self.make(ast.Dict, node, keys=[None], values=[unpacked])

    def generators(self, node: cst.CompFor | None) -> list[ast.comprehension]:
        found = []
        while node:
            target, items = self.target(node.target), self.convert(node.iter)
            tests = [self.convert(item.test) for item in node.ifs]
            asynchronous = int(node.asynchronous is not None)
            found.append(ast.comprehension(target=target, iter=items, ifs=tests, is_async=asynchronous))
            node = node.inner_for_in
        return found
