"""`mllint check`: options in, reports out."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from linter.cli.images import read_images, split_paths
from linter.cli.reports import FORMATS, Target, pair_reports, write_reports
from linter.config import Config, ConfigError, find_config, load_config
from linter.model import SEVERITIES, Report

if TYPE_CHECKING:
    from collections.abc import Sequence

EXIT_USAGE, EXIT_NOTHING, EXIT_INTERNAL = 2, 3, 4


class CheckCommand(click.Command):
    """Keeps the order of --format and --output, which pairs them."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta["targets"] = pair_reports(args)
        return super().parse_args(ctx, args)


def _names(ctx: click.Context, param: click.Parameter, value: Sequence[str]) -> tuple[str, ...]:
    return tuple(name.strip() for item in value for name in item.split(",") if name.strip())


def _rule_names(ctx: click.Context, param: click.Parameter, value: Sequence[str]) -> tuple[str, ...]:
    """Ids and families in capitals, as rules have them; names of rules as they are."""
    names = _names(ctx, param, value)
    return tuple(name.upper() if len(name) in (3, 6) and "-" not in name else name for name in names)


def _complete_rules(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    from linter.cli.configured import configured_rules

    names = [name for rule in configured_rules().rules for name in (rule.id, rule.name)]
    return [name for name in names if name.startswith((incomplete, incomplete.upper()))]


@click.command("check", cls=CheckCommand)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "-f",
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(FORMATS),
    help="Form of a report; repeatable. Default: text.",
)
@click.option(
    "-o", "--output", "outputs", multiple=True, type=click.Path(dir_okay=False, path_type=Path),
    help="File for the report named by the --format before it; repeatable.",
)  # fmt: skip
@click.option(
    "--config", "config_path", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Configuration file."
)
@click.option(
    "--select",
    multiple=True,
    callback=_rule_names,
    shell_complete=_complete_rules,
    metavar="RULE",
    help="Only these rules, by id, family or name.",
)
@click.option(
    "--ignore",
    multiple=True,
    callback=_rule_names,
    shell_complete=_complete_rules,
    metavar="RULE",
    help="Not these rules.",
)
@click.option(
    "--image",
    "images",
    multiple=True,
    metavar="REF",
    help="A built image as well: an archive, OCI layout, docker://NAME, registry://HOST/NAME:TAG, a name; repeatable.",
)
@click.option("--platform", metavar="OS/ARCH", help="Which of an image's platforms. Default: linux/amd64.")
@click.option("--no-layers", is_flag=True, help="Judge images by manifest and configuration alone; read no layer.")
@click.option("--exclude", multiple=True, callback=_names, metavar="GLOB", help="Not these files and folders.")
@click.option(
    "--fail-on",
    type=click.Choice([*SEVERITIES, "never"]),
    help="Mildest severity that makes the exit status 1. Default: error.",
)
@click.option("--seller-account", metavar="ID", help="Twelve-digit AWS account that publishes the product.")
@click.option("--region", metavar="NAME", help="AWS Region that the product is published from.")
@click.option(
    "--jobs", type=click.IntRange(0, 256), metavar="N", help="Processes that inspect files; 0 lets mllint choose."
)
@click.option("--no-cache", is_flag=True, help="Read everything anew, and keep no facts and findings for the next run.")
@click.option("--no-inline", is_flag=True, help="Comments in the product suppress nothing: for a central gate.")
@click.option("--show-suppressed", is_flag=True, help="Suppressed findings go into SARIF too, marked as such.")
@click.option("--nothing-ok", is_flag=True, help="Exit with 0, not 3, when there is nothing to check: for hooks.")
@click.option("--list-files", is_flag=True, help="Print what would be inspected, and as what; check nothing.")
@click.option("-v", "--verbose", is_flag=True, help="Also say what was not inspected, and every repeated finding.")
@click.option("-q", "--quiet", is_flag=True, help="One line a finding, nothing else.")
@click.option("--color/--no-color", "colour", default=None, help="Colours in text; default: only on a terminal.")
@click.pass_context
def command(ctx: click.Context, /, paths: tuple[Path, ...], **options: Any) -> None:
    """Check PATHS (default: this folder): product folders, single files of them, archives of images.

    \b
      mllint check                                  the product in this folder
      mllint check --format sarif --output out.sarif .
      mllint check --format text --format sarif --output out.sarif .
      mllint check --seller-account 123456789012 --region us-east-1 .
      mllint check --image forecast.tar .           with the image that was built from it
    """
    targets: list[Target] = ctx.meta["targets"]
    try:
        report = _run(paths or (() if options["images"] else (Path(),)), options)
    except (ConfigError, click.UsageError) as error:
        message = error.format_message() if isinstance(error, click.UsageError) else str(error)
        _refuse(targets, options, message, EXIT_USAGE)
    except Exception as error:
        if os.environ.get("MLLINT_DEBUG"):
            raise
        message = (
            f"an error inside mllint: {type(error).__name__}: {error}. Set MLLINT_DEBUG=1 to see where, and report it."
        )
        _refuse(targets, options, message, EXIT_INTERNAL)
    if isinstance(report, list):
        for line in report:
            click.echo(line)
        sys.exit(0)
    _write(report, targets, options)
    if report.exit_code == EXIT_NOTHING and options["nothing_ok"]:
        sys.exit(0)
    if report.exit_code == EXIT_NOTHING and Target("text", None) not in targets:
        click.echo("mllint: nothing to check: no Dockerfile, server configuration or manifest was found.", err=True)
    if report.error:
        click.echo(f"mllint: {report.error}", err=True)
    sys.exit(report.exit_code)


