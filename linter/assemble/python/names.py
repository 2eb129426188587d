"""What a dotted name in a part of a module means: through imports, re-exports, star imports and base classes."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.assemble.python.modules import MAIN, Found, Module, Modules, Paths, ancestors, search_folders

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from linter.assemble.python.layout import Layout

MODULE, PART, CONSTANT, EXTERNAL, LOCAL = "module", "part", "constant", "external", "local"
CALLED = "()"
_DEPTH = 20
"""Re-exports and base classes that are followed from one name."""
_MOST_IMPORTED = 300
"""Modules that programs import, each through others."""
_THIS = ("self", "cls")


class Target(NamedTuple):
    """What a name means: a module, a part or a constant of one, with the names that are left; or a library's name.

    `kind` is `local` for a parameter. `name` is the part, the constant, or the library's dotted name with all that
    follows.
    """

    kind: str
    module: Module | None = None
    name: str = ""
    rest: tuple[str, ...] = ()


class Names:
    """Resolves names in the code of one image, or of a product without images (`layout` None).

    `beside`: by their names, the folders that modules and packages lie in which are laid beside an uploaded program.
    """

    def __init__(
        self, modules: Modules, layout: Layout | None, beside: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        self.modules = modules
        self.layout = layout
        self._beside = beside or {}
        self._folders: dict[Module, tuple[str, ...]] = {}
        self._found: dict[tuple[tuple[str, ...], int, tuple[str, ...]], Found | None] = {}
        self._resolved: dict[tuple[Module, str, str], Target | None] = {}
        self._looked_up: dict[tuple[Module, tuple[str, ...]], Target | None] = {}
        self._members: dict[tuple[Module, str, tuple[str, ...]], Target | None] = {}
        self._bases: dict[tuple[Module, str], list[Target]] = {}
        self._imported: dict[tuple[Module, ...], frozenset[Module]] = {}
        roots = [] if layout is None else [layout.workdir, *_python_path(layout), *layout.package_folders]
        self.roots = list(dict.fromkeys(roots))

    def holds(self, module: Module) -> bool:
        """Whether the code may be in the image."""
        return self.layout is None or module.path is None or self.layout.holds(module)

    # --- modules

    def find(self, importer: Module, level: int, names: Sequence[str]) -> Found | None:
        """The module that an import of some names means, as far as it is the product's."""
        folders = self._folders_of(importer)
        key = (folders, level, tuple(names))
        if key not in self._found:
            self._found[key] = self._find(folders, level, key[2], None)
        found = self._found[key]
        return found if found is None or found.module is not importer else self._find(folders, level, key[2], importer)

    def _folders_of(self, importer: Module) -> tuple[str, ...]:
        """Where a module lies: in the product, then in the image."""
        if importer not in self._folders:
            image_paths = self.layout.image_paths.get(importer, ()) if self.layout is not None else ()
            self._folders[importer] = (importer.folder, *map(posixpath.dirname, image_paths))
        return self._folders[importer]

    def with_imported(self, programs: Sequence[Module]) -> frozenset[Module]:
        """Programs and all modules that they import."""
        key = tuple(programs)
        if key not in self._imported:
            found, waiting = set(programs), list(programs)
            while waiting and len(found) < _MOST_IMPORTED:
                module = waiting.pop()
                for each in module.fact["imports"]:
                    parts = [part for part in each["module"].split(".") if part]
                    for dotted in (parts, [*parts, each["name"]] if each["name"] else []):
                        target = self.find_whole(module, each["level"], dotted) if dotted else None
                        if target is not None and target not in found:
                            found.add(target)
                            waiting.append(target)
            self._imported[key] = frozenset(found)
        return self._imported[key]

    def find_whole(self, importer: Module, level: int, names: Sequence[str]) -> Module | None:
        """The module that an import means, and not only one on the way to it."""
        layout_has = self.layout is not None and self.layout.paths.has_module(names[-1])
        if not (layout_has or self.modules.paths.has_module(names[-1])):
            return None
        found = self.find(importer, level, names)
        return found.module if found is not None and not found.rest else None

    def _find(
        self, folders: tuple[str, ...], level: int, names: tuple[str, ...], without: Module | None
    ) -> Found | None:
        best: Found | None = None
        layout_knows = self.layout is not None and self.layout.paths.knows(names[0]) if names else False
        if not names or not (layout_knows or self.modules.paths.knows(names[0])):
            return None
        for paths, folder in self._places(folders, level, names):
            found = paths.walk(folder, names)
            if found is None or found.module is without or not self.holds(found.module):
                continue
            if best is None or len(found.rest) < len(best.rest):
                best = found
            if not best.rest:
                break
        return best if best is not None or level else self._elsewhere(folders[0], names, without)

    def _elsewhere(self, folder: str, names: tuple[str, ...], without: Module | None) -> Found | None:
        """The one module of a name in the nearest folder above that holds any: `sys.path` or a copy may lead there.

        Never for what may be a library.
        """
        if self.modules.may_be_library(names[0]):
            return None
        for count in range(len(names), 0, -1):
            found = [each for each in self.modules.paths.ending(names[:count]) if each is not without]
            found = [each for each in found if self._may_be_meant(each, ".".join(names[:count]))]
            for above in ancestors(folder) if found else ():
                near = [each for each in found if not above or each.place.startswith(f"{above}/")]
                if near:
                    return Found(near[0], (), names[count:]) if len(near) == 1 else None
        return None

    def _may_be_meant(self, module: Module, name: str) -> bool:
        """Whether a file elsewhere may be what is imported by a name: it has what is taken of that."""
        is_file = module.fact["origin"] == "file" and self.holds(module)
        return is_file and self.modules.gives_what_is_taken(module, name)

    def _places(self, folders: tuple[str, ...], level: int, names: tuple[str, ...]) -> Iterator[tuple[Paths, str]]:
        """Where to look, the likeliest first: in the image, then in the product."""
        own, *in_image = folders
        places = [(self.layout.paths, folder) for folder in in_image] if self.layout is not None else []
        for paths, folder in (*places, (self.modules.paths, own)):
            if level:
                yield paths, _above(folder, level - 1)
            elif names:
                yield from ((paths, each) for each in search_folders(paths, folder, names[0]))
        if not level and self.layout is not None:
            yield from ((self.layout.paths, root) for root in self.roots)
        if not level and names:
            yield from ((self.modules.paths, folder) for folder in self._beside.get(names[0], ()))

    def package_of(self, importer: Module, level: int) -> Module | None:
        """The package that `from . import x` means."""
        return self.modules.paths.package(_above(importer.folder, level - 1))

    def from_root(self, names: Sequence[str], folders: Iterable[str]) -> Module | None:
        """The module that a program, started in one of these folders of the image, is told to load by its name."""
        if self.layout is not None:
            for folder in (*folders, *self.roots):
                found = self.layout.paths.walk(folder.rstrip("/"), names)
                if found is not None and not found.rest:
                    return found.module
        return next((module for module in self.modules.paths.ending(names) if self.holds(module)), None)

    def imported(self, module: Module, each: Mapping[str, Any]) -> list[Module]:
        """The modules that one import loads, packages first."""
        names = each["module"].split(".") if each["module"] else []
        from_package = each["name"] not in (None, "*")
        loaded: list[Module] = []
        if not names and each["level"]:
            package = self.package_of(module, each["level"])
            loaded = [package] if package is not None else []
        elif not from_package or self.find_whole(module, each["level"], names) is not None:
            found = self.find(module, each["level"], names)
            loaded = [] if found is None else [*found.packages, *([] if found.rest else [found.module])]
        if from_package:
            inner = self.find_whole(module, each["level"], [*names, each["name"]])
            found = self.find(module, each["level"], [*names, each["name"]]) if inner is not None else None
            loaded += [*found.packages, found.module] if found is not None else []
        return [each for each in dict.fromkeys(loaded) if each is not module]

    # --- names

    def resolve(self, module: Module, part: str, dotted: str) -> Target | None:
        """What a name as written in a part means; None when nothing of the product or of a library binds it."""
        root = dotted.partition(".")[0]
        if root not in _THIS and not module.may_bind(root.removesuffix(CALLED)):
            return None  # a builtin, mostly
        key = (module, part, dotted)
        if key not in self._resolved:
            self._resolved[key] = None  # a name that leads back to itself ends here
            self._resolved[key] = self._resolve(module, part, tuple(dotted.split(".")), 0)
        return self._resolved[key]

    def _resolve(self, module: Module, part: str, names: tuple[str, ...], depth: int) -> Target | None:
        root = names[0].removesuffix(CALLED)
        if root in _THIS and len(names) > 1:
            owner = module.class_of(part)
            return self.member(module, owner, names[1:], depth) if owner else None
        if not module.may_bind(root):
            return None
        for scope in _scopes(module, part):
            each = module.parts.get(scope)
            if scope and each is not None and root in each["parameters"]:
                return Target(LOCAL, module, root, names[1:])
            target = self._in_scope(module, scope, names, depth)
            if target is not None:
                return target
        return self._from_stars(module, names, depth)

    def _in_scope(self, module: Module, scope: str, names: tuple[str, ...], depth: int) -> Target | None:
        root = names[0].removesuffix(CALLED)
        name = f"{scope}.{root}" if scope and scope != MAIN else root
        if module.kind(name) in ("function", "class"):
            return self._defined(module, name, names, depth)
        found: Target | None = None
        for each in module.imported_as(scope, root):
            target = self._follow(module, each, names, depth)
            if target is not None and target.kind != EXTERNAL:
                return target
            found = found or target
        if found is None and scope != MAIN and module.binds(name):  # what the main block binds is the module's
            return Target(CONSTANT, module, name, names[1:])
        return found

    def _defined(self, module: Module, name: str, names: tuple[str, ...], depth: int) -> Target | None:
        if module.kind(name) == "class" and len(names) > 1:
            member = self.member(module, name, names[1:], depth)
            return member or Target(PART, module, name, names[1:])
        return Target(PART, module, name, names[1:])

    def member(self, module: Module, owner: str, names: tuple[str, ...], depth: int = 0) -> Target | None:
        """An attribute of a class, looked up in its bases as well."""
        key = (module, owner, names)
        if key not in self._members:
            self._members[key] = None  # one that leads back to itself ends here
            self._members[key] = self._member(module, owner, names, depth) if depth <= _DEPTH else None
        return self._members[key]

    def _member(self, module: Module, owner: str, names: tuple[str, ...], depth: int) -> Target | None:
        name = f"{owner}.{names[0].removesuffix(CALLED)}"
        if module.kind(name) in ("function", "class"):
            return self._defined(module, name, names, depth + 1)
        if module.binds(name):
            return Target(CONSTANT, module, name, names[1:])
        for base in self.bases(module, owner, depth + 1):
            if base.kind == PART and base.module is not None:
                found = self.member(base.module, base.name, names, depth + 1)
                if found is not None:
                    return found
            elif base.kind == EXTERNAL:
                return Target(EXTERNAL, None, ".".join((base.name, *names)))
        return None

    def bases(self, module: Module, owner: str, depth: int = 0) -> list[Target]:
        """What the bases of a class mean, as far as that is known."""
        key = (module, owner)
        if key not in self._bases:
            self._bases[key] = []
            self._bases[key] = self._resolved_bases(module, owner, depth)
        return self._bases[key]

    def _resolved_bases(self, module: Module, owner: str, depth: int) -> list[Target]:
        part = module.parts.get(owner)
        if part is None or depth > _DEPTH:
            return []
        scope = owner.rpartition(".")[0]
        found = (self._resolve(module, scope, tuple(base.split(".")), depth + 1) for base in part["bases"])
        return [base for base in found if base is not None and not (base.module is module and base.name == owner)]

    def _follow(self, module: Module, each: Mapping[str, Any], names: tuple[str, ...], depth: int) -> Target | None:
        """What a name means that an import binds."""
        if depth > _DEPTH:
            return None
        path = tuple(each["module"].split(".")) if each["module"] else ()
        if each["name"] is None:
            bare = names[0].removesuffix(CALLED)
            path = (bare,) if path[:1] == (bare,) else path
            return self._absolute(module, 0, (*path, *names[1:]), depth)
        called = CALLED if names[0].endswith(CALLED) else ""
        wanted = (each["name"] + called, *names[1:])
        if each["level"] and not path:
            package = self.package_of(module, each["level"])
            found = self.lookup(package, wanted, depth + 1) if package is not None and package is not module else None
            return found or self._absolute(module, each["level"], wanted, depth)
        owner = self.find_whole(module, each["level"], path)
        if owner is not None:
            found = self.lookup(owner, wanted, depth + 1)
            if found is not None:
                return found
        return self._absolute(module, each["level"], (*path, *wanted), depth)

    def _absolute(self, module: Module, level: int, names: tuple[str, ...], depth: int) -> Target | None:
        """A whole dotted name: the module it leads to and what that holds, else a library's name."""
        found = self.find(module, level, [name.removesuffix(CALLED) for name in names])
        if found is not None:
            rest = names[len(names) - len(found.rest) :]
            if not rest:
                return Target(MODULE, found.module)
            return self.lookup(found.module, rest, depth + 1)
        return None if level else Target(EXTERNAL, None, ".".join(names))

    def whole(self, module: Module, dotted: str) -> Target | None:
        """What a name means whose start the inspector has resolved already; leading dots are levels."""
        bare = dotted.lstrip(".")
        level = len(dotted) - len(bare)
        names = tuple(bare.split("."))
        if level and (package := self.package_of(module, level)) is not None and package is not module:
            found = self.lookup(package, names, 1)
            if found is not None:
                return found
        return self._absolute(module, level, names, 0)

    def lookup(self, module: Module, names: tuple[str, ...], depth: int = 0) -> Target | None:
        """What names mean in a module, as seen from outside."""
        if not names:
            return Target(MODULE, module)
        key = (module, names)
        if key not in self._looked_up:
            self._looked_up[key] = None
            self._looked_up[key] = self._look_up(module, names, depth) if depth <= _DEPTH else None
        return self._looked_up[key]

    def _look_up(self, module: Module, names: tuple[str, ...], depth: int) -> Target | None:
        target = self._in_scope(module, "", names, depth) or self._in_scope(module, MAIN, names, depth)
        if target is not None:
            return target
        if module.is_package:
            root = names[0].removesuffix(CALLED)
            inner = self.modules.paths.walk(module.folder, [root])
            if inner is not None and not inner.rest:
                return self.lookup(inner.module, names[1:], depth + 1)
        return self._from_stars(module, names, depth)

    def _from_stars(self, module: Module, names: tuple[str, ...], depth: int) -> Target | None:
        if depth > _DEPTH:
            return None
        for each in module.imports.get("", ()):
            if each["name"] == "*":
                path = each["module"].split(".") if each["module"] else []
                source = self.find_whole(module, each["level"], path) if path else None
                if source is None and not path and each["level"]:
                    source = self.package_of(module, each["level"])
                target = self.lookup(source, names, depth + 1) if source is not None and source is not module else None
                if target is not None:
                    return target
        return None


def _scopes(module: Module, part: str) -> Iterator[str]:
    """The scopes that a name is looked for in: the part's own, those of functions around it, the module's."""
    yield part
    name = part
    while name and name != MAIN:
        name = name.rpartition(".")[0]
        if name and module.kind(name) != "class":
            yield name
    if part:
        yield ""
    if part != MAIN:
        yield MAIN


def _above(folder: str, levels: int) -> str:
    for _ in range(levels):
        folder = folder.rpartition("/")[0]
    return folder


def _python_path(layout: Layout) -> list[str]:
    value = layout.start.image["env"].get("PYTHONPATH", "")
    folders = [folder.rstrip("/") for folder in value.split(":") if folder.startswith("/")]
    return [posixpath.normpath(folder) for folder in folders]


def is_own_part(target: Target | None) -> bool:
    """Whether a name means a module, function or class of the product, or something of what these give."""
    if target is None or target.module is None:
        return False
    return target.kind == MODULE or (target.kind == PART and target.module.kind(target.name) in ("function", "class"))


def is_own_function(target: Target | None) -> bool:
    """Whether a name means a function of the product itself, and nothing of what it gives back."""
    if target is None or target.kind != PART or target.module is None or target.rest:
        return False
    return target.module.kind(target.name) == "function"
