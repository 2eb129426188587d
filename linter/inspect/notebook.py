"""Reads notebooks: the Python of their cells, the files that cells write, and the commands that they run."""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from linter.inspect.cells import BrokenNotebook, read_cells
from linter.inspect.code import Code
from linter.inspect.commands import COMMANDS_LIMIT, inspect_shell, joined, with_scope
from linter.inspect.ipython import Piece, ShellLine, cell_of, is_known, python_error, read_body, written_path
from linter.inspect.mapped import Mapped, Part
from linter.inspect.secret_texts import OUTPUT, secret_facts
from linter.inspect.text import NotText, Source
from linter.lazy import compiled
from linter.model import UNKNOWN, Artifact, Inspection, Location, Notice, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from linter.inspect.cells import Notebook
    from linter.inspect.code import Language
    from linter.knowledge import Knowledge
    from linter.model import Fact

SCOPE = "seller"
"""A notebook's cells run where somebody sits before them, never in the product's container."""

SAMPLE_CHARACTERS = 65_536
"""Characters of a written data file that are looked at."""
SETTINGS_LIMIT = 200
"""Configurations written by one notebook that are read."""

SHELL_LIMIT = 1 << 18
"""Characters of shell code of one notebook that are read."""

_SHEBANG = compiled(r"#![^\n]*?\b(python|(?:ba|da|k|z)?sh)[\d.]*(?=\s|\Z)", re.ASCII)
_MANIFESTS = (".json", ".jsonc", ".yaml", ".yml")
_LANGUAGES: dict[str, Language] = {".py": "python", ".pyw": "python", ".sh": "shell", ".bash": "shell"}


def inspect(artifact: Artifact, data: bytes, knowledge: Knowledge) -> Inspection:
    """The facts of a notebook's sources. Of saved outputs nothing is read but what nobody should see there.

    Bad input gives notices.
    """
    try:
        source = Source(artifact.path, data)
        if not source.text.strip():
            return Inspection()
        notebook = read_cells(source.text)
    except NotText as reason:
        return Inspection((), (Notice("not-text", f"this notebook was not read: {reason}", artifact.path),))
    except BrokenNotebook as reason:
        message = f"this notebook was not read: {reason}; open it in Jupyter and save it again"
        span = source.span(reason.at, reason.at + 1)
        return Inspection((), (Notice("notebook-syntax", message, artifact.path, span),))
    reading = _Reading(source)
    for cell in notebook.cells:
        reading.add(cell)
    notices = list(reading.notices())
    if notebook.problem:
        text = f"this notebook was not read whole: {notebook.problem}; split it"
        notices.append(Notice("notebook-too-large", text, artifact.path, level="warning"))
    inspections = [
        *_python(reading.codes(), knowledge, source.path),
        *reading.shells(knowledge),
        *reading.settings(knowledge),
        *reading.manifests(knowledge),
        reading.requirements(knowledge),
        reading.data(knowledge),
        Inspection(tuple(reading.samples(notebook, knowledge, whole=not notices))),
        Inspection(tuple(secret_facts(source, notebook.outputs, OUTPUT, knowledge, SCOPE))),
    ]
    found = joined(inspections)
    return found._replace(notices=(*found.notices, *notices))


def codes_of(source: Source) -> list[Code]:
    """The code of a notebook: all plain cells as one text first, then what stands for itself. Empty if it is broken."""
    try:
        notebook = read_cells(source.text)
    except BrokenNotebook:
        return []
    reading = _Reading(source)
    for cell in notebook.cells:
        reading.add(cell)
    return list(reading.codes())


def written_texts(source: Source) -> dict[str, Mapped]:
    """The files of a notebook's cells that are no code, by their paths; later ones win. Empty if it is broken."""
    try:
        notebook = read_cells(source.text)
    except BrokenNotebook:
        return {}
    reading = _Reading(source)
    for cell in notebook.cells:
        reading.add(cell)
    return dict(reading.others)


