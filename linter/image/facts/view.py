"""What all facts about one image are made from."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from linter.image.facts.folders import Folder, heaviest_folders
from linter.image.facts.paths import path_table
from linter.image.facts.rpm_databases import databases_in, files_of_packages
from linter.image.facts.steps import BuildStep, steps_of, texts_by_layer
from linter.image.model import MOUNT
from linter.model import CONFIGURATION, Fact, Location
from linter.references.sizes import shown_size

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from linter.image.model import Described, Entry, Merged, Scan
    from linter.image.rpm.database import Database
    from linter.knowledge import Knowledge


class View:
    """One image with what was read of it. `scans` and `merged` are None when only manifest and configuration were."""

    def __init__(
        self,
        name: str,
        described: Described,
        scans: Sequence[Scan] | None,
        merged: Merged | None,
        knowledge: Knowledge,
    ) -> None:
        self.name = name
        self.described = described
        self.scans = scans
        self.merged = merged
        self.knowledge = knowledge

    @cached_property
    def steps(self) -> list[BuildStep]:
        """The build steps that the configuration tells of, their secrets masked."""
        return steps_of(self.described, self.knowledge)

    @cached_property
    def _created_by(self) -> Mapping[int, str]:
        return texts_by_layer(self.steps)

    @cached_property
    def folders(self) -> list[Folder]:
        """The heaviest folders, the heaviest first."""
        known = self.knowledge.get("image_files")
        most, share = known["largest"]["folders"], known["least_bytes"]["folder_share_percent"]
        return heaviest_folders(self.merged, most, share) if self.merged else []

    @cached_property
    def own(self) -> frozenset[str]:
        """The paths of files that no installed package brought."""
        table, entries = path_table(self.knowledge), self.merged.entries if self.merged else {}
        packaged = files_of_packages(self)
        return frozenset(
            path for path in entries if not (table.is_installed(path) or packaged.get(path) == entries[path].size)
        )

    @cached_property
    def rpm_databases(self) -> Mapping[str, Database]:
        """What the databases of rpm say, by path."""
        paths = filter(path_table(self.knowledge).is_rpm_database, self.telling)
        return databases_in(self.merged, paths) if self.merged else {}

    @cached_property
    def telling(self) -> list[str]:
        """The paths of files that may tell of installed packages."""
        may_tell = path_table(self.knowledge).may_tell_packages
        return [path for path in self.merged.entries if may_tell(path)] if self.merged else []

    def is_own(self, entry: Entry, *, hidden: bool) -> bool:
        """Whether no installed package brought a file."""
        return not path_table(self.knowledge).is_installed(entry.path) if hidden else entry.path in self.own

    def created_by(self, layer: int | None) -> str | None:
        """The build step that made a layer, on one line; None when the image does not tell."""
        return None if layer is None else self._created_by.get(layer)

    def digest(self, layer: int | None) -> str | None:
        """The digest of a layer as it is stored."""
        layers = self.described.layers
        return layers[layer].digest if layer is not None and 0 <= layer < len(layers) else None

    def location(self, path: str | None = None) -> Location:
        """The place of a file in the image, or of the image as a whole."""
        return Location(f"{self.name}{MOUNT}/{path or CONFIGURATION}")

    def fact(self, kind: str, at: str | None = None, /, **fields: Any) -> Fact:
        """A fact of this image about a file in it, or about the whole."""
        return Fact(kind, self.location(at), {"image": self.name, **fields})

    def layer_fields(self, layer: int | None) -> dict[str, Any]:
        """The fields by which facts about files say where these come from. Layers count from 1 for readers."""
        return {
            "layer": None if layer is None else layer + 1,
            "layer_digest": self.digest(layer),
            "created_by": self.created_by(layer),
        }


def shown_weights(weights: Sequence[tuple[str, int]]) -> str | None:
    """`/opt/conda (4.1 GiB), /opt/model (1.2 GiB)`; None when there is nothing to show."""
    return ", ".join(f"{name} ({shown_size(size)})" for name, size in weights) or None
