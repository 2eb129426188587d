"""What IPython adds to Python in a notebook's cell: cell magics, line magics, shell lines, help."""

from __future__ import annotations

import ast
import re
import warnings
from itertools import islice
from typing import NamedTuple

from linter.lazy import compiled

EXPRESSIONS_LIMIT = 100
"""Python expressions in one command that are looked at."""

NESTED_LIMIT = 4
"""How many cell magics in a row are taken off, as in `%%capture` above `%%time`."""

_NO_VALUE = "get_ipython()"
"""What stands in Python for the result of a shell line: a call that says nothing."""

_CELL_MAGIC = compiled(r"\s*+^%%(!|[\w.]+)[ \t]*([^\n]*)\n?", re.M)
_OPEN_LINE = compiled(r"[^\\\n]*+(?:\\[\s\S][^\\\n]*+)*+")
_BLANK_LINES = compiled(r"(?:[ \t]*+\r?\n)++")
_INDENT = compiled(r"[ \t]*+")
_MAGIC_LIKE = compiled(
    r"^[ \t]*[%!?]|=[ \t]*[%!]|\?[ \t]*$|^[ \t]*(?:pip|conda|mamba|cd|ls|mkdir|cp|mv|rm|cat)[ \t]", re.M
)
_ASSIGNED = compiled(r"([A-Za-z_][^=!<>%?#\n]{0,200}?=)[ \t]*(!|%(?=[A-Za-z]))")
_TEXT = compiled(
    r"""^(\w+)[ \t]*=[ \t]*(?:(?:pathlib\.)?Path\([ \t]*)?(["'])([\w./-]{1,200})\2[ \t]*\)?[ \t]*(?:\#.*)?$""", re.M
)
"""A name that is given a text, or the path of one."""
_VARIABLE = compiled(r"\{[ \t]*(\w+)[ \t]*\}|\$(\w+)")
_LINE_MAGIC = compiled(r"%%?([A-Za-z_][\w.]*|)[ \t]*")
_HELP = compiled(r"\?{1,2}[\w.*%]+[ \t]*(?=\n|\Z)|[%\w.*\[\]'\"]{1,200}\?{1,2}[ \t]*(?:#[^\n]*)?(?=\n|\Z)")
# Commands that IPython takes without a `%` (automagic); a word after the name keeps Python's own lines apart.
_AUTOMATIC = compiled(
    r"(?:pip|conda|mamba|cd|ls|mkdir|cp|mv|rm|cat)[ \t]+(?!(?:in|is|and|or|not|if|else|for)\b)[\w./~$\"'{-]"
)
_OPTION = compiled(r"--?[A-Za-z][\w-]*(?:[ \t]*[0-9]+)?[ \t]+")
_ENVIRONMENT = compiled(r"([A-Za-z_]\w*)(?:=|[ \t]+)([^\n]*)", re.ASCII)
_EXPRESSION = compiled(r"\$\$|(?<!\$)\{([A-Za-z_][^{}\n]{0,200})\}")

_TOKEN = compiled(
    r"""(?P<comment>\#[^\n]*)
    |(?P<triple>\"{3}|'{3})
    |(?P<string>"[^"\\\n]*+(?:\\[\s\S][^"\\\n]*+)*+"?|'[^'\\\n]*+(?:\\[\s\S][^'\\\n]*+)*+'?)
    |(?P<open>[(\[{])|(?P<close>[)\]}])
    |(?P<joined>\\\r?\n)|(?P<end>\n)""",
    re.VERBOSE,
)
_TRIPLE_ENDS = {
    '"""': compiled(r'[^"\\]*+(?:(?:\\[\s\S]|"(?!""))[^"\\]*+)*+(?:"""|\Z|\\\Z)'),
    "'''": compiled(r"[^'\\]*+(?:(?:\\[\s\S]|'(?!''))[^'\\]*+)*+(?:'''|\Z|\\\Z)"),
}

