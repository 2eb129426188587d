"""A module's outline as plain JSON, for `assemble`: what its parts mention, its constants, what functions are given."""

from __future__ import annotations

import ast
import builtins
import sys
from itertools import islice
from typing import TYPE_CHECKING, Any

from linter.inspect.python.forms import UNKNOWN_VALUE, any_of, is_later, small
from linter.inspect.python.names import MEANINGS_LIMIT
from linter.inspect.python.scopes import CLASS, FUNCTION, dotted
from linter.references.apis import CALLED
from linter.references.destination import SPREAD

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from linter.inspect.python.names import Names
    from linter.inspect.python.scopes import Called, Outline, Scope
    from linter.inspect.python.values import Values

REFERENCES_LIMIT = 3000
INVOCATIONS_LIMIT = 3000
INVOCATIONS_SIZE = 1_000_000
"""Characters of all recorded arguments of a module, beyond the first few hundred calls."""
ARGUMENTS_LIMIT = 50
"""Arguments of one call that are noted, by position and by name each: training code has functions with dozens."""
CONSTANTS_LIMIT = 3000
_BUILTIN_METHODS = frozenset(name for each in (str, list, dict, set, type) for name in dir(each))
"""Names of methods that are hardly the product's, since texts, lists, dictionaries, sets or classes have them."""
_MAKING = "__init__"
_KEEPING = frozenset({"append", "add", "insert", "setdefault", "update"})
_SIZE_LIMIT = 4000
"""Characters of one constant's JSON that are kept; larger ones are data, not settings."""


def parts_of(outline: Outline) -> list[dict[str, Any]]:
    """The parts of a module, with what each mentions."""
    keeping = frozenset(_keeping(outline))
    return [
        {
            "name": part.name,
            "kind": part.kind,
            "line": part.line,
            "references": list(part.references)[:REFERENCES_LIMIT],
            "attributes": list(part.attributes)[:REFERENCES_LIMIT],
            "decorators": part.decorators,
            "bases": part.bases,
            "parameters": part.parameters,
            "keeps": part.name in keeping,
        }
        for part in outline.parts.values()
    ]


def _keeping(outline: Outline) -> Iterator[str]:
    """The functions that put a parameter of theirs into a table or a list, as registering decorators do."""
    for scope in outline.scopes.values():
        body = getattr(scope.node, "body", ()) if scope.kind == FUNCTION and scope.parameters else ()
        if any(_keeps(statement, scope.parameters) for statement in body if isinstance(statement, ast.stmt)):
            yield scope.name


def _keeps(statement: ast.stmt, parameters: Sequence[str]) -> bool:
    """`TABLE[key] = given`, `table.append(given)`, `table.setdefault(key, given)`, also below conditions."""
    if isinstance(statement, ast.Assign):
        kept = isinstance(statement.value, ast.Name) and statement.value.id in parameters
        return kept and any(isinstance(target, ast.Subscript) for target in statement.targets)
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        call = statement.value
        named = isinstance(call.func, ast.Attribute) and call.func.attr in _KEEPING
        return named and any(isinstance(each, ast.Name) and each.id in parameters for each in call.args)
    inner = (
        (*getattr(statement, "body", ()), *getattr(statement, "orelse", ())) if isinstance(statement, ast.If) else ()
    )
    return any(_keeps(each, parameters) for each in inner)


def constants_of(outline: Outline, values: Values) -> dict[str, Any]:
    """Values of the module's names, of the attributes of its classes, and of what its functions return."""
    found: dict[str, Any] = {}
    for name, bindings in outline.module.bindings.items():
        if any(each.kind == "value" for each in bindings):
            _keep(found, name, values.of_name(name, outline.module))
    for scope in outline.scopes.values():
        if scope.kind == CLASS:
            for name in {**scope.bindings, **scope.attributes}:
                bindings = [*scope.bindings.get(name, ()), *scope.attributes.get(name, ())]
                if all(each.kind == "scope" for each in bindings):
                    continue
                _keep(found, f"{scope.name}.{name}", values.of_member(scope, name))
        elif scope.kind == FUNCTION and len(scope.returns) in (1, 2):
            _keep(found, f"{scope.name}{CALLED}", values.returned(scope))
    return found


def _keep(found: dict[str, Any], name: str, value: Any) -> None:
    known = value != {} and value is not None and value != []
    if known and len(found) < CONSTANTS_LIMIT and _is_small(value):
        found[name] = value


def _is_small(value: Any) -> bool:
    if type(value) is str and len(value) < _SIZE_LIMIT // 12:  # however many of its characters are escaped
        return True
    return len(repr(value)) < _SIZE_LIMIT


