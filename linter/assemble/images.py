"""Dockerfiles joined with the files that they copy and the programs that they start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.assemble.build import Build
from linter.assemble.copies import clones, settled_copy
from linter.assemble.delivered import settle_delivered
from linter.assemble.fetching import with_brought_models
from linter.assemble.helpers import helper_dockerfiles, without_helpers
from linter.assemble.image_variables import with_image_variables
from linter.assemble.libraries import image_libraries, with_silenced
from linter.assemble.python import settle_python
from linter.assemble.python.baked import with_baked_settings
from linter.assemble.scripts import Scripts, with_called
from linter.assemble.servers import settle_doubtful, settle_scope
from linter.assemble.sources import settle_sources
from linter.assemble.start import Start, image_start
from linter.assemble.unstarted import settle_unstarted
from linter.assemble.uploaded_scripts import with_uploaded_scripts
from linter.assemble.whole import settle_programs
from linter.assemble.written import script_of
from linter.model import UNKNOWN, Fact
from linter.tree import Tree, clean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from linter.assemble.contexts import Told
    from linter.knowledge import Knowledge


def settle_images(
    facts: Sequence[Fact], tree: Tree, told: Mapping[str, Told], knowledge: Knowledge, *, elsewhere: bool
) -> list[Fact]:
    """Join the Dockerfiles of a product with the files they copy and the programs they start.

    `told` is what is known of the builds, by Dockerfile. `elsewhere`: the run has Dockerfiles in other products.
    """
    by_path: dict[str, list[Fact]] = {}
    for fact in facts:
        by_path.setdefault(fact.location.path, []).append(fact)
    ignores = {fact.location.path: fact for fact in facts if fact.kind == "dockerfile.ignore"}
    commands: dict[str, list[Fact]] = {}
    for fact in facts:
        if fact.kind == "shell.command":
            commands.setdefault(script_of(fact), []).append(fact)
    cloned = clones(commands)
    scripts = Scripts(commands, knowledge)
    starts: list[Start] = []
    joined: list[Fact] = []
    for path, own in by_path.items():
        if any(fact.kind == "dockerfile.image" for fact in own):
            build = Build(path, own, tree, told[path].context, knowledge, all_seen=told[path].all_seen)
            build.read_ignore(ignores)
            build.cloned = cloned
            settled, found = _settle_dockerfile(build, told[path].targets, scripts, knowledge)
            joined += settled
            starts += found
        else:
            joined += own
    settled = _settle_reached(joined, starts, scripts, tree, knowledge, elsewhere=elsewhere)
    helpers = helper_dockerfiles(joined, settled, starts, knowledge)
    if helpers:
        main = [start for start in starts if start.build.dockerfile not in helpers]
        own = _settle_reached(joined, main, scripts, tree, knowledge, elsewhere=elsewhere)
        settled = without_helpers(settled, own, helpers)
    return settled


def _settle_reached(
    joined: Sequence[Fact],
    starts: Sequence[Start],
    scripts: Scripts,
    tree: Tree,
    knowledge: Knowledge,
    *,
    elsewhere: bool,
) -> list[Fact]:
    """Facts with what some images run of them, and how."""
    settled = settle_delivered(settle_scope(joined, starts, knowledge, elsewhere=elsewhere), starts, tree, knowledge)
    settled = with_silenced(settled, starts, knowledge)
    settled = settle_sources(settled, starts, knowledge)
    settled += image_libraries(settled, starts, knowledge)
    settled = with_called(settle_python(settled, starts, tree, knowledge, elsewhere=elsewhere), starts, scripts)
    settled = with_image_variables(settled, starts, knowledge)
    settled = with_brought_models(with_baked_settings(settled, starts, tree, knowledge), knowledge)
    settled = settle_doubtful(settle_programs(settled, starts, knowledge), starts, knowledge)
    settled = with_uploaded_scripts(settle_unstarted(settled, starts, knowledge), knowledge)
    chmods = [fact for fact in settled if fact.kind == "shell.command" and fact["program"] == "chmod"]
    return [_settled_program(fact, starts, chmods) if fact.kind == "program.file" else fact for fact in settled]


def _settle_dockerfile(
    build: Build, targets: frozenset[str], scripts: Scripts, knowledge: Knowledge
) -> tuple[list[Fact], list[Start]]:
    """The facts of one Dockerfile with its images, and how those start. One made for something else starts nothing."""
    bases = {fact["stage"]: fact for fact in build.facts if fact.kind == "dockerfile.from"}
    usual_path = frozenset(knowledge.get("container.path_folders"))
    images, starts = [], []
    for image in build.facts:
        if image.kind == "dockerfile.image" and (image["last"] or image["stage_name"] in targets):
            start = Start(image, build, usual_path)
            roots = [f for f in bases.values() if image["stage"] in f["images"] and f["base"] not in ("stage",)]
            images.append(image_start(start, roots[-1] if roots else None, knowledge))
            scripts.reach(start)
            if images[-1]["purpose"] != "other":
                starts.append(start)
    settled = [settled_copy(f, build, bases, knowledge) if f.kind == "dockerfile.copy" else f for f in build.facts]
    if not starts and any(image["last"] and image["purpose"] == "other" for image in images):
        return [*map(_not_the_products, settled), *images], []
    return [*settled, *images], starts


def _not_the_products(fact: Fact) -> Fact:
    """A fact of a Dockerfile that plainly builds something other than the product's image: its rules do not bind it."""
    changes: dict[str, object] = {}
    if fact.fields.get("in_image"):
        changes["in_image"] = False
    if fact.fields.get("scope") == "container":
        changes["scope"] = "seller"
    if fact.fields.get("started_as"):
        changes["started_as"] = None
    return fact.with_fields(**changes) if changes else fact


