"""The facts of a product that tell which Python code is started, by the files that they stand in."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from linter.assemble.python.programs import is_python
from linter.assemble.written import script_of, written_by_cell
from linter.model import UNKNOWN
from linter.references.settings_files import places_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from linter.assemble.python.modules import Module
    from linter.model import Fact, Location

_KINDS = ("shell.command", "server.program", "server.setting", "dockerfile.start")
_MOVES = ("chdir", "pythonpath", "directory")
HIDDEN = "<hidden>"
_OPTION = "option."


class Evidence:
    """Commands, servers and settings by file, the images' start facts, and what the manifests set.

    `folders`: names, or their beginnings with a `*`, of the variables that the platform sets to folders.
    """

    def __init__(self, facts: Sequence[Fact], folders: Sequence[str] = ()) -> None:
        self._folders = folders
        self._by_file: dict[str, dict[str, list[Fact]]] = {kind: {} for kind in _KINDS}
        self.images: dict[tuple[str, int], Fact] = {}
        self._environment: dict[str, set[str]] = {}
        self.scripts: set[str] = set()
        self.written: dict[str, Location] = {}
        """Where the steps stand that write files, by the files' names."""
        self.dockerfiles: set[str] = set()
        self.console_scripts: dict[str, str] = {}
        self.uploaded: list[Fact] = []
        self.launching: list[Fact] = []
        """Commands that start Python, or give options to what they start."""
        self.validations: list[Fact] = []
        """Hyperparameters of the training jobs that requests describe."""
        self._settings: dict[str, Any] = {}
        self._options: dict[tuple[str, str], set[str]] = {}
        self.has_requests = any(fact.kind.startswith("manifest.") for fact in facts)
        for fact in facts:
            if fact.kind in self._by_file:
                place = script_of(fact) if fact.kind == "shell.command" else fact.location.path
                self._by_file[fact.kind].setdefault(place, []).append(fact)
                if fact.kind == "shell.command" and _launches(fact):
                    self.launching.append(fact)
            elif fact.kind == "image.start":
                self.images[fact.location.path, fact["stage"]] = fact
            elif fact.kind == "manifest.environment":
                self._environment.setdefault(fact["key"], set()).add(fact["value"])
                if fact["place"] == "hyperparameter":
                    self.validations.append(fact)
            elif fact.kind == "program.file":
                self.scripts.add(fact.location.path)
            elif fact.kind == "project.scripts":
                self.console_scripts |= fact["scripts"]
            elif fact.kind == "model.setting" and fact["key"].startswith(_OPTION):
                self._options.setdefault((_shelf(fact.location.path), fact["key"]), set()).add(fact["value"])
            elif fact.kind == "settings.content":
                self._settings[fact.location.path] = fact["content"]
            elif fact.kind == "sagemaker.program":
                self.uploaded.append(fact)
            elif fact.kind == "dockerfile.written_file":
                self.scripts.add(fact["script"])
                self.written[fact["script"]] = fact.location
            if fact.kind.startswith("dockerfile."):
                self.dockerfiles.add(fact.location.path)

    def purpose(self, image: Fact) -> str:
        """What an image is made for: `sagemaker`, or unknown when nothing in its Dockerfile says so."""
        start = self.images.get((image.location.path, image["stage"]))
        return str(start["purpose"]) if start is not None else UNKNOWN

    def of(self, kind: str, path: str) -> Sequence[Fact]:
        """The facts of a kind that stand in a file, in their order."""
        return self._by_file[kind].get(path, ())

    @property
    def commands(self) -> Mapping[str, Sequence[Fact]]:
        """The commands of scripts and other files, by where they stand."""
        return self._by_file["shell.command"]

    def within(self, kind: str, place: Location) -> list[Fact]:
        """The facts of a kind that stand inside a statement."""
        span = place.span
        return [
            fact
            for fact in self.of(kind, place.path)
            if span.line <= fact.location.span.line and fact.location.span.end_line <= span.end_line
        ]

    def moves(self, place: Location, knowledge_names: Iterable[str] = _MOVES) -> list[str]:
        """Folders that a server is told to work in, or to load modules from."""
        settings = self.within("server.setting", place)
        values = [fact["value"] for fact in settings if fact["name"] in knowledge_names]
        return [part for value in values if isinstance(value, str) and value != UNKNOWN for part in value.split(",")]

    def supervisors(self) -> Iterator[str]:
        """Files with commands that are neither scripts nor Dockerfiles: configurations of process supervisors."""
        for path, commands in self._by_file["shell.command"].items():
            if written_by_cell(commands[0]):
                continue
            if path not in self.scripts and path not in self.dockerfiles and not path.endswith((".ipynb", ".py")):
                yield path

    def manifest_values(self, key: str) -> set[str] | None:
        """What the manifests set an environment variable or hyperparameter to; None when they do not."""
        return self._environment.get(key)

    def is_folder(self, key: str) -> bool:
        """Whether a variable of the environment is one that the platform sets to a folder."""
        return any(fnmatchcase(key, each) for each in self._folders)

    def option(self, module: Module, key: str) -> set[str]:
        """What the model server's configuration beside a module hands to it under a key."""
        return self._options.get((_shelf(module.fact.location.path), _OPTION + key), set())

    def settings(self, module: Module, name: str) -> Any:
        """What stands in a file of settings that a module names; `{}` when that is not known."""
        if not self._settings:
            return {}
        folder = module.fact.location.path.rpartition("/")[0]
        return next((self._settings[path] for path in places_of(name, folder) if path in self._settings), {})

    def program_names(self, environment: Mapping[str, str]) -> set[str]:
        """Files that the toolkits of AWS are told to run: SAGEMAKER_PROGRAM, which may also name a module."""
        names = {environment.get("SAGEMAKER_PROGRAM", UNKNOWN)}
        for key in ("SAGEMAKER_PROGRAM", "sagemaker_program"):
            names |= self._environment.get(key, set())
        return {_file_of(name.strip('"')) for name in names if name not in (UNKNOWN, HIDDEN)}


def _launches(command: Fact) -> bool:
    return is_python(command["program"]) or any(word.startswith("--") for word in command["arguments"])


def _file_of(program: str) -> str:
    """The name of the file that holds a program, which is given as a path or as a module of a package."""
    name = program.rpartition("/")[2]
    is_module = name == program and "." in name and not name.endswith((".py", ".sh"))
    return f"{name.rpartition('.')[2]}.py" if is_module and name.replace(".", "").isidentifier() else name


def _shelf(path: str) -> str:
    """Where files belong together: a folder, or a notebook that writes them."""
    return path if path.endswith(".ipynb") else path.rpartition("/")[0]
