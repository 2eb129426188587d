"""What a program finds set around it: by images and requests, by the code that launches it, in files of settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.assemble.python.evidence import HIDDEN
from linter.model import UNKNOWN
from linter.references.destination import HOLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from linter.assemble.python.evidence import Evidence
    from linter.assemble.python.launches import Launched
    from linter.assemble.python.modules import Module
    from linter.model import Step


_COPY = f"/{HOLE}"
"""A path in the container of which no more is known."""


class Environment:
    """What the images and the manifests set. `images` are the environments of the images that hold some code."""

    def __init__(
        self, images: Iterable[Mapping[str, str]], evidence: Evidence, launched: Launched | None = None
    ) -> None:
        self._images = list(images)
        self._evidence = evidence
        self._launched = launched

    def get(self, key: str) -> list[str | None]:
        """All values that a variable may have: None for one that is not known; empty when nothing sets it."""
        manifest = self._evidence.manifest_values(key)
        found = manifest if manifest is not None else {env[key] for env in self._images if key in env}
        return [None if value in (UNKNOWN, HIDDEN) else value for value in sorted(found)]

    def folder(self, key: str) -> str | None:
        """What the platform sets a variable to that nothing else sets: a folder of the container; None for others."""
        return _COPY if self._evidence.is_folder(key) else None

    def options(self, module: Module, key: str) -> list[Any]:
        """What the model server's configuration sets for code beside it. Of an address the server hands over a copy."""
        found = sorted(self._evidence.option(module, key) - {UNKNOWN, HIDDEN})
        return [_COPY if "://" in each else each for each in found]

    def settings(self, module: Module, name: str) -> Any:
        """What stands in a file of settings that a module reads."""
        return self._evidence.settings(module, name)

    def hyperparameters(self, module: Module, name: str) -> list[Any]:
        """What publishing code gives to a program as a hyperparameter."""
        return self._launched.hyperparameters(module, name) if self._launched is not None else []

    def always_gives(self, module: Module, name: str) -> bool:
        """Whether commands alone start a program, and all of them give an option."""
        return self._launched is not None and self._launched.always_gives(module, name)

    def launched_variable(self, module: Module, key: str) -> list[str]:
        """What publishing code sets a variable to for a program, hyperparameters among them."""
        return self._launched.variable(module, key) if self._launched is not None else []

    def gives_untold(self, module: Module, name: str) -> bool:
        """Whether publishing code gives something for an option or a variable, of which nothing is known."""
        return self._launched is not None and self._launched.gives_untold(module, name)

    def launched_text(self, module: Module, name: str) -> Any:
        """What stands in a file, or in a variable, with all hyperparameters that publishing code gives to a program."""
        return self._launched.text(module, name) if self._launched is not None else {}

    def launch_of(self, target: str | None) -> Step | None:
        """Where publishing code gave a value that was asked for; None when it gave none such."""
        return self._launched.step(target) if self._launched is not None else None

    def somewhere_unset(self, key: str) -> bool:
        """Whether some image leaves the variable to the code's default."""
        return self._evidence.manifest_values(key) is None and any(key not in env for env in self._images)
