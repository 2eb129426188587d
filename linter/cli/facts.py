"""`mllint facts`: what the rules are given to judge; for those who write rules."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command("facts")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--kind", "kinds", multiple=True, metavar="KIND", help="Only facts of this kind, or of all kinds below it."
)
def command(paths: tuple[Path, ...], kinds: tuple[str, ...]) -> None:
    """Print the facts of PATHS (default: this folder), one JSON object a line.

    schemas/facts/ describes every kind and field. Example: mllint facts --kind server .
    """
    from linter.cli.check import base_of
    from linter.engine import facts_of
    from linter.judge.load import load_knowledge
    from linter.tree import DiskTree

    base, wanted = base_of(paths or (Path(),))
    for fact in facts_of(DiskTree(base), wanted, load_knowledge()):
        if kinds and not any(fact.kind == kind or fact.kind.startswith(f"{kind}.") for kind in kinds):
            continue
        place = f"{fact.location.path}:{fact.location.span.line}:{fact.location.span.column}"
        click.echo(json.dumps({"kind": fact.kind, "at": place, **fact.fields}, ensure_ascii=False))
