"""Hostile and damaged Python: it never raises, it ends, and what it gives stays small.

`MLLINT_TEST_HOSTILE_FOLDER=<folder>` takes the files to damage from a folder, `MLLINT_TEST_HOSTILE_EXAMPLES=<number>` sets
how many are damaged.
"""

from __future__ import annotations

import ast
import copy
import json
import os
import random
import sysconfig
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hostile import CALLS, CHAINS, HOSTILE, LONG, STEPS, chain
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linter.assemble import assemble
from linter.discover import discover
from linter.inspect.python.values import Values
from linter.inspect.run import inspect_all
from linter.tree import MemoryTree

if TYPE_CHECKING:
    from linter.knowledge import Knowledge

FOLDER = os.environ.get("MLLINT_TEST_HOSTILE_FOLDER")
EXAMPLES = int(os.environ.get("MLLINT_TEST_HOSTILE_EXAMPLES", "120"))
STANDARD = Path(sysconfig.get_paths()["stdlib"])
CASES = sorted((Path(__file__).parent / "cases").glob("*.py.txt"))
LARGEST_FACT = 200_000
LARGEST_CONSTANT = 5_000
LARGEST_ARGUMENT = 60_000
FACT_PER_CHARACTER = 30
"""Of a module that is large itself."""
Reader = Any


def size(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False))


def assert_small(reading: Any) -> None:
    for fact in reading.facts:
        fields = dict(fact.fields)
        limit = LARGEST_FACT
        if fact.kind == "python.module":  # grows with the file, but not each value of it
            calls = [[*each["arguments"], *each["keywords"].values()] for each in fields.pop("invocations")]
            assert max((size(value) for call in calls for value in call), default=0) < LARGEST_ARGUMENT
            assert max(map(size, fields.pop("constants").values()), default=0) < LARGEST_CONSTANT
            limit = max(limit, FACT_PER_CHARACTER * len(reading.text))
        assert size(fields) < limit, (fact.kind, fact.location)


