"""`mllint facts`: what the rules are given to judge; for those who write rules."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from linter.model import Fact, Location


@click.command("facts")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--kind", "kinds", multiple=True, metavar="KIND", help="Only facts of this kind, or of all kinds below it."
)
@click.option("--image", "images", multiple=True, metavar="REF", help="A built image as well; repeatable.")
@click.option("--platform", metavar="OS/ARCH", help="Which of an image's platforms. Default: linux/amd64.")
def command(paths: tuple[Path, ...], kinds: tuple[str, ...], images: tuple[str, ...], platform: str | None) -> None:
    """Print the facts of PATHS (default: this folder) and of images, one JSON object a line.

    schemas/facts/ describes every kind and field; a field `kind` is shown as `fields.kind`. `trace` lists
    the steps by which the code at hand is reached.
    Example: mllint facts --kind server .
    """
    from linter.cli.check import base_of
    from linter.cli.images import read_images, split_paths
    from linter.engine import facts_of
    from linter.judge.load import load_knowledge
    from linter.render.escape import json_safe
    from linter.tree import DiskTree

    knowledge = load_knowledge()
    folders, names = split_paths(paths or (() if images else (Path(),)), images, knowledge)
    base, wanted = base_of(folders or (Path(),))
    built = read_images(names, knowledge, platform) if names else ()
    for fact in facts_of(DiskTree(base), wanted if folders else [], knowledge, built):
        if kinds and not any(fact.kind == kind or fact.kind.startswith(f"{kind}.") for kind in kinds):
            continue
        click.echo(json_safe(json.dumps(_shown(fact), ensure_ascii=False)))


def _shown(fact: Fact) -> dict[str, Any]:
    """A fact as one object. Few kinds have a trace, so the others are printed without one."""
    fields = {"fields.kind" if name == "kind" else name: value for name, value in fact.fields.items()}
    shown = {"kind": fact.kind, "at": _place(fact.location), **fields}
    if fact.trace:
        shown["trace"] = [{"at": _place(step.location), "text": step.text} for step in fact.trace]
    return shown


def _place(location: Location) -> str:
    return f"{location.path}:{location.span.line}:{location.span.column}"
