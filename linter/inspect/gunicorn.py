"""Reads gunicorn's configuration in Python. It is parsed and its constants are folded; nothing of it runs."""

from __future__ import annotations

import ast
import re
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.inspect.servers.constants import Unknown, fold
from linter.inspect.text import NotText, Source
from linter.model import UNKNOWN, Inspection, Notice
from linter.servers import address, values
from linter.servers.facts import Maker
from linter.servers.table import servers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from linter.knowledge import Knowledge
    from linter.model import Artifact, Fact, Span
    from linter.servers.table import Option, Server

SIZE_LIMIT = 1 << 19
"""Characters of a configuration that are parsed."""

LINES_LIMIT = 5000

_ASSIGNMENT = re.compile(r"([A-Za-z_]\w{0,100})[ \t]*=(?!=)[ \t]*(.*)", re.ASCII)
_UNSET = object()


class Setting(NamedTuple):
    """A name that the configuration assigns. `value` is `_UNSET` when it is not constant."""

    value: Any
    statement: tuple[int, int]
    place: tuple[int, int]
    conditional: bool


def inspect(artifact: Artifact, data: bytes, knowledge: Knowledge) -> Inspection:
    """Facts of kinds `server.*` of one configuration file. Bad input gives notices."""
    try:
        source = Source(artifact.path, data)
    except NotText as reason:
        message = f"this gunicorn configuration was not read: {reason}"
        return Inspection(notices=(Notice("not-text", message, artifact.path),))
    server = servers(knowledge).by_name.get("gunicorn")
    if server is None:
        return Inspection()
    settings, problem = _settings(source.text)
    facts = tuple(_Facts(server, source, settings, complete=problem is None).all())
    if problem is None:
        return Inspection(facts)
    message = f"this gunicorn configuration is no valid Python 3 ({problem}) and was read line by line; mend its syntax"
    return Inspection(facts, (Notice("gunicorn-syntax", message, artifact.path, level="warning"),))


def _settings(text: str) -> tuple[dict[str, Setting], str | None]:
    """All names that are assigned at the top, also inside `if` and `try`, and why the text did not parse, or None."""
    if len(text) > SIZE_LIMIT:
        return _from_lines(text[:SIZE_LIMIT]), f"it is larger than {SIZE_LIMIT} characters"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else "it is too deeply nested or holds a null byte"
        return _from_lines(text), reason
    return _Reader(text).read(tree.body), None


class _Reader:
    """Walks the statements that run when the file is loaded."""

    def __init__(self, text: str) -> None:
        self.lines = _line_starts(text)
        self.text = text
        self.names: dict[str, Any] = {}
        self.settings: dict[str, Setting] = {}

    def read(self, body: Sequence[ast.stmt]) -> dict[str, Setting]:
        pending: list[tuple[ast.stmt, bool]] = [(statement, False) for statement in reversed(body)]
        while pending:
            statement, conditional = pending.pop()
            inner: list[ast.stmt] = []
            if isinstance(statement, ast.Assign):
                for target in statement.targets:
                    self.assign(target, statement.value, statement, conditional)
            elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
                self.assign(statement.target, statement.value, statement, conditional)
            elif isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
                whole = ast.BinOp(ast.Name(statement.target.id, ast.Load()), statement.op, statement.value)
                self.store(statement.target.id, whole, statement, conditional)
            elif isinstance(statement, ast.If):
                inner = [*statement.body, *statement.orelse]
            elif isinstance(statement, ast.Try):
                inner = [*statement.body, *statement.orelse, *statement.finalbody]
                inner += [each for handler in statement.handlers for each in handler.body]
            elif isinstance(statement, ast.With | ast.For | ast.While):
                inner = [*statement.body]
                if isinstance(statement, ast.For):
                    self.spoil(statement.target)
            always = isinstance(statement, ast.With)
            pending += [(each, conditional or not always) for each in reversed(inner)]
        return self.settings

    def spoil(self, target: ast.expr) -> None:
        for node in ast.walk(target):
            if isinstance(node, ast.Name):
                self.names.pop(node.id, None)

    def assign(self, target: ast.expr, value: ast.expr, statement: ast.stmt, conditional: bool) -> None:
        if isinstance(target, ast.Name):
            self.store(target.id, value, statement, conditional)
        elif isinstance(target, ast.Tuple | ast.List):
            values_of = value.elts if isinstance(value, ast.Tuple | ast.List) else []
            if len(values_of) == len(target.elts):
                for each, part in zip(target.elts, values_of, strict=True):
                    self.assign(each, part, statement, conditional)
            else:
                self.spoil(target)

    def store(self, name: str, node: ast.expr, statement: ast.stmt, conditional: bool) -> None:
        try:
            value = fold(node, self.names)
        except Unknown:
            value = _UNSET
        before = self.settings.get(name)
        if conditional and before is not None and before.value != value:
            value = _UNSET
        if value is _UNSET:
            self.names.pop(name, None)
        else:
            self.names[name] = value
        place = self.span(node) if hasattr(node, "lineno") else self.span(statement)
        self.settings[name] = Setting(value, self.span(statement), place, conditional)

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Offsets of a node's characters; `ast` counts columns in bytes."""
        start = self.offset(node.lineno, node.col_offset)
        if node.end_lineno is None or node.end_col_offset is None:
            return start, start
        return start, self.offset(node.end_lineno, node.end_col_offset)

    def offset(self, line: int, column: int) -> int:
        if line > len(self.lines):
            return len(self.text)
        start = self.lines[line - 1]
        end = self.lines[line] if line < len(self.lines) else len(self.text)
        text = self.text[start:end]
        if not text.isascii():
            column = len(text.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "replace"))
        return min(start + column, len(self.text))


