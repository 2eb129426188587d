"""The fields of the facts about requests, containers, training and validation."""

import copy

import pytest

ACCOUNT = "210987654321"
IMAGE = f"{ACCOUNT}.dkr.ecr.us-east-2.amazonaws.com/acme"
DIGEST = "sha256:" + "a" * 64
ROLE = f"arn:aws:iam::{ACCOUNT}:role/Validation"
TRANSFORM_JOB = {
    "MaxPayloadInMB": 50,
    "MaxConcurrentTransforms": 2,
    "BatchStrategy": "SingleRecord",
    "Environment": {"LOG_LEVEL": "INFO"},
    "TransformInput": {
        "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://acme/in/x.csv.gz"}},
        "ContentType": "text/csv",
        "CompressionType": "Gzip",
        "SplitType": "Line",
    },
    "TransformOutput": {"S3OutputPath": "s3://acme/out/", "Accept": "text/csv", "AssembleWith": "Line", "KmsKeyId": ""},
    "TransformResources": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1},
}
PACKAGE = {
    "ModelPackageName": "acme-ocr",
    "ModelPackageDescription": "Reads",
    "CertifyForMarketplace": True,
    "InferenceSpecification": {
        "Containers": [{"Image": f"{IMAGE}@{DIGEST}", "ImageDigest": DIGEST, "ModelDataUrl": "s3://acme/model.tar.gz"}],
        "SupportedTransformInstanceTypes": ["ml.m5.xlarge"],
        "SupportedRealtimeInferenceInstanceTypes": ["ml.g5.xlarge", "ml.c7g.large"],
        "SupportedContentTypes": ["text/csv"],
        "SupportedResponseMIMETypes": ["text/csv"],
    },
    "ValidationSpecification": {
        "ValidationRole": ROLE,
        "ValidationProfiles": [{"ProfileName": "v", "TransformJobDefinition": TRANSFORM_JOB}],
    },
    "Tags": [{"Key": "owner", "Value": "x"}, {"Key": "owner", "Value": "y"}],
}
TRAINING = {
    "TrainingImage": f"{IMAGE}:1.0",
    "SupportedTrainingInstanceTypes": ["ml.m5.xlarge"],
    "SupportsDistributedTraining": False,
    "MetricDefinitions": [{"Name": "acc", "Regex": "acc=([0-9.]+)"}, {"Name": "acc", "Regex": "("}],
    "SupportedTuningJobObjectiveMetrics": [{"Type": "Maximize", "MetricName": "f1"}],
    "TrainingChannels": [
        {"Name": "train", "IsRequired": True, "SupportedContentTypes": ["text/csv"], "SupportedInputModes": ["File"]}
    ],
    "SupportedHyperParameters": [
        {
            "Name": "depth",
            "Type": "Integer",
            "IsTunable": True,
            "DefaultValue": "5",
            "Range": {"IntegerParameterRangeSpecification": {"MinValue": "9", "MaxValue": "1"}},
        },
        {
            "Name": "depth",
            "Type": "Categorical",
            "DefaultValue": "a",
            "Range": {"CategoricalParameterRangeSpecification": {"Values": ["a", "b"]}},
        },
    ],
}
TRAINING_JOB = {
    "TrainingInputMode": "File",
    "HyperParameters": {"depth": "5"},
    "InputDataConfig": [
        {
            "ChannelName": "train",
            "ContentType": "text/csv",
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://acme/train/"}},
        }
    ],
    "OutputDataConfig": {"S3OutputPath": "s3://acme/out/"},
    "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 2, "VolumeSizeInGB": 30},
    "StoppingCondition": {"MaxRuntimeInSeconds": 7200, "MaxWaitTimeInSeconds": 3600},
}


def algorithm():
    return {
        "AlgorithmName": "acme-algo",
        "CertifyForMarketplace": True,
        "TrainingSpecification": copy.deepcopy(TRAINING),
        "InferenceSpecification": copy.deepcopy(PACKAGE["InferenceSpecification"]),
        "ValidationSpecification": {
            "ValidationRole": ROLE,
            "ValidationProfiles": [
                {
                    "ProfileName": "v",
                    "TrainingJobDefinition": copy.deepcopy(TRAINING_JOB),
                    "TransformJobDefinition": copy.deepcopy(TRANSFORM_JOB),
                }
            ],
        },
    }


