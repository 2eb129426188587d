"""S3 locations: URIs, the many https forms, ARNs, and what the bucket's name hints at."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from linter.lazy import compiled
from linter.model import UNKNOWN
from linter.references import MASK, literal, mask
from linter.references.arn import parse_arn
from linter.references.region import DNS_SUFFIXES, find_region_codes, is_region_code

if TYPE_CHECKING:
    from collections.abc import Mapping

_SCHEME = compiled(r"(s3[an]?)://", re.IGNORECASE)
_WEB = compiled(r"(https?)://([^/?#]*)", re.IGNORECASE)
_QUERY = compiled(r"\?(?=[^?]{0,4000}?(?:x-amz-|awsaccesskeyid=|signature=|versionid=))", re.IGNORECASE)
_SIGNED = compiled(r"[?&](?:x-amz-(?:signature|credential|security-token)|awsaccesskeyid|signature)=", re.IGNORECASE)
_VERSION = compiled(r"[?&]versionid=([^&#]*)", re.IGNORECASE)

# A bucket's name: 3 to 63 of these, beginning and ending with a letter or digit. Part of the grammar, not a quota.
_BUCKET = compiled(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
_BUCKET_LENGTH = range(3, 64)
_IP_ADDRESS = compiled(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")

_DEFAULT_BUCKET = compiled(
    rf"sagemaker-(?P<region>[a-z]{{2,4}}-[a-z0-9-]{{3,20}}|{MASK}+)-(?P<account>[0-9]{{12}}|{MASK}+)"
)
_ACCOUNT_TOKEN = compiled(r"(?<![A-Za-z0-9])[0-9]{12}(?![A-Za-z0-9])")
_MINUTE = compiled(r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?:[01][0-9]|2[0-3])[0-5][0-9]")

_ENDPOINT = compiled(
    r"s3(?:-fips|-accelerate|-website|-accesspoint|-accesspoint-fips|-object-lambda|-deprecated|express-[a-z0-9-]+)?"
)
_DASHED = compiled(rf"s3(?:-fips|-website)?-(?P<region>external-1|[a-z]{{2,4}}-[a-z0-9-]+|{MASK}+)")
_HOME_OF_EXTERNAL = "us-east-1"  # s3-external-1 is a name of the endpoint in N. Virginia


@dataclass(frozen=True, slots=True)
class S3Uri:
    """The parts of an S3 location. None: not there. "unknown": a placeholder stands in it, or it cannot be told.

    `scheme_form` is s3, s3a (s3n too), https (http too), arn, or unknown for a text that begins with a placeholder.
    `region` with `region_evidence`: endpoint (host or ARN), default_bucket (`sagemaker-{region}-{account}`), name (a
    Region code stands in bucket or key), or None. `account` likewise with `account_evidence`. `query` is the offset of
    the query string; what follows may be a signature, so never show it when `presigned`.
    """

    scheme_form: str
    bucket: str | None
    key: str | None
    region: str | None
    region_evidence: str | None
    account: str | None
    account_evidence: str | None
    presigned: bool
    version: str | None
    access_point: bool
    website: bool
    query: int | None
    placeholder: bool
    problems: tuple[str, ...]
    ranges: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(slots=True)
class _Parts:
    """What a form's own parser found, before anything is judged."""

    form: str
    bucket: tuple[int, int] = (0, 0)
    key: tuple[int, int] = (0, 0)
    region: tuple[int, int] = (0, 0)
    fixed_region: str | None = None
    account: tuple[int, int] = (0, 0)
    access_point: bool = False
    website: bool = False
    problems: tuple[str, ...] = ()


def is_signed(address: str) -> bool:
    """Whether an address carries a signature that opens it for a while."""
    return _SIGNED.search(address) is not None


def parse_s3(text: str, *, limit: int | None = None) -> S3Uri | None:
    """The S3 location that a text is, or None when it is something else. Never raises.

    `limit` is the greatest length in characters (None: none). Where a placeholder stands in the text, only what the
    rest of it says for certain is a problem.
    """
    masked = mask(text)
    start = len(masked) - len(masked.lstrip())
    end = max(start, len(masked.rstrip()))
    query = _query(masked, start, end)
    parts = _parts(text, masked, start, end if query is None else query)
    if parts is None:
        return None
    tail = "" if query is None else masked[query:end]
    presigned = is_signed(tail)
    placeholder = MASK in masked[: end if query is None else query]
    version = _VERSION.search(tail)
    ranges = {name: place for name, place in (("bucket", parts.bucket), ("key", parts.key)) if place[1] > place[0]}
    values = {name: literal(text, masked, *place) for name, place in ranges.items()}
    problems: list[str] = []
    if placeholder:
        problems += _certain_problems(masked[: end if query is None else query], values, parts)
    else:
        problems += parts.problems
        problems += _problems(text, values, parts, presigned, limit)
    region, region_evidence, region_place = _region(text, masked, parts)
    account, account_evidence, account_place = _account(text, masked, parts)
    for name, place in (("region", region_place), ("account", account_place)):
        if place[1] > place[0]:
            ranges[name] = place
    return S3Uri(
        scheme_form=parts.form,
        bucket=values.get("bucket"),
        key=values.get("key"),
        region=region,
        region_evidence=region_evidence,
        account=account,
        account_evidence=account_evidence,
        presigned=presigned,
        version=version[1] if version else None,
        access_point=parts.access_point,
        website=parts.website,
        query=query,
        placeholder=placeholder,
        problems=tuple(dict.fromkeys(problems)),
        ranges=ranges,
    )


