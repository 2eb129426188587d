"""Image references, by the grammar of github.com/distribution/reference, and what their host says."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from linter.lazy import compiled
from linter.model import UNKNOWN, Value
from linter.references import MASK, literal, mask
from linter.references.region import DNS_SUFFIXES, is_region_code, partition_of_host

if TYPE_CHECKING:
    from collections.abc import Mapping

_SCHEME = compiled(r"[A-Za-z][A-Za-z0-9+.-]{0,20}://")
_COMPONENT = compiled(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*")
_TAG = compiled(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST = compiled(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}", re.IGNORECASE)
_PORT = compiled(r"[0-9]{1,5}")
_ACCOUNT = compiled(r"[0-9]{12}")

# account.dkr.ecr.region.suffix, and the dual-stack form account.dkr-ecr.region.on.aws
_ECR = compiled(
    r"(?P<account>[^./]*)\.(?P<service>dkr\.ecr(?P<fips>-fips)?|dkr-ecr(?P<fips6>-fips)?)\."
    r"(?:(?P<region>[^./]+)\.(?P<suffix>[^/:]+)|(?P<bare>[^/:]*))(?::[0-9]+)?",
    re.IGNORECASE,
)
_SPELT_LIKE_A_REGION = compiled(r"(?:us|eu|ap|sa|ca|me|af|il|mx|cn|eusc)-?[a-z-]+|.*[0-9].*")
_DUAL_STACK = ("on.aws", "on.amazonwebservices.com.cn")
_ECR_PUBLIC = ("public.ecr.aws", "ecr-public.aws.com")
_DOCKER_HUB = ("docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com", "hub.docker.com")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Image(Value):
    """The parts of an image reference. None: not there. "unknown": a placeholder stands in it.

    `host` is `docker.io` for names without a host; it then has no range. `account`, `region` and `dns_suffix` are only
    there for private ECR registries. `endpoint_form` is standard, fips, dualstack, or None outside ECR.
    """

    registry_kind: str
    host: str | None
    account: str | None
    region: str | None
    partition: str | None
    dns_suffix: str | None
    endpoint_form: str | None
    repository: str | None
    tag: str | None
    digest: str | None
    placeholder: bool
    problems: tuple[str, ...]
    ranges: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def parse_image(text: str, *, limit: int | None = None) -> Image:
    """The image that a text names. Never raises; `limit` is the greatest length in characters (None: none).

    Any text is read as far as it goes. With a placeholder anywhere, no problem is claimed.
    """
    masked = mask(text)
    problems: list[str] = []
    start = len(masked) - len(masked.lstrip())
    end = max(start, len(masked.rstrip()))
    if start == end:
        return _nothing()
    if any(sign.isspace() for sign in masked):
        problems.append("blank")
    scheme = _SCHEME.match(masked, start, end)
    if scheme:
        problems.append("scheme-prefix")
        start = scheme.end()
    if limit is not None and len(text) > limit:
        problems.append("too-long")
    ranges, double_tag = _ranges(masked, start, end)
    values = {name: literal(text, masked, *place) for name, place in ranges.items()}
    if "repository" in ranges and masked[ranges["repository"][1] - 1] == MASK and not ranges.keys() & {"tag", "digest"}:
        values["tag"] = values["digest"] = UNKNOWN  # `${IMAGE}` may bring its own
    registry = _registry(text, masked, ranges)
    problems += registry.problems
    problems += _name_problems(values, double_tag, spaced="blank" in problems)
    placeholder = MASK in masked or registry.placeholder
    return Image(
        registry_kind=registry.kind,
        host=registry.host,
        account=registry.account,
        region=registry.region,
        partition=registry.partition,
        dns_suffix=registry.dns_suffix,
        endpoint_form=registry.endpoint_form,
        repository=values.get("repository"),
        tag=values.get("tag"),
        digest=values.get("digest"),
        placeholder=placeholder,
        problems=() if placeholder else tuple(dict.fromkeys(problems)),
        ranges={**ranges, **registry.ranges},
    )


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Registry(Value):
    kind: str
    host: str | None
    account: str | None = None
    region: str | None = None
    partition: str | None = None
    dns_suffix: str | None = None
    endpoint_form: str | None = None
    placeholder: bool = False
    problems: tuple[str, ...] = ()
    ranges: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def _nothing() -> Image:
    return Image(UNKNOWN, None, None, None, None, None, None, None, None, None, False, ("empty",))


def _ranges(masked: str, start: int, end: int) -> tuple[dict[str, tuple[int, int]], bool]:
    """Where host, repository, tag and digest stand, and whether there are two tags."""
    ranges: dict[str, tuple[int, int]] = {}
    at = masked.find("@", start, end)
    if at >= 0:
        ranges["digest"] = (at + 1, end)
        end = at
    slash = masked.find("/", start, end)
    first = slash if slash >= 0 else end
    if _is_host(masked[start:first], alone=slash < 0):
        ranges["host"] = (start, first)
        if slash < 0:
            return ranges, False
        start = slash + 1
    double = False
    colon = masked.rfind(":", max(start, masked.rfind("/", start, end)), end)
    if colon >= start:
        ranges["tag"] = (colon + 1, end)
        end = colon
        before = masked.rfind(":", max(start, masked.rfind("/", start, end)), end)
        if before >= start:
            double = True
            end = before
    if end > start:
        ranges["repository"] = (start, end)
    return ranges, double


def _is_host(part: str, *, alone: bool) -> bool:
    """Whether the text before the first slash names a registry. A name without a slash is one only if ECR's."""
    if _ECR.match(part):
        return True
    if alone:
        return part.lower() in (*_ECR_PUBLIC, *_DOCKER_HUB)
    return "." in part or part.split(":")[0] == "localhost" or _has_port(part)


