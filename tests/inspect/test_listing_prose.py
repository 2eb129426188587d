"""Texts of a listing in files of their own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from linter.discover.classify import kind_of
from linter.engine import check_texts

REQUEST = json.dumps(
    {
        "AlgorithmName": "ocr",
        "CertifyForMarketplace": True,
        "TrainingSpecification": {
            "TrainingImage": "482719305566.dkr.ecr.us-east-2.amazonaws.com/ocr:1",
            "SupportedHyperParameters": [{"Name": "depth", "Type": "Integer"}],
            "TrainingChannels": [],
        },
        "InferenceSpecification": {
            "Containers": [{"Image": "482719305566.dkr.ecr.us-east-2.amazonaws.com/ocr:1"}],
            "SupportedContentTypes": ["image/png"],
        },
    }
)
USAGE = "# Usage information\n\nSend pictures to the endpoint, and read the answer as JSON.\n\n# Licence\n\nFree.\n"


def found(files: dict[str, str]) -> set[tuple[str, str, int]]:
    findings = check_texts(files, frozenset(), {})
    return {(one.rule, one.location.path, one.location.line) for one in findings if one.rule.startswith("LST")}


def test_usage_information_in_a_readme():
    files = {"README.md": f"# OCR\n\n{USAGE}", "request.json": REQUEST}
    assert {("LST039", "README.md", 3), ("LST043", "README.md", 3), ("LST042", "README.md", 3)} <= found(files)
    told = USAGE.replace(
        "\n\n# Lic",
        " `depth` grows trees. Channel training, no Pipe mode, no distributed training, no GPU:"
        " aws sagemaker-runtime invoke-endpoint --content-type image/png\n\n# Lic",
    )
    assert not found({**files, "README.md": told})


def test_nothing_is_said_where_nothing_is_for_sale():
    assert not found({"README.md": USAGE})
    assert not found({"README.md": USAGE, "request.json": '{"ModelPackageGroupName": "ocr"}'})


def test_gaps_in_texts_but_not_where_they_are_quoted():
    text = "# Highlights\n\nFor seller to update: why buyers want this product and nothing else\n"
    assert ("LST027", "README.md", 3) in found({"README.md": text, "request.json": REQUEST})
    quoted = "# Highlights\n\nWrite over the text `For seller to update` in the template of this repository\n"
    assert not found({"README.md": quoted, "request.json": REQUEST})


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [
        ("usage.md", "x", "listing_text"),
        ("docs/Product Description.md", "x", "listing_text"),
        ("README.md", "# OCR\n\n## Usage instructions\n", "listing_text"),
        ("README.md", "# OCR\n\n## Usage\n", None),
        ("README.md", "# OCR\n\n## Install\n", None),
        ("CHANGELOG.md", "## Highlights\n", None),
    ],
)
def test_which_files_are_texts_of_a_listing(path: str, text: str, kind: Any):
    assert kind_of(path, len(text), lambda size: text.encode()[:size]) == kind
