"""The JSON Schemas of the two requests, from botocore's service model: part of `refresh_knowledge.py`.

`structures.schema.json` holds every shape that a request can reach, under the service's names; the inspector of
manifests reads it. The other files name one structure each, for editors and other validators.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Schema = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
STRUCTURES = "structures.schema.json"
OPERATIONS = ("CreateAlgorithm", "CreateModelPackage")
FILES = {
    "create-algorithm": "CreateAlgorithm",
    "create-model-package": "CreateModelPackage",
    "training-specification": "TrainingSpecification",
    "inference-specification": "InferenceSpecification",
    "algorithm-validation-specification": "AlgorithmValidationSpecification",
    "model-package-validation-specification": "ModelPackageValidationSpecification",
    "source-algorithm-specification": "SourceAlgorithmSpecification",
}
"""Name of a file -> the structure that stands in it."""
REWRITTEN = {
    r"(-*[a-zA-Z0-9]){0,62}": "([a-zA-Z0-9-]*[a-zA-Z0-9])?",
    r"(-*[a-zA-Z0-9]){0,63}": "([a-zA-Z0-9-]*[a-zA-Z0-9])?",
    r"(-*[a-zA-Z0-9])*": "([a-zA-Z0-9-]*[a-zA-Z0-9])?",
    r"\p{P}]{0,1024}": r"\p{P}]*",
    "*)${1,256}": "*)",
    "*)${1,128}": "*)",
}
"""Parts of patterns that take exponential time or that few engines read, and what says the same beside the length."""
SAYS_NOTHING = re.compile(r"\.(?:[*+]|\{\d+,\d+\})|\[\\S\\s\][*+]")
"""Patterns that the length settles. Whether a dot stands for a line break depends on the service's engine."""
BOUNDS = {
    "string": ("minLength", "maxLength"),
    "integer": ("minimum", "maximum"),
    "array": ("minItems", "maxItems"),
    "object": ("minProperties", "maxProperties"),
}
TYPES = {"structure": "object", "map": "object", "list": "array", "long": "integer"}


def manifest_schemas(shapes: Mapping[str, Any], source: str) -> dict[str, Schema]:
    """Each file's name with its schema. `source` says which service model it comes from."""
    found: dict[str, Schema] = {}
    waiting = [f"{operation}Input" for operation in OPERATIONS]
    while waiting:
        name = waiting.pop()
        if _public(name) not in found:
            found[_public(name)] = _schema(shapes[name])
            waiting.extend(_parts(shapes[name]))
    description = "Every structure of the requests CreateAlgorithm and CreateModelPackage of Amazon SageMaker."
    whole = {"title": "Structures of SageMaker requests", "description": description, "$comment": source}
    files: dict[str, Schema] = {STRUCTURES: {"$schema": DRAFT, **whole, "$defs": dict(sorted(found.items()))}}
    for file, name in FILES.items():
        text = f"{name} of Amazon SageMaker, as its service model describes it."
        head: Schema = {"$schema": DRAFT, "title": name, "description": text, "$ref": f"{STRUCTURES}#/$defs/{name}"}
        files[f"{file}.schema.json"] = head
    return files


def _public(name: str) -> str:
    return name.removesuffix("Input") if name.removesuffix("Input") in OPERATIONS else name


def _parts(shape: Mapping[str, Any]) -> Iterator[str]:
    yield from (member["shape"] for member in shape.get("members", {}).values())
    yield from (shape[part]["shape"] for part in ("member", "key", "value") if part in shape)


def _reference(part: Mapping[str, str]) -> Schema:
    return {"$ref": f"#/$defs/{part['shape']}"}


def _schema(shape: Mapping[str, Any]) -> Schema:
    kind = TYPES.get(shape["type"], shape["type"])
    schema: Schema = {"type": kind}
    if shape["type"] == "structure":
        schema["properties"] = {name: _reference(member) for name, member in shape["members"].items()}
        schema |= {"required": shape.get("required", []), "additionalProperties": False}
    elif shape["type"] == "map":
        schema |= {"propertyNames": _reference(shape["key"]), "additionalProperties": _reference(shape["value"])}
    elif shape["type"] == "list":
        schema["items"] = _reference(shape["member"])
    for bound, word in zip(("min", "max"), BOUNDS.get(kind, ()), strict=False):
        if bound in shape and (shape[bound] or kind == "integer"):
            schema[word] = shape[bound]
    pattern = shape.get("pattern", "")
    if pattern and not SAYS_NOTHING.fullmatch(pattern):
        schema["pattern"] = f"^(?:{_rewritten(pattern)})$"
    if "enum" in shape:
        schema["enum"] = shape["enum"]
    return schema


def _rewritten(pattern: str) -> str:
    for slow, quick in REWRITTEN.items():
        pattern = pattern.replace(slow, quick)
    return pattern


def text_of(schema: Schema) -> str:
    """A schema as JSON, each structure on a line of its own."""
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in schema.items() if key != "$defs"]
    if "$defs" in schema:
        shapes = ",\n".join(f"    {json.dumps(key)}: {json.dumps(value)}" for key, value in schema["$defs"].items())
        lines.append(f'  "$defs": {{\n{shapes}\n  }}')
    return "{\n" + ",\n".join(lines) + "\n}\n"
