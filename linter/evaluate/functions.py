"""Calls, and the functions, classes and attributes that they need."""

from __future__ import annotations

import ast
from typing import Any, NamedTuple

from linter.evaluate.machine import MOST_CALLS, MOST_REENTRIES, RETURN, Frame, Machine, unknown
from linter.evaluate.modules import Module
from linter.evaluate.text import Place, Text, TooLarge
from linter.evaluate.values import (
    Bound,
    Class,
    Dict,
    File,
    Function,
    List,
    Native,
    Obj,
    PathText,
    Scalar,
    Scope,
    Unknown,
    merged,
    place_of,
)

_DATA_CLASSES = frozenset({"dataclasses.dataclass", "dataclasses.dataclass()", "attr.s", "attr.s()", "attrs.define"})
_DATA_BASES = frozenset({"pydantic.BaseModel", "typing.NamedTuple", "pydantic_settings.BaseSettings"})
_KINDS = {
    "builtins.staticmethod": "static",
    "builtins.classmethod": "class",
    "builtins.property": "property",
    "functools.cached_property": "property",
    "functools.lru_cache": "plain",
    "functools.lru_cache()": "plain",
    "functools.cache": "plain",
    "abc.abstractmethod": "plain",
}


class Super:
    """What `super()` gives: the methods above a class, for an object."""

    __slots__ = ("cls", "owner")

    def __init__(self, cls: Class, owner: Any) -> None:
        self.cls, self.owner = cls, owner


class Given(NamedTuple):
    """The arguments of a call. `more`: there may be further positional ones; `named.open`: further named ones.

    `target` is what was called, where only its name is known.
    """

    values: list[Any]
    named: Dict
    more: bool
    place: Place
    frame: Frame
    target: Any = None

    def arg(self, number: int, name: str = "") -> Any:
        """An argument by its position or name; None when it is not given."""
        if number < len(self.values):
            return self.values[number]
        return self.named.items.get(name) if name else None


# --- calls


def call(m: Machine, node: ast.Call, frame: Frame) -> Any:
    """The value of a call. Calls of interest are recorded."""
    from linter.evaluate.expressions import evaluate, name_of

    target = evaluate(m, node.func, frame)
    given = _given(m, node, frame)
    name = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
    ours = isinstance(target, Function | Class | Native) or (isinstance(target, Bound) and target.target != name)
    if name in m.wanted and not m.muted and not ours:
        m.record(name, target, given, node)
    try:
        found = apply(m, target, given, node)
    except TooLarge:
        found = None
    if found is None:
        path = f"{target.path}()" if isinstance(target, Unknown) and target.path else None
        maker = m.makers.of_call(target, given)
        found = m.images.of_call(target, given) if path and maker is None else None
        if found is None:
            source = given._replace(target=target) if path else None
            found = Unknown(name_of(node), frame.module.place(node), path, source, maker)
    return found


def _given(m: Machine, node: ast.Call, frame: Frame) -> Given:
    from linter.evaluate.expressions import evaluate, iterate

    place = frame.module.place(node)
    values: list[Any] = []
    named = Dict(frame.module.place(node.func))
    more = False
    for part in node.args:
        if isinstance(part, ast.Starred):
            inner = iterate(m, evaluate(m, part.value, frame))
            more = more or inner is None
            values += [] if more else inner or []
        elif not more:
            values.append(evaluate(m, part, frame))
        else:
            evaluate(m, part, frame)
    for keyword in node.keywords:
        value = evaluate(m, keyword.value, frame)
        if keyword.arg is None:
            if isinstance(
                value, Dict
            ):  # no argument is given twice, so that what is unknown cannot replace what is known
                named.open = named.open or value.open
                for key, inner in value.items.items():
                    named.put(key, inner, value.keys.get(key))
            else:
                named.open = True
        else:
            start = frame.module.place(keyword).start
            key = Place(frame.module.origin, start, start + len(keyword.arg))
            named.put(keyword.arg, value, Text.written(keyword.arg, key))
    return Given(values, named, more, place, frame)


def apply(m: Machine, target: Any, given: Given, node: Any = None) -> Any:
    """What calling something gives; None when that is not known."""
    from linter.evaluate.library import LIBRARY
    from linter.evaluate.methods import call_method

    if isinstance(target, Function):
        return call_function(m, target, given)
    if isinstance(target, Bound):
        if isinstance(target.target, Function):
            return call_function(m, target.target, given, target.owner)
        return call_method(m, target.owner, target.target, given)
    if isinstance(target, Class):
        return instantiate(m, target, given)
    if isinstance(target, Native):
        return target.run(m, given)
    path = target.path if isinstance(target, Unknown) else None
    if path == "builtins.super":
        return _super(given.frame)
    known = LIBRARY.get(path) or m.lookups.get(path)
    if known is not None:
        return known(m, given)
    if path is None and not isinstance(getattr(node, "func", None), ast.Attribute):
        for value in [*given.values, *given.named.items.values()]:
            m.lose(value)
    return None


