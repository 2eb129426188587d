"""Code that is read on its own, wherever it stands: a whole file, a notebook's cells, a command's argument."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from linter.inspect.text import line_starts
from linter.lazy import compiled
from linter.model import Span, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from linter.inspect.mapped import Mapped
    from linter.inspect.text import Source

Language = Literal["python", "shell"]
Origin = Literal["file", "cell", "written_file", "written_text", "command"]
"""`written_file`: a cell of a notebook writes it; `written_text`: code writes it out of a text."""

# What ends a line of Python. `\r` alone does so too, though not for an editor that shows the file.
_LINE_END = compiled(r"\r\n?|\n")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Code(Value):
    """A text of code and where its characters stand in the file that holds it."""

    text: str
    language: Language
    path: str | None
    """Where it lives as a file, relative to the base of the run; None when it lives nowhere by itself."""
    origin: Origin
    place: Callable[[int, int], Span]
    """Turns offsets of characters of `text` into a place of the file."""
    _starts: list[int] = field(default_factory=list, repr=False)

    @classmethod
    def of_file(cls, source: Source, language: Language = "python") -> Code:
        """A whole file."""
        starts = [] if "\r" in source.text else source.starts
        return cls(source.text, language, source.path, "file", source.span, starts)

    @classmethod
    def mapped(
        cls, mapped: Mapped, source: Source, language: Language, origin: Origin, path: str | None = None
    ) -> Code:
        """Code put together of pieces of a file."""
        return cls(mapped.text, language, path, origin, lambda start, end: source.span(*mapped.place(start, end)))

    def span(self, line: int, column: int, end_line: int, end_column: int) -> Span:
        """The place in the file of a range of the code. All numbers are 1-based, columns count code points."""
        return self.place(self.offset(line, column), self.offset(end_line, end_column))

    def offset(self, line: int, column: int) -> int:
        """The offset of a 1-based line and column, as Python counts lines; moved into the text when it is outside."""
        starts = self.starts
        line = min(max(line, 1), len(starts))
        return min(starts[line - 1] + max(column, 1) - 1, len(self.text))

    @property
    def starts(self) -> list[int]:
        """Offset of the first character of each line."""
        if not self._starts:
            ends_vary = "\r" in self.text
            found = (0, *(end.end() for end in _LINE_END.finditer(self.text))) if ends_vary else line_starts(self.text)
            self._starts.extend(found)
        return self._starts
