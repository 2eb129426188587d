"""Files of settings that the product's code reads: model names and addresses often stand in them alone."""

from __future__ import annotations

import posixpath
from itertools import islice
from typing import TYPE_CHECKING, Any

from linter.model import Fact, Location
from linter.references.settings_files import places_of
from linter.references.settings_formats import READERS, UnreadableError, settings_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from linter.tree import Tree

_NOTEBOOK = ".ipynb"
_LARGEST = 64 * 1024
"""Bytes of a file of settings."""
_ALL = 1024 * 1024
"""Bytes of all of them: reading YAML takes long."""
_MOST_FILES = 200
_MOST_FOLDERS = 500
"""Folders of code in which a file of settings is looked for."""
_MOST_BESIDE = 24
"""Files of one name that are read."""
_MOST_ASKED = 60
"""Names for which the folders of code are looked through."""
_MOST_VALUES = 500
_LONGEST = 500
"""Characters of one value."""
_DEPTH = 8


def with_settings(facts: Sequence[Fact], tree: Tree) -> list[Fact]:
    """The facts with a `settings.content` for each file that code reads settings from."""
    uses = [fact for fact in facts if fact.kind == "settings.use"]
    if not any(fact["reads"] for fact in uses):
        return list(facts)
    folders = dict.fromkeys(posixpath.dirname(fact.location.path) for fact in facts if fact.kind == "python.module")
    found: dict[str, Fact | None] = {}
    left, asked = _ALL, 0
    for fact in sorted(uses, key=lambda fact: not fact["reads"]):
        folder = fact.location.path.rpartition("/")[0]
        for name in fact["names"]:
            path = next((each for each in places_of(name, folder) if _is_file(tree, each)), None)
            if path is None and fact.location.path.endswith(_NOTEBOOK):
                found |= _of_cells(tree, fact.location.path, name)
                continue
            asked += path is None and fact["reads"]
            wanted = path is None and fact["reads"] and asked <= _MOST_ASKED
            for each in _beside(name, folders, tree) if wanted else [path]:
                if each is not None and each not in found and len(found) < _MOST_FILES and left > 0:
                    data = _read(tree, each)
                    left -= len(data)
                    found[each] = _content(data, each)
    return [*facts, *(fact for fact in found.values() if fact is not None)]


def _beside(name: str, folders: Iterable[str], tree: Tree) -> list[str]:
    """The files of a name that lie beside code: which of them a folder that is handed about means is not known."""
    places = (posixpath.join(folder, posixpath.basename(name)) for folder in islice(folders, _MOST_FOLDERS))
    return list(islice((place for place in places if _is_file(tree, place)), _MOST_BESIDE))


def _of_cells(tree: Tree, notebook: str, name: str) -> dict[str, Fact]:
    """The contents of a file that a cell of a notebook writes."""
    from linter.inspect.notebook import written_texts
    from linter.inspect.text import READ_LIMIT_BYTES, NotText, Source

    try:
        texts = written_texts(Source(notebook, tree.read(notebook, READ_LIMIT_BYTES)))
    except (OSError, NotText):
        return {}
    path = next((each for each in texts if posixpath.basename(each) == posixpath.basename(name)), None)
    content = _content(texts[path].text.encode("utf-8", "replace"), path) if path is not None else None
    return {content.location.path: content} if content is not None else {}


def _is_file(tree: Tree, path: str) -> bool:
    entry = tree.entry(path) if path.endswith(tuple(READERS)) else None
    return entry is not None and entry.kind != "folder"


def _read(tree: Tree, path: str) -> bytes:
    try:
        return tree.read(path, _LARGEST + 1)
    except OSError:
        return b""


def _content(data: bytes, path: str) -> Fact | None:
    """The contents of one file; None of one that is too large, or no mapping."""
    if len(data) > _LARGEST:
        return None
    try:
        value = settings_of(data.decode("utf-8-sig"), path[path.rindex(".") :])
    except (UnicodeDecodeError, UnreadableError):
        return None
    return Fact("settings.content", Location(path), {"content": _form(value, [_MOST_VALUES], 0)})


def _form(value: Any, left: list[int], depth: int) -> Any:
    """A value as those of Python code are noted; `{}` for what is too much."""
    left[0] -= 1
    if left[0] < 0 or depth > _DEPTH:
        return {}
    if isinstance(value, dict):
        return {"dict": {str(key): _form(each, left, depth + 1) for key, each in list(value.items())[:_MOST_VALUES]}}
    if isinstance(value, list):
        return [_form(each, left, depth + 1) for each in value[:_MOST_VALUES]]
    if isinstance(value, str):
        return value if len(value) <= _LONGEST else {}
    return value if isinstance(value, bool | int | float) or value is None else {}
