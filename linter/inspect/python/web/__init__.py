"""What code says about the requests that it answers: applications, routes, mounts, and the servers that it starts.

Facts `python.web` tell what stands in one module; `assemble` joins them to routes, listeners and time-outs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.inspect.python.names import Names
    from linter.inspect.python.place import Places
    from linter.inspect.python.values import Values
    from linter.knowledge import Knowledge
    from linter.model import Fact


def web_facts(names: Names, values: Values, places: Places, knowledge: Knowledge) -> Iterator[Fact]:
    """The facts of one module; none for one that imports no framework and decorates nothing with a route."""
    from linter.inspect.python.web.table import frameworks

    table = frameworks(knowledge)
    imports = names.outline.imports
    if not any(each.module.partition(".")[0] in table.roots for each in imports if each.level == 0) and not any(
        "." in name and name.rpartition(".")[2] in table.attributes
        for part in names.outline.parts.values()
        for name in part.decorators
    ):
        return
    from linter.inspect.python.web.read import Reader

    yield from Reader(names, values, places, table).facts()
