"""Requests that the service takes, and the same with one mistake each, with the place at which it has to be found."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

SHAPES = json.loads(
    (Path(__file__).parents[3] / "schemas" / "manifests" / "structures.schema.json").read_text("utf-8")
)["$defs"]

Pointer = tuple[str | int, ...]


class Case(NamedTuple):
    """A request. `pointer` is where its mistake stands, `what` names the mistake; both are empty for a valid one."""

    operation: str
    request: dict[str, Any]
    what: str = ""
    pointer: Pointer = ()
    shape: str = ""


def _inference(pick: random.Random, types: list[str]) -> dict[str, Any]:
    number = pick.randint(1, 999)
    container: dict[str, Any] = {
        "Image": f"444455556666.dkr.ecr.us-east-2.amazonaws.com/forecaster-{number}:1.{number}",
        "ImageDigest": "sha256:" + "0123456789abcdef" * 4,
        "Environment": {"MODEL_FORMAT": "onnx", "WORKERS": str(number)},
        "Framework": "PYTORCH",
        "FrameworkVersion": "2.6",
        "NearestModelName": "resnet50",
        "ModelInput": {"DataInputConfig": '{"input": [1, 3, 224, 224]}'},
    }
    if pick.random() < 0.5:
        container["ModelDataUrl"] = f"s3://acme-forecaster-{number}/models/model.tar.gz"
    else:
        data = {"S3Uri": f"s3://acme-forecaster-{number}/models/v1/", "S3DataType": "S3Prefix"}
        container["ModelDataSource"] = {"S3DataSource": {**data, "CompressionType": "None"}}
    return {
        "Containers": [container],
        "SupportedTransformInstanceTypes": types,
        "SupportedRealtimeInferenceInstanceTypes": types[:2],
        "SupportedContentTypes": ["text/csv", "application/json"],
        "SupportedResponseMIMETypes": ["application/json"],
    }


def _transform(pick: random.Random, types: list[str]) -> dict[str, Any]:
    return {
        "MaxConcurrentTransforms": pick.randint(1, 4),
        "MaxPayloadInMB": pick.randint(1, 20),
        "BatchStrategy": "MultiRecord",
        "Environment": {"LOG_LEVEL": "info"},
        "TransformInput": {
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://acme-checks/input/"}},
            "ContentType": "text/csv",
            "CompressionType": "None",
            "SplitType": "Line",
        },
        "TransformOutput": {
            "S3OutputPath": "s3://acme-checks/output/",
            "Accept": "application/json",
            "AssembleWith": "Line",
        },
        "TransformResources": {"InstanceType": types[0], "InstanceCount": 1},
    }


def _validation(pick: random.Random, types: list[str]) -> dict[str, Any]:
    profile = {"ProfileName": f"check-{pick.randint(1, 99)}", "TransformJobDefinition": _transform(pick, types)}
    role = "arn:aws:iam::444455556666:role/MarketplaceValidation"
    return {"ValidationRole": role, "ValidationProfiles": [profile]}


def _types(pick: random.Random) -> list[str]:
    return pick.sample(
        [f"ml.{family}.{size}" for family in ("m5", "c5") for size in ("xlarge", "2xlarge", "4xlarge")], 3
    )


def model_package(pick: random.Random) -> dict[str, Any]:
    """A CreateModelPackage request for AWS Marketplace."""
    types = _types(pick)
    return {
        "ModelPackageName": f"forecaster-{pick.randint(1, 999)}",
        "ModelPackageDescription": "Forecasts the demand of the next two weeks.",
        "CertifyForMarketplace": True,
        "InferenceSpecification": _inference(pick, types),
        "ValidationSpecification": _validation(pick, types),
        "Tags": [{"Key": "team", "Value": "forecasting"}],
        "ClientToken": f"token-{pick.randint(1, 999)}",
    }


def algorithm(pick: random.Random) -> dict[str, Any]:
    """A CreateAlgorithm request for AWS Marketplace."""
    types = _types(pick)
    validation = _validation(pick, types)
    validation["ValidationProfiles"][0]["TrainingJobDefinition"] = {
        "TrainingInputMode": "File",
        "HyperParameters": {"depth": "6", "rate": "0.1"},
        "InputDataConfig": [
            {
                "ChannelName": "training",
                "DataSource": {
                    "S3DataSource": {
                        "S3DataType": "S3Prefix",
                        "S3Uri": "s3://acme-checks/training/",
                        "S3DataDistributionType": "FullyReplicated",
                    }
                },
                "ContentType": "text/csv",
                "CompressionType": "None",
                "RecordWrapperType": "None",
            }
        ],
        "OutputDataConfig": {"S3OutputPath": "s3://acme-checks/models/"},
        "ResourceConfig": {"InstanceType": types[0], "InstanceCount": 1, "VolumeSizeInGB": 30},
        "StoppingCondition": {"MaxRuntimeInSeconds": pick.randint(600, 3600)},
    }
    inference = _inference(pick, types)
    for member in ("ModelDataUrl", "ModelDataSource", "ModelInput"):
        inference["Containers"][0].pop(member, None)
    return {
        "AlgorithmName": f"forecaster-{pick.randint(1, 999)}",
        "AlgorithmDescription": "Learns to forecast demand.",
        "CertifyForMarketplace": True,
        "TrainingSpecification": {
            "TrainingImage": "444455556666.dkr.ecr.us-east-2.amazonaws.com/forecaster-training:1.0",
            "TrainingImageDigest": "sha256:" + "fedcba9876543210" * 4,
            "SupportedHyperParameters": [
                {
                    "Name": "depth",
                    "Description": "How deep a tree grows",
                    "Type": "Integer",
                    "Range": {"IntegerParameterRangeSpecification": {"MinValue": "2", "MaxValue": "12"}},
                    "IsTunable": True,
                    "IsRequired": False,
                    "DefaultValue": "6",
                },
                {
                    "Name": "rate",
                    "Type": "Continuous",
                    "Range": {"ContinuousParameterRangeSpecification": {"MinValue": "0.01", "MaxValue": "0.5"}},
                    "IsTunable": True,
                    "IsRequired": False,
                    "DefaultValue": "0.1",
                },
            ],
            "SupportedTrainingInstanceTypes": types,
            "SupportsDistributedTraining": False,
            "MetricDefinitions": [{"Name": "validation:rmse", "Regex": "rmse=([0-9.]+)"}],
            "TrainingChannels": [
                {
                    "Name": "training",
                    "Description": "Past demand",
                    "IsRequired": True,
                    "SupportedContentTypes": ["text/csv"],
                    "SupportedCompressionTypes": ["None", "Gzip"],
                    "SupportedInputModes": ["File"],
                }
            ],
            "SupportedTuningJobObjectiveMetrics": [{"Type": "Minimize", "MetricName": "validation:rmse"}],
        },
        "InferenceSpecification": inference,
        "ValidationSpecification": validation,
        "Tags": [{"Key": "team", "Value": "forecasting"}],
    }


REQUESTS = {"CreateModelPackage": model_package, "CreateAlgorithm": algorithm}


def shape_of(schema: dict[str, Any]) -> str:
    return str(schema["$ref"]).rsplit("/", 1)[-1]


def places(value: Any, shape: str, pointer: Pointer = ()) -> Iterator[tuple[Pointer, str]]:
    """Each value of a request with the name of its shape, the request itself first."""
    yield pointer, shape
    schema = SHAPES[shape]
    if isinstance(value, dict):
        for key, part in value.items():
            inner = schema["properties"][key] if "properties" in schema else schema["additionalProperties"]
            yield from places(part, shape_of(inner), (*pointer, key))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from places(part, shape_of(schema["items"]), (*pointer, index))


def at(value: Any, pointer: Pointer) -> Any:
    for part in pointer:
        value = value[part]
    return value


def _misspelt(word: str, pick: random.Random) -> str:
    at_ = pick.randrange(1, len(word) - 1)
    return pick.choice([word[:at_] + word[at_ + 1 :], word[:at_] + word[at_] + word[at_:], word[0].lower() + word[1:]])


WRONG_TYPES: dict[str, list[Any]] = {
    "string": [17, ["text"], {"Value": "text"}, None],
    "integer": ["several", [1], {"Value": 1}, None],
    "boolean": ["maybe", [True], 3, None],
    "array": ["text", {"Value": 1}, 3],
    "object": ["text", [1], 3],
}
BROKEN_TEXTS = ["-a b*", "no!", "a b", "_", "\n", "x\u0000y", "?", "a/b:c d", "\u00e9\n"]


def mutations(operation: str, request: dict[str, Any], pick: random.Random) -> Iterator[Case]:
    """Every kind of mistake at every place where it can be made, one by one."""
    for pointer, shape in places(request, operation):
        value, schema = at(request, pointer), SHAPES[shape]
        for what, where, change in _changes(value, schema, shape, pick):
            mutated = copy.deepcopy(request)
            path = (*pointer, *where)
            mutated = _put(mutated, path, change)
            found_at = pointer if what in ("missing", "too few", "too many") else path
            what, _, name = what.partition("misspelt member ")
            yield Case(operation, mutated, what or "misspelt member", (*found_at, name) if name else found_at, shape)


ABSENT = object()


def _put(request: Any, pointer: Pointer, change: Any) -> Any:
    if not pointer:
        return change
    owner = at(request, pointer[:-1])
    if change is ABSENT:
        del owner[pointer[-1]]
    elif isinstance(owner, list) and pointer[-1] == len(owner):
        owner.append(change)
    else:
        owner[pointer[-1]] = change
    return request


def _changes(value: Any, schema: dict[str, Any], shape: str, pick: random.Random) -> Iterator[tuple[str, Pointer, Any]]:
    """The mistakes that a value of a shape can have: what, where below it, and the value that stands there then."""
    kind = schema["type"]
    if shape not in REQUESTS:  # a text instead of a whole request is no request
        yield "type", (), pick.choice(WRONG_TYPES[kind])
    if "properties" in schema:
        yield from (("missing", (member,), ABSENT) for member in schema["required"] if shape not in REQUESTS)
        yield "unknown member", ("Zebra",), "stripes"
        name = pick.choice(sorted(value))
        misspelt = _misspelt(name, pick)
        yield f"misspelt member {misspelt}", (), {(misspelt if key == name else key): value[key] for key in value}
    elif kind in ("array", "object"):
        yield from _lengths(value, schema)
        if kind == "array" and shape in DISTINCT:
            yield "duplicate", (len(value),), copy.deepcopy(value[0])
    elif kind == "string":
        yield from _texts(value, schema)
    elif kind == "integer":
        if "minimum" in schema:
            yield "too small", (), schema["minimum"] - 1
        if "maximum" in schema:
            yield "too large", (), schema["maximum"] + 1


DISTINCT = frozenset(
    {
        *("TransformInstanceTypes", "RealtimeInferenceInstanceTypes", "TrainingInstanceTypes"),
        *("ChannelSpecifications", "HyperParameterSpecifications", "MetricDefinitionList", "InputDataConfig"),
    }
)
"""Lists in which the service takes each entry once."""


def _lengths(value: Any, schema: dict[str, Any]) -> Iterator[tuple[str, Pointer, Any]]:
    low, high = (
        schema.get(f"{word}{'Items' if schema['type'] == 'array' else 'Properties'}") for word in ("min", "max")
    )
    if low:
        yield "too few", (), [] if isinstance(value, list) else {}
    if high and isinstance(value, list) and value:
        copies = [copy.deepcopy(value[0]) for _ in range(high + 1)]
        for number, each in enumerate(copies):
            for key in ("Name", "ChannelName", "Key", "ProfileName"):
                if isinstance(each, dict) and key in each:
                    each[key] = f"{each[key]}{number}"
        yield "too many", (), copies
    elif high and isinstance(value, dict) and value:
        yield "too many", (), {f"KEY_{number}": next(iter(value.values())) for number in range(high + 1)}


def _texts(value: str, schema: dict[str, Any]) -> Iterator[tuple[str, Pointer, Any]]:
    import jsonschema_rs

    if "enum" in schema:
        yield "not in enum", (), "Something"
        yield "misspelt value", (), value[:-1] + value[-1] * 2
        return
    if "maxLength" in schema:
        yield "too long", (), (value * (schema["maxLength"] // len(value) + 2))[: schema["maxLength"] + 1]
    if schema.get("minLength"):
        yield "empty", (), ""
    if "pattern" in schema:
        broken = [each for each in BROKEN_TEXTS if not jsonschema_rs.is_valid(schema, each)]
        yield from (("pattern", (), each) for each in broken[:2])


def cases(count: int, seed: int = 1) -> Iterator[Case]:
    """Mutated requests, the same at every call; all kinds of mistakes at all places come by turns."""
    pick = random.Random(seed)
    made = 0
    while made < count:
        operation = pick.choice(sorted(REQUESTS))
        found = list(mutations(operation, REQUESTS[operation](pick), pick))
        for case in pick.sample(found, min(20, len(found), count - made)):
            made += 1
            yield case


def valid_cases(count: int, seed: int = 1) -> Iterator[Case]:
    """Requests without a mistake."""
    pick = random.Random(seed)
    for _ in range(count):
        operation = pick.choice(sorted(REQUESTS))
        yield Case(operation, REQUESTS[operation](pick))
