"""What an expression stands for: dotted names of libraries, and functions, classes and instances of the file itself.

Names resolve through imports, assignments, attributes of `self`, context managers, factories and subclasses. A dotted
name carries `()` behind each part that is called: `boto3.Session().client`.
"""

from __future__ import annotations

import ast
import builtins
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.inspect.python.scopes import CLASS, FUNCTION, STATE, Binding, Outline, Scope, dotted, effective, is_property
from linter.references.apis import CALLED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from linter.references.apis import ApiTable

MEANINGS_LIMIT = 6
"""Things that one expression may stand for; more are not followed."""
DEPTH_LIMIT = 40
BASES_LIMIT = 100
"""Classes in which one attribute is looked for; they may inherit each other in many ways, even in a circle."""
PARTIALS_LIMIT = 3
"""Calls that may be prepared from one another; each may have several meanings, which multiply."""
CALLERS_LIMIT = 20
"""Calls of a function that are looked at for what they hand to it."""
_NAME_LIMIT = 300
STARS_LIMIT = 20
"""Star imports of one module in which a name is looked for."""


class Meaning(NamedTuple):
    """One thing that an expression may stand for.

    `kind`: `path` (a dotted name), `function`, `class`, `instance` (of a class of the file; `scope`), or `partial`
    (a call prepared by functools.partial: `bound` holds what it calls, `call` the preparing call).
    """

    kind: str
    path: str = ""
    scope: Scope | None = None
    bound: tuple[Meaning, ...] = ()
    call: ast.Call | None = None