def _super(frame: Frame) -> Any:
    cls, owner = frame.scope.find("__class__"), frame.scope.find("__self__")
    return Super(cls, owner) if isinstance(cls, Class) and owner is not None else None


def call_function(m: Machine, function: Function, given: Given, owner: Any = None) -> Any:
    """What a function of the product returns."""
    from linter.evaluate.expressions import evaluate
    from linter.evaluate.statements import run

    node = function.node
    if function.kind == "wrapped":
        return None
    m.called.add(id(node))
    if len(m.running) >= MOST_CALLS or m.running.count(id(node)) >= MOST_REENTRIES:
        return None
    scope = Scope(function.scope)
    if owner is not None:
        given = given._replace(values=[owner, *given.values])
        scope.names["__self__"] = owner
        cls = owner if isinstance(owner, Class) else getattr(owner, "cls", None)
        scope.names["__class__"] = _defining(cls, function) or cls
    _bind(m, function, given, scope)
    frame = Frame(function.module, scope)
    m.running.append(id(node))
    try:
        if isinstance(node, ast.Lambda):
            return evaluate(m, node.body, frame)
        signal = run(m, node.body, frame)
    finally:
        m.running.pop()
    if _yields(node):
        return None
    values = list(frame.returns)
    if signal is None:
        values.append(Scalar(None, given.place))
    elif signal.kind == RETURN:
        values.append(signal.value)
    if not values:  # it does not come back
        return None
    found = values[0]
    for value in values[1:]:
        found = merged(found, value)
    return found


def _defining(cls: Any, function: Function, depth: int = 0) -> Class | None:
    """The class that a method stands in."""
    if not isinstance(cls, Class) or depth > 20:
        return None
    if any(value is function for value in cls.scope.names.values()):
        return cls
    return next((found for base in cls.bases if (found := _defining(base, function, depth + 1))), None)


