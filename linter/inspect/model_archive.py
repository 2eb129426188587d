"""Reads model archives: what lies in them, by the names of their files, and the few small files among them that tell a
serving stack what to load. Nothing is unpacked to the disk.
"""

from __future__ import annotations

import gzip
import io
import posixpath
import tarfile
import zlib
from typing import TYPE_CHECKING, Any

from linter.inspect.model_configuration import inspect as inspect_settings
from linter.inspect.model_configuration import is_known_by_name
from linter.model import UNKNOWN, Artifact, Fact, Inspection, Location, Notice, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.knowledge import Knowledge

MEMBERS_LIMIT = 20_000
UNPACKED_LIMIT_BYTES = 128 * 1024 * 1024
"""How far an archive is followed. What comes later is not seen, and a notice says so."""
_CONTENT_LIMIT_BYTES = 64 * 1024
SETTINGS_LIMIT = 50
"""Files with settings that are read in one archive,"""
SETTINGS_BYTES = 512 * 1024
"""and how large each of them may be."""
_SHOWN = 10
_LONGEST = 200
_MAGIC = (
    (b"\x1f\x8b", "gzip"),
    (b"PK\x03\x04", "zip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
)
_TAR_MAGIC, _TAR_MAGIC_AT = b"ustar", 257
# Files that macOS adds, and archives of its.
_DROPPINGS = ("._", ".DS_Store", "__MACOSX")
_BROKEN = (tarfile.TarError, EOFError, zlib.error, OSError, ValueError, OverflowError, RecursionError)


def inspect(artifact: Artifact, data: bytes, knowledge: Knowledge) -> Inspection:
    """The `model.archive` of an archive, and notices about what in it was not read."""
    path = artifact.path
    listing = _Listing(knowledge)
    form = _form(data)
    if form == "gzip":
        reader = _Bounded(gzip.GzipFile(fileobj=io.BytesIO(data)))
        form, listing.ended = _follow(reader, listing)
    complete = listing.ended and artifact.size <= len(data)
    if form == "gzip" and artifact.size > len(data):
        form = "gzip_tar" if listing.files else UNKNOWN
    fields = {"path": path, "form": form, "complete": complete and form == "gzip_tar", **listing.fields(complete)}
    notices = [*_notices(path, form, complete, listing)]
    settings = _settings(listing, path, complete, knowledge) if form == "gzip_tar" else ()
    return Inspection((Fact("model.archive", Location(path, Span()), fields), *settings), tuple(notices))


def _settings(listing: _Listing, path: str, complete: bool, knowledge: Knowledge) -> Iterator[Fact]:
    """The `model.setting` facts of files in the archive. They lie at the archive: nothing else is in the repository."""
    for member, data in listing.settings.items():
        artifact = Artifact(member, "model_configuration", len(data))
        for fact in inspect_settings(artifact, data, knowledge).facts:
            if fact.kind == "model.setting":
                where, exists = fact["destination"], fact["path_exists"]
                if exists is not None:
                    beside = posixpath.normpath(posixpath.join(posixpath.dirname(member), fact["value"]))
                    has = listing.has(beside)
                    exists = "yes" if has else "no" if complete and fact["value"] != UNKNOWN else UNKNOWN
                    where = "local" if has else where
                fields = {**fact.fields, "member": member, "path_exists": exists, "destination": where}
                yield Fact("model.setting", Location(path, Span()), fields)


def _form(data: bytes) -> str:
    for magic, name in _MAGIC:
        if data.startswith(magic):
            return name
    return "tar" if data[_TAR_MAGIC_AT:].startswith(_TAR_MAGIC) else "other"


class _Bounded:
    """The unpacked bytes of a gzip file, up to a bound or to where it is cut off or broken."""

    def __init__(self, source: gzip.GzipFile) -> None:
        self.source = source
        self.left = UNPACKED_LIMIT_BYTES
        self.cut = self.told_end = False

    def read(self, size: int) -> bytes:
        """What comes next; nothing at the end, and an error for who asks again: a member may claim terabytes that the
        archive does not have, and `tarfile` would look for each block of them.
        """
        parts: list[bytes] = []
        wanted = min(size, self.left)
        while wanted and not self.cut:
            try:
                part = self.source.read1(wanted)
            except (EOFError, zlib.error, OSError):
                self.cut = True
                break
            if not part:
                break
            parts.append(part)
            wanted -= len(part)
            self.left -= len(part)
        if not parts and self.told_end:
            raise EOFError
        self.told_end = not parts
        return b"".join(parts)


def _follow(reader: _Bounded, listing: _Listing) -> tuple[str, bool]:
    """Goes through an archive. Returns what it is, and whether its end was reached."""
    try:
        # Read as a stream: of no member but a requirements file is the content looked at.
        with tarfile.open(fileobj=reader, mode="r|", errorlevel=0) as archive:  # type: ignore[call-overload]
            for member in archive:
                archive.members = []  # the module keeps all of them otherwise
                if not listing.add(member):
                    return "gzip_tar", False
                if listing.installs(member):
                    content = archive.extractfile(member)
                    listing.read(content.read(_CONTENT_LIMIT_BYTES) if content is not None else b"")
                if listing.wants(member) and (file := archive.extractfile(member)) is not None:
                    listing.settings[posixpath.normpath(member.name)] = file.read(SETTINGS_BYTES)
    except _BROKEN:
        return ("gzip_tar" if listing.files else "gzip"), False
    return "gzip_tar", reader.left > 0 and not reader.cut


class _Listing:
    """The members of an archive, as far as they say something."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.table: dict[str, Any] = knowledge.get("model_files.archives")
        self.settings: dict[str, bytes] = {}
        self.ended = False
        self.count = self.files = self.size = 0
        self.names: set[str] = set()
        self.folders: set[str] = set()
        self.unsafe: list[str] = []
        self.twice: list[str] = []
        self.code: list[str] = []
        self.builtin: list[str] = []
        self.requirements = False
        self.needs_index: tuple[int, str | None] = (0, None)

    def add(self, member: tarfile.TarInfo) -> bool:
        """Takes note of a member. Returns False when there were too many."""
        self.count += 1
        if self.count > MEMBERS_LIMIT:
            return False
        name = member.name
        target = member.linkname if member.issym() or member.islnk() else None
        if _leaves(name) or (target is not None and _leaves(_target(member))):
            self.unsafe.append(name)
        if member.isdir():
            self.folders.add(posixpath.normpath(name))
            return True
        if any(part.startswith(_DROPPINGS) for part in name.split("/")):
            return True
        name = posixpath.normpath(name)
        if name in self.names:
            self.twice.append(name)
        self.names.add(name)
        self.files += 1
        self.size += max(member.size, 0)
        base = posixpath.basename(name)
        if base.endswith(".py"):
            self.code.append(name)
        self.requirements |= name in self.table["requirements"]
        if base in self.table["builtin_algorithms"]:
            self.builtin.append(name)
        return True

    def installs(self, member: tarfile.TarInfo) -> bool:
        """Whether a serving toolkit installs a member when the container starts."""
        return member.isfile() and posixpath.normpath(member.name) == self.table["installed"]

    def read(self, content: bytes) -> None:
        """Takes note of what the requirements file asks for."""
        from linter.inspect.requirements import needs_index

        self.needs_index = needs_index(content.decode("utf-8", "replace"))

    def wants(self, member: tarfile.TarInfo) -> bool:
        """Whether a member is a file with settings that is to be read."""
        if not member.isreg() or not 0 < member.size <= SETTINGS_BYTES or len(self.settings) >= SETTINGS_LIMIT:
            return False
        return is_known_by_name(member.name, self.knowledge) and not _leaves(member.name)

    def has(self, path: str) -> bool:
        """Whether a file or folder of that path is in the archive."""
        if path in (".", "") or path in self.names or path in self.folders:
            return True
        return any(name.startswith(f"{path}/") for name in self.names)

    def fields(self, complete: bool) -> dict[str, Any]:
        return {
            "files": self.files,
            "unpacked_bytes": self.size,
            "attached_types": UNKNOWN,
            "overflowed_types": UNKNOWN,
            "unsafe": _shown(self.unsafe),
            "twice": _shown(self.twice),
            "code": _shown(self.code),
            "requirements": self.requirements,
            "builtin": _shown(self.builtin),
            "folder": self._folder() if complete else UNKNOWN,
            "named": UNKNOWN,
            "needs_index": self.needs_index[0],
            "example": self.needs_index[1],
            "toolkit": UNKNOWN,
        }

    def _folder(self) -> str | None:
        """The one folder that holds all files and is none that a model consists of."""
        tops = {name.partition("/")[0] for name in self.names if "/" in name}
        only = next(iter(tops)) if len(tops) == 1 and all("/" in name for name in self.names) else None
        return only if only in self.table["wrapping"] else None


def _target(member: tarfile.TarInfo) -> str:
    """Where a link leads, from the archive's root. Hard links name a member of it."""
    if member.islnk() or member.linkname.startswith("/"):
        return member.linkname
    return posixpath.join(posixpath.dirname(member.name), member.linkname)


def _leaves(name: str) -> bool:
    """Whether a name leads out of the folder that an archive is unpacked to."""
    return name.startswith("/") or posixpath.normpath(name or ".").split("/")[0] == ".."


def _shown(names: list[str]) -> list[str]:
    return [name[:_LONGEST] for name in names[:_SHOWN]]


def _notices(path: str, form: str, complete: bool, listing: _Listing) -> Iterator[Notice]:
    if form in ("gzip_tar", UNKNOWN) and not complete:
        text = "only the first files of this archive were looked at: it is large, or it is cut off"
        yield Notice("archive-sampled", text, path)
    if listing.code:
        text = (
            f"programs in this archive were not read: {', '.join(_shown(listing.code)[:3])}; check their folder as well"
        )
        yield Notice("archive-code", text, path)
