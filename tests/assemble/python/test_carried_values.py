"""Values that travel inside of other things: options in their object, settings in mappings, names in dictionaries."""

from __future__ import annotations

import pytest

from tests.assemble.python.products import at, product

FROM_PRETRAINED = "transformers.*.from_pretrained"
PARSER = """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--model", default="bert-base-uncased")
parser.add_argument("--epochs", type=int, default=3)
"""
LOADER = "from transformers import AutoModel\n"


def goes(files: dict[str, str]) -> tuple[object, ...]:
    fact = at(product(files), FROM_PRETRAINED)
    return fact["destination"], fact["target"]


# --- the object that holds a program's options


@pytest.mark.parametrize(
    "code",
    [
        "def load(given):\n    AutoModel.from_pretrained(given.model)\nload(parser.parse_args())\n",
        "def load(given):\n    AutoModel.from_pretrained(given.model)\nload(given=parser.parse_args())\n",
        "def load(given):\n    AutoModel.from_pretrained(given.model)\nfound, rest = parser.parse_known_args()\nload(found)\n",
        "def load(given):\n    AutoModel.from_pretrained(given['model'])\nload(vars(parser.parse_args()))\n",
        "def load(given):\n    inner(given)\ndef inner(more):\n    AutoModel.from_pretrained(more.model)\n"
        "load(parser.parse_args())\n",
        "def read():\n    return parser.parse_args()\nchosen = read()\nAutoModel.from_pretrained(chosen.model)\n",
        "class Tuner:\n    def __init__(self, hparams):\n        self.hparams = hparams\n        self.load()\n"
        "    def load(self):\n        AutoModel.from_pretrained(self.hparams.model)\n"
        "Tuner(parser.parse_args())\n",
    ],
)
def test_options_that_are_handed_on_in_their_object(code: str) -> None:
    assert goes({"serve.py": LOADER + PARSER + code}) == ("hub", "bert-base-uncased")


def test_options_that_another_file_reads() -> None:
    options = PARSER + "def read():\n    return parser.parse_args()\n"
    load = LOADER + "def load(given):\n    AutoModel.from_pretrained(given.model)\n"
    files = {"serve.py": "from options import read\nfrom load import load\nload(read())\n"}
    assert goes({**files, "options.py": options, "load.py": load}) == ("hub", "bert-base-uncased")
    direct = LOADER + "from options import read\nsettings = read()\nAutoModel.from_pretrained(settings.model)\n"
    assert goes({"serve.py": direct, "options.py": options}) == ("hub", "bert-base-uncased")


def test_an_option_that_is_a_folder_or_has_no_default_is_no_name() -> None:
    load = "def load(given):\n    AutoModel.from_pretrained(given.model)\nload(parser.parse_args())\n"
    local = PARSER.replace("bert-base-uncased", "/opt/ml/model")
    assert goes({"serve.py": LOADER + local + load})[0] == "local"
    required = PARSER.replace('default="bert-base-uncased"', "required=True")
    assert goes({"serve.py": LOADER + required + load})[0] == "unknown"
    other = "def load(given):\n    AutoModel.from_pretrained(given.path)\nload(parser.parse_args())\n"
    assert goes({"serve.py": LOADER + PARSER + other})[0] == "unknown"


# --- what only tests give


def test_what_tests_give_to_a_function_tells_nothing_about_its_calls() -> None:
    load = LOADER + "def load(name):\n    AutoModel.from_pretrained(name)\n"
    test = "from serve import load\ndef test_load():\n    load('made-up/name')\n"
    assert goes({"serve.py": load, "tests/test_serve.py": test})[0] == "unknown"
    assert goes({"serve.py": load + "load('/opt/ml/model')\n", "tests/test_serve.py": test})[0] == "local"


# --- settings that are read from a file


@pytest.mark.parametrize("load", ["json.load(file)", "json.loads(file.read())", "yaml.safe_load(file)"])
@pytest.mark.parametrize(
    "use", ['raw.get("model", {name})', 'raw.get("model", {name}).strip()', 'raw.get("a", {{}}).get("m", {name})']
)
def test_the_default_of_a_setting_counts_when_nothing_sets_it(load: str, use: str) -> None:
    start = f"import json, yaml\nfile = open('/opt/ml/input/config/hyperparameters.json')\nraw = {load}\n"
    named = start + "AutoModel.from_pretrained(" + use.format(name="'bert-base-uncased'") + ")\n"
    fact = at(product({"serve.py": LOADER + named}), FROM_PRETRAINED)
    assert (fact["destination"], fact["target"], fact["guard"]) == ("hub", "bert-base-uncased", "condition")
    folder = start + "AutoModel.from_pretrained(" + use.format(name="'/opt/ml/model'") + ")\n"
    assert goes({"serve.py": LOADER + folder})[0] == "unknown"


