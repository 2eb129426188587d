"""Python text to `ast` nodes: LibCST's reading against the interpreter's own, newer syntax, and hostile text."""

from __future__ import annotations

import ast
import gc
import os
import random
import subprocess
import sys
import sysconfig
import textwrap
import warnings
from pathlib import Path
from typing import Any

import libcst
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linter.inspect.python.nesting import TooDeep, check_nesting
from linter.inspect.python.newer_syntax import convert
from linter.inspect.python.parse import (
    MAX_CHARACTERS,
    MAX_DEPTH,
    MAX_LEFT_OUT,
    _parse_newer,
    depth_of,
    parse,
    parse_most,
)

EVERYTHING = bool(os.environ.get("MLLINT_TEST_EVERY_MODULE"))
STANDARD = Path(sysconfig.get_paths()["stdlib"])
LATEST_PROCESS_SECONDS = 60


def modules() -> list[Path]:
    """Files of the standard library: all that are named in it, or the small ones of a fixed sample."""
    found: list[Path] = []
    for name in sorted(sys.stdlib_module_names):
        file, folder = STANDARD / f"{name}.py", STANDARD / name
        found += [file] if file.is_file() else sorted(folder.rglob("*.py")) if folder.is_dir() else []
    if EVERYTHING:
        return found
    small = [file for file in found if file.stat().st_size < 25_000]
    return random.Random(7).sample(small, 25)


def text_of(file: Path) -> str:
    return file.read_text("utf-8")  # with `\n` as its only line end