def _has_port(part: str) -> bool:
    name, colon, port = part.partition(":")
    return bool(colon and name and _PORT.fullmatch(port))


def _registry(text: str, masked: str, ranges: Mapping[str, tuple[int, int]]) -> _Registry:
    if "host" not in ranges:
        start, end = ranges.get("repository", (0, 0))
        first = masked[start:end].split("/")[0]
        if MASK in first:
            return _Registry(UNKNOWN, UNKNOWN)
        return _Registry("docker_hub", "docker.io")
    start, end = ranges["host"]
    host = literal(text, masked, start, end)
    ecr = _ECR.fullmatch(masked, start, end)
    if ecr:
        return _ecr(text, masked, host, ecr)
    name = masked[start:end].lower().split(":")[0]
    if MASK in name:
        return _Registry(UNKNOWN, UNKNOWN)
    if name in _ECR_PUBLIC:
        return _Registry("ecr_public", host)
    return _Registry("docker_hub" if name in _DOCKER_HUB else "other", host)


def _ecr(text: str, masked: str, host: str, found: re.Match[str]) -> _Registry:
    problems: list[str] = []
    spots = {"account": found.span("account"), "region": found.span("region"), "dns_suffix": found.span("suffix")}
    ranges = {name: spot for name, spot in spots.items() if spot[1] > spot[0] >= 0}
    values = {name: literal(text, masked, *spot) for name, spot in ranges.items()}
    account, region = values.get("account"), values.get("region", "").lower() or None
    suffix = values.get("dns_suffix", "").lower() or None
    placeholder = False
    if account is None or (account.isdigit() and not _ACCOUNT.fullmatch(account)):
        problems.append("bad-ecr-host")
        account = UNKNOWN
    elif account != UNKNOWN and not _ACCOUNT.fullmatch(account):
        placeholder, account = True, UNKNOWN  # `aws_account_id.dkr.ecr…` as the manuals print it
    if region is not None and region != UNKNOWN and not _SPELT_LIKE_A_REGION.fullmatch(region):
        if suffix in DNS_SUFFIXES:
            placeholder, region = True, UNKNOWN
        else:  # `….dkr.ecr.amazonaws.com`: the Region is missing and its ending was taken for one
            region = suffix = None
            ranges.pop("dns_suffix", None)
            ranges.pop("region", None)
    if region is None:
        problems.append("bad-ecr-host")
        region = UNKNOWN
    kind = "ecr"
    if suffix is not None and suffix != UNKNOWN and suffix not in DNS_SUFFIXES:
        problems.append("bad-ecr-host")
        kind = "other"
    dual = found["service"].lower().startswith("dkr-ecr") or suffix in _DUAL_STACK
    form = "dualstack" if dual else "fips" if found["fips"] else "standard"
    partition = partition_of_host(suffix or UNKNOWN, region if is_region_code(region) else UNKNOWN)
    return _Registry(
        kind, host, account, region, partition, suffix or UNKNOWN, form, placeholder, tuple(problems), ranges
    )


def _name_problems(values: Mapping[str, str], double_tag: bool, *, spaced: bool) -> list[str]:
    problems = ["double-tag"] if double_tag else []
    repository = values.get("repository")
    if repository is None:
        problems.append("missing-repository")
    elif repository != UNKNOWN:
        problems += _repository_problems(repository, spaced)
    tag, digest = values.get("tag"), values.get("digest")
    if tag is not None and not _TAG.fullmatch(tag) and not (spaced and tag.strip() != tag):
        problems.append("bad-tag")
    if digest is not None and not _DIGEST.fullmatch(digest):
        problems.append("bad-digest")
    return problems


def _repository_problems(repository: str, spaced: bool) -> list[str]:
    if any(sign.isupper() for sign in repository):
        return ["upper-case-repository"]
    name = "".join(repository.split()) if spaced else repository
    if all(_COMPONENT.fullmatch(component) for component in name.split("/")):
        return []
    return ["repository-syntax"]
