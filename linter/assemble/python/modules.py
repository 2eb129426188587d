"""Which module of the product a dotted name of an import means."""

from __future__ import annotations

import posixpath
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.model import Location, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

    from linter.model import Fact

MAIN = "__main__"
BEHAVIOUR = frozenset(
    {"file.access", "program.exit", "program.signal", "program.argument", "request.use", "debug.aid", "credential.use",
     "hyperparameter.read", "program.option", "program.syntax"}
)  # fmt: skip
"""Kinds of facts about what code does as a program. Those of shell scripts stand in no module."""
ABOUT_PARTS = BEHAVIOUR | {"python.call", "python.web", "sagemaker.launch", "sagemaker.upload"}
_SUFFIX = ".py"
_INIT = "__init__.py"
_SOURCES = "src"


class Module:
    """One `python.module` fact, its imports by part, its parts by name and by the part that holds them."""

    __slots__ = (
        "_aliases",
        "_called",
        "_children",
        "_imports",
        "_kinds",
        "_parts",
        "_roots",
        "constants",
        "fact",
        "folder",
        "objects",
        "place",
        "stem",
    )

    def __init__(self, fact: Fact) -> None:
        self.fact = fact
        self.place: str = fact["path"] or fact.location.path
        """Path of the file that the code is, becomes, or stands in."""
        name = self.place.rpartition("/")[2]
        self.folder: str = self.place.rpartition("/")[0]
        self.stem = name.removesuffix(_SUFFIX)
        self.constants: Mapping[str, Any] = fact["constants"]
        self.objects: Mapping[str, str] = fact["objects"]
        self._imports: dict[str, list[Mapping[str, Any]]] | None = None
        self._kinds: dict[str, str] | None = None
        self._parts: dict[str, Mapping[str, Any]] | None = None
        self._children: dict[str, list[str]] | None = None
        self._aliases: dict[tuple[str, str], list[Mapping[str, Any]]] | None = None
        self._roots: set[str] | None = None
        self._called: dict[tuple[str, str], int] | None = None

    @property
    def imported_names(self) -> set[str]:
        """The names that its imports may give to modules: the last one of what is imported, and what is taken of it."""
        imports = self.fact["imports"]
        return {name for each in imports for name in (each["module"].rpartition(".")[2], each["name"]) if name}

    @property
    def path(self) -> str | None:
        path: str | None = self.fact["path"]
        return path

    @property
    def is_package(self) -> bool:
        return self.place.rpartition("/")[2] == _INIT

    @property
    def shown(self) -> str:
        """The name by which people call the module."""
        return self.folder.rpartition("/")[2] if self.is_package else self.stem

    @property
    def imports(self) -> dict[str, list[Mapping[str, Any]]]:
        if self._imports is None:
            self._imports = {}
            for each in self.fact["imports"]:
                self._imports.setdefault(each["part"], []).append(each)
        return self._imports

    @property
    def parts(self) -> dict[str, Mapping[str, Any]]:
        if self._parts is None:
            self._parts = {part["name"]: part for part in self.fact["parts"]}
        return self._parts

    def children(self, part: str) -> Sequence[str]:
        """Functions and classes that a part defines."""
        if self._children is None:
            self._children = {}
            for name, each in self.parts.items():
                if each["kind"] in ("function", "class"):
                    self._children.setdefault(name.rpartition(".")[0], []).append(name)
        # What stands below `if __name__ == "__main__"` is named as if it stood at the module's level.
        return self._children.get("" if part == MAIN else part, ())

    def kind(self, part: str) -> str | None:
        if self._kinds is None:
            self._kinds = {each["name"]: each["kind"] for each in self.fact["parts"]}
        return self._kinds.get(part)

    def imported_as(self, part: str, alias: str) -> Sequence[Mapping[str, Any]]:
        """The imports of a part that bind a name."""
        if self._aliases is None:
            self._aliases = {}
            for each in self.fact["imports"]:
                self._aliases.setdefault((each["part"], each["alias"]), []).append(each)
        return self._aliases.get((part, alias), ())

    def line_of_call(self, part: str, callee: str) -> int | None:
        """Where a part first calls something under a name as written; None when no such call is recorded."""
        if self._called is None:
            self._called = {}
            for each in self.fact["invocations"]:
                self._called.setdefault((each["part"], each["callee"]), each["line"])
        return self._called.get((part, callee))

    def may_bind(self, root: str) -> bool:
        """Whether anything in the module, or a star import, may bind a name."""
        if self._roots is None:
            self._roots = {each["alias"] for each in self.fact["imports"]}
            self._roots |= {part["name"].rpartition(".")[2] for part in self.fact["parts"]}
            self._roots |= {name.removesuffix("()").rpartition(".")[2] for name in (*self.constants, *self.objects)}
        return root in self._roots or "*" in self._roots

    def taken_of(self, name: str) -> Iterator[str]:
        """What the code takes of a module that it imports by a dotted name: `from m import a`, `import m as x; x.a`."""
        for each in self.fact["imports"]:
            if each["level"] or each["module"] != name:
                continue
            if each["name"] is not None:
                yield each["name"]
                continue
            start = f"{each['alias'] if each['alias'] != name.partition('.')[0] else name}."
            for part in self.fact["parts"]:
                for reference in part["references"]:
                    if reference.startswith(start):
                        yield reference[len(start) :].partition(".")[0]

    def binds(self, name: str) -> bool:
        """Whether a value or a library's object is known under a name."""
        return name in self.constants or name in self.objects

    def at(self, line: int) -> Location:
        """The place in the file of a line of the code."""
        start = self.fact.location
        if self.fact["origin"] == "command":
            return start  # on a command line, lines of code need not be lines of the file
        line = line if self.fact["origin"] == "file" else start.line + line - 1
        return Location(start.path, Span(line, 1, line, 1))

    def class_of(self, part: str) -> str | None:
        """The class that a method, or a function inside one, belongs to."""
        name = part
        while name:
            if self.kind(name) == "class":
                return name
            name = name.rpartition(".")[0]
        return None


