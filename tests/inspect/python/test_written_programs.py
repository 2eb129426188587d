"""Programs that code writes to files out of texts of its own."""

from __future__ import annotations

import json

import pytest

from linter.inspect.notebook import inspect as inspect_notebook
from linter.inspect.python import inspect
from linter.judge.load import load_knowledge
from linter.model import Artifact

ESCAPED = r"""
import requests
x = "é\\n\x41"; requests.get("https://example.org")
"""
TEXT = f'TRAIN = """{ESCAPED}"""\n'
LINE, COLUMN = 3, 17


def programs(text: str, path: str = "jobs/launch.py") -> dict[str, list[tuple[int, int]]]:
    """The written programs of a file, by their paths, with where their calls stand."""
    if path.endswith(".ipynb"):
        cells = [{"cell_type": "code", "source": text.splitlines(keepends=True), "metadata": {}, "outputs": []}]
        data = json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5, "metadata": {}}, indent=1)
        found = inspect_notebook(Artifact(path, "notebook"), data.encode(), load_knowledge())
    else:
        found = inspect(Artifact(path, "python"), text.encode(), load_knowledge())
    assert not found.notices
    written: dict[str, list[tuple[int, int]]] = {}
    place = None
    for fact in found.facts:
        if fact.kind == "python.module":
            place = fact["path"] if fact["origin"] == "written_text" else None
            if place is not None:
                written[place] = []
        elif fact.kind == "python.call" and place is not None:
            assert fact["scope"] == "unknown"
            written[place].append((fact.location.span.line, fact.location.span.column))
    return written


@pytest.mark.parametrize(
    ("write", "path"),
    [
        ('with open("train.py", "w") as f:\n    f.write(TRAIN)\n', "jobs/train.py"),
        ('with open("../src/train.py", mode="wt") as f:\n    f.write(TRAIN.strip())\n', "src/train.py"),
        ('f = open("/tmp/train.py", "w+")\nf.write(str(TRAIN))\n', "jobs/tmp/train.py"),
        ('with Path("train.py").open("w") as f:\n    f.write(TRAIN)\n', "jobs/train.py"),
        ('Path("src", "train.py").write_text(TRAIN)\n', "jobs/src/train.py"),
        ('(folder / "train.py").write_text(TRAIN, encoding="utf-8")\n', "jobs/train.py"),
        ('src = Path("src")\n(src / "train.py").write_text(TRAIN)\n', "jobs/src/train.py"),
        ('with open(f"{folder}/code/train.py", "w") as f:\n    f.write(TRAIN)\n', "jobs/train.py"),
        (
            'name = os.path.join("src", "train.py")\nwith open(name, "w") as f:\n    f.write(TRAIN)\n',
            "jobs/src/train.py",
        ),
        ('def text():\n    return TRAIN\nPath("train.py").write_text(text())\n', "jobs/train.py"),
        (
            'with open("train.py", "w") as f:\n    f.write(TRAIN)\nwith open("a.txt", "w") as f:\n    f.write(x)\n',
            "jobs/train.py",
        ),
        ('Path("../../train.py").write_text(TRAIN)\n', "jobs/train.py"),
    ],
)
def test_ways_to_write_a_program(write: str, path: str) -> None:
    assert programs(TEXT + write) == {path: [(LINE, COLUMN)]}


@pytest.mark.parametrize(
    "code",
    [
        TEXT + 'open("train.py").write(TRAIN)\n',
        TEXT + 'with open("train.py", "a") as f:\n    f.write(TRAIN)\n',
        TEXT + 'with open("train.txt", "w") as f, open("a.py") as g:\n    f.write(TRAIN)\n',
        TEXT + 'with open("train.py", "w") as f:\n    f.write(TRAIN)\n    f.write(more)\n',
        TEXT + 'Path("train.py").write_text(TRAIN.format(1))\n',
        TEXT + 'Path("train.py").write_text(TRAIN + more)\n',
        'Path("train.py").write_text(TRAIN)\n' + TEXT,
        'Path("train.py").write_text("import {{ library }}\\n")\n',
        'Path("train.py").write_text(f"import {library}\\n")\n',
        'name = name\nPath("train.py").write_text(name)\nPath(name + ".py").write_text(name)\n',
    ],
)
def test_what_no_text_shows(code: str) -> None:
    assert not programs(code)


def test_a_program_in_several_pieces_without_their_margin() -> None:
    code = """
def write():
    head = '''
        import requests
'''
    with open("train.py", "w") as f:
        f.write(head)
        f.write("        requests." "get('https://example.org')\\n")
"""
    assert programs(code) == {"jobs/train.py": [(8, 26)]}


def test_a_program_that_a_cell_writes_out_of_a_text() -> None:
    found = programs(TEXT + 'Path("train.py").write_text(TRAIN)\n', "jobs/deploy.ipynb")
    assert list(found) == ["jobs/train.py"]
    assert [line for line, _ in found["jobs/train.py"]] == [8]


def test_the_program_that_publishing_code_writes_is_the_jobs() -> None:
    from tests.assemble.python.products import at, product

    write = (
        'from sagemaker.pytorch import PyTorch\nPath("train.py").write_text(TRAIN)\nPyTorch(entry_point="train.py")\n'
    )
    fact = at(product({"launch.py": TEXT + write}, dockerfile=""), "requests.get")
    assert (fact["scope"], fact["reached"], fact["destination"]) == ("unknown", "import", "remote")
    assert fact.location.path == "launch.py"
    assert fact.trace[0].text == "SageMaker runs train.py"
