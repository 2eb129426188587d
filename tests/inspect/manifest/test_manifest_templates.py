"""Requests in templates of CloudFormation and in Terraform's JSON."""

import json

import pytest

HEAD = """
Parameters:
  Name: {Type: String, Default: acme-ocr}
  Empty: {Type: String, Default: ""}
  Secret: {Type: "AWS::SSM::Parameter::Value<String>", Default: /acme/name}
  Types: {Type: CommaDelimitedList, Default: "ml.m5.xlarge, ml.m5.2xlarge"}
  Stage: {Type: String, Default: dev}
Mappings:
  Images: {us-east-2: {Tag: "7", List: [text/csv, text/plain]}}
  Sizes: {us-east-2: {Tag: "7", Same: alike}, us-west-2: {Tag: "8", Same: alike}}
Conditions:
  Always: !Not [!Equals [a, b]]
  Never: !And [!Condition Always, !Equals [a, b]]
  Production: !Equals [!Ref Stage, prod]
  Loop: !Condition Loop
Resources:
  Package:
    Type: AWS::SageMaker::ModelPackage
    Properties:
"""


def name(read, value):
    reading = read(f"{HEAD}      ModelPackageName: {value}\n      CertifyForMarketplace: true\n", "template.yaml")
    return reading.one("model_package")["name"]


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("!Ref Name", "acme-ocr"),
        ('!Sub "${Name}-${Stage}"', "acme-ocr-dev"),
        ('!Sub ["${Name}-${Own}", {Own: !FindInMap [Images, us-east-2, Tag]}]', "acme-ocr-7"),
        ('!Join ["-", [!Ref Name, x]]', "acme-ocr-x"),
        ("!If [Always, yes-name, no-name]", "yes-name"),
        ("!If [Never, yes-name, !Ref Name]", "acme-ocr"),
        ("!Select [1, [a, b]]", "b"),
        ("!Select ['0', !Ref Types]", "ml.m5.xlarge"),
        ("{'Fn::Sub': '${!Name}'}", "${Name}"),
        *((value, "unknown") for value in ("!Ref Empty", "!Ref Secret", "!Ref Other", "!Ref AWS::Region")),
        *((value, "unknown") for value in ("!If [Production, a, b]", "!If [Loop, a, b]", "!If [None, a]")),
        ("!FindInMap [Sizes, !Ref AWS::Region, Same]", "alike"),
        ("!FindInMap [Images, !Ref AWS::Region, Tag]", "7"),
        *((value, "unknown") for value in ("!FindInMap [Sizes, !Ref AWS::Region, Tag]", "!ImportValue x")),
        ("!FindInMap [Sizes, !Ref AWS::Region, Missing]", "unknown"),
        ('!Sub "${Name}-${AWS::Region}"', "unknown"),
        ("!Select [7, [a]]", "unknown"),
    ],
)
def test_functions_give_what_the_template_settles(read, value, meant):
    if meant == "${Name}":
        assert name(read, value) == "unknown"  # a text in which something may still be filled in
    else:
        assert name(read, value) == meant


def test_lists_and_branches_are_judged_where_they_stand(read):
    body = """      ModelPackageName: a
      SkipModelValidation: !If [Always, All, None]
      InferenceSpecification:
        SupportedContentTypes: !FindInMap [Images, us-east-2, List]
        SupportedTransformInstanceTypes: !Ref Types
        SupportedRealtimeInferenceInstanceTypes: !If [Never, [], [ml.m5.larg]]
"""
    reading = read(HEAD + body, "template.yaml")
    assert reading.one("inference")["content_types"] == ["text/csv", "text/plain"]
    assert reading.one("inference")["transform_types"] == ["ml.m5.xlarge", "ml.m5.2xlarge"]
    wrong = reading.one("instance_type", list="realtime")
    assert (wrong["value"], wrong["suggestion"]) == ("ml.m5.larg", "ml.m5.large")
    assert reading.excerpt(wrong) == "ml.m5.larg"
    assert reading.excerpt(reading.one("model_package"), "skip_validation") == "All"