def test_a_setting_that_a_function_gives_back_in_a_mapping() -> None:
    code = (
        "import json\ndef settings():\n    raw = json.loads(open('x').read())\n"
        "    return {'model': raw.get('model', 'bert-base-uncased'), 'epochs': int(raw.get('epochs', 3))}\n"
        "def main():\n    found = settings()\n    AutoModel.from_pretrained(found['model'])\nmain()\n"
    )
    assert goes({"serve.py": LOADER + code}) == ("hub", "bert-base-uncased")


# --- members that are assigned


def test_members_that_are_assigned_one_by_one() -> None:
    code = 'given = {}\ngiven["model"] = "bert-base-uncased"\nAutoModel.from_pretrained(given["model"])\n'
    assert goes({"serve.py": LOADER + code}) == ("hub", "bert-base-uncased")
    later = 'given = {"model": "/opt/ml/model"}\nAutoModel.from_pretrained(given["model"])\ngiven["model"] = "a/b"\n'
    assert goes({"serve.py": LOADER + later})[0] == "local"


def test_hyperparameters_that_are_assigned_one_by_one_reach_the_program() -> None:
    train = LOADER + PARSER.replace('default="bert-base-uncased"', "required=True")
    train += "options = parser.parse_args()\nAutoModel.from_pretrained(options.model)\n"
    launch = (
        "from sagemaker.pytorch import PyTorch\nhyperparameters = {}\nhyperparameters['epochs'] = 3\n"
        "hyperparameters['model'] = 'bert-base-uncased'\n"
        "PyTorch(entry_point='train.py', source_dir='code', hyperparameters=hyperparameters).fit()\n"
    )
    found = product({"code/train.py": train, "launch.py": launch}, dockerfile="")
    fact = at([each for each in found if each.location.path == "code/train.py"], FROM_PRETRAINED)
    assert (fact["destination"], fact["target"]) == ("hub", "bert-base-uncased")


# --- objects that are handed on

HUB = ("hub", "bert-base-uncased")
DATACLASS = "from dataclasses import dataclass, field\n@dataclass\nclass Settings:\n    model: str = {default}\n"
LOAD = "def load(given):\n    AutoModel.from_pretrained(given.model)\n"


@pytest.mark.parametrize(
    "code",
    [
        DATACLASS.format(default="'bert-base-uncased'") + LOAD + "load(Settings())\n",
        DATACLASS.format(default="field(default='bert-base-uncased')") + LOAD + "found = Settings()\nload(found)\n",
        DATACLASS.format(default="'/opt/ml/model'") + LOAD + "load(Settings(model='bert-base-uncased'))\n",
        DATACLASS.format(default="None")
        + "found = Settings(model='bert-base-uncased')\nAutoModel.from_pretrained(found.model)\n",
        DATACLASS.format(default="None")
        + "raw = {'model': 'bert-base-uncased'}\nfound = Settings(**raw)\nAutoModel.from_pretrained(found.model)\n",
        "from transformers import HfArgumentParser\n"
        + DATACLASS.format(default="'bert-base-uncased'")
        + LOAD
        + "def main():\n    parser = HfArgumentParser((Settings,))\n"
        "    found, = parser.parse_args_into_dataclasses()\n    load(found)\nmain()\n",
        "from types import SimpleNamespace\nfound = SimpleNamespace(model='bert-base-uncased')\n"
        "AutoModel.from_pretrained(found.model)\n",
        "from easydict import EasyDict\nfound = EasyDict()\nfound.model = 'bert-base-uncased'\n"
        + LOAD
        + "load(found)\n",
        "from omegaconf import OmegaConf\nfound = OmegaConf.create({'model': 'bert-base-uncased'})\n"
        "AutoModel.from_pretrained(found.model)\n",
    ],
)
def test_attributes_of_objects_that_are_handed_on(code: str) -> None:
    assert goes({"serve.py": LOADER + code}) == HUB


