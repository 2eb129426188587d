"""Programs that publishing code uploads, and which other files or callers name: `entry_point=settings.PROGRAM`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.assemble.python.environment import Environment
from linter.model import Fact
from linter.references.destination import HOLE, alternatives

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from linter.assemble.python.evidence import Evidence
    from linter.assemble.python.modules import Module
    from linter.assemble.python.names import Names
    from linter.assemble.python.values import Values

UPLOAD = "sagemaker.upload"


class NamedElsewhere:
    """Works out what launching code names, in the module where it stands."""

    def __init__(self, values: Values, names: Names, evidence: Evidence) -> None:
        self._values = values
        self._names = names
        self._environment = Environment((), evidence)

    def programs(self, fact: Fact, home: Module) -> Iterator[Fact]:
        """The `sagemaker.program` facts that an upload, with its program named elsewhere, comes to."""
        kept = {name: fact[name] for name in ("beside", "purpose", "installs")}
        for program, folder in self.paths(fact, home):
            yield Fact("sagemaker.program", fact.location, {"program": program, "folder": folder, **kept})

    def paths(self, fact: Fact, home: Module) -> Iterator[tuple[str, str | None]]:
        """The programs that a fact names, each with the folder that is uploaded with it, as far as it is known."""
        folders = self._texts(fact, "folder", home)
        for program in self._texts(fact, "program", home):
            yield from ((program, folder) for folder in folders or (None,))

    def _texts(self, fact: Fact, field: str, home: Module) -> list[str]:
        value = self._values.settle(fact[field], home, fact["part"], self._names, self._environment)
        texts = (_known_end(each) for each in alternatives(value) if isinstance(each, str))
        return list(dict.fromkeys(each for each in texts if each))


def _known_end(text: str) -> str:
    """A path, without what is not known at its beginning: what follows begins with a `/` then."""
    return text if HOLE not in text else text.rpartition(HOLE)[2].partition("/")[2]


def is_open(fact: Mapping[str, Any] | Fact) -> bool:
    """Whether the program of a launch, or its folder, is named elsewhere."""
    return isinstance(fact["program"], dict) or isinstance(fact["folder"], dict)
