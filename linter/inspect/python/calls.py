"""Calls of a module that may reach out, as facts `python.call`."""

from __future__ import annotations

import ast
import builtins
import sys
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.inspect.python.bases import with_base
from linter.inspect.python.commands import command_of
from linter.inspect.python.conditions import conditions_of, narrowed, without_options
from linter.inspect.python.forms import is_later, small
from linter.inspect.python.guards import NOTHING
from linter.inspect.python.hints import names_of
from linter.inspect.python.offline import Offline
from linter.inspect.python.outline import ARGUMENTS_LIMIT
from linter.inspect.python.typed import filled_classes, filled_field
from linter.model import UNKNOWN, Fact, Location
from linter.references.apis import CALLED, Api, Argument, api_table
from linter.references.destination import (
    ABSENT,
    HOLE,
    OUTSIDE,
    SPREAD,
    Arguments,
    alternatives,
    is_requested,
    judge_of,
    visible,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from linter.inspect.python.guards import Guard
    from linter.inspect.python.names import Meaning, Names
    from linter.inspect.python.place import Places
    from linter.inspect.python.scopes import Called, Import, Part, Scope
    from linter.inspect.python.values import Values
    from linter.knowledge import Knowledge

_SOURCE_LIMIT = 1000
_MEMBERS = 500
"""Members of a mapping in which names of classes are looked for."""
_NOT_FACTS = ("never", "path", "client")


class Use(NamedTuple):
    """A place where something that may reach out is called."""

    node: ast.AST
    scope: Scope
    part: Part
    guard: Guard
    arguments: Arguments


class Calls:
    """Finds the calls of one module that the knowledge knows, or that another file of the product may know."""

    def __init__(self, names: Names, values: Values, places: Places, knowledge: Knowledge) -> None:
        self.names, self.values, self.places = names, values, places
        self.table = api_table(knowledge)
        self.judge = judge_of(knowledge)
        self.knowledge = knowledge
        self.offline = Offline(names.outline, values, knowledge)
        self.seen: set[tuple[int, str]] = set()
        self.library_names = _library_names(names)
        self.plain: Values | None = None

    def facts(self) -> Iterator[Fact]:
        """All of them, in the order of their places."""
        for called in self.names.outline.calls:
            node, scope, part, guard = called
            meanings = self.names.of(node.func, scope)
            telling = [each for each in meanings if self._tells(each)]
            if telling:
                use = Use(node, scope, part, guard, self._arguments(node, scope, guard))
                for meaning in telling:
                    yield from self._meant(meaning, use)
            elif isinstance(node.func, ast.Attribute):
                yield from self._of_any_object(node.func.attr, meanings, called)
                yield from self._filled(called)
            if node.args or node.keywords:
                yield from self._handed_over(node, scope, part, guard)
        for decorated in self.names.outline.decorated:
            for meaning in self.names.of(decorated.node, decorated.scope):
                use = Use(decorated.node, decorated.scope, decorated.part, decorated.guard, Arguments())
                yield from self._meant(meaning, use)
        yield from self._imports()

    def _under(self, use: Use) -> list[dict[str, Any]]:
        if not use.guard.tests:
            return []
        self.plain = self.plain or without_options(self.values)
        return conditions_of(use.guard.tests, use.scope, self.plain)

    def _arguments(self, node: ast.Call, scope: Scope, guard: Guard = NOTHING) -> Arguments:
        positional: list[Any] = []
        tests = guard.tests
        spread = bool(spreads := [each.value for each in node.keywords if each.arg is None])
        for each in node.args:
            if isinstance(each, ast.Starred):
                items = self.values.of(each.value, scope)
                if not isinstance(items, list):
                    spread, spreads = True, []
                    break
                positional += items
            else:
                positional.append(_Lazy(self.values, each, scope, tests))
        keywords = {each.arg: _Lazy(self.values, each.value, scope, tests) for each in node.keywords if each.arg}
        for each in spreads:
            mapping = self.values.of(each, scope)
            if isinstance(mapping, dict) and "dict" in mapping:
                keywords = {**mapping["dict"], **keywords}
            elif len(spreads) == 1 and is_later(mapping):
                keywords[SPREAD] = mapping
        return _LazyArguments(tuple(positional), keywords, spread)

    # --- what a callee means

    def _tells(self, meaning: Meaning) -> bool:
        """Whether `_meant` may make a fact of a meaning; of most calls none may, so their arguments do not matter."""
        if meaning.kind == "path":
            return self.table.find_called(meaning.path) is not None or self._may_be_exported(meaning.path)
        return meaning.kind in ("partial", "class")

    def _meant(self, meaning: Meaning, use: Use) -> Iterator[Fact]:
        if meaning.kind == "partial" and meaning.call is not None:
            bound = self._arguments(meaning.call, use.scope)
            positional = (*bound.positional[1:], *use.arguments.positional)
            whole = _LazyArguments(positional, {**bound.keywords, **use.arguments.keywords}, use.arguments.spread)
            for inner in meaning.bound:
                yield from self._meant(inner, use._replace(arguments=whole))
            return
        if meaning.kind == "class" and meaning.scope is not None:  # a class of the file that extends one of a library
            for base in self.names.bases(meaning.scope):
                if base.kind == "path" and "__init__" not in meaning.scope.bindings:
                    yield from self._meant(base, use)
            return
        if meaning.kind != "path":
            return
        api = self.table.find_called(meaning.path)
        if api is not None:
            if (api.mode not in _NOT_FACTS or api.application is not None) and self._is_new(use, api.name):
                yield from self._facts(api, meaning.path, with_base(use, api, self.values))
        elif self._may_be_exported(meaning.path) and self._is_new(use, meaning.path):
            yield self._open_fact(meaning.path, use)

    def _of_any_object(self, method: str, meanings: Sequence[Meaning], called: Called) -> Iterator[Fact]:
        """The fact of a method with a telling name, of an object of which the file does not say what it is."""
        api = self.table.method_of_any(method)
        if api is None or not api.any_object or any(each.kind != "path" for each in meanings):
            return
        node, scope, part, guard = called
        use = Use(node, scope, part, guard, self._arguments(node, scope, guard))
        # A switch that is not known to be on is off; an address may still be known to another file.
        counts = (*OUTSIDE, UNKNOWN)
        if self.judge.judge(api, use.arguments).destination in counts and self._is_new(use, api.name):
            yield self._fact(api, f"*.{method}", use)

    def _filled(self, called: Called) -> Iterator[Fact]:
        """Classes of a library that a parser fills: `HfArgumentParser((ModelArguments, TrainingArguments))`."""
        node, scope, part, guard = called
        for each in filled_classes(self.values, node, scope):
            for meaning in self.names.of(each, scope):
                api = self.table.find(meaning.path) if meaning.kind == "path" else None
                if api is not None and api.kind == "class" and api.mode == "config":
                    names = [place.keyword for place in api.places if place.keyword]
                    given = {name: filled_field(self.values, node, name, scope) for name in names}
                    yield self._fact(api, meaning.path, Use(node, scope, part, guard, Arguments((), given)))

    def _is_new(self, use: Use, name: str) -> bool:
        key = (id(use.node), name)
        if key in self.seen:
            return False
        self.seen.add(key)
        return True

    def _may_be_exported(self, path: str) -> bool:
        """Whether a name may be one of a library that another file of the product hands on."""
        if path.rpartition(".")[2].replace(CALLED, "") not in self.table.last_names:
            return False
        root, _, rest = path.partition(".") if not path.startswith(".") else ("", "", path)
        root = root.removesuffix(CALLED)
        known = root in self.table.roots or root in sys.stdlib_module_names or hasattr(builtins, root)
        return bool(rest) and not known

    def _handed_over(self, node: ast.Call, scope: Scope, part: Part, guard: Guard) -> Iterator[Fact]:
        """`executor.submit(requests.get, url)`: a function of a library given to something that may call it."""
        handed = [
            (number, api, meaning.path)
            for number, each in enumerate(node.args)
            if (type(each) is ast.Name or type(each) is ast.Attribute) and self._may_be_library(each)
            for meaning in self.names.of(each, scope)
            if (api := self._function(meaning)) is not None
        ]
        targets = [each.value for each in node.keywords if each.arg == "target"]
        if (handed or targets) and self._prepares(node, scope):
            return  # it counts where it is called
        for number, api, path in handed:
            rest = [_Lazy(self.values, value, scope) for value in node.args[number + 1 :]]
            named = {k.arg: _Lazy(self.values, k.value, scope) for k in node.keywords if k.arg}
            use = Use(node, scope, part, guard, _LazyArguments(tuple(rest), named, not rest))
            if self._is_new(use, api.name):
                yield self._fact(api, path, use)
        for target in targets:
            if isinstance(target, ast.Name | ast.Attribute):
                passed = next((each.value for each in node.keywords if each.arg == "args"), None)
                items = self.values.of(passed, scope)
                rest = items if isinstance(items, list) else []
                for meaning in self.names.of(target, scope):
                    api = self.table.find(meaning.path) if meaning.kind == "path" else None
                    if api is not None and (api.mode not in (*_NOT_FACTS, "config") or api.application is not None):
                        use = Use(node, scope, part, guard, Arguments(tuple(rest)))
                        yield from self._facts(api, meaning.path, use)

    def _prepares(self, node: ast.Call, scope: Scope) -> bool:
        """Whether a call only prepares one of what it is given: `partial(requests.get, url)`."""
        given = any(isinstance(each, ast.Name | ast.Attribute) and self._may_be_library(each) for each in node.args)
        return given and any(meaning.kind == "partial" for meaning in self.names.of(node, scope))

    def _function(self, meaning: Meaning) -> Api | None:
        """The entry of a function that may be handed to something that calls it."""
        if meaning.kind != "path" or meaning.path.endswith(CALLED):
            return None
        api = self.table.find(meaning.path)
        callable_ = api is not None and api.kind in ("call", "method") and api.mode not in (*_NOT_FACTS, "config")
        return api if callable_ else None

    def _may_be_library(self, node: ast.expr) -> bool:
        """Whether an expression starts with a name that may stand for something of a library."""
        while type(node) is ast.Attribute:
            node = node.value
        return type(node) is not ast.Name or node.id in self.library_names

    def _imports(self) -> Iterator[Fact]:
        """Modules whose import alone reaches out."""
        for each in self.names.outline.imports:
            if not self._may_act(each):
                continue
            path = ".".join(filter(None, [each.module, each.name])) if each.level == 0 else ""
            for name in (path, each.module):
                api = self.table.find(name) if name else None
                if api is not None and api.kind == "import" and api.mode not in _NOT_FACTS:
                    part = self.names.outline.parts[each.part]
                    span = self.places.line(each.line)
                    yield self._made(api, path, part, each.guard, span, Arguments(), text=f"import {path}")
                    break

    def _may_act(self, imported: Import) -> bool:
        return imported.module.partition(".")[0] in self.table.acting_roots

    # --- facts

    def _facts(self, api: Api, path: str, use: Use) -> Iterator[Fact]:
        """The fact of a call; none of one that serves an application which it is not given as a text."""
        if api.loads is not None:
            yield from self._loaded(api.loads, use)
            return
        if api.application is None:
            yield self._fact(api, path, use)
            return
        values = alternatives(use.arguments.get(api.application))
        texts = [each for each in values if isinstance(each, str)]
        if texts:
            known = next((text for text in texts if HOLE not in text), None)
            server = {"mode": "command", "command_category": "server", "starts": known}
            program = UNKNOWN if known is None else api.name.partition(".")[0]
            fact = self._fact(api, path, use)
            yield fact.with_fields(**server, program=program)

    def _loaded(self, argument: Argument, use: Use) -> Iterator[Fact]:
        """The facts of classes that a call builds because a mapping names them: handlers of `logging.config`."""
        for name, keywords in islice(_named_classes(_plain(use.arguments.get(argument))), ARGUMENTS_LIMIT):
            found = self.table.find(name)
            known = found is not None and found.kind == "class" and found.mode not in _NOT_FACTS
            if found is not None and known and self._is_new(use, found.name):
                yield self._fact(found, name, use._replace(arguments=Arguments((), keywords)))

    def _fact(self, api: Api, path: str, use: Use) -> Fact:
        span = self.places.span(use.node)
        text = self._source(use.node)
        fact = self._made(api, path, use.part, use.guard.kind, span, use.arguments, text=text)
        under = self._under(use)
        return fact.with_fields(under=under) if under else fact

    def _made(self, api: Api, path: str, part: Part, guard: str, span: Any, given: Arguments, text: str) -> Fact:
        command = command_of(api, given, self.knowledge) if api.mode == "command" else None
        verdict = self.judge.judge(api, given)
        value = self.judge.deciding(api, given)
        fields = blank(path, part.name, text, guard)
        fields |= {
            "api": api.name,
            "category": api.category,
            "reason": api.reason,
            "mode": api.mode,
            "argument": None if value is ABSENT else _plain(value),
            "target": verdict.target,
            "destination": verdict.destination,
            "from_request": is_requested(value),
            "names": self._names_of(api, given) if isinstance(value, dict) and command is None else [],
            "metadata_host": self.judge.is_metadata(verdict.target),
            "arguments": as_json(given, api),
            "offline": self.offline.evidence(api),
        }
        if command is not None:
            fields |= command._asdict()
        return Fact("python.call", Location(self.places.path, span), fields)

    def _names_of(self, api: Api, given: Arguments) -> list[str]:
        """The names by which the deciding argument is taken, where other files may say more about it."""
        found = next((each for place in api.places if (each := Arguments.get(given, place)) is not ABSENT), None)
        return names_of(found.node, found.scope, self.names) if isinstance(found, _Lazy) else []

    def _open_fact(self, path: str, use: Use) -> Fact:
        fields = blank(path, use.part.name, self._source(use.node), use.guard.kind)
        fields["arguments"] = as_json(use.arguments, None)
        fields["under"] = self._under(use)
        return Fact("python.call", Location(self.places.path, self.places.span(use.node)), fields)

    def _source(self, node: ast.AST) -> str:
        return visible(" ".join(self.places.text(node)[:_SOURCE_LIMIT].split()))


def _library_names(names: Names) -> frozenset[str]:
    """Names that may stand for something of a library: imported, or given a value that starts with such a name."""
    found = {"self", "cls"} | {
        each.alias or ""
        for each in names.outline.imports
        if each.level or not each.part or names.is_library(each.module)
    }
    given = [
        (name, root)
        for scope in names.outline.every
        for name, bindings in scope.bindings.items()
        for each in bindings
        if each.node is not None and (root := _root(each.node)) is not None
    ]
    for _ in range(2):
        for name, root in given:
            if root in found:
                found.add(name)
    return frozenset(found)


def _root(node: ast.expr) -> str | None:
    """The first name of `a.b(c).d`."""
    while True:
        kind = type(node)
        if kind is ast.Name:
            return node.id  # type: ignore[attr-defined,no-any-return]
        if kind is ast.Call:
            node = node.func  # type: ignore[attr-defined]
        elif kind is ast.Attribute or kind is ast.Subscript or kind is ast.Await:
            node = node.value  # type: ignore[attr-defined]
        else:
            return None


def blank(path: str, part: str, text: str, guard: str) -> dict[str, Any]:
    return {
        "api": None,
        "name": path,
        "category": None,
        "reason": None,
        "mode": None,
        "part": part,
        "text": text,
        "argument": None,
        "arguments": {"positional": [], "keywords": {}, "spread": False},
        "target": None,
        "destination": UNKNOWN,
        "from_request": False,
        "names": [],
        "likely_target": None,
        "metadata_host": False,
        "program": None,
        "command_category": None,
        "deed": "",
        "starts": None,
        "offline": UNKNOWN,
        "baked": False,
        "carried_by": "none",
        "installed": None,
        "guard": guard,
        "under": [],
        "whole_module": True,
        "scope": UNKNOWN,
        "reached": UNKNOWN,
        "reached_from": None,
    }


def _named_classes(value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """The names of classes in a mapping, under `class` or `()`, each with what stands beside it."""
    waiting, seen = [value], 0
    while waiting and seen < _MEMBERS:
        here, seen = waiting.pop(0), seen + 1
        if isinstance(here, dict) and isinstance(inside := here.get("dict"), dict):
            name = inside.get("class", inside.get("()"))
            if isinstance(name, str):
                yield name, {key: each for key, each in inside.items() if isinstance(key, str)}
            waiting += inside.values()


def as_json(given: Arguments, api: Api | None) -> dict[str, Any]:
    """The arguments as far as they may still matter: all of an open name, else those that decide."""
    wanted = None if api is None else {place.keyword for place in api.places} | {*api.local_keywords, SPREAD}
    named = [(name, value) for name, value in given.keywords.items() if wanted is None or name in wanted]
    keywords = {name: small(_plain(value)) for name, value in named[:ARGUMENTS_LIMIT]}
    positional = [small(_plain(value)) for value in given.positional[:ARGUMENTS_LIMIT]]
    if api is not None:
        last = max((place.at for place in api.places if place.at is not None and place.at >= 0), default=-1)
        every = api.mode == "command" or any((place.at or 0) < 0 for place in api.places)  # os.execvp(file, words)
        positional = positional if every else positional[: last + 1]
    return {"positional": positional, "keywords": keywords, "spread": given.spread}


class _Lazy:
    """An argument that is evaluated when something asks for it: most calls are of no interest."""

    __slots__ = ("node", "scope", "tests", "values")

    def __init__(
        self, values: Values, node: ast.expr, scope: Scope, tests: tuple[tuple[ast.expr, bool], ...] = ()
    ) -> None:
        self.values, self.node, self.scope, self.tests = values, node, scope, tests

    def value(self) -> Any:
        value = self.values.of(self.node, self.scope)
        return narrowed(value, self.node, self.tests, self.scope, self.values) if self.tests else value


def _plain(value: Any) -> Any:
    return value.value() if isinstance(value, _Lazy) else value


class _LazyArguments(Arguments):
    """Arguments whose values are worked out one by one."""

    __slots__ = ()

    def get(self, argument: Any) -> Any:
        return _plain(super().get(argument))

    def keyword(self, name: str) -> Any:
        return _plain(super().keyword(name))
