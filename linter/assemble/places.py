"""What a path in the container is to the platform: the model's folder, a channel, a place for scratch, a lost one."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple

from linter.model import UNKNOWN
from linter.references.destination import HOLE, visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linter.knowledge import Knowledge

MODEL, CHANNEL, INPUT_DATA, INPUT_CONFIG = "model", "channel", "input_data", "input_config"
MISPLACED, OTHER_INPUT, INPUT = "misplaced_input", "other_input", "input"
FAILURE, OUTPUT_DATA, OUTPUT = "failure", "output_data", "output"
CHECKPOINTS, CODE, RESERVED, SCRATCH = "checkpoints", "code", "reserved", "scratch"
ELSEWHERE, RELATIVE, DEVICE, REMOTE = "elsewhere", "relative", "device", "remote"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,20}://")
_SYSTEM = ("/dev", "/proc", "/sys")


class Place(NamedTuple):
    """A path, its last name, what it is to the platform, and the channel that it lies in."""

    path: str = UNKNOWN
    name: str = UNKNOWN
    place: str = UNKNOWN
    channel: str | None = None


class Places:
    """Tells places apart by the knowledge of the platform's folders."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._folders: Mapping[str, str] = knowledge.get("container.places")
        self._tree: str = knowledge.get("container.reserved_tree")
        self._files = frozenset(knowledge.get("container.input_files"))
        self._scratch = tuple(knowledge.get("container.scratch_places"))
        table = knowledge.get("file_calls")
        self._processing = frozenset(table["processing_files"])
        self._near = frozenset(table["near_input"])
        self._variables: Mapping[str, str] = table["variables"]
        self._channel: str = table["channel_variable"]

    def variable(self, name: str) -> str | None:
        """The folder that a variable of the platform's toolkit names; None of any other variable."""
        if name.startswith(self._channel):
            return f"{self._folders['input_data']}/{name.removeprefix(self._channel).lower()}"
        return self._variables.get(name)

    def of(self, text: str) -> Place:
        """What a path is; parts of it that are not known are holes."""
        if _SCHEME.match(text):
            return Place(visible(text), UNKNOWN, REMOTE)
        path = posixpath.normpath(text) if text else ""
        name = posixpath.basename(path)
        name = UNKNOWN if HOLE in name or not name else name
        if not path.startswith("/"):
            first = path.partition("/")[0]
            unknown = HOLE in first or text.startswith("~") or not text
            return Place(visible(text), name, UNKNOWN if unknown else RELATIVE)
        if HOLE in path.split("/")[1]:
            return Place(visible(path), name)
        place, channel = self._place(path)
        return Place(visible(path), name, place, channel)

    def _place(self, path: str) -> tuple[str, str | None]:
        folders = self._folders
        if not _below(path, self._tree):
            if any(_below(path, each) for each in _SYSTEM) and not any(_below(path, each) for each in self._scratch):
                return DEVICE, None
            return (SCRATCH if any(_below(path, each) for each in self._scratch) else ELSEWHERE), None
        if _below(path, folders["input_data"]):
            rest = path[len(folders["input_data"]) + 1 :].partition("/")[0]
            if not rest:
                return INPUT_DATA, None
            return CHANNEL, UNKNOWN if HOLE in rest else rest
        if _below(path, folders["input_config"]):
            return INPUT_CONFIG, None
        if _below(path, folders["input"]):
            return self._input(path)
        for name, place in (
            *(("failure", FAILURE), ("output_data", OUTPUT_DATA), ("output", OUTPUT), ("model", MODEL)),
            *(("checkpoints", CHECKPOINTS), ("code", CODE)),
        ):
            if _below(path, folders[name]):
                return place, None
        if path == self._tree or HOLE in path or path in self._processing:
            return RESERVED, None
        near = posixpath.basename(path) in self._files or path.split("/")[3] in self._near
        return (MISPLACED if near else RESERVED), None

    def _input(self, path: str) -> tuple[str, str | None]:
        """What lies beside the folders of data and configuration, where SageMaker puts nothing."""
        if path == self._folders["input"] or HOLE in path:
            return INPUT, None
        return (MISPLACED if posixpath.basename(path) in self._files else OTHER_INPUT), None


def _below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")
