"""Calls that read or write files, and mentions of the platform's folders, as facts `file.access`.

Where the path stands in a call says the table `file_calls`. Its value may depend on other files; `assemble` knows.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.inspect.python.forms import UNKNOWN_VALUE, small
from linter.inspect.python.scopes import argument_of, effective
from linter.model import UNKNOWN, Fact, Location
from linter.references.apis import CALLED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from linter.inspect.python.names import Names
    from linter.inspect.python.place import Places
    from linter.inspect.python.scopes import Called, Part, Scope
    from linter.inspect.python.values import Values
    from linter.knowledge import Knowledge

READ, WRITE, MENTION = "read", "write", "mention"
_OPEN = "open"
_WRITING = frozenset("wxa+")
_HANDLES = 4
"""Names that are followed from an open file to the call that opened it."""


class FileTable:
    """The table `file_calls`, made ready for look-ups."""

    def __init__(self, knowledge: Knowledge) -> None:
        table: Mapping[str, Any] = knowledge.get("file_calls")
        self.calls: Mapping[str, Mapping[str, Any]] = table["calls"]
        self.methods: Mapping[str, Mapping[str, Any]] = table["methods"]
        self.path_methods: Mapping[str, Mapping[str, Any]] = table["path_methods"]
        self.last_names = frozenset(name.rpartition(".")[2] for name in self.calls)
        self.wanted = self.last_names | self.methods.keys() | self.path_methods.keys()


def file_table(knowledge: Knowledge) -> FileTable:
    """The table of this run's knowledge, made once."""
    found: FileTable = knowledge.index("inspect.python.files", FileTable)
    return found


class Access(NamedTuple):
    """What one call does with a path: the expression of the path, or of an open file."""

    api: str
    entry: Mapping[str, Any]
    path: ast.expr | None
    target: ast.expr | None
    mode: str


class FileCalls:
    """Finds the calls of one module that read or write files."""

    def __init__(self, names: Names, values: Values, places: Places, knowledge: Knowledge) -> None:
        self.names, self.values, self.places = names, values, places
        self.table = file_table(knowledge)
        imported = (each for each in names.outline.imports if each.name in self.table.last_names)
        self.renamed = frozenset(each.alias for each in imported if each.alias != each.name)

    def facts_of(self, called: Called) -> Iterator[Fact]:
        """The facts of one call: one, two of a copy, none when it is no such call or reads from an unknown place."""
        access = self.access(called.node, called.scope)
        if access is None:
            return
        if access.path is not None:
            yield from self._fact(called, access, self.path_value(access.path, called.scope), access.mode)
        if access.target is not None:
            yield from self._fact(called, access, self.values.of(access.target, called.scope), WRITE)

    def _fact(self, called: Called, access: Access, value: Any, mode: str) -> Iterator[Fact]:
        if value == UNKNOWN_VALUE and mode != WRITE:
            return
        if not isinstance(value, str | dict):
            return  # a number is a descriptor, a list no path
        fields = blank(called.part, called.guard.kind)
        handle = mode == access.mode and access.path is not None and self.opened(access.path, called.scope) is not None
        always = called.guard.kind == "none" and not called.guard.tests
        fields |= {"api": access.api, "handle": handle, "mode": mode, "always": always}
        fields |= {"format": access.entry.get("format"), "argument": small(value)}
        yield Fact("file.access", Location(self.places.path, self.places.span(called.node)), fields)

    def access(self, node: ast.Call, scope: Scope) -> Access | None:
        """What a call does with files; None for one that the table does not know."""
        func = node.func
        last = func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
        if last not in self.table.wanted and last not in self.renamed:
            return None
        api, entry = self._entry(func, last, scope)
        if entry is None:
            return None
        own = func.value if isinstance(func, ast.Attribute) and entry.get("self") else None
        path = own if own is not None else argument_of(node, entry.get("at"), entry.get("keyword"))
        target = argument_of(node, entry.get("to_at"), entry.get("to_keyword"))
        if path is None and target is None:
            return None
        return Access(api, entry, path, target, self._mode(node, entry, scope))

    def _entry(self, func: ast.expr, last: str, scope: Scope) -> tuple[str, Mapping[str, Any] | None]:
        meanings = self.names.of(func, scope)
        for meaning in meanings:
            if meaning.kind != "path":
                return "", None  # a function or a class of the file
            name = meaning.path.replace(CALLED, "")
            if name in self.table.calls:
                return name, self.table.calls[name]
        if isinstance(func, ast.Attribute):
            if last in self.table.methods:
                return f".{last}", self.table.methods[last]
            if last in self.table.path_methods and _is_path(self.values.of(func.value, scope)):
                return f".{last}", self.table.path_methods[last]
        return "", None

    def _mode(self, node: ast.Call, entry: Mapping[str, Any], scope: Scope) -> str:
        mode: str = entry["mode"]
        if mode != _OPEN:
            return mode
        given = argument_of(node, entry["mode_at"], entry["mode_keyword"])
        value = self.values.of(given, scope) if given is not None else "r"
        if not isinstance(value, str):
            return UNKNOWN
        return WRITE if _WRITING.intersection(value.partition(":")[0]) else READ

    def path_value(self, node: ast.expr, scope: Scope) -> Any:
        """The value of a path; of an open file, the path that it was opened with."""
        for _ in range(_HANDLES):
            opened = self.opened(node, scope)
            if opened is None:
                break
            node, scope = opened
        return self.values.of(node, scope)

    def opened(self, node: ast.expr, scope: Scope) -> tuple[ast.expr, Scope] | None:
        """The path that an open file was opened with, and the scope of that; None of what is no such file."""
        if isinstance(node, ast.Name):
            owner, bindings = self.names.bindings(node.id, scope)
            held = effective(bindings, node.lineno, owner is scope) if owner is not None else ()
            calls = [each for each in held if each.kind in ("enter", "value") and isinstance(each.node, ast.Call)]
            if owner is None or len(calls) != 1 or calls[0].path or calls[0].node is None:
                return None
            node, scope = calls[0].node, calls[0].owner or owner
        access = self.access(node, scope) if isinstance(node, ast.Call) else None
        if access is None or access.entry["mode"] != _OPEN or access.path is None:
            return None
        return access.path, scope


def blank(part: Part, guard: str) -> dict[str, Any]:
    """A fact's fields before anything is known of its path."""
    return blank_path("python") | {"started_as": None} | reach_fields(part, guard)


def blank_path(language: str) -> dict[str, Any]:
    """The fields about a path of which nothing is known."""
    return {
        "api": None,
        "handle": False,
        "always": False,
        "mode": MENTION,
        "format": None,
        "argument": {},
        "path": UNKNOWN,
        "name": UNKNOWN,
        "place": UNKNOWN,
        "channel": None,
        "channel_declared": UNKNOWN,
        "declared_channels": [],
        "written_by_training": UNKNOWN,
        "written_names": [],
        "written_format": None,
        "format_fits": UNKNOWN,
        "model_folder_used": UNKNOWN,
        "in_image": UNKNOWN,
        "language": language,
    }


def reach_fields(part: Part, guard: str) -> dict[str, Any]:
    """The fields that say where a fact about code stands, and that `assemble` fills in with what reaches it."""
    return {
        "part": part.name,
        "guard": guard,
        "scope": UNKNOWN,
        "reached": UNKNOWN,
        "reached_from": None,
        "role": UNKNOWN,
    }


def _is_path(value: Any) -> bool:
    return isinstance(value, dict) and "path" in value
