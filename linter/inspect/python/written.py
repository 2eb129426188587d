"""Programs that code writes to files: `Path("train.py").write_text(TRAIN)`, where the text is a literal.

Publishing code does so before it hands the file to SageMaker, as cells of notebooks do with `%%writefile`. A text that
a run puts together, or that is no whole program by itself, is a template of which nothing is known.
"""

from __future__ import annotations

import ast
import posixpath
from bisect import bisect_left, bisect_right
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.inspect.code import Code
from linter.inspect.mapped import Mapped
from linter.inspect.python.literals import literal_parts
from linter.inspect.python.parse import parse
from linter.inspect.python.place import Places
from linter.lazy import compiled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from linter.inspect.mapped import Part
    from linter.model import Span

PROGRAMS_LIMIT = 50
CHARACTERS_LIMIT = 400_000
"""Programs of one text that are read, and what all of them may hold."""
_HOPS = 6
"""Names and calls that a path or a text is followed through."""
_ENDING = ".py"
_SIGN = compiled(r"\.py\\?['\"]")
_STRIPPED = frozenset({"strip", "lstrip", "rstrip"})
_SAME_LINES = frozenset({"dedent", "cleandoc", "str"})
_PATHS = frozenset({"join", "Path", "PurePath", "str", "abspath", "realpath"})


def written_programs(code: Code, holder: str) -> Iterator[Code]:
    """The Python that a text of Python writes to files, each as if it stood in one. `holder` is the file with the text.

    Where the folder is not known, the one of `holder` stands for it.
    """
    if ".write" not in code.text or not _SIGN.search(code.text):
        return
    tree = parse(code.text).tree
    if tree is None:
        return
    writes = _Writes(tree)
    places = Places(code, holder)
    size = 0
    for path, texts in islice(writes.files(), PROGRAMS_LIMIT):
        size += sum(len(str(text.value)) for text in texts)
        parts = [_parts(text, places) for text in texts] if size < CHARACTERS_LIMIT else [None]
        mapped = _without_margin([part for each in parts for part in each or ()])
        if all(parts) and parse(mapped.text).problem is None:
            yield Code(mapped.text, "python", _place(path, holder), "written_text", partial(_placed, code, mapped))


def _placed(code: Code, mapped: Mapped, start: int, end: int) -> Span:
    """The place, in the file, of a range of a text that `code` holds."""
    return code.place(*mapped.place(start, end))


class _Path(NamedTuple):
    """What is known of a path: its end, and whether that is all of it."""

    text: str
    whole: bool


class _Opened(NamedTuple):
    """A file that was opened, under a name from a line on; `path` only of programs that are written anew."""

    line: int
    path: _Path | None


