"""Digests of streams, worked out in a thread beside whatever makes the bytes; hashing holds up no other thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import _Hash
    from queue import Queue
    from threading import Thread
    from types import TracebackType

    Pieces = list[tuple[_Hash, bytes]]

ALGORITHMS = ("sha256", "sha512")
"""Those that the image specification names."""

_TOGETHER = 1024 * 1024
"""Bytes that are handed to the thread at once: to hand over costs as much as to hash some kilobytes."""
_WAITING = 4
"""How often that much may wait for the thread, so that memory stays bounded."""
_INLINE = 1024 * 1024
"""Bytes that are hashed before a thread is worth its start."""


class Digests:
    """A context manager; the thread ends with it."""

    def __init__(self) -> None:
        self._queue: Queue[Pieces | None] | None = None
        self._thread: Thread | None = None
        self._pieces: Pieces = []
        self._seen = 0

    def __enter__(self) -> Digests:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.settle()

    def new(self, algorithm: str) -> Digest:
        """A digest by an algorithm that ALGORITHMS names."""
        return Digest(self, algorithm)

    def add(self, target: _Hash, piece: bytes) -> None:
        """Hash a piece, now or soon."""
        self._seen += len(piece)
        if self._queue is None:
            target.update(piece)
            if self._seen > _INLINE:
                self._start()
            return
        self._pieces.append((target, piece))
        if self._seen > _TOGETHER:
            self._hand_over(self._queue)

    def settle(self) -> None:
        """Wait until everything is hashed."""
        if self._queue is not None and self._thread is not None:
            self._hand_over(self._queue)
            self._queue.put(None)
            self._thread.join()
        self._queue = self._thread = None
        self._seen = 0

    def _hand_over(self, queue: Queue[Pieces | None]) -> None:
        queue.put(self._pieces)
        self._pieces, self._seen = [], 0

    def _start(self) -> None:
        from queue import Queue
        from threading import Thread

        self._seen = 0
        self._queue = Queue(_WAITING)
        self._thread = Thread(target=_work, args=(self._queue,), name="digests", daemon=True)
        self._thread.start()


def _work(queue: Queue[Pieces | None]) -> None:
    while (pieces := queue.get()) is not None:
        for target, piece in pieces:
            target.update(piece)


class Digest:
    """One digest; pieces are hashed in the order in which they came."""

    def __init__(self, digests: Digests, algorithm: str) -> None:
        import hashlib

        self._digests, self.algorithm = digests, algorithm
        self._hash = hashlib.new(algorithm)

    def update(self, piece: bytes) -> None:
        """Hash one more piece."""
        self._digests.add(self._hash, piece)

    def told(self) -> str:
        """The digest as images write it, of everything so far."""
        self._digests.settle()
        return f"{self.algorithm}:{self._hash.hexdigest()}"