class Found(NamedTuple):
    """A module that a name leads to, the packages on the way to it, and the names that are left."""

    module: Module
    packages: tuple[Module, ...]
    rest: tuple[str, ...]


class Paths:
    """Modules by the paths that they have in the product, or in an image."""

    def __init__(self, items: Iterable[tuple[str, Module]]) -> None:
        self.files: dict[str, Module] = {}
        self._keys: dict[str, Module] = {}
        self._folders: set[str] = set()
        self._by_stem: dict[str, list[str]] = {}
        self._segments: set[str] = set()
        """The names of all modules and folders: what is not among them is a library's."""
        for path, module in items:
            self._add(path, module)

    def _add(self, path: str, module: Module) -> None:
        if path in self.files and module.fact["origin"] != "file":
            return  # a cell that writes a file which is there as well
        self.files[path] = module
        folder, _, name = path.rpartition("/")
        if not name.endswith(_SUFFIX):
            return
        package = name == _INIT
        key = folder if package else path.removesuffix(_SUFFIX)
        if package or key not in self._keys or not self._keys[key].is_package:
            self._keys[key] = module
            self._by_stem.setdefault(key.rpartition("/")[2], []).append(key)
            self._segments.add(key.rpartition("/")[2])
        while folder and folder not in self._folders:
            self._folders.add(folder)
            folder, _, name = folder.rpartition("/")
            self._segments.add(name)

    def has_module(self, name: str) -> bool:
        """Whether any module or package has a name."""
        return name in self._by_stem

    def holds(self, folder: str) -> bool:
        """Whether a module lies in a folder, or below it."""
        return folder in self._folders

    def knows(self, name: str) -> bool:
        """Whether any module or folder has a name."""
        return name in self._segments

    def walk(self, folder: str, names: Sequence[str]) -> Found | None:
        """The module that names lead to from a folder, as far as there are modules."""
        if names[0] not in self._segments:
            return None
        key, best = folder, None
        packages: list[Module] = []
        for count, name in enumerate(names, 1):
            key = f"{key}/{name}" if key else name
            module = self._keys.get(key)
            if module is not None:
                best = Found(module, tuple(packages), tuple(names[count:]))
                packages.append(module)
            if key not in self._folders:
                break
        return best

    def package(self, folder: str) -> Module | None:
        """The `__init__` of a folder."""
        module = self._keys.get(folder)
        return module if module is not None and module.is_package else None

    def ending(self, names: Sequence[str]) -> list[Module]:
        """All modules whose path ends in these names, the shortest path first."""
        tail = "/".join(names)
        keys = [key for key in self._by_stem.get(names[-1], ()) if key == tail or key.endswith(f"/{tail}")]
        return [self._keys[key] for key in sorted(set(keys), key=lambda key: (key.count("/"), key))]


