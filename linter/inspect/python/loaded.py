"""Settings that code reads out of a file of the product: `config = yaml.safe_load(open("config.yaml"))`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from linter.inspect.python.forms import UNKNOWN_VALUE, any_of, member_of
from linter.inspect.python.scopes import effective
from linter.lazy import compiled
from linter.model import Fact
from linter.references.apis import CALLED
from linter.references.destination import HOLE, alternatives

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from linter.inspect.python.scopes import Scope
    from linter.inspect.python.values import Values
    from linter.model import Location

_OPENERS = frozenset({"open", "io.open", "codecs.open"})
_READERS = frozenset({"read", "read_text", "read_bytes", "open"})
_NAMED = compiled(r"""["']([\w./\\-]{0,200}\.(?:ya?ml|json|toml|ini|cfg|conf))["']""")
_TEXT = ".txt"
_DEPTH = 6
_NAMES_LIMIT = 20
"""Files that one module reads settings from."""


def loaded(values: Values, path: str, node: ast.Call, scope: Scope) -> Any:
    """What a call that reads a mapping gives: the contents of a file, for `assemble` to fill in."""
    if not node.args:
        return None
    file = _file_of(values, node.args[0], scope, 0)
    if file is None:
        given = values.of(node.args[0], scope)
        if isinstance(given, dict) and "environment" in given:
            return {"loaded": given}
        file = given if path in values.tables.path_loaders else None
    return _contents(values, file)


def text_of_file(values: Values, node: ast.Call, scope: Scope) -> Any:
    """What a call gives that reads a whole file of text, for `assemble` to fill in; None for any other file."""
    file = _file_of(values, node, scope, 0)
    names = [each for each in alternatives(file) if isinstance(each, str)] if file is not None else []
    if not names or not all(name.endswith(_TEXT) for name in names):
        return None
    values.settings_files.update(dict.fromkeys(name.rpartition(HOLE)[2].lstrip("/") for name in names))
    values.reads_settings = True
    return {"loaded": file}


def read_later(values: Values, path: str) -> Any:
    """What an object of a class holds that is made empty and reads files by a method: `parser.read("a.ini")`."""
    methods = values.tables.settings_readers.get(path)
    if methods is None:
        return None
    found = []
    for called in values.names.outline.calls_named(set(methods)):
        func, given = called.node.func, called.node.args[:1]
        own = isinstance(func, ast.Attribute) and any(
            each.path == path + CALLED for each in values.names.of(func.value, called.scope)
        )
        for each in given if own else ():
            for file in each.elts if isinstance(each, ast.List | ast.Tuple) else [each]:
                opened = _file_of(values, file, called.scope, 0)
                found.append(_contents(values, values.of(file, called.scope) if opened is None else opened))
    known = [each for each in found if each is not None]
    return any_of(known) if known else None


def handed_settings(values: Values, function: Scope) -> Any:
    """What a decorator hands to a function out of a file: `@hydra.main(config_path="conf", config_name="train")`."""
    for decorator in function.decorators:
        if not isinstance(decorator, ast.Call) or function.parent is None:
            continue
        names = (each.path for each in values.names.of(decorator.func, function.parent))
        decorators = values.tables.settings_decorators
        table = next((decorators[each] for each in names if each in decorators), None)
        if table is not None:
            given = {each.arg: values.of(each.value, function.parent) for each in decorator.keywords if each.arg}
            file = given.get(table["file"])
            if isinstance(file, str):
                name = file if file.endswith(table["suffix"]) else file + table["suffix"]
                folder = given.get(table["folder"])
                known = isinstance(folder, str) and folder not in ("", ".")
                path = f"{folder}/{name}" if known else name
                values.settings_files[path] = None
                return _contents(values, path)
    return None


def _contents(values: Values, file: Any) -> Any:
    if not isinstance(file, str) and not (isinstance(file, dict) and file):
        return None
    values.reads_settings = True
    for text in alternatives(file):  # a name that is put together stands nowhere in the text: `name + ".yaml"`
        _, hole, known = text.rpartition(HOLE) if isinstance(text, str) else ("", "", "")
        name = known.lstrip("/") if hole else known
        if _NAMED.fullmatch(f"'{name}'"):
            values.settings_files[name] = None
    return {"loaded": file}


def option_of(values: Values, node: ast.Call, scope: Scope, holder: Any, paths: Sequence[str]) -> Any:
    """`parser.get("section", "option", fallback="…")`; None for what is no such call."""
    if len(node.args) < 2 or not any(path.removesuffix(CALLED) in values.tables.settings_readers for path in paths):
        return None
    section, option = (values.of(each, scope) for each in node.args[:2])
    if not (isinstance(section, str) and isinstance(option, str)):
        return UNKNOWN_VALUE
    held = member_of(holder, section)
    fallback = next((each.value for each in node.keywords if each.arg == "fallback"), None)
    if fallback is None:
        return member_of(held, option)
    return {"setting": option, "default": values.of(fallback, scope), "of": held}


def _file_of(values: Values, node: ast.expr, scope: Scope, depth: int) -> Any:
    """The path of the file that an expression reads; None when it reads none that is seen."""
    if depth > _DEPTH:
        return None
    if isinstance(node, ast.Name):
        owner, bindings = values.names.bindings(node.id, scope)
        held = effective(bindings, node.lineno, owner is scope) if owner is not None else ()
        if len(held) != 1 or held[0].kind not in ("enter", "value") or held[0].node is None or held[0].path:
            return None
        return _file_of(values, held[0].node, held[0].owner or scope, depth + 1)
    if not isinstance(node, ast.Call):
        return None
    func = node.func
    if node.args and any(each.path in _OPENERS for each in values.names.of(func, scope)):
        return values.of(node.args[0], scope)
    if isinstance(func, ast.Attribute) and func.attr in _READERS:
        opened = _file_of(values, func.value, scope, depth + 1)
        return opened if opened is not None else values.of(func.value, scope)
    return None


def settings_use(values: Values, text: str, place: Location) -> Iterator[Fact]:
    """One `settings.use` with what a module names of such files, wherever it does, and whether it reads any."""
    names = sorted(dict.fromkeys([*_NAMED.findall(text), *_put_together(values), *values.settings_files]))
    if names or values.reads_settings:
        yield Fact("settings.use", place, {"names": names[:_NAMES_LIMIT], "reads": values.reads_settings})


def _put_together(values: Values) -> Iterator[str]:
    """The known ends of paths that the module puts together: `BASE / "config" / "settings.yaml"`."""
    for value in values.seen():
        parts = value.get("path") if isinstance(value, dict) else None
        known: list[str] = []
        for part in parts or ():
            known = [*known, part] if isinstance(part, str) else []
        if len(known) > 1 and _NAMED.fullmatch(f"'{known[-1]}'"):
            yield "/".join(known)
