"""Built images as products: their files go through the inspectors that read files on disk, their configuration through
the one that reads Dockerfiles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from linter.discover import Discovery, discover_in_image
from linter.image.configuration import as_dockerfile
from linter.image.facts.image import image_facts
from linter.image.own import own_code
from linter.inspect.dockerfile import inspect as inspect_dockerfile
from linter.inspect.run import Inspected, inspect_all
from linter.model import CONFIGURATION, Artifact, Notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from linter.image.facts.advisories import Advisories
    from linter.image.model import BuiltImage, Keep, Merged
    from linter.knowledge import Knowledge
    from linter.model import Fact
    from linter.tree import Tree

_LAYERS_NOT_READ = "the layers were left out, so that nothing is known of the files in them"


class Opened(NamedTuple):
    """Built images as the steps after inspecting see them. Paths in them begin with the image's `root`."""

    artifacts: tuple[Artifact, ...]
    inspected: Inspected
    notices: tuple[Notice, ...]


def open_images(
    images: Sequence[BuiltImage],
    tree: Tree,
    knowledge: Knowledge,
    exclude: Iterable[str] = (),
    jobs: int = 1,
    progress: Any = None,
    advisories: Advisories | None = None,
) -> Opened:
    """Inspect images that are mounted into the tree of a run. `advisories` are known vulnerabilities."""
    artifacts: list[Artifact] = []
    facts: list[Fact] = []
    notices: list[Notice] = []
    for image in images:
        artifacts.append(Artifact(f"{image.root}/{CONFIGURATION}", "image", _size(image)))
        facts += _configured(image, knowledge)
        said = image_facts(image.name, image.described, image.scans, image.merged, knowledge, advisories)
        facts += said.facts
        notices += said.notices
        found = files_of(image, tree, knowledge, exclude)
        artifacts += found.artifacts
        notices += found.notices
    files = [artifact for artifact in artifacts if artifact.kind != "image"]
    inspected = inspect_all(tree, files, knowledge, jobs, progress)
    # Secrets in files of an image are facts about the image, whatever else reads those files.
    inspected.facts[:] = [*facts, *(fact for fact in inspected.facts if fact.kind != "secret.file")]
    return Opened(tuple(artifacts), inspected, tuple(notices))


def files_of(image: BuiltImage, tree: Tree, knowledge: Knowledge, exclude: Iterable[str] = ()) -> Discovery:
    """What is inspected of the files of an image."""
    if image.merged is None:
        return Discovery((), (Notice("layers-not-read", _LAYERS_NOT_READ, f"{image.root}/{CONFIGURATION}"),), 0)
    keep = own_code(knowledge)
    own = [path for path in image.merged.contents if path in image.own or _is_own(path, image.merged, keep)]
    return discover_in_image(tree, (f"{image.root}/{path}" for path in own), exclude)


def _is_own(path: str, merged: Merged, keep: Keep) -> bool:
    entry = merged.entries.get(path)
    return entry is not None and keep(path, entry.size, entry.mode) > 0


def _size(image: BuiltImage) -> int:
    return sum(layer.size or 0 for layer in image.described.layers)


def _configured(image: BuiltImage, knowledge: Knowledge) -> list[Fact]:
    """The facts of the image's configuration, all at one place: it has no lines that a user could look up."""
    path = f"{image.root}/{CONFIGURATION}"
    artifact = Artifact(path, "dockerfile")
    text = as_dockerfile(image.described.config).encode("utf-8", "replace")
    found = inspect_dockerfile(artifact, text, knowledge)
    return [fact for fact in found.facts if not fact.kind.startswith("artifact.")]
