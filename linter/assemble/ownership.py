"""Whose account everything lives in: settles `owner` of images, ARNs and S3 URIs of one product.

The seller's account is the configured one, or else what the product's own names agree on. A role speaks loudest: a
request is validated by a role of the account that makes it. Then the ARN of a listed resource, then the majority. Where
nothing stands to compare with, nobody's ownership is claimed.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from linter.model import UNKNOWN, Fact

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from linter.knowledge import Knowledge

_ACCOUNT_FIELD = {"image.reference": "account", "arn.reference": "account", "s3.uri": "account_hint"}

_ROLE, _RESOURCE, _IMAGE, _BUCKET = "role", "resource", "image", "bucket"
_SOURCE_OF_ARN = {
    "validation_role": _ROLE,
    "access_role": _ROLE,
    "model_package": _RESOURCE,
    "algorithm": _RESOURCE,
}
# How much one witness counts when a sample's role is weighed against real accounts beside it.
_WEIGHT = {_ROLE: 4.0, _RESOURCE: 3.0, _IMAGE: 2.0, _BUCKET: 1.0}


class _Witness(NamedTuple):
    """A name that tells an account of the seller. The same name told twice is one witness."""

    source: str
    account: str
    text: str


class _Verdict(NamedTuple):
    """The account that a group of witnesses settles on. `firm`: a role or a resource decided, not a mere majority."""

    account: str
    firm: bool


class _Tables:
    """What knowledge says about accounts."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.aws: Mapping[str, object] = knowledge.get("registries.accounts")
        self.marketplace = frozenset(knowledge.get("registries.marketplace_product_accounts").values())
        self.samples = frozenset(knowledge.get("images.documentation_accounts"))
        self.aws_buckets = tuple(re.compile(pattern) for pattern in knowledge.get("data_words.aws_owned_buckets"))


def settle_ownership(facts: Sequence[Fact], seller_account: str | None, knowledge: Knowledge) -> list[Fact]:
    """The facts of one product, in order, with `owner`, `owner_basis` and `seller_account` settled where they stand.

    `seller_account` is the configured account (twelve digits) or None. Each request is settled by what stands in it;
    what a request leaves open is settled by the whole product.
    """
    tables = _Tables(knowledge)
    inferred = {} if seller_account else _sellers(facts, tables)
    settled = []
    for fact in facts:
        if fact.kind not in _ACCOUNT_FIELD:
            settled.append(fact)
            continue
        seller = seller_account or inferred.get(fact["request_id"], inferred.get(UNKNOWN))
        basis = "configured" if seller_account else "inferred" if seller else UNKNOWN
        owner = _owner(fact, seller, basis, tables)
        settled.append(fact.with_fields(owner=owner, owner_basis=basis, seller_account=seller or UNKNOWN))
    return settled


def _sellers(facts: Sequence[Fact], tables: _Tables) -> dict[str, str | None]:
    """The inferred account of each request; under "unknown" that of the product."""
    witnesses: dict[str, list[_Witness]] = {}
    for_sale: list[_Witness] = []
    everything: list[_Witness] = []
    for fact in facts:
        witness = _witness(fact, tables)
        if witness is None:
            continue
        witnesses.setdefault(fact["request_id"], []).append(witness)
        everything.append(witness)
        if fact["marketplace"] != "no":
            for_sale.append(witness)
    product = _verdict(for_sale or everything, tables)
    sellers: dict[str, str | None] = {}
    for request_id, told in witnesses.items():
        own = _verdict(told, tables) if request_id != UNKNOWN else None
        best = own if own and (own.firm or not product) else product
        sellers[request_id] = best.account if best else None
    sellers[UNKNOWN] = product.account if product else None
    return sellers


def _witness(fact: Fact, tables: _Tables) -> _Witness | None:
    """What a fact tells about the seller's account. Names of AWS, of Marketplace, keys and base images tell nothing."""
    source = None
    if fact.kind == "image.reference" and fact["role"] != "base" and fact["registry_kind"] == "ecr":
        source = _IMAGE
    elif fact.kind == "arn.reference":
        source = _SOURCE_OF_ARN.get(fact["role"])
    elif fact.kind == "s3.uri" and fact["account_evidence"] in ("endpoint", "default_bucket"):
        source = _BUCKET
    if source is None:
        return None
    account = fact[_ACCOUNT_FIELD[fact.kind]]
    if not isinstance(account, str) or not account.isdigit() or account in tables.aws or account in tables.marketplace:
        return None
    return _Witness(source, account, fact["text"])


def _verdict(told: Iterable[_Witness], tables: _Tables) -> _Verdict | None:
    """The account that witnesses settle on; None when there is one witness only, or none prevails."""
    witnesses = list(dict.fromkeys(told))
    if len(witnesses) < 2:
        return None
    accounts = {witness.account for witness in witnesses}
    mixed = bool(accounts & tables.samples) and not accounts <= tables.samples
    for source in (_ROLE, _RESOURCE):
        named = {witness.account for witness in witnesses if witness.source == source}
        if len(named) == 1:
            account = named.pop()
            if mixed and account in tables.samples:
                return _Verdict(_outweighs(account, witnesses, tables), True)
            return _Verdict(account, True)
    counts = Counter(witness.account for witness in witnesses if not (mixed and witness.account in tables.samples))
    account, count = counts.most_common(1)[0]
    return _Verdict(account, False) if 2 * count > counts.total() and (count > 1 or not mixed) else None


def _outweighs(sample: str, witnesses: Sequence[_Witness], tables: _Tables) -> str:
    """A sample's account in a role, beside real ones: left over in a real product, or an example with a wrong image?

    A sample's account counts half, so that one image alone does not outweigh a role, but two images do.
    """
    weights: dict[str, float] = defaultdict(float)
    for witness in witnesses:
        weight = _WEIGHT[witness.source]
        weights[witness.account] += weight / 2 if witness.account in tables.samples else weight
    real = [(weight, account) for account, weight in weights.items() if account not in tables.samples]
    weight, account = max(real)
    return account if weight > weights[sample] else sample


def _owner(fact: Fact, seller: str | None, basis: str, tables: _Tables) -> str:
    account = fact[_ACCOUNT_FIELD[fact.kind]]
    if fact.kind == "s3.uri":
        if fact["hub_content"] or any(found.search(fact["bucket"] or "") for found in tables.aws_buckets):
            return "aws"
        if fact["account_evidence"] == "name" and account != seller:
            return UNKNOWN  # twelve digits in a bucket's name may be anything
    if account == "aws":
        return "aws"
    if not isinstance(account, str) or not account.isdigit():
        return UNKNOWN
    if account == seller and basis == "configured":
        return "seller"
    if account in tables.aws:
        return "aws"
    if account in tables.marketplace:
        return "marketplace"
    if account == seller:
        return "seller"
    if account in tables.samples and (seller is None or seller not in tables.samples):
        return "documentation"
    return "foreign" if seller else UNKNOWN
