"""Keeps what is slow to build, so that the next start only reads it.

An entry is a file of JSON whose name is a hash of all that went into it; there is nothing to invalidate. It carries a
checksum of its own, is written beside its place and moved there, and is never needed: whatever goes wrong with it, the
content is built again.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from linter import __version__

try:  # hashlib is this too, but loads all of OpenSSL with it, which takes longer than to hash every rule
    from _blake2 import blake2b
except ImportError:  # pragma: no cover - another Python than CPython
    from hashlib import blake2b

__all__ = ["RACY_NS", "Parts", "blake2b", "built", "cache_folder", "digest", "load", "load_bytes", "remembered"]
__all__ += ["save", "save_bytes", "stamped"]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    Inputs = Iterable[tuple[str, bytes]]

FORMAT = 3
"""Raised when the form of what is stored changes without a new version of mllint."""
PARTS = "parts"
"""How the names of files end whose values are decoded one by one."""
SHIPPED = Path(__file__).resolve().parent / "data" / "built"
"""What a wheel brings ready-made (`hatch_build.py`), so that a first run, as CI's always are, builds nothing."""
KEPT = 8
"""Entries of one name that stay; the oldest beyond them go."""


class Parts(Mapping[str, Any]):
    """Plain JSON values by name. Of those that come out of an entry, each is decoded when it is first asked for."""

    def __init__(self, decoded: dict[str, Any], places: Mapping[str, tuple[int, int]] | None = None, body: bytes = b""):
        """`places` says where in `body` the JSON text of each value begins and ends."""
        self._decoded, self._body = decoded, body
        self._places = dict.fromkeys(decoded, (0, 0)) if places is None else places

    def __getitem__(self, name: str) -> Any:
        if name not in self._decoded:
            begin, end = self._places[name]
            self._decoded[name] = json.loads(self._body[begin:end])
        return self._decoded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def built(name: str, key: str, build: Callable[[], dict[str, Any]]) -> Parts:
    """What `build()` returns (plain JSON values by name), from the package or the cache when it was built before.

    `key` is the digest of all that it is built from. Never raises because of the cache; whatever `build` raises passes
    through, and nothing is stored then.
    """
    folder = cache_folder()
    for holder in (SHIPPED, folder):
        body = _read_body(_place(holder, name, key, PARTS)) if holder else None
        if body is not None:
            with suppress(ValueError, TypeError):
                return _parts(body)
    values = build()
    if folder:
        place = _place(folder, name, key, PARTS)
        _write_body(place, _joined(values))
        _prune(folder, name, place, KEPT)
    return Parts(values)


def _joined(values: Mapping[str, Any]) -> bytes:
    """A line that says where each value's text begins and ends behind it, and these texts."""
    texts = b""
    places = {}
    for name, value in values.items():
        begin, texts = len(texts), texts + _text(value)
        places[name] = (begin, len(texts))
    return _text(places) + b"\n" + texts


def _parts(body: bytes) -> Parts:
    """What was joined. Raises ValueError and TypeError for what was not."""
    line, _, texts = body.partition(b"\n")
    return Parts({}, dict(json.loads(line)), texts)


def load(name: str, key: str) -> Any:
    """The entry of a name under a digest, or None when there is none that is whole."""
    folder = cache_folder()
    return _read(_place(folder, name, key)) if folder else None


def save(name: str, key: str, value: Any, kept: int = KEPT) -> None:
    """Keep plain JSON values under a digest, and of this name the `kept` newest entries. Never raises."""
    folder = cache_folder()
    if folder:
        place = _place(folder, name, key)
        _write(place, value)
        _prune(folder, name, place, kept)


def load_bytes(name: str, key: str) -> bytes | None:
    """The bytes of a name under a digest, or None when there are none that are whole. They count as used now."""
    folder = cache_folder()
    if folder is None:
        return None
    place = _place(folder, name, key, "bin")
    body = _read_body(place)
    if body is not None:
        with suppress(OSError):  # a folder that nobody may write in can be read all the same
            os.utime(place)
    return body


def save_bytes(name: str, key: str, body: bytes, most: int) -> None:
    """Keep bytes under a digest, and no more than `most` of a name: those go first that were not used for the longest.

    Never raises.
    """
    folder = cache_folder()
    if folder and len(body) <= most:
        place = _place(folder, name, key, "bin")
        _write_body(place, body)
        _prune_bytes(folder, name, place, most)


def _place(folder: Path, name: str, key: str, ending: str = "json") -> Path:
    return folder / f"{name}-{key[:40]}.{ending}"


RACY_NS = 2_000_000_000
"""A file changed this shortly before it was looked at may change again without its times showing it, as in git."""

Stamp = tuple[str, int, int, int]
"""Path, size and times (of change of content and of anything) of a file."""


