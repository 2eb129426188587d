"""What all renderers share: the shape of rules, order, counts, places and words."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePath
from typing import Any, NamedTuple, Protocol, runtime_checkable

from linter.model import CONFIGURATION, SEVERITIES, Artifact, Finding, Location, Report, Span

NAME = "mllint"

_DIGEST_SHOWN = len("sha256:") + 12

# Words for the kinds of artifacts; a kind without an entry is shown under its own name.
KINDS = {
    "image": ("built image", "built images"),
    "dockerfile": ("Dockerfile", "Dockerfiles"),
    "dockerignore": (".dockerignore file", ".dockerignore files"),
    "nginx": ("nginx configuration", "nginx configurations"),
    "gunicorn": ("gunicorn configuration", "gunicorn configurations"),
    "data": ("data file", "data files"),
    "packed_data": ("packed data file", "packed data files"),
    "picture": ("picture", "pictures"),
    "model_archive": ("model archive", "model archives"),
    "listing_text": ("text of a listing", "texts of a listing"),
    "access_policy": ("access policy", "access policies"),
    "supervisor": ("supervisor configuration", "supervisor configurations"),
    "shell": ("shell script", "shell scripts"),
    "script": ("program", "programs"),
    "makefile": ("makefile", "makefiles"),
    "terraform": ("Terraform file", "Terraform files"),
    "manifest": ("manifest", "manifests"),
    "python": ("Python file", "Python files"),
    "notebook": ("notebook", "notebooks"),
    "model_configuration": ("model configuration", "model configurations"),
    "proxy": ("proxy configuration", "proxy configurations"),
    "cron": ("table of cron", "tables of cron"),
    "requirements": ("requirements file", "requirements files"),
    "locked": ("lock file", "lock files"),
    "python_project": ("project file", "project files"),
    "licence": ("licence file", "licence files"),
    "store_settings": ("settings file", "settings files"),
    "source": ("source file", "source files"),
}


class RuleLike(Protocol):
    """What a renderer may know about a rule."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def requirement(self) -> tuple[str, ...]: ...
    @property
    def severity(self) -> str: ...
    @property
    def confidence(self) -> str: ...
    @property
    def on(self) -> str: ...
    @property
    def why(self) -> str: ...
    @property
    def fix(self) -> str: ...
    @property
    def sources(self) -> tuple[Any, ...]: ...
    @property
    def tags(self) -> tuple[str, ...]: ...
    @property
    def security_severity(self) -> str | None: ...


@runtime_checkable
class RulesLike(Protocol):
    """Rules that can be asked for one by one."""

    def find(self, rule_id: str) -> RuleLike | None: ...


class RequirementLike(Protocol):
    """What a renderer may know about a requirement of the catalog."""

    @property
    def slug(self) -> str: ...
    @property
    def theme(self) -> str: ...
    @property
    def strength(self) -> str: ...
    @property
    def title(self) -> str: ...


class SourceNote(NamedTuple):
    """Where a rule comes from: a document and a section of it."""

    document: str
    section: str

    def __str__(self) -> str:
        return f"{self.document}, {self.section}" if self.section else self.document


def source_notes(rule: RuleLike) -> list[SourceNote]:
    """The sources of a rule, whether they are objects or mappings."""
    notes = []
    for source in rule.sources:
        read = source.get if isinstance(source, Mapping) else lambda name, of=source: getattr(of, name, None)
        notes.append(SourceNote(str(read("document") or ""), str(read("section") or "")))
    return [note for note in notes if note.document or note.section]


def rules_of(report: Report) -> Callable[[str], RuleLike | None]:
    """Finds the enabled rule with an id, or None. The rules of a run are loaded as they are asked for."""
    if isinstance(report.rules, RulesLike):
        return report.rules.find
    known: dict[str, RuleLike] = {rule.id: rule for rule in report.rules}
    return known.get


def rank(severity: str) -> int:
    """0 for the worst severity; a severity that nobody knows comes last."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)


def by_position(findings: Iterable[Finding]) -> list[Finding]:
    """Findings in the order of paths and positions."""
    return sorted(findings, key=lambda f: (f.location.path, f.location.span, rank(f.severity), f.rule, f.message))


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Findings by severity, then by position."""
    return sorted(by_position(findings), key=lambda f: rank(f.severity))