class Names:
    """Resolves the expressions of one module."""

    def __init__(self, outline: Outline, table: ApiTable, wrappers: Mapping[str, Any]) -> None:
        self.outline = outline
        self.table = table
        self.wrappers = wrappers
        self._known: dict[tuple[int, int], tuple[Meaning, ...]] = {}
        self._plain: dict[tuple[str, Scope], tuple[Meaning, ...] | None] = {}
        self._depth = 0
        self._asked: set[tuple[str, int]] = set()  # parameters whose callers are looked at
        self._kept: list[ast.expr] = []  # parsed from quotes; what is remembered by identity must stay alive
        self.stars = [
            "." * each.level + each.module
            for each in outline.imports
            if (each.name, each.part) == ("*", "") and (each.level or not f"{each.module}.".startswith(_STANDARD))
        ][:STARS_LIMIT]

    def of(self, node: ast.expr, scope: Scope) -> tuple[Meaning, ...]:
        """All that an expression may stand for in a scope; empty when nothing is known."""
        if type(node) is ast.Name:
            name = (node.id, scope)
            if name not in self._plain:
                self._plain[name] = self._find_plain(node.id, scope)
            plain = self._plain[name]
            if plain is not None:
                return plain
        key = (id(node), id(scope))
        known = self._known.get(key)
        if known is not None:
            return known
        resolve = _RESOLVERS.get(type(node))
        if resolve is None or self._depth > DEPTH_LIMIT:
            return ()
        self._known[key] = ()  # in terms of itself it stands for nothing
        self._depth += 1
        self._known[key] = found = _distinct(resolve(self, node, scope))
        self._depth -= 1
        return found

    def keep(self, node: ast.expr) -> None:
        """Hold on to a node that was made here: what is known of nodes is kept by their identity."""
        self._kept.append(node)

    def is_library(self, path: str) -> bool:
        """Whether a dotted name belongs to a library that the table knows."""
        return path.partition(".")[0].removesuffix(CALLED) in self.table.roots

    # --- names

    def _of_name(self, node: ast.Name, scope: Scope) -> Iterable[Meaning]:
        return self.name(node.id, scope, node.lineno)

    def _find_plain(self, name: str, scope: Scope) -> tuple[Meaning, ...] | None:
        """What a name stands for all over a scope; None when that depends on the line or on other expressions."""
        owner, bindings = self.bindings(name, scope)
        is_plain = owner is None or (owner.this == name and owner.parent is not None)
        if len(bindings) == 1:
            only = bindings[0]
            is_plain = is_plain or only.kind in ("import", "scope") or (only.node is None and only.annotation is None)
        return _distinct(self.name(name, scope, 0)) if is_plain else None

    def name(self, name: str, scope: Scope, line: int) -> Iterable[Meaning]:
        """What a name stands for at a line of a scope."""
        owner, bindings = self.bindings(name, scope)
        if owner is None:
            return self._from_star(name)
        if owner.this == name and owner.parent is not None:
            return (Meaning("class" if owner.is_classmethod else "instance", scope=owner.parent),)
        held = effective(bindings, line, owner is scope)
        found = [each for binding in held for each in self.bound(binding, owner)]
        given = not found and owner.kind == FUNCTION and any(binding.kind == "parameter" for binding in held)
        return list(self._given(name, owner)) if given else found

    def _given(self, name: str, function: Scope) -> Iterable[Meaning]:
        """The clients, classes and functions of libraries that calls of the file hand to a function for a parameter."""
        key, parameters = (name, id(function)), [each for each in function.parameters if each != function.this]
        if key in self._asked or name not in parameters or function.parent is None:
            return
        self._asked.add(key)
        bare, at = function.name.rpartition(".")[2], parameters.index(name)
        makes = bare == "__init__" and function.parent.kind == CLASS
        meant = function.parent if makes else function
        for called in self.outline.calls_named({meant.name.rpartition(".")[2]})[:CALLERS_LIMIT]:
            arguments, keywords = called.node.args, called.node.keywords
            argument = next((each.value for each in keywords if each.arg == name), None)
            if argument is None and at < len(arguments):
                argument = arguments[at]
            if isinstance(argument, ast.Name | ast.Attribute | ast.Call | ast.Subscript) and any(
                each.scope is meant for each in self.of(called.node.func, called.scope)
            ):
                yield from (each for each in self.of(argument, called.scope) if self._reaches_out(each))
        self._asked.discard(key)

    def is_own(self, node: ast.expr, scope: Scope) -> bool:
        """Whether an expression is `self`, or `cls`, of the method that it stands in."""
        if not isinstance(node, ast.Name):
            return False
        owner, _ = self.bindings(node.id, scope)
        return owner is not None and owner.this == node.id

    def _reaches_out(self, meaning: Meaning) -> bool:
        """A name that the table knows, or an instance of a library's class that reaches out by its methods alone."""
        if meaning.kind != "path":
            return False
        if not meaning.path.endswith(CALLED):
            return self.table.knows(meaning.path)
        api = self.table.find(meaning.path)
        return api is not None and api.kind == "class" and api.mode == "client"

    def bindings(self, name: str, scope: Scope) -> tuple[Scope | None, Sequence[Binding]]:
        """The scope that a name belongs to and all that binds it there; (None, ()) for a name from elsewhere."""
        current: Scope | None = scope
        while current is not None:
            holder = current.elsewhere.get(name)
            if holder is not None and name in holder.bindings:
                return holder, holder.bindings[name]
            if name in current.bindings and (current.kind != CLASS or current is scope):
                return current, current.bindings[name]
            current = current.parent
        return None, ()

    def _from_star(self, name: str) -> Iterable[Meaning]:
        for module in self.stars:
            path = f"{module}{'' if module.endswith('.') else '.'}{name}"
            of_product = module.startswith(".") or not (self.is_library(module) or hasattr(builtins, name))
            if of_product or self.table.knows(path):
                yield Meaning("path", path)
        if name in _BUILTINS:
            yield Meaning("path", name)

    def bound(self, binding: Binding, owner: Scope) -> Iterable[Meaning]:
        """What a binding gives."""
        scope = binding.owner or owner
        if binding.kind == "import":
            return (Meaning("path", binding.target),)
        if binding.kind == "scope" and binding.scope is not None:
            return (Meaning("class" if binding.scope.kind == CLASS else "function", scope=binding.scope),)
        found: list[Meaning] = []
        if binding.annotation is not None:
            found += self._annotated(binding.annotation, scope)
        if binding.node is None or binding.kind == "opaque":
            return found
        if binding.path:
            return (*found, *self._unpacked(binding, scope))
        if binding.kind == "item":
            return (*found, *self._items(binding.node, scope))
        return (*self.of(binding.node, scope), *found)

    def _unpacked(self, binding: Binding, scope: Scope) -> Iterable[Meaning]:
        found = list(self._part_of(binding.node, binding.path, scope)) if binding.node is not None else []
        if isinstance(binding.node, ast.Call) and binding.path == (0,):  # args, rest = parser.parse_known_args()
            found += [each for each in self.of(binding.node, scope) if each.path.endswith(f".parse_known_args{CALLED}")]
        return found

    def _part_of(self, node: ast.expr, path: Sequence[int], scope: Scope) -> Iterable[Meaning]:
        """What stands at a place of a tuple that is written out, in a dictionary too, or that a function gives."""
        if not path:
            yield from self.of(node, scope)
        elif isinstance(node, ast.Tuple | ast.List):
            yield from self._part_of(node.elts[path[0]], path[1:], scope) if path[0] < len(node.elts) else ()
        elif isinstance(node, ast.Subscript):
            for value in self.values_of(node, scope):
                if isinstance(value, ast.Tuple | ast.List):
                    yield from self._part_of(value, path, scope)
        elif isinstance(node, ast.Call):
            for callee in self.of(node.func, scope):
                if callee.kind == "function" and callee.scope is not None:
                    for value in callee.scope.returns[-MEANINGS_LIMIT:]:
                        if isinstance(value, ast.Tuple | ast.List):
                            yield from self._part_of(value, path, callee.scope)

    def _items(self, node: ast.expr, scope: Scope) -> Iterable[Meaning]:
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            return [each for item in node.elts[:MEANINGS_LIMIT] for each in self.of(item, scope)]
        return ()

    def _annotated(self, annotation: ast.expr, scope: Scope) -> list[Meaning]:
        """An instance of the class that an annotation names, also in quotes, `Optional[…]` or `… | None`."""
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            try:
                annotation = ast.parse(annotation.value[:_NAME_LIMIT], mode="eval").body
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return []
            self._kept.append(annotation)
            for node in ast.walk(annotation):
                if isinstance(node, ast.expr):
                    node.lineno = getattr(scope.node, "lineno", 1)
        if isinstance(annotation, ast.BinOp):
            return [*self._annotated(annotation.left, scope), *self._annotated(annotation.right, scope)]
        if isinstance(annotation, ast.Subscript):
            name = dotted(annotation.value) or ""
            wraps = name.rpartition(".")[2] in ("Optional", "Union", "Annotated", "ClassVar", "Final")
            inner = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else [annotation.slice]
            return [each for item in inner for each in self._annotated(item, scope)] if wraps else []
        found = []
        for meaning in self.of(annotation, scope):
            if meaning.kind == "class":
                found.append(Meaning("instance", scope=meaning.scope))
            elif meaning.kind == "path":
                api = self.table.find(meaning.path)
                if api is not None and api.kind == "class":
                    found.append(Meaning("path", meaning.path + CALLED))
        return found

    # --- attributes

    def _of_attribute(self, node: ast.Attribute, scope: Scope) -> Iterable[Meaning]:
        kept = self.kept_in_state(node)
        if kept:
            return [each for binding in kept for each in self.bound(binding, binding.owner or scope)]
        return self._attribute_of(self.of(node.value, scope), node.attr)

    def kept_in_state(self, node: ast.Attribute) -> Sequence[Binding]:
        """What the file puts into an application's state under a name: `app.state.client = …`."""
        state = node.value
        return self.outline.state.get(node.attr, ()) if isinstance(state, ast.Attribute) and state.attr == STATE else ()

    def _attribute_of(self, meanings: Sequence[Meaning], attribute: str) -> Iterable[Meaning]:
        if not meanings:
            return ()
        first = meanings[0]
        if len(meanings) == 1 and first.kind == "path":  # as most are
            join = "" if first.path.endswith(".") else "."
            return (Meaning("path", f"{first.path}{join}{attribute}"),) if len(first.path) < _NAME_LIMIT else ()
        return self._attributes_of(meanings, attribute)

    def _attributes_of(self, meanings: Sequence[Meaning], attribute: str) -> Iterable[Meaning]:
        for meaning in meanings:
            if meaning.kind == "path":
                if len(meaning.path) < _NAME_LIMIT:
                    join = "" if meaning.path.endswith(".") else "."
                    yield Meaning("path", f"{meaning.path}{join}{attribute}")
            elif meaning.kind in ("instance", "class") and meaning.scope is not None:
                yield from self.member(meaning.scope, attribute, instance=meaning.kind == "instance")

    def member(self, owner: Scope, attribute: str, *, instance: bool = True) -> Iterable[Meaning]:
        """What an attribute of a class of the file, or of its instances, stands for."""
        waiting, seen = [Meaning("class", scope=owner)], {id(owner)}
        while waiting:
            current = waiting.pop()
            if current.kind == "path":
                yield Meaning("path", f"{current.path}{CALLED if instance else ''}.{attribute}")
            elif current.scope is not None:
                scope = current.scope
                bindings = [*scope.bindings.get(attribute, ()), *scope.attributes.get(attribute, ())]
                for binding in bindings:
                    yield from self._read(binding) if is_property(binding) else self.bound(binding, scope)
                if not bindings and len(seen) <= BASES_LIMIT:
                    bases = [base for base in self.bases(scope) if base.kind in ("class", "path")]
                    waiting += [base for base in reversed(bases) if id(base.scope) not in seen or base.kind == "path"]
                    seen.update(id(base.scope) for base in bases if base.kind == "class")

    def _read(self, binding: Binding) -> Iterable[Meaning]:
        """What a property gives."""
        scope = binding.scope
        return [each for value in scope.returns for each in self.of(value, scope)] if scope is not None else ()

    def bases(self, owner: Scope) -> Iterable[Meaning]:
        """What the bases of a class of the file stand for."""
        if isinstance(owner.node, ast.ClassDef) and owner.parent is not None:
            for base in owner.node.bases:
                yield from self.of(base, owner.parent)

    # --- calls

    def _result(self, node: ast.Call, scope: Scope) -> Iterable[Meaning]:
        """What a call gives back."""
        if isinstance(node.func, ast.Name) and node.func.id == "super":
            owner = scope.of_class
            return [_instance(base) for base in self.bases(owner)] if owner is not None else ()
        found: list[Meaning] = []
        for callee in self.of(node.func, scope):
            found += self.given_back(callee, node, scope)
        return found

    def given_back(self, callee: Meaning, node: ast.Call, scope: Scope) -> Iterable[Meaning]:
        """What calling one thing gives back."""
        if callee.kind == "class":
            return (Meaning("instance", scope=callee.scope),)
        if callee.kind == "function" and callee.scope is not None:
            return [each for value in callee.scope.returns[-MEANINGS_LIMIT:] for each in self.of(value, callee.scope)]
        if callee.kind == "partial":
            return [each for bound in callee.bound for each in self.given_back(bound, node, scope)]
        if callee.kind != "path":
            return ()
        special = self._special(callee.path, node, scope)
        return special if special is not None else (Meaning("path", callee.path + CALLED),)

    def _special(self, path: str, node: ast.Call, scope: Scope) -> Iterable[Meaning] | None:
        """Calls whose result follows from their arguments; None for all others."""
        if path in ("importlib.import_module", "__import__"):
            name = _text(node.args[0]) if node.args else None
            if name is None:
                return ()
            return (Meaning("path", name if path != "__import__" else name.partition(".")[0]),)
        if path == "getattr" and len(node.args) > 1:
            return self._named(self.of(node.args[0], scope), node.args[1])
        if path in ("functools.partial", "partial") and node.args:
            bound = tuple(each for each in self.of(node.args[0], scope) if _partials(each) < PARTIALS_LIMIT)
            return (Meaning("partial", bound=bound, call=node),) if bound else ()
        wrapper = self.wrappers.get(path.replace(CALLED, ""))
        if wrapper is not None and wrapper.get("at", 0) == 0 and node.args:
            given = self.of(node.args[0], scope)
            if wrapper.get("calls"):
                return [each for callee in given for each in self.given_back(callee, node, scope)]
            return given
        return None

    def _named(self, holders: Sequence[Meaning], node: ast.expr) -> Iterable[Meaning]:
        """The attribute of a name; of a name that is not literal, any attribute of a library."""
        name = _text(node)
        if name is not None:
            return self._attribute_of(holders, name) if name.isidentifier() else ()
        libraries = [each for each in holders if each.kind == "path" and self.is_library(each.path)]
        return list(self._attribute_of(libraries, ANY)) if not isinstance(node, ast.Constant) else ()

    # --- branches and elements

    def _passed(self, node: ast.Await | ast.NamedExpr, scope: Scope) -> Iterable[Meaning]:
        return self.of(node.value, scope)

    def _either(self, node: ast.IfExp, scope: Scope) -> Iterable[Meaning]:
        return (*self.of(node.body, scope), *self.of(node.orelse, scope))

    def _any(self, node: ast.BoolOp, scope: Scope) -> Iterable[Meaning]:
        return [meaning for value in node.values for meaning in self.of(value, scope)]

    def _element(self, node: ast.Subscript, scope: Scope) -> Iterable[Meaning]:
        """An element of what is written out: of its key in a dictionary, else any; of a module's own dictionary."""
        value = node.value
        if isinstance(value, ast.Attribute) and value.attr == "__dict__":
            yield from self._named(self.of(value.value, scope), node.slice)
        elif isinstance(value, ast.Call) and dotted(value.func) == "vars" and len(value.args) == 1:
            yield from self._named(self.of(value.args[0], scope), node.slice)
        for each in self.values_of(node, scope):
            yield from self.of(each, scope)
        number = node.slice.value if isinstance(node.slice, ast.Constant) else None
        if isinstance(number, int) and number >= 0 and isinstance(value, ast.Subscript | ast.Call):
            yield from self._part_of(value, (number,), scope)

    def values_of(self, node: ast.Subscript, scope: Scope) -> Iterable[ast.expr]:
        """The values of a dictionary that is written out: those of a key, or all when it is not known."""
        key = _text(node.slice)
        for mapping in self._dictionaries(node.value, scope):
            for name, value in zip(mapping.keys, mapping.values, strict=True):
                if key is None or name is None or _text(name) in (key, None):
                    yield value

    def _dictionaries(self, node: ast.expr, scope: Scope) -> Iterable[ast.Dict]:
        if isinstance(node, ast.Dict):
            yield node
        elif isinstance(node, ast.Name):
            _, bindings = self.bindings(node.id, scope)
            yield from (each.node for each in bindings if isinstance(each.node, ast.Dict) and each.kind == "value")


