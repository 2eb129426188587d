"""Debuggers and debug modes that calls switch on: facts `debug.aid`; and credentials that code reads or holds."""

from __future__ import annotations

import ast
import re
from itertools import islice
from typing import TYPE_CHECKING, Any

from linter.inspect.python.files import reach_fields
from linter.inspect.python.guards import is_main
from linter.inspect.python.scopes import inner_nodes
from linter.model import Fact, Location
from linter.references.apis import CALLED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from linter.inspect.python.names import Names
    from linter.inspect.python.place import Places
    from linter.inspect.python.scopes import Called, Part, Scope
    from linter.inspect.python.values import Values
    from linter.knowledge import Knowledge

WANTED_LIMIT = 100
"""Uses of credentials of one module that become facts."""
_BRANCHING = ast.If | ast.IfExp | ast.Try | ast.While | ast.Match


class AidTable:
    """The table `program_behaviour.debug_aids`, made ready for look-ups."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.calls: Mapping[str, Mapping[str, Any]] = knowledge.get("program_behaviour.debug_aids")
        self.wanted = frozenset(name.rpartition(".")[2] for name in self.calls)


def aid_table(knowledge: Knowledge) -> AidTable:
    """The table of this run's knowledge, made once."""
    found: AidTable = knowledge.index("inspect.python.debug_aids", AidTable)
    return found


class DebugAids:
    """Finds the calls of one module that switch a debugger on."""

    def __init__(self, names: Names, values: Values, places: Places, knowledge: Knowledge) -> None:
        self.names, self.values, self.places = names, values, places
        self.table = aid_table(knowledge)

    def facts_of(self, called: Called) -> Iterator[Fact]:
        """The fact of one call."""
        node, scope = called.node, called.scope
        func = node.func
        paths = (each.path.replace(CALLED, "") for each in self.names.of(func, scope))
        name = next((path for path in paths if path in self.table.calls), None)
        if isinstance(func, ast.Name) and self.names.bindings(func.id, scope)[0] is None:
            name = func.id if func.id in self.table.calls else None
        if name is None:
            return
        entry = self.table.calls[name]
        keyword = entry.get("keyword")
        if keyword is not None:
            given = next((each.value for each in node.keywords if each.arg == keyword), None)
            if given is None or self.values.of(given, scope) is not True:
                return
        fields = {"aid": entry["aid"], "api": name, **reach_fields(called.part, called.guard.kind)}
        yield Fact("debug.aid", Location(self.places.path, self.places.span(node)), fields)


class _Credentials:
    """The table of credentials, made ready for look-ups."""

    def __init__(self, knowledge: Knowledge) -> None:
        table = knowledge.get("program_behaviour.credentials")
        self.variables = frozenset(table["variables"])
        self.files = tuple(table["files"])
        self.needles: list[str] = table["needles"]
        self.arguments = frozenset(table["arguments"])
        self.formats = frozenset(table["formats"])
        self.texts = (*table["variables"], *table["files"])
        self.hints: list[str] = table["hints"]
        self.words = re.compile("|".join(table["key_words"]), re.IGNORECASE)


def credentials(tree: ast.Module, values: Values, places: Places, knowledge: Knowledge) -> Iterator[Fact]:
    """A `credential.use` for each credential that stands in the code, and for each that the code wants to be given."""
    table: _Credentials = knowledge.index("inspect.python.credentials", _Credentials)
    module, text = values.names.outline.module, places.code.text
    named = [
        (name, each.node)
        for name, bindings in module.bindings.items()
        for each in bindings
        if type(each.node) is ast.Constant and type(each.node.value) is str and table.words.search(name)
    ]
    if named or any(hint in text for hint in table.hints):
        yield from _written(named, module.part, places, knowledge, table.formats)
    if any(argument in text for argument in table.arguments):
        yield from islice(_given(values, places, table), WANTED_LIMIT)
    if any(needle in text for needle in table.needles) and any(each in text for each in table.texts):
        yield from islice(_wanted(tree, values, places, table), WANTED_LIMIT)


