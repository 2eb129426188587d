"""Command lines that are read with click, typer or fire, and in the ways of `argv.py` and `argument_parsers.py`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from linter.inspect.python.argument_parsers import PARSER_NEEDLES, parsed_arguments
from linter.inspect.python.argv import ARGV_NEEDLES, Argument, compared_arguments
from linter.inspect.python.files import reach_fields
from linter.inspect.python.guards import is_main
from linter.inspect.python.scopes import MAIN_PART
from linter.model import UNKNOWN, Fact, Location
from linter.references.apis import CALLED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from linter.inspect.python.argv import Accepted
    from linter.inspect.python.names import Names
    from linter.inspect.python.place import Places
    from linter.inspect.python.scopes import Part

_CLICK, _TYPER, _FIRE = "click", "typer", "fire"
_NEEDLES = (_CLICK, _TYPER, "fire.Fire", *ARGV_NEEDLES, *PARSER_NEEDLES)
_STATEMENTS = 400
"""Statements of one body that are looked at."""


def command_lines(tree: ast.Module, names: Names, places: Places) -> Iterator[Fact]:
    """The places at which the module, run as a program, looks at its first argument."""
    if any(needle in places.code.text for needle in _NEEDLES):
        found = [
            *_CommandLines(tree, names).found(),
            *compared_arguments(tree, names, places.code.text),
            *parsed_arguments(tree, names),
        ]
        for each in found:
            fields = {"language": "python", "form": each.form, "accepted": each.accepted}
            fields |= {"given": UNKNOWN, "rejected": UNKNOWN, "started_as": None}
            location = Location(places.path, places.span(each.node))
            yield Fact("program.argument", location, {**fields, **reach_fields(each.part, "none")})


class _CommandLines:
    def __init__(self, tree: ast.Module, names: Names) -> None:
        self.names = names
        self.functions = {each.name: each for each in tree.body if isinstance(each, ast.FunctionDef)}
        module = names.outline.module.part
        main = names.outline.parts.get(MAIN_PART, module)
        self.bodies = [(tree.body, module)]
        self.bodies += [(each.body, main) for each in tree.body if isinstance(each, ast.If) and is_main(each.test)]

    def found(self) -> Iterator[Argument]:
        for body, part in self.bodies:
            for node in body[:_STATEMENTS]:
                if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
                    yield from self._called(node.value, part)

    def _path(self, node: ast.expr) -> str | None:
        return next((each.path for each in self.names.of(node, self.names.outline.module) if each.kind == "path"), None)

    # --- click and typer

    def _called(self, call: ast.Call, part: Part) -> Iterator[Argument]:
        """The command that a call without arguments runs."""
        if self._path(call.func) == "typer.run" and len(call.args) == 1 and isinstance(call.args[0], ast.Name):
            function = self.functions.get(call.args[0].id)
            if function is not None:
                yield Argument(_TYPER, None if _has_positional(function) else [], call, part)
            return
        if self._path(call.func) == "fire.Fire":
            yield Argument(_FIRE, self._of_fire(call), call, part)
            return
        if call.args or call.keywords or not isinstance(call.func, ast.Name):
            return
        function = self.functions.get(call.func.id)
        if function is not None:
            decorators = [
                self._path(each.func if isinstance(each, ast.Call) else each) for each in function.decorator_list
            ]
            if decorators and decorators[0] in ("click.command", "click.group"):
                yield Argument(_CLICK, self._of_click(function, decorators), call, part)
        elif self._path(call.func) == f"typer.Typer{CALLED}":
            yield Argument(_TYPER, self._of_typer(call.func.id), call, part)

    def _of_fire(self, call: ast.Call) -> Accepted:
        """The words that `fire.Fire(…)` takes first: a mapping has keys, a class methods, a function may take any."""
        given = call.args[0] if len(call.args) == 1 and not call.keywords else None
        if isinstance(given, ast.Dict):
            keys = [each.value if isinstance(each, ast.Constant) else None for each in given.keys]
            words = [each for each in keys if isinstance(each, str)]
            return words if len(words) == len(keys) else UNKNOWN
        if not isinstance(given, ast.Name):
            return UNKNOWN
        function = self.functions.get(given.id)
        if function is not None:
            arguments = function.args
            takes = arguments.args or arguments.posonlyargs or arguments.vararg or arguments.kwonlyargs
            return None if takes else []
        found = self.names.outline.scopes.get(given.id)
        if found is None or not isinstance(found.node, ast.ClassDef) or found.node.bases or found.node.decorator_list:
            return UNKNOWN
        methods = [each.name for each in found.node.body if isinstance(each, ast.FunctionDef)]
        return UNKNOWN if "__init__" in methods else [each for each in methods if not each.startswith("_")]

    def _of_click(self, function: ast.FunctionDef, decorators: Sequence[str | None]) -> Accepted:
        first = function.decorator_list[0]
        told = {each.arg for each in first.keywords} if isinstance(first, ast.Call) else set()
        known = {
            "click.command",
            "click.group",
            "click.option",
            "click.argument",
            "click.version_option",
            "click.help_option",
        }
        if not known.issuperset(decorators) or told & {None, "cls", "context_settings", "add_help_option"}:
            return UNKNOWN
        if "click.argument" in decorators:
            return None
        return [] if decorators[0] == "click.command" else self._commands_of(function.name)

    def _of_typer(self, name: str) -> Accepted:
        found = self._commands_of(name)
        if isinstance(found, list) and len(found) == 1:
            only = next(each for each in self.functions.values() if _decorates(each, name))
            return None if _has_positional(only) else []
        return found or UNKNOWN

    def _commands_of(self, owner: str) -> Accepted:
        """Names of the commands that decorators hang on a group; unknown when anything else is done with it."""
        found = []
        uses = sum(
            1 for body, _ in self.bodies[:1] for node in body for each in ast.walk(node) if _is_name(each, owner)
        )
        calls = sum(1 for body, _ in self.bodies[:1] for node in body for each in ast.walk(node) if _calls(each, owner))
        for function in self.functions.values():
            decorator = _decorates(function, owner)
            if decorator is None:
                continue
            given = [*decorator.args[:1], *(each.value for each in decorator.keywords if each.arg == "name")]
            if any(not isinstance(each, ast.Constant) or not isinstance(each.value, str) for each in given):
                return UNKNOWN
            found.append(given[0].value if given else function.name.replace("_", "-"))  # type: ignore[attr-defined]
        stored = int(owner not in self.functions)  # the assignment that makes the object
        return found if uses - calls - stored == len(found) else UNKNOWN


def _has_positional(function: ast.FunctionDef) -> bool:
    """Whether a function that typer runs takes an argument that is no option."""
    given = function.args
    required = len(given.posonlyargs) + len(given.args) - len(given.defaults)
    text = ast.dump(given)
    return required > 0 or given.vararg is not None or "Argument" in text or "Context" in text


def _decorates(function: ast.FunctionDef, owner: str) -> ast.Call | None:
    """The decorator that makes a function a command of a group."""
    for each in function.decorator_list:
        func = each.func if isinstance(each, ast.Call) else None
        if isinstance(func, ast.Attribute) and func.attr == "command" and _is_name(func.value, owner):
            return each  # type: ignore[return-value]
    return None


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _calls(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and not node.args and not node.keywords and _is_name(node.func, name)
