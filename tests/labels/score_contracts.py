"""Measure mllint against labels made by hand: which routes, ports, programs and time-outs do containers have?

    python tests/labels/score_contracts.py FOLDER…

A tree is known by its name (`owner__name` or `owner+name`) or, if it is a git checkout, by its remote. Labelled trees
that are not there are skipped. Nothing is fetched and nothing in a tree is run; docs/labels.md describes the labels.
"""

from __future__ import annotations

import ast
import json
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import score

from linter.model import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from linter.model import Fact

LABELS = Path(__file__).resolve().parent / "contracts.jsonl"
NEAR = 3
"""Lines that a fact may lie away from the label in a file that is not Python, where statements are not known."""

AGREES, IS_UNKNOWN, DIFFERS, MISSING = OUTCOMES = ("agrees", "unknown", "differs", "missing")


@dataclass(frozen=True)
class Label:
    """One thing that a reader says of an image. `doubt` says why a label is not scored, `running` is no where the line
    is never reached: it is not scored either.
    """

    kind: str
    path: str
    line: int
    value: dict[str, Any]
    note: str = ""
    doubt: str = ""
    running: str = "yes"

    @property
    def scored(self) -> bool:
        return not self.doubt and self.running != "no"


@dataclass(frozen=True)
class Image:
    """A Dockerfile with what was read of it. Labels of files that several images share stand at one of them."""

    image: str
    frameworks: tuple[str, ...]
    labels: tuple[Label, ...]
    note: str = ""
    sagemaker: bool = True
    """False of an image beside the product that is made for something else: it is not scored."""


@dataclass(frozen=True)
class Contracts:
    """A repository at one commit. `complete`: all of its images were read. `only`: the folders that are looked at."""

    repository: str
    commit: str
    complete: bool
    images: tuple[Image, ...]
    only: tuple[str, ...] = ()


def load(place: Path = LABELS) -> list[Contracts]:
    """The labelled repositories. In the file, lines of repositories, of images and of labels follow one another."""
    heads: list[tuple[dict[str, Any], list[tuple[dict[str, Any], list[Label]]]]] = []
    for line in place.read_text("utf-8").splitlines():
        entry = json.loads(line)
        if "repository" in entry:
            heads.append((entry, []))
        elif "image" in entry:
            heads[-1][1].append((entry, []))
        else:
            heads[-1][1][-1][1].append(Label(**entry))
    return [
        Contracts(
            head["repository"],
            head["commit"],
            head["complete"],
            tuple(
                Image(
                    each["image"],
                    tuple(each["frameworks"]),
                    tuple(labels),
                    each.get("note", ""),
                    each.get("sagemaker", True),
                )
                for each, labels in images
            ),
            tuple(head.get("only", ())),
        )
        for head, images in heads
    ]


# What a label is compared with: its kind, the kind of fact, what makes two of them speak of the same, and their values


def _route(label: Mapping[str, Any]) -> tuple[Any, ...]:
    return (frozenset(label["methods"]) - {"HEAD", "OPTIONS"},)


def _route_fact(fact: Mapping[str, Any]) -> tuple[Any, ...]:
    methods = fact["methods"]
    return (methods if isinstance(methods, str) else frozenset(methods) - {"HEAD", "OPTIONS"},)


def _listener(label: Mapping[str, Any]) -> tuple[Any, ...]:
    hosts = {"0.0.0.0": "all", "127.0.0.1": "loopback", None: "unix"}
    return label["port"], hosts.get(label["host"], "specific")


def _listener_fact(fact: Mapping[str, Any]) -> tuple[Any, ...]:
    return fact["port"], fact["interface"]


def _program(label: Mapping[str, Any]) -> tuple[Any, ...]:
    return label["server"], label["application"]


def _program_fact(fact: Mapping[str, Any]) -> tuple[Any, ...]:
    return fact["server"], fact["application"]


@dataclass(frozen=True)
class Comparison:
    fact: str
    same: tuple[str, ...]
    """Fields of which label and fact must have the same for their values to be compared at all."""
    label_value: Callable[[Mapping[str, Any]], tuple[Any, ...]]
    fact_value: Callable[[Mapping[str, Any]], tuple[Any, ...]]


def _field(name: str) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    return lambda fields: (fields[name],)


