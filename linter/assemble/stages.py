"""Stages of a Dockerfile: which are built on which, and what a name in COPY --from means."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from linter.model import Fact


class Stages:
    """The stages of one Dockerfile."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        self._beginnings = [fact for fact in facts if fact.kind == "dockerfile.from" and fact["stage"] is not None]
        self._lineages: dict[int, frozenset[int]] = {}

    def named(self, name: str | None, before: int) -> int | None:
        """The stage that an earlier name or number means; None when it is none of this Dockerfile."""
        for fact in reversed(self._beginnings):
            stage: int = fact["stage"]
            if stage < before and name is not None and (fact["stage_name"] == name.lower() or str(stage) == name):
                return stage
        return None

    def holds(self, fact: Fact, stage: int) -> bool:
        """Whether an instruction bears upon a stage: it stands there, or in a stage that it is built on."""
        return stage in fact["images"] or fact["stage"] in self._lineage(stage)

    def _lineage(self, stage: int) -> frozenset[int]:
        if stage not in self._lineages:
            found, at = set(), self._at(stage)
            while at is not None and at["stage"] not in found:
                found.add(at["stage"])
                above = self.named(at["image"], at["stage"]) if at["base"] == "stage" else None
                at = self._at(above) if above is not None else None
            self._lineages[stage] = frozenset(found)
        return self._lineages[stage]

    def _at(self, stage: int) -> Fact | None:
        return next((fact for fact in self._beginnings if fact["stage"] == stage), None)
