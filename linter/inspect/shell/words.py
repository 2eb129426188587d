"""What shell words say: quoting taken off, variables that the text itself sets replaced, anything else unknown."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from linter.lazy import compiled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from linter.inspect.shell.grammar import Tree
    from linter.inspect.shell.place import Place

VALUE_LIMIT = 8192
"""Characters of a value that are kept; a longer value is unknown."""

EXPANSION_LIMIT = 1 << 21
"""Characters that variables may add to a text altogether, so that nested doubling cannot fill the memory."""

NESTING_LIMIT = 12
MENTIONED_LIMIT = 100
"""Variables of one here-document that are looked up."""

Value = str | tuple[str | None, ...] | None
"""A variable: a text, an array, or None when it cannot be known."""

ARGUMENTS_LIMIT = 100
"""Arguments of one call of a function that are known."""

_MISSING = object()
_HIDDEN_VARIABLE = compiled(r"(?<!\\)\$([A-Za-z_]\w*|[0-9])")
_LOOKS_UP = compiled(r"\$\(\s*(?:which|command -v|type -[pP])\s+([\w.+-]+)\s*(?:2>\s*/dev/null\s*)?\)")
_MENTIONED = compiled(r"\$\{?([A-Za-z_]\w{0,100})")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"', "a": "\a", "b": "\b", "e": "\x1b"}
_QUOTED_ESCAPES = '"\\$`'
_PARTS_OF_WORDS = frozenset(
    (
        *("word", "string", "raw_string", "ansi_c_string", "translated_string", "concatenation", "simple_expansion"),
        *("expansion", "command_substitution", "process_substitution", "arithmetic_expansion", "number", "regex"),
        *("test_operator", "brace_expression", "extglob_pattern", "variable_name", "special_variable_name", "array"),
    )
)


class Word(NamedTuple):
    """One word of a command. `value` is None when a piece of it is not literal."""

    value: str | None
    text: str
    start: int
    end: int
    prefix: str = ""
    """The literal characters before the first piece that is not known; all of a literal word."""
    suffix: str = ""
    """The literal characters after the last such piece; all of a literal word."""
    template: str | None = None
    """A word that only variables of the environment leave open, `${HOST}/weights.bin`; None for others."""

    @property
    def path(self) -> str:
        """The word's value, or as it is written when that is unknown."""
        return self.text if self.value is None else self.value

    @property
    def program(self) -> str:
        """Base name of the program that the word names; `unknown` when that is not literal."""
        known = self.value if self.value is not None else self.suffix if "/" in self.suffix else ""
        return known.rstrip("/").rpartition("/")[2] or "unknown"


def literal(value: str, start: int, end: int, text: str | None = None) -> Word:
    """A word that is known in full."""
    return Word(value, value if text is None else text, start, end, value, value)


def is_word(node: Node) -> bool:
    """Whether a node is a word, and not a keyword, an operator or a redirection."""
    return node.type in _PARTS_OF_WORDS


class Variables:
    """What a text's own assignments say of its variables, in the order in which they stand."""

    __slots__ = ("_budget", "_values", "given")

    def __init__(self) -> None:
        self._values: dict[str, Value] = {}
        self.given: tuple[str | None, ...] | None = None
        """What the function that is read is called with; None outside of functions, and when nothing is known."""
        self._budget = EXPANSION_LIMIT

    def assign(self, name: str, value: Value, conditional: bool = False, append: bool = False) -> None:
        """Notes an assignment. One that may not happen makes the variable unknown unless both values agree."""
        old = self._values.get(name, _MISSING)
        if append:
            value = _joined(None if old is _MISSING else old, value, conditional)  # type: ignore[arg-type]
        elif conditional and old is not _MISSING and old != value:
            value = None
        if isinstance(value, str) and len(value) > VALUE_LIMIT:
            value = None
        if isinstance(value, tuple) and len(value) > VALUE_LIMIT // 8:
            value = None
        self._values[name] = value

    def forget(self, name: str) -> None:
        """Notes an `unset`."""
        self._values.pop(name, None)

    def is_set(self, name: str) -> bool:
        return name in self._values

    def text(self, name: str) -> str | None:
        """The text of a variable, or of an argument of the function that is read; None when it is not known."""
        value = self._values.get(name)
        if name.isdecimal() and self.given is not None:
            value = next(islice(self.given, int(name) - 1, None), None) if 0 < int(name) <= ARGUMENTS_LIMIT else None
        if isinstance(value, tuple):
            value = value[0] if value else None
        return self._spend(value)

    def array(self, name: str) -> tuple[str | None, ...] | None:
        """The variable's elements; None when they are not known."""
        value = self.given if name in ("@", "*") else self._values.get(name)
        if isinstance(value, str):
            value = (value,)
        if value is None:
            return None
        self._budget -= sum(len(element or "") + 8 for element in value)
        return value if self._budget > 0 else None

    def _spend(self, value: str | None) -> str | None:
        if value is None:
            return None
        self._budget -= len(value)
        return value if self._budget > 0 else None


