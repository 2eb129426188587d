"""Scripts that steps of a Dockerfile write: which facts belong to them, and whether they run at the buyer's.

Many are written for CMD, which SageMaker replaces: one that nothing is seen to start is no more than a build step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from linter.assemble.start import Start
    from linter.model import Fact, Location


_NOTEBOOK = ".ipynb"


def script_of(command: Fact) -> str:
    """The script that a `shell.command` stands in: a file, or the name of a script that a step or a cell writes."""
    script: str = command.fields.get("script") or command.location.path
    # The file may be there as well.
    return f"{command.location.path}:{script}" if written_by_cell(command) else script


def written_by_cell(command: Fact) -> bool:
    """Whether a command stands in a script that a notebook's cell writes."""
    return bool(command.fields.get("script")) and command.location.path.endswith(_NOTEBOOK)


def written_scopes(facts: Iterable[Fact], starts: Sequence[Start]) -> dict[Location, tuple[str, str | None]]:
    """Scope and `started_as` of what stands in written scripts, by its place."""
    scripts: dict[str, tuple[str, str | None]] = {}
    places: dict[Location, tuple[str, str | None]] = {}
    for fact in facts:
        if fact.kind == "dockerfile.written_file":
            scripts[fact["script"]] = _scope(fact, starts)
        elif fact.kind == "shell.command" and fact.fields.get("script") and not written_by_cell(fact):
            scope, started_as = scripts.get(fact["script"], ("seller", None))
            cron = fact["run_by"] == "cron" and scope == "build"  # nothing starts a table: it lies where cron finds it
            places[fact.location] = ("container" if cron else scope), started_as
    return places


def _scope(script: Fact, starts: Sequence[Start]) -> tuple[str, str | None]:
    own = [start for start in starts if start.build.dockerfile == script.location.path]
    for start in own:
        if script["script"] in start.started:
            return "container", start.started[script["script"]]
    return ("build" if own else "seller"), None
