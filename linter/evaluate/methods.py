"""Methods of texts, mappings, lists, paths and files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.evaluate.expressions import constant, iterate, update
from linter.evaluate.files import contents
from linter.evaluate.formats import formatted, text_of
from linter.evaluate.library import copied
from linter.evaluate.operators import as_part, join_path
from linter.evaluate.text import Text, TooLarge, joined
from linter.evaluate.values import Bound, Dict, File, List, PathText, Scalar, Unknown, is_plain, plain, same

if TYPE_CHECKING:
    from collections.abc import Callable

    from linter.evaluate.functions import Given
    from linter.evaluate.machine import Machine


def property_of(owner: Any, name: str) -> Any:
    """An attribute of a built-in value; methods are bound to it."""
    if isinstance(owner, PathText) and owner.text.known:
        flat = owner.text.flat.rstrip("/")
        slash = flat.rfind("/")
        if name == "parent":
            return PathText(owner.text.cut(0, slash) if slash > 0 else Text.written("."))
        if name == "name":
            return owner.text.cut(slash + 1, len(flat))
        if name == "stem":
            dot = flat.rfind(".")
            return owner.text.cut(slash + 1, dot if dot > slash + 1 else len(flat))
    return Bound(owner, name)


def call_method(m: Machine, owner: Any, name: str, given: Given) -> Any:
    """What a method of a built-in value gives; None when that is not known."""
    table = next((table for kind, table in _TABLES.items() if isinstance(owner, kind)), {})
    method = table.get(name)
    if method is None:
        if isinstance(owner, Dict | List) and name not in _READERS:
            m.lose(owner)
        return None
    if isinstance(owner, Text):
        m.tick(len(owner.flat) // 64 + len(owner.pieces) // 4)
    return method(m, owner, given)


_READERS = frozenset({"index", "count", "__len__", "__contains__", "isdisjoint", "issubset"})


# --- texts


def _format(m: Machine, owner: Text, given: Given) -> Any:
    return formatted(owner, given.values, given.named.items, given.named.open or given.more, given.place)


def _format_map(m: Machine, owner: Text, given: Given) -> Any:
    named = given.arg(0)
    return formatted(owner, [], named.items, named.open, given.place) if isinstance(named, Dict) else None


def _replace(m: Machine, owner: Text, given: Given) -> Any:
    old, new = given.arg(0), given.arg(1)
    if not isinstance(old, Text) or not old.known or new is None or len(given.values) > 2:
        return None
    part = as_part(new)
    return owner.replaced(old.flat, part) if part is not None else None


def _strip(left: bool, right: bool) -> Any:
    def strip(m: Machine, owner: Text, given: Given) -> Any:
        characters = given.arg(0)
        if characters is not None and not (isinstance(characters, Text) and characters.known):
            return None
        return owner.stripped(characters.flat if characters is not None else None, left, right)

    return strip


def _change(change: Callable[[str], str]) -> Any:
    return lambda m, owner, given: owner.changed(change)


def _split(m: Machine, owner: Text, given: Given) -> Any:
    if not owner.known or len(given.values) > 1 or given.named.items:
        return None
    separator = given.arg(0)
    if isinstance(separator, Text) and separator.known and separator.flat:
        return List(owner.split(separator.flat), given.place)
    if separator is not None:
        return None
    parts, at = [], 0
    for word in owner.flat.split():
        at = owner.flat.index(word, at)
        parts.append(owner.cut(at, at + len(word)))
        at += len(word)
    return List(parts, given.place)


def _lines(m: Machine, owner: Text, given: Given) -> Any:
    if not owner.known:
        return None
    parts = owner.split("\n")
    return List(parts[:-1] if parts and not parts[-1].flat else parts, given.place)


def _join(m: Machine, owner: Text, given: Given) -> Any:
    items = iterate(m, given.arg(0))
    if items is None:
        return Text.unknown("value", given.place)
    return joined([as_part(item) or text_of(item) for item in items], owner, given.place)


def _starts(m: Machine, owner: Text, given: Given) -> Any:
    wanted = given.arg(0)
    if not isinstance(wanted, Text) or not wanted.known or not (owner.known or owner.pieces[0].unknown is None):
        return None
    head = owner.flat if owner.known else owner.pieces[0].text
    return Scalar(head.startswith(wanted.flat), given.place) if owner.known or len(head) >= len(wanted.flat) else None


def _ends(m: Machine, owner: Text, given: Given) -> Any:
    wanted = given.arg(0)
    if not isinstance(wanted, Text) or not wanted.known or not owner.known:
        return None
    return Scalar(owner.flat.endswith(wanted.flat), given.place)


def _without_prefix(m: Machine, owner: Text, given: Given) -> Any:
    prefix = given.arg(0)
    if not isinstance(prefix, Text) or not prefix.known or not owner.known:
        return None
    return owner.cut(len(prefix.flat), len(owner.flat)) if owner.flat.startswith(prefix.flat) else owner


def _itself(m: Machine, owner: Any, given: Given) -> Any:
    return owner


# --- mappings


def _get(m: Machine, owner: Dict, given: Given) -> Any:
    key = given.arg(0)
    if not is_plain(key):
        return None
    found = owner.items.get(plain(key))
    if found is not None or owner.open:
        return found
    return given.arg(1, "default") or Scalar(None, given.place)


def _update(m: Machine, owner: Dict, given: Given) -> Any:
    m.touch(owner)
    for value in given.values:
        update(owner, value)
    update(owner, given.named)
    m.tick(len(owner.items))
    return Scalar(None, given.place)


def _set_default(m: Machine, owner: Dict, given: Given) -> Any:
    key, value = given.arg(0), given.arg(1, "default") or Scalar(None, given.place)
    m.touch(owner)
    if not is_plain(key):
        owner.blur(key if isinstance(key, Text) else None)
        return None
    if plain(key) not in owner.items:
        if owner.open:
            value = Unknown(str(plain(key)), given.place)
        owner.put(plain(key), value, key if isinstance(key, Text) else None)
    return owner.items[plain(key)]


def take(m: Machine, owner: Any, key: Any, default: Any = None) -> Any:
    """Remove an entry or element and give it."""
    if isinstance(owner, Dict):
        m.touch(owner)
        if is_plain(key):
            found = owner.items.pop(plain(key), default)
            return None if found is default and owner.open else found
        owner.blur(key if isinstance(key, Text) else None)
    elif isinstance(owner, List):
        m.touch(owner)
        index = -1 if key is None else key.value if isinstance(key, Scalar) else None
        if type(index) is int and not owner.open and -len(owner.items) <= index < len(owner.items):
            return owner.items.pop(index)
        owner.items, owner.open = [], True
    return None


def _pop(m: Machine, owner: Any, given: Given) -> Any:
    return take(m, owner, given.arg(0), given.arg(1))


def _clear(m: Machine, owner: Any, given: Given) -> Any:
    m.touch(owner)
    owner.items, owner.open = ({} if isinstance(owner, Dict) else []), False
    return Scalar(None, given.place)


def _copy(m: Machine, owner: Any, given: Given) -> Any:
    return copied(m, owner, {}, deep=False)


def _keys(m: Machine, owner: Dict, given: Given) -> Any:
    return List([owner.keys.get(key) or constant(key, owner.place) for key in owner.items], owner.place, owner.open)


def _values(m: Machine, owner: Dict, given: Given) -> Any:
    return List(list(owner.items.values()), owner.place, owner.open)


def _items(m: Machine, owner: Dict, given: Given) -> Any:
    pairs = [[owner.keys.get(key) or constant(key, owner.place), value] for key, value in owner.items.items()]
    return List([List(pair, None, False, "tuple") for pair in pairs], owner.place, owner.open)


# --- lists


def _append(m: Machine, owner: List, given: Given) -> Any:
    m.touch(owner)
    value = given.arg(0)
    if len(owner.items) >= 5_000:
        owner.open = True
    if not owner.open and value is not None and not (owner.kind == "set" and any(same(value, x) for x in owner.items)):
        owner.items.append(value)
    return Scalar(None, given.place)


def _extend(m: Machine, owner: List, given: Given) -> Any:
    m.touch(owner)
    added = iterate(m, given.arg(0))
    if added is None or len(owner.items) + len(added) > 5_000:
        owner.open = True
    elif not owner.open:
        owner.items += added
    m.tick(len(owner.items) // 8)
    return Scalar(None, given.place)


def _insert(m: Machine, owner: List, given: Given) -> Any:
    m.touch(owner)
    at, value = given.arg(0), given.arg(1)
    if isinstance(at, Scalar) and type(at.value) is int and value is not None and not owner.open:
        owner.items.insert(at.value, value)
        if len(owner.items) > 5_000:
            raise TooLarge
    else:
        owner.items, owner.open = [], True
    return Scalar(None, given.place)


def _remove(m: Machine, owner: List, given: Given) -> Any:
    m.touch(owner)
    value = given.arg(0)
    at = next((number for number, item in enumerate(owner.items) if same(item, value)), None)
    if at is not None and all(is_plain(item) for item in owner.items[:at]):
        del owner.items[at]
    else:
        owner.items, owner.open = [], True
    return Scalar(None, given.place)


def _reverse(m: Machine, owner: List, given: Given) -> Any:
    m.touch(owner)
    owner.items = [] if owner.open else owner.items[::-1]
    return Scalar(None, given.place)


def _sort(m: Machine, owner: List, given: Given) -> Any:
    m.touch(owner)
    try:
        known = not owner.open and not given.named.items and all(is_plain(item) for item in owner.items)
        owner.items = sorted(owner.items, key=plain) if known else [Unknown("value", owner.place) for _ in owner.items]
    except TypeError:
        owner.items, owner.open = [], True
    return Scalar(None, given.place)


# --- files and paths


def _read(m: Machine, owner: File, given: Given) -> Any:
    return owner.text if not given.values else None


def _read_lines(m: Machine, owner: File, given: Given) -> Any:
    if owner.text is None:
        return None
    lines = owner.text.split("\n")
    ended = [joined([line, Text.written("\n")]) for line in lines[:-1]]
    return List([*ended, lines[-1]] if lines[-1].flat else ended, given.place)


def _read_path(m: Machine, owner: PathText, given: Given) -> Any:
    return contents(m, owner)


def _open_path(m: Machine, owner: PathText, given: Given) -> Any:
    from linter.evaluate.library import LIBRARY

    return LIBRARY["builtins.open"](m, given._replace(values=[owner, *given.values]))


def _join_path(m: Machine, owner: PathText, given: Given) -> Any:
    return PathText(join_path([owner.text, *(text_of(value) for value in given.values)], given.place))


def _path_text(m: Machine, owner: PathText, given: Given) -> Any:
    return owner.text


def _resolve(m: Machine, owner: PathText, given: Given) -> Any:
    from linter.evaluate.library import LIBRARY

    return PathText(LIBRARY["os.path.abspath"](m, given._replace(values=[owner.text])))


_TABLES: dict[type[Any], dict[str, Any]] = {
    Text: {
        "format": _format,
        "format_map": _format_map,
        "replace": _replace,
        "strip": _strip(True, True),
        "lstrip": _strip(True, False),
        "rstrip": _strip(False, True),
        "lower": _change(str.lower),
        "upper": _change(str.upper),
        "split": _split,
        "splitlines": _lines,
        "join": _join,
        "startswith": _starts,
        "endswith": _ends,
        "removeprefix": _without_prefix,
        "encode": _itself,
        "decode": _itself,
        "__str__": _itself,
    },
    Dict: {
        "get": _get,
        "update": _update,
        "setdefault": _set_default,
        "pop": _pop,
        "clear": _clear,
        "copy": _copy,
        "keys": _keys,
        "values": _values,
        "items": _items,
        "__getitem__": _get,
    },
    List: {
        "append": _append,
        "add": _append,
        "extend": _extend,
        "update": _extend,
        "insert": _insert,
        "remove": _remove,
        "pop": _pop,
        "clear": _clear,
        "copy": _copy,
        "reverse": _reverse,
        "sort": _sort,
    },
    File: {"read": _read, "readlines": _read_lines, "__enter__": _itself},
    PathText: {
        "read_text": _read_path,
        "open": _open_path,
        "joinpath": _join_path,
        "as_posix": _path_text,
        "__str__": _path_text,
        "resolve": _resolve,
        "absolute": _resolve,
        "expanduser": _itself,
    },
}
