"""The Python that commands run: `python -c "…"`, and what stands in a here-document for its standard input."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from linter.inspect.code import Code
from linter.inspect.mapped import Mapped, Part
from linter.lazy import compiled
from linter.model import EMPTY, UNKNOWN, Inspection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from linter.inspect.shell.commands import Command
    from linter.knowledge import Knowledge
    from linter.model import Span

    Place = Callable[[int, int], Span]

COMMANDS_LIMIT = 2000
"""Commands of one text that become facts."""

_PYTHON = compiled(r"(?:i?python|pypy)[\d.]*t?")
_VALUED = frozenset("WXQ")
"""Python's options of one letter whose value is the rest of the word, or the next one."""
_VALUED_LONG = frozenset(["--check-hash-based-pycs"])
_INPUT = frozenset(["-", "/dev/stdin", "/dev/fd/0"])
_EXPANSION = compiled(r"\$(?:\{[^}]*+\}?|[A-Za-z_]\w*+|[0-9@*#?$!-])|`[^`]*+`?")
_LINE = compiled(r"[^\n]*\n|[^\n]+")
_VARIABLE = compiled(r"\$\{?([A-Za-z_]\w*)")
_NO_NAME = compiled(r"\W")
_PLAIN = {mode: compiled(rf"[^{signs}]+") for mode, signs in {"": r"\\'\"$`", '"': r"\\\"$`", "<": r"\\$`"}.items()}
_ESCAPED = {"": None, '"': '"\\$`', "<": "\\$`"}


class _Taken(NamedTuple):
    """Where a Python program takes its code from: the argument of that index, from that character on, or its input."""

    argument: int | None
    skip: int = 0


def inspect_embedded(commands: Sequence[Command], place: Place, path: str, knowledge: Knowledge) -> Inspection:
    """What the Python in commands says. `place` turns the offsets of the commands into places of the file `path`."""
    codes = list(python_in(commands, place))
    if not codes:
        return Inspection()
    from linter.inspect.python import inspect_code

    return joined(inspect_code(code, path, knowledge) for code in codes)


def inspect_shell(
    code: Code,
    path: str,
    knowledge: Knowledge,
    scope: str = UNKNOWN,
    environment: Mapping[str, str] | None = None,
    written: Mapping[str, str] | None = None,
) -> Inspection:
    """The facts of shell code that stands in the file `path`, those of the Python in it included.

    `written` says how texts that were put into the code for others (`${_0}` for `{name}`) are written in the file.
    """
    from linter.inspect.shell import requests_of
    from linter.inspect.shell.commands import parse_script
    from linter.inspect.shell.facts import Setting, command_facts

    commands = [_as_written(command, written or {}) for command in parse_script(code.text).commands[:COMMANDS_LIMIT]]
    started_as = None if scope == "seller" else UNKNOWN
    setting = Setting(path, code.place, knowledge, scope, started_as, environment or {})
    facts = tuple(command_facts(commands, setting))
    requests = requests_of(commands, setting)
    return joined(
        [Inspection(facts), requests, with_scope(inspect_embedded(commands, code.place, path, knowledge), scope)]
    )


def _as_written(command: Command, written: Mapping[str, str]) -> Command:
    text, arguments = command.text, list(command.arguments)
    for sign, original in written.items():
        text = text.replace(sign, original)
        arguments = [UNKNOWN if sign in argument else argument for argument in arguments]
    return replace(command, text=text, arguments=tuple(arguments)) if written else command


def joined(inspections: Iterable[Inspection]) -> Inspection:
    """Several inspections as one."""
    found = list(inspections)
    facts = tuple(fact for inspection in found for fact in inspection.facts)
    return Inspection(facts, tuple(notice for inspection in found for notice in inspection.notices))


def with_scope(inspection: Inspection, scope: str) -> Inspection:
    """The same facts, those that have a scope with this one."""
    facts = (fact.with_fields(scope=scope) if "scope" in fact.fields else fact for fact in inspection.facts)
    return inspection._replace(facts=tuple(facts))


