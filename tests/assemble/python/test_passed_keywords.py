"""What functions are given for `**kwargs`, and hand on."""

from __future__ import annotations

import pytest

from tests.assemble.python.products import at, product

LOAD = "from transformers import AutoModel\n"
API = "transformers.*.from_pretrained"
SMP = "import segmentation_models_pytorch as smp\n"


@pytest.mark.parametrize(
    ("call", "destination"),
    [
        ('load("acme/a")', "hub"),
        ('load("acme/a", cache_dir="/tmp")', "hub"),
        ('load("acme/a", local_files_only=True)', "none"),
        ('load("acme/a", **{"local_files_only": True})', "none"),
        ('given = dict(local_files_only=True)\nload("acme/a", **given)', "none"),
        ('load("acme/a", local_files_only=False)', "hub"),
        ('def outer(name, **more):\n    load(name, **more)\nouter("acme/a", local_files_only=True)', "none"),
    ],
)
def test_keywords_that_are_handed_on(call: str, destination: str) -> None:
    code = f"{LOAD}def load(name, **kwargs):\n    AutoModel.from_pretrained(name, **kwargs)\n{call}\n"
    assert at(product({"serve.py": code}), API)["destination"] == destination


@pytest.mark.parametrize(
    ("given", "destination"),
    [
        ("", "remote"),
        (", classes=2", "remote"),
        (", encoder_weights=None", "local"),
        (', encoder_weights="imagenet"', "remote"),
        (", **settings()", "unknown"),
    ],
)
def test_what_no_caller_gives_is_left_at_its_default(given: str, destination: str) -> None:
    code = (
        f"{SMP}class Model:\n    def __init__(self, arch, encoder, **kwargs):\n"
        f'        self.net = smp.create_model(arch, encoder_name=encoder, **kwargs)\nModel("Unet", "resnet34"{given})\n'
    )
    fact = at(product({"serve.py": code}), "segmentation_models_pytorch.create_model")
    assert fact["destination"] == destination


def test_a_mapping_that_is_no_parameter_for_all_keywords_may_hold_more() -> None:
    code = f"{SMP}class Model:\n    more = {{}}\n    def make(self):\n        smp.create_model('Unet', 'resnet34', **self.more)\n"
    fact = at(product({"serve.py": code + "Model().make()\n"}), "segmentation_models_pytorch.create_model")
    assert fact["destination"] == "unknown"


def test_of_several_callers_each_counts() -> None:
    code = f"{SMP}def make(**kwargs):\n    return smp.create_model('Unet', 'resnet34', **kwargs)\n"
    fact = at(
        product({"serve.py": code + "make(encoder_weights=None)\nmake()\n"}), "segmentation_models_pytorch.create_model"
    )
    assert fact["destination"] == "remote"


@pytest.mark.parametrize(
    ("read", "target"),
    [
        ('kwargs["name"]', "acme/a"),
        ('kwargs.get("name")', "acme/a"),
        ('kwargs.pop("name")', "acme/a"),
        ('kwargs["other"]', None),
        ('kwargs.get("other", "acme/b")', "acme/b"),
    ],
)
def test_members_of_what_is_given(read: str, target: str | None) -> None:
    files = {
        "serve.py": 'from model import load\nload(1, name="acme/a")\n',
        "model.py": f"{LOAD}def load(number, **kwargs):\n    AutoModel.from_pretrained({read})\n",
    }
    assert at(product(files), API)["target"] == target


def test_functions_that_hand_their_keywords_to_each_other_end() -> None:
    code = (
        f"{LOAD}def a(**k):\n    b(**k)\ndef b(**k):\n    a(**k)\n    AutoModel.from_pretrained('acme/a', **k)\na()\n"
    )
    assert at(product({"serve.py": code}), API)["destination"] == "hub"
