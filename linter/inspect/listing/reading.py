"""What all facts about one change set share, and the list they are put on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from linter.inspect.listing.tables import Tables, tables_of
from linter.model import UNKNOWN, Fact, Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linter.inspect.listing.changes import Change
    from linter.inspect.manifest.request import Node
    from linter.knowledge import Knowledge

MOST_FACTS = 20_000
"""Facts of one change set. Real ones give a few hundred."""
ALGORITHM, PACKAGE = "algorithm", "model_package"
_OPTIONS = "DeliveryOptions"


@dataclass
class Reading:
    """One change set, and what was read of it so far."""

    change_set: str
    knowledge: Knowledge
    facts: list[Fact] = field(default_factory=list)
    guesses: int = 200
    """How many more names may be compared with all others to find what was meant: that is slow."""
    keys: set[tuple[str, str]] = field(default_factory=set)
    """Dimensions that were met, by the list that they stand in."""
    priced: dict[int, tuple[dict[str, set[str]], bool]] = field(default_factory=dict)
    """By the number of a change: the types with a price for each way of use, and whether these are all."""

    @property
    def tables(self) -> Tables:
        return tables_of(self.knowledge)

    @property
    def full(self) -> bool:
        return len(self.facts) >= MOST_FACTS

    def guess(self) -> bool:
        """Whether another name may be guessed."""
        self.guesses -= 1
        return self.guesses >= 0

    def emit(
        self, kind: str, change: Change, node: Node, fields: Mapping[str, Any], spans: Mapping[str, Span] | None = None
    ) -> None:
        """Put a fact about a value of a change on the list."""
        common = {"change_set": self.change_set, "change_type": change.type, "pointer": change.pointer(node)}
        self.facts.append(Fact(kind, node.location, {**common, **fields}, dict(spans or {})))


def option_of(reading: Reading, change: Change, node: Node) -> tuple[str | None, str]:
    """The delivery option that a value stands in (None: in none), and whether it is an algorithm's or a package's."""
    pointer = node.pointer
    if _OPTIONS not in pointer:
        return None, UNKNOWN
    at = pointer.index(_OPTIONS) + 2
    inside = [part for part in pointer[at:] if isinstance(part, str)]
    owner = type(node)(node.request, pointer[:at], None)
    name = f"{reading.change_set}|{change.index}|{change.pointer(owner)}"
    return name, kind_of_details(inside[1]) if len(inside) > 1 else UNKNOWN


def kind_of_details(member: str) -> str:
    """algorithm, model_package or unknown, by the member that holds the details of a delivery option."""
    letters = member.lower()
    return ALGORITHM if "algorithm" in letters else PACKAGE if "modelpackage" in letters else UNKNOWN


def above(node: Node, levels: int = 1) -> Any:
    """The value some levels above a value."""
    value: Any = node.request.document.value
    for part in node.pointer[: len(node.pointer) - levels]:
        value = value[part]
    return value
