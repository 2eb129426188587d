"""Names that a test has seen as a path, or that a framework hands over."""

from __future__ import annotations

import json

import pytest

from tests.assemble.python.products import at, product

FROM_PRETRAINED = "transformers.*.from_pretrained"
HEAD = "import os\nfrom os.path import isdir\nfrom pathlib import Path\nfrom transformers import AutoModel\n\n\n"
CALL = 'load("acme/bert")\n'

FOUND = {
    "asked": "def load(name):\n    if os.path.exists(name):\n        AutoModel.from_pretrained(name)\n",
    "asked by a bare name": "def load(name):\n    if isdir(name):\n        AutoModel.from_pretrained(name)\n",
    "as a path": "def load(name):\n    if Path(name).exists():\n        AutoModel.from_pretrained(name)\n",
    "under another name": "def load(name):\n    folder = Path(name)\n    if folder.is_dir():\n"
    "        AutoModel.from_pretrained(str(folder))\n",
    "a file in it": "def load(name):\n    if os.path.isfile(os.path.join(name, 'config.json')):\n"
    "        AutoModel.from_pretrained(name)\n",
    "a file in it, as a path": "def load(name):\n    folder = Path(name)\n    if (folder / 'a' / 'config.json').exists():\n"
    "        AutoModel.from_pretrained(name)\n",
    "said before": "def load(name):\n    own = Path(name).is_dir() and Path(name, 'x.json').exists()\n    if own:\n"
    "        AutoModel.from_pretrained(name)\n",
    "else it has left": "def load(name):\n    if not os.path.exists(name):\n        raise OSError(name)\n"
    "    AutoModel.from_pretrained(name)\n",
    "one of several conditions": "def load(name, large):\n    if large and os.path.exists(name):\n"
    "        AutoModel.from_pretrained(name)\n",
}

NOT_FOUND = {
    "not there": "def load(name):\n    if not os.path.exists(name):\n        AutoModel.from_pretrained(name)\n",
    "another one": "def load(name):\n    if os.path.exists('/tmp/x'):\n        AutoModel.from_pretrained(name)\n",
    "perhaps": "def load(name, large=True):\n    if large or os.path.exists(name):\n        AutoModel.from_pretrained(name)\n",
    "in a bucket": "import s3fs\ndef load(name):\n    if s3fs.S3FileSystem().exists(name):\n"
    "        AutoModel.from_pretrained(name)\n",
}


def goes(files: dict[str, str]) -> tuple[object, object]:
    fact = at(product(files), FROM_PRETRAINED)
    return fact["destination"], fact["target"]


@pytest.mark.parametrize("code", FOUND.values(), ids=FOUND.keys())
def test_what_was_found_as_a_path_is_no_name_of_a_hub(code: str) -> None:
    assert goes({"serve.py": HEAD + code + CALL})[0] == "local"


@pytest.mark.parametrize("code", NOT_FOUND.values(), ids=NOT_FOUND.keys())
def test_other_tests_say_nothing_of_a_name(code: str) -> None:
    found = [fact for fact in product({"serve.py": HEAD + code + CALL}) if fact["api"] == FROM_PRETRAINED]
    assert [fact["destination"] for fact in found] == ["hub"]


@pytest.mark.parametrize(
    ("name", "destination"),
    [
        ("'acme/bert'", "hub"),
        ("f'acme/bert-{kind}'", "hub"),
        ("f'acme/bert-{kind}-base'", "hub"),
        ("f'acme/{kind}'", "unknown"),
        ("f'{kind}/bert'", "unknown"),
        ("f'acme/bert/{kind}'", "unknown"),
        ("f'/opt/bert-{kind}'", "local"),
        ("'models/bert'", "local"),
        ("f'checkpoints/bert-{kind}'", "local"),
        ("'output/checkpoint-100'", "local"),
        ("os.environ.get('NAME', 'acme/bert-base').replace('base', 'large')", "hub"),
        ("os.environ.get('NAME', '/opt/bert-base').replace('base', 'large')", "local"),
        ("('acme/bert-base' if kind else 'acme/bert').replace('base', 'large')", "hub"),
        ("kind.replace('base', 'large')", "unknown"),
    ],
)
def test_names_that_are_put_together(name: str, destination: str) -> None:
    code = f"def load(kind):\n    AutoModel.from_pretrained({name})\nload(input())\n"
    assert goes({"serve.py": HEAD + code})[0] == destination


