"""What a module's code does as a program: which files it uses, how it ends, what it does with requests and errors.

One pass over the module's calls serves all of these: most calls have a name that means nothing to any of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.inspect.python.arguments import command_lines
from linter.inspect.python.caches import moved_caches
from linter.inspect.python.debug_aids import DebugAids, aid_table, credentials
from linter.inspect.python.debug_settings import debug_settings
from linter.inspect.python.exits import Exits, exit_table
from linter.inspect.python.files import MENTION, FileCalls, file_table
from linter.inspect.python.mentions import mentions
from linter.inspect.python.option_types import option_facts
from linter.inspect.python.request_sources import request_table
from linter.inspect.python.request_uses import RequestUses

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from linter.inspect.python.names import Names
    from linter.inspect.python.place import Places
    from linter.inspect.python.values import Values
    from linter.knowledge import Knowledge
    from linter.model import Fact

BEHAVIOUR_LIMIT = 2000
"""Facts of this kind of one module."""
_LINES = 20
"""Lines of one call in which what it opens is mentioned."""


def behaviour_facts(tree: ast.Module, names: Names, values: Values, places: Places, knowledge: Knowledge) -> list[Fact]:
    """All facts of one module about what it does as a program, by their places."""
    found = _once([*_facts(tree, names, values, places, knowledge)])
    return sorted(found, key=lambda fact: fact.location.span)[:BEHAVIOUR_LIMIT]


def _once(facts: list[Fact]) -> list[Fact]:
    """The facts without mentions of what a call there opens."""
    opened = [fact for fact in facts if fact.kind == "file.access" and fact["mode"] != MENTION]
    by_line: dict[int, list[Fact]] = {}
    for fact in opened:
        span = fact.location.span
        for line in range(span.line, min(span.end_line, span.line + _LINES) + 1):
            by_line.setdefault(line, []).append(fact)
    return [
        fact
        for fact in facts
        if fact.kind != "file.access"
        or fact["mode"] != MENTION
        or not any(each["argument"] == fact["argument"] for each in by_line.get(fact.location.span.line, ()))
    ]


def _facts(tree: ast.Module, names: Names, values: Values, places: Places, knowledge: Knowledge) -> Iterator[Fact]:
    files = FileCalls(names, values, places, knowledge)
    exits = Exits(names, values, places, knowledge)
    aids = DebugAids(names, values, places, knowledge)
    requests = RequestUses(names, values, places, knowledge)
    in_files = file_table(knowledge).wanted | files.renamed
    in_exits, in_aids = exit_table(knowledge).wanted, aid_table(knowledge).wanted
    in_requests = request_table(knowledge).wanted
    wanted = in_files | in_exits | in_aids | in_requests
    for called in names.outline.calls_named(wanted):
        if called.guard.kind in ("never", "type_checking"):
            continue
        func = called.node.func
        last = getattr(func, "attr", None) or getattr(func, "id", "")
        if last in in_files:
            yield from files.facts_of(called)
        if last in in_exits:
            yield from exits.facts_of(called)
        if last in in_aids:
            yield from aids.facts_of(called)
        if last in in_requests:
            yield from requests.facts_of(called)
    yield from requests.handed()
    yield from exits.of_handlers(tree)
    yield from command_lines(tree, names, places)
    yield from mentions(tree, values, places, knowledge)
    if any(each in places.code.text for each in knowledge.get("program_behaviour.hyperparameters.files")):
        from linter.inspect.python.hyperparameters import hyperparameter_reads

        yield from hyperparameter_reads(tree, files, values, places, knowledge)
    yield from option_facts(tree, values, places, knowledge)
    yield from moved_caches(values, places, knowledge)
    yield from debug_settings(names, values, places, knowledge)
    yield from credentials(tree, values, places, knowledge)