def _yields(node: Any) -> bool:
    stack = list(node.body)
    while stack:
        part = stack.pop()
        if isinstance(part, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            stack.extend(ast.iter_child_nodes(part))
    return False


def _bind(m: Machine, function: Function, given: Given, scope: Scope) -> None:
    """Give the parameters of a function their values."""
    args = function.node.args
    place = given.place
    positional = [*args.posonlyargs, *args.args]
    rest = dict(given.named.items)
    for number, parameter in enumerate(positional):
        name = parameter.arg
        if number < len(given.values):
            scope.names[name] = given.values[number]
        elif name in rest:
            scope.names[name] = rest.pop(name)
        else:
            is_open = given.more or given.named.open
            scope.names[name] = unknown(name, place) if is_open else function.defaults.get(name, unknown(name, place))
    for parameter in args.kwonlyargs:
        name = parameter.arg
        default = unknown(name, place) if given.named.open else function.defaults.get(name, unknown(name, place))
        scope.names[name] = rest.pop(name) if name in rest else default
    if args.vararg:
        scope.names[args.vararg.arg] = List(given.values[len(positional) :], place, given.more, "tuple")
    if args.kwarg:
        others = Dict(given.named.place, given.named.open)
        for name, value in rest.items():
            others.put(name, value, given.named.keys.get(name))
        scope.names[args.kwarg.arg] = others


def instantiate(m: Machine, cls: Class, given: Given) -> Any:
    """A new object of a class of the product."""
    made = Obj(cls, given.place)
    constructor = cls.find("__init__")
    if isinstance(constructor, Function):
        call_function(m, constructor, given, made)
        made.open = made.open or not cls.closed
        return made
    fields = _fields(cls)
    if fields is None:
        made.open = not cls.closed
        return made
    for number, name in enumerate(fields):
        value = given.arg(number, name)
        if value is None:
            is_open = given.more or given.named.open
            value = unknown(name, given.place) if is_open else cls.find(name) or unknown(name, given.place)
        made.attributes.names[name] = value
    after = cls.find("__post_init__")
    if isinstance(after, Function):
        call_function(m, after, Given([], Dict(), False, given.place, given.frame), made)
    return made


def _fields(cls: Class, depth: int = 0) -> list[str] | None:
    found: dict[str, None] = {}
    for base in reversed(cls.bases) if depth < 20 else ():
        found.update(dict.fromkeys(_fields(base, depth + 1) or () if isinstance(base, Class) else ()))
    if cls.fields is None and not found:
        return None
    return list({**found, **dict.fromkeys(cls.fields or ())})


# --- attributes


def attribute(m: Machine, owner: Any, name: str, node: Any, frame: Frame) -> Any:
    """The value of `owner.name`."""
    from linter.evaluate.methods import property_of

    found: Any = None
    if isinstance(owner, Module):
        found = owner.scope.names.get(name) or m.loader.below(m, owner, name)
    elif isinstance(owner, Obj):
        found = _of_object(m, owner, name, frame, frame.module.place(node))
    elif isinstance(owner, Class):
        found = owner.find(name)
        if isinstance(found, Function):
            found = Bound(owner, found) if found.kind == "class" else found
        elif name == "__name__":
            found = Text.written(owner.name, place_of(owner))
    elif isinstance(owner, Super):
        inherited = next(
            (each.find(name) for each in owner.cls.bases if isinstance(each, Class) and each.find(name)), None
        )
        found = Bound(owner.owner, inherited) if isinstance(inherited, Function) else inherited
    elif isinstance(owner, Text | Dict | List | PathText | File | Scalar):
        found = property_of(owner, name)
    elif isinstance(owner, Unknown):
        found = m.images.of_attribute(owner, name)
    if found is not None:
        return found
    path = f"{owner.path}.{name}" if isinstance(owner, Unknown) and owner.path else None
    from linter.evaluate.expressions import name_of

    return Unknown(name_of(node), frame.module.place(node), path, owner, m.makers.of_attribute(owner, name))


def _of_object(m: Machine, owner: Obj, name: str, frame: Frame, place: Place) -> Any:
    if name == "__dict__":
        return as_dict(owner)
    if name in owner.attributes.names:
        return owner.attributes.names[name]
    if owner.cls is None:
        return None
    if name == "__class__":
        return owner.cls
    found = owner.cls.find(name)
    if not isinstance(found, Function):
        return None if owner.open else found
    if found.kind == "property":
        return call_function(m, found, Given([], Dict(), False, place, frame), owner)
    if found.kind == "static":
        return found
    return Bound(owner.cls if found.kind == "class" else owner, found)


def as_dict(owner: Obj) -> Dict:
    """The attributes of an object as a mapping."""
    made = Dict(owner.place, owner.open)
    for name, value in owner.attributes.names.items():
        made.put(name, value, Text.written(name, place_of(value)))
    return made


# --- definitions


def define_function(m: Machine, node: Any, frame: Frame) -> Function:
    """A function with its defaults, as its definition leaves it."""
    from linter.evaluate.expressions import evaluate

    args = node.args
    positional = [*args.posonlyargs, *args.args]
    names = positional[len(positional) - len(args.defaults) :]
    defaults = {name.arg: evaluate(m, value, frame) for name, value in zip(names, args.defaults, strict=True)}
    for name, value in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        if value is not None:
            defaults[name.arg] = evaluate(m, value, frame)
    kind = "plain"
    for decorator in getattr(node, "decorator_list", ()):
        value = evaluate(m, decorator, frame)
        kind = _KINDS.get(value.path or "", "wrapped") if isinstance(value, Unknown) else "wrapped"
    return Function(node, frame.scope, frame.module, defaults, kind)


def define_class(m: Machine, node: ast.ClassDef, frame: Frame) -> Any:
    """A class, its body run."""
    from linter.evaluate.expressions import evaluate
    from linter.evaluate.statements import run

    bases = [evaluate(m, base, frame) for base in node.bases]
    bases = [base for base in bases if not (isinstance(base, Unknown) and base.path in ("builtins.object", "abc.ABC"))]
    scope = Scope(frame.scope, "class")
    cls = Class(node, scope, frame.module, bases)
    run(m, node.body, Frame(frame.module, scope))
    decorators = [evaluate(m, each, frame) for each in node.decorator_list]
    paths = {value.path for value in (*decorators, *bases) if isinstance(value, Unknown)}
    if paths & (_DATA_CLASSES | _DATA_BASES):
        names = [
            part.target.id
            for part in node.body
            if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)
        ]
        cls.fields = names
        cls.bases = [base for base in bases if isinstance(base, Class)]
    elif decorators:
        return unknown(node.name, frame.module.place(node))
    return cls
