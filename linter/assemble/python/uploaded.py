"""Which file of the product a `sagemaker.program` means."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from linter.assemble.python.modules import ancestors

if TYPE_CHECKING:
    from linter.assemble.python.modules import Module, Modules
    from linter.model import Fact


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
