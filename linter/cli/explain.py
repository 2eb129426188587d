"""`mllint explain RULE`: the rule's page of the documentation, on the terminal."""

from __future__ import annotations

import click

from linter.cli.check import _complete_rules


@click.command("explain")
@click.argument("rule", shell_complete=_complete_rules)
@click.option(
    "--extra", multiple=True, type=click.Path(exists=True, file_okay=False), help="A folder of further rules."
)
def command(rule: str, extra: tuple[str, ...]) -> None:
    """Say what RULE (id or name) finds, why it matters and how to mend it."""
    from pathlib import Path

    from linter.cli.configured import configured_rules
    from linter.config import ConfigError
    from linter.judge.describe import rule_markdown
    from linter.judge.load import ConfigProblem, RuleErrors, UnknownRule

    try:
        rules = configured_rules(Path(folder) for folder in extra)
        click.echo(rule_markdown(rules.get(rule), rules.requirements))
    except (ConfigError, ConfigProblem, RuleErrors, UnknownRule) as error:
        raise click.UsageError(str(error)) from None
