"""What the calls of a few well-known functions give: the environment, paths, texts. All others give nothing known."""

from __future__ import annotations

import ast
import re
import sys
from typing import TYPE_CHECKING, Any

from linter.inspect.python.bases import base_of
from linter.inspect.python.forms import (
    PARTS_LIMIT,
    REQUEST,
    UNKNOWN_VALUE,
    above,
    any_element_of,
    any_member_of,
    any_of,
    few,
    if_given,
    is_later,
    is_request,
    is_setting,
    is_text,
    join,
    member_of,
    path_of,
)
from linter.inspect.python.loaded import loaded, option_of, read_later, text_of_file
from linter.inspect.python.pipeline_parameters import parameter_value
from linter.inspect.python.scopes import CLASS, argument_of, dotted
from linter.inspect.python.templates import formatted
from linter.inspect.python.typed import fields_of, filled_objects, record_of
from linter.references.apis import CALLED
from linter.references.destination import ANY_KEY, SPREAD

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from linter.inspect.python.scopes import Scope
    from linter.inspect.python.values import Values

_JOINS = ("os.path.join", "posixpath.join", "pathlib.Path", "pathlib.PurePath", "pathlib.PosixPath")
SAME = (
    *("str", "int", "float", "repr"),
    *("os.path.abspath", "os.path.expanduser", "os.path.normpath", "os.path.realpath", "os.fspath"),
    *(
        "os.path.expandvars",
        "json.dumps",
        "copy.copy",
        "copy.deepcopy",
        "dataclasses.asdict",
        "dataclasses.replace",
        "frozenset",
        "iter",
        "list",
        "reversed",
        "set",
        "sorted",
        "tuple",
        "dict",
        "vars",
        "shlex.quote",
        "shutil.which",
    ),
)
_SAME_METHODS = frozenset({"lower", "encode", "decode", "resolve", "absolute", "expanduser", "as_posix", "copy"})
_TRIMMING = {"strip": (0, 1), "rstrip": (0, 1), "lstrip": (0, 1), "removeprefix": (1,), "removesuffix": (1,)}
"""Methods that take something off the ends of a text, and how many arguments they have."""
_TEXT_READERS = frozenset({"read", "read_text", "readline"})
_VIEWS: dict[str, Callable[[Any], Any]] = {
    "items": lambda held: _seen(held, lambda members: [[key, value] for key, value in members.items()]),
    "values": lambda held: _seen(held, lambda members: list(members.values())),
    "keys": lambda held: _seen(held, list),
}
"""What is iterated of a mapping."""
_LATER_VIEWS: dict[str, Callable[[Any], Any]] = {
    "items": lambda held: [[{"element": held}, {"member": None, "of": held}]],
    "values": lambda held: [{"member": None, "of": held}],
    "keys": lambda held: [{"element": held}],
}
"""The same of one that other files tell."""
_ONE_OF = ("next", "random.choice")
"""Calls that give an element of what they are given first."""
_OWN_FOLDER = ("os.getcwd", "pathlib.Path.cwd")


def result_of(values: Values, node: ast.Call, scope: Scope) -> Any:
    """The value that a call gives back."""
    func = node.func
    if values.requests.concerned and _is_told(values, node, scope):
        return REQUEST
    if isinstance(func, ast.Attribute):
        found = _of_method(values, func, node, scope)
        if found is not None:
            return found
    if isinstance(func, ast.Name) and func.id in SAME and values.names.bindings(func.id, scope)[0] is None:
        return values.of(node.args[0], scope) if node.args else _made(values, func.id, node, scope)
    if isinstance(func, ast.Name) and func.id in _BUILT_IN and values.names.bindings(func.id, scope)[0] is None:
        return _BUILT_IN[func.id](values, node, scope)
    if isinstance(func, ast.Name) and func.id in _ONE_OF and values.names.bindings(func.id, scope)[0] is None:
        return any_of([_one_of(values, node, scope), *(values.of(each, scope) for each in node.args[1:])])
    default = values.options.default_of_call(values, node, scope)
    if default is not None:
        return default
    for meaning in values.names.of(func, scope):
        if meaning.path in values.tables.own_host_calls:
            return "localhost"
        if meaning.kind == "path":
            found = _of_path(values, meaning.path, node, scope)
            if found is not None:
                return found
            if not values.names.is_library(meaning.path):
                return _with_given(values, _of_product(values, func, meaning.path, scope), node, scope)
        if meaning.kind == "class" and meaning.scope is not None:
            return _with_given(values, {"returned": meaning.scope.name}, node, scope, fields_of(meaning.scope))
        if meaning.kind == "function" and meaning.scope is not None:
            return _of_function(values, meaning.scope)
    return _given_address(values, func, scope) or _of_handed(values, func, scope)


