"""The plain part of JSON Schema, worked out without the validator's library, which takes long to load.

`test_of(match)` gives a function that answers True or False only where the library would answer the same, and None
wherever a keyword, a pattern or a value is not plain: then the library is asked. Nothing here decides more than that.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from linter.lazy import compiled

if TYPE_CHECKING:
    from collections.abc import Callable

    Test = Callable[[Any], bool | None]
    """True: valid. False: not valid. None: ask the library."""

_LARGEST = 2**53
"""Whole numbers up to here are the same number for every reader of JSON."""
_TYPES = {"null": type(None), "boolean": bool, "string": str, "array": list, "object": dict, "integer": int}
_JSON = frozenset({*_TYPES.values(), float})
_ANNOTATIONS = frozenset({"description", "title", "$comment", "examples", "default"})
_LEFT_TO_LIBRARY = frozenset(
    (
        *("oneOf", "uniqueItems", "multipleOf", "minContains", "maxContains", "prefixItems", "propertyNames"),
        *("patternProperties", "additionalProperties", "minProperties", "maxProperties", "if", "then", "else"),
    )
)

# Patterns that mean the same to every regular expression engine: literal characters, small classes, alternatives,
# groups that are not repeated, `^`, `$`, and `?` after a character. `$` is not quite the same in Python.
_SAME_PATTERN = compiled(
    r"(?:[A-Za-z0-9 _/:,;=@%~\"'<>#&!-]\??|\\[.\\/+*?()\[\]{}|^$-]\??"
    r"|\[(?:[A-Za-z0-9]-[A-Za-z0-9]|[A-Za-z0-9_./:])+-?\]\??|\((?!\?)|\)(?![?*+{])|\||\^|\$){1,200}"
)


class _Foreign(Exception):
    """The schema has something that is not known here at all, or is not sound; all of it is left to the library."""


def test_of(schema: Any) -> Test:
    """The test of a schema; one that always answers None for a schema that is not known here."""
    try:
        return _test(schema)
    except _Foreign:
        return _unsure


def _unsure(value: Any) -> bool | None:
    return None


def _test(schema: Any) -> Test:
    if isinstance(schema, bool):
        return lambda value: schema
    if not isinstance(schema, dict):
        raise _Foreign
    tests: list[Test] = []
    for word, part in schema.items():
        build = _BUILDERS.get(word)
        if build is not None:
            counted = word == "contains" and ("minContains" in schema or "maxContains" in schema)
            shifted = word == "items" and "prefixItems" in schema
            test = build(part)
            tests.append(_unsure if counted or shifted else test)
        elif word in _LEFT_TO_LIBRARY:
            tests.append(_unsure)
        elif word not in _ANNOTATIONS:
            raise _Foreign
    return tests[0] if len(tests) == 1 else _all(tests)


def _all(tests: list[Test]) -> Test:
    def test(value: Any) -> bool | None:
        answer: bool | None = True
        for each in tests:
            found = each(value)
            if found is False:
                return False
            if found is None:
                answer = None
        return answer

    return test


def _any_of(part: Any) -> Test:
    tests = [_test(each) for each in _list(part)]

    def test(value: Any) -> bool | None:
        answer: bool | None = False
        for each in tests:
            found = each(value)
            if found:
                return True
            if found is None:
                answer = None
        return answer

    return test


def _not(part: Any) -> Test:
    inner = _test(part)

    def test(value: Any) -> bool | None:
        found = inner(value)
        return None if found is None else not found

    return test


def _type(part: Any) -> Test:
    names = [part] if isinstance(part, str) else _list(part)
    if not all(isinstance(name, str) and (name in _TYPES or name == "number") for name in names):
        raise _Foreign
    wanted = {_TYPES[name] for name in names if name != "number"} | ({int, float} if "number" in names else set())
    whole = int in wanted and float not in wanted

    def test(value: Any) -> bool | None:
        kind = type(value)
        if kind in wanted:
            return True
        # 1.0 is an integer to JSON Schema; a type that is none of JSON's is for the library.
        return None if kind not in _JSON or (whole and kind is float) else False

    return test


def _const(part: Any) -> Test:
    return _enum([part])


def _enum(part: Any) -> Test:
    values = _list(part)
    plain = [value for value in values if _is_plain(value)]
    # With its type, since True is 1 to Python but not to JSON Schema.
    wanted = frozenset((type(value), value) for value in plain)
    numbers = any(type(value) is int for value in plain)
    rest = len(plain) < len(values)

    def test(value: Any) -> bool | None:
        kind = type(value)
        if kind is list or kind is dict:
            return None if rest else False
        if not _is_plain(value):
            return None if rest or numbers or kind not in _JSON else False
        return True if (kind, value) in wanted else None if rest else False

    return test


def _is_plain(value: Any) -> bool:
    kind = type(value)
    return kind is str or kind is bool or value is None or (kind is int and -_LARGEST <= value <= _LARGEST)


def _properties(part: Any) -> Test:
    if not isinstance(part, dict) or not all(isinstance(name, str) for name in part):
        raise _Foreign
    tests = [(name, _test(schema)) for name, schema in part.items()]

    def test(value: Any) -> bool | None:
        if type(value) is not dict:
            return True if type(value) in _JSON else None
        answer: bool | None = True
        for name, each in tests:
            if name in value:
                found = each(value[name])
                if found is False:
                    return False
                if found is None:
                    answer = None
        return answer

    return test


def _required(part: Any) -> Test:
    names = _list(part)
    if not all(isinstance(name, str) for name in names):
        raise _Foreign

    def test(value: Any) -> bool | None:
        if type(value) is not dict:
            return True if type(value) in _JSON else None
        return all(name in value for name in names)

    return test


def _contains(part: Any) -> Test:
    inner = _any_of([part])

    def test(value: Any) -> bool | None:
        if type(value) is not list:
            return True if type(value) in _JSON else None
        found = {inner(item) for item in value}
        return True if True in found else None if None in found else False

    return test


def _items(part: Any) -> Test:
    inner = _test(part)

    def test(value: Any) -> bool | None:
        if type(value) is not list:
            return True if type(value) in _JSON else None
        found = {inner(item) for item in value}
        return False if False in found else None if None in found else True

    return test


def _sized(kind: type[list[Any]] | type[str], fits: Callable[[int, int], bool]) -> Callable[[Any], Test]:
    """For `minItems` and its like: the length of a list or a text."""

    def build(part: Any) -> Test:
        if type(part) is not int or part < 0:
            raise _Foreign

        def test(value: Any) -> bool | None:
            if type(value) is not kind:
                return True if type(value) in _JSON else None
            return fits(len(value), part)

        return test

    return build


def _bound(fits: Callable[[int, int], bool]) -> Callable[[Any], Test]:
    """For `minimum` and its like. Only whole numbers are compared here."""

    def build(part: Any) -> Test:
        if type(part) not in (int, float):
            raise _Foreign
        if type(part) is float or not _is_plain(part):
            return _unsure

        def test(value: Any) -> bool | None:
            kind = type(value)
            if kind is int:
                return fits(value, part) if _is_plain(value) else None
            return None if kind is float or kind not in _JSON else True

        return test

    return build


def _pattern(part: Any) -> Test:
    if not isinstance(part, str):
        raise _Foreign
    if not _SAME_PATTERN.fullmatch(part):
        return _unsure

    def test(value: Any) -> bool | None:
        if type(value) is not str:
            return True if type(value) in _JSON else None
        compiled = _compiled(part)
        return None if compiled is None else compiled.search(value) is not None

    return test


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    # `\Z` is the end alone; Python's `$` also stands before a line end at the end.
    try:
        return re.compile(re.sub(r"(\\.)|\$", lambda found: found[1] or r"\Z", pattern))
    except re.error:
        return None


def _list(part: Any) -> list[Any]:
    if not isinstance(part, list) or not part:
        raise _Foreign
    return part


_BUILDERS: dict[str, Callable[[Any], Test]] = {
    "type": _type,
    "const": _const,
    "enum": _enum,
    "properties": _properties,
    "required": _required,
    "not": _not,
    "allOf": lambda part: _all([_test(each) for each in _list(part)]),
    "anyOf": _any_of,
    "contains": _contains,
    "items": _items,
    "pattern": _pattern,
    "minItems": _sized(list, lambda size, limit: size >= limit),
    "maxItems": _sized(list, lambda size, limit: size <= limit),
    "minLength": _sized(str, lambda size, limit: size >= limit),
    "maxLength": _sized(str, lambda size, limit: size <= limit),
    "minimum": _bound(lambda value, limit: value >= limit),
    "maximum": _bound(lambda value, limit: value <= limit),
    "exclusiveMinimum": _bound(lambda value, limit: value > limit),
    "exclusiveMaximum": _bound(lambda value, limit: value < limit),
}
