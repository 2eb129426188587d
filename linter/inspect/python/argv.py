"""Programs that look at `sys.argv` themselves: comparisons of the first argument, and of how many there are."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from linter.inspect.python.guards import is_main
from linter.inspect.python.scopes import MAIN_PART, nodes_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from linter.inspect.python.names import Names
    from linter.inspect.python.scopes import Part

Accepted = list[str] | str | None
ARGV_NEEDLES = ("sys.argv", "import argv")
_ARGV, _COUNT = "argv", "argc"
_STATEMENTS = 400
"""Statements of one body that are looked at."""
_ENDINGS = frozenset({"exit", "_exit", "quit", "SystemExit"})
_GIVEN = 2
"""Length of `sys.argv` when a program is given one word."""
_COMPARISONS: dict[type[ast.cmpop], Callable[[int], bool]] = {
    ast.Lt: lambda number: number > _GIVEN,
    ast.LtE: lambda number: number >= _GIVEN,
    ast.Gt: lambda number: number < _GIVEN,
    ast.GtE: lambda number: number <= _GIVEN,
    ast.Eq: lambda number: number == _GIVEN,
    ast.NotEq: lambda number: number != _GIVEN,
}
"""Whether the length compares so with a number."""


class Argument(NamedTuple):
    """A place that looks at the argument of a program: how, which words it takes, the code, the part that runs it."""

    form: str
    accepted: Accepted
    node: ast.AST
    part: Part


def compared_arguments(tree: ast.Module, names: Names, text: str) -> Iterator[Argument]:
    """All places at which a module, run as a program, compares its arguments and ends for others than it knows."""
    if any(needle in text for needle in ARGV_NEEDLES):
        yield from _Compared(tree, names).found()


class _Compared:
    def __init__(self, tree: ast.Module, names: Names) -> None:
        self.names = names
        self.functions = {each.name: each for each in tree.body if isinstance(each, ast.FunctionDef)}
        self.tables = {
            each.targets[0].id: each.value
            for each in tree.body
            if isinstance(each, ast.Assign) and len(each.targets) == 1 and isinstance(each.targets[0], ast.Name)
            if isinstance(each.value, ast.Dict)
        }
        self.tree = tree

    def found(self) -> Iterator[Argument]:
        for body, part in self._bodies():
            yield from self._in_body(body, part)

    def _bodies(self) -> Iterator[tuple[Sequence[ast.stmt], Part]]:
        """The module's level, its main block, and the functions that these call without arguments."""
        outline = self.names.outline
        main = [each.body for each in self.tree.body if isinstance(each, ast.If) and is_main(each.test)]
        bodies = [(self.tree.body, outline.module.part)]
        bodies += [(each, outline.parts.get(MAIN_PART, outline.module.part)) for each in main]
        called = {name for body, _ in bodies for each in body[:_STATEMENTS] if (name := _called_alone(each))}
        for body, part in bodies:
            yield body[:_STATEMENTS], part
        for name in sorted(called & self.functions.keys()):
            function = self.functions[name]
            part_of = outline.parts.get(name)
            if part_of is not None and not function.decorator_list and not _has_parameters(function):
                yield function.body[:_STATEMENTS], part_of

    def _in_body(self, body: Sequence[ast.stmt], part: Part) -> Iterator[Argument]:
        held = frozenset(_names_of(body, self._is_first))
        for node in body:
            if isinstance(node, ast.If) and not is_main(node.test):
                if self._counts(node):
                    yield Argument(_COUNT, [], node.test, part)
                accepted = self._chain(node, held)
                if accepted is not None:
                    yield Argument(_ARGV, accepted, node.test, part)
                    continue
            elif isinstance(node, ast.Match):
                words = self._matched(node, held)
                if words is not None:
                    yield Argument(_ARGV, words, node.subject, part)
            elif isinstance(node, ast.Expr | ast.Assign):
                yield from self._looked_up(node.value, held, part)
            if _may_leave(node):  # what follows may not run at all
                return

    # --- how many there are

    def _counts(self, node: ast.If) -> bool:
        """Whether a program that is given one word ends here with an error, by the number of its arguments."""
        test = node.test
        if not isinstance(test, ast.Compare) or len(test.ops) != 1 or not _fails(node.body):
            return False
        left, right = test.left, test.comparators[0]
        compares = _COMPARISONS.get(type(test.ops[0]))
        is_length = isinstance(left, ast.Call) and isinstance(left.func, ast.Name) and left.func.id == "len"
        if not is_length or compares is None or not isinstance(right, ast.Constant) or type(right.value) is not int:
            return False
        given = left.args[0] if isinstance(left, ast.Call) and len(left.args) == 1 else None
        return given is not None and self._path(given) == "sys.argv" and compares(right.value)

    # --- which word it is

    def _chain(self, node: ast.If, held: frozenset[str]) -> list[str] | None:
        """The words that the branches know; None of anything that may take others."""
        words: list[str] = []
        while True:
            known = self._words(node.test, held)
            if known is None:
                return None
            wanted, equal = known
            if not equal:
                return wanted if not words and not node.orelse and _fails(node.body) else None
            words += wanted
            if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
                node = node.orelse[0]
                continue
            return words if _fails(node.orelse) else None

    def _words(self, test: ast.expr, held: frozenset[str]) -> tuple[list[str], bool] | None:
        """The words that a condition compares the first argument with, and whether it must be one of them."""
        if not isinstance(test, ast.Compare) or len(test.ops) != 1 or not self._is_first(test.left, held):
            return None
        right = test.comparators[0]
        if isinstance(right, ast.Name) and right.id in self.tables and isinstance(test.ops[0], ast.In | ast.NotIn):
            keys = self._keys(right.id)
            return (keys, isinstance(test.ops[0], ast.In)) if keys is not None else None
        listed = right.elts if isinstance(right, ast.List | ast.Tuple | ast.Set) else [right]
        words = [each.value for each in listed if isinstance(each, ast.Constant) and isinstance(each.value, str)]
        if len(words) != len(listed) or (listed == [right]) != isinstance(test.ops[0], ast.Eq | ast.NotEq):
            return None
        if not isinstance(test.ops[0], ast.Eq | ast.NotEq | ast.In | ast.NotIn):
            return None
        return words, isinstance(test.ops[0], ast.Eq | ast.In)

    def _matched(self, node: ast.Match, held: frozenset[str]) -> list[str] | None:
        """The words of a `match` whose last case takes all others and ends the program with an error."""
        if not self._is_first(node.subject, held) or not node.cases:
            return None
        *cases, last = node.cases
        is_rest = isinstance(last.pattern, ast.MatchAs) and last.pattern.pattern is None and last.guard is None
        if not is_rest or not _fails(last.body):
            return None
        words: list[str] = []
        for case in cases:
            patterns = case.pattern.patterns if isinstance(case.pattern, ast.MatchOr) else [case.pattern]
            for each in patterns:
                value = each.value if isinstance(each, ast.MatchValue) else None
                if not isinstance(value, ast.Constant) or not isinstance(value.value, str):
                    return None
                words.append(value.value)
        return words

    def _looked_up(self, node: ast.expr, held: frozenset[str], part: Part) -> Iterator[Argument]:
        """`COMMANDS[sys.argv[1]]()`: a word that is no key ends the program."""
        while isinstance(node, ast.Call):
            node = node.func
        is_table = isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name)
        if not isinstance(node, ast.Subscript) or not is_table or not self._is_first(node.slice, held):
            return
        keys = self._keys(node.value.id) if isinstance(node.value, ast.Name) else None
        if keys is not None:
            yield Argument(_ARGV, keys, node, part)

    def _keys(self, name: str) -> list[str] | None:
        """The keys of a mapping that stands at the module's level and that nothing changes."""
        table = self.tables.get(name)
        bindings = self.names.outline.module.bindings.get(name, ())
        if table is None or len(bindings) != 1 or self.names.outline.module.items.get(name):
            return None
        keys = [each.value if isinstance(each, ast.Constant) else None for each in table.keys]
        words = [each for each in keys if isinstance(each, str)]
        changed = any(
            isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name) and each.value.id == name
            for each in nodes_of(self.tree)
            if isinstance(each, ast.Attribute) and each.attr in ("update", "setdefault", "pop")
        )
        return words if words and len(words) == len(keys) and not changed else None

    def _is_first(self, node: ast.expr, held: frozenset[str]) -> bool:
        if isinstance(node, ast.Name):
            return node.id in held
        if isinstance(node, ast.IfExp):  # `sys.argv[1] if len(sys.argv) > 1 else "serve"`
            return self._is_first(node.body, frozenset()) and "argv" in ast.dump(node.test)
        index = node.slice if isinstance(node, ast.Subscript) else None
        return (
            isinstance(node, ast.Subscript)
            and isinstance(index, ast.Constant)
            and index.value == 1
            and self._path(node.value) == "sys.argv"
        )

    def _path(self, node: ast.expr) -> str | None:
        return next((each.path for each in self.names.of(node, self.names.outline.module) if each.kind == "path"), None)


