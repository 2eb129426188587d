"""Web applications in Python: their routes, where they listen, and what becomes of the requests that SageMaker sends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from test_images import facts, one

if TYPE_CHECKING:
    from linter.model import Fact

HEAD = "FROM python:3.12-slim\nENV PATH=/opt/program:$PATH\nWORKDIR /opt/program\nCOPY . /opt/program\n"
GUNICORN = "#!/bin/bash\nexec gunicorn --timeout 60 -b 0.0.0.0:8080 wsgi:app\n"
PROGRAM = "#!/bin/bash\nexec python wsgi.py\n"


def served(files: dict[str, str], serve: str = GUNICORN) -> list[Fact]:
    """The facts of an image that serves `wsgi`."""
    return facts({"Dockerfile": HEAD, "serve": serve, **files})


def routes(found: list[Fact]) -> set[str]:
    """Routes as `GET /ping`; `* /x` for any method, `? /x` for unknown ones."""
    shown = set()
    for fact in found:
        if fact.kind == "server.route" and fact["mounted"] != "no":
            methods = fact["methods"] if isinstance(fact["methods"], list) else [fact["methods"]]
            shown |= {f"{method} {fact['path']}" for method in methods}
    return shown


def state(found: list[Fact], request: str) -> str:
    return str(one(found, "server.contract", request=request)["state"])


BOTH = {"GET /ping", "POST /invocations"}
HANDLERS = "def ping(*a):\n    return ''\ndef invoke(*a):\n    return ''\n"

FRAMEWORKS: dict[str, tuple[dict[str, str], set[str]]] = {
    "flask, decorators": (
        {
            "wsgi.py": "import flask as f\napp = f.Flask(__name__)\n@app.route('/ping')\ndef p(): return ''\n"
            "@app.route(rule='/invocations', methods=('POST', 'PUT'))\ndef i(): return ''\n"
        },
        {*BOTH, "PUT /invocations"},
    ),
    "flask, add_url_rule and a method view": (
        {
            "wsgi.py": "from flask import Flask\nfrom flask.views import MethodView\nclass I(MethodView):\n"
            "    def post(self): return ''\napp = Flask(__name__)\n"
            + HANDLERS
            + "app.add_url_rule('/ping', 'p', ping)\n"
            "app.add_url_rule('/invocations', view_func=I.as_view('i'))\n"
        },
        BOTH,
    ),
    "flask, a blueprint of another file in a factory": (
        {
            "wsgi.py": "from web import create_app\napp = create_app()\n",
            "web/__init__.py": "from flask import Flask\nfrom .routes import bp\ndef create_app():\n"
            "    app = Flask(__name__)\n    app.register_blueprint(bp, url_prefix='/')\n    return app\n",
            "web/routes.py": "from flask import Blueprint\nbp = Blueprint('b', __name__, url_prefix='/api')\n"
            "@bp.get('/ping')\ndef p(): return ''\n@bp.post('/invocations')\ndef i(): return ''\n",
        },
        BOTH,
    ),
    "flask, the application of another file": (
        {
            "wsgi.py": "import predictor as mine\napp = mine.app\n",
            "predictor.py": "from flask import Flask\nfrom names import PING\napp = Flask(__name__)\n@app.route(PING)\n"
            "def p(): return ''\nimport more\n",
            "more.py": "from predictor import app\n@app.route('/invocations', methods=['POST'])\ndef i(): return ''\n",
            "names.py": "PING = '/ping'\n",
        },
        BOTH,
    ),
    "flask-restful": (
        {
            "wsgi.py": "from flask import Flask\nfrom flask_restful import Api, Resource\napp = Flask(__name__)\n"
            "api = Api(app)\nclass P(Resource):\n    def get(self): return {}\nclass I(Resource):\n"
            "    def post(self): return {}\napi.add_resource(P, '/ping')\napi.add_resource(I, '/invocations', '/i')\n"
        },
        {*BOTH, "POST /i"},
    ),
    "fastapi, a router with a prefix": (
        {
            "wsgi.py": "from fastapi import FastAPI, APIRouter\nfrom routers import contract\napp = FastAPI()\n"
            "v1 = APIRouter(prefix='/v1')\n@v1.get('/models')\nasync def m(): return []\napp.include_router(v1)\n"
            "app.include_router(contract.router, prefix='')\n",
            "routers/__init__.py": "",
            "routers/contract.py": "from fastapi import APIRouter\nrouter = APIRouter()\n@router.get('/ping')\n"
            "async def p(): return ''\n@router.post('/invocations')\nasync def i(): return ''\n",
        },
        {*BOTH, "GET /v1/models"},
    ),
    "fastapi, a class": (
        {
            "wsgi.py": "from fastapi import FastAPI\nclass Service:\n    def __init__(self):\n        self.app = FastAPI()\n"
            "        self.app.add_api_route('/ping', self.ping)\n"
            "        self.app.add_api_route('/invocations', self.invoke, methods=['POST'])\n"
            "    def ping(self): return ''\n    def invoke(self): return ''\napp = Service().app\n"
        },
        BOTH,
    ),
    "starlette": (
        {
            "wsgi.py": "from starlette.applications import Starlette\nfrom starlette.routing import Mount, Route\n"
            + HANDLERS
            + "app = Starlette(routes=[Route('/ping', ping), Route('/invocations', invoke, methods=['POST']),\n"
            "    Mount('/v1', routes=[Route('/x', ping)])])\n"
        },
        {*BOTH, "GET /v1/x"},
    ),
    "django": (
        {
            "wsgi.py": "from django.core.wsgi import get_wsgi_application\nimport site_urls\napp = get_wsgi_application()\n",
            "site_urls.py": "from django.urls import include, path\nurlpatterns = [path('', include('api.urls'))]\n"
            "import api.urls\n",
            "api/__init__.py": "",
            "api/urls.py": "from django.urls import path, re_path\nfrom api import views\n"
            "urlpatterns = [path('ping', views.ping), re_path(r'^invocations/?$', views.invoke)]\n",
            "api/views.py": HANDLERS,
        },
        {"any /ping", "any /invocations", "any /invocations/"},
    ),
    "aiohttp": (
        {
            "wsgi.py": "from aiohttp import web\nroutes = web.RouteTableDef()\n@routes.get('/ping')\nasync def p(r): pass\n"
            "async def i(r): pass\napp = web.Application(client_max_size=2**27)\napp.add_routes(routes)\n"
            "app.router.add_post('/invocations', i)\napp.add_routes([web.get('/x', p)])\n"
        },
        {*BOTH, "GET /x"},
    ),
    "tornado": (
        {
            "wsgi.py": "import tornado.web\nclass P(tornado.web.RequestHandler):\n    def get(self): pass\n"
            "class I(tornado.web.RequestHandler):\n    def post(self): pass\n"
            "app = tornado.web.Application([(r'/ping', P), (r'/invocations$', I)])\n"
        },
        BOTH,
    ),
    "sanic": (
        {
            "wsgi.py": "from sanic import Sanic, Blueprint\napp = Sanic('x')\nbp = Blueprint('b')\n@bp.get('/ping')\n"
            "async def p(r): pass\nasync def i(r): pass\napp.add_route(i, '/invocations', methods=['POST'])\napp.blueprint(bp)\n"
        },
        BOTH,
    ),
    "falcon": (
        {
            "wsgi.py": "import falcon\nclass P:\n    def on_get(self, q, s): pass\nclass I:\n    def on_post(self, q, s): pass\n"
            "app = falcon.App()\ninvoke = I()\napp.add_route('/ping', P())\napp.add_route('/invocations', invoke)\n"
        },
        BOTH,
    ),
    "bottle": (
        {
            "wsgi.py": "import bottle\nfrom bottle import get, route\n@get('/ping')\ndef p(): return ''\n"
            "@route('/invocations', method='POST')\ndef i(): return ''\napp = bottle.default_app()\n"
        },
        BOTH,
    ),
}


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_routes_of_frameworks(name: str) -> None:
    files, expected = FRAMEWORKS[name]
    found = served(files)
    assert routes(found) == expected
    assert (state(found, "ping"), state(found, "invocations")) == ("answered", "answered")
    assert all(one(found, "server.contract", request=each)["whole"] for each in ("ping", "invocations"))


def test_the_standard_librarys_server() -> None:
    code = (
        "from http.server import BaseHTTPRequestHandler, HTTPServer\nclass H(BaseHTTPRequestHandler):\n"
        "    def do_GET(self):\n        if self.path == '/ping':\n            self.send_response(200)\n"
        "    def do_POST(self):\n        path = self.path.split('?')[0]\n        if path in ('/invocations', '/x'):\n"
        "            self.send_response(200)\nHTTPServer(('', 8080), H).serve_forever()\n"
    )
    found = served({"wsgi.py": code}, PROGRAM)
    assert routes(found) == {*BOTH, "POST /x"}
    listener = one(found, "server.listener")
    assert (listener["port"], listener["interface"], listener["via"]) == (8080, "all", "code")


FLASK = "from flask import Flask\napp = Flask(__name__)\n"
PING = "@app.route('/ping')\ndef p(): return ''\n"
INVOKE = "@app.route('/invocations', methods=['POST'])\ndef i(): return ''\n"


@pytest.mark.parametrize(
    ("code", "request_name", "expected", "there"),
    [
        (FLASK + PING + INVOKE, "ping", "answered", None),
        (FLASK + PING, "invocations", "missing", None),
        (FLASK + PING + "@app.route('/invocations')\ndef i(): return ''\n", "invocations", "wrong_method", "GET"),
        (FLASK + INVOKE + "@app.route('/ping/')\ndef p(): return ''\n", "ping", "slash", "/ping/"),
        (FLASK + PING + INVOKE.replace("cations", "cation"), "invocations", "misspelt", "/invocation"),
        (FLASK + PING + INVOKE.replace("/inv", "/Inv"), "invocations", "misspelt", "/Invocations"),
        (
            FLASK + PING + "@app.route('/<path:x>', methods=['POST'])\ndef i(x): return ''\n",
            "invocations",
            "unknown",
            None,
        ),
        (FLASK + PING + "@app.route(name(), methods=['POST'])\ndef i(x): return ''\n", "invocations", "unknown", None),
        (
            FLASK + PING + "import other_library\napp.register_blueprint(other_library.bp)\n",
            "invocations",
            "unknown",
            None,
        ),
        (FLASK + PING + "for each in load():\n    app.register_blueprint(each)\n", "invocations", "unknown", None),
        (FLASK + PING + "import litserve\n", "invocations", "unknown", None),
        (FLASK + PING + "@app.before_request\ndef first(): return other()\n", "invocations", "unknown", None),
        (FLASK + PING + "exec(open('more.py').read(), __import__('x'))\n", "invocations", "missing", None),
    ],
)
def test_what_becomes_of_a_request(code: str, request_name: str, expected: str, there: str | None) -> None:
    fact = one(served({"wsgi.py": code}), "server.contract", request=request_name)
    assert (fact["state"], fact["found"]) == (expected, there)


def test_a_router_that_nothing_mounts_answers_nothing() -> None:
    code = FLASK + PING + "from flask import Blueprint\nbp = Blueprint('b', __name__)\n" + INVOKE.replace("@app", "@bp")
    assert state(served({"wsgi.py": code}), "invocations") == "missing"


def test_an_image_without_an_application_in_sight_is_not_judged() -> None:
    found = served({"wsgi.py": "from company import app\n"})
    assert not [fact for fact in found if fact.kind == "server.contract"]


@pytest.mark.parametrize(
    ("proxy", "expected"),
    [
        ("location = /ping { return 200; }\nlocation / { proxy_pass http://127.0.0.1:8081; }", "answered"),
        ("location / { proxy_pass http://127.0.0.1:8081; }", "missing"),
        (
            "location = /ping { proxy_pass http://127.0.0.1:8081/health; }\nlocation / { proxy_pass http://b; }",
            "unknown",
        ),
    ],
)
def test_a_proxy_may_answer_or_rename(proxy: str, expected: str) -> None:
    serve = "#!/bin/bash\nnginx -c /opt/program/nginx.conf\nexec gunicorn -b 127.0.0.1:8081 wsgi:app\n"
    nginx = f"http {{ server {{ listen 8080;\n{proxy}\n}} }}\n"
    found = served({"wsgi.py": FLASK + INVOKE, "nginx.conf": nginx}, serve)
    assert state(found, "ping") == expected


# Where servers listen


@pytest.mark.parametrize(
    ("code", "server", "port", "interface"),
    [
        (FLASK + "app.run(host='0.0.0.0', port=8080)\n", "flask", 8080, "all"),
        (FLASK + "app.run('0.0.0.0', 80)\n", "flask", 80, "all"),
        (FLASK + "app.run()\n", "flask", 5000, "loopback"),
        (
            FLASK + "import os\nP = int(os.environ.get('SAGEMAKER_BIND_TO_PORT', 8080))\napp.run('::', P)\n",
            "flask",
            8080,
            "all",
        ),
        (FLASK + "from settings import PORT\napp.run(port=PORT)\n", "flask", 7000, "loopback"),
        (FLASK + "app.run(**options())\n", "flask", "unknown", "unknown"),
        (FLASK + "from waitress import serve\nserve(app, listen='*:8080')\n", "waitress", 8080, "all"),
        (
            FLASK + "from gevent.pywsgi import WSGIServer\nWSGIServer(('', 8080), app).serve_forever()\n",
            "gevent",
            8080,
            "all",
        ),
        (
            "import uvicorn\nfrom fastapi import FastAPI\napp = FastAPI()\nuvicorn.run(app, port=8080)\n",
            "uvicorn",
            8080,
            "loopback",
        ),
        (
            "import argparse, uvicorn\np = argparse.ArgumentParser()\np.add_argument('--port', type=int, default=8080)\n"
            "a = p.parse_args()\nuvicorn.run('wsgi:app', host='0.0.0.0', port=a.port)\n",
            "uvicorn",
            8080,
            "all",
        ),
        ("from aiohttp import web\napp = web.Application()\nweb.run_app(app)\n", "aiohttp", 8080, "all"),
        ("import tornado.web\napp = tornado.web.Application([])\napp.listen(8080)\n", "tornado", 8080, "all"),
        ("import bottle\nbottle.run(host='0.0.0.0', port=8080, server='waitress')\n", "waitress", 8080, "all"),
    ],
)
def test_servers_that_code_starts(code: str, server: str, port: int | str, interface: str) -> None:
    found = served({"wsgi.py": code, "settings.py": "PORT = 7000\n"}, PROGRAM)
    listener = one(found, "server.listener")
    assert (listener["server"], listener["port"], listener["interface"]) == (server, port, interface)
    assert (listener["scope"], listener["via"]) == ("container", "code")
    assert one(found, "server.program")["server"] == server
    assert listener.trace


def test_a_main_block_that_does_not_run_starts_no_server() -> None:
    found = served({"wsgi.py": FLASK + "if __name__ == '__main__':\n    app.run(port=5000)\n"})
    assert {fact["server"] for fact in found if fact.kind == "server.listener"} == {"gunicorn"}


SERVE = """#!/usr/bin/env python
import os, subprocess
timeout = os.environ.get('MODEL_SERVER_TIMEOUT', 90)
def start():
    subprocess.Popen(['nginx', '-c', '/opt/program/nginx.conf'])
    subprocess.Popen(['gunicorn', '--timeout', str(timeout), '-k', 'sync', '-b', 'unix:/tmp/gunicorn.sock',
                      '-w', str(os.cpu_count()), 'wsgi:app'])