COMPARISONS = {
    "route": Comparison("server.route", ("path",), _route, _route_fact),
    "listener": Comparison("server.listener", (), _listener, _listener_fact),
    "server": Comparison("server.program", (), _program, _program_fact),
    "timeout": Comparison("server.timeout", ("server", "name"), _field("seconds"), _field("seconds")),
    "body_limit": Comparison("server.body_limit", ("server", "name"), _field("bytes"), _field("bytes")),
    "workers": Comparison("server.setting", ("server", "name"), _field("value"), _field("value")),
}
SCORED = (*COMPARISONS, "no_route", "start")
ALONE = ("route", "listener", "server", "timeout")
"""Kinds of which facts without a label are told where a repository was read completely."""


@dataclass
class Score:
    """How often each outcome came about, by kind of label, and what is behind all but agreement."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    disagreements: list[dict[str, Any]] = field(default_factory=list)
    alone: list[dict[str, Any]] = field(default_factory=list)
    doubtful: int = 0
    failed: list[dict[str, Any]] = field(default_factory=list)

    def add(self, other: Score) -> None:
        self.counts += other.counts
        self.disagreements += other.disagreements
        self.alone += other.alone
        self.doubtful += other.doubtful
        self.failed += other.failed

    def share(self, *kinds: str) -> float | None:
        """The share of labels of these kinds with which mllint agrees. An unknown is no agreement."""
        total = sum(count for (kind, _), count in self.counts.items() if kind in kinds)
        return sum(self.counts[kind, AGREES] for kind in kinds) / total if total else None

    def data(self) -> dict[str, Any]:
        kinds = {kind: {outcome: self.counts[kind, outcome] for outcome in OUTCOMES} for kind in SCORED}
        rest = {"disagreements": self.disagreements, "alone": self.alone, "doubtful": self.doubtful}
        return {"share": self.share(*SCORED), "kinds": kinds, **rest, "failed": self.failed}


def score_tree(folder: Path, contracts: Contracts, facts: Sequence[Fact]) -> Score:
    """Hold a tree's facts against its labels. Each fact answers one label at most."""
    result, left, spans = Score(), list(facts), Spans(folder)
    for image in contracts.images:
        for label in image.labels:
            if label.kind not in SCORED:
                continue
            fact, outcome = _judge(image, label, facts if label.kind == "no_route" else left, spans)
            if fact is not None:
                left.remove(fact)
            if not (label.scored and image.sagemaker):
                result.doubtful += 1
                continue
            result.counts[label.kind, outcome] += 1
            if outcome != AGREES:
                result.disagreements.append(_shown(contracts, image, label, outcome, fact))
    if contracts.complete:
        kinds = {COMPARISONS[kind].fact for kind in ALONE}
        result.alone = [_fact_shown(contracts, fact) for fact in left if fact.kind in kinds and _is_said(fact)]
    return result


def _is_said(fact: Fact) -> bool:
    """Does the fact say something of a container that a reader would have had to write down? That a file is a server's
    configuration is no start of it.
    """
    fields = fact.fields
    is_configuration = fact.kind == "server.program" and fields.get("via") == "file"
    return fields.get("scope") == "container" and fields.get("declared") is not False and not is_configuration


def _judge(image: Image, label: Label, facts: Sequence[Fact], spans: Spans) -> tuple[Fact | None, str]:
    if label.kind == "start":
        return _judge_start(image, label, facts)
    if label.kind == "no_route":
        there = [fact for fact in facts if fact.kind == "server.route" and fact.location.path == label.path]
        wrong = [fact for fact in there if fact.fields["path"] == label.value["path"]]
        seen = any(fact.kind == "server.route" for fact in facts) if not there else True
        return None, DIFFERS if wrong else AGREES if seen else MISSING
    by = COMPARISONS[label.kind]
    near = [fact for fact in facts if fact.kind == by.fact and fact.location.path == label.path]
    near = [fact for fact in near if all(fact.fields[name] == label.value[name] for name in by.same)]
    outcomes = sorted(
        ((_outcome(label, by, fact), not spans.same(label, fact), fact) for fact in near),
        key=lambda each: (OUTCOMES.index(each[0]), each[1]),
    )
    for outcome, elsewhere, fact in outcomes:  # what agrees may stand anywhere in the file, what does not only there
        if outcome == AGREES or not elsewhere:
            return fact, outcome
    return None, MISSING


def _outcome(label: Label, by: Comparison, fact: Fact) -> str:
    """`resolved` is what a name that is imported elsewhere stands for: either is right."""
    values = [label.value]
    if "resolved" in label.value:
        values.append({**label.value, "application": label.value["resolved"]})
    found = by.fact_value(fact.fields)
    return min((_compare(label.kind, by.label_value(value), found) for value in values), key=OUTCOMES.index)


