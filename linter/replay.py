"""What a whole run found, kept until something that it looked at changes.

Two entries of the store belong to a run: `run` holds what was found and hashes of all that was looked at; `seen` holds
the stamp of every file that was read, so that files which did not change are not read again. A third run of anything
else in the same folder does not disturb them: the key holds the folder, what was wanted, the configuration, the rules,
the knowledge and mllint itself.
"""

from __future__ import annotations

import json
import marshal
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from linter.discover import names_by_git
from linter.model import Artifact, Edit, Finding, Location, Notice, Report, Span, Step, Suppression
from linter.store import digest, load, save
from linter.tree import Stamp, clean
from linter.watch import Read, Seen, WatchedTree, settled

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

KEPT_RUNS = 32
"""Runs that are kept. One takes about 150 bytes a file and a kilobyte a finding."""


class Replay:
    """A run over a tree that may have been made before. `inputs` is all that bears upon it besides files."""

    def __init__(self, tree: WatchedTree, wanted: Sequence[str], inputs: Iterable[object]) -> None:
        self._tree = tree
        self._wanted = list(dict.fromkeys(map(clean, wanted)))
        owner = os.geteuid() if os.name == "posix" else 0  # what may be read depends on it
        words = (*inputs, str(tree.base), list(wanted), owner)
        self._key = digest("run", [("", repr(words).encode(errors="surrogateescape"))])

    def find(self) -> Report | None:
        """The report of the same run when all that it looked at is as it was; without rules, texts and base.

        When something has changed, the tree knows what it may take for unchanged.
        """
        run = load("run", self._key)
        if type(run) is not dict:
            return None
        try:
            if run["git"] != self._git():
                self._remember()
                return None
            stamps = _hash([(folder, self._tree.lines(folder)) for folder in run["folders"]])
            if run["stamps"] != stamps or not run["settled"]:
                files = self._remember()
                if run["names"] != _names(self._tree, run["folders"]) or run["contents"] != self._contents(files):
                    return None
                if not self._tree.unsteady:
                    self._save({**run, **self._state()})
            return report_of(run["report"])
        except (TypeError, ValueError, KeyError, AttributeError, IndexError, OSError):
            return None

    def keep(self, report: Report) -> None:
        """Keep a report for the next time, unless something in it may be gone by then."""
        if self._tree.unsteady or report.error is not None or report.exit_code not in (0, 1, 3):
            return
        plain = plain_report(report)
        try:
            if report_of(json.loads(json.dumps(plain))) != replace(report, cached=0):
                return
        except (TypeError, ValueError, RecursionError):
            return
        self._save({"report": plain, **self._state()})

    def _save(self, run: dict[str, Any]) -> None:
        tree = self._tree
        files = {path: [*stamp, *read] for path, (stamp, read) in tree.seen().items()}
        save("seen", self._key, {"since": tree.began, "files": files}, KEPT_RUNS)
        save("run", self._key, run, KEPT_RUNS)

    def _state(self) -> dict[str, Any]:
        """Hashes of all that the run asked of the tree: names, kinds, sizes and execute bits; stamps; contents."""
        tree = self._tree
        folders = tree.folders
        seen = tree.seen()
        return {
            "git": self._git(),
            "folders": folders,
            "names": _names(tree, folders),
            "stamps": _hash([(folder, tree.lines(folder)) for folder in folders]),
            "settled": all(settled(stamp, tree.began) for stamp, _ in seen.values()),
            "contents": _contents({path: read for path, (_, read) in seen.items()}),
        }

    def _git(self) -> list[Any]:
        names = [(path, names_by_git(self._tree, path)) for path in self._wanted if self._is_folder(path)]
        return [_hash(names) if any(found is not None for _, found in names) else None]

    def _is_folder(self, path: str) -> bool:
        entry = self._tree.entry(path)
        return entry is not None and entry.kind == "folder"

    def _remember(self) -> dict[str, Seen]:
        """What an earlier run saw of files, which the tree takes over."""
        kept = load("seen", self._key)
        files: dict[str, Seen] = {}
        for path, (size, modified, changed, inode, limit, content) in kept["files"].items():
            if not type(size) is type(modified) is type(changed) is type(inode) is type(limit) is int:
                raise TypeError(path)
            files[path] = Seen(Stamp(size, modified, changed, inode), Read(limit, str(content)))
        since = kept["since"]
        if type(since) is not int:
            raise TypeError(since)
        self._tree.know(files, since)
        return files

    def _contents(self, files: dict[str, Seen]) -> str | None:
        found = {}
        for path, (_, read) in files.items():
            content = self._tree.digest(path, read.limit)
            if content is None:
                return None
            found[path] = Read(read.limit, content)
        return _contents(found)


