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


def test_outputs_say_nothing_about_what_a_notebook_does(read):
    text = "marketplace\nmodel.deploy()\narn:aws:iam::123456789012:role/Me\ninput()"
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


def hints(read, *cells: str, **options: Any) -> dict[str, str]:
    """The hints of a sample notebook with these cells, with what stands at their places."""
    reading = read(notebook(USES, *cells, **options), "notebook", "n.ipynb")
    return {fact["kind_of_hint"]: reading.excerpt(fact) for fact in reading.of("notebook.hint")}


@pytest.mark.parametrize(
    ("cells", "names"),
    [
        (["pd.read_csv('data/pages.csv')"], "'data/pages.csv'"),
        (["page = './a page.png'", "with open(page, 'rb') as file:\n    pass"], "page"),
        (["session.upload_data(path='in.csv', bucket=bucket)"], "'in.csv'"),
        (["open('made.txt', 'w')"], None),
        (["open('made.txt', mode)"], None),
        (["open(os.path.join(out, 'made.txt'), 'w')", "open('out/made.txt')"], None),
        (["open(f'{out}/made.txt', 'w')", "open('out/made.txt')"], None),
        (["table.to_csv('made.csv')", "pd.read_csv('made.csv')"], None),
        (["%%writefile made.json\n{}", "open('made.json')"], None),
        (["!python make.py made.csv", "pd.read_csv('made.csv')"], None),
        (["s3.download_fileobj(a, b, c)", "pd.read_csv('perhaps.csv')"], None),
        (["pd.read_csv('https://example.com/x.csv')"], None),
        (["pd.read_csv(f'{folder}/x.csv')"], None),
    ],
)
def test_files_that_a_notebook_reads_and_does_not_make(read, cells, names):
    assert hints(read, *cells).get("file") == names


def test_a_product_in_one_region(read):
    arn = "arn:aws:sagemaker:us-east-1:865070037744:model-package/ocr-1"
    assert hints(read, f"arn = '{arn}'") == {"resource": f"'{arn}'"}
    assert not hints(read, f"arns = {{'us-east-1': '{arn}', 'eu-west-1': other}}")
    map_of = read(notebook(USES, f"arns = {{'us-east-1': '{arn}', 'eu-west-1': other}}"), "notebook", "n.ipynb")
    assert map_of.one("notebook.sample")["regions"] == ["eu-west-1", "us-east-1"]


@pytest.mark.parametrize(
    ("said", "sends"),
    [
        ("Please upload your images to S3.", True),
        ("You need to download the dataset from our site", True),
        ("Next, we upload the sample data to S3", False),
        ("You can find the images in data/", False),
        ("Please provide the model ARN", False),
    ],
)
def test_sentences_that_send_the_buyer_for_data(read, said, sends):
    assert ("sends" in hints(read, intro=f"AWS Marketplace\n{said}")) is sends


def test_what_saved_outputs_tell_of_the_seller(read):
    error = {"output_type": "error", "ename": "E", "evalue": "e", "traceback": []}
    told = {"output_type": "stream", "name": "stdout", "text": "arn:aws:iam::482719305566:role/Me"}
    found = read(notebook(USES, outputs=[error, told]), "notebook", "n.ipynb")
    shown = {fact["kind_of_hint"]: found.excerpt(fact) for fact in found.of("notebook.hint")}
    assert shown == {"error": "[", "account": "482719305566"}
    known = {**told, "text": "arn:aws:sagemaker:us-east-1:865070037744:model-package/x"}
    assert not read(notebook(USES, outputs=[known]), "notebook", "n.ipynb").of("notebook.hint")
