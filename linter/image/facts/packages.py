"""The packages that are installed in an image, by the databases and the descriptions that their managers keep."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from linter.image.facts.paths import path_table
from linter.lazy import compiled
from linter.references.distributions import normal

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Mapping

    from linter.image.facts.paths import PathTable
    from linter.image.facts.view import View
    from linter.model import Fact

MOST = 50_000
LONGEST = 200
_FIELD = compiled(r"^(Package|Version|Status|Source|P|V|o):[ \t]*(.{1,200})$", 8)


class Package(NamedTuple):
    """One installed package. `source` is the name under which advisories of a distribution may list it."""

    ecosystem: str
    name: str
    version: str | None
    path: str
    source: str | None = None


def packages_of(view: View) -> list[Package]:
    """All packages that the image's files tell of, each once."""
    if view.merged is None:
        return []
    table = path_table(view.knowledge)
    found: dict[tuple[str, str, str | None], Package] = {}
    for path in view.telling:
        if view.merged.entries[path].kind != "file":
            continue
        for package in (*_of_file(path, view.merged.contents, table), *_of_rpm(path, view, table)):
            found.setdefault((package.ecosystem, package.name, package.version), package)
        if len(found) >= MOST:
            break
    return list(found.values())


def package_facts(view: View, packages: list[Package]) -> Iterator[Fact]:
    """One `image.package` fact for each, at the file that tells of it."""
    for each in packages:
        entry = view.merged.entries.get(each.path) if view.merged else None
        yield view.fact(
            "image.package",
            each.path,
            ecosystem=each.ecosystem,
            name=each.name,
            version=each.version,
            path=each.path,
            **view.layer_fields(entry.layer if entry else None),
        )


def _of_file(path: str, contents: Mapping[str, bytes], table: PathTable) -> Iterator[Package]:
    for manager, pattern in table.databases.items():
        if pattern.search(path):
            if path in contents and manager != "rpm":
                yield from _database(manager, path, contents[path].decode("utf-8", "replace"))
            return
    for ecosystem, patterns in table.package_files.items():
        for pattern in patterns:
            found = pattern.search(path)
            if found:
                name = normal(found["name"]) if ecosystem == "PyPI" else found["name"]
                yield Package(ecosystem, name[:LONGEST], found["version"][:LONGEST], path)
                return
    for ecosystem, (paths, version) in table.descriptions.items():
        found = paths.search(path)
        if found:
            yield Package(ecosystem, _named(found), _version(version, contents.get(path)), path)
            return


def _of_rpm(path: str, view: View, table: PathTable) -> Iterator[Package]:
    if path in view.rpm_databases:
        for name, version, source in view.rpm_databases[path].packages:
            if name not in table.rpm_pseudo_packages:
                yield Package("rpm", name, version, path, source)


def _named(found: re.Match[str]) -> str:
    name = next(value for key, value in found.groupdict().items() if value)
    return name[:LONGEST]


def _version(pattern: re.Pattern[str], content: bytes | None) -> str | None:
    found = pattern.search(content.decode("utf-8", "replace")) if content else None
    return found["version"] if found else None


def _database(manager: str, path: str, text: str) -> Iterator[Package]:
    """The entries of a database of dpkg or apk, which blank lines part."""
    for number, entry in enumerate(text.replace("\r\n", "\n").split("\n\n")):
        if number >= MOST:
            return
        fields = dict(_FIELD.findall(entry))
        name = fields.get("Package") or fields.get("P")
        removed = "Status" in fields and "installed" not in fields["Status"].split()
        if name and not removed:
            source = (fields.get("Source") or fields.get("o") or "").split(" ")[0] or None
            ecosystem = "deb" if manager == "dpkg" else manager
            yield Package(ecosystem, name, fields.get("Version") or fields.get("V"), path, source)
