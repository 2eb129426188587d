"""How a program ends and what it makes of its arguments: facts `program.exit`, `program.signal`, `program.argument`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from linter.inspect.python.files import reach_fields
from linter.inspect.python.guards import is_main
from linter.inspect.python.scopes import FUNCTION, MAIN_PART, dotted
from linter.model import UNKNOWN, Fact, Location
from linter.references.apis import CALLED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from linter.inspect.python.names import Names
    from linter.inspect.python.place import Places
    from linter.inspect.python.scopes import Called, Part, Scope
    from linter.inspect.python.values import Values
    from linter.knowledge import Knowledge

PYTHON = "python"
_PARSER = f"argparse.ArgumentParser{CALLED}"
_PARSING = "parse_args"
_STATEMENTS = 400
"""Statements of one body that are looked at."""


class ExitTable:
    """The tables of exits and signals, made ready for look-ups."""

    def __init__(self, knowledge: Knowledge) -> None:
        exits: Mapping[str, Any] = knowledge.get("program_behaviour.exits")
        signals: Mapping[str, Any] = knowledge.get("program_behaviour.signals")
        self.calls = frozenset(exits["calls"])
        self.functions = frozenset(exits["functions"])
        self.broad = frozenset(exits["broad"])
        self.telling = frozenset(exits["telling"])
        self.logs = frozenset(knowledge.get("program_behaviour.log_objects"))
        self.signal_call: str = signals["call"]
        self.ignoring: str = signals["ignoring"]
        self.default: str = signals["default"]
        self.wanted = frozenset({self.signal_call.rpartition(".")[2], _PARSING})


def exit_table(knowledge: Knowledge) -> ExitTable:
    """The table of this run's knowledge, made once."""
    found: ExitTable = knowledge.index("inspect.python.exits", ExitTable)
    return found


