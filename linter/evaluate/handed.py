"""What functions do with a request's body, or with hyperparameters, that code of another file hands to them.

Inspection notes what is handed on (`value.handed`). The file with the function is then read once more, with its
parameters known for what they are. What it hands on itself is followed in the same way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from linter.evaluate.modules import Sources
from linter.inspect.code import Code
from linter.inspect.python.handed import ALL, BODY, What
from linter.inspect.python.scopes import CLASS
from linter.references.patterns import is_test_file

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterable, Iterator, Sequence

    from linter.inspect.python.handed import Parameter
    from linter.inspect.python.names import Names
    from linter.inspect.python.place import Places
    from linter.inspect.python.values import Values
    from linter.knowledge import Knowledge
    from linter.model import Fact
    from linter.tree import Tree

HANDED = "value.handed"
_ROUNDS = 3
"""Files through which a value is handed on, one after the other."""
_MOST_FILES = 60
"""Files that are read once more."""
_LONGEST = 6
"""Parts of a dotted name that may be the module's."""
_REEXPORTS = 2
"""Modules through which one function is imported."""
_WANTED = ("request.use", "hyperparameter.read", HANDED)


class _Function(NamedTuple):
    """A function of a file, by its name in the file."""

    path: str
    name: str


class _Read(NamedTuple):
    """A file that was parsed."""

    tree: ast.Module
    names: Names
    values: Values
    places: Places


def with_handed(facts: Sequence[Fact], tree: Tree, knowledge: Knowledge) -> list[Fact]:
    """The facts with those about values that come from other files."""
    tests = frozenset(knowledge.get("request_calls.test_folders"))
    following = _Following(tree, knowledge)
    known = {_key(fact) for fact in facts if fact.kind in _WANTED}
    added: list[Fact] = []
    waiting = [fact for fact in facts if fact.kind == HANDED and not is_test_file(fact.location.path, tests)]
    for _ in range(_ROUNDS):
        changed = following.take(waiting, [*facts, *added])
        waiting = []
        for path in changed:
            for fact in following.facts(path):
                if _key(fact) not in known:
                    known.add(_key(fact))
                    added.append(fact)
                    waiting += [fact] if fact.kind == HANDED else []
        if not waiting:
            break
    following.release()
    return [*facts, *added]


def _key(fact: Fact) -> tuple[Any, ...]:
    return fact.kind, fact.location, *(fact.fields.get(name) for name in ("use", "what", "name", "callee", "argument"))


