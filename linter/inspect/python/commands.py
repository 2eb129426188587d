"""Programs that Python code starts: what kind each is, where it goes, and which Python it runs."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.inspect.shell.commands import Command, parse_commands
from linter.lazy import compiled
from linter.model import UNKNOWN
from linter.references.apis import Argument
from linter.references.destination import ABSENT, HOLE, Arguments, alternatives, visible
from linter.references.programs import programs, telling_words
from linter.servers.table import head_of, is_python, servers

if TYPE_CHECKING:
    from linter.knowledge import Knowledge
    from linter.references.apis import Api

_APPLICATION = compiled(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*(?:\(.*\))?\Z")
_RANK = ("remote", "unknown", "loopback", "local", "none")
_WORDS_LIMIT = 200
_TEXT_LIMIT = 4000


class Started(NamedTuple):
    """Fields of `python.call` about a program that is started."""

    program: str | None
    command_category: str | None
    destination: str
    target: str | None
    starts: str | None


def command_of(api: Api, arguments: Arguments, knowledge: Knowledge) -> Started:
    """What a call starts that runs a command line: the worst of the commands in it."""
    commands = [command for text in _texts(api, arguments) for command in parse_commands(text)]
    if not commands:
        return Started(UNKNOWN, UNKNOWN, UNKNOWN, None, None)
    judged = [_judged(command, knowledge) for command in commands if not command.taken.never_runs]
    if not judged:
        return Started(commands[0].program, "none", "none", None, None)
    outward = [each for each in judged if each.command_category in ("network", "package_install", "model_fetch")]
    chosen = min(outward or judged, key=lambda each: _RANK.index(each.destination))
    starts = next((each.starts for each in judged if each.starts), None)
    return chosen._replace(starts=starts)


def _texts(api: Api, arguments: Arguments) -> list[str]:
    """The command lines that a call may run, as text for the shell; a word that is not known as a variable."""
    value = arguments.get(api.argument) if api.argument else ABSENT
    found = []
    for one in alternatives(value):
        if isinstance(one, list):
            words = one
        elif isinstance(one, str):
            rest = _rest(api, arguments)
            if not rest:
                found.append(one[:_TEXT_LIMIT].replace(HOLE, "$UNKNOWN"))
                continue
            words = [one, *rest]
        else:
            continue
        found.append(" ".join(_word(word) for word in words[:_WORDS_LIMIT]))
    return found


def _rest(api: Api, arguments: Arguments) -> list[Any]:
    """The words that follow the first one as arguments of their own."""
    first = api.argument.at if api.argument is not None and api.argument.words else None
    if first is None:
        return []
    return [arguments.get(Argument(number)) for number in range(first + 1, len(arguments.positional))]


def _word(value: Any) -> str:
    texts = alternatives(value)
    text = texts[0] if len(texts) == 1 else {}
    if isinstance(text, bool) or not isinstance(text, str | int | float):
        return '"$UNKNOWN"'
    text = str(text)
    if HOLE not in text:
        return shlex.quote(text)
    return '"' + "$UNKNOWN".join(_escaped(part) for part in text.split(HOLE)) + '"'


def _escaped(text: str) -> str:
    return "".join(f"\\{each}" if each in '"\\$`' else each for each in text)


def _judged(command: Command, knowledge: Knowledge) -> Started:
    verdict = programs(knowledge).verdict(command)
    words = [command.program, *command.arguments]
    shown = visible(telling_words(command.program, command.arguments))
    return Started(command.program, verdict.category, verdict.destination, shown, _python_of(words, knowledge))


def _python_of(words: list[str], knowledge: Knowledge) -> str | None:
    """The Python code that a command line runs: `wsgi:app`, `-m package.module`, `script.py`; None for none."""
    started = servers(knowledge).started(words)
    if started is not None:
        application = next((word for word in words[started.arguments :] if _APPLICATION.match(word)), None)
        if application is not None:
            return application
        return None if started.server.entry.get("application") != "positional" else _last_word(words)
    head, at = head_of(words)
    if head.startswith("-m "):
        return head
    if is_python(words[0].rpartition("/")[2]):
        script = words[at - 1] if at > 1 else ""
        return script if script and not script.startswith("-") and script != UNKNOWN else None
    return next((word for word in words if word.endswith(".py")), None)


def _last_word(words: list[str]) -> str | None:
    last = words[-1]
    return (
        last if last.replace(".", "").replace("_", "").isalnum() and not last.isdecimal() and len(words) > 1 else None
    )