def _joined(old: Value, new: Value, conditional: bool) -> Value:
    if isinstance(new, tuple):
        if conditional:
            new = (None,) * len(new)
        if old is None:
            return (None, *new)
        return (*old, *new) if isinstance(old, tuple) else (old, *new)
    if conditional or not isinstance(old, str) or new is None:
        return None
    return old + new


class Piece(NamedTuple):
    """A part of a word. `quoted` parts are never split at blanks."""

    value: str | None
    quoted: bool = True
    variable: str | None = None
    """The variable of the environment that gives it, when nothing in the text sets it."""


class Reader:
    """Reads the words of one syntax tree."""

    __slots__ = ("consumed", "place", "tree", "variables")

    def __init__(self, tree: Tree, place: Place, variables: Variables) -> None:
        self.tree = tree
        self.place = place
        self.variables = variables
        self.consumed: set[int] = set()
        """Nodes that were read as a script of their own."""

    def values(self, text: str) -> tuple[tuple[str, str], ...]:
        """The variables that a text mentions and that are known here, with their values."""
        names = dict.fromkeys(_MENTIONED.findall(text))
        known = ((name, self.variables.text(name)) for name in islice(names, MENTIONED_LIMIT))
        return tuple((name, value) for name, value in known if value is not None)

    def words(self, node: Node) -> list[Word]:
        """The words that a node stands for: one, or as many as an array or an unquoted variable has."""
        start, end = self.span(node)
        text = self.tree.source(node)
        elements = self._array_elements(node)
        if elements is not None:
            return [Word(e, text, start, end, e or "", e or "") for e in elements]
        pieces = list(self._pieces(node, 0))
        value = _whole(pieces)
        if value is None:
            return [self._open(node, pieces)]
        if any(not piece.quoted for piece in pieces) and len(pieces) == 1 and (not value or value.split() != [value]):
            return [literal(part, start, end, text) for part in value.split()]
        return [literal(value, start, end, text)]

    def word(self, node: Node) -> Word:
        """The one word that a node stands for, never split."""
        pieces = list(self._pieces(node, 0))
        return self._open(node, pieces)._replace(value=_whole(pieces))

    def _open(self, node: Node, pieces: list[Piece]) -> Word:
        """A word of which a piece is not known."""
        before, after = _before_unknown(pieces), _before_unknown(pieces, -1)
        return Word(None, self.tree.source(node), *self.span(node), before, after, _template(pieces))

    def elements(self, node: Node) -> tuple[str | None, ...]:
        """The elements of an array's literal, `(a "b c" $d)`."""
        return tuple(word.value for child in node.named_children if is_word(child) for word in self.words(child))

    def span(self, node: Node) -> tuple[int, int]:
        """Where a node stands in the text that was given to `parse_commands`."""
        start, end = self.tree.span(node)
        return self.place.start(start + self.tree.start), self.place.end(end + self.tree.start)

    def _array_elements(self, node: Node) -> tuple[str | None, ...] | None:
        """Elements that `"${name[@]}"` stands for; None when the node is something else or they are unknown."""
        if node.type == "string" and node.named_child_count == 1 and node.child_count == 3:
            node = node.named_children[0]
        if self.tree.source(node) in ("$@", "$*", "${@}", "${*}"):
            return self.variables.array("@")
        if node.type != "expansion" or node.child_count != 3 or node.children[1].type != "subscript":
            return None
        name, _, index = self.tree.source(node.children[1]).partition("[")
        return self.variables.array(name) if index in ("@]", "*]") else None

    def _pieces(self, node: Node, depth: int) -> Iterator[Piece]:
        kind = node.type
        text = self.tree.source(node)
        if depth > NESTING_LIMIT:
            yield Piece(None)
        elif kind == "word":
            for piece in self._with_variables(text):
                yield piece._replace(value=unescaped(piece.value)) if piece.value is not None else piece
        elif kind == "raw_string":
            yield Piece(text[1:-1])
        elif kind == "ansi_c_string":
            yield Piece(_ansi(text[2:-1]))
        elif kind in ("string", "translated_string"):
            yield from self._quoted(node, depth)
        elif kind == "concatenation" or (kind == "command_name" and node.children):
            for child in node.children:
                yield from self._pieces(child, depth + 1)
        elif kind == "simple_expansion":
            yield self._variable(text[1:])
        elif kind == "expansion":
            plain = node.child_count == 3 and node.children[1].type == "variable_name"
            yield self._variable(text[2:-1]) if plain else Piece(self._expansion(node, depth), quoted=False)
        elif kind == "command_substitution":
            yield Piece(self._looked_up(node), quoted=False)
        elif node.child_count == 0:
            yield Piece(text)
        else:
            yield Piece(None)

    def _quoted(self, node: Node, depth: int) -> Iterator[Piece]:
        """The pieces between double quotes. The grammar leaves out some blanks, so gaps between nodes are text."""
        if node.type == "translated_string":
            for child in node.named_children:
                yield from self._pieces(child, depth + 1)
            return
        first, last = self.tree.span(node)
        text = self.tree.text
        at = first + 1
        end = last - 1 if last - 1 > first and text[last - 1] == '"' else last
        yield Piece("")
        for child in node.named_children:
            if child.type == "string_content":
                continue
            start, stop = self.tree.span(child)
            yield from self._gap(text[at:start])
            for piece in self._pieces(child, depth + 1):
                yield piece._replace(quoted=True)
            at = stop
        yield from self._gap(text[at:end])

    def _gap(self, text: str) -> Iterator[Piece]:
        """What stands between the nodes of a string."""
        for piece in self._with_variables(text):
            yield Piece(None if piece.value is None else _dequoted(piece.value), variable=piece.variable)

    def _with_variables(self, text: str) -> Iterator[Piece]:
        """A text with the variables in it that the grammar was not shown."""
        at = 0
        for found in _HIDDEN_VARIABLE.finditer(text) if "$" in text else ():
            yield Piece(text[at : found.start()])
            yield self._variable(found[1])
            at = found.end()
        yield Piece(text[at:])

    def _variable(self, name: str) -> Piece:
        value = self.variables.text(name)
        unset = value is None and name.isidentifier() and not self.variables.is_set(name)
        return Piece(value, quoted=False, variable=name if unset else None)

    def _looked_up(self, node: Node) -> str | None:
        """The program that `$(which name)` and `$(command -v name)` find."""
        found = _LOOKS_UP.fullmatch(self.tree.source(node))
        return found[1] if found else None

    def _expansion(self, node: Node, depth: int) -> str | None:
        """`${name:-text}`, `${name-text}`, `${name:=text}`, `${name:?text}`; None for any other form."""
        parts = node.children
        if len(parts) < 4 or parts[1].type != "variable_name":
            return None
        name, operator = self.tree.source(parts[1]), parts[2].type
        if operator not in (":-", "-", ":=", "=", ":?", "?"):
            return None
        value = self.variables.text(name)
        if self.variables.is_set(name) and (value or value is None or not operator.startswith(":")):
            return value
        if operator.endswith("?"):
            return None
        pieces = [piece for part in parts[3:-1] for piece in self._pieces(part, depth + 1)]
        value = _whole(pieces)
        if operator.endswith("="):
            self.variables.assign(name, value)
        return value


