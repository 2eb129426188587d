"""The steps in order. Nothing else calls one step from another.

A run whose findings are kept needs none of the steps, so they are imported only when they are called.
"""

from __future__ import annotations

import json
import time
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.collecting import without_collections
from linter.config import Config, config_of
from linter.discover import Discovery, discover
from linter.inspect.registry import SAMPLED
from linter.inspect.text import READ_LIMIT_BYTES, NotText, Source
from linter.judge.examples import packed
from linter.judge.load import load_knowledge, load_rules
from linter.model import EMPTY, SEVERITIES, Fact, Finding, Notice, Report
from linter.tree import DiskTree, MemoryTree, Tree, clean
from linter.watch import WatchedTree

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from linter.image.facts.advisories import Advisories
    from linter.image.model import BuiltImage
    from linter.inspect.cache import FactCache
    from linter.inspect.run import Inspected
    from linter.judge.examples import Content
    from linter.judge.load import RuleSet
    from linter.judge.ruleset import Head
    from linter.knowledge import Knowledge
    from linter.model import Artifact

EXCERPT_LIMIT_BYTES = 16 * 1024 * 1024

AUXILIARY = frozenset(
    {"shell", "script", "python", "notebook", "dockerignore", "compose", "python_project", "requirements", "source"}
    | {"makefile", "terraform", "locked", "licence", "store_settings"}
    | {"data", "access_policy", "model_archive", "listing_text", "picture", "packed_data"}
)
"""Kinds that say nothing about a product by themselves: scripts that send no request are nothing to check."""

NO_PRODUCT = frozenset({"artifact.notice", "suppression"})
"""Facts whose findings tell of no product either: what was not read, a comment that suppresses nothing."""

OF_PRODUCT = ("manifest.", "listing.", "notebook.sample", "request.file")
"""How the kinds of facts begin that are about a product whatever file they stand in: what a script or notebook requests
of AWS, and how a notebook shows the product to buyers."""

EXIT_CLEAN, EXIT_FINDINGS, EXIT_USAGE, EXIT_NOTHING, EXIT_INTERNAL = 0, 1, 2, 3, 4


def check(
    tree: Tree,
    wanted: Sequence[str],
    config: Config,
    rules: RuleSet,
    knowledge: Knowledge,
    *,
    base: str = ".",
    whole: bool = True,
    progress: Any = None,
    images: Sequence[BuiltImage] = (),
) -> Report:
    """Run all steps over the wanted paths of a tree, and over built images.

    `whole` is False when single files were named, so that nothing is concluded from what was not looked at. `progress`
    is called with (done, total) while files are inspected.
    """
    began = time.perf_counter()
    enabled = _enabled(rules, config)
    task = _Task(wanted, config, rules, enabled, knowledge, _prefix(config, base), whole, progress, images)
    try:
        report = _kept_or_run(tree, task)
    except Exception:
        if not isinstance(tree, WatchedTree):
            raise
        tree = DiskTree(tree.base)  # a cache that others can write may hold what no inspector says
        report = _kept_or_run(tree, task)
    return replace(
        report,
        rules=enabled,
        requirements=enabled.requirements,
        sources=_sources(_view(tree, images), report),
        base=base,
        seconds=time.perf_counter() - began,
    )


def _view(tree: Tree, images: Sequence[BuiltImage]) -> Tree:
    """The files of a run, those of its images among them."""
    if not images:
        return tree
    from linter.image.tree import mounted

    return mounted(tree, images)


class _Task(NamedTuple):
    """What is to be done with a tree. `prefix` is the configuration's folder relative to the tree's base."""

    wanted: Sequence[str]
    config: Config
    rules: RuleSet
    enabled: RuleSet
    knowledge: Knowledge
    prefix: str
    whole: bool
    progress: Any
    images: Sequence[BuiltImage] = ()


def _kept_or_run(tree: Tree, task: _Task) -> Report:
    """What a run says about files. Of a `WatchedTree`, facts and findings are kept and taken from what was kept."""
    if not isinstance(tree, WatchedTree) or task.rules.digest is None:
        return _run(tree, task, None)
    from linter.identity import identity
    from linter.inspect.cache import FactCache

    if task.images:  # what was read of them is kept by layer
        return _run(tree, task, FactCache(identity(), task.knowledge.digest))
    from linter.replay import Replay

    code, settings = identity(), replace(task.config, jobs=0)
    inputs = (code, task.knowledge.digest, task.rules.digest, settings, task.prefix, task.whole)
    replay = Replay(tree, task.wanted, inputs)
    report = replay.find()
    if report is not None:
        return replace(report, cached=len(report.artifacts))
    report = _run(tree, task, FactCache(code, task.knowledge.digest))
    replay.keep(report)
    return report


