"""Which branches of a script run for which first argument: `case "$1" in train) …`, `if [ "$1" = test ]; then …`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from linter.lazy import compiled

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence

    from tree_sitter import Node

    from linter.inspect.shell.commands import Command
    from linter.inspect.shell.words import Reader

FIRST = compiled(r"[\"']?\$(?:1|\{1(?::?-[^}]*)?\})[\"']?")
"""The first argument, also with a default."""
_VARIABLE = compiled(r"[\"']?\$(?:(\w+)|\{(\w+)\})[\"']?")
WORD = compiled(r"[\"']?([\w.-]+)[\"']?")
_TEST = compiled(
    r"(?:\[\[?|test)\s+(?P<left>[\"']?x?\$[^\s=!]+)\s*(?P<sign>==?|!=)\s*[\"']?(?P<word>[\w.-]+)[\"']?(?:\s+\]\]?)?"
)
_HISTORY = compiled(r"""(?:\[\[?|test)\s+-[de]\s+["']?(?:[^\s"']*/)?\.git/?["']?(?:\s+\]\]?)?""")
"""A test whether the code lies in a git checkout, which no image and no archive of a model does."""

_CALLS_LIMIT = 4
"""Functions that are followed from one to the next."""


class Taken(NamedTuple):
    """For which first arguments of its script a command may run: only for some (None: for all), never for others."""

    only: frozenset[str] | None = None
    never: frozenset[str] = frozenset()

    def with_only(self, words: frozenset[str]) -> Taken:
        """Also after a test that lets only these words through."""
        return self._replace(only=words if self.only is None else self.only & words)

    def without(self, words: frozenset[str]) -> Taken:
        """Also after a test that lets all but these words through."""
        return self._replace(never=self.never | words)

    def both(self, other: Taken) -> Taken:
        """For arguments for which this and another one hold."""
        narrowed = self.without(other.never)
        return narrowed if other.only is None else narrowed.with_only(other.only)

    def either(self, other: Taken) -> Taken:
        """For arguments for which this or another one holds."""
        if self.only is not None and other.only is not None:
            return Taken((self.only - self.never) | (other.only - other.never))
        if self.only is None and other.only is None:
            return Taken(None, self.never & other.never)
        some, most = (self, other) if other.only is None else (other, self)
        return Taken(None, most.never - ((some.only or frozenset()) - some.never))

    @property
    def never_runs(self) -> bool:
        """Whether there is no argument for which a command runs."""
        return self.only is not None and self.only <= self.never

    def allows(self, word: str) -> bool:
        """Whether a command may run for an argument."""
        return word not in self.never and (self.only is None or word in self.only)


ANY = Taken()


def with_callers(commands: Sequence[Command]) -> list[Command]:
    """What stands in a function runs for the arguments for which something calls the function."""
    names = {command.in_function for command in commands if command.in_function is not None}
    for _ in range(_CALLS_LIMIT if names and any(command.taken != ANY for command in commands) else 0):
        calls: dict[str, Taken] = {}
        for command in commands:
            for name in names.intersection((command.path, *command.arguments)):  # `trap cleanup EXIT` calls it, too
                known = calls.get(name)
                calls[name] = command.taken if known is None else known.either(command.taken)
        found = [
            replace(command, taken=command.taken.both(calls.get(command.in_function, ANY)))
            if command.in_function is not None
            else command
            for command in commands
        ]
        if all(new.taken == old.taken for new, old in zip(found, commands, strict=True)):
            break
        commands = found
    return list(commands)


class FirstArgument:
    """What stands for a script's first argument, while the script is read from above."""

    def __init__(self) -> None:
        self._names: set[str] = set()
        self._moved = False

    def assigned(self, name: str, text: str, *, conditional: bool, in_function: bool) -> None:
        """Note an assignment, which may hand the argument on."""
        if self._is_plain(text, in_function=in_function) and not conditional:
            self._names.add(name)
        else:
            self._names.discard(name)

    def learn(self, command: Command) -> None:
        """After `shift` and `set --` the first argument is another one."""
        moves = command.program == "shift" or (command.program == "set" and "--" in command.arguments)
        self._moved = self._moved or (moves and command.in_function is None)

    def _is_plain(self, text: str, *, in_function: bool) -> bool:
        return not self._moved and not in_function and FIRST.fullmatch(text) is not None

    def _is_first(self, text: str, *, in_function: bool) -> bool:
        variable = _VARIABLE.fullmatch(text)
        named = variable is not None and (variable[1] or variable[2]) in self._names
        return named or self._is_plain(text, in_function=in_function)

    def of_children(self, reader: Reader, node: Node, taken: Taken, *, in_function: bool) -> list[Taken] | None:
        """For which arguments each child of a node may run; None where all run as the node itself does."""
        if node.type in ("if_statement", "elif_clause"):
            return self._of_if(reader, node, taken, in_function=in_function)
        if node.type == "case_statement":
            return self._of_case(reader, node, taken, in_function=in_function)
        return None

    def _of_if(self, reader: Reader, node: Node, taken: Taken, *, in_function: bool) -> list[Taken]:
        """The test of `if` holds in its own branch, and neither in `elif` nor in `else`."""
        test = self._tested(reader, node, in_function=in_function)
        inside, found, within = _after(taken, test, came_true=True), [], False
        if _asked(reader, node, _HISTORY):
            inside = taken.with_only(frozenset())
        for child in node.children:
            if child.type in ("elif_clause", "else_clause"):
                taken = _after(taken, test, came_true=False)
                found.append(taken)
                test = self._tested(reader, child, in_function=in_function)
                continue
            found.append(inside if within else taken)
            within = within or child.type == "then"
        return found

    def _tested(self, reader: Reader, clause: Node, *, in_function: bool) -> tuple[str, bool] | None:
        """The word that `if` or `elif` compares the argument with, and whether it has to be that one."""
        if clause.type == "else_clause":
            return None
        found = _asked(reader, clause, _TEST)
        if found is None or not self._is_first(found["left"].replace("x$", "$", 1), in_function=in_function):
            return None
        word = found["word"].removeprefix("x") if "x$" in found["left"] else found["word"]
        return word, found["sign"] != "!="

    def _of_case(self, reader: Reader, node: Node, taken: Taken, *, in_function: bool) -> list[Taken] | None:
        """A branch runs for its own words, `*` for those that no branch above it takes."""
        value = node.child_by_field_name("value")
        if value is None or not self._is_first(reader.tree.source(value), in_function=in_function):
            return None
        found, above = [], frozenset[str]()
        for child in node.children:
            words = _words(reader, child) if child.type == "case_item" else frozenset()
            if child.type != "case_item":
                found.append(taken)
            elif words is None:
                found.append(taken.without(above))
            else:
                found.append(taken.without(above).with_only(words))
                above |= words
            if any(part.type in (";&", ";;&") for part in child.children):
                return None  # branches that go on into the next
        return found


def _after(taken: Taken, test: tuple[str, bool] | None, *, came_true: bool) -> Taken:
    if test is None:
        return taken
    word, has_to_be = test
    return taken.with_only(frozenset({word})) if has_to_be == came_true else taken.without(frozenset({word}))


def _words(reader: Reader, item: Node) -> frozenset[str] | None:
    """The words of a branch of `case`; None when one of its patterns takes more than a word."""
    texts = [
        text.strip() for node in item.children_by_field_name("value") for text in reader.tree.source(node).split("|")
    ]
    words = [WORD.fullmatch(each) for each in texts]
    return frozenset(word[1] for word in words if word) if all(words) else None


def _asked(reader: Reader, clause: Node, form: re.Pattern[str]) -> re.Match[str] | None:
    """The one test of `if` or `elif`, when it has a form."""
    condition = [child for child in _before_then(clause) if child.is_named]
    return form.fullmatch(reader.tree.source(condition[0]).strip()) if len(condition) == 1 else None


def _before_then(clause: Node) -> list[Node]:
    found = []
    for child in clause.children[1:]:
        if child.type == "then":
            break
        found.append(child)
    return found
