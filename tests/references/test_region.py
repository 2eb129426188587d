"""Region codes: their form, and what knowledge says of them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter.inspect.references import region_use
from linter.model import Location, Span
from linter.references.region import find_region_codes, is_region_code, partition_of_code, partition_of_host, region_of
from tests.tables import knowledge, validator

ROOT = Path(__file__).parents[2]


def test_every_listed_region_has_the_form_and_partition_that_the_grammar_expects() -> None:
    for code, row in knowledge().get("regions.by_code").items():
        assert is_region_code(code), code
        assert partition_of_code(code) == row["partition"], code
        assert [token.code for token in find_region_codes(f"x-{code}/y")] == [code]
        assert partition_of_host(row["dns_suffix"], code) == row["partition"]
        region = region_of(code, knowledge())
        assert region is not None
        assert region.publish_from in ("yes", "no", "caution")


def test_region_of() -> None:
    region = region_of("us-east-2", knowledge())
    assert region is not None
    assert (region.partition, region.publish_from, region.opt_in) == ("aws", "yes", False)
    assert region_of("ap-east-1", knowledge()).opt_in  # type: ignore[union-attr]
    assert region_of("ap-northeast-3", knowledge()).publish_from == "caution"  # type: ignore[union-attr]
    assert region_of("us-east1", knowledge()) is None
    assert region_of("US-EAST-1", knowledge()) is None


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("us-east-1", ["us-east-1"]),
        ("acme_us-east-1_x/eu-west-3", ["us-east-1", "eu-west-3"]),
        ("us-gov-west-1 us-isob-east-1", ["us-gov-west-1", "us-isob-east-1"]),
        ("us-east-1a", []),
        ("use1-az1", []),
        ("bus-east-1", []),
        ("us-east-100", []),
        ("us-east1", []),
        ("", []),
    ],
)
def test_tokens(text: str, codes: list[str]) -> None:
    tokens = find_region_codes(text)
    assert [token.code for token in tokens] == codes
    assert all(text[token.start : token.end] == token.code for token in tokens)


@pytest.mark.parametrize(
    ("code", "known", "partition", "publish_from"),
    [
        ("us-east-1", True, "aws", "yes"),
        ("ap-east-1", True, "aws", "no"),
        ("ap-northeast-3", True, "aws", "caution"),
        ("cn-north-1", True, "aws-cn", "no"),
        ("us-east1", False, "unknown", "unknown"),
        ("eu-north-9", False, "aws", "unknown"),
        ("unknown", "unknown", "unknown", "unknown"),
        ("${AWS::Region}", "unknown", "unknown", "unknown"),
        ("<region>", "unknown", "unknown", "unknown"),
        ("", False, "unknown", "unknown"),
    ],
)
def test_region_use(code: str, known: object, partition: str, publish_from: str) -> None:
    fact = region_use(code, Location("a.py"), "client", knowledge())
    validator("region.use").validate(dict(fact.fields))
    assert (fact["known"], fact["partition"], fact["publish_from"]) == (known, partition, publish_from)
    assert fact["agrees"] == "unknown"


def test_span_of_the_code_in_a_longer_text() -> None:
    fact = region_use(
        "us-east-1",
        Location("a.py"),
        "client",
        knowledge(),
        text="--region us-east-1",
        locate=lambda a, b: Span(3, a + 1, 3, b + 1),
    )
    assert fact.spans["code"] == Span(3, 10, 3, 19)
    assert fact.spans["text"] == Span(3, 1, 3, 19)


@given(st.text())
def test_never_raises(text: str) -> None:
    for token in find_region_codes(text):
        assert text[token.start : token.end] == token.code
    partition_of_code(text)
    partition_of_host(text, text)
    validator("region.use").validate(dict(region_use(text, Location("a"), "image", knowledge()).fields))