def _compare(kind: str, wanted: tuple[Any, ...], found: tuple[Any, ...]) -> str:
    if kind == "server":
        found = (found[0], _application(wanted[1], found[1]))
    pairs = [(want, have) for want, have in zip(wanted, found, strict=True) if want != have]
    if not pairs:
        return AGREES
    return IS_UNKNOWN if all(have == UNKNOWN for _, have in pairs) else DIFFERS


def _application(wanted: str | None, found: str | None) -> str | None:
    """What mllint says is served, as far as the reader says it: None is not looked at, an object may be named without
    its module, and a module as it is seen from another folder.
    """
    if wanted is None or found is None:
        return None if wanted is None else UNKNOWN
    (module, _, name), (its_module, _, its_name) = wanted.rpartition(":"), found.rpartition(":")
    same = not module or f".{module}".endswith(f".{its_module}") or f".{its_module}".endswith(f".{module}")
    return wanted if same and name == its_name else found


def _judge_start(image: Image, label: Label, facts: Sequence[Fact]) -> tuple[Fact | None, str]:
    """An entry point as written, then the file it starts; without one, whether PATH finds `serve` and `train`."""
    images = [fact for fact in facts if fact.kind == "image.start" and fact.fields["dockerfile"] == image.image]
    fact = next((each for each in images if each.fields["last"]), None)
    if fact is None:
        return None, MISSING
    said, checks = fact.fields, []
    entrypoint = label.value["entrypoint"]
    if entrypoint:
        checks.append(said["entrypoint"] == entrypoint or _unknown(said["entrypoint"]))
    else:
        wanted = ("none", UNKNOWN) if entrypoint is None else ("empty",)
        checks.append(said["entrypoint_form"] in wanted)
        checks.append(entrypoint is None or not said["entrypoint"])
    if label.value.get("cmd"):
        checks.append(said["cmd"] == label.value["cmd"] or _unknown(said["cmd"]))
    if entrypoint and "program" in label.value:
        file = said["program_file"]
        wanted_file = label.value["program"]
        checks.append(file == wanted_file or (_unknown(None) if wanted_file and file is None else False))
    if not entrypoint:
        checks += [_on_path(said, label.value, name) for name in ("serve", "train")]
    if all(check is True for check in checks):
        return fact, AGREES
    return fact, DIFFERS if False in checks else IS_UNKNOWN


def _unknown(value: Any) -> bool | str:
    return UNKNOWN if value in (None, UNKNOWN) else False


def _on_path(said: Mapping[str, Any], wanted: Mapping[str, Any], name: str) -> bool | str:
    where, found = wanted.get(name), said[f"{name}_on_path"]
    if where == "base":
        found = said["base_brings_start_program"]
    if where is None:
        return found != "yes"
    return found == "yes" or (UNKNOWN if found == UNKNOWN else False)


# Where things stand


class Spans:
    """Tells whether a label and a fact stand at the same place of a file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._statements: dict[str, list[tuple[int, int]] | None] = {}

    def same(self, label: Label, fact: Fact) -> bool:
        """In Python, within the innermost statement of the label's line; elsewhere, a few lines away at most."""
        line = fact.location.line
        spans = self._of(label.path)
        if spans is None:
            return abs(line - label.line) <= NEAR
        inside = [span for span in spans if span[0] <= label.line <= span[1]]
        first, last = min(inside, key=lambda span: span[1] - span[0], default=(label.line, label.line))
        return first <= line <= last

    def _of(self, path: str) -> list[tuple[int, int]] | None:
        if path not in self._statements:
            self._statements[path] = _statements(self.folder, path)
        return self._statements[path]


def _statements(folder: Path, path: str) -> list[tuple[int, int]] | None:
    """Lines of each statement of a Python file, of a compound one those of its head. None when it is no Python."""
    if not score.is_python(folder, path) or path.endswith(".ipynb"):
        return None
    try:
        tree = ast.parse((folder / path).read_text("utf-8", "replace"))
    except (OSError, SyntaxError, ValueError):
        return None
    spans = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt):
            continue
        body = getattr(node, "body", None)
        first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))])
        last = max(first, body[0].lineno - 1) if isinstance(body, list) and body else node.end_lineno or node.lineno
        spans.append((first, last))
    return spans


# Running and telling


