"""What stands between the start of a function and a call in it: conditions and handlers under which it runs at all."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import NamedTuple

from linter.inspect.python.scopes import nodes_of


class Guard(NamedTuple):
    """`kind` is a value of `python.call`'s field `guard`. `tests`: the conditions, each with whether it must hold."""

    kind: str = "none"
    tests: tuple[tuple[ast.expr, bool], ...] = ()

    @property
    def for_import(self) -> str:
        """As the `guard` of an import."""
        return self.kind if self.kind in ("type_checking", "fallback") else "none"

    def within(self, kind: str) -> Guard:
        """This guard with another inside of it: the one that keeps more code from running stays."""
        return self if _ORDER.index(self.kind) >= _ORDER.index(kind) else Guard(kind, self.tests)

    def under(self, test: ast.expr, holds: bool) -> Guard:
        """This guard with a condition that must hold, or must not."""
        return Guard(self.kind, (*self.tests, (test, holds))) if len(self.tests) < _TESTS_LIMIT else self


Held = Callable[[str], "ast.expr | None"]

_TESTS_LIMIT = 8
"""Conditions around a call that are kept."""
_ORDER = ("none", "condition", "fallback", "type_checking", "never")
NOTHING = Guard()

_ENVIRONMENT = frozenset({"environ", "getenv", "argv"})
_EXISTENCE = frozenset({"exists", "isfile", "isdir", "is_file", "is_dir", "is_exists", "path_exists"})


class Guards:
    """Tells what conditions ask. `switches`: beginnings of names by which code switches something on."""

    def __init__(self, switches: tuple[str, ...]) -> None:
        self.switches = switches

    def of_branches(self, test: ast.expr, outer: Guard, held: Held) -> tuple[Guard, Guard]:
        """The guards of the two branches of an `if`. `held` gives what a name was last set to."""
        constant = constant_truth(test)
        if constant is not None:
            never = outer.within("never")
            return (outer, never) if constant else (never, outer)
        inner = outer.within(self._kind_of(test, held))
        return inner.under(test, True), inner.under(test, False)

    def after(self, node: ast.If, outer: Guard, held: Held) -> Guard:
        """The guard of what follows an `if`: of one that leaves (`return`, `continue`, `raise`), its condition fails.

        What follows `if exists(path): return load(path)` is a fallback; what follows `if not exists(path): return`, or
        a check that raises, is what usually runs.
        """
        if node.orelse or not isinstance(node.body[-1], ast.Return | ast.Continue | ast.Break | ast.Raise):
            return outer
        if constant_truth(node.test) is not None:
            return outer
        kind = self._kind_of(node.test, held)
        negated = isinstance(node.test, ast.UnaryOp) and isinstance(node.test.op, ast.Not)
        checks = isinstance(node.body[-1], ast.Raise) or (kind == "fallback" and negated)
        return (outer if checks else outer.within(kind)).under(node.test, False)

    def _kind_of(self, test: ast.expr, held: Held) -> str:
        """What a condition asks: for the environment or a switch, whether a file is there, or something else."""
        names = [node for node in nodes_of(test) if type(node) is ast.Name or type(node) is ast.Attribute]
        kind = self._asked(names)
        for node in names if kind != "fallback" else ():
            value = held(node.id) if type(node) is ast.Name else None
            if isinstance(value, ast.BoolOp | ast.Call | ast.UnaryOp) and self._asked(nodes_of(value)) == "fallback":
                return "fallback"
        return kind

    def _asked(self, nodes: Sequence[ast.AST]) -> str:
        kind = "none"
        for node in nodes:
            if type(node) is ast.Name:
                name = node.id
            elif type(node) is ast.Attribute:
                name = node.attr
            else:
                continue
            if name in _EXISTENCE:
                return "fallback"
            if name in _ENVIRONMENT or name == "startswith" or name.lower().startswith(self.switches):
                kind = "condition"
        return kind


def constant_truth(test: ast.expr) -> bool | None:
    """Whether a condition is written to be always true or always false; None when it depends on something."""
    if isinstance(test, ast.Constant):
        return bool(test.value)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = constant_truth(test.operand)
        return None if inner is None else not inner
    return None


def is_type_checking(test: ast.expr) -> bool:
    """`if TYPE_CHECKING:` or `if typing.TYPE_CHECKING:`."""
    name = test.attr if isinstance(test, ast.Attribute) else test.id if isinstance(test, ast.Name) else None
    return name == "TYPE_CHECKING"


def is_main(test: ast.expr) -> bool:
    """`if __name__ == "__main__":`, either way round, alone or with `and`."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return any(is_main(each) for each in test.values)
    if not (isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq)):
        return False
    sides = [test.left, *test.comparators]
    named = any(isinstance(side, ast.Name) and side.id == "__name__" for side in sides)
    return named and any(isinstance(side, ast.Constant) and side.value == "__main__" for side in sides)
