"""What publishing code does on SageMaker: what it starts, what it uploads, and what it shows to buyers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from linter.inspect.python.forms import UNKNOWN_VALUE
from linter.references.apis import CALLED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.inspect.python.names import Names
    from linter.inspect.python.place import Places
    from linter.inspect.python.scopes import Called
    from linter.inspect.python.values import Values
    from linter.knowledge import Knowledge
    from linter.model import Fact

SPREAD = "**"
"""The keyword under which `given` tells of arguments that are not known."""


class AwsCall(NamedTuple):
    """A call of AWS's clients or of SageMaker's SDK; of several names that it may have, the first."""

    called: Called
    path: str
    of_sdk: bool

    @property
    def name(self) -> str:
        """The method or class."""
        return self.path.rpartition(".")[2]


def publishing_facts(names: Names, values: Values, places: Places, knowledge: Knowledge) -> Iterator[Fact]:
    """Facts of calls of AWS's clients and of SageMaker's SDK; none for code that imports neither."""
    table = knowledge.get("publishing")
    clients, sdk = frozenset(table["client_roots"]), table["sdk_root"]
    roots = {each.module.partition(".")[0] for each in names.outline.imports if each.level == 0}
    if roots.isdisjoint((*clients, sdk)):
        return
    from linter.inspect.python.client_regions import client_regions
    from linter.inspect.python.data_uploads import data_uploads
    from linter.inspect.python.jobs import job_facts
    from linter.inspect.python.launches import launches
    from linter.inspect.python.locations import mentions
    from linter.inspect.python.training import subscribed_trainings
    from linter.inspect.python.uploaded import uploaded_programs

    calls = list(_calls(names, clients, sdk))
    for facts_of in (job_facts, subscribed_trainings, uploaded_programs, launches, mentions):
        yield from facts_of(calls, values, places, knowledge)
    yield from data_uploads(names, values, places, knowledge)
    yield from client_regions(names, values, places, knowledge)


def _calls(names: Names, clients: frozenset[str], sdk: str) -> Iterator[AwsCall]:
    for called in names.outline.calls:
        for meaning in names.of(called.node.func, called.scope):
            root = meaning.path.partition(".")[0].removesuffix(CALLED)
            if meaning.kind == "path" and (root == sdk or root in clients):
                yield AwsCall(called, meaning.path, root == sdk)
                break


def given(called: Called, values: Values) -> dict[str, Any]:
    """The keyword arguments of a call, also those of `**settings`; SPREAD among them when such are not known."""
    found: dict[str, Any] = {}
    for each in called.node.keywords:
        value = values.of(each.value, called.scope)
        if each.arg is not None:
            found[each.arg] = value
        elif isinstance(value, dict) and "dict" in value:
            found |= value["dict"]
        else:
            found[SPREAD] = UNKNOWN_VALUE
    return found
