"""Whose account and which Region: what the names of one product settle among themselves."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter.assemble.ownership import settle_ownership
from linter.assemble.regions import settle_regions
from linter.inspect.references import arn_reference, image_reference, region_use, region_uses, s3_uri
from linter.model import Fact, Location
from tests.tables import knowledge, validator

ROOT = Path(__file__).parents[2]
HERE = Location("m.json")
SAMPLE, OTHER_SAMPLE = "123456789012", "111122223333"
REAL, STRANGER, THIRD = "671234560098", "999988887777", "355500011122"


def image(
    account: str,
    region: str = "us-east-1",
    role: str = "inference",
    request: str = "r",
    name: str = "m:1",
    sale: str = "yes",
) -> Fact:
    text = f"{account}.dkr.ecr.{region}.amazonaws.com/{name}"
    return image_reference(text, HERE, role, knowledge(), request="model_package", request_id=request, marketplace=sale)


def named(text: str, role: str = "inference", request: str = "r") -> Fact:
    return image_reference(
        text, HERE, role, knowledge(), request="model_package", request_id=request, marketplace="yes"
    )


def role_of(account: str, request: str = "r", role: str = "validation_role") -> Fact:
    return arn_reference(
        f"arn:aws:iam::{account}:role/Val", HERE, role, knowledge(), request_id=request, marketplace="yes"
    )


def resource(account: str, region: str = "us-east-1", request: str = "change") -> Fact:
    text = f"arn:aws:sagemaker:{region}:{account}:model-package/m"
    return arn_reference(text, HERE, "model_package", knowledge(), request_id=request, marketplace="yes")


def arn(text: str, role: str, request: str = "r") -> Fact:
    return arn_reference(text, HERE, role, knowledge(), request_id=request, marketplace="yes")


def s3(text: str, role: str = "model_data", request: str = "r") -> Fact:
    return s3_uri(text, HERE, role, knowledge(), request_id=request, marketplace="yes")


def bucket(account: str, region: str = "us-east-1", request: str = "r") -> Fact:
    return s3(f"s3://sagemaker-{region}-{account}/m.tar.gz", request=request)


def client(code: str, request: str = "unknown") -> Fact:
    return region_use(code, HERE, "client", knowledge(), request_id=request)


def settled(*facts: Fact, seller: str | None = None, region: str | None = None) -> list[Fact]:
    result = settle_regions(settle_ownership(facts, seller, knowledge()), region, knowledge())
    assert len(result) == len(facts)
    for before, after in zip(facts, result, strict=True):
        assert (after.kind, after.location, after.spans) == (before.kind, before.location, before.spans)
        validator(after.kind).validate(dict(after.fields))
    return result


def owners(*facts: Fact, seller: str | None = None) -> list[str]:
    return [fact["owner"] for fact in settled(*facts, seller=seller)]


def agreements(*facts: Fact, region: str | None = None) -> list[str]:
    return [fact["agrees" if fact.kind == "region.use" else "region_agrees"] for fact in settled(*facts, region=region)]


def test_image_of_another_account_than_the_role() -> None:
    first, second = settled(image(STRANGER), role_of(SAMPLE))
    assert (first["owner"], first["owner_basis"], first["seller_account"]) == ("foreign", "inferred", SAMPLE)
    assert second["owner"] == "seller"


@pytest.mark.parametrize("account", [SAMPLE, REAL])
def test_image_of_the_same_account_as_the_role(account: str) -> None:
    assert owners(image(account), role_of(account)) == ["seller", "seller"]


def test_examples_compare_among_themselves() -> None:
    assert owners(image(OTHER_SAMPLE), role_of(SAMPLE)) == ["foreign", "seller"]


@pytest.mark.parametrize("facts", [[image(REAL)], [role_of(REAL)], [image(REAL), image(REAL)]])
def test_nothing_to_compare_with(facts: Sequence[Fact]) -> None:
    for fact in settled(*facts):
        assert (fact["owner"], fact["owner_basis"], fact["seller_account"]) == ("unknown", "unknown", "unknown")
    assert owners(image(SAMPLE)) == ["documentation"]


def test_two_images_disagree_and_nobody_knows() -> None:
    assert owners(image(REAL), image(STRANGER, role="training")) == ["unknown", "unknown"]


def test_majority_speaks_against_one() -> None:
    facts = image(REAL), image(REAL, role="training", name="t:1"), image(STRANGER, role="additional")
    assert owners(*facts) == ["seller", "seller", "foreign"]


def test_role_speaks_against_the_majority() -> None:
    assert owners(role_of(REAL), image(STRANGER), image(STRANGER, role="training", name="t:1")) == [
        "seller",
        "foreign",
        "foreign",
    ]


def test_roles_disagree_and_the_majority_decides() -> None:
    facts = role_of(REAL), role_of(STRANGER, role="access_role"), image(REAL)
    assert owners(*facts) == ["seller", "foreign", "seller"]
    assert owners(role_of(REAL), role_of(STRANGER, role="access_role")) == ["unknown", "unknown"]


def test_a_samples_role_left_over_beside_real_accounts() -> None:
    facts = role_of(SAMPLE), image(REAL), bucket(REAL)
    assert owners(*facts) == ["documentation", "seller", "seller"]


def test_a_samples_image_beside_a_real_role() -> None:
    assert owners(role_of(REAL), image(SAMPLE)) == ["seller", "documentation"]


def test_listed_resource_of_another_account() -> None:
    facts = settled(resource(REAL), image(STRANGER))
    assert [fact["owner"] for fact in facts] == ["seller", "foreign"]


def test_configured_account_decides_all() -> None:
    facts = settled(image(STRANGER), image(REAL), role_of(STRANGER), image(SAMPLE), seller=REAL)
    assert [fact["owner"] for fact in facts] == ["foreign", "seller", "foreign", "documentation"]
    assert {fact["owner_basis"] for fact in facts} == {"configured"}
    assert owners(image(STRANGER), seller=SAMPLE) == ["foreign"]
    assert owners(image(OTHER_SAMPLE), seller=SAMPLE) == ["foreign"]


def test_images_of_aws_and_of_marketplace_are_no_witnesses() -> None:
    dlc = named("763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:2.3.0-cpu-py311")
    vendor = arn("arn:aws:sagemaker:us-east-1:865070037744:algorithm/vendor-algo", "source_algorithm")
    assert owners(dlc, vendor) == ["aws", "marketplace"]
    assert owners(dlc, role_of(REAL)) == ["aws", "unknown"]
    assert owners(dlc, role_of(REAL), image(REAL, role="training")) == ["aws", "seller", "seller"]


def test_keys_and_source_algorithms_are_judged_but_no_witnesses() -> None:
    key = arn(f"arn:aws:kms:us-east-1:{STRANGER}:key/k", "kms")
    source = arn(f"arn:aws:sagemaker:us-east-1:{STRANGER}:algorithm/a", "source_algorithm")
    assert owners(image(REAL), key, source) == ["unknown", "unknown", "unknown"]
    assert owners(image(REAL), role_of(REAL), key, source) == ["seller", "seller", "foreign", "foreign"]
    assert owners(arn("arn:aws:iam::aws:policy/X", "other"), arn("MyAlgorithm", "source_algorithm")) == [
        "aws",
        "unknown",
    ]


def test_buckets() -> None:
    role, own = role_of(REAL), image(REAL)
    assert owners(role, own, bucket(STRANGER))[2] == "foreign"
    assert owners(role, own, bucket(REAL))[2] == "seller"
    assert owners(role, own, s3(f"s3://acme-{STRANGER}/m.tar.gz"))[2] == "unknown"
    assert owners(role, own, s3(f"s3://acme-{REAL}/m.tar.gz"))[2] == "seller"
    assert owners(role, own, s3("s3://acme-models/m.tar.gz"))[2] == "unknown"
    assert owners(s3("s3://jumpstart-cache-prod-us-east-1/m.tar.gz"), s3("s3://sagemaker-sample-files/x")) == [
        "aws",
        "aws",
    ]


def test_other_registries_and_placeholders_have_no_owner() -> None:
    facts = named("docker.io/acme/m:1"), named("${account}.dkr.ecr.us-east-1.amazonaws.com/m:1"), named("unknown")
    assert owners(role_of(REAL), bucket(REAL), *facts)[2:] == ["unknown"] * 3


def test_each_request_by_itself() -> None:
    facts = role_of(REAL, "a"), image(REAL, request="a"), role_of(STRANGER, "b"), image(STRANGER, request="b")
    assert owners(*facts) == ["seller"] * 4


def test_a_request_without_a_role_is_settled_by_the_product() -> None:
    facts = image(STRANGER, request="a"), role_of(REAL, "b"), image(REAL, request="b")
    assert owners(*facts) == ["foreign", "seller", "seller"]


def test_private_registry_requests_do_not_speak_for_those_for_sale() -> None:
    private = [image(STRANGER, request="p", name=f"p{n}:1", sale="no") for n in range(3)]
    first, *_ = settled(image(REAL), bucket(REAL), *private)
    assert (first["owner"], first["seller_account"]) == ("seller", REAL)


def test_other_facts_pass_through() -> None:
    other = Fact("dockerfile.image", HERE, {"stage": 1})
    assert settle_regions(settle_ownership([other], None, knowledge()), None, knowledge()) == [other]


# --- Regions


def test_training_image_elsewhere_than_the_inference_image() -> None:
    training, inference = settled(image(REAL, "us-east-1", "training"), image(REAL, "us-west-2"))
    assert (training["region_agrees"], inference["region_agrees"]) == ("no", "yes")
    assert (training["publishing_region"], training["region_basis"]) == ("us-west-2", "image")


def test_default_bucket_elsewhere() -> None:
    facts = [image(REAL, "us-east-2"), bucket(REAL, "eu-west-1")]
    uses = [use for fact in facts for use in region_uses(fact, knowledge())]
    result = settled(*facts, *uses)
    assert [fact.fields.get("region_agrees", fact.fields.get("agrees")) for fact in result] == [
        "yes",
        "no",
        "yes",
        "no",
    ]
    assert [fact["evidence"] for fact in result[2:]] == ["hard", "hint"]


def test_configured_region() -> None:
    facts = settled(image(REAL, "us-east-1"), client("us-west-2"), region="us-west-2")
    assert (facts[0]["region_agrees"], facts[0]["region_basis"]) == ("no", "configured")
    assert (facts[1]["agrees"], facts[1]["publishing_basis"]) == ("yes", "configured")


def test_a_listed_resource_speaks_for_the_whole_product() -> None:
    listed, placed = settled(resource(REAL, "us-east-2"), image(REAL, "us-west-2"))
    assert (placed["region_agrees"], placed["region_basis"], listed["region_agrees"]) == ("no", "resource", "yes")


def test_client_and_image() -> None:
    assert agreements(image(REAL, "us-east-1"), client("us-east-1"), client("eu-west-1")) == ["yes", "yes", "no"]
    assert agreements(client("us-east-1"), s3("https://acme.s3.eu-west-1.amazonaws.com/m.tar.gz")) == ["yes", "no"]


def test_requests_for_several_regions() -> None:
    facts = (
        image(REAL, "us-east-1", request="a"),
        image(REAL, "eu-west-1", request="b"),
        client("eu-west-1"),
        client("us-west-2"),
    )
    assert agreements(*facts) == ["yes", "yes", "yes", "no"]


def test_a_name_never_decides() -> None:
    assert agreements(s3("s3://acme-us-east-1/m.tar.gz"), s3("s3://acme-eu-west-1/v/")) == ["unknown", "unknown"]
    assert agreements(image(REAL, "us-east-1"), s3("s3://acme-eu-west-1/v/")) == ["yes", "no"]


def test_default_bucket_decides_when_nothing_stronger_does() -> None:
    first, second = settled(bucket(REAL, "us-east-1"), s3("s3://acme-eu-west-1/v/"))
    assert (first["region_agrees"], second["region_agrees"], second["region_basis"]) == ("yes", "no", "bucket")


def test_a_region_that_is_none_never_decides() -> None:
    assert agreements(image(REAL, "us-east1"), image(REAL, "us-east-1", "training")) == ["no", "yes"]
    assert agreements(image(REAL, "us-east1")) == ["unknown"]


def test_what_may_be_anywhere() -> None:
    listing = region_use("eu-west-1", HERE, "listing", knowledge())
    base = image(REAL, "eu-west-1", "base")
    subscribed = arn("arn:aws:sagemaker:eu-west-1:985815980388:model-package/x", "model_package")
    role = role_of(REAL)
    assert agreements(image(REAL, "us-east-1"), listing, base, subscribed, role)[1:] == ["unknown"] * 4


def test_unresolved_regions() -> None:
    facts = named("${a}.dkr.ecr.${AWS::Region}.amazonaws.com/m:1"), named("ubuntu"), named("unknown"), client("unknown")
    assert agreements(image(REAL, "us-east-1"), *facts)[1:] == ["unknown"] * 4


def test_majority_among_inference_images_then_the_first() -> None:
    facts = image(REAL, "us-west-2"), image(REAL, "us-east-1", name="n:1"), image(REAL, "us-east-1", "training")
    assert agreements(*facts) == ["no", "yes", "yes"]
    assert agreements(*facts[:2]) == ["yes", "no"]


ACCOUNTS = st.sampled_from([REAL, STRANGER, THIRD, SAMPLE, OTHER_SAMPLE, "763104351884", "865070037744", "${x}"])
REGIONS = st.sampled_from(["us-east-1", "eu-west-1", "cn-north-1", "us-east1", "${r}"])
REQUESTS = st.sampled_from(["a", "b", "unknown"])
FACTS = st.one_of(
    st.builds(image, ACCOUNTS, REGIONS, st.sampled_from(["inference", "training", "base", "other"]), REQUESTS),
    st.builds(role_of, ACCOUNTS, REQUESTS),
    st.builds(resource, ACCOUNTS, REGIONS, REQUESTS),
    st.builds(bucket, ACCOUNTS, REGIONS, REQUESTS),
    st.builds(client, REGIONS, REQUESTS),
)


@given(st.lists(FACTS, max_size=10), st.sampled_from([None, REAL, SAMPLE]), st.sampled_from([None, "us-east-1"]))
def test_any_product_settles(facts: list[Fact], seller: str | None, region: str | None) -> None:
    result = settled(*facts, seller=seller, region=region)
    assert result == settled(*result, seller=seller, region=region)  # settling twice changes nothing
    for fact in result:
        if fact.fields.get("owner") in ("foreign", "seller"):
            assert fact["seller_account"] != "unknown"
        if fact.fields.get("owner") == "seller":
            assert fact["seller_account"] == fact["account_hint" if fact.kind == "s3.uri" else "account"]
