"""What steps of a Dockerfile install with package managers of Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.lazy import compiled
from linter.model import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from linter.model import Fact

_ARCHIVES = (".whl", ".tar.gz", ".zip", ".egg")
_VERSION = compiled(r"[=<>~!\[ ;@]")


class Installs:
    """The installing steps of one Dockerfile. `programs` is the table `container.build_programs`."""

    def __init__(self, commands: Sequence[Fact], programs: Mapping[str, Container[str]]) -> None:
        self._commands = commands
        self._programs = programs

    def own_code(self, stage: int) -> bool:
        """Whether a step of a stage's image installs a package that is not from an index."""
        return any(stage in each["images"] and self.brings_own_code(each) for each in self._commands)

    def comes_before(self, step: Fact) -> bool:
        """Whether such a package is installed in a step's stage before it."""
        own = (each for each in self._commands if each["stage"] == step["stage"])
        return any(each.location.span < step.location.span and self.brings_own_code(each) for each in own)

    def brings_own_code(self, command: Fact) -> bool:
        """Whether a command installs a package that is not from an index: it may bring programs of any name."""
        program, arguments = command["program"], command["arguments"]
        if program in self._programs["project_installing"] or "setup.py" in arguments:
            return True
        if "install" not in arguments or not (
            program.startswith("pip") or "pip" in arguments or program in self._programs["package_installing"]
        ):
            return program == "uv" and "sync" in arguments
        named = arguments[list(arguments).index("install") + 1 :]
        return any(
            word in (".", UNKNOWN) or word.startswith(("./", "/", "../", "git+", "http")) or word.endswith(_ARCHIVES)
            for word in named
            if not word.endswith((".txt", ".in"))
        )

    def pip_steps(self, stage: int) -> list[Fact]:
        """The commands of a stage's image that install with pip."""
        own = [each for each in self._commands if stage in each["images"] and "install" in each["arguments"]]
        return [each for each in own if "pip" in each["text"]]

    def packages(self, stage: int) -> set[str]:
        """Names of the packages that steps of a stage's image install with pip, without versions and extras."""
        words = [word for each in self.pip_steps(stage) for word in each["arguments"]]
        return {_VERSION.split(word.lower(), maxsplit=1)[0].replace("_", "-") for word in words}
