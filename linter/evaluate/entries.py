"""Which files are evaluated, in which order, and what of it becomes facts."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from linter.evaluate import Evaluated
from linter.evaluate.functions import Given, call_function, instantiate
from linter.evaluate.lookups import lookups
from linter.evaluate.machine import Exhausted, Frame, Machine, room, unknown
from linter.evaluate.makers import Jobs, Makers
from linter.evaluate.modules import Loader, Module, Sources, parsed
from linter.evaluate.provenance import trained_elsewhere
from linter.evaluate.requests import TRAINING, data_files, facts_of, sent_by, strongest
from linter.evaluate.sdk import sdk_lookups
from linter.evaluate.statements import run
from linter.evaluate.text import Origin, Piece, Place, Text, TooLarge
from linter.evaluate.values import Class, Dict, Function
from linter.inspect.python.scopes import nodes_of
from linter.model import Notice
from linter.references.patterns import is_test_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from linter.evaluate.jsontext import Sent
    from linter.inspect.code import Code
    from linter.knowledge import Knowledge
    from linter.model import Fact
    from linter.tree import Tree

MOST_ENTRIES = 60
"""Files of one run that are evaluated; products have a handful that send requests or import what does."""
MOST_TRAINING = 20
"""Files that only train what others publish."""
MOST_REQUESTS = 40
"""Different requests of one call that are judged."""


def evaluated(facts: Sequence[Fact], tree: Tree, knowledge: Knowledge) -> Evaluated:
    """See `linter.evaluate.evaluate`."""
    found = _Requests(knowledge)
    sources = Sources(tree)
    entries = _entries(facts, knowledge)
    training = _training(facts, entries, knowledge)
    notices: list[Notice] = []
    running: list[_Entry] = []
    with room():
        for path in (*training, *entries[:MOST_ENTRIES]):
            texts = _written_texts(path, sources)
            for code, written in _programs(path, sources):
                entry = _Entry(path, code, written, sources, found, knowledge, texts)
                running.append(entry)
                entry.guarded(entry.body)
        found.is_late = True
        for entry in running:
            entry.guarded(entry.rest)
    for path in dict.fromkeys(entry.path for entry in running if entry.exhausted and entry.path not in training):
        text = (
            "the requests that this code sends were not worked out whole: it takes too many steps; check them as JSON"
        )
        notices.append(Notice("request-not-evaluated", text, path, level="note"))
    if len(entries) > MOST_ENTRIES:
        text = f"only the first {MOST_ENTRIES} files that send requests were evaluated; exclude what is no product"
        notices.append(Notice("requests-too-many", text, None, level="warning"))
    made = _without_told_clients(list(found.facts()), facts)
    made += trained_elsewhere([*facts, *made], found.jobs.outputs)
    replaced = tuple(sorted(found.data))
    kept = [fact for fact in facts if not (replaced and str(fact.fields.get("request_id", "")).startswith(replaced))]
    failures = list(dict.fromkeys([*found.failures, *(entry.failure for entry in running if entry.failure)]))
    notices += [
        Notice("request-not-evaluated", f"{each}; please report this", None, level="error") for each in failures
    ]
    return Evaluated([*kept, *made], notices, "; ".join(failures[:3]) or None)


def _without_told_clients(made: list[Fact], facts: Sequence[Fact]) -> list[Fact]:
    """Facts of requests without the Regions of clients that inspection has told in the same file."""
    told = {(fact.location.path, fact["code"]) for fact in facts if _is_client(fact)}
    return [fact for fact in made if not (_is_client(fact) and (fact.location.path, fact["code"]) in told)]


def _is_client(fact: Fact) -> bool:
    return fact.kind == "region.use" and fact["asset"] == "client"


def _entries(facts: Sequence[Fact], knowledge: Knowledge) -> list[str]:
    """Files that send requests, and before them those that import what does, from the outside inwards."""
    tests = frozenset(knowledge.get("request_calls.test_folders"))
    calls = [fact for fact in facts if fact.kind == "request.call" and fact["request"] != TRAINING]
    wanted = dict.fromkeys(fact.location.path for fact in calls)
    rank = dict.fromkeys((path for path in wanted if not is_test_file(path, tests)), 0)
    imports = _imports_by_name(facts, tests) if rank else {}
    for level in range(1, 4):
        last: dict[str, list[str]] = {}
        for path, at in rank.items():
            if at == level - 1 and path.endswith(".py"):
                stem = path.removesuffix(".py").removesuffix("/__init__")
                last.setdefault(stem.rpartition("/")[2], []).append(stem)
        for name in last:
            for path, each in imports.get(name, ()):
                if rank.get(path) != level and _imports(path, each, last):
                    rank[path] = level
    return sorted(rank, key=lambda path: (-rank[path], path))


def _imports_by_name(facts: Sequence[Fact], tests: frozenset[str]) -> dict[str, list[tuple[str, Any]]]:
    """The imports of all files but tests, each with its file, by the names that the last part of a module may have."""
    found: dict[str, list[tuple[str, Any]]] = {}
    for fact in facts:
        path = fact.location.path
        if fact.kind == "python.module" and not is_test_file(path, tests):
            for each in fact["imports"]:
                for name in {each["module"].rpartition(".")[2], each["name"]}:
                    found.setdefault(name, []).append((path, each))
    return found


def _training(facts: Sequence[Fact], entries: Sequence[str], knowledge: Knowledge) -> list[str]:
    """Files that only train, under names by which the others may take what came out."""
    tests = frozenset(knowledge.get("request_calls.test_folders"))
    calls = [fact for fact in facts if fact.kind == "request.call"]
    if not any(fact["request"] == "model_package" for fact in calls):
        return []
    found = {fact.location.path for fact in calls if fact["request"] == TRAINING}.difference(entries)
    return sorted(path for path in found if not is_test_file(path, tests))[:MOST_TRAINING]


def _imports(path: str, each: Any, stems: dict[str, list[str]]) -> bool:
    """Whether an import of a file is one of some modules, given without suffix by the last parts of their names."""
    folder = path.rpartition("/")[0]
    parts = [part for part in each["module"].split(".") if part]
    for names in (parts, [*parts, each["name"]] if each["name"] else []):
        dotted = "/".join(names)
        for stem in stems.get(names[-1], ()) if names else ():
            root = f"/{stem}".removesuffix(f"/{dotted}").removeprefix("/")
            fits = root != stem and (root == folder or not root or folder.startswith(f"{root}/"))
            if fits or (each["level"] and stem.rpartition("/")[0].startswith(folder.rpartition("/")[0])):
                return True
    return False


def _programs(path: str, sources: Sources) -> Iterator[tuple[Code | None, dict[str, Code]]]:
    """The programs of a file: itself (None), or those of a notebook with the modules that it writes."""
    if not path.lower().endswith(".ipynb"):
        yield None, {}
        return
    from linter.inspect.notebook import codes_of

    source = sources.source(path)
    codes = [code for code in codes_of(source) if code.language == "python"] if source else []
    written = {code.path: code for code in codes if code.origin == "written_file" and code.path}
    for code in codes:
        if code.origin == "cell":
            yield code, written


def _written_texts(path: str, sources: Sources) -> dict[str, Text]:
    """The data that the cells of a notebook write, by the paths of the files."""
    source = sources.source(path) if path.lower().endswith(".ipynb") else None
    if source is None or "%%writefile" not in source.text:
        return {}
    from linter.inspect.notebook import written_texts

    made = {}
    for name, text in written_texts(source).items():
        origin = Origin(path, source.text, source.span, f"{path}#written/{name}")
        parts = text.parts(0, len(text.text))
        pieces = [Piece(part, Place(origin, at, at + width), len(part) == width) for part, at, width in parts]
        made[name] = Text(pieces)
    return made


class _Requests:
    """The requests that were found, each once."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.by_call: dict[tuple[str, int], dict[str, Sent]] = {}
        self.seen: set[tuple[str, int]] = set()
        """Calls that were reached with values of the program."""
        self.failures: list[str] = []
        self.jobs = Jobs()
        self.is_late = False
        """Whether functions are called that the program does not call."""
        self.data: set[str] = set()
        """How the names of requests begin in files of data that parts of requests were read from."""

    def add(self, name: str, target: Any, given: Given, node: Any) -> None:
        place = given.place
        key = (place.origin.path, place.origin.span(place.start, place.end).line)
        if self.is_late and key in self.seen:
            return
        if not self.is_late:
            self.seen.add(key)
        try:
            sent = sent_by(name, target, given, given.frame.module.place(node.func), self.knowledge)
        except TooLarge:
            return
        same = self.by_call.setdefault(key, {})
        if sent is not None and len(same) < MOST_REQUESTS:
            same.setdefault(sent.text, sent)

    def facts(self) -> Iterator[Fact]:
        for (path, line), requests in self.by_call.items():
            for number, sent in enumerate(strongest(requests.values())):
                self.data |= data_files(sent)
                try:
                    yield from facts_of(sent, f"{path}#{line}.{number}", self.knowledge)
                except Exception as error:  # one bad request never stops the others
                    self.failures.append(f"the request of {path} failed: {type(error).__name__}: {error}")


