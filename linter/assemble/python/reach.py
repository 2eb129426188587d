"""Which parts of the product's code run in one image, and on which way they are reached."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, NamedTuple

from linter.assemble.python.entry_points import CONTRACT, PACKED, PROGRAM, SENT, Entry
from linter.assemble.python.handlers import Handlers, called_back
from linter.assemble.python.modules import MAIN, Module
from linter.assemble.python.names import CONSTANT, EXTERNAL, MODULE, PART, Names, Target
from linter.model import Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    from linter.model import Fact, Location

# How code is reached, in the order in which it is followed: what every start runs comes before what a request runs.
KINDS = ("import", "start", "handler", "contract")
_IMPORT, _START, _HANDLER, _CONTRACT = range(len(KINDS))
_LONGEST_TRACE = 40
_MAIN = "main"
_DYNAMIC = frozenset({"importlib.import_module", "import_module", "__import__", "runpy.run_path", "runpy.run_module"})

Key = tuple[Module, str]


class Node(NamedTuple):
    """A part that is reached: how, from what start or handler, by which part, and the step that this takes."""

    rank: int
    name: str
    parent: Key | None
    steps: tuple[Step, ...]

    @property
    def kind(self) -> str:
        return KINDS[self.rank]


class Reach:
    """Follows entries over parts. `started` is asked what a call that starts a program leads to."""

    def __init__(
        self,
        names: Names,
        handlers: Handlers,
        calls: Mapping[Key, Sequence[Fact]],
        started: Callable[[Fact, Module, str, tuple[Step, ...]], Iterable[Entry]],
    ) -> None:
        self.names = names
        self.handlers = handlers
        self.calls = calls
        self.started = started
        self.nodes: dict[Key, Node] = {}
        self.open = False
        """Whether something that runs was not followed fully."""
        self.programs: set[Module] = set()
        """Files that are started by themselves."""
        self._queue: list[tuple[int, int, Key]] = []
        self._mentioned: dict[str, Key] = {}
        self._waiting: dict[str, list[Key]] = {}
        self._used: dict[Key, Key] = {}

    def follow(self, entries: Iterable[Entry]) -> None:
        """Reach all that the entries reach."""
        for entry in entries:
            self._enter(entry)
        while self._queue:
            _, _, key = heapq.heappop(self._queue)
            self._visit(key)

    def trace(self, key: Key) -> tuple[Step, ...]:
        """The steps that lead to a part, first step first."""
        steps: list[Step] = []
        at: Key | None = key
        while at is not None and len(steps) < _LONGEST_TRACE:
            node = self.nodes[at]
            steps[:0] = node.steps
            at = node.parent
        return tuple(steps)

    def program(self, key: Key) -> Module:
        """The file that the way to a part begins in."""
        node = self.nodes[key]
        while node.parent is not None:
            key, node = node.parent, self.nodes[node.parent]
        return key[0]

    def _enter(self, entry: Entry) -> None:
        module = entry.module
        if entry.kind == PROGRAM and module.fact["origin"] != "command":
            self.programs.add(module)
        if entry.kind in (PACKED, SENT) and entry.part is not None:
            rank = _CONTRACT if entry.kind == PACKED else _START
            self._push((module, entry.part), Node(rank, entry.part, None, entry.steps))
            if entry.kind == PACKED:
                self._use((module, entry.part), (module, entry.part.rpartition(".")[0]))
            return
        self._push((module, ""), Node(_IMPORT, entry.name, None, entry.steps))
        if entry.kind == PROGRAM and MAIN in module.parts:
            self._push((module, MAIN), Node(_START, entry.name, None, entry.steps))
        for command in self.handlers.commands(module, entry.words) if entry.kind == PROGRAM else ():
            step = Step(_line(module, command), f"{command}() is the command that is run")
            self._push((module, command), Node(_START, entry.name, None, (*entry.steps, step)))
        if entry.part is not None:
            rank = _CONTRACT if entry.kind == CONTRACT else _START
            name = entry.part if entry.kind == CONTRACT else entry.name
            step = _defined(module, entry.part)
            self._push((module, entry.part), Node(rank, name, None, (*entry.steps, step)))
            if module.kind(entry.part) == "class":  # the server makes an instance of what it serves
                self._use((module, entry.part), (module, entry.part))

    def _push(self, key: Key, node: Node) -> None:
        if key not in self.nodes and (key[1] in key[0].parts or not key[1]):
            self.nodes[key] = node
            heapq.heappush(self._queue, (node.rank, len(self.nodes), key))

    def _next(self, parent: Key, key: Key, step: Step | None, rank: int | None = None, name: str | None = None) -> None:
        """Reach a part from another, in the same way unless told otherwise."""
        node = self.nodes[parent]
        steps = (step,) if step is not None else ()
        self._push(key, Node(node.rank if rank is None else rank, name or node.name, parent, steps))

    # --- one part

    def _visit(self, key: Key) -> None:
        module, part = key
        here = module.parts.get(part)
        if here is None:  # it did not parse
            self.open = True
            return
        self._imports(key)
        self._children(key)
        bases = {base for child in module.children(part) for base in module.parts[child]["bases"]}
        bases = {base for base in bases if module.line_of_call(part, base) is None}
        for reference in here["references"]:
            if reference not in bases:
                self._reference(key, reference)
        for attribute in here["attributes"]:
            self._mention(key, attribute)
        for call in self.calls.get(key, ()):
            if call["guard"] not in ("never", "type_checking"):
                node = self.nodes[key]
                for entry in self.started(call, module, node.name, self.trace(key)):
                    self._enter(entry)

    def _imports(self, key: Key) -> None:
        module, part = key
        for each in module.imports.get(part, ()):
            if each["guard"] == "type_checking":
                continue
            for loaded in self.names.imported(module, each):
                step = Step(module.at(each["line"]), f"imports {loaded.shown}")
                self._next(key, (loaded, ""), step)
        if not _DYNAMIC.isdisjoint(module.parts[part]["references"]) and not module.imports.get(part):
            self.open = True

    def _children(self, key: Key) -> None:
        """Classes run where they are defined; decorators and base classes make handlers."""
        module, part = key
        for child in module.children(part):
            each = module.parts[child]
            if each["kind"] == "class":
                self._next(key, (module, child), None)
                handlers = self.handlers.of_class(module, child, self.names)
                for name in handlers:
                    self._handler(key, module, name)
                if handlers:
                    self._use((module, handlers[0]), (module, child))
                if self.handlers.registers(module, part, child, self.names):
                    self._use(key, (module, child))
            elif each["decorators"] and self.handlers.decorates(each):
                self._handler(key, module, child)
            elif each["decorators"] and self.handlers.registers(module, part, child, self.names):
                self._next(key, (module, child), Step(_line(module, child), f"{child}() is registered"))

    def _handler(self, parent: Key, module: Module, name: str) -> None:
        text = "is called at start" if self.handlers.prepares(name) else "handles requests"
        step = Step(_line(module, name), f"{name}() {text}")
        self._next(parent, (module, name), step, max(_HANDLER, self.nodes[parent].rank), name)

    # --- what a part mentions

    def _reference(self, key: Key, reference: str) -> None:
        module, part = key
        target = self.names.resolve(module, part, reference)
        rest: Sequence[str] = reference.split(".")[1:]
        if target is not None:
            if target.kind == EXTERNAL and self.handlers.runs_main(target.name):
                self._next(key, (module, _MAIN), Step(_line(module, _MAIN), f"{_MAIN}() is run"))
            if target.kind in (EXTERNAL, MODULE):
                return
            if target.kind == PART:
                self._part(key, target, reference)
            if target.kind in (PART, CONSTANT):
                rest = target.rest
        for name in rest:
            self._mention(key, name)

    def _part(self, key: Key, target: Target, reference: str) -> None:
        module, part = key
        if target.module is None or (target.module, target.name) == (module, part):
            return
        found = (target.module, target.name)
        if target.module.kind(target.name) == "class":
            self._use(key, found)
            return
        owner = target.name.rpartition(".")[0]
        if owner and target.module.kind(owner) == "class":
            self._use(key, (target.module, owner))
        line = module.line_of_call(part, reference)
        step = Step(module.at(line), f"calls {target.name}()") if line is not None else _defined(*found)
        self._next(key, found, step)

    def _use(self, key: Key, owner: Key) -> None:
        """A class is used: what its instances run by themselves, and what is called of them anywhere."""
        if owner in self._used:
            return
        self._used[owner] = key
        module, name = owner
        self._next(key, owner, None)
        for base in self.names.bases(module, name):
            if base.kind == PART and base.module is not None:
                self._use(key, (base.module, base.name))
        for method in self.handlers.by_name(module, name):
            if key in self.nodes:
                self._handler(key, module, method)
        called = set(called_back(module, name, self.names))
        for method in module.children(name):
            bare = method.rpartition(".")[2]
            if (bare.startswith("__") and bare.endswith("__")) or method in called:
                self._next(key, (module, method), _defined(module, method))
            elif bare in self._mentioned:
                self._method((module, method), self._mentioned[bare], key)
            else:
                self._waiting.setdefault(bare, []).append((module, method))

    def _mention(self, key: Key, name: str) -> None:
        if name in self._mentioned:
            return
        self._mentioned[name] = key
        for module, method in self._waiting.pop(name, ()):
            self._method((module, method), key, self._used[module, method.rpartition(".")[0]])

    def _method(self, method: Key, mentioned: Key, used: Key) -> None:
        """A method that is mentioned, of a class that is used: it runs when both have happened."""
        later = max(mentioned, used, key=lambda key: self.nodes[key].rank)
        self._next(later, method, _defined(*method))


def _defined(module: Module, part: str) -> Step:
    """The step into a function whose call has no known place."""
    return Step(_line(module, part), f"{part}() defined here is called")


def _line(module: Module, part: str) -> Location:
    found: Mapping[str, Any] | None = module.parts.get(part)
    return module.at(found["line"]) if found is not None else module.fact.location
