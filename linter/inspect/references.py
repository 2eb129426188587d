"""Facts about names in the cloud: images, S3 URIs, ARNs and Regions. Inspectors that meet such a name build them here.

The `text` given to every function is the value as the program would see it, quotes and escapes resolved. Two values
are special. `"unknown"` alone: nothing of the value is known statically. A part that is not known (an interpolated
variable, a pseudo parameter) stands in it as `${name}`: `${account}.dkr.ecr.us-east-2.amazonaws.com/m:1`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from linter.lazy import compiled
from linter.model import UNKNOWN, Fact, Location, Span
from linter.references import MASK, READ_AT_MOST, mask
from linter.references.arn import Arn, account_of, parse_arn
from linter.references.image import Image, parse_image
from linter.references.owners import aws_group, open_framework
from linter.references.region import partition_of_code, region_of
from linter.references.s3 import S3Uri, may_be_a_location, parse_s3

if TYPE_CHECKING:
    import re

    from linter.inspect.text import Source
    from linter.knowledge import Knowledge

Locate = Callable[[int, int], Span | None]
"""Turns a range of characters of the `text` into a span of the file; None when the range has no place of its own."""

_ASSET_OF_S3 = {
    "model_data": "model_data",
    "code": "model_data",
    "validation_input": "validation_data",
    "training_input": "training_data",
    "output": "output",
}
_ASSET_OF_ARN = {"model_package": "resource", "algorithm": "resource", "source_algorithm": "resource"}
_EXTENSION = compiled(r"\.[A-Za-z0-9]{0,9}[A-Za-z][A-Za-z0-9]{0,9}\Z")
_WORD = compiled(r"[A-Z]{2,}(?![a-z])[0-9]*|[A-Z]?[a-z0-9]+|[A-Z]")


def locator(source: Source, start: int) -> Locate:
    """A `Locate` for a text that stands verbatim in a source from character offset `start` on."""
    return lambda first, last: source.span(start + first, start + last)


def image_reference(
    text: str,
    location: Location,
    role: str,
    knowledge: Knowledge,
    *,
    request: str | None = None,
    request_id: str = UNKNOWN,
    marketplace: str = UNKNOWN,
    locate: Locate | None = None,
) -> Fact:
    """The `image.reference` of an image named somewhere.

    `role` is inference, training, additional, base or other. `request` is algorithm, model_package or None (no
    request); `request_id` is any text that is the same for all values of one request. `marketplace` is yes, no or
    unknown: whether that request is meant for AWS Marketplace. `locate` gives the parts their spans.
    """
    image = None if text == UNKNOWN else parse_image(text, limit=knowledge.figure("quotas.image.reference_chars"))
    parts: dict[str, Any] = dict.fromkeys(
        ("host", "account", "region", "partition", "repository", "tag", "digest"), UNKNOWN
    )
    if image and image.registry_kind != UNKNOWN:
        parts = {name: getattr(image, name) for name in parts}
    elif image:
        parts |= {name: getattr(image, name) for name in ("repository", "tag", "digest")}
    fields = {
        "text": text[:READ_AT_MOST],
        "role": role,
        **_request(request, request_id, marketplace),
        "registry_kind": image.registry_kind if image else UNKNOWN,
        **parts,
        "tag_state": _tag_state(image, knowledge),
        "problems": list(image.problems) if image else [],
        "placeholder": image.placeholder if image else False,
        "aws_group": aws_group(image, knowledge),
        "open_framework": open_framework(image, knowledge),
        "endpoint_form": _endpoint_form(image),
        **_ownership(),
        **_agreement(),
    }
    return Fact("image.reference", location, fields, _spans(text, image.ranges if image else {}, fields, locate))


def s3_uri(
    text: str,
    location: Location,
    role: str,
    knowledge: Knowledge,
    *,
    request: str | None = None,
    request_id: str = UNKNOWN,
    marketplace: str = UNKNOWN,
    data_type: str | None = UNKNOWN,
    locate: Locate | None = None,
) -> Fact:
    """The `s3.uri` of an S3 location named somewhere.

    `role` is model_data, validation_input, training_input, output, code or other. `data_type` is the S3DataType beside
    it (S3Prefix, ManifestFile, AugmentedManifestFile, S3Object), None when the place has none, or unknown. The fact's
    text never holds a signature.
    """
    uri = None if text == UNKNOWN else parse_s3(text, limit=knowledge.figure("quotas.manifest.s3_uri_chars"))
    known: dict[str, Any] = {"form": UNKNOWN, "bucket": UNKNOWN, "key": UNKNOWN, "problems": []}
    placeholder = False
    if uri:
        is_sample = str(uri.bucket).lower() in _sample_buckets(knowledge)
        placeholder = uri.placeholder or is_sample
        problems = [] if is_sample else list(uri.problems)
        known = {"form": uri.scheme_form, "bucket": uri.bucket, "key": uri.key, "problems": problems}
    elif text != UNKNOWN:
        placeholder = MASK in mask(text)
        problems = [] if placeholder and may_be_a_location(text) else ["not-an-s3-uri-scheme"]
        known = {"form": "other", "bucket": None, "key": None, "problems": problems}
    fields = {
        "text": _unsigned(text, uri)[:READ_AT_MOST],
        "role": role,
        **_request(request, request_id, marketplace),
        "data_type": data_type,
        **known,
        "placeholder": placeholder,
        "presigned": uri.presigned if uri else False,
        "region": uri.region if uri else UNKNOWN,
        "region_evidence": uri.region_evidence if uri else None,
        "account_hint": uri.account if uri else UNKNOWN,
        "account_evidence": uri.account_evidence if uri else None,
        "breadth": _breadth(uri, data_type),
        "betraying_words": _betraying_words(uri, knowledge),
        "hub_content": _hub_content(uri, knowledge),
        "overlaps": UNKNOWN,
        "declared_public": UNKNOWN,
        "policy_access": UNKNOWN,
        **_ownership(),
        **_agreement(),
    }
    ranges = dict(uri.ranges) if uri else {}
    if "account" in ranges:
        ranges["account_hint"] = ranges.pop("account")
    return Fact("s3.uri", location, fields, _spans(text, ranges, fields, locate))


def arn_reference(
    text: str,
    location: Location,
    role: str,
    knowledge: Knowledge,
    *,
    request: str | None = None,
    request_id: str = UNKNOWN,
    marketplace: str = UNKNOWN,
    locate: Locate | None = None,
) -> Fact:
    """The `arn.reference` of a value that should be an ARN (or may be a plain name, such as AlgorithmName, KmsKeyId).

    `role` is validation_role, source_algorithm, model_package, algorithm, kms, access_role or other.
    """
    names = ("partition", "service", "region", "account", "resource_type", "resource")
    arn = None if text == UNKNOWN else parse_arn(text)
    placeholder = text != UNKNOWN and MASK in mask(text)
    parts: dict[str, Any] = dict.fromkeys(names, UNKNOWN)
    problems: list[str] = []
    if arn:
        parts = {name: getattr(arn, name) for name in names}
        parts["account"] = _account_in(arn)
        problems = list(arn.problems)
    elif text != UNKNOWN and not placeholder:
        parts = {**dict.fromkeys(names), "resource": text[:READ_AT_MOST] or None}
        problems = ["not-an-arn"]
    fields = {
        "text": text[:READ_AT_MOST],
        "role": role,
        **_request(request, request_id, marketplace),
        **parts,
        "problems": problems,
        "placeholder": placeholder,
        **_ownership(),
        **_agreement(),
    }
    return Fact("arn.reference", location, fields, _spans(text, arn.ranges if arn else {}, fields, locate))


def region_use(
    code: str,
    location: Location,
    asset: str,
    knowledge: Knowledge,
    *,
    evidence: str = "hard",
    text: str | None = None,
    request_id: str = UNKNOWN,
    marketplace: str = UNKNOWN,
    locate: Locate | None = None,
) -> Fact:
    """The `region.use` of a Region that an asset lives in or a client talks to.

    `asset` is image, model_data, validation_data, training_data, output, resource, role, client, catalog_client,
    listing or configuration. `evidence` is hard (the code stands where only a Region can) or hint (it stands in a
    name). `text` is the whole value that the code was read from (default: the code); `locate` is about offsets in that
    text. A client of a service with one home (AWS Marketplace Catalog) is no `client` here: it need not be in the
    publishing Region.
    """
    text = code if text is None else text
    settled = code == UNKNOWN or MASK in mask(code)
    region = None if settled else region_of(code, knowledge)
    fields = {
        "asset": asset,
        "code": UNKNOWN if settled else code[:READ_AT_MOST],
        "known": UNKNOWN if settled else region is not None,
        "partition": region.partition if region else partition_of_code(code),
        "publish_from": region.publish_from if region else UNKNOWN,
        "evidence": evidence,
        "text": text[:READ_AT_MOST],
        "request_id": request_id,
        "marketplace": marketplace,
        "agrees": UNKNOWN,
        "publishing_region": UNKNOWN,
        "publishing_basis": UNKNOWN,
    }
    at = text.find(code)
    ranges = {"code": (at, at + len(code))} if at >= 0 else {}
    return Fact("region.use", location, fields, _spans(text, ranges, fields, locate))


def region_uses(fact: Fact, knowledge: Knowledge) -> tuple[Fact, ...]:
    """The `region.use` facts that an `image.reference`, `s3.uri` or `arn.reference` of this module implies.

    None or one. Emit them beside the fact. A base image, a KMS key, a role, the ARN of a subscribed product (there is
    one in every Region) and texts without a Region give none.
    """
    asset, evidence = None, "hard"
    if fact.kind == "image.reference" and fact["role"] != "base" and fact["registry_kind"] == "ecr":
        asset = "image"
    elif fact.kind == "s3.uri":
        asset = _ASSET_OF_S3.get(fact["role"])
        evidence = "hard" if fact["region_evidence"] == "endpoint" else "hint"
    elif fact.kind == "arn.reference" and not _is_subscribed(fact, knowledge):
        asset = _ASSET_OF_ARN.get(fact["role"])
    code = fact.fields.get("region")
    if asset is None or code in (None, UNKNOWN):
        return ()
    use = region_use(
        code,
        fact.location,
        asset,
        knowledge,
        evidence=evidence,
        text=fact["text"],
        request_id=fact["request_id"],
        marketplace=fact["marketplace"],
    )
    spans = {"text": fact.spans.get("text"), "code": fact.spans.get("region") or fact.spans.get("text")}
    return (Fact(use.kind, use.location, use.fields, {name: span for name, span in spans.items() if span}),)


def _request(request: str | None, request_id: str, marketplace: str) -> dict[str, Any]:
    return {"request": request, "request_id": request_id, "marketplace": marketplace}


def _ownership() -> dict[str, Any]:
    return {"owner": UNKNOWN, "owner_basis": UNKNOWN, "seller_account": UNKNOWN}


def _agreement() -> dict[str, Any]:
    return {"region_agrees": UNKNOWN, "publishing_region": UNKNOWN, "region_basis": UNKNOWN}


def _spans(
    text: str, ranges: Mapping[str, tuple[int, int]], fields: Mapping[str, Any], locate: Locate | None
) -> dict[str, Span]:
    if locate is None:
        return {}
    places = {"text": (0, len(text)), **{name: place for name, place in ranges.items() if name in fields}}
    spans = {name: locate(*place) for name, place in places.items()}
    return {name: span for name, span in spans.items() if span is not None}


def _tag_state(image: Image | None, knowledge: Knowledge) -> str:
    if image is None or "empty" in image.problems:
        return UNKNOWN
    if image.digest not in (None, UNKNOWN) or (image.digest == UNKNOWN and image.tag != UNKNOWN):
        return "digest"
    if image.tag is None:
        return "missing"
    if image.tag == UNKNOWN:
        return UNKNOWN
    return "floating" if image.tag.lower() in knowledge.get("images.floating_tags") else "fixed"


def _endpoint_form(image: Image | None) -> str | None:
    return UNKNOWN if image is None or image.registry_kind == UNKNOWN else image.endpoint_form


def _account_in(arn: Arn) -> str | None:
    return "aws" if arn.account == "aws" else account_of(arn)


def _unsigned(text: str, uri: S3Uri | None) -> str:
    """The text without its query when that holds a signature: a report must not leak it."""
    return f"{text[: uri.query]}?(signature removed)" if uri and uri.presigned else text


def _breadth(uri: S3Uri | None, data_type: str | None) -> str:
    if uri is None or uri.bucket in (None, UNKNOWN):
        return UNKNOWN if uri is None or uri.key is None or uri.key == UNKNOWN else _breadth_of_key(uri.key, data_type)
    return "bucket_root" if uri.key is None else _breadth_of_key(uri.key, data_type)


def _breadth_of_key(key: str, data_type: str | None) -> str:
    if key == UNKNOWN:
        return UNKNOWN
    if not key.strip("/"):
        return "bucket_root"
    if key.endswith("/"):
        return "folder"
    last = key.rpartition("/")[2]
    if _EXTENSION.search(last) or data_type not in ("S3Prefix", UNKNOWN):
        return "object"
    return "open_prefix" if data_type == "S3Prefix" else UNKNOWN


def _betraying_words(uri: S3Uri | None, knowledge: Knowledge) -> list[str]:
    """Words of bucket and key that tell of data that may not be published; none when a word clears them."""
    if uri is None:
        return []
    text = "/".join(part for part in (uri.bucket, uri.key) if part not in (None, UNKNOWN) and part)
    words = [word.lower() for word in _WORD.findall(text)]
    if not set(words).isdisjoint(knowledge.get("data_words.clearing")):
        return []
    private = knowledge.get("data_words.private")
    return list(dict.fromkeys(word for word in words if word in private))


def _is_subscribed(fact: Fact, knowledge: Knowledge) -> bool:
    accounts = knowledge.get("registries.marketplace_product_accounts").values()
    return fact["role"] != "source_algorithm" and fact["account"] in accounts


def _hub_content(uri: S3Uri | None, knowledge: Knowledge) -> bool:
    return bool(uri and uri.bucket and any(found.search(uri.bucket) for found in _hub_buckets(knowledge)))


def _hub_buckets(knowledge: Knowledge) -> tuple[re.Pattern[str], ...]:
    def build(tables: Knowledge) -> tuple[re.Pattern[str], ...]:
        return tuple(compiled(pattern) for pattern in tables.get("data_words.jumpstart_buckets"))

    patterns: tuple[re.Pattern[str], ...] = knowledge.index("references.hub_buckets", build)
    return patterns


def _sample_buckets(knowledge: Knowledge) -> frozenset[str]:
    def build(tables: Knowledge) -> frozenset[str]:
        return frozenset(str(name).lower() for name in tables.get("placeholders.buckets"))

    names: frozenset[str] = knowledge.index("references.sample_buckets", build)
    return names
