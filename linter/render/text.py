"""The report for people at a terminal."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from linter.model import CONFIGURATION, SEVERITIES, Finding, Location, Notice, Report
from linter.render.escape import one_line, shorten, terminal_safe
from linter.render.excerpt import display_width, excerpt
from linter.render.shared import (
    RuleLike,
    by_position,
    count,
    files_of,
    first_sentence,
    image_roots,
    inspected_words,
    layer_words,
    lines_of,
    place,
    rank,
    rules_of,
    severity_words,
    sound_span,
)
from linter.render.trace import ARROW, in_words

if TYPE_CHECKING:
    from collections.abc import Iterator

ALIKE_SHOWN = 3
"""Findings of one rule in one file that are shown in full; the rest is counted, unless the user wants all."""
NOTICES_SHOWN = 5
PATHS_SHOWN = 3
LEAST_WIDTH = 40
WHY_LINES = 2
EDIT_WIDTH = 40
TAGGED = 6  # the width of "why:  " and its like

NOTHING_TO_CHECK = 3
"""The exit status of a run that met scripts at most."""

_CODES = {"error": "1;31", "warning": "1;33", "note": "1;36", "path": "1", "dim": "2", "good": "1;32", "rule": "1"}


def render_text(report: Report, *, colour: bool, verbosity: int, width: int, cwd: str) -> str:
    """The report as text that ends with a line end, or the empty string when there is nothing to say.

    `verbosity` is -1 (one line a finding, nothing else), 0, or 1 (everything, nothing shortened); `width` the columns
    of the terminal; `cwd` the absolute folder that paths are shown relative to. No escape codes unless `colour`, and
    none ever that come from an inspected file.
    """
    return _Writer(report, colour, verbosity, max(width, LEAST_WIDTH), cwd).render()


class _Writer:
    def __init__(self, report: Report, colour: bool, verbosity: int, width: int, cwd: str) -> None:
        self.report = report
        self.rule = rules_of(report)
        self._images = image_roots(report)
        self.colour = colour
        self.verbose = verbosity > 0
        self.quiet = verbosity < 0
        self.width = width
        self.cwd = cwd
        self._lines: dict[str, list[str]] = {}
        self._paths: dict[str, str] = {}
        self._folds: dict[tuple[str, int], list[str]] = {}
        self._explanations: dict[str, list[str]] = {}

    def render(self) -> str:
        if self.quiet:
            lines = [self._quiet_line(finding) for finding in by_position(self.report.findings)]
        else:
            lines = [*self._files(), *self._suppressed(), *self._notices(), *self._overview(), *self._closing()]
        return "".join(f"{line.rstrip()}\n" for line in lines)

    # Findings

    def _quiet_line(self, finding: Finding) -> str:
        return f"{self._head(finding, named=False)} {one_line(finding.message)}"

    def _files(self) -> Iterator[str]:
        by_file: dict[str, list[Finding]] = defaultdict(list)
        for finding in by_position(self.report.findings):
            by_file[finding.location.path].append(finding)
        for findings in by_file.values():
            yield from self._file(findings)

    def _file(self, findings: list[Finding]) -> Iterator[str]:
        alike = Counter(finding.rule for finding in findings)
        shown: Counter[str] = Counter()
        held: dict[str, list[Finding]] = defaultdict(list)
        for finding in findings:
            # One finding more is as short as the line that would stand for it.
            if not self.verbose and shown[finding.rule] >= ALIKE_SHOWN and alike[finding.rule] > ALIKE_SHOWN + 1:
                held[finding.rule].append(finding)
                continue
            shown[finding.rule] += 1
            yield from self._finding(finding, explained=shown[finding.rule] == 1 or self.verbose)
            yield ""
        for rule, rest in held.items():
            numbers = ", ".join(dict.fromkeys(str(sound_span(finding.location.span).line) for finding in rest))
            text = f"... and {len(rest)} more like this in {self._path(rest[0].location.path)}, on lines {numbers}"
            yield f"{self._style(one_line(rule), 'rule')} {self._style(shorten(text, 2 * self.width), 'dim')}"
            yield ""

    def _finding(self, finding: Finding, explained: bool) -> Iterator[str]:
        yield self._head(finding)
        yield from self._paragraph("", finding.message, "  ")
        yield from self._excerpt(finding)
        if finding.inside:
            yield from (
                self._tagged("in:", shorten(layer_words(finding), 3 * self.width)) if layer_words(finding) else ()
            )
        if finding.trace:
            yield from self._trace(finding)
        for location, text in finding.related:
            yield f"{self._tag('also:')}{place(location, self._path(location.path))} {one_line(text)}"
        for edit in () if finding.inside else finding.edits:
            yield from self._tagged("edit:", f"write `{shorten(one_line(edit.replacement), EDIT_WIDTH)}` there")
        rule = self.rule(finding.rule)
        if rule and explained:
            if rule.id not in self._explanations:  # the same for all findings of a rule
                self._explanations[rule.id] = list(self._explanation(rule))
            yield from self._explanations[rule.id]

    def _trace(self, finding: Finding) -> Iterator[str]:
        """How the place is reached: as many steps on a line as fit, and no line end within a step if that can be."""
        steps = in_words(finding.trace, self._path, short=not self.verbose, remedy=" (-v shows all)")
        room = self.width - TAGGED - 2
        lines: list[str] = []
        for step in steps:
            word = f"{ARROW} {step}" if lines else step
            if lines and display_width(lines[-1]) + 1 + display_width(word) <= room:
                lines[-1] += f" {word}"
            else:
                lines += self._folded(word, room)
        for number, line in enumerate(lines):
            yield f"{' ' * (TAGGED + 2) if number else self._tag('how:')}{line}"

    def _head(self, finding: Finding, named: bool = True) -> str:
        severity = one_line(finding.severity)
        where = self._style(self._path(finding.location.path), "path")
        if not finding.location.path.endswith(CONFIGURATION):  # which has no lines
            where = place(finding.location, where)
        name = f" {one_line(finding.name)}" if named else ""
        return f"{where} {self._style(severity, severity)} {self._style(one_line(finding.rule), 'rule')}{name}"

    def _explanation(self, rule: RuleLike) -> Iterator[str]:
        if rule.why:
            if self.verbose:
                yield from self._tagged("why:", rule.why)
            else:
                room = (self.width - TAGGED - 2) * WHY_LINES
                import textwrap

                why = textwrap.shorten(one_line(first_sentence(rule.why)), room, placeholder=" … (-v shows all)")
                yield from self._tagged("why:", why)
        if rule.fix:
            yield from self._tagged("fix:", rule.fix)

    def _excerpt(self, finding: Finding) -> Iterator[str]:
        path = finding.location.path
        if path not in self.report.sources:
            return
        if path not in self._lines:
            self._lines[path] = lines_of(self.report.sources[path], self._last_lines[path])
        span = sound_span(finding.location.span)
        statement = finding.statement.span.line if finding.statement.path == path else span.line
        gutter = len(str(max(span.line + 2, 100)))
        shown = excerpt(self._lines[path], span, statement, self.width - gutter - 5)
        if not shown:
            return
        bar = self._style("|", "dim")
        for line in shown:
            number = self._style(str(line.number or "").rjust(gutter), "dim")
            text = self._style(line.text, "dim") if line.context else line.text
            yield f"  {number} {bar} {text}"
            if line.caret:
                offset, length = line.caret
                yield f"  {' ' * gutter} {bar} {' ' * offset}{self._style('^' * length, one_line(finding.severity))}"

    @cached_property
    def _last_lines(self) -> dict[str, int]:
        """The last line of each file that a finding covers."""
        found: dict[str, int] = {}
        for finding in (*self.report.findings, *self.report.suppressed):
            path, span = finding.location.path, sound_span(finding.location.span)
            found[path] = max(found.get(path, 0), span.line, span.end_line)
        return found

    # What else there is to say

    def _suppressed(self) -> Iterator[str]:
        if not self.verbose or not self.report.suppressed:
            return
        yield self._style("Suppressed", "path")
        for finding in by_position(self.report.suppressed):
            why = finding.suppression
            reason = f": {one_line(why.reason)}" if why and why.reason else ", without a reason"
            yield f"  {self._head(finding)} by {one_line(why.origin) if why else 'unknown'}{reason}"
        yield ""

    def _notices(self) -> Iterator[str]:
        """What was not inspected: one line for notices that say the same."""
        order = {level: number for number, level in enumerate(SEVERITIES)}
        notices = sorted(
            self.report.notices,
            key=lambda n: (order.get(n.level, len(order)), n.code, n.message, n.path or "", n.span or (0,)),
        )
        if not notices:
            return
        groups: dict[tuple[str, str, str], list[Notice]] = defaultdict(list)
        for notice in notices:
            groups[notice.level, notice.code, notice.message].append(notice)
        yield self._style("Not inspected, or not fully", "path")
        shown = list(groups.items()) if self.verbose else list(groups.items())[:NOTICES_SHOWN]
        for (level, _, message), group in shown:
            yield from self._notice(level, message, group)
        left = sum(len(group) for _, group in list(groups.items())[len(shown) :])
        if left:
            yield self._style(f"  ... and {count(left, 'more notice')}; --verbose lists all of them", "dim")
        yield ""

    def _notice(self, level: str, message: str, group: list[Notice]) -> Iterator[str]:
        mark = "" if level == "note" else f"{self._style(one_line(level), one_line(level))}: "
        yield from self._paragraph(f"  {self._style('-', 'dim')} {mark}", message, "    ")
        places = [self._notice_place(notice) for notice in group if notice.path]
        shown = places if self.verbose else places[:PATHS_SHOWN]
        more = f" and {len(places) - len(shown)} more" if len(places) > len(shown) else ""
        if self.verbose:
            yield from (f"    {where}" for where in shown)
        elif shown:
            yield f"    {', '.join(shown)}{more}"

    def _notice_place(self, notice: Notice) -> str:
        path = self._path(notice.path or "")
        return place(Location(path, notice.span)) if notice.span else path

    def _overview(self) -> Iterator[str]:
        """The rules that fired, the worst first; only when there is more than one."""
        by_rule: dict[str, list[Finding]] = defaultdict(list)
        for finding in self.report.findings:
            by_rule[finding.rule].append(finding)
        if len(by_rule) < 2:
            return
        worst = sorted(by_rule.values(), key=lambda fs: (min(rank(f.severity) for f in fs), -len(fs), fs[0].rule))
        yield self._style("Worst first", "path")
        rows = []
        for findings in worst:
            top = min(findings, key=lambda f: rank(f.severity))
            rows.append((len(findings), one_line(top.severity), one_line(top.rule), one_line(top.name), findings))
        number = max(len(str(row[0])) for row in rows)
        severity = max(len(row[1]) for row in rows)
        rule = max(len(row[2]) for row in rows)
        for amount, level, ident, name, findings in rows:
            files = files_of(findings)
            where = f" in {files} files" if files > 1 else ""
            level_text = self._style(level, level) + " " * (severity - len(level))
            yield f"  {amount:>{number}} {level_text} {ident:<{rule}} {name}{self._style(where, 'dim')}"
        yield ""

    def _closing(self) -> Iterator[str]:
        report = self.report
        if report.error is not None:
            first, *rest = self._wrapped(f"Something inside mllint failed: {report.error}", self.width)
            yield self._style(first, "error")
            yield from rest
            yield "What is shown here still holds, but findings may be missing."
        yield from self._verdict()
        inspected = inspected_words(report.artifacts)
        if inspected:
            rules = f" with {count(len(report.rules), 'rule')}" if report.rules else ""
            took = f" in {report.seconds:.2f} s" if self.verbose and report.seconds else ""
            kept = f"; {count(report.cached, 'file')} as in an earlier run" if self.verbose and report.cached else ""
            yield from self._wrapped(f"Inspected {inspected}{rules}{took}{kept}.", self.width)
        if report.findings:
            worst = min(report.findings, key=lambda f: (rank(f.severity), f.rule))
            yield self._style(f"Run `mllint explain {one_line(worst.rule)}` to learn more about a rule.", "dim")

    def _verdict(self) -> Iterator[str]:
        report = self.report
        apart = f"; {len(report.suppressed):,} suppressed" if report.suppressed else ""
        if report.findings:
            level = min(report.findings, key=lambda f: rank(f.severity)).severity
            words = f"{severity_words(report.findings)} in {count(files_of(report.findings), 'file')}{apart}"
            yield self._style(words, one_line(level))
        elif report.error is None and (report.exit_code == NOTHING_TO_CHECK or not report.artifacts):
            yield "Nothing to check: no Dockerfile, server configuration or request to AWS was found."
        elif report.error is None:
            partly = ", as far as it could be inspected" if report.notices else ""
            looked = count(len(report.artifacts), "file")
            yield self._style(f"All good: no findings in {looked}{partly}{apart}.", "good")

    # Pieces

    def _path(self, path: str) -> str:
        """A path of the report as the user would type it, safe to show."""
        if path not in self._paths:
            self._paths[path] = self._shown_path(path)
        return self._paths[path]

    def _shown_path(self, path: str) -> str:
        if any(map(path.startswith, self._images)):
            return terminal_safe(path)  # as the image was named
        base = Path(self.report.base)
        if path and self.cwd and base.is_absolute():
            full = base / path
            try:
                near = os.path.relpath(full, self.cwd)
                outside = near.startswith("..") and not self._within
                path = str(full) if outside else near
            except ValueError:  # another drive
                path = str(full)
        return terminal_safe(path)

    @cached_property
    def _within(self) -> bool:
        """Whether the reader's folder lies in that of the run."""
        return Path(self.cwd).is_relative_to(self.report.base)

    def _tagged(self, tag: str, text: str) -> Iterator[str]:
        return self._paragraph(self._tag(tag), text, " " * (TAGGED + 2))

    def _tag(self, tag: str) -> str:
        return f"  {self._style(tag, 'dim')}{' ' * (TAGGED - len(tag))}"

    def _paragraph(self, first: str, text: str, indent: str) -> Iterator[str]:
        """A text on as many lines as it needs, its own line ends kept."""
        lines = [part for line in text.strip().splitlines() for part in self._wrapped(line, self.width - len(indent))]
        for number, line in enumerate(lines):
            yield f"{first if first and number == 0 else indent}{line}"

    def _wrapped(self, text: str, width: int) -> list[str]:
        return self._folded(one_line(text), width)

    def _folded(self, text: str, width: int) -> list[str]:
        """A safe text on lines of a width; its blanks stay, but for those where a line ends."""
        if (text, width) not in self._folds:  # reasons and remedies of rules come again with every file
            self._folds[text, width] = self._fold(text, width)
        return self._folds[text, width]

    @staticmethod
    def _fold(text: str, width: int) -> list[str]:
        words = text.split()
        plain, single = len(text) == display_width(text), " ".join(words) == text
        if plain and single:
            return _filled(words, width)
        import textwrap

        if plain:
            return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
        return textwrap.wrap(text, max(width * len(text) // max(display_width(text), 1), 1), break_on_hyphens=False)

    def _style(self, text: str, style: str) -> str:
        code = _CODES.get(style) if self.colour and text else None
        return f"\x1b[{code}m{text}\x1b[0m" if code else text


def _filled(words: list[str], width: int) -> list[str]:
    """Words on lines of a width, as `textwrap` puts them, in a fifth of its time."""
    lines: list[str] = []
    line = ""
    for word in words:
        if line and len(line) + len(word) >= width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line] if line else lines
