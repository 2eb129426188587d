"""What the schema of a kind of fact says about its fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

_DEEPEST = 20
_OBJECT_WORDS = ("properties", "required", "additionalProperties", "patternProperties")
TYPES = frozenset(("object", "array", "string", "number", "boolean", "null"))


class NoField(Exception):
    """A schema has no such field. `known` are those it has."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(name)
        self.name, self.known = name, tuple(known)


class Shape(NamedTuple):
    """All schemas that a value may obey, alternatives side by side; `root` resolves their references."""

    alternatives: tuple[Any, ...]
    root: Any

    def field(self, name: str) -> Shape | None:
        """The shape of a field; None when the schema leaves it open. Raises NoField."""
        found: list[Any] = []
        known: list[str] = []
        open_ended = False
        for schema in self.alternatives:
            if "object" not in types_of(schema):
                continue
            if schema is True:
                return None
            properties = schema.get("properties", {})
            known += properties
            rest = schema.get("additionalProperties", True)
            if name in properties:
                found.append(properties[name])
            elif isinstance(rest, dict):
                found.append(rest)
            else:
                open_ended = open_ended or rest is not False or "patternProperties" in schema
        if open_ended:
            return None
        if not found:
            raise NoField(name, known)
        return shape(found, self.root)

    def element(self) -> Shape | None:
        """The shape of a list's elements; None when the schema leaves it open. Raises NoField when it is no list."""
        lists = [schema for schema in self.alternatives if "array" in types_of(schema)]
        if not lists:
            raise NoField("", ())
        if any(not isinstance(schema, dict) or "items" not in schema or "prefixItems" in schema for schema in lists):
            return None
        return shape([schema["items"] for schema in lists], self.root)

    def reach(self, path: Iterable[str]) -> Shape | None:
        """The shape at a path of fields and indexes. Raises NoField."""
        here: Shape | None = self
        for part in path:
            if here is None:
                return None
            here = here.element() if part.isdecimal() and "array" in here.types else here.field(part)
        return here

    @property
    def types(self) -> frozenset[str]:
        """The JSON types that a value may have; `integer` counts as `number`."""
        return frozenset().union(*(types_of(schema) for schema in self.alternatives))

    def always_has(self, name: str) -> bool:
        """Whether every object of this shape has a field."""
        return all(
            isinstance(schema, dict) and name in schema.get("required", ())
            for schema in self.alternatives
            if "object" in types_of(schema)
        )

    @property
    def literals(self) -> list[Any]:
        """The single values that the alternatives name."""
        values: list[Any] = []
        for schema in self.alternatives:
            if isinstance(schema, dict):
                values += schema.get("enum", []) + ([schema["const"]] if "const" in schema else [])
        return values

    def whole(self) -> dict[str, Any]:
        """One schema for the shape, to check values with."""
        return {"anyOf": list(self.alternatives), "$defs": self.root.get("$defs", {})}


def shape(schemas: Iterable[Any], root: Any) -> Shape:
    """The shape of a value that obeys one of some schemas, with references and alternatives unfolded."""
    found: list[Any] = []
    for schema in schemas:
        _unfold(schema, root, found, 0)
    return Shape(tuple(found), root)


def _unfold(schema: Any, root: Any, found: list[Any], depth: int) -> None:
    if not isinstance(schema, dict) or depth > _DEEPEST:
        found.append(schema is not False)
        return
    if "$ref" in schema:
        _unfold(_resolve(schema["$ref"], root), root, found, depth + 1)
        return
    for word in ("anyOf", "oneOf"):
        if word in schema:
            for part in schema[word]:
                _unfold(part, root, found, depth + 1)
            if not any(object_word in schema for object_word in _OBJECT_WORDS):
                return
    found.append(schema)


def _resolve(pointer: str, root: Any) -> Any:
    if not pointer.startswith("#"):
        return True
    for part in pointer[1:].strip("/").split("/"):
        if part:
            root = root.get(part.replace("~1", "/").replace("~0", "~"), True) if isinstance(root, dict) else True
    return root


def types_of(schema: Any) -> frozenset[str]:
    """The JSON types that a schema without references admits."""
    if not isinstance(schema, dict):
        return TYPES if schema else frozenset()
    if "type" in schema:
        named = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        return frozenset("number" if name == "integer" else name for name in named)
    if "const" in schema:
        return frozenset((_type(schema["const"]),))
    if "enum" in schema:
        return frozenset(_type(value) for value in schema["enum"])
    return frozenset(("object",)) if "properties" in schema else TYPES


def _type(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return "null" if value is None else "boolean"
    return {str: "string", int: "number", float: "number", list: "array"}.get(type(value), "object")
