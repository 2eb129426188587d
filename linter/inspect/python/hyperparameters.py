"""What code reads from the file with a job's hyperparameters, where every value is a text: `hyperparameter.read`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.inspect.python.files import FileCalls, reach_fields
from linter.inspect.python.guards import is_main
from linter.inspect.python.handed import ALL, NOTHING, ONE, Parameter, What, handed_fact, handed_facts
from linter.inspect.python.request_uses import argument_of
from linter.inspect.python.scopes import INNER, MAIN_PART, MODULE, effective, nodes_of
from linter.model import UNKNOWN, Fact, Location
from linter.references.apis import CALLED
from linter.references.destination import alternatives

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from linter.inspect.python.place import Places
    from linter.inspect.python.scopes import Binding, Called, Part, Scope
    from linter.inspect.python.values import Values
    from linter.knowledge import Knowledge


class Given(NamedTuple):
    """What other files give: to the parameters of functions, and by functions that give the mapping back."""

    taken: Mapping[Parameter, What]
    returns: Callable[[str], bool]


NONE_GIVEN = Given(NOTHING, lambda path: False)
NUMBER, TRUTH = "number", "truth"
_DEPTH = 8
_CALLERS = 20
"""Calls of one function that are looked at."""
_ARITHMETIC = ast.Sub | ast.Mult | ast.Div | ast.FloorDiv | ast.Pow | ast.Mod
_ORDERING = ast.Lt | ast.LtE | ast.Gt | ast.GtE


class _Words:
    """What the knowledge says of that file."""

    def __init__(self, knowledge: Knowledge) -> None:
        table: Mapping[str, Any] = knowledge.get("program_behaviour.hyperparameters")
        self.files = tuple(table["files"])
        self.number_calls = frozenset(table["number_calls"])
        self.reading_calls = frozenset(table["reading_calls"])


def hyperparameter_reads(
    tree: ast.Module,
    files: FileCalls,
    values: Values,
    places: Places,
    knowledge: Knowledge,
    given: Given = NONE_GIVEN,
) -> Iterator[Fact]:
    """A fact for each member that is read of the mapping in the file, and for what goes to functions of other files."""
    words: _Words = knowledge.index("inspect.python.hyperparameters", _Words)
    yield from _Reads(files, values, words, Use(values, knowledge), given).facts(tree, places)


class Use:
    """What an expression that is a text is used as."""

    def __init__(self, values: Values, knowledge: Knowledge) -> None:
        words: _Words = knowledge.index("inspect.python.hyperparameters", _Words)
        self.values, self.names, self.number_calls = values, values.names, words.number_calls

    def of(self, node: ast.AST, above: ast.AST | None, scope: Scope) -> str:
        """Whether the text is used as a number, or for its truth; `unknown` for anything else."""
        if isinstance(above, ast.Call) and node in above.args:
            func = above.func
            name = func.id if isinstance(func, ast.Name) and self.names.bindings(func.id, scope)[0] is None else None
            if name == "bool":
                return TRUTH
            paths = {name} | {each.path.replace(CALLED, "") for each in self.names.of(func, scope)}
            return NUMBER if paths & self.number_calls else UNKNOWN
        if isinstance(above, ast.BinOp):
            other = above.right if above.left is node else above.left
            # `"%s" % value` and `"=" * value` make texts; a sum with a text does so too.
            if isinstance(above.op, ast.Mod) and above.right is node:
                return UNKNOWN
            number = _is_number(self.values.of(other, scope))
            return NUMBER if number and isinstance(above.op, _ARITHMETIC | ast.Add) else UNKNOWN
        if isinstance(above, ast.Compare) and len(above.ops) == 1:
            other = above.comparators[0] if above.left is node else above.left
            compares = isinstance(above.ops[0], _ORDERING | ast.Eq | ast.NotEq)
            return NUMBER if compares and _is_number(self.values.of(other, scope)) else UNKNOWN
        if isinstance(above, ast.If | ast.IfExp | ast.While) and above.test is node and not isinstance(node, ast.Name):
            return TRUTH
        return UNKNOWN


class _Reads:
    def __init__(self, files: FileCalls, values: Values, words: _Words, use: Use, given: Given) -> None:
        self.files, self.values, self.names, self.words = files, values, values.names, words
        self.use, self.given = use, given
        self.changed: frozenset[str] = frozenset()
        self._known: dict[tuple[int, int], bool] = {}

    def facts(self, tree: ast.Module, places: Places) -> Iterator[Fact]:
        """All of them, in the order of their places."""
        self.changed = _changed(tree)
        for node, scope, part, above in parents_of(tree, self.values):
            read = self._read(node, scope) or self._held(node, scope)
            if read is None:
                continue
            name, has_default = read
            use = self.use.of(node, above, scope)
            if isinstance(node, ast.Name) and use == UNKNOWN:
                continue
            fields = {"name": name, "use": use, "has_default": has_default, "declared": UNKNOWN}
            location = Location(places.path, places.span(node))
            yield Fact("hyperparameter.read", location, fields | reach_fields(part, "none"))
        yield from handed_facts(self.names, places, self._what, frozenset())
        yield from self._given_back(places)

    def _what(self, node: ast.expr, scope: Scope) -> What | None:
        if self._is_mapping(node, scope):
            return What(ALL)
        read = self._read(node, scope) or self._held(node, scope)
        return What(ONE, read[0]) if read is not None else None

    def _given_back(self, places: Places) -> Iterator[Fact]:
        """Facts of functions that give the mapping to whoever calls them."""
        for name, scope in self.names.outline.scopes.items():
            returned = scope.returns
            if returned and "." not in name and all(self._is_mapping(each, scope) for each in returned):
                yield handed_fact(What(ALL), name, None, Location(places.path, places.span(returned[0])))

    def _read(self, node: ast.AST, scope: Scope) -> tuple[str, bool] | None:
        """The name of what is read, and whether the code does without; None of anything else."""
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load) and isinstance(node.slice, ast.Constant):
            key = node.slice.value
            return (key, False) if isinstance(key, str) and self._is_mapping(node.value, scope) else None
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "get"
            and node.args
        ):
            first = node.args[0]
            key = first.value if isinstance(first, ast.Constant) else None
            return (key, True) if isinstance(key, str) and self._is_mapping(node.func.value, scope) else None
        return None

    def _held(self, node: ast.AST, scope: Scope, depth: int = 0) -> tuple[str, bool] | None:
        """The same of a name that was given such a value and nothing else."""
        if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load):
            return None
        owner, bindings = self.names.bindings(node.id, scope)
        held = effective(bindings, node.lineno, owner is scope) if owner is not None else ()
        if owner is not None and held and all(each.kind == "parameter" for each in held):
            return self._handed_value(node.id, owner, depth)
        if owner is None or len(held) != 1 or held[0].kind != "value" or held[0].path or held[0].node is None:
            return None
        return self._read(held[0].node, held[0].owner or owner)

    def _handed_value(self, name: str, owner: Scope, depth: int) -> tuple[str, bool] | None:
        """The same of a parameter that all calls of a function, in the file or in others, give such a value."""
        taken = self.given.taken.get((owner.name, name))
        calls = self._calls_of(owner) if depth < _DEPTH else []
        given = [(argument_of(each.node, name, owner), each.scope) for each in calls]
        found = [self._read(node, at) or self._held(node, at, depth + 1) if node else None for node, at in given]
        if taken is not None and taken.what == ONE and taken.name is not None:
            found.append((taken.name, False))
        first = found[0] if found else None
        same = first is not None and all(each is not None and each[0] == first[0] for each in found)
        return first if same else None

    def _is_mapping(self, node: ast.expr, scope: Scope, depth: int = 0) -> bool:
        """Whether an expression is what `json.load` gave of the file, as it stands there."""
        if depth > _DEPTH:
            return False
        key = (id(node), id(scope))
        if key not in self._known:
            self._known[key] = False  # while it is looked for: a name may be made of itself
            self._known[key] = self._gives_mapping(node, scope, depth)
        return self._known[key]

    def _gives_mapping(self, node: ast.expr, scope: Scope, depth: int) -> bool:
        if isinstance(node, ast.Name) and node.id not in self.changed:
            owner, bindings = self.names.bindings(node.id, scope)
            held = effective(bindings, node.lineno, owner is scope) if owner is not None else ()
            if owner is not None and held and all(each.kind == "parameter" for each in held):
                return self._is_handed(node.id, owner, depth)
            return owner is not None and self._all_are(held, owner, depth)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr not in self.changed:
            owner = scope.of_class
            if owner is None or scope.this != node.value.id:
                return False
            return self._all_are(owner.attributes.get(node.attr, ()), owner, depth)
        if not isinstance(node, ast.Call):
            return False
        for meaning in self.names.of(node.func, scope):
            if meaning.kind == "function" and meaning.scope is not None:
                returned = meaning.scope.returns
                return bool(returned) and all(self._is_mapping(each, meaning.scope, depth + 1) for each in returned)
            if meaning.kind == "path" and self.given.returns(meaning.path):
                return True
            if meaning.path in self.words.reading_calls and len(node.args) == 1 and not node.keywords:
                return self._is_file(node.args[0], scope)
        return False

    def _all_are(self, held: Sequence[Binding], owner: Scope, depth: int) -> bool:
        """Whether a name or an attribute is never given anything else than the mapping."""
        return bool(held) and all(
            each.kind == "value"
            and not each.path
            and each.node is not None
            and self._is_mapping(each.node, each.owner or owner, depth + 1)
            for each in held
        )

    def _is_handed(self, name: str, owner: Scope, depth: int) -> bool:
        """Whether all calls of a function in the file, and at least one, give it the mapping as this parameter."""
        taken = self.given.taken.get((owner.name, name))
        given = [(argument_of(each.node, name, owner), each.scope) for each in self._calls_of(owner)]
        handed = bool(given) or (taken is not None and taken.what == ALL)
        return handed and all(node is not None and self._is_mapping(node, at, depth + 1) for node, at in given)

    def _calls_of(self, owner: Scope) -> list[Called]:
        """The calls of a function in the file."""
        calls = self.names.outline.calls_named({owner.name.rpartition(".")[2]})[:_CALLERS]
        return [each for each in calls if any(is_.scope is owner for is_ in self.names.of(each.node.func, each.scope))]

    def _is_file(self, node: ast.expr, scope: Scope) -> bool:
        """Whether an expression is the opened file, or its text."""
        func = node.func if isinstance(node, ast.Call) and not node.args else None
        if isinstance(func, ast.Attribute) and func.attr in ("read", "read_text"):
            return self._is_file(func.value, scope)
        texts = alternatives(self.files.path_value(node, scope))
        return bool(texts) and all(isinstance(each, str) and each.endswith(self.words.files) for each in texts)


def _changed(tree: ast.Module) -> frozenset[str]:
    """Names and attributes of mappings into which code writes, as it does when it converts what they hold."""
    return frozenset(
        node.value.id if isinstance(node.value, ast.Name) else node.value.attr
        for node in nodes_of(tree)
        if (isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del))
        or (isinstance(node, ast.Attribute) and node.attr in ("update", "setdefault"))
        if isinstance(node.value, ast.Name | ast.Attribute)
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def parents_of(tree: ast.Module, values: Values) -> Iterator[tuple[ast.AST, Scope, Part, ast.AST | None]]:
    """All nodes, each with the scope and part that it stands in, and the node above it."""
    outline = values.names.outline
    scopes = {id(each.node): each for each in outline.every}
    waiting: list[tuple[ast.AST, Scope, Part, ast.AST | None]] = [(tree, outline.module, outline.module.part, None)]
    while waiting:
        node, scope, part, above = waiting.pop()
        yield node, scope, part, above
        inner = scopes.get(id(node))
        scope, part = (inner, inner.part) if inner is not None else (scope, part)
        if isinstance(node, ast.If) and scope.kind == MODULE and is_main(node.test):
            part = outline.parts.get(MAIN_PART, part)
        for name in INNER[type(node)]:
            value = getattr(node, name, None)
            below = value if isinstance(value, list) else [value]
            waiting += [(each, scope, part, node) for each in below if isinstance(each, ast.AST)]