def is_copy(module: Module, program: Module) -> bool:
    """Whether a file is a copy of another: the same, or below its folder an older or a longer form of it."""
    if module.stem != program.stem:
        return False
    if _outline_of(module) == _outline_of(program):
        return True
    below = bool(program.folder) and module.folder.startswith(f"{program.folder}/")
    own, other = (set(each.parts) - {"", MAIN} for each in (module, program))
    return below and bool(own and other) and (own <= other or other <= own)


def _outline_of(module: Module) -> str:
    """What tells files of one name and one content from others."""
    return repr((module.fact["imports"], module.fact["parts"], module.fact["invocations"]))


def ancestors(folder: str) -> Iterator[str]:
    """A folder and all above it, the base last."""
    while True:
        yield folder
        if folder in ("", "/"):
            return
        folder = folder.rpartition("/")[0]


class Modules:
    """All Python code of a product."""

    def __init__(self, facts: Iterable[Fact], libraries: Set[str] | None = None) -> None:
        """`libraries` are the names of known ones; None when they do not matter."""
        self._libraries = libraries
        self._taken: dict[str, set[str]] = {}
        self.all = [Module(fact) for fact in facts]
        self.paths = Paths((module.path, module) for module in self.all if module.path)
        self._by_file: dict[str, list[Module]] = {}
        self._by_name: dict[str, list[Module]] = {}
        for module in self.all:
            self._by_file.setdefault(module.fact.location.path, []).append(module)
        for path, module in self.paths.files.items():
            self._by_name.setdefault(path.rpartition("/")[2], []).append(module)

    def may_be_library(self, name: str) -> bool:
        """Whether a module of a name may be one that the product installs, or Python's own."""
        return self._libraries is None or name in self._libraries or name in sys.stdlib_module_names

    def gives_what_is_taken(self, module: Module, name: str) -> bool:
        """Whether a module has something of what the product's code takes of a module of this dotted name."""
        if name not in self._taken:
            self._taken[name] = {taken for each in self.all for taken in each.taken_of(name)}
        return any(module.may_bind(taken) for taken in self._taken[name])

    def homes(self, facts: Iterable[Fact]) -> dict[int, Module]:
        """The module that each fact about a part of one stands in, by the fact's identity.

        The facts of one file keep the order in which they were read: such facts follow their module.
        """
        modules = {id(module.fact): module for module in self.all}
        current: dict[str, Module] = {}
        found: dict[int, Module] = {}
        for fact in facts:
            path = fact.location.path
            if fact.kind == "python.module":
                current[path] = modules[id(fact)]
            elif fact.kind in ABOUT_PARTS:
                module = current.get(path) or next(iter(self._by_file.get(path, ())), None)
                if module is not None:
                    found[id(fact)] = module
        return found

    def at_end(self, tail: str) -> list[Module]:
        """The modules whose file's path ends in a relative path, whole names of folders compared."""
        return [each for each in self.named(posixpath.basename(tail)) if f"/{each.place}".endswith(f"/{tail}")]

    def packages_of(self, module: Module) -> list[Module]:
        """The packages that a module lies in, the outermost first."""
        found = []
        folder = module.folder.rpartition("/")[0] if module.is_package else module.folder
        while folder and (package := self.paths.package(folder)) is not None:
            found.append(package)
            folder = folder.rpartition("/")[0]
        return found[::-1]

    def named(self, name: str) -> Sequence[Module]:
        """The modules whose file has a name, extension included."""
        return self._by_name.get(name, ())

    def in_file(self, path: str) -> Sequence[Module]:
        return self._by_file.get(path, ())


def search_folders(paths: Paths, folder: str, root: str) -> Iterator[str]:
    """Where an absolute import of a file in a folder may look: there, in each folder above, and in their `src`.

    Packages come last, of them its own folder first, and never for a name of the standard library: only the folder of
    a program, and one that holds packages, is on the search path.
    """
    packages = []
    has_sources = paths.knows(_SOURCES)
    for above in ancestors(folder):
        if paths.package(above) is None:
            yield above
        else:
            packages.append(above)
        if has_sources:
            yield posixpath.join(above, _SOURCES)
    if root not in sys.stdlib_module_names:
        yield from packages