def test_complete_requests_are_clean(read):
    for request in (PACKAGE, algorithm()):
        reading = read(request)
        assert not [fact for kind in ("member", "missing", "value", "placeholder") for fact in reading.of(kind)]
        assert {fact["marketplace"] for fact in reading.of("container")} == {"yes"}
        assert reading.notices == ()


def test_model_package(read):
    reading = read(PACKAGE)
    fields = reading.one("model_package").fields
    assert fields["name"] == "acme-ocr"
    assert fields["group"] is None
    assert fields["certify"] is True
    assert fields["tags"] == ["owner", "owner"]
    assert fields["description_length"] == 5
    assert fields["validation_profiles"] == 1
    assert fields["has_source_algorithm"] == "no"
    container = reading.one("container").fields
    assert container["digest_matches"] == "yes"
    assert (container["model_data_form"], container["model_data_suffix_ok"]) == ("url", "yes")
    inference = reading.one("inference").fields
    assert inference["accelerators"] == ["cpu", "gpu"]
    assert inference["architectures"] == ["amd64", "arm64"]
    assert inference["realtime_types_count"] == 2
    job = reading.one("transform_job").fields
    assert job["payload_times_concurrency"] == 100
    assert (job["uri_is_gzip"], job["uri_ends_with_slash"]) == ("yes", "no")
    assert job["kms_key"] == ""
    assert reading.one("validation")["role"] == ROLE
    assert {fact["role"] for fact in reading.of("s3.uri")} == {"model_data", "validation_input", "output"}
    assert reading.one("s3.uri", role="validation_input")["data_type"] == "S3Prefix"
    assert [fact["role"] for fact in reading.of("arn.reference")] == ["validation_role"]


def test_algorithm(read):
    reading = read(algorithm())
    assert reading.one("algorithm")["has_training"] == "yes"
    training = reading.one("training").fields
    assert training["distributed"] is False
    assert training["tunable_count"] == 1
    assert training["objectives_undeclared"] == ["f1"]
    first, second = reading.of("hyperparameter")
    assert (first["bounds_ordered"], first["default_in_range"], first["duplicate"]) == ("no", "no", False)
    assert (second["default_in_range"], second["duplicate"], second["values"]) == ("yes", True, ["a", "b"])
    good, bad = reading.of("metric")
    assert (good["compiles"], good["groups"], bad["compiles"], bad["duplicate"]) == ("yes", 1, "no", True)
    job = reading.one("training_job").fields
    assert (job["max_runtime"], job["max_wait"], job["spot"], job["instance_total"]) == (7200, 3600, None, 2)
    assert reading.one("input_channel")["source_kind"] == "s3"
    assert reading.one("environment", place="hyperparameter")["key"] == "depth"
    assert {fact["role"] for fact in reading.of("image.reference")} == {"training", "inference"}
    assert reading.one("validation_profile")["kind"] == "algorithm"


@pytest.mark.parametrize(
    ("value", "expected"),
    [(True, True), (False, False), ("true", "wrong_type"), (None, "wrong_type"), ("${CERTIFY}", "unknown")],
)
def test_certify(read, value, expected):
    reading = read({"ModelPackageName": "m", "CertifyForMarketplace": value})
    assert reading.one("model_package")["certify"] == expected
    assert [fact["problem"] for fact in reading.of("value")] == (["wrong_type"] if expected == "wrong_type" else [])


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"ModelPackageName": "m"}, "yes"),
        ({"ModelPackageGroupName": "g"}, "no"),
        ({"ModelPackageGroupName": "g", "CertifyForMarketplace": False}, "no"),
        ({"ModelPackageGroupName": "g", "CertifyForMarketplace": True}, "yes"),
        ({"ModelPackageGroupName": "${GROUP}", "CertifyForMarketplace": "${C}"}, "unknown"),
        ({"AlgorithmName": "a", "CertifyForMarketplace": False}, "yes"),
    ],
)
def test_marketplace_intent(read, members, expected):
    reading = read({**members, "InferenceSpecification": {"Containers": [{"Image": f"{IMAGE}:1"}]}})
    assert {fact["marketplace"] for fact in reading.facts if "marketplace" in fact.fields} == {expected}


