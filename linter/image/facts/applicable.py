"""Which advisories are about the packages of an image at all: those for its own distribution and release."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linter.image.facts.packages import Package
    from linter.image.facts.view import View
    from linter.knowledge import Knowledge

_ECOSYSTEMS = {"deb": ("Debian", "Ubuntu"), "apk": ("Alpine", "Wolfi", "Chainguard"), "conda": ("PyPI",)}
"""Where advisories for a package manager's packages stand; other ecosystems have the name that OSV gives them."""


class System(NamedTuple):
    """The distribution of an image, by its os-release."""

    name: str | None
    version: str | None
    release: str | None

    @classmethod
    def of(cls, view: View) -> System:
        """Nothing is known of the system of an image whose files were not read."""
        from linter.image.facts.system import system_facts

        fact = next((each for each in system_facts(view) if each.kind == "image.system"), None)
        return cls(fact["id"], fact["version"], fact["release"]) if fact else cls(None, None, None)


class Applicable:
    """Which advisories count for one image."""

    def __init__(self, view: View) -> None:
        self._system = System.of(view)
        table: _Table = view.knowledge.index("image.advisories", _Table)
        self._releases, self._module = table.releases, table.module
        self._rpm = tuple(name for name, ids in table.names.items() if self._system.name in ids)

    def ecosystems(self, package: Package) -> tuple[str, ...]:
        """Under which names OSV files advisories about a package. Packages of rpm have no name of their own there: each
        distribution has one.
        """
        return self._rpm if package.ecosystem == "rpm" else _ECOSYSTEMS.get(package.ecosystem, (package.ecosystem,))

    def counts(self, package: Package, affected: Mapping[str, Any]) -> bool:
        """Whether an `affected` entry is about the image's own release (`Debian:12`, `Ubuntu:22.04:LTS`,
        `Alpine:v3.18`, `Red Hat:enterprise_linux:9::baseos`), and about the branch that a package belongs to.
        """
        told = affected.get("package")
        ecosystem = told.get("ecosystem", "") if isinstance(told, dict) else ""
        name, _, release = ecosystem.partition(":")
        if package.ecosystem == "rpm":
            return self._is_rpm_release(name, release) and self._is_branch(package.version or "", affected)
        if name.lower() not in ("debian", "ubuntu", "alpine"):
            return True
        wanted = release.removeprefix("Pro:").split(":")[0].removeprefix("v")
        return name.lower() == self._system.name and (not wanted or wanted == self._system.release)

    def _is_rpm_release(self, ecosystem: str, release: str) -> bool:
        """Releases that only some customers get (`rhel_aus`, LTSS) have other versions: they are left out."""
        if not release or ecosystem not in self._releases:
            return not release
        found = self._releases[ecosystem].search(release)
        if found is None:
            return False
        major, _, minor = (self._system.version or "").partition(".")
        wanted = found.groupdict().get("minor")
        return found["major"] == major and (wanted is None or wanted == (minor.partition(".")[0] or "0"))

    def _is_branch(self, version: str, affected: Mapping[str, Any]) -> bool:
        """Modules have several versions of one package side by side in a release, each mended by itself; advisories do
        not say for which they are, so that only those count which mend a version of the same beginning.
        """
        in_module = self._module.search(version) is not None
        for mended in _mended(affected):
            if (self._module.search(mended) is not None) != in_module:
                return False
            if in_module and _branch(mended) != _branch(version):
                return False
        return True


class _Table:
    """The table `advisories`, compiled."""

    def __init__(self, knowledge: Knowledge) -> None:
        table = knowledge.get("advisories")
        self.names = {name: frozenset(entry["os_release_ids"]) for name, entry in table["rpm"].items()}
        self.releases = {name: re.compile(entry["release"]) for name, entry in table["rpm"].items()}
        self.module = re.compile(table["rpm_module"])


def _mended(affected: Mapping[str, Any]) -> list[str]:
    ranges = affected.get("ranges")
    events = [each.get("events") for each in (ranges if isinstance(ranges, list) else ()) if isinstance(each, dict)]
    told = [event for some in events if isinstance(some, list) for event in some if isinstance(event, dict)]
    return [event["fixed"] for event in told if isinstance(event.get("fixed"), str)]


def _branch(version: str) -> tuple[str, list[str]]:
    """The epoch, and the first two parts of the version."""
    epoch, _, rest = version.rpartition(":")
    return epoch or "0", rest.partition("-")[0].split(".")[:2]
