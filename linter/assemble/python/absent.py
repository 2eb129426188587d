"""Libraries that code of a built image imports, and that the image does not have: facts `python.import`.

Only where all that an import may find is among the image's files: a path that a program or a script puts on the search
path, or a package that is imported from elsewhere, leaves everything open.
"""

from __future__ import annotations

import posixpath
import sys
from typing import TYPE_CHECKING

from linter.assemble.contexts import join
from linter.model import UNKNOWN, Fact

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from linter.assemble.python.modules import Module
    from linter.assemble.python.reach import Key
    from linter.assemble.python.worlds import World
    from linter.knowledge import Knowledge
    from linter.tree import Tree

_PACKAGES = "PyPI"
_SEARCH = ("sys.path", "site.")


def absent_libraries(facts: Sequence[Fact], worlds: Iterable[World], tree: Tree, knowledge: Knowledge) -> list[Fact]:
    """One fact for each import of each module that a built image runs, where the image has no such library."""
    found = []
    for world in worlds:
        layout = world.names.layout
        if layout is None or not layout.start.build.whole or world.open:
            continue
        root = layout.start.build.context
        folders = _library_folders(facts, root)
        if folders and not _searches_elsewhere(world, facts, knowledge):
            libraries = _Libraries(tree, root, folders, knowledge)
            found += list(_absent(world, libraries)) if not libraries.open else []
    return found


def _library_folders(facts: Sequence[Fact], root: str) -> set[str]:
    """Folders of the image in which packages are installed."""
    told = (fact["path"] for fact in facts if fact.kind == "image.package" and fact["ecosystem"] == _PACKAGES)
    above = (path.lstrip("/").split("/") for path in told)
    ends = ("site-packages", "dist-packages")
    return {join(root, "/".join(parts[: at + 1])) for parts in above for at, name in enumerate(parts) if name in ends}


def _searches_elsewhere(world: World, facts: Sequence[Fact], knowledge: Knowledge) -> bool:
    """Whether a program or a start script changes where Python looks, or installs something first."""
    if any(
        reference.startswith(_SEARCH)
        for module, part in world.reach.nodes
        for reference in module.parts[part]["references"]
        if part in module.parts
    ):
        return True
    changers = tuple(knowledge.get("programs.import_path_changers"))
    return any(
        fact["category"] == "package_install" or any(each in fact["text"] for each in changers)
        for fact in facts
        if fact.kind == "shell.command" and fact["scope"] == "container"
    )


class _Libraries:
    """What imports find in an image beside the product's own code."""

    def __init__(self, tree: Tree, root: str, folders: set[str], knowledge: Knowledge) -> None:
        self.tree, self.root = tree, root
        self.known = {*sys.stdlib_module_names, *knowledge.get("programs.former_modules")}
        harmless = tuple(knowledge.get("programs.harmless_path_files"))
        endings = tuple(knowledge.get("programs.import_links"))
        self.open = False
        """Whether a file sends the search on to folders that are not known."""
        for folder in folders:
            for above in (folder, posixpath.dirname(folder)):
                for entry in tree.entries(above):
                    name = posixpath.basename(entry.path)
                    self.known.add(name.partition(".")[0])
                    self.open |= name.endswith(endings) and not name.endswith(harmless)

    def has(self, name: str, places: Iterable[str]) -> bool:
        """Whether an import of a name finds anything, also in folders of the product's own code."""
        if name in self.known:
            return True
        return any(
            posixpath.basename(entry.path).partition(".")[0] == name
            for place in places
            for entry in self.tree.entries(join(self.root, place.lstrip("/")))
        )


def _absent(world: World, libraries: _Libraries) -> Iterator[Fact]:
    layout = world.names.layout
    assert layout is not None
    own = {posixpath.dirname(path) for path in layout.paths.files}
    places = sorted({*own, *world.names.roots, *(above for each in own for above in _above(each))})
    seen: dict[str, bool] = {}
    for key in list(world.reach.nodes):
        for each in key[0].imports.get(key[1], ()):
            name = each["module"].partition(".")[0]
            if each["level"] or not name or each["guard"] in ("type_checking", "fallback"):
                continue
            if name not in seen:
                seen[name] = libraries.has(name, places)
            if not seen[name] and world.names.find(key[0], 0, [name]) is None:
                yield _fact(world, key, name, each["line"], each["optional"])


def _above(folder: str) -> Iterator[str]:
    while folder not in ("", "/"):
        folder = posixpath.dirname(folder)
        yield folder


def _fact(world: World, key: Key, name: str, line: int, optional: bool) -> Fact:
    module: Module = key[0]
    node = world.reach.nodes[key]
    fields = {
        "module": name,
        "optional": optional,
        "part": key[1],
        "scope": "container" if world.certain else UNKNOWN,
        "reached": node.kind,
        "reached_from": node.name,
    }
    return Fact("python.import", module.at(line), fields).with_trace(world.reach.trace(key))
