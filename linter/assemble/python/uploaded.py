"""Which file of the product a `sagemaker.program` means."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from linter.assemble.python.modules import ancestors
from linter.tree import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from linter.assemble.python.modules import Module, Modules
    from linter.assemble.python.names import Names
    from linter.model import Fact


FOR_CONTAINER, OF_SELLER = "source_dir", "source_dir_of_seller"


def uploaded_with_programs(facts: Iterable[Fact], modules: Modules, names: Names) -> dict[Module, str]:
    """Code that goes into a container: what lies in a program's `source_dir`; where that is open, all that it imports.

    OF_SELLER: it is publishing code, or prepares data as a program or for one, or is imported by publishing code of the
    same folder.
    """
    folders: set[tuple[str, bool]] = set()  # with whether the publishing code lies in it too
    programs: dict[bool, list[Module]] = {True: [], False: []}
    alone: list[Module] = []  # programs of which no folder is known
    for fact in facts:
        module = uploaded_module(fact, modules)
        of_product = fact["purpose"] == "product"
        if module is not None and _is_program(module, fact):
            programs[of_product].append(module)
            if of_product and fact["folder"] is None:
                alone.append(module)
        if not of_product:
            continue
        folder = _folder(fact, module, modules)
        if folder is not None:
            folders.add((folder, fact.location.path.startswith(folder)))
        for place in laid_beside(fact, modules):
            folders.add((place, fact.location.path.startswith(place)))
    started = names.with_imported(programs[True])
    found = dict.fromkeys(names.with_imported(alone), FOR_CONTAINER)
    if not folders:
        return found
    publishing = [module for module in modules.all if module.fact["seller_side"]]
    preparing = names.with_imported(programs[False]) - started
    launching = names.with_imported(publishing) - started
    for module in modules.all:
        shared = [own for folder, own in folders if module.place.startswith(folder)]
        if shared and module.path:
            of_seller = module in launching if all(shared) else module.fact["seller_side"]
            found[module] = OF_SELLER if of_seller or module in preparing else FOR_CONTAINER
    return found


def _is_program(module: Module, fact: Fact) -> bool:
    return f"/{module.place}".endswith(f"/{posixpath.normpath(fact['program'])}")


def _folder(fact: Fact, module: Module | None, modules: Modules) -> str | None:
    """The folder that is uploaded with a program, with a `/` at its end; empty for the root, None when none is known.

    A program that is put there later says nothing: its folder is looked for beside the publishing code.
    """
    if fact["folder"] is None:
        return None
    if module is not None:
        program = posixpath.normpath(fact["program"])
        if _is_program(module, fact):
            return module.place[: -len(program)]
        inside = posixpath.relpath(program, fact["folder"]) if fact["folder"].startswith("/") else None
        return module.place[: -len(inside)] if inside and f"/{module.place}".endswith(f"/{inside}") else None
    folder = clean(posixpath.join(posixpath.dirname(fact.location.path), fact["folder"]))
    folder = f"{folder}/" if folder else ""
    return folder if any(each.place.startswith(folder) for each in modules.all) else None


def places_of(fact: Fact, text: str) -> Iterator[str]:
    """Where a path may lie that publishing code names: it is started in its folder, or in one above."""
    for above in ancestors(posixpath.dirname(fact.location.path)):
        yield posixpath.normpath(posixpath.join(above, text.replace("\\", "/")))


def laid_beside(fact: Fact, modules: Modules) -> list[str]:
    """The files, and the folders with a `/` at their ends, that are uploaded beside a program: `dependencies`."""
    found = []
    for text in fact["beside"]:
        for place in places_of(fact, text):
            if place in modules.paths.files:
                found.append(place)
            elif place.strip("./") and modules.paths.holds(place):
                found.append(f"{place}/")
            else:
                continue
            break
    return found


def uploaded_module(fact: Fact, modules: Modules) -> Module | None:
    """The file, looked for from the publishing code upwards, then anywhere; None when none or several may be meant.

    Of several the one below the folder of the publishing code is meant; of cells that write it, that of the notebook.
    """
    found = _file_of(fact, modules)
    if found is None or found.fact["origin"] == "file":
        return found
    return next((each for each in modules.in_file(fact.location.path) if each.path == found.path), found)


def _file_of(fact: Fact, modules: Modules) -> Module | None:
    program = fact["program"].replace("\\", "/")
    here = posixpath.dirname(fact.location.path)
    for folder in (fact["folder"], ""):
        for above in ancestors(here) if folder is not None else ():
            path = posixpath.normpath(posixpath.join(above, folder.lstrip("/"), program.lstrip("/")))
            if path in modules.paths.files:
                return modules.paths.files[path]
    tail = posixpath.normpath(program).lstrip("./")
    found = modules.at_end(tail)
    if not found and program.startswith("/"):  # a path on somebody's machine, above what is inspected
        named = modules.named(posixpath.basename(program))
        found = [each for each in named if posixpath.normpath(program).endswith(f"/{each.place}")]
    if len(found) > 1 and here:
        found = [each for each in found if each.place.startswith(f"{here}/")]
    return found[0] if len(found) == 1 else None