def _of_function(values: Values, function: Scope) -> Any:
    """What a function of the file gives back; of a method that gives back nothing, what those of its heirs do."""
    owner, bare = function.parent, function.name.rpartition(".")[2]
    if not function.returns and owner is not None and owner.kind == CLASS:
        return {"attribute": f"{bare}{CALLED}", "part": owner.name, "default": None}
    return values.returned(function)


def _of_handed(values: Values, func: ast.expr, scope: Scope) -> Any:
    """What a method gives of an object that callers hand over."""
    holder = values.of(func.value, scope) if isinstance(func, ast.Attribute) else UNKNOWN_VALUE
    handed = isinstance(holder, dict) and ("parameter" in holder or "field" in holder)
    return {"field": f"{func.attr}{CALLED}", "of": holder} if handed else UNKNOWN_VALUE  # type: ignore[attr-defined]


def _given_address(values: Values, func: ast.expr, scope: Scope) -> Any:
    """What is known of an address that a call gives back: `session.upload_data(folder)` gives one of S3."""
    table, names = values.tables.given_addresses, values.names
    start = table.get(func.attr) if isinstance(func, ast.Attribute) else None
    paths = (names.table.canonical(each.path) for each in names.of(func, scope) if each.kind == "path")
    start = start or next((table[path] for path in paths if path in table), None)
    return join([start, UNKNOWN_VALUE]) if start else UNKNOWN_VALUE


def _one_of(values: Values, node: ast.Call, scope: Scope) -> Any:
    return any_element_of(values.of(node.args[0], scope)) if node.args else UNKNOWN_VALUE


def _paired(values: Values, nodes: Sequence[ast.expr], scope: Scope) -> Any:
    """The rows that `zip` makes: one stands for all of them."""
    return [[any_element_of(values.of(each, scope)) for each in nodes]]


def _picked_attribute(values: Values, node: ast.Call, scope: Scope) -> Any:
    """`getattr(config, "model", default)`."""
    name = values.of(node.args[1], scope) if len(node.args) > 1 else None
    if not isinstance(name, str) or not name.isidentifier():
        return UNKNOWN_VALUE
    read = ast.copy_location(ast.Attribute(node.args[0], name, ast.Load()), node)
    values.names.keep(read)
    return any_of([values.of(each, scope) for each in (read, *node.args[2:3])])


def _mapped(values: Values, node: ast.Call, scope: Scope) -> Any:
    """`map(str, names)`, `filter(None, names)`: the names, unless they are made into something else."""
    same = len(node.args) == 2 and (node.func.id == "filter" or dotted(node.args[0]) in SAME)  # type: ignore[attr-defined]
    return values.of(node.args[1], scope) if same else UNKNOWN_VALUE


_BUILT_IN: dict[str, Callable[[Any, ast.Call, Any], Any]] = {
    "enumerate": lambda values, node, scope: [[UNKNOWN_VALUE, *_paired(values, node.args[:1], scope)[0]]],
    "filter": _mapped,
    "getattr": _picked_attribute,
    "map": _mapped,
    "zip": lambda values, node, scope: _paired(values, node.args, scope),
}


