"""Which part or constant of the product a value means that another file, or another function, gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.assemble.python.names import CALLED, PART
from linter.references.apis import PROPERTIES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from linter.assemble.python.modules import Module
    from linter.assemble.python.names import Names, Target


def target_of(value: Mapping[str, Any], module: Module, part: str, names: Names) -> Target | None:
    """What the name in a value means, with what is called and read of it; None when there is none, or nothing of it."""
    if "attribute" in value:
        target = names.member(module, value["part"], (value["attribute"],))
        called = target is not None and value["attribute"].endswith(CALLED)
        return target._replace(rest=(*target.rest, CALLED)) if target is not None and called else target
    if "name" in value:
        target = names.resolve(module, part, value["name"])
        return _of_result(target, value["name"]) if target is not None else None
    if "returned" in value:
        target = names.resolve(module, part, value["returned"])
        if target is None:
            return None
        target = _of_result(target, value["returned"]) if target.rest else target
        return target._replace(rest=(*target.rest, CALLED))
    return None


def _of_result(target: Target, written: str) -> Target:
    """What is left of a name behind a function is an attribute of what this returns: `settings().model`."""
    if target.kind != PART or target.module is None or f"{CALLED}." not in written:
        return target
    is_function = target.module.kind(target.name) == "function"
    return target._replace(rest=(CALLED, *target.rest)) if is_function else target


def called_apart(names: Sequence[str]) -> tuple[str, ...]:
    """Names with what says that they are called as one of its own: `model()` as `model` and `()`."""
    parts = ((name.removesuffix(CALLED), CALLED) if name.endswith(CALLED) else (name,) for name in names)
    return tuple(each for part in parts for each in part if each)


def is_property(part: Mapping[str, Any] | None) -> bool:
    """Whether a method is read like an attribute."""
    return part is not None and any(each.rpartition(".")[2] in PROPERTIES for each in part["decorators"])
