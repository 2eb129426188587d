"""What an ENTRYPOINT runs when the container starts: commands, and the servers among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.model import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from linter.knowledge import Knowledge
    from linter.model import Fact


def entry_facts(facts: Sequence[Fact], knowledge: Knowledge) -> list[Fact]:
    """`shell.command` and `server.*` facts of the ENTRYPOINT that takes effect in the image.

    CMD has none: SageMaker replaces it.
    """
    entry = next((fact for fact in facts if fact.kind == "dockerfile.start" and _counts(fact)), None)
    if entry is None:
        return []
    from linter.inspect.shell.commands import commands_of_words, parse_commands
    from linter.inspect.shell.facts import Setting, command_facts

    commands = parse_commands(entry["text"]) if entry["form"] == "shell" else commands_of_words(entry["words"])
    image = next((fact for fact in facts if fact.kind == "dockerfile.image" and fact["last"]), None)
    environment = {key: value for key, value in (image["env"] if image else {}).items() if value != UNKNOWN}
    setting = Setting(
        entry.location.path,
        lambda start, end: entry.location.span,  # offsets of words do not lead back into a JSON list
        knowledge,
        scope="container",
        started_as="entrypoint",
        environment=environment,
        run_by="start",
    )
    return list(command_facts(commands, setting, commands[-1] if commands else None))


def _counts(start: Fact) -> bool:
    return bool(start["instruction"] == "ENTRYPOINT" and start["effective"] and start["in_image"])
