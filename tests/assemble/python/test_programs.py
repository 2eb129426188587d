"""The programs of a product against the platform's folders, the requests beside them, and each other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from linter.assemble import assemble
from linter.assemble.places import Places
from linter.discover import discover
from linter.inspect.run import inspect_all
from linter.judge.load import load_knowledge
from linter.references.destination import HOLE
from linter.tree import MemoryTree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linter.model import Fact

IMAGE = "FROM python:3.12-slim\nCOPY . /opt/program/\nENV PATH=/opt/program:$PATH\nWORKDIR /opt/program\n"
PYTHON = "#!/usr/bin/env python3\n"


def facts(files: Mapping[str, str], dockerfile: str | None = IMAGE) -> list[Fact]:
    texts = {**({"Dockerfile": dockerfile} if dockerfile else {}), **files}
    programs = frozenset(path for path in files if "." not in path)
    tree = MemoryTree({path: text.encode() for path, text in texts.items()}, programs)
    knowledge = load_knowledge()
    return assemble(inspect_all(tree, discover(tree, [""]).artifacts, knowledge).facts, tree, knowledge)


def of(found: list[Fact], kind: str, **fields: Any) -> list[Fact]:
    return [fact for fact in found if fact.kind == kind and all(fact[name] == value for name, value in fields.items())]


def request(*channels: str, modes: tuple[str, ...] = ("File",), **more: Any) -> str:
    declared = [
        {"Name": name, "IsRequired": True, "SupportedContentTypes": ["text/csv"], "SupportedInputModes": list(modes)}
        for name in channels
    ]
    image = "123456789012.dkr.ecr.us-east-2.amazonaws.com/trainer:1"
    specification = {"TrainingImage": image, "SupportedTrainingInstanceTypes": ["ml.m5.xlarge"], **more}
    return json.dumps({"TrainingSpecification": {**specification, "TrainingChannels": declared}})


@pytest.mark.parametrize(
    ("path", "place", "channel"),
    [
        ("/opt/ml/model", "model", None),
        ("/opt/ml/model/a/b.bin", "model", None),
        ("/opt/ml/models/a", "reserved", None),
        ("/opt/ml/input/data", "input_data", None),
        ("/opt/ml/input/data/training/a.csv", "channel", "training"),
        (f"/opt/ml/input/data/{HOLE}/a.csv", "channel", "unknown"),
        ("/opt/ml/input/config/hyperparameters.json", "input_config", None),
        ("/opt/ml/input/hyperparameters.json", "misplaced_input", None),
        ("/opt/ml/input/code/a.py", "other_input", None),
        ("/opt/ml/inputs/data", "misplaced_input", None),
        ("/opt/ml/config/hyperparameters.json", "misplaced_input", None),
        ("/opt/ml/config/resourceconfig.json", "reserved", None),  # a job that processes data has it there
        ("/opt/ml/config/processingjobconfig.json", "reserved", None),
        ("/opt/ml/output/failure", "failure", None),
        ("/opt/ml/output/data/a", "output_data", None),
        ("/opt/ml/output/metrics", "output", None),
        ("/opt/ml/checkpoints/1", "checkpoints", None),
        ("/opt/ml", "reserved", None),
        ("/opt/mlx/model", "elsewhere", None),
        ("/tmp/a", "scratch", None),
        ("/var/log/a.log", "scratch", None),
        ("/dev/null", "device", None),
        ("/srv/../tmp/a", "scratch", None),
        ("./model.pt", "relative", None),
        (f"./{HOLE}/model.pt", "unknown", None),
        (f"{HOLE}", "unknown", None),
        ("~/model.pt", "unknown", None),
        ("s3://acme/model.pt", "remote", None),
        ("", "unknown", None),
    ],
)
def test_places(path: str, place: str, channel: str | None) -> None:
    found = Places(load_knowledge()).of(path)
    assert (found.place, found.channel) == (place, channel)


def test_each_program_has_its_role() -> None:
    shared = "def save(path):\n    open(path + '/a', 'w')\n"
    train = PYTHON + "from shared import save\nsave('/opt/ml/model')\n"
    serve = PYTHON + "import shared\nopen('/srv/x', 'w')\nopen('/opt/ml/model/a')\n"
    found = facts({"train": train, "serve": serve, "shared.py": shared})
    assert [fact["role"] for fact in of(found, "file.access", place="elsewhere")] == ["inference"]
    (written,) = of(found, "file.access", mode="write", place="model")
    assert (written["role"], written["path"]) == ("training", "/opt/ml/model/a")
    assert sorted((fact["program"], fact["role"]) for fact in of(found, "program.contract")) == [
        ("serve", "inference"),
        ("train", "training"),
    ]


def test_what_both_programs_reach_is_of_both() -> None:
    shared = "def note():\n    open('/srv/log', 'w')\n"
    code = PYTHON + "from shared import note\nnote()\n"
    found = facts({"train": code, "serve": code, "shared.py": shared})
    assert [fact["role"] for fact in of(found, "file.access")] == ["both"]


def test_one_program_for_all_is_of_no_role() -> None:
    image = IMAGE + 'ENTRYPOINT ["python", "/opt/program/main.py"]\n'
    found = facts({"main.py": "open('/srv/log', 'w')\n"}, image)
    assert [fact["role"] for fact in of(found, "file.access")] == ["unknown"]
    assert not of(found, "program.contract")


def test_files_of_code_that_nothing_reaches_are_left_out() -> None:
    found = facts({"serve": PYTHON + "print(1)\n", "old.py": "open('/srv/x', 'w')\n"})
    assert not of(found, "file.access")


def test_a_path_from_another_module_and_from_the_toolkit() -> None:
    settings = "import os\nFOLDER = os.environ.get('SM_MODEL_DIR', './model')\n"
    train = PYTHON + "import os\nfrom settings import FOLDER\nopen(os.path.join(FOLDER, 'm.bin'), 'w')\n"
    (written,) = of(facts({"train": train, "settings.py": settings}), "file.access", mode="write")
    assert (written["path"], written["place"]) == ("/opt/ml/model/m.bin", "model")


def test_a_path_that_may_be_several() -> None:
    train = PYTHON + "import sys\nwhere = '/opt/ml/model' if sys.argv else '/srv'\nopen(where + '/m', 'w')\n"
    (written,) = of(facts({"train": train}), "file.access", mode="write")
    assert (written["path"], written["name"], written["place"]) == ("unknown", "m", "unknown")


@pytest.mark.parametrize(
    ("train", "state"),
    [
        ("open('/opt/ml/input/data/training/a.csv')", "yes"),
        ("open('/opt/ml/input/data/TRAINING/a.csv')", "yes"),
        ("open('/opt/ml/input/data/training_0')", "yes"),
        ("import os\nx = os.environ['SM_CHANNEL_TRAINING']", "yes"),
        ("open('/opt/ml/input/data/other/a.csv')", "no"),
        ("import os\nos.listdir('/opt/ml/input/data')\nopen('/opt/ml/input/data/other/a.csv')", "unknown"),
        ("open('/opt/ml/input/data/other/a')\nopen('/opt/ml/input/config/inputdataconfig.json')", "unknown"),
        ("import sys\nopen('/opt/ml/input/data/' + sys.argv[1] + '/a')", "unknown"),
        ("print(1)", "unknown"),  # who knows what it reads
    ],
)
def test_channels_that_are_read(train: str, state: str) -> None:
    found = facts({"train": f"{PYTHON}{train}\n", "request.json": request("training")})
    assert [fact["read_in_code"] for fact in of(found, "manifest.channel")] == [state]


@pytest.mark.parametrize(
    ("channel", "state"),
    [("training", "yes"), ("Training", "yes"), ("training_0", "yes"), ("validation", "no")],
)
def test_channels_that_are_declared(channel: str, state: str) -> None:
    files = {"train": f"{PYTHON}open('/opt/ml/input/data/{channel}/a')\n", "request.json": request("training")}
    (read,) = of(facts(files), "file.access")
    assert read["channel_declared"] == state
    assert of(facts({"train": files["train"]}), "file.access")[0]["channel_declared"] == "unknown"


@pytest.mark.parametrize(
    ("train", "pipes", "hosts"),
    [
        ("import os\nos.listdir('/opt/ml/input/data/training')", "no", "no"),
        ("open('/opt/ml/input/data/training_0')", "yes", "no"),
        ("epoch = len('x')\nopen(f'/opt/ml/input/data/training_{epoch}')", "yes", "no"),
        ("import mlio\nopen('/opt/ml/input/data/training/a')", "yes", "no"),
        ("open('/opt/ml/input/config/resourceconfig.json')", "unknown", "yes"),
        ("import os\nx = os.environ['SM_HOSTS']", "unknown", "yes"),
        ("import torch.distributed as dist\ndist.init_process_group('nccl')", "unknown", "yes"),
    ],
)
def test_pipes_and_hosts(train: str, pipes: str, hosts: str) -> None:
    files = {"train": f"{PYTHON}{train}\n", "request.json": request("training", SupportsDistributedTraining=True)}
    found = facts(files)
    assert [fact["code_reads_pipes"] for fact in of(found, "manifest.channel")] == [pipes]
    assert [fact["code_uses_hosts"] for fact in of(found, "manifest.training")] == [hosts]


@pytest.mark.parametrize(
    ("train", "serve", "written", "fits"),
    [
        ("joblib.dump(m, '/opt/ml/model/m')", "joblib.load('/opt/ml/model/m')", "yes", "yes"),
        ("pickle.dump(m, open('/opt/ml/model/m', 'wb'))", "joblib.load('/opt/ml/model/m')", "yes", "yes"),
        ("joblib.dump(m, '/opt/ml/model/m')", "pickle.load(open('/opt/ml/model/m', 'rb'))", "yes", "no"),
        ("torch.save(m, '/opt/ml/model/m')", "joblib.load('/opt/ml/model/m')", "yes", "no"),
        ("joblib.dump(m, '/opt/ml/model/n')", "joblib.load('/opt/ml/model/m')", "no", "unknown"),
        ("joblib.dump(m, '/opt/ml/model/' + sys.argv[1])", "joblib.load('/opt/ml/model/m')", "unknown", "unknown"),
        ("joblib.dump(m, sys.argv[1])\nopen('/opt/ml/model/n', 'w')", "joblib.load('/opt/ml/model/m')", "unknown", "unknown"),
        ("print(1)", "joblib.load('/opt/ml/model/m')", "unknown", "unknown"),
    ],
)  # fmt: skip
def test_models_that_are_handed_on(train: str, serve: str, written: str, fits: str) -> None:
    imports = f"{PYTHON}import joblib, pickle, sys, torch\n"
    found = facts({"train": f"{imports}{train}\n", "serve": f"{imports}{serve}\n"})
    for read in of(found, "file.access", mode="read", role="inference", name="m", format=None):
        assert read["written_by_training"] == written
    for read in of(found, "file.access", mode="read", role="inference", name="m"):
        if read["format"]:
            assert (read["written_by_training"], read["format_fits"]) == (written, fits)


@pytest.mark.parametrize(
    ("image", "code", "rejected"),
    [
        ('ENTRYPOINT ["python", "/opt/program/train.py"]', "p.add_argument('--n')\np.parse_args()", "yes"),
        ('ENTRYPOINT ["python", "/opt/program/train.py"]', "p.add_argument('word')\np.parse_args()", "no"),
        ('ENTRYPOINT ["python", "/opt/program/train.py", "train"]', "p.add_argument('--n')\np.parse_args()", "unknown"),
        ("ENTRYPOINT python /opt/program/train.py", "p.add_argument('--n')\np.parse_args()", "unknown"),
        ('CMD ["python", "/opt/program/train.py"]', "p.add_argument('--n')\np.parse_args()", "unknown"),
    ],
)
def test_the_argument_of_the_entry_point(image: str, code: str, rejected: str) -> None:
    files = {"train.py": f"import argparse\np = argparse.ArgumentParser()\n{code}\nopen('/opt/ml/model/m', 'w')\n"}
    (fact,) = of(facts(files, f"{IMAGE}{image}\n"), "program.argument")
    assert fact["rejected"] == rejected


@pytest.mark.parametrize(
    ("step", "in_sight"), [("RUN ln -s /opt/ml /srv/learning\n", "no"), ("RUN ln -s /a /b\n", "yes")]
)
def test_folders_of_the_platform_under_other_names(step: str, in_sight: str) -> None:
    (contract,) = of(facts({"train": f"{PYTHON}open('/srv/learning/a')\n"}, IMAGE + step), "program.contract")
    assert contract["in_sight"] == in_sight


def test_hyperparameters_that_are_declared() -> None:
    code = "import json\nhp = json.load(open('/opt/ml/input/config/hyperparameters.json'))\na = hp['rate']\nb = hp['depth']\n"
    declared = request("training", SupportedHyperParameters=[{"Name": "rate", "Type": "Continuous"}])
    found = of(facts({"train": PYTHON + code, "request.json": declared}), "hyperparameter.read")
    assert {fact["name"]: fact["declared"] for fact in found} == {"rate": "yes", "depth": "no"}


def test_a_start_script_has_the_role_of_its_name() -> None:
    found = facts({"serve": "#!/bin/bash\nmkdir -p /srv/x\nexec gunicorn app:app\n", "app.py": "app = 1\n"})
    (made,) = of(found, "file.access", mode="make")
    assert (made["place"], made["role"], made["scope"], made["reached"]) == (
        "elsewhere",
        "inference",
        "container",
        "start",
    )