def _contents(reads: dict[str, Read]) -> str:
    return _hash([(path, *read) for path, read in sorted(reads.items())])


def _names(tree: WatchedTree, folders: Iterable[str]) -> str:
    return _hash([(folder, [line[:4] for line in tree.lines(folder)]) for folder in folders])


def _hash(plain: list[Any]) -> str:
    # marshal is quick; in this version it writes equal values alike. What it wrote is never read.
    return digest("state", [("", marshal.dumps(plain, 2))])


# Reports as plain values


def plain_report(report: Report) -> dict[str, Any]:
    """What a report says about files, as plain JSON values."""
    return {
        "findings": [_plain_finding(each) for each in report.findings],
        "suppressed": [_plain_finding(each) for each in report.suppressed],
        "notices": [[n.code, n.message, n.path, n.span, n.level] for n in report.notices],
        "artifacts": report.artifacts,
        "exit": report.exit_code,
        "fail_on": report.fail_on,
    }


def report_of(plain: dict[str, Any]) -> Report:
    """What `plain_report` was made of. Raises TypeError, ValueError or KeyError for anything else."""
    return Report(
        tuple([_finding(each) for each in plain["findings"]]),
        tuple([_finding(each) for each in plain["suppressed"]]),
        tuple([_notice(*each) for each in plain["notices"]]),
        tuple([_artifact(*each) for each in plain["artifacts"]]),
        (),
        fail_on=_text(plain["fail_on"]),
        exit_code=_number(plain["exit"]),
    )


def _plain_finding(finding: Finding) -> list[Any]:
    why = finding.suppression
    return [
        [finding.rule, finding.name, finding.severity, finding.confidence, finding.message, finding.kind],
        finding.location,
        finding.statement if finding.statement != finding.location else None,
        finding.requirement,
        finding.related,
        [[edit.location, edit.replacement, edit.description] for edit in finding.edits],
        [why.origin, why.reason, why.location] if why else None,
        finding.trace,
    ]


def _finding(plain: list[Any]) -> Finding:
    words, where, statement, requirement, related, edits, why, trace = plain
    rule, name, severity, confidence, message, kind = map(_text, words)
    location = _location(where)
    return Finding(
        rule,
        name,
        severity,
        confidence,
        message,
        location,
        _location(statement) if statement else location,
        tuple(map(_text, requirement)),
        kind,
        tuple((_location(place), _text(text)) for place, text in related) if related else (),
        tuple(Edit(_location(place), _text(text), _text(about)) for place, text, about in edits) if edits else (),
        _suppression(*why) if why else None,
        tuple(Step(_location(place), _text(text)) for place, text in trace) if trace else (),
    )


def _suppression(origin: Any, reason: Any, place: Any) -> Suppression:
    return Suppression(_text(origin), _text_or_none(reason), _location(place) if place else None)


def _notice(code: Any, message: Any, path: Any, span: Any, level: Any) -> Notice:
    return Notice(_text(code), _text(message), _text_or_none(path), _span(span) if span else None, _text(level))


def _artifact(path: Any, kind: Any, size: Any, executable: Any) -> Artifact:
    if not (executable is None or type(executable) is bool):
        raise TypeError(executable)
    return Artifact(_text(path), _text(kind), _number(size), executable)


def _location(plain: Any) -> Location:
    path, span = plain
    return Location(_text(path), _span(span))


def _span(plain: Any) -> Span:
    line, column, end_line, end_column = plain
    if not type(line) is type(column) is type(end_line) is type(end_column) is int:
        raise TypeError(plain)
    return Span(line, column, end_line, end_column)


def _text(value: Any) -> str:
    if type(value) is not str:
        raise TypeError(value)
    return value


def _text_or_none(value: Any) -> str | None:
    return None if value is None else _text(value)


def _number(value: Any) -> int:
    if type(value) is not int:
        raise TypeError(value)
    return value
