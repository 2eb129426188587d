"""Is a rule's `match` about what its kind of fact has?

JSON Schema passes over what it does not find, so a slip in a match would silently find nothing, or everything. Each
such slip is refused here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.judge.factschema import NoField, Shape
from linter.judge.fill import KNOWLEDGE, PARAM, filled, reference
from linter.judge.words import did_you_mean, listed
from linter.knowledge import Knowledge, UnknownEntry

if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Protocol

    from linter.document import Pointer

    class Tell(Protocol):
        """Takes note of what is wrong at a place, or at the key of that place."""

        def __call__(self, at: Pointer, message: str, *, key: bool = False) -> None: ...


# What a keyword says something about; values of other types pass it.
_ABOUT = {
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), "number"),
    **dict.fromkeys(("minLength", "maxLength", "pattern"), "string"),
    **dict.fromkeys(("items", "prefixItems", "contains", "minContains", "maxContains"), "array"),
    **dict.fromkeys(("minItems", "maxItems", "uniqueItems"), "array"),
    **dict.fromkeys(("properties", "required", "propertyNames", "patternProperties"), "object"),
    **dict.fromkeys(("additionalProperties", "minProperties", "maxProperties"), "object"),
}
_BRANCHES = ("allOf", "anyOf", "oneOf")
_KNOWN = (*_ABOUT, *_BRANCHES, "not", "if", "then", "else", "const", "enum", "type", "description", "$comment")


class MatchCheck:
    """Walks one match. `tell` is called with the place and the sentence of everything that is wrong."""

    def __init__(self, kind: str, params: Collection[str], knowledge: Knowledge, tell: Tell) -> None:
        self.kind, self.params, self.knowledge, self.tell = kind, params, knowledge, tell
        self.used: set[str] = set()
        """Parameters that the match refers to."""

    def check(self, match: Any, shape: Shape) -> Any:
        """The match with knowledge filled in; `$param` stays. Problems have been told."""
        self.walk(match, shape, ("match",), fires=True, typed=True)
        self.literals(match, ("match",))
        return filled(match, KNOWLEDGE, self.known)

    def known(self, path: str) -> Any:
        try:
            return self.knowledge.get(path)
        except UnknownEntry:
            return None

    def walk(self, match: Any, shape: Shape | None, at: Pointer, *, fires: bool | None, typed: bool) -> None:
        """`fires` tells whether a value that the schema passes over leads to a finding; None when that is open."""
        if isinstance(match, bool):
            return
        if not isinstance(match, dict):
            self.tell(at, "a JSON Schema is expected here: a mapping, or true or false")
            return
        typed = typed or any(word in match for word in ("type", "const", "enum"))
        for word, part in match.items():
            here = (*at, word)
            if word not in _KNOWN:
                self.tell(here, f"`{word}` is no keyword of a match{did_you_mean(word, _KNOWN)}", key=True)
                continue
            if shape is not None and fires and not typed:
                self.about(word, shape, here)
            if word in _BRANCHES and isinstance(part, list):
                for index, branch in enumerate(part):
                    self.walk(branch, shape, (*here, index), fires=fires, typed=typed)
            elif word == "not":
                self.walk(part, shape, here, fires=None if fires is None else not fires, typed=typed)
            elif word in ("if", "then", "else"):
                self.walk(part, shape, here, fires=None if word == "if" else fires, typed=typed)
            elif word in ("const", "enum"):
                self.possible(word, part, shape, here)
            else:
                self.inside(word, part, match, shape, here, fires=fires)

    def about(self, word: str, shape: Shape, at: Pointer) -> None:
        """A keyword about numbers says nothing about `"unknown"`, so it must not stand alone."""
        kind = _ABOUT.get(word)
        if kind and not shape.types <= {kind}:
            others = listed(sorted(shape.types - {kind}))
            self.tell(
                at, f"`{word}` lets every value pass that is no {kind}, and {others} may come; add `type: {kind}`"
            )

    def inside(self, word: str, part: Any, match: Any, shape: Shape | None, at: Pointer, *, fires: bool | None) -> None:
        if word == "properties" and isinstance(part, dict):
            for name, schema in part.items():
                field, exists = self.field(name, shape, (*at, name))
                required = shape is None or shape.always_has(name) or name in match.get("required", ())
                if fires and exists and not required and schema is not True:
                    message = f"`{name}` may be absent, and the rule would fire then; add it to `required`"
                    self.tell((*at, name), message, key=True)
                self.walk(schema, field, (*at, name), fires=fires, typed=field is None)
        elif word == "required" and isinstance(part, list):
            for index, name in enumerate(part):
                self.field(str(name), shape, (*at, index))
        elif word in ("items", "contains"):
            self.walk(part, self.element(shape, at), at, fires=fires, typed=shape is None)
        elif word == "prefixItems" and isinstance(part, list):
            for index, schema in enumerate(part):
                self.walk(schema, self.element(shape, at), (*at, index), fires=fires, typed=shape is None)
        elif word in ("additionalProperties", "propertyNames"):
            self.walk(part, None, at, fires=fires, typed=True)
        elif word == "patternProperties" and isinstance(part, dict):
            for name, schema in part.items():
                self.walk(schema, None, (*at, name), fires=fires, typed=True)

    def field(self, name: str, shape: Shape | None, at: Pointer) -> tuple[Shape | None, bool]:
        """The shape of a field, None when it is open, and whether the field can exist."""
        try:
            return (shape.field(name) if shape else None), True
        except NoField as missing:
            hint = did_you_mean(name, missing.known) or (f"; there is {listed(missing.known)}" if missing.known else "")
            where = self.kind if len(at) == 3 else "this value"
            self.tell(at, f"{where} has no field `{name}`{hint}", key=True)
            return None, False

    def element(self, shape: Shape | None, at: Pointer) -> Shape | None:
        try:
            return shape.element() if shape else None
        except NoField:
            self.tell(at, "this field is never a list")
            return None

    def possible(self, word: str, part: Any, shape: Shape | None, at: Pointer) -> None:
        """Refuse a value that the field can never have: nearly always a slip of the pen."""
        if shape is None or (word == "enum" and not isinstance(part, list)):
            return
        import jsonschema_rs

        validator = jsonschema_rs.Draft202012Validator(shape.whole())
        for index, value in enumerate(part if word == "enum" else [part]):
            if (
                reference(value, KNOWLEDGE) is None
                and reference(value, PARAM) is None
                and not validator.is_valid(value)
            ):
                named = [str(literal) for literal in shape.literals]
                hint = did_you_mean(str(value), named) or (f"; it can be {listed(named)}" if named else "")
                self.tell((*at, index) if word == "enum" else at, f"this field can never be `{value}`{hint}")

    def literals(self, part: Any, at: Pointer) -> None:
        """References must lead somewhere, and no figure may be written into a rule."""
        if isinstance(part, dict):
            for key in (KNOWLEDGE, PARAM):
                if key in part:
                    self.refer(key, part, at)
                    return
            for name, value in part.items():
                self.literals(value, (*at, name))
        elif isinstance(part, list):
            for index, value in enumerate(part):
                self.literals(value, (*at, index))
        elif isinstance(part, (int, float)) and not isinstance(part, bool) and part not in (0, 1):
            self.tell(at, f"the figure {part} must not stand in a rule; take it from `$knowledge` or a `$param`")

    def refer(self, key: str, part: dict[str, Any], at: Pointer) -> None:
        name = reference(part, key)
        if name is None:
            self.tell(at, f"`{key}` stands alone in its mapping, with a text")
        elif key == PARAM:
            self.used.add(name)
            if name not in self.params:
                hint = did_you_mean(name, self.params) or "; declare it in `params`"
                self.tell((*at, key), f"there is no parameter `{name}`{hint}")
        else:
            self.table(name, (*at, key))

    def table(self, path: str, at: Pointer) -> None:
        try:
            value = self.knowledge.get(path)
        except UnknownEntry as error:
            self.tell(at, str(error.args[0]))
            return
        if isinstance(value, dict) and "value" in value:
            self.tell(at, f"`{path}` is an entry with its source; the figure is `{path}.value`")
        elif isinstance(value, dict) and "enum" not in at:
            self.tell(at, f"`{path}` is a table; only `enum` can take its keys")
        elif isinstance(value, list) and any(isinstance(element, (dict, list)) for element in value):
            self.tell(at, f"`{path}` is a list of tables; nothing in a fact equals one")
