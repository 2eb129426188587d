"""Which files code uses, as facts `file.access`: the call, the path as far as one file tells it, what is done with it."""

from __future__ import annotations

from typing import Any

import pytest

Read = "Callable[..., Any]"
IMPORTS = """import glob, gzip, io, json, os, pickle, shutil
from pathlib import Path
import joblib
from joblib import dump as keep
import numpy as np
import pandas as pd
import torch
"""


def accesses(read: Any, code: str) -> list[tuple[Any, ...]]:
    """What is done to what in the last lines of a module."""
    found = read(IMPORTS + code, "python", "train.py").of("file.access")
    return [(fact["api"], fact["mode"], fact["argument"]) for fact in found if fact["mode"] != "mention"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('open("a.txt")', ("open", "read", "a.txt")),
        ('open("a.txt", "w")', ("open", "write", "a.txt")),
        ('open("a.txt", mode="ab")', ("open", "write", "a.txt")),
        ('open("a.txt", "r+")', ("open", "write", "a.txt")),
        ('open(file="a.txt")', ("open", "read", "a.txt")),
        ('open("a.txt", how)', ("open", "unknown", "a.txt")),
        ('gzip.open("a.gz", "wt")', ("gzip.open", "write", "a.gz")),
        ('io.open("a", "rb")', ("io.open", "read", "a")),
        ('Path("/srv", "a").write_text("x")', (".write_text", "write", {"path": ["/srv", "a"]})),
        ('(Path("/srv") / "a").open("wb")', (".open", "write", {"path": ["/srv", "a"]})),
        ('os.makedirs("/srv/x", exist_ok=True)', ("os.makedirs", "make", "/srv/x")),
        ('os.listdir("/srv")', ("os.listdir", "list", "/srv")),
        ('glob.glob("/srv/*.csv")', ("glob.glob", "list", "/srv/*.csv")),
        ('pd.read_csv("a.csv")', ("pandas.read_csv", "read", "a.csv")),
        ('pd.DataFrame().to_csv("a.csv")', (".to_csv", "write", "a.csv")),
        ('np.save("a.npy", x)', ("numpy.save", "write", "a.npy")),
        ('torch.save(net, "a.pt")', ("torch.save", "write", "a.pt")),
        ('torch.load(f="a.pt")', ("torch.load", "read", "a.pt")),
        ('joblib.dump(net, os.path.join("/srv", "a"))', ("joblib.dump", "write", {"path": ["/srv", "a"]})),
        ('keep(net, "a.pkl")', ("joblib.dump", "write", "a.pkl")),
        ('model.save_pretrained("/srv")', (".save_pretrained", "write", "/srv")),
        ('torch.save(net, os.environ["WHERE"] + "/a")', ("torch.save", "write", None)),
    ],
)
def test_one_call(read: Any, code: str, expected: tuple[Any, ...]) -> None:
    (found,) = accesses(read, code + "\n")
    assert found[:2] == expected[:2]
    if expected[2] is not None:
        assert found[2] == expected[2]


def test_a_copy_reads_and_writes(read: Any) -> None:
    assert accesses(read, 'shutil.copy("a", "/srv/b")\n') == [
        ("shutil.copy", "read", "a"),
        ("shutil.copy", "write", "/srv/b"),
    ]


@pytest.mark.parametrize(
    "code",
    [
        'pickle.dump(net, open("/srv/m.pkl", "wb"))\n',
        'with open("/srv/m.pkl", "wb") as out:\n    pickle.dump(net, out)\n',
        'out = open("/srv/m.pkl", "wb")\npickle.dump(net, out)\n',
        'PLACE = "/srv/m.pkl"\ndef save():\n    with open(PLACE, "wb") as out:\n        pickle.dump(net, out)\n',
    ],
)
def test_an_open_file_stands_for_its_path(read: Any, code: str) -> None:
    found = read(IMPORTS + code, "python", "train.py").of("file.access")
    (dumped,) = [fact for fact in found if fact["api"] == "pickle.dump"]
    assert (dumped["argument"], dumped["format"], dumped["handle"]) == ("/srv/m.pkl", "pickle", True)
    (opened,) = [fact for fact in found if fact["api"] == "open"]
    assert (opened["mode"], opened["handle"]) == ("write", False)


@pytest.mark.parametrize(
    "code",
    [
        "open(name)\n",  # read from anywhere: nothing follows from that
        "def open(x):\n    return x\nopen('a')\n",
        "class Box:\n    def to_csv(self, x):\n        pass\nBox().to_csv('a')\n",
        "open(3)\n",
        'if False:\n    open("a", "w")\n',
        'requests.get("a")\n',
        'door.open("a")\n',
    ],
)
def test_no_file(read: Any, code: str) -> None:
    assert accesses(read, code) == []


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ('MODEL = "/opt/ml/model"\n', ["/opt/ml/model"]),
        ('prefix = "/opt/ml/"\nmodel = os.path.join(prefix, "model")\n', ["/opt/ml/", {"path": ["/opt/ml/", "model"]}]),
        (
            'args.add_argument("--train", default=os.environ["SM_CHANNEL_TRAIN"])\n',
            [{"environment": "SM_CHANNEL_TRAIN"}],
        ),
        ('"""Looks in /opt/ml/model."""\n', []),
        ('# /opt/ml/model\nx = "model"\n', []),
        (
            'base = Path("/opt/ml")\ndata = base / "input" / "data"\n',
            [{"path": ["/opt/ml"]}, {"path": ["/opt/ml", "input", "data"]}],
        ),
        ('torch.save(net, "/opt/ml/model/a.pt")\n', []),  # the call says it
    ],
)
def test_mentions(read: Any, code: str, values: list[Any]) -> None:
    found = read("import os, torch\nfrom pathlib import Path\n" + code, "python", "train.py").of(
        "file.access", mode="mention"
    )
    assert [fact["argument"] for fact in found] == values


def test_many_uses_are_bounded(read: Any) -> None:
    code = "".join(f'open("/srv/{number}", "w")\n' for number in range(3000))
    assert len(read(code, "python", "train.py").of("file.access")) == 2000
