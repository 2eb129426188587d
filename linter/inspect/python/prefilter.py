"""Tells by the imports of a module that it cannot call out, before any of its calls is looked at.

It never changes a result: a call of a library needs an import of it, one of the ways to import by a text, an import of
what may be another file of the product, which may hand a library on, or a method that is known by its name alone.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from linter.inspect.python.names import Names
    from linter.inspect.python.scopes import Outline

_DYNAMIC = frozenset({"importlib", "__import__"})


def can_call_out(outline: Outline, names: Names) -> bool:
    """Whether a module imports anything by which it could reach out."""
    for each in outline.imports:
        root = each.module.partition(".")[0]
        if each.level or root in names.table.roots or root not in sys.stdlib_module_names or root in _DYNAMIC:
            return True
    if outline.calls_named(names.table.methods_of_any_object):
        return True
    return any("__import__" in part.references for part in outline.parts.values())
