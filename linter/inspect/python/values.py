"""What an expression's value is, as far as the file says: plain JSON, with objects for what other files have to say.

The forms are those of the fact `python.call`: literals, lists, and objects with one of the members `dict`, `join`,
`path`, `any` (perhaps with `asks`), `environment`, `parameter`, `name`, `attribute`, `returned`, `field`, `member`,
`element`, `options`, `option`, `setting`, `library`, `request`; `{}` is a value that is not known. Nothing is run.
"""

from __future__ import annotations

import ast
import math
from typing import TYPE_CHECKING, Any

from linter.inspect.python.additions import Additions, with_additions
from linter.inspect.python.comprehensions import copied_mapping, elements_made
from linter.inspect.python.forms import (
    OPTIONS,
    PARTS_LIMIT,
    REQUEST,
    UNKNOWN_VALUE,
    Value,
    above,
    any_member_of,
    any_of,
    bounded,
    constant,
    element_of,
    field_of,
    given_field,
    if_given,
    is_later,
    is_path,
    is_request,
    is_text,
    iterated,
    join,
    member_of,
    path_of,
)
from linter.inspect.python.loaded import handed_settings
from linter.inspect.python.options import Options
from linter.inspect.python.request_sources import RequestSources
from linter.inspect.python.scopes import CLASS, FUNCTION, Binding, Scope, dotted, effective, is_property
from linter.inspect.python.tables import Tables
from linter.inspect.python.templates import percent
from linter.inspect.python.typed import field_of_instance, field_of_made, told_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from linter.inspect.python.names import Meaning, Names
    from linter.knowledge import Knowledge

DEPTH_LIMIT = 25
_GIVEN_LATER = ("parameter", "rest")
"""Values that callers give, to be filled in by `assemble`."""


