"""Programs that start another program: their command-line syntax, and what is left when they are taken off."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from linter.inspect.shell.words import Word, literal
from linter.lazy import compiled
from linter.references.shells import SHELLS, VALUED_LETTERS, VALUED_OPTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

WRAPPERS_LIMIT = 16
"""Wrappers that are taken off one command."""

_ASSIGNMENT = compiled(r"[A-Za-z_]\w*=", re.ASCII)


class Syntax(NamedTuple):
    """How a wrapper's command line reads up to the program that it starts."""

    valued: frozenset[str] = frozenset()
    """Options whose value is the next word."""
    operands: int = 0
    """Words that come before the program, such as a duration or a user."""
    assigns: bool = False
    """Whether `NAME=value` words may come before the program."""
    subcommand: str | None = None
    """The word that must come first."""
    plain: frozenset[str] = frozenset()
    """Options with which it starts nothing."""


def _syntax(
    valued: str = "", operands: int = 0, assigns: bool = False, sub: str | None = None, plain: str = ""
) -> Syntax:
    return Syntax(frozenset(valued.split()), operands, assigns, sub, frozenset(plain.split()))


# The syntax of each program's own manual page, as far as it decides where the started program begins.
_SYNTAX: Mapping[str, Syntax] = {
    "exec": _syntax("-a"),
    "command": _syntax(plain="-v -V"),
    "builtin": _syntax(),
    "nohup": _syntax(),
    "time": _syntax("-f -o --format --output"),
    "sudo": _syntax(
        "-u -g -h -p -C -r -t -T -U -D -R --user --group --host --prompt --chdir --chroot --role --type", 0, True
    ),
    "doas": _syntax("-u -C"),
    "env": _syntax("-u -C --unset --chdir", 0, True),
    "timeout": _syntax("-k -s --kill-after --signal", 1),
    "nice": _syntax("-n --adjustment"),
    "ionice": _syntax("-c -n --class --classdata", plain="-p"),
    "chrt": _syntax("-T -P -D", 1, plain="-p"),
    "taskset": _syntax("", 1, plain="-p"),
    "numactl": _syntax("-i -N -m -C -p --interleave --cpunodebind --membind --physcpubind --preferred"),
    "stdbuf": _syntax("-i -o -e --input --output --error"),
    "setsid": _syntax(),
    "setarch": _syntax("", 1),
    "linux32": _syntax(),
    "linux64": _syntax(),
    "xargs": _syntax("-I -L -n -P -d -E -s -a --max-args --max-procs --delimiter --arg-file --replace --max-lines"),
    "gosu": _syntax("", 1),
    "su-exec": _syntax("", 1),
    "chroot": _syntax("", 1),
    "setpriv": _syntax("--reuid --regid --groups --inh-caps --ambient-caps --bounding-set --securebits --pdeathsig"),
    "s6-setuidgid": _syntax("", 1),
    "chpst": _syntax("-u -U -b -e -/ -C -n -l -L -m -d -o -p -f -c -r -t -k"),
    "with-contenv": _syntax(),
    "tini": _syntax("-p -e"),
    "tini-static": _syntax("-p -e"),
    "dumb-init": _syntax("-r --rewrite"),
    "catatonit": _syntax(),
    "catchsegv": _syntax(),
    "unbuffer": _syntax(),
    "flock": _syntax("-w -E --wait --timeout --conflict-exit-code", 1),
    "xvfb-run": _syntax("-n -s -e -f -p -w --server-num --server-args --error-file --auth-file"),
    "busybox": _syntax(plain="--install --list"),
    "strace": _syntax("-o -e -p -s -u -E -a -S"),
    "conda": _syntax("-n -p --name --prefix --cwd", sub="run"),
    "mamba": _syntax("-n -p --name --prefix --cwd", sub="run"),
    "micromamba": _syntax("-n -p -r --name --prefix --root-prefix --cwd", sub="run"),
    "poetry": _syntax("-C -P --directory --project", sub="run"),
    "pipenv": _syntax(sub="run"),
    "pdm": _syntax("-p --project", sub="run"),
    "uv": _syntax(
        "--with --python -p --project --directory --extra --group --env-file --index-url --default-index", sub="run"
    ),
    "ddtrace-run": _syntax(),
    "opentelemetry-instrument": _syntax("--traces_exporter --metrics_exporter --service_name --exporter_otlp_endpoint"),
    "newrelic-admin": _syntax(sub="run-program"),
    "standard-supervisor": _syntax(),
}


