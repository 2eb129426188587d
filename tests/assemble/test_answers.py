"""What handlers do with requests: answers that are always the same, headers that they demand, types they take and give."""

from __future__ import annotations

import json
from typing import Any

import pytest
from test_images import facts

HEAD = "FROM python:3.12-slim\nENV PATH=/opt/program:$PATH\nWORKDIR /opt/program\nCOPY . /opt/program\n"
GUNICORN = "#!/bin/bash\nexec gunicorn --timeout 60 -b 0.0.0.0:8080 wsgi:app\n"
FLASK = (
    "import json, os, flask\nfrom http import HTTPStatus\nfrom flask import Flask, Response, abort, jsonify, request\n"
)
FLASK += "app = Flask(__name__)\n"
FASTAPI = "from fastapi import Depends, FastAPI, Header\nfrom fastapi.security import HTTPBearer\napp = FastAPI()\n"
INVOKE = "@app.post('/invocations')\n"
PING = "@app.get('/ping')\n"


def found(code: str, kind: str, serve: str = GUNICORN, **more: str) -> list[dict[str, Any]]:
    """The fields of the facts of a kind of an image that serves some code."""
    files = {"Dockerfile": HEAD, "serve": serve, "wsgi.py": code, **more}
    return [dict(fact.fields) for fact in facts(files) if fact.kind == kind]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("return ''", 200),
        ("'''Say so.'''\n    app.logger.info('ping')\n    return Response('', status=200)", 200),
        ("health = 1\n    status = 200 if health else 404\n    return flask.Response('', status=status)", 200),
        ("return jsonify({'status': 'ok'}), 503", 503),
        ("return jsonify(status=503)", 200),
        ("return Response('', 404)", 404),
        ("return Response('', HTTPStatus.NOT_FOUND)", 404),
        ("return '', '500 Internal'", 500),
        ("return ('', 200) if model else ('', 503)", None),
        ("if not model: abort(503)\n    return ''", None),
        ("check()\n    return ''", None),
        ("return make()", None),
    ],
)
def test_answers_that_never_change(body: str, status: int | None) -> None:
    answers = found(f"{FLASK}{PING}def ping():\n    {body}\n", "server.answer")
    assert [each["status"] for each in answers if each["answer"] == "constant"] == ([] if status is None else [status])


@pytest.mark.parametrize(
    "head",
    [
        f"{PING}@login\ndef ping():\n",
        f"{PING}def ping(model=Depends(get)):\n",
        "@app.get('/ping', status_code=503)\ndef ping():\n",
    ],
)
def test_what_may_change_an_answer_from_outside(head: str) -> None:
    answers = found(f"{FASTAPI}{head}    return ''\n", "server.answer")
    assert not [each for each in answers if each["answer"] == "constant"]


@pytest.mark.parametrize(
    ("body", "demand"),
    [
        ("return request.headers['X-Key']", ("X-Key", "needed")),
        (
            "if not request.headers.get('Authorization'):\n        abort(401)\n    return ''",
            ("Authorization", "refused"),
        ),
        (
            "key = request.headers.get('X-Key')\n    if key is None:\n        return '', 401\n    return ''",
            ("X-Key", "refused"),
        ),
        ("if 'X-Key' not in request.headers:\n        abort(403)\n    return ''", ("X-Key", "refused")),
        ("if request.headers.get('X-Key') != 'k':\n        abort(403)\n    return ''", ("X-Key", "compared")),
        ("return request.headers.get('X-Key', '')", None),
        ("return request.headers['Content-Type']", None),
        ("return request.headers['X-Amzn-SageMaker-Custom-Attributes']", None),
        ("if 'X-Key' in request.headers:\n        return request.headers['X-Key']\n    return ''", None),
        ("try:\n        return request.headers['X-Key']\n    except KeyError:\n        return ''", None),
        ("if KEY and request.headers.get('X-Key') != KEY:\n        abort(401)\n    return ''", None),
        ("if not request.headers.get('X-Key'):\n        print('no key')\n    return ''", None),
        ("return answer.headers['X-Key']", None),
    ],
)
def test_headers_that_are_demanded(body: str, demand: tuple[str, str] | None) -> None:
    answers = found(f"{FLASK}{INVOKE}def invoke():\n    {body}\n", "server.answer")
    found_ = [(each["name"], each["form"]) for each in answers if each["answer"] == "demands"]
    assert found_ == ([] if demand is None else [demand])


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("def invoke(x_key: str = Header(...)):\n    return ''\n", ["x-key"]),
        ("def invoke(x_key: str = Header(None)):\n    return ''\n", []),
        ("def invoke(who=Depends(HTTPBearer())):\n    return ''\n", ["HTTPBearer"]),
        ("def invoke(who=Depends(HTTPBearer(auto_error=False))):\n    return ''\n", []),
    ],
)
def test_what_parameters_demand(code: str, names: list[str]) -> None:
    answers = found(f"{FASTAPI}{INVOKE}{code}", "server.answer")
    assert [each["name"] for each in answers if each["answer"] == "demands"] == names


def test_a_dependency_of_the_product_that_demands_a_header() -> None:
    code = "def check(x_key: str = Header(...)):\n    return x_key\n"
    code += "@app.post('/invocations', dependencies=[Depends(check)])\ndef invoke():\n    return ''\n"
    assert [each["name"] for each in found(FASTAPI + code, "server.answer") if each["answer"] == "demands"] == ["x-key"]


