"""What mllint knows to do itself of Python's library and of a few others: what builds and reads values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from linter.evaluate.files import FILES
from linter.evaluate.formats import text_of
from linter.evaluate.operators import compared
from linter.evaluate.text import Text, TooLarge
from linter.evaluate.values import (
    Class,
    Dict,
    List,
    Obj,
    Scalar,
    Unknown,
    is_plain,
    place_of,
    plain,
    truth,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from linter.evaluate.functions import Given
    from linter.evaluate.machine import Machine

_RANGE = 1_000
_NUMBER = re.compile(r"\s*[-+]?\d{1,18}(?:\.\d{1,18})?\s*")


# --- containers


def new_dict(m: Machine, given: Given) -> Any:
    from linter.evaluate.expressions import update

    made = Dict(given.place, given.more)
    for value in given.values[:1]:
        update(made, value)
    update(made, given.named)
    m.tick(len(made.items))
    return made


def _new_list(kind: str) -> Callable[[Machine, Given], Any]:
    def make(m: Machine, given: Given) -> Any:
        from linter.evaluate.expressions import iterate

        if not given.values:
            return List([], given.place, given.more, kind)
        source = given.values[0]
        if isinstance(source, List):
            items = source.items
            if kind == "set" and all(is_plain(item) for item in items):
                items = list({plain(item): item for item in items}.values())
            return List(list(items), source.place or given.place, source.open, kind)
        found = iterate(m, source)
        return List(found or [], given.place, found is None, kind)

    return make


def _sorted(m: Machine, given: Given) -> Any:
    source = given.arg(0)
    items = source.items if isinstance(source, List) and not source.open else None
    if items is None or not all(is_plain(item) for item in items) or given.named.items.keys() - {"reverse"}:
        return None
    reverse = truth(given.named.items.get("reverse", Scalar(False)))
    try:
        return List(sorted(items, key=plain, reverse=bool(reverse)), source.place) if reverse is not None else None
    except TypeError:
        return None


def _range(m: Machine, given: Given) -> Any:
    numbers = [value.value for value in given.values if isinstance(value, Scalar) and type(value.value) is int]
    if len(numbers) != len(given.values) or not 1 <= len(numbers) <= 3 or (len(numbers) == 3 and numbers[2] == 0):
        return None
    found = range(*numbers)
    return List([Scalar(number, given.place) for number in found], given.place) if len(found) <= _RANGE else None


def _enumerate(m: Machine, given: Given) -> Any:
    from linter.evaluate.expressions import iterate

    items = iterate(m, given.arg(0))
    start = given.arg(1, "start") or Scalar(0)
    if items is None or not isinstance(start, Scalar) or type(start.value) is not int:
        return None
    pairs = enumerate(items, start.value)
    return List(
        [List([Scalar(number, given.place), item], None, False, "tuple") for number, item in pairs], given.place
    )


def _zip(m: Machine, given: Given) -> Any:
    from linter.evaluate.expressions import iterate

    columns = [iterate(m, value) for value in given.values]
    if given.more or any(column is None for column in columns):
        return None
    rows = zip(*[column or [] for column in columns], strict=False)
    return List([List(list(row), None, False, "tuple") for row in rows], given.place)


def _map(m: Machine, given: Given) -> Any:
    from linter.evaluate.expressions import iterate
    from linter.evaluate.functions import apply

    items = iterate(m, given.arg(1))
    if items is None or len(given.values) != 2:
        return None
    found = [apply(m, given.values[0], given._replace(values=[item], named=Dict())) for item in items]
    return List([Unknown("value", given.place) if item is None else item for item in found], given.place)


def _length(m: Machine, given: Given) -> Any:
    value = given.arg(0)
    if isinstance(value, List | Dict) and not value.open:
        return Scalar(len(value.items), given.place)
    return Scalar(len(value.flat), given.place) if isinstance(value, Text) and value.known else None


def _copy(m: Machine, given: Given) -> Any:
    return copied(m, given.arg(0), {}, deep=False)


def _deep_copy(m: Machine, given: Given) -> Any:
    return copied(m, given.arg(0), {}, deep=True)


def copied(m: Machine, value: Any, known: dict[int, Any], deep: bool, depth: int = 0) -> Any:
    """A copy of a value; its parts are copied as well when it is to be deep. Raises TooLarge."""
    m.tick()
    if id(value) in known:
        return known[id(value)]
    if depth > 60:
        raise TooLarge

    def inner(part: Any) -> Any:
        return copied(m, part, known, True, depth + 1) if deep else part

    if isinstance(value, Dict):
        made = known[id(value)] = Dict(value.place, value.open)
        made.keys = dict(value.keys)
        made.items = {key: inner(part) for key, part in value.items.items()}
        return made
    if isinstance(value, List):
        several = known[id(value)] = List([], value.place, value.open, value.kind)
        several.items = [inner(part) for part in value.items]
        return several
    if isinstance(value, Obj):
        twin = known[id(value)] = Obj(value.cls, value.place, value.open)
        twin.attributes.names = {name: inner(part) for name, part in value.attributes.names.items()}
        return twin
    return value


# --- scalars


def _text(m: Machine, given: Given) -> Any:
    if not given.values:
        return Text([], given.place)
    value = given.values[0]
    return (
        text_of(value, given.place) if not isinstance(value, Dict | List | Obj) else Text.unknown("value", given.place)
    )


def _integer(m: Machine, given: Given) -> Any:
    value = given.arg(0)
    if not is_plain(value) or len(given.values) != 1:
        return None
    known = plain(value)
    if isinstance(known, str) and not (_NUMBER.fullmatch(known) and "." not in known):
        return None
    return (
        Scalar(int(known), place_of(value)) if isinstance(known, bool | int | float | str) and known == known else None
    )


def _float(m: Machine, given: Given) -> Any:
    value = given.arg(0)
    known = plain(value) if is_plain(value) else None
    if isinstance(known, str) and not _NUMBER.fullmatch(known):
        return None
    return Scalar(float(known), place_of(value)) if isinstance(known, bool | int | float | str) else None


def _boolean(m: Machine, given: Given) -> Any:
    known = truth(given.arg(0)) if given.values else False
    return None if known is None else Scalar(known, given.place)


def _extreme(largest: bool) -> Callable[[Machine, Given], Any]:
    def find(m: Machine, given: Given) -> Any:
        import ast

        values = given.values
        if len(values) == 1 and isinstance(values[0], List) and not values[0].open:
            values = values[0].items
        if given.named.items or given.named.open or given.more or not values:
            return None
        best = values[0]
        for value in values[1:]:
            holds = compared(ast.Gt() if largest else ast.Lt(), value, best)
            if holds is None:
                return None
            best = value if holds else best
        return best if is_plain(best) else None

    return find


def _sum(m: Machine, given: Given) -> Any:
    source = given.arg(0)
    items = source.items if isinstance(source, List) and not source.open else None
    if items is None or len(given.values) > 1 or not all(isinstance(item, Scalar) for item in items):
        return None
    numbers = [item.value for item in items]
    return Scalar(sum(numbers), given.place) if all(type(number) in (int, float) for number in numbers) else None


def _all(wanted: bool) -> Callable[[Machine, Given], Any]:
    def find(m: Machine, given: Given) -> Any:
        from linter.evaluate.expressions import iterate

        found = [truth(item) for item in iterate(m, given.arg(0)) or [Unknown()]]
        if wanted not in found and None in found:
            return None
        return Scalar((wanted in found) is wanted, given.place)

    return find


_TYPES = {"builtins.str": Text, "builtins.dict": Dict, "builtins.list": List}


def _is_instance(m: Machine, given: Given) -> Any:
    value, kind = given.arg(0), given.arg(1)
    if isinstance(value, Unknown) or value is None:
        return None
    if isinstance(kind, Unknown) and kind.path in _TYPES:
        known = isinstance(value, _TYPES[kind.path]) and getattr(value, "kind", "list") == "list"
        return Scalar(known, given.place)
    if isinstance(kind, Class) and isinstance(value, Obj) and value.cls is kind:
        return Scalar(True, given.place)
    return None


# --- objects


def _get_attribute(m: Machine, given: Given) -> Any:
    owner, name = given.arg(0), given.arg(1)
    if isinstance(owner, Obj) and isinstance(name, Text) and name.known:
        return owner.attributes.names.get(name.flat) or (owner.cls.find(name.flat) if owner.cls else None)
    return None


def _set_attribute(m: Machine, given: Given) -> Any:
    owner, name, value = given.arg(0), given.arg(1), given.arg(2)
    if isinstance(owner, Obj) and value is not None:
        m.touch(owner.attributes)
        if isinstance(name, Text) and name.known:
            owner.attributes.names[name.flat] = value
        else:
            m.lose(owner)
    return Scalar(None, given.place)


def _as_dict(m: Machine, given: Given, depth: int = 0) -> Any:
    from linter.evaluate.functions import as_dict

    value = given.arg(0)
    if not isinstance(value, Obj) or depth > 20:
        return value if depth else None
    made = as_dict(value)
    for key, part in made.items.items():
        if isinstance(part, Obj):
            made.items[key] = _as_dict(m, given._replace(values=[part]), depth + 1)
        elif isinstance(part, List):
            items = [_as_dict(m, given._replace(values=[item]), depth + 1) for item in part.items]
            made.items[key] = List(items, part.place, part.open, part.kind)
    return made


def _vars(m: Machine, given: Given) -> Any:
    from linter.evaluate.functions import as_dict

    value = given.arg(0)
    return as_dict(value) if isinstance(value, Obj) else None


def _namespace(m: Machine, given: Given) -> Any:
    made = Obj(None, given.place, given.named.open)
    made.attributes.names = dict(given.named.items)
    return made


def _field(m: Machine, given: Given) -> Any:
    from linter.evaluate.functions import apply

    factory = given.named.items.get("default_factory")
    if factory is not None:
        return apply(m, factory, given._replace(values=[], named=Dict()))
    return given.named.items.get("default")


LIBRARY: dict[str | None, Callable[[Any, Any], Any]] = {
    **FILES,
    "builtins.dict": new_dict,
    "collections.OrderedDict": new_dict,
    "builtins.list": _new_list("list"),
    "builtins.tuple": _new_list("tuple"),
    "builtins.set": _new_list("set"),
    "builtins.sorted": _sorted,
    "builtins.range": _range,
    "builtins.enumerate": _enumerate,
    "builtins.zip": _zip,
    "builtins.map": _map,
    "builtins.len": _length,
    "builtins.str": _text,
    "builtins.int": _integer,
    "builtins.float": _float,
    "builtins.bool": _boolean,
    "builtins.min": _extreme(False),
    "builtins.max": _extreme(True),
    "builtins.sum": _sum,
    "builtins.any": _all(True),
    "builtins.isinstance": _is_instance,
    "builtins.getattr": _get_attribute,
    "builtins.setattr": _set_attribute,
    "builtins.vars": _vars,
    "copy.copy": _copy,
    "copy.deepcopy": _deep_copy,
    "dataclasses.asdict": _as_dict,
    "dataclasses.field": _field,
    "types.SimpleNamespace": _namespace,
    "argparse.Namespace": _namespace,
}
