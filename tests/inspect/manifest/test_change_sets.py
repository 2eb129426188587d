"""Change sets of machine-learning products: what is read, where it stands, and what is none of our business."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ARN = "arn:aws:sagemaker:us-east-2:482719305566:model-package/ocr-1-0"
PRODUCT, OFFER = "MachineLearningProduct@1.0", "Offer@1.0"
OPTION = "SageMakerModelPackageDeliveryOptionDetails"


def change(kind: str, details: Any = None, entity: str = PRODUCT, **more: Any) -> dict[str, Any]:
    made = {"ChangeType": kind, "Entity": {"Type": entity, "Identifier": "prod-1"}, **more}
    return made if details is None else {**made, "DetailsDocument": details}


def text_change(kind: str, details: Any, entity: str = PRODUCT) -> dict[str, Any]:
    text = details if isinstance(details, str) else json.dumps(details)
    return {"ChangeType": kind, "Entity": {"Type": entity, "Identifier": "prod-1"}, "Details": text}


def change_set(*changes: Any) -> dict[str, Any]:
    return {"Catalog": "AWSMarketplace", "ChangeSet": list(changes)}


def option(**members: Any) -> dict[str, Any]:
    return {"DeliveryOptions": [{"Details": {OPTION: members}}]}


def rates(*keys: Any) -> dict[str, Any]:
    card = [{"DimensionKey": key, "Price": "1"} for key in keys]
    term = {"Type": "UsageBasedPricingTerm", "CurrencyCode": "USD", "RateCards": [{"RateCard": card}]}
    return {"PricingModel": "Usage", "Terms": [term]}


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(deeper for key, part in inner for deeper in paths(part, (*path, key)))]


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


# --- places


def test_values_in_a_details_text_are_found_at_their_places(read):
    reading = read(change_set(text_change("AddDeliveryOptions", option(SageMakerModelPackageArn=ARN, Colour="blue"))))
    assert reading.excerpt(reading.one("listing.arn"), "text") == ARN
    assert reading.excerpt(reading.one("listing.member"), "member") == "Colour"


@pytest.mark.parametrize("style", ["|", "|-", ">-"])
def test_values_in_a_block_of_yaml_are_found_at_their_places(read, style):
    details = json.dumps(option(SageMakerModelPackageArn=ARN, UsageInstructions=""), indent=1).replace("\n", "\n      ")
    text = (
        "ChangeSet:\n  - ChangeType: AddDeliveryOptions\n    Entity: {Type: MachineLearningProduct@1.0}\n"
        f"    Details: {style}\n      {details}\n"
    )
    reading = read(text, "product/changes.yaml")
    assert reading.excerpt(reading.one("listing.arn"), "text") == ARN
    empty = reading.one("listing.value", problem="empty")
    assert '"UsageInstructions"' in text.split("\n")[empty.place("value").span.line - 1]


@pytest.mark.parametrize("quote", ["'{}'", '"{}"'])
def test_values_in_quoted_texts_of_yaml(read, quote):
    details = json.dumps(option(SageMakerModelPackageArn=ARN))
    details = quote.format(details.replace('"', '\\"') if quote[0] == '"' else details)
    text = f"ChangeType: AddDeliveryOptions\nEntity: {{Type: {PRODUCT}}}\nDetails: {details}\n"
    reading = read(text, "change.yaml")
    assert reading.excerpt(reading.one("listing.arn"), "text") == ARN


def test_escapes_before_a_value_do_not_move_it(read):
    details = option(UsageInstructions='say "é", then\ncall', SageMakerModelPackageArn="arn:x")
    reading = read(change_set(text_change("AddDeliveryOptions", details)))
    assert reading.excerpt(reading.one("listing.arn"), "text") == "arn:x"


# --- forms


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"Details": "{'a': 1}"}, "not-json"),
        ({"Details": '{"a": 1,}'}, "not-json"),
        ({"Details": '"a"'}, "not-json"),
        ({"Details": "[" * 5_000}, "not-json"),
        ({"Details": ""}, "not-json"),
        ({"Details": {}}, "object-in-details"),
        ({"Details": 3}, "neither-text-nor-object"),
        ({"DetailsDocument": True}, "neither-text-nor-object"),
        ({"DetailsDocument": "{}"}, "text-in-details-document"),
        ({"DetailsDocument": {}, "Details": "{}"}, "both-members"),
        ({"DetailsDocument": {}, "Details": None}, None),
        ({"Details": "${DETAILS}"}, None),
        ({"Details": "{{ details }}"}, None),
        ({"Details": "file://details.json"}, None),
        ({"Details": '{"ProductTitle": {{ title }}}'}, None),
        ({"Details": '{"ProductTitle": "a"{% if b %}, "Sku": "c"{% endif %}}'}, None),
    ],
)
def test_forms_of_details(read, given, problem):
    part = {"ChangeType": "UpdateInformation", "Entity": {"Type": PRODUCT}, **given}
    assert read(change_set(part)).one("listing.change")["problem"] == problem


def test_details_in_the_wrong_member_are_judged_all_the_same(read):
    given = {"ChangeType": "CreateProduct", "Entity": {"Type": PRODUCT}, "Details": {"ProductTitle": ""}}
    assert read(change_set(given)).one("listing.value")["problem"] == "empty"


@pytest.mark.parametrize("wrap", [lambda part: [part], lambda part: part, lambda part: {"request": change_set(part)}])
def test_lists_of_changes_and_single_changes(read, wrap):
    reading = read(wrap(change("CreateProduct", {"ProductTitle": "x" * 73})))
    fact = reading.one("listing.value")
    assert (fact["problem"], fact["length"], fact["limit"]) == ("too_long", 73, 72)


def test_answers_of_the_service_are_not_judged(read):
    reading = read(
        {**change_set(change("CreateProduct", {"ProductTitle": ""})), "ChangeSetId": "x", "Status": "FAILED"}
    )
    assert reading.facts == ()
    assert reading.notices[0].code == "manifest-not-a-request"


# --- which product


@pytest.mark.parametrize("entity", ["AmiProduct@1.0", "SaaSProduct@1.0", "ContainerProduct@1.0", "DataProduct@1.0"])
def test_other_products_give_nothing_but_their_changes(read, entity):
    created = change("CreateProduct", {"ProductTitle": ""}, entity, ChangeName="P")
    offer = change("CreateOffer", {"ProductId": "$P.Entity.Identifier", "Colour": 1}, OFFER)
    regions = change("AddRegions", {"Regions": ["xx-none-1"]}, entity)
    role = text_change("AddDeliveryOptions", {"DeliveryOptions": [{"Details": {"AccessRoleArn": "arn:x"}}]}, entity)
    prices = change("UpdatePricingTerms", rates("Hours", ""), OFFER)
    reading = read(change_set(created, offer, regions, role, prices))
    assert {fact.kind for fact in reading.facts} == {"listing.change", "listing.change_set"}
    assert {fact["product"] for fact in reading.facts} == {"other"}


@pytest.mark.parametrize(
    "entity", ["MachineLearning@1.0", "MachinelearningProduct@1.0", "MachineLearningProduct", "SageMakerModel@1.0"]
)
def test_misspelt_entities_are_meant(read, entity):
    fact = read(change_set(change("ReleaseProduct", {}, entity))).one("listing.change")
    assert (fact["product"], fact["entity_meant"]) == ("machine_learning", PRODUCT)


def test_offers_belong_to_the_product_that_they_refer_to(read):
    changes = [
        change("CreateProduct", {}, PRODUCT, ChangeName="A"),
        change("CreateProduct", {}, "SaaSProduct@1.0", ChangeName="B"),
        change("CreateOffer", {"ProductId": "$A.Entity.Identifier"}, OFFER, ChangeName="AO"),
        change("CreateOffer", {"ProductId": "$B.Entity.Identifier"}, OFFER, ChangeName="BO"),
        {**change("ReleaseOffer", {}), "Entity": {"Type": OFFER, "Identifier": "$AO.Entity.Identifier"}},
        {**change("ReleaseOffer", {}), "Entity": {"Type": OFFER, "Identifier": "$BO.Entity.Identifier"}},
        {**change("ReleaseOffer", {}), "Entity": {"Type": OFFER, "Identifier": "$ZZ.Entity.Identifier"}},
    ]
    found = [fact["product"] for fact in read(change_set(*changes)).of("listing.change")]
    assert found == [*["machine_learning", "other"] * 3, "unknown"]


@pytest.mark.parametrize("entity", ["OfferSet@1.0", "ResaleAuthorization@1.0"])
def test_entities_that_are_no_product_decide_nothing(read, entity):
    changes = (change("CreateProduct", {}), change("DoSomething", {}, entity), change("ReleaseOffer", {}, OFFER))
    found = [fact["product"] for fact in read(change_set(*changes)).of("listing.change")]
    assert found == ["machine_learning", "unknown", "machine_learning"]


def test_prices_alone_tell_what_is_sold(read):
    assert read(change_set(change("UpdatePricingTerms", rates("ml.m5.xlarge.m.i.r"), OFFER))).of("pricing.rate")
    assert not read(change_set(change("UpdatePricingTerms", rates("Hours"), OFFER))).of("pricing.rate")


# --- what is read


@pytest.mark.parametrize(
    ("key", "form", "mode"),
    [
        ("ml.m5.xlarge.m.i.r", "hourly", "realtime"),
        ("ml.m5.xlarge.m.i.b", "hourly", "transform"),
        ("ml.m5.xlarge.a.t", "hourly", "training"),
        ("m.i.c", "per_request", "realtime"),
        ("inference.count.m.i.c", "per_request", "realtime"),
        ("inference.count.m.i.b", "other_per_request", "unknown"),
        ("ml.m5.xlarge", "malformed", "unknown"),
        ("${KEY}", "unknown", "unknown"),
    ],
)
def test_dimensions(read, key, form, mode):
    changes = (change("ReleaseProduct", {}), change("UpdatePricingTerms", rates(key), OFFER))
    fact = read(change_set(*changes)).one("pricing.rate")
    assert (fact["form"], fact["mode"]) == (form, mode)


def test_a_price_is_double_only_within_its_own_rate_card(read):
    one, other = (text_change("UpdatePricingTerms", rates("m.i.c"), OFFER) for _ in range(2))
    reading = read(change_set(one, other, change("UpdatePricingTerms", rates("m.i.c", "m.i.c"), OFFER)))
    assert [fact["duplicate"] for fact in reading.of("pricing.rate")] == [False, False, False, True]


@pytest.mark.parametrize(
    ("price", "state"),
    [
        ("0.50", "ok"), ("0", "ok"), (0.1, "number"), (0, "number"), (-1, "negative"), ("-1", "negative"),
        ("", "not-a-number"), ("1,5", "not-a-number"), ("$1", "not-a-number"), ("1e3", "not-a-number"),
        ("0.123456789", "out-of-bounds"), ("999999999", "out-of-bounds"), (True, "not-a-number"), ([], "not-a-number"),
        ("{{ price }}", "unknown"), (None, "absent"),
    ],
)  # fmt: skip
def test_prices(read, price, state):
    details = rates("ml.m5.xlarge.m.i.r")
    details["Terms"][0]["RateCards"][0]["RateCard"][0]["Price"] = price
    assert read(change_set(change("UpdatePricingTerms", details, OFFER))).one("pricing.rate")["price_state"] == state


@pytest.mark.parametrize(
    ("duration", "days", "state"),
    [("P14D", 14, "days"), ("P1M", 30, "other"), ("P1Y2M3D", 428, "other"), ("14", None, "malformed"),
     ("P", None, "malformed"), ("P-5D", None, "malformed"), ("${DAYS}", "unknown", "unknown"), (7, "unknown", "unknown")],
)  # fmt: skip
def test_lengths_of_trials(read, duration, days, state):
    term = {"Type": "FreeTrialPricingTerm", "Duration": duration, "Grants": [{"DimensionKey": "ml.m5.large.m.i.r"}]}
    details = {"PricingModel": "Usage", "Terms": [term]}
    fact = read(change_set(change("UpdatePricingTerms", details, OFFER))).one("pricing.term")
    assert (fact["days"], fact["duration_state"]) == (days, state)


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://github.com/a/b", "code"), ("https://raw.githubusercontent.com/a/b/c.ipynb", "raw"),
        ("http://localhost:8888/x.ipynb", "private"), ("https://10.0.0.3/x", "private"), ("https://git/x", "private"),
        ("https://git.acme.internal/x", "private"), ("https://b.s3.us-east-1.amazonaws.com/k", "storage"),
        ("https://s3.amazonaws.com/b/k", "storage"), ("https://d1.cloudfront.net/k", "cdn"),
        ("https://acme.io/k", "other"), ("s3://b/k", "none"), ("logo.png", "none"), ("", "unknown"),
        ("https://[", "none"), ("${URL}", "unknown"), ("<url>", "unknown"),
    ],
)  # fmt: skip
def test_hosts(read, url, kind):
    assert read(change_set(change("UpdateInformation", {"LogoUrl": url}))).one("listing.link")["host_kind"] == kind


def test_a_placeholder_is_unknown_and_the_rest_is_judged(read):
    details = option(
        SageMakerModelPackageArn="${ARN}",
        AccessRoleArn="arn:aws:iam::1:role/x",
        SampleNotebookUrl="NOTEBOOK_REPLACE_ME",
        UsageInstructions="Write to <bucket> with $HOME, see {prompt}.",
        RecommendedInstanceTypes={"RealtimeInference": "<type>", "BatchTransform": "ml.huge"},
    )
    reading = read(change_set(change("AddDeliveryOptions", details)))
    states = {fact["role"]: fact["state"] for fact in reading.of("listing.arn")}
    assert states == {"model_package": "unknown", "access_role": "malformed"}
    assert {fact["value"]: fact["known"] for fact in reading.of("listing.instance_type")} == {
        "unknown": "placeholder",
        "ml.huge": "malformed",
    }
    assert [fact["value"] for fact in reading.of("listing.value", problem="placeholder")] == ["REPLACE_ME", "<type>"]
    assert reading.one("listing.text", role="usage")["length"] == 43


# --- a whole listing without a slip, and with one at each place

LISTING = json.loads(
    (Path(__file__).parents[3] / "fixtures/products/listing-algorithm/marketplace/change-set.json").read_text("utf-8")
)
PROBLEMS = ("listing.value", "listing.member", "listing.missing")


def with_details_as_objects() -> list[dict[str, Any]]:
    changes = [dict(part) for part in LISTING["ChangeSet"]]
    for part in changes:
        if "Details" in part:
            part["DetailsDocument"] = json.loads(part.pop("Details"))
    return changes


CHANGES = with_details_as_objects()
VALUES = [path for path in paths(CHANGES) if "DetailsDocument" in path[:-1]]


def problems(read: Any, changes: list[Any]) -> list[tuple[str, str]]:
    reading = read({**LISTING, "ChangeSet": changes})
    return [(fact.kind, fact["pointer"]) for fact in reading.facts if fact.kind in PROBLEMS]


def test_a_listing_without_a_slip_has_no_problem(read):
    assert problems(read, LISTING["ChangeSet"]) == problems(read, CHANGES) == []


@pytest.mark.parametrize(
    "path",
    [path for path in VALUES if path[-1] not in ("Price", "Type")],
    ids=lambda path: "/".join(map(str, path[3:])),
)  # those two are told of by facts of their own
def test_a_value_of_a_wrong_type_is_told_at_its_place(read, path):
    pointer = "/ChangeSet/" + "/".join(map(str, path))
    assert ("listing.value", pointer) in problems(read, replaced(CHANGES, path, 7))


@pytest.mark.parametrize("path", [path for path in VALUES if isinstance(path[-1], str)], ids=str)
def test_a_misspelt_member_is_told_at_its_place(read, path):
    parent: Any = CHANGES
    for part in path[:-1]:
        parent = parent[part]
    renamed = {(f"{key}x" if key == path[-1] else key): value for key, value in parent.items()}
    pointer = "/ChangeSet/" + "/".join(map(str, path)) + "x"
    found = problems(read, replaced(CHANGES, path[:-1], renamed))
    assert path[-1] == "Type" or ("listing.member", pointer) in found
    assert found


# --- hostile input

MESS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)
WHOLE = {
    "Version": {"VersionTitle": "1", "ReleaseNotes": "a"},
    "DeliveryOptions": [
        {
            "Details": {
                OPTION: {
                    "SageMakerModelPackageArn": ARN,
                    "InputProperties": {
                        "SampleInput": {"RealtimeInferenceText": "{}", "BatchTransformUrl": "https://github.com/a"},
                        "Parameters": [{"Name": "a", "Required": True}],
                    },
                    "RecommendedInstanceTypes": {"RealtimeInference": "ml.m5.large"},
                }
            }
        }
    ],
}
PRICES = rates("ml.m5.large.m.i.r")


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), new=MESS, as_text=st.booleans())
def test_any_value_anywhere_is_survived(read, data, new, as_text):
    kind, details, entity = data.draw(
        st.sampled_from([("AddDeliveryOptions", WHOLE, PRODUCT), ("UpdatePricingTerms", PRICES, OFFER)])
    )
    details = replaced(details, data.draw(st.sampled_from(paths(details))), new)
    part = text_change(kind, details, entity) if as_text else change(kind, details, entity)
    read(change_set(change("ReleaseProduct", {}), part))


def test_much_of_everything_takes_linear_time(read):
    card = [{"DimensionKey": f"ml.m{number}.xlarge.m.i.r", "Price": "x"} for number in range(3_000)]
    terms = [{"Type": "UsageBasedPricingTerm", "RateCards": [{"RateCard": card}]}] * 3
    options = [{"Details": {OPTION: {f"Mmbr{n}": 1 for n in range(2_000)}}}] * 5
    nested: Any = "x"
    for _ in range(60):
        nested = {"Terms": [nested]}
    content = change_set(
        *[change("ReleaseProduct", {})] * 600,
        text_change("AddDeliveryOptions", {"DeliveryOptions": options}),
        change("UpdatePricingTerms", {"PricingModel": "Usage", "Terms": terms}, OFFER),
        change("UpdatePricingTerms", nested, OFFER),
        text_change("UpdateInformation", {"LongDescription": "best <" * 20_000, "ShortDescription": "{{" * 20_000}),
    )
    read(content)
    content["ChangeSet"] = content["ChangeSet"][600:]
    reading = read(content)
    assert len(reading.facts) <= 20_100
