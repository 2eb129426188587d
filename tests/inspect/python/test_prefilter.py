"""The prefilter leaves calls unread in modules that cannot call out; with and without it the facts are the same."""

from __future__ import annotations

import random
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from linter.inspect.python import inspect
from linter.model import Artifact

if TYPE_CHECKING:
    from linter.knowledge import Knowledge
    from linter.model import Inspection

CASES = sorted((Path(__file__).parent / "cases").glob("*.py.txt"))
STANDARD = Path(sysconfig.get_paths()["stdlib"])
SAMPLE = [
    *(
        path
        for name in ("http", "logging", "json", "email", "urllib")
        for path in sorted((STANDARD / name).glob("*.py"))
    ),
    *random.Random(7).sample(sorted(STANDARD.glob("*.py")), 30),
]


def read(text: str, knowledge: Knowledge) -> Inspection:
    data = text.encode("utf-8", "surrogatepass")
    return inspect(Artifact("app.py", "python", len(data), None), data, knowledge)


def assert_same(text: str, knowledge: Knowledge, *, calls: int = 0) -> None:
    """The prefilter changes nothing, and it is replaced for sure: the second reading never asks it."""
    filtered = read(text, knowledge)
    asked = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("linter.inspect.python.module.can_call_out", lambda *_: asked.append(1) or True)
        whole = read(text, knowledge)
    assert asked or any(notice.code == "python-syntax" for notice in whole.notices)
    assert filtered == whole, text
    assert sum(fact.kind == "python.call" for fact in whole.facts) >= calls


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name.partition(".")[0])
def test_cases(case: Path, knowledge: Knowledge) -> None:
    assert_same(case.read_text("utf-8"), knowledge, calls=1)


@pytest.mark.parametrize("file", SAMPLE, ids=lambda path: str(path.relative_to(STANDARD)))
def test_standard_library(file: Path, knowledge: Knowledge) -> None:
    assert_same(file.read_text("utf-8", "replace"), knowledge)


MODULES = (
    *(
        "requests",
        "boto3",
        "os",
        "os.path",
        "sys",
        "importlib",
        "urllib.request",
        "http.client",
        "socket",
        "json",
        "helper",
    ),
    *("app.net", "functools", "subprocess", "builtins", "transformers", "collections.abc", "logging.handlers", "ré"),
)
NAMES = ("get", "post", "client", "urlopen", "import_module", "reload", "partial", "run", "open", "AutoModel", "x", "*")
ALIASES = ("", " as r", " as get", " as os", " as json", " as _")
OBJECTS = (
    *("requests", "r", "boto3", "os", "json", "get", "client", "urlopen", "x", "self", "helper", "app.net", "_"),
    *("importlib", "import_module", "builtins", "print", "partial", "super"),
)
TEXTS = ("'requests'", "'urllib.request'", "'re' 'quests'", "'https://example.com'", "'get'", "'x'", "''", "x", "1")

simple_imports = st.builds("import {}{}".format, st.sampled_from(MODULES), st.sampled_from(ALIASES))
from_imports = st.builds(
    lambda dots, module, name, alias: f"from {dots}{module} import {name}{'' if name == '*' else alias}",
    st.sampled_from(("", "", "", ".", "..", "... ")),
    st.sampled_from(MODULES),
    st.sampled_from(NAMES),
    st.sampled_from(ALIASES),
)
own_imports = st.sampled_from(
    ("from . import x", "from . import *", "from .. import requests", "from . import (\n x as r)")
)
imports = simple_imports | from_imports | own_imports
texts = st.sampled_from(TEXTS)
expressions = st.recursive(
    st.sampled_from((*OBJECTS, "__import__")) | texts,
    lambda inner: st.one_of(
        st.builds("{}.{}".format, st.sampled_from(OBJECTS), st.sampled_from(NAMES[:-1])),
        st.builds("{}({})".format, st.sampled_from(OBJECTS), texts | inner),
        st.builds("({}).{}({})".format, inner, st.sampled_from(NAMES[:-1]), texts | inner),
        st.builds("getattr({}, {})".format, inner, texts),
        st.builds("__import__({})".format, texts | inner),
        st.builds("partial({}, {})({})".format, inner, inner, texts),
        st.builds("({} or {})".format, inner, inner),
    ),
    max_leaves=5,
)
uses = st.builds("{}.{}('https://example.com')".format, st.sampled_from(OBJECTS), st.sampled_from(NAMES[:-1]))
targets = st.sampled_from(("x", "r", "get", "self.x", "x.y", "x, r", "requests", "open"))
statements = st.one_of(
    imports,
    imports,
    uses,
    uses,
    expressions,
    st.builds("{} = {}".format, targets, expressions),
    st.builds("with {} as {}: {}".format, expressions, st.sampled_from(("x", "r")), expressions),
    st.builds("def x(get, r={}): return {}".format, expressions, expressions),
    st.builds("class x({}): y = {}".format, st.sampled_from(OBJECTS), expressions),
    st.builds("@{}\ndef client(self): return {}".format, st.sampled_from(OBJECTS), expressions),
    st.builds("try: {}\nexcept ImportError: {}".format, imports, imports),
    st.builds("def get():\n    {}\n    {}".format, own_imports | simple_imports, expressions),
    st.builds("if __name__ == '__main__': {}".format, simple_imports),
    st.builds("# {}".format, imports),
)
modules = st.lists(statements, max_size=8).map(lambda lines: "\n".join([*lines, ""]))


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(modules)
@example("__import__('requests').get('https://example.com')\n")
@example("r = __import__\nr('requests').get('https://example.com')\n")
@example("import importlib as r\nr.import_module('requests').get('https://example.com')\n")
@example("from importlib import import_module as r\nr('requests').get('https://example.com')\n")
@example("from . import *\nget('https://example.com')\n")
@example("from helper import *\nget('https://example.com')\n")
@example("def f():\n    from .net import session\n    session.get('https://example.com')\n")
@example("__\uff49mport__('re' 'quests').get('https://example.com')\n")
@example("import \uff52equests\nrequests.get('https://example.com')\n")
@example("import builtins\nbuiltins.__import__('requests').get('https://example.com')\n")
@example("from builtins import __import__ as r\nr('requests').get('https://example.com')\n")
@example("getattr(__builtins__, '__import__')('requests').get('https://example.com')\n")
def test_made_modules(knowledge: Knowledge, text: Any) -> None:
    assert_same(text, knowledge)


@pytest.mark.parametrize(
    "text", ["open('x').get()\n", "vars(x).get('x')\n", "__import__.get()\n", "getattr(x).get()\n"]
)
def test_builtins(text: str, knowledge: Knowledge) -> None:
    assert_same(text, knowledge)
