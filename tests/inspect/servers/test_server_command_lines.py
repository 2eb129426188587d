"""Command lines of servers: listeners, time-outs, body limits, settings, and what their defaults are."""

from collections.abc import Callable
from typing import Any

import pytest

from linter.inspect.servers import server_facts, server_of
from linter.knowledge import Knowledge
from linter.model import Fact, Location, Span

Read = Callable[..., Any]


def listener(read: Read, text: str) -> Fact:
    return read(text).one("server.listener")


@pytest.mark.parametrize(
    ("text", "port", "host", "interface", "declared"),
    [
        ("gunicorn -b 0.0.0.0:8080 a:b", 8080, "0.0.0.0", "all", True),
        ("gunicorn -b:8080 a:b", 8080, "0.0.0.0", "all", True),
        ("gunicorn --bind=[::]:8080 a:b", 8080, "::", "all", True),
        ("gunicorn -b [::1]:8080 a:b", 8080, "::1", "loopback", True),
        ("gunicorn -b 127.0.0.2:8080 a:b", 8080, "127.0.0.2", "loopback", True),
        ("gunicorn -b 10.0.0.1:8080 a:b", 8080, "10.0.0.1", "specific", True),
        ("gunicorn -b 0.0.0.0 a:b", 8000, "0.0.0.0", "all", True),
        ("gunicorn -b unix:/tmp/g.sock a:b", None, None, "unix", True),
        ("gunicorn -b fd://3 a:b", None, None, "unix", True),
        ("gunicorn -b 0.0.0.0:$PORT a:b", "unknown", "0.0.0.0", "all", True),
        ("gunicorn -b 0.0.0.0:${PORT:-8080} a:b", 8080, "0.0.0.0", "all", True),
        ("gunicorn -b $HOST:8080 a:b", "unknown", "unknown", "unknown", True),
        ("gunicorn a:b", 8000, "127.0.0.1", "loopback", False),
        ("PORT=80 gunicorn a:b", 80, "0.0.0.0", "all", True),
        ("gunicorn -c conf.py a:b", "unknown", "unknown", "unknown", False),
        ('gunicorn "$@" a:b', "unknown", "unknown", "unknown", False),
        ("GUNICORN_CMD_ARGS='--bind=0.0.0.0:80' gunicorn a:b", 80, "0.0.0.0", "all", True),
        ("export GUNICORN_CMD_ARGS=-b:80\ngunicorn a:b", 80, "0.0.0.0", "all", True),
        ("uvicorn a:b", 8000, "127.0.0.1", "loopback", False),
        ("uvicorn a:b --port 8080", 8080, "127.0.0.1", "loopback", True),
        ("uvicorn --host=0.0.0.0 --port=8080 a:b", 8080, "0.0.0.0", "all", True),
        ("uvicorn a:b --host $H --port=$P", "unknown", "unknown", "unknown", True),
        ("python3 -m uvicorn a:b --uds /tmp/x", None, None, "unix", True),
        ("hypercorn -b localhost:8080 a:b", 8080, "localhost", "loopback", True),
        ("waitress-serve --listen=*:8080 a:b", 8080, "*", "all", True),
        ("waitress-serve a:b", 8080, "0.0.0.0", "all", False),
        ("flask --app x run -h 0.0.0.0 -p 8080", 8080, "0.0.0.0", "all", True),
        ("flask run", 5000, "127.0.0.1", "loopback", False),
        ("FLASK_RUN_PORT=8080 python -m flask run", 8080, "127.0.0.1", "loopback", True),
        ("python manage.py runserver 0.0.0.0:8080", 8080, "0.0.0.0", "all", True),
        ("./manage.py runserver 8080", 8080, "127.0.0.1", "loopback", True),
        ("python -m http.server 8080 --bind 127.0.0.1", 8080, "127.0.0.1", "loopback", True),
        ("uwsgi --http :8080 -w a:b", 8080, "0.0.0.0", "all", True),
        ("uwsgi --socket /tmp/x.sock -w a:b", None, None, "unix", True),
        ("daphne -b 0.0.0.0 -p 8080 a:b", 8080, "0.0.0.0", "all", True),
        ("daphne -e ssl:443:interface=127.0.0.1 a:b", 443, "127.0.0.1", "loopback", True),
        ("tritonserver --http-port 8080 --model-store=/m", 8080, "0.0.0.0", "all", True),
        ("caddy run --config $FILE", "unknown", "unknown", "unknown", False),
        ("torchserve --start --ts-config c", "unknown", "unknown", "unknown", False),
        ("torchserve --start", 8080, "127.0.0.1", "loopback", False),
        ('vllm serve "$M" --port 8080', 8080, "0.0.0.0", "all", True),
        (
            "python -m vllm.entrypoints.openai.api_server --port 8081 --host 127.0.0.1",
            8081,
            "127.0.0.1",
            "loopback",
            True,
        ),
        ("text-generation-launcher --port 8080", 8080, "0.0.0.0", "all", True),
        ("tensorflow_model_server --port=9000 --rest_api_port=8080", 8080, "0.0.0.0", "all", True),
    ],
)
def test_listener(read: Read, text: str, port: object, host: object, interface: str, declared: bool) -> None:
    fact = listener(read, text)
    assert (fact["port"], fact["host"], fact["interface"], fact["declared"]) == (port, host, interface, declared)
    assert fact["via"] == "command"


