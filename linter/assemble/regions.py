"""Which Region a product is published from, and which of its assets live elsewhere.

The publishing Region is the configured one, or else what the strongest evidence says: the ARN of a listed resource,
then the inference image, then other images, then clients and endpoints, at last SageMaker's default buckets. A Region
that merely stands in a name never decides, but is compared.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from linter.model import UNKNOWN, Fact

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from linter.knowledge import Knowledge

_REFERENCES = ("image.reference", "s3.uri", "arn.reference")

# From strongest to weakest, with the word for `region_basis`.
_RESOURCE, _INFERENCE, _IMAGE, _CLIENT, _ENDPOINT, _BUCKET = range(6)
_BASIS = ("resource", "image", "image", "client", "endpoint", "bucket")
_TIER_OF_ASSET = {"resource": _RESOURCE, "image": _IMAGE, "client": _CLIENT, "configuration": _CLIENT}

# These need not be in the publishing Region: where a listing is offered, and what a Dockerfile builds on.
_FREE_ASSETS = ("listing", "catalog_client")


class _Evidence(NamedTuple):
    tier: int
    code: str
    text: str


class _Choice(NamedTuple):
    """The publishing Region. `others` are as good: the product has requests for several Regions."""

    code: str
    basis: str
    others: frozenset[str] = frozenset()


def settle_regions(facts: Sequence[Fact], region: str | None, knowledge: Knowledge) -> list[Fact]:
    """The facts of one product, in order, each asset's Region compared with the publishing Region.

    Settles `region_agrees`, `publishing_region`, `region_basis` of references and `agrees`, `publishing_region`,
    `publishing_basis` of `region.use`. `region` is the configured code or None. Each request is settled by its own
    evidence first; a resource ARN anywhere in the product speaks for all of it.
    """
    choices = {UNKNOWN: _Choice(region, "configured")} if region else _choices(facts, knowledge)
    marketplace = frozenset(knowledge.get("registries.marketplace_product_accounts").values())
    private = _is_private(facts)
    return [_settled(_of_private(fact) if private else fact, choices, marketplace) for fact in facts]


def _is_private(facts: Sequence[Fact]) -> bool:
    """Whether all requests of a product are plainly not for sale."""
    said = {fact["marketplace"] for fact in facts if fact.kind in ("manifest.algorithm", "manifest.model_package")}
    return said == {"no"}


def _of_private(fact: Fact) -> Fact:
    """A client of code whose requests are not for sale serves those."""
    if fact.kind == "region.use" and fact["asset"] == "client" and fact["marketplace"] == UNKNOWN:
        return fact.with_fields(marketplace="no")
    return fact


def _settled(fact: Fact, choices: dict[str, _Choice], marketplace: frozenset[str]) -> Fact:
    if fact.kind != "region.use" and fact.kind not in _REFERENCES:
        return fact
    choice = choices.get(fact["request_id"]) or choices.get(UNKNOWN)
    code = fact["code"] if fact.kind == "region.use" else fact["region"]
    if choice and choice.basis != "configured" and code in choice.others:
        choice = choice._replace(code=code)
    publishing, basis = (choice.code, choice.basis) if choice else (UNKNOWN, UNKNOWN)
    agrees = UNKNOWN
    if choice and isinstance(code, str) and code != UNKNOWN and not _is_free(fact, marketplace):
        agrees = "yes" if code == publishing else "no"
    if fact.kind == "region.use":
        return fact.with_fields(agrees=agrees, publishing_region=publishing, publishing_basis=basis)
    return fact.with_fields(region_agrees=agrees, publishing_region=publishing, region_basis=basis)


def _is_free(fact: Fact, marketplace: frozenset[str]) -> bool:
    """Whether an asset may be in any Region. What subscribers use of a published product is in each of them."""
    if fact.kind == "region.use":
        return fact["asset"] in _FREE_ASSETS
    if fact.kind == "image.reference":
        return bool(fact["role"] == "base")
    return fact.kind == "arn.reference" and fact["account"] in marketplace and fact["role"] != "source_algorithm"


def _choices(facts: Sequence[Fact], knowledge: Knowledge) -> dict[str, _Choice]:
    """The publishing Region of each request; under "unknown" that of the product. Missing: not known."""
    listed = knowledge.get("regions.by_code")
    strangers = {*knowledge.get("registries.accounts")}
    strangers.update(knowledge.get("registries.marketplace_product_accounts").values())
    by_request: dict[str, list[_Evidence]] = {}
    for_sale: list[_Evidence] = []
    everything: list[_Evidence] = []
    for fact in facts:
        found = _evidence(fact, strangers)
        if found is None or found.code not in listed:
            continue
        by_request.setdefault(fact["request_id"], []).append(found)
        everything.append(found)
        if fact["marketplace"] != "no":
            for_sale.append(found)
    product = list(dict.fromkeys(for_sale or everything))
    choices = {}
    for request_id in {fact.fields.get("request_id", UNKNOWN) for fact in facts if "request_id" in fact.fields}:
        own = [] if request_id == UNKNOWN else list(dict.fromkeys(by_request.get(request_id, [])))
        choice = _choice(own, product)
        if choice:
            choices[request_id] = choice
    return choices


def _choice(own: Sequence[_Evidence], product: Sequence[_Evidence]) -> _Choice | None:
    """The first tier that says something: a request's own resources and images, then the product's, then the weaker."""
    resources = {one.code for one in product if one.tier == _RESOURCE}
    steps = [
        (own, _RESOURCE),
        (product if len(resources) == 1 else (), _RESOURCE),
        *((own, tier) for tier in (_INFERENCE, _IMAGE)),
        *((product, tier) for tier in (_RESOURCE, _INFERENCE, _IMAGE)),
        *((evidence, tier) for tier in (_CLIENT, _ENDPOINT, _BUCKET) for evidence in (own, product)),
    ]
    for evidence, tier in steps:
        codes = [one.code for one in evidence if one.tier == tier]
        if codes:
            others = frozenset(codes) if evidence is product else frozenset()
            return _Choice(_prevailing(codes, evidence), _BASIS[tier], others)
    return None


def _prevailing(codes: Sequence[str], evidence: Iterable[_Evidence]) -> str:
    """Of several Regions the one with most evidence of any strength; on a draw the one that stands first."""
    counts = Counter(one.code for one in evidence if one.tier != _BUCKET)
    return max(codes, key=lambda code: counts[code])


def _evidence(fact: Fact, strangers: set[str]) -> _Evidence | None:
    tier: int | None = None
    if fact.kind == "image.reference" and fact["registry_kind"] == "ecr" and fact["role"] != "base":
        tier = _INFERENCE if fact["role"] == "inference" else _IMAGE
    elif fact.kind == "arn.reference" and fact["role"] in ("model_package", "algorithm"):
        tier = None if fact["account"] in strangers else _RESOURCE
    elif fact.kind == "s3.uri":
        tier = {"endpoint": _ENDPOINT, "default_bucket": _BUCKET}.get(fact["region_evidence"])
    elif fact.kind == "region.use" and fact["evidence"] == "hard" and fact["asset"] in _TIER_OF_ASSET:
        tier = _TIER_OF_ASSET[fact["asset"]]
    if tier is None:
        return None
    code = fact["code"] if fact.kind == "region.use" else fact["region"]
    return _Evidence(tier, code, fact["text"]) if isinstance(code, str) and code != UNKNOWN else None