def python_in(commands: Sequence[Command], place: Place) -> Iterator[Code]:
    """The Python that commands run. `place` turns their offsets into places of the file."""
    before: Command | None = None
    for command in commands:
        taken = _taken(command)
        mapped = None
        if taken is not None and taken.argument is not None:
            mapped = argument_text(command, taken.argument, taken.skip)
        elif taken is not None and command.heredoc is not None:
            mapped = heredoc_text(command)
        elif taken is not None and command.piped and before is not None and before.piped:
            mapped = _piped(before)
        if mapped is not None and mapped.text.strip():
            yield _code(mapped, place)
        before = command


def _code(mapped: Mapped, place: Place) -> Code:
    return Code(mapped.text, "python", None, "command", lambda start, end: place(*mapped.place(start, end)))


def _taken(command: Command) -> _Taken | None:
    """Where a Python program takes its code from; None for other programs, and for files and modules."""
    if not _PYTHON.fullmatch(command.program):
        return None
    at = 0
    while at < len(command.arguments):
        word = command.argument_prefixes[at] if command.arguments[at] == UNKNOWN else command.arguments[at]
        at += 1
        if word in _INPUT:
            break
        if word in _VALUED_LONG:
            at += 1
        elif word.startswith("--"):
            continue
        elif not word.startswith("-"):
            return None
        else:
            for number, letter in enumerate(word[1:], 2):
                if letter == "m":
                    return None
                if letter == "c":
                    attached = number < len(word) or command.arguments[at - 1] == UNKNOWN
                    return _Taken(at - 1, number) if attached else _next(command, at)
                if letter in _VALUED:
                    at += number >= len(word)
                    break
    return _Taken(None)


def _next(command: Command, at: int) -> _Taken | None:
    return _Taken(at) if at < len(command.arguments) else None


def _piped(before: Command) -> Mapped | None:
    """What `cat <<EOF | python` and `echo "…" | python` hand over."""
    if before.program == "cat" and before.heredoc is not None and not before.arguments:
        return heredoc_text(before)
    plain = [at for at, text in enumerate(before.argument_texts) if not text.startswith("-")]
    if before.program == "echo" and len(plain) == 1:
        return argument_text(before, plain[0], 0)
    return None


def argument_text(command: Command, number: int, skip: int) -> Mapped:
    """The value of an argument with the places of its characters, as far as they can be told."""
    text, value = command.argument_texts[number], command.arguments[number]
    start, end = command.argument_spans[number]
    if value == text:
        pieces: list[_Piece] = [_Piece(text, 0, len(text))]
    else:
        pieces = list(_pieces(text, "", 0))
        if value != UNKNOWN and "".join(piece.text for piece in pieces) != value:
            pieces = [_Piece(value, 0, len(text))]  # with variables that the text itself sets
    return _mapped(pieces, len(text), start, end, skip)


def template_text(command: Command, number: int) -> Mapped:
    """The value of an argument, what the shell fills in as `${NAME}`."""
    text = command.argument_texts[number]
    start, end = command.argument_spans[number]
    value = command.arguments[number]
    if end - start != len(text) or (value != UNKNOWN and value == text):
        return Mapped.joined([(text if value == UNKNOWN else value, start, end - start)], start)
    return _mapped([_named(piece) for piece in _pieces(text, "", 0)], len(text), start, end, 0)


def template_heredoc(command: Command) -> Mapped:
    """A here-document's body, with the values that the script itself gives to variables; others as `${NAME}`."""
    start, end = command.heredoc_span
    text = command.heredoc or ""
    values = dict(command.heredoc_values)
    return _mapped([_named(piece, values) for piece in _heredoc_pieces(command)], len(text), start, end, 0)


def template_word(text: str) -> str:
    """What a word stands for, what the shell fills in as `${NAME}`."""
    return "".join(_named(piece).text for piece in _pieces(text, "", 0))


def _named(piece: _Piece, values: Mapping[str, str] = EMPTY) -> _Piece:
    if piece.known:
        return piece
    found = _VARIABLE.match(piece.text)
    if found and found.group(1) in values and piece.text in (f"${found.group(1)}", f"${{{found.group(1)}}}"):
        return piece._replace(text=values[found.group(1)], known=True)
    return piece._replace(text=f"${{{found.group(1) if found else 'value'}}}", known=True)


def heredoc_text(command: Command) -> Mapped:
    """A here-document's body as the program gets it."""
    text = command.heredoc or ""
    start, end = command.heredoc_span
    return _mapped(list(_heredoc_pieces(command)), len(text), start, end, 0)


