"""Between inspect and assemble: the requests that Python puts together, as if they stood in a file.

Sellers seldom keep a request in a file: a notebook builds it over several cells, with helpers in other modules. This
step works it out where inspection has found a call that sends one. Nothing is run: an evaluator of our own follows the
code as far as values are written in it, and what only a run would tell is unknown. It is bounded in steps, depth and
size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from linter.knowledge import Knowledge
    from linter.model import Fact, Notice
    from linter.tree import Tree


class Evaluated(NamedTuple):
    """All facts, those about requests in code among them, and what could not be worked out."""

    facts: list[Fact]
    notices: list[Notice]
    failure: str | None = None
    """Set when mllint itself failed on some code; all else still holds."""


def evaluate(facts: Sequence[Fact], tree: Tree, knowledge: Knowledge) -> Evaluated:
    """Add the facts of requests that code sends. Facts of files that these requests were read from are left out."""
    found = Evaluated(list(facts), [])
    if any(fact.kind == "request.call" for fact in facts):
        from linter.evaluate.entries import evaluated

        found = evaluated(facts, tree, knowledge)
    if any(fact.kind == "settings.use" for fact in found.facts):
        from linter.evaluate.settings import with_settings

        found = found._replace(facts=with_settings(found.facts, tree))
    if any(fact.kind == "value.handed" for fact in found.facts):
        from linter.evaluate.handed import with_handed

        found = found._replace(facts=with_handed(found.facts, tree, knowledge))
    if any(fact.kind == "iam.role" and fact["document"] is not None for fact in found.facts):
        from linter.evaluate.policies import settle_policies

        found = found._replace(facts=settle_policies(found.facts, tree))
    if any(fact.kind == "manifest.metric" for fact in found.facts):
        from linter.evaluate.metrics import settle_metrics

        return found._replace(facts=settle_metrics(found.facts, tree, knowledge))
    return found
