"""Calls with dozens of arguments, as training code has them: none of those that decide is left out."""

from __future__ import annotations

import pytest

from tests.assemble.python.products import at, product

MANY = ", ".join(f"setting_{number}={number}" for number in range(40))


@pytest.mark.parametrize(
    "code",
    [
        f"def train(data):\n    if not data:\n        raise ValueError\n    TrainingArguments({MANY}, report_to='wandb')\n\n\ntrain(1)\n",
        f"def train(given):\n    TrainingArguments({MANY}, report_to=given.tracker)\n\n\nclass Given:\n    tracker = 'wandb'\n\n\ntrain(Given())\n",
        f"def train(report_to='none', **others):\n    TrainingArguments(report_to=report_to)\n\n\ntrain({MANY}, report_to='wandb')\n",
        f"given = dict({MANY}, report_to='wandb')\nTrainingArguments(**given)\n",
    ],
    ids=["under a condition", "an object", "of a function of the product", "spread"],
)
def test_the_last_of_many_arguments_decides(code: str) -> None:
    files = {"train.py": f"from transformers import TrainingArguments\n\n\n{code}"}
    assert at(product(files, dockerfile=""), "transformers.TrainingArguments")["destination"] == "remote"
