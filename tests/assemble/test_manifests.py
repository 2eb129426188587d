"""What is settled between the parts of a request, in one file and over several."""

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linter.assemble.manifests import declared, settle_manifests, type_declared
from linter.assemble.overlaps import overlap
from linter.inspect.manifest import inspect
from linter.knowledge import Knowledge
from linter.model import Artifact, Fact

ROOT = Path(__file__).parents[2]
KNOWLEDGE = Knowledge(
    {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in (ROOT / "rules" / "knowledge").glob("*.yaml")},
    "test",
)
INFERENCE = {
    "Containers": [{"Image": "210987654321.dkr.ecr.us-east-2.amazonaws.com/acme:1"}],
    "SupportedTransformInstanceTypes": ["ml.m5.xlarge"],
    "SupportedContentTypes": ["text/csv", "image/*"],
    "SupportedResponseMIMETypes": ["application/json"],
}
TRAINING = {
    "TrainingImage": "210987654321.dkr.ecr.us-east-2.amazonaws.com/acme:1",
    "SupportedTrainingInstanceTypes": ["ml.m5.xlarge"],
    "TrainingChannels": [
        {"Name": "train", "IsRequired": True, "SupportedContentTypes": ["text/csv"], "SupportedInputModes": ["File"]},
        {"Name": "test", "SupportedContentTypes": ["text/csv"], "SupportedInputModes": ["Pipe"]},
    ],
    "SupportedHyperParameters": [
        {
            "Name": "depth",
            "Type": "Integer",
            "IsRequired": True,
            "Range": {"IntegerParameterRangeSpecification": {"MinValue": "1", "MaxValue": "9"}},
        },
        {"Name": "mode", "Type": "Categorical", "Range": {"CategoricalParameterRangeSpecification": {"Values": ["a"]}}},
    ],
}


def source(uri: str) -> dict[str, Any]:
    return {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}}


TRANSFORM_JOB = {
    "TransformInput": {"DataSource": source("s3://acme/in/"), "ContentType": "text/csv"},
    "TransformOutput": {"S3OutputPath": "s3://acme/out/", "Accept": "application/json"},
    "TransformResources": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1},
}
TRAINING_JOB = {
    "TrainingInputMode": "File",
    "HyperParameters": {"depth": "5"},
    "InputDataConfig": [{"ChannelName": "train", "ContentType": "text/csv", "DataSource": source("s3://acme/train/")}],
    "OutputDataConfig": {"S3OutputPath": "s3://acme/out/"},
    "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 5},
    "StoppingCondition": {"MaxRuntimeInSeconds": 60},
}


def validation(transform: Any = TRANSFORM_JOB, training: Any = None) -> dict[str, Any]:
    profile = {"ProfileName": "v", "TransformJobDefinition": copy.deepcopy(transform)}
    if training:
        profile["TrainingJobDefinition"] = copy.deepcopy(training)
    return {"ValidationRole": "arn:aws:iam::210987654321:role/V", "ValidationProfiles": [profile]}


def algorithm(training_job: Any = TRAINING_JOB, training: Any = TRAINING) -> dict[str, Any]:
    return {
        "AlgorithmName": "a",
        "CertifyForMarketplace": True,
        "TrainingSpecification": copy.deepcopy(training),
        "InferenceSpecification": INFERENCE,
        "ValidationSpecification": validation(training=training_job),
    }


def package(**members: Any) -> dict[str, Any]:
    return {"ModelPackageName": "m", "CertifyForMarketplace": True, **members}


class Settled:
    def __init__(self, files: dict[str, Any]) -> None:
        facts: list[Fact] = []
        for path, content in files.items():
            data = json.dumps(content).encode()
            facts += inspect(Artifact(path, "manifest", len(data)), data, KNOWLEDGE).facts
        self.facts = settle_manifests(facts, KNOWLEDGE)
        assert [(fact.kind, fact.location) for fact in self.facts] == [(fact.kind, fact.location) for fact in facts]
        for fact in self.facts:
            schema = json.loads((ROOT / "schemas" / "facts" / f"{fact.kind}.schema.json").read_text("utf-8"))
            jsonschema_rs.validator_for(schema).validate(dict(fact.fields))

    def of(self, kind: str, /, **fields: Any) -> list[Fact]:
        found = [fact for fact in self.facts if fact.kind in (kind, f"manifest.{kind}")]
        return [fact for fact in found if all(fact[name] == value for name, value in fields.items())]

    def one(self, kind: str, /, **fields: Any) -> Fact:
        (fact,) = self.of(kind, **fields)
        return fact


