"""How much of a database is read, and what stands for the rest."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 5.0
MOST_PACKAGES = 50_000
MOST_FILES = 50_000
LONGEST = 200
"""Characters of a name or a version."""


class Unreadable(Exception):
    """One clause about the database that says why it, or the rest of it, cannot be read."""


def bounded(blobs: Iterator[bytes], size: int) -> Iterator[bytes]:
    """Blobs of a database of so many bytes, which cannot hold more than itself. Raises Unreadable."""
    left, end = size, time.monotonic() + SECONDS
    for number, blob in enumerate(blobs):
        left -= len(blob)
        if left < 0:
            raise Unreadable("its entries have more bytes than it has itself")
        if number >= MOST_PACKAGES:
            raise Unreadable(f"it has more than {MOST_PACKAGES} entries")
        if time.monotonic() > end:
            raise Unreadable(f"it takes more than {SECONDS:.0f} seconds to read")
        yield blob