@pytest.mark.parametrize(
    ("place", "member", "suggestion", "elsewhere"),
    [
        ("TransformInput", "ContenType", "ContentType", None),
        ("TransformResources", "Environment", None, "InferenceSpecification.Containers[].Environment"),
        ("TransformInput", "contentType", "ContentType", None),
        ("TransformOutput", "EnableManagedSpotTraining", None, None),
        ("TransformOutput", "_comment", None, None),
    ],
)
def test_unknown_members(read, place, member, suggestion, elsewhere):
    request = copy.deepcopy(PACKAGE)
    job = request["ValidationSpecification"]["ValidationProfiles"][0]["TransformJobDefinition"]
    job[place].pop("ContentType", None)
    job[place][member] = {}
    fact = read(request).one("member")
    assert (fact["member"], fact["parent"], fact["place"]) == (member, place, elsewhere)
    assert fact["suggestion"] == suggestion
    assert fact["annotation"] is (member == "_comment")


def test_missing_members(read):
    reading = read({"TransformJobDefinition": {"TransformInput": {}}})
    assert [(fact["parent"], fact["member"]) for fact in reading.of("missing")] == [
        ("TransformInput", "DataSource"),
        ("TransformJobDefinition", "TransformOutput"),
        ("TransformJobDefinition", "TransformResources"),
        ("ValidationProfile", "ProfileName"),
    ]
    whole = read({"AlgorithmName": "a", "InferenceSpecification": {"Containers": []}})
    assert whole.one("missing")["member"] == "TrainingSpecification"
    assert not read({"InferenceSpecification": {"Containers": []}}).of("missing")


@pytest.mark.parametrize(
    ("text", "problem", "expected", "suggestion"),
    [
        ("CompressionType: gzip", "not_in_enum", "one of None, Gzip", "Gzip"),
        ("SplitType: record_io", "not_in_enum", "one of None, Line, RecordIO, TFRecord", "RecordIO"),
        ("CompressionType: None", None, None, None),
        ("CompressionType: ~", "wrong_type", "a string", "None"),
        ('CompressionType: ""', "empty", "one of None, Gzip", None),
        ("ContentType: [text/csv]", "wrong_type", "a string", None),
        ("ContentType: 5", "wrong_type", "a string", '"5"'),
        ("SplitType: $SPLIT", None, None, None),
    ],
)
def test_values(read, text, problem, expected, suggestion):
    reading = read(f"TransformJobDefinition:\n  TransformInput:\n    {text}\n", "job.yaml")
    found = [(fact["problem"], fact["expected"], fact["suggestion"]) for fact in reading.of("value")]
    assert found == ([(problem, expected, suggestion)] if problem else [])


@pytest.mark.parametrize(
    ("request_", "member", "problem"),
    [
        ({"ModelPackageName": "my_algo_"}, "ModelPackageName", "pattern"),
        ({"ModelPackageName": "a-"}, "ModelPackageName", "pattern"),
        ({"ModelPackageName": "a" * 64}, "ModelPackageName", "too_long"),
        ({"ModelPackageName": ""}, "ModelPackageName", "empty"),
        ({"ModelPackageName": "a", "ModelPackageDescription": "x" * 1025}, "ModelPackageDescription", "too_long"),
        ({"ModelPackageName": "a", "Tags": {}}, "Tags", "wrong_type"),
    ],
)
def test_names(read, request_, member, problem):
    fact = read({"CertifyForMarketplace": True, **request_}).one("value")
    assert (fact["member"], fact["problem"]) == (member, problem)
    assert len(fact["value"]) <= 120


def test_numbers_of_wrong_type_and_range(read):
    request = algorithm()
    job = request["ValidationSpecification"]["ValidationProfiles"][0]
    job["TransformJobDefinition"]["TransformResources"]["InstanceCount"] = 0
    job["TrainingJobDefinition"]["HyperParameters"] = {"epochs": 10, "flag": True}
    job["TrainingJobDefinition"]["ResourceConfig"]["VolumeSizeInGB"] = "30"
    reading = read(request)
    assert {(fact["member"], fact["problem"], fact["suggestion"]) for fact in reading.of("value")} == {
        ("InstanceCount", "out_of_range", None),
        ("epochs", "wrong_type", '"10"'),
        ("flag", "wrong_type", '"true"'),
        ("VolumeSizeInGB", "wrong_type", "30"),
    }
    assert reading.one("training_job")["volume_gb"] == "unknown"