class _Entry:
    """A program, and the evaluation of it."""

    def __init__(
        self,
        path: str,
        code: Code | None,
        written: dict[str, Code],
        sources: Sources,
        found: _Requests,
        knowledge: Knowledge,
        texts: dict[str, Text],
    ) -> None:
        self.path, self.found = path, found
        self.exhausted = False
        self.failure: str | None = None
        table = knowledge.get("request_calls")
        self.wanted = frozenset(table["calls"])
        self.loader = Loader(sources, frozenset(table["libraries"]), written, path.rpartition("/")[0], texts)
        self.loader.hold(path)
        self.machine = Machine(self.loader, found.add, self.wanted, Makers(knowledge, found.jobs))
        self.machine.lookups.update(lookups(knowledge) | sdk_lookups(knowledge))
        if code is None:
            self.module = self.loader.module(path)
        else:
            of_cells = parsed(code, path)
            self.module = Module(path, self.loader.folder, *of_cells) if of_cells else None
        if self.module is not None:
            self.module.scope.names["__name__"] = Text.written("__main__")

    def guarded(self, action: Any) -> None:
        """Do something within the bounds of the evaluation."""
        try:
            action()
        except (Exhausted, RecursionError):
            self.exhausted = True
        except Exception as error:  # one bad file never stops the others
            self.failure = f"the evaluation of {self.path} failed: {type(error).__name__}: {error}"

    def body(self) -> None:
        """Run the program."""
        module = self.module
        if module is not None and module.tree is not None:
            module.started = True
            run(self.machine, module.tree.body, Frame(module, module.scope))

    def rest(self) -> None:
        """Call the functions that nothing called and that lead to a request, with unknown arguments."""
        module = self.module
        if module is None or module.tree is None or self.exhausted:
            return
        functions = dict(self._functions(module))
        leading = self._leading(functions, module)
        inner = {name for node in leading for name in _mentioned(node) if name != node.name}
        for node in sorted(leading, key=lambda node: node.name in inner):
            if id(node) not in self.machine.called and not self._is_settled(node, module):
                self._call(functions[node], module)

    def _functions(self, module: Module) -> Iterator[tuple[Any, tuple[Function, Class | None]]]:
        for value in list(module.scope.names.values()):
            if isinstance(value, Function) and value.module is module:
                yield value.node, (value, None)
            elif isinstance(value, Class) and value.module is module:
                for inner in value.scope.names.values():
                    if isinstance(inner, Function):
                        yield inner.node, (inner, value)

    def _leading(self, functions: Iterable[Any], module: Module) -> list[Any]:
        """Functions in which a call of interest stands, and those that mention them."""
        known = {node: _mentioned(node) for node in functions if hasattr(node, "name")}
        found = {node for node, names in known.items() if names & self.wanted}
        for _ in range(5):
            names = {node.name for node in found}
            found |= {node for node, mentioned in known.items() if mentioned & names}
        return [node for node in known if node in found]

    def _is_settled(self, node: Any, module: Module) -> bool:
        """Whether all calls of interest in a function were reached before."""
        lines = set()
        for part in nodes_of(node):
            name = (
                (getattr(part.func, "attr", None) or getattr(part.func, "id", "")) if isinstance(part, ast.Call) else ""
            )
            if name in self.wanted:
                place = module.place(part)
                lines.add((place.origin.path, place.origin.span(place.start, place.end).line))
        return bool(lines) and lines <= self.found.seen

    def _call(self, target: tuple[Function, Class | None], module: Module) -> None:
        function, cls = target
        if function.kind == "wrapped":  # a command line or a scheduler calls it
            function = Function(function.node, function.scope, function.module, function.defaults)
        place = module.place(function.node)
        nothing = Given([], Dict(open=True), True, place, Frame(module, module.scope))
        owner: Any = None
        if cls is not None and function.kind not in ("static",):
            owner = cls if function.kind == "class" else instantiate(self.machine, cls, nothing)
            owner = owner if owner is not None else unknown("self", place)
        call_function(self.machine, function, nothing, owner)


def _mentioned(node: Any) -> set[str]:
    """Names and attributes that stand in a function."""
    names = [part for part in nodes_of(node) if isinstance(part, ast.Name | ast.Attribute)]
    return {part.attr if isinstance(part, ast.Attribute) else part.id for part in names}
