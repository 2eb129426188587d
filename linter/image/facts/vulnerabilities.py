"""Which known vulnerabilities an image has: those of its packages that advisories name, and those that scans report."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from linter.image.facts.applicable import Applicable
from linter.image.facts.reported import MOST_FINDINGS, SEVERITIES, Reported
from linter.image.facts.versions import is_affected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.image.facts.advisories import Advisories, Advisory
    from linter.image.facts.packages import Package
    from linter.image.facts.view import View
    from linter.model import Fact


class _Found(NamedTuple):
    """One vulnerability of one package, and where the package lies in the image."""

    told: Reported
    path: str | None
    of_this_image: str


def vulnerability_facts(view: View, packages: list[Package], advisories: Advisories) -> list[Fact]:
    """`image.vulnerability` facts, the worst first, one for each package and file that tells of it."""
    groups: dict[tuple[str | None, str | None, str, str], list[_Found]] = {}
    for each in (*_reported(view, advisories), *_advised(view, packages, advisories)):
        told = each.told
        groups.setdefault((told.package, told.version, told.origin, each.of_this_image), []).append(each)
    order = {name: number for number, name in enumerate(SEVERITIES)}

    def rank(each: _Found) -> int:
        return order.get(each.told.severity, len(order))

    sorted_groups = [sorted(group, key=lambda e: (rank(e), e.told.identifier)) for group in groups.values()]
    sorted_groups.sort(key=lambda group: (rank(group[0]), group[0].told.package or ""))
    return [_fact(view, group) for group in sorted_groups[:MOST_FINDINGS]]


def _reported(view: View, advisories: Advisories) -> Iterator[_Found]:
    own = {view.described.digest, view.described.config_digest} - {None}
    for each in advisories.reported:
        told = advisories.digests.get(each.origin)
        same = "unknown" if not told or not own else "yes" if told in own else "no"
        yield _Found(each, None, same)


def _advised(view: View, packages: list[Package], advisories: Advisories) -> Iterator[_Found]:
    if not advisories.by_package:
        return
    told: set[tuple[str, str, str | None]] = set()
    applicable = Applicable(view)
    for package in packages:
        for advisory in _candidates(package, advisories, applicable):
            affected, fixed = is_affected(package.version or "", advisory.affected, package.ecosystem)
            key = (advisory.identifier, package.name, package.version)
            if affected and key not in told:
                told.add(key)
                found = Reported(
                    advisory.identifier, advisory.severity, package.name, package.version, fixed, advisory.origin
                )
                yield _Found(found, package.path, "yes")


def _candidates(package: Package, advisories: Advisories, applicable: Applicable) -> Iterator[Advisory]:
    """The advisories about a package, by its own name and by that of its source, for the image's own release."""
    if not package.version:
        return
    for ecosystem in applicable.ecosystems(package):
        for name in sorted({package.name, package.source or package.name}):
            for advisory in advisories.by_package.get((ecosystem, name), ()):
                if applicable.counts(package, advisory.affected):
                    yield advisory


def _fact(view: View, group: list[_Found]) -> Fact:
    first, path, of_this_image = group[0]
    entry = view.merged.entries.get(path) if view.merged and path else None
    fixed = [each.told.fixed for each in group if each.told.fixed]
    return view.fact(
        "image.vulnerability",
        path,
        ids=list(dict.fromkeys(each.told.identifier for each in group)),
        severity=first.severity,
        package=first.package,
        version=first.version,
        fixed=fixed[-1] if fixed else None,
        origin=first.origin,
        of_this_image=of_this_image,
        path=path,
        **view.layer_fields(entry.layer if entry else None),
    )
