"""Image references as people write them."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from linter.inspect.references import image_reference, locator, region_uses
from linter.inspect.text import Source
from linter.model import Fact, Location, Span
from linter.references.image import parse_image
from tests.tables import knowledge, validator

ROOT = Path(__file__).parents[2]
ECR = "123456789012.dkr.ecr.us-east-2.amazonaws.com"
HEX = "0123456789abcdef" * 4


def fact_of(text: str, role: str = "inference", **more: object) -> Fact:
    fact = image_reference(text, Location("m.json"), role, knowledge(), **more)  # type: ignore[arg-type]
    validator("image.reference").validate(dict(fact.fields))
    return fact


@pytest.mark.parametrize(
    ("text", "kind", "host", "repository", "tag", "digest"),
    [
        ("ubuntu", "docker_hub", "docker.io", "ubuntu", None, None),
        ("python:3.9", "docker_hub", "docker.io", "python", "3.9", None),
        ("acme/model:1.0", "docker_hub", "docker.io", "acme/model", "1.0", None),
        ("docker.io/acme/model:1.0", "docker_hub", "docker.io", "acme/model", "1.0", None),
        ("index.docker.io/acme/model", "docker_hub", "index.docker.io", "acme/model", None, None),
        (
            "public.ecr.aws/docker/library/python:3.9",
            "ecr_public",
            "public.ecr.aws",
            "docker/library/python",
            "3.9",
            None,
        ),
        ("ghcr.io/a/b:1", "other", "ghcr.io", "a/b", "1", None),
        ("localhost:5000/x", "other", "localhost:5000", "x", None, None),
        ("registry:5000/x:2", "other", "registry:5000", "x", "2", None),
        ("nvcr.io/nvidia/pytorch:24.01-py3", "other", "nvcr.io", "nvidia/pytorch", "24.01-py3", None),
        (f"{ECR}/m", "ecr", ECR, "m", None, None),
        (f"{ECR}/a/b__c/d-e.f:v1", "ecr", ECR, "a/b__c/d-e.f", "v1", None),
        (f"{ECR}/m@sha256:{HEX}", "ecr", ECR, "m", None, f"sha256:{HEX}"),
        (f"{ECR}/m:1@sha256:{HEX}", "ecr", ECR, "m", "1", f"sha256:{HEX}"),
    ],
)
def test_parts(text: str, kind: str, host: str, repository: str, tag: str | None, digest: str | None) -> None:
    image = parse_image(text)
    assert (image.registry_kind, image.host, image.repository, image.tag, image.digest) == (
        kind,
        host,
        repository,
        tag,
        digest,
    )
    assert image.problems == ()
    assert not image.placeholder


@pytest.mark.parametrize(
    ("host", "account", "region", "partition", "suffix", "form"),
    [
        (ECR, "123456789012", "us-east-2", "aws", "amazonaws.com", "standard"),
        (
            "012345678901.dkr.ecr-fips.us-gov-west-1.amazonaws.com",
            "012345678901",
            "us-gov-west-1",
            "aws-us-gov",
            "amazonaws.com",
            "fips",
        ),
        (
            "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn",
            "123456789012",
            "cn-north-1",
            "aws-cn",
            "amazonaws.com.cn",
            "standard",
        ),
        (
            "123456789012.dkr.ecr.us-iso-east-1.c2s.ic.gov",
            "123456789012",
            "us-iso-east-1",
            "aws-iso",
            "c2s.ic.gov",
            "standard",
        ),
        (
            "123456789012.dkr.ecr.us-isob-east-1.sc2s.sgov.gov",
            "123456789012",
            "us-isob-east-1",
            "aws-iso-b",
            "sc2s.sgov.gov",
            "standard",
        ),
        (
            "123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu",
            "123456789012",
            "eusc-de-east-1",
            "aws-eusc",
            "amazonaws.eu",
            "standard",
        ),
        ("123456789012.dkr-ecr.us-east-1.on.aws", "123456789012", "us-east-1", "aws", "on.aws", "dualstack"),
        (
            "123456789012.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn",
            "123456789012",
            "cn-north-1",
            "aws-cn",
            "on.amazonwebservices.com.cn",
            "dualstack",
        ),
        (
            "123456789012.dkr.ecr.us-east1.amazonaws.com",
            "123456789012",
            "us-east1",
            "unknown",
            "amazonaws.com",
            "standard",
        ),
        (
            "${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}",
            "unknown",
            "unknown",
            "unknown",
            "unknown",
            "standard",
        ),
        ("{account}.dkr.ecr.{region}.amazonaws.com", "unknown", "unknown", "unknown", "amazonaws.com", "standard"),
        ("<account>.dkr.ecr.us-west-2.amazonaws.com", "unknown", "us-west-2", "aws", "amazonaws.com", "standard"),
        ("aws_account_id.dkr.ecr.region.amazonaws.com", "unknown", "unknown", "unknown", "amazonaws.com", "standard"),
        ("xxxxxxxxxxxx.dkr.ecr.us-west-2.amazonaws.com", "unknown", "us-west-2", "aws", "amazonaws.com", "standard"),
        ("1….dkr.ecr.us-east-1.amazonaws.com", "unknown", "us-east-1", "aws", "amazonaws.com", "standard"),
    ],
)
def test_ecr_hosts(host: str, account: str, region: str, partition: str, suffix: str, form: str) -> None:
    image = parse_image(f"{host}/acme/model:1.2.0")
    assert image.registry_kind == "ecr"
    assert (image.account, image.region, image.partition) == (account, region, partition)
    assert (image.dns_suffix, image.endpoint_form) == (suffix, form)
    assert (image.repository, image.tag, image.problems) == ("acme/model", "1.2.0", ())
    assert image.placeholder == (account == "unknown")


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("", ("empty",)),
        ("  \n", ("empty",)),
        ("https://123456789012.dkr.ecr.us-east-1.amazonaws.com/Model:1", ("scheme-prefix", "upper-case-repository")),
        (f"docker://{ECR}/m:1", ("scheme-prefix",)),
        (f"{ECR}/Model:1", ("upper-case-repository",)),
        ("Acme/Model", ("upper-case-repository",)),
        (f" {ECR}/m:1", ("blank",)),
        (f"{ECR}/m:1\n", ("blank",)),
        (f"{ECR}/my model:1", ("blank",)),
        (f"{ECR}/m:1:2", ("double-tag",)),
        (f"{ECR}/m:1.0@sha256:12", ("bad-digest",)),
        (f"{ECR}/m@{HEX}", ("bad-digest",)),
        (f"{ECR}/m@sha256:{HEX}@sha256:{HEX}", ("bad-digest",)),
        (f"{ECR}/m:", ("bad-tag",)),
        (f"{ECR}/m:-1", ("bad-tag",)),
        (f"{ECR}/m:{'1' * 129}", ("bad-tag",)),
        (f"{ECR}/a//b", ("repository-syntax",)),
        (f"{ECR}/m/", ("repository-syntax",)),
        (f"{ECR}/-m", ("repository-syntax",)),
        (f"{ECR}/a___b", ("repository-syntax",)),
        (ECR, ("missing-repository",)),
        (f"{ECR}/", ("missing-repository",)),
        (f"{ECR}/:1", ("missing-repository",)),
        ("123456789012.dkr.ecr.amazonaws.com/m:1", ("bad-ecr-host",)),
        ("1234.dkr.ecr.us-east-1.amazonaws.com/m:1", ("bad-ecr-host",)),
        ("123456789012.dkr.ecr.us-east-1.amazon.com/m:1", ("bad-ecr-host",)),
        ("123456789012.dkr.ecr.us-east-1/m:1", ("bad-ecr-host",)),
    ],
)
def test_problems(text: str, problems: tuple[str, ...]) -> None:
    assert parse_image(text).problems == problems


def test_length_limit_is_known_to_the_fact() -> None:
    assert fact_of(f"{ECR}/{'m' * 300}")["problems"] == ["too-long"]
    assert parse_image(f"{ECR}/m", limit=len(ECR) + 2).problems == ()


@pytest.mark.parametrize(
    "text",
    [
        "IMAGE_REPLACE_ME",
        "<ImageURI>",
        "$IMAGE",
        "${IMAGE}:latest",
        "${REG}/x:1",
        "{{ image }}",
        "your-image:latest",
        "%s/m:1",
        "$(account).dkr.ecr.us-east-1.amazonaws.com/M:1",
        f"{ECR}/<repo>:<tag>",
        f"{ECR}/Model-${{STAGE}}:1:2",
    ],
)
def test_placeholders_have_no_problem(text: str) -> None:
    image = parse_image(text)
    assert image.placeholder
    assert image.problems == ()


@pytest.mark.parametrize(
    ("text", "state"),
    [
        (f"{ECR}/m", "missing"),
        (f"{ECR}/m:latest", "floating"),
        (f"{ECR}/m:Latest", "floating"),
        (f"{ECR}/m:1.2.0", "fixed"),
        (f"{ECR}/m:${{TAG}}", "unknown"),
        (f"{ECR}/${{NAME}}", "unknown"),
        (f"{ECR}/m@sha256:{HEX}", "digest"),
        (f"{ECR}/m:latest@sha256:{HEX}", "digest"),
        (f"{ECR}/m@sha256:<64 hex>", "digest"),
        ("${IMAGE}", "unknown"),
        ("${IMAGE}:latest", "floating"),
        ("unknown", "unknown"),
        ("", "unknown"),
    ],
)
def test_tag_state(text: str, state: str) -> None:
    assert fact_of(text)["tag_state"] == state


@pytest.mark.parametrize(
    ("text", "group", "open_framework"),
    [
        (
            "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:2.3.0-cpu-py311",
            "deep_learning_container",
            False,
        ),
        ("382416733822.dkr.ecr.us-east-1.amazonaws.com/kmeans:1", "builtin_algorithm", False),
        ("683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1", "builtin_algorithm", True),
        ("683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1", "framework_image", True),
        ("763104351884.dkr.ecr.us-east-1.amazonaws.com/something-new:1", "other", False),
        ("205585389593.dkr.ecr.us-east-1.amazonaws.com/sagemaker-clarify-processing:1.0", "other", False),
        (f"{ECR}/sagemaker-xgboost:1", None, False),
        (f"{ECR}/kmeans:1", None, False),
        ("docker.io/acme/kmeans", None, False),
        ("${ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1", "unknown", False),
        ("public.ecr.aws/deep-learning-containers/pytorch-inference:1", "unknown", False),
        ("unknown", "unknown", False),
    ],
)
def test_aws_groups(text: str, group: str | None, open_framework: bool) -> None:
    fact = fact_of(text)
    assert (fact["aws_group"], fact["open_framework"]) == (group, open_framework)


def test_nothing_is_known_of_an_unknown_value() -> None:
    fact = fact_of("unknown")
    assert {fact[name] for name in ("registry_kind", "host", "account", "region", "repository", "tag", "digest")} == {
        "unknown"
    }
    assert (fact["problems"], fact["placeholder"], fact["endpoint_form"]) == ([], False, "unknown")
    fact = fact_of("${REGISTRY}/acme/model:1")
    assert (fact["account"], fact["region"], fact["tag"]) == ("unknown", "unknown", "1")


def test_spans_point_at_the_parts() -> None:
    source = Source("m.json", f'\n "Image": "{ECR}/m:1"'.encode())
    start = source.text.index("1234")
    fact = fact_of(source.text[start:-1], locate=locator(source, start))
    assert fact.spans["account"] == Span(2, 12, 2, 24)
    assert fact.spans["region"] == Span(2, 33, 2, 42)
    assert fact.spans["tag"] == Span(2, 59, 2, 60)


def test_region_use() -> None:
    (use,) = region_uses(
        fact_of("123456789012.dkr.ecr.ap-east-1.amazonaws.com/m:1", "training", request_id="r"), knowledge()
    )
    validator("region.use").validate(dict(use.fields))
    assert (use["asset"], use["code"], use["publish_from"], use["evidence"], use["request_id"]) == (
        "image",
        "ap-east-1",
        "no",
        "hard",
        "r",
    )
    assert region_uses(fact_of(f"{ECR}/m", "base"), knowledge()) == ()
    assert region_uses(fact_of("ubuntu"), knowledge()) == ()
    assert region_uses(fact_of("a.dkr.ecr.${AWS::Region}.amazonaws.com/m"), knowledge()) == ()


PIECES = st.sampled_from(
    [
        ECR,
        ".dkr.ecr.",
        ".dkr-ecr.",
        "us-east-1",
        ".amazonaws.com",
        "/",
        ":",
        "@",
        "sha256:",
        HEX,
        "m",
        "M",
        " ",
        "\n",
        "${",
        "}",
        "<",
        ">",
        "https://",
        "1",
        ".",
        "-",
        "\ue000",
        "é",
        "localhost",
        "your-",
        "region",
    ]
)


@given(st.one_of(st.text(), st.lists(PIECES, max_size=15).map("".join)))
@example("@")
@example(":")
@example("/")
@example("//:@:")
@example(".dkr.ecr.")
@example("https://")
def test_never_raises_and_offsets_hold(text: str) -> None:
    image = parse_image(text, limit=30)
    for name, (start, end) in image.ranges.items():
        assert 0 <= start <= end <= len(text)
        value = getattr(image, name)
        assert value == "unknown" or value in (text[start:end], text[start:end].lower()), name
    assert not (image.placeholder and image.problems)
    fact = fact_of(text, locate=lambda a, b: Span(1, a + 1, 1, b + 1))
    for use in region_uses(fact, knowledge()):
        validator("region.use").validate(dict(use.fields))


def test_hostile_length_is_cheap() -> None:
    for piece in ("a", "a.", "a-", "${", ":", "@", "/", ".dkr.ecr.", "__"):
        parse_image(piece * 300_000)