class Exits:
    """Finds how one module ends as a program."""

    def __init__(self, names: Names, values: Values, places: Places, knowledge: Knowledge) -> None:
        self.names, self.values, self.places = names, values, places
        self.table = exit_table(knowledge)

    # --- handlers

    def of_handlers(self, tree: ast.Module) -> Iterator[Fact]:
        """A `program.exit` for each handler of every error that stands where a program's own work is."""
        outline = self.names.outline
        module = outline.module
        yield from self._body(tree.body, module, module.part)
        for node in tree.body:
            if isinstance(node, ast.If) and is_main(node.test):
                yield from self._body(node.body, module, outline.parts.get(MAIN_PART, module.part))
        for name, scope in outline.scopes.items():
            if scope.kind == FUNCTION and name in self.table.functions:
                yield from self._body(getattr(scope.node, "body", []), scope, scope.part)

    def _body(self, body: Sequence[ast.stmt], scope: Scope, part: Part) -> Iterator[Fact]:
        rest = [each for each in body if not isinstance(each, ast.Pass)][:_STATEMENTS]
        while len(rest) > 0 and isinstance(rest[-1], ast.With | ast.AsyncWith):
            rest = [*rest[:-1], *rest[-1].body]
        for number, node in enumerate(rest):
            if isinstance(node, ast.Try | ast.TryStar):
                last = number == len(rest) - 1
                for handler in node.handlers:
                    if self._is_broad(handler):
                        yield self._handled(node, handler, last, scope, part)

    def _is_broad(self, handler: ast.ExceptHandler) -> bool:
        kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        return any(kind is None or (isinstance(kind, ast.Name) and kind.id in self.table.broad) for kind in kinds)

    def _handled(
        self, node: ast.Try | ast.TryStar, handler: ast.ExceptHandler, last: bool, scope: Scope, part: Part
    ) -> Fact:
        ends, status = self._end(handler.body, scope)
        if ends == "falls" and self._leaves_after(node, scope):
            ends, status = UNKNOWN, UNKNOWN
        fields = {
            "language": PYTHON,
            "form": "handler",
            "ends": ends,
            "status": status,
            "last": last,
            "work": _work(node.body),
            "started_as": None,
            **reach_fields(part, "none"),
        }
        return Fact("program.exit", Location(self.places.path, self._head(handler)), fields)

    def _head(self, handler: ast.ExceptHandler) -> Any:
        return self.places.line(handler.lineno)

    def _leaves_after(self, node: ast.Try | ast.TryStar, scope: Scope) -> bool:
        """Whether what follows in any case may end the program otherwise."""
        return any(isinstance(each, ast.Raise | ast.Return) for each in node.finalbody) or any(
            self._status(each, scope) is not None for each in node.finalbody
        )

    def _end(self, body: Sequence[ast.stmt], scope: Scope) -> tuple[str, int | str | None]:
        """How a handler ends: by an error, with a status, or not at all, so that the program goes on."""
        for node in body:
            if any(isinstance(each, ast.Raise) for each in ast.walk(node)):
                return ("raises", None) if isinstance(node, ast.Raise) else (UNKNOWN, UNKNOWN)
            status = self._status(node, scope)
            if status is not None:
                return "exits", status
            if isinstance(node, ast.Return):
                return ("returns", None) if node.value is None else (UNKNOWN, UNKNOWN)
            if isinstance(node, ast.Continue | ast.Break | ast.If | ast.Try | ast.With | ast.For | ast.While):
                return UNKNOWN, UNKNOWN
            if not self._only_tells(node, scope):
                return UNKNOWN, UNKNOWN
        return "falls", None

    def _status(self, node: ast.stmt, scope: Scope) -> int | str | None:
        """The status of a statement that exits; None of one that does not."""
        call = node.value if isinstance(node, ast.Expr) else None
        if not isinstance(call, ast.Call) or not self._exits(call, scope):
            return None
        given = call.args[0] if call.args else next((each.value for each in call.keywords), None)
        if given is None:
            return 0
        value = self.values.of(given, scope)
        if value is None:
            return 0
        if isinstance(value, bool):
            return int(value)
        if isinstance(value, str) or (isinstance(value, dict) and ("join" in value)):
            return 1
        return value if isinstance(value, int) else UNKNOWN

    def _exits(self, call: ast.Call, scope: Scope) -> bool:
        func = call.func
        if isinstance(func, ast.Name) and self.names.bindings(func.id, scope)[0] is None:
            return func.id in self.table.calls
        return any(meaning.path in self.table.calls for meaning in self.names.of(func, scope))

    def _only_tells(self, node: ast.stmt, scope: Scope) -> bool:
        """Whether all that a statement calls tells of the error, and neither hands it on nor ends the program."""
        return all(self._tells(each.func, scope) for each in ast.walk(node) if isinstance(each, ast.Call))

    def _tells(self, func: ast.expr, scope: Scope) -> bool:
        if isinstance(func, ast.Name) and self.names.bindings(func.id, scope)[0] is None:
            return func.id in self.table.telling
        if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Constant):
            return True  # a method of a text
        if isinstance(func, ast.Attribute) and (dotted(func.value) or "").rpartition(".")[2] in self.table.logs:
            return True
        meanings = self.names.of(func, scope)
        roots = {each.path.partition(".")[0].removesuffix(CALLED) for each in meanings}
        return bool(roots) and roots <= self.table.telling

    # --- signals and arguments

    def facts_of(self, called: Called) -> Iterator[Fact]:
        """The fact of one call that handles a signal, or parses the program's arguments."""
        node, scope = called.node, called.scope
        paths = [each.path for each in self.names.of(node.func, scope) if each.kind == "path"]
        if self.table.signal_call in paths and len(node.args) > 1:
            yield self._signal(called)
        elif f"{_PARSER}.{_PARSING}" in paths and not node.args and not node.keywords:
            yield self._parsed(called)

    def _signal(self, called: Called) -> Fact:
        signal, action = called.node.args[:2]
        names = {each.path for each in self.names.of(signal, called.scope)}
        number = self.values.of(signal, called.scope)
        actions = {each.path for each in self.names.of(action, called.scope) if each.kind == "path"}
        does = "handled"
        if actions & {self.table.ignoring, self.table.default}:
            does = "ignored" if self.table.ignoring in actions else "default"
        name = next((path.rpartition(".")[2] for path in names if path.startswith("signal.")), UNKNOWN)
        fields = {
            "language": PYTHON,
            "signal": "SIGTERM" if number == 15 else name,
            "action": does,
            "started_as": None,
            **reach_fields(called.part, called.guard.kind),
        }
        return Fact("program.signal", Location(self.places.path, self.places.span(called.node)), fields)

    def _parsed(self, called: Called) -> Fact:
        accepted = self._positionals()
        fields = {
            "language": PYTHON,
            "form": "argparse",
            "accepted": accepted,
            "given": UNKNOWN,
            "rejected": UNKNOWN,
            "started_as": None,
            **reach_fields(called.part, called.guard.kind),
        }
        return Fact("program.argument", Location(self.places.path, self.places.span(called.node)), fields)

    def _positionals(self) -> list[str] | str | None:
        """The words that the module's parsers take as a positional argument: none, some, or any (None)."""
        found: list[str] = []
        outline = self.names.outline
        for called in outline.calls:
            func = called.node.func
            passed = [*called.node.args, *(each.value for each in called.node.keywords)]
            if any(self._is_parser(each, called.scope) for each in passed):
                return UNKNOWN  # a function adds what it likes
            if not isinstance(func, ast.Attribute):
                continue
            if func.attr == "add_subparsers" or func.attr == "add_parser":
                words = self._words(called.node.args[:1], called.scope) if func.attr == "add_parser" else []
                if words is None:
                    return UNKNOWN
                found += words
            elif func.attr == "add_argument":
                flags = self._words(called.node.args, called.scope)
                if not flags or any(each.arg is None for each in called.node.keywords):
                    return UNKNOWN
                if any(flag.startswith("-") for flag in flags):
                    continue
                choices = next((each.value for each in called.node.keywords if each.arg == "choices"), None)
                listed = self.values.of(choices, called.scope) if choices is not None else None
                if listed is None:
                    return None
                if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
                    return UNKNOWN
                found += listed
        return found

    def _is_parser(self, node: ast.expr, scope: Scope) -> bool:
        return isinstance(node, ast.Name) and any(each.path == _PARSER for each in self.names.of(node, scope))

    def _words(self, nodes: Sequence[ast.expr], scope: Scope) -> list[str] | None:
        values = [self.values.of(each, scope) for each in nodes]
        return values if all(isinstance(each, str) for each in values) else None


def _work(body: Sequence[ast.stmt]) -> bool:
    """Whether a `try` holds more than an import, a definition or one plain value."""
    return any(
        isinstance(each, ast.Call) for node in body if not isinstance(node, ast.Import | ast.ImportFrom)
        for each in ast.walk(node)
    )  # fmt: skip