@pytest.mark.parametrize("name", CHAINS)
def test_values_do_not_multiply(name: str, read: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    evaluated: list[int] = []
    of = Values.of
    monkeypatch.setattr(Values, "of", lambda self, node, scope: (evaluated.append(1), of(self, node, scope))[1])
    reading = read(chain(CHAINS[name]), "python", "app.py")
    assert_small(reading)
    assert len(evaluated) < 100 * 60 * STEPS, "each expression is evaluated a few times"
    assert_small(read(chain(CHAINS[name], "x0 = requests.get if c else requests.post"), "python", "app.py"))


@pytest.mark.parametrize("name", LONG)
def test_long_chains_do_not_end_the_reading(name: str, read: Reader) -> None:
    for start in ("x0 = 'a'", "x0 = requests.get"):
        read(chain(CHAINS[name], start, 1_200), "python", "app.py")


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_modules(name: str, read: Reader) -> None:
    text = HOSTILE[name]
    for start in ("", CALLS):
        reading = read(start + text, "python", "app.py")
        assert_small(reading)
        assert reading.facts or reading.notices


def test_what_is_added_many_times_is_not_gone_through_each_time(read: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    evaluated: list[int] = []
    of = Values.of
    monkeypatch.setattr(Values, "of", lambda self, node, scope: (evaluated.append(1), of(self, node, scope))[1])
    for name in ("many additions", "many updates"):
        read(CALLS + HOSTILE[name], "python", "app.py")
    assert len(evaluated) < 1_000_000


@pytest.mark.parametrize("call", ["compat.get({0})", "compat.run({0})", "compat.get({1})"])
def test_large_arguments_given_many_times(call: str, read: Reader) -> None:
    value = "[" + ", ".join(["'" + "a" * 500 + "'"] * 64) + "]"
    text = f"import compat\nX = {value}\n"
    positional = ", ".join(["X"] * 16)
    keywords = ", ".join(f"a{number}=X" for number in range(60))
    reading = read(text + f"{call.format(positional, keywords)}\n" * 20, "python", "app.py")
    for fact in reading.facts:
        assert size(dict(fact.fields)) < LARGEST_FACT, (fact.kind, fact.location)


def test_all_of_them_in_one_module(read: Reader) -> None:
    read(CALLS + "\n".join(text for name, text in HOSTILE.items() if "\x00" not in text), "python", "app.py")
    read("\n".join(chain(step, steps=20) for step in CHAINS.values()), "python", "app.py")


# --- values that go from file to file


def product(files: dict[str, str]) -> MemoryTree:
    around = {
        "container/Dockerfile": "FROM python:3.11\nCOPY . /opt/program\nENV PATH=/opt/program:$PATH A=x B=y\nWORKDIR /opt/program\n"
    }
    texts = around | {f"container/{path}": text for path, text in files.items()}
    return MemoryTree(
        {path: text.encode("utf-8", "surrogatepass") for path, text in texts.items()}, frozenset({"container/serve"})
    )


MADE_OF = {
    "constants": "from m{0} import x{0}\nx{1} = [x{0}, x{0}] if c else (x{0} + 'a', x{0})\n",
    "texts": "from m{0} import x{0}\nx{1} = (x{0} + '{0}') if c else ('{0}' + x{0} + e)\n",
    "functions": "from m{0} import f{0}\ndef f{1}(a='a'): return f{0}(a + a) + f{0}(a) if a else a\nx{1} = f{1}(f{0}('b'))\n",
    "classes": "from m{0} import A{0}\nclass A{1}(A{0}):\n  x = A{0}().x + A{0}().x\n  def get(self, a=A{0}.x): return super().get(a) + A{0}().get(a)\nx{1} = A{1}().get('a') + A{1}().x\n",
    "stars": "from m{0} import *\nfrom m{0} import x{0} as y\nx{1} = os.getenv('A', x{0}) + y + os.environ.get('B', y)\n",
    "calls": "import util\nfrom m{0} import f{0}\ndef f{1}(a, b=None):\n  f{0}(a + b, b if c else a)\n  f{0}(b, a)\n  requests.get(a + b)\n  return a\nx{1} = f{1}('a', 'b')\n",
}  # fmt: skip
FIRST = "x0 = os.getenv('A', 'a') + os.getenv('B', 'b')\ndef f0(a=x0, b=x0): return a + b\nclass A0:\n  x = x0\n  def get(self, a): return a + self.x\n"


@pytest.mark.parametrize("circular", [False, True], ids=["chain", "circle"])
@pytest.mark.parametrize("name", MADE_OF)
def test_values_of_other_files_do_not_multiply(name: str, circular: bool, knowledge: Knowledge) -> None:
    steps = 12
    files = {f"m{n + 1}.py": CALLS + MADE_OF[name].format(n, n + 1) for n in range(steps)}
    files["m0.py"] = (
        CALLS + FIRST + (f"from m{steps} import *\nfrom m{steps} import x{steps} as x0\n" if circular else "")
    )
    files["serve"] = (
        f"#!/usr/bin/env python\n{CALLS}from m{steps} import *\nrequests.get(x{steps})\nos.system(x{steps})\n"
    )
    tree = product(files)
    facts = inspect_all(tree, discover(tree, [""]).artifacts, knowledge).facts
    settled = assemble(list(facts), tree, knowledge)
    assert any(fact.kind == "python.call" for fact in settled)
    for fact in settled:
        assert len(json.dumps(dict(fact.fields))) < LARGEST_FACT, (fact.kind, fact.location)


# --- real files, damaged


def sources() -> list[str]:
    if FOLDER is not None:
        found = sorted(path for path in Path(FOLDER).rglob("*.py") if path.is_file() and path.stat().st_size < 60_000)
        found = random.Random(7).sample(found, min(200, len(found)))
    else:
        found = [STANDARD / name for name in ("ftplib.py", "http/client.py", "cgi.py", "telnetlib.py", "json/tool.py")]
    texts = [path.read_text("utf-8", "replace")[:20_000] for path in (*CASES, *found) if path.is_file()]
    return [*texts, *texts[: len(CASES)] * 3, *(CALLS + text for text in HOSTILE.values() if len(text) < 5_000)]


PIECES = (
    *(
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "'",
        '"',
        '"""',
        "f'",
        "\\",
        "\n",
        "\r\n",
        "\r",
        "\n    ",
        "\t",
        "\x0c",
        ":",
        ",",
        ";",
        "é",
    ),
    *(
        "\x00",
        "\ufeff",
        "\ud800",
        "\ue001",
        "\u2028",
        "\U0001d499",
        "lambda: ",
        "await ",
        "*",
        "**",
        "=",
        ":=",
        ".",
        "@",
        "global x\n",
    ),
    *(
        "import requests\n",
        "from . import *\n",
        "requests.get(",
        "self.",
        "super().",
        "x = x\n",
        "return x\n",
        "if x:\n ",
        "%pip\n",
    ),
    *(
        "__import__('requests')",
        "getattr(x, 'get')",
        "partial(x, ",
        "os.environ",
        " if c else ",
        " or ",
        " + ",
        " / ",
        "0",
        "1e999",
    ),
)


def damaged(text: str, pick: random.Random) -> bytes:
    """A text with parts cut, doubled, taken out, moved and put in; its lines swapped, its bytes spoilt."""
    for _ in range(pick.randint(1, 6)):
        start = pick.randint(0, len(text))
        end = min(len(text), start + pick.choice((1, 3, 20, 200)))
        how = pick.randrange(9)
        if how == 0:
            text = text[:start] if pick.random() < 0.3 else text[end:]
        elif how == 1:
            text = text[:end] + text[start:end] * pick.choice((1, 1, 3)) + text[end:]
        elif how == 2:
            text = text[:start] + text[end:]
        elif how in (3, 4):
            text = text[:start] + pick.choice(PIECES) * pick.choice((1, 1, 1, 2, 60)) + text[start:]
        elif how in (5, 6):
            lines = text.split("\n")
            one, other = pick.randrange(len(lines)), pick.randrange(len(lines))
            if how == 5:
                lines[one], lines[other] = lines[other], lines[one]
            else:
                lines[one:one] = lines[other : other + pick.choice((1, 2, 10))]
            text = "\n".join(lines)
        elif how == 7:  # one name for another: what is bound comes to mean something else
            words = [word for word in set(text[start : start + 400].replace(".", " ").split()) if word.isidentifier()]
            words = sorted(words)
            if len(words) > 1:
                text = text.replace(pick.choice(words), pick.choice(words))[:200_000]
        else:
            text = pick.choice(
                (lambda t: t.replace("\n", "\r\n"), lambda t: "\ufeff" + t, lambda t: t.replace("\n", ";"), str.upper)
            )(text)
    data = text.encode("utf-8", "surrogatepass")
    if pick.random() < 0.15:
        at = pick.randint(0, len(data))
        data = data[:at] + pick.randbytes(pick.choice((1, 2, 8))) + data[at:]
    if pick.random() < 0.03:
        data = text.encode(pick.choice(("utf-16", "utf-32", "utf-8-sig")), "surrogatepass")
    return data


def rearranged(text: str, pick: random.Random) -> bytes:
    """A module that still parses: expressions take each other's places, names are exchanged, statements move and double."""
    tree = ast.parse(text)
    blocks = [
        getattr(node, name)
        for node in ast.walk(tree)
        for name in ("body", "orelse", "finalbody")
        if isinstance(getattr(node, name, None), list)
    ]
    blocks = [block for block in blocks if block]
    expressions = [node for node in ast.walk(tree) if isinstance(node, ast.expr) and not hasattr(node, "ctx")]
    loads = [
        node for node in ast.walk(tree) if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load)
    ]
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    values = expressions + loads
    for _ in range(pick.randint(1, 25)):
        how = pick.randrange(4)
        if how == 0 and blocks:
            block, other = pick.choice(blocks), pick.choice(blocks)
            block.insert(pick.randint(0, len(block)), copied(pick.choice(other)))
        elif how == 1 and names:
            pick.choice(names).id = pick.choice(names).id
        elif how == 2 and loads and values:
            old, new = pick.choice(loads), copied(pick.choice(values))
            for node in ast.walk(tree):
                for name, value in ast.iter_fields(node):
                    if value is old:
                        setattr(node, name, new)
                    elif isinstance(value, list) and any(each is old for each in value):
                        setattr(node, name, [new if each is old else each for each in value])
        elif blocks:
            pick.shuffle(pick.choice(blocks))
    try:
        return ast.unparse(tree).encode("utf-8", "surrogatepass")
    except (ValueError, RecursionError):  # a backslash in an f-string, which only newer versions can write
        return text.encode("utf-8", "surrogatepass")


def copied(node: ast.AST) -> ast.AST:
    """A copy; of what has grown too deep for that, a name in its place."""
    try:
        return copy.deepcopy(node)
    except RecursionError:
        return ast.Expr(ast.Name("deep", ast.Load())) if isinstance(node, ast.stmt) else ast.Name("deep", ast.Load())


def parses(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


SOURCES = sources()
WHOLE = [text for text in SOURCES if len(text) < 20_000 and parses(text)]


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**32), st.integers(0, len(SOURCES) - 1))
def test_damaged_files(read: Reader, seed: int, number: int) -> None:
    pick = random.Random(seed)
    assert_small(read(damaged(SOURCES[number], pick), "python", pick.choice(("app.py", "serve"))))


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**32), st.integers(0, len(WHOLE) - 1))
def test_rearranged_files(read: Reader, seed: int, number: int) -> None:
    assert_small(read(rearranged(WHOLE[number], random.Random(seed)), "python", "app.py"))
