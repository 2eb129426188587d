"""Which members of a request are misspelt, and what was probably meant: what is misspelt is not missing as well."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from linter.inspect.manifest import members
from linter.inspect.manifest.names import RESOURCE_ONLY, SHAPES
from linter.inspect.manifest.values import is_no_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.document import Pointer
    from linter.inspect.manifest.request import Request

REQUESTS = frozenset({*SHAPES.values(), members.ANY_REQUEST})
_ANNOTATION = re.compile(r"^(?:[_$#]|x-|//)")
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
"""Where a new word begins in a name of the service."""


def is_annotation(member: str) -> bool:
    """Whether a member is a remark for people by its name."""
    return bool(_ANNOTATION.match(member))


def other_place(request: Request, member: str) -> str | None:
    """The shortest path at which the request may have a member of this name."""
    paths = members.places(SHAPES.get(request.found.request, members.ANY_REQUEST)).get(member, ())
    return paths[0] if paths else None


def find_meant(request: Request) -> None:
    """Note on a request what its strange members were probably meant to be. Depth is bounded by the shapes."""
    root = request.root
    level = [(root.pointer, root.value, request.found.shape)]
    while level:
        level = [part for each in level for part in _parts(request, *each)]


def _parts(request: Request, pointer: Pointer, value: Any, name: str) -> Iterator[tuple[Pointer, Any, str]]:
    kind = members.shape(name)
    if kind["type"] == "list" and isinstance(value, list):
        for index, part in enumerate(value):
            if isinstance(part, (dict, list)):
                yield (*pointer, index), part, kind["member"]
    elif kind["type"] == "structure" and isinstance(value, dict):
        known = kind["members"]
        free = [member for member in known if member not in value]
        for member, part in value.items():
            if member in known:
                if isinstance(part, (dict, list)):
                    yield (*pointer, member), part, known[member]
            elif not is_no_value(part) and not _of_others(request, pointer, member, name) and request.guess():
                _note(request, pointer, member, free)


def _of_others(request: Request, pointer: Pointer, member: str, name: str) -> bool:
    """Whether the request need not have a member: what stands beside a part, or at the top of a tool's resource."""
    if name not in REQUESTS:
        return False
    if pointer == request.found.pointer and not request.found.whole:
        return True
    return request.coerced and is_of_the_tool(request, member)


def is_of_the_tool(request: Request, member: str) -> bool:
    """Whether a member at the top of a resource is not meant for the service."""
    return member in RESOURCE_ONLY or (request.found.form == "terraform" and member == member.lower())


def _note(request: Request, pointer: Pointer, member: str, free: list[str]) -> None:
    names = {name: name for name in free}
    if request.found.form == "terraform":  # whose names have underscores instead of capitals
        names = {_WORD.sub("_", name).lower(): name for name in free}
    suggestion = members.nearest(member, list(names))
    if suggestion is None:
        return
    request.suggestions[*pointer, member] = suggestion
    if not is_annotation(member) and other_place(request, member) is None:
        request.written_as.setdefault((*pointer, names[suggestion]), member)
