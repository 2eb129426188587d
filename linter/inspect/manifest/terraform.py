"""Model packages in Terraform's JSON: the resource has the members of the request, in lower case with underscores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.document.base import Node
from linter.inspect.manifest import members

if TYPE_CHECKING:
    from linter.document import Document, Pointer

_DEPTH = 40


def with_api_names(document: Document, pointer: Pointer, shape: str) -> Document:
    """The same document, the members of the value at a path named as the API names them."""
    value, node = document.at(pointer)
    return document.grafted(pointer, *_renamed(value, node, shape, 0))


def _renamed(value: Any, node: Node, shape: str | None, depth: int) -> tuple[Any, Node]:
    if shape is None or depth > _DEPTH or node.items is None:
        return value, node
    kind = members.shape(shape)
    if kind["type"] == "list" and isinstance(value, list):
        elements: list[Any] = []
        places = Node(node.start, node.end, elements)
        for number, part in enumerate(value):
            inner, place = _renamed(part, node.items.get(number, node), kind["member"], depth + 1)
            elements.append(inner)
            places.add(number, place)
        return elements, places
    if kind["type"] != "structure" or not isinstance(value, dict) or node.keys is None:
        return value, node
    names: dict[str, str] = {str(name).lower(): str(name) for name in kind["members"]}
    renamed: dict[str, Any] = {}
    places = Node(node.start, node.end, renamed)
    for key, part in value.items():
        name = str(key)
        if name == name.lower():
            name = names.get(name.replace("_", ""), name)
        inner, place = _renamed(part, node.items.get(key, node), kind["members"].get(name), depth + 1)
        if inner is not None:  # null leaves an argument out
            renamed[name] = inner
            places.add(name, place, node.keys.get(key))
    return renamed, places
