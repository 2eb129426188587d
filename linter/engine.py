"""The steps in order. Nothing else calls one step from another."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.assemble import assemble
from linter.config import Config, config_of
from linter.discover import Discovery, discover
from linter.inspect.registry import inspector_of
from linter.inspect.suppressions import MARK, suppressions_in
from linter.inspect.text import NotText, Source, is_damaged
from linter.judge.evaluate import judge
from linter.judge.load import load_knowledge, load_rules
from linter.model import SEVERITIES, Artifact, Fact, Finding, Inspection, Location, Notice, Report, Span
from linter.tree import MemoryTree, Tree
from linter.triage import RuleNames, triage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from linter.judge.load import RuleSet
    from linter.knowledge import Knowledge

READ_LIMIT_BYTES = 8 * 1024 * 1024
"""Larger files are not read: no Dockerfile, configuration or request is; a notice names them."""
POOL_FROM_ARTIFACTS = 1500
"""Fewer artifacts are inspected faster in one process than it takes to start others; see benchmarks/."""
EXCERPT_LIMIT_BYTES = 16 * 1024 * 1024

AUXILIARY = frozenset({"shell", "script", "dockerignore"})
"""Kinds that say nothing about a product by themselves: scripts alone are nothing to check."""

EXIT_CLEAN, EXIT_FINDINGS, EXIT_USAGE, EXIT_NOTHING, EXIT_INTERNAL = 0, 1, 2, 3, 4


class Inspected(NamedTuple):
    """Facts of many artifacts, the comments that suppress findings, and what could not be read."""

    facts: list[Fact]
    suppressions: list[Fact]
    notices: list[Notice]
    failure: str | None


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
) -> Report:
    """Run all steps over the wanted paths of a tree.

    `whole` is False when single files were named, so that nothing is concluded from what was not looked at. `progress`
    is called with (done, total) while files are inspected.
    """
    began = time.perf_counter()
    prefix = _prefix(config, base)
    exclude = [f"{prefix}/{glob}" if prefix and "/" in glob else glob for glob in config.exclude]
    found = discover(tree, wanted, exclude)
    inspected = inspect_all(tree, found.artifacts, knowledge, config.jobs, progress)
    facts = assemble(
        inspected.facts,
        tree,
        knowledge,
        products=[f"{prefix}/{p}" if prefix else p for p in config.products],
        seller_account=config.seller_account,
        region=config.region,
    )
    inspected.notices.extend(_unplaced(facts))
    enabled = _enabled(rules, config)
    findings = judge(facts, enabled)
    names = RuleNames(_names(rules), frozenset(rule.id for rule in enabled.rules))
    sorted_out = triage(findings, inspected.suppressions, config, names, base_prefix=prefix, whole=whole)
    shown = [*sorted_out.findings, *judge(sorted_out.suppressions, enabled)]
    return _report(
        tree, found, inspected, shown, sorted_out.suppressed, enabled, config, base, time.perf_counter() - began
    )


def _unplaced(facts: Iterable[Fact]) -> Iterable[Notice]:
    """Images that were not judged as the product's: silence about them is not approval."""
    for fact in facts:
        if fact.kind == "image.start" and fact["last"] and fact["purpose"] != "sagemaker":
            text = "not judged as the product's image: nothing in it is made for SageMaker"
            yield Notice("image-not-the-products", text, fact.location.path, fact.location.span)


def facts_of(tree: Tree, wanted: Sequence[str], knowledge: Knowledge) -> list[Fact]:
    """The facts of the wanted paths, joined, in the order of their places."""
    inspected = inspect_all(tree, discover(tree, wanted).artifacts, knowledge)
    facts = assemble(inspected.facts, tree, knowledge)
    return sorted(facts, key=lambda fact: (fact.location.path, fact.location.span, fact.kind))


def inspect_all(
    tree: Tree, artifacts: Sequence[Artifact], knowledge: Knowledge, jobs: int = 1, progress: Any = None
) -> Inspected:
    """Read every artifact into facts, in other processes when there are many. Facts keep the order of artifacts."""
    result = Inspected([], [], [], None)
    failures = []
    for number, (inspection, suppressions, failure) in enumerate(_inspections(tree, artifacts, knowledge, jobs)):
        result.facts.extend(inspection.facts)
        result.notices.extend(inspection.notices)
        result.suppressions.extend(suppressions)
        failures += [failure] if failure else []
        if progress:
            progress(number + 1, len(artifacts))
    return result._replace(failure="; ".join(failures[:3]) or None)


One = tuple[Inspection, list[Fact], str | None]