@pytest.mark.parametrize(
    ("text", "tls"),
    [
        ("gunicorn -b :8080 a:b", "no"),
        ("gunicorn -b :8080 --certfile c --keyfile k a:b", "yes"),
        ("uvicorn a:b --ssl-certfile=c", "yes"),
        ("gunicorn -b :8080 -c gunicorn.conf.py a:b", "unknown"),
        ("uwsgi --https :8443,c,k", "yes"),
        ("uvicorn $OPTIONS a:b", "unknown"),
    ],
)
def test_tls(read: Read, text: str, tls: str) -> None:
    assert listener(read, text)["tls"] == tls


def test_ports_that_stand_beside_the_usual_one(read: Read) -> None:
    found = read("tritonserver --model-repository=/m --grpc-port 9001 --metrics-port=9002").of("server.listener")
    assert sorted((fact["port"], fact["declared"]) for fact in found) == [(8000, False), (9001, True), (9002, True)]
    found = read("tritonserver --model-repository=/m --http-port 8080 --grpc-port 9001").of("server.listener")
    assert sorted((fact["port"], fact["declared"]) for fact in found) == [(8080, True), (9001, True)]


def test_several_listeners(read: Read) -> None:
    assert [f["port"] for f in read("gunicorn -b :1 -b :2 a:b").of("server.listener")] == [1, 2]
    text = "tritonserver --http-port 8000 --sagemaker-port 8080 --allow-sagemaker=true"
    assert [f["port"] for f in read(text).of("server.listener")] == [8000, 8080]
    assert read("nginx -c /etc/nginx.conf").of("server.listener") == []
    assert read("gunicorn -c /x/gunicorn.conf.py a:b").of("server.listener") == []


@pytest.mark.parametrize(
    ("text", "name", "seconds", "kind", "worker_class", "declared"),
    [
        ("gunicorn -t 60 a:b", "timeout", 60, "worker", "sync", True),
        ("gunicorn --timeout=0 -k gevent a:b", "timeout", None, "worker", "gevent", True),
        ("gunicorn --timeout $T a:b", "timeout", "unknown", "worker", "sync", True),
        ("gunicorn a:b", "timeout", 30, "worker", "sync", False),
        ("gunicorn --threads 4 a:b", "timeout", 30, "worker", "gthread", False),
        ("gunicorn --threads $N a:b", "timeout", 30, "worker", "unknown", False),
        ("gunicorn -t 9 --graceful-timeout 60 a:b", "graceful_timeout", 60, "graceful", None, True),
        ("uvicorn a:b --timeout-keep-alive 5", "timeout_keep_alive", 5, "keepalive", None, True),
        ("uwsgi --harakiri 0", "harakiri", None, "worker", None, True),
        ("uwsgi --http-timeout 20", "http_timeout", 20, "proxy", None, True),
        ("tensorflow_model_server --rest_api_timeout_in_ms=1500", "rest_api_timeout_in_ms", 1.5, "worker", None, True),
    ],
)
def test_timeout(
    read: Read, text: str, name: str, seconds: object, kind: str, worker_class: str | None, declared: bool
) -> None:
    fact = read(text).one("server.timeout", name=name)
    assert (fact["seconds"], fact["kind"], fact["declared"]) == (seconds, kind, declared)
    assert fact["worker_class"] == worker_class