def _line_starts(text: str) -> list[int]:
    """Where lines start as Python's parser counts them: a lone carriage return ends a line too."""
    return [0, *(found.end() for found in re.finditer(r"\r\n|\r|\n", text))]


def _from_lines(text: str) -> dict[str, Setting]:
    """Single-line assignments of literals at the start of a line, for files that do not parse."""
    found: dict[str, Setting] = {}
    names: dict[str, Any] = {}
    at = 0
    for line in text.split("\n")[:LINES_LIMIT]:
        match = _ASSIGNMENT.match(line) if len(line) < 2000 else None
        if match:
            start, end = at, at + len(line.rstrip())
            value = _literal(match.group(2), names)
            if value is not _UNSET:
                names[match.group(1)] = value
            found[match.group(1)] = Setting(value, (start, end), (at + match.start(2), end), False)
        at += len(line) + 1
    return found


def _literal(text: str, names: dict[str, Any]) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return fold(ast.parse(text.strip(), mode="eval").body, names)
    except (Unknown, SyntaxError, ValueError, RecursionError, MemoryError):
        return _UNSET


class _Facts:
    def __init__(self, server: Server, source: Source, settings: dict[str, Setting], complete: bool) -> None:
        self.server = server
        self.source = source
        self.settings = settings
        self.complete = complete

    def all(self) -> Iterator[Fact]:
        for name, setting in self.settings.items():
            option = self.server.options.get(name)
            if option is not None and setting.value is not None:
                yield from self.facts_of(option, setting)
        yield from self.default_timeout()

    def make(self, setting: Setting | None) -> Maker:
        start, end = setting.statement if setting else (0, len(self.source.line(1)))
        return Maker(self.server.name, self.source.location(start, end), "file")

    def facts_of(self, option: Option, setting: Setting) -> Iterator[Fact]:
        make, span = self.make(setting), self.source.span(*setting.place)
        value = UNKNOWN if setting.value is _UNSET else setting.value
        if option.gives == "address":
            yield from self.listeners(make, setting, span)
        elif option.gives == "timeout":
            kind = option.entry["kind"]
            worker_class = self.worker_class() if kind == "worker" else None
            yield make.timeout(option.name, values.seconds(option, value), kind, worker_class, True, {"seconds": span})
        elif option.gives in ("setting", "application", "configuration"):
            yield make.setting(option.name, _json(value), None, {"value": span})

    def listeners(self, make: Maker, setting: Setting, span: Span) -> Iterator[Fact]:
        certificate = self.settings.get("certfile")
        tls = "no" if certificate is None or certificate.value in (None, "") else "yes"
        if tls == "no" and not self.complete:
            tls = UNKNOWN
        value = setting.value
        texts: list[Any] = value if isinstance(value, list) else [value]
        default = self.server.default
        for text in texts[:100]:
            found = address.unknown()
            if isinstance(text, str):
                without_colon = self.server.entry.get("address_without_colon", "host")
                found = address.read(text, text, without_colon, default("host"), default("port"))
            yield make.listener(found, tls, True, dict.fromkeys(("address", "port", "host", "interface"), span))

    def worker_class(self) -> str | None:
        """Worker class in force; unknown when it is not a name."""
        default: str | None = self.server.default("worker_class")
        setting = self.settings.get("worker_class")
        name: str | None
        if setting is not None and setting.value is not None:
            name = setting.value if isinstance(setting.value, str) else UNKNOWN
        else:
            name = default if self.complete else UNKNOWN
        threads = self.settings.get("threads")
        if name == default and threads is not None:
            many = values.number(None if threads.value is _UNSET else threads.value)
            if many == UNKNOWN or (not isinstance(many, str) and many > 1):
                return UNKNOWN if many == UNKNOWN else self.server.entry.get("threaded_worker_class", name)
        return name

    def default_timeout(self) -> Iterator[Fact]:
        """The worker time-out that holds when the file gives none and the command line neither."""
        length = self.server.default("timeout")
        given = self.settings.get("timeout")
        if length is None or not self.complete or (given is not None and given.value is not None):
            return
        yield self.make(None).timeout("timeout", length, "worker", self.worker_class(), False, {})


def _json(value: Any) -> str | int | float | bool | None:
    """A value as a fact may hold it: lists as their elements with blanks between them."""
    if isinstance(value, list):
        return " ".join(str(element) for element in value)
    if isinstance(value, float) and (value != value or abs(value) == float("inf")):
        return UNKNOWN
    return value if isinstance(value, str | int | float | bool) or value is None else UNKNOWN
