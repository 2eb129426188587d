"""Trust and bucket policies that scripts and code hold: what they say, and what stays unknown."""

from __future__ import annotations

import json

import pytest

from tests.evaluate.conftest import facts, line_of

TRUST = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
GRANT = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}]}
HEAD = "import boto3, json, os\n"
CREATE = "aws iam create-role --role-name R --assume-role-policy-document"
PUT = "boto3.client('s3').put_bucket_policy(Bucket='b', Policy="


@pytest.mark.parametrize(
    ("script", "trusts"),
    [
        (f"{CREATE} '{json.dumps(TRUST)}'", ["ec2.amazonaws.com"]),
        (f"{CREATE}=file://trust.json", ["ec2.amazonaws.com"]),
        (f"{CREATE} file://../policies/trust.json", ["glue.amazonaws.com"]),
        (f"cat > t.json <<EOF\n{json.dumps(TRUST)}\nEOF\n{CREATE} file://t.json", ["ec2.amazonaws.com"]),
        (f'{CREATE} "$TRUST"', "unknown"),
        (f"{CREATE} file://absent.json", "unknown"),
        (f"{CREATE} file://../../../../absent.json", "unknown"),
        (f"{CREATE} file://$FOLDER/trust.json", "unknown"),
    ],
)
def test_roles_of_scripts(script, trusts):
    files = {
        "scripts/setup.sh": f"#!/bin/sh\n{script}\n",
        "scripts/trust.json": json.dumps(TRUST),
        "policies/trust.json": json.dumps(TRUST).replace("ec2", "glue"),
    }
    role = facts(files, "iam.role")[0]
    assert role["trusts"] == trusts
    assert role["name"] == "R"


@pytest.mark.parametrize(
    ("statement", "trusts"),
    [
        ("TRUST", ["ec2.amazonaws.com"]),
        ('{**TRUST, "Id": os.environ["X"]}', "unknown"),
        ('{"Statement": [os.environ["X"]]}', "unknown"),
        ('{"Statement": TRUST["Statement"] + [{**TRUST["Statement"][0], "Effect": os.environ["X"]}]}', "unknown"),
        ('{"Statement": [{**TRUST["Statement"][0], "Action": [os.environ["X"]]}]}', "unknown"),
    ],
)
def test_roles_of_code(statement, trusts):
    code = f"{HEAD}TRUST = {TRUST}\nboto3.client('iam').create_role(\n  RoleName='R',\n"
    code += f"  AssumeRolePolicyDocument=json.dumps({statement}))\n"
    role = facts({"publish.py": code}, "iam.role")[0]
    assert role["trusts"] == trusts
    assert role.location.span.line == line_of(code, "  AssumeRole")


@pytest.mark.parametrize(
    ("path", "text", "keys"),
    [
        ("a.py", f"{HEAD}{PUT}json.dumps({GRANT}))", ["*"]),
        ("a.py", f"{HEAD}g = '''{json.dumps(GRANT)}'''\n{PUT}g)", ["*"]),
        ("a.py", f"{HEAD}{PUT}json.dumps({{**{GRANT}, 'Id': input()}}))", []),
        ("a.sh", f"aws s3api put-bucket-policy --bucket b --policy '{json.dumps(GRANT)}'", ["*"]),
        ("a.sh", "aws s3api put-bucket-policy --bucket b --policy file://absent.json", []),
    ],
)
def test_bucket_policies_of_code_and_scripts(path, text, keys):
    assert [grant["key"] for grant in facts({path: text}, "s3.grant")] == keys


@pytest.mark.parametrize(
    ("resource", "places"),
    [
        ("arn:aws:s3:::plain/*", [("plain", "*")]),
        ({"Fn::Sub": "${Bucket.Arn}/in/*"}, [("samples", "in/*")]),
        ({"Fn::Sub": "arn:aws:s3:::${Bucket}/*"}, [("samples", "*")]),
        ([{"Fn::GetAtt": ["Bucket", "Arn"]}, {"Fn::GetAtt": "Named.Arn"}], [("samples", ""), ("defaulted", "")]),
        ({"Fn::Join": ["/", [{"Fn::GetAtt": "Bucket.Arn"}, "*"]]}, [("samples", "*")]),
        ({"Fn::Join": ["", ["arn:aws:s3:::", {"Ref": "Named"}, "/*"]]}, [("defaulted", "*")]),
        ({"Fn::Sub": "${Unnamed.Arn}/*"}, []),
        (["arn:aws:s3:::plain/*", {"Fn::Sub": "${Unnamed.Arn}/*"}], []),
        ({"Fn::ImportValue": "x"}, []),
    ],
)
def test_bucket_policies_of_templates(resource, places):
    statement = {**GRANT["Statement"][0], "Resource": resource}
    policy = {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": {"Statement": [statement]}}
    template = {
        "Parameters": {"Name": {"Type": "String", "Default": "defaulted"}},
        "Resources": {
            "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "samples"}},
            "Named": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Ref": "Name"}}},
            "Unnamed": {"Type": "AWS::S3::Bucket"},
            "Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": policy},
        },
    }
    found = facts({"template.json": json.dumps(template)}, "s3.grant")
    assert [(grant["bucket"], grant["key"]) for grant in found] == places


@pytest.mark.parametrize("part", [None, 3, [], {}, "x", {"PolicyDocument": 3}, {"PolicyDocument": {"Ref": []}}])
def test_templates_of_another_form(part):
    for properties in (part, {"PolicyDocument": part}, {"PolicyDocument": {"Statement": part}}):
        policy = {"Type": "AWS::S3::BucketPolicy", "Properties": properties}
        resources = {
            "Bucket": {"Type": "AWS::S3::Bucket", "Properties": part},
            "Policy": policy,
            "Other": part,
        }
        assert facts({"template.json": json.dumps({"Resources": resources})}, "s3.grant") == []


def test_bucket_policies_of_terraform():
    text = json.dumps({"resource": {"aws_s3_bucket_policy": {"p": {"bucket": "b", "policy": json.dumps(GRANT)}}}})
    assert [grant["bucket"] for grant in facts({"main.tf.json": text}, "s3.grant")] == ["b"]
