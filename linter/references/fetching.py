"""Programs that fetch models by themselves: which model a command line names, and whether that is one of a hub."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from linter.model import UNKNOWN
from linter.references.destination import LOCAL, LOOPBACK, REMOTE, UNIX, judge_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from linter.knowledge import Knowledge

_PATHS = ("/", "./", "../", "~", ".", "$")
_RANK = (REMOTE, UNKNOWN, LOOPBACK, LOCAL)


def model_destination(
    entry: Mapping[str, Any], arguments: Sequence[str], bare: Sequence[str], knowledge: Knowledge
) -> str:
    """Where a program gets its model from: `remote`, `local`, or `unknown` when the command line does not say.

    `bare`: the arguments that are neither options nor an option's value.
    """
    if any(argument.partition("=")[0] in entry.get("keeps", ()) for argument in arguments):
        return LOCAL
    named = [value for option in entry.get("options", ()) for value in _values(option, arguments)]
    operand = entry.get("operand")
    if not named and operand is not None:
        named = list(bare[operand : operand + 1])
    if not named:
        if _may_name_more(entry, arguments):
            return UNKNOWN
        return REMOTE if entry.get("absent") == REMOTE else LOCAL
    found = {_place(value, entry.get("names"), knowledge) for value in named}
    return next(each for each in _RANK if each in found)


def _may_name_more(entry: Mapping[str, Any], arguments: Sequence[str]) -> bool:
    """Whether a word that is not known, and is no option's value, may name the model that the program is told."""
    if "options" not in entry and "operand" not in entry:
        return False
    pairs = zip(("", *arguments), arguments, strict=False)
    return any(word == UNKNOWN and not before.startswith("-") for before, word in pairs)


def named_models(entry: Mapping[str, Any], arguments: Sequence[str]) -> set[str]:
    """The models of a hub that a command line may name."""
    values = {value for option in entry.get("options", ()) for value in _values(option, arguments)}
    if entry.get("operand") is not None:
        values |= {argument for argument in arguments if not argument.startswith("-")}
    return {value for value in values if "/" in value and value != UNKNOWN}


def _values(option: str, arguments: Sequence[str]) -> Iterator[str]:
    for number, argument in enumerate(arguments):
        if argument == option and number + 1 < len(arguments):
            yield arguments[number + 1]
        elif argument.startswith(f"{option}="):
            yield argument.partition("=")[2]


def _place(value: str, names: str | None, knowledge: Knowledge) -> str:
    if value == UNKNOWN or not value:
        return UNKNOWN
    judge = judge_of(knowledge)
    where = judge.address(value)
    if where is not None:
        return LOCAL if where == UNIX else where
    if value.startswith(_PATHS) or value.endswith(judge.weights):
        return LOCAL
    if names is not None and re.search(names, value):
        return REMOTE
    return REMOTE if value in judge.aliases or judge.hub_id.match(value) else UNKNOWN