start()
"""


@pytest.mark.parametrize(("variable", "seconds"), [("", 90), ("ENV MODEL_SERVER_TIMEOUT=20\n", 20)])
def test_servers_that_code_starts_as_programs(variable: str, seconds: int) -> None:
    found = facts({"Dockerfile": HEAD + variable, "serve": SERVE, "wsgi.py": FLASK + PING + INVOKE})
    timeout = one(found, "server.timeout")
    assert (timeout["seconds"], timeout["started_as"], timeout["scope"]) == (seconds, "serve", "container")
    assert one(found, "server.listener")["interface"] == "unix"
    assert one(found, "server.program", server="gunicorn")["application"] == "wsgi:app"


@pytest.mark.parametrize(
    "call", ["subprocess.run('cd /x && exec gunicorn -b 0.0.0.0:9000 wsgi:app', shell=True)",
             "subprocess.run(['sh', '-c', 'gunicorn -b 0.0.0.0:9000 wsgi:app'])",
             "os.execvp('gunicorn', ['gunicorn', '-b', '0.0.0.0:9000', 'wsgi:app'])"],
)  # fmt: skip
def test_command_lines_in_code(call: str) -> None:
    found = facts(
        {"Dockerfile": HEAD, "serve": f"#!/usr/bin/env python\nimport os, subprocess\n{call}\n", "wsgi.py": FLASK}
    )
    assert one(found, "server.listener")["port"] == 9000


def test_gunicorn_of_the_products_own_class() -> None:
    code = (
        FLASK + "from gunicorn.app.base import BaseApplication\nclass Own(BaseApplication):\n"
        "    def __init__(self, app, options):\n        super().__init__()\n"
        "Own(app, {'bind': '0.0.0.0:8080', 'timeout': 25, 'worker_class': 'sync', 'preload_app': True}).run()\n"
    )
    found = served({"wsgi.py": code}, PROGRAM)
    assert one(found, "server.listener")["port"] == 8080
    assert (one(found, "server.timeout")["seconds"], one(found, "server.program")["via"]) == (25, "code")


# Time, size and content


def work(found: list[Fact]) -> set[tuple[str, str]]:
    return {(fact["request"], fact["work"]) for fact in found if fact.kind == "server.work"}


LOAD = "import joblib\ndef load():\n    return joblib.load('/opt/ml/model/m')\n"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (INVOKE.replace("return ''", "return load().predict()"), {("invocations", "load")}),
        (PING.replace("return ''", "return str(load())"), {("ping", "load")}),
        ("model = None\n" + INVOKE.replace("return ''", "\n    if model is None:\n        load()\n    return ''"), set()),
        ("model = load()\n" + INVOKE, set()),
        ("class S:\n    m = None\n    @classmethod\n    def get(cls):\n        if cls.m is None:\n            cls.m = load()\n"
         "        return cls.m\n" + INVOKE.replace("return ''", "return S.get()"), set()),
        ("class S:\n    @classmethod\n    def get(cls):\n        return load()\n"
         + INVOKE.replace("return ''", "return S.get()"), {("invocations", "load")}),
        ("import functools\n@functools.lru_cache\ndef kept():\n    return load()\n"
         + INVOKE.replace("return ''", "return kept()"), set()),
        ("import time\n" + PING.replace("return ''", "time.sleep(3)"), {("ping", "sleep")}),
        ("import time\ntime.sleep(700)\n", {("start", "sleep")}),
        ("import time\nwhile True:\n    time.sleep(700)\n", set()),
    ],
)  # fmt: skip
def test_work_that_a_request_waits_for(code: str, expected: set[tuple[str, str]]) -> None:
    assert work(served({"wsgi.py": FLASK + LOAD + code})) == expected


@pytest.mark.parametrize(
    ("code", "limit"),
    [
        ("app.config['MAX_CONTENT_LENGTH'] = 5 * 1024 * 1024\n", 5 << 20),
        ("MB = 1 << 20\napp.config['MAX_CONTENT_LENGTH'] = None\n", None),
        ("app.config.update(MAX_CONTENT_LENGTH=1000)\n", 1000),
        ("app.config['MAX_CONTENT_LENGTH'] = limit()\n", "unknown"),
    ],
)
def test_body_limits_of_frameworks(code: str, limit: Any) -> None:
    assert one(served({"wsgi.py": FLASK + code}), "server.body_limit")["bytes"] == limit


REQUEST = '{{"InferenceSpecification": {{"Containers": [{{"Image": "x"}}], "SupportedContentTypes": ["{0}"]}}}}'


@pytest.mark.parametrize(
    ("declared", "asks", "handled"),
    [
        ("text/csv; charset=utf-8", "request.content_type == 'text/csv'", "yes"),
        ("application/json", "request.content_type == 'text/csv'", "no"),
        ("application/json", "'json' in request.headers['Content-Type'] or request.content_type == 'text/csv'", "yes"),
        ("image/png", "request.content_type in ['image/png', 'image/jpeg']", "yes"),
    ],
)
def test_declared_content_types(declared: str, asks: str, handled: str) -> None:
    body = f"\n    if {asks}:\n        return ''\n    return 'unsupported', 415"
    code = FLASK + "from flask import request\n" + INVOKE.replace(" return ''", body)
    found = served({"wsgi.py": code, "request.json": REQUEST.format(declared)})
    assert one(found, "server.media_type")["handled"] == handled


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            "{'MaxConcurrentTransforms': 4, 'BatchStrategy': 'MULTI_RECORD', 'MaxPayloadInMB': 6}",
            (4, "MULTI_RECORD", 24, None),
        ),
        ("{'MaxConcurrentTransforms': count(), 'MaxPayload': 6}", ("unknown", None, "unknown", "MaxPayload")),
    ],
)
def test_settings_for_batch_transform(given: str, expected: tuple[Any, ...]) -> None:
    code = FLASK + PING + INVOKE + f"@app.get('/execution-parameters')\ndef e(): return {given}\n"
    fact = one(served({"wsgi.py": code}), "server.execution_parameters")
    shown = (fact["max_concurrent_transforms"], fact["batch_strategy"], fact["product_mb"], fact["strangers"])
    assert shown == expected


# Other languages, and model servers

R = "#' @get /ping\nfunction() ''\n#* @post  /invocations\nfunction(req) 1\n"
JAVA = (
    'import org.springframework.web.bind.annotation.*;\n@GetMapping("/ping")\n// @GetMapping("/old")\n'
    '@RequestMapping(path = "/invocations", method = RequestMethod.POST)\n'
)
EXPRESS = "const app = require('express')();\napp.get('/ping', f);\napp.post(`/invocations`, f);\napp.listen(8080);\n"


@pytest.mark.parametrize(("name", "text"), [("api.R", R), ("Api.java", JAVA), ("server.js", EXPRESS)])
def test_routes_in_other_languages(name: str, text: str) -> None:
    assert routes(facts({name: text})) == BOTH


@pytest.mark.parametrize(
    ("text", "port", "host"),
    [
        ("library(plumber)\npr <- plumb('api.R')\npr$run(host='0.0.0.0', port=8080)\n", 8080, "0.0.0.0"),
        ("library(plumber)\npr <- plumb('api.R')\npr$run(port = 9000)\n", 9000, "127.0.0.1"),
    ],
)
def test_listeners_in_r(text: str, port: int, host: str) -> None:
    listener = one(facts({"serve.R": text}), "server.listener")
    assert (listener["port"], listener["host"]) == (port, host)


@pytest.mark.parametrize(
    ("name", "text", "port", "interface"),
    [
        (
            "main.go",
            'package main\nimport "net/http"\nfunc main() { http.ListenAndServe(":8080", nil) }\n',
            8080,
            "all",
        ),
        (
            "main.go",
            'import "github.com/gin-gonic/gin"\nr := gin.Default()\nr.Run("127.0.0.1:9000")\n',
            9000,
            "loopback",
        ),
        ("App.java", "HttpServer s = HttpServer.create(new InetSocketAddress(8000), 0);\n", 8000, "all"),
        ("serve.jl", 'using HTTP\nHTTP.serve(answer, "0.0.0.0", 8080)\n', 8080, "all"),
        ("app.rb", "require 'sinatra'\nset :port, 4567\n", 4567, "loopback"),
    ],
)
def test_listeners_in_other_languages(name: str, text: str, port: int, interface: str) -> None:
    listener = one(facts({name: text}), "server.listener")
    assert (listener["port"], listener["interface"]) == (port, interface)


def test_properties_of_a_model_server() -> None:
    text = (
        "inference_address=http://0.0.0.0:8080\nmanagement_address=http://127.0.0.1:8081\ndefault_response_timeout=90\n"
        "max_request_size=7000000\nmodel_store=/opt/ml/model\n"
    )
    found = facts({"config.properties": text})
    assert {(fact["port"], fact["interface"]) for fact in found if fact.kind == "server.listener"} == {
        (8080, "all"),
        (8081, "loopback"),
    }
    assert (one(found, "server.timeout")["seconds"], one(found, "server.body_limit")["bytes"]) == (90, 7_000_000)


def test_a_server_that_a_data_class_starts() -> None:
    code = (
        "import argparse, subprocess\nfrom dataclasses import dataclass\n"
        "@dataclass\nclass Serve:\n    workers: int\n    timeout: int\n    def start(self):\n"
        "        subprocess.run(['gunicorn', '--timeout', str(self.timeout), '-w', str(self.workers), 'a:app'])\n"
        "parser = argparse.ArgumentParser()\nparser.add_argument('--timeout', default=90, type=int)\n"
        "args = parser.parse_args()\nServe(3, timeout=args.timeout).start()\n"
    )
    found = served({"wsgi.py": code}, PROGRAM)
    assert one(found, "server.timeout")["seconds"] == 90
    assert one(found, "server.setting", name="workers")["value"] == "unknown"  # given by its place alone


def test_a_command_with_words_that_nobody_knows() -> None:
    code = (
        "import os, shlex, shutil, subprocess\nbinary = shutil.which('llama-server')\n"
        "more = shlex.split(os.getenv('MORE', ''))\n"
        "subprocess.Popen([binary, '--host', '0.0.0.0', '--port', str(8081)] + ['-m', '/x'] + more)\n"
    )
    found = served({"wsgi.py": code}, PROGRAM)
    listener = one(found, "server.listener")
    assert (listener["server"], listener["port"], listener["interface"]) == ("llama-server", 8081, "all")


def test_times_that_a_call_gives_a_server() -> None:
    code = (
        "import os, uvicorn\nfrom fastapi import FastAPI\napp = FastAPI()\n"
        "uvicorn.run(app, host='0.0.0.0', port=8080, timeout_keep_alive=300,\n"
        "            timeout_graceful_shutdown=int(os.environ['WAIT']))\n"
    )
    found = [fact for fact in served({"wsgi.py": code}, PROGRAM) if fact.kind == "server.timeout"]
    assert [(fact["name"], fact["seconds"], fact["kind"]) for fact in found] == [
        ("timeout_keep_alive", 300, "keepalive"),
        ("timeout_graceful_shutdown", "unknown", "graceful"),
    ]


def test_workers_of_a_model_server_stand_in_its_properties() -> None:
    text = "inference_address=http://0.0.0.0:8080\ndefault_workers_per_model = 4\nmodel_store=/opt/ml/model\n"
    setting = one(facts({"config.properties": text}), "server.setting")
    assert (setting["server"], setting["name"], setting["value"]) == ("torchserve", "default_workers_per_model", 4)


@pytest.mark.parametrize(
    ("code", "server"),
    [
        ("from sagemaker_inference import model_server\nmodel_server.start_model_server()\n", "multi-model-server"),
        ("from sagemaker_huggingface_inference_toolkit import serving\nserving.main()\n", "multi-model-server"),
        ("from sagemaker_pytorch_serving_container import serving\nserving.main()\n", "torchserve"),
    ],
)
def test_a_toolkit_starts_a_model_server(code: str, server: str) -> None:
    found = served({"wsgi.py": code}, PROGRAM)
    assert one(found, "server.program")["server"] == server
    assert not [fact for fact in found if fact.kind in ("server.listener", "server.contract")]


def test_an_empty_entry_point_is_none() -> None:
    found = facts({"Dockerfile": HEAD + 'ENTRYPOINT []\nCMD ["serve"]\n', "serve": GUNICORN})
    assert one(found, "image.start")["entrypoint"] == []


@pytest.mark.parametrize(("other", "ports"), [("8080", [8188, "unknown"]), ("8081", [8188])])
def test_a_program_that_is_told_of_the_port_may_be_what_listens_there(other: str, ports: list[Any]) -> None:
    code = (
        f"import subprocess\nsubprocess.Popen(['python3', '/opt/other/main.py', '--port', '{other}'])\n"
        + FLASK
        + "app.run('0.0.0.0', 8188)\n"
    )
    assert one(served({"wsgi.py": code}, PROGRAM), "server.listener")["image_ports"] == ports