def test_an_instance_of_another_files_class_that_is_handed_on() -> None:
    settings = DATACLASS.format(default="'bert-base-uncased'")
    code = LOADER + "from settings import Settings\n" + LOAD + "load(Settings({given}))\n"
    assert goes({"serve.py": code.format(given=""), "settings.py": settings}) == HUB
    made = settings + "chosen = Settings(model='bert-base-uncased')\n"
    direct = LOADER + "from settings import chosen\nAutoModel.from_pretrained(chosen.model)\n"
    assert goes({"serve.py": direct, "settings.py": made.replace("= 'bert", "= '/opt/", 1)}) == HUB
    local = code.format(given="model='/opt/ml/model'")
    assert goes({"serve.py": local, "settings.py": settings})[0] == "local"


def test_an_attribute_that_a_class_sets_itself_is_not_what_its_maker_was_given() -> None:
    settings = "class Settings:\n    def __init__(self, model):\n        self.model = '/opt/ml/model'\n"
    made = "found = Settings(model='bert-base-uncased')\n"
    uses = ["AutoModel.from_pretrained(found.model)\n", LOAD + "load(found)\n"]
    for use in uses:
        assert goes({"serve.py": LOADER + settings + made + use})[0] == "local"
        other = LOADER + "from settings import Settings\n" + made + use
        assert goes({"serve.py": other, "settings.py": settings})[0] == "local"
        third = LOADER + "from settings import found\n" + use
        assert goes({"serve.py": third, "settings.py": settings + made})[0] == "local"


# --- mappings that are gone through


@pytest.mark.parametrize(
    "loop",
    [
        "for key, name in NAMES.items():\n    AutoModel.from_pretrained(name)\n",
        "for name in NAMES.values():\n    AutoModel.from_pretrained(name)\n",
        "found = {key: AutoModel.from_pretrained(name) for key, name in NAMES.items()}\n",
        "for key in NAMES.keys():\n    AutoModel.from_pretrained(NAMES[key])\n",
    ],
)
def test_names_in_a_mapping_that_is_gone_through(loop: str) -> None:
    names = "NAMES = {'a': 'bert-base-uncased', 'b': 'roberta-base'}\n"
    assert goes({"serve.py": LOADER + names + loop}) == HUB
    folders = "NAMES = {'a': '/opt/ml/model/a', 'b': '/opt/ml/model/b'}\n"
    assert goes({"serve.py": LOADER + folders + loop})[0] == "local"


# --- functions that something else calls


@pytest.mark.parametrize(
    "call",
    [
        "import threading\nthreading.Thread(target=load, args=('bert-base-uncased',)).start()\n",
        "from multiprocessing import Process\nProcess(target=load, args=['bert-base-uncased']).start()\n",
        "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor() as pool:\n"
        "    pool.submit(load, 'bert-base-uncased')\n",
        "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor() as pool:\n"
        "    list(pool.map(load, ['bert-base-uncased', 'roberta-base']))\n",
        "import asyncio\nasyncio.run(asyncio.to_thread(load, 'bert-base-uncased'))\n",
        "import asyncio\nasync def main():\n    loop = asyncio.get_event_loop()\n"
        "    await loop.run_in_executor(None, load, 'bert-base-uncased')\nasyncio.run(main())\n",
    ],
)
def test_what_a_function_is_given_that_something_else_calls(call: str) -> None:
    load = "def load(name):\n    AutoModel.from_pretrained(name)\n"
    assert goes({"serve.py": LOADER + load + call}) == HUB


# --- what a request says

ANSWERS = "import requests\nfrom flask import Flask, request\napp = Flask(__name__)\n"
ROUTE = '@app.route("/invocations", methods=["POST"])\n'


@pytest.mark.parametrize(
    "handler",
    [
        "def answer():\n    return requests.get(request.get_json()['url'])\n",
        "def answer():\n    data = request.json or {}\n    link = data.get('url', '')\n    requests.get(link)\n",
        "def answer():\n    requests.get(request.args.get('url'))\n",
        "def answer():\n    import json\n    for each in json.loads(request.data)['urls']:\n        requests.get(each)\n",
        "def answer():\n    return [fetch(one) for one in request.json['items']]\n"
        "def fetch(item):\n    return requests.get(item['url'])\n",
        "def answer():\n    first, second = request.json['urls']\n    requests.get(f'{first}?size=2')\n",
        "def answer():\n    link = request.data.decode()[1:-1]\n    requests.get(link)\n",
        "def answer():\n    requests.get(request.data.decode().rstrip('/').replace(' ', ''))\n",
    ],
)
def test_an_address_from_a_request(handler: str) -> None:
    fact = at(product({"serve.py": f"{ANSWERS}{ROUTE}{handler}app.run()\n"}), "requests.get")
    assert (fact["destination"], fact["from_request"]) == ("unknown", True)


