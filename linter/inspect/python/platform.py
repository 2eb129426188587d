"""Words of SageMaker in code: the metering header, the variable of batch jobs, and the settings of transform jobs.

All are rare, so that a module without the words costs one look at its text for each.
"""

from __future__ import annotations

import ast
import json
import re
from typing import TYPE_CHECKING, Any

from linter.inspect.python.debug_aids import part_at
from linter.inspect.python.scopes import dotted, nodes_of
from linter.inspect.python.web.read import blank
from linter.lazy import compiled
from linter.model import Fact, Location

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from linter.inspect.python.names import Names
    from linter.inspect.python.place import Places
    from linter.inspect.python.values import Values
    from linter.knowledge import Knowledge

METERING, ONE_MODE = "metering", "one_mode"
_LIMIT = 50
"""Facts of each kind of one module."""
_FAILURES = range(400, 600)
_LEAVING = frozenset({"exit", "_exit", "abort"})


class Platform:
    """The table `frameworks.platform`, made ready for look-ups."""

    def __init__(self, knowledge: Knowledge) -> None:
        table: Mapping[str, Any] = knowledge.get("frameworks.platform")
        self.header: str = knowledge.get("quotas.inference.metering_header.value")
        self.batch: str = knowledge.get("quotas.inference.batch_environment.value")
        self.like_header = compiled(table["like_metering"], re.IGNORECASE)
        self.members: list[str] = table["metering_members"]
        self.calls = frozenset(table["transform_calls"])
        self.settings: Mapping[str, str] = table["transform_settings"]


def platform_facts(
    tree: ast.Module, names: Names, values: Values, places: Places, knowledge: Knowledge
) -> Iterator[Fact]:
    """Facts `python.web` for what a program answers, `transform.setting` for what publishing code asks for."""
    table: Platform = knowledge.index("inspect.python.platform", Platform)
    text = places.code.text
    reading = _Reading(names, values, places, table)
    if "etering" in text or "METERING" in text:
        yield from reading.metering(tree)
    if table.batch in text:
        yield from reading.one_mode(tree)
    if any(name in text for name in table.settings):
        yield from reading.transforms()


