"""What the container would fetch, and a step of its build has fetched before: a cache of the image may hold it."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from linter.model import UNKNOWN
from linter.references.destination import judge_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from linter.assemble.start import Start
    from linter.knowledge import Knowledge
    from linter.model import Fact
    from linter.tree import Tree

_FETCHED = ("remote", "hub")
_CACHED = ("model_hub", "weights_download", "nlp_data")
"""Categories of the table `network_apis` whose libraries keep what they fetched for the next time."""
NAMING = ("model.setting", "dockerfile.variable", "manifest.environment")
"""Facts about what may name a model of a hub."""
_SHORTEST = 4
"""Names shorter than this stand in too many commands to mean anything there."""


def with_baked(facts: Sequence[Fact]) -> list[Fact]:
    """The facts with `baked` filled in: by calls that the build runs, and by the text of RUN commands.

    `baked` of the given facts says that a step of the build runs the very call.
    """
    built = {
        _what(fact)
        for fact in facts
        if fact.kind == "python.call" and (fact["scope"] == "build" or fact["baked"]) and _fetches(fact)
    }
    steps = [fact["text"] for fact in facts if fact.kind == "dockerfile.command"]
    if not built and not steps:
        return [
            fact.with_fields(baked=False) if fact.kind == "python.call" and fact["baked"] else fact for fact in facts
        ]
    return [
        fact.with_fields(baked=fact["scope"] != "build" and _fetches(fact) and _is_baked(fact, built, steps))
        if fact.kind == "python.call"
        else fact
        for fact in facts
    ]


def with_caches(facts: Iterable[Fact], starts: Sequence[Start], tree: Tree, knowledge: Knowledge) -> Iterator[Fact]:
    """The facts with `baked` also for calls in built images whose caches hold what they would fetch."""
    whole = [start for start in starts if start.build.whole]
    tables = knowledge.get("network.fetched_caches") if whole else {}
    home = knowledge.get("network.home_of_root") if whole else ""
    for fact in facts:
        if whole and fact.kind == "python.call" and _fetches(fact) and not fact["baked"] and fact["target"]:
            table = tables.get(fact["category"])
            start = next((each for each in whole if fact.location.path.startswith(f"{each.build.context}/")), None)
            # Zoos are called by the name of the model; what they are given names a version of its weights.
            names = (fact["target"], fact["name"].rpartition(".")[2])
            if table and start and any(_holds(start, table, name, tree, home) for name in names):
                fact = fact.with_fields(baked=True)
        yield fact


def with_baked_settings(facts: Sequence[Fact], starts: Sequence[Start], tree: Tree, knowledge: Knowledge) -> list[Fact]:
    """The facts with `baked` filled in for what names a model of a hub. Calls are settled before."""
    named = {id(fact) for fact in facts if fact.kind in NAMING and _is_named(fact, knowledge)}
    if not named:
        return list(facts)
    built = {
        _what(fact)
        for fact in facts
        if fact.kind == "python.call" and (fact["scope"] == "build" or fact["baked"]) and _fetches(fact)
    }
    steps = [fact["text"] for fact in facts if fact.kind == "dockerfile.command"]
    table, home = knowledge.get("network.fetched_caches")["model_hub"], knowledge.get("network.home_of_root")
    whole = [start for start in starts if start.build.whole]
    filled = any(_is_filled(start, table) for start in starts if not start.build.whole)
    offline = switched_off(facts, starts, knowledge)
    settled = []
    for fact in facts:
        if id(fact) in named:
            name = fact["value"]
            known = len(name) >= _SHORTEST and any(name in step for step in steps)
            cached = any(_holds(start, table, name, tree, home) for start in whole)
            fact = fact.with_fields(baked=filled or known or cached or name in built, offline=offline)
        settled.append(fact)
    return settled


def _is_filled(start: Start, table: dict[str, Any]) -> bool:
    """Whether the build copies something to where the image's environment puts a cache: it may hold anything."""
    folders = [start.image["env"].get(place["variable"]) for place in table["places"] if "variable" in place]
    return any(folder and folder.startswith("/") and start.build.fills(folder, start.stage) for folder in folders)


def _is_named(fact: Fact, knowledge: Knowledge) -> bool:
    """Whether a setting or variable names a model as hubs do."""
    if fact.kind == "model.setting":
        return bool(fact["destination"] == "hub")
    if fact["key"] not in knowledge.get("container.online_environment.hub_id"):
        return False
    value = fact["value"]
    return isinstance(value, str) and judge_of(knowledge).hub_id.match(value) is not None


def switched_off(facts: Iterable[Fact], starts: Sequence[Start], knowledge: Knowledge) -> str:
    """Whether the product switches its hub off by the image's or the request's environment: yes, no or unknown."""
    names = knowledge.get("model_files.hub_switches")
    on = knowledge.get("model_files.on_values")
    values = [start.image["env"].get(name) for start in starts for name in names]
    values += [fact["value"] for fact in facts if fact.kind == "manifest.environment" and fact["key"] in names]
    found = {str(value).lower() for value in values if value is not None}
    return "yes" if not found.isdisjoint(on) else UNKNOWN if UNKNOWN in found else "no"


def _holds(start: Start, table: dict[str, Any], target: str, tree: Tree, home: str) -> bool:
    """Whether a cache in an image holds what has a name."""
    environment = start.image["env"]
    home = environment.get("HOME", home)
    name = f"{table['prefix']}{target.replace('/', table['slash'])}".lower()
    if len(target) < _SHORTEST:
        return False
    for place in table["places"]:
        folder = environment.get(place["variable"]) if "variable" in place else place["path"]
        if not folder:
            continue
        folder = posixpath.join(folder.replace("~", home, 1), place.get("below", ""))
        entries = tree.entries(f"{start.build.context}/{folder.strip('/')}")
        if any(entry.path.rpartition("/")[2].lower().startswith(name) for entry in entries):
            return True
    return False


def _fetches(fact: Fact) -> bool:
    return fact["api"] is not None and fact["destination"] in _FETCHED and fact["mode"] != "command"


def _what(fact: Fact) -> str:
    """What a call fetches: its target, else the very function, which always fetches the same."""
    return str(fact["target"] or fact["name"])


def _is_baked(fact: Fact, built: set[str], steps: Sequence[str]) -> bool:
    if fact["category"] not in _CACHED:
        return False
    if _what(fact) in built:
        return True
    target = fact["target"]
    return target is not None and len(target) >= _SHORTEST and any(target in step for step in steps)
