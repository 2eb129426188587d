"""Bodies of requests and hyperparameters that go to functions of other files."""

from __future__ import annotations

import pytest

from tests.evaluate.conftest import facts

SERVE = """from flask import Flask, request
{imports}
app = Flask(__name__)
@app.route("/invocations", methods=["POST"])
def answer():
    return {call}
"""
SINK = "import pickle\ndef decode(data, name=None):\n    return pickle.loads(data)\n"
CLASS = "import pickle\nclass Codec:\n    def __init__(self, data=None):\n        pass\n    def decode(self, data):\n"
CLASS += "        return pickle.loads(data)\n"

REACHED = {
    "by its name": ("from codec import decode", "decode(request.data)", {"codec.py": SINK}),
    "by a keyword": ("from codec import decode", "decode(name='a', data=request.data)", {"codec.py": SINK}),
    "by its module": ("import codec", "codec.decode(request.get_data())", {"codec.py": SINK}),
    "in a package": ("from lib import codec", "codec.decode(request.data)", {"lib/codec.py": SINK}),
    "through a package": (
        "from lib import decode",
        "decode(request.data)",
        {"lib/__init__.py": "from .codec import decode\n", "lib/codec.py": SINK},
    ),
    "a method": ("from codec import Codec", "Codec().decode(request.data)", {"codec.py": CLASS}),
    "a method of an object": (
        "from codec import Codec\ncodec = Codec()",
        "codec.decode(request.data)",
        {"codec.py": CLASS},
    ),
    "two files on": (
        "from first import go",
        "go(request.data)",
        {"first.py": "from codec import decode\ndef go(body):\n    return decode(body)\n", "codec.py": SINK},
    ),
}
SILENT = {
    "another argument": ("from codec import decode", "decode('a', request.data)", {"codec.py": SINK}),
    "something made of it": ("from codec import decode", "decode(len(request.data))", {"codec.py": SINK}),
    "a library": ("from pandas import decode", "decode(request.data)", {"pandas.py.txt": SINK}),
    "no such function": ("from codec import encode", "encode(request.data)", {"codec.py": SINK}),
    "spread arguments": ("from codec import decode", "decode(*[request.data])", {"codec.py": SINK}),
    "a file that is no Python": ("from codec import decode", "decode(request.data)", {"codec.py": "def decode(:\n"}),
    "two that hand it to each other": (
        "from first import go",
        "go(request.data)",
        {
            "first.py": "from second import on\ndef go(body):\n    return on(body)\n",
            "second.py": "from first import go\ndef on(body):\n    return go(body)\n",
        },
    ),
}


def uses(imports: str, call: str, files: dict[str, str]) -> list[tuple[str, str]]:
    """Where bodies are unpickled."""
    found = facts({"serve.py": SERVE.format(imports=imports, call=call), **files}, "request.use")
    return [(fact.location.path, fact["use"]) for fact in found]


@pytest.mark.parametrize("case", REACHED.values(), ids=REACHED)
def test_a_body_is_followed_into_other_files(case: tuple[str, str, dict[str, str]]) -> None:
    assert uses(*case) == [(next(path for path in case[2] if path.endswith("codec.py")), "unpickle")]


@pytest.mark.parametrize("case", SILENT.values(), ids=SILENT)
def test_what_is_no_body_is_not_taken_for_one(case: tuple[str, str, dict[str, str]]) -> None:
    assert uses(*case) == []


def test_code_of_tests_hands_nothing_on() -> None:
    program = SERVE.format(imports="from codec import decode", call="decode(request.data)")
    assert facts({"tests/test_serve.py": program, "tests/codec.py": SINK}, "request.use") == []


READS = 'import json\nsettings = json.load(open("/opt/ml/input/config/hyperparameters.json"))\n'


def numbers(files: dict[str, str]) -> list[tuple[str, int, str]]:
    """Where hyperparameters are used as numbers."""
    found = facts(files, "hyperparameter.read")
    return sorted((fact.location.path, fact.location.line, fact["name"]) for fact in found if fact["use"] == "number")


def test_hyperparameters_are_followed_inside_of_a_file_and_into_others() -> None:
    train = f"{READS}from fit import fit\ndef run(epochs):\n    return range(epochs)\nrun(settings['epochs'])\n"
    train += "fit(settings, settings['rate'], int(settings['depth']))\n"
    fit = "def fit(all, rate, depth):\n    return all['width'] - 1, rate * 0.5, depth * 2\n"
    found = numbers({"train.py": train, "fit.py": fit})
    assert found == [("fit.py", 2, "rate"), ("fit.py", 2, "width"), ("train.py", 5, "epochs")]


def test_what_callers_give_differently_is_not_judged() -> None:
    train = f"{READS}from fit import fit\ndef run(epochs):\n    return range(epochs)\nrun(settings['epochs'])\nrun(3)\n"
    train += "fit(settings['rate'])\nfit(settings['other'])\n"
    assert numbers({"train.py": train, "fit.py": "def fit(rate):\n    return rate * 0.5\n"}) == []


def test_a_function_of_another_file_gives_the_hyperparameters_back() -> None:
    files = {
        "settings.py": 'import json\ndef load():\n    with open("/opt/ml/input/config/hyperparameters.json") as file:\n'
        "        return json.load(file)\n",
        "train.py": "from settings import load\nsettings = load()\nprint(range(settings['epochs']))\n",
        "other.py": "from elsewhere import load\nsettings = load()\nprint(range(settings['epochs']))\n",
    }
    assert numbers(files) == [("train.py", 3, "epochs")]