@pytest.mark.parametrize(
    ("handler", "destination"),
    [
        ("def answer():\n    requests.get('http://localhost:8081/' + request.json['name'])\n", "loopback"),
        ("def answer():\n    requests.get('https://example.com/' + request.json['name'])\n", "remote"),
        ("def answer():\n    import os\n    requests.get(os.environ['SCORER'] + request.json['name'])\n", "unknown"),
        ("def answer():\n    requests.get(open('address').read())\n", "unknown"),
    ],
)
def test_a_request_that_says_only_the_end_of_an_address(handler: str, destination: str) -> None:
    fact = at(product({"serve.py": f"{ANSWERS}{ROUTE}{handler}app.run()\n"}), "requests.get")
    assert (fact["destination"], fact["from_request"]) == (destination, False)


@pytest.mark.parametrize(
    "handler",
    [
        "def input_handler(data, context):\n    requests.get(data.read().decode('utf-8')[1:-1])\n",
        "def transform_fn(model, body, kind, accept):\n    requests.get(json.loads(body)['url'])\n",
        "def handle(inputs):\n    requests.get(inputs.get_as_json()['url'])\n",
        "from ts.torch_handler.base_handler import BaseHandler\n"
        "class Pictures(BaseHandler):\n    def preprocess(self, data):\n"
        "        return [requests.get(row.get('body')) for row in data]\n",
        "class Service:\n    def preprocess(self, batch):\n        link = batch[0].get('body').decode()\n"
        "        return requests.get(link)\n    def handle(self, data, context):\n        return self.preprocess(data)\n",
        "import triton_python_backend_utils as pb_utils\n"
        "class TritonPythonModel:\n    def execute(self, requests_):\n        for one in requests_:\n"
        "            link = pb_utils.get_input_tensor_by_name(one, 'URL').as_numpy()[0].decode()\n"
        "            requests.get(link)\n",
        "import mlflow.pyfunc\nclass Model(mlflow.pyfunc.PythonModel):\n    def predict(self, context, model_input):\n"
        "        return requests.get(model_input['url'][0])\n",
    ],
)
def test_an_address_that_a_toolkit_hands_over(handler: str) -> None:
    fact = at(product({"inference.py": f"import json\nimport requests\n{handler}"}), "requests.get")
    assert (fact["destination"], fact["from_request"]) == ("unknown", True)


def test_a_method_of_the_same_name_is_given_no_request() -> None:
    code = (
        "import requests\nfrom flask import Flask\nclass Cleaner:\n    def preprocess(self, data):\n"
        "        return requests.get(data)\n"
    )
    assert (
        at(product({"serve.py": f"{code}Cleaner().preprocess(open('a').read())\n"}), "requests.get")["from_request"]
        is False
    )


def test_a_parameter_of_a_route_keeps_its_default() -> None:
    code = (
        "from fastapi import FastAPI\nfrom transformers import AutoModel\napp = FastAPI()\n"
        '@app.post("/invocations")\ndef answer(name: str = "bert-base-uncased"):\n    AutoModel.from_pretrained(name)\n'
    )
    assert goes({"serve.py": code}) == ("hub", "bert-base-uncased")


def test_only_what_a_caller_hands_on_is_of_the_request() -> None:
    files = {
        "serve.py": f"{ANSWERS}from load import fetch, ping\n{ROUTE}"
        "def answer():\n    ping()\n    return fetch(request.json['url'])\napp.run()\n",
        "load.py": "import urllib.request\nimport requests\nimport os\ndef fetch(address):\n"
        "    return urllib.request.urlopen(address)\ndef ping():\n    requests.get(os.environ['PING'])\n",
    }
    facts = product(files)
    assert at(facts, "urllib.request.urlopen")["from_request"] is True
    assert at(facts, "requests.get")["from_request"] is False


def test_functions_that_all_hand_their_options_to_one_another() -> None:
    """There are more ways through them than any run could follow."""
    names = [f"load{number}" for number in range(14)]
    calls = {name: "".join(f"    {other}(given)\n" for other in names if other != name) for name in names}
    functions = [f"def {name}(given):\n    AutoModel.from_pretrained(given.model)\n{calls[name]}" for name in names]
    found = product({"serve.py": LOADER + PARSER + "".join(functions) + "load0(parser.parse_args())\n"})
    assert len([fact for fact in found if fact.kind == "python.call" and fact["api"] == FROM_PRETRAINED]) == len(names)


