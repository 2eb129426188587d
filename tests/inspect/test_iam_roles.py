"""Roles that templates create, and whom they trust."""

from __future__ import annotations

import json
from typing import Any

import pytest

from linter.inspect.access_policy import inspect
from linter.model import Artifact, Fact


@pytest.fixture
def roles(knowledge, valid):
    def roles(text: str, path: str = "role.yaml") -> list[Fact]:
        found = inspect(Artifact(path, "access_policy", len(text)), text.encode(), knowledge).facts
        valid(found)
        return list(found)

    return roles


def template(policy: Any, **more: Any) -> str:
    properties = {"AssumeRolePolicyDocument": policy, **more}
    return json.dumps({"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": properties}}})


def trust(principal: Any, **more: Any) -> dict[str, Any]:
    return {"Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}]}


@pytest.mark.parametrize(
    ("policy", "trusts"),
    [
        (trust({"Service": "sagemaker.amazonaws.com"}), ["sagemaker.amazonaws.com"]),
        (trust({"Service": ["b.amazonaws.com", "a.amazonaws.com"]}), ["a.amazonaws.com", "b.amazonaws.com"]),
        (trust({"AWS": "arn:aws:iam::482719305566:root"}), []),
        (trust({"Service": "sagemaker.amazonaws.com"}, Effect="Deny"), []),
        (trust({"Service": "sagemaker.amazonaws.com"}, Action="sts:TagSession"), []),
        (trust({"Service": {"Ref": "Service"}}), "unknown"),
        (trust({"Service": "${Service}"}), "unknown"),
        (trust("*"), "unknown"),
        ({}, "unknown"),
        ("no JSON", "unknown"),
        ({"Ref": "Policy"}, "unknown"),
    ],
)
def test_whom_a_role_trusts(roles, policy, trusts):
    (role,) = roles(template(policy, RoleName="Publishing"), "role.json")
    assert (role["name"], role["trusts"]) == ("Publishing", trusts)


def test_a_name_that_a_parameter_gives_is_unknown(roles):
    (role,) = roles(template(trust({"Service": "x"}), RoleName={"Ref": "Name"}), "role.json")
    assert role["name"] == "unknown"


def test_terraform_in_json(roles):
    policy = json.dumps(trust({"Service": "sagemaker.amazonaws.com"}))
    text = json.dumps({"resource": {"aws_iam_role": {"r": {"name": "Publishing", "assume_role_policy": policy}}}})
    (role,) = roles(text, "main.tf.json")
    assert (role["name"], role["trusts"]) == ("Publishing", ["sagemaker.amazonaws.com"])


@pytest.mark.parametrize("text", ["Resources: 3", "Resources: {a: {Type: AWS::IAM::Role}}", "resource: [1]", "[]", ""])
def test_other_documents_give_nothing(roles, text):
    assert roles(text) == []
