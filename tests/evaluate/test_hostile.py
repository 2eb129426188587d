"""Code that wants to be run, to take for ever, or to crash what reads it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linter.config import Config
from linter.engine import check
from linter.judge.load import load_rules
from linter.tree import MemoryTree
from tests.evaluate.conftest import KNOWLEDGE, sent

RULES = load_rules()
CALL = (
    '\nimport boto3\nboto3.client("sagemaker").create_model_package(ModelPackageName="a", InferenceSpecification=x)\n'
)

HOSTILE = {
    "doubled text": "x = 'a'\n" + "x = x + x\n" * 60,
    "doubled list": "x = [1]\n" + "x = x + x\n" * 60,
    "doubled mapping": "x = {}\n" + "x = {'a': x, 'b': x}\n" * 60,
    "doubled by replacing": "x = 'aaaa'\n" + "x = x.replace('a', 'aaaa')\n" * 60,
    "doubled in f-strings": "x = 'a'\n" + "x = f'{x}{x}'\n" * 60,
    "repeated": "x = 'a' * 10 ** 12\n",
    "repeated list": "x = [[]] * 10 ** 12\n",
    "wide format": "x = '{:>1000000000}'.format('a') + '%1000000000d' % 1 + f'{1:>1000000000}'\n",
    "large power": "x = 10 ** 10 ** 10 ** 10\n",
    "large shift": "x = 1 << 10 ** 12\n",
    "large range": "x = [n for n in range(10 ** 12)]\n",
    "nested loops": "x = 0\n"
    + "".join(" " * n + f"for a{n} in range(900):\n" for n in range(8))
    + " " * 8
    + "x = x + 1\n",
    "nested comprehensions": "x = [0" + "".join(f" for a{n} in range(900)" for n in range(8)) + "]\n",
    "endless loop": "x = 1\nwhile True:\n    x = x + 1\n",
    "endless recursion": "def f(n):\n    return f(n + 1)\nx = f(0)\n",
    "branching recursion": "def f(n):\n    if input():\n        return f(n) + f(n)\n    return f(n)\nx = f(0)\n",
    "mutual recursion": "def f(n):\n    return g(n) + g(n)\ndef g(n):\n    return f(n) + f(n)\nx = f(0)\n",
    "branches": "x = 0\n" + "if input():\n    x = x + 1\nelse:\n    x = x + 2\n" * 2_000,
    "nested branches": "".join(" " * n + "if input():\n" for n in range(80)) + " " * 80 + "x = 1\n",
    "contains itself": "x = {}\nx['x'] = x\ny = [x]\ny.append(y)\nx['y'] = y\n",
    "equal to itself": "a = []\na.append(a)\nb = []\nb.append(b)\nx = {'a': a == b}\n",
    "copy of itself": "import copy\nx = {}\nx['x'] = x\nx = copy.deepcopy(x)\n",
    "deep": "x = {}\n" + "x = {'x': x}\n" * 3_000,
    "deep text": "import json\nx = json.loads('[' * 100000)\n",
    "deep expression": "x = " + "[" * 90 + "]" * 90 + "\n",
    "class of itself": "class A:\n    pass\nclass B(A):\n    pass\nA.__bases__ = (B,)\nx = B().y\n",
    "own base": "class A:\n    pass\nclass A(A):\n    pass\nx = {'a': A().b}\n",
    "runs things": "import os\nos.system('touch /tmp/mllint-was-here')\nx = eval('1')\nexec('x = 2')\n",
    "reads what is outside": "x = open('/etc/passwd').read() + open('../../../../etc/passwd').read()\n",
    "odd characters": "x = '\\ud800\\udfff\\x00\ue001${a}{{b}}'\n",
    "imports itself": "import publish\nfrom publish import *\nx = publish.x\n",
    "deletes": "x = {'a': 1}\ndel x['a'], x['b'], x\nx = 1\n",
    "wrong calls": "x = [].pop().append({}.update(1, 2)).format(*3, **4)\nx = {}.get()\nx = ''.replace('a')\nx = ''.join()\nx = dict(1)\n",
    "odd subscripts": "x = [1][10 ** 30]\nx = 'a'[::0]\nx = {}[[]]\nx = [1, 2][None:'a']\n",
    "odd json": 'import json\nx = json.loads(\'{"a": 1e999, "b": NaN, "a": {"": [null]}}\')\nx = json.dumps({1: {2: float(\'nan\')}})\n',
}


@pytest.mark.parametrize("code", HOSTILE.values(), ids=HOSTILE)
def test_nothing_takes_long_or_crashes(code: str) -> None:
    files = {"publish.py": (code + CALL).encode("utf-8", "surrogatepass")}
    report = check(MemoryTree(files), [""], Config(), RULES, KNOWLEDGE)
    assert report.error is None


def test_a_program_that_takes_too_many_steps_is_told_of() -> None:
    files = {"publish.py": (HOSTILE["nested loops"] + CALL).encode()}
    report = check(MemoryTree(files), [""], Config(), RULES, KNOWLEDGE)
    assert [notice.code for notice in report.notices] == ["request-not-evaluated"]


def test_a_module_may_be_imported_in_a_circle() -> None:
    files = {
        "a.py": "import boto3, b\nNAME = 'a'\nboto3.client('sagemaker').create_model_package(ModelPackageName=b.name())\n",
        "b.py": "import a\ndef name():\n    return a.NAME\n",
    }
    assert [fact["name"] for fact in sent(files) if fact.kind == "manifest.model_package"] == ["a"]


LINES = st.sampled_from(
    [
        "x = {}", "x = []", "x['a'] = y", "x.append(y)", "y = 'a{}b'.format(x)", "y = x + y", "x = y", "y = f'{x}{y}'",
        "x.update(a=y)", "y = json.dumps(x)", "x = json.loads(y)", "y = y.replace('a', 'aa')", "x = [y, y]", "y = x[0]",
        "break", "continue", "return x", "raise E", "x = f(y)", "x = C()", "y = x.g()", "x = {'a': x}", "x = x | y",
        "y = {**x}", "y = [*x]", "y = x['a']['b']", "x = {k: v for k, v in y.items()}", "x = y % x", "x = y[1:]",
        "x = copy.deepcopy(y)", "lambda: x", "x = y.pop()", "x.clear()", "del x['a']", "global x", "x.a = y", "x += y",
        "x, y = y", "x = y if x else y", "x = input()", "x.insert(0, y)", "x.setdefault('a', []).append(y)", "x |= y",
    ]
).map(lambda line: [line])  # fmt: skip
HEADS = st.sampled_from(
    [
        "if input():", "if x:", "for z in x:", "for z in input():", "while input():", "while True:", "with open(y) as x:",
        "def f(a, b=y):", "class C:", "class C(C):", "    def g(self, x=1):", "try:", "for x in [1, 2, 3]:",
    ]
)  # fmt: skip
TAILS = {"if": "else:", "try": "except E:", "for": "else:"}


def _block(parts: tuple[str, list[str], list[str]]) -> list[str]:
    head, body, rest = parts
    found = [head.strip(), *(f"    {line}" for line in [*body, "pass"])]
    tail = TAILS.get(head.split()[0].strip(":"))
    return [*found, tail, *(f"    {line}" for line in [*rest, "pass"])] if tail else found


def _joined(parts: list[list[str]]) -> list[str]:
    return [line for part in parts for line in part]


STATEMENTS = st.recursive(
    LINES,
    lambda inner: st.one_of(st.tuples(HEADS, inner, inner).map(_block), st.lists(inner, max_size=6).map(_joined)),
    max_leaves=25,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STATEMENTS)
def test_any_program_is_gone_through(lines: list[str]) -> None:
    code = "import json, copy\nx = {}\ny = 'a'\n" + "\n".join(lines) + CALL
    inner = "def main(x, y):\n" + "".join(f"    {line}\n" for line in lines) + CALL.replace("\n", "\n    ")
    report = check(MemoryTree({"a.py": code.encode(), "b.py": inner.encode()}), [""], Config(), RULES, KNOWLEDGE)
    assert report.error is None
