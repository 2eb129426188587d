"""Values of rules that the configuration may set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linter.judge.rule import Param

_TYPES = {
    "integer": "a whole number",
    "number": "a number",
    "string": "a text",
    "boolean": "true or false",
    "strings": "a list of texts",
}


class ConfigProblem(Exception):
    """The configuration sets a parameter wrongly. `path` is where under `parameters`: rule and perhaps parameter."""

    def __init__(self, message: str, path: tuple[str, ...]) -> None:
        super().__init__(message, path)
        self.message, self.path = message, path

    def __str__(self) -> str:
        return self.message


def misfit(param: Param, value: Any) -> str | None:
    """What is wrong with a value for a parameter, as the end of a sentence; None when it fits."""
    if not _has_type(param.type, value):
        return f"must be {_TYPES[param.type]}"
    if param.type in ("integer", "number"):
        if param.minimum is not None and value < param.minimum:
            return f"must be at least {param.minimum:g}"
        if param.maximum is not None and value > param.maximum:
            return f"must be at most {param.maximum:g}"
    return None


def _has_type(type_: str, value: Any) -> bool:
    if type_ == "boolean":
        return isinstance(value, bool)
    if type_ == "strings":
        return isinstance(value, (list, tuple)) and all(isinstance(part, str) for part in value)
    if type_ == "string":
        return isinstance(value, str)
    whole = isinstance(value, int) and not isinstance(value, bool)
    return whole or (type_ == "number" and isinstance(value, float) and value == value and abs(value) != float("inf"))


def values_of(rule: str, params: tuple[Param, ...], given: Mapping[str, Any]) -> dict[str, Any]:
    """The value of every parameter, configured or default. Raises ConfigProblem."""
    values = {param.name: param.default for param in params}
    for name, value in given.items():
        param = next((param for param in params if param.name == name), None)
        if param is None:
            from linter.judge.words import did_you_mean, listed

            has = f"it has {listed(values)}" if values else "it has none"
            hint = did_you_mean(name, values) or f"; {has}"
            raise ConfigProblem(f"rule {rule} has no parameter `{name}`{hint}", (rule, name))
        wrong = misfit(param, value)
        if wrong:
            raise ConfigProblem(f"parameter `{name}` of rule {rule} {wrong}, not `{value}`", (rule, name))
        values[name] = value
    return values