class _Reading:
    def __init__(self, names: Names, values: Values, places: Places, table: Platform) -> None:
        self.names, self.values, self.places, self.table = names, values, places, table

    def _answer(self, what: str, node: ast.AST, value: Mapping[str, Any]) -> Fact:
        part = part_at(getattr(node, "lineno", 1), self.names.outline)
        text = " ".join(self.places.text(node)[:200].split())
        settings = {"what": what, "value": dict(value), "intercepts": False}
        location = Location(self.places.path, self.places.span(node))
        return Fact("python.web", location, {**blank("answer", None, part.name, text), "settings": settings})

    # --- metering

    def metering(self, tree: ast.Module) -> Iterator[Fact]:
        """A fact for each place that gives an answer the metering header, or one that looks like it."""
        assigned: dict[str, list[ast.expr]] = {}
        found: list[tuple[str, ast.AST, ast.expr]] = []
        for node in nodes_of(tree):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        assigned.setdefault(target.id, []).append(node.value)
                    elif isinstance(target, ast.Subscript) and self._is_header(target.slice):
                        found.append((target.slice.value, node, node.value))  # type: ignore[attr-defined]
            elif isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    if key is not None and self._is_header(key):
                        found.append((key.value, key, value))  # type: ignore[attr-defined]
            elif isinstance(node, ast.Call) and len(node.args) > 1 and self._is_header(node.args[0]):
                found.append((node.args[0].value, node, node.args[1]))  # type: ignore[attr-defined]
        found = [each for each in found if not _reads(each[1])]
        for header, place, value in found[:_LIMIT]:
            spelled = header.lower() == self.table.header.lower()
            yield self._answer(METERING, place, {"header": header, "spelled": spelled, **self._shape(value, assigned)})

    def _is_header(self, node: ast.expr) -> bool:
        literal = node.value if isinstance(node, ast.Constant) else None
        return isinstance(literal, str) and self.table.like_header.match(literal) is not None

    def _shape(self, node: ast.expr, assigned: Mapping[str, list[ast.expr]]) -> dict[str, Any]:
        """Whether a value is the JSON that metering wants, and what it holds."""
        node = _followed(node, assigned)
        if isinstance(node, ast.Constant):
            return self._of_text(node.value)
        if isinstance(node, ast.Dict):
            return {"shape": "no-text", "dimension": "unknown"}
        if isinstance(node, ast.Call) and (dotted(node.func) or "").rpartition(".")[2] == "dumps" and node.args:
            inner = _followed(node.args[0], assigned)
            if isinstance(inner, ast.Dict) and all(isinstance(key, ast.Constant) for key in inner.keys):
                pairs = zip(inner.keys, inner.values, strict=True)
                return self._of_members({str(key.value): _literal(value) for key, value in pairs})  # type: ignore[union-attr]
            if isinstance(inner, ast.Constant | ast.List):
                return {"shape": "no-object", "dimension": "unknown"}
        return {"shape": "unknown", "dimension": "unknown"}

    def _of_text(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, str):
            return {"shape": "no-text", "dimension": "unknown"}
        try:
            told = json.loads(value)
        except (ValueError, RecursionError):
            return {"shape": "no-object", "dimension": "unknown"}
        return self._of_members(told) if isinstance(told, dict) else {"shape": "no-object", "dimension": "unknown"}

    def _of_members(self, told: Mapping[str, Any]) -> dict[str, Any]:
        name, units = self.table.members
        dimension = told.get(name, "unknown")
        dimension = dimension if isinstance(dimension, str) else "unknown"
        if set(told) != set(self.table.members):
            return {"shape": "other-members", "dimension": dimension}
        count = told[units]
        whole = isinstance(count, int) and not isinstance(count, bool) and count >= 0
        return {"shape": "right" if whole or count is ... else "no-count", "dimension": dimension}

    # --- the mode of a job

    def one_mode(self, tree: ast.Module) -> Iterator[Fact]:
        """A fact for each place at which a program gives up because it runs, or does not run, in a batch job."""
        held: set[str] = set()
        number = 0
        for node in nodes_of(tree):
            if isinstance(node, ast.Assign) and self._asks(node.value, held):
                held |= {each.id for each in node.targets if isinstance(each, ast.Name)}
        for node in nodes_of(tree):
            gives_up = isinstance(node, ast.Assert) or (isinstance(node, ast.If) and _leaves(node.body[-1]))
            if gives_up and self._asks(node.test, held) and number < _LIMIT:
                number += 1
                yield self._answer(ONE_MODE, node.test, {"name": self.table.batch})

    def _asks(self, node: ast.AST, held: set[str]) -> bool:
        return any(
            (isinstance(each, ast.Constant) and each.value == self.table.batch)
            or (isinstance(each, ast.Name) and each.id in held)
            for each in nodes_of(node)
        )

    # --- transform jobs

    def transforms(self) -> Iterator[Fact]:
        """A fact for each setting of a transform job that a call is given with a figure."""
        number = 0
        for called in self.names.outline.calls_named(self.table.calls):
            for name, node in _settings(called.node):
                setting = self.table.settings.get(name)
                value = self.values.of(node, called.scope) if setting is not None else None
                if isinstance(value, int | float) and not isinstance(value, bool) and number < _LIMIT:
                    number += 1
                    fields = {"setting": setting, "name": name, "value": value}
                    yield Fact("transform.setting", Location(self.places.path, self.places.span(node)), fields)


def _settings(node: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    """The keywords of a call, and the members of mappings that are given so."""
    for keyword in node.keywords:
        if keyword.arg is not None:
            yield keyword.arg, keyword.value
        if isinstance(keyword.value, ast.Dict):
            for key, value in zip(keyword.value.keys, keyword.value.values, strict=True):
                if isinstance(key, ast.Constant):
                    yield str(key.value), value


def _followed(node: ast.expr, assigned: Mapping[str, list[ast.expr]]) -> ast.expr:
    """What a name stands for that is set once."""
    found = assigned.get(node.id, ()) if isinstance(node, ast.Name) else ()
    return found[0] if len(found) == 1 else node


def _literal(node: ast.expr) -> Any:
    """A constant, with its sign; `...` for anything else."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        inner = node.operand.value
        return -inner if isinstance(inner, int | float) else ...
    return node.value if isinstance(node, ast.Constant) else ...


def _reads(node: ast.AST) -> bool:
    """Whether a call reads a header with a default."""
    return isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "get"


def _leaves(node: ast.stmt) -> bool:
    """Whether a statement ends the program, or the request with an error."""
    if isinstance(node, ast.Raise):
        return True
    if isinstance(node, ast.Return):
        return any(isinstance(each, ast.Constant) and each.value in _FAILURES for each in nodes_of(node))
    called = node.value if isinstance(node, ast.Expr) else None
    return isinstance(called, ast.Call) and (dotted(called.func) or "").rpartition(".")[2] in _LEAVING
