"""ARNs as people write them."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from linter.inspect.references import arn_reference, locator, region_uses
from linter.inspect.text import Source
from linter.model import Fact, Location, Span
from linter.references.arn import account_of, parse_arn
from tests.tables import knowledge, validator

ROOT = Path(__file__).parents[2]


def fact_of(text: str, role: str = "validation_role", **more: object) -> Fact:
    fact = arn_reference(text, Location("m.json"), role, knowledge(), **more)  # type: ignore[arg-type]
    validator("arn.reference").validate(dict(fact.fields))
    return fact


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "arn:aws:iam::123456789012:role/service-role/X",
            ("aws", "iam", None, "123456789012", "role", "service-role/X"),
        ),
        (
            "arn:aws:sagemaker:us-east-2:123456789012:model-package/m/3",
            ("aws", "sagemaker", "us-east-2", "123456789012", "model-package", "m/3"),
        ),
        ("arn:aws:s3:::b/k", ("aws", "s3", None, None, None, "b/k")),
        (
            "arn:aws:kms:us-east-1:123456789012:alias/aws/s3",
            ("aws", "kms", "us-east-1", "123456789012", "alias", "aws/s3"),
        ),
        ("arn:aws:iam::aws:policy/X", ("aws", "iam", None, "aws", "policy", "X")),
        ("arn:aws-cn:sns:cn-north-1:123456789012:t", ("aws-cn", "sns", "cn-north-1", "123456789012", None, "t")),
        (
            "arn:aws:logs:us-east-1:123456789012:log-group:g:*",
            ("aws", "logs", "us-east-1", "123456789012", "log-group", "g:*"),
        ),
        (
            "arn:aws:sagemaker:${AWS::Region}:${AWS::AccountId}:algorithm/a",
            ("aws", "sagemaker", "unknown", "unknown", "algorithm", "a"),
        ),
        ("arn:aws:iam::<account>:role/<name>", ("aws", "iam", None, "unknown", "role", "unknown")),
    ],
)
def test_parts(text: str, parts: tuple[str | None, ...]) -> None:
    arn = parse_arn(text)
    assert arn is not None
    assert (arn.partition, arn.service, arn.region, arn.account, arn.resource_type, arn.resource) == parts
    assert arn.problems == ()


@pytest.mark.parametrize(
    "text", ["", "SageMakerRole", "role/X", "alias/aws/s3", "my-algorithm", "s3://b/k", "barn:aws:iam", "${Role.Arn}"]
)
def test_no_arn(text: str) -> None:
    assert parse_arn(text) is None


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("arn:", ("bad-partition", "missing-service", "missing-resource")),
        ("arn:aws:iam:us-east-1:123456789012:role/x", ("unexpected-region",)),
        ("arn:aws:iam::12345:role/x", ("bad-account",)),
        ("arn:aws:iam:::role/x", ("missing-account",)),
        ("arn:aws:sagemaker::123456789012:algorithm/x", ("missing-region",)),
        ("arn:aws:sagemaker:us-east1:123456789012:algorithm/x", ("bad-region",)),
        ("arn:aws:iam::123456789012:role/", ("missing-resource",)),
        ("arn:aws:iam::123456789012:", ("missing-resource",)),
        ("ARN:aws:iam::123456789012:role/x", ("upper-case-scheme",)),
        ("arn:aws:iam::123456789012:role/x ", ("blank",)),
        ("arn:azure:iam::123456789012:role/x", ("bad-partition",)),
    ],
)
def test_problems(text: str, problems: tuple[str, ...]) -> None:
    arn = parse_arn(text)
    assert arn is not None
    assert arn.problems == problems


def test_account_of() -> None:
    def account(text: str) -> str | None:
        arn = parse_arn(text)
        assert arn is not None
        return account_of(arn)

    assert account("arn:aws:iam::123456789012:role/x") == "123456789012"
    assert account("arn:aws:iam::aws:policy/x") is None
    assert account("arn:aws:s3:::b") is None
    assert account("arn:aws:iam::12:role/x") == "unknown"


def test_plain_names_and_unknown_values() -> None:
    fact = fact_of("SageMakerRole")
    assert (fact["problems"], fact["resource"], fact["account"], fact["placeholder"]) == (
        ["not-an-arn"],
        "SageMakerRole",
        None,
        False,
    )
    fact = fact_of("unknown")
    assert (fact["problems"], fact["account"], fact["placeholder"]) == ([], "unknown", False)
    fact = fact_of("${Role.Arn}")
    assert (fact["problems"], fact["account"], fact["placeholder"]) == ([], "unknown", True)
    fact = fact_of("your-arn-here")
    assert (fact["problems"], fact["placeholder"]) == ([], True)
    assert fact_of("")["problems"] == ["not-an-arn"]


def test_region_use_of_resources_only() -> None:
    text = "arn:aws:sagemaker:us-east-2:123456789012:model-package/m"
    (use,) = region_uses(fact_of(text, "model_package"), knowledge())
    assert (use["asset"], use["code"], use["evidence"]) == ("resource", "us-east-2", "hard")
    assert region_uses(fact_of("arn:aws:kms:us-east-2:123456789012:key/k", "kms"), knowledge()) == ()
    assert region_uses(fact_of("arn:aws:iam::123456789012:role/r"), knowledge()) == ()


def test_what_subscribers_use_is_no_asset_of_the_seller() -> None:
    text = "arn:aws:sagemaker:us-east-2:057799348421:model-package/m"
    assert region_uses(fact_of(text, "model_package"), knowledge()) == ()


def test_spans_point_at_the_parts() -> None:
    source = Source("m.json", b'\n  "Arn": "arn:aws:iam::123456789012:role/R"')
    start = source.text.index("arn:")
    fact = fact_of(source.text[start:-1], locate=locator(source, start))
    assert fact.spans["account"] == Span(2, 24, 2, 36)
    assert fact.spans["resource"] == Span(2, 42, 2, 43)
    assert "region" not in fact.spans


PIECES = st.sampled_from(
    [
        "arn:",
        "ARN:",
        ":",
        "/",
        "aws",
        "iam",
        "s3",
        "sagemaker",
        "us-east-1",
        "123456789012",
        "role",
        "${",
        "}",
        "<",
        ">",
        " ",
        "\n",
        "\ue000",
        "é",
        "accesspoint",
        "kms",
        "::",
        "*",
    ]
)


@given(st.one_of(st.text(), st.lists(PIECES, max_size=20).map("".join)))
@example("arn::::::")
@example(" arn:aws")
def test_never_raises_and_offsets_hold(text: str) -> None:
    arn = parse_arn(text)
    if arn:
        for name, (start, end) in arn.ranges.items():
            assert 0 <= start < end <= len(text)
            assert getattr(arn, name) in ("unknown", text[start:end])
        assert not (arn.placeholder and arn.problems)
    fact = fact_of(text, "model_package", locate=lambda a, b: Span(1, a + 1, 1, b + 1))
    for use in region_uses(fact, knowledge()):
        validator("region.use").validate(dict(use.fields))
