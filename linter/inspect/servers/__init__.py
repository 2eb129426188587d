"""What a server's command line says: where it listens, when it gives up, how much it takes.

Which servers there are, and what their options mean, stands in the table `servers` of the knowledge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.model import UNKNOWN
from linter.servers.options import Argument
from linter.servers.start import Surroundings
from linter.servers.start import facts as _facts
from linter.servers.table import Server, servers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from linter.inspect.shell.commands import Command
    from linter.knowledge import Knowledge
    from linter.model import Fact, Location, Span

__all__ = ["facts_of_command", "server_facts", "server_of"]


def server_of(words: Sequence[str], knowledge: Knowledge) -> Server | None:
    """The server that a program and its arguments start; None when they start none. Wrappers are not taken off."""
    started = servers(knowledge).started(words)
    return started.server if started else None


def server_facts(
    words: Sequence[str],
    location: Location,
    knowledge: Knowledge,
    *,
    spans: Sequence[Span | None] = (),
    environment: Mapping[str, str] | None = None,
    scope: str = UNKNOWN,
    started_as: str | None = UNKNOWN,
) -> list[Fact]:
    """Facts of kinds `server.*` that a list of words holds, such as a Dockerfile's `CMD ["gunicorn", "app:app"]`.

    Wrappers (`tini --`, `env`, `exec`) and `sh -c` are followed. `spans` says where each word stands; `environment` is
    what is known to be set; both may be left out. Words that are `unknown` are not literal. Raises nothing.
    """
    from linter.inspect.shell.commands import commands_of_words

    starts, at = [], 0
    for word in words:
        starts.append(at)
        at += len(word) + 1

    def span(start: int, _end: int) -> Span | None:
        number = next((n for n in range(len(starts) - 1, -1, -1) if starts[n] <= start), 0)
        return spans[number] if number < len(spans) else None

    found: list[Fact] = []
    for command in commands_of_words(words):
        found += facts_of_command(
            command, location, knowledge, span=span, environment=environment, scope=scope, started_as=started_as
        )
    return found


def facts_of_command(
    command: Command,
    location: Location,
    knowledge: Knowledge,
    *,
    span: Callable[[int, int], Span | None],
    environment: Mapping[str, str] | None = None,
    scope: str = UNKNOWN,
    started_as: str | None = UNKNOWN,
) -> list[Fact]:
    """Facts of kinds `server.*` that one command holds.

    `span` turns the command's offsets into places of the file; `location` is that of the whole statement.
    """
    started = servers(knowledge).started([command.program, *command.arguments])
    if started is None:
        return []
    words = [Argument(command.program, command.program, 0)]
    for number, (value, text) in enumerate(zip(command.arguments, command.argument_texts, strict=False), 1):
        prefix = command.argument_prefixes[number - 1]
        literal = value != UNKNOWN or prefix == UNKNOWN
        quoted = text.startswith('"') and text.endswith('"') and "@" not in text
        words.append(Argument(value if literal else None, prefix, number, not quoted))
    places = [span(*command.program_span), *(span(start, end) for start, end in command.argument_spans)]
    variables = {**(environment or {}), **command.assignments}
    return _facts(started, words, Surroundings(location, places, variables, scope, started_as))
