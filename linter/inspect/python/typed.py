"""Objects whose class the code tells: by a parameter's annotation, or by the parser that fills them.

`def main(config: Config)` and `model, data = HfArgumentParser((ModelArgs, DataArgs)).parse_…()` both leave the defaults
of the class to be looked up, in the file that defines it.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.inspect.python.forms import few
from linter.inspect.python.names import effective
from linter.inspect.python.scopes import dotted

if TYPE_CHECKING:
    from linter.inspect.python.scopes import Scope
    from linter.inspect.python.values import Values

_LONGEST = 200


class Told(NamedTuple):
    """The classes, as written, that an object may be an instance of, and the mappings that fill its fields."""

    classes: list[str]
    filled_from: list[Any]


def told_of(values: Values, name: str, scope: Scope, line: int) -> Told:
    """What is told about the object that a name stands for; nothing, when nothing tells."""
    told = Told([], [])
    owner, bindings = values.names.bindings(name, scope)
    for binding in effective(bindings, line, owner is scope) if owner is not None else ():
        annotated = _annotated(binding.annotation)
        if annotated is not None:
            told.classes.append(annotated)
        elif isinstance(binding.node, ast.Call) and len(binding.path) <= 1 and owner is not None:
            filled = _filled_classes(values, binding.node, binding.owner or owner)
            number = binding.path[0] if binding.path else 0
            if 0 <= number < len(filled) and filled[number] is not None:
                told.classes.append(str(filled[number]))
                told.filled_from.append(_filling(values, binding.node, binding.owner or owner))
    return told


def filled_objects(values: Values, node: ast.Call, scope: Scope) -> Any:
    """What a parser's call that fills dataclasses gives: their instances, in a list; None when they are not told."""
    classes = _filled_classes(values, node, scope)
    members = _filling(values, node, scope)
    given = few(members.get("dict", {})) if isinstance(members, dict) else {}
    found = [{"returned": each, "given": given} if given else {"returned": each} for each in classes if each]
    return found if len(found) == len(classes) and found else None


def _filling(values: Values, node: ast.Call, scope: Scope) -> Any:
    """The mapping that a parser's call fills objects from: given as such, or in a file of settings that it names."""
    reads_file = isinstance(node.func, ast.Attribute) and node.func.attr in values.filling_file_methods
    given = [*node.args, *(each.value for each in node.keywords if reads_file and each.arg)]
    value = values.of(given[0], scope) if given else {}
    if reads_file and value and isinstance(value, str | dict):
        values.reads_settings = True
        return {"loaded": value}
    return value


def _annotated(annotation: ast.expr | None) -> str | None:
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        text = annotation.value.strip()
        return text if len(text) < _LONGEST and all(part.isidentifier() for part in text.split(".")) else None
    name = (dotted(annotation.value) or "").rpartition(".")[2] if isinstance(annotation, ast.Subscript) else None
    if isinstance(annotation, ast.Subscript) and name in ("Optional", "Annotated"):
        inner = annotation.slice
        return _annotated(inner.elts[0] if isinstance(inner, ast.Tuple) and inner.elts else inner)
    return dotted(annotation) if isinstance(annotation, ast.Name | ast.Attribute) else None


def _filled_classes(values: Values, node: ast.Call, scope: Scope) -> list[str | None]:
    """The classes that `parser.parse_args_into_dataclasses()` and its like fill, in the order of the result."""
    if not (isinstance(node.func, ast.Attribute) and node.func.attr in values.filling_methods):
        return []
    parser = node.func.value
    if isinstance(parser, ast.Name):
        _, bindings = values.names.bindings(parser.id, scope)
        parser = next((each.node for each in reversed(bindings) if isinstance(each.node, ast.Call)), parser)
    if not (isinstance(parser, ast.Call) and parser.args):
        return []
    first = parser.args[0]
    return [dotted(each) for each in (first.elts if isinstance(first, ast.Tuple | ast.List) else [first])]
