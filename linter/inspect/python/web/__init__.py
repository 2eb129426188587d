"""What code says about the requests that it answers: applications, routes, mounts, and the servers that it starts.

Facts `python.web` tell what stands in one module; `assemble` joins them to routes, listeners and time-outs.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.inspect.python.names import Names
    from linter.inspect.python.place import Places
    from linter.inspect.python.values import Values
    from linter.inspect.python.web.table import Frameworks
    from linter.knowledge import Knowledge
    from linter.model import Fact


def web_facts(names: Names, values: Values, places: Places, knowledge: Knowledge) -> Iterator[Fact]:
    """The facts of one module; none for one that imports no framework and decorates nothing with a route."""
    from linter.inspect.python.web.table import frameworks
    from linter.inspect.python.web.work import work_facts, work_table

    table, work = frameworks(knowledge), work_table(knowledge)
    outline = names.outline
    roots = {each.module.partition(".")[0] for each in outline.imports if each.level == 0}
    answers = not roots.isdisjoint(table.roots) or any(
        "." in name and name.rpartition(".")[2] in table.attributes
        for part in outline.parts.values()
        for name in part.decorators
    )
    answers = answers or any(_serves(called.node, table) for called in outline.calls_named(table.attributes))
    works = not roots.isdisjoint(work.roots) or not work.contract.isdisjoint(outline.parts)
    if not answers and not works:
        return
    from linter.inspect.python.web.answers import answer_facts, answers_table
    from linter.inspect.python.web.limits import content_facts, limit_facts, refused_sizes
    from linter.inspect.python.web.read import Reader

    reader = Reader(names, values, places, table)
    if answers:
        yield from reader.facts()
        yield from limit_facts(reader)
        yield from refused_sizes(reader, knowledge)
        yield from answer_facts(reader, answers_table(knowledge))
    if answers or not work.contract.isdisjoint(outline.parts):
        yield from content_facts(reader)
    yield from work_facts(reader, work)


def _serves(node: ast.Call, table: Frameworks) -> bool:
    """Whether a call may serve or extend an application of another file: `app.run(port=8080)`, `app.add_route(…)`."""
    if not isinstance(node.func, ast.Attribute):
        return False
    name = node.func.attr
    return "_" in name or (
        bool(table.method("run", name)) and any(each.arg in ("host", "port") for each in node.keywords)
    )
