"""Step three: the facts of one product are joined.

`assemble(facts, tree, …)` gives the same facts with their join fields filled in, and adds the facts that only a whole
product has (`image.start`). It asks the tree which paths exist; it never reads a file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from linter.knowledge import Knowledge
    from linter.model import Fact
    from linter.tree import Tree

OF_OTHERS = frozenset({"python.module"})
"""Kinds of facts that say something about other facts alone. No rule judges them."""


def assemble(
    facts: Iterable[Fact],
    tree: Tree,
    knowledge: Knowledge,
    *,
    products: Sequence[str] = (),
    seller_account: str | None = None,
    region: str | None = None,
    public_data: Sequence[str] = (),
) -> list[Fact]:
    """Join the facts of each product. `products` are folders known to be one product each, `public_data` the S3
    locations and local files that the seller declares public.
    """
    facts = list(facts)
    if all(fact.kind in OF_OTHERS for fact in facts):
        return facts  # as of most files that a commit changes: to load the steps would take longer than to inspect it
    from linter.assemble.join import join

    return join(facts, tree, knowledge, products, seller_account, region, public_data)
