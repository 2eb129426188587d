"""Where in an image the product's Python code lands."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from linter.assemble.python.modules import Module, Modules, Paths
from linter.lazy import compiled
from linter.model import UNKNOWN
from linter.references.patterns import matches_glob

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.assemble.start import Start
    from linter.model import Fact

SOMEWHERE = "/?"
"""Stands for a working folder that the base image decides."""
_CHAIN = 50
"""Stages that are followed through COPY --from and FROM."""

_PACKAGES = compiled(r".*/(?:site|dist)-packages(?=/)")

Content = dict[str, Module]


class Layout:
    """The Python code in one image, by its paths there."""

    def __init__(self, start: Start, modules: Modules) -> None:
        self.start = start
        self._modules = modules
        self._by_stage: dict[int, Content] = {}
        build = start.build
        self._below: dict[str, list[tuple[str, Module]]] = {}
        """The code that a source of COPY names: a file, a folder, or the whole context."""
        for module in modules.paths.files.values():
            path = _relative(module.place, build.context)
            if path is not None and not build.ignores(module.place):
                for above in ("", *_prefixes(path)):
                    self._below.setdefault(above, []).append((path, module))
        self._parents = {
            fact["stage"]: fact["image"]
            for fact in build.facts
            if fact.kind == "dockerfile.from" and fact["base"] == "stage"
        }
        self._names = {
            fact["stage_name"]: fact["stage"]
            for fact in build.facts
            if fact.kind == "dockerfile.from" and fact["stage_name"]
        }
        content = self._content(start.stage, 0)
        self.paths = Paths(content.items())
        self.image_paths: dict[Module, list[str]] = {}
        for path, module in content.items():
            self.image_paths.setdefault(module, []).append(path)
        self.open = any(
            start.stage in copy["images"] and copy["from_kind"] == "context" and copy["source_kind"] == UNKNOWN
            for copy in build.copies
        )
        """Whether a COPY may bring anything."""

    @property
    def package_folders(self) -> list[str]:
        """Folders of installed packages that hold code of the product; only a built image shows such."""
        if not self.start.build.whole:
            return []
        found = (_PACKAGES.match(path) for path in self.paths.files)
        return sorted({match.group() for match in found if match})

    @property
    def workdir(self) -> str:
        folder = self.start.image["workdir"]
        return SOMEWHERE if folder in (UNKNOWN, None) else str(folder)

    def holds(self, module: Module) -> bool:
        """Whether the code is, or may be, in the image."""
        if module in self.image_paths:
            return True
        return self.open and self.start.build.holds(module.place) is not False

    def sources_of(self, folder: str) -> Iterator[tuple[str, str]]:
        """What can be imported from a folder of the image, by name, with the folder of the product that it lies in."""
        for path, module in self.paths.files.items():
            below = path.removeprefix(f"{folder.rstrip('/')}/")
            if below != path and f"/{module.place}".endswith(f"/{below}"):
                yield below.partition("/")[0].removesuffix(".py"), module.place.removesuffix(below).rstrip("/")

    def _content(self, stage: int, depth: int) -> Content:
        if stage in self._by_stage or depth > _CHAIN:
            return self._by_stage.get(stage, {})
        self._by_stage[stage] = content = {}
        parent = self._stage_of(self._parents.get(stage), stage)
        if parent is not None:
            content.update(self._content(parent, depth + 1))
        for copy in self.start.build.copies:
            if copy["stage"] == stage:
                content.update(self._copied(copy, depth))
        return content

    def _stage_of(self, name: str | None, stage: int) -> int | None:
        if name is None:
            return None
        found = self._names.get(name.lower())
        if found is None and name.isdecimal():
            found = int(name)
        return found if found is not None and found < stage else None

    def _copied(self, copy: Fact, depth: int) -> Content:
        if copy["from_kind"] == "stage":
            stage = self._stage_of(copy["from"], copy["stage"])
            files = [] if stage is None else [(path, each) for path, each in self._content(stage, depth + 1).items()]
            source = posixpath.join("/", copy["source"])
        elif copy["from_kind"] == "context" and copy["source_kind"] in ("path", "glob"):
            source = self.start.build.source(copy)
            files = self._below.get(source, []) if copy["source_kind"] == "path" else self._below.get("", [])
        else:
            return {}
        target = SOMEWHERE if copy["destination"] == UNKNOWN else copy["destination"]
        content: Content = {}
        for path, module in files:
            taken = _taken(source, path)
            if taken is None or any(matches_glob(pattern, path) for pattern in copy["exclude"]):
                continue
            if copy["parents"]:
                rest = path.lstrip("/")
            elif taken != path:
                rest = path[len(taken) :].lstrip("/")
            else:
                rest = posixpath.basename(path) if copy["destination_is_folder"] is True else ""
                if not rest and copy["destination_is_folder"] == UNKNOWN and self._is_folder(target):
                    rest = posixpath.basename(path)
            place = posixpath.join(target, rest) if rest else target
            if not self.start.build.removes(copy, place, module.place):
                content[place] = module
        return content

    def _is_folder(self, target: str) -> bool:
        """Whether a destination that may be either is one that other steps fill as a folder."""
        build = self.start.build
        folders = {fact["path"] for fact in build.facts if fact.kind == "dockerfile.workdir"}
        folders |= {copy["destination"] for copy in build.copies if copy["destination_is_folder"] is True}
        return target in folders


def _prefixes(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]


def _relative(path: str, context: str) -> str | None:
    if not context:
        return path
    return path[len(context) + 1 :] if path.startswith(f"{context}/") else None


def _taken(source: str, path: str) -> str | None:
    """What of a path a source names: the path itself or a folder above it; None when it takes something else."""
    if source in ("", "/"):
        return source
    if not any(sign in source for sign in "*?["):
        return source if path == source or path.startswith(f"{source}/") else None
    if "**" in source:
        head = source.partition("**")[0].rstrip("/")
        ends = matches_glob(source.rpartition("/")[2], posixpath.basename(path))
        return path if ends and path.startswith(f"{head}/" if head else "") else None
    head = "/".join(path.split("/")[: source.count("/") + 1])
    return head if matches_glob(source, head) else None
