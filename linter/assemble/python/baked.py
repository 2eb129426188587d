"""What the container would fetch, and a step of its build has fetched before: a cache of the image may hold it."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.model import UNKNOWN
from linter.references.apis import api_table
from linter.references.destination import judge_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from linter.assemble.start import Start
    from linter.knowledge import Knowledge
    from linter.model import Fact
    from linter.references.apis import ApiTable
    from linter.tree import Tree

_FETCHED = ("remote", "hub")
_CACHED = ("model_hub", "weights_download", "nlp_data")
"""Categories of the table `network_apis` whose libraries keep what they fetched for the next time."""
NAMING = ("model.setting", "dockerfile.variable", "manifest.environment")
"""Facts about what may name a model of a hub."""
_SHORTEST = 4
"""Names shorter than this stand in too many commands to mean anything there."""


def with_baked(facts: Sequence[Fact], knowledge: Knowledge) -> list[Fact]:
    """The facts with `baked` filled in: by calls that the build runs, and by the text of RUN commands.

    `baked` of the given facts says that a step of the build runs the very call. Code that SageMaker is given, and no
    image is seen to run, finds there only what images made for SageMaker hold.
    """
    table = api_table(knowledge)
    purposes = {fact["dockerfile"]: fact["purpose"] for fact in facts if fact.kind == "image.start"}
    every = _Built.of(facts, {path for path, purpose in purposes.items() if purpose == "other"})
    certain = _Built.of(facts, {path for path, purpose in purposes.items() if purpose != "sagemaker"})
    settled = []
    for fact in facts:
        if fact.kind == "python.call":
            built = certain if _is_given(fact) else every
            baked = fact["scope"] != "build" and _fetches(fact) and built.holds(fact, table)
            fact = fact if fact["baked"] == baked else fact.with_fields(baked=baked)
        settled.append(fact)
    return settled


def with_caches(facts: Iterable[Fact], starts: Sequence[Start], tree: Tree, knowledge: Knowledge) -> Iterator[Fact]:
    """The facts with `baked` also for calls in images whose caches hold what they would fetch: built ones are looked
    into; what the build copies to where a cache lies may hold anything.
    """
    tables = knowledge.get("network.fetched_caches") if starts else {}
    home = knowledge.get("network.home_of_root")
    for fact in facts:
        if starts and fact.kind == "python.call" and _fetches(fact) and not fact["baked"]:
            table = tables.get(fact["category"])
            start = next((each for each in starts if each.build.brings(fact.location.path)), None)
            # Zoos are called by the name of the model; what they are given names a version of its weights.
            api = api_table(knowledge).find(fact["api"])
            fetched = api.fetches if api is not None else ()
            names = (fact["target"] or "", fact["name"].rpartition(".")[2], *fetched)
            if table and start:
                caches = _Caches(start, table, str(fact["api"]).partition(".")[0], tree, home)
                if caches.hold(names) if start.build.whole else caches.are_filled():
                    fact = fact.with_fields(baked=True)
        yield fact


def with_baked_settings(facts: Sequence[Fact], starts: Sequence[Start], tree: Tree, knowledge: Knowledge) -> list[Fact]:
    """The facts with `baked` filled in for what names a model of a hub. Calls are settled before."""
    named = {id(fact) for fact in facts if fact.kind in NAMING and _is_named(fact, knowledge)}
    if not named:
        return list(facts)
    built = _Built.of(facts)
    table, home = knowledge.get("network.fetched_caches")["model_hub"], knowledge.get("network.home_of_root")
    caches = [_Caches(start, table, "", tree, home) for start in starts]
    filled = any(each.are_filled() for each in caches if not each.start.build.whole)
    offline = switched_off(facts, starts, knowledge)
    settled = []
    for fact in facts:
        if id(fact) in named:
            name = fact["value"]
            cached = any(each.hold((name,)) for each in caches if each.start.build.whole)
            fact = fact.with_fields(
                baked=filled or cached or built.names(name) or name in built.targets, offline=offline
            )
        settled.append(fact)
    return settled


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


class _Built(NamedTuple):
    """What steps of builds fetch: the targets of their calls, and the texts of their commands."""

    targets: set[str]
    steps: list[str]

    @classmethod
    def of(cls, facts: Iterable[Fact], left_out: AbstractSet[str] = frozenset()) -> _Built:
        """What all steps fetch, but for those of some Dockerfiles."""
        counted = [fact for fact in facts if fact.location.path not in left_out]
        calls = (fact for fact in counted if fact.kind == "python.call" and (fact["scope"] == "build" or fact["baked"]))
        return cls(
            {_what(fact) for fact in calls if _fetches(fact)},
            [fact["text"] for fact in counted if fact.kind == "dockerfile.command"],
        )

    def holds(self, call: Fact, table: ApiTable) -> bool:
        """Whether a library may find in its cache what a call would fetch."""
        if call["category"] not in _CACHED:
            return False
        if _what(call) in self.targets:
            return True
        api = table.find(call["api"])
        names = {call["target"] or "", *(api.fetches if api is not None else ())}
        if _is_zoo(call):
            names.add(call["name"].rpartition(".")[2])
        return any(self.names(name) for name in names)

    def names(self, name: str) -> bool:
        """Whether a command names something."""
        return len(name) >= _SHORTEST and any(name in step for step in self.steps)


def _is_zoo(call: Fact) -> bool:
    """Whether a call is named after the model that it fetches: `torchvision.models.resnet18`."""
    return "*" in call["api"].rpartition(".")[2]


class _Caches(NamedTuple):
    """Where the libraries of one category keep what they fetched in an image; `root` is the library that asks."""

    start: Start
    table: dict[str, Any]
    root: str
    tree: Tree
    home: str

    def hold(self, names: Iterable[str]) -> bool:
        """Whether a cache in a built image holds something that has one of these names."""
        prefix, slash = self.table["prefix"], self.table["slash"]
        wanted = tuple(f"{prefix}{name.replace('/', slash)}".lower() for name in names if len(name) >= _SHORTEST)
        for folder, place in self._folders(self.table["places"]):
            entries = self.tree.entries(f"{self.start.build.context}/{folder.strip('/')}")
            if any("of" in place or entry.path.rpartition("/")[2].lower().startswith(wanted) for entry in entries):
                return True
        return False

    def are_filled(self) -> bool:
        """Whether the build copies something to where a cache lies that the image names, or that lies on its own."""
        named = [place for place in self.table["places"] if "variable" in place or place["path"].startswith("/")]
        return any(self.start.build.fills(folder, self.start.stage) for folder, _ in self._folders(named))

    def _folders(self, places: Iterable[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
        environment = self.start.image["env"]
        home = environment.get("HOME", self.home)
        for place in places:
            folder = environment.get(place["variable"]) if "variable" in place else place["path"]
            if folder and folder != UNKNOWN and self.root in place.get("of", (self.root,)):
                yield posixpath.join(folder.replace("~", home, 1), place.get("below", "")), place


def _fetches(fact: Fact) -> bool:
    return fact["api"] is not None and fact["destination"] in _FETCHED and fact["mode"] != "command"


def _what(fact: Fact) -> str:
    """What a call fetches: its target, else the very function, which always fetches the same."""
    return str(fact["target"] or fact["name"])


def _is_given(fact: Fact) -> bool:
    """Whether SageMaker is given the code that leads to a call, which no image is seen to start."""
    return bool(fact["scope"] == UNKNOWN and fact["reached"] not in ("no", UNKNOWN))
