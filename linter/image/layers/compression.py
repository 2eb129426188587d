"""Bytes of a layer or an archive as they were before they were compressed. Told by their first bytes, not by a name.

Never more is held than a piece of the input and a piece of the output, however much a few bytes expand to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.image.model import ImageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from linter.image.model import Stream

GZIP, ZSTD, NONE = "gzip", "zstd", "none"

INPUT = 128 * 1024
"""Bytes that are asked of the source at once."""
FIRST_WINDOW = 4 * 1024
"""Bytes that a decompressor gets first. Members of a few bytes each would otherwise have the rest copied every time."""

_GZIP_MEMBER = b"\x1f\x8b"
_ZSTD_FRAME = b"\x28\xb5\x2f\xfd"
_SKIPPABLE_FRAME = b"\x2a\x4d\x18"  # after a byte from 0x50 to 0x5f
_OTHERS = {b"\xfd7zXZ\0": "xz", b"BZh": "bzip2", b"\x04\x22\x4d\x18": "lz4"}
_MAGIC_BYTES = 6


class Corrupt(ImageError):
    """Compressed bytes or an archive cannot be read on from here. `code` is the problem's."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def decompressed(stream: Stream, window_log: int) -> tuple[str, Stream]:
    """The compression of a stream (`gzip`, `zstd` or `none`) and its bytes after decompression.

    `window_log` bounds the memory of zstd: 2 to its power, in bytes. The stream that comes back raises Corrupt when
    what it reads is damaged, ends early or is compressed in a way that images do not have; what the source raises
    passes through.
    """
    first = _beginning(stream)
    if first.startswith(_GZIP_MEMBER):
        return GZIP, _Members(stream, first, _new_gzip(), _GZIP_MEMBER)
    if _is_zstd(first):
        return ZSTD, _Members(stream, first, _new_zstd(window_log), None)
    for magic, name in _OTHERS.items():
        if first.startswith(magic):
            raise Corrupt("compression-unknown", f"compressed with {name}; images have gzip or zstd")
    return NONE, _Plain(stream, first)


def is_compressed(beginning: bytes) -> bool:
    """Whether these first bytes are those of a stream that `decompressed` decompresses."""
    return beginning.startswith(_GZIP_MEMBER) or _is_zstd(beginning)


def _beginning(stream: Stream) -> bytes:
    """The first bytes, enough to tell the compression."""
    first = b""
    while len(first) < _MAGIC_BYTES and (more := stream.read(INPUT)):
        first += more
    return first


def _is_zstd(first: bytes) -> bool:
    return first.startswith(_ZSTD_FRAME) or (first[1:4] == _SKIPPABLE_FRAME and 0x50 <= first[0] <= 0x5F)


class _Plain:
    """A stream of which the first bytes have been read already."""

    def __init__(self, stream: Stream, first: bytes) -> None:
        self._first, self._stream = first, stream

    def read(self, size: int, /) -> bytes:
        if self._first:
            piece, self._first = self._first[:size], self._first[size:]
            return piece
        return self._stream.read(size)

    def seekable(self) -> bool:
        try:
            return bool(self._stream.seekable())  # type: ignore[attr-defined]
        except AttributeError:
            return False

    def seek(self, offset: int, whence: int) -> None:
        """Go on from here alone (`whence` 1)."""
        self._stream.seek(offset - len(self._first), whence)  # type: ignore[attr-defined]
        self._first = b""


class _Members:
    """Bytes of one gzip member or zstd frame after the other."""

    def __init__(self, stream: Stream, first: bytes, new: Callable[[], _Gzip | _Zstd], magic: bytes | None) -> None:
        self._stream, self._new, self._magic = stream, new, magic
        self._input, self._at = memoryview(first), 0
        self._window = FIRST_WINDOW
        self._member = new()

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes, none at the end. Raises Corrupt."""
        while True:
            if self._member.ended and not self._another():
                return b""
            if self._at == len(self._input) and not self._member.holds_back and not self._refill():
                raise Corrupt("layer-truncated", "the compressed data ends before its end")
            piece = self._input[self._at : self._at + self._window]
            content, used = self._member.feed(piece, size)
            self._at += used
            self._window = min(2 * self._window, INPUT)
            if content:
                return content

    def _another(self) -> bool:
        """Whether another member begins here."""
        if self._at == len(self._input) and not self._refill():
            return False
        beginning = self._input[self._at : self._at + 2]
        if self._magic and self._magic[: len(beginning)] != beginning:
            raise Corrupt("bytes-after-end", "other bytes follow behind the compressed data")
        self._member, self._window = self._new(), FIRST_WINDOW
        return True

    def _refill(self) -> bool:
        self._input, self._at = memoryview(self._stream.read(INPUT)), 0
        return bool(self._input)


class _Gzip:
    """One gzip member."""

    def __init__(self, module: Any) -> None:
        self._object, self._error = module.decompressobj(wbits=31), module.error
        self.ended = self.holds_back = False

    def feed(self, piece: memoryview, size: int) -> tuple[bytes, int]:
        """At most `size` bytes of content, and how many bytes of the piece were used."""
        try:
            content = self._object.decompress(piece, size)
        except self._error as error:
            raise _damaged(GZIP, error) from None
        self.ended = self._object.eof
        self.holds_back = len(content) == size and not self.ended
        left = self._object.unused_data if self.ended else self._object.unconsumed_tail
        return content, len(piece) - len(left)


def _new_gzip() -> Callable[[], _Gzip]:
    try:
        from isal import isal_zlib as module  # takes half the time of zlib
    except ImportError:
        import zlib as module  # type: ignore[no-redef]
    return lambda: _Gzip(module)


class _Zstd:
    """One zstd frame, or a frame that is to be skipped."""

    def __init__(self, module: Any, options: dict[Any, int]) -> None:
        self._object, self._error = module.ZstdDecompressor(options=options), module.ZstdError
        self.ended = self.holds_back = False

    def feed(self, piece: memoryview, size: int) -> tuple[bytes, int]:
        """At most `size` bytes of content, and how many bytes of the piece were used."""
        try:
            content = self._object.decompress(piece, size)
        except self._error as error:
            raise _damaged(ZSTD, error) from None
        self.ended = self._object.eof
        self.holds_back = not self.ended and not self._object.needs_input
        return content, len(piece) - len(self._object.unused_data) if self.ended else len(piece)


def _new_zstd(window_log: int) -> Callable[[], _Zstd]:
    import sys

    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    options: dict[Any, int] = {zstd.DecompressionParameter.window_log_max: window_log}
    return lambda: _Zstd(zstd, options)


def _damaged(kind: str, error: Exception) -> Corrupt:
    said = " ".join(str(error).split())
    return Corrupt("layer-damaged", f"the {kind} data is damaged ({said})")
