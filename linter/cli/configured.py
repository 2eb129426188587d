"""The rules as `mllint check` would load them here: the built-in ones and those that the configuration adds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from linter.judge.ruleset import RuleSet


def configured_rules(extra: Iterable[Path] = ()) -> RuleSet:
    """Rules of the configuration found from this folder upward. Raises ConfigError, RuleErrors and ConfigProblem."""
    from linter.config import Config, find_config, load_config
    from linter.judge.load import load_rules

    path = find_config(Path.cwd())
    config = load_config(path) if path else Config()
    folders = [config.folder / each if config.folder else Path(each) for each in config.extra_rules]
    return load_rules(extra=[*folders, *extra], parameters=config.parameters)