_PYTHON_BODY = frozenset(["time", "timeit", "capture", "prun", "memit", "local", "debug", "notify", "wandb", "skip"])
_PYTHON_PROGRAMS = frozenset(["python", "python2", "python3", "pypy", "pypy3"])
_SHELL_BODY = frozenset(["bash", "sh", "shell", "system", "sx", "!"])
_SHELL_PROGRAMS = frozenset(["bash", "sh", "dash", "zsh", "ksh"])
_FILE_BODY = frozenset(["writefile", "file"])
_COMMANDS = frozenset(["pip", "conda", "mamba", "uv", "cd", "mkdir", "ls", "cp", "mv", "rm", "cat"])
_STATEMENTS = frozenset(["time", "timeit", "prun", "memit"])


class Piece(NamedTuple):
    """A piece of code made of the characters from `start` to `end` of a cell: as they are, or standing for them."""

    text: str
    start: int
    end: int


class ShellLine(NamedTuple):
    """A command of a cell. `written` gives back what was replaced in it; `sets` is what `%env` sets."""

    pieces: tuple[Piece, ...]
    written: dict[str, str]
    sets: tuple[str, str | None] | None = None
    folder: str | None = None
    """Where `%cd` goes, as written."""


class Cell(NamedTuple):
    """What a cell is. `kind` is python (goes on where the cell before ended), program (a process of its own), shell,
    file (its body is written to `target`), or other: another language, or nothing.
    """

    kind: str
    start: int
    """Offset of the body."""
    target: str = ""
    """The path of a file as written; see `is_known`."""
    appends: bool = False


class Body(NamedTuple):
    """Python with what IPython adds taken out. `error` is why it cannot be read as Python, with the line, or None."""

    pieces: tuple[Piece, ...]
    lines: tuple[ShellLine, ...]
    error: tuple[str, int] | None = None


def cell_of(text: str) -> Cell:
    """What a cell is by the cell magics that it begins with."""
    at = 0
    for _ in range(NESTED_LIMIT):
        found = _CELL_MAGIC.match(text, at)
        if found is None:
            return Cell("python", at)
        name, line, at = found.group(1), found.group(2).strip(), found.end()
        if name in _FILE_BODY:
            return _written(line, at)
        if name == "script":
            name = next((word for word in line.split() if not word.startswith("-")), "").rpartition("/")[2]
        if name in _SHELL_BODY or name in _SHELL_PROGRAMS:
            return Cell("shell", at)
        if name in _PYTHON_PROGRAMS:
            return Cell("program", at)
        if name not in _PYTHON_BODY:
            break
    return Cell("other", at)


def _written(line: str, start: int) -> Cell:
    """`%%writefile [-a] path`."""
    appends = False
    for option in ("-a", "--append"):
        if line.startswith(f"{option} "):
            appends, line = True, line[len(option) :].strip()
        elif line.endswith(f" {option}"):
            appends, line = True, line[: -len(option)].strip()
    if len(line) > 1 and line[0] == line[-1] and line[0] in "\"'":
        line = line[1:-1]
    return Cell("file", start, line, appends)


def is_known(path: str) -> bool:
    """Whether a path of a magic says where it goes: it holds no variable, and is no one's home folder."""
    return bool(path) and path != "-" and not path.startswith("~") and not any(sign in path for sign in "{}$*%\0\n")


def written_path(path: str, code: str) -> str | None:
    """The path of a written file, its variables filled in with texts that `code` gives them.

    Other variables keep standing in it, as names of folders that hold what is written there. None for a file whose own
    name is not known, and for one in someone's home folder.
    """
    texts = {each[1]: each[3] for each in _TEXT.finditer(code)} if _VARIABLE.search(path) else {}
    filled = _VARIABLE.sub(lambda found: texts.get(found[1] or found[2], found[0]), path)
    folder, _, name = filled.rpartition("/")
    return filled if is_known(name) and (not folder or is_known(_VARIABLE.sub("x", folder))) else None


