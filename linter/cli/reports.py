"""Which reports are wanted, and where they go."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from linter.model import Report

FORMATS = ("text", "json", "sarif", "github")
_BY_SUFFIX = {".sarif": "sarif", ".json": "json"}


class Target(NamedTuple):
    """A report: its form, and its file or None for standard output."""

    format: str
    path: Path | None


def pair_reports(arguments: Sequence[str]) -> list[Target]:
    """Reports in the order of the command line: an --output belongs to the --format before it.

    An --output without one takes its form from the file's suffix. Without any --format the report is text.
    """
    targets: list[Target] = []
    given = list(arguments)
    while given:
        word = given.pop(0)
        if word == "--":
            break
        name, equals, value = word.partition("=")
        if name[:2] in ("-f", "-o") and name[1] != "-" and len(name) > 2:
            name, value, equals = name[:2], word[2:], "="
        if name not in ("-f", "--format", "-o", "--output"):
            continue
        if not equals:
            value = given.pop(0) if given else ""
        if name in ("-f", "--format"):
            targets.append(Target(value, None))
        elif targets and targets[-1].path is None:
            targets[-1] = Target(targets[-1].format, Path(value))
        else:
            targets.append(Target(_BY_SUFFIX.get(Path(value).suffix.lower(), "text"), Path(value)))
    return targets or [Target("text", None)]


def write_reports(
    report: Report, targets: Sequence[Target], *, colour: bool | None, verbosity: int, include_suppressed: bool
) -> None:
    """Write each report. Standard output carries reports alone; a file that cannot be written ends with status 2."""
    if sum(target.path is None for target in targets) > 1:
        raise click.UsageError("two reports cannot share standard output; give one of them --output FILE")
    _refuse_clashes(report, targets)
    for target in targets:
        text = _rendered(report, target, colour, verbosity, include_suppressed)
        if target.path is None:
            click.echo(text, nl=not text.endswith("\n") and bool(text), color=True)
            continue
        try:
            target.path.parent.mkdir(parents=True, exist_ok=True)
            target.path.write_text(text if text.endswith("\n") else f"{text}\n", "utf-8")
        except OSError as error:
            click.echo(f"mllint: cannot write {target.path}: {error.strerror or error}", err=True)
            sys.exit(2)


def _refuse_clashes(report: Report, targets: Sequence[Target]) -> None:
    """No report may take the place of another, or of a file that was inspected."""
    files = [os.path.abspath(target.path) for target in targets if target.path]
    if len(set(files)) < len(files):
        raise click.UsageError("two reports cannot share one file; give each an --output of its own")
    inspected = {artifact.path for artifact in report.artifacts} if files else set()
    for file in map(Path, files):
        if file.is_relative_to(report.base) and file.relative_to(report.base).as_posix() in inspected:
            raise click.UsageError(f"--output {file} would overwrite a file that was inspected; name another file")


def _rendered(report: Report, target: Target, colour: bool | None, verbosity: int, include_suppressed: bool) -> str:
    if target.format == "sarif":
        from linter.render.sarif import render_sarif

        return render_sarif(report, include_suppressed=include_suppressed)
    if target.format == "json":
        from linter.render.json import render_json

        return render_json(report)
    if target.format == "github":
        from linter.render.github import render_github

        _write_summary(report)
        return render_github(report)
    from linter.render.text import render_text

    coloured = _coloured(target, colour)
    return render_text(report, colour=coloured, verbosity=verbosity, width=_width(), cwd=os.getcwd())


COLUMNS = 80
"""Of a text that nobody reads on a terminal."""


def _width() -> int:
    if "COLUMNS" not in os.environ and not (sys.__stdout__ and sys.__stdout__.isatty()):
        return COLUMNS
    import shutil  # loads five modules for archives

    return shutil.get_terminal_size((COLUMNS, 24)).columns


def _write_summary(report: Report) -> None:
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    from linter.render.github import summary_markdown

    try:
        with open(path, "a", encoding="utf-8") as file:
            file.write(summary_markdown(report))
    except OSError as error:
        click.echo(f"mllint: cannot write the job summary: {error.strerror or error}", err=True)


def _coloured(target: Target, wish: bool | None) -> bool:
    """Colour on a terminal only, unless it is asked for or refused; NO_COLOR and FORCE_COLOR as everywhere."""
    if wish is not None:
        return wish
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return target.path is None
    terminal = sys.stdout is not None and sys.stdout.isatty()
    return target.path is None and terminal and os.environ.get("TERM") != "dumb"
