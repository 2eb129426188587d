"""What code does with errors, signals, arguments, hyperparameters, requests, debuggers and credentials."""

from __future__ import annotations

import json
from typing import Any

import pytest


@pytest.mark.parametrize(
    ("handler", "ends", "status"),
    [
        ("sys.exit(0)", "exits", 0),
        ("sys.exit()", "exits", 0),
        ("sys.exit(None)", "exits", 0),
        ("os._exit(0)", "exits", 0),
        ("exit(0)", "exits", 0),
        ("sys.exit(1)", "exits", 1),
        ("sys.exit('failed')", "exits", 1),
        ("sys.exit(code)", "exits", "unknown"),
        ("raise", "raises", None),
        ("raise SystemExit(1) from e", "raises", None),
        ("print(e)", "falls", None),
        ("logging.exception('failed')", "falls", None),
        ("logger.error('failed: %s', e)", "falls", None),
        ("traceback.print_exc()", "falls", None),
        ("open('/opt/ml/output/failure', 'w').write(str(e))", "falls", None),
        ("report(e)", "unknown", "unknown"),
        ("queue.put(e)", "unknown", "unknown"),
        ("if e.args: raise", "unknown", "unknown"),
    ],
)
def test_how_a_handler_ends(read: Any, handler: str, ends: str, status: Any) -> None:
    code = f"import logging, os, sys, traceback\nlogger = logging.getLogger()\ndef report(e): ...\ndef fit(): work()\ntry:\n    fit()\nexcept Exception as e:\n    {handler}\n"
    fact = read(code, "python", "train.py").one("program.exit")
    assert (fact["ends"], fact["status"], fact["last"]) == (ends, status, True)


@pytest.mark.parametrize(
    "code",
    [
        "try:\n    work()\nexcept ValueError:\n    pass\n",
        "def helper():\n    try:\n        work()\n    except Exception:\n        pass\n",
        "for each in rows:\n    try:\n        work()\n    except Exception:\n        pass\n",
    ],
)
def test_handlers_that_decide_nothing(read: Any, code: str) -> None:
    assert not read(code, "python", "train.py").of("program.exit")


def test_a_handler_that_ends_what_follows(read: Any) -> None:
    code = "def main():\n    try:\n        work()\n    except Exception as e:\n        print(e)\n    finally:\n        raise SystemExit(1)\n"
    assert read(code, "python", "train.py").one("program.exit")["ends"] == "unknown"


@pytest.mark.parametrize(
    ("call", "signal", "action"),
    [
        ("signal.signal(signal.SIGTERM, signal.SIG_IGN)", "SIGTERM", "ignored"),
        ("signal.signal(15, signal.SIG_IGN)", "SIGTERM", "ignored"),
        ("signal.signal(signal.SIGTERM, signal.SIG_DFL)", "SIGTERM", "default"),
        ("signal.signal(signal.SIGTERM, stop)", "SIGTERM", "handled"),
        ("signal.signal(signal.SIGINT, signal.SIG_IGN)", "SIGINT", "ignored"),
    ],
)
def test_signals(read: Any, call: str, signal: str, action: str) -> None:
    fact = read(f"import signal\ndef stop(*_): ...\n{call}\n", "python", "serve.py").one("program.signal")
    assert (fact["signal"], fact["action"]) == (signal, action)


@pytest.mark.parametrize(
    ("arguments", "accepted"),
    [
        ("p.add_argument('--epochs')", []),
        ("p.add_argument('command')", None),
        ("p.add_argument('command', choices=['train', 'serve'])", ["train", "serve"]),
        ("p.add_argument('command', choices=COMMANDS)", "unknown"),
        ("p.add_argument(*FLAGS)", "unknown"),
        ("more(p)", "unknown"),
        ("s = p.add_subparsers()\ns.add_parser('train')", ["train"]),
    ],
)
def test_arguments(read: Any, arguments: str, accepted: Any) -> None:
    code = f"import argparse\np = argparse.ArgumentParser()\n{arguments}\noptions = p.parse_args()\n"
    assert read(code, "python", "train.py").one("program.argument")["accepted"] == accepted


