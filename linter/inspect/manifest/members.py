"""The members of the requests, from `schemas/manifests/structures.schema.json`."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from linter.resources import schemas_folder

if TYPE_CHECKING:
    from collections.abc import Callable

ANY_REQUEST = "AnyRequest"
"""Shape of a part whose request is not known: it takes what either request takes and demands what both demand."""
ANY_VALIDATION = "AnyValidationSpecification"
ANY_PROFILES = "AnyValidationProfiles"
ANY_PROFILE = "AnyValidationProfile"

Shape = dict[str, Any]


_INSTANCE_TYPES = {
    "TrainingInstanceType": "training",
    "TransformInstanceType": "transform",
    "ProductionVariantInstanceType": "realtime",
}
"""Shapes whose values the table `instance_types` lists."""
_LETTERS_AND = re.compile(r"\(?\[\\p\{L\}\\p\{Z\}\\p\{N\}(.*)\]\*\)?")
_ALL_BUT_CONTROL = re.compile(r"\[\\p\{L\}\\p\{M\}\\p\{Z\}(?:\\p\{S\})?\\p\{N\}\\p\{P\}\]\*")
_BOUNDS: dict[str, tuple[str, ...]] = {"min": ("minLength", "minimum", "minItems", "minProperties")}
_BOUNDS["max"] = tuple(word.replace("min", "max", 1) for word in _BOUNDS["min"])


@lru_cache(maxsize=1)
def _table() -> dict[str, Shape]:
    text = (schemas_folder() / "manifests" / "structures.schema.json").read_text("utf-8")
    shapes = {name: _shape(name, schema) for name, schema in json.loads(text)["$defs"].items()}
    shapes[ANY_REQUEST] = _either(shapes, "CreateAlgorithm", "CreateModelPackage")
    shapes[ANY_REQUEST]["members"]["ValidationSpecification"] = ANY_VALIDATION
    shapes[ANY_VALIDATION] = _either(shapes, "AlgorithmValidationSpecification", "ModelPackageValidationSpecification")
    shapes[ANY_VALIDATION]["members"]["ValidationProfiles"] = ANY_PROFILES
    shapes[ANY_PROFILES] = {"type": "list", "member": ANY_PROFILE}
    shapes[ANY_PROFILE] = _either(shapes, "AlgorithmValidationProfile", "ModelPackageValidationProfile")
    return shapes


def _shape(name: str, schema: dict[str, Any]) -> Shape:
    """A schema in the words of the service model, which is what the walk goes along."""
    if name in _INSTANCE_TYPES:
        return {"type": "string", "instance_types": _INSTANCE_TYPES[name]}
    shape: Shape = {"type": schema["type"]}
    if "properties" in schema:
        members = {member: _target(part) for member, part in schema["properties"].items()}
        shape = {"type": "structure", "members": members, "required": schema["required"]}
    elif "propertyNames" in schema:
        shape = {
            "type": "map",
            "key": _target(schema["propertyNames"]),
            "value": _target(schema["additionalProperties"]),
        }
    elif "items" in schema:
        shape = {"type": "list", "member": _target(schema["items"])}
    for bound, words in _BOUNDS.items():
        found = [schema[word] for word in words if word in schema]
        if found:
            shape[bound] = found[0]
    return shape | {key: schema[key] for key in ("pattern", "enum") if key in schema}


def _target(part: dict[str, str]) -> str:
    return part["$ref"].removeprefix("#/$defs/")


def _either(shapes: dict[str, Shape], first: str, second: str) -> Shape:
    one, other = shapes[first], shapes[second]
    required = [name for name in one["required"] if name in other["required"]]
    return {"type": "structure", "members": {**one["members"], **other["members"]}, "required": required}


def shape(name: str) -> Shape:
    """A shape by its name: `type` and, by type, `members` and `required`, `member`, `key` and `value`, or bounds."""
    found: Shape = _table()[name]
    return found


@lru_cache(maxsize=64)
def matcher(pattern: str) -> Callable[[str], bool]:
    """Tells whether a text has the form that a shape's pattern demands."""
    if "\\p{" in pattern:  # classes of Unicode, which Python's own engine does not have
        import jsonschema_rs

        return jsonschema_rs.validator_for({"pattern": pattern}).is_valid
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None


def in_words(pattern: str) -> str:
    """What a pattern demands, as the end of a sentence; the pattern itself where words would be longer."""
    bare = pattern.removeprefix("^(?:").removesuffix(")$")
    signs = _LETTERS_AND.fullmatch(bare)
    if signs:
        return f"letters, digits, spaces and {signs[1].replace(chr(92), '')} alone"
    if _ALL_BUT_CONTROL.fullmatch(bare):
        return "a text without line breaks, tabs and the like"
    return f"a text that matches {bare}"


@lru_cache(maxsize=4)
def places(root: str) -> dict[str, tuple[str, ...]]:
    """For each member below a shape, the paths at which it may stand, shortest first: `A.B[].C`."""
    found: dict[str, list[str]] = {}
    level = [("", root)]
    while level:
        following = []
        for path, name in level:
            kind = shape(name)
            if kind["type"] == "list":
                following.append((f"{path}[]", kind["member"]))
            elif kind["type"] == "structure":
                for member, inner in kind["members"].items():
                    here = f"{path}.{member}" if path else member
                    found.setdefault(member, []).append(here)
                    following.append((here, inner))
        level = following
    return {member: tuple(paths) for member, paths in found.items()}


def nearest(word: str, choices: list[str]) -> str | None:
    """The choice that a word was probably meant to be: the same but for case and signs, else the most similar."""
    from difflib import get_close_matches

    if len(word) > 200:
        return None
    same = next((choice for choice in choices if _letters(choice) == _letters(word)), None)
    close = None if same else get_close_matches(word, choices, 1, 0.75)
    return same or (close[0] if close else None)


def _letters(word: str) -> str:
    return re.sub(r"[\W_]", "", word).lower()
