"""Step one: which files there are and what each is.

`discover(tree, wanted, …)` lists the artifacts of a run; it reads the first bytes of a file at most, to know its kind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from linter.discover.bounds import DataBounds
from linter.discover.classify import is_unread_sample, kind_of
from linter.discover.git import listed_by_git
from linter.model import Artifact, Notice
from linter.references.patterns import is_excluded
from linter.tree import DiskTree, Entry, Tree, clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

IGNORED_FOLDERS = frozenset(
    {
        ".git", ".hg", ".svn", ".ipynb_checkpoints", "node_modules", "site-packages", "__pycache__", ".venv", "venv",
        ".tox", ".nox", ".eggs", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".terraform", ".aws-sam", "cdk.out",
    }
)  # fmt: skip
"""Folders of copies, caches or other people's code; named on the command line they are read all the same."""

_ABOUT_IMAGES = frozenset(
    {"dockerfile", "dockerignore", "compose", "manifest", "data", "access_policy"}
    | {"model_archive", "listing_text", "picture", "packed_data"}
)

_CDK_OUTPUT, _CDK_TEMPLATE = "cdk.out", ".template.json"
"""What the AWS CDK makes: the templates in it are read, the copies of code beside them are not."""


class Discovery(NamedTuple):
    """What one run looks at. `listed` counts all files seen, also those that are no artifact."""

    artifacts: tuple[Artifact, ...]
    notices: tuple[Notice, ...]
    listed: int


def discover(tree: Tree, wanted: Iterable[str], exclude: Iterable[str] = ()) -> Discovery:
    """Artifacts below the wanted paths (folders or files, relative to the tree's base), in order of path.

    A folder leaves out what git ignores and `IGNORED_FOLDERS`; `exclude` (globs) holds for files named one by one too,
    since hooks pass names without knowing the configuration.
    """
    patterns = tuple(exclude)
    notices: list[Notice] = []
    artifacts: dict[str, Artifact] = {}
    bounds = DataBounds()
    unread: list[str] = []
    listed = 0
    for path in wanted:
        entry = tree.entry(clean(path))
        if entry is None:
            continue
        for found in _files(tree, entry):
            listed += 1
            if found.path in artifacts or is_excluded(found.path, patterns):
                continue
            artifact = _artifact(tree, found, notices)
            if artifact is None and is_unread_sample(found.path):
                unread.append(found.path)
            if artifact and (entry.kind == "file" or bounds.takes(artifact)):
                artifacts[found.path] = artifact
            elif artifact is None and entry.kind == "file":  # named by the user, so that silence would mislead
                text = "not inspected: not recognised; Dockerfiles are called Dockerfile, Dockerfile.* or *.Dockerfile"
                notices.append(Notice("not-recognised", text, found.path))
    ordered = tuple(artifacts[path] for path in sorted(artifacts))
    return Discovery(ordered, (*notices, *bounds.notices(), *_unread(unread)), listed)


def _unread(paths: list[str]) -> list[Notice]:
    """One notice about samples of formats that nothing reads."""
    if not paths:
        return []
    also = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    text = f"sample data that was not searched for personal data, since its format is not read: {paths[0]}{also}"
    return [Notice("data-unread", text)]


def discover_in_image(tree: Tree, paths: Iterable[str], exclude: Iterable[str] = ()) -> Discovery:
    """Artifacts among some files of a built image. What makes images and stands beside them says nothing there."""
    patterns = tuple(exclude)
    notices: list[Notice] = []
    artifacts = []
    listed = 0
    for path in sorted(paths):
        entry = tree.entry(path)
        if entry is None or entry.kind != "file" or is_excluded(path, patterns):
            continue
        listed += 1
        artifact = _artifact(tree, entry, notices)
        if artifact and artifact.kind not in _ABOUT_IMAGES:
            artifacts.append(artifact)
    return Discovery(tuple(artifacts), tuple(notices), listed)


def _files(tree: Tree, entry: Entry) -> Iterator[Entry]:
    if entry.kind != "folder":
        yield entry
        return
    names = names_by_git(tree, entry.path) if isinstance(tree, DiskTree) else None
    if names is None:
        yield from _walk(tree, entry.path)
        return
    for name in names:
        path = f"{entry.path}/{name}" if entry.path else name
        if not _is_left_out(path):
            found = tree.entry(path)
            if found and found.kind != "folder":
                yield found


def names_by_git(tree: DiskTree, folder: str) -> list[str] | None:
    """What git lists below a folder of a tree, asked once a run; None where there is no git."""
    if folder not in tree.named:
        tree.named[folder] = listed_by_git(tree.base / folder)
    return tree.named[folder]


def _walk(tree: Tree, folder: str) -> Iterator[Entry]:
    for entry in tree.entries(folder):
        name = entry.path.rsplit("/", 1)[-1]
        if entry.kind != "folder":
            yield entry
        elif name == _CDK_OUTPUT:
            yield from (each for each in tree.entries(entry.path) if each.path.endswith(_CDK_TEMPLATE))
        elif name not in IGNORED_FOLDERS:
            yield from _walk(tree, entry.path)


def _is_left_out(path: str) -> bool:
    """Whether a file lies in a folder that is not read."""
    *folders, name = path.split("/")
    if folders and folders[-1] == _CDK_OUTPUT and name.endswith(_CDK_TEMPLATE):
        folders.pop()
    return not IGNORED_FOLDERS.isdisjoint(folders)


def _artifact(tree: Tree, entry: Entry, notices: list[Notice]) -> Artifact | None:
    if entry.kind == "link":  # not followed: what it points at is found under its own name, if it is the product's
        if kind_of(entry.path, 0, lambda size: b""):
            notices.append(Notice("symbolic-link", "not inspected: it is a symbolic link; name its target", entry.path))
        return None
    if entry.kind != "file":
        return None
    try:
        kind = kind_of(entry.path, entry.size, lambda size: tree.read(entry.path, size))
    except OSError as error:
        notices.append(Notice("unreadable", f"not inspected: {error.strerror or error}", entry.path, level="warning"))
        return None
    return Artifact(entry.path, kind, entry.size, entry.executable) if kind else None
