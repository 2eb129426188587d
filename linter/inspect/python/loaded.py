"""Settings that code reads out of a file of the product: `config = yaml.safe_load(open("config.yaml"))`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from linter.inspect.python.names import effective
from linter.lazy import compiled
from linter.model import Fact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.inspect.python.scopes import Scope
    from linter.inspect.python.values import Values
    from linter.model import Location

_OPENERS = frozenset({"open", "io.open", "codecs.open"})
_READERS = frozenset({"read", "read_text", "read_bytes", "open"})
_NAMED = compiled(r"""["']([\w./\\-]{1,200}\.(?:ya?ml|json))["']""")
_DEPTH = 6
_NAMES_LIMIT = 20
"""Files that one module reads settings from."""


def loaded(values: Values, node: ast.Call, scope: Scope) -> Any:
    """What a call that reads a mapping gives: the contents of a file, for `assemble` to fill in."""
    file = _file_of(values, node.args[0], scope, 0) if node.args else None
    if file is None and node.args:
        text = values.of(node.args[0], scope)
        return {"loaded": text} if isinstance(text, dict) and "environment" in text else None
    if not isinstance(file, str) and not (isinstance(file, dict) and file):
        return None
    values.reads_settings = True
    return {"loaded": file}


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
    """One `settings.use` with what a module that reads settings names of such files, wherever it does."""
    names = sorted(dict.fromkeys(_NAMED.findall(text))) if values.reads_settings else []
    if names:
        yield Fact("settings.use", place, {"names": names[:_NAMES_LIMIT]})
