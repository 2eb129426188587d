"""What functions, methods and properties of other files give back."""

from __future__ import annotations

import pytest

from tests.assemble.python.products import at, product

LOAD = "from transformers import AutoModel\n"
API = "transformers.*.from_pretrained"
SETTINGS = """
from functools import cached_property, lru_cache


class Settings:
    organisation = "acme"

    def __init__(self, name="a"):
        self.name = name

    def model(self):
        return f"{self.organisation}/{self.name}"

    @property
    def tokenizer(self):
        return "acme/tok"

    @cached_property
    def encoder(self):
        return "acme/enc"

    def folder(self):
        return "/opt/ml/model"


settings = Settings()


@lru_cache
def get_settings():
    return Settings()


def both():
    return "acme/first", "/opt/ml/model"
"""


@pytest.mark.parametrize(
    ("given", "destination", "target"),
    [
        ("Settings().model()", "hub", "acme/a"),
        ("settings.model()", "hub", "acme/a"),
        ("get_settings().model()", "hub", "acme/a"),
        ("settings.tokenizer", "hub", "acme/tok"),
        ("settings.encoder", "hub", "acme/enc"),
        ("get_settings().tokenizer", "hub", "acme/tok"),
        ("Settings().folder()", "local", "/opt/ml/model"),
        ("settings.folder()", "local", "/opt/ml/model"),
        ("settings.nothing()", "unknown", None),
        ("both()[0]", "hub", "acme/first"),
        ("both()[1]", "local", "/opt/ml/model"),
        ("both()[2]", "unknown", None),
    ],
)
@pytest.mark.parametrize(
    "code",
    [
        "AutoModel.from_pretrained({given})\n",
        "def main():\n    found = {given}\n    AutoModel.from_pretrained(found)\nmain()\n",
        "def load(name):\n    AutoModel.from_pretrained(name)\nload({given})\n",
    ],
)
def test_of_an_instance_of_another_file(code: str, given: str, destination: str, target: str | None) -> None:
    importing = f"{LOAD}from config import Settings, both, get_settings, settings\n"
    fact = at(product({"serve.py": importing + code.format(given=given), "config.py": SETTINGS}), API)
    assert (fact["destination"], fact["target"]) == (destination, target)


@pytest.mark.parametrize(
    ("read", "destination"),
    [
        ("given.model()", "hub"),
        ("given.tokenizer", "hub"),
        ("given.folder()", "local"),
        ("given.nothing()", "unknown"),
        ("given.model().other()", "unknown"),
    ],
)
@pytest.mark.parametrize("made", ["Settings()", "settings", "get_settings()"])
def test_of_what_callers_hand_over(read: str, made: str, destination: str) -> None:
    importing = f"{LOAD}from config import Settings, get_settings, settings\n"
    handed = f"def load(given):\n    AutoModel.from_pretrained({read})\nload({made})\n"
    kept = f"class Loader:\n    def __init__(self, given):\n        self.given = given\n    def load(self):\n        AutoModel.from_pretrained(self.{read})\nLoader({made}).load()\n"
    for code in (handed, kept):
        fact = at(product({"serve.py": importing + code, "config.py": SETTINGS}), API)
        assert fact["destination"] == destination


def test_names_for_several_values_that_a_function_gives() -> None:
    code = f"{LOAD}from config import both\ndef main():\n    name, folder = both()\n    AutoModel.from_pretrained(name)\nmain()\n"
    assert at(product({"serve.py": code, "config.py": SETTINGS}), API)["target"] == "acme/first"


@pytest.mark.parametrize(
    ("written", "target"), [('return "acme/heir"', "acme/heir"), ('return "/opt/ml/model"', "/opt/ml/model")]
)
def test_a_method_that_is_left_to_heirs(written: str, target: str) -> None:
    base = f"{LOAD}class Base:\n    def load(self):\n        AutoModel.from_pretrained(self.name())\n    def name(self):\n        raise NotImplementedError\n"
    heir = f"from base import Base\nclass Heir(Base):\n    def name(self):\n        {written}\nHeir().load()\n"
    assert at(product({"serve.py": heir, "base.py": base}), API)["target"] == target


def test_hyperparameters_that_a_method_of_a_launcher_puts_together() -> None:
    launcher = """
from sagemaker.huggingface import HuggingFace
from config import Store


class Training:
    def hyperparameters(self, data, epochs=1):
        return {"data": data, "epochs": epochs}

    def run(self, data):
        given = self.hyperparameters(data)
        HuggingFace(entry_point="train.py", source_dir="src", hyperparameters=given, instance_count=1).fit()


def main():
    store = Store()
    Training().run(store.address())


main()
"""
    store = 'class Store:\n    bucket = "acme"\n    def address(self):\n        return f"s3://{self.bucket}/train"\n'
    program = 'import argparse\nfrom datasets import load_from_disk\nparser = argparse.ArgumentParser()\nparser.add_argument("--data", default="data")\nload_from_disk(parser.parse_args().data)\n'
    files = {"launch.py": launcher, "config.py": store, "src/train.py": program}
    assert at(product(files, dockerfile=""), "datasets.load_from_disk")["target"] == "s3://acme/train"


def test_functions_that_a_star_import_brings() -> None:
    files = {
        "serve.py": 'from clients import *\nsession().get("https://acme.io/a")\n',
        "clients.py": "import requests\ndef session():\n    return requests.Session()\n",
    }
    assert at(product(files), "requests.Session.get")["target"] == "https://acme.io/a"


NESTED = """
from dataclasses import dataclass, field


@dataclass
class Model:
    name: str = "acme/a"
    folder: str = "/opt/ml/model"


@dataclass
class Settings:
    model: Model = field(default_factory=Model)


class Plain:
    def __init__(self):
        self.model = Model()


plain = Plain()
"""


@pytest.mark.parametrize(
    ("made", "read", "target"),
    [
        ("Settings()", "name", "acme/a"),
        ("Settings()", "folder", "/opt/ml/model"),
        ("Settings(model=Model(name='acme/b'))", "name", "acme/b"),
        ("Plain()", "name", "acme/a"),
        ("Plain()", "other", None),
        ("plain", "name", "acme/a"),
        ("Unknown()", "name", None),
    ],
)
def test_instances_in_instances(made: str, read: str, target: str | None) -> None:
    importing = f"{LOAD}from config import Model, Plain, Settings, plain\n"
    handed = f"def load(given):\n    AutoModel.from_pretrained(given.model.{read})\nload({made})\n"
    kept = (
        "class Loader:\n    def __init__(self, given):\n        self.given = given\n    def load(self):\n"
        f"        AutoModel.from_pretrained(self.given.model.{read})\nLoader({made}).load()\n"
    )
    for code in (handed, kept):
        assert at(product({"serve.py": importing + code, "config.py": NESTED}), API)["target"] == target


def test_what_lightning_keeps_of_its_parameters() -> None:
    module = (
        f"{LOAD}import pytorch_lightning as pl\nclass Net(pl.LightningModule):\n"
        "    def __init__(self, encoder):\n        super().__init__()\n        self.save_hyperparameters()\n"
        "        self.net = AutoModel.from_pretrained(self.hparams.encoder)\n"
    )
    files = {"net.py": module, "serve.py": "from net import Net\nNet('acme/a')\n"}
    assert at(product(files), API)["target"] == "acme/a"
