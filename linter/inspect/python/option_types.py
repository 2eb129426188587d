"""Options of argparse whose values stay texts, or are true whatever they are: facts `program.option`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from linter.inspect.python.files import reach_fields
from linter.inspect.python.hyperparameters import NUMBER, TRUTH, Use, parents_of
from linter.inspect.python.options import destination
from linter.inspect.python.request_uses import argument_of
from linter.inspect.python.scopes import effective
from linter.model import Fact, Location
from linter.references.apis import CALLED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.inspect.python.place import Places
    from linter.inspect.python.scopes import Binding, Called, Scope
    from linter.inspect.python.values import Values
    from linter.knowledge import Knowledge

_DECLARING = frozenset({"add_argument"})
_PARSED = (f".parse_args{CALLED}", f".parse_known_args{CALLED}")
_SETTING = frozenset({"action", "nargs", "type", "choices", None})
"""Arguments of a declaration by which the value is something else than one plain text."""
_DEPTH = 4
_CALLERS = 20


class _Option(NamedTuple):
    """A declaration whose value is a plain text when it is given. `default`: text, none, or null for anything else."""

    called: Called
    default: str | None


def option_facts(tree: ast.Module, values: Values, places: Places, knowledge: Knowledge) -> Iterator[Fact]:
    """A fact for each such option of a module."""
    declared = values.names.outline.calls_named(_DECLARING)
    if declared and "argparse" in places.code.text:
        yield from _Options(values, Use(values, knowledge)).facts(tree, declared, places)


class _Options:
    def __init__(self, values: Values, use: Use) -> None:
        self.values, self.names, self.use = values, values.names, use

    def facts(self, tree: ast.Module, declared: list[Called], places: Places) -> Iterator[Fact]:
        texts: dict[str, _Option | None] = {}
        for called in declared:
            keywords = {each.arg: each.value for each in called.node.keywords}
            name = destination(called.node, {key: value for key, value in keywords.items() if key})
            if name is None:
                continue
            if self._is_truth(keywords, called.scope):
                yield self._fact(name, TRUTH, called.node, called, places)
            is_text = keywords.keys().isdisjoint(_SETTING) and name not in texts
            texts[name] = _Option(called, self._default(keywords.get("default"), called.scope)) if is_text else None
        wanted = {name: option for name, option in texts.items() if option is not None and option.default is not None}
        if not wanted:
            return
        for node, scope, part, above in parents_of(tree, self.values):
            option = wanted.get(node.attr) if isinstance(node, ast.Attribute) else None
            if option is None or not isinstance(node, ast.Attribute) or not isinstance(node.ctx, ast.Load):
                continue
            if self.use.of(node, above, scope) == NUMBER and self._holds_options(node.value, scope):
                yield self._fact(node.attr, NUMBER, node, option.called._replace(part=part), places)

    def _is_truth(self, keywords: dict[str | None, ast.expr], scope: Scope) -> bool:
        kind = keywords.get("type")
        return isinstance(kind, ast.Name) and kind.id == "bool" and self.names.bindings("bool", scope)[0] is None

    def _default(self, node: ast.expr | None, scope: Scope) -> str | None:
        """`none` without a default, `text`; None of a number, or of what is not known."""
        if node is None or (isinstance(node, ast.Constant) and node.value is None):
            return "none"
        return "text" if isinstance(self.values.of(node, scope), str) else None

    def _holds_options(self, node: ast.expr, scope: Scope, depth: int = 0) -> bool:
        """Whether an expression is what a parser gave, also when it is handed on inside of the file."""
        if depth > _DEPTH:
            return False
        if isinstance(node, ast.Subscript):  # parse_known_args() gives the options and the rest
            first = isinstance(node.slice, ast.Constant) and node.slice.value == 0
            return first and self._holds_options(node.value, scope, depth + 1)
        meanings = self.names.of(node, scope)
        if meanings:
            return all(each.kind == "path" and each.path.endswith(_PARSED) for each in meanings)
        if not isinstance(node, ast.Name):
            return False
        owner, bindings = self.names.bindings(node.id, scope)
        held = effective(bindings, node.lineno, owner is scope) if owner is not None else ()
        return owner is not None and bool(held) and all(self._is_handed(each, node.id, owner, depth) for each in held)

    def _is_handed(self, binding: Binding, name: str, owner: Scope, depth: int) -> bool:
        if binding.kind != "parameter":
            return False
        calls = self.names.outline.calls_named({owner.name.rpartition(".")[2]})[:_CALLERS]
        own = [each for each in calls if any(is_.scope is owner for is_ in self.names.of(each.node.func, each.scope))]
        given = [(argument_of(each.node, name, owner), each.scope) for each in own]
        return bool(given) and all(node is not None and self._holds_options(node, at, depth + 1) for node, at in given)

    def _fact(self, name: str, use: str, node: ast.AST, called: Called, places: Places) -> Fact:
        fields = {"option": name, "use": use, **reach_fields(called.part, called.guard.kind)}
        return Fact("program.option", Location(places.path, places.span(node)), fields)
