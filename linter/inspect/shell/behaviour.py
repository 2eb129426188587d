"""What a start script does as a program: which files it writes, whose failures it hides, which arguments it takes."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from linter.inspect.shell import grammar
from linter.inspect.shell.branches import FIRST, WORD
from linter.inspect.shell.handover import runs_long
from linter.lazy import compiled
from linter.model import UNKNOWN, Fact, Location

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tree_sitter import Node

    from linter.inspect.shell.commands import Command
    from linter.inspect.text import Source
    from linter.knowledge import Knowledge

SHELL = "shell"
_OR = compiled(r"\s*\|\|\s*")
_REDIRECTED = compiled(r"[0-9&]?>{1,2}\|?\s*[\"']?(/[^\s\"'$`*?]+)[\"']?\s*")
_NODES = 20_000
"""Nodes of a script that are looked at for a `case`."""


def behaviour_facts(commands: Sequence[Command], source: Source, path: str, knowledge: Knowledge) -> Iterator[Fact]:
    """The facts of one script."""
    table: Mapping[str, Any] = knowledge.get("program_behaviour.scripts")
    top = [command for command in commands if not command.in_substitution]
    for command in top:
        place = Location(path, source.span(command.start, command.end))
        yield from _written(command, place, table)
        yield from _named(command, source, path, knowledge)
        if command.program == "trap" and len(command.arguments) > 1 and command.arguments[0] == "":
            for word in command.arguments[1:]:
                name = word.upper() if word.upper().startswith("SIG") else f"SIG{word.upper()}"
                signal = {"language": SHELL, "signal": "SIGTERM" if word == "15" else name, "action": "ignored"}
                yield Fact("program.signal", place, signal | _reach())
    yield from _failures(top, source, path, knowledge, table)
    yield from _arguments(source, path)


def _reach(guard: str = "none") -> dict[str, Any]:
    return {
        "started_as": UNKNOWN,
        "part": "",
        "guard": guard,
        "scope": UNKNOWN,
        "reached": UNKNOWN,
        "reached_from": None,
        "role": UNKNOWN,
    }


# --- files


def _written(command: Command, place: Location, table: Mapping[str, Any]) -> Iterator[Fact]:
    """A `file.access` for each absolute path that a command writes to."""
    which = table["writing"].get(command.program)
    operands = [each for each in command.arguments if not each.startswith("-")]
    written = operands[-1:] if which == "last" and len(operands) > 1 else operands if which == "all" else []
    mode = "make" if command.program in table["making"] else "write"
    found = [(each, mode) for each in written]
    found += [(match[1], "write") for text in command.redirects for match in [_REDIRECTED.match(text)] if match]
    for target, how in found:
        if target.startswith("/"):
            fields = _blank() | {"api": command.program, "mode": how, "argument": target}
            yield Fact("file.access", place, fields | _reach("condition" if command.conditional else "none"))


def _input_pattern(knowledge: Knowledge) -> re.Pattern[str]:
    """Paths of the input's folder, also as people misspell it, and the toolkit's variables for channels."""
    table: Mapping[str, Any] = knowledge.get("file_calls")
    tree: str = knowledge.get("container.reserved_tree")
    folders = [knowledge.get("container.places")["input"], *(f"{tree}/{each}" for each in table["near_input"])]
    paths, variable = "|".join(map(re.escape, folders)), re.escape(table["channel_variable"])
    return re.compile(rf"(?:{paths})(?![\w-])(?:/[\w.-]+)*|\$\{{?{variable}(?P<channel>[A-Z0-9_]+)")


def _named(command: Command, source: Source, path: str, knowledge: Knowledge) -> Iterator[Fact]:
    """A `file.access` for each place of a job's input that a command names, by its path or the toolkit's variable."""
    data: str = knowledge.get("container.places")["input_data"]
    pattern: re.Pattern[str] = knowledge.index("inspect.shell.input", _input_pattern)
    for found in pattern.finditer(source.text, command.start, command.end):
        channel = found["channel"]
        target = f"{data}/{channel.lower()}" if channel else found[0]
        fields = _blank() | {"api": command.program, "mode": "mention", "argument": target}
        place = Location(path, source.span(found.start(), found.end()))
        yield Fact("file.access", place, fields | _reach("condition" if command.conditional else "none"))


def _blank() -> dict[str, Any]:
    from linter.inspect.python.files import blank_path

    return blank_path(SHELL)


# --- failures


def _failures(
    commands: Sequence[Command], source: Source, path: str, knowledge: Knowledge, table: Mapping[str, Any]
) -> Iterator[Fact]:
    """A `program.exit` for each long-running command whose failure the script hides."""
    works = [command for command in commands if runs_long(command, knowledge) == "server" and not command.background]
    for command, after in pairwise(commands):
        between = source.text[command.end : after.start]
        if command in works and _OR.fullmatch(between) and _hides(after, table):
            yield _exit("ignored", command, source, path)
            works.remove(command)
    if not works or _checks(commands, source, table):
        return
    last = commands[-1]
    for command in works:
        rest = commands[commands.index(command) + 1 :]
        plain = not (command.conditional or command.piped or command.in_function or command.uses_exec)
        if plain and rest and all(each.program in table["saying"] and not each.conditional for each in rest):
            if last.program == "exit" and last.arguments not in ((), ("0",)):
                continue
            if rest[0].program == "exit" and not rest[0].arguments:
                continue  # `exit` alone gives the status of the command before it
            yield _exit("hidden", command, source, path)


def _hides(command: Command, table: Mapping[str, Any]) -> bool:
    return command.program in table["hiding"] or (command.program == "exit" and command.arguments == ("0",))


def _checks(commands: Sequence[Command], source: Source, table: Mapping[str, Any]) -> bool:
    """Whether a script ends with its first error, or looks at what its commands return."""
    strict = table["strict_options"]
    options = [word for command in commands if command.program == "set" for word in command.arguments]
    shebang = source.line(1).split() if source.text.startswith("#!") else []
    if any(word in strict for word in (*options, *shebang[1:])):
        return True
    return any(each in source.text for each in ("$?", "PIPESTATUS", "ERR"))


def _exit(form: str, command: Command, source: Source, path: str) -> Fact:
    fields = {"language": SHELL, "form": form, "ends": "exits", "status": 0, "last": True, "work": True}
    place = Location(path, source.span(command.start, command.end))
    return Fact("program.exit", place, fields | _reach("condition" if command.conditional else "none"))


# --- arguments


def _arguments(source: Source, path: str) -> Iterator[Fact]:
    """A `program.argument` for a `case` over the first argument."""
    if "case" not in source.text or not FIRST.search(source.text):
        return
    for tree in grammar.parse(source.text).trees:
        waiting, seen = [tree.root], 0
        while waiting and seen < _NODES:
            node = waiting.pop()
            seen += 1
            if node.type == "case_statement":
                value = node.child_by_field_name("value")
                if value is not None and FIRST.fullmatch(tree.source(value)):
                    start, end = tree.span(node)
                    first = tree.text.find("\n", start)
                    place = source.span(tree.start + start, tree.start + (first if start < first < end else end))
                    fields = {"language": SHELL, "form": "case", "accepted": _accepted(node, tree)}
                    fields |= {"given": UNKNOWN, "rejected": UNKNOWN}
                    yield Fact("program.argument", Location(path, place), fields | _reach())
                    return
            waiting.extend(node.named_children)


def _accepted(node: Node, tree: grammar.Tree) -> list[str] | str | None:
    """The words that a `case` knows; None when it takes others too, `unknown` when that is not clear."""
    words: list[str] = []
    default = None
    for item in node.named_children:
        if item.type != "case_item":
            continue
        for pattern in item.children_by_field_name("value"):
            text = tree.source(pattern)
            word = WORD.fullmatch(text)
            if text == "*":
                default = tree.source(item)
            elif word is None:
                return UNKNOWN
            else:
                words.append(word[1])
    if default is None:
        return UNKNOWN
    return words if re.search(r"\bexit\s+[1-9]", default) and "exec" not in default else None
