"""Files of settings that the product's code reads: model names and addresses often stand in them alone."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any, Literal

from linter.document import DocumentError, load_document
from linter.model import Fact, Location
from linter.references.settings_files import places_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from linter.tree import Tree

_FORMATS: dict[str, Literal["json", "yaml"]] = {".json": "json", ".yaml": "yaml", ".yml": "yaml"}
_NOTEBOOK = ".ipynb"
_LARGEST = 64 * 1024
"""Bytes of a file of settings."""
_MOST_FILES = 200
_MOST_VALUES = 500
_LONGEST = 500
"""Characters of one value."""
_DEPTH = 8


def with_settings(facts: Sequence[Fact], tree: Tree) -> list[Fact]:
    """The facts with a `settings.content` for each file that code reads settings from."""
    found: dict[str, Fact] = {}
    for fact in facts:
        if fact.kind != "settings.use":
            continue
        folder = fact.location.path.rpartition("/")[0]
        for name in fact["names"]:
            path = next((each for each in places_of(name, folder) if _is_file(tree, each)), None)
            if path is None and fact.location.path.endswith(_NOTEBOOK):
                found |= _of_cells(tree, fact.location.path, name)
            elif path is not None and path not in found and len(found) < _MOST_FILES:
                content = _content(tree, path)
                found |= {path: content} if content is not None else {}
    return [*facts, *found.values()]


def _of_cells(tree: Tree, notebook: str, name: str) -> dict[str, Fact]:
    """The contents of a file that a cell of a notebook writes."""
    from linter.inspect.notebook import written_texts
    from linter.inspect.text import READ_LIMIT_BYTES, NotText, Source

    try:
        texts = written_texts(Source(notebook, tree.read(notebook, READ_LIMIT_BYTES)))
    except (OSError, NotText):
        return {}
    path = next((each for each in texts if posixpath.basename(each) == posixpath.basename(name)), None)
    content = _parsed(texts[path].text.encode("utf-8", "replace"), path) if path is not None else None
    return {content.location.path: content} if content is not None else {}


def _is_file(tree: Tree, path: str) -> bool:
    entry = tree.entry(path) if path.endswith(tuple(_FORMATS)) else None
    return entry is not None and entry.kind != "folder"


def _content(tree: Tree, path: str) -> Fact | None:
    """The contents of one file; None of one that is too large, or no mapping."""
    try:
        return _parsed(tree.read(path, _LARGEST + 1), path)
    except OSError:
        return None


def _parsed(data: bytes, path: str) -> Fact | None:
    try:
        text = data.decode("utf-8")
        document = load_document(text, format=_FORMATS[path[path.rindex(".") :]])
    except (UnicodeDecodeError, DocumentError, KeyError):
        return None
    if len(data) > _LARGEST or not isinstance(document.value, dict):
        return None
    return Fact("settings.content", Location(path), {"content": _form(document.value, [_MOST_VALUES], 0)})


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