# --- a value that a condition chooses

NET = "import torchvision.models as models\n"
CHOICE = (
    NET + "def build(pretrained=False):\n"
    "    weights = models.ResNet18_Weights.IMAGENET1K_V1 if pretrained else None\n"
    "    return models.resnet18(weights=weights)\n"
)


def weights(code: str, **files: str) -> object:
    fact = at(
        product({"serve.py": code, **{f"{name}.py": text for name, text in files.items()}}), "torchvision.models.*"
    )
    return fact["destination"]


def test_the_branch_that_no_caller_chooses_is_not_taken() -> None:
    assert weights(CHOICE + "build()\n") == "none"
    assert weights(CHOICE + "build(pretrained=False)\n") == "none"
    assert weights(CHOICE + "build(pretrained=True)\n") in ("hub", "remote")
    assert weights(CHOICE.replace("if pretrained else None", "if not pretrained else None") + "build()\n") in (
        "hub",
        "remote",
    )
    elsewhere = "from net import build\nbuild({})\n"
    assert weights(elsewhere.format("False"), net=CHOICE) == "none"
    assert weights(elsewhere.format("True"), net=CHOICE) in ("hub", "remote")
    assert weights(elsewhere.format("read()"), net=CHOICE) in ("hub", "remote")


@pytest.mark.parametrize(("kind", "found"), [("'hub'", ("hub", "acme/net")), ("'disk'", ("local", "/opt/ml/model"))])
def test_a_name_that_a_comparison_chooses(kind: str, found: tuple[str, str]) -> None:
    load = LOADER + (
        "def load(kind):\n    AutoModel.from_pretrained('acme/net' if kind == 'hub' else '/opt/ml/model')\n"
    )
    assert goes({"serve.py": f"{load}load({kind})\n"}) == found
    assert goes({"serve.py": f"{load}load(kind='disk')\nload('hub')\n"}) == ("hub", "acme/net")
    assert goes({"serve.py": f"{load}load(read())\n"}) == ("hub", "acme/net")


MODEL = (
    "class Judge:\n    @classmethod\n    def of(cls, name):\n        return cls(name)\n\n    def __init__(self, name):\n"
    "        self.model = AutoModel.from_pretrained(name)\n\n\nclass Other:\n    def __init__(self, name):\n"
    "        self.name = name\n\n\n"
)


@pytest.mark.parametrize(
    "made",
    [
        'Judge.of("acme/judge")',
        '{"judge": Judge, "other": Other}[kind]("acme/judge")',
        'chosen = {"judge": Judge, "other": Other}[kind]\nchosen("acme/judge")',
        'chosen = Judge if kind else Other\nchosen("acme/judge")',
        '(Judge if kind else Other)("acme/judge")',
    ],
)
def test_a_class_that_is_picked_is_made_with_what_is_given(made: str) -> None:
    code = f"import sys\nkind = sys.argv[1]\n{LOADER}{MODEL}{made}\n"
    assert goes({"serve.py": code}) == ("hub", "acme/judge")


# --- records, and what comprehensions and additions make


@pytest.mark.parametrize(
    "code",
    [
        "from typing import NamedTuple\nclass Spec(NamedTuple):\n    key: str\n    repo: str\n"
        "for spec in [Spec('a', 'org/a')]:\n    AutoModel.from_pretrained(spec.repo)\n",
        "from collections import namedtuple\nSpec = namedtuple('Spec', 'key repo')\n"
        "AutoModel.from_pretrained(Spec('a', 'org/a').repo)\n",
        "from collections import namedtuple\nSpec = namedtuple('Spec', ['key', 'repo'])\nSPECS = [Spec('a', repo='org/a')]\n"
        "for spec in SPECS:\n    AutoModel.from_pretrained(spec.repo)\n",
        "from dataclasses import dataclass\n@dataclass\nclass Spec:\n    key: str\n    repo: str = 'org/other'\n"
        "AutoModel.from_pretrained(Spec('a', 'org/a').repo)\n",
        "from dataclasses import asdict, dataclass\n@dataclass\nclass Spec:\n    repo: str = 'org/a'\n"
        "AutoModel.from_pretrained(asdict(Spec())['repo'])\n",
        "import random\nAutoModel.from_pretrained(random.choice(['org/a']))\n",
        "name = 'org'\nname += '/a'\nAutoModel.from_pretrained(name)\n",
        "def load(folder):\n    name = 'org'\n    if folder:\n        name += '/'\n    name += 'a'\n"
        "    AutoModel.from_pretrained(name)\nload(1)\n",
    ],
)
def test_names_in_records_and_lists(code: str) -> None:
    assert goes({"serve.py": LOADER + code}) == ("hub", "org/a")


