"""What COPY and ADD take, and where in the image it lands."""

from __future__ import annotations

import posixpath
from collections import deque
from typing import TYPE_CHECKING

from linter.model import UNKNOWN
from linter.references.credential_files import credential_files
from linter.references.patterns import matches_glob
from linter.references.sizes import shown_size

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from linter.assemble.build import Build
    from linter.knowledge import Knowledge
    from linter.model import Fact
    from linter.tree import Entry

_SHOWN = 10
_LOOKED_AT = 2000
"""Files and folders below a copied folder that are looked at."""


def settled_copy(copy: Fact, build: Build, bases: dict[int, Fact], knowledge: Knowledge) -> Fact:
    """A COPY or ADD with what the build context and the base image say about it."""
    place = _reserved(copy["destination"], knowledge)
    if place == knowledge.get("container.reserved_tree"):
        place = _reserved_below(copy, build, knowledge) or place
    unsure = knowledge.get("secrets.judge_by_content")
    found = _credential_files(copy, build, knowledge)
    files = list(_files_taken(copy, build))
    largest = max(files, key=lambda entry: entry.size, default=None)
    size = sum(entry.size for entry in files)
    return copy.with_fields(
        source_state=build.source_state(copy),
        dockerignore="present" if build.has_ignore_file else "absent",
        reserved_place=place,
        aws_base=_aws_base(copy, build, bases, knowledge),
        leftovers=_leftovers(copy, build, knowledge),
        credential_files=[path for path, kind in found if kind not in unsure],
        possible_credential_files=[path for path, kind in found if kind in unsure],
        copied_bytes=size,
        copied_size=shown_size(size),
        largest_copied=largest.path if largest is not None and largest.size else None,
    )


def clones(scripts: Mapping[str, Sequence[Fact]]) -> frozenset[str]:
    """Folders that scripts clone a repository into: its own name, unless another is given."""
    found = set()
    for commands in scripts.values():
        for command in commands:
            if command["program"] != "git" or command["arguments"][:1] != ["clone"]:
                continue
            words = [word for word in command["arguments"][1:] if word != UNKNOWN]
            at = next((number for number, word in enumerate(words) if "://" in word or word.startswith("git@")), None)
            if at is not None:
                target = words[at + 1] if len(words) > at + 1 and not words[at + 1].startswith("-") else words[at]
                found.add(target.rstrip("/").rpartition("/")[2].removesuffix(".git"))
    return frozenset(found)


def _reserved(destination: str, knowledge: Knowledge) -> str | None:
    """The reserved place that a destination lies in: a folder right below the tree, else the tree itself."""
    if destination == UNKNOWN:
        return UNKNOWN
    tree: str = knowledge.get("container.reserved_tree")
    inside = destination.rstrip("/") + "/"
    if not inside.startswith(f"{tree}/"):
        return None
    places = knowledge.get("container.places").values()
    direct = [place for place in places if place.rpartition("/")[0] == tree]
    return next((place for place in direct if inside.startswith(f"{place}/")), tree)


def _reserved_below(copy: Fact, build: Build, knowledge: Knowledge) -> str | None:
    """The place that a copied folder brings along: one that holds `input/` lands on the mounted input."""
    places = knowledge.get("container.places")
    names = {name.rpartition("/")[2] for name in build.names_in(copy)}
    return next((places[name] for name in ("input", "output", "model") if name in names), None)


def _aws_base(copy: Fact, build: Build, bases: dict[int, Fact], knowledge: Knowledge) -> str:
    """Whether the image stands on one of AWS's own, or on its toolkit, which both keep code under the reserved tree."""
    groups = [fact["owner_group"] for fact in bases.values() if not set(copy["images"]).isdisjoint(fact["images"])]
    toolkits = (*knowledge.get("container.serve_distributions"), *knowledge.get("container.train_distributions"))
    words = [word for command in build.commands if "install" in command["arguments"] for word in command["arguments"]]
    if any(group not in (None, UNKNOWN) for group in groups) or any(word.startswith(toolkits) for word in words):
        return "yes"
    return UNKNOWN if UNKNOWN in groups else "no"


def _leftovers(copy: Fact, build: Build, knowledge: Knowledge) -> list[str]:
    """What of a whole copied build context plainly does not belong into an image."""
    if not copy["whole_context"] or copy["from_kind"] != "context":
        return []
    patterns = knowledge.get("product.leftovers")
    names = {path.rpartition("/")[2] for path in build.names_in(copy) if not build.ignores(path)}
    return sorted(name for name in names if any(matches_glob(pattern, name) for pattern in patterns))[:_SHOWN]


def _files_taken(copy: Fact, build: Build) -> Iterator[Entry]:
    """The files that a COPY takes from the context, as far as they are looked at: there may be more."""
    if copy["from_kind"] != "context" or copy["source_kind"] not in ("path", "glob"):
        return
    waiting = deque(build.sources_of(copy))
    for _ in range(_LOOKED_AT):
        if not waiting:
            return
        entry = waiting.popleft()
        if build.ignores(entry.path):
            continue
        if entry.kind == "folder":
            waiting += build.tree.entries(entry.path)
        elif entry.kind == "file":
            yield entry


def _credential_files(copy: Fact, build: Build, knowledge: Knowledge) -> list[tuple[str, str]]:
    """Files in a copied folder whose names tell of credentials, each with what it usually holds.

    What a whole copied context holds at its top is told among what does not belong there.
    """
    if copy["from_kind"] != "context" or copy["source_kind"] not in ("path", "glob"):
        return []
    told = {posixpath.join(build.context, name) for name in _leftovers(copy, build, knowledge)}
    others = frozenset(knowledge.get("product.test_folders")) | frozenset(knowledge.get("product.folders_of_others"))
    waiting = [path for path in build.names_in(copy) if path not in told]
    credentials = credential_files(knowledge)
    found: list[tuple[str, str]] = []
    seen = 0
    while waiting and seen < _LOOKED_AT and len(found) < _SHOWN:
        path = waiting.pop(0)
        seen += 1
        name = path.rpartition("/")[2]
        if name in others or build.ignores(path):
            continue
        kind = credentials.kind(path, or_folder=True)
        entry = build.tree.entry(path)
        if kind is not None:
            found.append((path, kind))
        elif entry is not None and entry.kind == "folder":
            waiting += [each.path for each in build.tree.entries(path)]
    return sorted(found)
