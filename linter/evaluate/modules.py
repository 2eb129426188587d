"""Modules and data files of the product, read through the tree and each evaluated once."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from linter.evaluate.text import Origin, Place, Text
from linter.evaluate.values import Scope
from linter.inspect.code import Code
from linter.inspect.python.place import Places
from linter.inspect.text import NotText, Source
from linter.tree import clean

if TYPE_CHECKING:
    import ast
    from collections.abc import Mapping

    from linter.evaluate.machine import Machine
    from linter.tree import Tree

HERE = "/\ue003/"
"""Stands for the base of the run in paths that begin at the root."""
FILE_BYTES = 2 * 1024 * 1024
"""Larger files are no modules or requests that somebody wrote."""
MOST_FILES = 400
"""Files that one run reads for this."""
_ANCESTORS = 8


class Module:
    """A module of the product. `path` is the file, or for a folder without `__init__.py` the folder."""

    __slots__ = ("_known", "_places", "folder", "origin", "path", "scope", "started", "tree")

    def __init__(self, path: str, folder: str, origin: Origin, tree: ast.Module | None, places: Places | None) -> None:
        self.path, self.folder, self.origin, self.tree = path, folder, origin, tree
        self.scope = Scope(kind="module")
        self.started = False
        self._places = places
        self._known: dict[int, Place] = {}

    def place(self, node: Any) -> Place:
        """The place of a node."""
        found = self._known.get(id(node))
        if found is None:
            known = self._places is not None and hasattr(node, "lineno")
            found = Place(self.origin, *(self._places.offsets(node) if self._places and known else (0, 0)))
            self._known[id(node)] = found
        return found


class Sources:
    """The files of a run, each read and parsed once."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.parsed: dict[str, tuple[Origin, ast.Module, Places] | None] = {}
        self._texts: dict[str, Source | None] = {}

    def source(self, path: str) -> Source | None:
        """The text of a file; None when there is none, or one too large."""
        path = clean(path)
        if path not in self._texts:
            entry = self.tree.entry(path)
            found = None
            if (
                entry is not None
                and entry.kind == "file"
                and entry.size <= FILE_BYTES
                and len(self._texts) < MOST_FILES
            ):
                try:
                    found = Source(path, self.tree.read(path, FILE_BYTES))
                except (OSError, NotText, KeyError):
                    found = None
            self._texts[path] = found
        return self._texts[path]

    def code(self, path: str) -> tuple[Origin, ast.Module, Places] | None:
        """A file of Python with its tree; None when it cannot be read."""
        if path not in self.parsed:
            source = self.source(path)
            self.parsed[path] = parsed(Code.of_file(source), path) if source else None
        return self.parsed[path]


def parsed(code: Code, path: str) -> tuple[Origin, ast.Module, Places] | None:
    """A text of Python with its tree. `path` is the file that holds it."""
    from linter.inspect.python.parse import parse

    tree = parse(code.text).tree
    return (Origin(path, code.text, code.place), tree, Places(code, path)) if tree is not None else None