class Values:
    """Evaluates the expressions of one module."""

    def __init__(self, names: Names, knowledge: Knowledge) -> None:
        self.names = names
        self.tables: Tables = knowledge.index("inspect.python.values", Tables)
        self.settings_files: dict[str, None] = {}  # those that no text of the module names in full
        self.reads_settings = False  # set when a file of settings was seen to be read
        self.options = Options()
        self.requests = RequestSources(names, knowledge)
        self._known: dict[tuple[int, int], Value] = {}
        self._plain: dict[tuple[str, Scope], dict[str, Value] | None] = {}
        self._depth = 0
        self.additions = Additions(names.outline)

    def of(self, node: ast.expr | None, scope: Scope) -> Value:
        """The value of an expression in a scope."""
        if node is None:
            return UNKNOWN_VALUE
        if type(node) is ast.Constant:
            return constant(node.value)
        if type(node) is ast.Name:
            name = (node.id, scope)
            if name not in self._plain:
                self._plain[name] = self._find_plain(node.id, scope)
            plain = self._plain[name]
            if plain is not None:
                return plain
        evaluate = _EVALUATORS.get(type(node))
        if evaluate is None:
            return UNKNOWN_VALUE
        key = (id(node), id(scope))
        if key in self._known:
            return self._known[key]
        if self._depth > DEPTH_LIMIT:
            return UNKNOWN_VALUE
        self._known[key] = UNKNOWN_VALUE  # in terms of itself it is not known
        self._depth += 1
        self._known[key] = value = bounded(evaluate(self, node, scope))
        self._depth -= 1
        return value

    def seen(self) -> Iterable[Value]:
        """All values that were worked out so far."""
        return self._known.values()

    # --- names

    def _find_plain(self, name: str, scope: Scope) -> dict[str, Value] | None:
        """A name's value all over a scope; None when it depends on the line, on options or on other expressions."""
        owner, bindings = self.names.bindings(name, scope)
        if owner is None:
            return UNKNOWN_VALUE
        if len(bindings) != 1 or (bindings[0].node is not None and bindings[0].kind != "opaque"):
            return None
        binding = bindings[0]
        if owner.decorators or (binding.kind == "import" and self.tables.constants.get(binding.target) is not None):
            return None
        found = self.bound(binding, owner, name)
        return found if type(found) is dict else None

    def name(self, node: ast.Name, scope: Scope) -> Value:
        owner, bindings = self.names.bindings(node.id, scope)
        if owner is None:
            return UNKNOWN_VALUE
        held = effective(bindings, node.lineno, owner is scope)
        value = self._of_bindings(held, owner, node.id)
        return with_additions(self, value, node.id, node.lineno, owner)

    def _of_bindings(self, bindings: Sequence[Binding], owner: Scope, name: str) -> Value:
        return self._one_of(bindings, [self.bound(each, owner, name) for each in bindings], owner)

    def _one_of(self, bindings: Sequence[Binding], found: Sequence[Value], owner: Scope) -> Value:
        if len(found) == 1:
            return any_of(found)
        from linter.inspect.python.conditions import bound_by

        return bound_by(bindings, found, owner, self)

    def bound(self, binding: Binding, owner: Scope, name: str) -> Value:
        """The value that a binding gives to a name."""
        scope = binding.owner or owner
        if binding.kind == "parameter":
            return self._parameter(binding, owner, name)
        if binding.kind == "rest":  # what callers give after the named ones
            return {"rest": binding.path[0], "part": owner.name} if owner.kind == FUNCTION else UNKNOWN_VALUE
        if binding.kind == "keywords":  # all that callers give by names that are no parameters
            return {"parameter": name, "part": owner.name, "whole": True} if owner.kind == FUNCTION else UNKNOWN_VALUE
        if binding.kind == "import":
            known = self.tables.constants.get(binding.target)
            return known if known is not None else {"name": name}
        if binding.kind in ("value", "enter") and binding.node is not None:
            return element_of(self.of(binding.node, scope), binding.path)
        if binding.kind == "item" and binding.node is not None:
            return iterated(self.of(binding.node, scope), binding.path)
        return UNKNOWN_VALUE

    def _parameter(self, binding: Binding, owner: Scope, name: str) -> Value:
        if owner.kind != FUNCTION:
            return self.of(binding.node, binding.owner or owner) if binding.node is not None else UNKNOWN_VALUE
        if owner.name.rpartition(".")[2] in self.tables.contract and name.endswith("dir"):
            return {"path": [self.tables.model_folder]}  # what SageMaker's toolkits hand to model_fn
        if self.requests.is_told(name, owner):
            default = self.of(binding.node, binding.owner or owner)
            return any_of([REQUEST, *([default] if default != UNKNOWN_VALUE else [])])
        settings = handed_settings(self, owner) if owner.decorators else None
        if settings is not None and owner.parameters[:1] == [name]:
            return settings
        value: dict[str, Any] = {"parameter": name, "part": owner.name}
        option = self.options.of_parameter(self, owner, name)
        if option is not None:
            value["default"] = option
        elif binding.node is not None:
            default = self.of(binding.node, binding.owner or owner)
            if default != UNKNOWN_VALUE:
                value["default"] = default
        return value

    # --- attributes and elements

    def attribute(self, node: ast.Attribute, scope: Scope) -> Value:
        if self.requests.concerned and self.requests.is_source(node, scope, whole=True):
            return REQUEST
        found = self._set_before(self._attribute(node, scope), node, scope)
        if node.attr in self.tables.own_addresses and (found == UNKNOWN_VALUE or is_later(found)):
            return self.tables.own_addresses[node.attr]
        told = self.requests.concerned and is_request(self.of(node.value, scope))
        return any_of([REQUEST, *([found] if found != UNKNOWN_VALUE else [])]) if told else found

    def _set_before(self, value: Value, node: ast.Attribute, scope: Scope) -> Value:
        """The value of an attribute, or what it was set to before: `args.model = args.model or "…"`."""
        if not isinstance(node.value, ast.Name):
            return value
        name, module = node.value.id, self.names.outline.module
        holding = next((each for each in (scope, module) if name in each.items), None)
        if holding is None or self.names.bindings(name, scope)[0] is not holding:
            return value
        line = node.lineno if holding is scope else math.inf
        for item in holding.items[name]:
            if item.key == node.attr and item.line < line:
                given = self.of(item.node, holding)
                perhaps = 0 < item.until < line or given == UNKNOWN_VALUE  # what stood there tells what it is for
                value = any_of([value, given]) if perhaps else given
        return value

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Value:
        kept = self.names.kept_in_state(node)
        if kept:
            values = [self.bound(each, scope, node.attr) for each in kept]
            return any_of([each for each in values if each is not None] or values)
        meanings = self.names.of(node.value, scope)
        for meaning in meanings:
            if meaning.kind in ("instance", "class") and meaning.scope is not None:
                return self._of_instance(node, meaning, scope)
            if meaning.kind == "path":
                path = f"{meaning.path}.{node.attr}"
                known = self.tables.constants.get(path)
                if known is not None:
                    return known
                option = self.options.of_namespace(self, meaning.path, node.attr)
                if option is not None:
                    return option
                if meaning.path.rpartition(".")[2] in self.tables.kept_parameters:
                    return self._kept_parameter(node.attr, scope)
        text = dotted(node)
        if text is None:
            return self._of_path(node, scope)
        paths = (each.path for each in meanings if each.kind == "path")
        library = next((path for path in paths if self.names.is_library(path)), None)
        if library is not None:
            return {"library": f"{library}.{node.attr}"}
        root = text.partition(".")[0]
        _, bindings = self.names.bindings(root, scope)
        if any(each.kind == "import" for each in bindings):
            return {"name": text}
        option = self.options.of_namespace(self, root, node.attr) if text.count(".") == 1 else None
        return option if option is not None else self._of_class(text, node, scope) or self._of_path(node, scope)

    def _kept_parameter(self, name: str, scope: Scope) -> Value:
        """What Lightning's `save_hyperparameters` keeps: what an instance of the class is made with."""
        owner = scope.of_class
        maker = self.names.outline.scopes.get(f"{owner.name}.__init__") if owner is not None else None
        binding = maker.bindings.get(name, [None])[0] if maker is not None else None
        given = maker is not None and binding is not None and binding.kind == "parameter"
        return self._parameter(binding, maker, name) if given else UNKNOWN_VALUE  # type: ignore[arg-type]

    def _of_instance(self, node: ast.Attribute, meaning: Meaning, scope: Scope) -> Value:
        """An attribute of a class of the file or of its instances; one that its maker was given, as it was given."""
        value = self.of_member(meaning.scope, node.attr) if meaning.scope is not None else UNKNOWN_VALUE
        value = field_of_instance(meaning, node.attr, value)
        if meaning.kind != "instance" or "__init__" in _methods(meaning) or self.names.is_own(node.value, scope):
            return value
        made = self.of(node.value, scope)
        given = given_field(made, node.attr) if isinstance(made, dict) else None
        return given if given is not None else field_of(made, node.attr, value)

    def _of_class(self, text: str, node: ast.Attribute, scope: Scope) -> Value | None:
        """`config.model` of an object whose class is told: what the class has for it; None when none is."""
        root, _, rest = text.partition(".")
        told = told_of(self, root, scope, node.lineno)
        if not told.classes:
            return None
        own = any_of(told.field(rest))
        if told.filled_from or told.parsed:
            return own
        given = self.of(node.value, scope) if "." not in rest else UNKNOWN_VALUE
        return own if is_request(given) else field_of(given, rest, own)

    def _of_path(self, node: ast.Attribute, scope: Scope) -> Value:
        """`path.parent` of a path that is known, an attribute of an instance that another file describes."""
        value = self.of(node.value, scope)
        if isinstance(value, dict) and "returned" in value:  # an instance of a class of another file
            if given_field(value, node.attr) is not None:
                return {"field": node.attr, "of": value}
            return field_of_made(value, node.attr)
        if value == OPTIONS:
            return self.options.of_object(self, node.attr)
        if isinstance(value, dict) and not ("path" in value or "join" in value):
            return field_of(value, node.attr)
        if isinstance(value, str) and node.attr == "value":  # of a member of an enumeration
            return value
        return above(value, node.attr) if isinstance(value, str) or is_path(value) else UNKNOWN_VALUE

    def of_member(self, owner: Scope, attribute: str) -> Value:
        """The value of an attribute of a class of the file, or of its instances."""
        bindings = [*owner.bindings.get(attribute, ()), *owner.attributes.get(attribute, ())]
        if len(bindings) == 1 and is_property(bindings[0]) and bindings[0].scope is not None:
            return self.returned(bindings[0].scope)
        bound = [(each, self.bound(each, owner, attribute)) for each in bindings if each.kind != "scope"]
        bound = [each for each in bound if each[1] is not None] or bound  # `self.x = None` is only a start
        values = [value for _, value in bound]
        if values == [None] and owner.kind == CLASS and attribute in owner.bindings:  # for heirs to set
            return {"attribute": attribute, "part": owner.name, "default": None}
        if not values or all(each.kind == "opaque" and each.annotation is not None for each in bindings):
            return {"attribute": attribute, "part": owner.name}  # of a field alone, what the class is made with
        return self._one_of([each for each, _ in bound], values, owner)

    def of_name(self, name: str, scope: Scope) -> Value:
        """The value that a name of a scope has in the end."""
        bindings = effective(scope.bindings.get(name, ()), 0, False)
        return with_additions(self, self._of_bindings(bindings, scope, name), name, math.inf, scope)

    def returned(self, function: Scope) -> Value:
        """What a function of the file returns."""
        return any_of([self.of(each, function) for each in function.returns])

    def subscript(self, node: ast.Subscript, scope: Scope) -> Value:
        key = self.of(node.slice, scope)
        if self.is_environment(node.value, scope):
            return self.variable({"environment": key}, scope) if isinstance(key, str) else UNKNOWN_VALUE
        holder = self.of(node.value, scope)
        if isinstance(key, int) and not isinstance(key, bool):
            return {"member": key, "of": holder} if is_later(holder) else element_of(holder, (key,))
        if isinstance(key, str):
            option = self.options.of_mapping(self, node.value, key, scope)
            return option if option is not None else member_of(holder, key)
        return any_member_of(holder)

    def variable(self, read: dict[str, Any], scope: Scope) -> Value:
        """The value of a variable of the environment: what the module, or the function, sets it to in any case."""
        module = self.names.outline.module
        every = self.names.outline.variables.get(read["environment"], ())
        found = [self.bound(each, module, "") for each in every if not each.until and each.owner in (module, scope)]
        return any_of(found) if found else read

    def is_environment(self, node: ast.expr, scope: Scope) -> bool:
        """Whether an expression is `os.environ`."""
        return any(meaning.path == "os.environ" for meaning in self.names.of(node, scope))

    # --- texts

    def joined(self, node: ast.JoinedStr, scope: Scope) -> Value:
        parts = []
        for each in node.values:
            if isinstance(each, ast.FormattedValue):
                parts.append(self.of(each.value, scope) if each.format_spec is None else UNKNOWN_VALUE)
            else:
                parts.append(self.of(each, scope))
        return join(parts)

    def sum(self, node: ast.BinOp, scope: Scope) -> Value:
        left, right = self.of(node.left, scope), self.of(node.right, scope)
        if isinstance(node.op, ast.Add):
            if isinstance(left, list):
                return [*left, *(right if isinstance(right, list) else [UNKNOWN_VALUE])][:PARTS_LIMIT]
            texts = any(is_text(side) for side in (left, right))
            return join([left, right]) if texts else UNKNOWN_VALUE
        if isinstance(node.op, ast.Div):
            return path_of([left, right]) if self._is_path(node.left, left, scope) else UNKNOWN_VALUE
        if isinstance(node.op, ast.Mod) and isinstance(left, str):
            return percent(self, left, node.right, scope)
        both = isinstance(left, dict) and isinstance(right, dict) and "dict" in left and "dict" in right
        if isinstance(node.op, ast.BitOr) and both:
            return {"dict": {**left["dict"], **right["dict"]}}
        return UNKNOWN_VALUE

    def _is_path(self, node: ast.expr, value: Value, scope: Scope) -> bool:
        """Whether the left side of `/` is a path: then so is the whole."""
        if isinstance(value, str) or is_path(value):
            return True
        while isinstance(node, ast.BinOp):
            node = node.left
        return isinstance(value, dict) and any(
            isinstance(side, ast.Constant) and isinstance(side.value, str) for side in (node,)
        )

    # --- containers and branches

    def sequence(self, node: ast.List | ast.Tuple | ast.Set, scope: Scope) -> Value:
        found: list[Value] = []
        for each in node.elts[:PARTS_LIMIT]:
            if isinstance(each, ast.Starred):
                inner = self.of(each.value, scope)
                later = isinstance(inner, dict) and any(key in inner for key in _GIVEN_LATER)
                found += inner if isinstance(inner, list) else [{"splat": inner} if later else UNKNOWN_VALUE]
            else:
                found.append(self.of(each, scope))
        return found

    def mapping(self, node: ast.Dict, scope: Scope) -> Value:
        found: dict[str, Value] = {}
        for key, value in list(zip(node.keys, node.values, strict=True))[:PARTS_LIMIT]:
            if key is None:
                inner = self.of(value, scope)
                found |= inner["dict"] if isinstance(inner, dict) and "dict" in inner else {}
            elif isinstance(key, ast.Constant) and isinstance(key.value, str):
                found[key.value] = self.of(value, scope)
        return {"dict": found}

    def either(self, node: ast.IfExp, scope: Scope) -> Value:
        from linter.inspect.python.conditions import chosen_by, narrowed

        first = narrowed(self.of(node.body, scope), node.body, [(node.test, True)], scope, self)
        second = narrowed(self.of(node.orelse, scope), node.orelse, [(node.test, False)], scope, self)
        return chosen_by(node.test, first, second, scope, self)

    def bool_op(self, node: ast.BoolOp, scope: Scope) -> Value:
        values = [self.of(each, scope) for each in node.values]
        if isinstance(node.op, ast.Or):
            first = values[0]
            if isinstance(first, dict) and "environment" in first and "default" not in first:
                return {**first, "default": any_of(values[1:])}
            if len(values) == 2 and isinstance(first, dict) and "member" in first:
                return if_given(first, values[1])
            return any_of([value for value in values[:-1] if value not in (None, "", False)] + values[-1:])
        return any_of(values[1:])

    def unary(self, node: ast.UnaryOp, scope: Scope) -> Value:
        value = self.of(node.operand, scope)
        if isinstance(node.op, ast.Not) and isinstance(value, bool):
            return not value
        if isinstance(node.op, ast.USub) and isinstance(value, int | float) and not isinstance(value, bool):
            return -value
        return UNKNOWN_VALUE

    def passed(self, node: ast.Await | ast.NamedExpr, scope: Scope) -> Value:
        return self.of(node.value, scope)

    def call(self, node: ast.Call, scope: Scope) -> Value:
        from linter.inspect.python.results import result_of

        return result_of(self, node, scope)


def _methods(meaning: Meaning) -> Mapping[str, Any]:
    return meaning.scope.bindings if meaning.scope is not None else {}


_EVALUATORS: dict[type[ast.expr], Callable[[Any, Any, Scope], Value]] = {
    ast.Name: Values.name,
    ast.Attribute: Values.attribute,
    ast.Subscript: Values.subscript,
    ast.JoinedStr: Values.joined,
    ast.BinOp: Values.sum,
    ast.List: Values.sequence,
    ast.Tuple: Values.sequence,
    ast.Set: Values.sequence,
    ast.Dict: Values.mapping,
    ast.IfExp: Values.either,
    ast.BoolOp: Values.bool_op,
    ast.UnaryOp: Values.unary,
    ast.Await: Values.passed,
    ast.NamedExpr: Values.passed,
    ast.Call: Values.call,
    ast.DictComp: copied_mapping,
    ast.ListComp: elements_made,
    ast.SetComp: elements_made,
    ast.GeneratorExp: elements_made,
}