ANY = "*"
"""Stands in a path for a name that is not known; the table's patterns for any name fit it."""

_RESOLVERS: dict[type[ast.expr], Callable[[Any, Any, Scope], Iterable[Meaning]]] = {
    ast.Name: Names._of_name,
    ast.Attribute: Names._of_attribute,
    ast.Call: Names._result,
    ast.Await: Names._passed,
    ast.NamedExpr: Names._passed,
    ast.IfExp: Names._either,
    ast.BoolOp: Names._any,
    ast.Subscript: Names._element,
}

_BUILTINS = frozenset({"getattr", "__import__", "vars", "open"})
_STANDARD = tuple(f"{each}." for each in sys.stdlib_module_names)


def _instance(base: Meaning) -> Meaning:
    if base.kind == "class":
        return Meaning("instance", scope=base.scope)
    return Meaning("path", base.path + CALLED) if base.kind == "path" else base


def _partials(meaning: Meaning) -> int:
    """How many prepared calls lie in one another."""
    return 1 + max(map(_partials, meaning.bound)) if meaning.bound else 0


def _distinct(meanings: Iterable[Meaning]) -> tuple[Meaning, ...]:
    if type(meanings) is tuple and len(meanings) < 2:
        return meanings
    found: list[Meaning] = []
    for meaning in meanings:
        if meaning not in found:
            found.append(meaning)
            if len(found) == MEANINGS_LIMIT:
                break
    return tuple(found)


def _text(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