class Loader:
    """The modules of one evaluation. `written` are files that a notebook writes, by their paths."""

    def __init__(
        self,
        sources: Sources,
        libraries: frozenset[str],
        written: dict[str, Code],
        folder: str,
        texts: Mapping[str, Text] | None = None,
    ) -> None:
        self.sources = sources
        self.libraries = libraries
        self.folder = folder
        """Where the program runs: relative paths are taken from here, else from folders above."""
        self._written = written
        self._texts = texts or {}
        """Data that a notebook writes, by the paths of the files."""
        self._modules: dict[str, Module | None] = {}
        self._added: list[str] = []

    def search(self, path: str) -> None:
        """Look for modules in a folder as well, as after `sys.path.append`."""
        where = path.removeprefix(HERE) if path.startswith(HERE) else f"{self.folder}/{path}"
        if not path.startswith("/") or path.startswith(HERE):
            self._added = [*self._added, clean(where.lstrip("/"))][:_ANCESTORS]

    # --- modules

    def module(self, path: str) -> Module | None:
        """The module in a file."""
        if path not in self._modules:
            found = parsed(self._written[path], "") if path in self._written else self.sources.code(path)
            if found is not None and path in self._written:
                origin = found[0]
                found = (Origin(self._holder, origin.text, origin.span), *found[1:])
            self._modules[path] = Module(path, path.rpartition("/")[0], *found) if found else None
            if found:
                module = self._modules[path]
                assert module is not None
                module.scope.names["__name__"] = Text.written(path.rpartition("/")[2].removesuffix(".py"))
                module.scope.names["__file__"] = Text.written(HERE + path)
        return self._modules[path]

    _holder = ""

    def hold(self, path: str) -> None:
        """The notebook that holds the written files."""
        self._holder = path

    def ensure(self, m: Machine, module: Module) -> None:
        """Run a module's body, once."""
        from linter.evaluate.machine import Frame
        from linter.evaluate.statements import run

        if module.started or module.tree is None:
            return
        module.started = True
        run(m, module.tree.body, Frame(module, module.scope))

    def named(self, dotted: str, level: int, importer: Module) -> Module | None:
        """The module of the product that an import names; None when it is no file of the product."""
        parts = dotted.split(".") if dotted else []
        if level == 0 and (not parts or parts[0] in self.libraries or parts[0] in sys.stdlib_module_names):
            return None
        for folder in self._folders(importer, level):
            path = self._file("/".join(part for part in (folder, *parts) if part))
            if path is not None:
                return self.module(path)
        return None

    def _folders(self, importer: Module, level: int) -> list[str]:
        folder = importer.folder
        if level:
            for _ in range(min(level - 1, _ANCESTORS)):
                folder = folder.rpartition("/")[0]
            return [folder]
        found = [folder]
        while folder and len(found) < _ANCESTORS:
            folder = folder.rpartition("/")[0]
            found.append(folder)
        return list(dict.fromkeys([*found, self.folder, *(path for path in self._added if not path.startswith(".."))]))

    def _file(self, stem: str) -> str | None:
        for path in (f"{stem}.py", f"{stem}/__init__.py"):
            entry = self.sources.tree.entry(path) if path not in self._written else None
            if path in self._written or (entry is not None and entry.kind == "file"):
                return path
        return None

    def is_ours(self, dotted: str, importer: Module) -> bool:
        """Whether an import names a folder of the product, though no module in it is found."""
        root = dotted.partition(".")[0]
        if not root or root in self.libraries or root in sys.stdlib_module_names:
            return False
        entries = (self.sources.tree.entry(f"{folder}/{root}") for folder in self._folders(importer, 0))
        return any(entry is not None and entry.kind == "folder" for entry in entries)

    def package(self, dotted: str, importer: Module) -> Module | None:
        """What `import a.b` binds `a` to, when that is a folder of the product."""
        if self.named(dotted, 0, importer) is None:
            return None
        root = dotted.partition(".")[0]
        found = self.named(root, 0, importer)
        if found is not None:
            return found
        for folder in self._folders(importer, 0):
            path = f"{folder}/{root}" if folder else root
            entry = self.sources.tree.entry(path)
            if entry is not None and entry.kind == "folder":
                if path not in self._modules:
                    self._modules[path] = Module(path, path, importer.origin, None, None)
                return self._modules[path]
        return None

    def below(self, m: Machine, module: Module, name: str) -> Module | None:
        """A module in a package."""
        if module.tree is not None and not module.path.endswith("__init__.py"):
            return None
        path = self._file(f"{module.folder}/{name}" if module.folder else name)
        found = self.module(path) if path else None
        if found is not None:
            self.ensure(m, found)
        return found

    # --- data

    def data(self, path: str) -> Text | None:
        """The text of a file that code reads; None when it is not one of the product's."""
        from linter.evaluate.text import Piece

        if path.startswith(HERE):
            candidates = [path.removeprefix(HERE)]
        elif path.startswith("/") or "\ue003" in path:
            return None
        else:
            folder, candidates = self.folder, []
            for _ in range(_ANCESTORS):
                candidates.append(f"{folder}/{path}" if folder else path)
                if not folder:
                    break
                folder = folder.rpartition("/")[0]
        for candidate in candidates:
            if clean(candidate) in self._texts:
                return self._texts[clean(candidate)]
            source = None if clean(candidate).startswith("..") else self.sources.source(candidate)
            if source is not None:
                origin = Origin(source.path, source.text, source.span, f"{source.path}#")
                return Text([Piece(source.text, Place(origin, 0, len(source.text)), True)])
        return None
