"""Sample notebooks: which are samples, which steps they show, what keeps them from running at a buyer's."""

from __future__ import annotations

import json
from typing import Any

import pytest

USES = "import boto3\nfrom sagemaker import ModelPackage\nmodel = ModelPackage(role, model_package_arn=arn)\n"


def notebook(*cells: str, intro: str = "Subscribe on AWS Marketplace first", outputs: Any = ()) -> str:
    code = [
        {"cell_type": "code", "metadata": {}, "outputs": list(outputs), "execution_count": 1, "source": cell}
        for cell in cells
    ]
    said = {"cell_type": "markdown", "metadata": {}, "source": intro}
    return json.dumps({"cells": [said, *code], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1)


@pytest.mark.parametrize(
    ("cells", "sells"),
    [
        ([USES], "model_package"),
        (["sm.create_model(Containers=[{'ModelPackageName': arn}])"], "model_package"),
        (["e = sagemaker.AlgorithmEstimator(algorithm_arn=arn)"], "algorithm"),
        (["sm.create_training_job(AlgorithmSpecification={'AlgorithmName': arn})"], "algorithm"),
        (["sm.describe_model_package(ModelPackageName=arn)"], None),
        (["print('ModelPackage(arn)')"], None),
        ([USES, "sm.create_model_package(ModelPackageName='x')"], None),
        ([USES, "sm.create_model_package_group(ModelPackageGroupName='x')"], None),
        (["x = 1"], None),
    ],
)
def test_which_notebooks_are_samples(read, cells, sells):
    found = read(notebook(*cells), "notebook", "n.ipynb").of("notebook.sample")
    assert [fact["sells"] for fact in found] == ([sells] if sells else [])


def test_without_a_word_of_the_marketplace_it_is_none(read):
    assert not read(notebook(USES, intro="My model"), "notebook", "n.ipynb").of("notebook.sample")


def test_steps_in_python_and_on_the_command_line(read):
    cells = [USES, "model.deploy(1, 'ml.m5.xlarge')", "!aws sagemaker-runtime invoke-endpoint --endpoint-name x out"]
    cells.append("%%bash\naws sagemaker create-transform-job --transform-job-name x\n")
    fact = read(notebook(*cells), "notebook", "n.ipynb").one("notebook.sample")
    steps = ("endpoint", "request", "batch", "clean_up", "training", "tuning")
    assert [fact[step] for step in steps] == [True, True, True, False, False, False]
    assert (fact["kits"], fact["whole"]) == (["boto3", "sagemaker"], True)


def test_outputs_are_never_read(read):
    text = "marketplace\nmodel.deploy()\narn:aws:iam::482719305566:role/Me\ninput()"
    outputs = [{"output_type": "stream", "name": "stdout", "text": text}]
    reading = read(notebook(USES, outputs=outputs), "notebook", "n.ipynb")
    assert not reading.one("notebook.sample")["endpoint"]
    assert not read(notebook(USES, intro="My model", outputs=outputs), "notebook", "n.ipynb").of("notebook.sample")
    assert not reading.of("notebook.hint")


def test_a_cell_that_cannot_be_read_makes_the_notebook_incomplete(read):
    reading = read(notebook(USES, "print 'old', `x`"), "notebook", "n.ipynb")
    assert reading.one("notebook.sample")["whole"] is False


def test_hints_stand_at_their_places(read):
    cells = ["bucket = 'acme-data'", "c = boto3.client('s3', region_name='us-east-2')", "name = input('Name: ')"]
    cells += ["role = 'arn:aws:iam::482719305566:role/Me'", "open('/Users/anna/page.png')"]
    cells += [
        "bucket = 'your-bucket'",
        "bucket = '<bucket>'",
        "region_name = region",
        "data_bucket = f'a-{b}'",
        "layer.input(1)",
    ]
    reading = read(notebook(USES, *cells), "notebook", "n.ipynb")
    shown = {fact["kind_of_hint"]: reading.excerpt(fact) for fact in reading.of("notebook.hint")}
    assert shown == {
        "bucket": "'acme-data'",
        "region": "'us-east-2'",
        "asks": "input",
        "role": "'arn:aws:iam::482719305566:role/Me'",
        "path": "'/Users/anna/page.png'",
    }


@pytest.mark.parametrize("cell", ["x = " + "(" * 300 + ")" * 300, "a." * 5_000 + "b", "[" * 10_000, "input(" * 100])
def test_hostile_cells_are_survived(read, cell):
    read(notebook(USES, cell), "notebook", "n.ipynb")