@without_collections()
def _run(tree: Tree, task: _Task, cache: FactCache | None) -> Report:
    """All steps; the report lacks what does not come from files."""
    from linter.assemble import assemble
    from linter.evaluate import evaluate
    from linter.inspect.run import inspect_all
    from linter.inspect.suppressions import suppressions_of
    from linter.judge.evaluate import judge
    from linter.triage import RuleNames, triage

    config, knowledge, enabled, prefix = task.config, task.knowledge, task.enabled, task.prefix
    exclude = [f"{prefix}/{glob}" if prefix and "/" in glob else glob for glob in config.exclude]
    found = discover(tree, task.wanted, exclude)
    inspected = inspect_all(tree, found.artifacts, knowledge, config.jobs, task.progress, cache)
    evaluated = evaluate(inspected.facts, tree, knowledge)
    inspected.notices.extend(evaluated.notices)
    if evaluated.failure:
        inspected = inspected._replace(failure=inspected.failure or evaluated.failure)
    inspected = inspected._replace(facts=evaluated.facts)
    if task.images:
        tree, found, inspected = _with_images(tree, task, exclude, found, inspected)
    facts = assemble(
        inspected.facts,
        tree,
        knowledge,
        products=[f"{prefix}/{p}" if prefix else p for p in config.products],
        seller_account=config.seller_account,
        region=config.region,
        public_data=[_from_base(prefix, place) for place in config.public_data],
    )
    inspected.notices.extend(_unplaced(facts))
    findings = judge(facts, enabled)
    if task.images:
        from linter.image.anchor import anchored

        findings = anchored(findings, task.images, facts)
    names = RuleNames(_names(task.rules), frozenset(head.id for head in enabled.heads))
    beside = {each.location.path for each in findings} - {artifact.path for artifact in found.artifacts}
    comments = [*inspected.suppressions, *suppressions_of(tree, beside)]
    sorted_out = triage(findings, comments, config, names, base_prefix=prefix, whole=task.whole)
    own = [fact for fact in sorted_out.suppressions if fact.location.path not in beside]
    shown = [*sorted_out.findings, *judge(own, enabled)]
    some = _something_to_check(found, facts, task.wanted)
    return _report(found, inspected, shown, sorted_out.suppressed, config.fail_on, some, cache.hits if cache else 0)


def artifacts_of(
    tree: Tree, wanted: Sequence[str], exclude: Sequence[str], knowledge: Knowledge, images: Sequence[BuiltImage] = ()
) -> list[Artifact]:
    """What a run would inspect, in the order of paths, with the files of built images behind those of the tree."""
    found = list(discover(tree, wanted, exclude).artifacts)
    if images:
        from linter.built import files_of

        view = _view(tree, images)
        found += [each for image in images for each in files_of(image, view, knowledge, exclude).artifacts]
    return found


def _with_images(
    tree: Tree, task: _Task, exclude: Sequence[str], found: Discovery, inspected: Inspected
) -> tuple[Tree, Discovery, Inspected]:
    """The tree, the artifacts and the facts of a run with those of its built images."""
    from linter.built import open_images

    view = _view(tree, task.images)
    known = _advisories(tree, task)
    opened = open_images(task.images, view, task.knowledge, exclude, task.config.jobs, task.progress, known)
    new = opened.inspected
    everything = Discovery(
        (*found.artifacts, *opened.artifacts), (*found.notices, *opened.notices), found.listed + len(opened.artifacts)
    )
    joined = inspected._replace(
        facts=[*inspected.facts, *new.facts],
        suppressions=[*inspected.suppressions, *new.suppressions],
        notices=[*inspected.notices, *new.notices, *(known.notices if known else ())],
        failure=inspected.failure or new.failure,
    )
    return view, everything, joined


def _advisories(tree: Tree, task: _Task) -> Advisories | None:
    """What the files of known vulnerabilities say that the configuration names."""
    from linter.image.facts.advisories import read_files

    names = [_from_base(task.prefix, path) for path in task.config.advisories]
    return read_files(tree, names) if names else None


def _something_to_check(found: Discovery, facts: Iterable[Fact], wanted: Sequence[str]) -> bool:
    """Whether any file is about a product by its kind or by what it says, or is data that was asked for by name."""
    named = {clean(path) for path in wanted}
    if any(artifact.kind not in AUXILIARY for artifact in found.artifacts):
        return True
    if any(artifact.kind in SAMPLED and artifact.path in named for artifact in found.artifacts):
        return True  # who names a data file wants to know what is in it
    return any(fact.kind.startswith(OF_PRODUCT) for fact in facts)


def _unplaced(facts: Iterable[Fact]) -> Iterable[Notice]:
    """Images that were not judged as the product's: silence about them is not approval."""
    for fact in facts:
        if fact.kind == "image.start" and fact["last"] and fact["purpose"] != "sagemaker":
            text = "not judged as the product's image: nothing in it is made for SageMaker"
            yield Notice("image-not-the-products", text, fact.location.path, fact.location.span)


def facts_of(tree: Tree, wanted: Sequence[str], knowledge: Knowledge, images: Sequence[BuiltImage] = ()) -> list[Fact]:
    """The facts of the wanted paths and of built images, joined, in the order of their places."""
    from linter.assemble import assemble
    from linter.evaluate import evaluate
    from linter.inspect.run import inspect_all

    inspected = inspect_all(tree, discover(tree, wanted).artifacts, knowledge)
    found = evaluate(inspected.facts, tree, knowledge).facts
    if images:
        from linter.built import open_images

        tree = _view(tree, images)
        found = [*found, *open_images(images, tree, knowledge).inspected.facts]
    facts = assemble(found, tree, knowledge)
    return sorted(facts, key=lambda fact: (fact.location.path, fact.location.span, fact.kind))


