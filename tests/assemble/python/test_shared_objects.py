"""Clients and settings that travel in what a product shares: states of applications, classes, bases, other modules."""

from __future__ import annotations

import pytest

from tests.assemble.python.products import product

HEAD = (
    "import os\nimport boto3\nimport httpx\nfrom fastapi import FastAPI, Request\nfrom transformers import AutoModel\n\n"
    "app = FastAPI()\n\n\n"
)
BY_REQUEST = '@app.post("/invocations")\ndef predict(request: Request, key: str):\n    '
CLIENT = 'httpx.Client(base_url="https://e.com")'


def going(serve: str, **files: str) -> list[str]:
    texts = {"serve.py": HEAD + serve, **{f"{name}.py": text for name, text in files.items()}}
    found = [fact for fact in product(texts) if fact["destination"] in ("remote", "hub")]
    assert all(fact["guard"] == "none" and fact["reached"] != "no" for fact in found)
    return [str(fact["target"]) for fact in found]


@pytest.mark.parametrize(
    ("code", "use", "target"),
    [
        (f"app.state.http = {CLIENT}\n", 'app.state.http.get("/v1")', "https://e.com/v1"),
        (
            f'@app.on_event("startup")\ndef start():\n    app.state.http = {CLIENT}\n\n\n',
            'request.app.state.http.get("/v1")',
            "https://e.com/v1",
        ),
        ('app.state.name = "org/m"\n', "AutoModel.from_pretrained(request.app.state.name)", "org/m"),
    ],
)
def test_what_an_application_keeps_in_its_state(code: str, use: str, target: str) -> None:
    assert going(f"{code}\n\n{BY_REQUEST}{use}\n") == [target]


def test_a_client_of_aws_in_the_state_of_an_application() -> None:
    assert "s3" in going(f'app.state.s3 = boto3.client("s3")\n\n\n{BY_REQUEST}return app.state.s3.list_buckets()\n')


@pytest.mark.parametrize(
    ("shared", "code"),
    [
        (f"import httpx\nhttp = {CLIENT}\n", 'from shared import http\nhttp.get("/v1")\n'),
        (f"import httpx\nhttp = {CLIENT}\n", 'import shared\nshared.http.get("v1")\n'),
        (
            "import httpx\nclass Base:\n    def __init__(self, url):\n        self.http = httpx.Client(base_url=url)\n",
            'from shared import Base\nclass Asks(Base):\n    def ask(self):\n        self.http.get("/v1")\n\n'
            'asks = Asks("https://e.com")\nasks.ask()\n',
        ),
        (
            "import httpx\nfrom functools import cached_property\nclass Asks:\n    @cached_property\n    def http(self):\n"
            f"        return {CLIENT}\n    def ask(self):\n        self.http.get('/v1')\n",
            "from shared import Asks\nAsks().ask()\n",
        ),
    ],
)
def test_a_client_of_another_file_has_its_address(shared: str, code: str) -> None:
    assert going(code, shared=shared) == ["https://e.com/v1"]


LOAD = "AutoModel.from_pretrained"


@pytest.mark.parametrize(
    ("shared", "code"),
    [
        ('NAMES = {"a": {"id": "org/m"}}\n', f'{BY_REQUEST}{LOAD}(NAMES[key]["id"])\n'),
        ('NAMES = {"a": "org/m"}\n', f"{BY_REQUEST}{LOAD}(NAMES.get(key))\n"),
        ('NAMES = {"a": "org/m"}\n', f"for key, name in NAMES.items():\n    {LOAD}(name)\n"),
        ('NAMES = ["org/m"]\n', f"for name in NAMES:\n    {LOAD}(name)\n"),
        ('NAMES = ["/opt/ml/model", "org/m"]\n', f"{LOAD}(NAMES[1])\n"),
        ('from enum import Enum\nclass NAMES(Enum):\n    A = "org/m"\n', f"{LOAD}(NAMES.A.value)\n"),
    ],
)
def test_names_in_what_another_file_lists(shared: str, code: str) -> None:
    assert going(f"from shared import NAMES\n\n\n{code}", shared=shared) == ["org/m"]


@pytest.mark.parametrize(
    "base",
    [
        "class Base:\n    def __init__(self, name):\n        self.name = name\n\n    def load(self):\n"
        "        AutoModel.from_pretrained(self.name)\n",
        "class Base:\n    def __init__(self, name):\n        self.model = AutoModel.from_pretrained(name)\n\n"
        "    def load(self):\n        pass\n",
    ],
)
def test_what_a_class_gives_to_its_base(base: str) -> None:
    code = 'from shared import Base\nclass Own(Base):\n    def __init__(self):\n        super().__init__("org/m")\n\nOwn().load()\n'
    assert going(code, shared=f"from transformers import AutoModel\n{base}") == ["org/m"]


def test_an_attribute_that_a_base_leaves_to_its_heirs() -> None:
    base = "from transformers import AutoModel\nclass Base:\n    NAME = None\n    def load(self):\n        AutoModel.from_pretrained(self.NAME)\n"
    assert going('from shared import Base\nclass Own(Base):\n    NAME = "org/m"\n\nOwn().load()\n', shared=base) == [
        "org/m"
    ]
    assert (
        going('from shared import Base\nclass Own(Base):\n    NAME = "/opt/ml/model"\n\nOwn().load()\n', shared=base)
        == []
    )
    assert going("from shared import Base\nBase().load()\n", shared=base) == []


@pytest.mark.parametrize(
    "code",
    [
        'def env(key, default):\n    return os.environ.get(key, default)\n\n\nAutoModel.from_pretrained(env("M", "org/m"))\n',
        'from decouple import config\nAutoModel.from_pretrained(config("M", default="org/m"))\n',
        'from environs import Env\nenv = Env()\nAutoModel.from_pretrained(env.str("M", "org/m"))\n',
        'from starlette.config import Config\nread = Config(".env")\nAutoModel.from_pretrained(read("M", default="org/m"))\n',
    ],
)
def test_readers_of_the_environment(code: str) -> None:
    texts = {"serve.py": HEAD + code}
    found = [fact for fact in product(texts) if fact["destination"] in ("remote", "hub")]
    assert [fact["target"] for fact in found] == ["org/m"]


@pytest.mark.parametrize(
    "code",
    [
        f'{BY_REQUEST}request.app.state.http.get("/v1")\n',
        'class Own:\n    def __init__(self, name):\n        super().__init__(name)\n\nOwn("org/m")\n',
        f"for each in read():\n    {LOAD}(each)\n",
        f"{LOAD}(NAMES[-1])\n",
    ],
)
def test_what_nothing_tells_is_not_known(code: str) -> None:
    assert going(code) == []
