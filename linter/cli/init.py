"""`mllint init`: a first configuration, filled in with what the product shows."""

from __future__ import annotations

from pathlib import Path

import click

TEMPLATE = """\
# Configuration of mllint. Every key is optional; `mllint check --help` has the options that do the same.

# The AWS account that publishes the product, in quotes. Without it, mllint infers the account from roles and images.
{account}

# The AWS Region that the product is published from.
{region}

# The mildest severity that makes `mllint check` exit with 1: error, warning, note or never.
fail_on: error

# Data that anybody may see: places in S3 and local files. Buyers are shown the data of validation.
public_data: []
#  - s3://bucket/marketplace-samples/
#  - samples/

# Files and folders that are not the product.
exclude: []

# Accepted findings, for files that have no comments. In files that have: `# mllint: ignore[RULE] -- reason`.
suppress: []
#  - rule: IMG001
#    path: manifests/*.json
#    reason: why this is acceptable
"""


@click.command("init")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), default=Path())
def command(folder: Path) -> None:
    """Write .mllint.yaml into FOLDER (default: this one), filled in with what the product shows."""
    path = folder / ".mllint.yaml"
    account, region = _seen(folder)
    text = TEMPLATE.format(
        account=f'seller_account: "{account}"' if account else '# seller_account: "123456789012"',
        region=f"region: {region}" if region else "# region: us-east-1",
    )
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise click.UsageError(f"{path} exists already; nothing was changed") from None
    except OSError as error:
        raise click.UsageError(f"cannot write {path}: {error.strerror or error}") from None
    click.echo(f"Wrote {path}. Next: mllint check {folder}")


def _seen(folder: Path) -> tuple[str | None, str | None]:
    """The seller account and publishing Region that the product's own files agree on."""
    from linter.engine import facts_of
    from linter.judge.load import load_knowledge
    from linter.tree import DiskTree

    facts = facts_of(DiskTree(folder.resolve()), [""], load_knowledge())
    accounts = {f["seller_account"] for f in facts if "seller_account" in f.fields and f["owner"] == "seller"}
    regions = {f["publishing_region"] for f in facts if "publishing_region" in f.fields}
    return _single(accounts), _single(regions)


def _single(values: set[str | None]) -> str | None:
    known = {value for value in values if value not in (None, "unknown")}
    return known.pop() if len(known) == 1 else None