def _heredoc_pieces(command: Command) -> Iterator[_Piece]:
    text = command.heredoc or ""
    mark = command.heredoc_mark
    quoted = any(sign in mark for sign in "'\"\\")
    at = 0
    for line in _LINE.findall(text):
        kept = line.lstrip("\t") if mark.startswith("<<-") else line
        first = at + len(line) - len(kept)
        if quoted:
            yield _Piece(kept, first, len(kept))
        else:
            yield from _pieces(kept, "<", first)
        at += len(line)


class _Piece(NamedTuple):
    """Characters of a value and the range of the written text that they stand for. `known` unless the shell fills it
    in when it runs.
    """

    text: str
    at: int
    width: int
    known: bool = True


def _mapped(pieces: list[_Piece], length: int, start: int, end: int, skip: int) -> Mapped:
    """A value whose written text of that length stands from `start` to `end`."""
    if not all(piece.known for piece in pieces):
        pieces = _with_names(pieces)
    if end - start != length:  # the text was taken out of another one with quotes of its own
        whole = "".join(piece.text for piece in pieces)[skip:]
        return Mapped.joined([(whole, start, end - start)], start)
    parts: list[Part] = [(piece.text, start + piece.at, piece.width) for piece in pieces]
    mapped = Mapped.joined(parts, start)
    return mapped.slice(skip, len(mapped.text)) if skip else mapped


def _with_names(pieces: list[_Piece]) -> list[_Piece]:
    """Variables of the shell outside of Python's own strings become Python names, so that the rest can be read."""
    from linter.inspect.ipython import python_error

    if python_error("".join(piece.text for piece in pieces)) is None:
        return pieces
    named = [piece if piece.known else piece._replace(text=_NO_NAME.sub("_", piece.text)) for piece in pieces]
    return named if python_error("".join(piece.text for piece in named)) is None else pieces


def _pieces(text: str, mode: str, base: int) -> Iterator[_Piece]:
    """What a word (mode ""), or a here-document that is expanded (mode "<"), stands for. `base` is its offset."""
    at, outer = 0, mode
    while at < len(text):
        plain = _PLAIN[mode].match(text, at)
        sign = text[at]
        if plain is not None:
            yield _Piece(plain.group(), base + at, plain.end() - at)
            at = plain.end()
        elif sign == "\\":
            piece = _escape(text, at, mode, base)
            yield piece
            at += piece.width
        elif sign == '"' and mode != "<":
            mode = '"' if mode == outer else outer
            at += 1
        elif sign == "'" and mode == "":
            end = text.find("'", at + 1)
            end = len(text) if end < 0 else end
            yield _Piece(text[at + 1 : end], base + at + 1, end - at - 1)
            at = end + 1
        elif mode == "" and text.startswith("$'", at):
            yield from _ansi(text, at, base)
            at = _ansi_end(text, at) + 1
        else:
            end = _expansion_end(text, at)
            yield _Piece(text[at:end], base + at, end - at, known=end - at < 2)
            at = end


def _escape(text: str, at: int, mode: str, base: int) -> _Piece:
    following = text[at + 1 : at + 2]
    if following == "\n":
        return _Piece("", base + at, 2)
    escapable = _ESCAPED[mode]
    if not following or (escapable is not None and following not in escapable):
        return _Piece("\\", base + at, 1)
    return _Piece(following, base + at, 2)


def _expansion_end(text: str, at: int) -> int:
    if text.startswith("$(", at):
        depth = 0
        for number in range(at + 1, len(text)):
            depth += (text[number] == "(") - (text[number] == ")")
            if not depth:
                return number + 1
        return len(text)
    found = _EXPANSION.match(text, at)
    return found.end() if found else at + 1


def _ansi_end(text: str, at: int) -> int:
    at += 2
    while at < len(text) and text[at] != "'":
        at += 2 if text[at] == "\\" else 1
    return min(at, len(text))


def _ansi(text: str, at: int, base: int) -> Iterator[_Piece]:
    """`$'…'`: the usual escapes; others stay as they are."""
    escapes = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"'}
    end = _ansi_end(text, at)
    at += 2
    while at < end:
        if text[at] == "\\" and text[at + 1 : at + 2] in escapes:
            yield _Piece(escapes[text[at + 1]], base + at, 2)
            at += 2
        else:
            yield _Piece(text[at], base + at, 1)
            at += 1
