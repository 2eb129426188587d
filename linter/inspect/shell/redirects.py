"""Redirections: to which command of a statement they belong, and here-documents with the lines that they hold."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from linter.inspect.shell.words import is_word
from linter.references.shells import SHELLS

if TYPE_CHECKING:
    from tree_sitter import Node

    from linter.inspect.shell.commands import Command
    from linter.inspect.shell.words import Reader

REDIRECTS = frozenset(["file_redirect", "herestring_redirect", "heredoc_redirect"])
"""Kinds of nodes that are redirections."""
BLANKS_LIMIT = 4096
"""Blanks at the start of a here-document that are looked back at."""


def pipes(heredoc: Node) -> bool:
    """Whether a pipe follows the delimiter of a here-document."""
    return any(child.type == "pipeline" for child in heredoc.named_children)


def attach(node: Node, redirects: dict[int, list[Node]]) -> None:
    """Notes to which command the redirections of a statement belong: its last one."""
    body = node.child_by_field_name("body")
    while body is not None and body.type in ("pipeline", "list", "negated_command") and body.named_children:
        body = body.named_children[-1]
    if body is not None:
        found = [child for child in node.named_children if child.type in REDIRECTS]
        redirects.setdefault(body.id, []).extend(found)


def redirected(reader: Reader, command: Command, redirects: list[Node]) -> Command:
    """A command with its redirections."""
    if not redirects:
        return command
    texts = [reader.tree.source(node) for node in redirects if node.type != "heredoc_redirect"]
    command = replace(command, redirects=tuple(texts))
    heredoc = next((node for node in redirects if node.type == "heredoc_redirect"), None)
    if heredoc is None:
        return command
    mark = "".join(reader.tree.source(node) for node in heredoc.children[:2])
    body = next((node for node in heredoc.named_children if node.type == "heredoc_body"), None)
    if body is None:
        return replace(command, heredoc="", heredoc_mark=mark)
    start, end = _body_range(reader, body)
    base = reader.tree.start
    return replace(
        command,
        heredoc=reader.tree.text[start:end],
        heredoc_mark=mark,
        heredoc_values=reader.values(reader.tree.text[start:end]),
        heredoc_span=(reader.place.start(start + base), reader.place.end(end + base)),
    )


def _body_range(reader: Reader, body: Node) -> tuple[int, int]:
    """The lines of a here-document; the grammar leaves out blanks before it, and counts tabs after it to it."""
    text = reader.tree.text
    start, end = reader.tree.span(body)
    blank = text[max(start - BLANKS_LIMIT, 0) : start]
    kept = len(blank.rstrip(" \t\n"))
    start -= len(blank) - (blank.find("\n", kept) + 1) if "\n" in blank[kept:] else 0
    last = text.rfind("\n", start, end) + 1
    return start, last if last and not text[last:end].strip("\t") else end


def heredoc_words(node: Node) -> list[Node]:
    """Arguments after `<<EOF` on the same line; the grammar counts them to the redirection."""
    words = []
    for child in node.children:
        if child.type in ("heredoc_body", "pipeline", "&&", "||", ";"):
            break
        if is_word(child):
            words.append(child)
    return words


def end_without_body(node: Node) -> int:
    """Where a redirection ends; a here-document with its delimiter."""
    if node.type != "heredoc_redirect":
        return node.end_byte
    start = next((child for child in node.named_children if child.type == "heredoc_start"), node)
    return start.end_byte if start is not node else node.start_byte


def reads_input(program: str, arguments: tuple[str, ...]) -> bool:
    """Whether a command is a shell that takes its script from its input."""
    return program in SHELLS and all(argument.startswith("-") for argument in arguments[:1])


def piped_shell(reader: Reader, heredoc: Node) -> str | None:
    """The shell at the start of `| sh` after a here-document's delimiter."""
    for pipeline in heredoc.named_children:
        if pipeline.type == "pipeline":
            for command in pipeline.named_children:
                parts = [part for part in command.named_children if is_word(part) or part.type == "command_name"]
                words = [word for part in parts for word in reader.words(part)]
                program = words[0].program if words else ""
                if reads_input(program, tuple(word.path for word in words[1:])):
                    return program
    return None
