"""Trust policies in files that scripts name: `aws iam create-role --assume-role-policy-document file://trust.json`."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from linter.inspect.iam_roles import trusted
from linter.model import UNKNOWN
from linter.tree import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from linter.model import Fact
    from linter.tree import Tree

_MOST = 100
"""Roles whose policy is looked for."""
_LEVELS = 6
"""Folders above a script in which the file may lie: where the script is started is not known."""
_BYTES = 65_536


def settle_policies(facts: Sequence[Fact], tree: Tree) -> list[Fact]:
    """`iam.role` facts with the services of the trust policies that lie in files of the product."""
    left = _MOST
    settled = []
    for fact in facts:
        if fact.kind == "iam.role" and fact["document"] is not None and left > 0:
            left -= 1
            fact = fact.with_fields(trusts=_trusts(fact, tree))
        settled.append(fact)
    return settled


def _trusts(role: Fact, tree: Tree) -> list[str] | str:
    if "${" in role["document"]:
        return UNKNOWN
    folder = role.location.path
    for _ in range(_LEVELS):
        folder = posixpath.dirname(folder)
        path = clean(posixpath.join(folder, role["document"].replace("\\", "/").lstrip("/")))
        found = tree.entry(path) if path and not path.startswith("..") else None
        if found is not None and found.kind == "file":
            return _read(path, tree)
        if not folder:
            break
    return UNKNOWN


def _read(path: str, tree: Tree) -> list[str] | str:
    try:
        return trusted(tree.read(path, _BYTES).decode("utf-8", "replace"))
    except OSError:
        return UNKNOWN
