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
        ("from nets import registry\nregistry.from_pretrained('acme/net')\n", None),
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