@pytest.mark.parametrize("call", ["p.parse_known_args()", "p.parse_args([])", "p.parse_args(sys.argv[2:])"])
def test_parsers_that_refuse_nothing(read: Any, call: str) -> None:
    code = f"import argparse, sys\np = argparse.ArgumentParser()\noptions = {call}\n"
    assert not read(code, "python", "train.py").of("program.argument")


LOADED = 'import json\nwith open("/opt/ml/input/config/hyperparameters.json") as f:\n    hp = json.load(f)\n'


@pytest.mark.parametrize(
    ("use", "expected"),
    [
        ("range(hp['epochs'])", [("epochs", "number", False)]),
        ("hp['rate'] * 2", [("rate", "number", False)]),
        ("hp['rate'] > 0.5", [("rate", "number", False)]),
        ("hp.get('rate', 1) < 2", [("rate", "number", True)]),
        ("bool(hp['shuffle'])", [("shuffle", "truth", False)]),
        ("print(1) if hp['shuffle'] else None", [("shuffle", "truth", False)]),
        ("int(hp['epochs'])", [("epochs", "unknown", False)]),
        ("float(hp['rate']) * 2", [("rate", "unknown", False)]),
        ("hp['name'] + '.pkl'", [("name", "unknown", False)]),
        ("'%s' % hp['name']", [("name", "unknown", False)]),
        ("hp['kind'] == 'tree'", [("kind", "unknown", False)]),
        ("fit(epochs=hp['epochs'])", [("epochs", "unknown", False)]),
        ("e = hp['epochs']\nrange(e)", [("epochs", "unknown", False), ("epochs", "number", False)]),
        ("e = int(hp['epochs'])\nrange(e)", [("epochs", "unknown", False)]),
        ("hp['epochs'] = int(hp['epochs'])\nrange(hp['epochs'])", []),
        ("hp.update(defaults)\nrange(hp['epochs'])", []),
        ("hp = {k: json.loads(v) for k, v in hp.items()}\nrange(hp['epochs'])", []),
    ],
)
def test_hyperparameters(read: Any, use: str, expected: list[tuple[Any, ...]]) -> None:
    found = read(f"{LOADED}{use}\n", "python", "train.py").of("hyperparameter.read")
    assert [(fact["name"], fact["use"], fact["has_default"]) for fact in found] == expected


def test_hyperparameters_through_a_function(read: Any) -> None:
    code = (
        "import json\ndef load():\n    with open('/opt/ml/input/config/hyperparameters.json') as f:\n"
        "        return json.load(f)\ndef main():\n    settings = load()\n    range(settings['n'])\n"
    )
    assert read(code, "python", "train.py").one("hyperparameter.read")["use"] == "number"


def test_other_files_hold_numbers(read: Any) -> None:
    code = LOADED.replace("hyperparameters.json", "resourceconfig.json") + "range(hp['n'])\n"
    assert not read(code, "python", "train.py").of("hyperparameter.read")


