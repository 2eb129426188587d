"""Which file of the product a `sagemaker.program` means."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from linter.assemble.python.modules import ancestors

if TYPE_CHECKING:
    from collections.abc import Iterable

    from linter.assemble.python.modules import Module, Modules
    from linter.model import Fact


FOR_CONTAINER, OF_ALL = "source_dir", "source_dir_of_all"


def uploaded_with_programs(facts: Iterable[Fact], modules: Modules) -> dict[Module, str]:
    """Code that goes into a container because it lies beside its program: in `source_dir`, where that is known.

    OF_ALL: it is publishing code, or lies in a folder where all code lies, that code too. What prepares data
    stays at the seller's.
    """
    facts = list(facts)
    folders: dict[str, str] = {}
    preparing = set()
    for fact in facts:
        module = uploaded_module(fact, modules)
        program = posixpath.normpath(fact["program"])
        if module is None or not f"/{module.place}".endswith(f"/{program}"):
            continue
        folder = module.place[: -len(program)]
        if fact["purpose"] != "product":
            preparing.add(module)
        elif fact["folder"] is not None:
            own = not folder or fact.location.path.startswith(folder)
            folders[folder] = OF_ALL if own else FOR_CONTAINER
    found = {}
    for module in modules.all:
        ways = {way for folder, way in folders.items() if module.place.startswith(folder)}
        if ways and module.path and module not in preparing:
            alone = FOR_CONTAINER in ways and not module.fact["seller_side"]
            found[module] = FOR_CONTAINER if alone else OF_ALL
    return found


def uploaded_module(fact: Fact, modules: Modules) -> Module | None:
    """The file, looked for from the publishing code upwards, then anywhere; None when none or several may be meant."""
    program = fact["program"].replace("\\", "/")
    here = posixpath.dirname(fact.location.path)
    for folder in (fact["folder"], ""):
        for above in ancestors(here) if folder is not None else ():
            path = posixpath.normpath(posixpath.join(above, folder.lstrip("/"), program.lstrip("/")))
            if path in modules.paths.files:
                return modules.paths.files[path]
    tail = posixpath.normpath(program).lstrip("./")
    found = [each for each in modules.named(posixpath.basename(tail)) if f"/{each.place}".endswith(f"/{tail}")]
    return found[0] if len(found) == 1 else None