def _is_told(values: Values, node: ast.Call, scope: Scope) -> bool:
    """Whether a call gives back what a request says: `request.json()`, `json.loads(body)`, `body.get("url")`."""
    func, table = node.func, values.requests.table
    if isinstance(func, ast.Attribute):
        if values.requests.is_source(func, scope, whole=True):
            return True
        if func.attr in table.passing_methods and is_request(values.of(func.value, scope)):
            return True
    if not node.args or not is_request(values.of(node.args[0], scope)):
        return False
    if isinstance(func, ast.Name) and values.names.bindings(func.id, scope)[0] is None:
        return func.id in table.passing_calls
    return any(each.path.replace(CALLED, "") in table.passing_calls for each in values.names.of(func, scope))


def _with_given(values: Values, made: Any, node: ast.Call, scope: Scope, fields: Sequence[str] = ()) -> Any:
    """An instance, with what its maker was given by name, or in the order of its fields: those of a dataclass."""
    given = {name: values.of(each, scope) for name, each in zip(fields, node.args, strict=False)} if made else {}
    for keyword in node.keywords if made else ():
        value = values.of(keyword.value, scope)
        if keyword.arg is not None:
            given[keyword.arg] = value
        elif is_later(value):
            given[SPREAD] = value
        elif isinstance(value, dict):
            given |= value.get("dict", {})
    kept = few(given)
    return {**made, "given": kept} if kept else made


def _filled(values: Values, owner: ast.expr, given: ast.expr, scope: Scope) -> Any:
    """An instance that a class makes out of one mapping: `Settings.model_validate(loaded)` is `Settings(**loaded)`."""
    return _made_up(values, ast.Call(func=owner, args=[], keywords=[ast.keyword(arg=None, value=given)]), owner, scope)


def _of_product(values: Values, func: ast.expr, path: str, scope: Scope) -> Any:
    """What a function of another file returns, or an instance of its class; `assemble` knows which."""
    if path.partition(".")[0] in sys.stdlib_module_names:
        return UNKNOWN_VALUE
    if isinstance(func, ast.Attribute) and path.endswith(f"{CALLED}.{func.attr}"):
        made = values.of(func.value, scope)  # a method of what another file makes
        if isinstance(made, dict) and "returned" in made:
            return {"returned": f"{made['returned']}{CALLED}.{func.attr}"}
    written = dotted(func)
    return {"returned": written} if written is not None else UNKNOWN_VALUE


def _made(values: Values, name: str, node: ast.Call, scope: Scope) -> Any:
    """`dict(other, a=…)`."""
    if name != "dict":
        return UNKNOWN_VALUE
    spread = node.keywords[0].value if not node.args and len(node.keywords) == 1 and not node.keywords[0].arg else None
    copied = values.of(node.args[0] if node.args else spread, scope) if node.args or spread else {"dict": {}}
    if is_later(copied) and (spread or not node.keywords):
        return copied
    members = copied.get("dict", {}) if isinstance(copied, dict) else {}
    return {"dict": {**members, **{each.arg: values.of(each.value, scope) for each in node.keywords if each.arg}}}


def _of_path(values: Values, path: str, node: ast.Call, scope: Scope) -> Any:
    if path in values.tables.environment_readers:
        return _environment(values, node, scope)
    if path in _JOINS:
        return path_of([values.of(each, scope) for each in node.args])
    if path in SAME:
        return values.of(node.args[0], scope) if node.args else UNKNOWN_VALUE
    if path == f"collections.namedtuple{CALLED}":
        return record_of(values, node, scope)
    if path == "os.path.dirname" and node.args:
        return above(path_of([values.of(node.args[0], scope)]))
    if path in _OWN_FOLDER:
        return above({"path": [UNKNOWN_VALUE]})
    if path in _ONE_OF:
        return _one_of(values, node, scope)
    if path == "shlex.split":
        return _words(values.of(node.args[0], scope)) if node.args else UNKNOWN_VALUE
    if path in values.tables.namespace_makers:
        return _made(values, "dict", node, scope)
    if path in values.tables.loaders or path in values.tables.path_loaders:
        return loaded(values, path, node, scope)
    if path in values.tables.settings_readers:
        return read_later(values, path)
    if path in values.tables.pipeline_parameters["classes"]:
        return parameter_value(values, values.tables.pipeline_parameters, node, scope)
    if path in values.tables.wrapping:
        return _wrapped(values, values.tables.wrapping[path], node, scope)
    if path == "urllib.parse.urljoin" and len(node.args) == 2:
        return join([values.of(each, scope) for each in node.args])
    if node.args and values.names.wrappers.get(path, {}).get("calls"):
        return _called(values, node.args[0], scope)
    return base_of(values, path, node, scope)