def _run(paths: Sequence[Path], options: dict[str, Any]) -> Report | list[str]:
    """The report; with `--list-files` the lines to print."""
    from linter.engine import check
    from linter.judge.load import load_knowledge
    from linter.store import cache_folder
    from linter.tree import DiskTree
    from linter.watch import WatchedTree

    for path in paths:
        if not os.path.lexists(path):
            raise click.UsageError(f"no such file or folder: {path}")
    knowledge = load_knowledge()
    folders, names = split_paths(paths, options["images"], knowledge)
    base, wanted = base_of(folders or (Path(),))
    config = _config(folders or (Path(),), base, options)
    _check_options(config, knowledge)
    tree = DiskTree(base) if options["no_cache"] or cache_folder() is None else WatchedTree(base)
    wanted = wanted if folders else []
    if options["list_files"]:
        from linter.engine import artifacts_of

        found = artifacts_of(tree, wanted, config.exclude, knowledge, _images(names, options, knowledge))
        return [f"{artifact.path}\t{artifact.kind}" for artifact in found]
    rules = _rules(config)
    whole = all(path.is_dir() for path in folders)
    images = _images(names, options, knowledge)
    return check(
        tree, wanted, config, rules, knowledge, base=str(base), whole=whole, progress=_progress(), images=images
    )


def _images(names: Sequence[str], options: dict[str, Any], knowledge: Any) -> list[Any]:
    if not names:
        return []
    layers, cached, quiet = not options["no_layers"], not options["no_cache"], options["quiet"]
    return read_images(names, knowledge, options["platform"], layers=layers, cached=cached, quiet=quiet)


def base_of(paths: Sequence[Path]) -> tuple[Path, list[str]]:
    """The folder that paths of the report are relative to: the repository's root, else the one that holds them all."""
    full = [Path(os.path.abspath(path)) for path in paths]
    folders = [path if path.is_dir() else path.parent for path in full]
    common = Path(os.path.commonpath(folders))
    base = next((folder for folder in (common, *common.parents) if (folder / ".git").exists()), common)
    return base, [path.relative_to(base).as_posix() for path in full]


def _config(paths: Sequence[Path], base: Path, options: dict[str, Any]) -> Config:
    path = options["config_path"]
    if path is None:
        folders = [Path(os.path.abspath(p)) for p in paths]
        path = find_config(Path(os.path.commonpath([p if p.is_dir() else p.parent for p in folders])))
    config = load_config(path) if path else Config()
    return config.with_command_line(
        select=options["select"],
        ignore=options["ignore"],
        exclude=options["exclude"],
        fail_on=options["fail_on"],
        seller_account=options["seller_account"],
        region=options["region"],
        jobs=options["jobs"],
        inline_suppressions=False if options["no_inline"] else None,
    )


def _check_options(config: Config, knowledge: Any) -> None:
    account = config.seller_account
    if account is not None and not (len(account) == 12 and account.isdigit()):
        raise click.UsageError(f"the seller account must be twelve digits, not `{account}`")
    codes = knowledge.get("regions.by_code")
    if config.region is not None and config.region not in codes:
        from difflib import get_close_matches

        near = get_close_matches(config.region, codes, 1)
        raise click.UsageError(
            f"no AWS Region is called `{config.region}`" + (f"; did you mean `{near[0]}`?" if near else "")
        )


def _rules(config: Config) -> Any:
    from linter.judge.load import ConfigProblem, RuleErrors, load_rules
    from linter.judge.words import did_you_mean

    folders = [config.folder / extra if config.folder else Path(extra) for extra in config.extra_rules]
    try:
        rules = load_rules(extra=folders, parameters=config.parameters)
    except (RuleErrors, ConfigProblem) as error:
        raise ConfigError(str(error)) from None
    known = {name for head in rules.heads for name in (head.id, head.name, head.id[:3])}
    for name in (*config.select, *config.ignore, *config.severities, *(entry.rule for entry in config.suppress)):
        if name not in known:
            raise ConfigError(f"no rule is called `{name}`{did_you_mean(name, known)}")
    return rules


def _progress() -> Any:
    """A counter on a terminal once a run takes longer than a second, drawn ten times a second at most."""
    import time

    if sys.stderr is None or not sys.stderr.isatty():
        return None
    shown = time.monotonic() + 1

    def show(done: int, total: int) -> None:
        nonlocal shown
        now = time.monotonic()
        if now > shown or (done == total and now > shown - 0.1):
            shown = now + 0.1
            end = "\r\x1b[K" if done == total else ""
            click.echo(f"\r{done} of {total} files read{end}", nl=False, err=True)

    return show


def _write(report: Report, targets: list[Target], options: dict[str, Any]) -> None:
    verbosity = 1 if options["verbose"] else -1 if options["quiet"] else 0
    write_reports(
        report, targets, colour=options["colour"], verbosity=verbosity, include_suppressed=options["show_suppressed"]
    )


def _refuse(targets: list[Target], options: dict[str, Any], message: str, status: int) -> None:
    """Say what is wrong; report files are still written, valid and without findings, so that no upload step breaks."""
    click.echo(f"mllint: {message}", err=True)
    files = [target for target in targets if target.path is not None]
    _write(Report((), (), (), (), (), exit_code=status, error=message), files, options)
    sys.exit(status)
