"""What functions do that takes long, and which functions they call in any case: for handlers of requests."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from linter.inspect.python.scopes import FUNCTION, dotted, nodes_of
from linter.references.apis import CALLED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from linter.inspect.python.scopes import Called, Scope
    from linter.inspect.python.web.read import Reader
    from linter.knowledge import Knowledge
    from linter.model import Fact

_CALLEES_LIMIT = 60
"""Functions that one part calls; more are left out."""


_LOOPS_LIMIT = 1000
_KINDS = ("load", "sleep", "program", "compile")


class Work:
    """The table of what takes long, made ready for look-ups."""

    def __init__(self, knowledge: Knowledge) -> None:
        table = knowledge.get("frameworks.work")
        self.kinds = {path: kind for kind in _KINDS for path in table[kind]}
        self.methods: Mapping[str, Any] = table["load_methods"]
        self.fits: Mapping[str, Any] = table["fit_methods"]
        self.cached = frozenset(table["cached"])
        self.memory = frozenset(table["from_memory"])
        self.last = {path.rpartition(".")[2] for path in self.kinds} | {*self.methods, *self.fits}
        self.roots = frozenset(path.partition(".")[0] for path in self.kinds)
        self.contract = frozenset(knowledge.get("frameworks.request_functions"))

    def kind(self, path: str) -> str | None:
        """What a dotted name does that takes long."""
        bare = path.replace(CALLED, "")
        if bare in self.kinds:
            return self.kinds[bare]
        owner, _, name = bare.rpartition(".")
        if name in self.fits and any(f"{owner}.".startswith(f"{root}.") for root in self.fits[name]):
            return "fit"
        roots = self.methods.get(name)
        return "load" if roots is not None and bare.partition(".")[0] in roots else None


def work_table(knowledge: Knowledge) -> Work:
    """The table of this run."""
    found: Work = knowledge.index("inspect.python.web.work", Work)
    return found


def work_facts(reader: Reader, work: Work) -> Iterator[Fact]:
    """A fact for each call that takes long and always runs, and one with what the parts of the module call so."""
    flow: dict[str, dict[str, int]] = {}
    loops: dict[int, list[tuple[int, int]]] = {}
    for called in reader.names.outline.calls:
        always = not (called.guard.tests or called.guard.kind != "none" or _is_kept(called.scope, work))
        if not always:
            func = called.node.func
            if (getattr(func, "attr", None) or getattr(func, "id", None)) in work.last:
                yield from _work(reader, called, work, loops, "load")
            continue
        text = dotted(called.node.func)
        if text is not None and called.scope.kind == FUNCTION:
            callees = flow.setdefault(called.part.name, {})
            if len(callees) < _CALLEES_LIMIT:
                callees.setdefault(text, called.node.lineno)
        name = text.rpartition(".")[2] if text is not None else getattr(called.node.func, "attr", "")
        if name in work.last:
            yield from _work(reader, called, work, loops)
    if flow:
        node = reader.names.outline.module.node
        first = node.body[0] if isinstance(node, ast.Module) and node.body else None
        if first is not None:
            part = reader.names.outline.module.part
            yield reader.made("flow", None, part, first, settings={"calls": flow})


def _work(
    reader: Reader, called: Called, work: Work, loops: dict[int, list[tuple[int, int]]], step: str = "work"
) -> Iterator[Fact]:
    """What a call does that takes long; as the step `load` only loads of models, which happen under a condition."""
    for meaning in reader.names.of(called.node.func, called.scope):
        kind = work.kind(meaning.path) if meaning.kind == "path" else None
        if kind is None or _from_memory(called.node, work.memory) or (step == "load" and kind != step):
            continue
        if kind == "sleep" and _in_loop(called, loops):
            kind = "poll"
        settings: dict[str, Any] = {"kind": kind, "api": meaning.path.replace(CALLED, "")}
        if kind in ("sleep", "poll"):
            settings["seconds"] = reader.value(called.node, (0, "secs", "delay"), called.scope)
        yield reader.made(step, None, called.part, called.node, settings=settings)
        return


def _in_loop(called: Called, loops: dict[int, list[tuple[int, int]]]) -> bool:
    """Whether a call may be repeated: in a loop it waits for something, or only keeps a program alive."""
    key = id(called.scope)
    if key not in loops:
        found = (each for each in nodes_of(called.scope.node) if isinstance(each, ast.While | ast.For | ast.AsyncFor))
        loops[key] = [(each.lineno, each.end_lineno or each.lineno) for each in found][:_LOOPS_LIMIT]
    return any(start <= called.node.lineno <= end for start, end in loops[key])


def _is_kept(scope: Scope, work: Work) -> bool:
    """Whether a function's result is kept, so that only its first call works."""
    if not scope.decorators:
        return False
    decorators = (dotted(each.func if isinstance(each, ast.Call) else each) for each in scope.decorators)
    return any(name is not None and name.rpartition(".")[2] in work.cached for name in decorators)


def _from_memory(node: ast.Call, names: frozenset[str]) -> bool:
    """Whether a call reads what a request brought: `torch.load(BytesIO(body))`."""
    return any(
        isinstance(each, ast.Name | ast.Attribute) and (getattr(each, "id", None) or getattr(each, "attr", "")) in names
        for argument in node.args
        for each in nodes_of(argument)
    )
