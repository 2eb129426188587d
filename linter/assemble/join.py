"""The facts of each product with one another: which belong to one, and what is to be settled of them, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.assemble.built import requests_beside, settle_built, with_images
from linter.assemble.contexts import told_builds
from linter.assemble.helpers import without_siblings
from linter.assemble.images import settle_images
from linter.assemble.launchers import with_launchers
from linter.assemble.products import product_roots, root_of
from linter.assemble.roles import settle_roles
from linter.assemble.senders import home_of, is_aside
from linter.assemble.servers import (
    settle_body_limits,
    settle_handover,
    settle_listeners,
    without_overridden_defaults,
)
from linter.model import CONFIGURATION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from linter.knowledge import Knowledge
    from linter.model import Fact
    from linter.tree import Tree

_NAMED = ("manifest.", "image.reference", "s3.uri", "arn.reference", "region.use")


def join(
    facts: Sequence[Fact],
    tree: Tree,
    knowledge: Knowledge,
    products: Sequence[str],
    seller_account: str | None,
    region: str | None,
    public_data: Sequence[str],
) -> list[Fact]:
    """`assemble`, whatever the facts are."""
    requests = {home_of(fact) for fact in facts if fact.kind.startswith("manifest.") and not is_aside(fact)}
    builds = [fact for fact in facts if fact.kind == "shell.command" and fact["build_context"]]
    builds += [fact for fact in facts if fact.kind == "compose.build"]
    told = told_builds(facts, builds, tree, knowledge)
    built = {path.removesuffix(f"/{CONFIGURATION}") for path in told if path.endswith(f"/{CONFIGURATION}")}
    homes = {each.home for path, each in told.items() if each.home not in built}
    roots = with_images(product_roots(homes, requests, products, knowledge), built)
    groups: dict[str | None, list[Fact]] = {}
    places = [home_of(fact) for fact in facts]
    root = {path: root_of(path, roots) for path in dict.fromkeys(places)}
    if None in root.values():
        root = with_launchers(root, facts)
    for fact, place in zip(facts, places, strict=True):
        groups.setdefault(root[place], []).append(fact)
    joined: list[Fact] = []
    with_images_settled = []
    for home, group in groups.items():
        beside = requests_beside(groups, home) if home in built else []
        with_images_settled.append(settle_images([*group, *beside], tree, told, knowledge, elsewhere=bool(homes)))
    settled = without_siblings(with_images_settled, knowledge.get("product.signs"))
    for home, group in zip(groups, settled, strict=True):
        if any(fact.kind.startswith(_NAMED) for fact in group):
            group = _names(group, seller_account, region, knowledge)
        if any(fact.kind in ("data.content", "s3.uri") for fact in group):
            from linter.assemble.data import settle_data

            group = settle_data(group, public_data, knowledge, in_product=home is not None)
        group = settle_roles(
            settle_body_limits(
                settle_listeners(settle_handover(without_overridden_defaults(group)), knowledge), knowledge
            ),
            knowledge,
        )
        if any(fact.kind in ("server.listener", "server.setting", "server.timeout", "image.start") for fact in group):
            from linter.assemble.workers import with_workers

            group = with_workers(group, knowledge)
        if any(fact.kind == "manifest.instance_type" for fact in group):
            from linter.assemble.accelerators import image_accelerators

            group = [*group, *image_accelerators(group, knowledge)]
        if sum(fact.kind == "image.start" for fact in group) > 1:
            from linter.assemble.compatible import library_differences

            group = [*group, *library_differences(group, knowledge)]
        if any(fact.kind == "model.archive" for fact in group):
            from linter.assemble.volumes import settle_volumes

            group = settle_volumes(group, knowledge)
        if any(fact.kind == "server.route" for fact in group):
            from linter.assemble.other_routes import other_contracts

            group = [*group, *other_contracts(group, knowledge)]
        if any(fact.kind in ("program.contract", "program.argument", "file.access") for fact in group):
            from linter.assemble.programs import settle_programs

            group = settle_programs(group, knowledge)
        if any(fact.kind == "listing.text" and fact["offers"] for fact in group):
            from linter.assemble.offered import settle_offers

            group = settle_offers(group, knowledge)
        joined += settle_built(group, home, knowledge) if home in built else group
    if any(fact.kind == "image.build" for fact in joined):
        from linter.assemble.pipelines import settle_pipelines

        joined = settle_pipelines(joined)
    if any(fact.kind == "request.file" for fact in joined):
        from linter.assemble.request_files import settle_request_files

        joined = settle_request_files(joined, tree)
    if len(built) > 1:
        from linter.assemble.compatible import built_differences

        joined += list(built_differences(joined, built, knowledge))
    if any(fact.kind.startswith(("listing.", "iam.", "notebook.", "data.file")) for fact in joined):
        from linter.assemble.listings import settle_listings

        return settle_listings(joined, root, tree, knowledge)
    return joined


def _names(facts: list[Fact], seller_account: str | None, region: str | None, knowledge: Knowledge) -> list[Fact]:
    """What manifests and the names in them need; loaded only where there are any."""
    from linter.assemble.manifests import settle_manifests
    from linter.assemble.ownership import settle_ownership
    from linter.assemble.pins import settle_pins
    from linter.assemble.pushes import pushes
    from linter.assemble.regions import settle_regions

    facts = settle_pins(settle_manifests(facts, knowledge))
    return settle_regions(settle_ownership([*facts, *pushes(facts)], seller_account, knowledge), region, knowledge)
