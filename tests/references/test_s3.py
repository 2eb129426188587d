"""S3 locations as people write them."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from linter.inspect.references import locator, region_uses, s3_uri
from linter.inspect.text import Source
from linter.model import Fact, Location, Span
from linter.references.s3 import S3Uri, parse_s3
from tests.tables import knowledge, validator

ROOT = Path(__file__).parents[2]


def fact_of(text: str, role: str = "validation_input", **more: object) -> Fact:
    fact = s3_uri(text, Location("m.json"), role, knowledge(), **more)  # type: ignore[arg-type]
    validator("s3.uri").validate(dict(fact.fields))
    return fact


def parsed(text: str) -> S3Uri:
    uri = parse_s3(text)
    assert uri is not None
    return uri


@pytest.mark.parametrize(
    ("text", "form", "bucket", "key", "region"),
    [
        ("s3://acme-data", "s3", "acme-data", None, "unknown"),
        ("s3://acme-data/", "s3", "acme-data", None, "unknown"),
        ("s3://acme-data/a b/c.csv", "s3", "acme-data", "a b/c.csv", "unknown"),
        ("s3a://acme-data/k", "s3a", "acme-data", "k", "unknown"),
        ("s3n://acme-data/k", "s3a", "acme-data", "k", "unknown"),
        ("https://acme.s3.amazonaws.com/k/m.tar.gz", "https", "acme", "k/m.tar.gz", "unknown"),
        ("https://acme.s3.us-west-2.amazonaws.com/k", "https", "acme", "k", "us-west-2"),
        ("https://ACME.S3.US-WEST-2.AMAZONAWS.COM/k", "https", "ACME", "k", "US-WEST-2"),
        ("https://a.b.c.s3.eu-west-1.amazonaws.com/k", "https", "a.b.c", "k", "eu-west-1"),
        ("https://s3.us-west-2.amazonaws.com/acme/k/l", "https", "acme", "k/l", "us-west-2"),
        ("https://s3-us-west-2.amazonaws.com/acme/k", "https", "acme", "k", "us-west-2"),
        ("https://acme.s3-us-west-2.amazonaws.com/k", "https", "acme", "k", "us-west-2"),
        ("https://s3-external-1.amazonaws.com/acme/k", "https", "acme", "k", "us-east-1"),
        ("https://acme.s3.dualstack.eu-west-1.amazonaws.com/k", "https", "acme", "k", "eu-west-1"),
        ("https://s3.dualstack.eu-west-1.amazonaws.com/acme/k", "https", "acme", "k", "eu-west-1"),
        ("https://acme.s3-fips.us-east-1.amazonaws.com/k", "https", "acme", "k", "us-east-1"),
        ("https://acme.s3-fips.dualstack.us-east-1.amazonaws.com/k", "https", "acme", "k", "us-east-1"),
        ("https://s3-fips-us-gov-west-1.amazonaws.com/acme/k", "https", "acme", "k", "us-gov-west-1"),
        ("https://acme.s3-website-us-east-1.amazonaws.com/i.html", "https", "acme", "i.html", "us-east-1"),
        ("https://acme.s3-website.eu-central-1.amazonaws.com/i.html", "https", "acme", "i.html", "eu-central-1"),
        ("https://acme.s3-accelerate.amazonaws.com/k", "https", "acme", "k", "unknown"),
        ("https://acme.s3-accelerate.dualstack.amazonaws.com/k", "https", "acme", "k", "unknown"),
        ("https://acme.s3.cn-north-1.amazonaws.com.cn/k", "https", "acme", "k", "cn-north-1"),
        ("https://s3.us-iso-east-1.c2s.ic.gov/acme/k", "https", "acme", "k", "us-iso-east-1"),
        ("https://acme.s3.us-west-2.amazonaws.com:443/k", "https", "acme", "k", "us-west-2"),
        (
            "https://ap-123456789012.s3-accesspoint.us-east-1.amazonaws.com/k",
            "https",
            "ap-123456789012",
            "k",
            "us-east-1",
        ),
        ("arn:aws:s3:::acme-data/k/l", "arn", "acme-data", "k/l", "unknown"),
        ("arn:aws:s3:::acme-data", "arn", "acme-data", None, "unknown"),
        ("arn:aws:s3:us-west-2:123456789012:accesspoint/ap/object/k/l", "arn", "ap", "k/l", "us-west-2"),
        ("arn:aws:s3:us-west-2:123456789012:accesspoint:ap", "arn", "ap", None, "us-west-2"),
    ],
)
def test_parts(text: str, form: str, bucket: str, key: str | None, region: str) -> None:
    uri = parsed(text)
    assert (uri.scheme_form, uri.bucket, uri.key) == (form, bucket, key)
    assert uri.region == region.lower()


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "data/train",
        "./data",
        "/opt/ml/input",
        "gs://acme/k",
        "file:///tmp/x",
        "https://example.com/s3/k",
        "s3:/acme/k",
        "s3//acme/k",
        "https://s3.console.aws.amazon.com/s3/buckets/acme",
        "https://dynamodb.us-east-1.amazonaws.com/x",
        "https://s3-bucket.example.com/k",
        "arn:aws:sns:us-east-1:123456789012:topic",
        "https://sagemaker.us-east-1.amazonaws.com/",
        "https://d111.cloudfront.net/k",
        "https://amazonaws.com/s3",
    ],
)
def test_something_else(text: str) -> None:
    assert parse_s3(text) is None


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("s3://acme-data/k", ()),
        ("s3://acme.data-1/k", ()),
        ("s3a://acme-data/k", ("not-an-s3-uri-scheme",)),
        ("S3://acme-data/k", ("not-an-s3-uri-scheme",)),
        ("http://acme.s3.amazonaws.com/k", ("not-an-s3-uri-scheme",)),
        ("s3://Acme-Data/k", ("upper-case-bucket",)),
        ("s3://acme_data/k", ("underscore-in-bucket",)),
        ("s3://Acme_Data/k", ("upper-case-bucket", "underscore-in-bucket")),
        ("s3://ab/k", ("bucket-too-short-or-long",)),
        (f"s3://{'a' * 64}/k", ("bucket-too-short-or-long",)),
        ("s3://acme..data/k", ("bucket-syntax",)),
        ("s3://-acme/k", ("bucket-syntax",)),
        ("s3://acme:8080/k", ("bucket-syntax",)),
        ("s3://192.168.5.4/k", ("bucket-syntax",)),
        ("s3://acme//k", ("double-slash",)),
        ("s3://acme/a//k", ("double-slash",)),
        ("s3://acme/a/k//", ("double-slash",)),
        ("s3://", ("missing-bucket",)),
        ("s3:///k", ("missing-bucket",)),
        ("https://s3.amazonaws.com/", ("missing-bucket",)),
        ("arn:aws:s3:::acme-data/k", ("arn-instead-of-uri",)),
        (" s3://acme-data/k", ("blank",)),
        ("s3://acme-data/k\n", ("blank",)),
        ("s3://acme data/k", ("blank", "bucket-syntax")[:1]),
        ("s3://acme-data/my file.csv", ()),
        ("s3://ap-metadata-abcdefghijklmnopqrstuvwxyz012345-s3alias/k", ()),
        ("s3://arn:aws:s3:us-east-1:123456789012:accesspoint/ap/k", ()),
        ("https://acme.s3.us-east-1.amazonaws.com/k?X-Amz-Algorithm=A&X-Amz-Signature=ab", ("presigned",)),
        ("https://acme.s3.amazonaws.com/k?AWSAccessKeyId=AKIA&Expires=1&Signature=x", ("presigned",)),
        ("s3://acme-data/k?X-Amz-Signature=ab", ("presigned",)),
        ("https://acme.s3.amazonaws.com/k?versionId=abc", ()),
    ],
)
def test_problems(text: str, problems: tuple[str, ...]) -> None:
    assert parsed(text).problems == problems


def test_limit_is_the_callers() -> None:
    text = "s3://acme-data/" + "k" * 100
    assert parsed(text).problems == ()
    assert parse_s3(text, limit=114).problems == ("too-long",)  # type: ignore[union-attr]
    assert parse_s3(text, limit=115).problems == ()  # type: ignore[union-attr]
    assert fact_of("s3://acme-data/" + "k" * 1024)["problems"] == ["too-long"]


@pytest.mark.parametrize(
    "text",
    [
        "s3://<bucket>/k",
        "s3://{{ bucket }}/k",
        "s3://${Bucket}/k",
        "s3://${AWS::Region}-acme/k",
        "s3://{bucket}//k",
        "s3://%s/k",
        "s3://$BUCKET/K",
        "s3://REPLACE_ME/k",
        "s3://your-bucket/k",
        "s3://YOUR_BUCKET_NAME/k",
        "<S3Uri>",
        "S3_DATA_REPLACE_ME",
        "${prefix}/train",
        "https://${host}/k",
        "https://s3-${AWS::Region}.amazonaws.com/acme/k",
        "s3://acme/…/model.tar.gz",
        "s3://sagemaker-us-east-1-xxxxxxxxxxxx/k",
    ],
)
def test_placeholders_have_no_problem(text: str) -> None:
    uri = parsed(text)
    assert uri.placeholder
    assert uri.problems == ()
    assert fact_of(text)["problems"] == []


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("s3a://<x>/k", ["not-an-s3-uri-scheme"]),
        ("arn:${AWS::Partition}:s3:::acme/k", ["arn-instead-of-uri"]),
        ("s3://Acme_Models/${job}/model.tar.gz", ["upper-case-bucket", "underscore-in-bucket"]),
        ("s3://acme//${job}/model.tar.gz", ["double-slash"]),
        ("s3://acme/${prefix}//model.tar.gz", ["double-slash"]),
        ("s3://Acme-${stage}/m.tar.gz", []),
        ("s3://acme/${prefix}/${job}/m.tar.gz", []),
        ('"s3://acme/${job}/model.tar.gz"', ["not-an-s3-uri-scheme"]),
        ("gs://acme/${job}/model.tar.gz", ["not-an-s3-uri-scheme"]),
        ("models/${job}/model.tar.gz", ["not-an-s3-uri-scheme"]),
        ("s3:${path}", []),
        ("h${rest}", []),
        ("https://cdn.${domain}/model.tar.gz", []),
    ],
)
def test_what_is_known_is_judged_beside_a_placeholder(text: str, problems: list[str]) -> None:
    fact = fact_of(text)
    assert fact["placeholder"]
    assert fact["problems"] == problems


@pytest.mark.parametrize(
    "text", ["s3://acme-replacement-parts/k", "s3://todo-app/k", "s3://acme-yours/k", "s3://xx-acme/k"]
)
def test_no_placeholder(text: str) -> None:
    assert not parsed(text).placeholder


def test_a_known_part_survives_beside_a_placeholder() -> None:
    uri = parsed("s3://${bucket}/data/m.tar.gz")
    assert (uri.bucket, uri.key) == ("unknown", "data/m.tar.gz")
    uri = parsed("s3://sagemaker-us-east-1-${AWS::AccountId}/k")
    assert (uri.region, uri.region_evidence, uri.account) == ("us-east-1", "default_bucket", "unknown")


@pytest.mark.parametrize(
    ("text", "region", "evidence"),
    [
        ("s3://sagemaker-eu-west-1-123456789012/k", "eu-west-1", "default_bucket"),
        ("s3://acme-us-east-2-models/k", "us-east-2", "name"),
        ("s3://acme/us-east-2/k", "us-east-2", "name"),
        ("s3://acme-us-east-2/copy/eu-west-1/k", "us-east-2", "name"),
        ("s3://acme-us-east-2-to-eu-west-1/k", "unknown", None),
        ("s3://acme/us-east-1a/k", "unknown", None),
        ("s3://bus-east-1/k", "unknown", None),
        ("https://acme-eu-west-1.s3.us-east-2.amazonaws.com/k", "us-east-2", "endpoint"),
        ("s3://sagemaker-studio-123456789012-abc/k", "unknown", None),
    ],
)
def test_region_evidence(text: str, region: str, evidence: str | None) -> None:
    uri = parsed(text)
    assert (uri.region, uri.region_evidence) == (region, evidence)


@pytest.mark.parametrize(
    ("text", "account", "evidence"),
    [
        ("s3://sagemaker-eu-west-1-999988887777/k", "999988887777", "default_bucket"),
        ("s3://acme-999988887777-models/k", "999988887777", "name"),
        ("s3://acme-202401311230/k", "unknown", None),  # a point in time
        ("s3://acme-9999888877771/k", "unknown", None),
        ("https://ap-999988887777.s3-accesspoint.us-east-1.amazonaws.com/k", "999988887777", "endpoint"),
    ],
)
def test_account_evidence(text: str, account: str, evidence: str | None) -> None:
    uri = parsed(text)
    assert (uri.account, uri.account_evidence) == (account, evidence)


def test_fact_hides_the_signature() -> None:
    fact = fact_of("https://acme.s3.us-east-1.amazonaws.com/k?X-Amz-Signature=deadbeef&x=1")
    assert fact["presigned"]
    assert "deadbeef" not in repr(fact)
    assert fact["key"] == "k"


@pytest.mark.parametrize(
    ("text", "data_type", "breadth"),
    [
        ("s3://acme-data", "S3Prefix", "bucket_root"),
        ("s3://acme-data/", "S3Prefix", "bucket_root"),
        ("s3://acme-data//", "S3Prefix", "bucket_root"),
        ("s3://acme-data/validation", "S3Prefix", "open_prefix"),
        ("s3://acme-data/validation/", "S3Prefix", "folder"),
        ("s3://acme-data/validation/a.csv", "S3Prefix", "object"),
        ("s3://acme-data/v1.2", "S3Prefix", "open_prefix"),
        ("s3://acme-data/manifest", "ManifestFile", "object"),
        ("s3://acme-data/model", None, "object"),
        ("s3://acme-data/validation", "unknown", "unknown"),
        ("s3://${b}/validation", "S3Prefix", "open_prefix"),
        ("s3://acme/${p}", "S3Prefix", "unknown"),
        ("unknown", "S3Prefix", "unknown"),
        ("./data", "S3Prefix", "unknown"),
    ],
)
def test_breadth(text: str, data_type: str | None, breadth: str) -> None:
    assert fact_of(text, data_type=data_type)["breadth"] == breadth


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("s3://acme-prod-customer-exports/2024/", ["prod", "customer"]),
        ("s3://acme/prodData/x.csv", ["prod"]),
        ("s3://acme/PII/x.csv", ["pii"]),
        ("s3://acme-products/clientele/phishing/", []),
        ("s3://acme-marketplace-samples/ocr/input/", []),
        ("s3://acme-prod/synthetic/", []),
        ("s3://acme-${env}/customer/", ["customer"]),
    ],
)
def test_betraying_words(text: str, words: list[str]) -> None:
    assert fact_of(text)["betraying_words"] == words


def test_hub_content_and_sample_buckets() -> None:
    assert fact_of("s3://jumpstart-cache-prod-us-east-1/x/m.tar.gz", "model_data")["hub_content"]
    assert not fact_of("s3://acme-jumpstart/x/m.tar.gz", "model_data")["hub_content"]
    assert fact_of("s3://DOC-EXAMPLE-BUCKET/k")["placeholder"]
    assert fact_of("s3://DOC-EXAMPLE-BUCKET/k")["problems"] == []


def test_what_is_no_s3_location_is_said_to_be_none() -> None:
    fact = fact_of("gs://acme/k")
    assert (fact["form"], fact["problems"]) == ("other", ["not-an-s3-uri-scheme"])
    fact = fact_of("unknown")
    assert (fact["form"], fact["bucket"], fact["problems"], fact["placeholder"]) == ("unknown", "unknown", [], False)


def test_spans_point_at_the_parts() -> None:
    source = Source("m.json", b'{\n  "S3Uri": "s3://sagemaker-us-east-1-123456789012/k"\n}')
    start = source.text.index("s3://")
    fact = fact_of(source.text[start : source.text.rindex('"')], locate=locator(source, start))
    assert fact.spans["bucket"] == Span(2, 18, 2, 50)
    assert fact.spans["region"] == Span(2, 28, 2, 37)
    assert fact.spans["account_hint"] == Span(2, 38, 2, 50)
    assert fact.place("key").span == Span(2, 51, 2, 52)


@pytest.mark.parametrize(
    ("text", "role", "asset", "evidence"),
    [
        ("s3://sagemaker-us-east-1-123456789012/k", "model_data", "model_data", "hint"),
        ("https://acme.s3.us-east-1.amazonaws.com/k", "validation_input", "validation_data", "hard"),
        ("s3://acme-us-east-1/k", "output", "output", "hint"),
    ],
)
def test_region_use(text: str, role: str, asset: str, evidence: str) -> None:
    (use,) = region_uses(fact_of(text, role, request_id="r", marketplace="yes"), knowledge())
    validator("region.use").validate(dict(use.fields))
    assert (use["asset"], use["evidence"], use["code"], use["publish_from"]) == (asset, evidence, "us-east-1", "yes")
    assert (use["request_id"], use["marketplace"], use["known"]) == ("r", "yes", True)


def test_no_region_no_use() -> None:
    assert region_uses(fact_of("s3://acme-data/k", "model_data"), knowledge()) == ()
    assert region_uses(fact_of("s3://acme-us-east-1/k", "other"), knowledge()) == ()


PIECES = st.sampled_from(
    [
        "s3://",
        "https://",
        "s3.",
        "s3-",
        "us-east-1",
        ".amazonaws.com",
        "/",
        "?",
        "${",
        "}",
        "<",
        ">",
        "{",
        "arn:",
        ":",
        "aws",
        "accesspoint",
        "123456789012",
        "sagemaker-",
        "-",
        ".",
        " ",
        "\n",
        "é",
        "\ue000",
        "X-Amz-Signature=",
        "your-",
        "dualstack",
        "bucket",
        "REPLACE_ME",
        "%",
        "@",
        "…",
        "&",
        "\x00",
    ]
)


@given(st.one_of(st.text(), st.lists(PIECES, max_size=20).map("".join)))
@example("s3://" + "?" * 5000)
@example("s3://arn:")
@example("https://s3/")
@example("https://.amazonaws.com")
@example("https://s3.amazonaws.com")
@example("https://dualstack.us-east-1.amazonaws.com/")
def test_never_raises_and_offsets_hold(text: str) -> None:
    uri = parse_s3(text, limit=20)
    if uri:
        for name, (start, end) in uri.ranges.items():
            assert 0 <= start < end <= len(text)
            value = getattr(uri, name)
            assert value == "unknown" or value in (text[start:end], text[start:end].lower()), name
        assert not uri.placeholder or not set(uri.problems) & {"too-long", "missing-bucket", "blank"}
    fact = fact_of(text, "model_data", data_type="S3Prefix", locate=lambda a, b: Span(1, a + 1, 1, b + 1))
    for use in region_uses(fact, knowledge()):
        validator("region.use").validate(dict(use.fields))


def test_hostile_length_is_cheap() -> None:
    for piece in ("a", "${", "<", "{", "?X-Amz-", "your-", "[a", "us-east-1-", "%A", "xxx-"):
        parse_s3("s3://" + piece * 300_000)