def test_a_template_that_a_program_wrote(read):
    """The output of the CDK: long forms, tokens, and an image put together by a join."""
    image = {"Fn::Join": ["", ["444455556666.dkr.ecr.us-east-2.", {"Ref": "AWS::URLSuffix"}, "/acme:1"]]}
    properties = {
        "ModelPackageName": {"Ref": "Name"},
        "InferenceSpecification": {"Containers": [{"Image": image}], "SupportedContentTypes": ["text/csv"]},
    }
    resource = {"Type": "AWS::SageMaker::ModelPackage", "Properties": properties, "Metadata": {"aws:cdk:path": "a/b"}}
    template = {"Parameters": {"Name": {"Type": "String", "Default": "acme_ocr"}}, "Resources": {"P1": resource}}
    reading = read(json.dumps(template, indent=1), "cdk.out/Stack.template.json")
    assert reading.one("model_package")["name"] == "acme_ocr"
    assert reading.one("value", problem="pattern")["member"] == "ModelPackageName"
    assert reading.one("image.reference")["account"] == "444455556666"


@pytest.mark.parametrize("depth", [3, 6, 30])
def test_nested_functions_end(read, depth):
    value = {"Ref": "Name"}
    for _ in range(depth):
        value = {"Fn::Sub": ["${a}" * 900, {"a": value}]}
    resource = {"Type": "AWS::SageMaker::ModelPackage", "Properties": {"ModelPackageName": value}}
    template = {"Parameters": {"Name": {"Default": "x" * 100, "Type": "String"}}, "Resources": {"P": resource}}
    assert read(json.dumps(template), "a.template.json").one("model_package")["name"]


TERRAFORM = {
    "count": 1,
    "model_package_name": "${var.name}",
    "certify_for_marketplace": "true",
    "model_package_description": None,
    "inference_specification": {
        "containers": [{"image": "444455556666.dkr.ecr.us-east-2.amazonaws.com/acme:1", "modl_data_url": "x"}],
        "supported_response_mime_types": ["text/csv"],
        "supported_content_types": ["text/csv"],
        "supported_transform_instance_types": ["ml.m5.xlarg"],
    },
}


@pytest.mark.parametrize("wrap", [lambda body: {"package": body}, lambda body: {"package": [body]}])
def test_terraform(read, wrap):
    document = {"resource": {"awscc_sagemaker_model_package": wrap(TERRAFORM)}}
    reading = read(document, "main.tf.json")
    package = reading.one("model_package")
    assert (package["form"], package["name"], package["certify"]) == ("terraform", "unknown", True)
    assert reading.one("inference")["response_types"] == ["text/csv"]
    assert reading.one("instance_type")["suggestion"] == "ml.m5.xlarge"
    stranger = reading.one("member")
    assert reading.excerpt(stranger) == '"modl_data_url"'
    assert not stranger.spans
    assert reading.one("image.reference")["repository"] == "acme"


def test_misspelt_arguments_of_terraform_are_meant_too(read):
    package = {"model_package_name": "a", "inference_specification": {"supported_content_typs": ["text/csv"]}}
    reading = read(json.dumps({"resource": {"awscc_sagemaker_model_package": {"p": package}}}), "main.tf.json")
    assert reading.one("member")["suggestion"] == "supported_content_types"
    assert reading.one("inference")["content_types"] == "unknown"


def test_terraform_that_only_reads_a_package_is_no_request(read):
    for kind in ("data", "output"):
        assert not read({kind: {"awscc_sagemaker_model_package": {"p": {"id": "x"}}}}, "main.tf.json").facts
    assert not read({"resource": {"awscc_sagemaker_model_package_group": {"p": {}}}}, "main.tf.json").facts