def _python(codes: Iterable[Code], knowledge: Knowledge, path: str) -> Iterator[Inspection]:
    """Written files keep the scope that the joins will give them; everything else is the seller's."""
    from linter.inspect.python import inspect_code, inspect_written

    for code in codes:
        if code.language == "shell":
            yield _of_script(inspect_shell(code, path, knowledge), code)
        elif code.origin == "cell":
            yield with_scope(inspect_code(code, path, knowledge), SCOPE)
            yield from inspect_written(code, path, knowledge)
        else:
            yield inspect_code(code, path, knowledge)


def _of_script(found: Inspection, code: Code) -> Inspection:
    """The facts of a script that cells write, its commands with the path of the file that they will stand in."""
    facts = (fact.with_fields(script=code.path) if fact.kind == "shell.command" else fact for fact in found.facts)
    return found._replace(facts=tuple(facts))


class _File:
    """A file that cells write."""

    def __init__(self, path: str | None, language: Language) -> None:
        self.path = path
        self.language = language
        self.parts: list[Part] = []


class _Command:
    """A shell cell or line, and the variables that `%env` has set before it."""

    def __init__(self, text: Mapped, environment: dict[str, str], written: dict[str, str]) -> None:
        self.text = text
        self.environment = environment
        self.written = written


class _Reading:
    """What the cells of a notebook come to, in order."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.folder: str | None = posixpath.dirname(source.path)
        """Where the notebook stands after the `%cd` so far; None when that is not known."""
        self.python: list[Part] = []
        self.programs: list[Mapped] = []
        self.files: list[_File] = []
        self.others: list[tuple[str, Mapped]] = []
        """Written files that are no code."""
        self.written: list[tuple[str | None, Mapped, Mapped]] = []
        """Written files: their paths, the lines that name them, and their texts."""
        self.named: dict[str, _File] = {}
        self.commands: list[_Command] = []
        self.environment: dict[str, str] = {}
        self.shell_size = 0
        self.left_out: list[tuple[Span, str]] = []

    def add(self, text: Mapped) -> None:
        cell = cell_of(text.text)
        if cell.kind == "python":
            return self._plain(text, cell.start)
        body = text.slice(cell.start, len(text.text))
        if cell.kind == "program":
            self.programs.append(body)
        elif cell.kind == "shell":
            self._command(body, {})
        elif cell.kind == "file":
            path = self._written_path(cell.target)
            self._write(body, cell.target, path, cell.appends)
            self.written.append((path, text.slice(0, cell.start), body))
        return None

    def _command(self, text: Mapped, written: dict[str, str]) -> None:
        self.shell_size += len(text.text)
        if self.shell_size <= SHELL_LIMIT and len(self.commands) < COMMANDS_LIMIT:
            self.commands.append(_Command(text, dict(self.environment), written))

    def codes(self) -> Iterator[Code]:
        """The Python of all plain cells as one text, then the texts that stand for themselves."""
        if self.python:
            yield self._code(Mapped.joined(self.python, self.python[0][1]))
        for program in self.programs:
            yield self._code(program)
        for file in self.files:
            if file.parts:
                mapped = Mapped.joined(file.parts, file.parts[0][1])
                yield Code.mapped(mapped, self.source, file.language, "written_file", file.path)

    def shells(self, knowledge: Knowledge) -> Iterator[Inspection]:
        for command in self.commands:
            code = self._code(command.text, "shell")
            found = inspect_shell(code, self.source.path, knowledge, SCOPE, command.environment, command.written)
            yield found._replace(facts=tuple(fact for fact in found.facts if not self._is_written(fact)))

    def _is_written(self, fact: Fact) -> bool:
        """Whether a command reads its request from a file that cells write, where it is judged."""
        return fact.kind == "request.file" and any(posixpath.basename(path) == fact["name"] for path, _ in self.others)

    def manifests(self, knowledge: Knowledge) -> Iterator[Inspection]:
        """The requests in written files, at their places in the notebook."""
        from linter.inspect.manifest import looks_like_manifest

        for path, text in self.others[:SETTINGS_LIMIT]:
            if path.lower().endswith(_MANIFESTS) and looks_like_manifest(text.text.encode("utf-8", "replace")):
                from linter.inspect.manifest.reading import read_written

                yield read_written(path, text, self.source, knowledge)

    def settings(self, knowledge: Knowledge) -> Iterator[Inspection]:
        """What written files tell a serving stack to load, at its place in the notebook."""
        from linter.inspect.filled_in import fillings
        from linter.inspect.model_configuration import inspect as inspect_configuration
        from linter.inspect.model_configuration import is_known_by_name

        known = [each for each in self.others if is_known_by_name(each[0], knowledge)]
        templated = self.python and any("{{" in text.text for _, text in known)
        filled = fillings("".join(part[0] for part in self.python), knowledge) if templated else {}
        for path, text in known[:SETTINGS_LIMIT]:
            data = text.text.encode("utf-8", "replace")
            found = inspect_configuration(Artifact(path, "model_configuration", len(data)), data, knowledge, filled)
            place = Code.mapped(text, self.source, "python", "written_file", path).span
            yield found._replace(
                facts=tuple(
                    replace(
                        fact,
                        location=Location(self.source.path, place(*fact.location.span)),
                        spans={name: place(*span) for name, span in fact.spans.items()},
                    )
                    for fact in found.facts
                ),
                notices=tuple(replace(each, path=self.source.path, span=None) for each in found.notices),
            )

    def requirements(self, knowledge: Knowledge) -> Inspection:
        """The requirements in written files, at their places in the notebook."""
        from linter.inspect.requirements import file_fact

        facts = []
        name = knowledge.get("model_files.requirements.name")
        for path, text in self.others[:SETTINGS_LIMIT]:
            if posixpath.basename(path) == name:
                span = partial(_span, self.source, text)
                fact = file_fact(path, None, text.text, span).with_fields(beside=self._written_beside(path))
                facts.append(replace(fact, location=Location(self.source.path, fact.spans["example"])))
        return Inspection(tuple(facts))

    def _written_beside(self, path: str) -> list[str]:
        """The names of the other files that cells write to the folder of one."""
        folder = posixpath.dirname(path)
        found = {posixpath.basename(other) for other, _ in self.others if posixpath.dirname(other) == folder}
        return sorted(found - {posixpath.basename(path)})[:SETTINGS_LIMIT]

    def data(self, knowledge: Knowledge) -> Inspection:
        """What stands in sample data that cells write. Its place is the line with the file's name: reports show it."""
        from linter.inspect.samples import contents_of
        from linter.inspect.samples.place import format_of

        facts: list[Fact] = []
        formats = ((path, format_of(path) if path else None, line, text) for path, line, text in self.written)
        for path, data_format, line, text in islice((each for each in formats if each[1]), SETTINGS_LIMIT):
            source = Source(str(path), text.text[:SAMPLE_CHARACTERS].encode("utf-8", "replace"))
            place = Location(self.source.path, self.source.span(*line.place(0, max(len(line.text) - 1, 1))))
            complete = len(text.text) <= SAMPLE_CHARACTERS
            facts += [
                replace(fact, location=place, spans={})
                for fact in contents_of(source, str(data_format), complete, knowledge)
            ]
        return Inspection(tuple(facts))

    def samples(self, notebook: Notebook, knowledge: Knowledge, whole: bool) -> list[Fact]:
        """What the notebook is as a sample of a product for buyers."""
        from linter.inspect.listing.notebooks import Sample, sample_facts

        code = self._code(Mapped.joined(self.python, self.python[0][1])) if self.python else None
        shells = "\n".join(command.text.text for command in self.commands)
        written = [path for path, _ in self.others]
        return sample_facts(Sample(self.source, notebook, code, shells, written, whole), knowledge)

    def notices(self) -> Iterator[Notice]:
        if self.shell_size > SHELL_LIMIT or len(self.commands) >= COMMANDS_LIMIT:
            message = "some commands of this notebook were not read, since there are too many; split it"
            yield Notice("notebook-too-large", message, self.source.path, level="warning")
        if self.left_out:
            span, reason = self.left_out[0]
            others = len(self.left_out) - 1
            also = f"; so were {others} others" if others > 1 else "; so was another one" if others else ""
            message = f"this cell was left out, since it cannot be read as Python ({reason}){also}"
            yield Notice("notebook-cell", message, self.source.path, span)

    def _code(self, mapped: Mapped, language: Language = "python") -> Code:
        return Code.mapped(mapped, self.source, language, "cell")

    def _plain(self, cell: Mapped, start: int) -> None:
        body = read_body(cell.text, start)
        parts = _parts(cell, body.pieces)
        problem = _problem("".join(text for text, _, _ in parts))
        if problem is not None:
            message, line = problem
            code = self._code(Mapped.joined(parts, cell.place(start, start)[0]))
            self.left_out.append((code.span(line, 1, line, 2), message))
        else:
            self.python += _with_line_end(parts)
        for command in body.lines:
            self._line(cell, command)

    def _line(self, cell: Mapped, line: ShellLine) -> None:
        text = Mapped.joined(_parts(cell, line.pieces), cell.place(line.pieces[0].start, line.pieces[0].start)[0])
        self._command(text, line.written)
        if line.sets is not None:
            name, value = line.sets
            self.environment[name] = UNKNOWN if value is None else value
        if line.folder is not None:
            folder = line.folder.strip("'\"")
            self.folder = self._within(folder) if is_known(folder) else None

    def _within(self, path: str) -> str | None:
        """A path of a magic, relative to the base of the run; None when it is outside or not known."""
        if self.folder is None or path.startswith("/"):
            return None
        found = posixpath.normpath(posixpath.join(self.folder, path))
        return None if found == ".." or found.startswith("../") else "" if found == "." else found

    def _written_path(self, target: str) -> str | None:
        """The path of a file that a cell writes, with the texts that cells before it give to names."""
        path = written_path(target, "".join(part[0] for part in self.python) if "{" in target or "$" in target else "")
        return self._within(path) if path is not None else None

    def _write(self, body: Mapped, target: str, path: str | None, appends: bool) -> None:
        """A file; one that is written anew is another one, and what is appended to it goes on with it."""
        key = path or f"{self.folder}\n{target}"
        file = self.named.get(key)
        if file is None or not appends:
            language = _language(target, body.text)
            if language is None:
                self.others.append((path or posixpath.basename(target.strip("'\"")), body))
            if language is None or not target:
                self.named.pop(key, None)
                return
            file = self.named[key] = _File(path, language)
            self.files.append(file)
        file.parts += _with_line_end(body.parts(0, len(body.text)))


