"""What is taken for a request, a part of one, or neither."""

import json

import pytest

from linter.inspect.manifest import looks_like_manifest

INFERENCE = {"Containers": [{"Image": "a/b:1"}], "SupportedContentTypes": ["text/csv"]}
TRAINING = {"TrainingImage": "a/b:1", "SupportedTrainingInstanceTypes": ["ml.m5.xlarge"], "TrainingChannels": []}
TRANSFORM = {"TransformInput": {}, "TransformOutput": {}, "TransformResources": {}}
VALIDATION = {"ValidationRole": "r", "ValidationProfiles": [{"ProfileName": "v", "TransformJobDefinition": TRANSFORM}]}
TRAINS = {"ValidationProfiles": [{"TrainingJobDefinition": {"TrainingInputMode": "File"}}]}
PACKAGE = {"ModelPackageName": "m", "InferenceSpecification": INFERENCE}
ALGORITHM = {"AlgorithmName": "a", "TrainingSpecification": TRAINING}


def identities(reading):
    return {(fact["request"], fact["whole"], fact["request_id"]) for fact in reading.facts if "whole" in fact.fields}


@pytest.mark.parametrize(
    ("content", "request_kind", "whole"),
    [
        (PACKAGE, "model_package", True),
        ({"ModelPackageGroupName": "g", "InferenceSpecification": INFERENCE}, "model_package", True),
        ({"ModelPackageName": "m", "CertifyForMarketplace": True}, "model_package", True),
        ({"CertifyForMarketplace": True}, "model_package", True),
        ({"CertifyForMarketplace": True, "ValidationSpecification": TRAINS}, "algorithm", True),
        ({"CertifyForMarketplace": True, "TrainingSpecification": {}}, "algorithm", True),
        (ALGORITHM, "algorithm", True),
        ({"AlgorithmName": "a", "InferenceSpecification": INFERENCE}, "algorithm", True),
        ({"InferenceSpecification": INFERENCE}, "unknown", False),
        ({"TrainingSpecification": TRAINING}, "algorithm", False),
        ({"ValidationSpecification": VALIDATION}, "unknown", False),
        ({"ValidationSpecification": TRAINS}, "algorithm", False),
        (INFERENCE, "unknown", False),
        (TRAINING, "algorithm", False),
        (VALIDATION, "unknown", False),
        (TRAINS, "algorithm", False),
        ({"TransformJobDefinition": TRANSFORM}, "unknown", False),
        ({"ProfileName": "v", "TrainingJobDefinition": {}, "TransformJobDefinition": TRANSFORM}, "algorithm", False),
    ],
)
def test_content_tells_the_request(read, content, request_kind, whole):
    for path in ("a.json", "deploy/anything.json"):
        reading = read(content, path)
        assert {(kind, is_whole) for kind, is_whole, _ in identities(reading)} == {(request_kind, whole)}


def test_source_algorithm_alone_is_a_part_of_a_package(read):
    reading = read({"SourceAlgorithmSpecification": {"SourceAlgorithms": [{"AlgorithmName": "a"}]}})
    fact = reading.one("arn.reference", role="source_algorithm")
    assert (fact["text"], fact["request"]) == ("a", "model_package")


@pytest.mark.parametrize(
    "content",
    [
        {"AlgorithmName": "a"},
        {"ModelPackageName": "m"},
        {"ModelPackageGroupName": "g", "ModelPackageGroupDescription": "d", "Tags": []},
        {"AlgorithmSpecification": {"AlgorithmName": "a", "TrainingInputMode": "File"}, "TrainingJobName": "j"},
        {"HyperParameterTuningJobName": "h", "TrainingJobDefinition": {"InputDataConfig": []}},
        {"ModelName": "m", "Containers": [{"Image": "i"}], "ExecutionRoleArn": "r", "SupportedContentTypes": []},
        {"source": ["aws.sagemaker"], "detail": {"ModelPackageGroupName": ["g"], "ModelApprovalStatus": ["Approved"]}},
        {"properties": {"ModelPackageName": {"type": "string"}, "InferenceSpecification": {"type": "object"}}},
        {"shapes": {"CreateModelPackageInput": {"members": {"InferenceSpecification": {"shape": "X"}}}}},
        {"States": {"Make": {"Parameters": {"ModelPackageName.$": "$.n", "InferenceSpecification": INFERENCE}}}},
        {"ValidationProfiles": ["format", "lint"]},
        {"ValidationProfiles": [{"id": 1}]},
        ["TrainingSpecification"],
        "AlgorithmName",
    ],
)
def test_look_alikes_are_no_requests(read, content):
    reading = read(content)
    assert reading.facts == ()
    assert reading.notices == ()


