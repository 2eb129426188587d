"""One module: parsed, outlined, and its calls judged."""

from __future__ import annotations

import ast
import re
from itertools import islice
from typing import TYPE_CHECKING, Any

from linter.inspect.python.place import Places
from linter.inspect.python.prefilter import can_call_out
from linter.model import Fact, Inspection, Location, Notice, Span
from linter.references.apis import OPTIONS_OF, api_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence, Set

    from linter.inspect.code import Code
    from linter.inspect.python.names import Names
    from linter.inspect.python.parse import Parsed
    from linter.inspect.python.scopes import Outline
    from linter.inspect.python.values import Values
    from linter.knowledge import Knowledge

CALLS_LIMIT = 2000
"""Facts `python.call` of one module."""


def read_module(code: Code, path: str, knowledge: Knowledge) -> Inspection:
    """The facts of a text of Python that stands in the file `path`."""
    from linter.collecting import without_collections

    with without_collections():
        return _read(code, path, knowledge)


def _read(code: Code, path: str, knowledge: Knowledge) -> Inspection:
    from linter.inspect.python.behaviour import behaviour_facts
    from linter.inspect.python.loaded import settings_use
    from linter.inspect.python.names import Names
    from linter.inspect.python.parse import parse_most
    from linter.inspect.python.peers import fixed_peers
    from linter.inspect.python.platform import platform_facts
    from linter.inspect.python.publishing import publishing_facts
    from linter.inspect.python.setup_script import setup_requirements
    from linter.inspect.python.tracked import set_variables
    from linter.inspect.python.values import Values
    from linter.inspect.python.walk import outline_of
    from linter.inspect.python.web import web_facts

    parsed = parse_most(code.text)
    if parsed.tree is None:
        return _unparsed(code, path, parsed, knowledge)
    outline = outline_of(parsed.tree, knowledge.get("network_apis.switch_names"))
    names = Names(outline, api_table(knowledge), knowledge.get("network_apis.unwrapping"))
    values = Values(names, knowledge)
    facts = [_module(code, path, names, values, knowledge)]
    notices: tuple[Notice, ...] = ()
    if parsed.problem:
        from linter.inspect.python.linescan import syntax_facts

        facts += _scanned(code, path, parsed.left_out, knowledge) if parsed.left_out else ()
        facts[0] = facts[0].with_fields(parsed="most")
        facts += syntax_facts(code, path, parsed)
        notices = (_syntax_notice(code, path, parsed),)
    if can_call_out(outline, names):
        from linter.inspect.python.calls import Calls

        calls = Calls(names, values, Places(code, path), knowledge).facts()
        found = list(islice(calls, CALLS_LIMIT + 1))
        facts += sorted(found, key=lambda fact: fact.location.span)[:CALLS_LIMIT]
        if len(found) > CALLS_LIMIT:
            text = f"only the first {CALLS_LIMIT} calls of this file were judged; split it, or exclude it"
            notices = (*notices, Notice("python-too-many-calls", text, path, level="warning"))
    facts += web_facts(names, values, Places(code, path), knowledge)
    facts += publishing_facts(names, values, Places(code, path), knowledge)
    facts += behaviour_facts(parsed.tree, names, values, Places(code, path), knowledge)
    facts += platform_facts(parsed.tree, names, values, Places(code, path), knowledge)
    facts += _requests(outline, code, path, knowledge)
    facts += setup_requirements(outline, values, Places(code, path))
    facts += fixed_peers(outline, values, Places(code, path), knowledge)
    facts += set_variables(outline, values, Places(code, path), knowledge)
    if "://" in code.text and code.origin == "file":
        from linter.inspect.python.weights import named_weights

        facts += named_weights(parsed.tree, Places(code, path), knowledge)
    facts += settings_use(values, code.text, Location(path, _whole(code)))
    outline.release()
    return Inspection(tuple(facts), notices)


