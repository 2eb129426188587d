"""What an evaluation goes through: steps, depth, and what happens in branches that only a run would choose between."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.evaluate.sdk import SdkImages
from linter.evaluate.values import Dict, List, Obj, Scope, Unknown, merged_items, merged_list
from linter.model import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from linter.evaluate.makers import Makers
    from linter.evaluate.modules import Loader, Module
    from linter.evaluate.text import Place

STEPS = 150_000
"""Expressions and statements of one entry that are gone through; real notebooks take some thousands."""
DEEPEST = 250
"""Levels of expressions, statements and calls inside of one another."""
FRAMES = 6_000
"""Python frames that these levels may take."""
MOST_CALLS = 30
"""Calls of the product's functions inside of one another."""
MOST_REENTRIES = 3
"""Calls of one function inside of itself."""

RETURN, BREAK, CONTINUE, DEAD = "return", "break", "continue", "dead"


class Exhausted(Exception):
    """The evaluation has taken more steps than it may."""


class Signal(NamedTuple):
    """Why a block was left before its end: RETURN (with a value), BREAK, CONTINUE, or DEAD: the program ends here."""

    kind: str
    value: Any = None


class Frame:
    """A running module, class body or function."""

    __slots__ = ("is_uncertain", "module", "returns", "scope")

    def __init__(self, module: Module, scope: Scope) -> None:
        self.module, self.scope = module, scope
        self.returns: list[Any] = []
        """What was returned under conditions that are not known."""
        self.is_uncertain = False
        """Whether the loop at hand may have been left early."""


class Trial(NamedTuple):
    """What a piece of code would change: its signal, and objects with their states before and after."""

    signal: Signal | None
    before: dict[int, tuple[Any, Any]]
    after: dict[int, tuple[Any, Any]]


class Machine:
    """The state of one evaluation. `record` is told of each call that has a name of interest."""

    def __init__(self, loader: Loader, record: Callable[..., None], wanted: frozenset[str], makers: Makers) -> None:
        self.loader, self.record, self.wanted, self.makers = loader, record, wanted, makers
        self.images = SdkImages(makers.knowledge)
        self.steps = STEPS
        self.level = 0
        """Levels of expressions, statements and calls at the moment."""
        self.muted = 0
        self.running: list[Any] = []
        self.lookups: dict[str | None, Callable[..., Any]] = {}
        """What further calls give, by their dotted names."""
        self.called: set[int] = set()
        """Nodes of the functions that were called."""
        self._journals: list[dict[int, tuple[Any, Any]]] = []

    def tick(self, steps: int = 1) -> None:
        """Count steps. Raises Exhausted."""
        self.steps -= steps
        if self.steps < 0:
            raise Exhausted

    # --- changes

    def touch(self, thing: Any) -> None:
        """Before something is changed: what it was is kept for as long as it may have to be undone."""
        if self._journals:
            journal = self._journals[-1]
            if id(thing) not in journal:
                journal[id(thing)] = (thing, thing.save())

    def trial(self, run: Callable[[], Signal | None]) -> Trial:
        """Run something and undo what it changed."""
        journal: dict[int, tuple[Any, Any]] = {}
        self._journals.append(journal)
        try:
            signal = run()
        finally:
            self._journals.pop()
        after = {key: (thing, thing.save()) for key, (thing, _) in journal.items()}
        for thing, state in journal.values():
            thing.restore(state)
        self.tick(len(journal))
        return Trial(signal, journal, after)

    def keep(self, trial: Trial) -> None:
        """Let the changes of a trial be."""
        for thing, state in trial.after.values():
            self.touch(thing)
            thing.restore(state)

    def blend(self, one: Trial, other: Trial) -> None:
        """Keep what is the same after two trials, one of which is what happens."""
        for key in {**one.after, **other.after}:
            thing, before = (one.before.get(key) or other.before[key])[:2]
            states = [trial.after[key][1] if key in trial.after else before for trial in (one, other)]
            self.touch(thing)
            thing.restore(_merged_state(thing, before, *states))

    def maybe(self, trial: Trial) -> None:
        """Keep what is the same whether a trial happens or not."""
        self.blend(trial, Trial(None, {}, {}))

    def lose(self, value: Any, depth: int = 0) -> None:
        """Something unknown may have changed a value."""
        self.tick()
        if isinstance(value, Dict | List) and depth < 20:
            self.touch(value)
            parts = list(value.items.values() if isinstance(value, Dict) else value.items)
            value.open = True
            if isinstance(value, Dict):
                value.items, value.keys = {}, {}
            else:
                value.items = []
            for part in parts:
                self.lose(part, depth + 1)
        elif isinstance(value, Obj) and not value.open and depth < 20:
            self.touch(value.attributes)
            parts = list(value.attributes.names.values())
            value.open = True
            value.attributes.names.clear()
            for part in parts:
                self.lose(part, depth + 1)


def _merged_state(thing: Any, before: Any, one: Any, other: Any) -> Any:
    if isinstance(thing, Scope):  # a name that only one way binds has that value wherever the program gets on with it
        both = merged_items({k: v for k, v in one.items() if k in other}, {k: v for k, v in other.items() if k in one})
        return {**one, **other, **both}
    if isinstance(thing, Dict):
        return merged_items(one[0], other[0]), {**one[1], **other[1]}, one[2] or other[2]
    items, _, more = merged_list(one[0], other[0])
    return items, one[1] or other[1] or more


@contextmanager
def room() -> Iterator[None]:
    """Room for the frames that `DEEPEST` levels take."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, FRAMES))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def unknown(name: str = "value", place: Place | None = None) -> Unknown:
    return Unknown(name if name != UNKNOWN else "value", place)