def _called(values: Values, func: ast.expr, scope: Scope) -> Any:
    """What a function gives that a wrapper calls with nothing."""
    return _made_up(values, ast.Call(func=func, args=[], keywords=[]), func, scope)


def _made_up(values: Values, call: ast.Call, place: ast.expr, scope: Scope) -> Any:
    """What a call gives that the text does not hold, but means."""
    made = ast.copy_location(call, place)
    values.names.keep(made)
    return values.of(made, scope)


def _wrapped(values: Values, place: Mapping[str, Any], node: ast.Call, scope: Scope) -> Any:
    """What an object stands for that only holds a value: `Request(url)`."""
    return values.of(argument_of(node, place.get("at"), place.get("keyword")), scope)


def _environment(values: Values, node: ast.Call, scope: Scope) -> Any:
    arguments = [*node.args, *(each.value for each in node.keywords if each.arg in ("default", "fallback"))]
    key = values.of(arguments[0], scope) if arguments else None
    if not isinstance(key, str):  # of whichever variable, when nothing sets it
        return any_of([UNKNOWN_VALUE, *(values.of(each, scope) for each in arguments[1:2])])
    if len(arguments) == 1:
        return values.variable({"environment": key}, scope)
    return values.variable({"environment": key, "default": values.of(arguments[1], scope)}, scope)


def _of_method(values: Values, func: ast.Attribute, node: ast.Call, scope: Scope) -> Any:
    """Methods of texts, paths and dictionaries; None when it is not seen to be one of these."""
    parsed = values.options.parsed(values, func.attr)
    if parsed is not None:
        return parsed
    if func.attr == "format":
        template = values.of(func.value, scope)
        return formatted(values, template, node, scope) if isinstance(template, str) else None
    if func.attr == "split" and len(node.args) < 2 and not node.keywords:
        return _split(values, func, node, scope)
    if func.attr == "with_name" and len(node.args) == 1:
        return path_of([above(values.of(func.value, scope)), values.of(node.args[0], scope)])
    if func.attr == "joinpath":
        return path_of([values.of(func.value, scope), *(values.of(each, scope) for each in node.args)])
    if func.attr == "join" and isinstance(func.value, ast.Constant) and isinstance(func.value.value, str) and node.args:
        return _joined(values, func.value.value, values.of(node.args[0], scope))
    if func.attr in _VIEWS and not node.args and not node.keywords:
        held = values.of(func.value, scope)
        return _LATER_VIEWS[func.attr](held) if is_later(held) else _VIEWS[func.attr](held)
    if func.attr in values.tables.filling_methods:
        return filled_objects(values, node, scope)
    if func.attr in values.tables.filling_class_methods and node.args:
        return _filled(values, func.value, node.args[0], scope)
    if func.attr in values.tables.settings_methods:  # what the model server is told, for `assemble` to fill in
        return {"returned": func.attr}
    if func.attr in _TEXT_READERS:
        return text_of_file(values, node, scope)
    if func.attr in _SAME_METHODS:
        return values.of(func.value, scope)
    if func.attr in _TRIMMING:
        return _trimmed(values.of(func.value, scope), func.attr, [values.of(each, scope) for each in node.args])
    if func.attr == "replace" and len(node.args) == 2:
        return _replaced(*(values.of(each, scope) for each in (func.value, *node.args)))
    if func.attr in ("get", "pop", "setdefault") and node.args and not values.is_environment(func.value, scope):
        return _got(values, func, node, scope)
    return None


def _seen(held: Any, view: Callable[[dict[str, Any]], list[Any]]) -> Any:
    return view(held["dict"])[:PARTS_LIMIT] if isinstance(held, dict) and held.get("dict") else None