def _settled_program(program: Fact, starts: Sequence[Start], chmods: Sequence[Fact]) -> Fact:
    """A program with how it is started; of several images, the one where it lacks the execute bit."""
    path = program.location.path
    running = [start for start in starts if path in start.started]
    if not running:
        unknown = UNKNOWN if not starts else None
        return program.with_fields(started_as=unknown, execute_bit_needed=unknown or "no")
    if all(path in start.called for start in running):  # what it ends in says nothing of the container
        program = program.with_fields(hands_over=UNKNOWN if program["hands_over"] else None)
    bits = {start: _execute_bit(program, start, chmods) for start in running if path in start.direct}
    worst = next((start for start, bit in bits.items() if bit == "no"), (*bits, *running)[0])
    return program.with_fields(
        image_path=worst.image_paths.get(path, UNKNOWN),
        started_as=worst.started[path],
        execute_bit=bits.get(worst, UNKNOWN),
        execute_bit_needed="yes" if bits else "no",
    )


def _execute_bit(program: Fact, start: Start, chmods: Sequence[Fact]) -> str:
    """The bit as the image has it. A script that sets it before the build leaves it open."""
    path = program.location.path
    image_path = start.image_paths.get(path)
    if image_path is None:
        return UNKNOWN
    on_disk = {"yes": True, "no": False}.get(program["executable"])
    bit = start.build.execute_bit(start.build.locate(image_path, start.stage), image_path, start.stage, on_disk)
    return UNKNOWN if bit == "no" and any(_sets_bit(chmod, path) for chmod in chmods) else bit


def _sets_bit(chmod: Fact, path: str) -> bool:
    folder = chmod.location.path.rpartition("/")[0]
    words = chmod["arguments"][1:]
    places = {clean(f"{start}/{word}" if start else word) for word in words for start in (folder, "")}
    # A script or a notebook may have changed its folder before.
    named = path in places or any(path.endswith(f"/{clean(word)}") for word in words if word != UNKNOWN)
    return named and any("x" in word or word.isdigit() for word in chmod["arguments"][:1])
