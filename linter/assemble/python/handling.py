"""What takes long while a request waits: loads and sleeps that a handler reaches in any case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from linter.assemble.python.names import CONSTANT, PART
from linter.model import UNKNOWN, Fact, Step
from linter.references.destination import alternatives

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from linter.assemble.python.modules import Module
    from linter.assemble.python.names import Names
    from linter.assemble.python.placement import Run
    from linter.assemble.python.web import Key, Web
    from linter.knowledge import Knowledge

_DEPTH = 4
"""Calls that are followed from a handler."""
_STEPS_LIMIT = 200
_SERVE = "serve"
"""The start by which an image answers requests and does nothing else."""


class Handler(NamedTuple):
    """A function that answers a request of the contract."""

    request: str
    module: Module
    part: str
    run: Run
    steps: tuple[Step, ...]


class Handling:
    """Follows the handlers of one product."""

    def __init__(self, web: Web, facts: Sequence[tuple[Fact, Module]], knowledge: Knowledge) -> None:
        self.web = web
        self.flow: dict[Module, Mapping[str, Mapping[str, int]]] = {
            module: fact["settings"]["calls"] for fact, module in facts if fact["step"] == "flow"
        }
        self.work: dict[Key, list[Fact]] = {}
        for fact, module in facts:
            if fact["step"] == "work":
                self.work.setdefault((module, fact["part"]), []).append(fact)
        contract: Mapping[str, Mapping[str, Any]] = knowledge.get("frameworks.contract")
        self.paths = {each["path"]: name for name, each in contract.items() if each["required"]}
        self.functions = tuple(knowledge.get("frameworks.request_functions"))
        self._handlers: list[Handler] | None = None

    def facts(self) -> Iterator[Fact]:
        """`server.work` facts, one for each place and request."""
        if not self.work:
            return
        seen: set[tuple[int, str]] = set()
        for handler in self.handlers():
            for fact, module, steps in self._reached(handler):
                if (id(fact), handler.request) not in seen:
                    seen.add((id(fact), handler.request))
                    yield self._fact(fact, module, handler.request, handler.run, steps)
        yield from self._at_start()

    def _fact(self, fact: Fact, module: Module, request: str, run: Run, steps: tuple[Step, ...]) -> Fact:
        settings = fact["settings"]
        fields = {
            "request": request,
            "work": settings["kind"],
            "api": settings["api"],
            "seconds": self._seconds(fact, module),
            "text": fact["text"],
            "scope": run.scope,
        }
        return Fact("server.work", fact.location, fields).with_trace((*run.trace, *steps))

    def _seconds(self, fact: Fact, module: Module) -> float | str | None:
        if fact["settings"]["kind"] not in ("sleep", "poll"):
            return None
        found = alternatives(self.web.value(fact["settings"]["seconds"], module, fact["part"]))
        known = len(found) == 1 and isinstance(found[0], int | float) and not isinstance(found[0], bool)
        return found[0] if known else "unknown"

    def _at_start(self) -> Iterator[Fact]:
        """What a start of the container runs before anything answers: sleeps, and of `serve` builds and training."""
        for (module, part), facts in self.work.items():
            run = self.web.run(module, part)
            node = run.world.reach.nodes.get((module, part))
            if run.reached and node is not None and node.kind in ("import", "start") and node.name != "train":
                for fact in facts:
                    kind = fact["settings"]["kind"]
                    if kind == "sleep" or (kind in ("compile", "fit") and node.name == _SERVE):
                        yield self._fact(fact, module, "start", run, ())

    # --- handlers

    def handlers(self) -> list[Handler]:
        """The functions that answer the requests of the contract."""
        if self._handlers is None:
            self._handlers = [*self._of_routes(), *self._of_toolkits()]
        return self._handlers

    def handler(self, request: str, module: Module, part: str, run: Run, does: str) -> Handler:
        """Another function that has to do with a request."""
        return Handler(request, module, part, run, (_line(module, part, does),))

    def model_loaded(self) -> str:
        """When the programs load a model, as far as that is seen: at the `start`, when a `request` asks for it."""
        ways = set()
        for fact, module in self.web.facts:
            if fact["step"] in ("work", "load") and fact["settings"]["kind"] == "load":
                run = self.web.run(module, fact["part"])
                node = run.world.reach.nodes.get((module, fact["part"]))
                if run.reached and node is not None:
                    ways.add("start" if node.kind in ("import", "start") else "request")
        return ways.pop() if len(ways) == 1 else UNKNOWN

    def _of_routes(self) -> Iterator[Handler]:
        for route in self.web.routes:
            request = self.paths.get(route.path or "")
            handler = route.fact["handler"]
            if request is None or handler is None or not route.run.reached:
                continue
            key = self._function(route.module, route.fact["part"], handler, route.run.names)
            if key is not None:
                yield Handler(request, *key, route.run, (_line(*key, "answers the request"),))

    def _of_toolkits(self) -> Iterator[Handler]:
        """The functions that AWS's toolkits call for each request."""
        for module in self.flow:
            for name in self.functions:
                if name in module.parts:
                    run = self.web.run(module, name)
                    node = run.world.reach.nodes.get((module, name))
                    if run.reached and node is not None and node.kind == "contract":
                        yield Handler("invocations", module, name, run, (_line(module, name, "answers the request"),))

    def _function(self, module: Module, part: str, name: str, names: Names) -> Key | None:
        """The function that a name of a part means; of an instance known by its class, the method."""
        if module.kind(name) == "function":
            return module, name
        target = names.resolve(module, part, name)
        if target is None or target.module is None:
            return None
        if target.kind == PART:
            kind = target.module.kind(target.name)
            if kind == "class" and not target.rest:
                init = f"{target.name}.__init__"
                return (target.module, init) if target.module.kind(init) == "function" else None
            return (target.module, target.name) if kind == "function" and not target.rest else None
        if target.kind == CONSTANT and len(target.rest) == 1:
            value = target.module.constants.get(target.name)
            owner = value.get("returned") if isinstance(value, dict) else None
            made = names.resolve(target.module, "", owner) if isinstance(owner, str) else None
            if made is not None and made.kind == PART and made.module is not None:
                found = names.member(made.module, made.name, target.rest)
                if found is not None and found.kind == PART and found.module is not None:
                    return found.module, found.name
        return None

    def _reached(self, handler: Handler) -> Iterator[tuple[Fact, Module, tuple[Step, ...]]]:
        """What takes long of all that a handler calls in any case."""
        waiting: list[tuple[Key, tuple[Step, ...], int]] = [((handler.module, handler.part), handler.steps, 0)]
        seen = {(handler.module, handler.part)}
        while waiting:
            (module, part), steps, depth = waiting.pop(0)
            for fact in self.work.get((module, part), ()):
                yield fact, module, steps
            for name, line in self.flow.get(module, {}).get(part, {}).items() if depth < _DEPTH else ():
                key = self._function(module, part, name, handler.run.names)
                if key is not None and key not in seen and len(seen) < _STEPS_LIMIT:
                    seen.add(key)
                    waiting.append((key, (*steps, Step(module.at(line), f"calls {key[1]}()")), depth + 1))


def _line(module: Module, part: str, text: str) -> Step:
    return Step(module.at(module.parts[part]["line"]), f"{part}() {text}")
