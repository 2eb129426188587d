"""Names and addresses that stand in files of settings alone, which the product's code reads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from linter.engine import facts_of
from linter.judge.load import load_knowledge
from linter.tree import MemoryTree
from tests.assemble.python.products import STARTED, at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linter.model import Fact

FROM_PRETRAINED = "transformers.*.from_pretrained"
SETTINGS = "model:\n  name: org/large-model\nfolder: /opt/ml/model\n"
READ = "import json, os, yaml\nfrom pathlib import Path\nfrom transformers import AutoModel\n"


def product(files: Mapping[str, str]) -> list[Fact]:
    texts = {"Dockerfile": STARTED, **files}
    tree = MemoryTree({path: text.encode("latin-1") for path, text in texts.items()}, frozenset())
    return [fact for fact in facts_of(tree, [""], load_knowledge()) if fact.kind == "python.call"]


def goes(code: str, **files: str) -> tuple[object, object]:
    found = product(
        {"serve.py": READ + code, "config.yaml": SETTINGS, **{f"{name}.py": text for name, text in files.items()}}
    )
    fact = at(found, FROM_PRETRAINED)
    return fact["destination"], fact["target"]


@pytest.mark.parametrize(
    "code",
    [
        "cfg = yaml.safe_load(open('config.yaml'))\n",
        "with open('config.yaml') as f:\n    cfg = yaml.safe_load(f)\n",
        "with open(os.path.join(os.path.dirname(__file__), 'config.yaml')) as f:\n    cfg = yaml.safe_load(f.read())\n",
        "cfg = yaml.safe_load(Path(__file__).parent.joinpath('config.yaml').read_text())\n",
        "cfg = yaml.safe_load(Path('/opt/program/config.yaml').open())\n",
        "def load(path='config.yaml'):\n    with open(path) as f:\n        return yaml.safe_load(f)\ncfg = load()\n",
        "def load(path):\n    with open(path) as f:\n        return yaml.safe_load(f)\nNAME = 'config.yaml'\ncfg = load(NAME)\n",
        "name = os.environ.get('CONFIG', 'config')\ncfg = yaml.safe_load(open(os.path.join(HERE, name + '.yaml')))\n",
        "name = 'config'\ncfg = yaml.safe_load(open(f'/opt/program/{name}.yaml'))\n",
    ],
)
def test_a_name_out_of_a_file(code: str) -> None:
    assert goes(f"{code}AutoModel.from_pretrained(cfg['model']['name'])\n") == ("hub", "org/large-model")


@pytest.mark.parametrize(
    ("argument", "destination"),
    [
        ("cfg['folder']", "local"),
        ("cfg.get('folder', 'bert-base-uncased')", "local"),
        ("cfg['nothing']", "unknown"),
        ("cfg['model']", "unknown"),
    ],
)
def test_what_stands_under_a_key(argument: str, destination: str) -> None:
    code = f"cfg = yaml.safe_load(open('config.yaml'))\nAutoModel.from_pretrained({argument})\n"
    assert goes(code)[0] == destination


def test_settings_that_another_module_reads() -> None:
    settings = "import yaml\nwith open('config.yaml') as f:\n    CONFIG = yaml.safe_load(f)\n"
    code = "from settings import CONFIG\nAutoModel.from_pretrained(CONFIG['model']['name'])\n"
    assert goes(code, settings=settings) == ("hub", "org/large-model")


@pytest.mark.parametrize(
    "text", ["", "- a\n", "a", "a: [", "a: &x [*x]\n", "\xff", json.dumps({"model": "x" * 70_000})]
)
def test_files_that_say_nothing(text: str) -> None:
    files = {"serve.py": f"{READ}cfg = yaml.safe_load(open('config.yaml'))\nAutoModel.from_pretrained(cfg['model'])\n"}
    fact = at(product({**files, "config.yaml": text}), FROM_PRETRAINED)
    assert fact["destination"] == "unknown"


def test_no_file_of_settings_is_repeated() -> None:
    files = {"serve.py": f"{READ}cfg = yaml.safe_load(open('config.yaml'))\nAutoModel.from_pretrained(cfg['model'])\n"}
    found = product({**files, "config.yaml": "model: org/one\nkey: very-private\n"})
    assert "very-private" not in repr([dict(fact.fields) for fact in found])


FILLED = (
    "import json\nfrom transformers import AutoModel, HfArgumentParser\nfrom handbook import ModelArguments\n"
    "def main():\n    parser = HfArgumentParser((ModelArguments,))\n    {}\n"
    "    AutoModel.from_pretrained(model_args.model_name_or_path)\nmain()\n"
)


@pytest.mark.parametrize(
    ("line", "target"),
    [
        ("(model_args,) = parser.parse_yaml_file('train.yaml')", "org/base"),
        ("model_args, = parser.parse_yaml_file(yaml_file='train.yaml')", "org/base"),
        ("model_args, rest = parser.parse_json_file('train.json')", "org/other"),
        ("model_args, = parser.parse_yaml_file(input())", None),
    ],
)
def test_objects_that_a_parser_fills_from_a_file(line: str, target: str | None) -> None:
    files = {"train.yaml": "model_name_or_path: org/base\n", "train.json": '{"model_name_or_path": "org/other"}'}
    found = at(product({"serve.py": FILLED.format(line), **files}), FROM_PRETRAINED)
    assert found["target"] == target


INI = "[DEFAULT]\nfolder = /opt/ml/model\n[PARAMS]\nMODEL_NAME = org/large-model\n"
TOML = '[model]\nname = "org/large-model"\nnames = ["org/one", "org/two"]\n'
PARSER = "import configparser\nparser = configparser.ConfigParser()\n"


def goes_with(code: str, name: str, text: str, **files: str) -> tuple[object, object]:
    texts = {"serve.py": READ + code, name: text, **{f"{stem}.py": source for stem, source in files.items()}}
    fact = at(product(texts), FROM_PRETRAINED)
    return fact["destination"], fact["target"]


@pytest.mark.parametrize(
    "code",
    [
        "parser.read('config.ini')\nAutoModel.from_pretrained(parser['PARAMS']['MODEL_NAME'])\n",
        "parser.read(['config.ini'])\nAutoModel.from_pretrained(parser['PARAMS']['model_name'])\n",
        "parser.read_file(open('config.ini'))\nAutoModel.from_pretrained(parser.get('PARAMS', 'MODEL_NAME'))\n",
        "parser.read('config.ini')\nAutoModel.from_pretrained(parser['PARAMS'].get('MODEL_NAME', '/opt/ml/model'))\n",
        "parser.read('config.ini')\n"
        "AutoModel.from_pretrained(parser.get('PARAMS', 'MODEL_NAME', fallback='/opt/ml/model'))\n",
        "parser.read('config.ini')\nAutoModel.from_pretrained(parser.get('PARAMS', 'nothing', fallback='org/large-model'))\n",
    ],
)
def test_a_name_out_of_a_file_with_sections(code: str) -> None:
    assert goes_with(PARSER + code, "config.ini", INI) == ("hub", "org/large-model")


def test_a_file_that_another_module_names() -> None:
    load = "import configparser\ndef load(path):\n    config = configparser.ConfigParser()\n    config.read(path)\n    return config\n"
    config = (
        "import os\nfrom dotmap import DotMap\nfrom load import load\n"
        "HERE = os.path.dirname(__file__)\nfound = load(os.path.join(HERE, 'settings', 'config.ini'))\n"
        "cfg = DotMap()\ncfg.name = found['PARAMS']['MODEL_NAME']\n"
    )
    code = "from config import cfg\nAutoModel.from_pretrained(cfg.name)\n"
    found = goes_with(code, "settings/config.ini", INI, load=load, config=config)
    assert found == ("hub", "org/large-model")


@pytest.mark.parametrize(
    ("code", "target"),
    [
        ("import tomllib\ncfg = tomllib.load(open('a.toml', 'rb'))\n{}(cfg['model']['name'])\n", "org/large-model"),
        ("import toml\ncfg = toml.load('a.toml')\n{}(cfg['model']['name'])\n", "org/large-model"),
        ("import toml\ncfg = toml.load('a.toml')\n{}(cfg['model']['names'][1])\n", "org/two"),
        ("import toml\ncfg = toml.load('a.toml')\n{}(cfg['model']['names'][-2])\n", "org/one"),
        ("import toml\ncfg = toml.load('a.toml')\nfor each in cfg['model']['names']:\n    {}(each)\n", "org/one"),
        ("import toml\nfrom easydict import EasyDict\ncfg = EasyDict(toml.load('a.toml'))\n{}(cfg.model.name)\n", "org/large-model"),
        ("import toml\nfrom types import SimpleNamespace\ncfg = SimpleNamespace(**toml.load('a.toml')['model'])\n{}(cfg.name)\n", "org/large-model"),
    ],
)  # fmt: skip
def test_a_name_out_of_a_file_of_toml(code: str, target: str) -> None:
    assert goes_with(code.format("AutoModel.from_pretrained"), "a.toml", TOML) == ("hub", target)


def test_objects_of_omegaconf() -> None:
    code = "from omegaconf import OmegaConf\ncfg = OmegaConf.load('config.yaml')\nAutoModel.from_pretrained(cfg.model.name)\n"
    assert goes(code) == ("hub", "org/large-model")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.toml", "a = [" * 20_000),
        ("a.toml", ".".join("a" * 30_000) + " = 1"),
        ("a.toml", "a = 1\na = 2"),
        ("a.ini", "no section"),
        ("a.ini", "[a]\n" + " x" * 30_000),
        ("a.ini", "[a]\nb = %(c)s ${d}\n[a]\nb = 2\n"),
        ("a.ini", "\0[a]\n=b\n"),
    ],
)
def test_hostile_files_say_nothing(name: str, text: str) -> None:
    read = (
        "import toml\ncfg = toml.load('a.toml')\n"
        if name == "a.toml"
        else f"{PARSER}parser.read('a.ini')\ncfg = parser\n"
    )
    assert goes_with(f"{read}AutoModel.from_pretrained(cfg['a']['b'])\n", name, text)[0] in ("unknown", "local")


@pytest.mark.parametrize(
    "code",
    [
        "from pydantic import BaseModel\nclass Settings(BaseModel):\n    name: str\n"
        "cfg = Settings(**yaml.safe_load(open('config.yaml'))['model'])\nAutoModel.from_pretrained(cfg.name)\n",
        "from settings import load\ncfg = load()\nAutoModel.from_pretrained(cfg.name)\n",
        "from settings import Holder\nAutoModel.from_pretrained(Holder().data['model']['name'])\n",
    ],
)
def test_settings_that_become_objects(code: str) -> None:
    settings = (
        "import yaml\nfrom pydantic import BaseModel\nclass Settings(BaseModel):\n    name: str = ''\n"
        "def load():\n    return Settings(**yaml.safe_load(open('config.yaml'))['model'])\n"
        "class Holder:\n    def __init__(self, path='config.yaml'):\n        with open(path) as f:\n"
        "            self.data = yaml.safe_load(f)\n"
    )
    assert goes(code, settings=settings) == ("hub", "org/large-model")


CONFIG = "with open('config.yaml') as f:\n    raw = yaml.safe_load(f)\n"
CLASSES = (
    "from dataclasses import dataclass\nfrom pydantic import BaseModel\n"
    "@dataclass\nclass Model:\n    name: str\n    size: int = 1\n@dataclass\nclass Config:\n    model: Model\n"
    "class ModelSettings(BaseModel):\n    name: str\nclass Settings(BaseModel):\n    model: ModelSettings\n"
)


@pytest.mark.parametrize(
    "code",
    [
        "AutoModel.from_pretrained(raw.get('model', {}).get('name'))\n",
        "AutoModel.from_pretrained(raw.get('model', {}).get('name', 'org/small-model'))\n",
        "cfg = Config(model=Model(**raw['model']))\nAutoModel.from_pretrained(cfg.model.name)\n",
        "cfg = Settings(**raw)\nAutoModel.from_pretrained(cfg.model.name)\n",
        "cfg = Settings.model_validate({'model': raw['model']})\nAutoModel.from_pretrained(cfg.model.name)\n",
        "cfg = Settings.model_validate(raw)\nAutoModel.from_pretrained(cfg.model.name)\n",
        "def load(name, size=1):\n    AutoModel.from_pretrained(name)\nload(**raw['model'])\n",
        "def load(name, size=1):\n    AutoModel.from_pretrained(name)\nload(raw['model']['name'], **raw['other'])\n",
        "class Job:\n    def __init__(self, cfg: Model):\n        self.cfg = cfg\n    def run(self):\n"
        "        AutoModel.from_pretrained(self.cfg.name)\nJob(Model(**raw['model'])).run()\n",
        "def run(cfg: Model):\n    AutoModel.from_pretrained(cfg.name)\nrun(Model(**raw['model']))\n",
    ],
)
@pytest.mark.parametrize("elsewhere", [False, True])
def test_settings_handed_on_as_objects(code: str, *, elsewhere: bool) -> None:
    given = f"from classes import Config, Model, Settings\n{CONFIG}{code}" if elsewhere else CLASSES + CONFIG + code
    assert goes(given, classes=CLASSES)[0] == "hub"


@pytest.mark.parametrize(
    ("decorator", "target"),
    [
        ("@hydra.main(config_path='.', config_name='config')", "org/large-model"),
        ("@hydra.main(version_base=None, config_path=None, config_name='config.yaml')", "org/large-model"),
        ("@hydra.main(config_path='conf', config_name='train')", "org/other"),
        ("@hydra.main(config_path=input(), config_name='config')", "org/large-model"),
        ("@hydra.main(config_path='.', config_name=input())", None),
        ("@hydra.main()", None),
        ("@hydra.main", None),
    ],
)
def test_settings_that_a_decorator_hands_over(decorator: str, target: str | None) -> None:
    code = f"import hydra\n{decorator}\ndef main(cfg):\n    AutoModel.from_pretrained(cfg.model.name)\nmain()\n"
    files = {"serve.py": READ + code, "config.yaml": SETTINGS, "conf/train.yaml": "model: {name: org/other}\n"}
    assert at(product(files), FROM_PRETRAINED)["target"] == target


def test_members_of_enumerations_that_are_handed_on() -> None:
    code = (
        "from enum import Enum\nclass Base(Enum):\n    LARGE = 'org/large-model'\n"
        "def load(base: Base):\n    AutoModel.from_pretrained(base.value)\nload(Base.LARGE)\n"
    )
    assert goes(code) == ("hub", "org/large-model")


MODELS = json.dumps([{"name": "small", "model_id": "org/small", "tags": ["x"]}])
ROWS = f"{READ}rows = json.load(open('models.json'))\n"


@pytest.mark.parametrize(
    "code",
    [
        "for row in rows:\n    AutoModel.from_pretrained(row['model_id'])\n",
        "AutoModel.from_pretrained(rows[0]['model_id'])\n",
        "chosen = [row for row in rows if row['name'] == 'small']\nAutoModel.from_pretrained(chosen[0]['model_id'])\n",
        "for name in [row['model_id'] for row in rows]:\n    AutoModel.from_pretrained(name)\n",
        "row = next((row for row in rows if row['name'] == 'small'), None)\nAutoModel.from_pretrained(row['model_id'])\n",
        "named = {row['name']: row for row in rows}\nAutoModel.from_pretrained(named['small']['model_id'])\n",
        "names = {row['name']: row['model_id'] for row in rows}\nfor key, name in names.items():\n"
        "    AutoModel.from_pretrained(name)\n",
        "for row in sorted(rows, key=len):\n    AutoModel.from_pretrained(row['model_id'])\n",
    ],
)
def test_rows_of_a_list_in_a_file(code: str) -> None:
    fact = at(product({"serve.py": ROWS + code, "models.json": MODELS}), FROM_PRETRAINED)
    assert (fact["destination"], fact["target"]) == ("hub", "org/small")


@pytest.mark.parametrize(
    ("read", "destination"),
    [
        ("with open('model_name.txt') as f:\n    name = f.read().strip()\n", "hub"),
        ("name = Path(__file__).with_name('x').parent.joinpath('model_name.txt').read_text()\n", "hub"),
        ("name = open('missing.txt').read()\n", "unknown"),
        ("name = open('model_name.bin').read()\n", "unknown"),
    ],
)
def test_a_name_that_is_all_of_a_file(read: str, destination: str) -> None:
    files = {"serve.py": f"{READ}{read}AutoModel.from_pretrained(name)\n", "model_name.txt": "org/large-model\n"}
    assert at(product(files), FROM_PRETRAINED)["destination"] == destination
