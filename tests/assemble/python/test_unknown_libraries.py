"""Hub names that are given to classes of libraries which the table does not know."""

from __future__ import annotations

import pytest

from tests.assemble.python.products import product


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("from kobert_tokenizer import KoBERTTokenizer as T\nT.from_pretrained('skt/kobert-base-v1')\n", "hub"),
        ("import acme.nets\nacme.nets.Net.from_pretrained(pretrained_model_name_or_path='acme/net')\n", "hub"),
        (
            "NAME = 'acme/net'\nfrom nets import Net\ndef load(name=NAME):\n    Net.from_pretrained(name)\nload()\n",
            "hub",
        ),
        ("from nets import Net\nNet.from_pretrained('/opt/ml/model')\n", None),
        ("from nets import Net\nNet.from_pretrained('acme/net', local_files_only=True)\n", None),
        ("from nets import Net\nimport os\nNet.from_pretrained(os.environ['NET'])\n", None),
        ("from nets import registry\nregistry.from_pretrained('acme/net')\n", "hub"),
        ("import nets\nnets.named('net')().from_pretrained('acme/net')\n", "hub"),
        ("import json\ndef load(kind):\n    return kind.from_pretrained('acme/net')\n", "hub"),
        ("import json\ndef load(kind, name):\n    return kind.from_pretrained(name)\n", None),
        ("import json\ndef load(kind):\n    return kind.from_pretrained('./net')\n", None),
        ("from nets import Net\nNet.load('acme/net')\n", None),
    ],
)
def test_a_hub_name_that_a_class_of_an_unknown_library_is_given(code: str, expected: str | None) -> None:
    found = [fact for fact in product({"serve.py": code}) if fact["api"] == "*.from_pretrained"]
    assert [fact["destination"] for fact in found] == ([expected] if expected else [])


def test_a_class_of_the_product_is_none_of_a_library() -> None:
    net = (
        "class Net:\n    @classmethod\n    def from_pretrained(cls, name):\n        return open(f'/opt/nets/{name}')\n"
    )
    files = {"serve.py": "from nets import Net\nNet.from_pretrained('acme/net')\n", "nets.py": net}
    assert [fact for fact in product(files) if fact["api"] is not None and "from_pretrained" in fact["api"]] == []


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("def save(trainer):\n    trainer.push_to_hub()\n", [("*.push_to_hub", "remote")]),
        (
            "class Job:\n    def __init__(self, tokenizer):\n        self.tokenizer = tokenizer\n"
            "    def save(self):\n        self.tokenizer.push_to_hub('acme/net')\n",
            [("*.push_to_hub", "remote")],
        ),
        (
            "from accelerate import Accelerator\ndef save(model):\n    model = Accelerator().unwrap_model(model)\n"
            "    model.push_to_hub('acme/net')\n",
            [("*.push_to_hub", "remote")],
        ),
        (
            "import helpers\nmodel = helpers.load()\nmodel.push_to_hub('acme/net')\n",
            [("*.push_to_hub", "remote")],
        ),
        ("def save(model):\n    model.save_pretrained('out', push_to_hub=True)\n", [("*.save_pretrained", "remote")]),
        ("def save(model):\n    model.save_pretrained('out')\n", []),
        ("def save(model, push):\n    model.save_pretrained('out', push_to_hub=push)\n", []),
        ("def save(frame):\n    frame.to_csv('s3://acme/scores.csv')\n", [("*.to_csv", "remote")]),
        ("def save(frame, bucket):\n    frame.to_parquet(f's3://{bucket}/scores')\n", [("*.to_parquet", "remote")]),
        ("def save(frame, path):\n    frame.to_csv(path, index=False)\n", []),
        ("def save(frame):\n    frame.to_csv('/opt/ml/output/scores.csv')\n", []),
        ("def save(frame):\n    return frame.to_csv(index=False)\n", []),
        ("def read(spark):\n    return spark.read.csv('s3a://acme/rows')\n", [("*.csv", "remote")]),
        ("def read(spark):\n    return spark.read.csv('/opt/ml/input/data/train')\n", []),
        ("def read(spark):\n    spark.read.jdbc('jdbc:postgresql://db.acme.io/x', 't')\n", [("*.jdbc", "remote")]),
        ("def read(spark):\n    spark.read.jdbc('jdbc:postgresql://localhost/x', 't')\n", []),
        (  # the file's own method
            "class Net:\n    def push_to_hub(self):\n        pass\nNet().push_to_hub()\n",
            [],
        ),
    ],
)
def test_methods_whose_name_tells_enough_of_objects_that_nobody_knows(
    code: str, expected: list[tuple[str, str]]
) -> None:
    found = [fact for fact in product({"serve.py": code}) if fact["api"] != "accelerate.Accelerator"]
    assert [(fact["api"], fact["destination"]) for fact in found] == expected


def test_an_object_whose_method_the_product_has_is_left_alone() -> None:
    store = "class Store:\n    def push_to_hub(self):\n        pass\n"
    files = {"serve.py": "def save(store):\n    store.push_to_hub()\n", "store.py": store}
    assert product(files) == []


def test_an_address_of_another_file_decides() -> None:
    files = {
        "serve.py": "from places import SCORES\ndef save(frame):\n    frame.to_csv(SCORES)\n",
        "places.py": "SCORES = 's3://acme/scores.csv'\n",
    }
    assert [(fact["api"], fact["target"]) for fact in product(files)] == [("*.to_csv", "s3://acme/scores.csv")]
    assert product({**files, "places.py": "SCORES = '/tmp/scores.csv'\n"}) == []


def test_what_trainers_are_told_about_the_hub_and_about_trackers() -> None:
    code = (
        "from accelerate import Accelerator\nfrom trl import DPOConfig, DPOTrainer, ORPOConfig\n"
        "DPOConfig(report_to='none', push_to_hub=True)\nORPOConfig(report_to='none')\n"
        "Accelerator(log_with='wandb')\nAccelerator(log_with='tensorboard')\nAccelerator()\n"
        "DPOTrainer(model='acme/net')\nDPOTrainer(model=object())\n"
    )
    found = [fact for fact in product({"train.py": code}) if fact["destination"] in ("remote", "hub")]
    assert [fact["api"] for fact in found] == [
        "transformers.TrainingArguments",
        "accelerate.Accelerator",
        "trl.*Trainer",
    ]


OWN = "def load(name):\n    return name\nclass Client:\n    def run(self, name):\n        return name\n"


@pytest.mark.parametrize(
    "code",
    [
        "import whisper\nwhisper.load('small')\n",
        "from whisper import load\nload('small')\n",
        "from replicate import Client\nClient().run('org/a')\n",
        "import wikipedia\nwikipedia.summary('a')\n",
    ],
)
def test_a_module_of_the_product_that_has_the_name_of_a_library(code: str) -> None:
    summary = "def summary(name):\n    return name\n"
    own = {"whisper.py": OWN, "replicate/__init__.py": OWN, "wikipedia/__init__.py": summary}
    assert product({"serve.py": code, **own}) == []


def test_a_folder_with_the_name_of_a_library_that_does_not_define_what_is_called() -> None:
    own = {"wikipedia/prepare.py": "def summary(name):\n    return name\n", "replicate.py": "import os\n"}
    code = "import replicate, wikipedia\nwikipedia.summary('a')\nreplicate.run('org/a')\n"
    assert [fact["api"] for fact in product({"serve.py": code, **own})] == ["wikipedia.summary", "replicate.run"]