def _requests(outline: Outline, code: Code, path: str, knowledge: Knowledge) -> Iterator[Fact]:
    """A `request.call` for each call that has the name of one that sends a request."""
    table = knowledge.get("request_calls.calls")
    places = Places(code, path)
    for called in outline.calls_named(table.keys()):
        name = getattr(called.node.func, "attr", None) or getattr(called.node.func, "id", "")
        entry = table[name]
        given = {keyword.arg for keyword in called.node.keywords}
        if "needs" not in entry or None in given or not given.isdisjoint(entry["needs"]):
            fields = {"call": name, "request": entry["request"], "origin": code.origin}
            yield Fact("request.call", Location(path, places.span(called.node.func)), fields)


def _module(code: Code, path: str, names: Names, values: Values, knowledge: Knowledge) -> Fact:
    from linter.inspect.python.outline import constants_of, invocations_of, objects_of, parts_of

    outline = names.outline
    fields = _blank(code)
    fields |= {
        "parsed": "full",
        **_sides(code, outline, knowledge),
        "imports": [each._asdict() for each in outline.imports],
        "parts": parts_of(outline),
        "constants": constants_of(outline, values),
        "objects": objects_of(outline, names),
        "invocations": invocations_of(outline, values),
        "switched_off": _switched_off(code, outline, values, knowledge),
    }
    if values.options.are_handed:
        fields["constants"][OPTIONS_OF] = values.options.handed_on(values)
    return Fact("python.module", Location(path, _whole(code)), fields)


def _blank(code: Code) -> dict[str, Any]:
    return {
        "path": code.path,
        "origin": code.origin,
        "parsed": "lines",
        "seller_side": False,
        "container_sign": False,
        "imports": [],
        "parts": [],
        "constants": {},
        "objects": {},
        "invocations": [],
        "switched_off": [],
    }


def _switched_off(code: Code, outline: Outline, values: Values, knowledge: Knowledge) -> list[str]:
    """Variables that keep a library offline, and that the module sets so."""
    if "environ" not in code.text and "putenv" not in code.text:
        return []
    from linter.inspect.python.offline import Offline

    return sorted(Offline(outline, values, knowledge).variables())


def _whole(code: Code) -> Span:
    return code.place(0, max(code.text.find("\n"), 0))


class _Signs:
    """What tells publishing code from code of the container, made ready for look-ups."""

    def __init__(self, knowledge: Knowledge) -> None:
        table = knowledge.get("network_apis")
        self.calls = frozenset(table["seller_calls"])
        self.queries = frozenset(table["seller_queries"])
        self.imports = frozenset(table["seller_imports"])
        self.functions = frozenset(table["seller_functions"])
        self.contract = frozenset(table["contract_functions"])
        self.clients = frozenset(knowledge.get("publishing.client_roots"))
        self.programs = frozenset(each["program"] for each in knowledge.get("publishing.programs.arguments"))
        self.handlers = tuple(table["container_signs"]["handlers_of_others"])
        self.others = frozenset(table["container_signs"]["first_parameters_of_others"])
        self.contract_files = frozenset(table["container_signs"]["contract_files"])
        self.contract_folders = frozenset(table["container_signs"]["contract_folders"])
        # One by one: a pattern that begins with plain characters is searched much faster than several in one.
        self.strong = [re.compile(each) for each in table["container_signs"]["strong"]]
        self.weak = [re.compile(each) for each in table["container_signs"]["weak"]]
        self.of_other_jobs = [re.compile(each) for each in table["container_signs"]["of_other_jobs"]]


def _sides(code: Code, outline: Outline, knowledge: Knowledge) -> dict[str, bool]:
    """Whether a module is publishing code, and whether it shows signs of running in the container."""
    signs: _Signs = knowledge.index("inspect.python.signs", _Signs)
    roots = {each.module.partition(".")[0] for each in outline.imports if each.level == 0}
    publishes = not signs.imports.isdisjoint(roots) and not code.origin.startswith("written_")
    calls = publishes or not signs.clients.isdisjoint(roots)
    if (calls and _calls_method(outline, signs.calls)) or (publishes and _starts_another(code, outline, signs)):
        return {"seller_side": True, "container_sign": False}
    publishes = publishes or (calls and _calls_method(outline, signs.queries))
    publishes = publishes or not signs.functions.isdisjoint(outline.scopes)
    strong = any(each.search(code.text) for each in signs.strong)
    other = any(each.search(code.text) for each in signs.of_other_jobs)
    if strong and (publishes or other):  # code beside the product speaks of its variables, in comments and other texts
        strong = _reads_variable(outline, signs)
    strong = strong or _has_contract(code, outline, signs)
    if publishes:
        return {"seller_side": not strong, "container_sign": strong}
    weak = not other and any(each.search(code.text) for each in signs.weak) and not _is_of_others(outline, signs)
    return {"seller_side": False, "container_sign": strong or weak}


