"""Shell text to the simple commands in it. Nothing is run; what cannot be known is `unknown`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from linter.inspect.shell.branches import ANY, Taken, with_callers
from linter.inspect.shell.words import Word, literal
from linter.model import UNKNOWN, Value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

COMMANDS_LIMIT = 20_000
"""Commands that are read from one text."""

SCRIPTS_LIMIT = 4
"""How deep `sh -c "sh -c …"` is followed."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Command(Value):
    """One simple command, the wrappers before its program taken off. Offsets are characters of the parsed text."""

    program: str
    """Base name of the program; `unknown` when it is not literal."""
    path: str
    """The program as written, its quotes taken off when it is literal."""
    arguments: tuple[str, ...] = ()
    """Values of the arguments; `unknown` for each that is not literal."""
    argument_texts: tuple[str, ...] = ()
    """The same arguments as written."""
    argument_spans: tuple[tuple[int, int], ...] = ()
    argument_prefixes: tuple[str, ...] = ()
    """What is literal at the start of each argument: all of a literal one, `--port=` of `--port=$PORT`."""
    argument_templates: tuple[str | None, ...] = ()
    """For each argument that only variables of the environment leave open, `${HOST}/weights.bin`; None for others."""
    program_span: tuple[int, int] = (0, 0)
    text: str = ""
    """The whole command as written, wrappers and redirections included, without the body of a here-document."""
    start: int = 0
    end: int = 0
    background: bool = False
    uses_exec: bool = False
    in_function: str | None = None
    in_substitution: bool = False
    """Whether it runs inside `$(…)` or `<(…)`."""
    conditional: bool = False
    taken: Taken = ANY
    """For which first arguments of the script it may run."""
    piped: bool = False
    redirects: tuple[str, ...] = ()
    heredoc: str | None = None
    """The body of the first here-document."""
    heredoc_mark: str = ""
    """Its operator and delimiter as written, `<<-'EOF'`."""
    heredoc_span: tuple[int, int] = (0, 0)
    heredoc_values: tuple[tuple[str, str], ...] = ()
    """Variables that it mentions and the script itself has set, with their values."""
    assignments: Mapping[str, str] = field(default_factory=dict)
    """Variables set for this command alone, by prefix or by `env`; `unknown` for a value that is not literal."""
    wrapped_by: tuple[str, ...] = ()


class Script(NamedTuple):
    """All commands of a text, in the order in which they stand. `problem` is what was not read, or None."""

    commands: tuple[Command, ...]
    problem: str | None = None


class Context(NamedTuple):
    """What surrounds a command."""

    conditional: bool = False
    background: bool = False
    piped: bool = False
    function: str | None = None
    substituted: bool = False
    taken: Taken = ANY
    wrapped_by: tuple[str, ...] = ()
    given: tuple[str | None, ...] | None = None
    """What the function around it is called with."""


def parse_commands(text: str) -> list[Command]:
    """Every simple command of a shell text, also of one with syntax errors. Raises nothing."""
    return list(parse_script(text).commands)


def parse_script(text: str) -> Script:
    """As `parse_commands`, with a word on what was not read."""
    from linter.inspect.shell.walk import Walk

    walk = Walk()
    walk.read(text)
    return Script(tuple(with_callers(walk.commands)), walk.problem)


def commands_of_words(words: Sequence[str]) -> list[Command]:
    """The commands that a list of words (a Dockerfile's JSON form) starts; `unknown` stands for a word not literal.

    Wrappers and `sh -c` are followed; `uses_exec` then says whether the started shell is replaced. Offsets are those of
    the words joined by single blanks.
    """
    from linter.inspect.shell.walk import Walk

    items: list[Word] = []
    at = 0
    for word in words:
        known = literal(word, at, at + len(word))
        items.append(known if word != UNKNOWN else Word(None, word, known.start, known.end))
        at += len(word) + 1
    if not items:
        return []
    walk = Walk()
    walk.add(items, {}, " ".join(words), (0, max(at - 1, 0)), Context(), replaces=True)
    return walk.commands


def build(
    words: list[Word],
    assignments: Mapping[str, str],
    text: str,
    span: tuple[int, int],
    context: Context,
    uses_exec: bool = False,
    wrapped_by: tuple[str, ...] = (),
) -> Command:
    """A command from its program, its arguments and what surrounds it."""
    program, *arguments = words
    return Command(
        program=program.program,
        path=program.path,
        arguments=tuple(UNKNOWN if word.value is None else word.value for word in arguments),
        argument_texts=tuple(word.text for word in arguments),
        argument_spans=tuple((word.start, word.end) for word in arguments),
        argument_prefixes=tuple(word.prefix for word in arguments),
        argument_templates=tuple(word.template for word in arguments),
        program_span=(program.start, program.end),
        text=text,
        start=span[0],
        end=span[1],
        background=context.background,
        uses_exec=uses_exec,
        in_function=context.function,
        in_substitution=context.substituted,
        conditional=context.conditional,
        taken=context.taken,
        piped=context.piped,
        assignments=assignments,
        wrapped_by=context.wrapped_by + wrapped_by,
    )
