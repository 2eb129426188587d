"""Objects whose class the code tells: by a parameter's annotation, or by the parser that fills them.

`def main(config: Config)` and `model, data = HfArgumentParser((ModelArgs, DataArgs)).parse_…()` both leave the defaults
of the class to be looked up, in the file that defines it.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.inspect.python.forms import UNKNOWN_VALUE, any_of, few, member_of
from linter.inspect.python.scopes import dotted, effective
from linter.references.apis import CALLED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from linter.inspect.python.names import Meaning
    from linter.inspect.python.scopes import Scope
    from linter.inspect.python.values import Values

_LONGEST = 200
_DATA_CLASSES = frozenset({"dataclass", "define", "frozen"})


class Told(NamedTuple):
    """The classes, as written, that an object may be an instance of, and mappings that its fields are filled from.

    `parsed` are those of the classes whose fields a command line fills.
    """

    classes: list[str]
    parsed: list[str]
    filled_from: list[Any]

    def field(self, name: str) -> list[Any]:
        """What an object has for a field, as far as that is known: what it is filled from, and the classes' own."""
        given = [member_of(each, name) for each in self.filled_from]
        own: list[Any] = [{"name": f"{each}{CALLED}.{name}"} for each in self.classes]
        if "." not in name:
            own = [
                {"option": name, "default": value} if each in self.parsed else value
                for each, value in zip(self.classes, own, strict=True)
            ]
        return [*(each for each in given if each != UNKNOWN_VALUE), *own]


def told_of(values: Values, name: str, scope: Scope, line: int) -> Told:
    """What is told about the object that a name stands for; nothing, when nothing tells."""
    told = Told([], [], [])
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
                given = _filled_from(values, binding.node, binding.owner or owner)
                told.filled_from.extend(given)
                told.parsed.extend([] if given else told.classes[-1:])
    return told


def filled_field(values: Values, node: ast.Call, name: str, scope: Scope) -> Any:
    """What a call that fills dataclasses gives for a field: an option, or what a file says."""
    filled = _filled_from(values, node, scope)
    return member_of(filled[0], name) if filled else {"option": name, "default": UNKNOWN_VALUE}


def _filled_from(values: Values, node: ast.Call, scope: Scope) -> list[Any]:
    """The mapping that a call fills dataclasses from: one that it is given, or one in a file."""
    reads_file = isinstance(node.func, ast.Attribute) and node.func.attr in values.tables.filling_file_methods
    told = [*node.args, *(each.value for each in node.keywords if reads_file and each.arg)]
    if not told:
        return []
    given = values.of(told[0], scope)
    if not reads_file:
        return [given] if isinstance(given, dict) and given else []
    values.reads_settings = True
    return [{"loaded": given}] if given != UNKNOWN_VALUE else []


def filled_objects(values: Values, node: ast.Call, scope: Scope) -> Any:
    """What a parser's call that fills dataclasses gives: their instances, in a list; None when they are not told."""
    classes = _filled_classes(values, node, scope)
    filled = _filled_from(values, node, scope)
    given = few(filled[0].get("dict", {})) if filled else {}
    told = {"given": given} if given else {"parsed": True} if not filled else {}
    told |= {"from": filled[0]} if filled and "loaded" in filled[0] else {}
    found = [{"returned": each, **told} for each in classes if each]
    return found if len(found) == len(classes) and found else None


def fields_of(owner: Scope) -> list[str]:
    """The fields of a class without an `__init__`, in the order in which its maker takes them."""
    if "__init__" in owner.bindings or not isinstance(owner.node, ast.ClassDef):
        return []
    return [
        each.target.id
        for each in owner.node.body
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
    ]


def record_of(values: Values, node: ast.Call, scope: Scope) -> Any:
    """What a class gives that `Model = namedtuple("Model", "name url")` makes: an object with these members."""
    bindings = values.names.bindings(node.func.id, scope)[1] if isinstance(node.func, ast.Name) else ()
    maker = bindings[0].node if len(bindings) == 1 else None
    names = values.of(maker.args[1], scope) if isinstance(maker, ast.Call) and len(maker.args) > 1 else None
    fields = names.replace(",", " ").split() if isinstance(names, str) else names if isinstance(names, list) else []
    placed = zip(fields, node.args, strict=False)
    given = {name: values.of(each, scope) for name, each in placed if isinstance(name, str)}
    return {"dict": given | {each.arg: values.of(each.value, scope) for each in node.keywords if each.arg}}


def field_of_made(made: Mapping[str, Any], name: str) -> Any:
    """What an instance of a class of another file has for a field: by that class, or by what filled it."""
    own = {"name": f"{made['returned']}{CALLED}.{name}"}
    if "from" in made:
        return any_of([member_of(made["from"], name), own])
    return {"option": name, "default": own} if "parsed" in made else own


def field_of_instance(meaning: Meaning, name: str, value: Any) -> Any:
    """What an instance of a class of the file has for an attribute; what is given for a field that says nothing."""
    node = meaning.scope.node if meaning.kind == "instance" and meaning.scope is not None else None
    if value not in (None, "", UNKNOWN_VALUE) or not isinstance(node, ast.ClassDef):
        return value
    functions = (each.func if isinstance(each, ast.Call) else each for each in node.decorator_list)
    written = {(dotted(each) or "").rpartition(".")[2] for each in functions}
    return value if written.isdisjoint(_DATA_CLASSES) else {"option": name, "default": value}


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
    """The same as they are written; None for one that is no name."""
    return [dotted(each) for each in filled_classes(values, node, scope)]


def filled_classes(values: Values, node: ast.Call, scope: Scope) -> Sequence[ast.expr]:
    """The classes that `parser.parse_args_into_dataclasses()` and its like fill, in the order of the result."""
    if not (isinstance(node.func, ast.Attribute) and node.func.attr in values.tables.filling_methods):
        return ()
    parser = node.func.value
    if isinstance(parser, ast.Name):
        _, bindings = values.names.bindings(parser.id, scope)
        parser = next((each.node for each in reversed(bindings) if isinstance(each.node, ast.Call)), parser)
    if not (isinstance(parser, ast.Call) and parser.args):
        return ()
    first = parser.args[0]
    return first.elts if isinstance(first, ast.Tuple | ast.List) else [first]
