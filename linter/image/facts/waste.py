"""Bytes that nobody uses: caches, files that later layers hide, duplicates, bytecode; and where the weight is."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from linter.image.facts.paths import path_table
from linter.lazy import compiled
from linter.references.sizes import shown_size

_PYTHON_FOLDER = compiled(r"/python([23])\.([0-9]{1,2})t?/os\.py$")

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.image.facts.view import View
    from linter.image.model import Entry, Merged
    from linter.model import Fact


def waste_facts(view: View) -> Iterator[Fact]:
    """`image.waste` facts, the largest first, up to the number that the table gives."""
    if view.merged is None:
        return
    least = view.knowledge.get("image_files.least_bytes")
    found = [
        *_caches(view, view.merged, least["cache"]),
        *_hidden(view, view.merged, least["hidden"]),
        *_duplicates(view, view.merged, least["duplicate"]),
        *_bytecode(view, view.merged, least["bytecode"]),
    ]
    found.sort(key=lambda fact: (-fact["size"], fact.location.path))
    yield from found[: view.knowledge.get("image_files.largest.waste")]


def _waste(view: View, kind: str, entries: list[Entry], manager: str | None = None, by: int | None = None) -> Fact:
    largest = max(entries, key=lambda entry: (entry.size, entry.path))
    size = sum(entry.size for entry in entries)
    return view.fact(
        "image.waste",
        largest.path,
        kind=kind,
        manager=manager,
        path=largest.path,
        files=len(entries),
        size=size,
        shown_size=shown_size(size),
        by=None if by is None else by + 1,
        by_step=view.created_by(by),
        **view.layer_fields(largest.layer),
    )


def _caches(view: View, merged: Merged, least: int) -> Iterator[Fact]:
    table = path_table(view.knowledge)
    groups: dict[tuple[str, int], list[Entry]] = defaultdict(list)
    for path, entry in merged.entries.items():
        manager = table.cache_of(path) if entry.kind == "file" and entry.size else None
        if manager:
            groups[manager, entry.layer].append(entry)
    for (manager, _), entries in groups.items():
        if sum(entry.size for entry in entries) >= least:
            yield _waste(view, "cache", entries, manager)


def _hidden(view: View, merged: Merged, least: int) -> Iterator[Fact]:
    """One fact for each pair of layers of which the later hides files of the earlier."""
    groups: dict[tuple[int, int, bool], list[Entry]] = defaultdict(list)
    for entry, by, replaced in merged.hidden:
        if entry.kind == "file" and entry.layer != by:
            groups[entry.layer, by, replaced].append(entry)
    for (_, by, replaced), entries in groups.items():
        if sum(entry.size for entry in entries) >= least:
            yield _waste(view, "replaced" if replaced else "deleted", entries, by=by)


def _duplicates(view: View, merged: Merged, least: int) -> Iterator[Fact]:
    """Large files that are in the image twice, by the digest of size and first bytes. Small ones are not compared."""
    groups: dict[tuple[int, bytes], list[Entry]] = defaultdict(list)
    for entry in merged.entries.values():
        if entry.kind == "file" and entry.head and entry.size >= least:
            groups[entry.size, entry.head].append(entry)
    for entries in groups.values():
        # Hard links of one layer share their bytes; only copies that layers hold apart surely cost twice.
        apart = sorted({entry.layer: entry for entry in entries}.values(), key=lambda entry: entry.layer)
        if len(apart) > 1:
            yield _waste(view, "duplicate", apart[:-1], by=apart[-1].layer)


def _bytecode(view: View, merged: Merged, least: int) -> Iterator[Fact]:
    """Bytecode of a Python that the image does not have: `module.cpython-38.pyc` beside Python 3.11."""
    tags: dict[str, list[Entry]] = defaultdict(list)
    present: set[str] = set()
    for path, entry in merged.entries.items():
        if path.endswith(".pyc") and ".cpython-" in path:
            tags[path.rsplit(".cpython-", 1)[1].split(".")[0]].append(entry)
        elif path.endswith("/os.py"):
            found = _PYTHON_FOLDER.search(path)
            if found:
                present.add(f"{found[1]}{found[2]}")
    for tag, entries in tags.items():
        if present and tag not in present and sum(entry.size for entry in entries) >= least:
            yield _waste(view, "bytecode", entries)


def wasted_by_layer(merged: Merged | None) -> Counter[int]:
    """Bytes of each layer that a later one hides."""
    wasted: Counter[int] = Counter()
    for entry, _, _ in merged.hidden if merged else ():
        if entry.kind == "file":
            wasted[entry.layer] += entry.size
    return wasted