def _split(values: Values, func: ast.Attribute, node: ast.Call, scope: Scope) -> Any:
    """`text.split()` of what is known in part, `text.split(":")` of what is known."""
    text = values.of(func.value, scope)
    separator = values.of(node.args[0], scope) if node.args else " "
    if not node.args or (separator == " " and not isinstance(text, str)):
        return _words(text)
    known = isinstance(text, str) and isinstance(separator, str) and separator
    return text.split(separator)[:PARTS_LIMIT] if known else None


def _words(text: Any) -> Any:
    """The words of a command line; a part that is not known belongs to the word it stands in."""
    if isinstance(text, dict) and "any" in text:
        return any_of([_words(each) for each in text["any"]])
    if not isinstance(text, str) and not (isinstance(text, dict) and "join" in text):
        return None
    words: list[list[Any]] = [[]]
    whole = text if isinstance(text, str) else join([_longest(each) for each in text["join"]])
    for piece in [whole] if isinstance(whole, str) else whole["join"]:
        if not isinstance(piece, str):
            words[-1].append(piece)
            continue
        first, *others = re.split(r"\s+", piece)
        words[-1] += [first] if first else []
        words += [[each] if each else [] for each in others]
    return [join(word) for word in words if word]


def _longest(piece: Any) -> Any:
    """The last of several texts that a piece may be, which has all that was added on the way: `command += " -q"`."""
    while isinstance(piece, dict) and all(is_text(each) for each in piece.get("any", ({},))):
        piece = piece["any"][-1]
    return join([_longest(each) for each in piece["join"]]) if isinstance(piece, dict) and "join" in piece else piece


def _trimmed(text: Any, method: str, arguments: Sequence[Any]) -> Any:
    """`text.strip("/")`: of a text that is not known whole, the same as before."""
    known = len(arguments) in _TRIMMING[method] and all(isinstance(each, str) for each in (text, *arguments))
    return getattr(text, method)(*arguments) if known else text


def _joined(values: Values, separator: str, items: Any) -> Any:
    if isinstance(items, dict) and ("parameter" in items or "rest" in items):
        return {"joined": [separator, items]}
    if not isinstance(items, list):
        return UNKNOWN_VALUE
    parts: list[Any] = []
    for number, item in enumerate(items):
        parts += [separator, item] if number else [item]
    return join(parts)


def _replaced(text: Any, old: Any, new: Any) -> Any:
    if isinstance(text, str) and isinstance(old, str):
        if old and old not in text:
            return text
        return text.replace(old, new)[:2000] if old and isinstance(new, str) else UNKNOWN_VALUE
    if isinstance(text, dict) and "any" in text:
        return any_of([_replaced(each, old, new) for each in text["any"]])
    if isinstance(text, dict) and "environment" in text and "default" in text:
        return {**text, "default": _replaced(text["default"], old, new)}
    return UNKNOWN_VALUE


def _got(values: Values, func: ast.Attribute, node: ast.Call, scope: Scope) -> Any:
    """`mapping.get(key, default)`."""
    key = values.of(node.args[0], scope)
    holder = values.of(func.value, scope)
    default = values.of(node.args[1], scope) if len(node.args) > 1 else None
    paths = [meaning.path for meaning in values.names.of(func.value, scope) if meaning.kind == "path"]
    option = option_of(values, node, scope, holder, paths)
    if option is not None:
        return option
    if isinstance(holder, dict) and "dict" in holder and isinstance(key, str):
        others = [holder["dict"][ANY_KEY]] if ANY_KEY in holder["dict"] else []
        return holder["dict"].get(key, any_of([*others, default]))
    if isinstance(key, str):
        option = values.options.of_mapping(values, func.value, key, scope)
        if option is not None:
            return option
    read = is_setting(holder)
    from_mapping = default is not None and any(path.startswith(values.tables.loaded_mappings) for path in paths)
    if isinstance(key, str) and from_mapping:
        return {"setting": key, "default": default, **({"of": holder} if read else {})}
    if not read and any(path.endswith(CALLED) for path in paths):
        return None
    held = member_of(holder, key) if isinstance(key, str) else any_member_of(holder)
    return if_given(held, default) if len(node.args) > 1 else held
