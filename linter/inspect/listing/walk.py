"""Follows the shapes of the Catalog API through the details of a change, and tells what does not fit them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from linter.inspect.listing.changes import MACHINE_LEARNING
from linter.inspect.listing.roles import BUILDERS, Reading
from linter.inspect.manifest.members import nearest
from linter.inspect.manifest.request import Node

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linter.inspect.listing.changes import Change

_TYPES: Mapping[str, type[Any]] = {"structure": dict, "list": list, "string": str, "boolean": bool}
_TYPE_NAMES = {"structure": "an object", "list": "a list", "string": "a string", "boolean": "true or false"}
_SHOWN = 80
_MOST_LEVELS = 20


def walk(reading: Reading, change: Change) -> None:
    """Put all facts about the details of a change to a machine-learning product or its offer on the reading's list."""
    kind = change.kind.removeprefix("like_")
    shape = reading.tables.changes.get(kind, {}).get(change.type)
    if change.product == MACHINE_LEARNING and change.details is not None and shape:
        _Walk(reading, change).visit(change.details, shape, 0)


class _Walk:
    def __init__(self, reading: Reading, change: Change) -> None:
        self.reading, self.change, self.tables = reading, change, reading.tables

    def visit(self, node: Node, name: str, level: int) -> None:
        shape = self.tables.shapes[name]
        kind = shape["type"]
        if kind == "any" or self.reading.full or level > _MOST_LEVELS:
            return
        found = node.placeholder
        if found is not None and found.kind == "marker":
            self.value(node, name, "placeholder", "the real value", found.text)
        role = BUILDERS.get(shape.get("role", ""))
        if role and (isinstance(node.value, _TYPES[kind]) or node.unknown):
            role(self.reading, self.change, node, shape["role"])
        if node.unknown:
            return
        if not isinstance(node.value, _TYPES[kind]):
            self.value(node, name, "wrong_type", _TYPE_NAMES[kind])
        elif kind == "structure":
            self.structure(node, name, shape, level)
        elif kind == "list":
            self.list(node, name, shape, level)
        elif kind == "string":
            self.text(node, name, shape)

    def structure(self, node: Node, name: str, shape: dict[str, Any], level: int) -> None:
        if "variants" in shape:
            self.variant(node, name, shape, level)
            return
        known: dict[str, str] = shape["members"]
        present = set()
        for member in node.value:
            child = self.child(node, member, known.get(member))
            if member in known:
                present.add(member)
                if child.value is not None:
                    self.visit(child, known[member], level + 1)
                continue
            meant = self.meant(member, known, node)
            self.stranger(node, child, meant)
            if meant and child.value is not None:
                present.add(meant)
                self.visit(child, known[meant], level + 1)
        for member in shape.get("required", ()):
            if member not in present or (member in node.value and node.value[member] is None):
                self.missing(node, member, name)

    def variant(self, node: Node, name: str, shape: dict[str, Any], level: int) -> None:
        """A structure whose members depend on the value of one of them."""
        by = shape["by"]
        if node.value.get(by) is None:
            self.missing(node, by, name)
            return
        chosen = self.child(node, by, None)
        variants: dict[str, str] = shape["variants"]
        if chosen.unknown:
            return
        if isinstance(chosen.value, str) and chosen.value in variants:
            self.visit(node, variants[chosen.value], level + 1)
            return
        suggestion = nearest(chosen.value, list(variants)) if isinstance(chosen.value, str) else None
        self.value(chosen, name, "not_in_enum", "one of " + ", ".join(variants), suggestion=suggestion)

    def list(self, node: Node, name: str, shape: dict[str, Any], level: int) -> None:
        count, low, high = len(node.value), shape.get("min", 0), shape.get("max")
        if count < low:
            self.value(node, name, "too_few", f"at least {low}", limit=low, length=count)
        elif high is not None and count > high:
            self.value(node, name, "too_many", f"at most {high}", limit=high, length=count)
        place = self.place(shape["member"])
        for index, part in enumerate(node.value):
            if self.reading.full:
                return
            self.visit(Node(node.request, (*node.pointer, index), part, place), shape["member"], level + 1)

    def text(self, node: Node, name: str, shape: dict[str, Any]) -> None:
        value: str = node.value
        high = shape.get("max")
        if not value.strip():
            if not shape.get("may_be_empty"):
                self.value(node, name, "empty", "a text that is not empty")
        elif "enum" in shape and value not in shape["enum"]:
            suggestion = nearest(value, shape["enum"])
            self.value(node, name, "not_in_enum", "one of " + ", ".join(shape["enum"]), suggestion=suggestion)
        elif high is not None and len(value) > high:
            self.value(node, name, "too_long", f"at most {high:,} characters", limit=high, length=len(value))
        elif value[:1].isspace() and "pattern" in shape:
            self.value(node, name, "blank_start", "a text that does not begin with white space")
        elif "pattern" in shape and not re.search(shape["pattern"], value):
            self.value(node, name, "pattern", shape.get("says", "a text of another form"))

    # --- below

    def child(self, node: Node, member: str, name: str | None) -> Node:
        return Node(node.request, (*node.pointer, member), node.value[member], self.place(name))

    def place(self, name: str | None) -> str:
        """Whether a text is prose, in which brackets and dollar signs are no placeholders."""
        shape = self.tables.shapes.get(name or "", {})
        return "name" if shape.get("role", "").endswith(("_arn", "_link", "_type")) or "role" not in shape else "prose"

    def meant(self, member: str, known: Mapping[str, str], node: Node) -> str | None:
        """The member that an unknown one stands for."""
        renamed = self.tables.renamed.get(member)
        if renamed in known and renamed not in node.value:
            return renamed
        free = [name for name in known if name not in node.value]
        return nearest(member, free) if self.reading.guess() else None

    # --- the facts of the walk itself

    def value(
        self,
        node: Node,
        shape: str,
        problem: str,
        expected: str,
        shown: str | None = None,
        *,
        suggestion: str | None = None,
        limit: int | None = None,
        length: int | None = None,
    ) -> None:
        text = shown if shown is not None else _shown(node.value)
        fields = {
            "member": node.name,
            "parent": self.parent(node),
            "shape": shape,
            "value": text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…",
            "problem": problem,
            "expected": expected,
            "length": length,
            "limit": limit,
            "suggestion": suggestion,
        }
        self.reading.emit("listing.value", self.change, node, fields, {"value": node.span})

    def stranger(self, parent: Node, node: Node, suggestion: str | None) -> None:
        fields = {"member": node.name, "parent": self.title(parent), "suggestion": suggestion}
        self.reading.emit("listing.member", self.change, node, fields, {"member": node.key_span})

    def missing(self, node: Node, member: str, shape: str) -> None:
        fields = {"member": member, "parent": self.title(node), "shape": shape}
        self.reading.emit("listing.missing", self.change, node, fields)

    def parent(self, node: Node) -> str:
        pointer = node.pointer
        while pointer and isinstance(pointer[-1], int):
            pointer = pointer[:-1]
        return self.title(Node(node.request, pointer[:-1], None)) if pointer else self.change.type

    def title(self, node: Node) -> str:
        """The member that holds a structure; at the top the type of the change."""
        base = self.change.details.pointer if self.change.details else ()
        names = [part for part in node.pointer[len(base) :] if isinstance(part, str)]
        return names[-1] if names else self.change.type


def _shown(value: Any) -> str:
    if isinstance(value, (dict, list)):
        return "an object" if isinstance(value, dict) else "a list"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)
