"""Amazon Resource Names: `arn:partition:service:region:account:resource`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from linter.lazy import compiled
from linter.model import UNKNOWN
from linter.references import MASK, READ_AT_MOST, literal, mask
from linter.references.region import is_region_code

if TYPE_CHECKING:
    from collections.abc import Mapping

_PARTITION = compiled(r"aws(?:-[a-z]+)*")
_ACCOUNT = compiled(r"[0-9]{12}")
_FIELDS = ("partition", "service", "region", "account")

# Services whose ARNs have an empty Region, and those that always name Region and account.
_GLOBAL = ("iam",)
_REGIONAL = ("sagemaker", "ecr", "kms")


@dataclass(frozen=True, slots=True)
class Arn:
    """The parts of an ARN. None: the part is empty. "unknown": a placeholder stands in it.

    `account` may be `aws` (AWS's own policies). `resource_type` is None where the resource has no type before it (S3).
    `ranges` holds, for each part that is there, its first character in the text and the one after its last.
    """

    partition: str | None
    service: str | None
    region: str | None
    account: str | None
    resource_type: str | None
    resource: str | None
    placeholder: bool
    problems: tuple[str, ...]
    ranges: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def parse_arn(text: str) -> Arn | None:
    """The ARN that a text is, or None when it does not begin like one. Never raises.

    With a placeholder anywhere, no problem is claimed: what will stand there is not known.
    """
    masked = mask(text)
    start = len(masked) - len(masked.lstrip())
    end = max(start, len(masked.rstrip()))
    if masked[start : start + 4].lower() != "arn:":
        return None
    ranges = _ranges(masked, start + 4, end)
    values = {name: literal(text, masked, *place) for name, place in ranges.items()}
    placeholder = MASK in masked
    result = Arn(
        partition=values.get("partition"),
        service=values.get("service"),
        region=values.get("region"),
        account=values.get("account"),
        resource_type=values.get("resource_type"),
        resource=values.get("resource"),
        placeholder=placeholder,
        problems=() if placeholder else tuple(_problems(text, values, start)),
        ranges=ranges,
    )
    return result


def _ranges(masked: str, start: int, end: int) -> dict[str, tuple[int, int]]:
    """Where each part stands; empty parts are left out."""
    ranges: dict[str, tuple[int, int]] = {}
    for name in _FIELDS:
        colon = masked.find(":", start, end)
        stop = colon if colon >= 0 else end
        if stop > start:
            ranges[name] = (start, stop)
        if colon < 0:
            return ranges
        start = colon + 1
    service = masked[slice(*ranges.get("service", (0, 0)))]
    separators = [at for at in (masked.find(sign, start, end) for sign in ":/") if at >= 0]
    if separators and (service != "s3" or masked.startswith("accesspoint", start)):
        cut = min(separators)
        if cut > start:
            ranges["resource_type"] = (start, cut)
        start = cut + 1
    if end > start:
        ranges["resource"] = (start, end)
    return ranges


def _problems(text: str, values: Mapping[str, str], start: int) -> list[str]:
    problems = []
    if any(sign.isspace() for sign in text[:READ_AT_MOST]):
        problems.append("blank")
    if text[start : start + 3] != "arn":
        problems.append("upper-case-scheme")
    if not _PARTITION.fullmatch(values.get("partition", "")):
        problems.append("bad-partition")
    service, region, account = values.get("service"), values.get("region"), values.get("account")
    if service is None:
        problems.append("missing-service")
    if region is not None and service in _GLOBAL:
        problems.append("unexpected-region")
    elif region is not None and not is_region_code(region):
        problems.append("bad-region")
    elif region is None and service in _REGIONAL:
        problems.append("missing-region")
    if account is not None and account != "aws" and not _ACCOUNT.fullmatch(account):
        problems.append("bad-account")
    elif account is None and service in (*_GLOBAL, *_REGIONAL):
        problems.append("missing-account")
    if values.get("resource") is None:
        problems.append("missing-resource")
    return problems


def account_of(arn: Arn) -> str | None:
    """The account when it is twelve digits, None when it is empty or `aws`, otherwise unknown."""
    if arn.account is None or arn.account == "aws":
        return None
    return arn.account if _ACCOUNT.fullmatch(arn.account) else UNKNOWN
