"""Which code of a product serves tests or trials, and never runs at the buyer's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.references.patterns import is_test_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from linter.assemble.python.evidence import Evidence
    from linter.assemble.python.modules import Module, Modules
    from linter.assemble.start import Start
    from linter.knowledge import Knowledge


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
    return found


def _above(path: str, names: frozenset[str]) -> list[str]:
    """The folders above a file that have one of some names, each with a `/` behind it."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[: number + 1]) + "/" for number, part in enumerate(parts) if part in names]
