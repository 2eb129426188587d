"""Addresses of databases, caches and queues: `redis://cache.internal:6379/0`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.knowledge import Knowledge

LONGEST = 2000
_UNSETTLED = re.compile(r"[{}<>$%*]|\.\.\.")


def remote_store(value: str, knowledge: Knowledge) -> str | None:
    """The address of a store on another machine without what may be secret in it; None for every other text."""
    pattern: re.Pattern[str] = knowledge.index("references.stores.whole", _whole)
    value = value.strip().strip("'\"")
    return _shown(value) if len(value) <= LONGEST and pattern.search(value) else None


def remote_stores(text: str, knowledge: Knowledge) -> Iterator[tuple[str, int, int]]:
    """The addresses of stores on other machines in a text, each with where it starts and ends.

    Those whose host is left open, or stands for one in a sample, are none.
    """
    table = knowledge.get("network.settings_stores")
    pattern: re.Pattern[str] = knowledge.index("references.stores.within", _within)
    samples = frozenset(table["sample_hosts"])
    for found in pattern.finditer(text):
        address = found.group().rstrip(".,;)")
        shown = remote_store(address, knowledge)
        if shown is None or _UNSETTLED.search(shown):
            continue
        if shown.partition("://")[2].partition(":")[0].lower() not in samples:
            yield shown, found.start(), found.start() + len(address)


def _whole(knowledge: Knowledge) -> re.Pattern[str]:
    return re.compile(knowledge.get("network.remote_store_pattern"))


def _within(knowledge: Knowledge) -> re.Pattern[str]:
    schemes = "|".join(map(re.escape, knowledge.get("network.settings_stores.schemes")))
    return re.compile(rf"(?<![\w+])(?:{schemes})(?:\+[a-z0-9_]{{1,30}})?://[^\s'\"`,]{{1,{LONGEST}}}")


def _shown(address: str) -> str:
    """Scheme, host and port: what stands before the host may be a password."""
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{re.split('[/?#]', rest.rpartition('@')[2])[0]}"
