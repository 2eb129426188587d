"""Reads which programs a Python project installs: scripts of pyproject.toml, `console_scripts` of setup.cfg."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.inspect.locked import locked_facts
from linter.inspect.text import NotText, Source
from linter.lazy import compiled
from linter.model import Fact, Inspection, Location

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.knowledge import Knowledge
    from linter.model import Artifact

PROGRAMS_LIMIT = 500
_TARGET = compiled(r"[A-Za-z_][\w.]{0,200}:[A-Za-z_][\w.]{0,100}")
_TABLES = (("project", "scripts"), ("tool", "poetry", "scripts"))


def inspect(artifact: Artifact, data: bytes, knowledge: Knowledge) -> Inspection:
    """`project.scripts` and `project.locked`, as far as the file says either. Never raises.

    Nothing is judged in the file, so one that cannot be read leaves nothing unjudged, and there is no notice.
    """
    try:
        text = Source(artifact.path, data).text
    except NotText:
        return Inspection()
    found = _of_toml(text) if artifact.path.lower().endswith(".toml") else _of_ini(text)
    scripts = {name: target for name, target in list(found)[:PROGRAMS_LIMIT] if _TARGET.fullmatch(target)}
    facts = [Fact("project.scripts", Location(artifact.path), {"scripts": scripts})] if scripts else []
    if artifact.path.lower().endswith(".toml"):
        facts += locked_facts(text, artifact.path)
    return Inspection(tuple(facts))


def _of_toml(text: str) -> Iterator[tuple[str, str]]:
    import tomllib

    try:
        project: Any = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return
    for keys in _TABLES:
        table = project
        for key in keys:
            table = table.get(key) if isinstance(table, dict) else None
        for name, target in table.items() if isinstance(table, dict) else ():
            if isinstance(target, str):
                yield name, target.partition("[")[0].strip()


def _of_ini(text: str) -> Iterator[tuple[str, str]]:
    from configparser import ConfigParser, Error

    parser = ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except Error:
        return
    for line in parser.get("options.entry_points", "console_scripts", fallback="").splitlines():
        name, equals, target = line.partition("=")
        if equals:
            yield name.strip(), target.partition("[")[0].strip()