def dumped(tree: ast.AST) -> str:
    """All of a tree, but places and `u` inside of formatted strings, where interpreters differ."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            for part in ast.walk(node):
                if isinstance(part, ast.Constant):
                    part.kind = None
                if part is not node and hasattr(part, "lineno"):
                    ast.copy_location(part, node)
    return ast.dump(tree, include_attributes=True, indent=1)


def newer(text: str) -> ast.Module:
    """What the second parser makes of a text, though the first might read it too."""
    parsed = _parse_newer(textwrap.dedent(text))
    assert parsed.tree is not None, parsed
    assert parsed.by == "libcst"
    return parsed.tree


def same(text: str) -> None:
    expected, found = dumped(ast.parse(text)).split("\n"), dumped(newer(text)).split("\n")
    assert found == expected


def has_newer_nodes(tree: ast.AST) -> bool:
    lowered = ("TypeAlias", "TypeVar", "ParamSpec", "TypeVarTuple", "TemplateStr", "Interpolation")
    return any(type(node).__name__ in lowered for node in ast.walk(tree))


@pytest.mark.parametrize("file", modules(), ids=lambda file: str(file.relative_to(STANDARD)))
def test_both_parsers_give_the_same_tree(file: Path) -> None:
    try:
        text = text_of(file)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, UnicodeDecodeError, ValueError):
        pytest.skip("not for this interpreter")
    if has_newer_nodes(tree):
        pytest.skip("has nodes that are lowered")
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    try:
        converted = dumped(convert(libcst.parse_module(text), text))
    finally:
        sys.setrecursionlimit(limit)
    assert converted == dumped(tree)


SAME = [
    "",
    "x = 'é', 'ü', f(ä.b, 1)  # ö\n",
    "naïve = 'äöü' ; y = ['é', (a), ((b))]\n",
    "a[1:2, ::3, *b], a[:], a[::], a[1: ], a[(1):(2)], a[b,], a[*b], a[\n :, :\n]\n",
    "f(x for x in y)(z)(*a, c=(1), *d, **b)\nf ( (x for x in y) )\nf(\n  x for x in y\n)\n",
    "def f(a, /, b: (int) = (1), *args: (str), c, d=2, **kw: dict) -> (int): pass;\n",
    "async def f():\n  async with a as b, c: pass\n  async for x, in y: await z\n  return [x async for x in y if x if y for z in x]\n",
    "with (a as b, c as (d, e)): pass\nwith (a): pass\nwith (a, b) as c: pass\nwith a, (b): pass\n",
    "try: pass\nexcept (A, B) as e: pass\nexcept: pass\nelse: pass\nfinally: pass\ntry:\n  pass\nexcept* A: pass\n",
    "if a: pass\nelif b: pass\nelif c: pass\nelse:\n  x;\nwhile a: break\nelse: pass\nfor (a) in b: continue\n",
    "x: int = 1\nx.y: (int)\na = b, = *c, d = e\nx += 1; x @= y; x **= y; x //= z; x >>= 1\n",
    "del a, b[0], (c, d)\ndel (a, b)\ndel (a)\ndel a,\n",
    "from . import (a as b, c,)\nfrom ...a.b import *\nimport a.b as c, d.e\nfrom a import b ; import c\n",
    "lambda: 0\nlambda a, *b, c=1, **d: (yield)\n(lambda *, a: a)\nx = yield from y\n",
    "'a' 'b' \"c\"\n(b'a'\n b'b')\nu'a' 'b'\nU'a'\nr'\\d'\n",
    "f'a{b!r:>{c}}d' 'e' f'{x = }' f'{{{y}}}' rf'\\d{z}'\nf''\nf'' 'a'\nf'\\N{EM DASH}\\x41{a}\\n\"'\nf'''\n{a\n}'''\n",
    "a < b <= c is not d not in e != f is g in h\nnot a and b or c and (d and e) and f\n-1 ** ~2 + 0x1f * 1_0.5e3 - 3j @ ...\n",
    "{**a, 1: 2, 'b': {3, *c}}\n{k: v for k, v in x}\n{x for x in y}\n()\n(a,)\n((a, b),)\n[]\n[a, *b,]\n",
    "@a.b(c)\n@(d)\nclass C((A), metaclass=M, **k): x = 1;\n@e\n\n# comment\nasync def f(): ...\n",
    "match (a, b):\n  case 1 | -2 | 'a' 'b' | None: pass\n  case [a, *_, (b)] | (c,) | {'k': v, **rest} if x: pass\n  case a.B(1, x=C() as d): pass\n  case (1): pass\n  case x, y,: pass\n  case {}: pass\n  case 1+2j: pass\n  case _: pass\n",
    "match = case = type = _ = 1\nmatch(x)\ntype(x)\nprint(match.case)\n",
    "global a, b\nraise A from (b)\nassert (a), b\nreturn\n",
    "if x:\n\tpass\n\n\x0c\ndef f():\n  '''doc\n  é'''\n  x = \\\n    1\n",
    "ﬁ = µ.ª\n",
    "class A:\n  def f(self): return 1;\n\nx\n",
]


ENDS_SPECIFICATIONS = "value=''" in ast.dump(ast.parse("f'{b:>{c}}'"))
"""The first versions of Python 3.12 end a specification with an empty text, which others have not."""


@pytest.mark.parametrize("text", SAME)
def test_every_kind_of_node_stands_where_the_interpreter_puts_it(text: str) -> None:
    if ENDS_SPECIFICATIONS and ":>{" in text:
        pytest.skip("this Python puts an empty text at the end of a specification")
    same(text)


def body(text: str) -> str:
    return ast.unparse(newer(text))


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("type X = int | str\n", "X = int | str"),
        ("type X[T: int = str, *Ts, **P] = list[T]\n", "X = list[T]"),
        ("def f[T: (int, str) = int](a: T) -> T: pass\n", "def f(a: T) -> T:\n    pass"),
        ("class A[T = int, *Ts = *tuple[int]](B): pass\n", "class A(B):\n    pass"),
        ("try: pass\nexcept A, B: pass\n", "try:\n    pass\nexcept (A, B):\n    pass"),
        ("try: pass\nexcept* A, B: pass\n", "try:\n    pass\nexcept* (A, B):\n    pass"),
        ('x = f"{a["b"]}"\n', "x = f\"{a['b']}\""),
        ("x = f'{f'{f'{1}'}'}'\n", "x = f\"{f'{f'''{1}'''}'}\""),
        ("x = t'a{b}c'\n", "x = f'a{b}c'"),
        ("lazy import a.b\n", "import a.b"),
        ("lazy from a import b\n", "from a import b"),
        ("x = {**d for d in ds}\n", "x = {**(d for d in ds)}"),
        ("x = [*d for d in ds]\n", "x = [*d for d in ds]"),
        ("x = {*d for d in ds}\n", "x = {*d for d in ds}"),
    ],
)
def test_newer_syntax_is_said_in_older_words(text: str, plain: str) -> None:
    tree = newer(text)
    if "f'{f'" in text:  # how it is written again depends on the interpreter
        assert sum(isinstance(node, ast.JoinedStr) for node in ast.walk(tree)) == 3
    else:
        assert ast.unparse(tree).replace("'", '"') == plain.replace("'", '"')  # newer ones nest the same quotes
    for node in ast.walk(tree):
        if hasattr(node, "lineno"):
            assert (node.lineno, node.col_offset) <= (node.end_lineno, node.end_col_offset)


def test_formatted_strings_keep_their_lines_and_text() -> None:
    tree = newer('x = f"é{\n    a["b"] # why\n    =:>{w}} \\N{EM DASH}{{\\n"\n')
    (joined,) = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)][:1]
    call: Any = next(node for node in ast.walk(tree) if isinstance(node, ast.Subscript))
    assert (call.lineno, call.col_offset) == (2, 4)
    assert isinstance(joined.values[-1], ast.Constant)
    assert joined.values[-1].value == " —{\n"


def test_the_interpreter_comes_first_and_nothing_of_it_is_changed() -> None:
    filters, collecting = list(warnings.filters), gc.isenabled()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("error")
        parsed = parse("x = '\\d'\n")
    assert parsed.by == "ast"
    assert parsed.tree is not None
    assert caught == []
    assert gc.isenabled() == collecting
    assert [one for one in warnings.filters if one not in filters] == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("x = 1\nprint 'a'\n", 2),
        ("try:\n  pass\nexcept A, e:\n  pass\nprint 1, e\n", 3),
        ("x = `a`\n", 1),
        ("f(async=True)\n", 1),
        ("\n\nexec 'x' in y\n", 3),
        ("raise A, 'b'\n", 1),
        ("x = 0777\n", 1),
        ("def f((a, b)): pass\n", 1),
        ("(\n", 1),
        ("x = 'a\n", 1),
        ("if x:\ny\n", 2),
    ],
)
def test_what_neither_reads_gets_a_problem_and_its_line(text: str, line: int) -> None:
    parsed = parse(text)
    assert parsed.tree is None
    assert parsed.by is None
    assert parsed.problem
    assert parsed.line in (line, 5)  # where a file of several mistakes goes wrong depends on the interpreter


@pytest.mark.parametrize("text", ["x = '\x00'\n", "\ud800 = 1\n", "# \udcff\n", "\x00"])
def test_text_that_cannot_be_one_of_python_gets_a_problem(text: str) -> None:
    parsed = parse(text)
    assert parsed.tree is None
    assert parsed.problem


def test_a_mark_of_byte_order_and_other_line_ends_are_read() -> None:
    assert parse("\ufeffx = 1\r\ny = 2\r\n").by == "ast"
    parsed = parse("\ufefftype X = int\r\ny = '''a\r\nb'''\r\n")
    assert parsed.by in ("ast", "libcst")
    assert parsed.tree is not None
    assert parsed.tree.body[1].lineno == 2


def test_lines_of_ipython_are_left_out() -> None:
    parsed = parse("%%writefile serve.py\nimport a\n!pip install b\nif a:\n    %time a()\n?a\nx = a % b\n")
    assert parsed.tree is not None
    assert [node.lineno for node in parsed.tree.body] == [2, 4, 7]
    assert parse("%%time\ntype X = int\n").tree is not None
    assert parse("x = (a\n     %b)\n").by == "ast"
    assert parse("%%bash\nls -l wc\n").tree is None
    assert parse("%%time\nprint 'a'\n").line == 2


def nested(opened: str, closed: str, count: int, before: str = "x = ", after: str = "") -> str:
    return f"{before}{opened * count}1{closed * count}{after}\n"


HOSTILE = {
    "parentheses": nested("(", ")", 50_000),
    "brackets in a formatted string": nested("(", ")", 5_000, 'x = f"{a["b"]}{', '}"'),
    "formatted strings": nested("f'{", "}'", 3_000),
    "specifications": "x = f'" + "{x:" * 5_000 + "}" * 5_000 + "'\n",
    "named character": "x = f'\\N{' " + "(" * 5_000 + "\ntype X = int\n",
    "numbers and words": "type X = " + "0or " * 20_000 + "1\n",
    "not": nested("not ", "", 20_000, "type X = "),
    "minus": nested("-", "", 20_000, "type X = "),
    "ternaries": nested("1 if x else ", "", 20_000, "type X = "),
    "lambdas": nested("lambda a, b: ", "", 20_000, "type X = "),
    "attributes": "type X = a" + ".b" * 20_000 + "\n",
    "calls": "type X = a" + "()" * 20_000 + "\n",
    "strings": "type X = " + "'a' " * 20_000 + "\n",
    "comprehensions": "type X = [x " + "for x, y in z " * 20_000 + "]\n",
    "elif": "type X = 1\nif x: pass\n" + "elif y: pass\n" * 20_000,
    "indentation": "type X = 1\n" + "".join(" " * level + "if x:\n" for level in range(500)) + " " * 500 + "pass\n",
    "patterns": "type X = 1\nmatch x:\n " + nested("[", "]", 90, "case ", ": pass"),
    "tuple patterns": "type X = 1\nmatch x:\n " + nested("(", ",)", 30, "case ", ": pass"),
    "targets": "type X = 1\n" + nested("(", ",)", 60, "del "),
    "targets after a semicolon": "type X = 1; " + nested("(", ",)", 60, "del "),
    "plus": "x = " + "a + " * 2_500 + "a\n",
    "dots": "import " + "a." * 50_000 + "a\ntype X = int\n",
    "deep everywhere": "type X = 1\n" + nested("f(", ")", 90) * 20_000,
    "newer syntax without end": "f(a)\n" * 390_000 + "type X = int",
    "open": "(" * 100_000,
    "quotes": "type X = 1\n" + "f'" * 100_000,
}

SCRIPT = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
from linter.inspect.python.parse import parse
from linter.inspect.python.parse import _parse_newer
text = sys.stdin.buffer.read().decode()
assert parse(text).problem or sys.version_info >= (3, 12), "it parsed"  # which know the syntax
found = _parse_newer(text)
assert found.tree is None or found.problem is None
print("done")
"""


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_never_ends_or_holds_the_process(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        input=HOSTILE[name].encode(),
        capture_output=True,
        timeout=LATEST_PROCESS_SECONDS,
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    assert done.stdout == b"done\n"


@pytest.mark.parametrize(
    "text",
    [
        nested("(", ")", 90),
        nested("(1 if x else ", ")", 60),
        "x = (\n" + "  'a line of text'\n" * 350 + ")\n",
        "x = [" + "'a', (b, c), lambda a, b: {1: a}, " * 500 + "]\n",
        "f'" + "{a!r:>{b}} and {c:%Y-%m-%d} " * 1_000 + "'\n",
        "if x: pass\n" + "elif y: pass\n" * 300 + "else: pass\n" + "x = a.b.c\n" * 1_000,
        "match x:\n case [A(b=C(d=[1, {'e': F()}]))]: f(f(f(f(f(f(f(f(f(1)))))))))\n",
        "def f(a, b=lambda x: x, *c): return [(x, y) for x, y in z for z in a]\n" * 500,
    ],
)
def test_what_people_write_stays_within_the_bounds(text: str) -> None:
    check_nesting(text)
    libcst.parse_module(text)


@pytest.mark.parametrize("file", modules()[:10], ids=lambda file: file.name)
def test_real_files_stay_within_the_bounds(file: Path) -> None:
    try:
        check_nesting(text_of(file))
    except TooDeep as error:
        pytest.fail(f"{error}, line {error.line}")


def test_what_takes_too_much_memory_is_not_parsed() -> None:
    line = "x = [1, 2]\n"
    assert parse(line * (MAX_CHARACTERS // len(line))).tree is not None
    parsed = parse(line * (MAX_CHARACTERS // len(line) + 1))
    assert parsed.tree is None
    assert parsed.problem == "too large to be parsed (more than 2,000,000 characters)"


def test_depth_is_counted_without_recursion() -> None:
    tree: ast.expr = ast.Constant(value=1)
    for _ in range(5_000):
        tree = ast.UnaryOp(op=ast.Not(), operand=tree)
    assert depth_of(tree) == 5_001
    while isinstance(tree, ast.UnaryOp):  # taken apart here: the interpreter would recurse
        tree = tree.operand
    parsed = parse("x = " + "a + " * 2 * MAX_DEPTH + "a\n")
    assert parsed.tree is None
    assert "nested too deeply" in str(parsed.problem)
    assert parse("x = " + "a + " * (MAX_DEPTH // 2) + "a\n").tree is not None


PIECES = ["(", ")", "[", "{", "}", "'", '"', '"""', "f'", "\\", "\n", "\n    ", "\t", ":", ",", "lambda ", "case ", "match ", "del ", "é", "\x00", "\r", "#", "%", "!", "async ", "type X = ", "else ", "0", ".", "=", "*", ";"]  # fmt: skip


def mutated(text: str, pick: random.Random) -> str:
    """A text with parts cut, doubled, taken out and put in."""
    for _ in range(pick.randint(1, 6)):
        start = pick.randint(0, len(text))
        end = min(len(text), start + pick.choice((1, 3, 20, 200)))
        how = pick.randrange(4)
        if how == 0:
            text = text[:start] if pick.random() < 0.2 else text[start:end] + text[end:]
        elif how == 1:
            text = text[:end] + text[start:end] + text[end:]
        elif how == 2:
            text = text[:start] + text[end:]
        else:
            text = text[:start] + pick.choice(PIECES) * pick.choice((1, 1, 1, 2, 30)) + text[start:]
    return text


SOURCES = [text_of(file)[:6_000] for file in modules()[:12]] + SAME


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, len(SOURCES) - 1))
def test_damaged_files_are_read_or_refused(seed: int, number: int) -> None:
    text = mutated(SOURCES[number], random.Random(seed))
    parsed = parse(text)
    again = _parse_newer(text)
    assert (parsed.tree is None) == (parsed.by is None) == (parsed.problem is not None)
    if parsed.by == "ast" and again.tree is not None and not has_newer_nodes(parsed.tree or ast.Module([], [])):
        assert ast.dump(again.tree) == ast.dump(ast.parse(text.removeprefix("\ufeff")))
    most = parse_most(text)
    assert most.tree is not None or (most.problem is not None and parsed.tree is None)
    assert (most.problem, most.line) == (parsed.problem, parsed.line)
    assert len(most.left_out) <= MAX_LEFT_OUT


@pytest.mark.parametrize(
    "text", ["if x:\n", "\n\ndef f():\n\n", "(\n\n\n", " \n if", "'''\n\n", "\\\n", "f(\n\n", "x = <\n"]
)
def test_what_ends_too_early_is_read_or_refused(text: str) -> None:
    most = parse_most(text)
    assert most.problem is not None
    assert most.line is not None


def test_a_block_that_nobody_indented_is_read_as_it_seems_meant() -> None:
    text = "if on:\n    def made(given):\n    first = f(given)\n    return first\n\n    g(2)\n"
    most = parse_most(text)
    assert most.tree is not None
    assert (most.line, most.left_out) == (3, ())
    assert [ast.unparse(node) for node in ast.walk(most.tree) if isinstance(node, ast.Call)] == ["g(2)", "f(given)"]
