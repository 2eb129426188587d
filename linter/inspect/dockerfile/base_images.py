"""What knowledge says of a base image: distribution, release, support, whether it can be scanned."""

from __future__ import annotations

import re
from datetime import date
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.inspect.dockerfile.lines import UNSEEN
from linter.inspect.dockerfile.state import names
from linter.lazy import compiled
from linter.model import UNKNOWN
from linter.references.releases import VERSION, code_names, end_of, release_of, support

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from linter.knowledge import Knowledge

_NAMED_VERSION = compiled(r"([a-z]+)([0-9]{1,9}(?:\.[0-9]{1,9})*)")


class Description(NamedTuple):
    distribution: str | None = UNKNOWN
    release: str | None = UNKNOWN
    maintained: str = UNKNOWN
    end_of_life: str | None = UNKNOWN
    scannable: str = UNKNOWN


def today() -> date:
    return date.today()


class Reference(NamedTuple):
    """An image reference taken apart; parts that cannot be known hold `UNSEEN`, absent ones are None."""

    registry: str | None
    repository: str
    tag: str | None
    digest: str | None


def read_reference(text: str) -> Reference:
    """Takes `registry/repository:tag@digest` apart, as far as it is known."""
    name, at, digest = text.partition("@")
    head, slash, tail = name.rpartition("/")
    tail, colon, tag = tail.partition(":")
    repository = head + slash + tail
    first, slash, rest = repository.partition("/")
    registry = None
    if slash and (any(char in first for char in ".:" + UNSEEN) or first == "localhost"):
        registry, repository = first, rest
    if registry is None or registry in ("docker.io", "index.docker.io"):
        repository = repository.removeprefix("library/")
    # What stands for an unseen part at the end may bring a tag and a digest of its own.
    open_end = UNSEEN in (tag or tail)[-1:]
    return Reference(
        UNSEEN if repository.startswith(UNSEEN) and registry is None else registry,
        repository,
        tag if colon else UNSEEN if open_end else None,
        digest if at else UNSEEN if open_end else None,
    )


def working_folder(knowledge: Knowledge, reference: Reference) -> str | None:
    """The folder that a base image works in; None when that is not known."""
    if UNSEEN in reference.repository or UNSEEN in (reference.registry or ""):
        return None
    entry = _entry(knowledge.get("base_images.repositories"), list(_keys(reference)))
    folder: str | None = entry.get("workdir")
    return folder


def describe(knowledge: Knowledge, kind: str, reference: Reference) -> Description:
    """All that can be told from the reference alone; `unknown` where knowledge or the reference is silent."""
    known = knowledge.get("base_images")
    unscannable = names(known.get("unscannable") or [])
    if kind == "scratch":
        return Description(None, None, UNKNOWN, None, "unlikely" if "scratch" in unscannable else UNKNOWN)
    if kind == "stage":
        return Description(None, None, UNKNOWN, None, UNKNOWN)
    if UNSEEN in reference.repository or UNSEEN in (reference.registry or ""):
        return Description()
    keys = list(_keys(reference))
    entry = _entry(known.get("repositories") or {}, keys)
    tag = (reference.tag or "").lower()
    distributions = known.get("distributions") or {}
    distribution, release = _distribution(distributions, entry, tag)
    maintained, end = support(list(_ends(known, distributions, entry, distribution, release, tag)), today())
    listed = any(fnmatchcase(key, name) or key.startswith(f"{name}/") for key in keys for name in unscannable)
    scannable = "unlikely" if listed else "yes" if distribution in distributions else UNKNOWN
    return Description(distribution, release, maintained, end, scannable)


def _entry(repositories: Mapping[str, Any], keys: list[str]) -> Mapping[str, Any]:
    for key in keys:
        if key in repositories:
            return repositories[key] or {}
    for name, entry in repositories.items():
        if "*" in name and any(fnmatchcase(key, name) for key in keys):
            return entry or {}
    return {}


def _keys(reference: Reference) -> Iterator[str]:
    """The names under which knowledge may hold the repository, most exact first."""
    registry, repository = reference.registry, reference.repository
    if registry:
        yield f"{registry}/{repository}"
    if registry in (None, "docker.io", "index.docker.io"):
        yield repository
        if "/" not in repository:
            yield f"library/{repository}"
    elif repository.startswith(("docker/library/", "library/")):
        yield repository.rpartition("/")[2]


def _distribution(distributions: Mapping[str, Any], entry: Mapping[str, Any], tag: str) -> tuple[str, str]:
    tokens = [token for token in re.split(r"[-_+]", tag) if token and UNSEEN not in token]
    own = str(entry.get("distribution") or "")
    if entry.get("release"):
        return own, str(entry["release"])
    if own in distributions:
        body = distributions[own]
        return own, next(filter(None, (release_of(body, token) for token in tokens)), None) or _version(
            tokens
        ) or UNKNOWN
    for token in tokens:
        for name, body in distributions.items():
            if token in code_names(body):
                return name, code_names(body)[token]
            found = _NAMED_VERSION.fullmatch(token)
            if found and found[1] == name:
                return name, release_of(body, found[2]) or found[2]
            if token == name:
                return name, UNKNOWN
    default = own or (entry.get("default_distribution") if UNSEEN not in tag else None)
    return (str(default), UNKNOWN) if default else (UNKNOWN, UNKNOWN)


def _version(tokens: list[str]) -> str | None:
    found = VERSION.fullmatch(tokens[0]) if tokens else None
    return found[1] if found else None


def _ends(
    known: Mapping[str, Any], distributions: Mapping[str, Any], entry: Mapping[str, Any], distribution: str,
    release: str, tag: str,
) -> Iterator[str | None]:  # fmt: skip
    if distribution in distributions:
        yield from end_of(distributions[distribution], release)
    runtime = (known.get("runtimes") or {}).get(entry.get("runtime"))
    if runtime:
        found = release_of(runtime, re.split(r"[-_+]", tag)[0])
        if found:
            yield from end_of(runtime, found)
