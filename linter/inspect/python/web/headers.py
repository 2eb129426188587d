"""Headers that a function cannot do without, and other ways by which it refuses requests without credentials."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, NamedTuple

from linter.inspect.python.scopes import dotted, inner_nodes, nodes_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.inspect.python.scopes import Part, Scope
    from linter.inspect.python.web.answers import Answers
    from linter.inspect.python.web.read import Reader

NEEDED, REFUSED, COMPARED, CREDENTIALS, DECORATED = "needed", "refused", "compared", "credentials", "decorated"
_HOLDER = re.compile(r"(?:^|\.)headers$")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,100}\Z")
_BRANCHING = ast.If | ast.IfExp | ast.Try | ast.While | ast.Match | ast.BoolOp
_REQUESTS = ("request.", "req.", "self.request.")
_DEPTH = 3


class Demand(NamedTuple):
    """A header, or a kind of credentials, without which a request is refused."""

    name: str
    form: str
    node: ast.AST


def reads_headers(part: Part) -> bool:
    """Whether a function mentions the headers of a request at all."""
    return any(name.startswith(_REQUESTS) and ".headers" in name for name in part.references)


def demanded(node: ast.FunctionDef | ast.AsyncFunctionDef, table: Answers) -> Iterator[Demand]:
    """The headers that a function reads without a way around, or refuses requests for."""
    waiting: list[tuple[ast.AST, bool]] = [(each, False) for each in node.body]
    held: dict[str, str] = {}
    for each, guarded in waiting:
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(each, ast.Assign) and len(each.targets) == 1 and isinstance(each.targets[0], ast.Name):
            header = _header(each.value)
            if header is not None:
                held[each.targets[0].id] = header
        if isinstance(each, ast.Subscript) and isinstance(each.ctx, ast.Load) and not guarded:
            header = _header(each)
            if header is not None and not table.is_forwarded(header):
                yield Demand(header, NEEDED, each)
        if isinstance(each, ast.If) and not guarded:
            yield from _refused(each, held, table)
        inner = guarded or isinstance(each, _BRANCHING)
        waiting += [(child, inner) for child in inner_nodes(each)]


def _refused(node: ast.If, held: dict[str, str], table: Answers) -> Iterator[Demand]:
    """`if not request.headers.get("X"): abort(401)`."""
    found = _asked(node.test, held)
    if found is None or table.is_forwarded(found[0]) or not _refuses(node.body, table):
        return
    yield Demand(found[0], found[1], node.test)


def _asked(test: ast.expr, held: dict[str, str]) -> tuple[str, str] | None:
    """The header that a condition asks for, and whether it asks for its absence or compares it."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        header = _header_or_name(test.operand, held)
        return (header, REFUSED) if header is not None else None
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or):
        return next((found for each in test.values if (found := _asked(each, held)) is not None), None)
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return None
    operator, right = test.ops[0], test.comparators[0]
    if isinstance(operator, ast.NotIn) and isinstance(test.left, ast.Constant) and _HOLDER.search(dotted(right) or ""):
        return (str(test.left.value), REFUSED)
    header = _header_or_name(test.left, held) or _header_or_name(right, held)
    if header is None:
        return None
    if isinstance(operator, ast.Is | ast.Eq) and isinstance(right, ast.Constant) and not right.value:
        return header, REFUSED
    return (header, COMPARED) if isinstance(operator, ast.NotEq | ast.NotIn) else None


def _header_or_name(node: ast.expr, held: dict[str, str]) -> str | None:
    return held.get(node.id) if isinstance(node, ast.Name) else _header(node)


def _header(node: ast.expr) -> str | None:
    """The header that an expression reads: `request.headers["X"]`, `request.headers.get("X")` without a default."""
    if isinstance(node, ast.Subscript):
        holder, key = node.value, node.slice
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
        holder, key = node.func.value, node.args[0] if len(node.args) == 1 else ast.Constant(None)
    else:
        return None
    text = dotted(holder) or ""
    if not _HOLDER.search(text) or "response" in text.lower() or not isinstance(key, ast.Constant):
        return None
    if not text.startswith(_REQUESTS):
        return None
    return key.value if isinstance(key.value, str) and _NAME.match(key.value) else None