def test_a_consistent_algorithm():
    settled = Settled({"a.json": algorithm()})
    job = settled.one("training_job").fields
    assert (job["instance_declared"], job["input_mode_declared"], job["distributed_conflict"]) == ("yes", "yes", "no")
    assert job["channels_undeclared"] == job["channels_missing"] == []
    assert job["hyperparameters_undeclared"] == job["hyperparameters_missing"] == []
    assert job["input_output_overlap"] == "no"
    given = settled.one("input_channel").fields
    assert (given["declared"], given["content_type_declared"], given["input_mode_declared"]) == ("yes", "yes", None)
    value = settled.one("environment").fields
    assert (value["declared"], value["in_range"]) == ("yes", "yes")
    transform = settled.one("transform_job").fields
    assert {transform[f"{name}_declared"] for name in ("content_type", "accept", "instance")} == {"yes"}
    assert {fact["overlaps"] for fact in settled.of("s3.uri")} == {None}


def test_an_inconsistent_algorithm():
    job = copy.deepcopy(TRAINING_JOB)
    job["TrainingInputMode"] = "FastFile"
    job["HyperParameters"] = {"mode": "b", "epochs": "1"}
    job["InputDataConfig"] = [
        {"ChannelName": "training", "DataSource": source("s3://acme/x/")},
        {
            "ChannelName": "test",
            "InputMode": "File",
            "ContentType": "TEXT/CSV",
            "DataSource": source("s3://acme/out/t/"),
        },
    ]
    job["ResourceConfig"] = {
        "InstanceGroups": [
            {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "InstanceGroupName": "a"},
            {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "InstanceGroupName": "b"},
        ],
        "InstanceType": "ml.c5.xlarge",
    }
    settled = Settled({"a.json": algorithm(job)})
    fields = settled.one("training_job").fields
    assert (fields["instance_declared"], fields["input_mode_declared"]) == ("no", "no")
    assert (fields["instance_total"], fields["distributed_conflict"]) == (2, "yes")
    assert (fields["channels_undeclared"], fields["channels_missing"]) == (["training"], "unknown")  # one slip
    assert (fields["hyperparameters_undeclared"], fields["hyperparameters_missing"]) == (["epochs"], "unknown")
    assert fields["input_output_overlap"] == "yes"
    first, second = settled.of("input_channel")
    assert (first["declared"], first["content_type_declared"]) == ("no", None)
    assert (second["declared"], second["content_type_declared"], second["input_mode_declared"]) == ("yes", "case", "no")
    assert settled.one("environment", key="mode")["in_range"] == "no"
    assert settled.one("environment", key="epochs")["declared"] == "no"
    assert {fact["overlaps"] for fact in settled.of("s3.uri", role="output")} == {"s3://acme/out/t/"}


def test_a_type_that_a_misspelt_one_in_the_list_stands_for_may_be_declared():
    misspelt = {**INFERENCE, "SupportedTransformInstanceTypes": ["ml.c5.large", "ml.m5.xlrage"]}
    settled = Settled({"a.json": package(InferenceSpecification=misspelt, ValidationSpecification=validation())})
    assert settled.one("transform_job")["instance_declared"] == "unknown"
    training = {**TRAINING, "SupportedTrainingInstanceTypes": ["ml.m5.xlrage"]}
    other = {**TRAINING_JOB, "ResourceConfig": {"InstanceType": "ml.c5.xlarge", "InstanceCount": 1}}
    assert Settled({"a.json": algorithm(training=training)}).one("training_job")["instance_declared"] == "unknown"
    assert Settled({"a.json": algorithm(other, training)}).one("training_job")["instance_declared"] == "no"


def test_what_is_not_declared_or_not_known_stays_unknown():
    training = {**TRAINING, "TrainingChannels": "${CHANNELS}", "SupportedTrainingInstanceTypes": ["<type>"]}
    fields = Settled({"a.json": algorithm(training=training)}).one("training_job").fields
    assert fields["instance_declared"] == fields["channels_undeclared"] == fields["input_mode_declared"] == "unknown"
    alone = Settled({"v.json": validation(training=TRAINING_JOB)}).one("training_job").fields
    assert {alone[name] for name in ("channels_missing", "hyperparameters_undeclared", "distributed_conflict")} == {
        "unknown"
    }
    job = Settled({"a.json": package(InferenceSpecification={"Containers": []}, ValidationSpecification=validation())})
    assert job.one("transform_job")["content_type_declared"] == "unknown"