def _query(masked: str, start: int, end: int) -> int | None:
    """Where the query begins. A key of an s3:// URI may hold a question mark, so only known parameters count there."""
    if _WEB.match(masked, start, end):
        ends = [at for at in (masked.find(sign, start, end) for sign in "?#") if at >= 0]
        return min(ends) if ends else None
    found = _QUERY.search(masked, start, end)
    return found.start() if found else None


def _parts(text: str, masked: str, start: int, end: int) -> _Parts | None:
    scheme = _SCHEME.match(masked, start, end)
    if scheme:
        return _s3_form(masked, scheme, end)
    web = _WEB.match(masked, start, end)
    if web:
        return _web_form(masked, web, end)
    if masked[start : start + 4].lower() == "arn:":
        return _arn_form(text, masked, start, end)
    if masked[start : start + 1] == MASK:
        return _Parts(UNKNOWN, bucket=(start, end), key=(start, end))
    return None


def _s3_form(masked: str, scheme: re.Match[str], end: int) -> _Parts:
    start = scheme.end()
    parts = _Parts("s3" if scheme[1].lower() == "s3" else "s3a")
    if scheme[1] != "s3":
        parts.problems = ("not-an-s3-uri-scheme",)
    slash = masked.find("/", start, end)
    if masked.startswith("arn:", start):  # s3://arn:aws:s3:region:account:accesspoint/name/key
        parts.access_point = True
        slash = masked.find("/", slash + 1, end) if slash >= 0 else -1
    stop = slash if slash >= 0 else end
    parts.bucket = (start, stop)
    parts.key = (min(stop + 1, end), end)
    if masked[start:stop].endswith("-s3alias"):
        parts.access_point = True
    return parts


def _arn_form(text: str, masked: str, start: int, end: int) -> _Parts | None:
    arn = parse_arn(text[:end])
    if arn is None or arn.service != "s3":
        return None
    parts = _Parts("arn", problems=("arn-instead-of-uri",))
    first, last = arn.ranges.get("resource", (end, end))
    slash = masked.find("/", first, last)
    parts.access_point = arn.resource_type == "accesspoint"
    parts.bucket = (first, slash if slash >= 0 else last)
    if slash >= 0:
        parts.key = (slash + 1, last)
        if parts.access_point and masked.startswith("object/", slash + 1):
            parts.key = (slash + 8, last)
    parts.region = arn.ranges.get("region", (0, 0))
    parts.account = arn.ranges.get("account", (0, 0))
    return parts


def _web_form(masked: str, web: re.Match[str], end: int) -> _Parts | None:
    host_start, host_end = web.span(2)
    host = masked[host_start:host_end].lower()
    host_end -= len(host) - len(host.rstrip("."))
    host = host.rstrip(".").partition(":")[0]
    cut = _endpoint(host)
    if cut is None:
        return _Parts(UNKNOWN, bucket=(host_start, end), key=(host_start, end)) if MASK in host else None
    parts = _Parts("https")
    if web[1] != "https":
        parts.problems = ("not-an-s3-uri-scheme",)
    bucket_length, region, parts.website, parts.access_point = cut
    if region:
        at = host.rindex(region)
        if region == "external-1":
            parts.fixed_region = _HOME_OF_EXTERNAL
        else:
            parts.region = (host_start + at, host_start + at + len(region))
    path = min(web.end() + 1, end)
    if bucket_length:
        parts.bucket = (host_start, host_start + bucket_length)
        parts.key = (path, end)
        if parts.access_point and re.search(r"-[0-9]{12}$", host[:bucket_length]):
            parts.account = (parts.bucket[1] - 12, parts.bucket[1])
    else:
        slash = masked.find("/", path, end)
        stop = slash if slash >= 0 else end
        parts.bucket = (path, stop)
        parts.key = (min(stop + 1, end), end)
    return parts


