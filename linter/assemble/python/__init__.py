"""Python code joined with the images that run it: which calls are reached, on which way, and where they go.

`settle_python` takes the facts of one product. It follows names and starts over `python.module` facts and settles
`python.call` facts; it reads no file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.assemble.python.modules import ABOUT_PARTS, BEHAVIOUR

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from linter.assemble.python.behaviour import Behaviour
    from linter.assemble.python.calls import Settler
    from linter.assemble.python.modules import Module
    from linter.assemble.start import Start
    from linter.knowledge import Knowledge
    from linter.model import Fact
    from linter.tree import Tree


_USED_UP = ("settings.use", "settings.content", "sagemaker.launch", "sagemaker.upload")
"""Facts that only tell what values are: settings and variables may hold what no report should repeat."""
_SOLD = ("manifest.model_package", "manifest.algorithm")


def settle_python(
    facts: Sequence[Fact], starts: Sequence[Start], tree: Tree, knowledge: Knowledge, *, elsewhere: bool = False
) -> list[Fact]:
    """All facts of a product, those of kind `python.call` settled; calls of nothing known are left out.

    `starts` are the images of the product. `elsewhere`: the run has Dockerfiles in other products.
    """
    has_image = "yes" if starts else "no"
    publishes = "yes" if any(fact.kind in _SOLD and fact["certify"] is True for fact in facts) else "no"
    tried = {"product_has_image": has_image, "product_publishes": publishes}
    facts = [fact.with_fields(**tried) if fact.kind == "sagemaker.job" else fact for fact in facts]
    built = any(start.build.whole for start in starts)
    if not any(fact.kind in ABOUT_PARTS or (built and fact.kind == "python.module") for fact in facts):
        return [fact for fact in facts if fact.kind not in _USED_UP]
    return _settle(facts, starts, tree, knowledge, elsewhere)


def _settle(
    facts: Sequence[Fact], starts: Sequence[Start], tree: Tree, knowledge: Knowledge, elsewhere: bool
) -> list[Fact]:
    from linter.assemble.python.baked import with_baked, with_caches
    from linter.assemble.python.behaviour import Behaviour
    from linter.assemble.python.calls import Settler
    from linter.assemble.python.decided import with_decided
    from linter.assemble.python.deeds import with_deeds
    from linter.assemble.python.evidence import Evidence
    from linter.assemble.python.handlers import Handlers
    from linter.assemble.python.launches import Launches
    from linter.assemble.python.modules import Modules
    from linter.assemble.python.named_elsewhere import UPLOAD, NamedElsewhere
    from linter.assemble.python.names import Names
    from linter.assemble.python.packages import with_packages
    from linter.assemble.python.placement import Placement
    from linter.assemble.python.same_name import SameName
    from linter.assemble.python.trials import trials_among
    from linter.assemble.python.values import Values
    from linter.assemble.python.worlds import Maker
    from linter.references.apis import api_table

    modules = Modules((fact for fact in facts if fact.kind == "python.module"), api_table(knowledge).roots)
    evidence = Evidence(facts, knowledge.get("network_apis.hub.path_environment"))
    is_test = trials_among(modules, evidence, starts, knowledge)
    homes = modules.homes(facts)
    calls: dict[tuple[Module, str], list[Fact]] = {}
    for fact in facts:
        home = homes.get(id(fact))
        if home is not None and fact.kind == "python.call" and fact["mode"] == "command":
            calls.setdefault((home, fact["part"]), []).append(fact)
    values = Values(modules, is_test)
    named_elsewhere = NamedElsewhere(values, Names(modules, None), evidence)
    uploads = [fact for fact in facts if fact.kind == UPLOAD and id(fact) in homes]
    told = [each for fact in uploads for each in named_elsewhere.programs(fact, homes[id(fact)])]
    evidence.uploaded += told
    facts = [*facts, *told]
    maker = Maker(modules, evidence, Handlers(knowledge), calls, is_test, knowledge)
    images = [maker.image(start) for start in starts]
    builds = maker.builds(starts)
    worlds = [*images, maker.without_image(images, builds.programs)]
    started = [(fact, homes[id(fact)]) for fact in facts if fact.kind == "sagemaker.launch" and id(fact) in homes]
    started = [(fact, home) for fact, home in started if not is_test[home]]
    launches = Launches(started, modules, worlds, values, evidence, named_elsewhere, knowledge)
    placement = Placement(worlds, builds, modules, evidence, is_test, knowledge, elsewhere=elsewhere)
    settler = Settler(
        placement, values, launches, evidence, SameName(facts, is_test, values, evidence, knowledge), tree, knowledge
    )
    settled = [settler.settle(fact, homes.get(id(fact))) if fact.kind == "python.call" else fact for fact in facts]
    settled = with_decided(list(zip(facts, settled, strict=True)), homes, settler, knowledge)
    baked = with_baked([fact for fact in settled if fact is not None], knowledge)
    found = with_packages(with_caches(baked, starts, tree, knowledge), starts, tree, knowledge)
    servers = _of_servers(facts, found, homes, settler, knowledge)
    if any(start.build.whole for start in starts):
        from linter.assemble.python.absent import absent_libraries

        found += absent_libraries(found, images, tree, knowledge)
    found = with_deeds([fact for fact in found if fact.kind not in _USED_UP], knowledge)
    return [*_with_behaviour(found, homes, Behaviour(settler, knowledge)), *servers]


def _of_servers(
    facts: Sequence[Fact], settled: Sequence[Fact], homes: Mapping[int, Module], settler: Settler, knowledge: Knowledge
) -> list[Fact]:
    """The servers that code starts, and what its applications answer."""
    places = [(fact, homes[id(fact)]) for fact in facts if fact.kind == "python.web" and id(fact) in homes]
    commands = [
        (fact, homes[id(fact)])
        for fact in facts
        if fact.kind == "python.call" and fact["mode"] == "command" and id(fact) in homes
    ]
    if not places and not commands:
        return []
    from linter.assemble.python.answering import Answering
    from linter.assemble.python.content import content_facts
    from linter.assemble.python.contract import Contract
    from linter.assemble.python.handling import Handling
    from linter.assemble.python.serving import Serving
    from linter.assemble.python.web import Web

    web = Web(places, settler, knowledge)
    serving = Serving(web, settler, knowledge)
    found = [*serving.by_call(), *serving.by_command(commands), *serving.body_limits()]
    handling = Handling(web, places, knowledge)
    found += handling.facts()
    found += Answering(handling, facts).facts()
    found += content_facts(web, [fact for fact in facts if fact.kind == "manifest.media_type"])
    return [*found, *Contract(web, [*settled, *found], knowledge).facts()]


def _with_behaviour(facts: Sequence[Fact], homes: Mapping[int, Module], behaviour: Behaviour) -> Iterator[Fact]:
    """All facts, those about what programs do settled, and with one for each program."""
    placed = []
    for fact in facts:
        home = homes.get(id(fact)) if fact.kind in BEHAVIOUR else None
        if home is None:
            yield fact
            continue
        settled = behaviour.settle(fact, home)
        if settled is not None:
            placed.append((settled, home))
            yield settled
    yield from behaviour.programs(placed)
