"""Sample data, the code that uploads it, what the seller declares public, and bucket policies, joined."""

from __future__ import annotations

import json
from typing import Any

import pytest

from linter.engine import check_texts

PERSONS = "id,email\n1,anna.petersen@posteo.de\n2,m.okafor@outlook.com\n"
DOCKERFILE = "FROM python:3.12-slim\nCOPY serve /opt/program/serve\n"
RULES = ("DAT007", "DAT008", "DAT009", "DAT015", "DAT016", "DAT017", "DAT018", "DAT019")


def found(files: dict[str, str], **settings: Any) -> list[tuple[str, str]]:
    findings = check_texts(files, frozenset(), {"select": list(RULES), **settings})
    return [(finding.rule, finding.location.path) for finding in findings]


def request(uri: str) -> str:
    source = {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}}}
    profile = {"ProfileName": "p", "TransformJobDefinition": {"TransformInput": source}}
    return json.dumps({"ModelPackageName": "m", "ValidationSpecification": {"ValidationProfiles": [profile]}})


def policy(**change: Any) -> str:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::acme/in/*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**statement, **change}]})


@pytest.mark.parametrize(
    "place",
    ["samples/a.csv", "sample_data/a.csv", "data/validation/a.csv", "container/test_data/a.csv", "sample.csv",
     "data/test/a.csv", "notebooks/sample-input.csv"],
)  # fmt: skip
def test_samples_of_a_product_are_judged(place: str) -> None:
    assert found({"Dockerfile": DOCKERFILE, place: PERSONS}) == [("DAT016", place)]


@pytest.mark.parametrize(
    "place",
    ["tests/samples/a.csv", "test/sample.csv", "src/test/resources/samples/a.csv", "node_modules/x/samples/a.csv",
     "x.dist-info/samples/a.csv", "data/train/a.csv", "a.csv", "locales/samples/a.json"],
)  # fmt: skip
def test_other_files_are_not(place: str) -> None:
    assert found({"Dockerfile": DOCKERFILE, place: PERSONS}) == []


def test_a_data_file_without_a_product_is_nothing_to_check() -> None:
    assert found({"samples/a.csv": PERSONS, "notes.py": "print(1)\n"}) == []


SDK = "import sagemaker\nsession = sagemaker.Session()\n"
BOTO = "import boto3\ns3 = boto3.client('s3')\n"
UPLOADER = "from sagemaker.s3 import S3Uploader\n"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("up.py", f"{SDK}session.upload_data('prepared/a.csv', bucket='acme', key_prefix='in/x')\n"),
        ("up.py", f"{SDK}session.upload_data(path='prepared', key_prefix='in')\n"),
        ("up.py", f"{SDK}folder = 'prepared'\nsession.upload_data(f'{{folder}}/a.csv', 'acme', 'in/a.csv')\n"),
        ("up.py", f"{BOTO}s3.upload_file('./prepared/a.csv', 'acme', 'in/a.csv')\n"),
        ("up.py", f"{BOTO}boto3.resource('s3').Bucket('acme').upload_file('prepared/a.csv', 'in/a.csv')\n"),
        ("up.py", f"{UPLOADER}S3Uploader.upload('prepared/a.csv', 's3://acme/in')\n"),
        ("nb/up.py", f"{SDK}session.upload_data('../prepared/a.csv', 'acme', 'in')\n"),
        ("up.sh", "aws s3 cp prepared/a.csv s3://acme/in/a.csv\n"),
        ("up.sh", "aws --region us-east-1 s3 sync --delete ./prepared/ s3://acme/in/\n"),
    ],
)
def test_a_file_that_is_uploaded_for_validation(name: str, code: str) -> None:
    files = {"request.json": request("s3://acme/in/"), "prepared/a.csv": PERSONS, name: code}
    assert found(files) == [("DAT016", "prepared/a.csv")]


@pytest.mark.parametrize(
    ("code", "rules"),
    [
        (f"{SDK}session.upload_data('prepared/a.csv', 'acme', 'training')\n", ["DAT017"]),
        (f"{SDK}session.upload_data('prepared/a.csv', 'other', 'in')\n", ["DAT017"]),
        (f"{SDK}session.upload_data(path(), 'acme', 'in')\n", []),
        (f"{SDK}session.upload_data('prepared/b.csv', 'acme', 'in')\n", []),
        (f"{SDK}session.upload_data('.', 'acme', 'in')\n", []),
        (f"{SDK}session.upload_data(*args)\n", []),
        (f"{SDK}session.upload_data('../../../prepared/a.csv', 'acme', 'in')\n", []),
        (f"{SDK}session.upload_data('', 'acme', 'in')\n", []),
        ("from huggingface_hub import upload_file\nx.upload_file('prepared/a.csv')\n", []),
    ],
)
def test_uploads_elsewhere_and_uploads_of_other_files(code: str, rules: list[str]) -> None:
    files = {"request.json": request("s3://acme/in/"), "prepared/a.csv": PERSONS, "up.py": code}
    assert [rule for rule, _ in found(files)] == rules


@pytest.mark.parametrize("place", ["samples/", "samples", "samples/a.csv", "*.csv", "./samples/"])
def test_declared_files_are_not_reported(place: str) -> None:
    files = {"Dockerfile": DOCKERFILE, "samples/a.csv": PERSONS}
    assert found(files, public_data=[place]) == []
    assert found(files, public_data=["other/", "s3://acme/"]) == [("DAT016", "samples/a.csv")]


def test_a_credential_is_reported_even_in_declared_data() -> None:
    files = {"Dockerfile": DOCKERFILE, "samples/a.csv": "k\nAKIAQ7ZK3RT5XWPL2MNB\n"}
    assert found(files, public_data=["samples/"]) == [("DAT015", "samples/a.csv")]


@pytest.mark.parametrize(
    ("uri", "declared", "rules"),
    [
        ("s3://acme/in/", [], []),
        ("s3://acme/in/", ["s3://acme/in/"], []),
        ("s3://acme/in/2024/", ["s3://acme/in/"], []),
        ("s3://acme/in/", ["s3://acme"], []),
        ("https://acme.s3.amazonaws.com/in/", ["s3://acme/in/"], []),
        ("s3://acme/", ["s3://acme/"], []),
        ("s3://acme/", ["s3://acme/in/"], ["DAT008", "DAT018"]),
        ("s3://acme/in", ["s3://acme/in/"], ["DAT009", "DAT018"]),
        ("s3://acme/inner/", ["s3://acme/in/"], ["DAT018"]),
        ("s3://other/in/", ["s3://acme/in/"], ["DAT018"]),
        ("s3://other/in/", ["in/"], []),
        ("s3://${bucket}/in/", ["s3://acme/in/"], []),
        ("s3://acme/customer-letters/", [], ["DAT007"]),
        ("s3://acme/customer-letters/", ["s3://acme/customer-letters/"], []),
        ("s3://acme/customer-letters/", ["s3://acme/x/"], ["DAT007", "DAT018"]),
    ],
)
def test_validation_data_against_what_is_declared(uri: str, declared: list[str], rules: list[str]) -> None:
    assert sorted(rule for rule, _ in found({"request.json": request(uri)}, public_data=declared)) == rules


@pytest.mark.parametrize(
    ("statement", "access"),
    [
        (policy(), "everyone"),
        (policy(Resource="arn:aws:s3:::acme/*"), "everyone"),
        (policy(Resource="arn:aws:s3:::acme/out/*"), "restricted"),
        (policy(Principal={"AWS": "123456789012"}), "restricted"),
        (policy(Effect="Deny"), "restricted"),
        (policy(Condition={"IpAddress": {"aws:SourceIp": "1.2.3.0/24"}}), "unknown"),
        (policy(Resource="arn:aws:s3:::other/*"), "unknown"),
    ],
)
def test_a_bucket_policy_confirms_or_contradicts(statement: str, access: str) -> None:
    files = {"request.json": request("s3://acme/in/customers/"), "policy.json": statement}
    undeclared = [rule for rule, _ in found(files)]
    assert undeclared == ([] if access == "everyone" else ["DAT007"])
    declared = [rule for rule, _ in found(files, public_data=["s3://acme/in/"])]
    assert declared == (["DAT019"] if access == "restricted" else [])