def test_parts_in_one_folder_are_one_request():
    files = {
        "p/top.json": {"AlgorithmName": "a", "CertifyForMarketplace": True, "AlgorithmDescription": "d"},
        "p/inference.json": {"InferenceSpecification": INFERENCE},
        "p/training.json": TRAINING,
        "p/validation.json": validation(training=TRAINING_JOB),
        "other/validation.json": validation(),
    }
    settled = Settled(files)
    root = settled.one("algorithm").fields
    assert (root["has_training"], root["has_inference"], root["has_validation"]) == ("yes", "yes", "yes")
    assert root["validation_profiles"] == 1
    assert settled.one("missing", member="TrainingSpecification")["supplied_elsewhere"] == "yes"
    mine = [fact for fact in settled.facts if fact.location.path.startswith("p/") and "request_id" in fact.fields]
    assert {fact["request_id"] for fact in mine} == {"p/top.json#"}
    assert {fact["marketplace"] for fact in mine} == {"yes"}
    assert {fact.fields.get("request", "algorithm") for fact in mine} == {"algorithm"}
    assert settled.one("training_job")["channels_missing"] == []
    stranger = [fact for fact in settled.of("validation") if fact.location.path.startswith("other")]
    assert (stranger[0]["request"], stranger[0]["marketplace"]) == ("unknown", "unknown")


def test_a_private_package_hands_its_intent_on():
    top = {"ModelPackageGroupName": "g", "SkipModelValidation": "None"}
    settled = Settled({"top.json": top, "inference.json": {"InferenceSpecification": INFERENCE}})
    assert settled.one("container")["marketplace"] == "no"
    assert settled.one("image.reference")["marketplace"] == "no"
    assert settled.one("image.reference")["request"] == "model_package"


def test_parts_without_a_whole_join_when_each_occurs_once():
    files = {"inference.json": INFERENCE, "validation.json": validation(), "training.json": TRAINING}
    settled = Settled(files)
    assert {fact["request_id"] for fact in settled.facts} == {"inference.json#"}
    assert settled.one("inference")["request"] == settled.one("validation_profile")["kind"] == "algorithm"
    assert settled.one("transform_job")["instance_declared"] == "yes"
    twice = Settled({**files, "inference2.json": INFERENCE})
    assert len({fact["request_id"] for fact in twice.facts}) == 4
    assert twice.one("transform_job")["instance_declared"] == "unknown"


def test_a_part_that_fits_two_requests_makes_both_doubtful():
    files = {
        "a.json": package(ValidationSpecification=validation()),
        "b.json": package(ValidationSpecification=validation()),
        "inference.json": {"InferenceSpecification": INFERENCE},
    }
    settled = Settled(files)
    assert {fact["has_inference"] for fact in settled.of("model_package")} == {"unknown"}
    assert settled.one("container")["marketplace"] == "unknown"


def test_a_part_of_another_kind_does_not_join():
    settled = Settled({"a.json": package(InferenceSpecification=INFERENCE), "training.json": TRAINING})
    assert settled.one("training")["request_id"] == "training.json#"
    assert settled.one("training")["marketplace"] == "unknown"


def test_a_whole_request_keeps_to_itself():
    inside = package(InferenceSpecification=INFERENCE, ValidationSpecification=validation())
    settled = Settled({"a.json": inside, "inference.json": {"InferenceSpecification": INFERENCE}})
    assert settled.one("model_package")["has_inference"] == "yes"
    assert len({fact["request_id"] for fact in settled.of("inference")}) == 2


def test_facts_of_others_are_left_alone():
    stranger = Fact(
        "s3.uri", Settled({"a.json": INFERENCE}).facts[0].location, {"request_id": "unknown", "role": "output"}
    )
    assert settle_manifests([stranger], KNOWLEDGE) == [stranger]
    assert settle_manifests([], KNOWLEDGE) == []


@pytest.mark.parametrize(
    ("value", "among", "expected"),
    [
        (None, ["a"], None),
        ("a", ["a"], "yes"),
        ("a", ["b"], "no"),
        ("a", ["b", "unknown"], "unknown"),
        ("unknown", ["a"], "unknown"),
        ("a", None, "unknown"),
        ("a", "unknown", "unknown"),
        ("a", [], "no"),
    ],
)
def test_declared(value, among, expected):
    assert declared(value, among) == expected