class _Following:
    """What is known of the functions of each file."""

    def __init__(self, tree: Tree, knowledge: Knowledge) -> None:
        self.sources, self.knowledge = Sources(tree), knowledge
        self.read: dict[str, _Read | None] = {}
        self.taken: dict[str, dict[Parameter, What]] = {}
        self.returning: set[_Function] = set()
        """Functions that give back the mapping of hyperparameters."""

    def take(self, handed: Sequence[Fact], facts: Sequence[Fact]) -> list[str]:
        """Note what is handed on. The files about which something new is known, in their order."""
        changed: dict[str, None] = {}
        for fact in handed:
            if fact["argument"] is None:
                self.returning.add(_Function(fact.location.path, fact["callee"]))
                changed |= dict.fromkeys(_importers(fact, facts))
                continue
            function = self.function(fact["callee"], fact.location.path)
            parameter = self._parameter(function, fact["argument"]) if function is not None else None
            if function is None or parameter is None:
                continue
            given = self.taken.setdefault(function.path, {})
            key = (function.name, parameter)
            what = What(fact["what"], fact["name"])
            if key not in given:
                given[key] = what
                changed[function.path] = None
            elif given[key] != what and what.what != BODY:
                given[key] = What("")  # what two callers hand on differently is none of them
                changed[function.path] = None
        return list(changed)

    def facts(self, path: str) -> Iterator[Fact]:
        """All facts of a file that depend on what is handed to it."""
        read = self._file(path)
        if read is None:
            return
        from linter.inspect.python.files import FileCalls
        from linter.inspect.python.hyperparameters import Given, hyperparameter_reads
        from linter.inspect.python.request_uses import RequestUses

        taken = self.taken.get(path, {})
        kinds = {what.what for what in taken.values()}
        if BODY in kinds:
            uses = RequestUses(read.names, read.values, read.places, self.knowledge, taken)
            for called in read.names.outline.calls_named(uses.table.wanted):
                if called.guard.kind not in ("never", "type_checking"):
                    yield from uses.facts_of(called)
            yield from uses.handed()
        if kinds - {BODY} or self.returning:
            files = FileCalls(read.names, read.values, read.places, self.knowledge)
            given = Given(taken, lambda dotted: self.function(dotted, path) in self.returning)
            yield from hyperparameter_reads(read.tree, files, read.values, read.places, self.knowledge, given)

    def release(self) -> None:
        """Let all trees go."""
        for read in self.read.values():
            if read is not None:
                read.names.outline.release()

    # --- functions and files

    def function(self, dotted: str, importer: str, depth: int = 0) -> _Function | None:
        """The function of the product that a dotted name means in a file; None when there is none."""
        name = dotted.lstrip(".")
        level = len(dotted) - len(name)
        parts = name.split(".")
        for count in range(min(len(parts) - 1, _LONGEST), 0, -1):
            inner = ".".join(parts[count:])
            for folder in _folders(importer, level):
                path = self._path("/".join(part for part in (folder, *parts[:count]) if part))
                if path is not None and path != importer:
                    return self._within(path, inner, depth)
        return None

    def _within(self, path: str, inner: str, depth: int) -> _Function | None:
        """A function by its name in a file, also one that the file imports."""
        read = self._file(path)
        if read is None:
            return None
        found = read.names.outline.scopes.get(inner)
        if found is not None:
            return _Function(path, f"{inner}.__init__" if found.kind == CLASS else inner)
        root, _, rest = inner.partition(".")
        imported = [each for each in read.names.outline.imports if each.alias == root and each.name and not each.part]
        if len(imported) != 1 or depth >= _REEXPORTS:
            return None
        dotted = f"{'.' * imported[0].level}{imported[0].module}.{imported[0].name}"
        return self.function(f"{dotted}.{rest}" if rest else dotted, path, depth + 1)

    def _parameter(self, function: _Function, argument: int | str) -> str | None:
        read = self._file(function.path)
        scope = read.names.outline.scopes.get(function.name) if read is not None else None
        if scope is None:
            return None
        parameters = [each for each in scope.parameters if each not in ("self", "cls")]
        if isinstance(argument, str):
            return argument if argument in parameters else None
        return parameters[argument] if argument < len(parameters) else None

    def _path(self, stem: str) -> str | None:
        for path in (f"{stem}.py", f"{stem}/__init__.py"):
            entry = self.sources.tree.entry(path)
            if entry is not None and entry.kind == "file":
                return path
        return None

    def _file(self, path: str) -> _Read | None:
        if path not in self.read:
            self.read[path] = self._parsed(path) if len(self.read) < _MOST_FILES else None
        return self.read[path]

    def _parsed(self, path: str) -> _Read | None:
        from linter.inspect.python.names import Names
        from linter.inspect.python.parse import parse
        from linter.inspect.python.place import Places
        from linter.inspect.python.values import Values
        from linter.inspect.python.walk import outline_of
        from linter.references.apis import api_table

        source = self.sources.source(path)
        code = Code.of_file(source) if source is not None else None
        tree = parse(code.text).tree if code is not None else None
        if code is None or tree is None:
            return None
        outline = outline_of(tree, self.knowledge.get("network_apis.switch_names"))
        names = Names(outline, api_table(self.knowledge), self.knowledge.get("network_apis.unwrapping"))
        return _Read(tree, names, Values(names, self.knowledge), Places(code, path))


def _folders(importer: str, level: int) -> Iterator[str]:
    """Folders in which a module may lie: the importer's own and those above, or the one that the dots mean."""
    folder = importer.rpartition("/")[0]
    for _ in range(max(level - 1, 0)):
        folder = folder.rpartition("/")[0]
    yield folder
    while folder and not level:
        folder = folder.rpartition("/")[0]
        yield folder


def _importers(given_back: Fact, facts: Iterable[Fact]) -> Iterator[str]:
    """Files that import something called as a function that gives the mapping back, or its module."""
    stem = given_back.location.path.rpartition("/")[2].removesuffix(".py")
    if given_back["what"] != ALL:
        return
    for fact in facts:
        if fact.kind == "python.module" and fact["origin"] == "file" and fact.location.path != given_back.location.path:
            named = {name for each in fact["imports"] for name in (each["module"].rpartition(".")[2], each["name"])}
            if stem in named:
                yield fact.location.path
