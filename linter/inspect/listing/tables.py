"""The table `listing`, made ready for lookups."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from linter.inspect.listing.promises import promises_of

if TYPE_CHECKING:
    from linter.knowledge import Knowledge

_SIGNS = re.compile(r"[\W_]")


class Tables:
    """What the Catalog API knows: entities, types of changes, shapes of their details; and words of listings."""

    def __init__(self, knowledge: Knowledge) -> None:
        table: dict[str, Any] = knowledge.get("listing")
        self.shapes: dict[str, dict[str, Any]] = table["shapes"]
        self.renamed: dict[str, str] = table["renamed"]
        self.changes: dict[str, dict[str, str | None]] = table["changes"]
        self.dimension_changes = frozenset(table["dimension_changes"])
        self.private_changes = frozenset(table["private_changes"])
        self.extensions: dict[str, list[str]] = table["extensions"]
        entities = table["entities"]
        self.entities = {entities["product"]: "product", entities["offer"]: "offer"}
        self.names = {kind: name for name, kind in self.entities.items()}
        self._like = {kind: re.compile(entities[f"like_{kind}"]) for kind in ("product", "offer")}
        self.arns = {role: re.compile(pattern) for role, pattern in table["arns"].items()}
        self.hourly: dict[str, str] = table["dimensions"]["hourly"]
        self.per_request = frozenset(table["dimensions"]["per_request"])
        self.per_request_like = re.compile(table["dimensions"]["per_request_like"])
        self.price = re.compile(table["dimensions"]["price_pattern"])
        hosts = table["hosts"]
        self.code_hosts, self.raw_hosts = frozenset(hosts["code"]), frozenset(hosts["raw"])
        self.host_patterns = {kind: re.compile(hosts[kind]) for kind in ("private", "storage", "cdn")}
        words = table["words"]
        groups = ("call", "claims", "metric", "latency", "medical", "medical_use")
        self.words = {name: re.compile("|".join(words[name]), re.IGNORECASE) for name in groups}
        self.promises = promises_of(knowledge)
        self.topics = {name: re.compile(text, re.IGNORECASE) for name, text in words["training_topics"].items()}

    def entity_kind(self, name: str) -> str:
        """product, offer, like_product, like_offer (misspelt) or other."""
        if name in self.entities:
            return self.entities[name]
        letters = _SIGNS.sub("", name.lower())
        return next((f"like_{kind}" for kind, pattern in self._like.items() if pattern.search(letters)), "other")

    def entities_of(self, change: str) -> list[str]:
        """The entities that a type of change is for."""
        return [kind for kind, changes in self.changes.items() if change in changes]


def tables_of(knowledge: Knowledge) -> Tables:
    """The table, made once a run."""
    tables: Tables = knowledge.index("inspect.listing", Tables)
    return tables
