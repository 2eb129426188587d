"""Which file a fact belongs to: parts of a request that code builds may stand in others than the one that sends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.model import UNKNOWN

if TYPE_CHECKING:
    from linter.model import Fact


def home_of(fact: Fact) -> str:
    """The path of the file that sends the request a fact is about; for all other facts the path where it stands."""
    name = fact.fields.get("request_id")
    if fact.elsewhere is None or not isinstance(name, str) or name == UNKNOWN:
        return fact.location.path
    return name.rpartition("#")[0]


def is_aside(fact: Fact) -> bool:
    """Whether a fact is about a request of code that is not for sale: such code may stand in any folder."""
    return fact.elsewhere is not None and fact.fields.get("marketplace") == "no"
