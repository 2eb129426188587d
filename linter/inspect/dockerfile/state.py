"""What is known while a Dockerfile is read: stages, their settings so far, and the facts to be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.inspect.dockerfile.expand import ExpansionError, expand
from linter.inspect.dockerfile.lines import UNSEEN

if TYPE_CHECKING:
    from linter.inspect.code import Code
    from linter.inspect.dockerfile.instruction import Instruction
    from linter.inspect.dockerfile.secrets import Secrets
    from linter.inspect.dockerfile.words import Word
    from linter.inspect.mapped import Part
    from linter.inspect.text import Source
    from linter.knowledge import Knowledge

BASE_PATH = UNSEEN + "\ufdd1"
"""The value of PATH in an image that is not seen: set, but to what is unknown."""

STANDARD_PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
"""BuildKit's PATH for an image that sets none; nearly every image keeps these."""

DEFAULT_SHELL = ("/bin/sh", "-c")

MAX_NOTICES = 20
MAX_DRAFTS = 40_000
MAX_VARIABLES = 2_000


def names(entry: Any) -> list[str]:
    """The names of a knowledge entry, be it a list, a mapping by name, or `{values: […]}`."""
    if isinstance(entry, Mapping):
        inner = entry.get("values", entry.get("names"))
        entry = inner if inner is not None else list(entry)
    return [str(name) for name in entry] if isinstance(entry, Iterable) and not isinstance(entry, str) else []


@dataclass(eq=False, repr=False, slots=True)
class Draft:
    """A fact without the fields that need the whole file."""

    kind: str
    start: int
    end: int
    fields: dict[str, Any]
    spans: dict[str, tuple[int, int]]
    stage: Stage | None


@dataclass(eq=False, repr=False, slots=True)
class Settings:
    """What an image is set to so far. Values may hold `UNSEEN`."""

    unseen: bool = True
    env: dict[str, str] = field(default_factory=dict)
    args: dict[str, str] = field(default_factory=dict)
    workdir: str = UNSEEN
    user: str | None = UNSEEN
    shell: tuple[str, ...] = DEFAULT_SHELL
    entrypoint: tuple[str, ...] | None = (UNSEEN,)
    entrypoint_form: str | None = UNSEEN
    cmd: tuple[str, ...] | None = (UNSEEN,)
    cmd_form: str | None = UNSEEN
    cmd_set_here: bool = False
    labels: dict[str, str] = field(default_factory=dict)
    stopsignal: str | None = UNSEEN
    exposed: tuple[str, ...] = ()
    layers: int = 0
    onbuild: int = 0
    hidden: frozenset[str] = frozenset()
    last: dict[str, Draft] = field(default_factory=dict)

    @classmethod
    def of_scratch(cls) -> Settings:
        return cls(False, {"PATH": ":".join(STANDARD_PATH)}, {}, "/", None, DEFAULT_SHELL, None, None, None, None,
                   stopsignal=None)  # fmt: skip

    def copy(self) -> Settings:
        return replace(self, env=dict(self.env), args=dict(self.args), labels=dict(self.labels), last=dict(self.last),
                       cmd_set_here=False)  # fmt: skip

    def get(self, name: str) -> str | None:
        """A variable's value for expansion: ENV before ARG; anything may be set in an image that is not seen."""
        found = self.env.get(name, self.args.get(name))
        if found is None and self.unseen:
            return BASE_PATH if name == "PATH" else UNSEEN
        return found


@dataclass(eq=False, repr=False, slots=True)
class Stage:
    index: int
    name: str | None
    start: int
    end: int
    base: str
    """Expanded text after FROM."""
    base_kind: str
    parent: Stage | None
    settings: Settings
    origin: Draft | None = None

    def lineage(self) -> list[Stage]:
        """This stage and those it is built on, from last to first."""
        found, stage = [], self
        while True:
            found.append(stage)
            if stage.parent is None:
                return found
            stage = stage.parent


class Embedded(NamedTuple):
    """A text of Python, the stage it stands in, and the fact of the ENTRYPOINT or CMD that runs it."""

    code: Code
    stage: Stage
    scope: str
    start: Draft | None = None


@dataclass(slots=True, eq=False, repr=False)
class Write:
    """One file that a step writes. `parts` are of the Dockerfile; None when its text is not known."""

    stage: Stage
    path: str
    start: int
    end: int
    parts: list[Part] | None


@dataclass(eq=False, repr=False, slots=True)
class Build:
    """One Dockerfile being read."""

    source: Source
    knowledge: Knowledge
    secrets: Secrets
    escape: str = "\\"
    stages: list[Stage] = field(default_factory=list)
    used: set[int] = field(default_factory=set)
    global_args: dict[str, str] = field(default_factory=dict)
    drafts: list[Draft] = field(default_factory=list)
    problems: list[tuple[int, int, str]] = field(default_factory=list)
    embedded: list[Embedded] = field(default_factory=list)
    """Python that instructions hand to the interpreter."""
    written: list[Write] = field(default_factory=list)
    """Files whose text build steps give."""
    checks: list[tuple[Stage, Instruction]] = field(default_factory=list)
    """The HEALTHCHECK instructions."""

    def problem(self, instruction: Instruction, message: str) -> None:
        self.problems.append((instruction.start, instruction.end, message))

    def expand(self, instruction: Instruction, text: str, settings: Settings) -> str:
        """A word with its variables replaced; `UNSEEN` and a problem when BuildKit would refuse it."""
        try:
            return expand(text, settings.get, self.escape)
        except ExpansionError as problem:
            self.problem(instruction, f"`{text[:60]}` cannot be expanded: {problem}")
            return UNSEEN

    def draft(
        self, kind: str, instruction: Instruction, stage: Stage | None, fields: dict[str, Any], /, **spans: Word | None
    ) -> Draft:
        """Notes a fact whose statement is the whole instruction."""
        places = {name: instruction.text.place(word.start, word.end) for name, word in spans.items() if word}
        return self.note(Draft(kind, instruction.start, instruction.end, fields, places, stage))

    def note(self, draft: Draft) -> Draft:
        if len(self.drafts) < MAX_DRAFTS:
            self.drafts.append(draft)
        return draft

    def stage_of(self, reference: str, before: int | None = None) -> Stage | None:
        """The earlier stage of that name (in any case)."""
        wanted = reference.lower()
        for stage in reversed(self.stages[:before]):
            if stage.name == wanted:
                return stage
        return None
