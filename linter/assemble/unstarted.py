"""Scripts and tables of cron that lie in an image without that anything is seen to start them: whose they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.assemble.written import script_of
from linter.model import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from linter.assemble.start import Start
    from linter.knowledge import Knowledge
    from linter.model import Fact

_CRON, _SCRIPT = "cron", "script"


def settle_unstarted(facts: Sequence[Fact], starts: Sequence[Start], knowledge: Knowledge) -> list[Fact]:
    """Commands with a truer scope: of the build when a RUN runs them, the seller's when their script publishes."""
    scripts: dict[str, list[Fact]] = {}
    for fact in facts:
        if fact.kind == "shell.command" and _lies_there(fact):
            scripts.setdefault(script_of(fact), []).append(fact)
    scopes = {path: _scope(path, commands, facts, starts, knowledge) for path, commands in scripts.items()}
    return [
        fact.with_fields(scope=scopes[script_of(fact)]) if fact.kind == "shell.command" and _lies_there(fact) else fact
        for fact in facts
    ]


def _lies_there(command: Fact) -> bool:
    return (
        command["run_by"] in (_SCRIPT, _CRON)
        and command["scope"] == "container"
        and command["started_as"] is None
        and command["script"] is None
    )


def _scope(
    path: str, commands: Sequence[Fact], facts: Sequence[Fact], starts: Sequence[Start], knowledge: Knowledge
) -> str:
    if commands[0]["run_by"] == _CRON:
        return "container" if _is_installed(path, facts, starts, knowledge.get("programs.cron")) else UNKNOWN
    if any(start.build.runs(path) for start in starts):
        return "build"
    table: Mapping[str, Sequence[str]] = knowledge.get("programs.of_sellers")
    if any(_publishes(command, table) for command in commands):
        return "seller"
    holding = {(start.build.dockerfile, start.stage) for start in starts if start.build.holds(path)}
    own = any(
        fact.kind == "image.start" and fact["purpose"] == "sagemaker" and (fact["dockerfile"], fact["stage"]) in holding
        for fact in facts
    )
    return "container" if own and _is_containers(path, commands, knowledge) else UNKNOWN


def _is_containers(path: str, commands: Sequence[Fact], knowledge: Knowledge) -> bool:
    """Whether a script shows that it is meant to run in the container: its name, a server, SageMaker's own folders."""
    tree: str = knowledge.get("container.reserved_tree")
    return (
        path.rpartition("/")[2].startswith(tuple(knowledge.get("product.start_names")))
        or any(command["category"] in ("server", "supervisor") for command in commands)
        or any(tree in command["text"] for command in commands)
    )


def _publishes(command: Fact, table: Mapping[str, Sequence[str]]) -> bool:
    """Whether only the seller would run a command: it builds an image, or changes something at AWS."""
    return command["category"] in table["categories"] or command["service"] in table["services"]


def _is_installed(
    path: str, facts: Sequence[Fact], starts: Sequence[Start], table: Mapping[str, Sequence[str]]
) -> bool:
    """Whether a table lies where cron looks for it, or a command hands it to cron."""
    places = tuple(table["places"])
    if any(place.startswith(places) for start in starts for place in start.build.image_paths(path)):
        return True
    name = path.rpartition("/")[2]
    return any(
        fact.kind in ("shell.command", "dockerfile.command")
        and fact["program"] == table["installer"]
        and any(word.rpartition("/")[2] == name for word in fact["arguments"])
        for fact in facts
    )
