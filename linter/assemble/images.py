"""Dockerfiles joined with the files that they copy and the programs that they start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.assemble.build import Build
from linter.assemble.servers import settle_scope
from linter.assemble.start import Start, image_start, reach
from linter.model import UNKNOWN, Fact
from linter.tree import Tree, clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from linter.knowledge import Knowledge


def settle_images(
    facts: list[Fact], tree: Tree, commands: Sequence[Fact], root: str, knowledge: Knowledge
) -> list[Fact]:
    """Join the Dockerfiles of a product with the files they copy and the programs they start."""
    ignores = {fact.location.path: fact for fact in facts if fact.kind == "dockerfile.ignore"}
    by_path: dict[str, list[Fact]] = {}
    for fact in facts:
        by_path.setdefault(fact.location.path, []).append(fact)
    starts: list[Start] = []
    changed: dict[int, Fact] = {}
    added: list[Fact] = []
    for path, own in by_path.items():
        images = [fact for fact in own if fact.kind == "dockerfile.image"]
        if not images:
            continue
        told, targets = _told_contexts(path, commands)
        build = Build(path, own, tree, told, root)
        build.read_ignore(ignores)
        base_images = {fact["stage"]: fact for fact in own if fact.kind == "dockerfile.from"}
        for image in images:
            if not image["last"] and image["stage_name"] not in targets:
                continue
            start = Start(image, build)
            bases = [
                f
                for f in base_images.values()
                if image["stage"] in f["images"] and f["base"] in ("image", "scratch", UNKNOWN)
            ]
            added.append(image_start(start, bases[-1] if bases else None, knowledge))
            reach(start, {p: [f for f in each if f.kind == "shell.command"] for p, each in by_path.items()})
            starts.append(start)
        foreign = any(fact.kind == "image.start" and fact.location.path == path and _foreign(fact) for fact in added)
        for fact in own:
            settled_fact = (
                _settled_copy(fact, build, base_images, knowledge) if fact.kind == "dockerfile.copy" else fact
            )
            if foreign and fact.fields.get("in_image"):
                settled_fact = settled_fact.with_fields(in_image=False)
            changed[id(fact)] = settled_fact
    settled = [changed.get(id(fact), fact) for fact in facts]
    settled = settle_scope([*settled, *added], starts, knowledge)
    return [_settled_program(fact, starts, tree) if fact.kind == "program.file" else fact for fact in settled]


def _foreign(image: Fact) -> bool:
    """Whether a Dockerfile plainly builds something other than the product's image, so that its rules do not bind it."""
    return bool(image["last"] and image["purpose"] == "other")


def _told_contexts(dockerfile: str, commands: Sequence[Fact]) -> tuple[list[str], set[str]]:
    """Build contexts and targets that build commands of the product name for a Dockerfile."""
    contexts, targets = [], set()
    for command in commands:
        folder = command.location.path.rpartition("/")[0]
        context, named = command["build_context"], command["dockerfile"]
        if UNKNOWN in (context, named):
            continue
        for start in (folder, ""):
            place = clean(f"{start}/{context}" if start else context)
            file = clean(f"{start}/{named}" if start else named) if named else clean(f"{place}/Dockerfile")
            if file == dockerfile and not place.startswith(".."):
                contexts.append(place)
                if command["target"]:
                    targets.add(command["target"])
    return contexts, targets


def _settled_copy(copy: Fact, build: Build, bases: dict[int, Fact], knowledge: Knowledge) -> Fact:
    groups = [fact["owner_group"] for fact in bases.values() if fact["stage"] <= copy["stage"]]
    return copy.with_fields(
        source_state=build.source_state(copy),
        dockerignore="present" if build.has_ignore_file else "absent",
        reserved_place=_reserved(copy["destination"], knowledge),
        aws_base="yes" if any(group in ("deep_learning_container", "framework_image") for group in groups) else "no",
    )


def _reserved(destination: str, knowledge: Knowledge) -> str | None:
    """The reserved place that a destination lies in: a folder right below the tree, else the tree itself."""
    if destination == UNKNOWN:
        return UNKNOWN
    tree: str = knowledge.get("container.reserved_tree")
    inside = destination.rstrip("/") + "/"
    if not inside.startswith(f"{tree}/"):
        return None
    places = knowledge.get("container.places").values()
    direct = [place for place in places if place.rpartition("/")[0] == tree]
    return next((place for place in direct if inside.startswith(f"{place}/")), tree)


def _settled_program(program: Fact, starts: Sequence[Start], tree: Tree) -> Fact:
    path = program.location.path
    for start in starts:
        if path in start.started:
            image_path = start.image_paths.get(path)
            origin = start.build.locate(image_path, start.stage) if image_path else None
            on_disk = {"yes": True, "no": False}.get(program["executable"])
            return program.with_fields(
                image_path=image_path or UNKNOWN,
                started_as=start.started[path],
                execute_bit=start.build.execute_bit(origin, image_path, start.stage, on_disk)
                if origin and image_path
                else UNKNOWN,
                execute_bit_needed="yes" if path in start.direct else "no",
            )
    return program.with_fields(started_as=None if starts else UNKNOWN, execute_bit_needed="no" if starts else UNKNOWN)