def _names_of(body: Sequence[ast.stmt], is_first: Callable[[ast.expr, frozenset[str]], bool]) -> Iterator[str]:
    """Names that are given the first argument, also where a handler waits for its absence, and nothing else before."""
    for node in body:
        inner = node.body if isinstance(node, ast.Try) else [node]
        for each in inner:
            if isinstance(each, ast.Assign) and is_first(each.value, frozenset()):
                yield from (target.id for target in each.targets if isinstance(target, ast.Name))


def _called_alone(node: ast.stmt) -> str | None:
    """The function in `main()` and `sys.exit(main())`."""
    call = node.value if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) else None
    if call is not None and len(call.args) == 1 and isinstance(call.args[0], ast.Call) and _name(call) in _ENDINGS:
        call = call.args[0]
    plain = call is not None and not call.args and not call.keywords and isinstance(call.func, ast.Name)
    return call.func.id if plain and call is not None and isinstance(call.func, ast.Name) else None


def _has_parameters(function: ast.FunctionDef) -> bool:
    given = function.args
    return bool(given.args or given.posonlyargs or given.vararg or given.kwonlyargs)


def _may_leave(node: ast.stmt) -> bool:
    """Whether a statement that is no definition may end the function or the program."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return False
    if isinstance(node, ast.If) and is_main(node.test):
        return False
    if isinstance(node, ast.Return):
        return True
    return isinstance(node, ast.If | ast.Try | ast.With | ast.For | ast.While) and any(
        isinstance(each, ast.Return) for each in nodes_of(node)
    )


def _fails(body: Iterable[ast.stmt]) -> bool:
    """Whether a branch ends the program with an error, and does nothing else than to tell of it."""
    last = None
    for last in body:
        if not isinstance(last, ast.Expr | ast.Raise):
            return False
    call = last.value if isinstance(last, ast.Expr) else last.exc if isinstance(last, ast.Raise) else None
    is_exit = call is not None and (_is_exit(call) or (isinstance(call, ast.Call) and _is_exit(call.func)))
    if isinstance(last, ast.Raise) and not (isinstance(call, ast.Call) and is_exit):
        return not is_exit
    if not isinstance(call, ast.Call) or not call.args:
        return False
    status = call.args[0]
    told = isinstance(status, ast.JoinedStr) or (isinstance(status, ast.Constant) and status.value not in (0, None))
    return _name(call) in _ENDINGS and told


def _is_exit(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "SystemExit"


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