def test_wrappers_lists_and_several_documents(read):
    wrapped = read({"CreateModelPackage": PACKAGE, "CreateAlgorithm": ALGORITHM})
    assert identities(wrapped) == {
        ("model_package", True, "product/request.json#/CreateModelPackage"),
        ("algorithm", True, "product/request.json#/CreateAlgorithm"),
    }
    assert len(identities(read([PACKAGE, ALGORITHM]))) == 2
    text = f"---\n{json.dumps(PACKAGE)}\n---\n{json.dumps(ALGORITHM)}\n"
    assert identities(read(text, "both.yaml")) == {
        ("model_package", True, "both.yaml#"),
        ("algorithm", True, "both.yaml#1"),
    }


def test_cloudformation_resource_is_a_request(read):
    text = """
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Name: {Type: String}
Resources:
  Package:
    Type: AWS::SageMaker::ModelPackage
    Properties:
      ModelPackageName: !Ref Name
      CertifyForMarketplace: "true"
      ModelPackageVersion: 1
      SkipModelValidation: !If [Quick, All, !Ref AWS::NoValue]
      Task: !Ref AWS::NoValue
      InferenceSpecification:
        Containers:
          - Image: !Sub "${AWS::AccountId}.dkr.ecr.us-east-2.amazonaws.com/acme:1"
            ModelDataUrl: !Join ["", ["s3://", !Ref Bucket, "/model.tar.gz"]]
        SupportedTransformInstanceTypes: [!Ref Type, ml.m5.xlarge]
      ValidationSpecification:
        ValidationRole: !GetAtt Role.Arn
        ValidationProfiles:
          - ProfileName: v
            TransformJobDefinition:
              TransformInput: !Ref Given
              TransformOutput: {S3OutputPath: s3://b/out/}
              TransformResources: {InstanceType: ml.m5.xlarge, InstanceCount: "1"}
"""
    reading = read(text, "template.yaml")
    package = reading.one("model_package")
    assert package["form"] == "cloudformation"
    assert package["name"] == "unknown"
    assert package["certify"] is True
    assert package["skip_validation"] == "unknown"
    assert reading.one("inference")["transform_types"] == ["unknown", "ml.m5.xlarge"]
    assert reading.one("instance_type", known="placeholder")["value"] == "unknown"
    image = reading.one("image.reference")
    assert (image["region"], image["repository"], image["account"]) == ("us-east-2", "acme", "unknown")
    assert reading.one("s3.uri", role="model_data")["text"] == "s3://${Bucket}/model.tar.gz"
    assert reading.one("arn.reference", role="validation_role")["text"] == "${Role.Arn}"
    assert reading.one("transform_job")["instance_count"] == 1
    assert reading.one("transform_job")["s3_uri"] is None
    assert not reading.of("placeholder")
    assert not reading.of("value")
    assert not reading.of("member")
    assert not reading.of("missing")


@pytest.mark.parametrize("extra", [{"CreationTime": 1.5}, {"ModelPackageStatus": "Completed"}, {}])
def test_descriptions_are_not_judged(read, extra):
    reading = read({"ModelPackageArn": "arn:aws:sagemaker:us-east-1:111122223333:model-package/m", **PACKAGE, **extra})
    assert reading.facts == ()
    (notice,) = reading.notices
    assert notice.code == "manifest-not-a-request"
    assert notice.span.line == 1


def test_change_sets_give_regions_and_arns(read):
    arn = "arn:aws:sagemaker:us-east-2:111122223333:model-package/acme"
    details = json.dumps(
        {"DeliveryOptions": [{"Details": {"ModelPackageArn": arn}}], "AccessRoleArn": "arn:aws:iam::1:role/x"}
    )
    content = {
        "Catalog": "AWSMarketplace",
        "ChangeSet": [
            {"ChangeType": "AddRegions", "Entity": {}, "DetailsDocument": {"Regions": ["us-east1", "us-east-1"]}},
            {"ChangeType": "AddDeliveryOptions", "Entity": {}, "Details": details},
            {"ChangeType": "Other", "Entity": {}, "DetailsDocument": {"Regions": ["xx"]}},
        ],
    }
    reading = read(content)
    listed = reading.of("region.use", asset="listing")
    assert [fact["code"] for fact in listed] == ["us-east1", "us-east-1"]
    assert reading.excerpt(listed[0]) == '"us-east1"'
    package = reading.one("arn.reference", role="model_package")
    assert reading.excerpt(package) == arn
    assert reading.one("arn.reference", role="access_role")["text"].endswith("role/x")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'{"InferenceSpecification": 1}', True),
        (b"AlgorithmName: x", True),
        (b'{"ValidationProfiles": []}', True),
        (b"Type: AWS::SageMaker::ModelPackage", True),
        (b'{"name": "package", "version": 1}', False),
        (b'{"modelPackageName": 1}', False),
        (b"", False),
        (b"\xff\xfe\x00", False),
    ],
)
def test_byte_test(data, expected):
    assert looks_like_manifest(data) is expected
