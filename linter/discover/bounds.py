"""How many data files of a product are looked at. Data sets of thousands of files are alike, so the first ones do."""

from __future__ import annotations

from collections import Counter

from linter.model import Artifact, Notice

IN_FOLDER = 20
IN_RUN = 500
"""Of files that lie or are named as samples are, and as many of others: a large data set does not hide the samples."""


class DataBounds:
    """Counts data files in the order in which they are found, and says which are beyond the bounds."""

    def __init__(self) -> None:
        self._folders: Counter[tuple[str, str]] = Counter()
        self._places: Counter[tuple[str, str | None]] = Counter()
        self._left_out = 0

    def takes(self, artifact: Artifact) -> bool:
        """Whether an artifact is to be looked at; always, when it is no data file."""
        if artifact.kind not in ("data", "picture", "packed_data"):
            return True
        from linter.inspect.samples.place import place_of

        folder = artifact.kind, artifact.path.rpartition("/")[0]
        place = artifact.kind, place_of(artifact.path)
        if self._folders[folder] >= IN_FOLDER or self._places[place] >= IN_RUN:
            self._left_out += 1
            return False
        self._folders[folder] += 1
        self._places[place] += 1
        return True

    def notices(self) -> list[Notice]:
        """One notice when files were left out."""
        if not self._left_out:
            return []
        text = (
            f"{self._left_out} data files were not searched for personal data and credentials: of each folder the first"
            f" {IN_FOLDER} are, and {IN_RUN} samples in all; name a file to have it searched"
        )
        return [Notice("data-left-out", text)]