def _inspections(tree: Tree, artifacts: Sequence[Artifact], knowledge: Knowledge, jobs: int) -> Iterable[One]:
    import os

    workers = min(jobs or os.cpu_count() or 1, 1 + len(artifacts) // (POOL_FROM_ARTIFACTS // 2))
    if workers < 2 or (not jobs and len(artifacts) < POOL_FROM_ARTIFACTS):
        return (inspect_one(tree, artifact, knowledge) for artifact in artifacts)
    from concurrent.futures import ProcessPoolExecutor
    from itertools import chain

    size = max(1, len(artifacts) // (workers * 8))
    chunks = [artifacts[start : start + size] for start in range(0, len(artifacts), size)]
    with ProcessPoolExecutor(workers, initializer=_start_worker, initargs=(tree, knowledge)) as pool:
        return list(chain.from_iterable(pool.map(_work, chunks)))


_worker: dict[str, Any] = {}


def _start_worker(tree: Tree, knowledge: Knowledge) -> None:
    _worker.update(tree=tree, knowledge=knowledge)


def _work(artifacts: Sequence[Artifact]) -> list[One]:
    return [inspect_one(_worker["tree"], artifact, _worker["knowledge"]) for artifact in artifacts]


def inspect_one(tree: Tree, artifact: Artifact, knowledge: Knowledge) -> One:
    """Facts, suppression comments and, when mllint itself failed, a sentence about that. Never raises."""
    if artifact.size > READ_LIMIT_BYTES:
        megabytes = READ_LIMIT_BYTES // 1_048_576
        text = f"not inspected: {artifact.size} bytes; files over {megabytes} MiB are not read"
        return _unread(artifact, text, code="too-large"), [], None
    try:
        data = tree.read(artifact.path, READ_LIMIT_BYTES)
        inspector = inspector_of(artifact.kind)
        inspection = inspector(artifact, data, knowledge) if inspector else Inspection()
        if is_damaged(data):
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
    return {name: rule.variant_of or rule.id for rule in rules.rules for name in (rule.id, rule.name)}


def _enabled(rules: RuleSet, config: Config) -> RuleSet:
    """The rules that the configuration selects, with the severities it gives them."""
    chosen = [rule for rule in rules.rules if not config.select or _named(rule, config.select)]
    chosen = [rule for rule in chosen if not _named(rule, config.ignore)]
    severities = config.severities
    return rules.only(replace(rule, severity=severities[rule.id]) if rule.id in severities else rule for rule in chosen)


def _named(rule: Any, names: Iterable[str]) -> bool:
    """By id, by family (the letters of the id), or by name."""
    return any(name in (rule.id, rule.name, rule.id[:3]) for name in names)


def _report(
    tree: Tree,
    found: Discovery,
    inspected: Inspected,
    shown: list[Finding],
    suppressed: list[Finding],
    rules: RuleSet,
    config: Config,
    base: str,
    seconds: float,
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
        rules=rules.rules,
        sources=_sources(tree, (*findings, *suppressed)),
        base=base,
        fail_on=config.fail_on,
        exit_code=EXIT_INTERNAL if failure else _exit_code(findings, found, config.fail_on),
        requirements=rules.requirements,
        seconds=seconds,
        error=failure,
    )


def _exit_code(findings: Sequence[Finding], found: Discovery, fail_on: str) -> int:
    if any(finding.rule == "MLL001" for finding in findings):
        return EXIT_INTERNAL
    failing = SEVERITIES[: SEVERITIES.index(fail_on) + 1] if fail_on in SEVERITIES else ()
    if any(finding.severity in failing for finding in findings):
        return EXIT_FINDINGS
    return EXIT_CLEAN if any(artifact.kind not in AUXILIARY for artifact in found.artifacts) else EXIT_NOTHING


def _sources(tree: Tree, findings: Iterable[Finding]) -> Mapping[str, str]:
    """Texts of the files that have findings, up to a bound in total."""
    texts: dict[str, str] = {}
    left = EXCERPT_LIMIT_BYTES
    for path in sorted({finding.location.path for finding in findings}):
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
    files: Mapping[str, str], executable: frozenset[str], settings: Mapping[str, Any], extra: tuple[Path, ...] = ()
) -> list[Finding]:
    """Findings over a few files in memory, as the examples of rules need them. `extra` are folders of further rules."""
    config = config_of(settings)
    rules = _rules(extra, json.dumps(config.parameters, sort_keys=True))
    tree = MemoryTree({path: text.encode("utf-8") for path, text in files.items()}, executable)
    report = check(tree, [""], config, rules, _knowledge())
    if report.error:
        raise RuntimeError(report.error)
    return list(report.findings)


@lru_cache(maxsize=32)
def _rules(extra: tuple[Path, ...], parameters: str) -> RuleSet:
    return load_rules(extra=extra, parameters=json.loads(parameters))


@lru_cache(maxsize=1)
def _knowledge() -> Knowledge:
    return load_knowledge()
