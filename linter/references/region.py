"""AWS Region codes: what they look like in names, and what knowledge says about one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from linter.lazy import compiled
from linter.model import UNKNOWN, Value

if TYPE_CHECKING:
    from linter.knowledge import Knowledge

# The grammar of Region codes, not their list: a new Region is recognised, and then found to be unlisted.
_AREAS = r"us-gov|us-iso[a-z]?|eu-iso[a-z]|eusc-[a-z]{2}|us|eu|ap|sa|ca|me|af|il|mx|cn"
_SIDES = r"northeast|northwest|southeast|southwest|north|south|east|west|central"
_CODE = compiled(rf"(?:{_AREAS})-(?:{_SIDES})-[0-9]{{1,2}}")
_TOKEN = compiled(rf"(?<![A-Za-z0-9])(?:{_AREAS})-(?:{_SIDES})-[0-9]{{1,2}}(?![A-Za-z0-9])")

# Longest first: `us-isob-east-1` also begins like `us-iso`.
_PARTITION_OF_AREA = (
    ("us-isob-", "aws-iso-b"),
    ("us-isof-", "aws-iso-f"),
    ("eu-isoe-", "aws-iso-e"),
    ("us-iso-", "aws-iso"),
    ("us-gov-", "aws-us-gov"),
    ("eusc-", "aws-eusc"),
    ("cn-", "aws-cn"),
)

_PARTITION_OF_SUFFIX = {
    "amazonaws.com": "aws",
    "on.aws": "aws",
    "api.aws": "aws",
    "amazonaws.com.cn": "aws-cn",
    "on.amazonwebservices.com.cn": "aws-cn",
    "amazonaws.eu": "aws-eusc",
    "c2s.ic.gov": "aws-iso",
    "sc2s.sgov.gov": "aws-iso-b",
    "cloud.adc-e.uk": "aws-iso-e",
    "csp.hci.ic.gov": "aws-iso-f",
}
DNS_SUFFIXES = tuple(sorted(_PARTITION_OF_SUFFIX, key=len, reverse=True))
"""Endings of the host names of AWS services, longest first."""


class RegionToken(NamedTuple):
    """A Region code in a text, and the characters it takes."""

    code: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Region(Value):
    """What knowledge says about a Region. `publish_from` is yes, no, caution or unknown."""

    code: str
    name: str
    partition: str
    dns_suffix: str
    opt_in: bool
    publish_from: str


def region_of(code: str, knowledge: Knowledge) -> Region | None:
    """The Region with a code, or None when knowledge does not list it. Codes are compared as they are written."""
    row = knowledge.get("regions.by_code").get(code)
    if row is None:
        return None
    return Region(
        code=code,
        name=str(row.get("name", code)),
        partition=str(row.get("partition", UNKNOWN)),
        dns_suffix=str(row.get("dns_suffix", UNKNOWN)),
        opt_in=not row.get("default_on", False),
        publish_from=_word(row.get("publish_from", UNKNOWN)),
    )


def is_region_code(text: str) -> bool:
    """Whether a text has the form of a Region code. Says nothing about whether there is such a Region."""
    return _CODE.fullmatch(text) is not None


def find_region_codes(text: str) -> tuple[RegionToken, ...]:
    """All tokens of a text that have the form of a Region code, in order. `us-east-1a` and `bus-east-1` are none."""
    return tuple(RegionToken(match[0], *match.span()) for match in _TOKEN.finditer(text))


def partition_of_code(code: str) -> str:
    """The partition that a Region code's first letters tell, or unknown when it does not look like a code."""
    if not is_region_code(code):
        return UNKNOWN
    return next((partition for area, partition in _PARTITION_OF_AREA if code.startswith(area)), "aws")


def partition_of_host(dns_suffix: str, region: str) -> str:
    """The partition of a host by its ending and its Region (GovCloud shares the commercial partition's ending)."""
    by_code, by_suffix = partition_of_code(region), _PARTITION_OF_SUFFIX.get(dns_suffix, UNKNOWN)
    if by_suffix in (UNKNOWN, "aws") and by_code != UNKNOWN:
        return by_code
    if by_suffix == "aws" and dns_suffix == "amazonaws.com" and region == UNKNOWN:
        return UNKNOWN
    return by_suffix


def _word(value: object) -> str:
    """YAML 1.1 reads a bare yes or no as a truth value."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
