"""Measure mllint against labels made by hand: which network calls of public repositories does it find?

    python tests/labels/score.py FOLDER…

A folder is a tree of a labelled repository, or holds such trees. A tree is known by its name (`owner__name` or
`owner+name`) or, if it is a git checkout, by its remote. Nothing is fetched; docs/labels.md says how to come by trees.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

LABELS = Path(__file__).resolve().parent / "network.jsonl"
PROJECT = LABELS.parent.parent.parent
VERDICTS = ("outbound", "unclear", "fine")
ANSWERS = ("yes", "no", "unknown")
SECONDS_FOR_ONE_TREE = 900

_REMOTE = re.compile(
    r"^\s*url\s*=\s*\S*?github\.com[:/]([\w.-]+/[\w.-]+?)(?:\.git)?/?\s*$", re.MULTILINE | re.IGNORECASE
)


@dataclass(frozen=True)
class Label:
    """What a reader said about one line. `uses` are lines at which the same call may be reported just as well."""

    path: str
    line: int
    call: str
    verdict: str
    reached: str
    in_image: str
    category: str
    why: str
    uses: tuple[int, ...] = ()

    @property
    def lines(self) -> tuple[int, ...]:
        return (self.line, *self.uses)


@dataclass(frozen=True)
class Repository:
    """A repository at one commit. `complete`: every file that its container runs (`container`) was read to the end.

    Of others, `container` is empty.
    """

    repository: str
    commit: str
    complete: bool
    container: tuple[str, ...]
    labels: tuple[Label, ...]

    def in_container(self, path: str) -> bool:
        return any(path == place or (place.endswith("/") and path.startswith(place)) for place in self.container)


@dataclass(frozen=True)
class Tree:
    """A folder and the repository it holds. `commit` is None when nothing tells."""

    folder: Path
    repository: Repository
    commit: str | None


@dataclass
class Score:
    """Counts, and what is behind them. Recall counts labels in Python and notebooks, precision counts findings."""

    outbound: int = 0
    found: int = 0
    noted: int = 0
    """Those found, and those that a note alone speaks of."""
    running: int = 0
    running_found: int = 0
    right: int = 0
    wrong: int = 0
    neutral: int = 0
    elsewhere: int = 0
    missed: list[dict[str, Any]] = field(default_factory=list)
    false_alarms: list[dict[str, Any]] = field(default_factory=list)
    unlabelled: list[dict[str, Any]] = field(default_factory=list)
    stale: list[dict[str, Any]] = field(default_factory=list)
    failed: list[dict[str, Any]] = field(default_factory=list)

    @property
    def recall(self) -> float | None:
        return _share(self.found, self.outbound)

    @property
    def recall_running(self) -> float | None:
        """Recall among calls that are reached and are in the image for certain."""
        return _share(self.running_found, self.running)

    @property
    def precision(self) -> float | None:
        return _share(self.right, self.right + self.wrong)

    def add(self, other: Score) -> None:
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))

    def data(self) -> dict[str, Any]:
        shares = {"recall": self.recall, "recall_running": self.recall_running, "precision": self.precision}
        return {**shares, **asdict(self)}


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def load(place: Path = LABELS) -> list[Repository]:
    """The labelled repositories. In the file, lines of repositories, of paths and of labels follow one another."""
    heads: list[tuple[dict[str, Any], list[Label]]] = []
    path = ""
    for line in place.read_text("utf-8").splitlines():
        entry = json.loads(line)
        if "repository" in entry:
            heads.append((entry, []))
        elif "path" in entry:
            path = entry["path"]
        else:
            heads[-1][1].append(Label(**{**entry, "path": path, "uses": tuple(entry.get("uses", ()))}))
    return [
        Repository(head["repository"], head["commit"], head["complete"], tuple(head["container"]), tuple(labels))
        for head, labels in heads
    ]


def find_trees(folders: Iterable[Path], repositories: Iterable[Repository]) -> list[Tree]:
    """The labelled trees among the folders and what lies directly in them; a repository is taken once."""
    names = {name.lower(): each for each in repositories for name in _names(each.repository)}
    found: dict[str, Tree] = {}
    for folder in folders:
        tree = _tree(folder, names)
        within = sorted(path for path in folder.iterdir() if path.is_dir()) if tree is None else []
        for each in [tree] if tree else [_tree(path, names) for path in within]:
            if each is not None:
                found.setdefault(each.repository.repository, each)
    return list(found.values())


def _names(repository: str) -> tuple[str, ...]:
    return repository, repository.replace("/", "__"), repository.replace("/", "+")


def _tree(folder: Path, names: Mapping[str, Repository]) -> Tree | None:
    repository = names.get(folder.resolve().name.lower())
    for remote in _REMOTE.findall(_text(folder / ".git" / "config")):
        repository = repository or names.get(remote.lower())
    return None if repository is None else Tree(folder.resolve(), repository, _commit(folder / ".git"))


def _commit(git: Path) -> str | None:
    """The commit that is checked out, read without git: a strange repository's settings can make git run programs."""
    head = _text(git / "HEAD").strip()
    if head.startswith("ref: "):
        name = head.removeprefix("ref: ")
        packed = re.search(rf"^([0-9a-f]{{40}}) {re.escape(name)}$", _text(git / "packed-refs"), re.MULTILINE)
        head = _text(git / name).strip() or (packed[1] if packed else "")
    return head or None


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""


