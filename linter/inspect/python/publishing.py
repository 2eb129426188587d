"""What publishing code does on SageMaker: what it starts, what it uploads, and what it shows to buyers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.inspect.python.names import Names
    from linter.inspect.python.place import Places
    from linter.inspect.python.values import Values
    from linter.knowledge import Knowledge
    from linter.model import Fact


def publishing_facts(names: Names, values: Values, places: Places, knowledge: Knowledge) -> Iterator[Fact]:
    """Facts of calls of AWS's clients and of SageMaker's SDK; none for code that imports neither."""
    table = knowledge.get("isolation")
    roots = {each.module.partition(".")[0] for each in names.outline.imports if each.level == 0}
    if roots.isdisjoint((*table["client_roots"], table["sdk_root"])):
        return
    from linter.inspect.python.client_regions import client_regions
    from linter.inspect.python.data_uploads import data_uploads
    from linter.inspect.python.jobs import job_facts
    from linter.inspect.python.training import subscribed_trainings
    from linter.inspect.python.uploaded import uploaded_programs

    for facts_of in (job_facts, subscribed_trainings, uploaded_programs, data_uploads, client_regions):
        yield from facts_of(names, values, places, knowledge)