def facts_of(folder: Path, only: Sequence[str]) -> list[Fact]:
    """What mllint sees in a tree, as `mllint facts` prints it."""
    from linter.engine import facts_of as facts
    from linter.judge.load import load_knowledge
    from linter.tree import DiskTree

    return facts(DiskTree(folder), [path for path in only if (folder / path).exists()] or ["."], load_knowledge())


def measure(folders: Iterable[Path], repositories: Sequence[Contracts]) -> Iterator[tuple[str, Score]]:
    """Score tree after tree. Trees at another commit than the labelled one are not scored: lines have moved there."""
    by_name = {each.repository: each for each in repositories}
    heads = [score.Repository(each.repository, each.commit, False, (), ()) for each in repositories]
    for tree in score.find_trees(folders, heads):
        contracts = by_name[tree.repository.repository]
        if tree.commit not in (None, contracts.commit):
            why = f"at commit {tree.commit}, and labelled at {contracts.commit}"
            yield contracts.repository, Score(failed=[{"repository": contracts.repository, "why": why}])
            continue
        try:
            result = score_tree(tree.folder, contracts, facts_of(tree.folder, contracts.only))
        except Exception as error:  # whatever fails in one tree, the others are scored
            result = Score(failed=[{"repository": contracts.repository, "why": repr(error)}])
        yield contracts.repository, result


def _shown(contracts: Contracts, image: Image, label: Label, outcome: str, fact: Fact | None) -> dict[str, Any]:
    keys = (
        "path",
        "methods",
        "port",
        "host",
        "interface",
        "server",
        "application",
        "name",
        "seconds",
        "bytes",
        "value",
    )
    if label.kind == "start":
        keys = ("entrypoint", "cmd", "program_file", "serve_on_path", "train_on_path", "base_brings_start_program")
    said = {key: fact.fields[key] for key in keys if key in fact.fields} if fact is not None else None
    where = {"repository": contracts.repository, "path": label.path, "line": label.line, "image": image.image}
    return {**where, "kind": label.kind, "outcome": outcome, "reader": label.value, "mllint": said, "note": label.note}


def _fact_shown(contracts: Contracts, fact: Fact) -> dict[str, Any]:
    keys = ("path", "methods", "port", "interface", "server", "application", "name", "seconds")
    said = {key: fact.fields[key] for key in keys if key in fact.fields}
    where = {"repository": contracts.repository, "path": fact.location.path, "line": fact.location.line}
    return {**where, "kind": fact.kind, "mllint": said}


def text(total: Score) -> str:
    """The score for people."""
    lines = [f"{'':<11}{'agrees':>8}{'unknown':>8}{'differs':>8}{'missing':>8}"]
    for kind in SCORED:
        counts = [total.counts[kind, outcome] for outcome in OUTCOMES]
        if any(counts):
            lines.append(f"{kind:<11}" + "".join(f"{count:>8}" for count in counts) + f"  {total.share(kind):.1%}")
    share = total.share(*SCORED)
    lines.append("all: " + ("none" if share is None else f"{share:.1%}"))
    lines.append(f"labels with a doubt, or of what does not run or is not for SageMaker, not scored: {total.doubtful}")
    for title, entries in (("Disagreements", total.disagreements), ("Said by mllint alone", total.alone)):
        lines += ["", f"{title}: {len(entries)}"]
        for each in entries:
            reader = f" reader: {_compact(each['reader'])}" if "reader" in each else ""
            note = f" ({each['note']})" if each.get("note") else ""
            outcome = f" {each['outcome']}" if "outcome" in each else ""
            place = f"{each['repository']} {each['path']}:{each['line']}"
            lines.append(f"  {place} {each['kind']}{outcome}{reader} mllint: {_compact(each['mllint'])}{note}")
    lines += ["", *(f"not scored: {each['repository']}: {each['why']}" for each in total.failed)]
    return "\n".join(lines).rstrip()


def _compact(value: Any) -> str:
    return "nothing" if value is None else json.dumps(value, ensure_ascii=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """0: scored. 1: some tree could not be scored. 2: no labelled tree in the folders."""
    options = score.options_of(arguments, __doc__)
    total, names = Score(), []
    for name, result in measure(options.folders, load()):
        total.add(result)
        names.append(name)
        print(name, file=sys.stderr, flush=True)
    if not names:
        print(score.NO_TREE, file=sys.stderr)
        return 2
    print(json.dumps({**total.data(), "repositories": names}, indent=2) if options.json else text(total))
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