def objects_of(outline: Outline, names: Names) -> dict[str, str]:
    """Names of the module, its classes and its functions' results that stand for something of a library."""
    found: dict[str, str] = {}
    roots = names.table.roots
    if not any(each.level == 0 and each.module.partition(".")[0] in roots for each in outline.imports):
        return found
    for name, bindings in outline.module.bindings.items():
        for binding in bindings:
            if binding.kind != "scope":
                _object(found, name, names.bound(binding, outline.module), roots)
    for scope in outline.scopes.values():
        if scope.kind == CLASS:
            for attribute in scope.attributes:
                _object(found, f"{scope.name}.{attribute}", names.member(scope, attribute), roots)
            if isinstance(scope.node, ast.ClassDef) and scope.parent is not None:
                for base in scope.node.bases:
                    _object(found, scope.name, names.of(base, scope.parent), roots)
        elif scope.kind == FUNCTION:
            for value in scope.returns:
                _object(found, f"{scope.name}{CALLED}", names.of(value, scope), roots)
    return found


def _object(found: dict[str, str], name: str, meanings: Any, roots: frozenset[str]) -> None:
    for meaning in meanings:
        if meaning.kind == "path" and meaning.path.partition(".")[0].removesuffix(CALLED) in roots:
            found.setdefault(name, meaning.path)


def invocations_of(outline: Outline, values: Values) -> list[dict[str, Any]]:
    """Calls of what may be a function of the product, with the arguments that are known."""
    from linter.inspect.python.conditions import without_options

    plain = without_options(values)
    found: list[dict[str, Any]] = []
    left = INVOCATIONS_SIZE
    for called in _with_handed_on(outline, values):
        callee = _callee(called.node, called.scope, values)
        if callee is None or len(found) >= INVOCATIONS_LIMIT or left < 0:
            continue
        scope, node = called.scope, called.node
        arguments = [_given(each, scope, values, plain) for each in _plain(node.args)]
        named = [(each.arg, each.value) for each in node.keywords if each.arg][:ARGUMENTS_LIMIT]
        keywords = {name: _given(value, scope, values, plain) for name, value in named}
        if any(isinstance(each, ast.Starred) for each in node.args):
            arguments += [{}] * (ARGUMENTS_LIMIT - len(arguments))
        spread = [_given(each.value, scope, values, plain) for each in node.keywords if not each.arg]
        keywords |= _spread(spread, keywords)
        # Of a function by its name all calls count: what one does not give, or gives unknown, matters as well.
        if not callee.startswith(".") or any(_tells(value) for value in (*arguments, *keywords.values())):
            left -= len(repr(arguments)) + len(repr(keywords)) if len(found) > INVOCATIONS_LIMIT // 10 else 0
            found.append(
                {
                    "part": called.part.name,
                    "callee": callee,
                    "line": node.lineno,
                    "arguments": arguments,
                    "keywords": keywords,
                }
            )
    return found


def _with_handed_on(outline: Outline, values: Values) -> Iterator[Called]:
    """The calls, and those that something else makes with what it is handed: `Thread(target=f, args=(x,))`."""
    wrappers = {path.rpartition(".")[2]: place for path, place in values.names.wrappers.items()}
    for called in outline.calls:
        yield called
        func = called.node.func
        outer, inner = _bare(func), _bare(func.func) if isinstance(func, ast.Call) else ""
        made = [_handed_on(called.node, wrappers[outer])] if outer in wrappers else []
        if inner in wrappers and isinstance(func, ast.Call):
            made.append(_called_later(called.node, func, wrappers[inner]))
        made += [_called_as(called.node, each) for each in _picked(func, called.scope, values.names)]
        for each in made:
            if each is not None:
                values.names.keep(each)
                yield called._replace(node=each)


def _picked(func: ast.expr, scope: Scope, names: Names) -> Iterator[ast.expr]:
    """What a callee is picked from: the values of a dictionary that is written out, the class that `cls` is."""
    if isinstance(func, ast.Subscript):
        yield from islice(names.values_of(func, scope), MEANINGS_LIMIT)
    elif isinstance(func, ast.IfExp):
        yield from (func.body, func.orelse)
    elif isinstance(func, ast.Name):
        owner, bindings = names.bindings(func.id, scope)
        if owner is not None and owner.this == func.id and owner.is_classmethod and owner.parent is not None:
            yield ast.parse(owner.parent.name, mode="eval").body
        for each in bindings[:MEANINGS_LIMIT]:
            if each.kind == "value" and not each.path and isinstance(each.node, ast.Subscript | ast.IfExp):
                yield from _picked(each.node, each.owner or scope, names)


