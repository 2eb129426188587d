"""The operating system and the language runtimes of an image, and how long they are maintained."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from linter.image.paths import path_table
from linter.image.steps import texts
from linter.lazy import compiled
from linter.model import UNKNOWN
from linter.references.releases import end_of, release_of, support

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from linter.image.model import Entry, Merged
    from linter.image.view import View
    from linter.model import Fact

_LINE = compiled(r"^([A-Z_]{1,40})=(.{0,400})$", 8)
_LINKS = 10
_RUNTIME_VERSION = compiled(r"v?([0-9]{1,4}(?:\.[0-9]{1,6}){0,3})")
_RUNTIME_VARIABLES = {"PYTHON_VERSION": "python", "NODE_VERSION": "node"}
"""Official images of these runtimes tell their version so."""
_PYTHON_LIBRARY = compiled(r"^(?:usr/local|opt/[^/]+(?:/envs/[^/]+)?)/lib/python([23]\.[0-9]{1,2})/os\.py$")


def today() -> date:
    return date.today()


def system_facts(view: View) -> Iterator[Fact]:
    """One `image.system` fact where files were read, and an `image.runtime` for each runtime."""
    if view.merged is not None:
        yield _system(view, view.merged)
    known = view.knowledge.get("base_images.runtimes")
    for name, version, path in _runtimes(view):
        body = known.get(name) or {}
        release = release_of(body, version)
        maintained, end = support(list(end_of(body, release)) if release else [], today())
        yield view.fact(
            "image.runtime", path, runtime=name, version=version, maintained=maintained, end_of_life=end, path=path
        )


def _system(view: View, merged: Merged) -> Fact:
    path, values = _os_release(view, merged)
    known: Mapping[str, Any] = view.knowledge.get("base_images")
    name, version = values.get("ID"), values.get("VERSION_ID")
    distribution = next((key for key, body in known["distributions"].items() if name in body["os_release_ids"]), None)
    body = known["distributions"].get(distribution) or {}
    if name == "centos" and "stream" in values.get("NAME", "").lower() and version:
        version_key: str | None = f"stream{version}"
    else:
        version_key = version or values.get("VERSION_CODENAME")
    release = release_of(body, version_key) or version_key if version_key else None
    maintained, end = support(list(end_of(body, release)) if release else [], today())
    return view.fact(
        "image.system",
        path,
        path=path,
        id=name,
        version=version,
        pretty_name=values.get("PRETTY_NAME") or name,
        release=release,
        maintained=maintained,
        end_of_life=end,
        scannable=_scannable(name, distribution, known),
        package_database=_database(view),
    )


def _scannable(name: str | None, distribution: Any, known: Mapping[str, Any]) -> str:
    if name is None or name in known["unscannable_os_release_ids"]:
        return "unlikely"
    return "yes" if distribution else UNKNOWN


def _database(view: View) -> str | None:
    """The kind of package database that the image has: what a scan reads."""
    databases = path_table(view.knowledge).databases
    return next((kind for kind, known in databases.items() if any(known.search(path) for path in view.telling)), None)


def _os_release(view: View, merged: Merged) -> tuple[str | None, dict[str, str]]:
    for path in view.knowledge.get("image_files.system_files"):
        found = resolved(merged.entries, path)
        content = merged.contents.get(found) if found else None
        if content is not None:
            text = content.decode("utf-8", "replace")
            return path, {key: value.strip().strip("\"'") for key, value in _LINE.findall(text)}
    return None, {}


def resolved(entries: Mapping[str, Entry], path: str) -> str | None:
    """The path of the file that a path leads to through links of its last part; None when there is none."""
    for _ in range(_LINKS):
        entry = entries.get(path)
        if entry is None:
            return None
        if entry.kind != "link":
            return path
        folder = path.rpartition("/")[0]
        path = joined(folder, entry.target)
    return None


def joined(folder: str, target: str) -> str:
    """Where a link in a folder points to, as a path of the image."""
    parts = [] if target.startswith("/") else folder.split("/") if folder else []
    for part in target.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _runtimes(view: View) -> Iterator[tuple[str, str, str | None]]:
    """Name, version and a file of each runtime that no distribution maintains."""
    config = view.described.config.get("config")
    told: dict[str, str] = {}
    for variable in texts(config.get("Env")) if isinstance(config, dict) else ():
        name, _, value = variable.partition("=")
        match = _RUNTIME_VERSION.fullmatch(value)
        if name in _RUNTIME_VARIABLES and match:
            told[_RUNTIME_VARIABLES[name]] = match[1]
    seen: set[str] = set()
    for path in view.merged.entries if view.merged else ():
        found = _PYTHON_LIBRARY.match(path) if path.endswith("/os.py") else None
        if found and found[1] not in seen:
            seen.add(found[1])
            yield "python", found[1], path
    for name, version in told.items():
        if name != "python" or not seen:
            yield name, version, None