@pytest.mark.parametrize(
    ("value", "among", "expected"),
    [
        ("text/csv; charset=utf-8", ["text/csv"], "yes"),
        ("text/csv", ["text/csv;header=present"], "yes"),
        ("Text/CSV", ["text/csv"], "case"),
        ("image/png", ["image/*"], "yes"),
        ("image/png", ["*/*"], "yes"),
        ("*/*", ["text/csv"], "unknown"),
        ("text/csv", ["application/json"], "no"),
        ("text/csv", ["unknown"], "unknown"),
        (None, ["text/csv"], None),
    ],
)
def test_type_declared(value, among, expected):
    assert type_declared(value, among) == expected


@pytest.mark.parametrize(
    ("given", "data_type", "output", "expected"),
    [
        ("s3://b/v/", "S3Prefix", "s3://b/v/out", "yes"),
        ("s3://b/v/in/", "S3Prefix", "s3://b/v/out/", "no"),
        ("s3://b/v/in/", "S3Prefix", "s3://b/v", "yes"),
        ("s3://b/v", "S3Prefix", "s3://b/v", "yes"),
        ("s3://b/v", "S3Prefix", "s3://b/v-out/", "yes"),
        ("s3://b/v", "ManifestFile", "s3://b/v-out/", "no"),
        ("s3://b", "S3Prefix", "s3://b/x", "unknown"),  # it is told that the whole bucket is read
        ("s3://a/v/", "S3Prefix", "s3://b/v/", "no"),
        ("s3://${B}/v/", "S3Prefix", "s3://b/v/", "unknown"),
        ("unknown", "S3Prefix", "s3://b/v/", "unknown"),
        ("s3://b/v/", "S3Prefix", None, "no"),
    ],
)
def test_overlap(given, data_type, output, expected):
    assert overlap(given, data_type, output) == expected


def paths(value: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [above, *(path for key, part in inner for path in paths(part, (*above, key)))]


PATHS = [path for path in paths(algorithm()) if path]
JUNK = st.sampled_from(
    [None, True, 0, -1, 2.5, "", "x", "${X}", "<x>", "unknown", [], {}, ["x"], [{}], {"Ref": "X"}, "s3://"]
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(PATHS), JUNK, st.booleans()), max_size=4), st.booleans())
def test_any_damage_settles(changes, split):
    request: Any = algorithm()
    for path, junk, drop in changes:
        try:
            parent = request
            for part in path[:-1]:
                parent = parent[part]
            if drop:
                del parent[path[-1]]
            else:
                parent[path[-1]] = copy.deepcopy(junk)
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took the place away
    parts = {
        f"p/{name}.json": {name: request.pop(name)}
        for name in list(request)
        if split and name.endswith("Specification")
    }
    Settled({"p/top.json": request, **parts})


@pytest.mark.parametrize(
    ("content_types", "sent", "settled"),
    [
        (["aplication/json"], "application/json", "unknown"),
        (["application/json"], "aplication/json", "unknown"),
        (["application/json"], "text/csv", "no"),
    ],
)
def test_a_slip_in_a_content_type_is_told_once(content_types: list[str], sent: str, settled: str) -> None:
    job = copy.deepcopy(TRANSFORM_JOB)
    job["TransformInput"]["ContentType"] = sent
    facts = one_file(request(INFERENCE | {"SupportedContentTypes": content_types}, job))
    (fact,) = [fact for fact in facts if fact.kind == "manifest.transform_job"]
    assert fact["content_type_declared"] == settled


@pytest.mark.parametrize(("used", "settled"), [("ml.m5.xlrage", "unknown"), ("ml.m5.2xlarge", "no")])
def test_a_misspelt_type_of_a_job_is_told_once(used: str, settled: str) -> None:
    job = copy.deepcopy(TRANSFORM_JOB)
    job["TransformResources"]["InstanceType"] = used
    inference = copy.deepcopy(INFERENCE) | {"SupportedTransformInstanceTypes": ["ml.m5.xlarge"]}
    (fact,) = [fact for fact in one_file(request(inference, job)) if fact.kind == "manifest.transform_job"]
    assert fact["instance_declared"] == settled


def request(inference: dict[str, Any], job: dict[str, Any]) -> dict[str, Any]:
    profile = {"ProfileName": "p", "TransformJobDefinition": job}
    return {
        "ModelPackageName": "acme",
        "InferenceSpecification": inference,
        "ValidationSpecification": {"ValidationProfiles": [profile]},
    }


def one_file(value: dict[str, Any]) -> list[Fact]:
    data = json.dumps(value).encode()
    return settle_manifests(inspect(Artifact("r.json", "manifest"), data, KNOWLEDGE).facts, KNOWLEDGE)