def unescaped(text: str) -> str:
    """An unquoted word without its backslashes; a backslash before a line end disappears with it."""
    if "\\" not in text:
        return text
    out, characters = [], iter(text)
    for character in characters:
        if character == "\\":
            following = next(characters, "")
            out.append("" if following == "\n" else following)
        else:
            out.append(character)
    return "".join(out)


def _dequoted(text: str) -> str:
    if "\\" not in text:
        return text
    return "".join(text[start:end] for start, end in quoted_characters(text))


def quoted_characters(text: str) -> Iterator[tuple[int, int]]:
    """Ranges of the characters that a text between double quotes stands for, its escapes undone."""
    at = 0
    while at < len(text):
        if text[at] == "\\" and text[at + 1 : at + 2] == "\n":
            at += 2
            continue
        if text[at] == "\\" and at + 1 < len(text) and text[at + 1] in _QUOTED_ESCAPES:
            at += 1
        yield at, at + 1
        at += 1


def _ansi(text: str) -> str | None:
    if "\\" not in text:
        return text
    out, characters = [], iter(text)
    for character in characters:
        if character != "\\":
            out.append(character)
            continue
        escape = _ESCAPES.get(next(characters, ""))
        if escape is None:
            return None
        out.append(escape)
    return "".join(out)


def _whole(pieces: list[Piece]) -> str | None:
    values = [piece.value for piece in pieces]
    if any(value is None for value in values) or sum(len(value or "") for value in values) > VALUE_LIMIT * 8:
        return None
    return "".join(value or "" for value in values)


def _template(pieces: list[Piece]) -> str | None:
    """The pieces in one, `${name}` for each variable of the environment; None when another one is not known."""
    if any(piece.value is None and piece.variable is None for piece in pieces):
        return None
    return "".join(f"${{{piece.variable}}}" if piece.value is None else piece.value for piece in pieces)


def _before_unknown(pieces: list[Piece], step: int = 1) -> str:
    """Literal text before the first unknown piece, or with a step of -1 after the last one."""
    known: list[str] = []
    for piece in pieces[::step]:
        if piece.value is None:
            break
        known.append(piece.value)
    return "".join(known[::step])
