"""Where the commands of start scripts go whose addresses the image's variables give: `curl "$MODEL_URL"` with `ENV`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.assemble.written import script_of
from linter.lazy import compiled
from linter.model import UNKNOWN
from linter.references.programs import REMOTE, Words, programs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from linter.assemble.start import Start
    from linter.knowledge import Knowledge
    from linter.model import Fact

_VARIABLE = compiled(r"\$\{(\w+)\}")


def with_image_variables(facts: Sequence[Fact], starts: Sequence[Start], knowledge: Knowledge) -> list[Fact]:
    """The facts; commands of the container go where they go in the worst of the images that run them."""
    return [
        _worst(fact, starts, knowledge) if fact.kind == "shell.command" and _is_open(fact) else fact for fact in facts
    ]


def _is_open(command: Fact) -> bool:
    return bool(command["templates"]) and command["scope"] == "container" and command["destination"] != REMOTE


def _worst(command: Fact, starts: Sequence[Start], knowledge: Knowledge) -> Fact:
    known = [_in_image(command, start.image["env"], knowledge) for start in starts if _runs(start, command)]
    return next((each for each in known if each["destination"] == REMOTE), next(iter(known), command))


def _runs(start: Start, command: Fact) -> bool:
    """Whether an image runs a command: in a script that its start leads to, or in its ENTRYPOINT itself."""
    return script_of(command) in start.started or command.location.path == start.build.dockerfile


def _in_image(command: Fact, environment: Mapping[str, str], knowledge: Knowledge) -> Fact:
    words = list(command["arguments"])
    for number, template in enumerate(command["templates"]):
        if template is None:
            continue
        values = [environment.get(name, UNKNOWN) for name in _VARIABLE.findall(template)]
        if UNKNOWN not in values:
            words[number] = _VARIABLE.sub(lambda found: environment[found[1]], template)
    if words == command["arguments"]:
        return command
    verdict = programs(knowledge).verdict(Words(command["program"], tuple(words), tuple(words)))
    return command.with_fields(arguments=words, category=verdict.category, destination=verdict.destination)
