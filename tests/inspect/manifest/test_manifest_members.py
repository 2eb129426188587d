"""The table of members holds together."""

import json
import re
from pathlib import Path

from linter.inspect.manifest import members
from linter.inspect.manifest.names import PROSE
from linter.inspect.manifest.walk import MAPS, STRUCTURES

TABLE = json.loads((Path(__file__).parents[3] / "schemas" / "manifests" / "members.json").read_text("utf-8"))
KEYS = {
    "structure": {"type", "members", "required"},
    "list": {"type", "member", "min", "max"},
    "map": {"type", "key", "value", "min", "max"},
    "string": {"type", "min", "max", "pattern", "enum", "instance_types"},
    "integer": {"type", "min", "max"},
    "boolean": {"type"},
}


def test_every_shape_is_complete_and_used():
    shapes = TABLE["shapes"]
    used = {"CreateAlgorithm", "CreateModelPackage"}
    for name, shape in shapes.items():
        assert set(shape) <= KEYS[shape["type"]], name
        used |= set(shape.get("members", {}).values()) | {
            shape[key] for key in ("member", "key", "value") if key in shape
        }
        assert set(shape.get("required", ())) <= set(shape.get("members", ())), name
        if "pattern" in shape:
            re.compile(shape["pattern"])
    assert used == set(shapes)


def test_shapes_are_not_recursive():
    def depth(name, above=()):
        assert name not in above
        shape = TABLE["shapes"][name]
        inner = [*shape.get("members", {}).values(), *(shape[key] for key in ("member", "value") if key in shape)]
        return 1 + max((depth(each, (*above, name)) for each in inner), default=0)

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