def remembered(
    name: str, stamps: Iterable[Stamp], around: Sequence[tuple[str, bytes]], contents: Callable[[], Inputs]
) -> str:
    """The digest of the contents of files, which are read again only when sizes or times of these have changed.

    Times alone would be no use to other machines, so that the contents count. `around` is what else they depend on.
    """
    stamps = sorted(stamps)
    key = digest(f"times_{name}", [("files", repr(stamps).encode(errors="surrogateescape")), *around])
    kept = load(f"times_{name}", key)
    if isinstance(kept, str):
        return kept
    began = time.time_ns()
    found = digest(name, [*contents(), *around])
    if max((max(times) for _, _, *times in stamps), default=began) < began - RACY_NS:
        save(f"times_{name}", key, found)
    return found


def stamped(entry: os.DirEntry[str], base: str) -> Stamp:
    """The stamp of a file in a folder that is listed; its path is relative to `base`."""
    info = entry.stat()
    return entry.path[len(base) + 1 :], info.st_size, info.st_mtime_ns, info.st_ctime_ns


def digest(name: str, inputs: Iterable[tuple[str, bytes]]) -> str:
    """A hash of the inputs, the version of mllint and the format of the store."""
    whole = blake2b(f"{name}\0{FORMAT}\0{__version__}\0".encode(), digest_size=32)
    for path, content in sorted(inputs):
        whole.update(f"{path}\0{len(content)}\0".encode(errors="surrogateescape"))
        whole.update(content)
    return whole.hexdigest()


def cache_folder() -> Path | None:
    """The folder for cached files: MLLINT_CACHE_DIR, or the user's cache folder; None when MLLINT_NO_CACHE is set."""
    if os.environ.get("MLLINT_NO_CACHE", "") not in ("", "0"):
        return None
    if own := os.environ.get("MLLINT_CACHE_DIR"):
        return Path(own)
    base = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME")
    if base and os.path.isabs(base):  # noqa: PTH117 - the XDG specification says to ignore relative paths
        return Path(base, "mllint")
    home = os.path.expanduser("~")  # noqa: PTH111 - does not raise without a home, unlike Path.home()
    if not os.path.isabs(home):  # noqa: PTH117
        return None
    return Path(home, "Library/Caches" if sys.platform == "darwin" else ".cache", "mllint")


def _read(place: Path) -> Any:
    """The stored value, or None when there is none that is whole. (None itself is never worth storing.)"""
    try:
        body = _read_body(place)
        return None if body is None else json.loads(body.decode("ascii"))
    except (ValueError, RecursionError):
        return None


def _read_body(place: Path) -> bytes | None:
    """What stands behind the checksum, or None when there is nothing that is whole."""
    try:
        checksum, _, body = place.read_bytes().partition(b"\n")
    except OSError:
        return None
    return body if _checksum(body) == checksum else None


def _checksum(body: bytes) -> bytes:
    return blake2b(body, digest_size=32).hexdigest().encode()


def _text(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def _write(place: Path, value: Any) -> None:
    _write_body(place, _text(value))


def _write_body(place: Path, body: bytes) -> None:
    # The module tempfile would do it too, and takes longer to load than all that is written here.
    temporary = place.with_name(f".{place.name}-{os.getpid()}-{time.monotonic_ns()}")
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(_checksum(body) + b"\n" + body)
        os.replace(temporary, place)  # noqa: PTH105 - the same call on every system; readers see the old or the new
    except OSError:
        _remove(temporary)


def _prune(folder: Path, name: str, newest: Path, kept: int) -> None:
    """Remove the oldest entries of a name. Another run may do the same at once, so anything may vanish meanwhile."""
    try:
        places = [place for place in folder.iterdir() if place.name.removeprefix(".").startswith(f"{name}-")]
    except OSError:
        return
    aged = sorted((_age(place), str(place)) for place in places if place != newest)
    for _, place in aged[: max(0, len(aged) - kept + 1)]:
        _remove(Path(place))


def _prune_bytes(folder: Path, name: str, newest: Path, most: int) -> None:
    """Remove what was not used for the longest until the rest of a name fits. Anything may vanish meanwhile."""
    try:
        places = [place for place in folder.iterdir() if place.name.removeprefix(".").startswith(f"{name}-")]
        left = most - newest.stat().st_size
    except OSError:
        return
    for _, place in sorted(((_age(place), str(place)) for place in places if place != newest), reverse=True):
        left -= _size(Path(place))
        if left < 0:
            _remove(Path(place))


def _size(place: Path) -> int:
    try:
        return place.stat().st_size
    except OSError:
        return 0


def _age(place: Path) -> float:
    try:
        return place.stat().st_mtime
    except OSError:
        return 0.0


def _remove(place: Path) -> None:
    try:
        place.unlink()
    except OSError:
        return