@pytest.mark.parametrize(
    "text", ["gunicorn -c x.py a:b", "gunicorn $O a:b", "gunicorn --timeout 60 a:b", "uvicorn a:b"]
)
def test_no_default_timeout_where_something_may_set_it(read: Read, text: str) -> None:
    assert read(text).of("server.timeout", declared=False) == []


@pytest.mark.parametrize(
    ("text", "server", "application"),
    [
        ("gunicorn -w 4 -b :80 wsgi:app", "gunicorn", "wsgi:app"),
        ("gunicorn 'a:create(1)'", "gunicorn", "a:create(1)"),
        ("gunicorn $APP", "gunicorn", "unknown"),
        ("gunicorn -b :80", "gunicorn", None),
        ("gunicorn --no-such-option value wsgi:app", "gunicorn", "wsgi:app"),
        ("python -m uvicorn main:app", "uvicorn", "main:app"),
        ("uwsgi --module a:b", "uwsgi", "a:b"),
        ("nginx", "nginx", None),
        ("vllm serve meta/Llama --port 1", "vllm", "meta/Llama"),
    ],
)
def test_program(read: Read, text: str, server: str, application: str | None) -> None:
    fact = read(text).one("server.program")
    assert (fact["server"], fact["application"]) == (server, application)


@pytest.mark.parametrize(
    "text", ["gunicorn --version", "nginx -t", "nginx -s reload", "echo gunicorn a:b", "flask --help", "python x.py"]
)
def test_nothing_is_started(read: Read, text: str) -> None:
    assert [fact.kind for fact in read(text).facts if fact.kind.startswith("server.")] == []


def test_settings_and_body_limits(read: Read) -> None:
    reading = read("gunicorn -D --reload --backlog 8 --worker-tmp-dir /dev/shm -w $N a:b")
    found = {fact["name"]: fact["value"] for fact in reading.of("server.setting")}
    assert found == {"daemon": True, "reload": True, "backlog": 8, "worker_tmp_dir": "/dev/shm", "workers": "unknown"}
    assert read("uwsgi --daemonize /x").one("server.setting")["name"] == "daemon"
    assert read("waitress-serve --max-request-body-size=1048576 a:b").one("server.body_limit")["bytes"] == 1048576
    assert read("nginx -g 'daemon off; user x;'").of("server.setting", name="daemon")[0]["value"] == "off"


def test_places(read: Read) -> None:
    reading = read("#!/bin/sh\nexec gunicorn \\\n  --bind 0.0.0.0:80 -t 20 a:b\n")
    fact = reading.one("server.listener")
    assert reading.excerpt(fact) == "exec gunicorn \\\n  --bind 0.0.0.0:80 -t 20 a:b"
    assert reading.excerpt(fact, "port") == "0.0.0.0:80"
    assert reading.excerpt(reading.one("server.timeout"), "seconds") == "20"


def test_words_of_an_exec_form(knowledge: Knowledge, valid: Callable[..., None]) -> None:
    words = ["tini", "--", "gunicorn", "-b", "0.0.0.0:80", "unknown"]
    spans = [Span(3, 10 * number + 1, 3, 10 * number + 5) for number in range(len(words))]
    facts = server_facts(words, Location("Dockerfile", Span(3, 1, 3, 99)), knowledge, spans=spans, scope="container")
    valid(tuple(facts))
    found = {fact.kind: fact for fact in facts}
    assert found["server.program"]["application"] == "unknown"
    assert found["server.listener"].spans["port"] == spans[4]
    assert found["server.listener"]["scope"] == "container"
    through_shell = server_facts(["sh", "-c", "exec uvicorn a:b --port 80"], Location("D"), knowledge)
    assert through_shell[1]["port"] == 80
    environment = {"UVICORN_PORT": "unknown", "UVICORN_HOST": "0.0.0.0"}
    (_, inherited) = server_facts(["uvicorn", "a:b"], Location("D"), knowledge, environment=environment)
    assert (inherited["port"], inherited["host"]) == ("unknown", "0.0.0.0")
    assert server_facts([], Location("D"), knowledge) == []


def test_every_start_of_the_table_is_found(knowledge: Knowledge) -> None:
    for name, entry in knowledge.get("servers").items():
        for start in entry["starts"] if isinstance(entry, dict) else ():
            words = f"python {start}".split() if start.startswith("-m ") else start.split()
            found = server_of(words, knowledge)
            assert found is not None, start
            assert found.name == name