def _bare(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def _called_later(node: ast.Call, maker: ast.Call, wrapper: Mapping[str, Any]) -> ast.Call | None:
    """The call of a function that a wrapper makes another one of: `step(train, name="Train")(settings)`."""
    at = wrapper.get("at", 0)
    if len(maker.args) != at + 1 or not isinstance(maker.args[at], ast.Name | ast.Attribute):
        return None
    return _called_as(node, maker.args[at])


def _called_as(node: ast.Call, func: ast.expr) -> ast.Call:
    """A call of something else with the same arguments."""
    made = ast.Call(func=func, args=node.args, keywords=node.keywords)
    made.lineno = node.lineno
    return made


def _handed_on(node: ast.Call, wrapper: Mapping[str, Any]) -> ast.Call | None:
    """The call that a wrapper makes; None when it is handed no function by its name, or nothing for it."""
    at, kind = wrapper.get("at", 0), wrapper.get("given")
    named = {each.arg: each.value for each in node.keywords if each.arg}
    by_name = named.get(wrapper.get("keyword", ""))
    function = by_name if by_name is not None else node.args[at] if 0 <= at < len(node.args) else None
    given = node.args[at + 1 :] if by_name is None else []
    if kind == "tuple":
        passed = named.get("args", given[0] if given else None)
        given = passed.elts if isinstance(passed, ast.Tuple | ast.List) else []
    elif kind == "elements":
        given = [_first_of(each) for each in given]
    if not given or not isinstance(function, ast.Name | ast.Attribute):
        return None
    made = ast.Call(func=function, args=given, keywords=[])
    made.lineno = node.lineno
    return made


def _first_of(node: ast.expr) -> ast.expr:
    """An element of what is gone through."""
    element = ast.Subscript(value=node, slice=ast.Constant(value=0), ctx=ast.Load())
    element.lineno = node.lineno
    return element


def _given(node: ast.expr, scope: Scope, values: Values, plain: Values) -> Any:
    """The value of an argument. A program's option is no switch that is known: whoever starts it may set it.

    One that is on by itself is on where nobody does.
    """
    value = values.of(node, scope)
    if (value is None or value is True or value is False) and type(node) is not ast.Constant:
        settable = plain.of(node, scope)
        value = settable if value is not True or settable is True else any_of([settable, True])
    return small(value)


def _plain(arguments: list[ast.expr]) -> list[ast.expr]:
    """The positional arguments up to the first `*given`."""
    for number, each in enumerate(arguments[:ARGUMENTS_LIMIT]):
        if type(each) is ast.Starred:
            return arguments[:number]
    return arguments[:ARGUMENTS_LIMIT]


def _spread(spread: list[Any], keywords: Mapping[str, Any]) -> dict[str, Any]:
    """What `**given` gives: known members by their names, all others under the keyword `**`."""
    if not spread:
        return {}
    told: dict[str, Any] = {}
    for each in spread:
        told |= each.get("dict", {}) if isinstance(each, dict) else {}
    named = {name: value for name, value in list(told.items())[:ARGUMENTS_LIMIT] if name not in keywords}
    return {**named, SPREAD: spread[0] if len(spread) == 1 and is_later(spread[0]) else UNKNOWN_VALUE}


def _tells(value: Any) -> bool:
    return value != {} and value is not None and (isinstance(value, bool) or not isinstance(value, int | float))


def _has_stars(names: Names) -> bool:
    """Whether a star import may bring names of the product."""
    return any(each.name == "*" and (each.level or not names.is_library(each.module)) for each in names.outline.imports)


def _callee(node: ast.Call, scope: Scope, values: Values) -> str | None:
    """The name of a called function that may be the product's; None for builtins and for known libraries."""
    func = node.func
    is_attribute = isinstance(func, ast.Attribute)
    if is_attribute and func.attr in _BUILTIN_METHODS and func.attr != _MAKING:  # type: ignore[attr-defined]
        return None
    bare = not node.args and not node.keywords
    text = dotted(func)
    if text is None:
        return f".{func.attr}" if is_attribute and not bare else None  # type: ignore[attr-defined]
    root, _, rest = text.partition(".")
    if root in ("self", "cls"):
        if bare and rest:
            return None
        return text if rest and "." not in rest else f".{text.rpartition('.')[2]}"
    owner, bindings = values.names.bindings(root, scope)
    if owner is None:  # what a star import brings, or a builtin
        return text if not hasattr(builtins, root) and _has_stars(values.names) else None
    imported = None
    for each in bindings:
        if each.kind == "scope":
            return text
        if each.kind == "import" and imported is None:
            imported = each.target
    if imported is not None:
        first = imported.partition(".")[0]
        return None if first and (first in values.names.table.roots or first in sys.stdlib_module_names) else text
    return f".{rest.rpartition('.')[2]}" if rest and not bare else None