class _Writes:
    """What is written where in a module."""

    def __init__(self, tree: ast.Module) -> None:
        self._assigned: dict[str, list[tuple[int, ast.expr]]] = {}
        self._returned: dict[str, list[ast.expr | None]] = {}
        self._opened: dict[str, list[_Opened]] = {}
        self._written: dict[_Opened, list[ast.Constant | None]] = {}
        nodes: list[ast.Assign | ast.withitem | ast.Call] = []
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign | ast.withitem | ast.Call):
                nodes.append(node)
            elif isinstance(node, ast.FunctionDef):
                own = [each.value for each in node.body if isinstance(each, ast.Return)]
                self._returned.setdefault(node.name, []).extend(own)
        for node in nodes:
            if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                self._assigned.setdefault(node.targets[0].id, []).append((node.lineno, node.value))
        for values in self._assigned.values():
            values.sort(key=_line)
        for node in nodes:
            self._note_opened(node)
        for opened in self._opened.values():
            opened.sort(key=_line)
        for node in nodes:
            if isinstance(node, ast.Call):
                self._note_written(node)

    def files(self) -> Iterator[tuple[_Path, list[ast.Constant]]]:
        """The programs that are written, with the literals that they consist of."""
        for opened, texts in self._written.items():
            known = [text for text in texts if text is not None]
            if opened.path is not None and len(known) == len(texts):
                yield opened.path, known

    def _note_opened(self, node: ast.AST) -> None:
        target, value = None, None
        if isinstance(node, ast.withitem):
            target, value = node.optional_vars, node.context_expr
        elif isinstance(node, ast.Assign):
            target, value = node.targets[0], node.value
        if isinstance(target, ast.Name) and isinstance(value, ast.Call) and _name_of(value) == "open":
            self._opened.setdefault(target.id, []).append(_Opened(target.lineno, self._opened_path(value)))

    def _opened_path(self, call: ast.Call) -> _Path | None:
        """The path of `open(path, "w")` and of `path.open("w")`; None unless it is opened to be written anew."""
        given = list(call.args)
        path = call.func.value if isinstance(call.func, ast.Attribute) and len(given) < 2 else None
        if path is None and given:
            path = given.pop(0)
        modes = [*given[:1], *(each.value for each in call.keywords if each.arg == "mode")]
        mode = modes[0].value if modes and isinstance(modes[0], ast.Constant) else ""
        return self._program(path) if isinstance(mode, str) and mode[:1] in ("w", "x") else None

    def _program(self, node: ast.expr | None) -> _Path | None:
        """The path of a file, when it is one of Python."""
        path = self._path(node)
        return path if path is not None and path.text.endswith(_ENDING) else None

    def _note_written(self, call: ast.Call) -> None:
        if not isinstance(call.func, ast.Attribute) or not call.args:
            return
        if call.func.attr == "write_text":
            path = self._program(call.func.value)
            if path is not None:
                self._written.setdefault(_Opened(call.lineno, path), []).append(self._text(call.args[0]))
        elif call.func.attr == "write" and isinstance(call.func.value, ast.Name):
            opened = self._opened.get(call.func.value.id, [])
            at = bisect_right(opened, call.lineno, key=_line)
            if at and opened[at - 1].path is not None:
                self._written.setdefault(opened[at - 1], []).append(self._text(call.args[0]))

    def _latest(self, name: ast.Name) -> ast.expr | None:
        """What a name was given last above the line where it is used."""
        values = self._assigned.get(name.id, [])
        at = bisect_left(values, name.lineno, key=_line)
        return values[at - 1][1] if at else None

    def _text(self, node: ast.expr | None) -> ast.Constant | None:
        """The literal that an expression stands for, but for blanks around it."""
        for _ in range(_HOPS):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                return node
            if isinstance(node, ast.Name):
                node = self._latest(node)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _STRIPPED:
                node = node.func.value
            elif isinstance(node, ast.Call) and _name_of(node) in _SAME_LINES and len(node.args) == 1:
                node = node.args[0]
            elif isinstance(node, ast.Call) and len(returned := self._returned.get(_name_of(node), [])) == 1:
                node = returned[0]
            else:
                break
        return None

    def _path(self, node: ast.expr | None, hops: int = _HOPS) -> _Path | None:
        if hops == 0 or node is None:
            return None
        if isinstance(node, ast.Constant):
            return _Path(node.value, whole=True) if isinstance(node.value, str) else None
        if isinstance(node, ast.Name):
            return self._path(self._latest(node), hops - 1)
        if isinstance(node, ast.JoinedStr):
            return self._joined(node.values, "", hops)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div | ast.Add):
            return self._joined([node.left, node.right], "/" if isinstance(node.op, ast.Div) else "", hops)
        if isinstance(node, ast.Call) and _name_of(node) in _PATHS:
            return self._joined(node.args, "/", hops)
        return None

    def _joined(self, nodes: Iterable[ast.expr], between: str, hops: int) -> _Path | None:
        found = [self._path(node, hops - 1) for node in nodes]
        last = found[-1] if found else None
        if last is None:
            return None
        if all(each is not None and each.whole for each in found):
            return _Path(between.join(each.text for each in found if each is not None), whole=True)
        return last._replace(whole=False)


def _line(entry: tuple[int, Any]) -> int:
    """The line that an entry of a list begins with."""
    return entry[0]


def _name_of(call: ast.Call) -> str:
    """The last part of the name of what is called."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _parts(text: ast.Constant, places: Places) -> list[Part] | None:
    """The characters of a literal by their places; None where the source does not show them all."""
    parts = literal_parts(places.code.text, *places.offsets(text))
    return parts if parts and "".join(shown for shown, _, _ in parts) == text.value else None


def _without_margin(parts: list[Part]) -> Mapped:
    """A text put together, without the blanks that all of its lines begin with."""
    mapped = Mapped.joined(parts, parts[0][1] if parts else 0)
    lines = mapped.text.splitlines(keepends=True)
    margins = [len(line) - len(line.lstrip(" \t")) for line in lines if line.strip()]
    margin = min(margins, default=0)
    if not margin:
        return mapped
    found: list[Part] = []
    at = 0
    for line in lines:
        found += mapped.parts(at + (margin if line.strip() else 0), at + len(line))
        at += len(line)
    return Mapped.joined(found, mapped.origin)


def _place(path: _Path, holder: str) -> str:
    """Where a written file lies, relative to the base of the run."""
    folder = posixpath.dirname(holder)
    name = posixpath.basename(path.text)
    if not path.whole:
        return posixpath.join(folder, name)
    place = posixpath.normpath(posixpath.join(folder, path.text.lstrip("/")))
    return posixpath.join(folder, name) if place.startswith("../") else place