def python_error(text: str) -> tuple[str, int] | None:
    """Why a text is no Python, and the 1-based line where; None when it is."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        return error.msg, error.lineno or 1
    except (ValueError, RecursionError, MemoryError) as error:
        return str(error) or "it is nested too deeply", 1
    return None


def read_body(text: str, start: int = 0) -> Body:
    """The Python of a cell from an offset on, and the shell commands in it.

    What parses as it is has no magics: none of them is Python at the start of a statement.
    """
    whole = Piece(text[start:], start, len(text))
    error = python_error(whole.text)
    if error is None:
        return Body((whole,) if whole.text else (), ())
    indented = whole.text.lstrip("\n")[:1] in (" ", "\t")
    if not indented and not _MAGIC_LIKE.search(whole.text):
        return Body((whole,), (), error)
    pieces, lines = _Lines(text, start).read()
    return Body(tuple(pieces), tuple(lines), python_error("".join(piece.text for piece in pieces)))


class _Lines:
    """Goes over the statements of a cell that is not plain Python."""

    def __init__(self, text: str, start: int) -> None:
        self.text = text
        self.start = start
        self.pieces: list[Piece] = []
        self.lines: list[ShellLine] = []
        body = text[start:].lstrip("\r\n")
        found = _INDENT.match(body)
        self.indent = found.group() if found else ""
        """Blanks before the first line, which IPython takes off all lines."""

    def read(self) -> tuple[list[Piece], list[ShellLine]]:
        at, size = self.start, len(self.text)
        while at < size:
            blank = _BLANK_LINES.match(self.text, at)
            if blank is not None:
                self._keep(at, blank.end())
                at = blank.end()
            if self.indent and self.text.startswith(self.indent, at):
                at += len(self.indent)
            end = self._magic(at)
            if end is None:
                end = self._statement_end(at)
                self._keep(at, end)
            at = end
        return self.pieces, self.lines

    def _keep(self, start: int, end: int) -> None:
        if end > start:
            self.pieces.append(Piece(self.text[start:end], start, end))

    def _magic(self, at: int) -> int | None:
        """Reads a line that is not Python; the offset behind it, or None when it is Python."""
        blanks = _INDENT.match(self.text, at)
        begin = blanks.end() if blanks else at
        sign = self.text[begin : begin + 1]
        end = self._line_end(begin)
        if sign == "!":
            self._shell(begin + (2 if self.text.startswith("!!", begin) else 1), end)
        elif sign == "%":
            found = _LINE_MAGIC.match(self.text, begin)
            assert found is not None
            if found.group(1) in _STATEMENTS and self._statement(at, begin, found.end(), end):
                return min(end + 1, len(self.text))
            self._line_magic(found.group(1), begin, found.end(), end)
        elif _HELP.match(self.text, begin):
            pass
        elif _AUTOMATIC.match(self.text, begin):
            self._line_magic(self.text[begin:end].split(None, 1)[0], begin - 1, self._word_end(begin), end)
        elif (assigned := _ASSIGNED.match(self.text, begin)) is not None:
            return self._assignment(at, assigned, end)
        else:
            return None
        self._keep(at, begin)
        if begin > at and end > begin:
            self.pieces.append(Piece("pass", begin, end))
        return self._newline(end)

    def _newline(self, end: int) -> int:
        self._keep(end, min(end + 1, len(self.text)))
        return min(end + 1, len(self.text))

    def _line_end(self, at: int) -> int:
        """The end of a line with the lines that a backslash joins to it."""
        found = _OPEN_LINE.match(self.text, at)
        end = found.end() if found else len(self.text)
        return end - 1 if end > at and self.text[end - 1] == "\r" else end

    def _word_end(self, at: int) -> int:
        while self.text[at : at + 1].strip():
            at += 1
        found = _INDENT.match(self.text, at)
        return found.end() if found else at

    def _assignment(self, at: int, found: re.Match[str], end: int) -> int:
        """`names = !command`: the names keep their place, and get a value that is not known."""
        self._keep(at, found.end(1))
        self.pieces.append(Piece(f" {_NO_VALUE}", found.start(2), end))
        if found.group(2) == "!":
            self._shell(found.end(), end)
        elif (magic := _LINE_MAGIC.match(self.text, found.start(2))) is not None and magic.group(1) in ("sx", "system"):
            self._shell(magic.end(), end)
        return self._newline(end)

    def _statement(self, at: int, begin: int, after: int, end: int) -> bool:
        """`%time statement`: the statement stays. False when there is none."""
        while (option := _OPTION.match(self.text, after, end)) is not None:
            after = option.end()
        if not self.text[after:end].strip():
            return False
        self._keep(at, begin)
        self._keep(after, min(end + 1, len(self.text)))
        return True

    def _line_magic(self, name: str, begin: int, after: int, end: int) -> None:
        if name in ("sx", "system", "sc", "shell"):
            self._shell(after, end)
        elif name in ("env", "set_env"):
            self._environment(after, end)
        elif name in _COMMANDS:
            folder = self.text[after:end].strip() if name == "cd" else None
            self._shell(begin + 1, end, folder=folder)

    def _environment(self, after: int, end: int) -> None:
        """`%env NAME=value` as `export NAME=value`."""
        found = _ENVIRONMENT.match(self.text, after, end)
        if found is None:
            return
        value = found.group(2).strip()
        known = not any(sign in value for sign in "{$")
        border = found.end(1)
        self.lines.append(
            ShellLine(
                (
                    Piece("export ", after, after),
                    Piece(found.group(1), after, border),
                    Piece("=", border, border),
                    Piece(_quoted(value) if known else "${_}", found.start(2), found.end(2)),
                ),
                {} if known else {"${_}": value},
                (found.group(1), value if known else None),
            )
        )

    def _shell(self, start: int, end: int, folder: str | None = None) -> None:
        """A command; what Python fills in becomes a variable that nothing sets."""
        pieces: list[Piece] = []
        written: dict[str, str] = {}
        at = start
        for found in islice(_EXPRESSION.finditer(self.text, start, end), EXPRESSIONS_LIMIT):
            replacement = _filled_in(found, len(written))
            if replacement is None:
                continue
            if replacement.startswith("${"):
                written[replacement] = found.group()
            pieces += [Piece(self.text[at : found.start()], at, found.start()), Piece(replacement, *found.span())]
            at = found.end()
        pieces.append(Piece(self.text[at:end], at, end))
        if "".join(piece.text for piece in pieces).strip():
            self.lines.append(ShellLine(tuple(filter(lambda p: p.text, pieces)), written, folder=folder))

    def _statement_end(self, at: int) -> int:
        """The offset behind a statement's last line."""
        depth = 0
        while (token := _TOKEN.search(self.text, at)) is not None:
            at = token.end()
            kind = token.lastgroup
            if kind == "triple":
                ending = _TRIPLE_ENDS[token.group()].match(self.text, at)
                at = ending.end() if ending else len(self.text)
            elif kind == "open":
                depth += 1
            elif kind == "close":
                depth = max(depth - 1, 0)
            elif kind == "end" and not depth:
                return at
        return len(self.text)


def _filled_in(found: re.Match[str], number: int) -> str | None:
    """What stands for `$$` and `{expression}` in a shell line; None for braces that Python does not fill in."""
    expression = found.group(1)
    if expression is None:
        return "$"
    if expression.strip() in ("sys.executable", "os.sys.executable"):
        return "python"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(expression.partition(":")[0].partition("!")[0].strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return "${" + f"_{number}" + "}"


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "'\\''") + "'"
