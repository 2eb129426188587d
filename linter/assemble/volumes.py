"""Whether model archives fit the disks of the instance types that requests support for batch transform."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.model import UNKNOWN, Fact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from linter.knowledge import Knowledge

_GB = 10**9


def settle_volumes(facts: Sequence[Fact], knowledge: Knowledge) -> list[Fact]:
    """The facts of one product, `attached_types` and `overflowed_types` of its archives settled by its requests."""
    lists = [fact["transform_types"] for fact in facts if fact.kind == "manifest.inference" and fact["place"] == "main"]
    if not lists or any(not isinstance(each, list) for each in lists):
        return list(facts)
    disks = knowledge.get("instance_types.local_storage_gb")
    sizes: dict[str, int | None] = {}
    for name in dict.fromkeys(name for each in lists for name in each):
        _, family, size = [*name.split("."), "", ""][:3]
        sizes[name] = disks.get(family, {}).get(size)
    if UNKNOWN in sizes:
        return list(facts)
    attached = [name for name, size in sizes.items() if size is None]
    return [_settled(fact, attached, sizes) if fact.kind == "model.archive" else fact for fact in facts]


def _settled(fact: Fact, attached: list[str], sizes: dict[str, int | None]) -> Fact:
    full = [name for name, size in sizes.items() if size is not None and size * _GB < fact["unpacked_bytes"]]
    return fact.with_fields(attached_types=attached, overflowed_types=full)