def _written(
    named: list[tuple[str, ast.Constant]], part: Part, places: Places, knowledge: Knowledge, formats: frozenset[str]
) -> Iterator[Fact]:
    """The credentials that stand in the code: of known formats anywhere, of others under a telling name."""
    from linter.references.secrets import secret_in_value, secrets_in_text

    seen: set[int] = set()
    for kind, start, end in secrets_in_text(places.code.text, knowledge, formats):
        span = places.code.place(start, end)
        seen.add(span.line)
        yield _fact("literal", kind, part, "none", Location(places.path, span))
    for name, node in named:
        found, span = secret_in_value(name, str(node.value), knowledge), places.span(node)
        if found is not None and span.line not in seen:
            yield _fact("named", found, part, "none", Location(places.path, span))


def _given(values: Values, places: Places, table: _Credentials) -> Iterator[Fact]:
    """Calls that are given a credential of AWS. One that is read from a variable right there is told of as that."""
    for called in values.names.outline.calls:
        given = [each for each in called.node.keywords if each.arg in table.arguments]
        if given and not any(_is_nothing(each.value, called.scope, values, table) for each in given):
            location = Location(places.path, places.span(called.node))
            yield _fact("given", str(given[0].arg), called.part, called.guard.kind, location)


def _is_nothing(node: ast.expr, scope: Scope, values: Values, table: _Credentials) -> bool:
    """Whether an argument is None, or a variable that another fact tells of."""
    if isinstance(node, ast.Constant):
        return node.value is None
    if isinstance(node, ast.Subscript):
        return isinstance(node.slice, ast.Constant) and node.slice.value in table.variables
    value = values.of(node, scope)
    return value is None or (isinstance(value, dict) and value.get("environment") in table.variables)


def _wanted(tree: ast.Module, values: Values, places: Places, table: _Credentials) -> Iterator[Fact]:
    """Variables with credentials that code reads: `os.environ[…]` must be there, `os.getenv(…)` may be."""
    outline = values.names.outline
    for called in outline.calls_named({"get", "getenv"}):
        value = values.of(called.node, called.scope)
        if isinstance(value, dict) and value.get("environment") in table.variables:
            location = Location(places.path, places.span(called.node))
            yield _fact("asked", value["environment"], called.part, called.guard.kind, location)
    waiting: list[tuple[ast.AST, str]] = [(tree, "none")]
    while waiting:
        node, guard = waiting.pop()
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            key = node.slice.value if isinstance(node.slice, ast.Constant) else None
            held = isinstance(node.value, ast.Attribute) and node.value.attr == "environ"
            if key in table.variables and (held or getattr(node.value, "id", None) == "environ"):
                location = Location(places.path, places.span(node))
                yield _fact("needed", str(key), part_at(node.lineno, outline), guard, location)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _is_file(node.value, table):
            location = Location(places.path, places.span(node))
            yield _fact("file", "aws-credentials", part_at(node.lineno, outline), guard, location)
        guard = "condition" if isinstance(node, _BRANCHING) and not _runs_as_program(node) else guard
        waiting += [(each, guard) for each in inner_nodes(node)]


def _runs_as_program(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and is_main(node.test)


def _is_file(text: str, table: _Credentials) -> bool:
    return text.endswith(table.files) and len(text.split()) == 1


def part_at(line: int, outline: Any) -> Part:
    """The innermost function or class that a line stands in."""
    best: Part = outline.module.part
    for scope in outline.scopes.values():
        first, last = getattr(scope.node, "lineno", 0), getattr(scope.node, "end_lineno", 0) or 0
        if first <= line <= last and first >= best.line:
            best = scope.part
    return best


def _fact(form: str, kind: str, part: Part, guard: str, location: Location) -> Fact:
    return Fact("credential.use", location, {"form": form, "credential": kind, **reach_fields(part, guard)})
