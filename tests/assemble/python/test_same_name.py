"""What a product gives under the name by which a call takes a value that cannot be followed."""

from __future__ import annotations

import pytest

from linter.engine import facts_of
from linter.judge.load import load_knowledge
from linter.tree import MemoryTree
from tests.assemble.python.products import at, product

HEAD = "import json, pickle, requests\nfrom transformers import AutoModel\nfrom maker import settings\n"
API = "transformers.*.from_pretrained"


def likely(load: str, files: dict[str, str], folder: str = "") -> str | None:
    code = f"{HEAD}\n\ndef model_fn(model_dir):\n    given = pickle.load(open(f'{{model_dir}}/a.pkl', 'rb'))\n{load}"
    call = at(product({f"{folder}inference.py": code, **files}, dockerfile=""), API)
    assert call["destination"] == "unknown"
    target: str | None = call["likely_target"]
    return target


@pytest.mark.parametrize(
    "load",
    [
        "    AutoModel.from_pretrained(given['encoder_name'])\n",
        "    AutoModel.from_pretrained(given.encoder_name)\n",
        "    AutoModel.from_pretrained(given.get('encoder_name', None))\n",
        "    AutoModel.from_pretrained(str(given['encoder-name']))\n",
        "    name = given.sub.encoder_name if given else given['other']\n    AutoModel.from_pretrained(name)\n",
        "    size, name = given['size'], given['encoder_name']\n    AutoModel.from_pretrained(name)\n",
        "    load(json.load(open(settings.file))['encoder_name'])\n\n\ndef load(path):\n    AutoModel.from_pretrained(path)\n",
        "    Box(given)\n\n\nclass Box:\n    def __init__(self, given):\n        self.name = given['encoder_name']\n"
        "        AutoModel.from_pretrained(self.name)\n",
    ],
)
@pytest.mark.parametrize(
    "given",
    [
        "ENCODER_NAME = 'acme/encoder'\n",
        "SETTINGS = {'model': {'encoder_name': 'acme/encoder'}}\n",
        "def train(**given): pass\ntrain(encoder_name='acme/encoder')\n",
        "def train(**given): pass\ntrain(encoder_name=f's3://{input()}/encoder')\n",
        "class Settings:\n    encoder_name = 'acme/encoder'\n",
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--encoder-name', default='acme/encoder')\n"
        "def train(name): pass\ntrain(p.parse_args().encoder_name)\n",
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--encoder-name', '-e', default='acme/encoder')\n",
    ],
)
def test_a_name_that_leads_out_everywhere_else(load: str, given: str) -> None:
    assert likely(load, {"train.py": given}) in ("acme/encoder", "s3://…/encoder")


@pytest.mark.parametrize(
    "given",
    [
        "A = {'encoder_name': 'acme/encoder'}\nB = {'encoder_name': '/opt/ml/model/encoder'}\n",
        "A = {'encoder_name': 'acme/encoder'}\nB = {'encoder_name': './encoder'}\n",
        "A = {'encoder_name': 'weights/encoder'}\n",
        "A = {'encoder_name': 'encoder'}\n",
        "A = {'other_name': 'acme/encoder'}\n",
    ],
)
def test_names_that_prove_nothing(given: str) -> None:
    files = {"train.py": given, "weights/encoder/readme.txt": "own"}
    assert likely("    AutoModel.from_pretrained(given['encoder_name'])\n", files) is None


def test_the_trace_ends_where_the_text_stands() -> None:
    code = f"{HEAD}def model_fn(model_dir):\n    AutoModel.from_pretrained(pickle.load(settings)['encoder_name'])\n"
    call = at(product({"inference.py": code, "train.py": "A = {'encoder_name': 'acme/a'}\n"}, dockerfile=""), API)
    assert (call.trace[-1].location.path, call.trace[-1].text) == ("train.py", "the same name stands for `acme/a`")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://me:hunter2secret@db.example.com/a", "postgresql://…@db.example.com/a"),
        ("https://db.example.com/a?key=AKIA5GHJKLMNBVCXZ2QW", None),
        ("https://db.example.com/a", "https://db.example.com/a"),
    ],
)
def test_no_secret_of_another_file_is_shown(address: str, shown: str | None) -> None:
    code = "import pickle\nfrom sqlalchemy import create_engine\ncreate_engine(pickle.load(open('/opt/ml/model/a', 'rb'))['place'])\n"
    found = product({"train.py": code, "other.py": f"A = {{'place': '{address}'}}\n"}, dockerfile="")
    call = at(found, "sqlalchemy.create_engine")
    assert call["likely_target"] == shown
    assert "hunter2" not in str(call)
    assert "AKIA" not in str(call)


def test_tests_do_not_count_and_the_nearest_folder_does() -> None:
    load = "    AutoModel.from_pretrained(given['encoder_name'])\n"
    assert likely(load, {"tests/test_a.py": "A = {'encoder_name': 'acme/encoder'}\n"}) is None
    files = {"a/train.py": "A = {'encoder_name': 'acme/a'}\n", "b/train.py": "A = {'encoder_name': '/opt/b'}\n"}
    assert likely(load, files, "a/") == "acme/a"
    assert likely(load, files, "b/") is None


