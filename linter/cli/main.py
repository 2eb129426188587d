"""`mllint`: the group of commands. Each command's module loads when it is called, so that a start stays short."""

from __future__ import annotations

import gc
import sys
from importlib import import_module

# Before all else is imported: a run makes many objects that stay and few cycles, so looking for cycles after every 700
# objects, as Python does by itself, is a tenth of a short run's time.
gc.set_threshold(100_000, 20, 20)

import click  # noqa: E402

from linter import __version__  # noqa: E402

COMMANDS = {
    "check": ("linter.cli.check", "Check files and folders."),
    "explain": ("linter.cli.explain", "Say what a rule finds, why it matters and how to mend it."),
    "rules": ("linter.cli.rules", "List rules, test their examples, show what they cover."),
    "facts": ("linter.cli.facts", "Print what the rules judge, for those who write rules."),
    "init": ("linter.cli.init", "Write a first configuration."),
    "completion": ("linter.cli.completion", "Print the shell's completion script."),
}


class Commands(click.Group):
    """Commands by name, imported on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = import_module(COMMANDS[name][0]).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, 1)
            hint = f" Did you mean `mllint {near[0]}`?" if near else " To check a path: `mllint check PATH`."
            raise click.UsageError(f"{error.message.rstrip('.')}.{hint}", ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mllint")
def main() -> None:
    """Check machine-learning products before they are submitted to AWS Marketplace.

    mllint reads Dockerfiles, server configuration and manifests, and says what breaks which requirement, where, why,
    and how to mend it. Nothing that it reads is run, and nothing leaves this machine.

    \b
      mllint check .                 check the product in this folder
      mllint explain CTR001          what a rule finds, why, and how to mend it
      mllint rules coverage          which requirements are enforced

    Exit status: 0 clean, 1 findings, 2 wrong usage or configuration, 3 nothing to check, 4 an error inside mllint.
    """


def run() -> None:
    """The program: `main`, with an exit status and a sentence for what ends a program from outside."""
    try:
        status = _run()
        if sys.stdout is not None:
            sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        sys.stderr.write("mllint: interrupted\n")
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        _leave(0)
    except OSError as error:
        sys.stderr.write(f"mllint: cannot write standard output: {error.strerror or error}\n")
        _leave(2)
    _leave(status)


def _run() -> int:
    """The exit status of `main`."""
    try:
        main(standalone_mode=False)
    except click.exceptions.Exit as end:
        return end.exit_code
    except SystemExit as end:
        if isinstance(end.code, int):
            return end.code
        raise
    return 0


INTERRUPTED = 130
"""Exit status of a program that Ctrl-C ended, as shells have it."""


def _leave(status: int) -> None:
    """End at once: all reports are written, and to take a hundred modules apart takes longer than to check a file.

    Nor does the interpreter then try to flush a standard output that is gone.
    """
    import os

    if sys.stderr is not None:
        sys.stderr.flush()
    os._exit(status)
