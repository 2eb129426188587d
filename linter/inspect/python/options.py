"""Values that a program is given from outside and has a default for: options of argparse, click and absl, fields."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from linter.inspect.python.forms import OPTIONS, any_of
from linter.inspect.python.scopes import argument_of, dotted
from linter.references.apis import CALLED

if TYPE_CHECKING:
    from linter.inspect.python.scopes import Scope
    from linter.inspect.python.values import Values

_PARSED = (f".parse_args{CALLED}", f".parse_known_args{CALLED}", f".parse_args_into_dataclasses{CALLED}")
_PARSING = ("parse_args", "parse_known_args")
_FIELDS = ("field", "Field", "Option", "Argument", "attrib", "ib")
_MISSING = object()
_HANDED_LIMIT = 3000
"""Characters of all options of a module that other functions and files may ask for."""


class Options:
    """The options that a module declares, with their defaults.

    The values that hold the options are handed to each method: two objects that hold each other would keep the tree.
    """

    def __init__(self) -> None:
        self._defaults: dict[str, Any] | None = None
        self.are_handed = False
        """Whether some value is the object that holds all options."""

    def defaults(self, values: Values) -> dict[str, Any]:
        """Default of each option of the module's argument parsers, by the name of its attribute."""
        if self._defaults is None:
            self._defaults = {}
            for called in values.names.outline.calls_named({"add_argument"}):
                if isinstance(called.node.func, ast.Attribute):
                    self._declare(values, called.node, called.scope)
            for called in values.names.outline.calls_named({"set_defaults"}):
                given = [(each.arg, values.of(each.value, called.scope)) for each in called.node.keywords if each.arg]
                self._defaults.update(given)
            for called in values.names.outline.calls_named(values.tables.option_declarations):
                name = values.of(argument_of(called.node, 0, "name"), called.scope)
                if isinstance(name, str):
                    self._defaults[name] = values.of(argument_of(called.node, 1, "default"), called.scope)
        return self._defaults

    def _declare(self, values: Values, node: ast.Call, scope: Scope) -> None:
        keywords = {each.arg: each.value for each in node.keywords if each.arg}
        name = destination(node, keywords)
        if name is None or self._defaults is None:
            return
        if "default" in keywords and not _is_required(keywords):
            self._defaults[name] = values.of(keywords["default"], scope)
        elif name not in self._defaults:
            self._defaults[name] = {}

    def of_namespace(self, values: Values, path: str, name: str) -> Any:
        """The default of an option read from a parsed namespace; None when there is no such option."""
        if path.endswith((*_PARSED, *values.tables.declared_options)) or path in values.tables.option_namespaces:
            default = self.defaults(values).get(name, _MISSING)
            return None if default is _MISSING else _option(name, default)
        return None

    def parsed(self, values: Values, method: str) -> Any:
        """What a method that parses the command line gives; None for any other."""
        if method not in _PARSING or not self.defaults(values):
            return None
        self.are_handed = True
        return [OPTIONS, {}] if method == "parse_known_args" else OPTIONS

    def of_object(self, values: Values, name: str) -> Any:
        """An attribute of the object that holds the options."""
        default = self.defaults(values).get(name, _MISSING)
        return {} if default is _MISSING else _option(name, default)

    def handed_on(self, values: Values) -> Any:
        """The options that may be texts, for other functions and files that are given the object.

        A switch that is on by itself is on where nobody sets it.
        """
        found: dict[str, Any] = {}
        left = _HANDED_LIMIT
        for name, default in self.defaults(values).items():
            value = any_of([{}, True]) if default is True else _option(name, default)
            size = len(name) + len(repr(value))
            if isinstance(value, dict) and size <= left:
                found[name] = value
                left -= size
        return {"dict": found}

    def of_mapping(self, values: Values, node: ast.expr, key: str, scope: Scope) -> Any:
        """`vars(args)["model"]`; None when it is no such thing."""
        if isinstance(node, ast.Name):
            _, bindings = values.names.bindings(node.id, scope)
            nodes = [each.node for each in bindings if each.node is not None]
            node = nodes[-1] if nodes else node
        is_vars = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "vars"
        return self.defaults(values).get(key) if is_vars else None

    def of_parameter(self, values: Values, owner: Scope, name: str) -> Any:
        """The default that a click option gives to a parameter of the function it decorates; None without one."""
        for decorator in owner.decorators:
            if not (isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute)):
                continue
            if decorator.func.attr not in ("option", "argument"):
                continue
            keywords = {each.arg: each.value for each in decorator.keywords if each.arg}
            if destination(decorator, keywords) == name and owner.parent is not None:
                default = values.of(keywords["default"], owner.parent) if "default" in keywords else {}
                return _option(name, default)
        binding = owner.bindings.get(name, [None])[0]
        if binding is not None and isinstance(binding.node, ast.Call) and owner.parent is not None:
            default = self._field_default(values, binding.node, owner.parent)
            return None if default is _MISSING else _option(name, default)
        return None

    def default_of_call(self, values: Values, node: ast.Call, scope: Scope) -> Any:
        """The default of `field(default=…)`, `Field("…")`, `typer.Option("…")`; None when it is no field."""
        default = self._field_default(values, node, scope)
        return None if default is _MISSING else default

    def _field_default(self, values: Values, node: ast.Call, scope: Scope) -> Any:
        func = node.func
        name = func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
        if name not in _FIELDS:
            return _MISSING
        for keyword in node.keywords:
            if keyword.arg == "default":
                return values.of(keyword.value, scope)
            if keyword.arg in ("default_factory", "factory"):
                return _made_by(values, keyword.value, scope)
        return values.of(node.args[0], scope) if node.args and name != "field" else _MISSING


def _is_required(keywords: dict[str, ast.expr]) -> bool:
    """Whether an option must be given, so that its default never counts."""
    required = keywords.get("required")
    return isinstance(required, ast.Constant) and required.value is True


def _made_by(values: Values, factory: ast.expr, scope: Scope) -> Any:
    """What a factory makes: an instance of a class, the value of a lambda."""
    if isinstance(factory, ast.Lambda):
        return values.of(factory.body, scope)
    name = dotted(factory) if isinstance(factory, ast.Name | ast.Attribute) else None
    return {"returned": name} if name else {}


def _option(name: str, default: Any) -> Any:
    """The value of an option. Where it may be a text, what publishing code gives as a hyperparameter counts as well."""
    may_be_text = default is None or isinstance(default, str | dict)
    return {"option": name, "default": default} if may_be_text else default


def destination(node: ast.Call, keywords: dict[str, ast.expr]) -> str | None:
    """The name of the attribute that an option becomes; None when it cannot be told."""
    dest = keywords.get("dest")
    if isinstance(dest, ast.Constant) and isinstance(dest.value, str):
        return dest.value
    flags = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    plain = [flag for flag in flags if not flag.startswith("-") and flag.isidentifier()]
    long = [flag for flag in flags if flag.startswith("--")]
    chosen = plain or long or flags
    return chosen[0].lstrip("-").replace("-", "_") if chosen else None