def findings_of(folder: Path) -> list[dict[str, Any]]:
    """What `mllint check` says about a tree's network calls at any severity. RuntimeError if it cannot."""
    command = [sys.executable, "-m", "linter", "check", "--format", "json", "--no-cache", "--no-inline", str(folder)]
    # The project's folder, not the tree: Python would import modules of the tree's before mllint's.
    try:
        done = subprocess.run(
            command, cwd=PROJECT, capture_output=True, text=True, check=False, timeout=SECONDS_FOR_ONE_TREE
        )
        report = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError) as error:
        raise RuntimeError(f"no report: {error}") from error
    if report["error"] is not None:
        raise RuntimeError(report["error"])
    return [each for each in report["findings"] if each["rule"].startswith("NET")]


def score(tree: Tree, findings: Sequence[Mapping[str, Any]]) -> Score:
    """Hold the findings of a tree against its labels. Notes are beside all figures but `noted`.

    A finding is right when a labelled outbound call stands in its statement, else neutral when an unclear one does,
    else wrong when a fine one does. What no label speaks of is listed when it stands in a file that was read whole.
    """
    result, repository = Score(), tree.repository
    notes = [_place(each) for each in findings if each["severity"] == "note"]
    findings = [each for each in findings if each["severity"] != "note"]
    places = [_place(each) for each in findings]
    hits: list[list[Label]] = [[] for _ in findings]
    for label in repository.labels:
        if not (tree.folder / label.path).is_file():
            result.stale.append(_shown(repository, label))
            continue
        at = [index for index, place in enumerate(places) if _covers(place, label)]
        for index in at:
            hits[index].append(label)
        if label.verdict == "outbound" and is_python(tree.folder, label.path):
            _count(result, repository, label, bool(at), any(_covers(place, label) for place in notes))
    for finding, place, labels in zip(findings, places, hits, strict=True):
        said = {"repository": repository.repository, "path": place["path"], "line": place["line"]}
        said |= {"rule": finding["rule"], "severity": finding["severity"], "message": finding["message"]}
        verdicts = {label.verdict for label in labels}
        if "outbound" in verdicts:
            result.right += 1
        elif "unclear" in verdicts:
            result.neutral += 1
        elif "fine" in verdicts:
            result.wrong += 1
            result.false_alarms.append({**said, "why": labels[0].why})
        elif repository.complete and repository.in_container(place["path"]):
            result.unlabelled.append(said)
        else:
            result.elsewhere += 1
    return result


def _place(finding: Mapping[str, Any]) -> Mapping[str, Any]:
    place: Mapping[str, Any] = finding["statement"] or finding["location"]
    return place


def _covers(place: Mapping[str, Any], label: Label) -> bool:
    return place["path"] == label.path and any(place["line"] <= line <= place["end_line"] for line in label.lines)


