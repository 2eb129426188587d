"""What spares time changes nothing: with and without each shortcut, the facts are the same."""

from __future__ import annotations

import ast
import gc
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from linter.inspect.python import inspect
from linter.inspect.python.calls import Calls
from linter.inspect.python.names import Names
from linter.inspect.python.parse import MAX_DEPTH, NARROW, depth_of
from linter.inspect.python.scopes import Called, Outline, Part, Scope, inner_nodes, nodes_of
from linter.inspect.python.values import Values
from linter.inspect.python.web import answers
from linter.model import Artifact
from linter.references.apis import ApiTable, api_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from linter.knowledge import Knowledge
    from linter.model import Inspection

CASES = sorted((Path(__file__).parent / "cases").glob("*.py.txt"))
STANDARD = sorted(Path(ast.__file__).parent.glob("[a-z]*.py"))[::12]
OWN = sorted((Path(__file__).parents[3] / "linter" / "inspect").rglob("*.py"))[::9]
SERVER = """
from flask import Flask, Response, jsonify, request

app = Flask(__name__)

@app.before_request
def allowed():
    if request.headers.get("X-Key") != KEY:
        abort(401)

@app.route("/invocations", methods=["POST"])
async def invocations():
    def inner():
        return Response("{}", mimetype="application/json")
    token = request.headers["Authorization"].split()[1]
    made = [jsonify(each) for each in model.predict(request.data)]
    return inner() if token else Response(made[0], mimetype="text/csv")

class Service:
    def answer(self):
        if "X-Token" not in self.request.headers:
            raise HTTPException(status_code=403)
        return StreamingResponse(self.model.generate(), media_type="text/plain")

    def other(self, response):
        return response.headers["X"]
"""
TEXTS = [SERVER, *(path.read_text("utf-8", "replace") for path in (*CASES, *STANDARD, *OWN))]


def name_of(called: Called) -> str:
    func = called.node.func
    return str(getattr(func, "attr", None) or getattr(func, "id", ""))


SHORTCUTS = [
    (ApiTable, "has_root", lambda _table, _path: True),
    (Calls, "_tells", lambda _calls, _meaning: True),
    (Calls, "_may_act", lambda _calls, _imported: True),
    (answers, "reads_headers", lambda _part: True),
    (answers, "_answering", lambda outline, _table: set(outline.parts.values())),
    (Outline, "calls_named", lambda outline, names: [each for each in outline.calls if name_of(each) in names]),
    (Names, "_find_plain", lambda _names, _name, _scope: None),
    (Values, "_find_plain", lambda _values, _name, _scope: None),
]


def read(text: str, knowledge: Knowledge) -> Inspection:
    data = text.encode("utf-8", "surrogatepass")
    return inspect(Artifact("app.py", "python", len(data), None), data, knowledge)


@pytest.fixture
def fresh(knowledge: Knowledge) -> Callable[[], None]:
    """Lets the table forget what it was asked for."""
    return lambda: api_table(knowledge)._found.clear()


@pytest.mark.parametrize(("owner", "name", "instead"), SHORTCUTS, ids=lambda each: getattr(each, "__name__", str(each)))
def test_facts_are_the_same_without(
    owner: type, name: str, instead: Callable[..., object], knowledge: Knowledge, fresh: Callable[[], None]
) -> None:
    fresh()
    shortened = [read(text, knowledge) for text in TEXTS]
    assert sum(fact.kind == "python.call" for each in shortened for fact in each.facts) > 100
    asked = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, name, lambda *given: asked.append(1) or instead(*given))
        fresh()
        whole = [read(text, knowledge) for text in TEXTS]
    fresh()
    assert asked
    for one, other, text in zip(shortened, whole, TEXTS, strict=True):
        assert one == other, text


def test_every_entry_of_the_table_is_found_by_its_root(knowledge: Knowledge) -> None:
    table = api_table(knowledge)
    entries = knowledge.get("network_apis.apis").values()
    names = [*table.aliases, *(name for category in entries for name in category)]
    forms = [
        form for name in names for form in (name, f"{name}.x", f"{name}()", f"{name}().x", f".{name}", f"..{name}")
    ]
    assert len(forms) > 1000
    for form in forms:
        assert table.find(form) == table._find(form), form
    for stranger in ("", ".", "()", "x", "x.get", "x().get", ".x.get", "requestsx.get", "x.requests.get"):
        assert table.find(stranger) == table._find(stranger), stranger


@pytest.mark.parametrize("text", TEXTS)
def test_nodes_are_those_of_ast_walk(text: str) -> None:
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return
    empty = ast.expr_context | ast.operator | ast.unaryop | ast.boolop | ast.cmpop
    assert nodes_of(tree) == [node for node in ast.walk(tree) if not isinstance(node, empty)]
    for node in nodes_of(tree):
        assert inner_nodes(node) == [each for each in ast.iter_child_nodes(node) if not isinstance(each, empty)]


NESTS = {
    "negations": lambda levels: "x = " + "-" * levels + "x\n",
    "nots": lambda levels: "x = " + "not " * levels + "x\n",
    "calls": lambda levels: "f" + "()" * levels + "\n",
    "attributes": lambda levels: "f" + ".a" * levels + " = 1\n",
    "sums": lambda levels: "x = 1" + "+1" * levels + "\n",
    "broken": lambda levels: "x = (1" + "\n+1" * levels + ")\n",
    "lambdas": lambda levels: "x = " + "lambda:" * levels + "x\n",
    "subscripts": lambda levels: "x = " + "x[" * min(levels, 190) + "x" + "]" * min(levels, 190) + "\n",
    "branches": lambda levels: "if x: y\n" + "elif x: y\n" * levels,
    "texts": lambda levels: "x = f'{" + "-" * levels + "x:{y}}'\n",
    "keywords": lambda levels: (
        "f(a=" * min(levels, 90) + "-" * max(levels - 180, 0) + "x" + ")" * min(levels, 90) + "\n"
    ),
}


@pytest.mark.parametrize("nest", NESTS)
def test_depth_is_seen_beyond_the_limit(nest: str) -> None:
    seen = set()
    for levels in range(20, 260, 3):
        try:
            tree = ast.parse(NESTS[nest](levels))
        except (SyntaxError, RecursionError, MemoryError):
            break
        exact = depth_of(tree, NARROW) > MAX_DEPTH
        assert (depth_of(tree, NARROW, MAX_DEPTH) > MAX_DEPTH) is exact, levels
        seen.add(exact)
    assert False in seen


def test_no_circles_are_left(knowledge: Knowledge) -> None:
    """Trees go when they are done with: nothing that holds them holds itself."""
    for text in TEXTS:
        read(text, knowledge)
    texts = [text for text in TEXTS if _parses(text)]
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        for text in texts:
            read(text, knowledge)
        gc.collect()
        assert not [each for each in gc.garbage if isinstance(each, ast.AST | Scope | Part)]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True
