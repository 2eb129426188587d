"""Listings against the requests that create what they sell, wherever both stand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from linter.assemble import assemble
from linter.inspect.manifest import inspect
from linter.judge.load import load_knowledge
from linter.model import Artifact, Fact
from linter.tree import MemoryTree

KNOWLEDGE = load_knowledge()
PACKAGE, ALGORITHM = "SageMakerModelPackageDeliveryOptionDetails", "SageMakerAlgorithmDeliveryOptionDetails"
INFERENCE = {
    "Containers": [{"Image": "482719305566.dkr.ecr.us-east-2.amazonaws.com/ocr:1"}],
    "SupportedTransformInstanceTypes": ["ml.m5.xlarge"],
    "SupportedRealtimeInferenceInstanceTypes": ["ml.m5.xlarge", "ml.m5.2xlarge"],
    "SupportedContentTypes": ["image/png"],
    "SupportedResponseMIMETypes": ["application/json"],
}


def package(name: str = "ocr", **inference: Any) -> dict[str, Any]:
    return {
        "ModelPackageName": name,
        "CertifyForMarketplace": True,
        "InferenceSpecification": {**INFERENCE, **inference},
    }


def algorithm(name: str = "ocr") -> dict[str, Any]:
    training = {
        "TrainingImage": "482719305566.dkr.ecr.us-east-2.amazonaws.com/ocr:1",
        "SupportedTrainingInstanceTypes": ["ml.m5.xlarge"],
        "SupportedHyperParameters": [{"Name": "depth", "Type": "Integer"}, {"Name": "eta", "Type": "Continuous"}],
        "TrainingChannels": [],
    }
    return {"AlgorithmName": name, "TrainingSpecification": training, "InferenceSpecification": INFERENCE}


def version(
    arn: str = "arn:aws:sagemaker:us-east-2:482719305566:model-package/ocr", kind: str = PACKAGE, **members: Any
) -> dict[str, Any]:
    name = "SageMakerModelPackageArn" if kind == PACKAGE else "SageMakerAlgorithmArn"
    return {
        "ChangeType": "AddDeliveryOptions",
        "Entity": {"Type": "MachineLearningProduct@1.0", "Identifier": "prod-1"},
        "DetailsDocument": {"DeliveryOptions": [{"Details": {kind: {name: arn, **members}}}]},
    }


def prices(*keys: str) -> dict[str, Any]:
    card = [{"DimensionKey": key, "Price": "1"} for key in keys]
    return {
        "ChangeType": "UpdatePricingTerms",
        "Entity": {"Type": "Offer@1.0", "Identifier": "offer-1"},
        "DetailsDocument": {
            "PricingModel": "Usage",
            "Terms": [{"Type": "UsageBasedPricingTerm", "CurrencyCode": "USD", "RateCards": [{"RateCard": card}]}],
        },
    }


def joined(files: dict[str, Any]) -> list[Fact]:
    facts: list[Fact] = []
    texts = {path: json.dumps(value).encode() for path, value in files.items()}
    for path, text in texts.items():
        facts += inspect(Artifact(path, "manifest"), text, KNOWLEDGE).facts
    return assemble(facts, MemoryTree(texts), KNOWLEDGE)


def one(facts: list[Fact], kind: str, **fields: Any) -> Fact:
    (found,) = [fact for fact in facts if fact.kind == kind and all(fact[k] == v for k, v in fields.items())]
    return found


def test_a_name_joins_across_folders() -> None:
    files = {"listing/changes.json": [version()], "sagemaker/a.json": package(), "sagemaker/b.json": package("other")}
    option = one(joined(files), "listing.delivery_option")
    assert option["manifest"] == "sagemaker/a.json#"


@pytest.mark.parametrize("arn", ["${ARN}", "{{ arn }}", "<arn>"])
def test_without_a_name_the_only_request_of_the_kind_is_meant(arn: str) -> None:
    files = {"p/changes.json": [version(arn)], "p/package.json": package(), "p/algorithm.json": algorithm("b")}
    assert one(joined(files), "listing.delivery_option")["manifest"] == "p/package.json#"
    files["p/another.json"] = package("another")
    assert one(joined(files), "listing.delivery_option")["manifest"] is None


@pytest.mark.parametrize("request_", [package("ocr-2"), {**package(), "ModelPackageGroupName": "x"}])
def test_other_requests_are_not_meant(request_: dict[str, Any]) -> None:
    if "ModelPackageGroupName" in request_:
        request_ = {key: value for key, value in request_.items() if key != "CertifyForMarketplace"}
    option = one(joined({"changes.json": [version()], "package.json": request_}), "listing.delivery_option")
    assert option["manifest"] is None


def test_two_requests_of_one_name_are_meant_when_they_support_the_same() -> None:
    changes = [version(RecommendedInstanceTypes={"RealtimeInference": "ml.m5.4xlarge"})]
    files = {"x/changes.json": changes, "x/us.json": package(), "x/eu.json": package()}
    assert one(joined(files), "listing.instance_type")["supported"] == "no"
    files["x/eu.json"] = package(SupportedRealtimeInferenceInstanceTypes=["ml.m5.4xlarge"])
    assert one(joined(files), "listing.instance_type")["supported"] == "unknown"


def test_prices_are_held_against_all_supported_types() -> None:
    changes = [version(), prices("ml.m5.xlarge.m.i.r", "ml.m5.xlarge.m.i.b", "ml.c5.xlarge.m.i.b")]
    facts = joined({"changes.json": changes, "package.json": package()})
    offer = one(facts, "pricing.offer")
    assert (offer["sells"], offer["unpriced"]) == ("model_package", ["ml.m5.2xlarge (real-time)"])
    supported = {fact["key"]: fact["supported"] for fact in facts if fact.kind == "pricing.rate"}
    assert supported == {"ml.m5.xlarge.m.i.r": "yes", "ml.m5.xlarge.m.i.b": "yes", "ml.c5.xlarge.m.i.b": "no"}


def test_prices_in_a_file_of_their_own() -> None:
    arn = "arn:aws:sagemaker:us-east-2:482719305566:algorithm/ocr"
    files = {"a/version.json": [version(arn, ALGORITHM)], "a/prices.json": [prices("m.i.c")], "a/r.json": algorithm()}
    offer = one(joined(files), "pricing.offer")
    assert (offer["sells"], offer["unpriced"]) == ("algorithm", ["ml.m5.xlarge (batch)", "ml.m5.xlarge (training)"])


@pytest.mark.parametrize("key", ["${KEY}", 3])
def test_prices_that_are_not_all_known_lack_nothing(key: Any) -> None:
    facts = joined({"changes.json": [version(), prices("ml.m5.xlarge.m.i.r", key)], "package.json": package()})
    assert one(facts, "pricing.offer")["unpriced"] == "unknown"


@pytest.mark.parametrize("types", ["{{ types }}", ["ml.m5.xlarge", "${MORE}"]])
def test_a_request_that_is_not_all_known_demands_nothing(types: Any) -> None:
    request = package(SupportedRealtimeInferenceInstanceTypes=types)
    facts = joined({"changes.json": [version(), prices("ml.m5.xlarge.m.i.b")], "package.json": request})
    assert one(facts, "pricing.offer")["unpriced"] == "unknown"


def test_usage_information_is_held_against_the_request() -> None:
    arn = "arn:aws:sagemaker:us-east-2:482719305566:algorithm/ocr"
    text = "Send image/png. depth is a number."
    facts = joined({"c.json": [version(arn, ALGORITHM, UsageInstructions=text)], "r.json": algorithm()})
    usage = one(facts, "listing.text", role="usage")
    assert (usage["content_types_missing"], usage["hyperparameters_missing"]) == ([], ["eta"])


@pytest.mark.parametrize(
    ("declared", "state"),
    [(["image/png"], "no"), (["image/jpeg"], "yes"), (["image/*"], "unknown"), (["application/x-own"], "unknown")],
)
def test_samples_are_held_against_declared_types(declared: list[str], state: str) -> None:
    sample = {"SampleInput": {"RealtimeInferenceUrl": "https://github.com/a/b/blob/main/in.JPG"}}
    request = package(SupportedContentTypes=declared)
    facts = joined({"c.json": [version(InputProperties=sample)], "r.json": request})
    assert one(facts, "listing.link")["type_declared"] == state


def test_prices_of_another_folder_are_not_held_against_the_only_request() -> None:
    files = {
        "a/version.json": [version()],
        "a/package.json": package(),
        "b/prices.json": [prices("ml.c5.xlarge.m.i.b")],
    }
    facts = joined(files)
    assert one(facts, "pricing.offer")["unpriced"] == one(facts, "pricing.rate")["supported"] == "unknown"


def test_prices_of_several_products_are_held_against_none() -> None:
    other = version("arn:aws:sagemaker:us-east-2:482719305566:model-package/other")
    other["Entity"] = {"Type": "MachineLearningProduct@1.0", "Identifier": "prod-2"}
    facts = joined({"changes.json": [version(), other, prices("ml.c5.xlarge.m.i.b")], "package.json": package()})
    assert one(facts, "pricing.rate")["supported"] == "unknown"


def test_a_request_in_another_folder_is_meant_when_it_is_the_only_one() -> None:
    files = {"listing/changes.json": [version("${ARN}")], "sagemaker/package.json": package()}
    assert one(joined(files), "listing.delivery_option")["manifest"] == "sagemaker/package.json#"
    other = version("${OTHER}")
    other["Entity"] = {"Type": "MachineLearningProduct@1.0", "Identifier": "prod-2"}
    found = joined({**files, "else/changes.json": [other]})
    assert {fact["manifest"] for fact in found if fact.kind == "listing.delivery_option"} == {None}
