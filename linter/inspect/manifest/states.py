"""Requests that state machines of AWS Step Functions send: tasks that call SageMaker by its API's names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.document.base import Node
from linter.inspect.manifest.names import TASKS

if TYPE_CHECKING:
    from linter.document import Document, Pointer

_DEPTH = 40
_PATH = ".$"
"""What names end in whose values are paths into the input of a task."""


def task_of(value: dict[str, Any]) -> tuple[str, str] | None:
    """What a task creates, and the member that holds its request; None for other values."""
    resource = value.get("Resource")
    if value.get("Type") != "Task" or not isinstance(resource, str):
        return None
    request = TASKS.get(resource.rpartition(":")[2].partition(".")[0])
    given = next((name for name in ("Arguments", "Parameters") if isinstance(value.get(name), dict)), None)
    return (request, given) if request and given else None


def with_gaps(document: Document, pointer: Pointer) -> Document:
    """The same document, what the request at a path takes from the task's input as something to be filled in."""
    value, node = document.at(pointer)
    return document.grafted(pointer, *_filled(value, node, 0))


def _filled(value: Any, node: Node, depth: int) -> tuple[Any, Node]:
    if depth > _DEPTH or not isinstance(value, (dict, list)) or node.items is None:
        return value, node
    made: Any = {} if isinstance(value, dict) else []
    places = Node(node.start, node.end, made)
    for key, part in value.items() if isinstance(value, dict) else enumerate(value):
        inner, place = _filled(part, node.items.get(key, node), depth + 1)
        name = key
        if isinstance(key, str) and key.endswith(_PATH) and isinstance(part, str):
            name = key.removesuffix(_PATH)
            inner = f"${{{name}}}"
        if isinstance(made, dict):
            made[name] = inner
        else:
            made.append(inner)
        places.add(name, place, node.keys.get(str(key)) if node.keys else None)
    return made, places