@pytest.mark.parametrize(
    ("value", "known", "suggestion"),
    [
        ("ml.m5.xlarge", "own", None),
        ("ml.t2.medium", "other", None),
        ("m5.xlarge", "malformed", "ml.m5.xlarge"),
        ("ml.m5.xlagre", "unknown", "ml.m5.xlarge"),
        ("ml.zz9.xlarge", "unknown", None),
        ("<type>", "placeholder", None),
        ("", "malformed", None),
    ],
)
def test_instance_types(read, value, known, suggestion):
    request = {"ModelPackageName": "m", "InferenceSpecification": {"SupportedTransformInstanceTypes": [value]}}
    fact = read(request).one("instance_type")
    assert (fact["list"], fact["known"]) == ("transform", known)
    if suggestion:
        assert fact["suggestion"] == suggestion
    if value == "ml.t2.medium":
        assert (fact["other_lists"], fact["retired"]) == (["realtime"], True)


def test_same_type_twice_is_a_duplicate_in_one_list_only(read):
    types = ["ml.m5.xlarge", "ml.m5.xlarge"]
    spec = {"SupportedTransformInstanceTypes": types, "SupportedRealtimeInferenceInstanceTypes": types[:1]}
    found = read({"ModelPackageName": "m", "InferenceSpecification": spec}).of("instance_type")
    assert [fact["duplicate"] for fact in found] == [False, True, False]


@pytest.mark.parametrize(
    ("key", "value", "online", "secret"),
    [
        ("HF_MODEL_ID", "google/flan-t5-base", "hub_id", False),
        ("HF_MODEL_ID", "/opt/ml/model", "none", False),
        ("HF_MODEL_ID", "${MODEL}", "unknown", False),
        ("SAGEMAKER_SUBMIT_DIRECTORY", "s3://acme/code.tar.gz", "s3", False),
        ("ANYTHING", "https://api.acme.com/v1", "url", False),
        ("ANYTHING", "http://127.0.0.1:8081/v1", "none", False),
        ("ANYTHING", "http://user@[::1]:8081/v1", "none", False),
        ("ANYTHING", "http://localhost.acme.com/v1", "url", False),
        ("ANYTHING", "http://127.acme.com/v1", "url", False),
        ("MODEL_NAME", "acme/ocr", "none", False),
        ("MAX_INPUT_TOKENS", "1024", "none", False),
        ("DB_PASSWORD", "hunter2x!", "none", True),
    ],
)
def test_environment(read, key, value, online, secret):
    spec = {"Containers": [{"Image": f"{IMAGE}:1", "Environment": {key: value}}]}
    fact = read({"ModelPackageName": "m", "InferenceSpecification": spec}).one("environment")
    assert fact["place"] == "container"
    assert fact["online"] == online
    assert (fact["secret"] != "none") is secret
    assert (fact["value"] == "<hidden>") is secret


def test_secrets_stand_in_no_fact(read):
    secret = "hunter2-0aK9!q"
    job = copy.deepcopy(TRANSFORM_JOB)
    job["Environment"] = {"DATA": "x" * 20_000}
    url = "https://acme.s3.amazonaws.com/m.tar.gz?X-Amz-Credential=abc&X-Amz-Signature=0123abcd"
    spec = {"Containers": [{"Image": f"{IMAGE}:1", "ModelDataUrl": url, "Environment": {"DB_PASSWORD": secret}}]}
    request = {**PACKAGE, "InferenceSpecification": spec}
    request["ValidationSpecification"] = {"ValidationProfiles": [{"TransformJobDefinition": job}]}
    reading = read(request)
    assert reading.one("value", problem="too_long")["value"] == "a text of 20000 characters"
    shown = repr(reading.facts)
    assert "x" * 5_000 not in shown
    assert secret not in shown
    assert "0123abcd" not in shown