def _endpoint(host: str) -> tuple[int, str, bool, bool] | None:
    """Length of the bucket before the endpoint, the endpoint's Region, website, access point; None: not S3's host."""
    suffix = next((one for one in DNS_SUFFIXES if host.endswith(f".{one}")), None)
    if suffix is None:
        return None
    labels = host[: -len(suffix) - 1].split(".")
    region = ""
    last = labels.pop()
    dashed = _DASHED.fullmatch(last)
    if dashed:
        region, endpoint = dashed["region"], last
        if not (is_region_code(region) or MASK in region or region == "external-1"):
            return None
    else:
        if labels and not _ENDPOINT.fullmatch(last):
            if last != "dualstack":
                region = last
                last = labels.pop()
            if last == "dualstack" and labels:
                last = labels.pop()
        endpoint = last
        if not _ENDPOINT.fullmatch(endpoint):
            return None
        if region and not (is_region_code(region) or MASK in region):
            return None
    bucket = len(".".join(labels))
    return bucket, region, "website" in endpoint, "accesspoint" in endpoint or "object-lambda" in endpoint


def _region(text: str, masked: str, parts: _Parts) -> tuple[str, str | None, tuple[int, int]]:
    """The Region, how it is known, and where it stands."""
    if parts.fixed_region:
        return parts.fixed_region, "endpoint", (0, 0)
    if parts.region[1] > parts.region[0]:
        return literal(text, masked, *parts.region).lower(), "endpoint", parts.region
    default = _DEFAULT_BUCKET.fullmatch(masked, *parts.bucket)
    if default and is_region_code(default["region"]):
        return default["region"], "default_bucket", default.span("region")
    for place in (parts.bucket, parts.key):
        tokens = find_region_codes(masked[slice(*place)])
        if len({token.code for token in tokens}) == 1:
            shift = place[0]
            return tokens[0].code, "name", (shift + tokens[0].start, shift + tokens[0].end)
        if tokens:
            break
    return UNKNOWN, None, (0, 0)


def _account(text: str, masked: str, parts: _Parts) -> tuple[str, str | None, tuple[int, int]]:
    if parts.account[1] > parts.account[0]:
        account = literal(text, masked, *parts.account)
        return account if account.isdigit() and len(account) == 12 else UNKNOWN, "endpoint", parts.account
    default = _DEFAULT_BUCKET.fullmatch(masked, *parts.bucket)
    if default and is_region_code(default["region"]) | (MASK in default["region"]):
        place = default.span("account")
        account = literal(text, masked, *place)
        return (account, "default_bucket", place) if account != UNKNOWN else (UNKNOWN, None, (0, 0))
    tokens = [token for token in _ACCOUNT_TOKEN.finditer(masked, *parts.bucket) if not _MINUTE.fullmatch(token[0])]
    if len({token[0] for token in tokens}) == 1:
        return tokens[0][0], "name", tokens[0].span()
    return UNKNOWN, None, (0, 0)


def _problems(text: str, values: Mapping[str, str], parts: _Parts, presigned: bool, limit: int | None) -> list[str]:
    problems = ["presigned"] if presigned else []
    if limit is not None and len(text) > limit:
        problems.append("too-long")
    bucket, key = values.get("bucket"), values.get("key")
    if text != text.strip() or any(sign.isspace() for sign in bucket or "") or any(sign in text for sign in "\r\n\t"):
        problems.append("blank")
    if bucket is None:
        problems.append("missing-bucket")
    elif not parts.access_point and not (parts.form == "arn" and bucket == "*"):
        problems += _bucket_problems("".join(bucket.split()))
    if key is not None and (key.startswith("/") or "//" in key):
        problems.append("double-slash")
    return problems


def _certain_problems(masked: str, values: Mapping[str, str], parts: _Parts) -> list[str]:
    """What is wrong with a location whatever its placeholders become."""
    problems = list(parts.problems)
    bucket = values.get("bucket", UNKNOWN)
    if bucket != UNKNOWN and parts.form in ("s3", "s3a", "https") and not parts.access_point:
        problems += _bucket_problems(bucket)
    key = masked[slice(*parts.key)]
    if bucket != UNKNOWN and (key.startswith("/") or "//" in key):
        problems.append("double-slash")
    return problems


def may_be_a_location(text: str) -> bool:
    """Whether a text that is no location as far as it is known becomes one when its placeholders are filled in."""
    head = mask(text).lstrip().partition(MASK)[0].lower()
    return any(scheme.startswith(head) or head.startswith(scheme) for scheme in ("s3://", "https://"))


def _bucket_problems(bucket: str) -> list[str]:
    problems = []
    if any(sign.isupper() for sign in bucket):
        problems.append("upper-case-bucket")
    if "_" in bucket:
        problems.append("underscore-in-bucket")
    if len(bucket) not in _BUCKET_LENGTH:
        problems.append("bucket-too-short-or-long")
    plain = bucket.lower().replace("_", "-").strip("-") if problems else bucket
    if plain and (not _BUCKET.fullmatch(plain) or ".." in plain or _IP_ADDRESS.fullmatch(plain)):
        problems.append("bucket-syntax")
    return problems
