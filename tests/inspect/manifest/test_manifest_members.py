"""The schemas of the requests hold together, and the inspector and a validator of JSON Schema agree on them."""

import json
from pathlib import Path

import jsonschema_rs

from linter.inspect.manifest import members
from linter.inspect.manifest.names import PROSE
from linter.inspect.manifest.walk import MAPS, STRUCTURES
from linter.judge.load import load_knowledge

FOLDER = Path(__file__).parents[3] / "schemas" / "manifests"
STRUCTURES_FILE = FOLDER / "structures.schema.json"
SHAPES = json.loads(STRUCTURES_FILE.read_text("utf-8"))["$defs"]


def references(schema):
    parts = [*schema.get("properties", {}).values(), *(schema.get(word) for word in ("items", "propertyNames"))]
    parts.append(schema.get("additionalProperties") or None)
    return [part["$ref"].removeprefix("#/$defs/") for part in parts if part]


def test_every_shape_is_sound_and_used():
    used = {"CreateAlgorithm", "CreateModelPackage"}
    for name, schema in SHAPES.items():
        jsonschema_rs.validator_for({**schema, "$defs": SHAPES})
        used |= set(references(schema))
        assert set(schema.get("required", ())) <= set(schema.get("properties", ())), name
        if schema["type"] == "object":
            assert "additionalProperties" in schema, name
    assert used == set(SHAPES)


def test_every_file_names_a_structure():
    names = {json.loads(path.read_text("utf-8")).get("$ref") for path in FOLDER.glob("*.schema.json")} - {None}
    prefix = f"{STRUCTURES_FILE.name}#/$defs/"
    assert {f"{prefix}CreateAlgorithm", f"{prefix}CreateModelPackage"} <= names
    assert {name.removeprefix(prefix) for name in names} <= set(SHAPES)


def test_patterns_take_no_exponential_time():
    for schema in SHAPES.values():
        for text in ("a" * 300 + "!", "-" * 300, "a-" * 150 + "!", "arn:aws:sagemaker:" + "a-" * 150, "1." * 150):
            if "pattern" in schema:
                members.matcher(schema["pattern"])(text)


def test_instance_types_are_those_of_the_table():
    knowledge = load_knowledge()
    for name, table in members._INSTANCE_TYPES.items():
        assert sorted(SHAPES[name]["enum"]) == sorted(knowledge.get(f"instance_types.{table}"))


def test_shapes_are_not_recursive():
    def depth(name, above=()):
        assert name not in above
        return 1 + max((depth(each, (*above, name)) for each in references(SHAPES[name])), default=0)

    assert max(depth("CreateAlgorithm"), depth("CreateModelPackage")) < 15


def test_the_walk_knows_only_shapes_that_exist():
    for name in (*STRUCTURES, *MAPS):
        members.shape(name)
    assert set(members.places("CreateAlgorithm")) | set(members.places("CreateModelPackage")) >= PROSE


def test_places_and_nearest_names():
    places = members.places("CreateModelPackage")
    assert places["Environment"][0] == "InferenceSpecification.Containers[].Environment"
    assert members.nearest("ContenType", ["ContentType", "DataSource"]) == "ContentType"
    assert members.nearest("contenttype", ["ContentType"]) == "ContentType"
    assert members.nearest("Zebra", ["ContentType"]) is None
    assert members.nearest("x" * 10_000, ["ContentType"]) is None
