"""Values that go to functions of other files: the body of a request, hyperparameters. Facts `value.handed`.

What those functions do with them is looked up in their own files, by `linter/evaluate/handed.py`.
"""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING, NamedTuple

from linter.model import Fact, Location
from linter.references.apis import CALLED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from linter.inspect.python.names import Names
    from linter.inspect.python.place import Places
    from linter.inspect.python.scopes import Called, Scope

BODY, ONE, ALL = "body", "hyperparameter", "hyperparameters"
MOST_HANDED = 100
"""Facts of one module."""
_NAME_LENGTH = 200


class What(NamedTuple):
    """What a value is; `name` of one hyperparameter."""

    what: str
    name: str | None = None


Parameter = tuple[str, str]
"""A function of a module and the name of its parameter."""
NOTHING: Mapping[Parameter, What] = {}
"""What other files give the parameters of a module that is looked at by itself."""


def handed_facts(
    names: Names, places: Places, what: Callable[[ast.expr, Scope], What | None], skipped: frozenset[str]
) -> Iterator[Fact]:
    """A fact for each argument of a call of another file's function that is something.

    `skipped`: packages that are no files of the product.
    """
    left = MOST_HANDED
    own = any(_may_be_ours(each.level, each.module, skipped) for each in names.outline.imports)
    for called in names.outline.calls if own else ():
        if left <= 0 or not (called.node.args or called.node.keywords):
            continue
        callee = _callee(called, names, skipped)
        if callee is None:
            continue
        for argument, node in _arguments(called.node):
            found = what(node, called.scope)
            if found is not None:
                left -= 1
                yield handed_fact(found, callee, argument, Location(places.path, places.span(called.node)))


def handed_fact(found: What, callee: str, argument: int | str | None, location: Location) -> Fact:
    """The fact of one value."""
    return Fact(
        "value.handed", location, {"what": found.what, "name": found.name, "callee": callee, "argument": argument}
    )


def _arguments(node: ast.Call) -> Iterator[tuple[int | str, ast.expr]]:
    for number, each in enumerate(node.args):
        if isinstance(each, ast.Starred):
            break
        yield number, each
    for keyword in node.keywords:
        if keyword.arg is not None:
            yield keyword.arg, keyword.value


def _callee(called: Called, names: Names, skipped: frozenset[str]) -> str | None:
    """The dotted name of what is called, when it may be a function of another file."""
    for meaning in names.of(called.node.func, called.scope):
        if meaning.kind != "path" or len(meaning.path) > _NAME_LENGTH:
            return None
        path = meaning.path.replace(CALLED, "")
        if (
            "." in path.strip(".")
            and _may_be_ours(int(path.startswith(".")), path, skipped)
            and not names.is_library(path)
        ):
            return path
        return None
    return None


def _may_be_ours(level: int, module: str, skipped: frozenset[str]) -> bool:
    root = module.lstrip(".").partition(".")[0]
    return level > 0 or (root not in sys.stdlib_module_names and root not in skipped)
