"""What images tell of the image that they are made from."""

from __future__ import annotations

import pytest

from linter.engine import built_images, facts_of
from linter.judge.load import load_knowledge
from linter.tree import MemoryTree

KNOWLEDGE = load_knowledge()
BUILTIN = "382416733822.dkr.ecr.us-east-1.amazonaws.com/kmeans:1"


def evidence(image):
    found = facts_of(MemoryTree({}), [], KNOWLEDGE, [image])
    return next(fact for fact in found if fact.kind == "image.configuration")["builtin_evidence"]


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([{"comment": f"FROM {BUILTIN}"}], "step 1 of its history"),
        ([{}, {"comment": f"FROM {BUILTIN} AS base"}], "step 2 of its history"),
        ([{"comment": "FROM docker.io/library/python:3.12"}], None),
        ([{"comment": "buildkit.dockerfile.v0"}, {"comment": 3}, None, "x", {"comment": "FROM "}], None),
        ({"comment": f"FROM {BUILTIN}"}, None),
        (None, None),
    ],
)
def test_the_base_in_the_history(history, expected):
    image = built_images({"m:1": {"layers": []}})[0]
    config = {**image.described.config, "history": history}
    assert evidence(image._replace(described=image.described._replace(config=config))) == expected


@pytest.mark.parametrize("labels", [None, 3, [], {"org.opencontainers.image.base.name": 3}, {"x": BUILTIN}])
def test_labels_of_another_form(labels):
    assert evidence(built_images({"m:1": {"config": {"Labels": labels}, "layers": []}})[0]) is None