def _count(result: Score, repository: Repository, label: Label, found: bool, noted: bool) -> None:
    running = label.reached == "yes" and label.in_image == "yes"
    result.outbound += 1
    result.found += found
    result.noted += found or noted
    result.running += running
    result.running_found += running and found
    if not found:
        result.missed.append({**_shown(repository, label), "said": "a note" if noted else "nothing"})


def _shown(repository: Repository, label: Label) -> dict[str, Any]:
    return {"repository": repository.repository, **asdict(label)}


def is_python(folder: Path, path: str) -> bool:
    """A module, a notebook, or a program without a suffix that no first line gives to another interpreter."""
    name = path.rpartition("/")[2]
    if "." in name:
        return name.endswith((".py", ".ipynb"))
    first = _text(folder / path).partition("\n")[0]
    return "python" in first if first.startswith("#!") else not name.startswith(("Dockerfile", "Makefile"))


def measure(folders: Iterable[Path], repositories: Iterable[Repository]) -> Iterator[tuple[Tree, Score]]:
    """Score tree after tree. Trees at another commit than the labelled one are not scored: lines have moved there."""
    for tree in find_trees(folders, repositories):
        name = tree.repository.repository
        if tree.commit not in (None, tree.repository.commit):
            why = f"at commit {tree.commit}, and labelled at {tree.repository.commit}"
            yield tree, Score(failed=[{"repository": name, "why": why}])
            continue
        try:
            result = score(tree, findings_of(tree.folder))
        except RuntimeError as error:
            result = Score(failed=[{"repository": name, "why": str(error)}])
        yield tree, result


def text(total: Score) -> str:
    """The score for people."""

    def share(name: str, part: int, whole: int) -> str:
        return f"{name:<40} {part:>4} of {whole:<4} {100 * part / whole:5.1f} %" if whole else f"{name:<40}    none"

    lines = [
        share("recall", total.found, total.outbound),
        share("recall, notes counted", total.noted, total.outbound),
        share("recall, reached and in the image", total.running_found, total.running),
        share("precision", total.right, total.right + total.wrong),
        f"findings on unclear lines: {total.neutral}; where nothing is labelled: {total.elsewhere}",
    ]
    parts = [
        ("Missed", total.missed, "{call}; {said}; reached: {reached}, in the image: {in_image}; {why}"),
        ("False alarms", total.false_alarms, "{rule}; {why}"),
        ("Not labelled, in files that were read whole", total.unlabelled, "{rule} {severity}; {message}"),
        ("Labels of files that are not there", total.stale, "{call}"),
    ]
    for title, entries, form in parts:
        lines += ["", f"{title}: {len(entries)}"]
        lines += [f"  {each['repository']} {each['path']}:{each['line']} {form.format(**each)}" for each in entries]
    lines += ["", *(f"not scored: {each['repository']}: {each['why']}" for each in total.failed)]
    return "\n".join(lines).rstrip()


NO_TREE = "no tree of a labelled repository here; docs/labels.md says how to come by some"


def options_of(arguments: Sequence[str] | None, doc: str | None) -> argparse.Namespace:
    """What the command line says, by the first line of a script's description; ends the program when that is wrong."""
    parser = argparse.ArgumentParser(description=(doc or "").partition("\n")[0])
    parser.add_argument("folders", metavar="FOLDER", nargs="+", type=Path, help="a labelled tree, or a folder of some")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    for folder in options.folders:
        if not folder.is_dir():
            parser.error(f"{folder} is no folder")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """0: scored. 1: some tree could not be scored. 2: no labelled tree in the folders."""
    options = options_of(arguments, __doc__)
    total, by_repository = Score(), {}
    for tree, result in measure(options.folders, load()):
        total.add(result)
        by_repository[tree.repository.repository] = {
            "outbound": result.outbound,
            "found": result.found,
            "right": result.right,
            "wrong": result.wrong,
        }
        if not options.json:
            print(f"{tree.repository.repository}: {result.found} of {result.outbound}", file=sys.stderr, flush=True)
    if not by_repository:
        print(NO_TREE, file=sys.stderr)
        return 2
    print(json.dumps({**total.data(), "repositories": by_repository}, indent=2) if options.json else text(total))
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