@dataclass(slots=True, eq=False, repr=False)
class Unwrapped:
    """A command with its wrappers taken off."""

    words: list[Word]
    """The program and its arguments; never empty."""
    wrapped_by: tuple[str, ...] = ()
    uses_exec: bool = False
    assignments: dict[str, str] = field(default_factory=dict)
    """Variables set for this command alone; `unknown` for a value that is not literal."""
    script: Word | None = None
    """The shell text that runs instead of the words (`sh -c`, `su -c`); `words` then start it."""
    script_of_all: bool = False
    """Whether all arguments together are the shell text (`eval`)."""


def unwrap(words: list[Word], assignments: Mapping[str, str]) -> Unwrapped:
    """Takes off every wrapper that a command starts with. `words` holds at least one word."""
    result = Unwrapped(list(words), assignments=dict(assignments))
    for _ in range(WRAPPERS_LIMIT):
        name = result.words[0].program
        if name in SHELLS:
            result.script = _shell_text(result.words)
            break
        if name in ("su", "runuser"):
            result.script = _value_of(result.words, ("-c", "--command"))
            break
        if name == "eval":
            result.script_of_all = len(result.words) > 1
            break
        if name == "env" and _split_string(result):
            continue
        rest = _rest(name, result)
        if rest is None:
            break
        result.uses_exec = result.uses_exec or name == "exec"
        result.wrapped_by += (name,)
        result.words = rest
    return result


def _rest(name: str, result: Unwrapped) -> list[Word] | None:
    """The words from the started program on; None when nothing is started."""
    syntax = _SYNTAX.get(name)
    at = _program_index(result.words, syntax, result) if syntax else None
    return None if at is None else result.words[at:]


def _program_index(words: list[Word], syntax: Syntax, result: Unwrapped) -> int | None:
    at, operands = 1, syntax.operands
    if syntax.subcommand:
        while at < len(words) and words[at].prefix.startswith("-"):
            at += 2 if words[at].value in syntax.valued else 1
        if at >= len(words) or words[at].value != syntax.subcommand:
            return None
        at += 1
    found: dict[str, str] = {}
    options = True
    while at < len(words):
        word = words[at]
        if options and word.value == "--":
            options = False
        elif options and word.prefix.startswith("-") and word.value != "-":
            if word.value in syntax.plain:
                return None
            at += 1 if word.value in syntax.valued else 0
        elif syntax.assigns and _ASSIGNMENT.match(word.prefix):
            variable, _, value = word.prefix.partition("=")
            found[variable] = "unknown" if word.value is None else value
        elif operands:
            operands -= 1
            options = False
        else:
            result.assignments.update(found)
            return at
        at += 1
    return None


def _split_string(result: Unwrapped) -> bool:
    """Takes `env -S "prog args"` apart; tells whether it did."""
    words = result.words
    if len(words) < 2 or words[1].value is None or not words[1].value.startswith(("-S", "--split-string=")):
        return False
    option = words[1].value
    rest = words[2:]
    if option == "-S":
        if not rest or rest[0].value is None:
            return False
        text, place, rest = rest[0].value, rest[0], rest[1:]
    else:
        text, place = option.removeprefix("--split-string=").removeprefix("-S"), words[1]
    result.words = [words[0], *(literal(part, place.start, place.end) for part in text.split()), *rest]
    return True


def _shell_text(words: list[Word]) -> Word | None:
    """The word after `-c` of a shell; None when it runs a file or standard input."""
    at, runs_text = 1, False
    while at < len(words):
        word = words[at]
        option = word.value
        if option is None or option in ("-", "--"):
            if option is None:
                break
            at += 1
            break
        if option in VALUED_OPTIONS:
            at += 2
            continue
        if not option.startswith(("-", "+")):
            break
        if option.startswith("-") and not option.startswith("--"):
            runs_text = runs_text or "c" in option
            if option[-1] in VALUED_LETTERS and len(option) > 1:
                at += 1
        at += 1
    return words[at] if runs_text and at < len(words) else None


def _value_of(words: list[Word], options: tuple[str, ...]) -> Word | None:
    for number, word in enumerate(words[1:-1], 1):
        if word.value in options:
            return words[number + 1]
    return None
