"""Requirements that a notebook's cell writes beside the program that it uploads, or that a serving toolkit loads."""

import json

import pytest

from linter.engine import check_texts

REQUIREMENTS = "%%writefile code/requirements.txt\n# further packages\ntransformers==4.44.0\n"
HANDLER = "%%writefile code/inference.py\ndef model_fn(model_dir):\n    return None\n"
LAUNCH = (
    'from sagemaker.pytorch import PyTorch\n\nPyTorch(entry_point="train.py", source_dir="code", '
    'role="arn:aws:iam::111122223333:role/Trial")\n'
)
TRAIN = '%%writefile code/train.py\nprint("training")\n'


def notebook(*cells):
    made = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": cell.splitlines(True)}
        for cell in cells
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1)


def found(text, **others):
    findings = check_texts({"try.ipynb": text, **others}, frozenset(), {})
    return [(each.location.path, each.location.span.line) for each in findings if each.rule in ("NET039", "NET040")]


def line_of(text, part):
    return 1 + text[: text.index(part)].count("\n")


@pytest.mark.parametrize("cells", [(HANDLER, REQUIREMENTS), (REQUIREMENTS, LAUNCH, TRAIN)])
def test_requirements_of_a_cell_stand_at_the_first_that_is_installed(cells):
    text = notebook(*cells)
    assert found(text) == [("try.ipynb", line_of(text, "transformers==4.44.0"))]


@pytest.mark.parametrize(
    "cells",
    [
        (REQUIREMENTS, 'print("nothing loads it")\n'),
        (HANDLER, REQUIREMENTS.replace("code/", "")),
        (HANDLER, "%%writefile code/requirements.txt\n# nothing\n"),
        (HANDLER, "%%writefile code/requirements.txt\n--no-index\n--find-links lib\nhelper==1.0\n"),
    ],
)
def test_requirements_of_a_cell_that_nothing_installs(cells):
    assert found(notebook(*cells)) == []


def test_a_file_that_is_there_as_well_is_told_of_once():
    there = {"code/requirements.txt": "transformers==4.44.0\n"}
    assert found(notebook(HANDLER, REQUIREMENTS), **there) == [("code/requirements.txt", 1)]
