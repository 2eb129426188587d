"""Names of what is called: the inspector's resolver against LibCST's, over real files.

LibCST knows scopes and imports but follows no value; where it is sure of an imported name, that name must be among ours.
All files of a folder are compared with `MLLINT_TEST_NAMES_FOLDER=<folder>`; the counts are printed (`pytest -s`).
"""

from __future__ import annotations

import ast
import os
import random
import sysconfig
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import libcst
import pytest
from oracle import Callee, Place, qualified_names

from linter.inspect.python.names import Names
from linter.inspect.python.parse import parse
from linter.inspect.python.scopes import Called, dotted
from linter.inspect.python.walk import outline_of
from linter.references.apis import CALLED, api_table

if TYPE_CHECKING:
    from linter.knowledge import Knowledge

FOLDER = os.environ.get("MLLINT_TEST_NAMES_FOLDER")
FILES_LIMIT = int(os.environ.get("MLLINT_TEST_NAMES_FILES", "400"))
LARGEST_FILE = 200_000
STANDARD = Path(sysconfig.get_paths()["stdlib"])
SAMPLE = ("cgi.py", "ftplib.py", "http/cookiejar.py", "json/tool.py", "logging/handlers.py", "urllib/robotparser.py")

EQUAL, ONLY_OURS, ONLY_THEIRS, DIFFERENT, UNEXPLAINED = "equal", "only ours", "only theirs", "different", "unexplained"

Resolver = Callable[[str], "tuple[Names, list[Called]]"]


class Outcome(NamedTuple):
    kind: str
    where: str
    callee: str
    ours: tuple[str, ...]
    theirs: tuple[str, ...]


def files() -> list[Path]:
    if FOLDER is None:
        return [STANDARD / name for name in SAMPLE if (STANDARD / name).is_file()]
    found = sorted(path for path in Path(FOLDER).rglob("*.py") if path.is_file() and not path.is_symlink())
    found = [path for path in found if path.stat().st_size <= LARGEST_FILE]
    return sorted(random.Random(7).sample(found, min(FILES_LIMIT, len(found))))


@pytest.fixture(scope="module")
def resolver(knowledge: Knowledge) -> Resolver:
    """What resolves the names of a text, and its calls."""

    def run(text: str) -> tuple[Names, list[Called]]:
        tree = parse(text).tree
        assert tree is not None
        outline = outline_of(tree, knowledge.get("network_apis.switch_names"))
        return Names(outline, api_table(knowledge), knowledge.get("network_apis.unwrapping")), outline.calls

    return run


def place_of(node: ast.Call, lines: list[str]) -> Place:
    def column(line: int, offset: int) -> int:
        return len(lines[line - 1].encode()[:offset].decode("utf-8", "replace"))

    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    start = (node.lineno, column(node.lineno, node.col_offset))
    return (*start, node.end_lineno, column(node.end_lineno, node.end_col_offset))


def names_with_a_value(tree: ast.AST) -> set[str]:
    """Names that an assignment, a `with`, a loop, a default or an annotation may give a meaning."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            arguments = node.args
            positional = [*arguments.posonlyargs, *arguments.args]
            found.update(each.arg for each in positional[len(positional) - len(arguments.defaults) :])
            found.update(each.arg for each in [*positional, *arguments.kwonlyargs] if each.annotation is not None)
            pairs = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
            found.update(each.arg for each, default in pairs if default is not None)
            found.update(each.arg for each in positional[:1] if not isinstance(node, ast.Lambda))  # self
    return found


def outcome(callee: str, ours: tuple[str, ...], theirs: Callee, valued: set[str]) -> str | None:
    """How the two readings of a plain dotted callee compare; None when LibCST is not sure of anything."""
    if theirs.local and not theirs.imported and not theirs.built_in:
        if not ours:
            return None
        return ONLY_OURS if callee.partition(".")[0] in valued else UNEXPLAINED
    if len(theirs.imported) != 1 or theirs.local or theirs.built_in:
        return None
    (name,) = theirs.imported  # LibCST overlooks a parameter `a` where there is an `import a.b`
    # LibCST drops the dots of a relative import when it does not know the package.
    found = {each.lstrip(".") for each in ours}
    if not found:
        return ONLY_THEIRS
    return EQUAL if name.lstrip(".") in found else DIFFERENT


def compared(file: Path, resolver: Resolver) -> Iterator[Outcome]:
    try:
        text = file.read_text("utf-8")
    except UnicodeDecodeError:
        return
    yield from compared_text(text, str(file), resolver)


def compared_text(text: str, where: str, resolver: Resolver) -> Iterator[Outcome]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
        theirs = qualified_names(text)
    except (SyntaxError, ValueError, libcst.ParserSyntaxError):
        return
    lines = text.split("\n")
    names, calls = resolver(text)
    valued = names_with_a_value(tree)
    inside_texts = {id(each) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for each in ast.walk(node)}
    for called in calls:
        callee, at = dotted(called.node.func), place_of(called.node, lines)
        if callee is None or at not in theirs or id(called.node) in inside_texts:
            continue
        meant = names.of(called.node.func, called.scope)
        ours = tuple(sorted({each.path.replace(CALLED, "") for each in meant if each.kind == "path"}))
        kind = outcome(callee, ours, theirs[at], valued)
        if kind is not None:
            known = theirs[at].imported or theirs[at].local
            yield Outcome(kind, f"{where}:{called.node.lineno}", callee, ours, tuple(sorted(known)))


def test_names_agree_with_libcst(resolver: Resolver) -> None:
    counts: Counter[str] = Counter()
    bad: list[Outcome] = []
    for file in files():
        counts["files"] += 1
        for each in compared(file, resolver):
            counts[each.kind] += 1
            if each.kind in (DIFFERENT, UNEXPLAINED, ONLY_THEIRS):
                bad.append(each)
    print(dict(counts))
    if FOLDER is None:
        assert counts[EQUAL] > 100, counts
    assert not bad, "\n".join(map(str, bad[:50]))


SCOPES = """
import json, a.b, c.d as e
from f import g, h as i
from .j import k
from . import l
from ..m.n import o as p

json.x(); a.b.x(); e.x(); g(); i.x(); k(); l.x(); p(a.b.y())
def q(json, *g, **i):
    json.x(); g(); i.x(); e.x()
    return lambda k: k() or l.x()
def r(z):
    def s(): return a.b.x()
    from t import k
    k(); s()
class U:
    import v
    from w import json
    v.x(); json.y()
    def y(self, e): v.x(); json.x(); e.x(); g()
    def z(this): return [v() for v in json.z()]
def aa():
    global bb
    import bb
    def cc():
        nonlocal_ = 1
        import dd as g
        g.x()
        return g.y
    def e(): e(); g()
def ee(): bb.x(); g()
[json.x() for json in a.b.y()]; json.y()
{g(): 1 for g in i.x()}
try: import ff
except ImportError as l: pass
ff.x()
def gg(ff):
    class H(e.I):
        def f(self): return ff.x()
    return {ff.y() for e in p()}
def hh(): return v.x()
async def ii(k): await k(); await l()
"""


def test_names_agree_in_scopes_of_all_kinds(resolver: Resolver) -> None:
    found = list(compared_text(SCOPES, "scopes", resolver))
    bad = [each for each in found if each.kind in (DIFFERENT, UNEXPLAINED, ONLY_THEIRS)]
    assert not bad, "\n".join(map(str, bad))
    assert sum(each.kind == EQUAL for each in found) > 20
