"""Step two over many artifacts: in this process or in several, and never stopped by one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from linter.inspect.cache import pack, unpack
from linter.inspect.registry import SAMPLED, inspector_of, read_limit
from linter.inspect.suppressions import MARK, suppressions_in
from linter.inspect.text import READ_LIMIT_BYTES, NotText, Source, is_damaged
from linter.model import Artifact, Fact, Inspection, Location, Notice, Span
from linter.watch import WatchedTree

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from linter.inspect.cache import FactCache
    from linter.knowledge import Knowledge
    from linter.tree import Tree
    from linter.watch import Read

POOL_FROM_ARTIFACTS = 100
"""Fewer artifacts are inspected about as fast in one process. On two cores 60 take 0.30 s alone and 0.24 s in two
processes, 600 take 2.0 s and 1.25 s."""
CACHE_FROM_ARTIFACTS = 2
"""A single file, as a hook hands over, is inspected in less time than it takes to load the database and open it. If the
same is asked again, the findings of the whole run are kept anyway."""
CHUNKS_PER_WORKER = 64
"""Small enough for all workers to end together."""
COLLECT_EVERY = 50
"""Artifacts between two collections of what inspectors leave behind."""


class Inspected(NamedTuple):
    """Facts of many artifacts, the comments that suppress findings, and what could not be read."""

    facts: list[Fact]
    suppressions: list[Fact]
    notices: list[Notice]
    failure: str | None


def inspect_all(
    tree: Tree,
    artifacts: Sequence[Artifact],
    knowledge: Knowledge,
    jobs: int = 1,
    progress: Any = None,
    cache: FactCache | None = None,
) -> Inspected:
    """Read every artifact into facts, in other processes when there are many. Facts keep the order of artifacts.

    `cache` gives the facts of what it knows and is told the rest; only for a `WatchedTree`, which knows contents.
    """
    result = Inspected([], [], [], None)
    failures = []
    cache = cache if len(artifacts) >= CACHE_FROM_ARTIFACTS else None
    watched = tree if cache and isinstance(tree, WatchedTree) else None
    ones: dict[int, One] = _kept(watched, artifacts, cache) if watched and cache else {}
    missing = [number for number in range(len(artifacts)) if number not in ones]
    try:
        found = _inspections(tree, [artifacts[number] for number in missing], knowledge, jobs, watched is not None)
        for number, done in zip(missing, found, strict=True):
            ones[number] = _unpacked(artifacts[number], done, watched, cache) if watched and cache else done[:3]
            if progress:
                progress(len(ones), len(artifacts))
    finally:  # what was inspected before something ended the run is kept as well
        if cache:
            cache.write()
    for number in range(len(artifacts)):
        inspection, suppressions, failure = ones[number]
        result.facts.extend(inspection.facts)
        result.notices.extend(inspection.notices)
        result.suppressions.extend(suppressions)
        failures += [failure] if failure else []
    return result._replace(failure="; ".join(failures[:3]) or None)


One = tuple[Inspection, list[Fact], str | None]


class Packed(NamedTuple):
    """What one artifact gave, and the same packed if it can be kept. When it `travelled` from another process, `packed`
    alone has it.
    """

    inspection: Inspection
    suppressions: list[Fact]
    failure: str | None
    packed: bytes | None = None
    read: Read | None = None
    travelled: bool = False


def _kept(tree: WatchedTree, artifacts: Sequence[Artifact], cache: FactCache) -> dict[int, One]:
    """What the cache knows, by the artifact's number."""
    known: dict[int, One] = {}
    for number, artifact in enumerate(artifacts if cache.worth_asking else ()):
        if _is_read(artifact):
            content = tree.digest(artifact.path, read_limit(artifact.kind))
            kept = cache.get(artifact, content) if content else None
            if kept:
                known[number] = (kept.inspection, kept.suppressions, None)
    cache.close()
    return known


def _unpacked(artifact: Artifact, done: One | Packed, tree: WatchedTree, cache: FactCache) -> One:
    """The facts of an artifact that was just inspected; the cache and the tree learn of them."""
    if not isinstance(done, Packed):
        return done
    if done.read is not None:
        tree.saw([(artifact.path, done.read)])
    elif _is_read(artifact):
        tree.unsteady = True
    if done.packed is None or done.read is None:
        return done[:3]
    cache.put(artifact, done.read.digest, done.packed)
    if not done.travelled:
        return done[:3]
    kept = unpack(done.packed, artifact.path)
    return kept.inspection, kept.suppressions, None


