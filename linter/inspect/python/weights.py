"""Names of pretrained weights that Python code writes into a model's configuration: `pretrained="torchvision://resnet50"`.

mmengine and detectron2 take such configurations for data, and fetch the weights when they build the model.
"""

from __future__ import annotations

import ast
from itertools import islice
from typing import TYPE_CHECKING

from linter.inspect.model_configuration import weight_schemes, weights_fact
from linter.lazy import compiled
from linter.model import Location

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.inspect.python.place import Places
    from linter.knowledge import Knowledge
    from linter.model import Fact

WEIGHTS_LIMIT = 20
"""Facts of one file."""


def named_weights(tree: ast.Module, places: Places, knowledge: Knowledge) -> list[Fact]:
    """A `model.setting` for each setting that names weights. Texts that are only mentioned or compared are none."""
    if weight_schemes(knowledge).search(places.code.text) is None:
        return []
    return list(islice(_settings(tree, places, knowledge), WEIGHTS_LIMIT))


def _settings(tree: ast.Module, places: Places, knowledge: Knowledge) -> Iterator[Fact]:
    schemes = weight_schemes(knowledge)
    keys = compiled(knowledge.get("model_files.weight_keys"))
    for key, node in _given(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or keys.search(key) is None:
            continue
        found = schemes.fullmatch(node.value)
        if found is not None:
            yield weights_fact(found, key, Location(places.path, places.span(node)), knowledge)


def _given(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Values with the name under which they are given: keywords, members of mappings, attributes and variables."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg:
            yield node.arg, node.value
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield key.value, value
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                name = getattr(target, "attr", None) or getattr(target, "id", None)
                if isinstance(name, str):
                    yield name, node.value