def _from_base(prefix: str, place: str) -> str:
    """A declared place as the tree's base sees it: S3 locations as they are, paths below the configuration's folder."""
    return place if "://" in place or not prefix else f"{prefix}/{place}"


def _prefix(config: Config, base: str) -> str:
    """The configuration's folder relative to the base; empty when they are the same or unrelated."""
    from pathlib import Path

    if config.folder is None:
        return ""
    try:
        relative = config.folder.resolve().relative_to(Path(base).resolve()).as_posix()
    except ValueError:
        return ""
    return "" if relative == "." else relative


def _names(rules: RuleSet) -> dict[str, str]:
    return {name: head.variant_of or head.id for head in rules.heads for name in (head.id, head.name)}


def _enabled(rules: RuleSet, config: Config) -> RuleSet:
    """The rules that the configuration selects, with the severities it gives them."""
    chosen = [head for head in rules.heads if not config.select or _named(head, config.select)]
    return rules.only([head for head in chosen if not _named(head, config.ignore)], config.severities)


def _named(rule: Head, names: Iterable[str]) -> bool:
    """By id, by family (the letters of the id), or by name."""
    return any(name in (rule.id, rule.name, rule.id[:3]) for name in names)


def _report(
    found: Discovery,
    inspected: Inspected,
    shown: list[Finding],
    suppressed: list[Finding],
    fail_on: str,
    something: bool,
    cached: int,
) -> Report:
    def order(finding: Finding) -> tuple[Any, ...]:
        return (finding.location.path, finding.location.span, finding.rule, finding.message)

    findings = tuple(sorted(shown, key=order))
    failure = inspected.failure
    return Report(
        findings=findings,
        suppressed=tuple(sorted(suppressed, key=order)),
        notices=(*found.notices, *inspected.notices),
        artifacts=found.artifacts,
        rules=(),
        fail_on=fail_on,
        exit_code=EXIT_INTERNAL if failure else _exit_code(findings, something, fail_on),
        cached=cached,
        error=failure,
    )


def _exit_code(findings: Sequence[Finding], something: bool, fail_on: str) -> int:
    if any(finding.rule == "MLL001" for finding in findings):
        return EXIT_INTERNAL
    failing = SEVERITIES[: SEVERITIES.index(fail_on) + 1] if fail_on in SEVERITIES else ()
    if any(finding.severity in failing for finding in findings):
        return EXIT_FINDINGS
    return EXIT_CLEAN if something or any(finding.kind not in NO_PRODUCT for finding in findings) else EXIT_NOTHING


def _sources(tree: Tree, report: Report) -> Mapping[str, str]:
    """Texts of the files that have findings, up to a bound in total. Of data none, so that no report repeats what is
    too private to be in the product; nor of files that an image should not hold, which may be secrets; nor of the
    configuration of an image, which is no file.
    """
    findings = (*report.findings, *report.suppressed)
    unshown = {artifact.path for artifact in report.artifacts if artifact.kind in SAMPLED or artifact.kind == "image"}
    unshown |= {finding.location.path for finding in findings if finding.kind == "image.file"}
    texts: dict[str, str] = {}
    left = EXCERPT_LIMIT_BYTES
    for path in sorted({finding.location.path for finding in findings} - unshown):
        try:
            data = tree.read(path, min(READ_LIMIT_BYTES, left))
            texts[path] = Source(path, data).text
        except (OSError, NotText, KeyError):
            continue
        left -= len(data)
        if left <= 0:
            break
    return texts


def check_texts(
    files: Mapping[str, Content],
    executable: frozenset[str],
    settings: Mapping[str, Any],
    images: Mapping[str, Mapping[str, Any]] = EMPTY,
    extra: tuple[Path, ...] = (),
) -> list[Finding]:
    """Findings over a few files in memory and descriptions of images, as the examples of rules need them. `extra` are
    folders of further rules.
    """
    config = config_of(settings)
    rules = _rules(extra, json.dumps(config.parameters, sort_keys=True))
    tree = MemoryTree({path: packed(content) for path, content in files.items()}, executable)
    report = check(tree, [""] if files else [], config, rules, _knowledge(), images=built_images(images))
    if report.error:
        raise RuntimeError(report.error)
    return list(report.findings)


def built_images(images: Mapping[str, Mapping[str, Any]]) -> list[BuiltImage]:
    """The images that the descriptions in an example stand for."""
    if not images:
        return []
    from linter.image.examples import built_image

    return [built_image(name, given, _knowledge()) for name, given in images.items()]


@lru_cache(maxsize=32)
def _rules(extra: tuple[Path, ...], parameters: str) -> RuleSet:
    return load_rules(extra=extra, parameters=json.loads(parameters))


@lru_cache(maxsize=1)
def _knowledge() -> Knowledge:
    return load_knowledge()