SETTINGS = (
    "from functools import lru_cache\nfrom pydantic import Field\nfrom pydantic_settings import BaseSettings\n\n\n"
    'class Settings(BaseSettings):\n    model_id: str = Field(default="org/model", alias="MODEL_ID")\n\n\n'
    "@lru_cache\ndef get_settings() -> Settings:\n    return Settings()\n"
)
SERVE = (
    "from fastapi import Depends, FastAPI\nfrom typing import Annotated\nfrom transformers import AutoModel\n"
    "from settings import Settings, get_settings\n\napp = FastAPI()\n\n\n"
)


@pytest.mark.parametrize(
    "code",
    [
        '@app.post("/invocations")\ndef predict(settings: Settings = Depends(get_settings)):\n'
        "    AutoModel.from_pretrained(settings.model_id)\n",
        '@app.post("/invocations")\ndef predict(settings: Annotated[Settings, Depends(get_settings)]):\n'
        "    AutoModel.from_pretrained(settings.model_id)\n",
        "class Service:\n    def __init__(self, name):\n        self._name = name\n\n    def load(self):\n"
        "        AutoModel.from_pretrained(self._name)\n\n\n"
        "def service(settings: Settings = Depends(get_settings)):\n    return Service(name=settings.model_id)\n\n\n"
        '@app.post("/invocations")\ndef predict(found: Service = Depends(service)):\n    found.load()\n',
    ],
)
def test_settings_that_a_framework_hands_over(code: str) -> None:
    assert goes({"serve.py": SERVE + code, "settings.py": SETTINGS}) == ("hub", "org/model")


def test_a_client_that_a_framework_hands_over() -> None:
    code = (
        "import httpx\nfrom fastapi import Depends, FastAPI\n\napp = FastAPI()\n\n\n"
        'def client():\n    return httpx.Client(base_url="https://api.example.com")\n\n\n'
        '@app.post("/invocations")\ndef predict(http=Depends(client)):\n    return http.get("/v1")\n'
    )
    found = [fact for fact in product({"serve.py": code}) if fact["destination"] == "remote"]
    assert [fact["reached"] for fact in found] == ["handler"]


MERGE = 'from transformers import AutoModel\nAutoModel.from_pretrained("org/model")\n'


@pytest.mark.parametrize(
    ("command", "reached"),
    [
        ("!python merge.py", "unknown"),
        ("!python3 ./merge.py --out x", "unknown"),
        ("!docker run image python merge.py", "import"),
        ("!cat merge.py", "import"),
    ],
)
def test_a_script_that_the_notebook_runs_itself_is_the_sellers(command: str, reached: str) -> None:
    cells = [f"%%writefile merge.py\n{MERGE}", command]
    notebook = {
        "cells": [{"cell_type": "code", "metadata": {}, "outputs": [], "source": each} for each in cells],
        "metadata": {"language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    fact = at(product({"a.ipynb": json.dumps(notebook)}, dockerfile=""), FROM_PRETRAINED)
    assert fact["reached"] == reached


@pytest.mark.parametrize(
    ("place", "files", "destination"),
    [
        ("study/glue/serve.py", {}, "hub"),
        ("study/glue/tasks/serve.py", {}, "hub"),
        ("study/serve.py", {"study/glue/a.csv": ""}, "local"),
        ("study/code/serve.py", {"study/glue/a.csv": ""}, "local"),
    ],
)
def test_the_folder_of_the_code_is_no_data_set(place: str, files: dict[str, str], destination: str) -> None:
    load = 'from datasets import load_dataset\nload_dataset("glue", "mnli")\n'
    assert at(product({place: load, **files}), "datasets.load_dataset")["destination"] == destination