def _inspections(
    tree: Tree, artifacts: Sequence[Artifact], knowledge: Knowledge, jobs: int, packing: bool
) -> Iterator[One | Packed]:
    import os

    workers = jobs or (os.cpu_count() or 1 if len(artifacts) >= POOL_FROM_ARTIFACTS else 1)
    if min(workers, len(artifacts)) < 2:
        yield from _without_collections(_inspect(tree, artifact, knowledge, packing) for artifact in artifacts)
        return
    from concurrent.futures import ProcessPoolExecutor

    size = max(1, len(artifacts) // (workers * CHUNKS_PER_WORKER))
    chunks = [artifacts[start : start + size] for start in range(0, len(artifacts), size)]
    with ProcessPoolExecutor(workers, initializer=_start_worker, initargs=(tree, knowledge, packing)) as pool:
        for done in pool.map(_work, chunks):
            yield from done


_worker: dict[str, Any] = {}


def _start_worker(tree: Tree, knowledge: Knowledge, packing: bool) -> None:
    _worker.update(tree=tree, knowledge=knowledge, packing=packing)


def _without_collections(found: Iterator[One | Packed]) -> Iterator[One | Packed]:
    """The same with few garbage collections: what inspectors make is live, or gone with its last reference."""
    import gc

    collects = gc.isenabled()
    gc.disable()
    try:
        for number, each in enumerate(found, 1):
            yield each
            if number % COLLECT_EVERY == 0:
                gc.collect(1)
    finally:
        if collects:
            gc.enable()


def _work(artifacts: Sequence[Artifact]) -> list[One | Packed]:
    import gc

    done = []
    found = (_inspect(_worker["tree"], artifact, _worker["knowledge"], _worker["packing"]) for artifact in artifacts)
    for one in _without_collections(found):
        if isinstance(one, Packed) and one.packed:  # the packed form says it all and travels faster
            one = one._replace(inspection=Inspection(), suppressions=[], travelled=True)
        done.append(one)
    gc.collect(1)  # a chunk may be smaller than what calls for a collection
    return done


def _inspect(tree: Tree, artifact: Artifact, knowledge: Knowledge, packing: bool) -> One | Packed:
    if not packing or not isinstance(tree, WatchedTree):
        return inspect_one(tree, artifact, knowledge)
    before, tree.unsteady = tree.unsteady, False
    inspection, suppressions, failure = inspect_one(tree, artifact, knowledge)
    changed, tree.unsteady = tree.unsteady, before
    read = None if changed or not _is_read(artifact) else tree.reads.get(artifact.path)
    packed = pack(inspection, suppressions, artifact.path) if read and failure is None else None
    return Packed(inspection, suppressions, failure, packed, read)


def inspect_one(tree: Tree, artifact: Artifact, knowledge: Knowledge) -> One:
    """Facts, suppression comments and, when mllint itself failed, a sentence about that. Never raises."""
    if not _is_read(artifact):
        megabytes = READ_LIMIT_BYTES // 1_048_576
        text = f"not inspected: {artifact.size} bytes; files over {megabytes} MiB are not read"
        return _unread(artifact, text, code="too-large"), [], None
    try:
        data = tree.read(artifact.path, read_limit(artifact.kind))
        inspector = inspector_of(artifact.kind)
        inspection = inspector(artifact, data, knowledge) if inspector else Inspection()
        if artifact.kind not in SAMPLED and is_damaged(data):
            text = "read with some bytes replaced: it is not UTF-8 throughout; save it as UTF-8"
            notices = (*inspection.notices, Notice("not-utf-8", text, artifact.path))
            inspection = inspection._replace(notices=notices)
        suppressions = suppressions_in(Source(artifact.path, data)) if MARK in data else []
        return _with_notices(artifact, inspection, data), suppressions, None
    except OSError as error:
        return _unread(artifact, f"not inspected: {error.strerror or error}"), [], None
    except NotText as error:
        return _unread(artifact, f"not inspected: {error}"), [], None
    except Exception as error:
        sentence = f"the {artifact.kind} inspector failed on {artifact.path}: {type(error).__name__}: {error}"
        return _unread(artifact, f"not inspected: {sentence}; please report this", "error"), [], sentence


def _is_read(artifact: Artifact) -> bool:
    return artifact.size <= READ_LIMIT_BYTES or artifact.kind in SAMPLED


def _unread(artifact: Artifact, message: str, level: str = "warning", code: str = "not-inspected") -> Inspection:
    return _with_notices(artifact, Inspection((), (Notice(code, message, artifact.path, level=level),)), b"")


_TEMPLATE_MARKS = (b"{{", b"{%", b"<%", b"${")


def _with_notices(artifact: Artifact, inspection: Inspection, data: bytes) -> Inspection:
    """Notices are facts too, so that rules give them a severity and nothing unread passes for clean."""
    if not inspection.notices:
        return inspection
    templated = any(mark in data for mark in _TEMPLATE_MARKS)
    facts = tuple(
        Fact(
            "artifact.notice",
            Location(notice.path or artifact.path, notice.span or Span()),
            {
                "artifact": artifact.kind,
                "code": notice.code,
                "level": notice.level,
                "message": notice.message,
                "templated": templated,
            },
        )
        for notice in inspection.notices
    )
    return inspection._replace(facts=(*inspection.facts, *facts))