@pytest.mark.parametrize(
    ("body", "demands"),
    [
        ("if not request.headers.get('X-Key'):\n        abort(401)", ["X-Key"]),
        ("if request.path != '/ping' and not request.headers.get('X-Key'):\n        abort(401)", []),
        ("print('a request')\n    return None", []),
    ],
)
def test_functions_that_see_every_request_first(body: str, demands: list[str]) -> None:
    answers = found(f"{FLASK}@app.before_request\ndef check():\n    {body}\n", "server.answer")
    assert [each["name"] for each in answers] == demands


def test_demands_of_other_routes_are_left_out() -> None:
    code = "@app.post('/admin')\ndef admin():\n    return request.headers['X-Key']\n"
    assert found(FLASK + code, "server.answer") == []


@pytest.mark.parametrize(
    ("line", "blocks"),
    [("model.predict(1)", True), ("await model.predict(1)", False), ("run(model.predict, 1)", False)],
)
def test_predictions_inside_of_the_event_loop(line: str, blocks: bool) -> None:
    code = f"{FASTAPI}{INVOKE}async def invoke():\n    return {line}\n"
    assert [each["answer"] for each in found(code, "server.answer")] == (["blocks"] if blocks else [])


REQUEST = {
    "InferenceSpecification": {
        "Containers": [{"Image": "123456789012.dkr.ecr.us-east-2.amazonaws.com/ocr:1.0"}],
        "SupportedContentTypes": ["text/csv"],
        "SupportedResponseMIMETypes": ["text/csv; charset=utf-8"],
    }
}


@pytest.mark.parametrize(
    ("body", "uses"),
    [
        ("return Response('', mimetype='text/csv')", {("gives", "text/csv", "yes")}),
        ("return jsonify(a=1)", {("gives", "application/json", "no")}),
        ("return Response('no', status=415, mimetype='text/plain')", set()),
        ("return Response('no', mimetype=accept)", set()),
        ("return jsonify(error='no'), 400", set()),
        ("return flask.make_response(jsonify(error='no'), 400)", set()),
        (
            "if request.content_type == 'application/json':\n        return ''\n    return ''",
            {("takes", "application/json", "no")},
        ),
    ],
)
def test_types_that_code_takes_and_gives(body: str, uses: set[tuple[str, str, str]]) -> None:
    code = f"{FLASK}{INVOKE}def invoke():\n    {body}\n"
    told = found(code, "server.type_use", **{"request.json": json.dumps(REQUEST)})
    assert {(each["use"], each["value"], each["declared"]) for each in told} == uses


@pytest.mark.parametrize(
    ("value", "shape", "dimension"),
    [
        ("json.dumps({'Dimension': 'inference.count', 'ConsumedUnits': 3})", "right", "inference.count"),
        ("json.dumps({'Dimension': 'inference.count', 'ConsumedUnits': len(rows)})", "right", "inference.count"),
        ("json.dumps(usage)", "right", "images"),
        ('\'{"Dimension": "inference.count", "ConsumedUnits": 1}\'', "right", "inference.count"),
        ("{'Dimension': 'inference.count', 'ConsumedUnits': 3}", "no-text", "unknown"),
        ("'3'", "no-object", "unknown"),
        ("json.dumps({'ConsumedUnits': 3})", "other-members", "unknown"),
        ("json.dumps({'Dimension': 'inference.count', 'ConsumedUnits': -1})", "no-count", "inference.count"),
        ("header()", "unknown", "unknown"),
    ],
)
def test_the_metering_header(value: str, shape: str, dimension: str) -> None:
    code = f"{FLASK}usage = {{'Dimension': 'images', 'ConsumedUnits': 1}}\n{INVOKE}def invoke():\n    answer = Response('')\n"
    code += f"    answer.headers['X-Amzn-Inference-Metering'] = {value}\n    return answer\n"
    (told,) = found(code, "server.metering")
    assert (told["shape"], told["dimension"], told["spelled"]) == (shape, dimension, True)


@pytest.mark.parametrize(
    ("line", "refuses"),
    [
        ("assert os.environ['SAGEMAKER_BATCH'] == 'true'", True),
        ("if not os.getenv('SAGEMAKER_BATCH'):\n    raise SystemExit(1)", True),
        ("batch = os.getenv('SAGEMAKER_BATCH')\nif batch:\n    sys.exit(1)", True),
        ("if os.getenv('SAGEMAKER_BATCH'):\n    workers = 1", False),
        ("def f():\n    if os.getenv('SAGEMAKER_BATCH'):\n        return '', 501\nf()", True),
        ("batch = os.getenv('SAGEMAKER_BATCH') == 'true'", False),
    ],
)
def test_programs_for_one_mode(line: str, refuses: bool) -> None:
    answers = found(f"{FLASK}import sys\n{line}\n", "server.answer")
    assert [each["answer"] for each in answers] == (["one_mode"] if refuses else [])


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("--workers 1", (1, "sync", 1)),
        ("--workers 2 --threads 3", (2, "sync", 3)),
        ("--workers 1 -k gevent", (1, "gevent", 1)),
        ("--threads 3", None),
    ],
)
def test_what_a_server_does_at_once(options: str, expected: tuple[Any, ...] | None) -> None:
    told = found(FLASK, "server.workers", GUNICORN.replace("-b", f"{options} -b"))
    assert [tuple(each[name] for name in ("workers", "worker_class", "threads")) for each in told] == (
        [expected] if expected else []
    )


def test_figures_of_transform_jobs() -> None:
    code = "t = Transformer('m', 1, 'x', max_payload=6)\n"
    code += (
        "t.transform('s3://b/i', model_client_config={'InvocationsTimeoutInSeconds': 60, 'InvocationsMaxRetries': n})\n"
    )
    told = [dict(fact.fields) for fact in facts({"run.py": code}) if fact.kind == "transform.setting"]
    assert [(each["setting"], each["value"]) for each in told] == [("payload_mb", 6), ("timeout_seconds", 60)]
