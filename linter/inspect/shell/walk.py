"""The walk over a shell's syntax tree that finds its commands. It goes by a list of its own, never by recursion."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from linter.inspect.shell import grammar
from linter.inspect.shell.branches import ANY, FirstArgument
from linter.inspect.shell.commands import COMMANDS_LIMIT, SCRIPTS_LIMIT, Command, Context, build
from linter.inspect.shell.functions import Functions
from linter.inspect.shell.place import Place, inner
from linter.inspect.shell.redirects import (
    REDIRECTS,
    attach,
    end_without_body,
    heredoc_words,
    piped_shell,
    pipes,
    reads_input,
    redirected,
)
from linter.inspect.shell.words import Reader, Variables, Word, is_word, quoted_characters
from linter.inspect.shell.wrappers import Unwrapped, unwrap
from linter.model import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tree_sitter import Node

_CONDITIONAL = frozenset(["do_group", "elif_clause", "else_clause", "case_item"])
_OPENS_BRANCH = frozenset(["then", "do", "else", "elif", "in"])
_CLOSES_BRANCH = frozenset(["fi", "done", "esac"])
_READS_INTO_VARIABLES = frozenset(["read", "mapfile", "readarray", "getopts"])
_DECLARES = frozenset(["declaration_command", "unset_command"])


class Walk:
    """Collects the commands of a text and of the texts that its commands hand to shells."""

    def __init__(self) -> None:
        self.commands: list[Command] = []
        self.problem: str | None = None
        self._variables = Variables()
        self._first = FirstArgument()
        self._depth = 0

    def read(self, text: str, place: Place | None = None, context: Context | None = None) -> None:
        """Reads a shell text. `place` says where its characters stand in the outermost text."""
        trees = grammar.parse(text)
        self.problem = self.problem or trees.problem
        for tree in trees.trees:
            reader = Reader(tree, place or Place(), self._variables)
            self._tree(reader, context or Context())

    def add(
        self,
        words: list[Word],
        assignments: Mapping[str, str],
        text: str,
        span: tuple[int, int],
        context: Context,
        script: tuple[str, Place] | None = None,
        replaces: bool = False,
    ) -> list[Command]:
        """Adds the command that words stand for, or those of the text that it hands to a shell.

        `script` is that text and its place when they are known better than by the words. `replaces` says that no shell
        is left behind the words.
        """
        found = unwrap(words, assignments)
        found.uses_exec = found.uses_exec or (replaces and found.script is not None)
        if script is None and found.script is not None and found.script.value is not None:
            word = found.script
            exact = word.text == word.value
            script = (found.script.value, Place(word.start) if exact else _whole_word(word.start, word.end))
        elif script is None and found.script_of_all and all(word.value is not None for word in found.words[1:]):
            value = " ".join(word.value or "" for word in found.words[1:])
            script = (value, _whole_word(found.words[1].start, found.words[-1].end))
        if script is not None and self._depth < SCRIPTS_LIMIT and (found.script or found.script_of_all):
            return self._script(script, found, context)
        command = build(found.words, found.assignments, text, span, context, found.uses_exec, found.wrapped_by)
        self._append(command)
        return [command]

    def _script(self, script: tuple[str, Place], found: Unwrapped, context: Context) -> list[Command]:
        """Reads the text of `sh -c` or `eval`. Its commands replace the outer shell only when both say so."""
        first = len(self.commands)
        wrapped = context.wrapped_by + found.wrapped_by + (found.words[0].program,)
        self._depth += 1
        self.read(*script, context._replace(wrapped_by=wrapped, given=None))
        self._depth -= 1
        inside = self.commands[first:]
        top = [command for command in inside if not command.in_substitution]
        for number, command in enumerate(inside, first):
            replaces = command.uses_exec or len(top) == 1
            if not found.script_of_all:
                replaces = replaces and found.uses_exec
            elif not found.uses_exec:
                replaces = command.uses_exec
            self.commands[number] = replace(
                command, uses_exec=replaces, assignments={**found.assignments, **command.assignments}
            )
        return self.commands[first:]

    def _append(self, command: Command) -> None:
        if command.path == "[":
            return
        if len(self.commands) < COMMANDS_LIMIT:
            self.commands.append(command)
        else:
            self.problem = self.problem or f"only its first {COMMANDS_LIMIT} commands were read"

    def _tree(self, reader: Reader, context: Context) -> None:
        redirects: dict[int, list[Node]] = {}
        functions = Functions(reader)
        pending: list[tuple[Node, Context]] = [(reader.tree.root, context)]
        while pending and len(self.commands) < COMMANDS_LIMIT:
            node, around = pending.pop()
            self._variables.given = around.given
            kind = node.type
            if kind == "command" or kind in _DECLARES:
                below = list(self._command(reader, node, around, redirects.get(node.id, [])))
            elif kind == "variable_assignment":
                self._assign(reader, node, around)
                below = [(child, around) for child in node.named_children[1:]]
            elif kind == "comment" or node.id in reader.consumed:
                continue
            else:
                if kind == "redirected_statement":
                    attach(node, redirects)
                elif kind == "for_statement":
                    self._loop_variable(reader, node)
                below = list(self._children(reader, node, around, functions))
            pending.extend(reversed(below))
        if pending:
            self.problem = self.problem or f"only its first {COMMANDS_LIMIT} commands were read"

    def _children(
        self, reader: Reader, node: Node, context: Context, functions: Functions
    ) -> Iterator[tuple[Node, Context]]:
        """The nodes below a node, each with what surrounds it."""
        kind = node.type
        if kind in ("command_substitution", "process_substitution"):
            context = context._replace(substituted=True, background=False, piped=False)
        elif kind in _CONDITIONAL:
            context = context._replace(conditional=True)
        elif kind == "function_definition":
            named = node.child_by_field_name("name")
            name = reader.tree.source(named) if named else context.function
            context = context._replace(
                function=name,
                given=functions.given(name, node) if name else None,
                conditional=False,
                background=False,
                taken=ANY,
            )
        elif kind == "pipeline":
            context = context._replace(piped=True)
        branch = operator = False
        children = node.children
        taken = self._first.of_children(reader, node, context.taken, in_function=context.function is not None)
        if any(child.type == "heredoc_redirect" and pipes(child) for child in children):
            context = context._replace(piped=True)
        for number, child in enumerate(children):
            if not child.is_named:
                branch = (branch or child.type in _OPENS_BRANCH) and child.type not in _CLOSES_BRANCH
                operator = child.type in ("&&", "||") or (operator and child.type not in (";", "\n", "&"))
                continue
            inside = context
            if branch or operator:
                inside = inside._replace(conditional=True)
            if taken is not None:
                inside = inside._replace(taken=taken[number])
            if child.type == "pipeline" and kind == "heredoc_redirect":
                inside = inside._replace(piped=True)
            if _in_background(children, number):
                inside = inside._replace(background=True)
            yield child, inside

    def _command(
        self, reader: Reader, node: Node, context: Context, redirects: list[Node]
    ) -> Iterator[tuple[Node, Context]]:
        """Adds one command; gives the nodes below it that may hold more."""
        inside = context._replace(substituted=True, background=False, piped=False)
        words: list[Word] = []
        origins: dict[int, Node] = {}
        assignments: dict[str, str] = {}
        own_redirects = list(redirects)
        below: list[Node] = []
        children = list(node.children)
        for redirect in redirects:
            if redirect.type == "heredoc_redirect":
                children += heredoc_words(redirect)
                own_redirects += [child for child in redirect.named_children if child.type == "file_redirect"]
        declares = node.type in _DECLARES
        for child in children:
            if child.type == "variable_assignment":
                self._prefix(reader, child, assignments, words, declares, context)
                below.extend(child.named_children[1:])
            elif child.type in REDIRECTS:
                own_redirects.append(child)
                below.append(child)
            elif child.type == "command_name" and child.start_byte == child.end_byte:
                continue  # `NAME=value > file`: the grammar wants a program there
            elif child.type == "command_name" or is_word(child) or (declares and not child.is_named):
                found = reader.words(child)
                for word in found:
                    origins[id(word)] = child
                words.extend(found)
                below.append(child)
            elif child.is_named and child.type != "comment":
                below.append(child)
        if words:
            taken = self._add(reader, node, words, origins, assignments, own_redirects, context)
            below = [child for child in below if child.id not in taken]
        else:
            for child in node.children:
                if child.type == "variable_assignment":
                    self._assign(reader, child, context)
        for child in below:
            yield child, inside

    def _add(
        self,
        reader: Reader,
        node: Node,
        words: list[Word],
        origins: dict[int, Node],
        assignments: dict[str, str],
        redirects: list[Node],
        context: Context,
    ) -> set[int]:
        """Adds a command; gives the ids of the nodes that need no look of their own any more."""
        found = unwrap(words, assignments)
        script, taken = None, set()
        word = found.script or (found.words[1] if found.script_of_all and len(found.words) == 2 else None)
        origin = origins.get(id(word)) if word is not None else None
        if origin is not None:
            script = _text_of(reader, origin)
            taken = {origin.id} if script else set()
        start, end = node.start_byte, node.end_byte
        for redirect in redirects:
            start, end = min(start, redirect.start_byte), max(end, end_without_body(redirect))
        tree = reader.tree
        first, last = min(start, len(tree.text)), min(end, len(tree.text))
        span = reader.place.start(first + tree.start), reader.place.end(last + tree.start)
        added = self.add(words, assignments, tree.text[first:last], span, context, script)
        if script is None and added and len(added) == 1 and self.commands and self.commands[-1] is added[0]:
            command = redirected(reader, added[0], redirects)
            self.commands[-1] = command
            self._learn(command)
            self._heredoc_script(reader, command, redirects, context)
        return taken

    def _prefix(
        self,
        reader: Reader,
        node: Node,
        assignments: dict[str, str],
        words: list[Word],
        declares: bool,
        context: Context,
    ) -> None:
        """An assignment before a program belongs to that command; one after `export` and its like is an argument."""
        if not words:
            name, value = _assignment(reader, node)
            assignments[name] = value.value if value is not None and value.value is not None else UNKNOWN
            return
        words.append(reader.word(node) if not declares else _declared(reader, node))
        if declares:
            self._assign(reader, node, context)

    def _assign(self, reader: Reader, node: Node, context: Context) -> None:
        conditional = context.conditional
        if not node.named_children or node.named_children[0].type != "variable_name":
            if node.named_children:  # an element of an array
                name = reader.tree.source(node.named_children[0]).partition("[")[0]
                self._variables.assign(name, None)
            return
        append = any(child.type == "+=" for child in node.children)
        name = reader.tree.source(node.named_children[0])
        value = node.named_children[1] if len(node.named_children) > 1 else None
        given = "" if value is None or append else reader.tree.source(value)
        self._first.assigned(name, given, conditional=conditional, in_function=context.function is not None)
        if value is not None and value.type == "array":
            self._variables.assign(name, reader.elements(value), conditional, append)
        else:
            text = "" if value is None else reader.word(value).value
            self._variables.assign(name, text, conditional, append)

    def _loop_variable(self, reader: Reader, node: Node) -> None:
        """Of addresses, one stands for all."""
        names = [child for child in node.named_children if child.type == "variable_name"]
        values = [each.value for child in node.named_children[1:] if is_word(child) for each in reader.words(child)]
        if names:
            one = values[0] if values and all("://" in (value or "") for value in values) else None
            self._variables.assign(reader.tree.source(names[0]), one)

    def _learn(self, command: Command) -> None:
        """Variables that a builtin sets or takes away are not known any more."""
        self._first.learn(command)
        if command.program in _READS_INTO_VARIABLES:
            for argument in command.arguments:
                if argument.isidentifier():
                    self._variables.assign(argument, None)
        elif command.program == "unset":
            for argument in command.arguments:
                self._variables.forget(argument)

    def _heredoc_script(self, reader: Reader, command: Command, redirects: list[Node], context: Context) -> None:
        """Reads a here-document that a shell takes as its script: `bash <<EOF`, `cat <<EOF | sh`."""
        for redirect in redirects:
            if redirect.type != "heredoc_redirect" or self._depth >= SCRIPTS_LIMIT:
                continue
            direct = reads_input(command.program, command.arguments)
            shell = command.program if direct else piped_shell(reader, redirect)
            body = next((child for child in redirect.named_children if child.type == "heredoc_body"), None)
            if shell is None or body is None:
                continue
            reader.consumed.add(body.id)
            start, _ = reader.tree.span(body)
            place = Place(reader.place.start(start + reader.tree.start))
            if reader.place.start(start + reader.tree.start + 1) != place.start(1):
                place = _whole_word(*reader.span(body))
            self._depth += 1
            inside = context._replace(wrapped_by=(*command.wrapped_by, shell), given=None)
            self.read(reader.tree.source(body), place, inside)
            self._depth -= 1


def _in_background(children: list[Node], number: int) -> bool:
    """Whether `&` ends a statement, also one whose here-document stands after the `&`."""
    if number + 1 < len(children) and children[number + 1].type == "&":
        return True
    child = children[number]
    return child.type != "heredoc_redirect" and any(
        sibling.type == "heredoc_redirect" and any(part.type == "&" for part in sibling.children)
        for sibling in children[number + 1 : number + 3]
    )


def _assignment(reader: Reader, node: Node) -> tuple[str, Word | None]:
    name, _, _ = reader.tree.source(node).partition("=")
    parts = node.named_children
    if len(parts) < 2:
        return name.rstrip("+"), Word("", "", 0, 0)
    return name.rstrip("+"), None if parts[1].type == "array" else reader.word(parts[1])


def _declared(reader: Reader, node: Node) -> Word:
    """The word `NAME=value` of `export NAME=value`."""
    name, value = _assignment(reader, node)
    start, end = reader.span(node)
    text = reader.tree.source(node)
    if value is None or value.value is None:
        return Word(None, text, start, end, f"{name}={value.prefix if value else ''}")
    return Word(f"{name}={value.value}", text, start, end, f"{name}={value.value}", value.value)


def _text_of(reader: Reader, node: Node) -> tuple[str, Place] | None:
    """The shell text that a quoted word holds, and its place; None when it has no text of its own."""
    if node.type not in ("string", "raw_string"):
        return None
    start, end = reader.tree.span(node)
    first, last = start + 1, max(end - 1, start + 1)
    content = reader.tree.text[first:last]
    if node.type == "raw_string":
        ranges = [(at, at + 1) for at in range(first, last)]
    else:
        ranges = [(first + at, first + stop) for at, stop in quoted_characters(content)]
    base = reader.tree.start
    text = "".join(reader.tree.text[at:stop] for at, stop in ranges)
    return text, inner(reader.place, [(at + base, stop + base) for at, stop in ranges])


def _whole_word(start: int, end: int) -> Place:
    """The place of a text whose characters cannot be told apart: all of it stands at the word."""
    return Place(0, [start], [end])
