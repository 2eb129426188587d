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


def test_values_of_parameters_and_mappings_are_judged_where_they_are_written(read):
    text = """Parameters:
  Kind: {Type: String, Default: ml.m5.xlarg}
  Types: {Type: CommaDelimitedList, Default: "ml.m5.xlarge, ml.c5.xlarg"}
Resources:
  Package:
    Type: AWS::SageMaker::ModelPackage
    Properties:
      ModelPackageName: !FindInMap [Names, prod, Name]
      InferenceSpecification:
        SupportedTransformInstanceTypes: [!Ref Kind, !Sub "ml.m5.${Size}"]
        SupportedRealtimeInferenceInstanceTypes: !Ref Types
Mappings:
  Names: {prod: {Name: acme_ocr}}
"""
    reading = read(text, "template.yaml")
    one, listed = (
        reading.one("instance_type", list="transform", known="unknown"),
        reading.one("instance_type", value="ml.c5.xlarg"),
    )
    assert (reading.excerpt(one), one.spans["value"].line) == ("ml.m5.xlarg", 2)
    assert (listed.spans, listed.location.span.line) == ({}, 3)
    name = reading.one("value", problem="pattern")
    assert (reading.excerpt(name), name.location.span.line, name.location.span.end_line) == ("acme_ocr", 13, 13)


def test_both_branches_of_an_open_condition_are_judged_for_themselves(read):
    body = """      ModelPackageName: !If [Production, acme_ocr, acme-ocr]
      SkipModelValidation: !If [Production, None, Some]
      InferenceSpecification:
        Containers: [{Image: !If [Production, !Ref A, 444455556666.dkr.ecr.us-east-2.amazonaws.com/acme:1]}]
        SupportedContentTypes: !If [Production, [aplication/json], [!Ref B]]
        SupportedTransformInstanceTypes: !If [Production, [ml.m5.larg, ml.m5.xlarge], !Ref AWS::NoValue]
        SupportedRealtimeInferenceInstanceTypes: [!If [Production, ml.c5.larg, ml.c5.large]]
"""
    reading = read(HEAD + body, "template.yaml")
    assert reading.one("model_package")["name"] == "unknown"
    assert {reading.excerpt(fact) for fact in reading.of("value")} == {"acme_ocr", "Some"}
    assert {fact["member"] for fact in reading.of("value")} == {"ModelPackageName", "SkipModelValidation"}
    wrong = [fact for fact in reading.of("instance_type") if fact["suggestion"]]
    assert {reading.excerpt(fact) for fact in wrong} == {"ml.m5.larg", "ml.c5.larg"}
    assert reading.one("media_type", value="aplication/json")["suggestion"] == "application/json"
    assert reading.one("inference")["transform_types"] == "unknown"
    assert [fact["text"] for fact in reading.of("image.reference")] == ["${If}"]


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


PLANNED = {"address": "awscc_sagemaker_model_package.p", "type": "awscc_sagemaker_model_package", "values": TERRAFORM}


@pytest.mark.parametrize("modules", [0, 1, 3])
def test_what_terraform_plans_is_a_request(read, modules):
    module = {"resources": [PLANNED]}
    for _ in range(modules):
        module = {"child_modules": [module]}
    reading = read({"format_version": "1.2", "planned_values": {"root_module": module}}, "plan.json")
    assert (reading.one("model_package")["form"], reading.one("instance_type")["suggestion"]) == (
        "terraform",
        "ml.m5.xlarge",
    )


def test_what_terraform_made_before_is_no_request(read):
    made = PLANNED | {
        "values": TERRAFORM | {"model_package_arn": "arn:aws:sagemaker:us-east-2:444455556666:model-package/a"}
    }
    reading = read({"values": {"root_module": {"resources": [made]}}}, "state.json")
    assert not reading.facts
    assert [notice.code for notice in reading.notices] == ["manifest-not-a-request"]


TASK = {
    "Type": "Task",
    "Resource": "arn:aws:states:::aws-sdk:sagemaker:createModelPackage",
    "Parameters": {
        "ModelPackageGroupdName": "forecasts",
        "InferenceSpecification": {
            "Containers": [
                {
                    "Image": "444455556666.dkr.ecr.us-east-2.amazonaws.com/acme:1",
                    "ModelDataUrl.$": "$.Training.ModelArtifacts.S3ModelArtifacts",
                }
            ],
            "SupportedContentTypes.$": "$.types",
            "SupportedRealtimeInferenceInstanceTypes": ["ml.m5.larg"],
        },
    },
    "End": True,
}


def machine(task):
    return {"StartAt": "Register", "States": {"Register": task}}


@pytest.mark.parametrize(
    "document",
    [
        machine(TASK),
        machine({"Type": "Parallel", "Branches": [machine(TASK)], "End": True}),
        machine({"Type": "Map", "ItemProcessor": machine({"Type": "Parallel", "Branches": [machine(TASK)]})}),
        {"Resources": {"M": {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"Definition": machine(TASK)}}}},
    ],
    ids=["machine", "branch", "deep", "template"],
)
def test_tasks_of_state_machines_are_requests(read, document):
    reading = read(document, "machine.asl.json")
    package = reading.one("model_package")
    assert (package["form"], package["marketplace"]) == ("state_machine", "no")
    assert reading.one("member")["suggestion"] == "ModelPackageGroupName"
    assert reading.excerpt(reading.one("instance_type")) == '"ml.m5.larg"'
    assert reading.one("inference")["content_types"] == "unknown"
    assert reading.one("container")["model_data_url"] == "unknown"
    assert not reading.of("missing")


def test_other_tasks_and_expressions_of_tasks(read):
    other = TASK | {"Resource": "arn:aws:states:::sagemaker:createModel"}
    assert not read(machine(other), "machine.asl.json").facts
    parameters = {
        "ModelPackageName": "a_b",
        "InferenceSpecification": "{% $states.input.spec %}",
        "CertifyForMarketplace": True,
    }
    task = {"Type": "Task", "Resource": TASK["Resource"], "QueryLanguage": "JSONata", "Arguments": parameters}
    reading = read(machine(task), "machine.asl.json")
    assert (reading.one("model_package")["marketplace"], reading.one("value")["member"]) == ("yes", "ModelPackageName")