@pytest.mark.parametrize(
    "code",
    [
        "command = 'curl'\nif quiet:\n    command += ' -s'\ncommand += ' https://example.org'\n"
        "subprocess.run(shlex.split(command))\n",
        "command = ['aws', 's3']\ncommand += ['cp', 's3://bucket/key', '/tmp/key']\nsubprocess.run(command)\n",
    ],
)
def test_command_lines_that_are_added_to(code: str) -> None:
    found = product({"serve.py": f"import os, shlex, subprocess\nquiet = os.environ.get('QUIET')\n{code}"})
    assert at(found, "subprocess.run")["destination"] == "remote"


def test_a_long_command_line_is_cut_at_its_end() -> None:
    words = ["wget", "https://example.org/weights.bin", *(f"--option-{number}=value" for number in range(100))]
    found = product({"serve.py": f"import subprocess\nsubprocess.run({words!r})\n"})
    assert at(found, "subprocess.run")["program"] == "wget"


@pytest.mark.parametrize(
    "code",
    [
        "rows = []\nfor line in open('/opt/ml/input/data/train/a.txt'):\n    rows.append(line)\n"
        "if not rows:\n    raise ValueError()\n",
        "missing = [each for each in ('a', 'b') if each not in open('/opt/ml/input/data/train/a.txt').read()]\n"
        "if missing:\n    raise ValueError()\n",
    ],
)
def test_whether_a_list_is_empty_is_not_known_from_its_beginning(code: str) -> None:
    found = product({"serve.py": f"{LOADER}{code}AutoModel.from_pretrained('org/a')\n"})
    assert at(found, FROM_PRETRAINED)["guard"] != "off"


SPECS = (
    "from dataclasses import dataclass\nfrom typing import NamedTuple\n"
    "class Pair(NamedTuple):\n    key: str\n    repo: str\n"
    "@dataclass(frozen=True)\nclass Spec:\n    key: str\n    repo: str\n"
    "PAIRS = [Pair('a', 'org/a')]\nSPECS = {'a': Spec('a', 'org/a')}\nNAME = 'org/a'\n"
)


@pytest.mark.parametrize(
    "code",
    [
        "for pair in PAIRS:\n    AutoModel.from_pretrained(pair.repo)\n",
        "AutoModel.from_pretrained(PAIRS[0].repo)\n",
        "AutoModel.from_pretrained(SPECS['a'].repo)\n",
        "for key, spec in SPECS.items():\n    AutoModel.from_pretrained(spec.repo)\n",
        "for number, pair in enumerate(PAIRS):\n    AutoModel.from_pretrained(pair.repo)\n",
        "for key, name in zip(['a'], ['org/a']):\n    AutoModel.from_pretrained(name)\n",
        "AutoModel.from_pretrained(next(pair for pair in PAIRS if pair.key == 'a').repo)\n",
        "for name in map(str, ['org/a']):\n    AutoModel.from_pretrained(name)\n",
        "import specs\nAutoModel.from_pretrained(getattr(specs, 'NAME'))\n",
        "AutoModel.from_pretrained('org/a:main'.split(':')[0])\n",
    ],
)
def test_records_of_another_file(code: str) -> None:
    files = {"serve.py": f"{LOADER}from specs import NAME, PAIRS, SPECS\n{code}", "specs.py": SPECS}
    assert goes(files) == ("hub", "org/a")


def test_what_a_comprehension_makes_of_a_file_may_be_other_than_the_default() -> None:
    read = "import json\nwith open('/opt/ml/input/config/hyperparameters.json') as f:\n"
    made = "    given = {k: v.strip('\"') for k, v in json.load(f).items()}\n"
    code = "if given.get('kind', 'tree') == 'net':\n    AutoModel.from_pretrained('org/a')\n"
    assert at(product({"serve.py": LOADER + read + made + code}), FROM_PRETRAINED)["guard"] != "off"


def test_a_name_that_one_line_binds_and_uses() -> None:
    code = "for name in ['/opt/ml/model']: print(name)\nfor name in ['org/a']: AutoModel.from_pretrained(name)\n"
    assert goes({"serve.py": f"{LOADER}{code}"})[0] == "hub"