FLASK = "import io, json, logging, pickle\nimport numpy as np\nimport yaml\nfrom flask import Flask, request\napp = Flask(__name__)\nlogger = logging.getLogger()\n\n@app.post('/invocations')\ndef answer():\n    body = request.data\n    "


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("pickle.loads(body)", ("unpickle", "body")),
        ("pickle.load(io.BytesIO(request.get_data()))", ("unpickle", "body")),
        ("np.load(io.BytesIO(body), allow_pickle=True)", ("unpickle", "body")),
        ("yaml.load(body)", ("yaml", "body")),
        ("eval(request.get_json()['x'])", ("evaluate", "body")),
        ("eval(json.loads(body.decode())['x'])", ("evaluate", "body")),
        ("print('got', body)", ("log", "body")),
        ("logger.info(f'got {body}')", ("log", "body")),
        ("logging.info('got %s', request.json)", ("log", "body")),
        ("app.logger.warning(request.form)", ("log", "body")),
        ("np.load(io.BytesIO(body))", None),
        ("yaml.load(body, Loader=yaml.SafeLoader)", None),
        ("yaml.safe_load(body)", None),
        ("print(len(body))", None),
        ("print(request.content_type)", None),
        ("pickle.load(open('/opt/ml/model/m.pkl', 'rb'))", None),
        ("eval('1 + 1')", None),
    ],
)
def test_uses_of_requests(read: Any, code: str, expected: tuple[str, str] | None) -> None:
    found = read(FLASK + code + "\n", "python", "serve.py").of("request.use")
    assert [(fact["use"], fact["what"]) for fact in found] == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("import pickle\ndef input_fn(request_body, content_type):\n    return pickle.loads(request_body)\n", 1),
        ("import pickle\ndef model_fn(model_dir):\n    return pickle.load(open(model_dir + '/m', 'rb'))\n", 0),
        ("import pickle\nfrom fastapi import FastAPI, Request\napp = FastAPI()\n@app.post('/invocations')\nasync def f(request: Request):\n    return pickle.loads(await request.body())\n", 1),
        ("import pickle\nfrom http.server import BaseHTTPRequestHandler\nclass H(BaseHTTPRequestHandler):\n    def do_POST(self):\n        pickle.loads(self.rfile.read(3))\n", 1),
        ("import pickle\ndef load(data):\n    return pickle.loads(data)\n", 0),
    ],
)  # fmt: skip
def test_bodies_of_other_frameworks(read: Any, code: str, count: int) -> None:
    assert len(read(code, "python", "serve.py").of("request.use", use="unpickle")) == count


@pytest.mark.parametrize(
    ("code", "aid"),
    [
        ("breakpoint()", "debugger"),
        ("import pdb; pdb.set_trace()", "debugger"),
        ("import debugpy\ndebugpy.listen(5678)", "remote-debugger"),
        ("from flask import Flask\napp = Flask('x')\napp.run(debug=True)", "debug-server"),
        ("from flask import Flask\napp = Flask('x')\napp.run(debug=False)", None),
        ("from flask import Flask\napp = Flask('x')\napp.run(debug=DEBUG)", None),
        ("import uvicorn\nuvicorn.run('a:b', reload=True)", "reloader"),
        ("def breakpoint(): ...\nbreakpoint()", None),
    ],
)
def test_debug_aids(read: Any, code: str, aid: str | None) -> None:
    found = read(code + "\n", "python", "serve.py").of("debug.aid")
    assert [fact["aid"] for fact in found] == ([aid] if aid else [])


SECRET = "ghp_" + "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (f"x = '{SECRET}'", [("literal", "github-token", "none")]),
        ("API_KEY = 'x9Kq27Lm5RtZ81vBn46W'", [("named", "generic-secret", "none")]),
        ("API_KEY = 'your-key'", []),
        ("TOKENIZER = 'x9Kq27Lm5RtZ81vBn46W'", []),
        ("import os\nos.environ['AWS_SECRET_ACCESS_KEY']", [("needed", "AWS_SECRET_ACCESS_KEY", "none")]),
        (
            "import os\nif a:\n    os.environ['AWS_SECRET_ACCESS_KEY']",
            [("needed", "AWS_SECRET_ACCESS_KEY", "condition")],
        ),
        ("import os\nos.getenv('AWS_ACCESS_KEY_ID')", [("asked", "AWS_ACCESS_KEY_ID", "none")]),
        ("import os\nos.environ['AWS_ACCESS_KEY_ID'] = x", []),
        ("import os\n'AWS_ACCESS_KEY_ID' in os.environ", []),
        ("open('/root/.aws/credentials')", [("file", "aws-credentials", "none")]),
    ],
)
def test_credentials(read: Any, code: str, expected: list[tuple[str, str, str]]) -> None:
    reading = read(code + "\n", "python", "serve.py")
    found = reading.of("credential.use")
    assert [(fact["form"], fact["credential"], fact["guard"]) for fact in found] == expected
    assert not any(SECRET in str(fact.fields) for fact in found)


def test_a_credential_of_a_notebook_is_told_once(read: Any) -> None:
    cell = {"cell_type": "code", "source": ["import os\n", "\n", f"API_KEY = '{SECRET}'\n"], "outputs": []}
    text = json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4}, indent=1)
    assert [fact["form"] for fact in read(text, "notebook", "a.ipynb").of("credential.use")] == ["literal"]
