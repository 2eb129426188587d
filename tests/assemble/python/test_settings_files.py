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


@pytest.mark.parametrize("text", ["", "- a\n", "a: [", "a: &x [*x]\n", "\xff", json.dumps({"model": "x" * 70_000})])
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
