"""Which code of a product serves tests or trials, and never runs at the buyer's."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from linter.assemble.python.uploaded import uploaded_module
from linter.references.patterns import is_test_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from linter.assemble.python.evidence import Evidence
    from linter.assemble.python.modules import Module, Modules
    from linter.assemble.start import Start
    from linter.knowledge import Knowledge

_INIT = "__init__"


def trials_among(
    modules: Modules, evidence: Evidence, starts: Sequence[Start], knowledge: Knowledge
) -> dict[Module, bool]:
    """Whether each module serves tests. A folder of examples holds whole products where it has images or publishes."""
    folders = frozenset(knowledge.get("product.test_folders"))
    showing = frozenset(knowledge.get("product.example_folders"))
    makers = {start.image.location.path for start in starts} | {fact.location.path for fact in evidence.uploaded}
    found: dict[Module, bool] = {}
    for module in modules.all:
        own = {above for above in _above(module.place, showing) if any(path.startswith(above) for path in makers)}
        found[module] = is_test_file(module.place, folders - showing if own else folders)
    for fact in evidence.uploaded:  # what publishing code starts is no test, whatever its name
        program = uploaded_module(fact, modules)
        if program is not None and not is_test_file(fact.location.path, folders):
            found[program] = False
    _clear_imported(found)
    return found


def lies_among_code(module: Module, knowledge: Knowledge) -> bool:
    """Whether a module lies outside of the folders for tests, whatever its own name."""
    return frozenset(knowledge.get("product.test_folders")).isdisjoint(module.folder.split("/"))


def _clear_imported(is_test: dict[Module, bool]) -> None:
    """Takes out what code imports that is no test: a package may have an `examples` of its own, which it loads."""
    waiting = {_dotted(module): module for module, told in is_test.items() if told and _by_folder_alone(module)}
    packages = [module for module, told in is_test.items() if not told and module.path and module.folder]
    while packages and waiting:
        module = packages.pop()
        for name in _imported(module):
            found = waiting.pop(name, None)
            if found is not None:
                is_test[found] = False
                packages.append(found)


def _above(path: str, names: frozenset[str]) -> list[str]:
    """The folders above a file that have one of some names, each with a `/` behind it."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[: number + 1]) + "/" for number, part in enumerate(parts) if part in names]


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
