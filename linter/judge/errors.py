"""What can be wrong with the file of a rule, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.judge.words import did_you_mean, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from linter.document import Pointer


class RuleError(Exception):
    """One thing wrong with one file: `path`, `line` and `column` (1-based), and a sentence with its remedy."""

    def __init__(self, path: str, line: int, column: int, message: str) -> None:
        super().__init__(path, line, column, message)
        self.path, self.line, self.column, self.message = path, line, column, message

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.message}"


class RuleErrors(Exception):
    """Everything wrong with a set of rules, in the order of files and lines."""

    def __init__(self, errors: Iterable[RuleError]) -> None:
        self.errors = tuple(sorted(errors, key=lambda error: (error.path, error.line, error.column, error.message)))
        super().__init__(self.errors)

    def __str__(self) -> str:
        return "\n".join(str(error) for error in self.errors)


def schema_problems(value: Any, validator: Any, schema: Any) -> Iterator[tuple[Pointer, bool, str]]:
    """Where a value breaks a schema: the place, whether the key there is meant, and a sentence.

    The schema's own descriptions say what is expected; the validator's words are for its authors.
    """
    for error in validator.iter_errors(value):
        at = tuple(error.instance_path)
        broken = _at(schema, error.schema_path[:-1])
        facts = error.kind.as_dict()
        word = str(error.schema_path[-1])
        name = _name(at)
        if word == "additionalProperties":
            known = broken.get("properties", {})
            for key in facts.get("unexpected", ()):
                hint = did_you_mean(key, known) or f"; {name} has {listed(known)}"
                yield (*at, key), True, f"{name} has no field `{key}`{hint}"
        elif word == "required":
            meaning = _first(broken.get("properties", {}).get(facts["property"], {}))
            yield at, False, f"{name} lacks `{facts['property']}`{meaning and ': ' + meaning}"
        elif word == "enum":
            options = [str(option) for option in facts["options"]]
            hint = did_you_mean(str(error.instance), options)
            yield at, False, f"{name} cannot be `{_cut(error.instance)}`; it is one of {listed(options)}{hint}"
        elif "propertyNames" in error.schema_path:
            yield at, False, f"a name in {name} does not have the form `{broken.get('pattern', '')}`"
        elif word == "type":
            types = [str(type_) for type_ in facts["types"]]
            yield at, False, f"{name} must be of type {listed(types)}; {_first(broken) or 'mend the value'}"
        else:
            meaning = _first(broken)
            yield at, False, f"{name} does not fit{meaning and ': ' + meaning}"


def _at(schema: Any, path: Iterable[str | int]) -> Any:
    for part in path:
        schema = schema[int(part)] if isinstance(schema, list) else schema.get(part, {})
    return schema if isinstance(schema, dict) else {}


def _name(at: Pointer) -> str:
    words = [part for part in at if isinstance(part, str)]
    return f"`{'.'.join(words)}`" if words else "a rule"


def _first(schema: Any) -> str:
    return str(schema.get("description", "")) if isinstance(schema, dict) else ""


def _cut(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= 60 else text[:59] + "…"