def severity_counts(findings: Iterable[Finding]) -> dict[str, int]:
    """How many findings each severity has, worst first, zeros included."""
    counts = Counter(finding.severity for finding in findings)
    return {severity: counts[severity] for severity in SEVERITIES}


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 error`, `2 errors`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def severity_words(findings: Iterable[Finding]) -> str:
    """`3 errors, 1 note`; empty when there are no findings."""
    return ", ".join(count(n, severity) for severity, n in severity_counts(findings).items() if n)


def inspected_words(artifacts: Iterable[Artifact]) -> str:
    """`2 Dockerfiles, 1 manifest`, in the order of the table above; empty when there are none."""
    counts = Counter(artifact.kind for artifact in artifacts)
    order = list(KINDS)
    kinds = sorted(counts, key=lambda kind: (order.index(kind) if kind in order else len(order), kind))
    return ", ".join(count(counts[kind], *KINDS.get(kind, (f"{kind} file", f"{kind} files"))) for kind in kinds)


def files_of(findings: Iterable[Finding]) -> int:
    """In how many files the findings stand."""
    return len({finding.location.path for finding in findings})


def sound_span(span: Span) -> Span:
    """The span with every number at least 1 and its end not before its start, whatever an inspector got wrong."""
    line, column = max(span.line, 1), max(span.column, 1)
    end_line = max(span.end_line, line)
    return Span(line, column, end_line, max(span.end_column, column if end_line == line else 1))


def place(location: Location, shown: str | None = None) -> str:
    """`path:line:column`; `shown` in place of the path when it is shown otherwise."""
    span = sound_span(location.span)
    return f"{shown if shown is not None else location.path}:{span.line}:{span.column}"


def image_roots(report: Report) -> tuple[str, ...]:
    """How the paths of files in built images begin."""
    return tuple(each.path.removesuffix(CONFIGURATION) for each in report.artifacts if each.kind == "image")


def repository_place(finding: Finding) -> Location:
    """Where a code host can show a finding: in the repository, also when it is in a built image."""
    return finding.inside.anchor if finding.inside else finding.location


def told_in_repository(finding: Finding) -> str:
    """The message; of a finding in an image with the place in it, which a code host cannot show."""
    if finding.inside is None:
        return finding.message
    span = sound_span(finding.location.span)
    line = f", line {span.line}" if span != Span() else ""
    where = f" at {finding.inside.path}{line}" if finding.inside.path else ""
    return f"In the image {finding.inside.image}{where}: {finding.message}"


def layer_words(finding: Finding) -> str:
    """Which layer of an image a finding is in, and what made it; empty when there is nothing to say."""
    inside = finding.inside
    if inside is None or inside.layer is None:
        return ""
    step = f", made by `{' '.join(inside.step.split())}`" if inside.step else ""
    return f"layer {inside.layer[:_DIGEST_SHOWN]}{step}"


def path_from(root: str | None, report: Report, path: str) -> str:
    """A path of the report relative to `root`, an absolute folder; as it is when `root` does not hold the base."""
    if not root:
        return path
    base, top = PurePath(report.base), PurePath(root)
    if not base.is_relative_to(top):
        return path
    return posixpath.normpath(posixpath.join(base.relative_to(top).as_posix(), path)) if path else path


def lines_of(text: str, last: int = -1) -> list[str]:
    """The first `last` lines of a text as positions count them: ended by `\\n`, a `\\r` before it left out."""
    lines = text.split("\n", last)[: last if last >= 0 else None]
    return [line.removesuffix("\r") for line in lines] if "\r" in text else lines


def text_at(lines: list[str], span: Span) -> str:
    """The text of a sound span; lines and columns outside the text hold nothing."""
    if span.line == span.end_line:
        return "".join(lines[span.line - 1 : span.line])[span.column - 1 : span.end_column - 1]
    picked = lines[span.line - 1 : span.end_line]
    if picked:
        picked = [picked[0][span.column - 1 :], *picked[1:]]
        if len(picked) == span.end_line - span.line + 1:
            picked[-1] = picked[-1][: span.end_column - 1]
    return "\n".join(picked)


def first_sentence(text: str) -> str:
    """The first sentence of a text, on one line."""
    words = text.split()
    for number, word in enumerate(words, 1):
        if word[-1] in ".!?" and word.lower() not in ("e.g.", "i.e.", "etc.", "cf.") and number < len(words):
            return " ".join(words[:number])
    return " ".join(words)
