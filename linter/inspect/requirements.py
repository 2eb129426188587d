"""Reads requirements files of pip: what an installation of them would fetch from a package index."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from linter.inspect.text import NotText, Source
from linter.lazy import compiled
from linter.model import UNKNOWN, Fact, Inspection, Location, Notice, Span
from linter.references.distributions import normal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from linter.knowledge import Knowledge
    from linter.model import Artifact

LINES_LIMIT = 5_000
_NO_INDEX = frozenset({"--no-index", "--offline"})
SHOWN = 200

_COMMENT = compiled(r"(?:^|[ \t])#.*$")
_NAME = compiled(r"([A-Za-z0-9](?:[A-Za-z0-9._-]{0,100}[A-Za-z0-9])?)[ \t]*(?:\[[^\]]{0,200}\])?[ \t]*(?:[=<>!~;@]|$)")
_VERSION = compiled(r"==[ \t]*([0-9][0-9A-Za-z.+!-]{0,40})(?![*\w])")
_FILE_ADDRESS = compiled(r"(?:^|@[ \t]*)file:", 0)
_OPTION = compiled(r"(--?[a-zA-Z][a-z-]*)(?:[ \t=]+(\S+))?")
_PACKED = compiled(r"([A-Za-z0-9](?:[A-Za-z0-9._]{0,100}[A-Za-z0-9])?)-[0-9]")
_ARCHIVES = (".whl", ".tar.gz", ".zip", ".tar.bz2")


class Requirement(NamedTuple):
    """One requirement. `name` is None for a path or a bare address."""

    name: str | None
    text: str
    local: bool
    start: int
    end: int


def inspect(artifact: Artifact, data: bytes, knowledge: Knowledge) -> Inspection:
    """One `requirements.file` fact. Bad input gives a notice."""
    try:
        source = Source(artifact.path, data)
    except NotText as reason:
        text = f"this requirements file was not read: {reason}"
        return Inspection(notices=(Notice("not-text", text, artifact.path),))
    fact = file_fact(artifact.path, None, source.text, source.span)
    return Inspection((fact,))


def file_fact(path: str, place: Location | None, text: str, span: Callable[[int, int], Span]) -> Fact:
    """The `requirements.file` of some requirements. It stands at `place`, else at the first that needs an index."""
    requirements, options = _read(text)
    remote = [each for each in requirements if not each.local] if options.isdisjoint(_NO_INDEX) else []
    first = span(remote[0].start, remote[0].end) if remote else place.span if place else Span()
    names = sorted({normal(name) for each in requirements if (name := each.name or _archived(each.text))})
    fields = {
        "path": path,
        "beside": [],
        "needs_index": len(remote),
        "example": remote[0].text[:SHOWN] if remote else None,
        "only_local": bool(requirements) and not remote,
        "distributions": names[:LINES_LIMIT],
        "pins": dict(_pins(requirements)),
        "installed_by": UNKNOWN,
        "toolkit": UNKNOWN,
        "installed_in_build": UNKNOWN,
        "in_image": UNKNOWN,
        "scope": UNKNOWN,
    }
    return Fact("requirements.file", place or Location(path, first), fields, {"example": first})


def needs_index(text: str) -> tuple[int, str | None]:
    """How many requirements of a text need a package index, and the first of them."""
    requirements, options = _read(text)
    remote = [each for each in requirements if not each.local] if options.isdisjoint(_NO_INDEX) else []
    return len(remote), remote[0].text[:SHOWN] if remote else None


def _pins(requirements: list[Requirement]) -> Iterator[tuple[str, str]]:
    """The versions that are asked for exactly."""
    for each in requirements:
        version = _VERSION.search(each.text) if each.name else None
        if version and each.name:
            yield normal(each.name), version[1]


def _read(text: str) -> tuple[list[Requirement], set[str]]:
    """Requirements in order, and the options that stand alone. A file that another includes counts as a requirement."""
    requirements: list[Requirement] = []
    options: set[str] = set()
    for line, start in _lines(text):
        bare = _COMMENT.sub("", line).strip()
        if not bare:
            continue
        at = start + line.index(bare[0])
        option = _OPTION.match(bare) if bare.startswith("-") else None
        if option is None:
            requirements.append(_requirement(bare, at))
        elif option.group(1) in ("-e", "--editable"):
            requirements.append(_requirement(option.group(2) or ".", at)._replace(text=bare, end=at + len(bare)))
        elif option.group(1) in ("-r", "--requirement"):
            requirements.append(Requirement(None, bare, False, at, at + len(bare)))
        else:
            options.add(option.group(1))
    return requirements, options


def _archived(text: str) -> str | None:
    """The distribution that an archive holds, by the archive's name."""
    name = text.partition("#")[0].partition(" ")[0].rpartition("/")[2]
    found = _PACKED.match(name) if name.endswith(_ARCHIVES) else None
    return found[1] if found else None


def _requirement(text: str, at: int) -> Requirement:
    name = _NAME.match(text)
    path = text.partition(" ")[0].partition("[")[0]
    local = path.startswith((".", "/", "~")) or (path.endswith(_ARCHIVES) and "://" not in text)
    local = local or bool(_FILE_ADDRESS.search(text))
    known = None if name is None or path.endswith(_ARCHIVES) else name.group(1)
    return Requirement(known, text, local, at, at + len(text))


def _lines(text: str) -> Iterator[tuple[str, int]]:
    """Lines with the offset of their first character; one that ends with a backslash takes the next along."""
    at, held, held_at = 0, "", 0
    for line in text.split("\n")[:LINES_LIMIT]:
        start, at = at, at + len(line) + 1
        bare = line.removesuffix("\r")
        held, held_at = (held + bare, held_at) if held else (bare, start)
        if held.endswith("\\"):
            held = held[:-1]
            continue
        yield held, held_at
        held = ""
    if held:
        yield held, held_at
