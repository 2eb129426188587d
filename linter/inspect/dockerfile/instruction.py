"""Statements to instructions: the name, its flags, its words, exec form, here-documents. No meaning is given here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from linter.inspect.dockerfile.expand import ExpansionError
from linter.inspect.dockerfile.lines import Reader, Statement
from linter.inspect.dockerfile.words import (
    HeredocMark,
    NotStrings,
    Word,
    blank_split,
    cut,
    heredoc_marks,
    json_array,
    quoted_split,
    stripped,
    take_flags,
)
from linter.model import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.inspect.mapped import Mapped
    from linter.inspect.text import Source

MAX_STATEMENTS = 10_000
MAX_ONBUILD = 8

LISTS = frozenset({"ADD", "COPY", "VOLUME"})
SHELLS = frozenset({"CMD", "ENTRYPOINT", "RUN", "SHELL"})
PAIRS = frozenset({"ENV", "LABEL"})
SPLIT = frozenset({"EXPOSE", "FROM"})
STRINGS = frozenset({"MAINTAINER", "STOPSIGNAL", "USER", "WORKDIR"})
NAMES = LISTS | SHELLS | PAIRS | SPLIT | STRINGS | {"ARG", "HEALTHCHECK", "ONBUILD"}
HEREDOCS = frozenset({"ADD", "COPY", "RUN"})


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Heredoc(Value):
    """A here-document with its content as parts (text, offset in the file, width in the file)."""

    mark: HeredocMark
    parts: tuple[tuple[str, int, int], ...]

    @property
    def content(self) -> str:
        return "".join(text for text, _, _ in self.parts)


@dataclass(slots=True, eq=False, repr=False)
class Instruction:
    """One instruction. Ranges of its words are ranges of `text.text`; `start` and `end` are offsets in the file.

    `words` are the values as BuildKit's parser gives them: quotes and variables still stand in them, except in exec
    form; ENV and LABEL alternate keys and values. `problem` says why BuildKit would refuse the instruction.
    """

    name: str
    line: int
    text: Mapped
    start: int
    end: int
    args: Word
    flags: list[Word] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    json: bool = False
    sub: Instruction | None = None
    heredocs: list[Heredoc] = field(default_factory=list)
    problem: str | None = None

    def flag(self, name: str) -> Word | None:
        """The last `--name=value`, as a word that is only the value; `--name` alone gives an empty value."""
        found = None
        for flag in self.flags:
            key, _, value = flag.text.partition("=")
            if key == f"--{name}":
                found = Word(value, flag.start, flag.end)
        return found

    def flag_values(self, name: str) -> list[str]:
        """The values of a flag that may be given several times."""
        return [flag.text.partition("=")[2] for flag in self.flags if flag.text.partition("=")[0] == f"--{name}"]


class Parser:
    """Reads a whole file. After iteration `problems` holds what BuildKit would refuse: (start, end, message)."""

    def __init__(self, source: Source, template: bool = False) -> None:
        self.reader = Reader(source, template)
        self.problems: list[tuple[int, int, str]] = []
        self.cut_short = False

    def __iter__(self) -> Iterator[Instruction]:
        count = 0
        for statement in self.reader:
            count += 1
            if count > MAX_STATEMENTS:
                self.cut_short = True
                break
            if not statement.text.text.strip():
                continue
            instruction = self._instruction(statement)
            if instruction:
                yield instruction
        for number, message in self.reader.problems:
            start = self.reader.starts[number]
            self.problems.append((start, start, message))

    def _instruction(self, statement: Statement) -> Instruction | None:
        if statement.overlong:
            start, end = statement.text.place(0, 1)
            self.problems.append((start, end, "the line is longer than BuildKit reads (65535 bytes)"))
            return None
        text = statement.text.text
        instruction = parse(statement.text, 0, len(text), statement.line, self.reader.escape)
        if "<<" in text:
            self._heredocs(instruction, text)
        return instruction

    def _heredocs(self, instruction: Instruction, text: str) -> None:
        holder = instruction.sub if instruction.name == "ONBUILD" and instruction.sub else instruction
        if holder.name not in HEREDOCS or holder.json:
            return
        try:
            marks = heredoc_marks(text)
        except ExpansionError as problem:
            instruction.problem = instruction.problem or str(problem)
            return
        for mark in marks:
            parts, found, end = self.reader.heredoc(mark.name, mark.chomp)
            holder.heredocs.append(Heredoc(mark, tuple(parts)))
            instruction.end = holder.end = max(end, instruction.end)
            if not found:
                instruction.problem = f"the here-document `{mark.name}` is not closed"


def parse(mapped: Mapped, start: int, end: int, line: int, escape: str, depth: int = 0) -> Instruction:
    """One instruction from a range of a statement's text."""
    whole = stripped(mapped.text, start, end)
    name, rest = cut(whole)
    flags: list[Word] = []
    args = Word("", whole.end, whole.end)
    if rest is not None:
        flags, args = take_flags(rest, escape)
    first, last = mapped.place(whole.start, whole.end)
    instruction = Instruction(name.text.upper(), line, mapped, first, last, args, flags)
    try:
        _words(instruction, escape, depth)
    except NotStrings as problem:
        instruction.problem = str(problem)
    return instruction


def _words(instruction: Instruction, escape: str, depth: int) -> None:
    name, args = instruction.name, instruction.args
    if name in LISTS or name in SHELLS:
        _exec_or(instruction, args, name in LISTS)
    elif name in PAIRS:
        _pairs(instruction, escape)
    elif name == "ARG":
        instruction.words = quoted_split(args, escape)
    elif name in SPLIT:
        instruction.words = blank_split(args)
    elif name in STRINGS:
        instruction.words = [args] if args.text else []
    elif name == "HEALTHCHECK":
        _healthcheck(instruction)
    elif name == "ONBUILD" and args.text:
        if depth < MAX_ONBUILD:
            sub = parse(instruction.text, args.start, args.end, instruction.line, escape, depth + 1)
            instruction.sub, instruction.problem = sub, sub.problem
        else:
            instruction.problem = "ONBUILD is nested too deeply"
    elif name not in NAMES:
        instruction.problem = f"`{name[:40]}` is no instruction"


def _exec_or(instruction: Instruction, args: Word, split: bool) -> None:
    items = json_array(args)
    if items is not None:
        instruction.words += items
        instruction.json = True
    elif split:
        instruction.words += blank_split(args)
    elif args.text:
        instruction.words.append(args)


def _pairs(instruction: Instruction, escape: str) -> None:
    args = instruction.args
    words = quoted_split(args, escape)
    if words and "=" not in words[0].text:
        key, value = cut(args)
        if value is None:
            instruction.problem = f"{instruction.name} must have two arguments"
            return
        instruction.words = [key, value]
        return
    for word in words:
        key_text, equals, value_text = word.text.partition("=")
        if not equals:
            instruction.problem = f"`{word.text[:40]}` in {instruction.name} has no `=`"
            return
        border = word.start + len(key_text)
        instruction.words += [Word(key_text, word.start, border), Word(value_text, border + 1, word.end)]


def _healthcheck(instruction: Instruction) -> None:
    text = instruction.args.text
    end = next((at for at, char in enumerate(text) if char in "\t\n\v\f\r \x85\xa0"), len(text))
    if not end:
        return
    start = instruction.args.start
    instruction.words = [Word(text[:end], start, start + end)]
    rest = stripped(instruction.text.text, start + end, instruction.args.end)
    _exec_or(instruction, rest, False)