def _span(source: Source, text: Mapped, start: int, end: int) -> Span:
    """The place of a piece of a text."""
    return source.span(*text.place(start, max(end, start + 1)))


def _parts(cell: Mapped, pieces: Iterable[Piece]) -> list[Part]:
    """Pieces of a cell as pieces of the file."""
    parts: list[Part] = []
    for piece in pieces:
        if piece.text == cell.text[piece.start : piece.end]:
            parts += cell.parts(piece.start, piece.end)
        else:
            start, end = cell.place(piece.start, piece.end)
            parts.append((piece.text, start, end - start))
    return parts


def _problem(text: str) -> tuple[str, int] | None:
    """Why the inspector of Python will not read a text, and the line; None when it will, alone and among others."""
    from linter.inspect.python.parse import parse

    parsed = parse(text)
    return None if parsed.tree is not None else (parsed.problem or "it is no Python", parsed.line or 1)


def _with_line_end(parts: list[Part]) -> list[Part]:
    """The next cell begins on a line of its own."""
    if not parts or parts[-1][0].endswith("\n"):
        return parts
    _, start, width = parts[-1]
    return [*parts, ("\n", start + width, 0)]


def _language(target: str, text: str) -> Language | None:
    """The language of a written file, by its name or its first line; `train` and `serve` have neither at times."""
    _, dot, suffix = posixpath.basename(target.strip("'\"")).rpartition(".")
    found = _LANGUAGES.get(f".{suffix.lower()}") if dot else None
    shebang = _SHEBANG.match(text)
    if found is not None or dot or (shebang is None and text.startswith("#!")):
        return found
    if shebang is not None:
        return "python" if shebang.group(1) == "python" else "shell"
    return "python" if "import " in text and python_error(text) is None else None
