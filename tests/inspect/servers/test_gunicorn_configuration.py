"""gunicorn's configuration in Python: constants folded, nothing run, Python 2 and broken files read by lines."""

from collections.abc import Callable
from typing import Any

import pytest

Read = Callable[..., Any]


@pytest.mark.parametrize(
    ("text", "port", "host"),
    [
        ("bind = '0.0.0.0:8080'", 8080, "0.0.0.0"),
        ("import os\nport = os.environ.get('PORT', '8080')\nbind = f'0.0.0.0:{port}'", 8080, "0.0.0.0"),
        ("bind = '0.0.0.0:%s' % os.getenv('PORT', 8080)", 8080, "0.0.0.0"),
        ("bind = '{}:{}'.format('0.0.0.0', 8080)", 8080, "0.0.0.0"),
        ("bind = '0.0.0.0:' + str(8000 + 80)", 8080, "0.0.0.0"),
        ("bind: str = ':8080'", 8080, "0.0.0.0"),
        ("bind = os.environ.get('B') or '0.0.0.0:8080'", 8080, "0.0.0.0"),
        ("bind = os.environ['B']", "unknown", "unknown"),
        ("bind = os.environ.get('B')", "unknown", "unknown"),
        ("if x:\n    bind = ':1'\nelse:\n    bind = ':2'", "unknown", "unknown"),
        ("if x:\n    bind = ':1'", 1, "0.0.0.0"),
        ("bind = ':1'\nbind = ':2'", 2, "0.0.0.0"),
        ("bind = 'unix:/tmp/g.sock'", None, None),
        ("host, port = '0.0.0.0', 80\nbind = host + ':' + str(port)", 80, "0.0.0.0"),
        ("bind = 'x' * 10**9", "unknown", "unknown"),
    ],
)
def test_bind(read: Read, text: str, port: object, host: object) -> None:
    fact = read(text, "gunicorn").one("server.listener")
    assert (fact["port"], fact["host"], fact["via"], fact["declared"]) == (port, host, "file", True)


def test_a_list_of_addresses(read: Read) -> None:
    facts = read("bind = ['unix:/x', '127.0.0.1:9000', f()]", "gunicorn").of("server.listener")
    assert [fact["port"] for fact in facts] == ["unknown"]
    facts = read("bind = ['unix:/x', '127.0.0.1:9000']\ncertfile = 'c'", "gunicorn").of("server.listener")
    assert [(fact["port"], fact["tls"]) for fact in facts] == [(None, "yes"), (9000, "yes")]


def test_no_listener_is_made_up(read: Read) -> None:
    assert read("workers = 2", "gunicorn").of("server.listener") == []


@pytest.mark.parametrize(
    ("text", "seconds", "worker_class", "declared"),
    [
        ("timeout = 60 * 5", 300, "sync", True),
        ("timeout = 0\nworker_class = 'gevent'", None, "gevent", True),
        ("timeout = int(os.environ.get('T', '120'))", 120, "sync", True),
        ("timeout = compute()", "unknown", "sync", True),
        ("threads = 4", 30, "gthread", False),
        ("worker_class = pick()", 30, "unknown", False),
        ("", 30, "sync", False),
    ],
)
def test_worker_timeout(read: Read, text: str, seconds: object, worker_class: str, declared: bool) -> None:
    fact = read(text, "gunicorn").one("server.timeout", kind="worker")
    assert (fact["seconds"], fact["worker_class"], fact["declared"]) == (seconds, worker_class, declared)


def test_settings(read: Read) -> None:
    text = (
        "import multiprocessing\nworkers = multiprocessing.cpu_count() * 2 + 1\ndaemon = True\nbacklog = 8\nmine = 3\n"
    )
    reading = read(text + "def post_fork(server, worker):\n    daemon = False\n", "gunicorn")
    found = {fact["name"]: fact["value"] for fact in reading.of("server.setting")}
    assert found == {"workers": "unknown", "daemon": True, "backlog": 8}


def test_places(read: Read) -> None:
    reading = read("# é\nx = 1; timeout = 20  # ü\n", "gunicorn")
    fact = reading.one("server.timeout")
    assert reading.excerpt(fact) == "timeout = 20"
    assert reading.excerpt(fact, "seconds") == "20"
    reading = read("s = 'é😀'; timeout = 20\n", "gunicorn")
    assert reading.excerpt(reading.one("server.timeout"), "seconds") == "20"


@pytest.mark.parametrize("broken", ["print 'x'", "def f(:", "x = (", "\x00", "(" * 5000])
def test_a_file_that_does_not_parse_is_read_by_lines(read: Read, broken: str) -> None:
    reading = read(f"bind = '0.0.0.0:80'\ntimeout = 20\n{' ' * 9000 if broken == chr(0) else ''}{broken}\n", "gunicorn")
    assert reading.one("server.listener")["port"] == 80
    assert reading.one("server.timeout")["seconds"] == 20
    assert [notice.code for notice in reading.notices] == ["gunicorn-syntax"]
    assert reading.of("server.timeout", declared=False) == []


def test_deep_expressions_end(read: Read) -> None:
    read("timeout = " + "1+" * 20000 + "1", "gunicorn")
    read("timeout = " + "-" * 20000 + "1", "gunicorn")
    read("x = 'a'\n" + "x = x + x\n" * 60 + "bind = x", "gunicorn")
    read("x = 9\n" + "x = x * x\n" * 60 + "timeout = x", "gunicorn")
