"""`mllint completion SHELL`: the script that makes a shell complete mllint's commands, options and rules."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the completion script for SHELL.

    \b
      bash:  eval "$(mllint completion bash)"     in ~/.bashrc
      zsh:   eval "$(mllint completion zsh)"      in ~/.zshrc
      fish:  mllint completion fish | source      in ~/.config/fish/config.fish
    """
    from linter.cli.main import main

    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"no completion for {shell}")
    click.echo(kind(main, {}, "mllint", "_MLLINT_COMPLETE").source())
