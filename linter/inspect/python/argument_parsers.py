"""Command lines that are read with docopt, plac or absl: which words a program takes first."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from linter.inspect.python.argv import Argument
from linter.lazy import compiled
from linter.model import UNKNOWN
from linter.references.apis import CALLED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.inspect.python.argv import Accepted
    from linter.inspect.python.names import Names
    from linter.inspect.python.scopes import Called

_DOCOPT, _PLAC, _ABSL = "docopt", "plac", "absl"
PARSER_NEEDLES = (_DOCOPT, _PLAC, _ABSL)
_CALLS = frozenset({"docopt", "call", "run"})
_USAGE = compiled(r"usage:", re.IGNORECASE)
_LONGEST = 4000
"""Characters of a usage text that are read."""
_WORD = compiled(r"[a-z0-9][a-z0-9_.-]*")
_ANY = compiled(r"<[^<>]{1,60}>(?:\.\.\.)?|[A-Z][A-Z0-9_-]*(?:\.\.\.)?")
_CHOICE = compiled(r"[\[(]\s*([a-z0-9_-]+(?:\s*\|\s*[a-z0-9_-]+)*)\s*[\])](?:\.\.\.)?")
_OPTIONAL = compiled(r"\[\s*(?:options|-[^\[\]]{0,200})\s*\]", re.IGNORECASE)


def parsed_arguments(tree: ast.Module, names: Names) -> Iterator[Argument]:
    """The calls of these libraries in a module, with the words that they take."""
    if not any(each.module.partition(".")[0] in PARSER_NEEDLES for each in names.outline.imports):
        return
    functions = {each.name: each for each in tree.body if isinstance(each, ast.FunctionDef)}
    for called in names.outline.calls_named(_CALLS):
        paths = {each.path.replace(CALLED, "") for each in names.of(called.node.func, called.scope)}
        given = called.node.args[0] if called.node.args else None
        function = functions.get(given.id) if isinstance(given, ast.Name) else None
        if called.guard.kind != "none" or any(each.arg in (None, "argv", "arglist") for each in called.node.keywords):
            continue
        if "docopt.docopt" in paths:
            text = _usage_of(called, tree, names)
            yield Argument(_DOCOPT, usage_words(text) if text is not None else UNKNOWN, called.node, called.part)
        elif "plac.call" in paths and function is not None and len(called.node.args) == 1:
            yield Argument(_PLAC, _of_plac(function), called.node, called.part)
        elif "absl.app.run" in paths and function is not None and len(called.node.args) == 1:
            yield Argument(_ABSL, _of_absl(function), called.node, called.part)


# --- docopt


def _usage_of(called: Called, tree: ast.Module, names: Names) -> str | None:
    """The text that docopt is given: the module's own, or a literal."""
    node = called.node.args[0] if called.node.args else None
    node = node or next((each.value for each in called.node.keywords if each.arg in ("doc", "docstring")), None)
    if len(called.node.args) > 1:
        return None
    if isinstance(node, ast.Name) and node.id == "__doc__":
        return ast.get_docstring(tree, clean=False)
    if isinstance(node, ast.Name):
        bindings = names.bindings(node.id, called.scope)[1]
        node = bindings[0].node if len(bindings) == 1 and not bindings[0].path else None
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def usage_words(text: str) -> Accepted:
    """The words that the patterns of a usage text begin with; None when one takes any, `unknown` of other grammar."""
    start = _USAGE.search(text[:_LONGEST])
    if start is None:
        return UNKNOWN
    section = text[start.end() : start.end() + _LONGEST].split("\n\n")[0]
    lines = [line.split() for line in section.splitlines() if line.strip()]
    program = lines[0][0] if lines else ""
    words: list[str] = []
    for line in lines:
        if line[0] != program:
            return UNKNOWN  # a pattern that goes on in the next line
        first = _first_of(" ".join(line[1:]))
        if first is None or first == UNKNOWN:
            return first
        words += first
    return words


def _first_of(pattern: str) -> Accepted:
    """The words that one pattern begins with, its options left out."""
    rest = _OPTIONAL.sub(" ", pattern).strip()
    while rest.startswith("-"):
        option, _, rest = rest.partition(" ")
        rest = rest.strip()
        if "=" not in option and not option.startswith("--") and _ANY.match(rest):
            return UNKNOWN  # the next word may be the option's value
        if option.startswith("--") and "=" not in option and _ANY.match(rest):
            return UNKNOWN
    if not rest:
        return []
    choice = _CHOICE.match(rest)
    if choice is not None:
        return [each.strip() for each in choice[1].split("|")] if rest[0] == "(" else UNKNOWN
    token = rest.split(" ", 1)[0]
    if _ANY.fullmatch(token.strip("[]().")) or _ANY.fullmatch(token):
        return None
    return [token] if _WORD.fullmatch(token) else UNKNOWN


# --- plac and absl


def _of_plac(function: ast.FunctionDef) -> Accepted:
    """plac makes a positional argument of each parameter without an annotation."""
    given = function.args
    if function.decorator_list:
        return UNKNOWN
    if given.vararg is not None:
        return None
    parameters = [*given.posonlyargs, *given.args]
    if any(each.annotation is None for each in parameters):
        return None
    return UNKNOWN if parameters else []


def _of_absl(function: ast.FunctionDef) -> Accepted:
    """absl hands what is no flag to the function, which often refuses it: `if len(argv) > 1: raise app.UsageError`."""
    parameters = [each.arg for each in function.args.args]
    for node in function.body:
        raises = isinstance(node, ast.If) and len(node.body) == 1 and isinstance(node.body[0], ast.Raise)
        if not isinstance(node, ast.If) or not raises or not isinstance(node.test, ast.Compare):
            continue
        test = node.test
        counts = isinstance(test.left, ast.Call) and isinstance(test.left.func, ast.Name) and test.left.func.id == "len"
        counted = test.left.args[0] if isinstance(test.left, ast.Call) and test.left.args else None
        limit = test.comparators[0]
        is_own = isinstance(counted, ast.Name) and parameters[:1] == [counted.id]
        more = isinstance(test.ops[0], ast.Gt) and isinstance(limit, ast.Constant) and limit.value == 1
        if counts and is_own and more:
            return []
    return None
