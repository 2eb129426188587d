"""Shell scripts that publishing code gives to SageMaker's containers, and what these start."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from linter.assemble import assemble
from linter.discover import discover
from linter.inspect.run import inspect_all
from linter.judge.load import load_knowledge
from linter.tree import MemoryTree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linter.model import Fact

FIT = 'from sagemaker.pytorch import PyTorch\nPyTorch(entry_point="train.sh", source_dir="./src", role=role).fit()\n'
FETCH = "aws s3 cp s3://acme/data /tmp/data --recursive\n"
TRAIN = 'from transformers import AutoModel\nAutoModel.from_pretrained("bert-base-uncased")\n'


def facts_of(files: Mapping[str, str]) -> list[Fact]:
    tree = MemoryTree({path: text.encode() for path, text in files.items()})
    knowledge = load_knowledge()
    return assemble(inspect_all(tree, discover(tree, [""]).artifacts, knowledge).facts, tree, knowledge)


def commands(files: Mapping[str, str], program: str) -> list[tuple[str, int, str, str]]:
    """Commands of a program: where they stand, whose they are, what runs them."""
    found = (fact for fact in facts_of(files) if fact.kind == "shell.command" and fact["program"] == program)
    return [(fact.location.path, fact.location.span.line, fact["scope"], fact["run_by"]) for fact in found]


def notebook(*cells: str) -> str:
    kinds = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": cell} for cell in cells]
    return json.dumps({"cells": kinds, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1)


def test_a_script_that_is_put_into_its_folder_later() -> None:
    files = {"job/launch.py": FIT, "job/train.sh": FETCH, "other/train.sh": FETCH}
    assert {path: run_by for path, _, _, run_by in commands(files, "aws")} == {
        "job/train.sh": "upload",
        "other/train.sh": "script",
    }


@pytest.mark.parametrize(
    "script",
    [
        f"#!/bin/bash\n{FETCH}",
        "bash ./lib/fetch.sh",
        ". lib/fetch.sh",
        "cd lib && ./fetch.sh",
        "sh /opt/ml/code/lib/fetch.sh --all",
    ],
)
def test_commands_of_an_uploaded_script_may_run_in_a_container(script: str) -> None:
    files = {"launch.py": FIT, "src/train.sh": script, "src/lib/fetch.sh": FETCH, "train.sh": FETCH}
    found = {path: rest for path, *rest in commands(files, "aws")}
    taken = "src/train.sh" if "aws" in script else "src/lib/fetch.sh"
    assert found[taken][1:] == ["unknown", "upload"]
    assert found["train.sh"][2] == "script"


def test_scripts_that_run_each_other_end() -> None:
    files = {"launch.py": FIT, "src/train.sh": f"bash a.sh\n{FETCH}", "src/a.sh": f"bash train.sh\n{FETCH}"}
    assert [found[2:] for found in commands(files, "aws")] == [("unknown", "upload")] * 2


def test_a_script_that_a_cell_writes_is_told_at_the_cell() -> None:
    text = notebook(f"%%writefile src/train.sh\n{FETCH}", f"%%writefile train.sh\n{FETCH}", FIT)
    found = commands({"launch.ipynb": text}, "aws")
    assert [(path, *rest) for path, _, *rest in found] == [
        ("launch.ipynb", "unknown", "upload"),
        ("launch.ipynb", "unknown", "script"),
    ]
    assert [line for _, line, *_ in found] == [
        text[: text.index(part)].count("\n") + 1 for part in ("src/t", "e train.")
    ]


def test_a_job_that_prepares_data_is_no_product() -> None:
    launch = (
        'from sagemaker.processing import FrameworkProcessor\nFrameworkProcessor().run(code="a.sh", source_dir="src")\n'
    )
    assert commands({"prepare.py": launch, "src/a.sh": FETCH}, "aws")[0][2:] == ("seller", "script")


@pytest.mark.parametrize(
    "command",
    [
        "python train.py",
        "torchrun --nproc_per_node=8 ./train.py --epochs 3",
        "deepspeed --num_gpus=8 train.py --deepspeed",
        "accelerate launch --config_file a.yaml train.py",
        "python -m torch.distributed.launch --nproc_per_node 8 train.py",
        "python -m train",
        "cd /opt/ml/code; python3 /opt/ml/code/train.py",
        "mpirun -np 8 python train.py",
        "python -c 'import train'",
    ],
)
def test_python_that_an_uploaded_script_starts_is_the_program(command: str) -> None:
    files = {"launch.py": FIT, "src/train.sh": f"#!/bin/bash\n{command}\n", "src/train.py": TRAIN, "src/idle.py": TRAIN}
    calls = {fact.location.path: fact for fact in facts_of(files) if fact.kind == "python.call"}
    call = calls["src/train.py"]
    assert (call["scope"], call["reached"]) == ("unknown", "import")
    assert call.trace[0].text == "SageMaker runs train.sh"
    assert calls["src/idle.py"]["reached"] != "import"