def test_launches_count() -> None:
    load = "    AutoModel.from_pretrained(given['encoder_name'])\n"
    launch = 'from sagemaker.pytorch import PyTorch\nPyTorch(entry_point="t.py", hyperparameters={"encoder_name": "acme/a"})\n'
    assert likely(load, {"launch.py": launch, "t.py": ""}) == "acme/a"


def test_files_of_settings_count() -> None:
    code = f"{HEAD}\n\ndef model_fn(model_dir):\n    AutoModel.from_pretrained(pickle.load(settings)['encoder_name'])\n"
    files = {
        "inference.py": code,
        "train.py": "import json\nSETTINGS = json.load(open('settings.json'))\n",
        "settings.json": '{"model": {"encoder_name": "acme/b"}}',
    }
    tree = MemoryTree({path: text.encode() for path, text in files.items()}, frozenset())
    found = [fact for fact in facts_of(tree, [""], load_knowledge()) if fact.kind == "python.call"]
    assert at(found, API)["likely_target"] == "acme/b"


def test_files_of_settings_beside_code_count_there() -> None:
    shared = (
        "import json, os\n\n\ndef read(folder):\n    return 1, json.load(open(os.path.join(folder, 'setup.json')))\n"
    )
    code = (
        "from common.shared import read\nfrom transformers import AutoModel\n\n\ndef model_fn(model_dir):\n"
        "    _, setup = read(model_dir)\n    AutoModel.from_pretrained(setup['encoder_name'])\n"
    )
    files = {"common/shared.py": shared, "a/inference.py": code, "b/inference.py": code}
    files |= {"a/setup.json": '{"encoder_name": "acme/a"}', "b/setup.json": '{"encoder_name": "/opt/b"}'}
    tree = MemoryTree({path: text.encode() for path, text in files.items()}, frozenset())
    calls = {fact.location.path: fact for fact in facts_of(tree, [""], load_knowledge()) if fact.kind == "python.call"}
    assert [calls[f"{name}/inference.py"]["likely_target"] for name in "ab"] == ["acme/a", None]


@pytest.mark.parametrize("default", ["os.environ.get('SM_CHANNEL_TRAIN')", "os.environ['SM_MODEL_DIR']"])
def test_folders_that_the_toolkit_gives_are_no_names(default: str) -> None:
    code = (
        "import argparse, os\nfrom datasets import load_from_disk\np = argparse.ArgumentParser()\n"
        f"p.add_argument('--data', default={default})\nload_from_disk(p.parse_args().data)\n"
    )
    call = at(product({"train.py": code, "other.py": "def f(**k): pass\nf(data='s3://bucket/data')\n"}, dockerfile=""), "datasets.load_from_disk")  # fmt: skip
    assert (call["destination"], call["likely_target"]) == ("local", None)


def test_an_address_from_a_request_stays_one() -> None:
    code = (
        "import requests\nfrom flask import Flask, request\napp = Flask(__name__)\n\n\n"
        "@app.route('/invocations', methods=['POST'])\ndef answer():\n    return requests.get(request.json['url']).text\n"
    )
    files = {"inference.py": code, "other.py": "A = {'url': 'https://example.com/a'}\n"}
    call = at(product(files, dockerfile=""), "requests.get")
    assert (call["from_request"], call["likely_target"]) == (True, None)


@pytest.mark.parametrize(
    ("setting", "target"),
    [("option.s3url=s3://acme/model/", None), ("option.dtype=fp16", "acme/encoder")],
)
def test_a_server_tells_where_it_has_put_what_it_fetched(setting: str, target: str | None) -> None:
    handler = (
        "from transformers import AutoModel\n\ndef load(properties):\n    return AutoModel.from_pretrained(properties['model_id'])\n\n"
        "def handle(inputs):\n    return load(inputs.properties())\n"
    )
    files = {"code/model.py": handler, "code/serving.properties": f"engine=Python\n{setting}\n"}
    train = {"train.py": "ARGUMENTS = {'model_id': 'acme/encoder'}\n"}
    assert at(product({**files, **train}, dockerfile=""), API)["likely_target"] == target


@pytest.mark.parametrize(("given", "target"), [("acme/a", "acme/a"), ("s3://acme/a", None)])
def test_an_address_that_code_fetches_into_a_folder_first(given: str, target: str | None) -> None:
    code = (
        "import os\n\n\ndef train(given):\n    if given.encoder_name.startswith('s3'):\n"
        "        os.system('s5cmd sync ' + given.encoder_name + ' /tmp/encoder')\n"
        "        given.encoder_name = '/tmp/encoder'\n    AutoModel.from_pretrained(given.encoder_name)\n"
    )
    files = {"train.py": f"{HEAD}{code}\ntrain(read())\n", "other.py": f"def f(**k): pass\nf(encoder_name='{given}')\n"}
    assert at(product(files, dockerfile=""), API)["likely_target"] == target
