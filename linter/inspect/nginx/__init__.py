"""Reads nginx configurations: main files, fragments and templates. Nothing that they include is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.inspect.nginx.configuration import Configuration
from linter.inspect.nginx.facts import facts_of
from linter.inspect.nginx.locations import unread
from linter.inspect.nginx.lua import lua_calls
from linter.inspect.nginx.syntax import Tree, parse
from linter.inspect.text import NotText, Source
from linter.model import Artifact, Inspection, Notice

if TYPE_CHECKING:
    from linter.knowledge import Knowledge


def inspect(artifact: Artifact, data: bytes, knowledge: Knowledge) -> Inspection:
    """`server.*` and, for Lua in it, `source.call` facts of an nginx configuration. Bad input gives notices."""
    try:
        source = Source(artifact.path, data)
    except NotText as reason:
        message = f"this nginx configuration was not read: {reason}"
        return Inspection(notices=(Notice("not-text", message, artifact.path),))
    tree = parse(source.text)
    configuration = Configuration(tree)
    default = knowledge.get("servers.nginx.defaults").get
    facts = (*facts_of(configuration, source, default), *lua_calls(source, knowledge))
    return Inspection(facts, (*_problems(tree, source), *_includes(configuration, source)))


def _problems(tree: Tree, source: Source) -> list[Notice]:
    """One notice for all that nginx would refuse, at the first of them."""
    if not tree.problems:
        return []
    first, more = tree.problems[0], len(tree.problems) - 1
    rest = f" (and {more} more like it)" if more else ""
    message = f"nginx would refuse this file: {first.message}{rest}; what could be read was checked, so mend it first"
    return [Notice("nginx-syntax", message, source.path, source.span(first.start, first.end), "warning")]


def _includes(configuration: Configuration, source: Source) -> list[Notice]:
    """A notice for each included file in which a route might be handled."""
    notices = []
    for include in configuration.directives:
        if include.name != "include" or include.parent is None or include.parent.name not in ("server", "location"):
            continue
        if not unread(include.parent):
            continue
        what = f"`include {include.arg()}` was not followed, so what it says about routes is unknown"
        notices.append(
            Notice(
                "nginx-include",
                f"{what}; check that file by itself",
                source.path,
                source.span(include.start, include.end),
            )
        )
    return notices