def _starts_another(code: Code, outline: Outline, signs: _Signs) -> bool:
    """Whether a module names another file as the program of a job: then it is no program of one, whatever it reads."""
    own = (code.path or "").rpartition("/")[2]
    named = (
        keyword.value.value
        for called in outline.calls
        for keyword in called.node.keywords
        if keyword.arg in signs.programs and isinstance(keyword.value, ast.Constant)
    )
    return any(isinstance(name, str) and name.rpartition("/")[2] != own for name in named)


def _reads_variable(outline: Outline, signs: _Signs) -> bool:
    """Whether a module holds the name of a variable of the container as a text of its own."""
    texts = (node.value for node in ast.walk(outline.module.node) if isinstance(node, ast.Constant))
    return any(isinstance(text, str) and " " not in text and _begins(text, signs) for text in texts)


def _begins(text: str, signs: _Signs) -> bool:
    return any(each.match(text) for each in signs.strong)


def _is_of_others(outline: Outline, signs: _Signs) -> bool:
    """Whether a module is written for another service, which calls its handler with something else first."""
    handlers = (scope for name, scope in outline.scopes.items() if name.endswith(signs.handlers))
    return any(not signs.others.isdisjoint(scope.parameters[:1]) for scope in handlers)


def _calls_method(outline: Outline, methods: Set[str]) -> bool:
    return any(isinstance(called.node.func, ast.Attribute) for called in outline.calls_named(methods))


def _has_contract(code: Code, outline: Outline, signs: _Signs) -> bool:
    """Whether a module has a function that a toolkit calls by its name. `handler` alone is one in some files only."""
    found = [scope for name, scope in outline.scopes.items() if name in signs.contract]
    if any("_" in scope.name for scope in found):
        return True
    *folders, file = (code.path or "").split("/")
    usual = file in signs.contract_files or not signs.contract_folders.isdisjoint(folders)
    return usual and any(signs.others.isdisjoint(scope.parameters[:1]) for scope in found)


def _unparsed(code: Code, path: str, parsed: Parsed, knowledge: Knowledge) -> Inspection:
    from linter.inspect.python.linescan import scanned_calls, syntax_facts

    fact = Fact("python.module", Location(path, _whole(code)), _blank(code))
    facts = (fact, *syntax_facts(code, path, parsed), *scanned_calls(code, path, knowledge))
    return Inspection(facts, (_syntax_notice(code, path, parsed),))


def _scanned(code: Code, path: str, lines: Sequence[int], knowledge: Knowledge) -> list[Fact]:
    """The calls that single lines show which do not parse."""
    from linter.inspect.python.linescan import scanned_calls

    at = {code.span(line, 1, line, 1).line for line in lines}
    return [call for call in scanned_calls(code, path, knowledge) if call.location.span.line in at]


def _syntax_notice(code: Code, path: str, parsed: Parsed) -> Notice:
    """That a text does not parse, and what was done instead."""
    span = code.span(parsed.line, 1, parsed.line, 1) if parsed.line else None
    problem = parsed.problem or "it is not Python"
    if parsed.beyond:
        text = f"only scanned line by line: {problem}; split it, or exclude it"
        return Notice("python-too-much", text, path, span, "warning")
    numbers = ", ".join(str(code.span(line, 1, line, 1).line) for line in parsed.left_out)
    how = "only scanned line by line" if parsed.tree is None else f"read without line {numbers}"
    how = how if numbers or parsed.tree is None else "read as it seems meant"
    text = f"{how}, since it does not parse: {problem}"
    return Notice("python-syntax", text, path, span, "warning")
