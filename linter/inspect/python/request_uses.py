"""What code does with the body of a request: unpickles it, evaluates it, writes it into a log. Facts `request.use`.

A body is followed inside of one file: through names, formatted texts, the calls that hand it on by the table
`program_behaviour`, and into the functions that are given it. What goes to a function of another file becomes a fact
(`handed.py`), and that file is asked what becomes of it there.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from linter.inspect.python.files import reach_fields
from linter.inspect.python.handed import BODY, NOTHING, What, handed_facts
from linter.inspect.python.request_sources import RequestSources
from linter.inspect.python.scopes import FUNCTION, dotted, effective
from linter.model import Fact, Location
from linter.references.apis import CALLED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from linter.inspect.python.handed import Parameter
    from linter.inspect.python.names import Names
    from linter.inspect.python.place import Places
    from linter.inspect.python.scopes import Binding, Called, Scope
    from linter.inspect.python.values import Values
    from linter.knowledge import Knowledge

_DEPTH = 12
_CALLERS = 20
"""Calls of one function that are looked at."""
LOG, ENVIRONMENT = "log", "environment"
NO_BODY = What("")


class RequestUses:
    """Finds what one module does with requests."""

    def __init__(
        self,
        names: Names,
        values: Values,
        places: Places,
        knowledge: Knowledge,
        taken: Mapping[Parameter, What] = NOTHING,
    ) -> None:
        self.names, self.values, self.places, self.taken = names, values, places, taken
        self.sources = RequestSources(names, knowledge)
        self.table, self.concerned = self.sources.table, bool(taken) or self.sources.concerned
        self._known: dict[tuple[int, int], bool] = {}
        self._callers: dict[str, list[Called]] | None = None

    def handed(self) -> Iterator[Fact]:
        """Facts of bodies that go to functions of other files."""
        if self.concerned:
            yield from handed_facts(self.names, self.places, self._body, self.table.modules)

    def _body(self, node: ast.expr, scope: Scope) -> What | None:
        return What(BODY) if self.carries(node, scope) else None

    def facts_of(self, called: Called) -> Iterator[Fact]:
        """The fact of one call that does something with a body, or shows all variables."""
        if not self.concerned and not any(_may_be_environment(each) for each in called.node.args):
            return
        sink = self._sink(called)
        if sink is None:
            return
        use, api, entry = sink
        node, scope = called.node, called.scope
        if use != LOG and not self._acts(node, entry, scope):
            return
        given = [each.value if isinstance(each, ast.Starred) else each for each in node.args]
        if use == LOG:
            given = [each for one in (*given, *(word.value for word in node.keywords)) for each in self._shown(one)]
        what = next(
            (found for each in (given if use == LOG else given[:1]) if (found := self._what(each, scope))), None
        )
        if what is None or (what == ENVIRONMENT and use != LOG):
            return
        fields = {
            "use": use,
            "what": what,
            "api": api,
            "level": entry.get("level"),
            **reach_fields(called.part, called.guard.kind),
        }
        yield Fact("request.use", Location(self.places.path, self.places.span(node)), fields)

    def _sink(self, called: Called) -> tuple[str, str, Mapping[str, Any]] | None:
        func, scope = called.node.func, called.scope
        if isinstance(func, ast.Name) and self.names.bindings(func.id, scope)[0] is None:
            found = self.table.sinks.get(func.id)
            return (found[0], func.id, found[1]) if found is not None else None
        for meaning in self.names.of(func, scope):
            if meaning.kind != "path":
                return None
            name = meaning.path.replace(CALLED, "")
            if name in self.table.sinks:
                use, entry = self.table.sinks[name]
                return use, name, entry
        if isinstance(func, ast.Attribute) and func.attr in self.table.log_methods and self._is_log(func.value):
            return LOG, f".{func.attr}", {"level": self.table.log_methods[func.attr]}
        return None

    def _shown(self, node: ast.expr) -> Iterator[ast.expr]:
        """The expressions whose values a log shows, those left out that by their names say where data lies."""
        inner: Sequence[ast.expr] = ()
        if isinstance(node, ast.JoinedStr):
            inner = [each.value for each in node.values if isinstance(each, ast.FormattedValue)]
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
            inner = [node.left, node.right]
        elif isinstance(node, ast.Tuple | ast.List):
            inner = node.elts
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            inner = node.args
        if inner:
            for each in inner:
                yield from self._shown(each)
        elif not (isinstance(node, ast.Name) and any(word in node.id.lower() for word in self.table.place_words)):
            yield node

    def _is_log(self, node: ast.expr) -> bool:
        text = dotted(node)
        return text is not None and text.rpartition(".")[2] in self.table.log_objects

    def _acts(self, node: ast.Call, entry: Mapping[str, Any], scope: Scope) -> bool:
        """Whether a call with these arguments does what is dangerous in it."""
        for word, wanted in (("only", True), ("unless", False)):
            condition = entry.get(word)
            if condition is not None and self._holds(node, condition, scope) is not wanted:
                return False
        return True

    def _holds(self, node: ast.Call, condition: Mapping[str, Any], scope: Scope) -> bool:
        at = condition.get("at")
        given = next((each.value for each in node.keywords if each.arg == condition["keyword"]), None)
        given = node.args[at] if given is None and at is not None and at < len(node.args) else given
        if given is None:
            return False
        value = self.values.of(given, scope)
        names = {meaning.path for meaning in self.names.of(given, scope) if meaning.kind == "path"}
        return any(value is each or each in names for each in condition["values"])

    # --- what an expression holds

    def _what(self, node: ast.expr, scope: Scope) -> str | None:
        """`body` or `environment`, when an expression holds all or part of a body, or all variables."""
        if self.values.is_environment(node, scope) or self._is_copied_environment(node, scope):
            return ENVIRONMENT
        return BODY if self.carries(node, scope) else None

    def _is_copied_environment(self, node: ast.expr, scope: Scope) -> bool:
        whole = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("dict", "str")
        return whole and bool(node.args) and self.values.is_environment(node.args[0], scope)  # type: ignore[attr-defined]

    def carries(self, node: ast.expr | None, scope: Scope, depth: int = 0) -> bool:
        """Whether an expression holds a request's body, or a part of it."""
        if node is None or depth > _DEPTH:
            return False
        key = (id(node), id(scope))
        if key not in self._known:
            self._known[key] = False  # while it is looked for: a name may be made of itself
            self._known[key] = self._carries(node, scope, depth + 1)
        return self._known[key]

    def _carries(self, node: ast.expr, scope: Scope, inner: int) -> bool:
        if isinstance(node, ast.Name):
            return self._name_carries(node, scope, inner)
        if isinstance(node, ast.Await | ast.FormattedValue | ast.Starred):
            return self.carries(node.value, scope, inner)
        if isinstance(node, ast.Subscript):
            return self.carries(node.value, scope, inner)
        if isinstance(node, ast.Attribute):
            return self.sources.is_source(node, scope)
        if isinstance(node, ast.Call):
            return self._call_carries(node, scope, inner)
        if isinstance(node, ast.JoinedStr):
            return any(self.carries(each, scope, inner) for each in node.values)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
            return self.carries(node.left, scope, inner) or self.carries(node.right, scope, inner)
        if isinstance(node, ast.Tuple | ast.List):
            return any(self.carries(each, scope, inner) for each in node.elts)
        return False

    def _call_carries(self, node: ast.Call, scope: Scope, depth: int) -> bool:
        func = node.func
        first = node.args[0] if node.args else None
        if isinstance(func, ast.Attribute):
            if self.sources.is_source(func, scope):
                return True
            if func.attr in self.table.passing_methods and self.carries(func.value, scope, depth):
                return True
            if func.attr == "format" and isinstance(func.value, ast.Constant):
                return any(self.carries(each, scope, depth) for each in node.args)
        if first is None:
            return False
        if isinstance(func, ast.Name) and self.names.bindings(func.id, scope)[0] is None:
            return func.id in self.table.passing_calls and self.carries(first, scope, depth)
        meanings = self.names.of(func, scope)
        if any(each.path.replace(CALLED, "") in self.table.passing_calls for each in meanings):
            return self.carries(first, scope, depth)
        own = [each.scope for each in meanings if each.kind == "function" and each.scope is not None]
        return any(self.carries(given, each, depth) for each in own for given in each.returns)

    def _name_carries(self, node: ast.Name, scope: Scope, depth: int) -> bool:
        owner, bindings = self.names.bindings(node.id, scope)
        if owner is None or owner.kind != FUNCTION:
            return False
        held = effective(bindings, node.lineno, owner is scope)
        return bool(held) and all(self._bound_carries(each, node.id, owner, depth) for each in held)

    def _bound_carries(self, binding: Binding, name: str, owner: Scope, depth: int) -> bool:
        if binding.kind == "parameter":
            is_taken = self.taken.get((owner.name, name), NO_BODY).what == BODY
            return is_taken or self.sources.is_body(name, owner) or self._is_handed(name, owner, depth)
        if binding.kind in ("value", "enter") and not binding.path:
            return self.carries(binding.node, binding.owner or owner, depth)
        return binding.kind == "item" and self.carries(binding.node, binding.owner or owner, depth)

    def _is_handed(self, name: str, owner: Scope, depth: int) -> bool:
        """Whether some call in the file gives a function the body as this parameter."""
        if depth > _DEPTH or owner.name.rpartition(".")[2] not in self._calls():
            return False
        for called in self._calls()[owner.name.rpartition(".")[2]][:_CALLERS]:
            given = argument_of(called.node, name, owner)
            if given is None or not any(each.scope is owner for each in self.names.of(called.node.func, called.scope)):
                continue
            if self.carries(given, called.scope, depth + 1):
                return True
        return False

    def _calls(self) -> dict[str, list[Called]]:
        """The calls of the file by the last name of what they call."""
        if self._callers is None:
            self._callers = {}
            for called in self.names.outline.calls:
                func = called.node.func
                name = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
                self._callers.setdefault(name, []).append(called)
        return self._callers


def argument_of(node: ast.Call, name: str, owner: Scope) -> ast.expr | None:
    """What a call gives a function as one of its parameters; None when that cannot be told."""
    keyword = next((each.value for each in node.keywords if each.arg == name), None)
    if keyword is not None:
        return keyword
    parameters = [each for each in owner.parameters if each not in ("self", "cls")]
    at = parameters.index(name) if name in parameters else len(node.args)
    if at >= len(node.args) or any(isinstance(each, ast.Starred) for each in node.args[: at + 1]):
        return None
    return node.args[at]


def _may_be_environment(node: ast.expr) -> bool:
    """Whether an argument has the form `os.environ` or `dict(os.environ)`."""
    inner = node.args[0] if isinstance(node, ast.Call) and len(node.args) == 1 else node
    return isinstance(inner, ast.Attribute) and inner.attr == "environ"
