"""Which modules serve tests: by their name, or by their folder unless code that is no test imports them."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from linter.references.patterns import is_test_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.assemble.python.modules import Module, Modules
    from linter.knowledge import Knowledge

_INIT = "__init__"


def tests_among(modules: Modules, knowledge: Knowledge) -> dict[Module, bool]:
    """For each module whether it serves tests. A package may have an `examples` of its own, which its code loads."""
    folders = frozenset(knowledge.get("product.test_folders"))
    is_test = {module: is_test_file(module.place, folders) for module in modules.all}
    waiting = {_dotted(module): module for module, told in is_test.items() if told and _by_folder_alone(module)}
    packages = [module for module, told in is_test.items() if not told and module.path and module.folder]
    while packages and waiting:
        module = packages.pop()
        for name in _imported(module):
            found = waiting.pop(name, None)
            if found is not None:
                is_test[found] = False
                packages.append(found)
    return is_test


def _by_folder_alone(module: Module) -> bool:
    return bool(module.path) and not is_test_file(f"{module.stem}.py", frozenset())


def _dotted(module: Module) -> str:
    """The module's path as a dotted name; that of a package for its own file."""
    name = module.place.removesuffix(".py").removesuffix(f"/{_INIT}")
    return name.replace("/", ".")


def _imported(module: Module) -> Iterator[str]:
    """The dotted names, from the top folder on, of what a module may import of its own package."""
    package = module.folder.replace("/", ".")
    for each in module.fact["imports"]:
        if each["level"]:
            above = posixpath.normpath(posixpath.join(module.folder, *[".."] * (each["level"] - 1)))
            names = [".".join(part for part in (above.replace("/", "."), each["module"]) if part)]
        else:
            root = each["module"].partition(".")[0]
            at = f".{package}.".rfind(f".{root}.")
            names = [f"{package[:at]}{each['module']}"] if at >= 0 else []
        for name in names:
            yield from _with_packages(name, package)
            if each["name"]:
                yield f"{name}.{each['name']}"


def _with_packages(name: str, package: str) -> Iterator[str]:
    """A module, and the packages that its import loads, below those that the importing module is in itself."""
    while name and name != package and not package.startswith(f"{name}."):
        yield name
        name = name.rpartition(".")[0]