@pytest.mark.parametrize(
    ("source", "form", "slash"),
    [
        ({"S3Uri": "s3://b/m", "S3DataType": "S3Prefix", "CompressionType": "None"}, "source", "no"),
        (
            {"S3Uri": "s3://b/m/", "S3DataType": "S3Prefix", "CompressionType": "None", "HubAccessConfig": {}},
            "source",
            "yes",
        ),
    ],
)
def test_model_data_source(read, source, form, slash):
    spec = {"Containers": [{"Image": "i", "ModelDataSource": {"S3DataSource": source}}]}
    fact = read({"ModelPackageName": "m", "InferenceSpecification": spec}).one("container")
    assert (fact["model_data_form"], fact["uri_ends_with_slash"]) == (form, slash)
    assert fact["hub_access"] is ("HubAccessConfig" in source)
    both = {"Containers": [{"ModelDataUrl": "s3://b/x", "ModelDataSource": {"S3DataSource": source}}]}
    fact = read({"ModelPackageName": "m", "InferenceSpecification": both}).one("container")
    assert (fact["model_data_form"], fact["model_data_suffix_ok"]) == ("both", "no")


def test_additional_specifications_are_told_apart(read):
    spec = {"Name": "n", "Containers": [{"Image": f"{IMAGE}:2"}], "SupportedContentTypes": ["a/b"]}
    reading = read({**PACKAGE, "AdditionalInferenceSpecifications": [spec]})
    assert reading.one("model_package")["additional_specifications"] == 1
    assert reading.one("inference", place="additional")["content_types"] == ["a/b"]
    assert len(reading.of("image.reference", role="additional")) == 1


def test_a_gap_in_free_text_settles_no_pattern(read):
    tags = [{"Key": "release", "Value": "${VERSION}"}, {"Key": "team", "Value": "a*b"}]
    reading = read({"ModelPackageName": "a", "CertifyForMarketplace": True, "Tags": tags})
    wrong = reading.one("value")
    assert (wrong["value"], wrong["expected"]) == ("a*b", "letters, digits, spaces and _.:/=+-@ alone")


def test_a_line_break_is_possible_in_no_description(read):
    reading = read({"ModelPackageName": "a", "CertifyForMarketplace": True, "ModelPackageDescription": "Reads\nbills."})
    assert reading.one("value")["expected"] == "a text without line breaks, tabs and the like"


def test_a_misspelt_member_is_not_missing_as_well(read):
    source = {"SourceAlgorithmSpecification": {"SourceAlgorithms": [{"AlgoritmName": "a"}]}}
    reading = read({"ModelPackageName": "a", "CertifyForMarketplace": True, **source})
    assert reading.one("member")["suggestion"] == "AlgorithmName"
    assert not reading.of("missing")


def test_an_optional_member_that_is_misspelt_may_be_there(read):
    request = {
        "ModelPackageName": "a",
        "ValidationSpecificaton": {"ValidationRole": "r"},
        "InferenceSpecification": {"Containers": [{"Image": "a"}], "SupportedTransformInstanceType": ["ml.m5.large"]},
    }
    reading = read(request)
    assert {fact["suggestion"] for fact in reading.of("member")} == {
        "ValidationSpecification",
        "SupportedTransformInstanceTypes",
    }
    inference = reading.one("inference")
    assert (inference["transform_types_count"], inference["transform_types"]) == ("unknown", "unknown")
    assert reading.one("model_package")["has_validation"] == "unknown"
    assert inference["realtime_types_count"] is None


def test_a_misspelt_group_leaves_open_what_a_package_is_for(read):
    reading = read({"ModelPackageGrupName": "a", "InferenceSpecification": {}, "CertifyForMarketplace": "${CERTIFY}"})
    assert reading.one("model_package")["marketplace"] == "unknown"


def test_a_key_that_is_filled_in_later_has_no_form_yet(read):
    request = {"ModelPackageGroupName": "a", "CustomerMetadataProperties": {"{{ key }}": "1", "a*b": "2"}}
    reading = read({**request, "InferenceSpecification": {}})
    assert [fact["member"] for fact in reading.of("value", problem="key")] == ["a*b"]


def test_a_member_that_is_commented_out_is_missing(read):
    source = {"SourceAlgorithmSpecification": {"SourceAlgorithms": [{"_AlgorithmName": "a"}]}}
    reading = read({"ModelPackageName": "a", "CertifyForMarketplace": True, **source})
    assert reading.one("missing")["member"] == "AlgorithmName"