def _refuses(body: list[ast.stmt], table: Answers) -> bool:
    """Whether a block ends in an answer that says that credentials lack."""
    last = body[-1]
    if not isinstance(last, ast.Return | ast.Raise | ast.Expr):
        return False
    for each in nodes_of(last):
        if isinstance(each, ast.Constant) and not isinstance(each.value, bool) and each.value in table.refusals:
            return True
        if isinstance(each, ast.Attribute) and any(str(code) in each.attr for code in table.refusals):
            return True
    return False


def guarding(scope: Scope, reader: Reader, table: Answers) -> Iterator[Demand]:
    """Decorators, parameters and dependencies of a function that refuse requests without credentials."""
    node = scope.node
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return
    for each in node.decorator_list:
        name = dotted(each.func if isinstance(each, ast.Call) else each) or ""
        if name.rpartition(".")[2] in table.guards:
            yield Demand(name, DECORATED, node)
        for keyword in each.keywords if isinstance(each, ast.Call) else ():
            if keyword.arg == "dependencies" and isinstance(keyword.value, ast.List):
                for element in keyword.value.elts:
                    yield from _depends(element, scope, reader, table, element, 0)
    yield from _parameters(scope, reader, table, None, 0)


def _parameters(scope: Scope, reader: Reader, table: Answers, place: ast.AST | None, depth: int) -> Iterator[Demand]:
    arguments = getattr(scope.node, "args", None)
    if not isinstance(arguments, ast.arguments):
        return
    plain = [*arguments.posonlyargs, *arguments.args]
    pairs = list(zip(plain[len(plain) - len(arguments.defaults) :], arguments.defaults, strict=True))
    pairs += [(each, value) for each, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if value]
    for argument, value in pairs:
        if not isinstance(value, ast.Call):
            continue
        name = (dotted(value.func) or "").rpartition(".")[2]
        if name in table.header_parameters and _is_required(value):
            alias = next((each.value for each in value.keywords if each.arg == "alias"), None)
            header = str(alias.value) if isinstance(alias, ast.Constant) else argument.arg.replace("_", "-")
            if not table.is_forwarded(header):
                yield Demand(header, NEEDED, place or value)
        else:
            yield from _depends(value, scope, reader, table, place or value, depth)


def _is_required(node: ast.Call) -> bool:
    """`Header(...)` and `Header()` leave no way around."""
    if any(each.arg in ("default", "default_factory") for each in node.keywords):
        return False
    return not node.args or (isinstance(node.args[0], ast.Constant) and node.args[0].value is Ellipsis)


def _depends(
    node: ast.expr, scope: Scope, reader: Reader, table: Answers, place: ast.AST, depth: int
) -> Iterator[Demand]:
    """What `Depends(…)` asks of a request."""
    if not isinstance(node, ast.Call) or (dotted(node.func) or "").rpartition(".")[2] not in table.dependencies:
        return
    what = node.args[0] if node.args else None
    if what is None or depth > _DEPTH:
        return
    scheme = _scheme(what, scope, reader, table)
    if scheme is not None:
        yield Demand(scheme, CREDENTIALS, place)
        return
    for meaning in reader.names.of(what, scope):
        if meaning.kind == "function" and meaning.scope is not None:
            yield from (Demand(each.name, each.form, place) for each in _body(meaning.scope, table))
            yield from _parameters(meaning.scope, reader, table, place, depth + 1)
            return


def _body(scope: Scope, table: Answers) -> Iterator[Demand]:
    if isinstance(scope.node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield from demanded(scope.node, table)


def _scheme(node: ast.expr, scope: Scope, reader: Reader, table: Answers) -> str | None:
    """The class of credentials that an object is of, `HTTPBearer()`, unless it lets requests without them pass."""
    made: ast.expr | None = node
    if isinstance(node, ast.Name):
        owner, bindings = reader.names.bindings(node.id, scope)
        made = bindings[0].node if owner is not None and len(bindings) == 1 and bindings[0].kind == "value" else None
    if not isinstance(made, ast.Call):
        return None
    name = (dotted(made.func) or "").rpartition(".")[2]
    lenient = any(each.arg == "auto_error" for each in made.keywords)
    return name if name in table.security and not lenient else None
