"""`mllint rules`: the list, the examples, the coverage."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click


@click.group("rules", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """List rules, test their examples, show what they cover."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_rules)


def _load(extra: tuple[Path, ...] = ()) -> Any:
    """The rules that hold in this folder, or with `extra` the built-in ones and those of the folders."""
    from linter.cli.configured import configured_rules
    from linter.config import ConfigError
    from linter.judge.load import ConfigProblem, RuleErrors, load_rules

    try:
        return load_rules(extra=extra) if extra else configured_rules()
    except (ConfigError, ConfigProblem, RuleErrors) as error:
        click.echo(str(error), err=True)
        sys.exit(2)


@command.command("list")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="Form of the list.")
def list_rules(form: str = "text") -> None:
    """Every rule: id, severity, name, and what it enforces."""
    rules = _load().rules
    if form == "json":
        import json

        fields = ("id", "name", "severity", "confidence", "requirement", "summary")
        click.echo(json.dumps([{name: getattr(rule, name) for name in fields} for rule in rules], indent=2))
        return
    width = max(len(rule.name) for rule in rules)
    for rule in rules:
        click.echo(f"{rule.id}  {rule.severity:<7}  {rule.name:<{width}}  {', '.join(rule.requirement)}")
    click.echo(f"\n{len(rules)} rules. More about one: mllint explain RULE")


@command.command("test")
@click.argument("folders", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("-v", "--verbose", is_flag=True, help="Also name the examples that pass.")
def test_rules(folders: tuple[Path, ...], verbose: bool) -> None:
    """Run the examples of the rules in FOLDERS (default: the built-in rules)."""
    from linter.engine import check_texts
    from linter.judge.examples import run_examples, run_look_alikes

    rules = _load(folders)
    inside = [folder.resolve() for folder in folders]
    own = [rule for rule in rules.rules if not folders or any(rule.file.resolve().is_relative_to(f) for f in inside)]
    if not own:
        raise click.UsageError("no rule files were found there; a rule is one .yaml file named after its rule")

    def check(files: Any, executable: Any, settings: Any, images: Any) -> Any:
        return check_texts(files, executable, settings, images, folders)

    results = list(run_examples(own, check))
    alike = [] if folders else run_look_alikes(check)
    results += alike
    failed = [result for result in results if not result.passed]
    for result in results:
        if not result.passed:
            click.echo(f"FAIL  {result.rule}  {result.example}: {result.difference}")
        elif verbose:
            click.echo(f"ok    {result.rule}  {result.example}")
    click.echo(f"{len(results) - len(failed)} of {len(results)} examples of {len(own)} rules hold.")
    if alike:
        click.echo(f"{len(alike)} of them are look-alikes, about which no rule may say anything.")
    sys.exit(1 if failed else 0)


@command.command("coverage")
@click.option("--documents", is_flag=True, help="Each sentence of the founding documents instead.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="Form of the table.")
def coverage_of_rules(documents: bool, form: str) -> None:
    """Each requirement of the catalog: enforced, partly, or not yet, and by which rules."""
    from linter.judge.coverage import coverage

    rules = _load()
    if documents:
        _coverage_of_documents(rules, form)
        return
    rows = coverage(rules.rules, rules.requirements)
    if form == "json":
        import json

        plain = [{**row.requirement._asdict(), "state": row.state, "rules": row.rules} for row in rows]
        click.echo(json.dumps(plain, indent=2))
        return
    theme = None
    for row in rows:
        requirement = row.requirement
        if requirement.theme != theme:
            theme = requirement.theme
            click.echo(f"\n{theme}")
        click.echo(f"  {row.state:<9} {requirement.strength:<7}{requirement.title} ({requirement.slug})")
        if row.rules:
            click.echo(_indented(f"rules: {', '.join(row.rules)}", 12))
        for label, text in (("still open", requirement.remaining), ("not decidable", requirement.not_decidable)):
            if text:
                click.echo(_indented(f"{label}: {text}", 12))
    click.echo(f"\n{_counts(rows)}, of {len(rows)} requirements.")
    click.echo("enforced: rules judge all of it · partly: rules judge some of it, the rest is named · not yet: no rule")
    click.echo("held by examples: it says what no rule may report, and `mllint rules test` shows that none does")


def _coverage_of_documents(rules: Any, form: str) -> None:
    from linter.judge.coverage import document_coverage
    from linter.judge.load import RuleErrors, load_documents

    try:
        sentences = load_documents(rules.requirements)
    except RuleErrors as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    rows = document_coverage(rules.rules, rules.requirements, sentences)
    if form == "json":
        import json

        fields = ("document", "section", "text", "requirements", "artifacts", "reason")
        plain = [
            {**{name: getattr(row.sentence, name) for name in fields}, "state": row.state, "rules": row.rules}
            for row in rows
        ]
        click.echo(json.dumps(plain, indent=2))
        return
    document = section = None
    for row in rows:
        sentence = row.sentence
        if sentence.document != document:
            document, section = sentence.document, None
            click.echo(f"\n{document}")
        if sentence.section != section:
            section = sentence.section
            click.echo(f"\n  {section}")
        click.echo(_indented(sentence.text, 4))
        click.echo(_indented(f"{row.state}: {sentence.reason or ', '.join(row.rules) or '-'}", 6))
    click.echo(f"\n{_counts(rows)}, of {len(rows)} sentences.")


def _indented(text: str, by: int) -> str:
    import textwrap

    return textwrap.fill(text, 100, initial_indent=" " * by, subsequent_indent=" " * (by + 2))


def _counts(rows: Any) -> str:
    states = [row.state for row in rows]
    return ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
