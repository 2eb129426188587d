"""What single functions do with a request: answer always the same, ask for headers, hold up the server.

Facts `python.web` of the step `answer`, of any function of a module that answers requests; `assemble` keeps those of
the functions that answer what SageMaker sends.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from linter.inspect.python.scopes import FUNCTION, dotted, inner_nodes, nodes_of
from linter.inspect.python.web.fixed import fixed_answer
from linter.inspect.python.web.headers import demanded, guarding, reads_headers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Set

    from linter.inspect.python.scopes import Outline, Part, Scope
    from linter.inspect.python.web.read import Reader
    from linter.knowledge import Knowledge
    from linter.model import Fact

CONSTANT, DEMANDS, BLOCKS, STREAMS, GIVES = "constant", "demands", "blocks", "streams", "gives"
_EACH_LIMIT = 20
"""Facts of one function."""
_FAILURES = 400  # statuses of HTTP from here on


class Answers:
    """The table of what functions do with requests, made ready for look-ups."""

    def __init__(self, knowledge: Knowledge) -> None:
        table: Mapping[str, Any] = knowledge.get("frameworks.answers")
        self.makers: Mapping[str, Mapping[str, Any]] = table["makers"]
        self.logging = frozenset(table["logging"])
        self.blocking = frozenset(table["blocking"])
        self.streaming = frozenset(table["streaming"])
        self.places = frozenset(table["places"])
        self.called = self.makers.keys() | self.blocking | self.streaming
        self.unbuffering: str = table["unbuffering"]
        self.forwarded = frozenset(table["forwarded_headers"])
        self.forwarded_starts = tuple(table["forwarded_starts"])
        self.refusals = frozenset(table["refusals"])
        self.guards = frozenset(table["guarding_decorators"])
        self.security = frozenset(table["security"])
        self.dependencies = frozenset(table["dependencies"])
        self.header_parameters = frozenset(table["header_parameters"])
        self.middleware_methods = frozenset(table["middleware_methods"])
        self.handing_on = frozenset(table["handing_on"])
        self.intercepting = frozenset(knowledge.get("frameworks.intercepting"))

    def is_forwarded(self, header: str) -> bool:
        """Whether SageMaker passes a header on, or sends it itself."""
        name = header.lower()
        return name in self.forwarded or name.startswith(self.forwarded_starts)


def answers_table(knowledge: Knowledge) -> Answers:
    """The table of this run."""
    found: Answers = knowledge.index("inspect.python.web.answers", Answers)
    return found


def answer_facts(reader: Reader, table: Answers) -> Iterator[Fact]:
    """A fact for each thing that a function of the module does with requests."""
    text = reader.places.code.text
    streams = any(name in text for name in table.streaming)
    answering = _answering(reader.names.outline, table)
    for scope in reader.names.outline.scopes.values():
        node = scope.node
        if scope.kind != FUNCTION or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        sees_all = intercepts(scope, table)
        found: list[tuple[str, ast.AST, Any]] = []
        answer = fixed_answer(node, table.makers, table.logging, reader.table.attributes)
        if answer is not None:
            found.append((CONSTANT, node, {"status": answer.status}))
        demands = [*(demanded(node, table) if reads_headers(scope.part) else ()), *guarding(scope, reader, table)]
        found += [(DEMANDS, each.node, {"name": each.name, "form": each.form}) for each in demands]
        found += _in_calls(scope, node, table, text, streams=streams) if scope.part in answering else ()
        for what, place, value in found[:_EACH_LIMIT]:
            settings = {"what": what, "value": value, "intercepts": sees_all}
            yield reader.made("answer", None, scope.part, place, settings=settings)


def _answering(outline: Outline, table: Answers) -> Set[Part]:
    """The parts of a module in which anything stands that `_in_calls` looks for."""
    return {each.part for each in outline.calls_named(table.called)}


def intercepts(scope: Scope, table: Answers) -> bool:
    """Whether a function sees each request before its handler does, whatever its path."""
    names = (dotted(each.func if isinstance(each, ast.Call) else each) for each in scope.decorators)
    if not _is_middleware(scope, table) and not any(
        name is not None and name.rpartition(".")[2] in table.intercepting for name in names
    ):
        return False
    asked = {each.attr for each in nodes_of(scope.node) if isinstance(each, ast.Attribute)}
    return asked.isdisjoint(table.places)


def _is_middleware(scope: Scope, table: Answers) -> bool:
    """Whether a function is the method by which a class of middleware sees each request and hands it on."""
    named = scope.name.rpartition(".")[2] in table.middleware_methods
    return named and scope.of_class is not None and not table.handing_on.isdisjoint(scope.parameters)


def _in_calls(
    scope: Scope, node: ast.FunctionDef | ast.AsyncFunctionDef, table: Answers, text: str, *, streams: bool
) -> Iterator[tuple[str, ast.AST, Any]]:
    """What the calls of one function do: predict inside of an event loop, stream, give a type back."""
    inside = _own_nodes(node)
    waited = {id(each.value) for each in inside if isinstance(each, ast.Await)}
    other = _not_given(inside, table.makers)
    for each in inside:
        if not isinstance(each, ast.Call):
            continue
        name = dotted(each.func) or str(getattr(each.func, "attr", ""))
        last = name.rpartition(".")[2]
        if isinstance(node, ast.AsyncFunctionDef) and last in table.blocking and "." in name and id(each) not in waited:
            yield BLOCKS, each, {"call": name}
        if streams and last in table.streaming:
            yield STREAMS, each, {"call": last, "unbuffered": table.unbuffering.lower() in text.lower()}
        given = _type_given(each, last, table.makers) if id(each) not in other else None
        if given is not None:
            yield GIVES, each, {"type": given}


def _not_given(nodes: list[ast.AST], makers: Mapping[str, Mapping[str, Any]]) -> set[int]:
    """Calls whose answer is a failure by the status beside them, or becomes part of another answer."""
    found: set[int] = set()
    for each in nodes:
        if isinstance(each, ast.Tuple) and len(each.elts) > 1:
            status = each.elts[1]
            if not (isinstance(status, ast.Constant) and _is_success(status.value)):
                found.add(id(each.elts[0]))
        elif isinstance(each, ast.Call) and (dotted(each.func) or "").rpartition(".")[2] in makers:
            found |= {id(given) for given in each.args}
    return found


def _own_nodes(node: ast.AST) -> list[ast.AST]:
    """A function's nodes, those of functions and classes inside of it left out."""
    found: list[ast.AST] = list(getattr(node, "body", ()))
    for each in found:
        if not isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            found += inner_nodes(each)
    return found


def _type_given(node: ast.Call, last: str, makers: Mapping[str, Mapping[str, Any]]) -> str | None:
    """The content type of an answer that a call makes, where it is written and the answer is no failure."""
    maker = makers.get(last)
    if maker is None:
        return None
    keywords = {each.arg: each.value for each in node.keywords}
    words = () if maker.get("keywords_are_content") else ("status", "status_code")
    status = next((keywords[name] for name in words if name in keywords), None)
    at = maker.get("status_at")
    if status is None and at is not None and len(node.args) > at:
        status = node.args[at]
    if status is not None and not (isinstance(status, ast.Constant) and _is_success(status.value)):
        return None
    for name in ("mimetype", "content_type", "media_type"):
        value = keywords.get(name)
        if value is not None:
            literal = value.value if isinstance(value, ast.Constant) else None
            return literal if isinstance(literal, str) and "/" in literal else None
    found: str | None = maker.get("type")
    return found


def _is_success(status: Any) -> bool:
    text = str(status)[:3]
    return text.isdecimal() and int(text) < _FAILURES
